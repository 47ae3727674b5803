"""McMaster 4AL3, Deep Learning II: Backpropagation (2024): graphs and differentiation, rows M1 to M3."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from autograd_core import Graph, Value, dot, exp, gradients, relu, sigmoid, sin
from autograd_core.algorithms import build_grad


def test_m1_grad_table_is_restricted_to_the_pruned_graph() -> None:
    """G′ has the ancestors of z that descend from the targets T; nothing else gets an entry."""
    x, y, w = Value(0.5, "x"), Value(2.0, "y"), Value(3.0, "w")
    a = sin(x)
    b = exp(y) * w
    z = a * b + a
    beside = sin(a)
    graph = Graph(z)
    table = build_grad(z, [x]).grad_table
    assert len(table) == 4
    assert not {y, w, b, beside} & set(table)
    assert set(table) == set(graph.prune(z, x))


def test_m1_gradient_is_graph_and_can_be_differentiated_again() -> None:
    x = Value(2.0, "x")
    z = exp(x * x) * x
    first = build_grad(z, [x]).grad_table[x]
    second = build_grad(first, [x]).grad_table[x]
    third = build_grad(second, [x]).grad_table[x]
    e = np.exp(4.0)
    assert first.data == pytest.approx((1 + 2 * 4) * e, rel=1e-14)
    assert second.data == pytest.approx((6 * 2 + 4 * 8) * e, rel=1e-14)
    assert third.data == pytest.approx((6 + 24 * 4 + 8 * 16) * e, rel=1e-13)
    assert gradients(second, x) == pytest.approx(third.data, rel=1e-14)


def test_m1_each_node_is_built_once_however_many_paths_lead_through_it() -> None:
    """60 doublings: 2⁶⁰ paths, 61 entries."""
    x = Value(1.0, "x")
    z = x
    for _ in range(60):
        z = z + z
    result = build_grad(z, [x])
    assert result.gradients[x] == 2.0**60
    assert len(result.grad_table) == 61


def test_m1_needs_no_recursion_of_python() -> None:
    x = Value(1.0, "x")
    z = x
    for _ in range(2_000):
        z = sin(z)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(150)
    try:
        assert build_grad(z, [x]).gradients[x] == gradients(z, x)
    finally:
        sys.setrecursionlimit(limit)


def test_m2_product() -> None:
    x, y = Value(3.0, "x"), Value(4.0, "y")
    z = x * y
    graph = Graph(z)
    assert [node.op.name for node in graph if node.op] == ["mul"]
    assert gradients(z, [x, y]) == [4.0, 3.0]


def test_m2_logistic_regression() -> None:
    xs = [Value(v, f"x{i}", requires_grad=False) for i, v in enumerate((1.0, -2.0))]
    ws, b = [Value(0.5, "w0"), Value(0.25, "w1")], Value(0.1, "b")
    u1 = dot(xs, ws)
    u2 = u1 + b
    y = sigmoid(u2)
    graph = Graph(y)
    assert [node.op.name for node in graph if node.op] == ["dot", "add", "sigmoid"]
    assert graph.depth == 3
    s = 1.0 / (1.0 + np.exp(-0.1))
    assert y.data == pytest.approx(s, rel=1e-15)
    assert gradients(y, [*ws, b]) == pytest.approx([s * (1 - s), -2.0 * s * (1 - s), s * (1 - s)], rel=1e-14)


def test_m2_relu_layer() -> None:
    rng = np.random.default_rng(1)
    X, W0, b0 = rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)
    W = np.array([[Value(w) for w in row] for row in W0], dtype=object)
    b = np.array([Value(v) for v in b0], dtype=object)
    H = relu(X @ W + b)
    active = X @ W0 + b0 > 0
    assert np.array([[h.data for h in row] for row in H]) == pytest.approx(np.maximum(0, X @ W0 + b0))
    assert {node.op.name for node in Graph(list(H.ravel())) if node.op} == {"mul", "add", "relu"}
    slopes = np.array(gradients(list(H.ravel()), list(W.ravel()))).reshape(3, 2)
    assert slopes == pytest.approx(X.T @ active.astype(float), rel=1e-12)


def test_m3_chain_with_stored_and_with_recomputed_values() -> None:
    """dz/dw = f′(y) f′(x) f′(w) = f′(f(f(w))) f′(f(w)) f′(w)."""

    def f(v: Value) -> Value:
        return sin(v) * 2.0

    def slope(v: float) -> float:
        return 2.0 * float(np.cos(v))

    def g(v: float) -> float:
        return 2.0 * float(np.sin(v))

    w = Value(0.4, "w")
    x = f(w)
    y = f(x)
    z = f(y)
    stored = slope(y.data) * slope(x.data) * slope(0.4)
    recomputed = slope(g(g(0.4))) * slope(g(0.4)) * slope(0.4)
    assert stored == pytest.approx(recomputed, rel=1e-14)
    assert gradients(z, w) == pytest.approx(stored, rel=1e-14)
    # The gradient's graph uses the nodes x and y, which are not recomputed.
    derived = Graph(gradients(z, [w], create_graph=True))
    assert x in derived
    assert y in derived
    assert sum(node.op is not None and node.op.name == "sin" for node in derived) == 2
