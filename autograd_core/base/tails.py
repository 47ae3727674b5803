"""Float functions that stay accurate in their tails, such as the Gaussian and gated activations.

Where plain formulas would lose digits, the exponent is represented as the sum of two floats, or a factor
that underflows as the product of two that do not.
"""

from __future__ import annotations

import math
from math import nan

from .floats import GATE_A, GATE_A_REST, GATE_B, GATE_B_REST, SQRT_HALF, SQRT_HALF_REST, exp, sigmoid

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
