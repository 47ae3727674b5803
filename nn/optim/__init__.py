"""Optimizers, learning-rate schedules and gradient clipping."""

from .optimizer import SGD, Optimizer

__all__ = [
    "Optimizer",
    "SGD",
]
