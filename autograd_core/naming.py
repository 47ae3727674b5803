"""How the nodes of a graph are called and found again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from difflib import get_close_matches

from .errors import DataError, GraphError
from .graph import Graph
from .reals import brief, brief_label
from .structure import Key
from .value import Value


def find(graph: Graph, key: Key) -> Value:
    """The node of that label, id or place; a node of the graph is found as itself.

    Raises `GraphError` if there is none, or more than one.
    """
    if isinstance(key, Value):
        graph.id(key)
        return key
    if isinstance(key, str):
        return _called(graph, key)
    if not isinstance(key, int):
        raise DataError(f"graph[...]: no key: got {brief(key)}; expected a label, an id, a place or a Value.")
    try:
        return graph.nodes[key]
    except IndexError:
        raise GraphError(f"graph[{key}]: no such place; expected one below {len(graph)}.") from None


def _called(graph: Graph, name: str) -> Value:
    found = [node for node in graph.nodes if node.label == name]
    if not found and (place := _place(name, len(graph))) is not None:
        return graph.nodes[place]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join([graph.id(node) for node in found[:4]])
        raise GraphError(
            f"graph[...]: {len(found)} nodes have the label {brief_label(name)}; expected one. Take an id: "
            f"{ids}."
        )
    near = get_close_matches(name, [node.label for node in graph.nodes if node.label], n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise GraphError(f"graph[...]: no node {brief_label(name)}; expected a label or an id.{hint}")


def _place(name: str, count: int) -> int | None:
    """The place that an id such as "n12" stands for."""
    if not (name[:1] == "n" and name[1:].isascii() and name[1:].isdigit() and len(name) < 20):
        return None
    place = int(name[1:])
    return place if place < count and name == f"n{place}" else None


def label(graph: Graph, labels: Mapping[str, Key]) -> None:
    """Gives each node its label; none, if one of them belongs to another node."""
    nodes = {text: find(graph, key) for text, key in labels.items()}
    renamed = set(nodes.values())
    for node in graph.nodes:
        if node.label in nodes and node not in renamed:
            raise GraphError(
                f"graph.name: {graph.id(node)} has the label {brief_label(node.label)} already; "
                "expected a new one."
            )
    for text, node in nodes.items():
        node.label = text


def names(graph: Graph) -> dict[Value, str]:
    """A different name for each node: its label, unless another node is called so; else its id."""
    uses = Counter([node.label for node in graph.nodes if node.label])
    uses.update([text for text in uses if _place(text, len(graph)) is not None])
    pairs = enumerate(graph.nodes)
    return {node: node.label if uses[node.label] == 1 else f"n{i}" for i, node in pairs}
