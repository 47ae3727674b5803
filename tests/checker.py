"""Compare a row of the table with its reference and say what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pytest
from mpmath import mp

from autograd_core.operations.operation import Operation
from tests.measuring import Number, Reference, error, forward_scale, partial_scale
from tests.reference import REFERENCES, expected_partials, expected_values
from tests.sampling import Point

Slopes = Callable[[Point, float], Sequence[float]]


def reference_of(row: Operation) -> Reference:
    """Return the row's reference; without one, fail and say what to add."""
    if row.name not in REFERENCES:
        pytest.fail(
            f"The operation {row.name!r} has no reference, so nothing tests it. Add to REFERENCES in "
            f"tests/reference.py:\n\n    {row.name!r}: Reference(<the function in mpmath>, <its points>),\n\n"
            "with at least 200 points over its whole domain, extremes included, written without looking at "
            "the row: mpmath has most functions, and derivatives are taken from the reference by differences."
        )
    return REFERENCES[row.name]


def value_at(row: Operation, point: Point) -> float:
    """Return the row's forward function on floats."""
    return row.forward(point) if row.arity is None else row.forward(*point)


def slopes_at(row: Operation, point: Point, y: float) -> Sequence[float]:
    """Return the row's local derivatives on floats, as a node records them."""
    return row.slopes_at(point, y)


def faults_in_values(row: Operation) -> list[str]:
    """Return one line for each point where the row's value is off."""
    reference = reference_of(row)
    found = []
    for point, expected in zip(reference.points, expected_values(row.name), strict=True):
        got = value_at(row, point)
        off = error(got, expected, forward_scale(reference, point))
        if not off <= reference.forward:
            found.append(f"{row.name}{point} = {got!r}, {_but(expected, off, reference.forward)}")
    return found


def faults_in_partials(row: Operation, slopes: Slopes | None = None, enough: float = math.inf) -> list[str]:
    """Return a line per point where a local derivative (or `slopes(point, y)`) is off, at most `enough`."""
    reference = reference_of(row)
    found: list[str] = []
    for point, expected in zip(reference.points, expected_partials(row.name), strict=True):
        y = value_at(row, point)
        got = slopes(point, y) if slopes else slopes_at(row, point, y)
        for slot, (slope, right) in enumerate(zip(got, expected, strict=True)):
            if right is None:
                continue
            off = error(slope, right, partial_scale(reference, slot, point))
            if not off <= reference.partial:
                found.append(
                    f"d{row.name}/dx{slot + 1}{point} = {slope!r}, {_but(right, off, reference.partial)}"
                )
        if len(found) >= enough:
            break
    return found


def _but(expected: Number, off: float, bound: float) -> str:
    return f"but mpmath has {mp.nstr(expected, 20)}: off by {off:.2g}, allowed {bound:.2g}"


def told(faults: Sequence[str]) -> str:
    """Format the faults as the text of a failing test."""
    rest = f"\n... and {len(faults) - 8} more" if len(faults) > 8 else ""
    return f"{len(faults)} points are wrong:\n" + "\n".join(faults[:8]) + rest
