"""S3-S7: the neuron, layers, log loss, the two-layer network, XOR, 8-3-8, what a hidden layer can express."""

import math
from itertools import pairwise

import numpy as np
import pytest

import nn
from autograd_core import Value, sigmoid
from benchmarks.fit_lecture import Lecture

SEEDS = range(5)


def test_s3_the_neuron_and_the_layer():
    rng = np.random.default_rng(0)
    w, b, x = rng.normal(size=3), 0.3, rng.normal(size=3)
    neuron = nn.Neuron(3, activation="tanh")
    neuron.w, neuron.b = w, b
    assert neuron(x).data == pytest.approx(math.tanh(w @ x + b), rel=1e-14)
    layer = nn.Layer(3, 4, activation="sigmoid")
    W = rng.normal(size=(3, 4))
    layer.load_state_dict({"weight": W.T, "bias": np.zeros(4)})
    assert np.allclose([h.data for h in layer(x)], 1.0 / (1.0 + np.exp(-W.T @ x)), rtol=1e-13)


def test_s3_the_perceptrons_output_and_softmax():
    scores = [3.2, 5.1, -1.7]
    assert [v.data for v in nn.WinnerTakeAll()(scores)] == [0.0, 1.0, 0.0]
    p = [v.data for v in nn.Softmax()(scores)]
    assert math.fsum(p) == pytest.approx(1.0, rel=1e-15)
    assert p.index(max(p)) == 1


def test_s4_the_log_loss_of_the_slide():
    scores = [Value(3.2), Value(5.1), Value(-1.7)]
    assert [round(math.exp(v.data), d) for v, d in zip(scores, (1, 1, 2), strict=True)] == [24.5, 164.0, 0.18]
    assert [round(p.data, 2) for p in nn.Softmax()(scores)] == [0.13, 0.87, 0.0]
    loss = nn.cross_entropy(scores, 0)
    assert round(loss.data, 4) == 2.0404
    # The slide's 0.89 is the logarithm to base 10.
    assert round(loss.data / math.log(10.0), 2) == 0.89
    loss.backward()
    assert [v.grad for v in scores] == pytest.approx(
        [p.data - t for p, t in zip(nn.Softmax()(scores), (1, 0, 0), strict=True)], rel=1e-14
    )


def test_s5_the_forward_pass_3_4_4_1():
    rng = np.random.default_rng(0)
    model = nn.MLP(3, [4, 4, 1], activation="sigmoid", rng=0)
    x = rng.normal(size=3)
    h = x
    for layer in model.layers[:2]:
        h = 1.0 / (1.0 + np.exp(-(layer.weight.array @ h + layer.bias.array)))
    out = model.layers[2].weight.array @ h + model.layers[2].bias.array
    assert model(x).data == pytest.approx(out.item(), rel=1e-13)


def the_lectures_program(x, y, w1, w2, rate, steps):
    """Run the two-layer network in NumPy, line by line as on the slide, and return its losses."""
    losses = []
    for _ in range(steps):
        h = x.dot(w1)
        h_relu = np.maximum(h, 0)
        y_pred = h_relu.dot(w2)
        losses.append(np.square(y_pred - y).sum())
        grad_y_pred = 2.0 * (y_pred - y)
        grad_w2 = h_relu.T.dot(grad_y_pred)
        grad_h_relu = grad_y_pred.dot(w2.T)
        grad_h = grad_h_relu.copy()
        grad_h[h < 0] = 0
        grad_w1 = x.T.dot(grad_h)
        w1 = w1 - rate * grad_w1
        w2 = w2 - rate * grad_w2
    return losses


def two_layers(n, d_in, hidden, d_out, rate, steps):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(n, d_in)), rng.normal(size=(n, d_out))
    w1, w2 = rng.normal(size=(d_in, hidden)), rng.normal(size=(hidden, d_out))
    model = nn.Sequential(
        nn.Linear(d_in, hidden, bias=False), nn.ReLU(), nn.Linear(hidden, d_out, bias=False)
    )
    model.load_state_dict({"0.weight": w1.T, "2.weight": w2.T})
    history = model.fit(
        x,
        y,
        loss=nn.MSELoss(reduction="sum"),
        optimizer=nn.SGD(model, lr=rate),
        epochs=steps,
        batch_size=n,
        shuffle=False,
    )
    return history.history["loss"], the_lectures_program(x, y, w1, w2, rate, steps)


def test_s5_the_two_layer_network_has_the_losses_of_the_lectures_program():
    ours, theirs = two_layers(16, 30, 20, 5, 1e-4, 20)
    assert ours == pytest.approx(theirs, rel=1e-9)
    assert ours[-1] < ours[0]


@pytest.mark.slow
def test_s5_in_the_lectures_size():
    lecture = Lecture()
    weights, losses = lecture.numpy(500)
    for w, found in (lecture.fit(500), lecture.run(lecture.program(), 500)):
        assert np.allclose(found, losses, rtol=1e-9)
        assert np.allclose(w, weights, rtol=1e-9, atol=1e-12)
    assert losses[-1] < 1e-3 * losses[0]


@pytest.mark.slow
def test_s6_a_single_neuron_cannot_separate_xor():
    x, y = nn.data.gate("xor")
    # Whatever w and b, the scores of (0,0) and (1,1) add up to those of (0,1) and (1,0).
    for seed in SEEDS:
        neuron = nn.Neuron(2, activation="sigmoid", rng=seed)
        neuron.fit(x, y, loss="bce", optimizer=nn.Adam(neuron, lr=0.1), epochs=200, seed=seed)
        assert nn.accuracy(y, neuron.predict(x)) <= 0.75
        score = [sum(w.data * v for w, v in zip(neuron.w, row, strict=True)) + neuron.b.data for row in x]
        assert score[0] + score[3] == pytest.approx(score[1] + score[2], abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_s6_a_hidden_layer_learns_xor(seed):
    x, y = nn.data.gate("xor")
    model = nn.MLP(2, [4, 1], activation="tanh", rng=seed)
    model.fit(x, y, loss="bce_with_logits", optimizer=nn.Adam(model, lr=0.1), epochs=150, seed=seed)
    assert nn.accuracy(y, model.predict(x), threshold=0.0) == 1.0
    assert model.evaluate(x, y, loss="bce_with_logits") < 0.1


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_s6_the_8_3_8_autoencoder_reproduces_all_eight(seed):
    x, y = nn.data.one_hot(8)
    encoder, decoder = (
        nn.Layer(8, 3, activation="sigmoid", rng=seed),
        nn.Layer(3, 8, nonlin=False, rng=seed + 100),
    )
    model = decoder @ encoder
    model.fit(x, y, loss="bce_with_logits", optimizer=nn.Adam(model, lr=0.1), epochs=600, seed=seed)
    out = model.predict(x)
    assert np.array_equal(out.argmax(axis=1), np.arange(8))
    assert np.array_equal((out > 0.0).astype(float), y)
    # Three numbers are enough to distinguish eight inputs.
    codes = encoder.predict(x)
    assert codes.shape == (8, 3)
    assert min(np.abs(a - b).max() for i, a in enumerate(codes) for b in codes[:i]) > 0.2


def test_s7_two_sigmoids_make_a_bump_and_bumps_make_any_function():
    def step(x, at, steepness=2000.0):
        return sigmoid(steepness * (x - at))

    def bump(x, left, right):
        return step(x, left) - step(x, right)

    def by_bumps(function, n):
        edges = [i / n for i in range(n + 1)]
        return lambda x: sum(function((a + b) / 2.0) * bump(x, a, b) for a, b in pairwise(edges))

    assert [round(bump(v, 0.3, 0.6), 6) for v in (0.2, 0.45, 0.7)] == [0.0, 1.0, 0.0]

    def wave(x):
        return math.sin(6.0 * x) + 0.3 * x

    points = [(i + 0.5) / 57 for i in range(57)]
    errors = [max(abs(by_bumps(wave, n)(v) - wave(v)) for v in points) for n in (5, 20, 80)]
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 0.06


def test_s7_a_neuron_is_a_half_plane():
    neuron = nn.Neuron(2, activation="sigmoid")
    neuron.w, neuron.b = [30.0, -30.0], 0.0
    assert neuron([1.0, 0.0]).data > 0.99
    assert neuron([0.0, 1.0]).data < 0.01
    assert neuron([0.7, 0.7]).data == 0.5


@pytest.mark.slow
def test_s7_more_hidden_units_fit_a_function_and_too_many_fit_the_noise():
    x, fine = np.linspace(-1.0, 1.0, 15).reshape(-1, 1), np.linspace(-1.0, 1.0, 61).reshape(-1, 1)

    def wave(v):
        return np.sin(4.0 * v[:, 0])

    y = wave(x) + np.random.default_rng(2).normal(0.0, 0.3, 15)
    training, truth = [], []
    for hidden in (1, 4, 40):
        rng = np.random.default_rng(2)
        model = nn.MLP(1, [hidden, 1], activation="tanh")
        nn.init.uniform_(model.layers[0].weight, -5.0, 5.0, rng=rng)
        nn.init.uniform_(model.layers[0].bias, -4.0, 4.0, rng=rng)
        nn.init.uniform_(model.layers[1].weight, -0.3, 0.3, rng=rng)
        model.fit(x, y, optimizer=nn.Adam(model, lr=0.1), epochs=600, shuffle=False)
        training.append(model.evaluate(x, y))
        truth.append(model.evaluate(fine, wave(fine)))
    # One unit cannot follow the wave; four can; forty follow the noise as well.
    assert training[0] > 0.3
    assert training[0] > training[1] > training[2]
    assert truth[0] > 2.0 * truth[1]
    assert truth[2] > 2.0 * truth[1]
