"""Derivatives of graphs and functions: gradients, forward mode, transforms, rewriting."""

from ..kernel.contributions import flows
from .forward_mode import tangents
from .sparsity import SparseMatrix, column_colors

__all__ = [
    "SparseMatrix",
    "column_colors",
    "flows",
    "tangents",
]
