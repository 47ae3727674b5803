"""Higher order, from the list of faults: no derivative is lost on the way."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from autograd_core import TABLE, DomainError, Value, exp, gradients, hessian, sin, sqrt
from autograd_core.calculus.rewriting import Simplifier, evaluated


def derivatives(f: Callable[[Any], Value], x: float, orders: int) -> list[float]:
    """Compute f', f'', ... at x."""
    leaf = Value(x)
    y, found = f(leaf), []
    for _ in range(orders):
        y = gradients(y, leaf, create_graph=True)
        found.append(y.data)
    return found


@pytest.mark.parametrize(
    ("f", "reference"),
    [
        (sin, mp.sin),
        (exp, mp.exp),
        (lambda x: 1 / x, lambda x: 1 / x),
        (lambda x: x**5, lambda x: x**5),
    ],
)
def test_orders_one_to_eight(f: Callable[[Any], Value], reference: Callable[[Any], Any]) -> None:
    with mp.workdps(60):
        expected = [float(mp.diff(reference, mpf(0.7), n)) for n in range(1, 9)]
    assert derivatives(f, 0.7, 8) == pytest.approx(expected, rel=1e-13, abs=1e-12)


def test_no_perturbation_is_confused() -> None:
    x, y = Value(1.0), Value(1.0)
    inner = gradients(x + y, y, create_graph=True)
    assert gradients(x * inner, x) == 1.0


@pytest.mark.parametrize(
    ("f", "expected"),
    [(lambda x: x**2, 2.0), (lambda x: exp(-(x**2)), -2.0), (lambda x: x**1, 0.0), (lambda x: x * x, 2.0)],
)
def test_second_derivatives_at_zero(f: Callable[[Any], Value], expected: float) -> None:
    assert derivatives(f, 0.0, 2)[1] == expected


def test_hessians_of_the_degenerate() -> None:
    assert hessian(lambda xs: xs[0] * xs[0])([1.0, 2.0]) == [[2.0, 0.0], [0.0, 0.0]]
    assert hessian(lambda xs: 3 * xs[0] - xs[1])([1.0, 2.0]) == [[0.0, 0.0], [0.0, 0.0]]
    assert hessian(lambda xs: xs[0] ** 3)([2.0]) == [[12.0]]


@given(st.floats(), st.floats())
def test_the_short_way_of_a_product_is_that_of_its_row(x: float, y: float) -> None:
    a, b = Value(x), Value(y)
    short, row = Simplifier().product(a, b), evaluated(TABLE["mul"], [a, b])
    assert isinstance(short, Value)
    assert repr((short.data, short.partials)) == repr((row.data, row.partials))
    assert (short.op, short.parents, short.requires_grad) == (row.op, row.parents, row.requires_grad)


def test_equal_nodes_are_shared_and_ones_left_out() -> None:
    x = Value(0.5)
    y = exp(x)
    assert gradients(y, x, create_graph=True) is y
    assert gradients(3.0 * x, x, create_graph=True).parents == ()


def test_a_gradient_that_is_no_number_is_refused_as_by_backward() -> None:
    x = Value(0.0)
    y = sqrt(x) * 0.0
    for create_graph in (False, True):
        with pytest.raises(DomainError):
            gradients(y + x, x, create_graph=create_graph)


def test_many_shares_are_one_sum() -> None:
    x = Value(2.0)
    y = sum((x * float(k) for k in range(1, 5)), x * x)
    slope = gradients(y, x, create_graph=True)
    assert slope.data == gradients(y, x) == 14.0
    assert math.isclose(gradients(slope, x), 2.0)


KINKED = ("abs", "relu", "square", "neg", "softsign", "leaky_relu", "elu", "sign", "tanh", "exp", "selu")
PAIRS = ("maximum", "minimum", "mul", "add", "sub", "hypot")
MANY = ("max", "min", "norm", "sum", "logsumexp")


@pytest.mark.parametrize("seed", range(150))
def test_hessians_are_symmetric_at_kinks_and_ties(seed: int) -> None:
    """Dense and sparse, up to rounding."""
    draw = random.Random(seed)
    steps = []
    for i in range(draw.choice([2, 4, 6, 8])):
        names = draw.choice([KINKED, PAIRS, PAIRS, MANY])
        count = 1 if names is KINKED else 2 if names is PAIRS else draw.choice([2, 4])
        steps.append((draw.choice(names), [draw.randrange(2 + i) for _ in range(count)]))

    def f(v: Any) -> Any:
        nodes = list(v)
        for name, places in steps:
            nodes.append(TABLE[name](*[nodes[place] for place in places]))
        return nodes[-1]

    point = [draw.choice([-1.0, 0.0, 1.0]), draw.choice([-1.0, 0.0, 1.0])]
    try:
        dense = np.array(hessian(f)(point))
    except DomainError:  # An infinite slope that meets 0.
        return
    size = np.abs(dense).max(initial=1.0)
    np.testing.assert_allclose(dense, dense.T, rtol=1e-9, atol=1e-13 * size)
    np.testing.assert_allclose(hessian(f, sparse=True)(point).toarray(), dense, rtol=1e-9, atol=1e-13 * size)
