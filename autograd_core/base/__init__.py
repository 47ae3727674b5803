"""Helpers of the engine: numbers, text, files, modes, functions on floats and arrays."""

from .files import write_whole
from .importing import imported
from .restoring import contained, restoring
from .text import Table, counted, short, shorten, visible, width

__all__ = [
    "Table",
    "contained",
    "counted",
    "imported",
    "restoring",
    "short",
    "shorten",
    "visible",
    "width",
    "write_whole",
]
