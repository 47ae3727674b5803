"""Print a graph as a formula, in the notation of its operations' rows.

A local derivative's formula is built by running the row's `partials` on nodes, so there is no second set of
rules. Nothing here recurses, and every formula is bounded: if a graph is too large, an ellipsis replaces its
deepest parts.

>>> from autograd_core import Value, cos, sin
>>> x = Value(2.0, label="x")
>>> J = cos(sin(x**2) + 3 * x**2)
>>> formula(J)
'cos(sin(x²) + 3x²)'
>>> formula(J, "latex")
'\\\\cos\\\\left(\\\\sin\\\\left(x^2\\\\right) + 3 x^2\\\\right)'
>>> derivative_formula(x**2, 0)
'2x'
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import isclose
from typing import Any

from ..base.modes import building, errstate
from ..base.reals import brief, shown, whole_number
from ..calculus.rewriting import Simplifier
from ..errors import DataError, DataValueError
from ..kernel.value import Value, row_of
from ..operations.function_code import reading
from ..operations.operation import Operation
from .latex_and_mathml import WRITERS
from .text_notation import Fragment, Text

LIMIT = 60
"""The most nodes in a formula."""

MOST_ARGUMENTS = 12
"""The most arguments of one operation in a formula."""

MOST_SLOPES = 100
"""The most arguments for which local derivatives are shown as formulas, not only as numbers."""

SAME = 1e-9
"""The largest relative error at which the printed form of a local derivative is shown."""

Namer = Callable[[Value], str | None]


def formula(
    node: Value | float,
    format: str = "text",
    *,
    names: Mapping[Value, str] | None = None,
    digits: int = 6,
    limit: int = LIMIT,
) -> str:
    """Write the operation of `node` as a formula, down to leaves and named nodes.

    `format` is "text" (x², −sin u), "ascii" (x**2, -sin(u), the input of `parse`), "latex" or
    "mathml". `names` maps nodes to names; without it nodes are named by their labels. Constants have
    `digits` significant digits; with fewer, or whole up to 10¹⁵, they are exact. At most `limit` nodes are
    written out.

    Raises `DataError` if `node` is not a node, `DataValueError` for an unknown format.

    >>> x = Value(2.0, label="theta1")
    >>> formula(-x.exp() / 3, "text"), formula(-x.exp() / 3, "ascii")
    ('−exp(θ₁)/3', '-exp(theta1)/3')
    """
    if not isinstance(node, (Value, float)):
        raise DataError(f"formula: not a node: argument 1 = {brief(node)}; expected a Value.")
    return Formulas(names, digits, limit).operation(node, format)


def derivative_formula(
    node: Value,
    slot: int,
    format: str = "text",
    *,
    names: Mapping[Value, str] | None = None,
    digits: int = 6,
    limit: int = LIMIT,
) -> str:
    """Write the local derivative of `node` with respect to argument `slot` (from 0) as a formula.

    >>> u = Value(0.5, label="u")
    >>> derivative_formula(u.cos(), 0)
    '−sin u'
    """
    if not isinstance(node, Value) or node.op is None:
        raise DataError(
            f"derivative_formula: not a result: argument 1 = {brief(node)}; expected a Value "
            "that has parents."
        )
    if whole_number(slot, "derivative_formula", "slot", 0) >= len(node.parents):
        raise DataValueError(
            f"derivative_formula: no such argument: slot = {slot}; expected 0 to {len(node.parents) - 1}, "
            f"for {node.op.name} has {len(node.parents)} arguments."
        )
    return Formulas(names, digits, limit).slope(node, slot, format)


class Formulas:
    """Writes the operations of one graph and their local derivatives, all with the same names."""

    def __init__(self, names: Mapping[Value, str] | None = None, digits: int = 6, limit: int = LIMIT) -> None:
        if names is not None and not isinstance(names, Mapping):
            raise DataError(f"formula: not a table: names = {shown(names)}; expected a name for each node.")
        whole_number(digits, "formula", "digits")
        whole_number(limit, "formula", "limit", 0)
        self._name: Namer = (lambda node: node.label) if names is None else names.get
        self._digits, self._limit = digits, limit
        self._latest: tuple[Value, Sequence[Value | float], Namer] | None = None
        self._named = names or {}

    def siblings(self, node: Value) -> Sequence[Value]:
        """Return the named nodes that are parts of the same vector, such as that of a softmax."""
        is_part = node.op is not None and node.op.vector is not None
        return self._siblings.get(frozenset(node.parents), ()) if is_part else ()

    @cached_property
    def _siblings(self) -> dict[frozenset[Value], list[Value]]:
        found: dict[frozenset[Value], list[Value]] = {}
        for node in self._named:
            if node.op is not None and node.op.vector is not None:
                found.setdefault(frozenset(node.parents), []).append(node)
        return found

    def operation(self, node: Value | float, format: str) -> str:
        """Write the operation that computed the node."""
        writer = writer_of(format)
        return writer.whole(written(node, writer, self._name, self._digits, self._limit))

    def slope(self, node: Value, slot: int, format: str, precedence: int = 0) -> str:
        """Write a local derivative, in brackets if it binds less tightly than `precedence`."""
        # The slots of a node are requested one after another, and its row may compute them together.
        if self._latest is None or self._latest[0] is not node:
            stand_ins: dict[Value, str] = {}
            own = self._name  # Not self: that would be a reference cycle, which would keep the graph alive.
            slopes = local_derivatives(node, own, stand_ins, self.siblings(node))
            self._latest = (node, slopes, lambda n: stand_ins.get(n) or own(n))
        _, slopes, name = self._latest
        writer = writer_of(format)
        fragment = written(slopes[slot], writer, name, self._digits, self._limit, inside=True)
        in_brackets = fragment.precedence < precedence
        return writer.whole(Fragment(writer.brackets(fragment.free)) if in_brackets else fragment)


def writer_of(format: str) -> Text:
    """Return the writer of a format."""
    try:
        return WRITERS[format]
    except (KeyError, TypeError):
        raise DataValueError(
            f"formula: unknown format {brief(format)}; expected one of {', '.join(WRITERS)}."
        ) from None


class NamedNumber(Value):
    """A number that a printed derivative shows as a symbol, such as π, the 10 in ln 10 or the 3 in 1/3."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Forms:
    """The local derivatives of one node by each argument, in the usual form and in the row's form."""

    printed: Sequence[Value | float]
    exact: Sequence[Value | float]
    is_right: Sequence[bool]
    """Whether the printed form gives the right number at the node's point."""
    shares: Mapping[int, Value]
    """At a tie, the arguments' shares of the slope, such as 1/2."""

    @property
    def shown(self) -> Sequence[Value | float]:
        """The printed forms where they are right, otherwise the row's own."""
        forms = zip(self.is_right, self.printed, self.exact, strict=True)
        return [self.shares.get(i, a if right else b) for i, (right, a, b) in enumerate(forms)]


def local_derivatives(
    node: Value, name: Namer, stand_ins: dict[Value, str], known: Iterable[Value] = ()
) -> Sequence[Value | float]:
    """Return the local derivatives of a node as shown in formulas: see `forms_of`."""
    return forms_of(node, name, stand_ins, known).shown


def forms_of(node: Value, name: Namer, stand_ins: dict[Value, str], known: Iterable[Value] = ()) -> Forms:
    """Build the local derivatives of a node by running its row's rules on the node and its parents.

    A named constant is replaced by a stand-in, so that the result contains its name, not its number;
    `stand_ins` receives the names. Formulas use the nodes in `known` where they need them.
    """
    op = node.op
    if op is None or len(node.parents) > MOST_SLOPES:
        return _numbers(node)
    arguments = [_argument(parent, name, stand_ins) for parent in node.parents]
    try:
        with errstate(all="ignore"), building(Simplifier(known).build):
            exact = _terms(op.local_derivatives(arguments, node))
            if not op.printed:
                return Forms(exact, exact, [True] * len(exact), {})
            printed = _terms(_as_printed(op).local_derivatives(arguments, node))
            shares = {i: 1.0 / NamedNumber(float(tie(node, i))) for i in range(len(exact)) if tie(node, i)}
            return Forms(printed, exact, _printed_is_right(node), shares)
    except Exception:
        # A user-defined row may use functions of floats only; then only numbers are available.
        return _numbers(node)


def tie(node: Value, slot: int) -> int:
    """Return how many tied arguments share a slope of 1, seen from one argument; 0 without a tie."""
    if node.op is None or not node.op.ties:
        return 0
    share = node.partials[slot]
    if not node.parents[slot].requires_grad:  # Its slope is recorded as 0.
        share = node.op.slopes_at([parent.data for parent in node.parents], node.data)[slot]
    return round(1.0 / share) if 0.0 < share < 1.0 else 0


def _numbers(node: Value) -> Forms:
    return Forms(node.partials, node.partials, [True] * len(node.partials), {})


def _terms(slopes: Sequence[Any]) -> list[Value | float]:
    return [slope if isinstance(slope, Value) else float(slope) for slope in slopes]


@lru_cache(256)
def _as_printed(op: Operation) -> Operation:
    """Return the row with its printed local derivatives, whose symbols are nodes."""
    printed = [reading(f, lambda row: row, written=_symbol) for f in op.printed]
    return replace(op, partials=tuple(printed))


def _symbol(x: Value | float, name: str = "") -> Value:
    return x if isinstance(x, Value) else NamedNumber(x, name)


def _printed_is_right(node: Value) -> list[bool]:
    """Return for each argument whether the printed local derivative gives the right number at this point."""
    op = row_of(node)
    xs = [parent.data for parent in node.parents]
    pairs = zip(op.slopes_at(xs, node.data), op.as_printed.slopes_at(xs, node.data), strict=True)
    return [isclose(exact, printed, rel_tol=SAME) for exact, printed in pairs]


def _argument(parent: Value, name: Namer, stand_ins: dict[Value, str]) -> Value | float:
    if parent.requires_grad:
        return parent
    called = name(parent)
    if not called:
        return parent.data
    stand_in = Value(parent.data)
    stand_ins[stand_in] = called
    return stand_in


def written(
    root: Value | float,
    writer: Text,
    name: Namer,
    digits: int = 6,
    limit: int = LIMIT,
    inside: bool = False,
) -> Fragment:
    """Write the formula as a fragment; only `inside` another formula is the root written by its name."""
    if not isinstance(root, Value):
        return writer.number(root, digits)
    nodes: list[Value | None] = [root]
    places: list[list[int]] = []
    for node in nodes:  # The list grows during the loop, level by level, until the formula is full.
        children: list[int] = []
        places.append(children)
        if node is None or node.op is None or (name(node) and (inside or node is not root)):
            continue
        parents = node.parents[:MOST_ARGUMENTS]
        if len(nodes) + len(parents) > limit:
            nodes.append(None)
            children.append(len(nodes) - 1)
            continue
        for parent in (*parents, *[None] * (len(parents) < len(node.parents))):
            nodes.append(parent)
            children.append(len(nodes) - 1)
    fragments: dict[int, Fragment] = {}
    for place in reversed(range(len(nodes))):
        arguments = [fragments.pop(child) for child in places[place]]
        fragments[place] = _fragment(nodes[place], arguments, writer, name, digits)
    return fragments[0]


def _fragment(
    node: Value | None, arguments: Sequence[Fragment], writer: Text, name: Namer, digits: int
) -> Fragment:
    if node is None:
        return writer.ellipsis
    if isinstance(node, NamedNumber):
        return writer.symbol(node.data, node.label) if node.label else writer.number(node.data, digits)
    if node.op is not None and arguments:
        if node.op.arity is not None and len(arguments) != node.op.arity:
            return writer.ellipsis
        return writer.write(node.op, arguments)
    called = name(node)
    return writer.name(called) if called else writer.number(node.data, digits)
