"""Test points: floats drawn from a row's whole domain, the same in every run.

Each helper returns a list of floats; `tuples` and `lists` combine them into arguments.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterable, Sequence

LARGEST = 1.7976931348623157e308
SMALLEST_NORMAL = 2.2250738585072014e-308
SMALLEST = 5e-324

MAGNITUDES = (
    *(
        SMALLEST,
        1e-320,
        SMALLEST_NORMAL,
        1e-300,
        1e-200,
        1e-160,
        1e-150,
        1e-100,
        1e-50,
        1e-20,
        2.0**-54,
        2.0**-52,
    ),
    *(
        1e-10,
        2.0**-27,
        1e-8,
        1e-6,
        1e-5,
        1e-4,
        1e-3,
        0.01,
        0.1,
        0.5,
        1.0,
        2.0,
        3.0,
        10.0,
        19.0,
        37.5,
        100.0,
        709.0,
    ),
    *(1e3, 1e4, 1e6, 1e8, 2.0**53, 1e20, 1e50, 1e100, 1e150, 1e160, 1e200, 1e300, LARGEST),
)

Point = tuple[float, ...]


def log_uniform(count: int, low: float, high: float, seed: str = "log_uniform") -> list[float]:
    """Draw `count` positive floats whose logarithms are uniform between those of `low` and `high`."""
    source = random.Random(f"{seed}{low}{high}")
    start, stop = math.log2(low), math.log2(high)
    return [min(max(2.0 ** source.uniform(start, stop), low), high) for _ in range(count)]


def uniform(count: int, low: float, high: float, seed: str = "uniform") -> list[float]:
    """Draw `count` floats uniformly between `low` and `high`."""
    source = random.Random(f"{seed}{low}{high}")
    return [source.uniform(low, high) for _ in range(count)]


def near(*centers: float) -> list[float]:
    """Return floats that approach each center from both sides, without the center itself."""
    found = []
    for center in centers:
        found += [math.nextafter(center, math.inf), math.nextafter(center, -math.inf)]
        for exponent in (50, 40, 30, 20, 10, 6, 4):
            step = math.ldexp(abs(center) or 1.0, -exponent)
            found += [center + step, center - step]
    return found


def positive(low: float = SMALLEST, high: float = LARGEST, count: int = 120) -> list[float]:
    """Draw positive floats of all orders of magnitude between `low` and `high`."""
    extremes = [low, *(value for value in MAGNITUDES if low < value < high), high]
    return [*extremes, *log_uniform(count, low, high), *uniform(count, low, min(high, 40.0))]


def line(high: float = LARGEST, count: int = 60) -> list[float]:
    """Draw floats of both signs up to `high` in magnitude."""
    return both_signs(positive(SMALLEST, high, count))


def both_signs(values: Iterable[float]) -> list[float]:
    """Return each value and its negative."""
    return [signed for value in values for signed in (value, -value)]


def singles(*groups: Iterable[float]) -> list[Point]:
    """Return the arguments of a row with one argument."""
    return [(value,) for value in dict.fromkeys(itertools.chain(*groups))]


def tuples(
    *axes: Sequence[float], count: int = 260, keep: Callable[..., bool] = lambda *_: True
) -> list[Point]:
    """Draw `count` tuples with one coordinate from each axis, and return those that `keep` accepts."""
    source = random.Random(f"tuples{len(axes)}")
    found: dict[Point, None] = {}
    for _ in range(200 * count):
        candidate = tuple(source.choice(axis) for axis in axes)
        if keep(*candidate):
            found[candidate] = None
        if len(found) == count:
            break
    return list(found)


def lists(
    axis: Sequence[float],
    sizes: Sequence[int] = (1, 2, 3, 5),
    count: int = 56,
    keep: Callable[..., bool] = lambda *_: True,
) -> list[Point]:
    """Draw the arguments of a row that takes any number: `count` lists of each size."""
    found = [tuples(*[axis] * size, count=count if size > 1 else 40, keep=keep) for size in sizes]
    return list(itertools.chain(*found))
