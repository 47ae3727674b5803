"""The kernel's nodes, operators and sweep in C, where they are built and wanted.

`autograd_core/kernel` in Python is the specification, and does whatever is unusual.
"""

from .loading import Node, Row, engine, in_c, which_engine

__all__ = [
    "Node",
    "Row",
    "engine",
    "in_c",
    "which_engine",
]
