"""The reverse sweep on symbols: extend a program by its gradient, using the operation table."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from ...base.modes import errstate
from ...calculus.kinks import past_kink
from ...kernel import table as ops
from ...kernel.operation import Operation
from .tape_builder import Builder, Symbol, Term
from .vector_calls import FEW, vector_calls, vector_messages


@dataclass(frozen=True)
class Contribution:
    """One message of the sweep: what a node adds to the adjoint of one of its parents."""

    node: int
    parent: int
    amount: int


@dataclass(frozen=True)
class Gradient:
    """The adjoint of each active node, and the messages that made them, in order."""

    adjoints: dict[int, int]
    contributions: list[Contribution]


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
) -> list[Contribution]:  # fmt: skip
    """Propagate the adjoints of the nodes up to `last` to everything they depend on; return the messages."""
    sent: list[Contribution] = []
    calls = {} if one_by_one else vector_calls(builder, range(last + 1))
    for node in range(last, -1, -1):
        row = builder.rows[node]
        if row is None or node not in active:
            continue
        if node in calls and len(adjoint.keys() & calls[node].results.values()) > FEW:
            call = calls[node]
            if node != min(call.results.values()):  # Then the adjoints of all of them are complete.
                continue
            pairs = vector_messages(builder, call, adjoint, active)
        elif node in adjoint:
            pairs = messages(builder, node, row, adjoint[node], active, targets)
        else:
            continue
        for parent, amount in pairs:
            adjoint[parent] = adjoint[parent] + amount if parent in adjoint else amount
            sent.append(Contribution(node, parent, builder.place(amount)))
    return sent


def messages(
    builder: Builder, node: int, row: Operation, g: Term, active: set[int], targets: Container[int]
) -> list[tuple[int, Term]]:
    args = tuple([builder.term(i) for i in builder.args[node]])
    y = builder.term(node)
    if (row.over_argument or row is ops.mul) and not builder.exact:
        smooth = None if builder.args[node][0] in targets else past_kink(row, args, y)
        if smooth is not None:
            through = [(p, d) for p, d in smooth if isinstance(p, Symbol) and p.place in active]
            return [(p.place, ops.mul(g, d)) for p, d in through]
    slopes = row.partials[0](args, y) if row.arity is None else None
    messages = []
    for i, parent in enumerate(builder.args[node]):
        if parent in active:
            slope = row.partials[i](*args, y) if slopes is None else slopes[i]
            amount = contribution(row, g, slope)
            if amount is not None:
                messages.append((parent, amount))
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


def descendants(builder: Builder, targets: Sequence[int]) -> set[int]:
    reached = set(targets)
    for i, args in enumerate(builder.args):
        if args and not reached.isdisjoint(args):
            reached.add(i)
    return reached
