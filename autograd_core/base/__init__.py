"""Helpers of the engine: numbers, text, files, modes, functions on floats and arrays."""

from .files import write_whole
from .importing import extra, imported, np
from .reals import floats_of, refuse_masked
from .restoring import contained, restoring
from .text import Table, counted, short, shorten, visible, width

__all__ = [
    "Table",
    "contained",
    "counted",
    "extra",
    "floats_of",
    "imported",
    "np",
    "refuse_masked",
    "restoring",
    "short",
    "shorten",
    "visible",
    "width",
    "write_whole",
]
