"""Show forward and backward passes step by step, as records, tables and data."""

from .records import StepRecord
from .steps import Contribution, Forward, Seed, Steps, steps
from .updates import Mean, PlannedUpdate, Planning, UpdateTerm, WeightUpdate, with_numbers

__all__ = [
    "Contribution",
    "Forward",
    "Mean",
    "PlannedUpdate",
    "Planning",
    "Seed",
    "StepRecord",
    "Steps",
    "UpdateTerm",
    "WeightUpdate",
    "steps",
    "with_numbers",
]
