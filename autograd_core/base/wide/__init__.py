"""Numbers beyond the range of floats, and the table's functions on them."""

from .numbers import (
    SMALLEST_NORMAL,
    Unbounded,
    Wide,
    dot,
    far_apart,
    narrow,
    number,
    of_any_size,
    parts,
    product,
    unbounded,
    wide,
)

__all__ = [
    "SMALLEST_NORMAL",
    "Unbounded",
    "Wide",
    "dot",
    "far_apart",
    "narrow",
    "number",
    "of_any_size",
    "parts",
    "product",
    "unbounded",
    "wide",
]
