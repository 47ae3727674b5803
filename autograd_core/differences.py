"""The check of a recorded graph by differences, which owes nothing to any derivative.

The graph's own operations are evaluated anew on a shifted leaf; `numerical` takes the differences and says
what kind of point it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, isnan, nan

from .numerical import Difference, agree, difference
from .order import changed_leaves
from .value import Value

AGREES, DISAGREES, UNCERTAIN, CHANGED = "agrees", "disagrees", "uncertain", "changed"
KINK, JUMP, INFINITE, ONE_SIDED, NOT_FINITE = "kink", "jump", "infinite", "one-sided", "not finite"
NOT_A_NUMBER = "nan"
_OF_KIND = {"kink": KINK, "jump": JUMP, "infinite": INFINITE}
PRECISION = 1e-6
_BY_ITSELF = 1e-3


@dataclass(frozen=True, slots=True)
class Check:
    """What differences at one input say of the gradient there."""

    input: str
    gradient: float
    numeric: Difference
    verdict: str
    """"agrees", "disagrees" or "uncertain"; "kink", "jump", "infinite" (slope), "one-sided" (at the edge of
    the domain), "not finite"; "nan", where the input or the output is; "changed", of a leaf."""

    @property
    def difference(self) -> float:
        """The derivative by differences."""
        return self.numeric.value


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
                data[node] = node.op.value_at([data[parent] for parent in node.parents])
        return data[self._order[-1]]


def check(order: Sequence[Value], leaf: Value, gradient: float, name: str = "") -> Check:
    """Compares `gradient`, d(last of order)/d(leaf), with differences.

    >>> x = Value(2.0)
    >>> check([x, x.sin()], x, -0.4161468365471424).verdict
    'agrees'
    """
    replay, y = Replay(order), order[-1].data
    if changed_leaves(order):
        return Check(name, gradient, Difference(nan, inf, "none"), CHANGED)
    numeric = difference(lambda x: replay.at(leaf, x), leaf.data)
    return Check(name, gradient, numeric, _verdict(leaf.data, y, gradient, numeric))


def _verdict(x: float, y: float, gradient: float, numeric: Difference) -> str:
    kind = numeric.kind
    if isnan(x) or isnan(y):
        return NOT_A_NUMBER
    if not isfinite(y):
        return NOT_FINITE
    if kind in ("one-sided", "none"):
        return ONE_SIDED
    if kind == "rough" or (kind != "infinite" and not isfinite(gradient)):
        return UNCERTAIN
    if not agree(gradient, numeric, 0.0, PRECISION):
        return DISAGREES
    return _OF_KIND.get(kind) or (AGREES if _tells(x, y, gradient, numeric) else UNCERTAIN)


def _tells(x: float, y: float, gradient: float, numeric: Difference) -> bool:
    """Whether the difference is more than noise, which agrees with everything."""
    size = max(abs(gradient), abs(numeric.value))
    # A zero is one as far as it is nothing beside y and beside 1.
    nothing = 1e-9 * min(1.0, abs(y) / max(abs(x), 1.0))
    return gradient == numeric.value or numeric.error <= max(_BY_ITSELF * size, nothing)
