"""The reverse sweep on symbols: extend a program by its gradient, using the operation table."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import inf, isfinite

from ...base.modes import errstate
from ...calculus.rewriting import past_kink
from ...kernel import table
from ...kernel import table as ops
from ...kernel.operation import Operation
from .tape import Builder, Symbol, Term


@dataclass(frozen=True)
class AdjointTerm:
    """One message of the sweep: what a node adds to the adjoint of one of its parents."""

    node: int
    parent: int
    amount: int
    slope: int | None = None
    """The local derivative in it, where it has one of its own."""


@dataclass(frozen=True)
class Gradient:
    """The adjoint of each active node, and the messages that made them, in order."""

    adjoints: dict[int, int]
    contributions: list[AdjointTerm]


def differentiate(
    builder: Builder, output: int, targets: Sequence[int], seed: Term = 1.0, *, one_by_one: bool = False
) -> Gradient:
    """Add to the builder the adjoints of everything between the targets and the output.

    `one_by_one` keeps the messages of each result of a softmax apart.
    """
    active = descendants(builder, targets)
    adjoint: dict[int, Term] = {output: seed} if output in active else {}
    sent = sweep(builder, adjoint, output, active, targets, one_by_one=one_by_one)
    return Gradient({node: builder.place(g) for node, g in adjoint.items()}, sent)


@errstate(all="ignore")  # A local derivative of constants alone may be infinite, as when the graph runs.
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
        if node != min(results):  # Then the adjoints of all of them are complete, whatever stands between.
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
    """Each active parent, what the node adds to its adjoint, and the local derivative in that."""
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
    """g times the slope; None where no gradient goes.

    A slope that is 0 everywhere, as that of `sign`, is a factor like any other: 0 times infinity is an error.
    """
    if isinstance(slope, (int, float)):
        if row.selects and slope == 0.0:
            return None
        # An error of numbers that are known is one of the program, where it comes to run.
        return g * slope if isinstance(g, float) else ops.mul(g, float(slope))
    if row.selects:
        # No gradient goes into the branch that was not taken, not even zero times infinity.
        return ops.where(slope, ops.mul(g, slope), 0.0)
    return ops.mul(g, slope)


@dataclass(frozen=True)
class Doubt:
    """Numbers that are neither huge nor tiny, unless one of those beside them is 0 or beyond the limit."""

    places: tuple[int, ...]
    beside: tuple[int, ...]
    limit: float


NEVER_VANISHES = 2.0**-30
"""A product with a number no smaller, or its quotient by a float, is 0 only where the other is subnormal."""


def doubts(
    builder: Builder, contributions: Sequence[AdjointTerm], values: Sequence[int], alive: Container[int]
) -> list[Doubt]:
    """The local derivatives that the eager engine may record as numbers beyond the range of floats.

    One that is 0 though no argument is 0 has underflowed. Unless the bits are to be exact, those alone matter
    that can underflow, for an overflow shows in the result; and what takes the place of a power among the
    `values`. What is not `alive` is not in the program.
    """
    found: dict[tuple[tuple[int, ...], float], dict[int, None]] = {}
    for message in contributions:
        args, slope = builder.args[message.node], message.slope
        numbers = [x for x in map(builder.numbers.__getitem__, args) if x is not None]
        if slope is None or builder.numbers[slope] == 0.0 or not all(map(isfinite, numbers)):
            continue
        if slope not in alive and builder.rows[slope] is ops.neg:  # As x*-y becomes -x*y.
            (slope,) = builder.args[slope]
        beside = tuple([i for i in dict.fromkeys(args) if builder.numbers[i] is None])
        if builder.exact:
            found.setdefault(((), inf), {}).update({message.node: None, slope: None})
        elif _can_vanish(builder, slope, args):
            found.setdefault((beside, builder.row(message.node).limit), {})[slope] = None
    for i in values if not builder.exact else ():
        args = builder.args[i]
        if builder.rows[i] in (ops.square, ops.mul) and builder.rows[args[0]] is ops.square:
            x = builder.args[args[0]]  # For x**3 and x**4 stand square(x)*x and square(square(x)).
            if args[1:] in ((), x):
                found.setdefault((x, inf), {})[args[0]] = None
    groups = [(tuple([i for i in places if i in alive]), *key) for key, places in found.items()]
    return [Doubt(*group) for group in groups if group[0]]


@cache
def vanishing(row: Operation, count: int) -> list[bool]:
    """Which local derivatives of a row of `count` arguments can underflow to 0 where no argument is 0."""
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
    for i in waiting:  # The list grows while it is walked.
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
    """The local derivatives by `count` arguments where they are the same everywhere; else None."""
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
"""Of so few results the slopes are written node by node."""


@dataclass(eq=False)
class VectorCall:
    """A call of softmax or its logarithm: its arguments, the first of its results and all by their logits."""

    row: Operation
    args: tuple[int, ...]
    first: int
    results: dict[int, int] = field(default_factory=dict)


def vector_calls(builder: Builder, places: Iterable[int]) -> dict[int, VectorCall]:
    """The call to which each result among those nodes belongs, where there are several of one call.

    One in which a logit stands twice is left out: its results are not told apart by their logits.
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
    """What all results of a call together add to the adjoints of its arguments.

    With p = softmax(x) and the adjoints g of its results it is p_i (g_i Σ p_j - Σ g_j p_j), and with those
    of its logarithm g_i Σ p_j - p_i Σ g_j, where j goes over all others: the digits of a p near 1 are kept.
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
    """For each x the sum of all the others, which a difference to the whole would give without its digits."""
    before: list[Term] = [0.0]
    after: list[Term] = [0.0]
    for x in xs[:-1]:
        before.append(x if len(before) == 1 else before[-1] + x)
    for x in reversed(xs[1:]):
        after.append(x if len(after) == 1 else x + after[-1])
    after.reverse()
    return [after[0], *[a + b for a, b in zip(before[1:-1], after[1:-1], strict=True)], before[-1]]
