"""Helpers of the engine: numbers, text, files, modes, functions on floats and arrays."""

from .atomic_write import write_all, write_whole
from .importing import PACKAGES, extra, imported, np
from .reals import (
    called,
    elements,
    exact_sum,
    flag,
    floats_of,
    item,
    real,
    refuse_masked,
    shown,
    whole_number,
)
from .restoring import contained, restoring
from .text import Table, columns, counted, short, shorten, visible, width

__all__ = [
    "PACKAGES",
    "Table",
    "called",
    "contained",
    "columns",
    "counted",
    "elements",
    "exact_sum",
    "extra",
    "flag",
    "floats_of",
    "imported",
    "item",
    "np",
    "real",
    "refuse_masked",
    "restoring",
    "short",
    "shorten",
    "shown",
    "visible",
    "whole_number",
    "width",
    "write_all",
    "write_whole",
]
