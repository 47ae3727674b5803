"""Notice undefined results and underflow in a run of a program."""

from __future__ import annotations

from typing import Any

from ...base.importing import np
from ...native import in_c


def finite(*arrays: Any) -> bool:
    """Whether all numbers are finite."""
    return all(map(_are_finite, arrays))


def _are_finite(numbers: Any) -> bool:
    found: bool | None = None if in_c is None else in_c.are_finite(numbers)
    # Several times faster than `.all()`, which is written in Python.
    return bool(np.logical_and.reduce(np.isfinite(numbers), axis=None)) if found is None else found


class Underflow:
    """Records whether a NumPy function underflows, as the `call` of `np.errstate(under="call", call=...)`."""

    def __init__(self) -> None:
        self.seen = False

    def __call__(self, kind: str, flag: int) -> None:
        self.seen = True

    def note(self, *told: bool | None) -> None:
        """Record the underflows that passes in C report."""
        self.seen = self.seen or any(told)

    def among(self, *slopes: Any) -> bool:
        """Whether one of the slopes is 0, possibly because of an underflow."""
        return self.seen and not all([np.logical_and.reduce(x, axis=None) for x in slopes])
