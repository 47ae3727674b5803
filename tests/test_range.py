"""Slopes within the range of floats whose intermediates are out of range or subnormal.

The gradient of f(g(x)) is the product of the two local derivatives at the numbers that the nodes hold. It is
compared with mpmath's if it and all values are normal floats, whatever the two factors are; in compiled
programs, which multiply floats, only if no factor is subnormal.
"""

from __future__ import annotations

import itertools
import math
import pickle
import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from mpmath import mp, mpf

from autograd_core import (
    DomainError,
    Value,
    compile,
    erfc,
    errstate,
    exp2,
    gradients,
    log,
    ndtr,
    pow,
    prod,
    sigmoid,
    sqrt,
)
from autograd_core.operations.operation import TABLE, Operation
from tests.checker import value_at
from tests.graphs import USUAL
from tests.measuring import Number, derivative, partial_scale
from tests.reference import REFERENCES
from tests.sampling import LARGEST, SMALLEST_NORMAL, Point
from tests.test_operations import call

BOUND = 3e-14
BOUND_ON_ARRAYS = 0.9  # There g(x) may differ in the last digit, to which f'(g(x)) is sensitive.
TINY = 1e-290
LARGEST_ALPHA = 1e30  # A larger α of elu scales up an exponential that has underflowed.
STEPPED = (
    *("floor", "ceil", "trunc", "round", "sign", "copysign", "heaviside", "equal", "where", "clip", "abs"),
    *("relu", "relu6", "threshold", "hardtanh", "hardsigmoid", "hardshrink", "fmod", "remainder"),
)
TIED = ("maximum", "minimum", "fmax", "fmin", "max", "min")
ROUNDED = ("logaddexp2", "celu")  # Their slopes are exponentials of a difference and of a quotient.
SIZES = [10.0**e for e in (-307, -250, -160, -100, -30, -8, -1)] + [0.7, 3.0, 20.0, 37.0, 300.0, 705.0, 735.0]
SIZES += [1e5, 1e20, 1e100, 1e160, 1e250, 1e307]
POINTS = [*SIZES, *[-x for x in SIZES]]

smooth = [TABLE[name] for name in USUAL if name not in (*STEPPED, *TIED, *ROUNDED)]
of_one = [row for row in smooth if row.arity == 1]
of_two = [row for row in smooth if row.arity in (2, None)]


@cache
def slope(name: str, slot: int, point: Point) -> tuple[Number, Number] | None:
    """Compute the local derivative in mpmath, and the scale of its error."""
    try:
        d = derivative(REFERENCES[name], slot, point, least="1e-700")
    except (ValueError, ZeroDivisionError, OverflowError, AssertionError):
        return None
    if d is None or not mp.isfinite(d):
        return None
    return d, max(abs(d), abs(partial_scale(REFERENCES[name], slot, point)))


@dataclass(frozen=True)
class Right:
    """A gradient, the size against which its error counts, and whether a factor of it may be subnormal."""

    right: Number
    size: Number
    tiny: bool

    def is_missed_by(self, got: float, bound: float = BOUND) -> bool:
        return not abs(mpf(got) - self.right) <= bound * self.size


def ordinary(x: Number) -> bool:
    return bool(SMALLEST_NORMAL <= abs(x) <= LARGEST)


def points_of(row: Operation, source: random.Random, count: int) -> Iterator[Point]:
    if row.arity == 1:
        yield from [(x,) for x in source.sample(POINTS, min(count, len(POINTS)))]
    else:
        seconds = parameters_of(row)
        yield from [(source.choice(POINTS), source.choice(seconds)) for _ in range(count)]


def parameters_of(row: Operation) -> list[float]:
    """Return the possible second arguments."""
    return [x for x in POINTS if abs(x) < LARGEST_ALPHA] if row.name == "elu" else POINTS


def composed(outer: Operation, inner: Operation, xs: Sequence[Value], constant: Point) -> Value:
    return call(outer, call(inner, *xs), *constant)  # type: ignore[no-any-return]


def rights(outer: Operation, inner: Operation, point: Point, constant: Point) -> list[Right | None]:
    """Compute the gradient of `outer(inner(x, y), *constant)` by each argument, if a float can hold it."""
    u = value_at(inner, point)
    if not ordinary(u) or not ordinary(value_at(outer, (u, *constant))):
        return []
    factor = slope(outer.name, 0, (u, *constant))
    found: list[Right | None] = []
    for slot in range(len(point)):
        local = slope(inner.name, slot, point)
        found.append(None)
        if factor is not None and local is not None:
            with mp.workdps(40):
                right, size = factor[0] * local[0], factor[1] * local[1]
                if ordinary(right):
                    tiny = any(0.0 < abs(float(d)) < TINY for d in (factor[0], local[0]))
                    found[-1] = Right(right, size, tiny)
    return found


def faults(outer: Operation, inner: Operation, points: Sequence[Point], constant: Point) -> Iterator[str]:
    """Yield wrong gradients: of the eager engine, of a program at a point or in a batch, or in a step."""
    kept = []
    for point in points:
        xs = [Value(x) for x in point]
        right = rights(outer, inner, point, constant)
        if any(right):
            with suppress(DomainError):
                y = composed(outer, inner, xs, constant)
                kept.append((point, right, gradients(y, xs)))
    if not kept:
        return
    xs = [Value(x) for x in kept[0][0]]
    program = compile(composed(outer, inner, xs, constant), inputs=xs)
    batch = np.reshape(program.gradient(*np.transpose([point for point, *_ in kept])), (len(xs), -1)).T
    for (point, right, eager), of_batch in zip(kept, batch, strict=True):
        of_point = np.ravel(program.gradient(*point))
        step = program.run(1, point, lambda w, g, state: g)[0]
        for slot, number in enumerate(right):
            if number is not None:
                found = {"eager": eager, "point": of_point, "batch": of_batch, "run": step}
                for how, slopes in found.items():
                    got = float(slopes[slot])
                    if how != "eager" and number.tiny:
                        continue
                    if number.is_missed_by(got, BOUND_ON_ARRAYS if how in ("batch", "run") else BOUND):
                        what = f"{outer.name}({inner.name}{point}, {constant})"
                        yield f"{how}: d {what}/dx{slot + 1} = {got!r}, not {mp.nstr(number.right, 17)}"


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


HIGHER = {
    "log(ndtr(x))": (lambda x: log(ndtr(x)), lambda x: mp.log(mp.ncdf(x)), [-5.0, -30.0, -37.0]),
    "log(erfc(x))": (lambda x: log(erfc(x)), lambda x: mp.log(mp.erfc(x)), [3.0, 20.0, 26.0]),
    "log(sigmoid(x))": (lambda x: log(sigmoid(x)), lambda x: -mp.log1p(mp.exp(-x)), [-600.0, -700.0]),
    "sqrt(x**4)": (lambda x: sqrt(x**4), lambda x: x * x, [1e-75, 1e75]),
}


def restored(y: Value, x: Value) -> tuple[Value, Value]:
    """A node and its leaf, pickled and restored."""
    return pickle.loads(pickle.dumps((y, x)))  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", HIGHER)
def test_derivatives_of_higher_orders_whose_terms_leave_the_range(name: str) -> None:
    f, reference, points = HIGHER[name]
    for point in points:
        x = Value(point)
        dy = y = f(x)
        for order in (1, 2, 3):
            before = dy
            (dy,) = gradients(before, [x], create_graph=True)
            with mp.workdps(60):
                right = mp.diff(reference, mpf(point), order, h=mpf(point) * mpf("1e-12"))
                # Its terms cancel: each is as large as this.
                size = abs(y.data) * abs(mpf(point)) ** (-order if name == "sqrt(x**4)" else order)
                bound = 1e-13 * max(size, abs(right))
                assert abs(mpf(dy.data) - right) <= bound, (point, order)
                # The sweep over the graph, or over a copy of it, gives what the graph of its gradient gives.
                for graph, leaf in ((before, x), restored(before, x)):
                    assert abs(mpf(gradients(graph, leaf)) - right) <= bound, (point, order)


def test_slopes_of_powers_near_one() -> None:
    """With a large exponent b, the rounding error of b - 1 counts many times."""
    source = random.Random(1)
    for _ in range(500):
        b = 10.0 ** source.uniform(1.0, 16.5) * source.choice([1.0, -1.0])
        point = (math.exp(source.uniform(-600.0, 600.0) / b), source.choice([b, float(round(b))]))
        for a, b in (point, (1.0 - 3e-12, 2e14)):
            x, z = Value(a), Value(b)
            with mp.workdps(60):
                right = mpf(b) * mpf(a) ** (mpf(b) - 1), mpf(a) ** mpf(b) * mp.log(mpf(a))
                for y in (x**z, pow(x, z), x**b):
                    for got, d in zip(gradients(y, [x, z]), right, strict=False):
                        assert got == 0.0 or abs(mpf(got) - d) <= 1e-13 * abs(d), (a, b)
                assert gradients(x**b, x) != 0.0 != gradients(x**z, z)


@pytest.mark.parametrize("point", [1024.0, 1024.25, 1024.5])
def test_a_slope_in_range_of_a_value_that_is_not(point: float) -> None:
    x = Value(point)
    with mp.workdps(40):
        right = float(mp.log(2) * mpf(2) ** mpf(point))
    assert exp2(x).data == math.inf
    assert gradients(exp2(x), x) == pytest.approx(right, rel=1e-15)
    assert compile(exp2(x)).value_and_grad(point) == (math.inf, pytest.approx(right, rel=1e-15))


def test_slopes_of_large_powers_of_numbers_below_zero() -> None:
    """Every float above 2**53 is even: the slope has the sign of the base, although b - 1 rounds to b."""
    for b in (2.0**53 - 2.0, 2.0**53 - 1.0, 2.0**53, 2.0**53 + 2.0, 1e20):
        x, z = Value(-1.0), Value(b)
        right = b if b % 2.0 == 1.0 else -b
        program = compile(x**b, inputs=[x])
        (of_graph,) = gradients(x**b, [x], create_graph=True)
        assert gradients(x**b, x) == of_graph.data == program.gradient(-1.0) == right
        assert list(program.gradient([-1.0, -1.0])) == [right, right]
        with errstate(invalid="ignore"):  # The slope by a variable exponent is undefined.
            assert gradients(x**z, [x, z])[0] == right


def test_slopes_of_products_whose_parts_leave_the_range() -> None:
    source = random.Random(2)
    for _ in range(1500):
        numbers = [
            source.choice([1.0, -1.0]) * 10.0 ** source.uniform(-300.0, 300.0)
            for _ in range(source.randint(2, 7))
        ]
        scale = 10.0 ** source.uniform(-300.0, 300.0)
        xs = [Value(x) for x in numbers]
        found = gradients(prod(xs) * scale, xs)
        for i, got in enumerate(found):
            with mp.workdps(40):
                others = mp.fprod([*numbers[:i], *numbers[i + 1 :]])
                # The product of all arrives there as an infinity, if it is one.
                if ordinary(others * scale):
                    assert abs(mpf(got) - others * scale) <= 1e-14 * abs(others * scale), (numbers, scale)


@pytest.mark.slow
def test_a_sample_of_compositions() -> None:
    found = all_faults(8, random.Random(1).sample(pairs, 150))
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("outer", [*of_one, *of_two], ids=lambda row: row.name)
def test_all_compositions(outer: Operation) -> None:
    found = all_faults(12, [pair for pair in pairs if pair[0] is outer])
    assert not found, f"{len(found)}\n" + "\n".join(found[:40])
