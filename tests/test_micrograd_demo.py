"""micrograd's published notebooks with changed import lines: the moons demo, tracing and drawing."""
# ruff: noqa: B905, NPY002, UP031, UP034
# micrograd's own lines are unchanged.

import random

import numpy as np
import pytest
from graphviz import Digraph

from autograd_core import Value
from nn import MLP, Layer, Neuron
from nn.data import moons


def test_readme_example():
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    assert f"{g.data:.4f}" == "24.7041"
    g.backward()
    assert f"{a.grad:.4f}" == "138.8338"
    assert f"{b.grad:.4f}" == "645.5773"


def trace(root):
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def draw_dot(root, format="svg", rankdir="LR"):
    """
    format: png | svg | ...
    rankdir: TB (top to bottom graph) | LR (left to right)
    """
    assert rankdir in ["LR", "TB"]
    nodes, edges = trace(root)
    dot = Digraph(format=format, graph_attr={"rankdir": rankdir})

    for n in nodes:
        dot.node(name=str(id(n)), label="{ data %.4f | grad %.4f }" % (n.data, n.grad), shape="record")
        if n._op:
            dot.node(name=str(id(n)) + n._op, label=n._op)
            dot.edge(str(id(n)) + n._op, str(id(n)))

    for n1, n2 in edges:
        dot.edge(str(id(n1)), str(id(n2)) + n2._op)

    return dot


def test_trace_and_draw_dot_cells_run_unchanged():
    random.seed(1337)
    n = Neuron(2)
    x = [Value(1.0), Value(-2.0)]
    y = n(x)
    y.backward()
    source = draw_dot(y).source
    nodes, edges = trace(y)
    operations = [node for node in nodes if node._op]
    assert y in nodes
    assert set(x) <= nodes
    assert source.count("->") == len(edges) + len(operations)
    assert source.count("data ") == len(nodes)


def test_drawing_of_plain_arithmetic():
    x = Value(1.0)
    y = (x * 2 + 1).relu()
    y.backward()
    assert sorted(node._op.lower() for node in trace(y)[0] if node._op) == ["*", "+", "relu"]


@pytest.mark.slow
def test_moons_demo():
    np.random.seed(1337)
    random.seed(1337)
    X, y = moons(n=100, noise=0.1)
    y = y * 2 - 1  # make y be -1 or 1

    # initialize a model
    model = MLP(2, [16, 16, 1])  # 2-layer neural network
    assert len(model.parameters()) == 337

    # loss function
    def loss(batch_size=None):
        # inline DataLoader :)
        if batch_size is None:
            Xb, yb = X, y
        else:
            ri = np.random.permutation(X.shape[0])[:batch_size]
            Xb, yb = X[ri], y[ri]
        inputs = [list(map(Value, xrow)) for xrow in Xb]

        # forward the model to get scores
        scores = list(map(model, inputs))

        # svm "max-margin" loss
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(yb, scores)]
        data_loss = sum(losses) * (1.0 / len(losses))
        # L2 regularization
        alpha = 1e-4
        reg_loss = alpha * sum((p * p for p in model.parameters()))
        total_loss = data_loss + reg_loss

        # also get accuracy
        accuracy = [(yi > 0) == (scorei.data > 0) for yi, scorei in zip(yb, scores)]
        return total_loss, sum(accuracy) / len(accuracy)

    # optimization
    for k in range(100):
        # forward
        total_loss, acc = loss()

        # backward
        model.zero_grad()
        total_loss.backward()

        # update (sgd)
        learning_rate = 1.0 - 0.9 * k / 100
        for p in model.parameters():
            p.data -= learning_rate * p.grad

    assert acc >= 0.95  # The demo does not seed our generator, so runs differ.
    assert total_loss.data < 0.2

    # visualize decision boundary
    h = 0.25
    x_min, x_max = X[:, 0].min() - 1, X[:, 0].max() + 1
    y_min, y_max = X[:, 1].min() - 1, X[:, 1].max() + 1
    xx, yy = np.meshgrid(np.arange(x_min, x_max, h), np.arange(y_min, y_max, h))
    Xmesh = np.c_[xx.ravel(), yy.ravel()]
    inputs = [list(map(Value, xrow)) for xrow in Xmesh]
    scores = list(map(model, inputs))
    Z = np.array([s.data > 0 for s in scores])
    Z = Z.reshape(xx.shape)
    assert 0 < Z.sum() < Z.size


def test_micrograd_names_of_layers():
    model = MLP(3, [4, 4, 1])
    assert [type(layer) for layer in model.layers] == [Layer] * 3
    assert len(model.layers[0].neurons) == 4
    assert len(model.layers[0].neurons[0].w) == 3
    assert isinstance(model.layers[0].neurons[0].b, Value)
    assert isinstance(model([2.0, 3.0, -1.0]), Value)
    model.zero_grad()
    assert all(p.grad == 0 for p in model.parameters())
