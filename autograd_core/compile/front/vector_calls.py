"""Softmax and log-softmax in straight-line programs: one statement for n results, one rule for n derivatives.

In a graph each result is a node of its own, whose first argument is its logit and the others the rest.
Written out node by node, n results have n² arguments, and their slopes n² terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ...kernel import table
from ...kernel.operation import Operation
from ..arrays.softmax import ROWS
from .tape_builder import Builder, Term

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
        if row in ROWS and row is not None and len({*args}) == len(args):
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
