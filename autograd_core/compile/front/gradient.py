"""The reverse sweep on symbols: extend a program by its gradient, with the derivatives of the table."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import inf, isfinite

from ...base.modes import errstate
from ...calculus.rewriting import past_kink
from ...operations import table
from ...operations import table as ops
from ...operations.operation import Operation
from .tape_and_builder import Builder, Symbol, Term


@dataclass(frozen=True)
class AdjointTerm:
    """One message of the sweep: the contribution of a node to the adjoint of one of its parents."""

    node: int
    parent: int
    amount: int
    slope: int | None = None
    """Its local derivative, if separate."""


@dataclass(frozen=True)
class Gradient:
    """The adjoint of each active node, and the messages that sum to them, in order."""

    adjoints: dict[int, int]
    contributions: list[AdjointTerm]


def differentiate(
    builder: Builder, output: int, targets: Sequence[int], seed: Term = 1.0, *, one_by_one: bool = False
) -> Gradient:
    """Add to the builder the adjoints of everything between the targets and the output.

    `one_by_one` keeps the messages of a softmax's results separate.
    """
    active = descendants(builder, targets)
    adjoint: dict[int, Term] = {output: seed} if output in active else {}
    sent = sweep(builder, adjoint, output, active, targets, one_by_one=one_by_one)
    return Gradient({node: builder.place(g) for node, g in adjoint.items()}, sent)


@errstate(all="ignore")  # A local derivative of constants may be infinite, as when the graph runs.
def sweep(
    builder: Builder, adjoint: dict[int, Term], last: int, active: set[int],
    targets: Container[int] = (), *, one_by_one: bool = False,
) -> list[AdjointTerm]:  # fmt: skip
    """Propagate the adjoints of the nodes up to `last` to everything they depend on; return the messages."""
    sent: list[AdjointTerm] = []
    calls = {} if one_by_one else vector_calls(builder, range(last + 1))
    for node in range(last, -1, -1):
        row = builder.rows[node]
        if row is None or node not in active:
            continue
        results: Collection[int] = calls[node].results.values() if node in calls else [node]
        if node != min(results):  # At the first result, the adjoints of all of them are complete.
            continue
        reached = sorted(adjoint.keys() & results, reverse=True)
        if len(reached) > FEW:
            pairs = [(node, *pair, None) for pair in vector_messages(builder, calls[node], adjoint, active)]
        else:
            pairs = [
                (i, *pair) for i in reached for pair in messages(builder, i, row, adjoint[i], active, targets)
            ]
        for sender, parent, amount, slope in pairs:
            adjoint[parent] = adjoint[parent] + amount if parent in adjoint else amount
            place = None if slope is None else builder.place(slope)
            sent.append(AdjointTerm(sender, parent, builder.place(amount), place))
    return sent


def messages(
    builder: Builder, node: int, row: Operation, g: Term, active: set[int], targets: Container[int]
) -> list[tuple[int, Term, Term | None]]:
    """Return each active parent, the node's contribution to its adjoint, and the local derivative in it."""
    args = tuple([builder.term(i) for i in builder.args[node]])
    y = builder.term(node)
    if (row.over_argument or row is ops.mul) and not builder.exact:
        smooth = None if builder.args[node][0] in targets else past_kink(row, args, y)
        if smooth is not None:
            through = [(p, d) for p, d in smooth if isinstance(p, Symbol) and p.place in active]
            return [(p.place, ops.mul(g, d), None) for p, d in through]
    parents = builder.args[node]
    slopes = row.by_each(row.partials, args, y, [parent in active for parent in parents])
    messages: list[tuple[int, Term, Term | None]] = []
    for parent, slope in zip(parents, slopes, strict=True):
        if parent in active:
            amount = contribution(row, g, slope)
            if amount is not None:
                messages.append((parent, amount, slope if row.leaves_range else None))
    return messages


def contribution(row: Operation, g: Term, slope: Term) -> Term | None:
    """Return g times the slope, or None if no gradient flows.

    A slope that is 0 everywhere, like that of `sign`, is an ordinary factor: 0 times infinity is an error.
    """
    if isinstance(slope, (int, float)):
        if row.selects and slope == 0.0:
            return None
        # An error at known numbers is raised when the program runs.
        return g * slope if isinstance(g, float) else ops.mul(g, float(slope))
    if row.selects:
        # No gradient flows into the branch that was not taken, not even zero times infinity.
        return ops.where(slope, ops.mul(g, slope), 0.0)
    return ops.mul(g, slope)


@dataclass(frozen=True)
class Doubt:
    """Numbers that must not be huge or tiny unless one of those in `beside` is 0 or beyond the limit."""

    places: tuple[int, ...]
    beside: tuple[int, ...]
    limit: float


NEVER_VANISHES = 2.0**-30
"""The product with a number at least this large, or its quotient by a float, is 0 only for a subnormal."""


def doubts(
    builder: Builder, contributions: Sequence[AdjointTerm], values: Sequence[int], alive: Container[int]
) -> list[Doubt]:
    """Return the local derivatives that the eager engine may record as numbers beyond a float's range.

    One that is 0 although no argument is 0 has underflowed. Unless the bits must be exact, only those that
    can underflow matter, because an overflow shows in the result, and replacements of powers among the
    `values`. Nodes that are not `alive` are not in the program.
    """
    found: dict[tuple[tuple[int, ...], float], dict[int, None]] = {}
    for message in contributions:
        args, slope = builder.args[message.node], message.slope
        numbers = [x for x in map(builder.numbers.__getitem__, args) if x is not None]
        if slope is None or builder.numbers[slope] == 0.0 or not all(map(isfinite, numbers)):
            continue
        if slope not in alive and builder.rows[slope] is ops.neg:  # Because x*-y becomes -x*y.
            (slope,) = builder.args[slope]
        beside = tuple([i for i in dict.fromkeys(args) if builder.numbers[i] is None])
        if builder.exact:
            found.setdefault(((), inf), {}).update({message.node: None, slope: None})
        elif _can_vanish(builder, slope, args):
            found.setdefault((beside, builder.row(message.node).limit), {})[slope] = None
    for i in values if not builder.exact else ():
        args = builder.args[i]
        if builder.rows[i] in (ops.square, ops.mul) and builder.rows[args[0]] is ops.square:
            x = builder.args[args[0]]  # x**3 and x**4 have become square(x)*x and square(square(x)).
            if args[1:] in ((), x):
                found.setdefault((x, inf), {})[args[0]] = None
    groups = [(tuple([i for i in places if i in alive]), *key) for key, places in found.items()]
    return [Doubt(*group) for group in groups if group[0]]


@cache
def vanishing(row: Operation, count: int) -> list[bool]:
    """Return which of a row's `count` local derivatives can underflow to 0 at nonzero arguments."""
    if not row.leaves_range:
        return [False] * count
    builder = Builder()
    args = [builder.input() for _ in range(count)]
    terms = [builder.term(i) for i in args]
    slopes = row.local_derivatives(terms, builder.apply(row, terms))
    return [isinstance(d, Symbol) and _can_vanish(builder, d.place, args) for d in slopes]


def _can_vanish(builder: Builder, place: int, ends: Container[int]) -> bool:
    """Whether a number computed from the ends can underflow to 0."""
    waiting, seen = [place], set[int]()
    for i in waiting:  # The list grows during the loop.
        row, args = builder.rows[i], builder.args[i]
        if i in ends or i in seen or row is None:
            continue
        seen.add(i)
        factors = args if row is ops.mul else args[:1] if row is ops.div else ()
        harmless = any([abs(builder.numbers[j] or 0.0) >= NEVER_VANISHES for j in factors])
        if row.vanishes and not harmless:
            return True
        waiting += args
    return False


def constant_slopes(row: Operation, count: int) -> list[float | None]:
    """Return each of the `count` local derivatives that is the same everywhere, and None for the others."""
    builder = Builder()
    few = count if row.arity is not None else min(count, 2)
    y, *args = [builder.term(builder.input()) for _ in range(few + 1)]
    slopes = [float(d) if isinstance(d, (int, float)) else None for d in row.by_each(row.partials, args, y)]
    if few == count:
        return slopes
    if None in slopes:
        return [None] * count
    return list(row.slopes_at([1.0] * count, 1.0))


def descendants(builder: Builder, targets: Sequence[int]) -> set[int]:
    reached = set(targets)
    for i, args in enumerate(builder.args):
        if args and not reached.isdisjoint(args):
            reached.add(i)
    return reached


FEW = 2
"""Up to this number of results, slopes are written node by node."""


@dataclass(eq=False)
class VectorCall:
    """A call of softmax or its logarithm: its arguments, first result, and all results by their logits."""

    row: Operation
    args: tuple[int, ...]
    first: int
    results: dict[int, int] = field(default_factory=dict)


def vector_calls(builder: Builder, places: Iterable[int]) -> dict[int, VectorCall]:
    """Return the call that each result among those nodes belongs to, if it has several.

    A call with a repeated logit is left out, because its results cannot be told apart by their logits.
    """
    calls: dict[tuple[Operation, tuple[int, ...]], list[VectorCall]] = {}
    found: dict[int, VectorCall] = {}
    for i in places:
        row, args = builder.rows[i], builder.args[i]
        if row is not None and row.exponentials and len({*args}) == len(args):
            alike = calls.setdefault((row, tuple(sorted(args))), [])
            if all(args[0] in call.results for call in alike):
                alike.append(VectorCall(row, args, i))
            found[i] = next(call for call in alike if args[0] not in call.results)
            found[i].results[args[0]] = i
    return {i: call for i, call in found.items() if len(call.results) > 1}


def vector_messages(
    builder: Builder, call: VectorCall, adjoints: Mapping[int, Term], active: set[int]
) -> list[tuple[int, Term]]:
    """Return the joint contributions of a call's results to the adjoints of its arguments.

    For p = softmax(x) with the adjoints g of its results they are p_i (g_i Σ p_j - Σ g_j p_j), and for its
    logarithm g_i Σ p_j - p_i Σ g_j, where j runs over all others: this keeps the digits of a p near 1.
    """
    p = table.softmax([builder.term(i) for i in call.args])
    g = [adjoints.get(call.results.get(i, -1), 0.0) for i in call.args]
    others = sums_of_the_others(p)
    if call.row is table.softmax:
        weighted = sums_of_the_others([a * b for a, b in zip(g, p, strict=True)])
        amounts = [x * (a * b - w) for x, a, b, w in zip(p, g, others, weighted, strict=True)]
    else:
        sums = sums_of_the_others(g)
        amounts = [a * b - x * s for x, a, b, s in zip(p, g, others, sums, strict=True)]
    return [(i, amount) for i, amount in zip(call.args, amounts, strict=True) if i in active]


def sums_of_the_others(xs: Sequence[Term]) -> list[Term]:
    """Return for each x the sum of all others, without the cancellation in subtracting x from the total."""
    before: list[Term] = [0.0]
    after: list[Term] = [0.0]
    for x in xs[:-1]:
        before.append(x if len(before) == 1 else before[-1] + x)
    for x in reversed(xs[1:]):
        after.append(x if len(after) == 1 else x + after[-1])
    after.reverse()
    return [after[0], *[a + b for a, b in zip(before[1:-1], after[1:-1], strict=True)], before[-1]]
