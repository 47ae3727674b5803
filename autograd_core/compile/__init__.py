"""Compiling graphs: from scalars written by hand to the speed of matrices."""

from .door import compile

__all__ = ["compile"]
