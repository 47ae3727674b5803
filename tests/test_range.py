"""Slopes that a float can hold, where a number on the way to them is none: out of range, or subnormal.

The gradient of f(g(x)) is the product of the two local derivatives, at the numbers that the nodes hold. It is
compared with mpmath's wherever it and all values are floats with all their digits, whatever the two factors.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from functools import cache

import pytest
from mpmath import mp, mpf

from autograd_core import DomainError, Value, compile, gradients
from autograd_core.kernel.operation import TABLE, Operation
from tests.checker import value_at
from tests.measuring import Number, derivative, partial_scale
from tests.reference import REFERENCES
from tests.sampling import LARGEST, SMALLEST_NORMAL, Point
from tests.test_operations import call

BOUND = 3e-14
LARGEST_ALPHA = 1e30  # A larger one of elu brings back what has underflowed in its exponential.
STEPPED = ("floor", "round", "sign", "heaviside", "equal", "where", "clip", "abs", "relu")
TIED = ("maximum", "minimum", "max", "min")
SIZES = [10.0**e for e in (-307, -250, -160, -100, -30, -8, -1)] + [0.7, 3.0, 20.0, 37.0, 300.0, 705.0, 735.0]
SIZES += [1e5, 1e20, 1e100, 1e160, 1e250, 1e307]
POINTS = [*SIZES, *[-x for x in SIZES]]

smooth = [row for row in TABLE.values() if row.name not in (*STEPPED, *TIED)]
of_one = [row for row in smooth if row.arity == 1]
of_two = [row for row in smooth if row.arity in (2, None)]


@cache
def slope(name: str, slot: int, point: Point) -> tuple[Number, Number] | None:
    """The local derivative in mpmath, and the size against which its error counts."""
    try:
        d = derivative(REFERENCES[name], slot, point)
    except (ValueError, ZeroDivisionError, OverflowError, AssertionError):
        return None
    if d is None or not mp.isfinite(d):
        return None
    return d, max(abs(d), abs(partial_scale(REFERENCES[name], slot, point)))


def ordinary(x: Number) -> bool:
    return bool(SMALLEST_NORMAL <= abs(x) <= LARGEST)


def points_of(row: Operation, source: random.Random, count: int) -> Iterator[Point]:
    if row.arity == 1:
        yield from [(x,) for x in source.sample(POINTS, min(count, len(POINTS)))]
    else:
        seconds = parameters_of(row)
        yield from [(source.choice(POINTS), source.choice(seconds)) for _ in range(count)]


def parameters_of(row: Operation) -> list[float]:
    """What its second argument may be."""
    return [x for x in POINTS if abs(x) < LARGEST_ALPHA] if row.name == "elu" else POINTS


def faults(outer: Operation, inner: Operation, points: Sequence[Point], constant: Point) -> Iterator[str]:
    """The points where the gradient of `outer(inner(x, y), *constant)` is off."""
    for point in points:
        u = value_at(inner, point)
        if not ordinary(u) or not ordinary(value_at(outer, (u, *constant))):
            continue
        xs = [Value(x) for x in point]
        try:
            y = call(outer, call(inner, *xs), *constant)
            found = gradients(y, xs)
        except DomainError:
            continue
        factor = slope(outer.name, 0, (u, *constant))
        for slot, got in enumerate(found):
            local = slope(inner.name, slot, point)
            if factor is None or local is None:
                continue
            with mp.workdps(40):
                right, size = factor[0] * local[0], factor[1] * local[1]
                if ordinary(right) and abs(mpf(got) - right) > BOUND * size:
                    what = f"{outer.name}({inner.name}{point}, {constant})"
                    yield f"d {what}/dx{slot + 1} = {got!r}, not {mp.nstr(right, 17)}"


def all_faults(count: int, pairs: Sequence[tuple[Operation, Operation]]) -> list[str]:
    found = []
    for outer, inner in pairs:
        source = random.Random(outer.name + inner.name)
        points = list(points_of(inner, source, count))
        constants: list[Point] = (
            [()] if outer.arity == 1 else [(c,) for c in source.sample(parameters_of(outer), 3)]
        )
        for constant in constants:
            found += list(faults(outer, inner, points, constant))
    return found


pairs = list(itertools.product([*of_one, *of_two], [*of_one, *of_two]))


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("name", ["tanh", "sigmoid", "exp", "erf", "ndtr"])
def test_a_gradient_that_underflows_is_a_positive_zero(name: str, sign: float) -> None:
    """As a sum that begins at 0.0, and as in a compiled program."""
    x = Value(-800.0)
    y = sign * TABLE[name](x) * 0.5
    for dx in (gradients(y, x), compile(y, [x], exact=True).value_and_grad(-800.0)[1]):
        assert str(dx) == "0.0"
    y.backward()
    assert str(x.grad) == "0.0"


def test_a_sample_of_compositions() -> None:
    found = all_faults(8, random.Random(1).sample(pairs, 150))
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("outer", [*of_one, *of_two], ids=lambda row: row.name)
def test_all_compositions(outer: Operation) -> None:
    found = all_faults(12, [pair for pair in pairs if pair[0] is outer])
    assert not found, f"{len(found)}\n" + "\n".join(found[:40])
