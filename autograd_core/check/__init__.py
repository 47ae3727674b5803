"""Check derivatives with finite differences, and find the operation to blame if they fail."""

from .differences import Check
from .gradcheck import CheckError, gradcheck, gradgradcheck

__all__ = [
    "Check",
    "CheckError",
    "gradcheck",
    "gradgradcheck",
]
