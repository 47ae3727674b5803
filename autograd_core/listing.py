"""A graph as text, one line a node, in the manner of a jaxpr."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .naming import names
from .order import changed_leaves
from .text import counted, shorten, visible
from .value import Value

if TYPE_CHECKING:
    from .graph import Graph

MOST_LINES = 60
MOST_ARGUMENTS = 6
LONGEST_NAME = 24


def listing(graph: Graph) -> str:
    """One line a node: its name, how it was computed and its number; a long graph is cut in the middle.

    A constant without a label stands as a number in the lines of its consumers.
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
    """A parent that is not in the graph, as where a part is shown."""
    return shorten(visible(node.label), LONGEST_NAME) if node.label else repr(node.data)


def _aligned(rows: Sequence[tuple[str, str, str]]) -> list[str]:
    wide = max([len(name) for name, _, _ in rows], default=0)
    formulas = max([len(formula) for _, formula, number in rows if number], default=0)
    return [
        f"{name:{wide}} = {formula:{formulas}}   {number}" if number else f"{name:{wide}} = {formula}"
        for name, formula, number in rows
    ]
