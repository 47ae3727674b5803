"""The compiler's front end, from a graph or function to a tape: trace, share, simplify, differentiate."""

from .tape import Builder

__all__ = [
    "Builder",
]
