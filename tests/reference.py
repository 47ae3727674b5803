"""The functions that the operations of the table should compute, in mpmath and independent of the table.

A row of `REFERENCES` has an operation's function in mpmath, its test points and, with the
reason, any error bound that is looser than usual. To add an operation to the table, add its row here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

from mpmath import mp, mpf

from tests.measuring import Number, Reference, derivative, value
from tests.sampling import (
    MAGNITUDES,
    SMALLEST_NORMAL,
    both_signs,
    line,
    lists,
    log_uniform,
    near,
    positive,
    singles,
    tuples,
    uniform,
)
from tests.special_references import SPECIAL

# Functions that mpmath lacks, or has only in a form that loses digits.


def sigmoid(x: Number) -> Number:
    if abs(x) > 1e6:
        return mpf(int(x > 0))
    return 1 / (1 + mp.exp(-x)) if x > 0 else mp.exp(x) / (1 + mp.exp(x))


def softplus(x: Number) -> Number:
    return mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x))


def erfc(x: Number) -> Number:
    return mp.erfc(x) if abs(x) < 1000 else mpf(0 if x > 0 else 2)


def erf(x: Number) -> Number:
    return mp.erf(x) if abs(x) < 1000 else mp.sign(x)


def ndtr(x: Number) -> Number:
    return erfc(-x / mp.sqrt(2)) / 2


def gelu_gate(x: Number) -> Number:
    return sigmoid(2 * mp.sqrt(2 / mp.pi) * (x + mpf("0.044715") * x**3))


def gelu_bell(x: Number) -> Number:
    return gelu_gate(x) * gelu_gate(-x)


def sech(x: Number) -> Number:
    return mp.sech(x) if abs(x) < 1e6 else mpf(0)


def huber(x: Number, delta: Number) -> Number:
    return x * x / 2 if abs(x) <= delta else delta * (abs(x) - delta / 2)


def elu(x: Number, alpha: Number) -> Number:
    return x if x > 0 else alpha * mp.expm1(x)


def hardsigmoid(x: Number) -> Number:
    return min(max(x + 3, mpf(0)), mpf(6)) / 6


def selu(x: Number) -> Number:
    scale, alpha = "1.0507009873554804934193349852946", "1.6732632423543772848170429916717"
    return mpf(scale) * elu(x, mpf(alpha))


def tanh(x: Number) -> Number:
    return mp.tanh(x) if abs(x) < 10000 else mp.sign(x)


def normal_density(x: Number) -> Number:
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def sech2_softplus(x: Number) -> Number:
    """Compute the derivative of tanh(softplus(x))."""
    return sigmoid(x) / mp.cosh(min(softplus(x), mpf(1000))) ** 2


def bell(x: Number, scale: Number) -> Number:
    return mp.exp(-scale * x * x) if abs(scale * x * x) < 1e6 else mpf(0)


def cbrt(x: Number) -> Number:
    return mp.sign(x) * mp.cbrt(abs(x))


def power(x: Number, y: Number) -> Number:
    if x == 0:
        return mpf(1) if y == 0 else mpf(0)
    return mp.power(x, y)


def power_scale(slot: int, x: Number, y: Number) -> Number:
    if not x:
        return mpf(0)
    growth = abs(mp.log(abs(x)))
    if slot == 1:
        return SMALLEST_NORMAL * growth
    return abs(y * mp.power(abs(x), y - 1)) * max(mpf(1), growth * (1 + abs(y)) / 50)


def xlogy(x: Number, y: Number) -> Number:
    return x * mp.log(y) if x else mpf(0)


def step(x: Number, at_zero: Number) -> Number:
    return at_zero if x == 0 else mpf(int(x > 0))


def logsumexp(*xs: Number) -> Number:
    m = max(xs)
    others = list(xs)
    others.remove(m)
    return m + mp.log1p(sum((mp.exp(x - m) for x in others), mpf(0)))


def softmax(*xs: Number) -> Number:
    return 1 / sum((mp.exp(x - xs[0]) for x in xs[1:]), mpf(1))


def log_softmax(*xs: Number) -> Number:
    return -mp.log1p(sum((mp.exp(x - xs[0]) for x in xs[1:]), mpf(0)))


def dot(*args: Number) -> Number:
    half = len(args) // 2
    return sum((w * x for w, x in zip(args[:half], args[half:], strict=True)), mpf(0))


def norm(*xs: Number) -> Number:
    return mp.sqrt(sum((x * x for x in xs), mpf(0)))


def size(*xs: Number) -> Number:
    return sum(map(abs, xs), mpf(0))


# Domains and kinks that several rows share.

EXTREME = line()
ORDINARY = uniform(90, -5.0, 5.0)
REALS = singles(EXTREME, ORDINARY)
TAILS = singles(EXTREME, uniform(80, -40.0, 40.0), both_signs(uniform(40, 30.0, 750.0)))
BELL = singles(EXTREME, uniform(80, -7.0, 7.0), uniform(80, -40.0, 40.0))
POSITIVE = singles(positive(), near(1.0))
INSIDE_ONE = singles(
    both_signs(positive(high=math.nextafter(1.0, 0.0), count=60)),
    both_signs(x for x in near(0.5, 0.7, 1.0) if x < 1.0),
)
ABOVE_ONE = singles(positive(1.0), (x for x in near(1.0, 2.0) if x > 1.0))
ANGLES = singles(
    EXTREME, near(*(k * math.pi / 2 for k in range(-8, 9) if k)), (1e22, 2.0**1023, 6381956970095103e206)
)
INTEGERS = [float(k) for k in range(-6, 7)]
SIGNED = both_signs(MAGNITUDES)
TINY = both_signs((5e-324, 1e-320, 1e-310, 1e-300))
HUGE = both_signs((1e290, 1e300, 1.7e308))
PAIRS = [
    *tuples(SIGNED, SIGNED, count=300),
    *tuples(EXTREME, EXTREME, count=100),
    *tuples(ORDINARY, ORDINARY, count=80),
    *tuples(TINY, log_uniform(60, 1e-17, 10.0), count=60),
    *tuples(log_uniform(60, 1e-17, 10.0), TINY, count=60),
    *tuples(HUGE, log_uniform(60, 1e-3, 1e20), count=40),
    *tuples(log_uniform(60, 1e-3, 1e20), HUGE, count=40),
]
DIVIDED = [
    *tuples(EXTREME, EXTREME, count=300, keep=lambda x, y: abs(x) < 1e15 * abs(y)),
    *tuples(ORDINARY, ORDINARY, count=100),
    *tuples(INTEGERS, [1.0, 2.0, 3.0, -3.0], count=20),
]
POWERS = [
    *tuples(positive(), uniform(60, -3.0, 3.0), count=150),
    *tuples(uniform(30, 0.0, 20.0), uniform(60, -200.0, 200.0), count=100),
    *tuples(near(1.0), line(1e18), count=60),
    *tuples(both_signs(positive(1e-100, 1e100)), [float(k) for k in range(-9, 10)], count=100),
    *tuples([0.0], [0.0, 0.5, 1.0, 2.0, 3.0, 7.5]),
]
EXPONENTS = [*line(1e300, 20), *both_signs(uniform(60, 0.0, 6.0)), *both_signs(uniform(40, 6.0, 720.0))]
LOGITS = lists(EXPONENTS) + lists(uniform(90, -4.0, 4.0))
NUMBERS = lists(EXTREME) + lists(ORDINARY)
FACTORS = lists(both_signs(positive(1e-60, 1e60)))
WEIGHTED = lists(both_signs(positive(1e-150, 1e150)), sizes=(2, 4, 6)) + lists(ORDINARY, sizes=(2, 4, 6))

ABOVE_ZERO = ((0.3,), (0.9,), (2.7,))
SMALL = ((0.3,), (-0.7,), (0.05,))
TWO = ((0.3, 0.8), (-0.7, 1.9), (2.5, -1.4))
TWO_ABOVE_ZERO = ((0.3, 0.8), (0.7, 1.9), (2.5, 1.4))
THREE = ((0.3, 0.8, -0.4), (-0.7, 1.9, 1.1))


def at(*places: float) -> Callable[..., bool]:
    """Return the kink test of a function of one argument with kinks at these points."""
    return lambda slot, x, *_: x in places


def at_zero_by_first(slot: int, x: float, *_: float) -> bool:
    return x == 0.0 and slot == 0


def at_half(slot: int, x: float) -> bool:
    return abs(x) < 2.0**52 and x - math.floor(x) == 0.5


def tie(slot: int, x: float, y: float) -> bool:
    return x == y


def tie_of_largest(slot: int, *xs: float) -> bool:
    return xs.count(max(xs)) > 1


def tie_of_smallest(slot: int, *xs: float) -> bool:
    return xs.count(min(xs)) > 1


def at_bound(slot: int, x: float, low: float, high: float) -> bool:
    return x in (low, high) or low == high


def vertical_power(slot: int, x: float, y: float) -> bool:
    """Whether 0**y has no finite slope."""
    return x == 0.0 and (slot == 1 or 0.0 < y < 1.0)


def times_x_subnormal(x: Number) -> Number:
    """Return the error of a subnormal factor, which has few digits, multiplied by x."""
    return SMALLEST_NORMAL * (1 + min(abs(x), 1000))


def times_slope_subnormal(x: Number) -> Number:
    """Return the same error for gelu_gate's derivative."""
    return SMALLEST_NORMAL * (2 + min(abs(x), 1000) ** 2 / 4)


def radius_overflows(slot: int, *xs: float) -> bool:
    """Whether the radius is beyond the largest float, so it cannot give the derivative."""
    return math.isinf(math.hypot(*xs))


def times_exponent_subnormal(slot: int, x: Number, scale: Number) -> Number:
    return (
        SMALLEST_NORMAL * (1 + (2 * abs(scale * x) if slot == 0 else x * x))
        if scale * x * x < 800
        else mpf(0)
    )


REFERENCES: dict[str, Reference] = {
    **SPECIAL,
    # A constant for all differences: the nearest float stays the same.
    "stop_gradient": Reference(lambda x: mpf(float(x)), REALS),
    "add": Reference(lambda x, y: x + y, PAIRS, TWO, digits=700),
    "sub": Reference(lambda x, y: x - y, PAIRS, TWO, digits=700),
    "mul": Reference(lambda x, y: x * y, PAIRS, TWO),
    "div": Reference(lambda x, y: x / y, PAIRS, TWO),
    "pow": Reference(
        power,
        POWERS,
        TWO_ABOVE_ZERO,
        vertical_power,
        partial_scale=power_scale,
        reason="the derivative by y is the value times log(x), and a subnormal value has few digits; the "
        "derivative by x has the exponent y - 1, whose rounding is multiplied by log(x)",
    ),
    "neg": Reference(lambda x: -x, REALS),
    "exp": Reference(mp.exp, TAILS),
    "expm1": Reference(mp.expm1, TAILS),
    "exp2": Reference(lambda x: mpf(2) ** x, TAILS + singles(both_signs(uniform(40, 900, 1080)))),
    "log": Reference(mp.log, POSITIVE, ABOVE_ZERO),
    "log1p": Reference(
        mp.log1p,
        singles(line(0.99), positive(), (x for x in near(-1.0) if x > -1.0)),
        ((0.3,), (-0.7,), (2.7,)),
    ),
    "log2": Reference(lambda x: mp.log(x, 2), POSITIVE, ABOVE_ZERO),
    "log10": Reference(lambda x: mp.log(x, 10), POSITIVE, ABOVE_ZERO),
    "sqrt": Reference(mp.sqrt, [*POSITIVE, (0.0,)], ABOVE_ZERO, at(0.0)),
    "cbrt": Reference(cbrt, [*REALS, (0.0,)], kink=at(0.0)),
    "rsqrt": Reference(lambda x: 1 / mp.sqrt(x), POSITIVE, ABOVE_ZERO),
    "square": Reference(lambda x: x * x, REALS),
    "reciprocal": Reference(lambda x: 1 / x, REALS),
    "sin": Reference(mp.sin, ANGLES),
    "cos": Reference(mp.cos, ANGLES),
    "tan": Reference(mp.tan, ANGLES),
    "asin": Reference(mp.asin, INSIDE_ONE, SMALL),
    "acos": Reference(mp.acos, INSIDE_ONE, SMALL),
    "atan": Reference(mp.atan, REALS),
    "sinh": Reference(mp.sinh, TAILS),
    "cosh": Reference(mp.cosh, TAILS),
    "tanh": Reference(tanh, TAILS),
    "sech": Reference(sech, TAILS),
    "asinh": Reference(mp.asinh, REALS),
    "acosh": Reference(mp.acosh, ABOVE_ONE, ((1.3,), (1.9,), (4.7,)), at(1.0)),
    "atanh": Reference(mp.atanh, INSIDE_ONE, SMALL),
    "erf": Reference(erf, BELL),
    "erfc": Reference(erfc, BELL),
    "ndtr": Reference(ndtr, BELL),
    "gaussian": Reference(
        bell,
        tuples(EXTREME, positive()) + tuples(uniform(90, -40.0, 40.0), uniform(20, 0.0, 2.0)),
        ((0.3, 1.0), (-0.7, 0.5), (1.9, 0.3)),
        partial_scale=times_exponent_subnormal,
        reason="the value is subnormal in the tail and is multiplied by x or x**2",
    ),
    "sigmoid": Reference(sigmoid, TAILS),
    "logit": Reference(
        lambda x: mp.log(x) - mp.log1p(-x),
        singles(
            positive(high=math.nextafter(1.0, 0.0), count=160),
            (x for x in near(0.25, 0.5, 0.75, 1.0) if x < 1.0),
            uniform(60, 0.0, 1.0),
        ),
        ((0.3,), (0.6,), (0.9,)),
    ),
    "logsigmoid": Reference(lambda x: -softplus(-x), TAILS),
    "softplus": Reference(softplus, TAILS),
    "relu": Reference(lambda x: max(x, mpf(0)), REALS),
    "relu6": Reference(lambda x: min(max(x, mpf(0)), mpf(6)), REALS + singles(near(6.0)), kink=at(0.0, 6.0)),
    "threshold": Reference(
        lambda x, threshold, value: x if x > threshold else value,
        tuples(EXTREME, EXTREME, EXTREME) + tuples(ORDINARY, ORDINARY, ORDINARY),
        ((0.3, -1.0, 1.0), (-1.7, -1.0, 1.0), (2.0, -1.0, 1.5)),
        kink=lambda slot, x, threshold, value: x == threshold,
    ),
    "hardtanh": Reference(
        lambda x, low, high: min(max(x, low), high),
        tuples(EXTREME, EXTREME, EXTREME, keep=lambda x, low, high: low < high)
        + tuples(ORDINARY, [-1.0, -2.0], [1.0]),
        ((0.3, -1.0, 1.0), (-1.7, -1.0, 1.0), (2.0, -1.0, 1.5)),
        at_bound,
    ),
    "hardsigmoid": Reference(
        hardsigmoid, REALS + singles(near(3.0, -3.0)), ((0.3,), (-0.7,), (4.0,)), at(-3.0, 3.0)
    ),
    "hardswish": Reference(
        lambda x: x * hardsigmoid(x), REALS + singles(near(3.0, -3.0, -1.5)), kink=at(-3.0, 3.0)
    ),
    "hardshrink": Reference(
        lambda x, lambd: x if abs(x) > lambd else mpf(0),
        tuples(EXTREME, [0.5, 1.0, 0.0, 1e-100, 1e100]) + tuples(ORDINARY, [0.5, 2.0]),
        ((0.3, 0.5), (-0.7, 0.5), (1.9, 1.0)),
        kink=lambda slot, x, lambd: abs(x) == lambd or lambd == 0,
    ),
    "softshrink": Reference(
        lambda x, lambd: x - min(max(x, -lambd), lambd),
        tuples(EXTREME, [0.5, 1.0, 0.0, 1e-100, 1e100]) + tuples(ORDINARY, [0.5, 2.0]),
        ((0.3, 0.5), (-0.7, 0.5), (1.9, 1.0)),
        kink=lambda slot, x, lambd: abs(x) == lambd or lambd == 0,
        digits=400,
    ),
    "selu": Reference(selu, TAILS),
    "gelu": Reference(
        lambda x: x * ndtr(x),
        BELL,
        partial_scale=lambda slot, x: ndtr(x) + abs(x) * normal_density(x),
        reason="the derivative is a sum that vanishes near x = -0.75, measured against its terms",
    ),
    "gelu_gate": Reference(
        gelu_gate,
        BELL,
        partial_scale=lambda slot, x: times_slope_subnormal(x),
        reason="the value is subnormal below x = -21.1, and its slope is the value times 1.6 + 0.2 x**2",
    ),
    "gelu_bell": Reference(
        gelu_bell,
        BELL,
        partial_scale=lambda slot, x: times_slope_subnormal(x),
        reason="the value is subnormal below x = -21.1, and its slope is the value times 1.6 + 0.2 x**2",
    ),
    "gelu_tanh": Reference(
        lambda x: x * gelu_gate(x),
        BELL,
        partial_scale=lambda slot, x: max(
            gelu_gate(x) * (1 + abs(x) * gelu_gate(-x) * (2 + x * x / 2)),
            times_slope_subnormal(x) * min(abs(x), 1000),
        ),
        reason="gelu_gate(x) is subnormal below x = -21.1 and its slope is multiplied by x; "
        "the derivative is a sum that vanishes near x = -0.75, measured against its terms",
    ),
    "silu": Reference(
        lambda x: x * sigmoid(x),
        TAILS,
        partial_scale=lambda slot, x: max(sigmoid(x) * (1 + abs(x) * sigmoid(-x)), times_x_subnormal(x)),
        reason="the slope of sigmoid(x) is subnormal below x = -708 and is multiplied by x; "
        "the derivative is a sum that vanishes near x = -1.28, measured against its terms",
    ),
    "mish": Reference(
        lambda x: x * tanh(softplus(x)),
        TAILS,
        partial_scale=lambda slot, x: max(
            tanh(softplus(x)) + abs(x) * sech2_softplus(x), times_x_subnormal(x)
        ),
        reason="the slope of tanh(softplus(x)) is subnormal below x = -708 and is multiplied by x; "
        "the derivative is a sum that vanishes near x = -1.19, measured against its terms",
    ),
    "softsign": Reference(lambda x: x / (1 + abs(x)), REALS),
    "huber": Reference(
        huber,
        tuples([x for (x,) in REALS], [1.0, 0.5, 2.0, 1e-100, 1e100]),
        ((0.3, 1.0), (-0.7, 0.5), (1.9, 3.0)),
        kink=lambda slot, x, delta: abs(x) == delta,
        partial_scale=lambda slot, x, delta: delta if slot == 1 else mpf(0),
        reason="the derivative by delta, |x| - delta, vanishes at the boundary",
    ),
    "abs": Reference(abs, REALS),
    "sign": Reference(mp.sign, [*REALS, (0.0,)], kink=at(0.0)),
    "copysign": Reference(lambda x, y: abs(x) if y > 0 else -abs(x), PAIRS + tuples(ORDINARY, ORDINARY), TWO),
    "floor": Reference(mp.floor, REALS + singles(INTEGERS), kink=lambda slot, x: x == math.floor(x)),
    "round": Reference(mp.nint, REALS + singles(INTEGERS, (k + 0.5 for k in INTEGERS)), kink=at_half),
    "ceil": Reference(mp.ceil, REALS + singles(INTEGERS), kink=lambda slot, x: x == math.floor(x)),
    "trunc": Reference(
        lambda x: mp.sign(x) * mp.floor(abs(x)),
        REALS + singles(INTEGERS),
        kink=lambda slot, x: x == math.floor(x) != 0.0,
    ),
    "fmod": Reference(
        lambda x, y: x - y * mp.sign(x / y) * mp.floor(abs(x / y)),
        DIVIDED,
        TWO,
        kink=lambda slot, x, y: math.fmod(x, y) == 0.0,
        digits=700,
    ),
    "remainder": Reference(
        lambda x, y: x - y * mp.floor(x / y),
        DIVIDED,
        TWO,
        kink=lambda slot, x, y: math.fmod(x, y) == 0.0,
        digits=700,
    ),
    "leaky_relu": Reference(
        lambda x, negative_slope: x if x > 0 else negative_slope * x,
        tuples(EXTREME, [0.01, 0.2, 0.5, 0.0, -0.3]),
        ((0.3, 0.01), (-0.7, 0.2)),
    ),
    "elu": Reference(
        elu,
        tuples([x for (x,) in TAILS], [1.0, 0.5, 1.67, 3.0, -0.3]),
        ((0.3, 1.0), (-0.7, 0.5), (-1.9, 3.0)),
    ),
    "celu": Reference(
        lambda x, alpha: x if x > 0 else alpha * mp.expm1(x / alpha),
        tuples([x for (x,) in TAILS], [1.0, 0.5, 1.67, 3.0]),
        ((0.3, 1.0), (-0.7, 0.5), (-1.9, 3.0)),
        partial=1e-13,
        partial_scale=lambda slot, x, alpha: -mp.expm1(min(x, mpf(0)) / alpha) if slot else mpf(0),
        reason="the derivative by alpha is a difference that vanishes near x = 0, measured against its "
        "terms; that by x is an exponential of x/alpha, which is rounded",
    ),
    "divide_no_nan": Reference(
        lambda x, y: x / y if y else mpf(0),
        PAIRS + tuples(EXTREME, [0.0], count=20),
        TWO,
        kink=lambda slot, x, y: y == 0.0,
    ),
    "equal": Reference(lambda x, y: mpf(int(x == y)), PAIRS + [(x, x) for x in EXTREME[:40]], TWO, tie),
    "heaviside": Reference(
        step, tuples(EXTREME, ORDINARY) + tuples([0.0], ORDINARY, count=20), TWO, at_zero_by_first
    ),
    "logaddexp": Reference(
        logsumexp,
        tuples(EXPONENTS, EXPONENTS) + tuples(ORDINARY, ORDINARY),
        TWO,
        forward_scale=lambda x, y: max(x, y, mp.log1p(mp.exp(-abs(x - y)))),
        reason="max(x, y) and log1p(exp(-|x - y|)) cancel near the root; measured against the larger",
    ),
    "logaddexp2": Reference(
        lambda x, y: max(x, y) + mp.log1p(mp.power(2, -abs(x - y))) / mp.ln2,
        tuples(EXPONENTS, EXPONENTS) + tuples(ORDINARY, ORDINARY),
        TWO,
        partial=2e-13,
        forward_scale=lambda x, y: max(x, y, mp.log1p(mp.power(2, -abs(x - y)))),
        reason="max(x, y) and the logarithm cancel near the root, measured against the larger; the "
        "derivative is an exponential of x - y, which is rounded",
    ),
    "xlogy": Reference(
        xlogy, tuples(EXTREME, positive() + near(1.0)) + tuples([0.0], positive(), count=20), TWO_ABOVE_ZERO
    ),
    "atan2": Reference(
        mp.atan2,
        PAIRS,
        TWO,
    ),
    "deg2rad": Reference(lambda x: x * mp.pi / 180, REALS),
    "rad2deg": Reference(lambda x: x * 180 / mp.pi, REALS),
    "hypot": Reference(
        lambda x, y: mp.sqrt(x * x + y * y),
        PAIRS + tuples([0.0], EXTREME, count=20),
        TWO,
        lambda slot, x, y: x == 0.0 == y,
    ),
    "direction": Reference(
        lambda x, y: x / mp.sqrt(x * x + y * y) if x or y else mpf(0),
        PAIRS + tuples([0.0], log_uniform(60, 1e-140, 1e300), count=20),
        TWO,
        lambda slot, x, y: x == 0.0 == y or radius_overflows(slot, x, y),
        partial_scale=lambda slot, x, y: SMALLEST_NORMAL / norm(x, y),
        reason="the derivative is a product of directions over the radius, and one can be subnormal",
    ),
    "inversion": Reference(
        lambda x, y: x / (x * x + y * y),
        PAIRS + tuples([0.0], log_uniform(60, 1e-140, 1e300), count=20),
        TWO,
        partial_scale=lambda slot, x, y: max(1 / (x * x + y * y), SMALLEST_NORMAL * (1 + 1 / norm(x, y))),
        reason="the derivative is a difference of squares, measured against them",
    ),
    "difference_of_squares": Reference(lambda x, y: (x - y) * (x + y), PAIRS, TWO, digits=700),
    "maximum": Reference(max, PAIRS, TWO, tie),
    "minimum": Reference(min, PAIRS, TWO, tie),
    "fmax": Reference(max, PAIRS, TWO, tie),
    "fmin": Reference(min, PAIRS, TWO, tie),
    "lerp": Reference(
        lambda x, y, weight: (1 - weight) * x + weight * y,
        tuples(EXTREME, EXTREME, [0.0, 0.25, 0.5, 1.0, 1.5, -2.0, 1e-20])
        + tuples(ORDINARY, ORDINARY, ORDINARY),
        ((0.3, 0.8, 0.4), (-0.7, 1.9, 1.1), (2.5, -1.4, -0.3)),
        digits=700,
        forward_scale=lambda x, y, weight: abs((1 - weight) * x) + abs(weight * y),
        reason="terms cancel; measured against the sum of their magnitudes",
    ),
    "clip": Reference(
        lambda x, low, high: min(max(x, low), high),
        tuples(EXTREME, EXTREME, EXTREME) + tuples(ORDINARY, [-1.0], [1.0]),
        ((0.3, -1.0, 1.0), (-1.7, -1.0, 1.0), (2.0, -1.0, 1.5)),
        at_bound,
    ),
    "where": Reference(
        lambda condition, a, b: a if condition else b,
        tuples([0.0, 1.0, -2.0, 0.5], EXTREME, EXTREME),
        ((1.0, 0.8, -0.4), (2.0, 1.9, 1.1)),
        at_zero_by_first,
    ),
    "sum": Reference(
        lambda *xs: mp.fsum(xs),
        NUMBERS,
        THREE,
        digits=700,
        forward_scale=size,
        reason="terms cancel; measured against the sum of their magnitudes",
    ),
    "mean": Reference(
        lambda *xs: mp.fsum(xs) / len(xs),
        NUMBERS,
        THREE,
        digits=700,
        forward_scale=lambda *xs: size(*xs) / len(xs),
        reason="terms cancel; measured against the mean of their magnitudes",
    ),
    "prod": Reference(lambda *xs: mp.fprod(xs), FACTORS, THREE),
    "dot": Reference(
        dot,
        WEIGHTED,
        ((0.3, 0.8, -0.4, 1.2), (-0.7, 1.9, 1.1, 0.6)),
        digits=700,
        forward_scale=lambda *args: dot(*map(abs, args)),
        reason="terms cancel; measured against the sum of their magnitudes",
    ),
    "norm": Reference(
        norm,
        NUMBERS,
        THREE,
        lambda slot, *xs: not any(xs),
        digits=700,
    ),
    "unit": Reference(
        lambda x, *others: x / norm(x, *others) if x or any(others) else mpf(0),
        NUMBERS,
        THREE,
        lambda slot, *xs: not any(xs) or radius_overflows(slot, *xs),
        digits=700,
        partial_scale=lambda slot, *xs: SMALLEST_NORMAL / norm(*xs),
        reason="the derivative is a product of quotients over the norm, and one can be subnormal",
    ),
    "max": Reference(lambda *xs: max(xs), NUMBERS, THREE, tie_of_largest),
    "min": Reference(lambda *xs: min(xs), NUMBERS, THREE, tie_of_smallest),
    "logsumexp": Reference(
        logsumexp,
        LOGITS,
        THREE,
        forward_scale=lambda *xs: max(max(xs), logsumexp(*xs) - max(xs)),
        reason="the largest argument and the rest cancel near the root; measured against the larger",
    ),
    "softmax": Reference(softmax, LOGITS, THREE),
    "log_softmax": Reference(log_softmax, LOGITS, THREE),
}


@cache
def expected_values(name: str) -> tuple[Number, ...]:
    """Return the reference's values at all its points."""
    reference = REFERENCES[name]
    return tuple(value(reference, point) for point in reference.points)


@cache
def expected_partials(name: str) -> tuple[tuple[Number | None, ...], ...]:
    """Return the reference's derivatives by each argument at all its points."""
    reference = REFERENCES[name]
    return tuple(tuple(derivative(reference, i, p) for i in range(len(p))) for p in reference.points)
