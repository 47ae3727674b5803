"""C8-C10: logistic regression, one and two hidden layers, SGD with a report after every epoch."""

import math

import numpy as np
import pytest

import nn
from autograd_core import Value, dot, gradients, log, sigmoid

THETA, X = [0.5, -1.2, 0.8], [1.0, 2.0, -0.5]  # x_0 = 1 carries the intercept


def exactly(number):
    return pytest.approx(number, rel=1e-12)


@pytest.mark.parametrize("target", [0.0, 1.0, 0.3])
def test_c8_logistic_regression_has_the_lectures_backward_column(target):
    theta, x = [Value(t) for t in THETA], [Value(v) for v in X]
    a = dot(theta, x)
    y = sigmoid(a)
    J = target * log(y) + (1.0 - target) * log(1.0 - y)
    dy, da, dtheta, dx = gradients(J, y), gradients(J, a), gradients(J, theta), gradients(J, x)

    number = 1.0 / (1.0 + math.exp(-sum(t * v for t, v in zip(THETA, X, strict=True))))
    column_dy = target / number + (1.0 - target) / (number - 1.0)
    e = math.exp(-a.data)
    column_da = column_dy * e / (e + 1.0) ** 2
    assert dy == exactly(column_dy)
    assert da == exactly(column_da)
    assert dtheta == [exactly(column_da * v) for v in X]
    assert dx == [exactly(column_da * t) for t in THETA]
    # The loss is the negative of the lecture's log-likelihood.
    assert nn.bce_loss(y, target).data == exactly(-J.data)
    assert nn.bce_with_logits_loss(a, target).data == exactly(-J.data)


def s(a):
    return 1.0 / (1.0 + np.exp(-a))


def test_c9_one_hidden_layer_by_hand():
    rng = np.random.default_rng(0)
    alpha, beta, x, target = rng.normal(size=(3, 4)), rng.normal(size=(1, 3)), rng.normal(size=4), 1.0
    model = nn.MLP(4, [3, 1], activation="sigmoid", out_activation="sigmoid")
    model.load_state_dict({
        "layers.0.weight": alpha, "layers.0.bias": [0.0] * 3, "layers.1.weight": beta, "layers.1.bias": [0.0]
    })  # fmt: skip
    y = model(x)
    nn.bce_loss(y, target).backward()

    a = alpha @ x
    z = s(a)
    b = beta @ z
    dJ_db = s(b) - target
    dJ_dz = beta[0] * dJ_db
    dJ_da = dJ_dz * s(a) * (1.0 - s(a))
    assert y.data == exactly(s(b).item())
    assert np.allclose(model.layers[1].weight.gradient, np.outer(dJ_db, z), rtol=1e-12)
    assert np.allclose(model.layers[0].weight.gradient, np.outer(dJ_da, x), rtol=1e-12)


def test_c9_two_hidden_layers_by_hand():
    rng = np.random.default_rng(1)
    model = nn.MLP(2, [3, 3, 1], activation="sigmoid", out_activation="sigmoid", rng=rng)
    state = {name: rng.normal(size=array.shape) for name, array in model.state_dict().items()}
    model.load_state_dict(state)
    x, target = rng.normal(size=2), 0.0
    nn.bce_loss(model(x), target).backward()

    a1, b1, a2, b2, beta, beta0 = state.values()
    z1 = s(a1 @ x + b1)
    z2 = s(a2 @ z1 + b2)
    d = s(beta @ z2 + beta0) - target
    d2 = beta.T @ d * z2 * (1.0 - z2)
    d1 = a2.T @ d2 * z1 * (1.0 - z1)
    expected = [np.outer(d1, x), d1, np.outer(d2, z1), d2, np.outer(d, z2), d]
    for weights, gradient in zip(model.weights().values(), expected, strict=True):
        assert np.allclose(weights.gradient, gradient, rtol=1e-12)


def test_c10_sgd_reports_training_and_test_cross_entropy_after_every_epoch():
    x, y = nn.data.spirals(90, classes=3, noise=0.05, seed=0)
    model = nn.MLP(2, [8, 3], activation="sigmoid", rng=0)
    report = []

    class Report(nn.Callback):
        def on_epoch_end(self, epoch, logs):
            logs["train_loss"] = self.run.model.evaluate(x[:60], y[:60], loss="cross_entropy")
            report.append((logs["train_loss"], logs["val_loss"]))

    model.fit(
        x[:60], y[:60], loss="cross_entropy", optimizer=nn.SGD(model.parameters(), lr=0.5), batch_size=1,
        epochs=12, seed=0, validation_data=(x[60:], y[60:]), regularizer=nn.L2(1e-5), callbacks=Report(),
    )  # fmt: skip
    assert len(report) == 12
    assert report[-1][0] < report[0][0]
    assert report[-1][1] == model.evaluate(x[60:], y[60:], loss="cross_entropy")


def test_c10_an_l2_regularizer_over_several_matrices():
    model = nn.MLP(2, [3, 1], rng=0)
    weight, matrices = 0.1, [layer.weight for layer in model.layers]
    penalty = weight * nn.l2([w for matrix in matrices for w in matrix.values])
    penalty.backward()
    assert penalty.data == exactly(weight * sum(float(np.sum(m.array**2)) for m in matrices))
    for matrix in matrices:
        assert np.allclose(matrix.gradient, 2.0 * weight * matrix.array, rtol=1e-14)
    assert not any(layer.bias.gradient.any() for layer in model.layers)
