"""Measure how far a result is from mpmath's.

No derivatives are written here: they are differences of the reference function in as many digits as
necessary.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mpmath import mp, mpf

from tests.sampling import LARGEST, SMALLEST_NORMAL, Point

FORWARD = 4e-15
PARTIAL = 1e-14
DIGITS = 60

Number = Any  # mpmath has no types
Scale = Callable[..., Number]


@dataclass(frozen=True)
class Reference:
    """An operation in mpmath.

    `forward` and `partial` bound the relative error of the value and of each local derivative. If an
    error is relative to something other than the result, `forward_scale(*args)` or
    `partial_scale(slot, *args)` gives its size. Every bound looser than `FORWARD` and `PARTIAL`, and every
    scale, has a `reason`. `kink(slot, *args)` is true where no derivative exists; `test_conventions.py`
    covers such points. `ordinary` are the points of the higher derivatives.
    """

    function: Callable[..., Number]
    points: Sequence[Point]
    ordinary: Sequence[Point] = ((0.3,), (-0.7,), (1.9,))
    kink: Callable[..., bool] = lambda *_: False
    forward: float = FORWARD
    partial: float = PARTIAL
    forward_scale: Scale | None = None
    partial_scale: Scale | None = None
    reason: str = ""
    digits: int = DIGITS


def value(reference: Reference, point: Point) -> Number:
    """Compute the function at `point` to at least 50 digits."""
    with mp.workdps(reference.digits):
        return +reference.function(*map(mpf, point))


def derivative(reference: Reference, slot: int, point: Point, least: str = "1e-330") -> Number | None:
    """Compute the derivative by argument `slot` to 20 digits, or return None if it does not exist.

    It is a central difference with a step of 1e-30 of the argument, or of 1 if that is less; digits are added
    until enough of them are left in the difference, or it is known to be smaller than `least`.
    """
    if reference.kink(slot, *point):
        return None
    x = abs(mpf(point[slot]))
    digits = reference.digits
    for _ in range(6):
        with mp.workdps(40):
            step = min(x, mpf(1)) * mpf("1e-30") or mpf("1e-200")
        with mp.workdps(digits + decimals(max(mp.mag(x or mpf(1)), 0) - mp.mag(step))):
            above, below = (_moved(reference, slot, point, sign * step) for sign in (1, -1))
            if isinstance(above, mp.mpc) or isinstance(below, mp.mpc):
                return None
            slope = (above - below) / (2 * step)
            size = max(abs(above), abs(below))
            lost = _lost_digits(slope, size, step, mpf(least)) - mp.dps + 25
        if lost <= 0:
            return slope
        digits += lost
    raise AssertionError(f"the reference loses too many digits at {point}")


def _moved(reference: Reference, slot: int, point: Point, change: Number) -> Number:
    args = [mpf(x) for x in point]
    args[slot] += change
    return reference.function(*args)


def decimals(bits: int) -> int:
    """Convert a number of bits to decimal digits."""
    return bits * 302 // 1000


def _lost_digits(slope: Number, size: Number, step: Number, least: Number) -> int:
    if size == 0:
        return 0
    least = max(abs(slope), least)
    return decimals(mp.mag(size) - mp.mag(least) - mp.mag(step))


def higher_derivative(reference: Reference, slots: Sequence[int], point: Point) -> Number:
    """Differentiate by each argument in `slots`, one after another."""
    order = tuple(slots.count(i) for i in range(len(point)))
    with mp.workdps(80):
        return mp.diff(reference.function, tuple(map(mpf, point)), order)


def error(got: float, expected: Number, scale: Number = 0) -> float:
    """Return the error of `got`, relative to the largest of `expected`, `scale` and 2**-1022.

    Below 2**-1022, the smallest normal float, floats are equally spaced, so errors are measured
    absolutely. Beyond the largest float the right answer is infinity.
    """
    if math.isinf(got) or abs(expected) > LARGEST:
        with mp.workdps(40):
            beyond = abs(expected) > mpf(LARGEST) * (1 - mpf("1e-15"))
        within = math.isfinite(got) and abs(expected) < mpf(LARGEST) * (1 + mpf("1e-15"))
        right = beyond and (got > 0) == (expected > 0) and (math.isinf(got) or within)
        return 0.0 if right else math.inf
    if math.isnan(got):
        return math.inf
    with mp.workdps(40):
        return float(abs(mpf(got) - expected) / max(abs(expected), abs(scale), mpf(SMALLEST_NORMAL)))


def forward_scale(reference: Reference, point: Point) -> Number:
    with mp.workdps(DIGITS):
        return reference.forward_scale(*map(mpf, point)) if reference.forward_scale else 0


def partial_scale(reference: Reference, slot: int, point: Point) -> Number:
    with mp.workdps(DIGITS):
        return reference.partial_scale(slot, *map(mpf, point)) if reference.partial_scale else 0
