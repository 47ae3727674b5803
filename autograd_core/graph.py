"""The graph of everything that a node was computed from."""

from __future__ import annotations

from operator import attrgetter

from .errors import GraphError
from .value import Value


def topological_order(*roots: Value) -> list[Value]:
    """Every node that leads to the roots, parents before children, in the order of creation.

    >>> x = Value(3.0, label="x")
    >>> [node.data for node in topological_order(x * x + 1)]
    [3.0, 9.0, 1.0, 10.0]
    """
    seen = set(roots)
    nodes = list(seen)
    for node in nodes:  # The list grows while it is walked.
        for parent in node.parents:
            if parent.index >= node.index:
                raise GraphError(f"graph: a cycle through {node!r}; expected parents older than their children.")
            if parent not in seen:
                seen.add(parent)
                nodes.append(parent)
    nodes.sort(key=attrgetter("_index"))
    return nodes
