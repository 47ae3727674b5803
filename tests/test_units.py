"""The nodes of a network are named as they are taught: s, z, a, ŷ and L."""

from copy import deepcopy

import pytest

from autograd_core import Graph, Value, dot, steps
from autograd_core.graph import names_of, unit_names
from nn import MLP, Layer, Linear, Neuron, Sequential, Tanh, squared_loss

X = [1.0, -2.0]


def names(root):
    nodes = Graph(root).nodes
    called = names_of(nodes, root)
    return [called[node] for node in nodes if node.op is not None]


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        (lambda: Neuron(2, activation="tanh")(X), ["s", "z", "yhat"]),
        (lambda: sum(Linear(2, 2, bias=False)(X)), ["yhat1", "yhat2", "v1", "L"]),
        (
            lambda: sum(Layer(2, 2, activation="relu")(X)),
            ["s1", "z1", "yhat1", "s2", "z2", "yhat2", "v1", "L"],
        ),
        (lambda: sum(Linear(2, 2)(X)), ["s1", "s2", "yhat1", "yhat2", "v1", "L"]),
        (
            lambda: Sequential(Linear(2, 1), Tanh(), Linear(1, 1))(X),
            ["0.s[0]", "0.z[0]", "0.a[0]", "2.s[0]", "yhat"],
        ),
        (
            lambda: squared_loss(MLP(2, [1, 1], activation="sigmoid")(X), 1.0),
            ["layers.0.s[0]", "layers.0.z[0]", "layers.0.a[0]", "layers.1.s[0]", "yhat", "v1", "v2", "L"],
        ),
    ],
)  # fmt: skip
def test_units_have_the_names_of_the_lectures(root, expected):
    assert names(root()) == expected


def test_copies_have_the_same_names():
    root = squared_loss(MLP(2, [2, 1], activation="tanh")(X), 1.0)
    assert names(deepcopy(root)) == names(root)


def test_a_network_that_is_called_twice_has_no_names_for_its_units():
    net = MLP(2, [1, 1])
    root = squared_loss(net(X), 1.0) + squared_loss(net(X), 0.5)
    assert unit_names(Graph(root).nodes) == {}
    assert names(root)[-1] == "J"


def test_labels_come_before_names_of_units():
    y = Neuron(2, activation="tanh")(X)
    y.label = "out"
    y.parents[0].label = "yhat"
    assert names(y) == ["s", "yhat", "out"]


def test_what_only_resembles_a_unit_is_none():
    weights = [Value(1.0, f"weight[{i}]") for i in (0, 2)]
    swapped = [Value(1.0, f"weight[{i}]") for i in (1, 0)]
    for ws in (weights, swapped):
        root = dot(ws, [1.0, 2.0])
        assert unit_names(Graph(root).nodes) == {}


def test_the_table_writes_sums_of_products_and_names_as_in_lectures():
    table = str(steps(squared_loss(MLP(2, [2, 1], activation="tanh", rng=0)([1.0, -2.0]), 0.5)))
    for text in (
        "s⁽¹⁾₁  = w⁽¹⁾₁₁·x₁ + w⁽¹⁾₁₂·x₂",
        "z⁽¹⁾₁  = s⁽¹⁾₁ + b⁽¹⁾₁",
        "a⁽¹⁾₁  = tanh z⁽¹⁾₁",
        "∂L/∂ŷ",
    ):
        assert text in table
