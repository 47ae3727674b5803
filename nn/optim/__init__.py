"""Optimizers, learning-rate schedules and gradient clipping."""

from .adaptive import OPTIMIZERS
from .optimizer import SGD, Optimizer

__all__ = [
    "OPTIMIZERS",
    "Optimizer",
    "SGD",
]
