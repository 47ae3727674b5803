"""The functions of the operation table on NumPy arrays, element by element where NumPy lacks them.

They do not warn at poles or outside the domain, and are as accurate as the functions of `floats`. Results
have the arguments' broadcast shape; a variadic function takes its arguments along the first axis.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from . import floats, tails
from .importing import np
from .restoring import contained
from .wide import SMALLEST_NORMAL

Array = Any


def quiet(function: Callable[..., Array]) -> Callable[..., Array]:
    """The function without NumPy's warnings."""

    @contained
    @wraps(function)
    def silent(*args: Array) -> Array:
        with np.errstate(all="ignore"):
            return function(*args)

    return silent


def _each(function: Callable[..., float]) -> Callable[..., Array]:
    """The function of floats on arrays, element by element."""
    return lambda *xs: np.asarray(np.frompyfunc(function, len(xs), 1)(*xs), np.float64)


erf = _each(math.erf)
erfc = _each(math.erfc)
ndtr = _each(tails.ndtr)
gelu_gate = _each(tails.gelu_gate)
gelu_bell = _each(tails.gelu_bell)
inversion = _each(floats.inversion)


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
    y = x * sigmoid(x)
    tail = x < -700.0
    return np.where(tail, _times_exp(x, x), y) if np.any(tail) else y


def _times_exp(x: Array, u: Array) -> Array:
    """x exp(u) for u far below 0, as in `tails.times_exp`."""
    e = np.exp(0.5 * np.minimum(u, 0.0))
    return np.where(e == 0.0, 0.0, x * e * e)


def mish(x: Array) -> Array:
    e = np.exp(np.minimum(x, 40.0))
    n = e * (e + 2.0)
    y = np.where(x > 40.0, x, x * (n / (n + 2.0)))
    tail = x < -700.0
    return np.where(tail, _times_exp(x, x), y) if np.any(tail) else y


def softsign(x: Array) -> Array:
    return np.where(np.isinf(x), np.copysign(1.0, x), x / (1.0 + np.abs(x)))


gelu = _each(tails.gelu)
gelu_tanh = _each(tails.gelu_tanh)


def xlogy(x: Array, y: Array) -> Array:
    zero = (x == 0.0) & (y == y)
    return np.where(zero, 0.0, x * np.log(np.where(zero, 1.0, y)))


def clip(x: Array, low: Array, high: Array) -> Array:
    bounded = np.where((x > high) | (low > high), high, np.where(x < low, low, x))
    return np.where((low != low) | (high != high), np.nan, np.where(x != x, x, bounded))


def sech(x: Array) -> Array:
    e = np.exp(-np.abs(x))
    return 2.0 * e / (1.0 + e * e)


def difference_of_squares(a: Array, b: Array) -> Array:
    return (a - b) * (a + b)


def huber(x: Array, delta: Array) -> Array:
    d = np.abs(x)
    return np.where(d <= delta, 0.5 * x * x, np.where(delta >= 0.0, delta * (d - 0.5 * delta), np.nan))


def unit(xs: Sequence[Array]) -> Array:
    """Each x over the norm; one point at a time where the norm is not an ordinary number."""
    table = stacked(xs)
    r = np.hypot.reduce(table, axis=0)
    ordinary = (r >= SMALLEST_NORMAL) & (r < np.inf)
    if np.all(ordinary):
        return list(table / r)
    each = np.array([floats.unit(point) for point in table.reshape(len(table), -1).T.tolist()])
    return list(each.T.reshape(table.shape))


def direction(a: Array, b: Array) -> Array:
    return unit([a, b])[0]


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
    result = total(xs) / len(xs)
    return result if np.all(np.isfinite(result)) else total([x / len(xs) for x in xs])


def prod(xs: Sequence[Array]) -> Array:
    result = xs[0]
    ordinary = np.isfinite(result)
    for x in xs[1:]:
        result = result * x
        ordinary = ordinary & (np.abs(result) >= SMALLEST_NORMAL) & (np.abs(result) < np.inf)
    return result if np.all(ordinary) else each_point(floats.product, xs)


def each_point(function: Callable[[Sequence[float]], float], xs: Sequence[Array]) -> Array:
    """A function of a sequence of floats, of each point by itself."""
    table = stacked(xs)
    points = table.reshape(len(table), -1).T.tolist()
    return np.array([function(point) for point in points]).reshape(table.shape[1:])


def dot(xs: Sequence[Array]) -> Array:
    half = len(xs) // 2
    result = np.asarray(xs[0]) * xs[half]
    for a, b in zip(xs[1:half], xs[half + 1 :], strict=True):
        result = result + a * b
    return each_point(floats.dot, xs) if np.any(np.isnan(result)) else result


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


UNDER_THEIR_OWN_NAMES: tuple[Callable[..., Array], ...] = (
    sigmoid, softplus, logsigmoid, relu, leaky_relu, elu, selu, silu, mish, softsign, sech, huber,
    difference_of_squares, direction, unit, xlogy, clip, where, equal, divide_no_nan, mean, prod, dot,
    softmax, logsumexp, log_softmax,
)  # fmt: skip
ON_ARRAYS: dict[str, Callable[..., Array]] = {
    "sum": total, "max": largest, "min": smallest, "erf": erf, "erfc": erfc, "ndtr": ndtr, "gelu": gelu,
    "gelu_gate": gelu_gate, "gelu_bell": gelu_bell, "gelu_tanh": gelu_tanh, "inversion": inversion,
    **{function.__name__: function for function in UNDER_THEIR_OWN_NAMES},
}  # fmt: skip
