"""Name nodes by their labels or by short generated names; look up nodes by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import chain, count
from typing import TYPE_CHECKING

from ..base.reals import brief, brief_label
from ..base.text import shorten, visible
from ..errors import DataError, GraphError
from ..kernel.value import Value
from .neuron_names import unit_names

if TYPE_CHECKING:
    from .graph import Graph

Key = Value | str | int
"""A node, its label or id, or its position."""


def names_of(
    nodes: Iterable[Value], output: Value | None = None, constants: bool = False
) -> dict[Value, str]:
    """Return a unique name for each node; for constants without a label, only if `constants` is true.

    A label that several nodes have is numbered from the second on. Nodes without a label are named v1, v2,
    ... in order (constants c1, c2, ...), and the output J, if these names are free. The nodes
    of a network's units are named as in textbooks (see `neuron_names`), and an output computed from it L.

    >>> x = Value(2.0, label="x")
    >>> t = x * x
    >>> list(names_of([x, t, t + x], t).values())
    ['x', 'J', 'v1']
    """
    nodes = list(nodes)
    labels = {node: shorten(visible(node.label)) for node in nodes if node.label}
    taken = set(labels.values())
    numbers: dict[str, Iterator[int]] = {}
    names: dict[Value, str] = {}
    for node, label in labels.items():
        if label not in numbers:
            numbers[label] = count(2)
            names[node] = label
        else:
            names[node] = _next((f"{label}_{i}" for i in numbers[label]), taken)
    fresh = (f"v{i}" for i in count(1))
    taught = unit_names(nodes)
    final = "LJ" if taught else "J"
    for node in nodes:
        if node not in names and (node.requires_grad or not node.is_leaf or node is output):
            usual = [taught[node]] if node in taught else final if node is output else ""
            names[node] = _next(chain(usual, fresh), taken)
    numbered = (f"c{i}" for i in count(1))
    for node in nodes if constants else ():
        if node not in names:
            names[node] = _next(numbered, taken)
    return {node: names[node] for node in nodes if node in names}


def _next(candidates: Iterable[str], taken: set[str]) -> str:
    """Return the first free candidate, and reserve it."""
    name = next(name for name in candidates if name not in taken)
    taken.add(name)
    return name


MOST_NAMED = 8


def find(graph: Graph, key: Key, who: str = "graph[...]") -> Value:
    """Return the node with this label, name, id or position; a node of the graph is returned as is.

    Raises `GraphError`, in the name of `who`, if there is none, or more than one.
    """
    if isinstance(key, Value):
        graph.id(key)
        return key
    if isinstance(key, str):
        return _called(graph, key, who)
    if not isinstance(key, int):
        raise DataError(f"{who}: not a key: got {brief(key)}; expected a label, id, position or Value.")
    try:
        return graph.nodes[key]
    except IndexError:
        raise GraphError(f"{who}: no such position: {key}; expected one below {len(graph)}.") from None


def _called(graph: Graph, name: str, who: str) -> Value:
    found = [node for node in graph.nodes if node.label == name]
    if not found and (place := _place(name, len(graph))) is not None:
        return graph.nodes[place]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join([graph.id(node) for node in found[:4]])
        raise GraphError(
            f"{who}: {len(found)} nodes have the label {brief_label(name)}; expected one. Use an id: {ids}."
        )
    called = {text: node for node, text in names(graph).items()}
    if name in called:
        return called[name]
    hint = _hint(name, called)
    raise GraphError(f"{who}: no node {brief_label(name)}; expected a label, a name or an id.{hint}")


def _hint(name: str, called: Iterable[str]) -> str:
    """Return a suggestion, or else the available names."""
    known = list(called)
    if near := get_close_matches(name, known, n=1):
        return f" Did you mean {near[0]!r}?"
    more = ", ..." if len(known) > MOST_NAMED else ""
    return f" Its nodes are {', '.join(known[:MOST_NAMED])}{more}."


def _place(name: str, count: int) -> int | None:
    """Return the position that an id such as "n12" stands for."""
    if not (name[:1] == "n" and name[1:].isascii() and name[1:].isdigit() and len(name) < 20):
        return None
    place = int(name[1:])
    return place if place < count and name == f"n{place}" else None


def label(graph: Graph, labels: Mapping[str, Key]) -> None:
    """Label each node, or none if a label belongs to another node."""
    nodes = {text: find(graph, key, "graph.name") for text, key in labels.items()}
    renamed = set(nodes.values())
    for node in graph.nodes:
        if node.label in nodes and node not in renamed:
            raise GraphError(
                f"graph.name: {graph.id(node)} already has the label {brief_label(node.label)}; "
                "expected a new one."
            )
    for text, node in nodes.items():
        node.label = text


def names(graph: Graph) -> dict[Value, str]:
    """Return a unique name for each node: see `names_of`."""
    return names_of(graph.nodes, graph.outputs[0] if len(graph.outputs) == 1 else None, constants=True)
