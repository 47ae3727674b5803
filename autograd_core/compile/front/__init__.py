"""The compiler's front end, from a graph or function to a tape: trace, share, simplify, differentiate."""

from .tape_and_builder import Builder

__all__ = [
    "Builder",
]
