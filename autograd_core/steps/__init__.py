"""Show forward and backward passes step by step, as records, tables and data."""

from .steps import Contribution, Forward, Seed, Steps, steps

__all__ = [
    "Contribution",
    "Forward",
    "Seed",
    "Steps",
    "steps",
]
