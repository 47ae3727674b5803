"""Small data sets to learn on: logic gates, codes, shapes in the plane, house prices, digits.

Each returns a pair (x, y) of arrays: examples in rows, and their targets. Random ones take a seed and are
reproducible.
"""

from __future__ import annotations

from typing import Any

from autograd_core.base import extra, np

from ..checks import known, rate, size
from .file_formats import read_csv, read_idx

Array = Any
GATES = {
    "and": (0, 0, 0, 1),
    "or": (0, 1, 1, 1),
    "nand": (1, 1, 1, 0),
    "nor": (1, 0, 0, 0),
    "xor": (0, 1, 1, 0),
}


def gate(name: str) -> tuple[Array, Array]:
    """Return the truth table of "and", "or", "nand", "nor", "xor" (two inputs) or "not" (one).

    >>> x, y = gate("xor")
    >>> x.tolist(), y.tolist()
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0])
    """
    if known(name, [*GATES, "not"], "gate", "gate") == "not":
        return np.array([[0.0], [1.0]]), np.array([1.0, 0.0])
    return np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array(GATES[name], dtype=np.float64)


def one_hot(n: int = 8) -> tuple[Array, Array]:
    """Return the n one-hot rows as inputs and as targets: for n = 8 the task of the 8-3-8 autoencoder."""
    n = size(n, "one_hot", "n")
    return np.eye(n), np.eye(n)


def moons(n: int = 100, noise: float = 0.1, seed: int = 0) -> tuple[Array, Array]:
    """Draw two interleaving half circles; labels 0 and 1."""
    rng, upper = _begin("moons", n, noise, seed), (n + 1) // 2
    a, b = np.linspace(0.0, np.pi, upper), np.linspace(0.0, np.pi, n - upper)
    points = np.vstack([
        np.column_stack([np.cos(a), np.sin(a)]),
        np.column_stack([1.0 - np.cos(b), 0.5 - np.sin(b)]),
    ])  # fmt: skip
    return _shuffled(
        points + rng.normal(0.0, noise, points.shape), np.repeat([0.0, 1.0], [upper, n - upper]), rng
    )


def circles(n: int = 100, noise: float = 0.05, factor: float = 0.5, seed: int = 0) -> tuple[Array, Array]:
    """Draw a circle of radius 1 (label 0) around one of radius `factor` (label 1)."""
    rng, outer = _begin("circles", n, noise, seed), (n + 1) // 2
    factor = rate(factor, "circles", "factor", high=1.0, closed=False)
    angles = 2.0 * np.pi * np.concatenate([np.arange(outer) / outer, np.arange(n - outer) / (n - outer)])
    radius = np.repeat([1.0, factor], [outer, n - outer])
    points = np.column_stack([radius * np.cos(angles), radius * np.sin(angles)])
    return _shuffled(
        points + rng.normal(0.0, noise, points.shape), np.repeat([0.0, 1.0], [outer, n - outer]), rng
    )


def spirals(n: int = 150, classes: int = 3, noise: float = 0.1, seed: int = 0) -> tuple[Array, Array]:
    """Draw spiral arms, one class each, from 0."""
    rng, classes = _begin("spirals", n, noise, seed), size(classes, "spirals", "classes", 2)
    label = np.arange(n) % classes
    along = (np.arange(n) // classes + 1) / (n // classes + 1)
    angle = 4.0 * along + 2.0 * np.pi * label / classes + rng.normal(0.0, noise, n)
    return _shuffled(
        np.column_stack([along * np.cos(angle), along * np.sin(angle)]), label.astype(np.float64), rng
    )


def housing(n: int = 100, noise: float = 0.05, seed: int = 0) -> tuple[Array, Array]:
    """Draw houses by size, bedrooms, walkability of the postcode, and wealth (0 to 2), with their prices.

    The price follows the lecture's hidden causes: family size, walkability, school quality.
    """
    rng = _begin("housing", n, noise, seed)
    x = rng.uniform(0.0, 2.0, (n, 4))
    family = np.maximum(x[:, 0] + 0.5 * x[:, 1] - 0.3, 0.0)
    walkable = np.maximum(x[:, 2] - 0.5, 0.0)
    school = np.maximum(0.5 * x[:, 2] + x[:, 3] - 0.4, 0.0)
    return x, family + 0.5 * walkable + 0.8 * school + 0.2 + rng.normal(0.0, noise, n)


def digits(test_fraction: float = 0.2, seed: int = 0) -> tuple[Array, Array, Array, Array]:
    """Return 1,797 shuffled digits of 8 × 8 pixels from 0 to 1: x and y for training, x and y for testing.

    They come with scikit-learn, the extra `data`.
    """
    share = rate(test_fraction, "digits", "test_fraction", high=1.0)
    x, y = extra("data", "sklearn.datasets", "digits").load_digits(return_X_y=True)
    x, y = _shuffled(x / 16.0, y.astype(np.float64), np.random.default_rng(size(seed, "digits", "seed", 0)))
    count = len(x) - round(share * len(x))
    return x[:count], y[:count], x[count:], y[count:]


def _begin(who: str, n: int, noise: float, seed: int) -> np.random.Generator:
    size(n, who, "n", 2)
    rate(noise, who, "noise")
    return np.random.default_rng(size(seed, who, "seed", 0))


def _shuffled(x: Array, y: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    order = rng.permutation(len(x))
    return x[order], y[order]


__all__ = ["circles", "digits", "gate", "housing", "moons", "one_hot", "read_csv", "read_idx", "spirals"]
