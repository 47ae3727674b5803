"""Records of an optimizer's step after the backward pass: the running means and the new weight.

An optimizer's method `planned(gradients)` describes its next step without taking it. It runs the optimizer's
rule on nodes, so that a formula here is a printed graph, and on the current numbers, which gives those of the
step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ..base.modes import building, errstate
from ..base.reals import whole_number
from ..calculus.rewriting import Simplifier
from ..formulas.formula import Formulas
from ..kernel.apply import apply
from ..kernel.topological_order import topological_order
from ..kernel.value import Value


@dataclass(frozen=True, slots=True)
class UpdateTerm:
    """A number that an update computes: a running mean, or the new weight."""

    name: str
    """The optimizer's name for it, such as "velocity"; empty for the new weight."""
    value: float
    node: Value | None
    """The graph of the rule that computes it, or None if the rule has none."""


@dataclass(frozen=True, slots=True)
class PlannedUpdate:
    """An optimizer's planned update of one weight."""

    weight: Value
    before: Value
    """The leaf that stands for the weight in the terms' graphs."""
    gradient: Value
    """The leaf that stands for its gradient there."""
    terms: Sequence[UpdateTerm]
    """The running means in the order of computation, then the new weight."""
    branched: bool
    """Whether the rule compared numbers, so that its formula may differ elsewhere."""


class Planning(Protocol):
    """An optimizer that can describe its next step."""

    def planned(self, gradients: Mapping[Value, float]) -> Iterable[PlannedUpdate]:
        """Yield the update of each weight by a step with these gradients, without taking the step."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A number that an optimizer keeps from step to step, after this step."""

    name: str
    value: float
    _formulas: _UpdateFormulas = field(repr=False, compare=False)

    def formula_in(self, format: str, digits: int = 5) -> str:
        """Write its formula in "text", "ascii", "latex" or "mathml", with numbers inserted."""
        return self._formulas.of(self.name, format, digits)


@dataclass(frozen=True, slots=True)
class WeightUpdate:
    """One step of the optimizer for one weight: `name ← formula = after`."""

    number: int
    name: str
    before: float
    gradient: float
    means: tuple[Mean, ...]
    """The running means that the optimizer keeps for this weight, such as Adam's."""
    after: float
    plan: PlannedUpdate = field(repr=False, compare=False)
    """The graphs of the optimizer's rule."""
    _formulas: _UpdateFormulas = field(repr=False, compare=False)

    @property
    def formula(self) -> str:
        """The formula of the new weight with numbers inserted, as text."""
        return self.formula_in("text")

    def formula_in(self, format: str, digits: int = 5) -> str:
        """Write the formula in "text", "ascii", "latex" or "mathml", with `digits` digits in its numbers."""
        return self._formulas.of("", format, digits)


class _UpdateFormulas:
    """Writes the terms of one update: the weight by name, everything else as numbers."""

    def __init__(self, name: str, plan: PlannedUpdate) -> None:
        self._name, self._plan = name, plan
        self._terms = {term.name: term for term in plan.terms}

    def of(self, term: str, format: str, digits: int) -> str:
        whole_number(digits, "formula", "digits", 1)
        root, new = with_numbers(self._plan, self._terms[term], digits)
        return Formulas({new[self._plan.before]: self._name}, digits).operation(root, format)


def with_numbers(plan: PlannedUpdate, term: UpdateTerm, digits: int) -> tuple[Value, dict[Value, Value]]:
    """Return the graph of a term with rounded numbers, and a map from the plan's nodes to its nodes.

    Earlier terms are numbers, like the gradient. Without a graph, a mean is just a number, and the new weight
    is the old one plus its change.
    """
    before = Value(plan.before.data)
    new = {plan.before: before, plan.gradient: Value(rounded(plan.gradient.data, digits))}
    if term.node is None:
        change = rounded(term.value - before.data, digits)
        moved = before - -change if change < 0.0 else before + change
        return (Value(rounded(term.value, digits)) if term.name else moved), new
    known = {each.node: each.value for each in plan.terms if each.node is not term.node}
    with errstate(all="ignore"), building(Simplifier().build):
        for node in topological_order(term.node):
            if node in known or node.op is None:
                x = rounded(known.get(node, node.data), digits)
                new.setdefault(node, Value(x, requires_grad=node.requires_grad))
            else:
                new[node] = apply(node.op, [new[parent] for parent in node.parents])
    return new[term.node], new


def rounded(x: float, digits: int) -> float:
    return float(f"{x:.{digits}g}")


def update_of(number: int, name: str, plan: PlannedUpdate) -> WeightUpdate:
    """Return the record of a planned update."""
    formulas = _UpdateFormulas(name, plan)
    *means, after = plan.terms
    kept = tuple([Mean(term.name, term.value, formulas) for term in means])
    numbers = plan.before.data, plan.gradient.data
    return WeightUpdate(number, name, *numbers, kept, after.value, plan, formulas)
