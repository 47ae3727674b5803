"""Show forward and backward passes step by step, as records, tables and data."""

from .records import StepRecord
from .steps import Contribution, Forward, Seed, Steps, steps

__all__ = [
    "Contribution",
    "Forward",
    "Seed",
    "StepRecord",
    "Steps",
    "steps",
]
