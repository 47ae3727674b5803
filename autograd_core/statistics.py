"""How large a graph is, and how much work it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .text import counted
from .value import Value

if TYPE_CHECKING:
    from .graph import Graph


@dataclass(frozen=True)
class Statistics:
    """Counts of a graph and of the arithmetic in one pass over it.

    `forward` and `backward` are pairs: multiplications (and divisions), additions (and subtractions). Other
    functions, and the computing of local derivatives, are not in them: `operations` counts the functions.
    Backward is one multiplication for each edge that carries a gradient, and an addition for each edge
    after the first that reaches a node.

    >>> from autograd_core import Graph
    >>> x = Value(3.0, "x")
    >>> print(Graph(x * x + 1).stats())
    4 nodes, 4 edges: 1 input, 0 parameters, 1 constant; mul 1, add 1
    depth 2, widest level 2; forward 1 multiplication, 1 addition; backward 3 multiplications, 1 addition
    """

    nodes: int
    edges: int
    inputs: int
    parameters: int
    constants: int
    operations: dict[str, int]
    depth: int
    widest: int
    forward: tuple[int, int]
    backward: tuple[int, int]

    def __str__(self) -> str:
        operations = ", ".join([f"{name} {count}" for name, count in self.operations.items()])
        names = ("nodes", "edges", "inputs", "parameters", "constants")
        nodes, edges, *roles = [counted(getattr(self, name), name[:-1]) for name in names]
        return (
            f"{nodes}, {edges}: {', '.join(roles)}; {operations}\n"
            f"depth {self.depth}, widest level {self.widest}; forward {_work(self.forward)}; "
            f"backward {_work(self.backward)}"
        )


def statistics(graph: Graph) -> Statistics:
    """The counts of a graph. Operations are in the order in which they first occur."""
    results = [node for node in graph.nodes if node.op is not None and graph.edges_into(node)]
    return Statistics(
        nodes=len(graph),
        edges=len(graph.edges),
        inputs=len(graph.inputs),
        parameters=len(graph.parameters),
        constants=len(graph.constants),
        operations=dict(Counter([node.op.name for node in results])),
        depth=graph.depth,
        widest=max(Counter(graph.levels.values()).values(), default=0),
        forward=_total([arithmetic(node) for node in results]),
        backward=_backward_work(graph),
    )


def arithmetic(node: Value) -> tuple[int, int]:
    """The multiplications and additions that computing a node takes."""
    n = len(node.parents)
    counts = {
        "add": (0, 1),
        "sub": (0, 1),
        "mul": (1, 0),
        "div": (1, 0),
        "divide_no_nan": (1, 0),
        "square": (1, 0),
        "reciprocal": (1, 0),
        "sum": (0, n - 1),
        "mean": (1, n - 1),
        "prod": (n - 1, 0),
        "dot": (n // 2, n // 2 - 1),
        "norm": (n, n - 1),
    }
    return counts.get(node.op.name, (0, 0)) if node.op is not None else (0, 0)


def _total(work: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return sum([m for m, _ in work]), sum([a for _, a in work])


def _backward_work(graph: Graph) -> tuple[int, int]:
    reached = [edge.parent for edge in graph.edges if edge.parent.requires_grad]
    return len(reached), len(reached) - len(set(reached))


def _work(work: tuple[int, int]) -> str:
    return f"{counted(work[0], 'multiplication')}, {counted(work[1], 'addition')}"
