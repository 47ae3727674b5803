"""Sort nodes topologically."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from ..errors import GraphError
from ..native import in_c
from .value import Value


def topological_order(*roots: Value) -> list[Value]:
    """Return every node that leads to the roots, parents before children, in the order of creation.

    >>> x = Value(3.0, label="x")
    >>> [node.data for node in topological_order(x * x + 1)]
    [3.0, 9.0, 1.0, 10.0]
    """
    return list(nodes_in_order(roots))


def nodes_in_order(roots: tuple[Value, ...]) -> tuple[Value, ...]:
    """Do the same for roots in a tuple."""
    nodes: tuple[Value, ...] | None = None if in_c is None else in_c.in_order(roots)
    return _in_order(roots) if nodes is None else nodes


def _in_order(roots: Iterable[Value]) -> tuple[Value, ...]:
    seen = set(roots)
    nodes = list(seen)
    see, enqueue = seen.add, nodes.append
    for node in nodes:  # The list grows during the loop.
        place = node._index
        for parent in node.parents:
            if parent not in seen:
                see(parent)
                enqueue(parent)
            if parent._index >= place:
                raise GraphError(f"graph: a cycle through {node!r}; expected parents older than it.")
    nodes.sort(key=attrgetter("_index"))
    return tuple(nodes)
