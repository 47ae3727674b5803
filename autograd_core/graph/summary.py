"""Print a graph as text, one line per node, and count its nodes and its work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..base.text import counted, shorten, visible
from ..kernel.stale_values import changed_leaves
from ..kernel.value import Value, row_of
from .names import names

if TYPE_CHECKING:
    from .graph import Graph

MOST_LINES = 60
MOST_ARGUMENTS = 6
LONGEST_NAME = 24


def listing(graph: Graph) -> str:
    """Write one line per node: name, operation and number; a long graph is cut in the middle.

    A constant without a label is shown as a number in the lines of its consumers.
    """
    called = {node: shorten(name, LONGEST_NAME) for node, name in names(graph).items()}
    literal = {node for node in graph.constants if not node.label and node not in graph.outputs}
    for node in literal:
        called[node] = repr(node.data)
    nodes = [node for node in graph.nodes if node not in literal]
    first, last = nodes, nodes[:0]
    if len(nodes) > MOST_LINES:
        first, last = nodes[: MOST_LINES // 2], nodes[-(MOST_LINES // 2) :]
    rows = [(called[node], *_formula(node, called)) for node in [*first, *last]]
    lines = _aligned(rows)
    if last:
        lines.insert(len(first), f"... {len(nodes) - len(first) - len(last)} more ...")
    return "\n".join([_title(graph), *_changed(graph, called), *lines])


def _changed(graph: Graph, called: dict[Value, str]) -> list[str]:
    changed = changed_leaves(graph.nodes)
    if not changed:
        return []
    leaves = ", ".join([called.get(leaf) or _outside(leaf) for leaf in changed[:MOST_ARGUMENTS]])
    return [f"changed since the forward pass: {leaves}. The results are the old value's."]


def _title(graph: Graph) -> str:
    counts = [
        counted(len(nodes), word)
        for nodes, word in (
            (graph.inputs, "input"),
            (graph.parameters, "parameter"),
            (graph.constants, "constant"),
        )
    ]
    return f"graph of {counted(len(graph), 'node')}: {', '.join(counts)}"


def _formula(node: Value, called: dict[Value, str]) -> tuple[str, str]:
    if node.op is None:
        return repr(node.data), ""
    args = [called.get(parent) or _outside(parent) for parent in node.parents[:MOST_ARGUMENTS]]
    if len(node.parents) > MOST_ARGUMENTS:
        args += ["...", called.get(node.parents[-1], "")]
    return f"{node.op.name}({', '.join(args)})", repr(node.data)


def _outside(node: Value) -> str:
    """Write a parent outside the graph, which is possible if only a part is shown."""
    return shorten(visible(node.label), LONGEST_NAME) if node.label else repr(node.data)


def _aligned(rows: Sequence[tuple[str, str, str]]) -> list[str]:
    wide = max([len(name) for name, _, _ in rows], default=0)
    formulas = max([len(formula) for _, formula, number in rows if number], default=0)
    return [
        f"{name:{wide}} = {formula:{formulas}}   {number}" if number else f"{name:{wide}} = {formula}"
        for name, formula, number in rows
    ]


@dataclass(frozen=True)
class Statistics:
    """Counts of a graph and of the arithmetic in one pass over it.

    `forward` and `backward` are pairs: multiplications (and divisions), additions (and subtractions). They do
    not include other functions, which `operations` counts, or the evaluation of local derivatives.
    Backward takes one multiplication for each edge that carries a gradient, and an addition for each edge
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
    """Return the counts of a graph. Operations are in the order of their first occurrence."""
    results = [node for node in graph.nodes if node.op is not None and graph.edges_into(node)]
    return Statistics(
        nodes=len(graph),
        edges=len(graph.edges),
        inputs=len(graph.inputs),
        parameters=len(graph.parameters),
        constants=len(graph.constants),
        operations=dict(Counter([row_of(node).name for node in results])),
        depth=graph.depth,
        widest=max(Counter(graph.levels.values()).values(), default=0),
        forward=_total([arithmetic(node) for node in results]),
        backward=_backward_work(graph),
    )


def arithmetic(node: Value) -> tuple[int, int]:
    """Return the number of multiplications and additions that compute a node."""
    return node.op.cost(len(node.parents)) if node.op is not None else (0, 0)


def _total(work: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return sum([m for m, _ in work]), sum([a for _, a in work])


def _backward_work(graph: Graph) -> tuple[int, int]:
    reached = [edge.parent for edge in graph.edges if edge.parent.requires_grad]
    return len(reached), len(reached) - len(set(reached))


def _work(work: tuple[int, int]) -> str:
    return f"{counted(work[0], 'multiplication')}, {counted(work[1], 'addition')}"
