"""Derivatives of compositions that remove a kink, such as norm(v)**2 and abs(x)*abs(x)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..kernel import table
from ..kernel.operation import Operation
from .rewriting_rules import same

Term = Any
"""A node (a `Value`, or anything that the table's functions accept), or a float if it is constant."""


def past_kink(row: Operation, args: Sequence[Term], y: Term) -> list[tuple[Term, Term]] | None:
    """Return the derivatives of `y = f(n)` by the arguments of `n`, if n has a kink and f(n) does not.

    If f is a function of n², they are f'(n)/n times the derivatives of n²/2, which avoids the quotient x/n,
    whose derivative does not exist at n = 0. Returns None if this does not apply, as for most nodes.
    """
    n = args[0]
    if row is table.mul:
        over = 2.0 if _has_kink(n) and _equal(n, args[1]) else None
    else:
        over = row.over_argument(*args, y) if row.over_argument and _has_kink(n) else None
    if over is None or not _has_kink(n):
        return None
    inner, parents = n.op, n.parents
    terms = tuple([p if getattr(p, "_requires_grad", True) else p._data for p in parents])
    slopes = inner.by_each(inner.of_square, terms, n)
    return [(parent, over * slope) for parent, slope in zip(parents, slopes, strict=True)]


def _equal(a: Term, b: Term) -> bool:
    """Whether two terms are the same node, or the same operation on the same nodes."""
    if same(a, b):
        return True
    if type(b) is float or b.op is not a.op or len(a.parents) != len(b.parents):
        return False
    return all(map(same, a.parents, b.parents))


def _has_kink(n: Term) -> bool:
    return type(n) is not float and n.op is not None and bool(n.op.of_square)
