"""Small data sets, and readers of CSV and IDX files."""

from .datasets import circles, digits, gate, housing, moons, one_hot, spirals
from .file_formats import read_csv, read_idx

__all__ = [
    "circles",
    "digits",
    "gate",
    "housing",
    "moons",
    "one_hot",
    "read_csv",
    "read_idx",
    "spirals",
]
