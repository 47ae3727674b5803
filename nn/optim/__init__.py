"""Optimizers, learning-rate schedules and gradient clipping."""

from .adaptive import OPTIMIZERS
from .gradient_descent import SGD
from .optimizer import Optimizer

__all__ = [
    "OPTIMIZERS",
    "Optimizer",
    "SGD",
]
