"""The functions of the table on NumPy arrays, where NumPy has none of its own, element by element.

They are quiet at poles and outside the domain, and keep the digits that the functions of `floats` keep. Their
results are of the arguments' broadcast shape; a variadic function takes its arguments along the first axis.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from . import floats
from .restoring import contained

Array = Any


def quiet(function: Callable[..., Array]) -> Callable[..., Array]:
    """The function without NumPy's warnings."""

    @contained
    @wraps(function)
    def silent(*args: Array) -> Array:
        with np.errstate(all="ignore"):
            return function(*args)

    return silent


def _each(function: Callable[[float], float]) -> Callable[[Array], Array]:
    each = np.frompyfunc(function, 1, 1)
    return lambda x: np.asarray(each(x), np.float64)


erf = _each(math.erf)
erfc = _each(math.erfc)
ndtr = _each(floats.ndtr)
gelu_gate = _each(floats.gelu_gate)


def sigmoid(x: Array) -> Array:
    e = np.exp(-np.abs(x))
    return np.where(x >= 0.0, 1.0, e) / (1.0 + e)


def softplus(x: Array) -> Array:
    return np.log1p(np.exp(-np.abs(x))) + np.where(x > 0.0, x, 0.0)


def logsigmoid(x: Array) -> Array:
    return -softplus(-x)


def relu(x: Array) -> Array:
    return np.maximum(x, 0.0)


def leaky_relu(x: Array, negative_slope: Array) -> Array:
    return np.where(x > 0.0, x, negative_slope * x)


def elu(x: Array, alpha: Array) -> Array:
    return np.where(x > 0.0, x, alpha * np.expm1(np.minimum(x, 0.0)))


def selu(x: Array) -> Array:
    return floats.SELU_SCALE * elu(x, floats.SELU_ALPHA)


def silu(x: Array) -> Array:
    return np.where(x == -np.inf, 0.0, x * sigmoid(x))


def mish(x: Array) -> Array:
    e = np.exp(np.minimum(x, 40.0))
    n = e * (e + 2.0)
    return np.where(x > 40.0, x, np.where(x == -np.inf, 0.0, x * (n / (n + 2.0))))


def softsign(x: Array) -> Array:
    return np.where(np.isinf(x), np.copysign(1.0, x), x / (1.0 + np.abs(x)))


def gelu(x: Array) -> Array:
    return np.where(x == -np.inf, 0.0, x * ndtr(x))


def gelu_tanh(x: Array) -> Array:
    return np.where(x == -np.inf, 0.0, x * gelu_gate(x))


def xlogy(x: Array, y: Array) -> Array:
    zero = (x == 0.0) & (y == y)
    return np.where(zero, 0.0, x * np.log(np.where(zero, 1.0, y)))


def clip(x: Array, low: Array, high: Array) -> Array:
    bounded = np.where((x > high) | (low > high), high, np.where(x < low, low, x))
    return np.where((low != low) | (high != high), np.nan, np.where(x != x, x, bounded))


def where(condition: Array, a: Array, b: Array) -> Array:
    return np.where(condition, a, b)


def equal(a: Array, b: Array) -> Array:
    return np.equal(a, b).astype(np.float64)


def divide_no_nan(a: Array, b: Array) -> Array:
    zero = b == 0.0
    return np.where(zero, 0.0, a / np.where(zero, 1.0, b))


def total(xs: Sequence[Array]) -> Array:
    result = xs[0]
    for x in xs[1:]:
        result = result + x
    return result


def mean(xs: Sequence[Array]) -> Array:
    return total(xs) / len(xs)


def prod(xs: Sequence[Array]) -> Array:
    result = xs[0]
    for x in xs[1:]:
        result = result * x
    return result


def dot(xs: Sequence[Array]) -> Array:
    half = len(xs) // 2
    return total([a * b for a, b in zip(xs[:half], xs[half:], strict=True)])


def stacked(xs: Sequence[Array]) -> Array:
    """The arguments along the first axis of one array."""
    return xs if isinstance(xs, np.ndarray) else np.stack(np.broadcast_arrays(*xs))


def largest(xs: Sequence[Array]) -> Array:
    return stacked(xs).max(axis=0)


def smallest(xs: Sequence[Array]) -> Array:
    return stacked(xs).min(axis=0)


def _exponentials(xs: Array) -> Array:
    """exp(x - m) for the largest m, corrected for the rounding of x - m as `floats.exp_difference` is."""
    m = xs.max(axis=0)
    d = xs - m
    back = xs - d
    rest = (xs - (d + back)) + (back - m)
    return np.where(xs == m, 1.0, np.exp(d) * np.where(rest == rest, 1.0 + rest, 1.0))


def softmax(xs: Sequence[Array]) -> Array:
    e = _exponentials(stacked(xs))
    return list(e / e.sum(axis=0))


def _log_total(xs: Array) -> Array:
    """log Σ exp(x - m) for the largest x = m, whose own term 1 is left to log1p."""
    e = _exponentials(xs)
    np.put_along_axis(e, xs.argmax(axis=0)[None], 0.0, axis=0)
    return np.log1p(e.sum(axis=0))


def logsumexp(xs: Sequence[Array]) -> Array:
    table = stacked(xs)
    m = table.max(axis=0)
    return np.where(np.isinf(m), m, m + _log_total(table))


def log_softmax(xs: Sequence[Array]) -> Array:
    table = stacked(xs)
    m = table.max(axis=0)
    return list(np.where(table == m, 0.0, table - m) - _log_total(table))


ON_ARRAYS: dict[str, Callable[..., Array]] = {
    "sum": total,
    "max": largest,
    "min": smallest,
} | {
    function.__name__: function
    for function in (
        sigmoid, softplus, logsigmoid, relu, leaky_relu, elu, selu, silu, mish, softsign, gelu, gelu_tanh,
        xlogy, clip, where, equal, divide_no_nan, mean, prod, dot, softmax, logsumexp, log_softmax,
    )
}  # fmt: skip
ON_ARRAYS |= {"erf": erf, "erfc": erfc, "ndtr": ndtr, "gelu_gate": gelu_gate}
