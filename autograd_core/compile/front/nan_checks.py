"""Find the operations that can hide an undefined argument from the results.

The eager engine raises at the operation that produces a NaN. A compiled program checks only its results, to
which a NaN usually propagates; but `where` ignores the branch that is not taken, and x**0 is 1 for every x.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import product
from math import nan
from typing import Any

from ...base.importing import np
from ...operations.operation import Operation
from .tape_and_builder import Builder

TRIED = (0.0, 1.0, -1.0, 2.5, float("inf"))
"""Values of the other arguments while one is tested."""


@cache
def ignores(row: Operation, numbers: tuple[float | None, ...], place: int) -> bool:
    """Whether the row may return a number although its argument at that place is NaN.

    `numbers` are its constant arguments; if there are many arguments, two others are tested. The first may
    differ from all others, as in `unit` and `softmax`.
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
    """Return the places of the nonconstant arguments that the row may ignore.

    A row from outside this package is assumed to ignore all of them, because its author may not expect test
    calls.
    """
    places = [k for k, x in enumerate(numbers) if x is None]
    return [k for k in places if ignores(row, tuple(numbers), k)] if row.built_in else places


def overlooked_results(builder: Builder, places: Sequence[int]) -> list[int]:
    """Return the results that a node among these may ignore."""
    found: dict[int, None] = {}
    for i in places:
        row, args = builder.rows[i], builder.args[i]
        if row is not None:
            ignored = overlooked(row, [builder.numbers[j] for j in args])
            found |= dict.fromkeys([args[k] for k in ignored if builder.rows[args[k]] is not None])
    return list(found)


def refuse_undefined(x: Any) -> None:
    """Raise `FloatingPointError` if the array contains a NaN."""
    if np.isnan(x).any():
        raise FloatingPointError("an intermediate number is undefined")
