"""The stepper page's data on an optimizer's updates: their formulas, and their rule in JavaScript."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_core.errors import OperationError
from autograd_core.formulas import Fragment, MathML, Text, written
from autograd_core.steps import WeightUpdate, with_numbers

from .graph_javascript import body_of

DIGITS = 5


class _Place(str):
    """The key of a number that the page fills in."""

    __slots__ = ()


class _Inserted(MathML):
    """Writes a formula with a placeholder for each number that the page fills in."""

    def name(self, name: str) -> Fragment:
        return Fragment(f'<mn data-v="{name}"></mn>') if isinstance(name, _Place) else super().name(name)


def told_update(update: WeightUpdate) -> dict[str, Any]:
    """Return what the page shows for an update: each term with its formula.

    The placeholders are `g`, the gradient, and `t0`, `t1`, ..., the terms before.
    """
    plan, terms = update.plan, []
    for term in plan.terms:
        root, new = with_numbers(plan, term, DIGITS)
        names: dict[Any, str] = {new[plan.gradient]: _Place("g")}
        for k, other in enumerate(plan.terms):
            if other.node is not None and other is not term and other.node in new:
                names[new[other.node]] = _Place(f"t{k}")
        names[new[plan.before]] = update.name
        shown = written(root, _Inserted(), names.get, DIGITS)
        text = written(root, Text(), {new[plan.before]: update.name}.get, DIGITS)
        terms.append({"t": term.name, "f": shown.free, "tf": text.free})
    return {"terms": terms}


def programs(updates: Sequence[WeightUpdate]) -> str:
    """Return an array literal with a function for each update: from weight and gradient to all terms.

    It is null if the page cannot compute the rule, which compared numbers or has no graph.
    """
    return f"[{', '.join([_program(update) for update in updates])}]"


def _program(update: WeightUpdate) -> str:
    plan = update.plan
    roots = [term.node for term in plan.terms if term.node is not None]
    if plan.branched or len(roots) < len(plan.terms):
        return "null"
    try:
        return f"(w, g) => {body_of(roots, {plan.before: 'w', plan.gradient: 'g'})}"
    except OperationError:
        return "null"
