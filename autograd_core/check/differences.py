"""Compute derivatives by finite differences, with estimated errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import copysign, frexp, inf, isfinite, isinf, nan, ulp

EPSILON = 2.0**-52
TINY = 4.0 * 2.0**-1074
"""The rounding error of results that are subnormal or underflow to 0."""
RATIO = 8.0
LADDER = 8
PRECISION = 1e-6
SLIGHT = 1e-290
"""The tolerance for a local derivative, relative and absolute."""


@dataclass(frozen=True)
class Difference:
    """A derivative by finite differences: its `value`, and a bound on its `error`.

    `kind` is "smooth", "kink" (the slopes `left` and `right` differ), "jump", "infinite", "one-sided" (f
    exists on one side only), "none" (f is undefined nearby), "steep" (the slope is beyond floats) or "rough"
    (f varies too much between neighboring floats).
    """

    value: float
    error: float
    kind: str = "smooth"
    left: float = nan
    right: float = nan


@dataclass(frozen=True)
class OneSidedSlopes:
    """The slopes of a function on both sides over a distance h; NaN where the function is undefined."""

    h: float
    left: float
    right: float
    rounding: float

    @property
    def slope(self) -> float:
        """The central difference."""
        return 0.5 * self.left + 0.5 * self.right

    @property
    def gap(self) -> float:
        """The difference of the slopes on both sides: h f″ where f is smooth."""
        return self.right - self.left

    @property
    def size(self) -> float:
        """The larger absolute value of the two slopes."""
        return max(abs(self.left), abs(self.right))

    @property
    def exceeds_rounding(self) -> bool:
        """Whether the larger slope is more than rounding."""
        return self.rounding <= 0.02 * self.size


@dataclass(frozen=True)
class Estimate:
    """A candidate for the derivative, from one step and the next larger one."""

    h: float
    value: float
    error: float


def difference(
    f: Callable[[float], float],
    x: float,
    noise: float = 0.0,
    eps: float | None = None,
    closer: bool = False,
) -> Difference:
    """Compute the derivative of f at x by finite differences.

    `noise` bounds the rounding error of f, `eps` fixes the step, `closer` starts with the smallest steps.

    >>> d = difference(lambda x: x**3, 2.0)
    >>> d.kind, round(d.value, 9)
    ('smooth', 12.0)
    >>> difference(abs, 0.0).kind
    'kink'
    """
    if eps is not None:
        scale = max(abs(x), 1.0)
        return _difference(f, x, noise, [[RATIO * eps * scale, eps * scale]])
    found = _difference(f, x, noise, step_sizes(x))
    if found.kind == "smooth" and _is_flat(f, x, found.value, noise):
        return Difference(nan, inf, "rough")  # A staircase that is finer than the steps.
    if not closer and found.kind == "smooth" and found.error <= 1e-4 * abs(found.value):
        return found
    if _is_rough(f, x, noise):
        return Difference(nan, inf, "rough")
    # A kink or the end of the domain may be closer than the smallest step.
    near = _difference(f, x, noise, step_sizes(x, 2 * LADDER))
    agreeing = abs(found.value - near.value) <= found.error + near.error
    both_smooth = near.kind == found.kind == "smooth" and agreeing
    return found if both_smooth and not closer and found.error < near.error else near


def _is_flat(f: Callable[[float], float], x: float, slope: float, noise: float) -> bool:
    """Whether f is constant over distances at which that slope would be visible."""
    y = value_or_nan(f, x)
    shown = 16.0 * (EPSILON * abs(y) + noise) + TINY
    for k in (64, 128, 256):
        h = k * ulp(x)
        if not (abs(slope) * h > shown and value_or_nan(f, x + h) == y == value_or_nan(f, x - h)):
            return False
    return True


def _is_rough(f: Callable[[float], float], x: float, noise: float) -> bool:
    """Whether f bends more than it rises between neighboring floats, by more than rounding."""
    # Several strides, because a single one may be a whole number of periods.
    for stride in (1, -1, 3, -3, 11, -11):
        ys = [value_or_nan(f, x + k * stride * ulp(x)) for k in range(1, 6)]
        rises = [b - a for a, b in pairwise(ys)]
        bends = [b - a for a, b in pairwise(rises)]
        rise = sum(map(abs, rises))
        if 100.0 * (EPSILON * max(map(abs, ys)) + noise) < rise < sum(map(abs, bends)):
            return True
    return False


def _difference(
    f: Callable[[float], float], x: float, noise: float, sizes: Sequence[Sequence[float]]
) -> Difference:
    y = value_or_nan(f, x)
    ladders = [[_step(f, x, y, h, noise) for h in hs] for hs in sizes]
    if any([isinf(s.left) or isinf(s.right) for ladder in ladders for s in ladder]):
        return Difference(nan, inf, "steep")
    steps = [[s for s in ladder if isfinite(s.left) and isfinite(s.right)] for ladder in ladders]
    if not any(steps):
        return _one_sided(ladders)
    best = _best([e for ladder in steps for e in _estimates([(s.h, s.slope, s.rounding) for s in ladder], 2)])
    return _judged(best, [s for ladder in steps for s in ladder])


def step_sizes(x: float, count: int = LADDER) -> list[list[float]]:
    """Return the steps to try at x, from large to small: around the size of x, and around 1."""
    # The powers of 2 next to |x|, limited so that the steps are normal floats.
    own = 2.0 ** min(max(frexp(x)[1], -980), 1000) if x and isfinite(x) else 1.0
    scales = [min(own, 1.0)] if 1.0 / 64.0 < own < 64.0 else [max(own, 1.0), min(own, 1.0)]
    return [[scale / RATIO**k for k in range(1, count + 1)] for scale in scales]


def value_or_nan(f: Callable[[float], float], x: float) -> float:
    """Return f(x), or NaN if f raises because it is undefined."""
    try:
        return f(x)
    except (ArithmeticError, ValueError):
        return nan


def _step(f: Callable[[float], float], x: float, y: float, h: float, noise: float) -> OneSidedSlopes:
    above, below = x + h, x - h
    high, low = value_or_nan(f, above), value_or_nan(f, below)
    right = (high - y) / (above - x) if above > x and isfinite(high) else nan
    left = (y - low) / (x - below) if below < x and isfinite(low) else nan
    size = max([abs(v) for v in (high, low, y) if isfinite(v)], default=0.0)
    return OneSidedSlopes(h, left, right, (4.0 * EPSILON * size + TINY + noise) / h)


def _estimates(slopes: Sequence[tuple[float, float, float]], order: int) -> list[Estimate]:
    """Combine neighboring steps so that the error of that order in h cancels."""
    found, before = [], inf
    for (larger, coarse, _), (h, fine, rounding) in pairwise(slopes):
        gap = abs(coarse - fine)
        value = fine + (fine - coarse) / ((larger / h) ** order - 1.0)
        # The correction approximates the error of the finer slope; half of it is kept as a margin. In
        # one-sided slopes, terms such as h**0.5 may precede those that cancel; next to a bend that jumps,
        # terms in h.
        is_slow = order == 1 or before < 2.0 * (larger / h) * gap
        error = (gap if is_slow else 0.5 * abs(value - fine)) + rounding
        before = gap
        found.append(Estimate(h, value, error if isfinite(error) else inf))
    if not found and slopes:
        h, slope, rounding = slopes[-1]
        found.append(Estimate(h, slope, inf))
    return [_contradicted(e, found) for e in found]


def _contradicted(estimate: Estimate, others: Sequence[Estimate]) -> Estimate:
    """Raise the error of an estimate to at least its known distance from those of smaller steps."""
    finer = [abs(e.value - estimate.value) - e.error for e in others if e.h < estimate.h]
    return Estimate(estimate.h, estimate.value, max([estimate.error, *finer]))


def _best(estimates: Sequence[Estimate]) -> Estimate:
    """Return the estimate with the smallest step among those about as precise as the best."""
    least = min(e.error for e in estimates)
    good = [e for e in estimates if e.error <= 10.0 * least + 1e-9 * abs(e.value)]
    return min(good, key=lambda e: e.h) if good else estimates[-1]


def _judged(best: Estimate, steps: Sequence[OneSidedSlopes]) -> Difference:
    """Classify the point by the slopes over the three smallest informative steps."""
    # Slopes that are only rounding grow with 1/h, so they cannot be compared with others.
    scale = max([s.size for s in steps if s.exceeds_rounding], default=0.0)
    telling = [s for s in steps if s.exceeds_rounding or s.size <= s.rounding <= 1e-3 * scale]
    telling.sort(key=lambda s: s.h)
    if len(telling) < 3:
        return Difference(best.value, best.error)
    near = telling[0]
    pairs = list(pairwise(telling[:3]))
    growth = [_ratio(a.gap, b.gap) for a, b in pairs]
    rise = [_ratio(a.slope, b.slope) for a, b in pairs]
    if min(rise) > 0.9 * RATIO:
        return Difference(copysign(inf, near.slope), inf, "jump", near.left, near.right)
    if min(rise) > 1.5 and abs(near.slope) > 1e3 * abs(max(steps, key=lambda s: s.h).slope):
        return Difference(copysign(inf, near.slope), inf, "infinite", near.left, near.right)
    if abs(near.gap) > max(0.01 * near.size, 4.0 * near.rounding) and min(growth) > 0.5:
        if min(growth) > 0.9 * RATIO and max(growth) < 1.1 * RATIO:
            return Difference(nan, inf, "jump", near.left, near.right)  # To an isolated point and back.
        if min(growth) > 1.5:
            return Difference(near.slope, inf, "kink", copysign(inf, near.left), copysign(inf, near.right))
        if max(growth) < 2.0:
            # How far the slopes on both sides still change with h, and rounding.
            error = max(abs(near.left - telling[1].left), abs(near.right - telling[1].right))
            return Difference(near.slope, error + near.rounding, "kink", near.left, near.right)
    return Difference(best.value, best.error)


def _ratio(a: float, b: float) -> float:
    return abs(a / b) if b else inf if a else 1.0


def _one_sided(ladders: Sequence[Sequence[OneSidedSlopes]]) -> Difference:
    """Return the slope on the side where f exists, at a boundary of the domain."""
    for side in ("right", "left"):
        slopes = [[(s.h, getattr(s, side), s.rounding) for s in ladder] for ladder in ladders]
        slopes = [[slope for slope in ladder if isfinite(slope[1])] for ladder in slopes]
        flat = sorted([slope for ladder in slopes for slope in ladder])
        if len(flat) >= 3 and all(_ratio(a[1], b[1]) > 1.5 for a, b in pairwise(flat[:3])):
            return Difference(copysign(inf, flat[0][1]), inf, "infinite", flat[0][1], flat[0][1])
        if flat:
            best = _best([e for ladder in slopes for e in _estimates(ladder, 1)])
            return Difference(best.value, best.error, "one-sided")
    return Difference(nan, inf, "none")


def agree(analytic: float, numeric: Difference, atol: float, rtol: float) -> bool:
    """Whether a derivative is correct, as far as finite differences can tell."""
    if numeric.kind == "kink":
        low, high = sorted((numeric.left, numeric.right))
        both = isfinite(low) and isfinite(high)
        slack = atol + rtol * max(abs(low), abs(high)) + numeric.error if both else 0.0
        return low - slack <= analytic <= high + slack
    if numeric.kind == "infinite":
        # So close to a point of infinite slope that the smallest step is still on the rise.
        rising = max(abs(numeric.left), abs(numeric.right))
        low, high = sorted((numeric.left, numeric.right))
        if low - 0.01 * abs(analytic) <= analytic <= high + 0.01 * abs(analytic):
            return True  # Perhaps a jump on one side, so close that its slopes look infinite.
        return (analytic > 0.0) == (numeric.value > 0.0) and (isinf(analytic) or abs(analytic) > 0.1 * rising)
    if numeric.kind in ("jump", "none", "rough", "steep") or isinf(numeric.error):
        return True
    if not isfinite(analytic):
        return False
    allowed = atol + rtol * max(abs(analytic), abs(numeric.value)) + numeric.error
    return abs(analytic - numeric.value) <= allowed


def along(f: Callable[[Sequence[float]], float], xs: Sequence[float], slot: int) -> Callable[[float], float]:
    """Return f as a function of one of its arguments, with the others fixed."""
    return lambda x: f([*xs[:slot], x, *xs[slot + 1 :]])
