"""The command `autograd-core`."""

from .command import main

__all__ = [
    "main",
]
