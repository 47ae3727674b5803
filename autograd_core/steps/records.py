"""Records of a forward and a backward pass, one for each step.

The numbers come from the recorded graph: the values, the local derivatives that the forward pass stored on
the nodes, and their products and sums in the order of the engine's sweep, so they have the same bits.
The formulas are those of the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import overload

from ..base.reals import brief, item
from ..base.text import short, shorten
from ..check.rounding_and_stable_forms import rounding_effects
from ..check.verdicts import Check, RecordedChecks
from ..errors import DataValueError
from ..formulas.formula import Formulas, tie
from ..formulas.text_notation import SUM
from ..kernel.contributions import contributions, pulled, pushed
from ..kernel.hooks import hooked, through_hooks
from ..kernel.stale_values import changed_leaves
from ..kernel.value import Value
from .updates import Planning, WeightUpdate, update_of

CHECKED_INPUTS = 10
CHECKED_WORK = 10_000
"""The most inputs, and the most nodes times inputs, that differences check."""


@dataclass(frozen=True, slots=True)
class Forward:
    """One node of the forward pass: `name = formula = value`."""

    number: int
    name: str
    operation: str
    """The row's name; "input" or "constant" for a leaf."""
    arguments: tuple[str, ...]
    """The names of the arguments; a constant without a name is shown as its number."""
    value: float
    rounding: float | None
    """The largest change of the output due to this operation's rounding; None unless requested."""
    _node: Value = field(repr=False, compare=False)
    _formulas: Formulas = field(repr=False, compare=False)

    @property
    def formula(self) -> str:
        """The formula of the value, as text."""
        return self.formula_in("text")

    def formula_in(self, format: str) -> str:
        """Write the formula in "text", "ascii", "latex" or "mathml"."""
        if self._node.op is None:
            return self._formulas.operation(self.value, format)
        return self._formulas.operation(self._node, format)


@dataclass(frozen=True, slots=True)
class Seed:
    """The start of the backward pass: the output's derivative by itself."""

    number: int
    name: str
    gradient: float


@dataclass(frozen=True, slots=True)
class Contribution:
    """One step of the backward pass: `∂J/∂target += incoming · local`, where `incoming` is ∂J/∂source."""

    number: int
    source: str
    """The node that the gradient comes from."""
    target: str
    """Its parent, which receives it."""
    slot: int
    """The position of the target among the source's arguments, from 0."""
    incoming: float
    local: float
    """The local derivative ∂source/∂target, as the forward pass recorded it."""
    product: float
    before: float
    after: float
    path: int
    """How many contributions have reached the target, including this one: from 2 on, gradients add."""
    hooked: float | None
    """The target's gradient after its hooks, at its last contribution; None without a hook."""
    _node: Value = field(repr=False, compare=False)
    _formulas: Formulas = field(repr=False, compare=False)

    @property
    def adds(self) -> bool:
        """Whether this adds to the contribution of an earlier path."""
        return self.path > 1

    @property
    def tie(self) -> int:
        """How many tied arguments, such as those of a maximum, share a slope of 1; 0 without a tie."""
        return tie(self._node, self.slot)

    @property
    def local_formula(self) -> str:
        """The local derivative as text."""
        return self.local_formula_in("text")

    def local_formula_in(self, format: str) -> str:
        """Write the local derivative in "text", "ascii", "latex" or "mathml"."""
        return self._formulas.slope(self._node, self.slot, format)

    def factor_in(self, format: str) -> str:
        """Write the local derivative as a factor: in brackets if it contains a choice."""
        return self._formulas.slope(self._node, self.slot, format, SUM)


StepRecord = Forward | Seed | Contribution | WeightUpdate


class Records(Sequence[StepRecord]):
    """All steps of one function, in order and immutable."""

    def __init__(
        self,
        output: Value,
        method: str,
        names: dict[Value, str],
        order: list[Value],
        rounding: bool = False,
        optimizer: Planning | None = None,
    ) -> None:
        self.method, self.rounding, self.optimizer = method, rounding, optimizer
        self.output = names[output]
        self._names, self._order = names, order
        self._formulas = Formulas(names)
        self.hooks = tuple([names[node] for node in order if hooked(node)])
        """The names of the nodes whose hooks have been called."""
        effects = dict(zip(order, rounding_effects(output, order), strict=True)) if rounding else {}
        records: list[StepRecord] = []
        for node in order:
            if node in names:
                records.append(self._forward(len(records) + 1, node, effects.get(node)))
        self._gradients: dict[Value, float] = {}
        if output.requires_grad:
            records.append(Seed(len(records) + 1, self.output, 1.0))
            self._gradients[output] = 1.0
            records += self._contributions(len(records) + 1)
        if optimizer is not None:
            records += self._updates(len(records) + 1, optimizer)
        self._records = tuple(records)

    def _forward(self, number: int, node: Value, effect: float | None) -> Forward:
        leaf = "input" if node.requires_grad else "constant"
        arguments = tuple([self._names.get(parent) or short(parent.data) for parent in node.parents])
        operation = leaf if node.op is None else node.op.name
        about = (number, self._names[node], operation, arguments, node.data, effect)
        return Forward(*about, node, self._formulas)

    def _contributions(self, first: int) -> Iterator[Contribution]:
        """Yield every contribution to a gradient. Raises the errors of `backward`."""
        edges = {"push": pushed, "pull": pulled}[self.method](self._order[::-1])
        found = list(contributions(edges, self._gradients, through_hooks if self.hooks else None))
        last = {c.parent: c for c in found}
        paths: dict[Value, int] = {}
        for number, c in enumerate(found, start=first):
            paths[c.parent] = path = paths.get(c.parent, 0) + 1
            source, name = self._names[c.node], self._names[c.parent]
            sums = (c.incoming, c.local, c.incoming * c.local, c.before, c.after)
            is_last = name in self.hooks and last[c.parent] is c
            changed = self._gradients[c.parent] if is_last else None
            yield Contribution(number, source, name, c.slot, *sums, path, changed, c.node, self._formulas)

    def _updates(self, first: int, optimizer: Planning) -> Iterator[WeightUpdate]:
        """Yield the optimizer's update of each weight that needs a gradient and has one."""
        gradients = {node: self._gradients.get(node, 0.0) for node in self._order if node.requires_grad}
        plans = list(optimizer.planned(gradients))
        if not plans:
            J = shorten(self.output)
            raise DataValueError(
                f"steps: the optimizer moves no input of {J}: optimizer = {brief(optimizer)}; expected one "
                f"of weights that {J} depends on. Create it with these weights."
            )
        for number, plan in enumerate(plans, start=first):
            weight = plan.weight
            yield update_of(number, self._names.get(weight) or weight.label or "w", plan)

    @overload
    def __getitem__(self, index: int) -> StepRecord: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[StepRecord, ...]: ...
    def __getitem__(self, index: int | slice) -> StepRecord | tuple[StepRecord, ...]:
        found: StepRecord | tuple[StepRecord, ...] = item(self._records, index, "Steps")
        return found

    def __len__(self) -> int:
        return len(self._records)

    @cached_property
    def forward(self) -> tuple[Forward, ...]:
        """The steps of the forward pass."""
        return tuple([step for step in self._records if isinstance(step, Forward)])

    @cached_property
    def backward(self) -> tuple[Seed | Contribution, ...]:
        """The steps of the backward pass, the seed first."""
        return tuple([step for step in self._records if isinstance(step, Seed | Contribution)])

    @cached_property
    def updates(self) -> tuple[WeightUpdate, ...]:
        """The steps of the optimizer, if any: one for each weight."""
        return tuple([step for step in self._records if isinstance(step, WeightUpdate)])

    @cached_property
    def inputs(self) -> dict[str, float]:
        """The inputs by name and the values at which the function was evaluated."""
        return {step.name: step.value for step in self.forward if step.operation == "input"}

    @property
    def gradients(self) -> dict[str, float]:
        """The gradient of every node that requires one, by name, after the last step."""
        nodes = [node for node in self._order if node.requires_grad]
        return {self._names[node]: self._gradients.get(node, 0.0) for node in nodes}

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of leaves whose data has changed since the forward pass; no other number has."""
        return tuple([self._names.get(leaf) or short(leaf.data) for leaf in changed_leaves(self._order)])

    def formula(self, format: str = "text") -> str:
        """Write the function in terms of its leaves."""
        leaves = {node: name for node, name in self._names.items() if node.is_leaf}
        output = self._order[-1]
        return Formulas(leaves).operation(output.data if output.is_leaf else output, format)

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """Comparisons of the first inputs' gradients with central differences; none in a very large graph, or
        where hooks may have changed them."""
        inputs = [node for node in self._order if node.is_leaf and node.requires_grad][:CHECKED_INPUTS]
        if self.hooks or len(self._order) * len(inputs) > CHECKED_WORK:
            inputs = []
        checks = RecordedChecks(self._order)
        return tuple([checks.by(x, self._gradients.get(x, 0.0), self._names[x]) for x in inputs])
