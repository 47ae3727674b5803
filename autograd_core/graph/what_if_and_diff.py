"""Hold nodes of a graph at other numbers; list the differences of two graphs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..base.reals import brief, real
from ..base.restoring import restoring
from ..base.text import Table, columns, short
from ..errors import DataError, GraphError
from ..kernel.apply import apply
from ..kernel.topological_order import topological_order
from ..kernel.value import Value, exchange
from .edges_and_paths import Parts
from .names import find, names
from .replay_and_trace import again

if TYPE_CHECKING:
    from .graph import Graph


def held(graph: Graph, values: Mapping[Any, float], named: Mapping[str, float]) -> Parts:
    """Return the parts of the graph with some nodes held at numbers: see `Graph.what_if`."""
    called = names(graph)
    data = _numbers(graph, called, values, named)
    new: dict[Value, Value] = {}
    for node in _needed(graph, data):
        # Names are kept, although the new graph would number its nodes differently.
        label = called[node] if node in data or node.op is not None else node.label
        if node in data:
            new[node] = Value(data[node], label)
        elif node.op is None:
            new[node] = Value(node.data, label, requires_grad=node.requires_grad)
        else:
            again(new, node, node.op, node.parents, label)
    kept = [new[leaf] for leaf in graph.named_parameters if leaf in new]
    return Parts([new[node] for node in graph.outputs], parameters=kept)


def _numbers(
    graph: Graph, called: Mapping[Value, str], values: Mapping[Any, float], named: Mapping[str, float]
) -> dict[Value, float]:
    """Return the numbers of the nodes to hold, which are given as in `replay` or by name."""
    if not isinstance(values, Mapping):
        raise DataError(
            f"what_if: not a mapping: got {brief(values)}; expected nodes and numbers. "
            "Write what_if(v1=3.0) or what_if({'v1': 3.0})."
        )
    by_name = {name: node for node, name in called.items()}
    labels = Counter([node.label for node in called])
    data: dict[Value, float] = {}
    for key, x in [*values.items(), *named.items()]:
        # If several nodes have the label, it is also the first one's name, so it is ambiguous.
        is_name = isinstance(key, str) and key in by_name and labels[key] < 2
        node = by_name[key] if is_name else find(graph, key, "what_if")
        if node in data:
            raise GraphError(f"what_if: {called.get(node, node.label)} is given twice; expected it once.")
        if isinstance(x, Value):
            raise DataError(f"what_if: {brief(x)} is a Value; expected a plain number. Use its .data.")
        data[node] = real(x, f"what_if: {called.get(node, node.label)}")
    return data


@restoring
def holding(graph: Graph, values: Mapping[Any, float], named: Mapping[str, float]) -> Iterator[None]:
    """Hold nodes of the graph itself at numbers, and recompute what follows, inside a `with` block."""
    data = _numbers(graph, names(graph), values, named)
    order = topological_order(*graph.outputs)
    gradients = [node._grad for node in order]
    changed: set[Value] = set()
    twins: list[tuple[Value, Value]] = []
    try:
        for node in order:
            if node in data:
                twin = Value(data[node])
            elif node.op is not None and not changed.isdisjoint(node.parents):
                twin = apply(node.op, node.parents)
            else:
                continue
            changed.add(node)
            twins.append((node, twin))
            exchange(node, twin)
        yield
    finally:
        for node, twin in reversed(twins):
            exchange(node, twin)
        for node, gradient in zip(order, gradients, strict=True):
            node._grad = gradient


def _needed(graph: Graph, data: Mapping[Value, float]) -> list[Value]:
    """Return the nodes that lead to the outputs without passing a held node, in order."""
    needed = set(graph.outputs)
    waiting = list(graph.outputs)
    for node in waiting:  # The list grows during the loop.
        for parent in node.parents if node not in data else ():
            if parent not in needed:
                needed.add(parent)
                waiting.append(parent)
    return [node for node in topological_order(*graph.outputs) if node in needed]


@dataclass(frozen=True)
class Change:
    """A difference between two graphs at one node; None if a graph does not have the node."""

    name: str
    what: str
    """ "value", "gradient", "operation" or "arguments"."""
    before: float | str | None
    after: float | str | None


class Changes(tuple[Change, ...]):
    """The differences between two graphs, in the order of the first; `print` shows them as a table.

    `viz.draw_dot(changes)` draws them in one graph.
    """

    before: Mapping[str, Value] = MappingProxyType({})
    """The nodes of the first graph by name."""
    after: Mapping[str, Value] = MappingProxyType({})
    """The nodes of the second graph by name."""

    def __str__(self) -> str:
        if not self:
            return Table("no difference")
        rows = [("node", "", "before", "after")]
        rows += [(c.name, c.what, _text(c.before), _text(c.after)) for c in self]
        return Table("\n".join(columns(rows, left=4)))

    def __repr__(self) -> str:
        return f"<{len(self)} changes>"


def diff(graph: Graph, other: Graph) -> Changes:
    """Return the differences between two graphs: see `Graph.diff`."""
    if not hasattr(other, "outputs"):
        raise DataError(f"diff: not a graph: got {brief(other)}; expected a Graph.")
    before, after = _by_name(graph), _by_name(other)
    ordered = [*before, *[name for name in after if name not in before]]
    arguments = _arguments(before), _arguments(after)
    found = Changes(
        [c for name in ordered for c in _changes(name, before.get(name), after.get(name), arguments)]
    )
    found.before, found.after = before, after
    return found


def _arguments(nodes: Mapping[str, Value]) -> dict[Value, str]:
    """Return the arguments of each node by name; constants without a label by their numbers."""
    called = {node: name for name, node in nodes.items()}
    return {
        node: ", ".join([called.get(parent) or short(parent.data) for parent in node.parents])
        for node in nodes.values()
    }


def _by_name(graph: Graph) -> dict[str, Value]:
    """Return the nodes by name, except constants without a label, which formulas show as numbers."""
    shown = {node: node.op is not None or node.requires_grad or node.label for node in graph.nodes}
    return {name: node for node, name in names(graph).items() if shown[node]}


def _changes(
    name: str, a: Value | None, b: Value | None, arguments: tuple[Mapping[Value, str], Mapping[Value, str]]
) -> Iterator[Change]:
    if a is None or b is None or a.op is not b.op:
        yield Change(name, "operation", _operation(a), _operation(b))
    if a is None or b is None:
        return
    if a.op is b.op and arguments[0][a] != arguments[1][b]:
        yield Change(name, "arguments", arguments[0][a], arguments[1][b])
    for what, x, y in (("value", a.data, b.data), ("gradient", a.grad, b.grad)):
        if x != y and not (x != x and y != y):
            yield Change(name, what, x, y)


def _operation(node: Value | None) -> str | None:
    return None if node is None else "input" if node.op is None else node.op.name


def _text(x: float | str | None) -> str:
    return "-" if x is None else x if isinstance(x, str) else short(x)
