"""P2-P4: one hidden layer as a formula, layers as functions, logic gates with the lecture's weights."""

import math

import numpy as np
import pytest

import nn
from autograd_core import sigmoid, softmax


def data(x):
    return [v.data for v in x]


RNG = np.random.default_rng(0)
W, BETA, U, X = RNG.normal(size=(4, 3)), RNG.normal(size=(1, 4)), RNG.normal(size=(3, 4)), RNG.normal(size=3)


def linear(matrix):
    layer = nn.Linear(matrix.shape[1], matrix.shape[0], bias=False)
    layer.load_state_dict({"weight": matrix})
    return layer


def test_p2_a_linear_hidden_layer_collapses():
    f = linear(BETA) @ nn.Identity() @ linear(W)
    assert data(f(X)) == pytest.approx(data(linear(BETA @ W)(X)), rel=1e-13)


def test_p2_binary_and_multi_class_models():
    g = np.tanh(W @ X)
    binary = nn.Sigmoid() @ linear(BETA) @ nn.Tanh() @ linear(W)
    assert data(binary(X)) == pytest.approx([sigmoid((BETA @ g).item())], rel=1e-13)
    many = nn.Softmax() @ linear(U) @ nn.Tanh() @ linear(W)
    assert data(many(X)) == pytest.approx(softmax((U @ g).tolist()), rel=1e-13)


def test_p3_layers_are_functions_that_compose_and_concatenate():
    f_w1, f_w2, f_beta = linear(W), linear(RNG.normal(size=(2, 3))), linear(RNG.normal(size=(1, 6)))
    side_by_side = f_w1 | f_w2
    assert data(side_by_side(X)) == data(f_w1(X)) + data(f_w2(X))
    whole = f_beta @ nn.ReLU() @ (f_w1 | f_w2)
    assert data(whole(X)) == data(f_beta(nn.ReLU()(f_w1(X) + f_w2(X))))
    assert len(whole.parameters()) == 12 + 6 + 6


def gate(w, b):
    neuron = nn.Neuron(len(w), activation="sigmoid")
    neuron.w, neuron.b = w, b
    return neuron


AND, OR, NAND, NOT = gate([20, 20], -30), gate([20, 20], -10), gate([-20, -20], 30), gate([-20], 10)


def test_p4_and_is_the_slides_table():
    inputs = [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert data(map(AND, inputs)) == pytest.approx(
        [1.0 / (1.0 + math.exp(-a)) for a in (-30, -10, -10, 10)], rel=1e-13
    )


@pytest.mark.parametrize(("name", "neuron"), [("and", AND), ("or", OR), ("nand", NAND), ("not", NOT)])
def test_p4_truth_tables(name, neuron):
    x, y = nn.data.gate(name)
    assert np.round(neuron.predict(x)).tolist() == y.tolist()


def test_p4_xor_takes_two_layers():
    xor = AND @ (OR | NAND)
    x, y = nn.data.gate("xor")
    assert np.round(xor.predict(x)).tolist() == y.tolist()
    assert np.abs(xor.predict(x) - y).max() < 1e-3
