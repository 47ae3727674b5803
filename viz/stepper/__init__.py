"""The page to step through a function in a browser."""

from .stepper import Stepper, stepper

__all__ = [
    "Stepper",
    "stepper",
]
