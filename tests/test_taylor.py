"""Taylor coefficients of every row compared with mpmath, and of whole functions: forms, limits, errors."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

import autograd_core as ac
from autograd_core import (
    TABLE,
    DataError,
    DataValueError,
    DomainError,
    Value,
    derivative,
    errstate,
    grad,
    no_grad,
    primitive,
    taylor,
)
from autograd_core.operations.operation import Operation
from tests.graphs import SMOOTH, Program, programs
from tests.reference import REFERENCES
from tests.special_references import OF_ORDER, SPECIAL
from tests.work import Work

ORDER = 12
BOUND = 1e-12


def moved(near: Sequence[float], source: random.Random) -> list[float]:
    """Return a point near an ordinary one of the row, on the same side of its kinks."""
    return [x + source.uniform(-0.05, 0.05) * min(1.0, abs(x)) for x in near]


def moved_point(row: Operation, near: Sequence[float], source: random.Random) -> list[float]:
    """Return such a point of the row; an order stays a whole number."""
    point = moved(near, source)
    return [near[0], *point[1:]] if row.name in OF_ORDER else point


@cache
def expected(name: str, point: tuple[float, ...], direction: tuple[float, ...]) -> list[Any]:
    """Compute the coefficients of the reference function along a line with mpmath."""
    with mp.workdps(25 if name in SPECIAL else 40):
        function = REFERENCES[name].function
        start, slope = list(map(mpf, point)), list(map(mpf, direction))
        return mp.taylor(
            lambda t: function(*[a + t * v for a, v in zip(start, slope, strict=True)]), 0, ORDER
        )


def worst(row: Operation, points: int) -> tuple[float, Any]:
    """Return the largest error, relative to the largest coefficient up to that order, and its position."""
    source = random.Random(row.name)
    ordinary = REFERENCES[row.name].ordinary
    found: tuple[float, Any] = (0.0, ())
    for i in range(points):
        point = moved_point(row, ordinary[i % len(ordinary)], source)
        direction = [source.uniform(0.2, 1.0) * source.choice((-1, 1)) for _ in point]
        theirs = expected(row.name, tuple(point), tuple(direction))
        ours = taylor(lambda v: called(row, v), point, ORDER, direction=direction)
        for k, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            scale = max(abs(b), *(abs(c) for c in theirs[: k + 1])) or mpf(1)
            found = max(found, (float(abs(a - b) / scale), (point, direction, k, a, float(b))))
    return found


def called(row: Operation, xs: Sequence[Any]) -> Any:
    y = row(*xs)
    return y[0] if isinstance(y, list) else y


@pytest.mark.parametrize("points", [2, pytest.param(50, marks=pytest.mark.slow)])
@pytest.mark.parametrize("row", [row for name, row in TABLE.items() if name in REFERENCES], ids=repr)
def test_every_row_to_order_twelve(row: Operation, points: int) -> None:
    # mpmath takes a second for the thirteen coefficients of a special function, several for zeta's.
    few = 1 if points == 2 or row.name.startswith("zeta") else 3
    error, where = worst(row, few if row.name in SPECIAL else points)
    assert error <= BOUND, where


def test_every_row_of_the_table_has_a_reference() -> None:
    assert set(TABLE) <= set(REFERENCES)


def test_the_thirtieth_derivative_of_the_sine_of_a_square() -> None:
    with mp.workdps(60):
        exact = mp.taylor(lambda t: mp.sin(t**2), mpf("1.1"), 30)[30] * mp.factorial(30)
    assert derivative(lambda x: ac.sin(x**2), 30)(1.1) == pytest.approx(float(exact), rel=1e-11)


def test_work_grows_as_a_square_of_the_order() -> None:
    """Nested gradients double with each order: the 40th would take hours."""
    calls = []
    for order in (20, 40):
        with Work() as work:
            assert len(taylor(lambda x: ac.sin(x * x) / (1.0 + ac.exp(-x)), 0.7, order)) == order + 1
        calls.append(work.calls)
    assert calls[1] <= 4.5 * calls[0]


@settings(max_examples=60, deadline=None)
@given(programs(SMOOTH, max_steps=8), st.data())
def test_random_graphs_equal_nested_gradients(program: Program, data: st.DataObject) -> None:
    direction = [data.draw(st.sampled_from([-1.0, 0.5, 1.0])) for _ in program.inputs]

    def f(v: Sequence[Any]) -> Any:
        nodes = list(v)
        for step in program.steps:
            arguments = [nodes[a] if isinstance(a, int) else a for a in step.arguments]
            nodes.append(called(TABLE[step.operation], arguments))
        return nodes[-1]

    def along(t: Any) -> Any:
        return f([x + t * v for x, v in zip(program.inputs, direction, strict=True)])

    by_gradients, y = [float(TABLE["add"](along(Value(0.0)), Value(0.0)).data)], grad(along)
    for k in range(1, 4):
        by_gradients.append(y(0.0) / math.factorial(k))
        y = grad(y)
    ours = taylor(f, list(program.inputs), 3, direction=direction)
    assert ours == pytest.approx(by_gradients, rel=1e-9, abs=1e-9 * max(map(abs, by_gradients)))


def test_a_primitive_needs_no_rule_for_series() -> None:
    @primitive(partials=[lambda x, y: ac.cos(x)])
    def my_sine(x: float) -> float:
        return math.sin(x)

    try:
        assert taylor(my_sine, 0.4, ORDER) == pytest.approx(taylor(ac.sin, 0.4, ORDER), rel=1e-15)
    finally:
        del TABLE["my_sine"], Value.my_sine


def test_a_branch_that_is_zero_at_the_point_is_not_zero_for_good() -> None:
    """Its derivative is 2x, where the row takes that branch at all."""
    row = Operation("square_if", lambda a: a * a, (lambda a, y: ac.where(1.0, 2.0 * a, 0.0),), arity=1)
    assert taylor(row, 0.0, 3) == [0.0, 0.0, 1.0, 0.0]
    assert taylor(row, 3.0, 3) == [9.0, 6.0, 1.0, 0.0]
    assert taylor(lambda x: ac.where(x + 1.0, x * x, ac.sqrt(x)), 0.0, 3) == [0.0, 0.0, 1.0, 0.0]


@pytest.mark.slow
def test_a_long_chain_and_a_high_order_need_no_recursion() -> None:
    def chain(x: Any) -> Any:
        for _ in range(3000):
            x = x + 0.001 * ac.sin(x)
        return x

    assert len(taylor(chain, 0.5, 3)) == 4
    assert taylor(ac.sqrt, 1.0, 150)[2] == -0.125


def test_several_variables_go_along_a_line() -> None:
    def f(v: Any) -> Any:
        return v[0] ** 2 * v[1]

    assert taylor(f, [3.0, 5.0], 3, direction=[1.0, 0.0]) == [45.0, 30.0, 5.0, 0.0]
    assert taylor(f, np.array([3.0, 5.0]), 3, direction=np.array([1.0, 2.0])) == [45.0, 48.0, 17.0, 2.0]
    assert taylor(lambda p: p["a"] * p["b"], {"a": 2.0, "b": 3.0}, 2, {"a": 1.0, "b": 1.0}) == [6.0, 5.0, 1.0]


def test_several_outputs_have_coefficients_each() -> None:
    assert taylor(lambda x: [x**3, 2 * x], 2.0, 2) == [[8.0, 12.0, 6.0], [4.0, 2.0, 0.0]]
    rows = taylor(lambda x: np.array([x**3, 2 * x]), 2.0, 2)
    assert rows.tolist() == [[8.0, 12.0, 6.0], [4.0, 2.0, 0.0]]
    assert taylor(lambda x: 7.0, 2.0, 2) == [7.0, 0.0, 0.0]


def test_coefficients_can_be_differentiated() -> None:
    slope = grad(lambda w: taylor(lambda x: ac.sin(w * x), 1.0, 3)[3])(2.0)
    by_hand = (-3 * 4 * math.cos(2.0) + 8 * math.sin(2.0)) / 6  # ∂/∂w of −w³ cos(w)/6
    assert slope == pytest.approx(by_hand, rel=1e-14)
    with no_grad():
        assert type(taylor(ac.sin, 1.0, 1)[1]) is float


@pytest.mark.parametrize(
    ("f", "x", "series"),
    [
        (ac.relu, 0.0, [0.0, 0.0, 0.0, 0.0]),
        (ac.abs, 0.0, [0.0, 0.0, 0.0, 0.0]),
        (ac.floor, 2.0, [2.0, 0.0, 0.0, 0.0]),
        (lambda x: ac.maximum(x, x * x), 1.0, [1.0, 1.5, 0.5, 0.0]),
        (lambda x: ac.norm([x, 2 * x]) ** 2, 0.0, [0.0, 0.0, 5.0, 0.0]),
        (lambda x: ac.exp(-(ac.norm([x]) ** 2)), 0.0, [1.0, 0.0, -1.0, 0.0]),
        (lambda x: ac.where(x > 0, ac.sqrt(x), 1.0), 0.0, [1.0, 0.0, 0.0, 0.0]),
        (lambda x: x**0, 0.0, [1.0, 0.0, 0.0, 0.0]),
        (lambda x: x**2, 0.0, [0.0, 0.0, 1.0, 0.0]),
    ],
)
def test_kinks_and_ties_follow_the_local_derivatives(f: Any, x: float, series: list[float]) -> None:
    assert taylor(f, x, 3) == series


@pytest.mark.parametrize(("f", "x"), [(ac.sqrt, 0.0), (ac.cbrt, 0.0), (ac.asin, 1.0)])
def test_a_boundary_point_has_no_series(f: Any, x: float) -> None:
    with pytest.raises(DomainError, match=rf"taylor: undefined coefficient of order \d: {f.name} at"):
        taylor(f, x, 3)
    with errstate(invalid="ignore"):
        assert math.isnan(taylor(f, x, 3)[3])


def test_what_is_not_a_point_a_function_or_an_order_is_refused() -> None:
    with pytest.raises(DataError, match="taylor: no direction"):
        taylor(lambda v: v[0], [1.0], 2)
    with pytest.raises(DataValueError, match="not of the same form"):
        taylor(lambda v: v[0], [1.0], 2, direction=[1.0, 2.0])
    with pytest.raises(DataError, match="not a function"):
        taylor(3.0, 1.0, 2)
    for n in (-1, 1.5, True, None):
        with pytest.raises(DataValueError, match="not an order"):
            taylor(ac.sin, 1.0, n)
