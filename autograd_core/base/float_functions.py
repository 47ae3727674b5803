"""The functions of the operation table on plain floats.

They never raise: they return infinity at a pole and NaN outside their domain, as in IEEE 754, and are
accurate over the whole range of floats. Whether an infinity or a NaN is an error is decided elsewhere
(`modes.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import reduce, wraps
from itertools import accumulate, chain
from math import inf, isinf, isnan, nan
from operator import add, mul

from . import extended_range
from .extended_range import SMALLEST_NORMAL

LN2 = math.log(2.0)
LN10 = math.log(10.0)
DEGREE, RADIAN = math.pi / 180.0, 180.0 / math.pi
SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805
# The constants of GELU's tanh form, sigmoid(A x + B x³), each as the sum of two floats: A = 2 sqrt(2/π) and
# B = 0.044715 A.
GATE_A, GATE_A_REST = 1.5957691216057308, -9.96930880911092e-17
GATE_B, GATE_B_REST = 0.07135481627260025, -6.175149918155315e-19
SQRT_HALF, SQRT_HALF_REST = 0.7071067811865476, -4.833646656726457e-17


def quiet(function: Callable[[float], float]) -> Callable[[float], float]:
    """Make a function of `math` return NaN outside its domain instead of raising."""

    @wraps(function)
    def forward(x: float) -> float:
        try:
            return function(x)
        except ValueError:
            return nan

    return forward


def growing(function: Callable[[float], float], odd: bool = False) -> Callable[[float], float]:
    """Make a function of `math` overflow to infinity instead of raising."""

    @wraps(function)
    def forward(x: float) -> float:
        try:
            return function(x)
        except OverflowError:
            return math.copysign(inf, x) if odd else inf

    return forward


def logarithm(function: Callable[[float], float], pole: float = 0.0) -> Callable[[float], float]:
    """Make a logarithm of `math` return -inf at its pole and NaN below it."""

    @wraps(function)
    def forward(x: float) -> float:
        if x == pole:
            return -inf
        return nan if x < pole else function(x)

    return forward


def atanh(x: float) -> float:
    if abs(x) < 1.0 or x != x:
        return math.atanh(x)
    return math.copysign(inf, x) if abs(x) == 1.0 else nan


def div(a: float, b: float) -> float:
    try:
        return a / b
    except ZeroDivisionError:
        return nan if a == 0.0 or a != a else math.copysign(inf, a) * math.copysign(1.0, b)


def divide_no_nan(a: float, b: float) -> float:
    return 0.0 if b == 0.0 else a / b


def pow(x: float, y: float) -> float:
    try:
        return math.pow(x, y)
    except OverflowError:
        return -inf if x < 0.0 and y % 2.0 == 1.0 else inf
    except ValueError:
        if x != 0.0:
            return nan
        return math.copysign(inf, x) if y % 2.0 == 1.0 else inf


def sigmoid(x: float) -> float:
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)


def softplus(x: float) -> float:
    return math.log1p(math.exp(-abs(x))) + (x if x > 0.0 else 0.0)


def logaddexp(x: float, y: float) -> float:
    if x == y:
        return x + LN2
    d = x - y
    return (x if d > 0.0 else y) + math.log1p(math.exp(-abs(d)))


def logaddexp2(x: float, y: float) -> float:
    if x == y:
        return x + 1.0
    d = x - y
    return (x if d > 0.0 else y) + math.log1p(math.exp2(-abs(d))) / LN2


def xlogy(x: float, y: float) -> float:
    if x == 0.0 and y == y:
        return 0.0
    return x * log(y)


def softsign(x: float) -> float:
    return math.copysign(1.0, x) if isinf(x) else x / (1.0 + abs(x))


def difference_of_squares(a: float, b: float) -> float:
    return (a - b) * (a + b)


def direction(a: float, b: float) -> float:
    """Compute a/hypot(a, b), even if the hypotenuse is subnormal or beyond the largest float."""
    r = math.hypot(a, b)
    return a / r if SMALLEST_NORMAL <= r < inf else unit((a, b))[0]


def inversion(a: float, b: float) -> float:
    """Compute a/(a² + b²), even if an intermediate square or quotient is out of range."""
    r = math.hypot(a, b)
    if 1e-140 < r < 1e140 and (abs(a) > 1e-140 or a == 0.0):
        return a / r / r
    if a != a or b != b:
        return nan
    if r == 0.0 or isinf(a) or isinf(b):
        return math.copysign(0.0, a)
    (m, e), k = math.frexp(a), math.frexp(max(abs(a), abs(b)))[1]
    r = math.hypot(math.ldexp(a, -k), math.ldexp(b, -k))
    return float(extended_range.number(m / r / r, e - 2 * k))


def total(xs: Sequence[float]) -> float:
    """Add from left to right, like a loop, in every version of Python."""
    return reduce(add, xs)


def beyond(again: Callable[..., float], y: float, *args: Sequence[float]) -> float:
    """Recompute an out-of-range result of finite arguments in numbers of any size."""
    return again(*args) if all(map(math.isfinite, chain(*args))) else y


def product(xs: Sequence[float]) -> float:
    products: list[float] = list(accumulate(xs, mul))
    sizes = list(map(abs, products))
    if min(sizes) >= SMALLEST_NORMAL and max(sizes) < inf:
        return products[-1]
    return beyond(extended_range.product, products[-1], xs)


def mean(xs: Sequence[float]) -> float:
    n = len(xs)
    s = reduce(add, xs) / n
    return s if math.isfinite(s) else reduce(add, [x / n for x in xs])


def norm(xs: Sequence[float]) -> float:
    return math.hypot(*xs)


def unit(xs: Sequence[float]) -> list[float]:
    """Divide each x by the norm, even if the norm is subnormal or beyond the largest float."""
    r = math.hypot(*xs)
    if SMALLEST_NORMAL <= r < inf:
        return [x / r for x in xs]
    if r == 0.0:
        return [0.0] * len(xs)
    if sum(map(isinf, xs)) == 1:  # In the limit it dominates all others.
        return [math.copysign(1.0, x) if isinf(x) else x / r for x in xs]
    if any(map(isinf, xs)) or r != r:
        return [x / r for x in xs]
    return unit([x * (2.0**600 if r < 1.0 else 2.0**-600) for x in xs])


def unit_first(xs: Sequence[float]) -> float:
    return unit(xs)[0]


def dot(args: Sequence[float]) -> float:
    half = len(args) // 2
    products: Iterable[float] = map(mul, args[:half], args[half:])
    s = reduce(add, products)
    return s if s == s else beyond(extended_range.dot, s, args[:half], args[half:])


def largest(xs: Sequence[float]) -> float:
    return nan if any(map(isnan, xs)) else max(xs)


def smallest(xs: Sequence[float]) -> float:
    return nan if any(map(isnan, xs)) else min(xs)


def exp_difference(x: float, m: float) -> float:
    """Compute exp(x - m) for x <= m, corrected for the rounding of x - m; equal infinities differ by 0."""
    if x == m:
        return 1.0
    d = x - m
    back = x - d
    rest = (x - (d + back)) + (back - m)
    return math.exp(d) * (1.0 + rest) if rest == rest else math.exp(d)


def softmax(xs: Sequence[float]) -> list[float]:
    m = largest(xs)
    es = [exp_difference(x, m) for x in xs]
    s = math.fsum(es)  # Independent of the order, which differs for each result of a call.
    return [e / s for e in es]


def softmax_first(xs: Sequence[float]) -> float:
    return softmax(xs)[0]


def log_total(xs: Sequence[float], m: float) -> float:
    """Compute log Σ exp(x - m) for the largest x = m, whose term 1 is handled by log1p."""
    es = [exp_difference(x, m) for x in xs]
    es.remove(1.0)
    return math.log1p(math.fsum(es))


def logsumexp(xs: Sequence[float]) -> float:
    m = largest(xs)
    return m if isinf(m) or m != m else m + log_total(xs, m)


def log_softmax_first(xs: Sequence[float]) -> float:
    m = largest(xs)
    if m != m:
        return nan
    x = xs[0]
    return (0.0 if x == m else x - m) - log_total(xs, m)


def log_softmax(xs: Sequence[float]) -> list[float]:
    m = largest(xs)
    if m != m:
        return [nan] * len(xs)
    rest = log_total(xs, m)
    return [(0.0 if x == m else x - m) - rest for x in xs]


log = logarithm(math.log)
exp = growing(math.exp)


def logit(x: float) -> float:
    """Compute log(x/(1 - x)), by atanh near its root at 1/2."""
    return 2.0 * math.atanh(2.0 * x - 1.0) if 0.25 <= x <= 0.75 else log(div(x, 1.0 - x))


def rsqrt(x: float) -> float:
    return div(1.0, math.sqrt(x)) if x >= 0.0 else nan


ROOT_2PI = math.sqrt(2.0 * math.pi)


def sech(x: float) -> float:
    """Compute 1/cosh(x) without overflow."""
    e = math.exp(-abs(x))
    return 2.0 * e / (1.0 + e * e)


def silu(x: float) -> float:
    return x * sigmoid(x) if x > -700.0 or x != x else times_exp(x, x)


def times_exp(x: float, u: float) -> float:
    """Compute x exp(u) for u far below 0, where exp(u) would underflow before the product does."""
    e = math.exp(0.5 * u)
    return x * e * e if e else 0.0


def two_product(a: float, b: float) -> tuple[float, float]:
    """Compute a·b as the sum of two floats, without error (Dekker 1971); |a|, |b| < 1e150."""
    p = a * b
    c = 134217729.0 * a
    a1 = c - (c - a)
    c = 134217729.0 * b
    b1 = c - (c - b)
    a2, b2 = a - a1, b - b1
    return p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2


def gaussian(x: float, scale: float) -> float:
    """Compute exp(-scale x²). The rounding error of x² would cost 500 units in the last place in the tail."""
    if not abs(scale) * x * x < 800.0 or not abs(x) < 1e150 or not abs(scale) < 1e150:
        return nan if x != x or scale != scale else exp(-scale * x * x) if x else 1.0
    square, rest = two_product(x, x)
    exponent, rest_of_product = two_product(scale, square)
    return exp(-exponent) * (1.0 - (rest_of_product + scale * rest))


def ndtr(x: float) -> float:
    """Compute erfc(-x/√2)/2, corrected for the rounding of x/√2, which the tail would multiply by x²."""
    if not abs(x) < 40.0:
        return x if x != x else float(x > 0.0)
    z, rest = two_product(-x, SQRT_HALF)
    rest -= x * SQRT_HALF_REST
    return 0.5 * math.erfc(z) - rest * math.exp(-z * z) / math.sqrt(math.pi)


def gelu(x: float) -> float:
    """Compute x ndtr(x); in the subnormal tail of ndtr by the series -φ(x) (1 - 1/x² + 3/x⁴ - ...)."""
    if x > -36.0 or x != x:
        return x * ndtr(x)
    if x < -40.0:
        return 0.0
    t = 1.0 / (x * x)
    u = 1.0 - 5.0 * t * (1.0 - 7.0 * t * (1.0 - 9.0 * t * (1.0 - 11.0 * t)))
    return -gaussian(x, 0.5) / ROOT_2PI * (1.0 - t * (1.0 - 3.0 * t * u))


def gelu_gate(x: float) -> float:
    """Compute sigmoid(A x + B x³) with the exponent as two floats, so that the tail keeps its digits."""
    if not abs(x) < 30.0:
        return x if x != x else float(x > 0.0)
    u, rest = gelu_exponent(x)
    if u >= 0.0:
        return 1.0 / (1.0 + math.exp(-u) * (1.0 - rest))
    e = math.exp(u) * (1.0 + rest)
    return e / (1.0 + e)


def gelu_exponent(x: float) -> tuple[float, float]:
    """Compute A x + B x³ as the sum of two floats; |x| < 30."""
    square, square_rest = two_product(x, x)
    b, b_rest = two_product(GATE_B, square)
    b_rest += GATE_B * square_rest + GATE_B_REST * square
    factor = GATE_A + b
    part = factor - GATE_A
    factor_rest = (GATE_A - (factor - part)) + (b - part) + b_rest + GATE_A_REST
    u, rest = two_product(x, factor)
    return u, rest + x * factor_rest


def gelu_bell(x: float) -> float:
    """Compute gelu_gate(x) gelu_gate(-x) = sech²(u/2)/4 with u = A x + B x³."""
    return gelu_gate(x) * gelu_gate(-x)


def gelu_tanh(x: float) -> float:
    if x > -21.0 or x != x:
        return x * gelu_gate(x)
    if x < -30.0:
        return 0.0
    u, rest = gelu_exponent(x)
    return times_exp(x, u) * (1.0 + rest)
