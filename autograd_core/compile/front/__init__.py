"""From a graph or a function to a tape: tracing, sharing, simplification and the gradient."""

from .tape_builder import Builder

__all__ = [
    "Builder",
]
