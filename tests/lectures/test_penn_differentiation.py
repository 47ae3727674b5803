"""Penn CIS 4190/5190, lecture 13, Neural Networks (2023): the layered recursion, row P1."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_core import grad, jacobian, sigmoid, tanh

RNG = np.random.default_rng(0)
WEIGHTS = [RNG.normal(size=(4, 3)), RNG.normal(size=(5, 4)), RNG.normal(size=(1, 5))]
X = RNG.normal(size=3)
LAYERS = [lambda W, z: tanh(W @ z), lambda W, z: sigmoid(W @ z), lambda W, z: W @ z]


def network(weights: Any, x: Any) -> Any:
    z = x
    for layer, W in zip(LAYERS, weights, strict=True):
        z = layer(W, z)
    return z[0]


def plain(weights: Any, x: Any) -> list[np.ndarray]:
    """Compute z⁽⁰⁾ to z⁽ᵐ⁾ in plain NumPy."""
    zs = [x, np.tanh(weights[0] @ x)]
    zs.append(1.0 / (1.0 + np.exp(-(weights[1] @ zs[1]))))
    return [*zs, weights[2] @ zs[2]]


def layered_gradients() -> tuple[list[np.ndarray], list[int]]:
    """D⁽ᵐ⁾ = 1, D⁽ʲ⁾ = D⁽ʲ⁺¹⁾ D_z f_{W_{j+1}}(z⁽ʲ⁾); the gradient of layer j is D⁽ʲ⁾ D_W f_{W_j}(z⁽ʲ⁻¹⁾)."""
    zs = plain(WEIGHTS, X)
    D = np.ones((1, 1))
    found, used = [], []
    for j in range(len(LAYERS) - 1, -1, -1):
        by_W, by_z = jacobian(LAYERS[j], argnums=(0, 1))(WEIGHTS[j], zs[j])
        found.append(np.tensordot(D, by_W, axes=1)[0])
        used.append(j)
        D = D @ by_z
    return found[::-1], used


def test_p1_recursion_equals_the_engine() -> None:
    layered, used = layered_gradients()
    engine = grad(network)(WEIGHTS, X)
    for ours, theirs, W in zip(layered, engine, WEIGHTS, strict=True):
        assert ours.shape == theirs.shape == W.shape
        assert ours == pytest.approx(theirs, rel=1e-12)
    assert used == [2, 1, 0]  # each layer's own derivative is computed once, though all depend on the last


def test_p1_prefix_products_are_the_gradients_by_the_layers_outputs() -> None:
    zs = plain(WEIGHTS, X)
    D = np.ones(1)
    for j in (2, 1, 0):
        D = D @ jacobian(LAYERS[j], argnums=1)(WEIGHTS[j], zs[j])

        def rest(z: Any, j: int = j) -> Any:
            for layer, W in list(zip(LAYERS, WEIGHTS, strict=True))[j:]:
                z = layer(W, z)
            return z[0]

        assert pytest.approx(grad(rest)(zs[j]), rel=1e-12) == D
