"""The functions of the operation table on plain floats that consist of pieces: steps, remainders, clips.

Like those of `floats`, they never raise.
"""

from __future__ import annotations

import math
from math import nan

from .floats import clip


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
