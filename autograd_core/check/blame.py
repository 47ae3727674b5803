"""Find the operation whose local derivatives disagree with finite differences of its forward function.

A wrong gradient says little about its cause. But each node's local derivatives can be checked
separately, by evaluating its row's forward function close to the node's arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..calculus.reverse_mode import gradients
from ..graph.graph import Graph
from ..kernel.apply import apply
from ..kernel.value import Value, row_of
from ..operations.operation import Operation
from .differences import PRECISION, SLIGHT, Difference, agree, along, difference


@dataclass(frozen=True)
class WrongDerivative:
    """An operation whose derivative by argument `slot` (from 0) disagrees with differences."""

    node: Value
    slot: int
    recorded: float
    numeric: Difference
    what: str = "local derivative"

    @property
    def operation(self) -> str:
        """The name of the operation."""
        return row_of(self.node).name

    def __str__(self) -> str:
        name = f" (node {self.node.label!r})" if self.node.label else ""
        point = ", ".join([repr(parent.data) for parent in self.node.parents[:4]])
        return (
            f"{self.operation}: wrong {self.what} by argument {self.slot + 1} at ({point}){name}: "
            f"{self.recorded!r}, but differences give {self.numeric.value!r}."
        )


def is_level(node: Value, slot: int) -> bool:
    """Whether, by the table, a result changes with that argument only in steps.

    Differences cannot show steps that are finer than the spacing of floats.
    """
    op = row_of(node)
    return op.arity is not None and op.is_level[slot]


def wrong_derivatives(order: Sequence[Value]) -> Iterator[WrongDerivative]:
    """Yield the nodes whose recorded local derivatives are wrong, in order."""
    for node in order:
        if node.op is not None:
            xs = [parent.data for parent in node.parents]
            for slot, (parent, recorded) in enumerate(zip(node.parents, node.partials, strict=True)):
                if parent.requires_grad and not is_level(node, slot):
                    numeric = difference(along(node.op.value_at, xs, slot), xs[slot])
                    if not agree(recorded, numeric, SLIGHT, PRECISION):
                        yield WrongDerivative(node, slot, recorded, numeric)


def wrong_second_derivatives(graph: Graph) -> Iterator[str]:
    """Yield one node of each operation whose local derivatives have wrong derivatives."""
    met: set[Operation] = set()
    for node in graph.nodes:
        if node.op is not None and node.requires_grad and node.op not in met:
            met.add(node.op)
            yield from _wrong_in_row(node)


def _wrong_in_row(node: Value) -> Iterator[str]:
    op = row_of(node)
    xs = [parent.data for parent in node.parents]
    arguments = [Value(x) for x in xs]
    try:
        slopes = list(op.local_derivatives(arguments, apply(op, arguments)))
    except Exception as error:
        yield f"{op.name}: its local derivative raised {type(error).__name__} on Values: {error}"
        return
    for i, slope in enumerate(slopes):
        bends = gradients(slope, arguments) if isinstance(slope, Value) else [0.0] * len(xs)
        for slot, bend in enumerate(bends):
            numeric = difference(along(_slope(op, i), xs, slot), xs[slot])
            if not agree(bend, numeric, SLIGHT, PRECISION):
                yield str(
                    WrongDerivative(node, slot, bend, numeric, f"derivative of its local derivative {i + 1}")
                )


def _slope(op: Operation, i: int) -> Callable[[Sequence[float]], float]:
    def slope(xs: Sequence[float]) -> float:
        return float(op.slopes_at(xs, op.value_at(xs))[i])

    return slope


def path_through(graph: Graph, node: Value) -> str:
    """Return one path from an input through the node to an output, as `x → t → J`."""
    below: list[Value] = []
    step: Value | None = node
    while step is not None:
        below.append(step)
        step = next((parent for parent in step.parents if parent.requires_grad), None)
    above: list[Value] = []
    step = next(iter(graph.consumers(node)), None)
    while step is not None:
        above.append(step)
        step = next(iter(graph.consumers(step)), None)
    called = graph.names()
    way = [called[n] for n in [*reversed(below), *above]]
    return " → ".join(way if len(way) <= 12 else [*way[:6], "...", *way[-5:]])
