"""Hull, Deep Learning: Introduction and Applications, lecture 2 (2023): rows H1 and H2."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from autograd_core import grad, logsumexp, relu, sigmoid, softplus, sum, vjp

RNG = np.random.default_rng(3)
W, z, b = RNG.normal(size=(4, 3)), RNG.normal(size=3), RNG.normal(size=4)
v = RNG.normal(size=4)


def backward_function(g: Any, *inputs: Any) -> Any:
    """Return B[g, z], the linear map from ∂J/∂u to ∂J/∂z for u = g(z), as the engine derives it."""
    return vjp(g, *inputs)[1]


def test_h1_matrix_multiplication() -> None:
    by_W, by_z, by_b = backward_function(lambda W, z, b: W @ z + b, W, z, b)(v)
    assert by_z == pytest.approx(W.T @ v, rel=1e-14)
    assert by_W == pytest.approx(np.outer(v, z), rel=1e-14)
    assert by_b == pytest.approx(v, rel=1e-15)


@pytest.mark.parametrize(
    ("activation", "slope"),
    [(sigmoid, lambda t: np.exp(-t) / (1 + np.exp(-t)) ** 2), (relu, lambda t: (t > 0).astype(float))],
)
def test_h1_activation(activation: Any, slope: Any) -> None:
    (by_z,) = backward_function(activation, b)(v)
    assert by_z == pytest.approx(slope(b) * v, rel=1e-13)


def test_h1_backward_functions_are_linear() -> None:
    B = backward_function(lambda z: sigmoid(W @ z), z)
    u = RNG.normal(size=4)
    assert B(2.0 * v - 3.0 * u)[0] == pytest.approx(2.0 * B(v)[0] - 3.0 * B(u)[0], rel=1e-12)


def test_h1_backward_functions_compose_in_reverse() -> None:
    whole = backward_function(lambda z: sigmoid(W @ z + b), z)
    outer = backward_function(sigmoid, W @ z + b)
    inner = backward_function(lambda z: W @ z + b, z)
    assert whole(v)[0] == pytest.approx(inner(outer(v)[0])[0], rel=1e-13)


def test_h1_squared_loss() -> None:
    (by_z,) = backward_function(lambda t: 0.5 * (t - 1.5) ** 2, 0.3)(2.0)
    assert by_z == pytest.approx((0.3 - 1.5) * 2.0, rel=1e-14)


@pytest.mark.parametrize("y", [0.0, 1.0])
@pytest.mark.parametrize("t", [-3.0, 0.2, 40.0])
def test_h1_logistic_loss(t: float, y: float) -> None:
    (by_t,) = backward_function(lambda t: softplus(t) - y * t, t)(2.0)
    assert by_t == pytest.approx((1.0 / (1.0 + np.exp(-t)) - y) * 2.0, rel=1e-14)


@pytest.mark.parametrize("y", range(4))
def test_h1_cross_entropy(y: int) -> None:
    (by_z,) = backward_function(lambda t: logsumexp(list(t)) - t[y], b)(2.0)
    phi = np.exp(b) / np.exp(b).sum()
    assert by_z == pytest.approx((phi - np.eye(4)[y]) * 2.0, rel=1e-13)


def algorithm_3(weights: list[np.ndarray], biases: list[np.ndarray], x: np.ndarray, y: float) -> Any:
    """Run algorithm 3: forward stores a⁽ᵏ⁾ and z⁽ᵏ⁾; backward starts at ∂J/∂z⁽ʳ⁾."""
    a, zs = [x], []
    for k, (matrix, bias) in enumerate(zip(weights, biases, strict=True)):
        zs.append(matrix @ a[-1] + bias)
        a.append(np.maximum(zs[-1], 0.0) if k < len(weights) - 1 else zs[-1])
    J = np.log1p(np.exp(zs[-1][0])) - y * zs[-1][0]
    delta = np.array([1.0 / (1.0 + np.exp(-zs[-1][0])) - y])
    by_weights, by_biases = [], []
    for k in range(len(weights) - 1, -1, -1):
        by_weights.insert(0, np.outer(delta, a[k]))
        by_biases.insert(0, delta)
        if k:
            delta = (weights[k].T @ delta) * (zs[k - 1] > 0)
    return J, by_weights, by_biases


@pytest.mark.parametrize("sizes", [(3, 1), (3, 4, 1), (3, 5, 4, 4, 1)])
@pytest.mark.parametrize("y", [0.0, 1.0])
def test_h2_algorithm_3(sizes: tuple[int, ...], y: float) -> None:
    weights = [RNG.normal(size=(n, m)) for m, n in pairwise(sizes)]
    biases = [RNG.normal(size=n) for n in sizes[1:]]

    def loss(weights: Any, biases: Any) -> Any:
        a: Any = z
        for k, (matrix, bias) in enumerate(zip(weights, biases, strict=True)):
            a = matrix @ a + bias
            a = relu(a) if k < len(sizes) - 2 else a
        return softplus(sum(list(a))) - y * a[0]

    J, by_weights, by_biases = algorithm_3(weights, biases, z, y)
    ours = grad(loss, argnums=(0, 1))(weights, biases)
    assert loss(weights, biases) == pytest.approx(J, rel=1e-13)
    for hand, engine in zip([*by_weights, *by_biases], [*ours[0], *ours[1]], strict=True):
        assert engine == pytest.approx(hand, rel=1e-12, abs=1e-14)
