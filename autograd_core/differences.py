"""Central differences of a recorded graph: the check that owes nothing to any derivative.

The graph's own operations are evaluated anew on shifted leaves. A table of steps of several sizes, each
improved by Richardson's extrapolation, gives the best difference and an idea of its error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, isfinite, nan, ulp

from .value import Value

AGREES, DISAGREES, KINK, ONE_SIDED, UNCERTAIN, CHANGED = (
    "agrees",
    "disagrees",
    "kink",
    "one-sided",
    "uncertain",
    "changed",
)
_ROUNDING = 2.0**-52


@dataclass(frozen=True, slots=True)
class Difference:
    """What the central difference at one input says of the gradient there."""

    input: str
    gradient: float
    difference: float
    error: float
    """An estimate of the difference's own error."""
    verdict: str
    """"agrees", "disagrees", "kink", "one-sided", "uncertain" or "changed"."""


class Replay:
    """A recorded graph as a function of one leaf, the other leaves staying as they are.

    >>> x = Value(3.0)
    >>> y = x * x + 1
    >>> Replay([x, y.parents[0], y.parents[1], y]).at(x, 4.0)
    17.0
    """

    def __init__(self, order: Sequence[Value]) -> None:
        self._order = order
        self._data = {node: node.data for node in order}

    def at(self, leaf: Value, x: float) -> float:
        """The output where the leaf is x; inf and nan where it is not defined."""
        data = {**self._data, leaf: x}
        for node in self._order:
            if node.op is not None:
                xs = [data[parent] for parent in node.parents]
                data[node] = node.op.value_at(xs)
        return data[self._order[-1]]


def check(order: Sequence[Value], leaf: Value, gradient: float, name: str = "") -> Difference:
    """Compares `gradient`, d(last of order)/d(leaf), with central differences.

    >>> x = Value(2.0)
    >>> check([x, x.sin()], x, -0.4161468365471424).verdict
    'agrees'
    """
    replay = Replay(order)
    output = order[-1].data
    if replay.at(leaf, leaf.data) != output and output == output:
        return Difference(name, gradient, nan, inf, CHANGED)
    f: Callable[[float], float] = lambda x: replay.at(leaf, x)  # noqa: E731
    difference, error = best_difference(f, leaf.data)
    verdict = _verdict(f, leaf.data, output, gradient, difference, error)
    return Difference(name, gradient, difference, error, verdict)


def best_difference(f: Callable[[float], float], x: float) -> tuple[float, float]:
    """The central difference of f at x from the step that serves best, and an estimate of its error."""
    best = (nan, inf)
    for h in _steps(x):
        wide, narrow = _central(f, x, h), _central(f, x, h / 2.0)
        difference = narrow + (narrow - wide) / 3.0
        rounding = _ROUNDING * max(abs(f(x + h)), abs(f(x - h))) / h
        error = abs(narrow - wide) + 4.0 * rounding
        if error < best[1]:
            best = (difference, error)
    return best


def _steps(x: float) -> list[float]:
    """Powers of two, so that x ± h loses nothing more than it must, on the scales of 1 and of x."""
    scales = {1.0, abs(x)} if x else {1.0, 1e-100}
    steps = [scale * 2.0**-k for scale in sorted(scales) for k in (4, 7, 10, 13, 16, 19, 22, 26)]
    return [h for h in steps if h >= 8.0 * ulp(x)]


def _central(f: Callable[[float], float], x: float, h: float) -> float:
    # The points that floats can hold, and not h, say how far apart they are.
    return (f(x + h) - f(x - h)) / ((x + h) - (x - h))


def _verdict(
    f: Callable[[float], float], x: float, output: float, gradient: float, difference: float, error: float
) -> str:
    h = max(abs(x), 1.0)
    if not (isfinite(difference) and isfinite(gradient)):
        near = (f(x - h * 2.0**-17), f(x + h * 2.0**-17))
        return UNCERTAIN if all(map(isfinite, near)) else ONE_SIDED
    if _breaks(f, x, output):
        return KINK
    size = max(abs(gradient), abs(difference))
    if abs(gradient - difference) > 1e-6 * size + 4.0 * error:
        return DISAGREES
    # A difference that is mostly noise agrees with everything, so it says nothing.
    changes = [abs(f(x + d) - output) / h for d in (-h, h)]
    scale = max([size, *[1e-3 * change for change in changes if isfinite(change)]])
    return AGREES if error <= 1e-3 * scale or gradient == difference else UNCERTAIN


def _breaks(f: Callable[[float], float], x: float, y: float) -> bool:
    """Whether the slopes on the two sides differ, and by no less the closer one looks."""
    jumps: list[float] = []
    size = 0.0
    for k in range(10, 50, 4):
        high, low = x + max(abs(x), 1.0) * 2.0**-k, x - max(abs(x), 1.0) * 2.0**-k
        above, below = f(high), f(low)
        right, left = (above - y) / (high - x), (y - below) / (x - low)
        rounding = _ROUNDING * max(abs(above), abs(y), abs(below)) / (high - x)
        size = max(abs(right), abs(left))
        if not (size and rounding <= 1e-4 * size):
            break
        jumps.append(abs(right - left))
        if jumps[-1] <= 1e-3 * size:
            return False
    # Where f is smooth, a step of a sixteenth makes a jump of a sixteenth.
    return len(jumps) >= 2 and jumps[-1] > 0.5 * jumps[-2]
