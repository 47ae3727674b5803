"""The functions of the operation table on plain floats that consist of pieces: steps, remainders, clips.

Like those of `float_functions`, they never raise.
"""

from __future__ import annotations

import math
from math import nan

from .float_functions import SELU_ALPHA, SELU_SCALE


def relu(x: float) -> float:
    return 0.0 if x <= 0.0 else x


def leaky_relu(x: float, negative_slope: float) -> float:
    return x if x > 0.0 else negative_slope * x


def elu(x: float, alpha: float) -> float:
    return x if x > 0.0 else alpha * math.expm1(x)


def selu(x: float) -> float:
    return SELU_SCALE * elu(x, SELU_ALPHA)


def sign(x: float) -> float:
    return x if x != x else float((x > 0.0) - (x < 0.0))


def floor(x: float) -> float:
    return float(math.floor(x)) if math.isfinite(x) else x


def nearest(x: float) -> float:
    return float(round(x)) if math.isfinite(x) else x


def heaviside(x: float, h0: float) -> float:
    if x == 0.0:
        return h0
    return x if x != x else float(x > 0.0)


def equal(x: float, y: float) -> float:
    return float(x == y)


def where(condition: float, a: float, b: float) -> float:
    return a if condition else b


def maximum(x: float, y: float) -> float:
    return x if x > y else y if y >= x else nan


def minimum(x: float, y: float) -> float:
    return x if x < y else y if y <= x else nan


def clip(x: float, low: float, high: float) -> float:
    """Compute min(max(x, low), high), as in NumPy even if low > high."""
    if low != low or high != high:
        return nan
    return x if x != x else high if x > high or low > high else low if x < low else x


def huber(x: float, delta: float) -> float:
    d = abs(x)
    return 0.5 * x * x if d <= delta else delta * (d - 0.5 * delta) if delta >= 0.0 else nan


def ceil(x: float) -> float:
    return float(math.ceil(x)) if math.isfinite(x) else x


def trunc(x: float) -> float:
    return float(math.trunc(x)) if math.isfinite(x) else x


def fmod(a: float, b: float) -> float:
    """Compute the remainder with the sign of a, as in C."""
    try:
        return math.fmod(a, b)
    except ValueError:
        return nan


def remainder(a: float, b: float) -> float:
    """Compute the remainder with the sign of b, as in Python."""
    try:
        return a % b
    except ZeroDivisionError:
        return nan


def fmax(a: float, b: float) -> float:
    return a if a > b or b != b else b


def fmin(a: float, b: float) -> float:
    return a if a < b or b != b else b


def celu(x: float, alpha: float) -> float:
    return nan if not alpha > 0.0 else x if x > 0.0 else alpha * math.expm1(x / alpha)


def hardtanh(x: float, low: float, high: float) -> float:
    return clip(x, low, high) if low <= high else nan


def hardsigmoid(x: float) -> float:
    return clip(x + 3.0, 0.0, 6.0) / 6.0


def hardswish(x: float) -> float:
    return 0.0 if x <= -3.0 else x * hardsigmoid(x)


def softshrink(x: float, lambd: float) -> float:
    return x - clip(x, -lambd, lambd) if lambd >= 0.0 else nan
