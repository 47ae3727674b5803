"""The functions of the operation table on NumPy arrays, by the rows' names, if NumPy lacks them.

They do not warn at poles or outside the domain, and are as accurate as those of `float_functions`. Results
have the arguments' broadcast shape; a variadic function takes its arguments along the first axis.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from operator import index
from typing import Any

from ..errors import DataError, DataValueError
from . import float_functions
from .extended_range import SMALLEST_NORMAL
from .importing import np
from .reals import flag, floats_of, is_array, is_object, is_sequence, shown
from .restoring import contained

Array = Any


SILENT: Any = {"divide": "ignore", "invalid": "ignore", "over": "ignore", "under": "ignore"}


def quiet(function: Callable[..., Array]) -> Callable[..., Array]:
    """Return the function without NumPy's warnings."""

    @contained
    @wraps(function)
    def silent(*args: Array) -> Array:
        # A compiled program needs reports of underflow.
        treatment = SILENT | {"under": "call"} if np.geterr()["under"] == "call" else SILENT
        with np.errstate(**treatment):
            return function(*args)

    return silent


def each(function: Callable[..., float]) -> Callable[..., Array]:
    """Apply a function of floats to arrays, element by element."""

    def on_arrays(*xs: Array) -> Array:
        y = np.asarray(np.frompyfunc(function, len(xs), 1)(*xs), np.float64)
        if not y.all():  # NumPy reports underflow, as for its own functions.
            np.square(SMALLEST_NORMAL)
        return y

    return on_arrays


def sigmoid(x: Array) -> Array:
    e = np.exp(-np.abs(x))
    return np.where(x >= 0.0, 1.0, e) / (1.0 + e)


def softplus(x: Array) -> Array:
    return np.log1p(np.exp(-np.abs(x))) + np.where(x > 0.0, x, 0.0)


def silu(x: Array) -> Array:
    y = x * sigmoid(x)
    tail = x < -700.0
    return np.where(tail, _times_exp(x, x), y) if np.any(tail) else y


def _times_exp(x: Array, u: Array) -> Array:
    """Compute x exp(u) for u far below 0, as in `floats.times_exp`."""
    e = np.exp(0.5 * np.minimum(u, 0.0))
    return np.where(e == 0.0, 0.0, x * e * e)


def xlogy(x: Array, y: Array) -> Array:
    zero = (x == 0.0) & (y == y)
    return np.where(zero, 0.0, x * np.log(np.where(zero, 1.0, y)))


def clip(x: Array, low: Array, high: Array) -> Array:
    bounded = np.where((x > high) | (low > high), high, np.where(x < low, low, x))
    return np.where((low != low) | (high != high), np.nan, np.where(x != x, x, bounded))


def sech(x: Array) -> Array:
    e = np.exp(-np.abs(x))
    return 2.0 * e / (1.0 + e * e)


def huber(x: Array, delta: Array) -> Array:
    d = np.abs(x)
    return np.where(d <= delta, 0.5 * x * x, np.where(delta >= 0.0, delta * (d - 0.5 * delta), np.nan))


def unit(xs: Sequence[Array]) -> Array:
    """Divide each x by the norm; one point at a time if the norm is not a normal float."""
    table = stacked(xs)
    r = np.hypot.reduce(table, axis=0)
    ordinary = (r >= SMALLEST_NORMAL) & (r < np.inf)
    if np.all(ordinary):
        return list(table / r)
    each = np.array([float_functions.unit(point) for point in table.reshape(len(table), -1).T.tolist()])
    return list(each.T.reshape(table.shape))


def direction(a: Array, b: Array) -> Array:
    return unit([a, b])[0]


def sum(xs: Sequence[Array]) -> Array:
    result = xs[0]
    for x in xs[1:]:
        result = result + x
    return result


def mean(xs: Sequence[Array]) -> Array:
    result = sum(xs) / len(xs)
    return result if np.all(np.isfinite(result)) else sum([x / len(xs) for x in xs])


def prod(xs: Sequence[Array]) -> Array:
    result = xs[0]
    ordinary = np.isfinite(result)
    for x in xs[1:]:
        result = result * x
        ordinary = ordinary & (np.abs(result) >= SMALLEST_NORMAL) & (np.abs(result) < np.inf)
    return result if np.all(ordinary) else each_point(float_functions.product, xs)


def each_point(function: Callable[[Sequence[float]], float], xs: Sequence[Array]) -> Array:
    """Apply a function of a sequence of floats to each point separately."""
    table = stacked(xs)
    points = table.reshape(len(table), -1).T.tolist()
    return np.array([function(point) for point in points]).reshape(table.shape[1:])


def dot(xs: Sequence[Array]) -> Array:
    half = len(xs) // 2
    result = np.asarray(xs[0]) * xs[half]
    for a, b in zip(xs[1:half], xs[half + 1 :], strict=True):
        result = result + a * b
    return each_point(float_functions.dot, xs) if np.any(np.isnan(result)) else result


def stacked(xs: Sequence[Array]) -> Array:
    """Stack the arguments along the first axis of one array."""
    return xs if isinstance(xs, np.ndarray) else np.stack(np.broadcast_arrays(*xs))


def max(xs: Sequence[Array]) -> Array:
    return stacked(xs).max(axis=0)


def min(xs: Sequence[Array]) -> Array:
    return stacked(xs).min(axis=0)


def _exponentials(xs: Array) -> Array:
    """Compute exp(x - m) for the largest m, corrected for the rounding of x - m as in `float_functions`."""
    m = xs.max(axis=0)
    d = xs - m
    back = xs - d
    rest = (xs - (d + back)) + (back - m)
    return np.where(xs == m, 1.0, np.exp(d) * np.where(rest == rest, 1.0 + rest, 1.0))


def softmax(xs: Sequence[Array]) -> Array:
    e = _exponentials(stacked(xs))
    return list(e / e.sum(axis=0))


def _log_total(xs: Array) -> Array:
    """Compute log Σ exp(x - m) for the largest x = m, whose term 1 is handled by log1p."""
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


def names_axes(args: Sequence[Any], named: Mapping[str, Any]) -> bool:
    """Whether a call is for an array along some of its axes."""
    return len(args) == 1 and is_sequence(args[0]) and named.keys() <= {"axis", "keepdims"}


def along(row: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """Call a row of many numbers along axes of an array, like the function of that name in NumPy or SciPy.

    If the axis is None, all axes are used. For nested lists the results are nested lists, too.
    """
    if is_array(x):
        array = x if is_object(x) else floats_of(x, row.name)
    else:
        array = np.array(list(x), dtype=object)
    axes, keeps = _axes(axis, array.ndim, row.name), flag(keepdims, row.name, "keepdims")
    if row.vector is not None and keeps:
        raise DataError(f"{row.name}: unexpected argument 'keepdims'; expected axis only.")
    moved = np.moveaxis(array, axes, range(len(axes)))
    kept = moved.shape[len(axes) :]
    columns = moved.reshape(math.prod(moved.shape[: len(axes)]), math.prod(kept))
    if columns.dtype == object or not columns.size:
        found = np.empty(columns.shape if row.vector is not None else kept, dtype=columns.dtype)
        lanes = found.T if row.vector is not None else found.reshape(-1)
        for i, lane in enumerate(columns.T.tolist()):
            lanes[i] = row(lane)
    else:
        found = np.array(row.array(list(columns)))
    if row.vector is not None:
        found = np.moveaxis(found.reshape(moved.shape), range(len(axes)), axes)
    else:
        found = found.reshape([1 if i in axes else n for i, n in enumerate(array.shape)] if keeps else kept)
    return found.tolist() if not is_array(x) else found if found.ndim else found.item()


def _axes(axis: Any, count: int, who: str) -> list[int]:
    """Return axes as numbers from 0; raise if an array of `count` axes lacks one, or if one is repeated."""
    told = f"{who}: axis = {shown(axis)} of an array of {count} ax{'i' if count == 1 else 'e'}s"
    try:
        wanted = range(count) if axis is None else axis if isinstance(axis, (tuple, list)) else [axis]
        axes = [range(count)[index(i)] for i in wanted]
    except TypeError:
        raise DataError(f"{told}; expected a whole number, several, or None.") from None
    except IndexError:
        raise DataValueError(f"{told}; expected from {-count} to {count - 1}.") from None
    if len(set(axes)) < len(axes) or any(isinstance(i, bool) for i in wanted):
        raise DataValueError(f"{told}; expected each axis once.")
    return axes
