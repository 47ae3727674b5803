"""Norms without intermediate overflow or underflow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_core.base import np

Array = Any

SMALLEST, LARGEST = 1e-100, 1e100
"""The range in which squares and their sum are normal floats."""


def length(arrays: Sequence[Array]) -> tuple[float, float]:
    """Return the common Euclidean norm of arrays as a product (a, b), which may be too large for a float.

    >>> length([np.array([3e200]), np.array([4e200])])
    (4e+200, 1.25)
    """
    largest = float(max((np.abs(x).max(initial=0.0) for x in arrays), default=0.0))
    if SMALLEST <= largest <= LARGEST:
        return 1.0, float(np.linalg.norm([np.linalg.norm(x.ravel()) for x in arrays]))
    if not 0.0 < largest < np.inf:
        return 1.0, largest
    return largest, float(np.linalg.norm([np.linalg.norm(x.ravel() / largest) for x in arrays]))


def lengths(rows: Array) -> tuple[Array, Array]:
    """Return the same for each row of a matrix, as two columns."""
    largest = np.abs(rows).max(axis=1, keepdims=True, initial=0.0)
    ordinary = (largest >= SMALLEST) & (largest <= LARGEST)
    scale = np.where(ordinary | (largest == 0.0) | ~np.isfinite(largest), 1.0, largest)
    return scale, np.sqrt(np.sum(np.square(rows / scale), axis=1, keepdims=True))
