"""Derivatives of graphs and of functions: gradients, forward mode, transforms, rewriting."""

from .forward_mode import flows, tangents

__all__ = [
    "flows",
    "tangents",
]
