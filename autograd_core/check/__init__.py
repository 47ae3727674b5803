"""Check derivatives with finite differences, and find the operation to blame if they fail."""

from .gradcheck import CheckError, gradcheck, gradgradcheck
from .rounding_and_stable_forms import rounding_effects, rounding_factors
from .verdicts import Check

__all__ = [
    "Check",
    "CheckError",
    "gradcheck",
    "gradgradcheck",
    "rounding_effects",
    "rounding_factors",
]
