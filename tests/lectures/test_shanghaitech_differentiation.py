"""ShanghaiTech CS182, Neural Networks (2023): graphs and differentiation, rows S1 and S2."""

from __future__ import annotations

from itertools import groupby

import pytest

from autograd_core import Graph, Value, exp, gradients, sigmoid, sin
from autograd_core.algorithms import push


def network() -> dict[str, Value]:
    w, b = Value(0.7, "w"), Value(-0.3, "b")
    x, t = Value(1.5, "x", requires_grad=False), Value(0.25, "t", requires_grad=False)
    s = w * x + b
    y = sigmoid(s)
    L = (y - t) ** 2 * 0.5
    s.label, y.label, L.label = "s", "y", "L"
    return {"w": w, "b": b, "x": x, "t": t, "s": s, "y": y, "L": L}


def test_s1_messages_on_a_topological_ordering() -> None:
    """Each node sums its children's messages into its error signal, and only then sends to its parents."""
    v1, v2 = Value(0.5, "v1"), Value(2.0, "v2")
    v3 = v1 * v2
    v4 = sin(v3)
    v5 = exp(v1) + v3 * v4
    graph = Graph(v5)
    order = list(graph)
    for node in order:
        assert all(order.index(parent) < order.index(node) for parent in node.parents)
    signal = dict.fromkeys(order, 0.0) | {v5: 1.0}
    sent: set[Value] = set()
    for child, messages in groupby(push(v5).steps, key=lambda step: step.source):
        assert set(graph.consumers(child)) <= sent
        for message in messages:
            assert message.amount == signal[child] * message.factors[1]
            signal[message.target] += message.amount
        sent.add(child)
    assert [signal[node] for node in order] == gradients(v5, order)


def test_s2_error_signals() -> None:
    """δ_y = y - t, δ_s = δ_y σ′(s), δ_w = δ_s x, δ_b = δ_s."""
    n = network()
    n["L"].backward()
    y, t, x, s = n["y"].data, n["t"].data, n["x"].data, n["s"].data
    delta_y = y - t
    delta_s = delta_y * sigmoid(s) * (1.0 - sigmoid(s))
    assert n["y"].grad == pytest.approx(delta_y, rel=1e-15)
    assert n["s"].grad == pytest.approx(delta_s, rel=1e-15)
    assert n["w"].grad == pytest.approx(delta_s * x, rel=1e-15)
    assert n["b"].grad == pytest.approx(delta_s, rel=1e-15)
    assert n["x"].grad == n["t"].grad == 0.0
