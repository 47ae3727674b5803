"""Find the operations that can hide an undefined argument from the results.

The eager engine raises at the operation that produces a NaN. A compiled program checks its results only, to
which a NaN usually propagates; but `where` ignores the branch that is not taken, and x**0 is 1 for every x.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import product
from math import nan
from typing import Any

from ...base.importing import np
from ...kernel.operation import Operation
from ...native import in_c
from .tape import Builder

TRIED = (0.0, 1.0, -1.0, 2.5, float("inf"))
"""What the other arguments are when one is tried."""


@cache
def ignores(row: Operation, numbers: tuple[float | None, ...], place: int) -> bool:
    """Whether the row may give a number though its argument at that place is none.

    `numbers` are those of its arguments that are constants; of many arguments two others are tried. The first
    may be unlike all others, as that of `unit` and `softmax`.
    """
    if row.arity is None and len(numbers) > 3:
        numbers, place = (None, None, None), min(place, 1)
        if row.sequences > 1:
            return False
    others = [
        (nan,) if i == place else TRIED if number is None else (number,) for i, number in enumerate(numbers)
    ]
    return any(y == y for y in map(row.value_at, product(*others)))


def overlooked(row: Operation, numbers: Sequence[float | None]) -> list[int]:
    """The places of the arguments that the row may ignore and that are not constants.

    A row that is not of this package may ignore any: whoever wrote it may not expect to be tried.
    """
    places = [k for k, x in enumerate(numbers) if x is None]
    return [k for k in places if ignores(row, tuple(numbers), k)] if row.built_in else places


def overlooked_results(builder: Builder, places: Sequence[int]) -> list[int]:
    """Those results that a node among these may ignore."""
    found: dict[int, None] = {}
    for i in places:
        row, args = builder.rows[i], builder.args[i]
        if row is not None:
            ignored = overlooked(row, [builder.numbers[j] for j in args])
            found |= dict.fromkeys([args[k] for k in ignored if builder.rows[args[k]] is not None])
    return list(found)


def finite(*arrays: Any) -> bool:
    """Whether all numbers are finite."""
    return all(map(_are_finite, arrays))


def _are_finite(numbers: Any) -> bool:
    found: bool | None = None if in_c is None else in_c.are_finite(numbers)
    # Several times as fast as `.all()`, which is written in Python.
    return bool(np.logical_and.reduce(np.isfinite(numbers), axis=None)) if found is None else found


class Underflow:
    """Notes whether a NumPy function underflows: the `call` of `np.errstate(under="call", call=...)`."""

    def __init__(self) -> None:
        self.seen = False

    def __call__(self, kind: str, flag: int) -> None:
        self.seen = True

    def note(self, *told: bool | None) -> None:
        """Note what passes that run in C tell."""
        self.seen = self.seen or any(told)

    def among(self, *slopes: Any) -> bool:
        """Whether one of the slopes is 0, and may be so because of that."""
        return self.seen and not all([np.logical_and.reduce(x, axis=None) for x in slopes])


def refuse_undefined(x: Any) -> None:
    """Raise `FloatingPointError` if a number of the array is not a number."""
    if np.isnan(x).any():
        raise FloatingPointError("a number on the way is undefined")
