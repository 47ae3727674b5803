"""M4-M7: both passes with a regularizer, the three-layer example, the digits network, distributed error."""

import numpy as np
import pytest

import nn
from autograd_core import Value


def test_m4_forward_and_backward_with_the_regularizers_part():
    rng = np.random.default_rng(0)
    model = nn.MLP(3, [4, 4, 2], activation="tanh", rng=rng)
    x, target, weight = rng.normal(size=3), rng.normal(size=2), 0.05
    J = nn.squared_loss(model(x), target, "sum") + weight * nn.l2(model.parameters())
    J.backward()

    h, forward = x, []
    for k, layer in enumerate(model.layers):
        a = layer.bias.array + layer.weight.array @ h
        forward.append((h, a))
        h = np.tanh(a) if k < 2 else a
    penalty = sum(float(np.sum(w.array**2)) for w in model.weights().values())
    assert J.data == pytest.approx(0.5 * np.sum((h - target) ** 2) + weight * penalty, rel=1e-13)
    g = h - target
    for k, layer in reversed(list(enumerate(model.layers))):
        before, a = forward[k]
        g = g * (1.0 - np.tanh(a) ** 2) if k < 2 else g
        assert np.allclose(layer.bias.gradient, g + 2.0 * weight * layer.bias.array, rtol=1e-12)
        assert np.allclose(
            layer.weight.gradient, np.outer(g, before) + 2.0 * weight * layer.weight.array, rtol=1e-12
        )
        g = layer.weight.array.T @ g


W_XA = [[0.9, 0.3, 0.4], [0.2, 0.8, 0.2], [0.1, 0.5, 0.6]]
W_AO = [[0.3, 0.7, 0.5], [0.6, 0.5, 0.2], [0.8, 0.1, 0.9]]


def three_layers():
    model = nn.MLP(3, [3, 3], activation="sigmoid", out_activation="sigmoid")
    zeros = np.zeros(3)
    model.load_state_dict(
        {"layers.0.weight": W_XA, "layers.0.bias": zeros, "layers.1.weight": W_AO, "layers.1.bias": zeros}
    )
    return model


def test_m5_the_three_layer_example():
    model, x = three_layers(), [0.9, 0.1, 0.8]
    assert [round(v.data, 4) for v in model.layers[0](x)] == [0.7613, 0.6035, 0.6502]
    assert [round(v.data, 4) for v in model(x)] == [0.7263, 0.7086, 0.7781]


class NeuralNetwork(nn.Module):
    def __init__(self):
        self.flatten = nn.Flatten()
        self.linear_relu_stack = nn.Sequential(
            nn.Linear(784, 512, rng=0),
            nn.ReLU(),
            nn.Linear(512, 512, rng=1),
            nn.ReLU(),
            nn.Linear(512, 10, rng=2),
        )

    def forward(self, x):
        return self.linear_relu_stack(self.flatten(x))


LISTING = """\
NeuralNetwork(
  (flatten): Flatten()
  (linear_relu_stack): Sequential(
    (0): Linear(in_features=784, out_features=512, bias=True)
    (1): ReLU()
    (2): Linear(in_features=512, out_features=512, bias=True)
    (3): ReLU()
    (4): Linear(in_features=512, out_features=10, bias=True)
  )
)"""


def test_m6_the_listing_and_the_number_of_parameters():
    model = NeuralNetwork()
    assert repr(model) == LISTING
    assert sum(map(len, model.weights().values())) == 669_706
    assert "669,706" in nn.MLP(784, [512, 512, 10]).summary()


@pytest.mark.slow
def test_m6_is_trained_on_images_of_28_by_28():
    rng = np.random.default_rng(0)
    images, labels = rng.uniform(0.0, 1.0, (4, 28, 28)), np.array([3, 1, 4, 1])
    model = NeuralNetwork()
    history = model.fit(
        images, labels, loss="cross_entropy", optimizer=nn.SGD(model, lr=0.05), epochs=4, seed=0
    )
    assert history.history["loss"][-1] < 0.5 * history.history["loss"][0]


def test_m7_the_error_is_shared_out_along_the_weights():
    model = three_layers()
    hidden = [Value(v.data) for v in model.layers[0]([0.9, 0.1, 0.8])]
    layer = nn.Linear(3, 3, bias=False)
    layer.load_state_dict({"weight": W_AO})
    error = [0.4, -0.2, 0.1]
    for out, e in zip(layer(hidden), error, strict=True):
        out.backward(e)
    assert [h.grad for h in hidden] == pytest.approx((np.array(W_AO).T @ error).tolist(), rel=1e-14)
