"""The local derivatives of the table as lists of steps, used to build the graph of a gradient.

A row's local derivatives are functions, and each call of a row in them goes through several others before it
reaches the Simplifier. They are called once with symbols, and the recorded steps are repeated from then on.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from ..base.extended_range_functions import EXACT, FUNCTIONS
from ..errors import DataError
from ..kernel.apply import Operators
from ..kernel.value import Value
from ..operations.operation import TABLE, Operation
from .rewriting import GRADIENTS, Simplifier, Term

KINKED = frozenset([row for row in TABLE.values() if row.of_square])
"""The rows with a kink that squaring removes."""


class Slope(NamedTuple):
    """How to compute a local derivative: each step is a row and its arguments, numbers or places.

    The first places are the row's arguments, then comes its value, then the results of the steps.
    """

    steps: tuple[tuple[Operation, tuple[float | int, ...]], ...]
    result: float | int


class _Symbol(Operators):
    """An unknown number at a place."""

    __slots__ = ("place", "steps")

    def __init__(self, place: int, steps: list[Any]) -> None:
        self.place, self.steps = place, steps

    @staticmethod
    def __apply_operation__(row: Operation, args: Sequence[Any]) -> _Symbol:
        steps = next(x.steps for x in args if isinstance(x, _Symbol))
        steps.append((row, tuple([x.place if isinstance(x, _Symbol) else float(x) for x in args])))
        return _Symbol(steps[0] + len(steps) - 1, steps)


@lru_cache(maxsize=4096)
def slope_of(row: Operation, slot: int, numbers: tuple[str | None, ...]) -> Slope | None:
    """Return the local derivative by one argument; those given in `numbers`, as hexadecimal text, are known.

    Returns None if it depends on numbers that are not known.

    >>> slope = slope_of(TABLE["tanh"], 0, (None,))
    >>> [(row.name, args) for row, args in slope.steps], slope.result
    ([('sech', (0,)), ('square', (2,))], 3)
    """
    if not row.built_in or row.arity is None:
        return None
    steps: list[Any] = [row.arity]
    args = [_Symbol(i, steps) if x is None else float.fromhex(x) for i, x in enumerate(numbers)]
    try:
        found = row.partials[slot](*args, _Symbol(row.arity, steps))
    except (TypeError, DataError):
        return None
    result = found.place if isinstance(found, _Symbol) else float(found)
    return Slope(tuple(steps[1:]), result)


def slopes_with(
    simplifier: Simplifier, row: Operation, terms: Sequence[Term], y: Value, needs: Sequence[bool]
) -> Sequence[Any]:
    """Return the local derivatives of a row at these terms, built by the simplifier; 0.0 where not needed."""
    numbers = tuple([x.hex() if type(x) is float else None for x in terms])
    slopes = [slope_of(row, i, numbers) if need else None for i, need in enumerate(needs)]
    if any([need and slope is None for need, slope in zip(needs, slopes, strict=True)]):
        return row.by_each(row.partials, terms, y, needs)
    return [0.0 if slope is None else _built(simplifier, slope, [*terms, y]) for slope in slopes]


def _built(simplifier: Simplifier, slope: Slope, values: list[Term]) -> Term:
    for row, places in slope.steps:
        terms = [values[x] if type(x) is int else x for x in places]
        values.append(simplifier.simplified(row, terms))
    return values[slope.result] if type(slope.result) is int else slope.result


@cache
def slopes_by_row() -> dict[Operation, tuple[Slope, ...]]:
    """Return the local derivatives of each row with a fixed number of arguments that does not select one."""
    found = {}
    for row in TABLE.values():
        if row.built_in and row.arity is not None and not row.selects:
            slopes = [slope_of(row, i, (None,) * row.arity) for i in range(row.arity)]
            known = tuple([slope for slope in slopes if slope is not None])
            if len(known) == row.arity:
                found[row] = known
    return found


@cache
def plain_rows() -> frozenset[Operation]:
    """Return the rows whose local derivatives are numbers or arguments.

    >>> names = {row.name for row in plain_rows()}
    >>> {"add", "floor", "mul", "sub"} <= names, "sin" in names
    (True, False)
    """
    return frozenset([row for row, slopes in slopes_by_row().items() if not any([s.steps for s in slopes])])


@cache
def for_the_native_engine() -> tuple[Any, ...]:
    """Return the slopes, and the rows with kinks, with rewriting rules, and whose 0 may be an underflow."""
    graded = frozenset([row for row in TABLE.values() if row.name in FUNCTIONS or row.name in EXACT])
    return slopes_by_row(), KINKED, frozenset(GRADIENTS), graded
