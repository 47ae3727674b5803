"""H3-H6: housing, the r-layer network, residual blocks and layer norm, reused features."""

import numpy as np
import pytest

import nn
from autograd_core import Value, relu


def data(x):
    return [v.data for v in x]


@pytest.mark.slow
def test_h3_the_price_of_a_house_by_one_neuron():
    x = np.linspace(0.1, 2.0, 20).reshape(-1, 1)
    y = np.maximum(1.5 * x[:, 0] - 0.4, 0.0)
    neuron = nn.Neuron(1)
    neuron.w, neuron.b = [0.5], 0.2
    neuron.fit(x, y, optimizer=nn.SGD(neuron.parameters(), lr=0.2), epochs=700, seed=0)
    assert neuron.w[0].data == pytest.approx(1.5, abs=0.02)
    assert neuron.b.data == pytest.approx(-0.4, abs=0.03)


class Housing(nn.Module):
    """The lecture's network of twelve parameters, wired by hand."""

    def __init__(self, theta):
        self.theta = [Value(t, label=f"θ{i}") for i, t in enumerate(theta, start=1)]

    def forward(self, x):
        x1, x2, x3, x4 = x
        t = [None, *self.theta]
        family_size = relu(t[1] * x1 + t[2] * x2 + t[3])
        walkable = relu(t[4] * x3 + t[5])
        school_quality = relu(t[6] * x3 + t[7] * x4 + t[8])
        return t[9] * family_size + t[10] * walkable + t[11] * school_quality + t[12]


THETA = [1.0, 0.5, -0.3, 1.0, -0.5, 0.5, 1.0, -0.4, 1.0, 0.5, 0.8, 0.2]


@pytest.mark.slow
def test_h3_the_hand_wired_network_learns_the_prices():
    x, y = nn.data.housing(40, noise=0.0, seed=0)
    model = Housing(THETA)
    assert len(model.parameters()) == 12
    assert model.evaluate(x, y) == pytest.approx(0.0, abs=1e-28)
    model = Housing([t + 0.3 for t in THETA])
    history = model.fit(x, y, optimizer=nn.Adam(model, lr=0.02), epochs=150, seed=0)
    assert history.history["loss"][-1] < 0.01 < history.history["loss"][0]


def test_h3_the_hand_wired_network_is_a_fully_connected_one_with_zeros():
    hand, full = Housing(THETA), nn.MLP(4, [3, 1])
    full.load_state_dict({
        "layers.0.weight": [[1.0, 0.5, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.5, 1.0]],
        "layers.0.bias": [-0.3, -0.5, -0.4], "layers.1.weight": [[1.0, 0.5, 0.8]], "layers.1.bias": [0.2],
    })  # fmt: skip
    x, _ = nn.data.housing(20, seed=1)
    assert np.allclose(hand.predict(x), full.predict(x), rtol=1e-13)


def test_h4_without_activation_two_matrices_are_one():
    rng = np.random.default_rng(0)
    linear = nn.MLP(3, [4, 2], activation=None, rng=rng)
    w1, w2 = (layer.weight.array for layer in linear.layers)
    x = rng.normal(size=3)
    assert data(linear(x)) == pytest.approx((w2 @ w1 @ x).tolist(), rel=1e-13)
    deep = nn.MLP(3, [4, 4, 4, 2], out_activation="relu", rng=rng)
    a = x
    for layer in deep.layers:
        a = np.maximum(layer.weight.array @ a + layer.bias.array, 0.0)
    assert data(deep(x)) == pytest.approx(a.tolist(), rel=1e-13)


def block(n, rng):
    return nn.Residual(nn.ReLU() @ nn.Linear(n, n, rng=rng) @ nn.ReLU() @ nn.Linear(n, n, rng=rng))


def test_h5_residual_blocks():
    rng = np.random.default_rng(0)
    res, z = block(3, rng), rng.normal(size=3)
    inner = res.block
    w1, w2 = inner[0].weight.array, inner[2].weight.array
    expected = z + np.maximum(w2 @ np.maximum(w1 @ z, 0.0), 0.0)
    assert data(res(z)) == pytest.approx(expected.tolist(), rel=1e-13)
    resnet = nn.Linear(3, 1, rng=rng) @ block(3, rng) @ block(3, rng) @ nn.Linear(2, 3, rng=rng)
    resnet([1.0, -1.0])[0].backward()
    assert all(np.isfinite(p.grad) for p in resnet.parameters())
    # A block whose weights are zero passes its input on, so depth costs nothing at the start.
    res.load_state_dict({name: np.zeros(a.shape) for name, a in res.state_dict().items()})
    assert data(res(z)) == z.tolist()


def test_h5_layer_norm():
    z = np.array([1.0, -2.0, 0.5, 3.0])
    norm = nn.LayerNorm(4, eps=1e-12)
    beta, gamma = [0.1, 0.2, 0.3, 0.4], [1.0, 2.0, 0.5, -1.0]
    norm.load_state_dict({"weight": gamma, "bias": beta})
    expected = beta + gamma * (z - z.mean()) / z.std()
    assert data(norm(z)) == pytest.approx(expected.tolist(), rel=1e-11)


def test_h6_features_are_kept_and_used_on_other_data():
    x, y = nn.data.circles(60, seed=0)
    features = nn.Layer(2, 8, activation="tanh", rng=0)
    first = nn.Linear(8, 1, rng=1) @ features
    first.fit(x, y, loss="bce_with_logits", optimizer=nn.Adam(first, lr=0.1), epochs=60, seed=0)
    learned = features.state_dict()

    features.freeze()
    other_x, other_y = nn.data.circles(60, factor=0.4, seed=1)
    second = nn.Linear(8, 1, rng=2) @ features
    second.fit(other_x, other_y, loss="bce_with_logits", optimizer=nn.Adam(second, lr=0.1), epochs=60, seed=0)
    assert all(np.array_equal(learned[name], array) for name, array in features.state_dict().items())
    assert nn.accuracy(other_y, second.predict(other_x), threshold=0.0) > 0.95
    # The new last layer learns from the features as it would from data.
    third = nn.Linear(8, 1, rng=2)
    third.fit(
        features.predict(other_x),
        other_y,
        loss="bce_with_logits",
        optimizer=nn.Adam(third, lr=0.1),
        epochs=60,
        seed=0,
    )
    assert np.allclose(third.weight.array, second[1].weight.array, rtol=1e-9)
