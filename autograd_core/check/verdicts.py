"""Judge a gradient by finite differences: one verdict for `gradcheck`, `steps` and the page."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf, isfinite, isnan, nan

from ..calculus.reverse_mode import gradients
from ..kernel.stale_values import changed_leaves, values_at
from ..kernel.topological_order import topological_order
from ..kernel.value import Value, row_of
from .blame import WrongDerivative, is_level, wrong_derivatives
from .differences import PRECISION, SLIGHT, Difference, agree, along, difference, value_or_nan
from .rounding_and_stable_forms import error_bound

AGREES, DISAGREES, UNCERTAIN, CHANGED = "agrees", "disagrees", "uncertain", "changed"
KINK, JUMP, INFINITE, ONE_SIDED, NOT_FINITE = "kink", "jump", "infinite", "one-sided", "not finite"
NOT_A_NUMBER, NOWHERE = "nan", "undefined"
UNDEFINED = (NOT_A_NUMBER, NOT_FINITE, NOWHERE)
"""The verdicts if there is nothing to take a difference of."""
_OF_KIND = {"kink": KINK, "jump": JUMP, "infinite": INFINITE, "one-sided": ONE_SIDED}
_BY_ITSELF = 1e-3


@dataclass(frozen=True, slots=True)
class Check:
    """The comparison of the gradient with differences at one input."""

    input: str
    gradient: float
    numeric: Difference
    verdict: str
    """"agrees", "disagrees" or "uncertain"; "kink", "jump", "infinite" (slope), "one-sided" (at the edge of
    the domain), "undefined" (nearby), "not finite"; "nan", if the input or the output is; "changed", for a
    leaf."""
    wrong: WrongDerivative | None = None
    """The operation between this input and the output that has a wrong local derivative."""

    @property
    def difference(self) -> float:
        """The derivative by differences."""
        return self.numeric.value


def compared(
    f: Callable[[float], float],
    x: float,
    gradient: float,
    noise: float,
    atol: float = 0.0,
    rtol: float = PRECISION,
    eps: float | None = None,
) -> tuple[Difference, str]:
    """Return the derivative of f at x by differences, and the verdict on `gradient`.

    `noise` bounds the rounding error of f. The gradient disagrees if it is off by more than the error of the
    difference and by more than `atol` plus `rtol` times the derivative.
    """
    numeric = difference(f, x, noise, eps)
    if eps is None and numeric.kind == "smooth" and not agree(gradient, numeric, atol, rtol):
        numeric = difference(f, x, noise, closer=True)  # A kink may be very near.
    return numeric, _verdict(x, value_or_nan(f, x), gradient, numeric, atol, rtol)


def _verdict(x: float, y: float, gradient: float, numeric: Difference, atol: float, rtol: float) -> str:
    if isnan(x) or isnan(y):
        return NOT_A_NUMBER
    if not isfinite(y):
        return NOT_FINITE
    if numeric.kind == "none":
        return NOWHERE
    if numeric.kind in ("rough", "steep"):
        return UNCERTAIN
    # On one side the error of a difference is less well known.
    if not agree(gradient, numeric, atol, max(rtol, _BY_ITSELF) if numeric.kind == "one-sided" else rtol):
        return DISAGREES
    return _OF_KIND.get(numeric.kind) or (
        AGREES if _can_judge(x, y, gradient, numeric, atol, rtol) else UNCERTAIN
    )


def _can_judge(x: float, y: float, gradient: float, numeric: Difference, atol: float, rtol: float) -> bool:
    """Whether the difference exceeds noise, which would agree with everything."""
    size = max(abs(gradient), abs(numeric.value))
    # A zero counts as one if it is negligible compared with y and with 1.
    nothing = 1e-9 * min(1.0, abs(y) / max(abs(x), 1.0))
    return gradient == numeric.value or numeric.error <= max(_BY_ITSELF * size, nothing)


class Replay:
    """A recorded graph as a function of one leaf; the other leaves and the nodes in `held` are fixed.

    >>> x = Value(3.0)
    >>> y = x * x + 1
    >>> Replay([x, y.parents[0], y.parents[1], y]).at(x, 4.0)
    17.0
    """

    def __init__(self, order: Sequence[Value], held: Container[Value] = ()) -> None:
        self._output = order[-1]
        self._moving = [node for node in order if node not in held]

    def at(self, leaf: Value, x: float) -> float:
        """Return the output with the leaf at x, or inf or nan if it is undefined."""
        return values_at(self._moving, {leaf: x}).get(self._output, self._output.data)


class RecordedChecks:
    """Checks of one recorded graph, which share everything that does not depend on the input.

    In a recorded graph a gradient can be wrong only if the local derivative of an operation is, so each
    operation is checked by itself, too.
    """

    def __init__(self, order: Sequence[Value]) -> None:
        self.order = order
        self.has_changed = bool(changed_leaves(order))
        self._replay = Replay(order)

    @cached_property
    def _noise(self) -> float:
        return rounding_noise(self.order)

    @cached_property
    def _wrong(self) -> Sequence[WrongDerivative]:
        return list(wrong_derivatives(self.order))

    @cached_property
    def _held(self) -> Container[Value]:
        return unchanging(self.order)

    def by(self, leaf: Value, gradient: float, name: str = "") -> Check:
        """Compare `gradient`, d(last of order)/d(leaf), with differences."""
        if self.has_changed:
            return Check(name, gradient, Difference(nan, inf, "none"), CHANGED)
        numeric, verdict = compared(lambda x: self._replay.at(leaf, x), leaf.data, gradient, self._noise)
        if self._held and verdict in (AGREES, DISAGREES, UNCERTAIN, JUMP):
            between = between_steps(self.order, self._held, leaf, self._noise)
            if not agree(gradient, between, 0.0, PRECISION):
                verdict = DISAGREES
            elif verdict == DISAGREES:
                verdict = UNCERTAIN
        wrong = self._wrong_above(leaf)
        if verdict == DISAGREES and not wrong:
            hidden = hidden_by_rounding(gradient, numeric, self.order[-1], leaf)
            numeric, verdict = (hidden, UNCERTAIN) if hidden else (numeric, verdict)
        return Check(name, gradient, numeric, DISAGREES if wrong else verdict, wrong)

    def _wrong_above(self, leaf: Value) -> WrongDerivative | None:
        """Return the first wrong local derivative by the leaf or something that depends on it."""
        if not self._wrong:
            return None
        depends = {leaf}
        for node in self.order:
            if not depends.isdisjoint(node.parents):
                depends.add(node)
        return next((w for w in self._wrong if w.node.parents[w.slot] in depends), None)


def check(order: Sequence[Value], leaf: Value, gradient: float, name: str = "") -> Check:
    """Compare `gradient`, d(last of order)/d(leaf), with differences.

    >>> x = Value(2.0)
    >>> check([x, x.sin()], x, -0.4161468365471424).verdict
    'agrees'
    """
    return RecordedChecks(order).by(leaf, gradient, name)


def rounding_noise(order: Sequence[Value]) -> float:
    """Bound the rounding error of the difference between two nearby values of the last node."""
    return 4.0 * error_bound(order[-1], order)


def hidden_by_rounding(gradient: float, numeric: Difference, output: Value, leaf: Value) -> Difference | None:
    """Return the difference with the gradient's error added, if that explains the disagreement.

    If a function cancels, its derivative may lose more digits than differences over larger steps.
    """
    try:
        slope = gradients(output, leaf, create_graph=True)
        error = numeric.error + 2.0 * error_bound(slope, topological_order(slope))
    except Exception:  # A user-defined rule may use functions from elsewhere.
        return None
    return replace(numeric, error=error) if abs(gradient - numeric.value) <= error else None


def between_steps(order: Sequence[Value], held: Container[Value], leaf: Value, noise: float) -> Difference:
    """Differentiate the last node by differences with the steps of operations such as `floor` held fixed.

    This distinguishes a slope from steps that are finer than the differences.
    """
    replay = Replay(order, held)
    return difference(lambda x: replay.at(leaf, x), leaf.data, noise)


def unchanging(order: Sequence[Value]) -> set[Value]:
    """Return the results that do not change with their arguments: their recorded slopes are 0, and so are
    differences of those operations.
    """
    return {node for node in order if node.op is not None and _stays(node)}


def _stays(node: Value) -> bool:
    xs = [parent.data for parent in node.parents]
    slots = [slot for slot, parent in enumerate(node.parents) if parent.requires_grad]
    if any(node.partials) or not slots:
        return False
    return all(
        is_level(node, slot)
        or agree(0.0, difference(along(row_of(node).value_at, xs, slot), xs[slot]), SLIGHT, PRECISION)
        for slot in slots
    )
