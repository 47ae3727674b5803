"""The table of operations: one row for each, with its value, local derivatives, domain and notation."""

from .operation import TABLE, Operation

__all__ = [
    "Operation",
    "TABLE",
]
