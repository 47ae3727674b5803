"""The functions that local derivatives use, on numbers of any size.

A local derivative that leaves the range of floats, finally or in between, is recomputed
with these. Arguments and results are floats or `Unbounded`; other rows are computed on floats.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import reduce
from operator import add, mul, neg, sub
from typing import Any

from . import float_functions
from .extended_range import Wide, narrow, of_any_size, parts, unbounded

# ln 2 as the sum of two floats, the first with so few digits that multiples up to 2**20 are exact.
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
FARTHEST = 7e5


def exp(x: float, rest: float = 0.0) -> float:
    """Compute exp(x + rest) for a small rest."""
    x = float(x)
    if not abs(x) < FARTHEST:
        return float_functions.exp(x)
    k = float(round(x / float_functions.LN2))
    return of_any_size(math.exp(x - k * LN2_HIGH - k * LN2_LOW) * (1.0 + rest), int(k))


def exp2(x: float) -> float:
    x = float(x)
    k = math.floor(x) if abs(x) < FARTHEST else 0
    return of_any_size(float_functions.pow(2.0, x - k), k)


def pow(a: float, b: float) -> float:
    """Compute a**b as the square of its root, which is in range whenever a local derivative needs it."""
    a, b = float(a), float(b)
    y = float_functions.pow(a, b)
    if a <= 0.0 or 1e-290 < abs(y) < math.inf:
        return unbounded(y)
    return square(unbounded(float_functions.pow(a, 0.5 * b)))


def log(x: float) -> float:
    m, e = parts(x)
    if m <= 0.0 or 1e-290 < float(x) < 1e290:
        return unbounded(float_functions.log(float(x)))
    return unbounded(math.log(m) + e * float_functions.LN2)


def div(a: float, b: float) -> float:
    return unbounded(a) / b if b or parts(b)[0] else float_functions.div(float(a), float(b))


def divide_no_nan(a: float, b: float) -> float:
    return div(a, b) if parts(b)[0] else 0.0


def square(x: float) -> float:
    return unbounded(x) * x


def reciprocal(x: float) -> float:
    return div(1.0, x)


def sqrt(x: float) -> float:
    m, e = parts(x)
    return of_any_size(math.sqrt(math.ldexp(m, e % 2)), e // 2) if m > 0.0 else math.nan if m else x


def norm(xs: Sequence[float]) -> float:
    top = max([parts(x)[1] for x in xs if x] or [0])
    scaled = [math.ldexp(m, e - top) for m, e in map(parts, xs)]
    return of_any_size(math.hypot(*scaled), top)


def hypot(a: float, b: float) -> float:
    return norm((a, b))


def unit(xs: Sequence[float]) -> list[float]:
    r = norm(xs)
    return [divide_no_nan(x, r) for x in xs]


def direction(a: float, b: float) -> float:
    return divide_no_nan(a, hypot(a, b))


def inversion(a: float, b: float) -> float:
    return divide_no_nan(direction(a, b), hypot(a, b))


def difference_of_squares(a: float, b: float) -> float:
    return (unbounded(a) - b) * (unbounded(a) + b)


def sech(x: float) -> float:
    e = exp(-math.fabs(x))
    return 2.0 * e / (1.0 + square(e))


def sigmoid(x: float) -> float:
    e = exp(-math.fabs(x))
    return (1.0 if x >= 0.0 else e) / (1.0 + e)


def gaussian(x: float, scale: float) -> float:
    """Compute exp(-scale x²), corrected for the rounding errors of its exponent, as on floats."""
    x, scale = float(x), float(scale)
    if not abs(x) < 1e150 or not abs(scale) < 1e150 or not abs(scale) * x * x < FARTHEST:
        return float_functions.gaussian(x, scale)
    square, rest = float_functions.two_product(x, x)
    exponent, rest_of_product = float_functions.two_product(scale, square)
    return exp(-exponent, -(rest_of_product + scale * rest))


def gelu_gate(x: float) -> float:
    if not abs(x) < 30.0:
        return float_functions.gelu_gate(float(x))
    u, rest = float_functions.gelu_exponent(float(x))
    e = exp(-abs(u), -math.copysign(1.0, u) * rest)
    return (1.0 if u >= 0.0 else e) / (1.0 + e)


def gelu_bell(x: float) -> float:
    return gelu_gate(x) * gelu_gate(-x)


def softmax(xs: Sequence[float]) -> list[float]:
    """Compute softmax as on floats, with the rounding error of each difference from the largest."""
    m = float_functions.largest(xs)
    es = [_exp_difference(float(x), float(m)) for x in xs]
    s = reduce(add, es)
    return [div(e, s) for e in es]


def _exp_difference(x: float, m: float) -> float:
    d = x - m
    back = x - d
    rest = (x - (d + back)) + (back - m)
    return exp(d, rest if rest == rest else 0.0)


def where(condition: float, a: float, b: float) -> float:
    return a if parts(condition)[0] else b


def sum(xs: Sequence[float]) -> float:
    return reduce(add, xs)


POWERS = (exp, exp2, pow, log, div, divide_no_nan, square, reciprocal, sqrt, hypot, norm)
SHAPES = (unit, direction, inversion, difference_of_squares, sech, sigmoid, gaussian, gelu_gate, gelu_bell)
FUNCTIONS: dict[str, Callable[..., Any]] = {f.__name__: f for f in (*POWERS, *SHAPES, softmax)}
"""The functions by the names of the rows."""
VANISHING = (exp, exp2, sech, sigmoid, gaussian, gelu_gate, gelu_bell, softmax)
EXPONENTIALS = frozenset([f.__name__ for f in VANISHING])
"""The functions that decay exponentially."""
EXACT: dict[str, Callable[..., Any]] = {f.__name__: f for f in (where, sum, add, sub, mul, neg)}
"""The functions that only select or add."""


def value_again(name: str, xs: Sequence[float], y: float, together: bool) -> float:
    """Return the value y of a row at xs, as a `Wide` if it or an argument is out of range."""
    beyond = any(isinstance(x, Wide) for x in xs)
    f = FUNCTIONS.get(name) or EXACT.get(name)
    if f is None or (not beyond and (not all(map(math.isfinite, xs)) or (y == 0.0 and 0.0 in xs))):
        return y
    args = [unbounded(x) for x in xs]
    found = f(args) if together else f(*args)
    again = narrow(found[0] if isinstance(found, list) else found)
    return again if beyond or isinstance(again, Wide) else y


def on_any_size(forward: Callable[..., Any]) -> Callable[..., Any]:
    """Make the results of a function on floats numbers of any size."""

    def function(*args: Any) -> Any:
        y = forward(*[[float(x) for x in a] if isinstance(a, (list, tuple)) else float(a) for a in args])
        return [unbounded(x) for x in y] if isinstance(y, list) else unbounded(y)

    return function
