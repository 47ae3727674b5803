"""CMU 10-301/601, lecture 13, Backpropagation (2023): graphs and differentiation, rows C1 to C5 and C7."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autograd_core import Graph, Value, cos, derivative, exp, grad, gradcheck, gradients, jacobian, log, sin
from autograd_core.algorithms import compare, differences, forward, pull, push


def example(x0: float) -> dict[str, Value]:
    x = Value(x0, "x")
    t = x**2
    u1 = sin(t)
    u2 = 3 * t
    u = u1 + u2
    J = cos(u)
    nodes = {"x": x, "t": t, "u1": u1, "u2": u2, "u": u, "J": J}
    for name, node in nodes.items():
        node.label = name
    return nodes


def quiz(x: Any, z: Any) -> Any:
    return exp(x * z) + x * z / log(x) + sin(log(x)) / (x * z)


@pytest.mark.parametrize(
    ("x0", "J", "slope"),
    [(2.0, 0.24510036817001535, 9.099148544832385), (1.0, -0.7649205628044862, 4.560791790678778)],
)
def test_c1_example(x0: float, J: float, slope: float) -> None:
    nodes = example(x0)
    nodes["J"].backward()
    assert nodes["J"].data == pytest.approx(J, rel=1e-15)
    assert nodes["x"].grad == pytest.approx(slope, rel=1e-15)


def test_c1_backward_column() -> None:
    """dJ/du += -sin u; dJ/du1, dJ/du2 += dJ/du; dJ/dt += dJ/du1 cos t, += 3 dJ/du2; dJ/dx += 2x dJ/dt."""
    n = example(2.0)
    n["J"].backward()
    u, t, x = n["u"].data, n["t"].data, n["x"].data
    dJ_du = -math.sin(u)
    dJ_dt = 0.0 + dJ_du * 3.0 + dJ_du * math.cos(t)
    assert n["u"].grad == n["u1"].grad == n["u2"].grad == dJ_du
    assert n["t"].grad == dJ_dt
    assert n["x"].grad == dJ_dt * (2.0 * x)
    assert Graph(n["J"]).path_count("x") == 2


def test_c1_second_derivative() -> None:
    second = derivative(lambda x: cos(sin(x**2) + 3 * x**2), 2)
    assert second(2.0) == pytest.approx(-5.30089617362448, rel=1e-14)


def test_c2_quiz() -> None:
    x, z = Value(2.0, "x"), Value(3.0, "z")
    y = quiz(x, z)
    y.backward()
    assert y.data == pytest.approx(412.19145728412116, rel=1e-15)
    assert x.grad == pytest.approx(1208.38121513, abs=5e-9)
    assert z.grad == pytest.approx(809.70747922, abs=5e-9)
    assert (round(x.grad), round(z.grad)) == (1208, 810)
    assert grad(quiz, argnums=(0, 1))(2, 3) == (x.grad, z.grad)


@pytest.mark.parametrize("algorithm", [pull, push], ids=["c3_pull", "c4_push"])
def test_c3_and_c4_give_the_numbers_of_the_engine(algorithm: Any) -> None:
    nodes = example(2.0)
    assert algorithm(nodes["J"]).gradients[nodes["x"]] == 9.099148544832385
    x, z = Value(2.0), Value(3.0)
    y = quiz(x, z)
    everything = [node for node in Graph(y) if node.requires_grad]
    assert list(algorithm(y, everything).gradients.values()) == gradients(y, everything)


def test_c3_pulls_from_every_consumer_once_all_are_known() -> None:
    known = {"J"}
    for step in pull(example(2.0)["J"]).steps:
        assert step.source.label in known
        known.add(step.target.label)
    targets = [step.target.label for step in pull(example(2.0)["J"]).steps]
    assert targets == sorted(targets, key=["u", "u2", "u1", "t", "x"].index)


def test_c4_pushes_to_the_parents_from_adjoints_that_start_at_zero() -> None:
    received: dict[str, float] = {}
    for step in push(example(2.0)["J"]).steps:
        received[step.target.label] = received.get(step.target.label, 0.0) + step.amount
        assert step.total == received[step.target.label]
    sources = [step.source.label for step in push(example(2.0)["J"]).steps]
    assert sources == sorted(sources, key=["J", "u", "u2", "u1", "t"].index)


def test_c5_differences_check_the_gradient() -> None:
    nodes = example(2.0)
    assert differences(nodes["J"]).gradients[nodes["x"]] == pytest.approx(9.099148544832385, rel=1e-7)
    assert gradcheck(quiz, (2.0, 3.0)).ok


def test_c5_work_side_by_side() -> None:
    """With n inputs, forward mode and differences do the work n times; reverse mode does it once."""
    n = 30
    xs = [Value(0.1 * i, f"x{i}") for i in range(n)]
    s = sum(xs, Value(0.0, requires_grad=False))
    for _ in range(20):
        s = sin(s)
    reverse, _, _, tangents, numeric = compare(s, xs)
    assert reverse.work == 2 * len(push(s, xs).steps)
    assert tangents.work > n / 2 * reverse.work / 2
    assert numeric.work > n / 2 * reverse.work / 2
    assert tangents.gradients == pytest.approx(reverse.gradients, rel=1e-12)
    assert numeric.gradients == pytest.approx(reverse.gradients, rel=1e-5)
    assert forward(s, xs[:1]).work < reverse.work


B = np.array([[2.0, -1.0, 0.5], [0.25, 3.0, -2.0], [1.0, 4.0, -0.75]])
b = np.array([1.0, -2.0, 0.5])
x0 = np.array([0.3, -1.2, 2.0])


def denominator_layout(f: Any, x: np.ndarray) -> np.ndarray:
    """Compute ∂y/∂x with a row for each entry of x, from the scalar graph."""
    return np.moveaxis(jacobian(f)(x), -1, 0)


def test_c7_matrix_calculus() -> None:
    assert denominator_layout(lambda x: x @ B, x0) == pytest.approx(B)
    assert denominator_layout(lambda x: x @ b, x0) == pytest.approx(b)
    assert denominator_layout(lambda x: x @ x, x0) == pytest.approx(2 * x0)
    assert denominator_layout(lambda x: x @ B @ x, x0) == pytest.approx((B + B.T) @ x0)
    symmetric = B + B.T
    assert denominator_layout(lambda x: x @ symmetric @ x, x0) == pytest.approx(2 * symmetric @ x0)


def test_c7_chain_rule_of_vectors() -> None:
    """∂y/∂x = (∂u/∂x)(∂y/∂u), in this order."""

    def inner(x: Any) -> Any:
        return sin(B @ x)

    def outer(u: Any) -> Any:
        return np.array([u @ b, u @ u])

    whole = denominator_layout(lambda x: outer(inner(x)), x0)
    parts = denominator_layout(inner, x0) @ denominator_layout(outer, np.sin(B @ x0))
    assert whole.shape == (3, 2)
    assert whole == pytest.approx(parts, rel=1e-14)


def test_c7_a_gradient_has_the_shape_of_its_parameter() -> None:
    W = np.arange(6.0).reshape(2, 3) / 10
    assert grad(lambda W: sin(W @ x0).sum())(W).shape == (2, 3)
    assert grad(lambda W: sin(W @ x0).sum())(W) == pytest.approx(np.outer(np.cos(W @ x0), x0))
