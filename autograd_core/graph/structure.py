"""The structure of a graph: its nodes in order, its edges, and its dependencies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from ..base.reals import brief, elements
from ..errors import DataError, GraphError
from ..kernel.value import Value

if TYPE_CHECKING:
    from .replay import Comparison, recording

Key = Value | str | int
"""A node, its label or id, or its position."""


class Parts(NamedTuple):
    """The parts of a `Graph`, which are its arguments."""

    outputs: Any
    parameters: Sequence[Value] = ()
    record: recording | None = None
    comparisons: Sequence[Comparison] = ()


class Edge(NamedTuple):
    """`parent` is argument `slot` (from 0) of `child`; `partial` is the recorded d(child)/d(parent)."""

    parent: Value
    child: Value
    slot: int
    partial: float


class Structure:
    """Nodes in topological order, some of them outputs: the part of `Graph` that needs nothing else."""

    outputs: tuple[Value, ...]
    nodes: tuple[Value, ...]

    def __getitem__(self, key: Key) -> Value:
        raise NotImplementedError

    def _inherit(self, whole: Self) -> None:
        """Copy to a part what it shares with the whole graph."""

    @cached_property
    def places(self) -> dict[Value, int]:
        """The position of each node in `nodes`."""
        return {node: i for i, node in enumerate(self.nodes)}

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """Every use of a node by another; `x*x` has two. Ordered by children, then by slots."""
        return tuple([edge for child in self.nodes for edge in self.edges_into(child)])

    def edges_into(self, child: Value) -> list[Edge]:
        """Return the edges from the arguments of a node, in order."""
        if not isinstance(child, Value):
            raise DataError(f"graph: not a node: got {brief(child)}; expected a Value.")
        places = self.places
        pairs = enumerate(zip(child.parents, child.partials, strict=True))
        return [Edge(parent, child, slot, partial) for slot, (parent, partial) in pairs if parent in places]

    def parents(self, node: Value) -> tuple[Value, ...]:
        """Return the arguments of a node, in order, each as often as it is used."""
        places = self.places
        return tuple([parent for parent in self._own(node).parents if parent in places])

    def consumers(self, node: Value) -> tuple[Value, ...]:
        """Return the nodes that have it as an argument, each once, in the order of creation."""
        return tuple(self._consumers[self._own(node)])

    @cached_property
    def _consumers(self) -> dict[Value, list[Value]]:
        consumers: dict[Value, list[Value]] = {node: [] for node in self.nodes}
        for node in self.nodes:
            for parent in dict.fromkeys(node.parents):
                if parent in consumers:
                    consumers[parent].append(node)
        return consumers

    def ancestors(self, node: Value) -> list[Value]:
        """Return every node of the graph that leads to this one, without itself, in topological order."""
        wanted = self._leading_to([self._own(node)])
        return [other for other in self.nodes if other in wanted and other is not node]

    def descendants(self, node: Value) -> list[Value]:
        """Return every node of the graph computed from this one, without itself, in topological order."""
        reached = self._computed_from([self._own(node)])
        return [other for other in self.nodes if other in reached and other is not node]

    def _leading_to(self, outputs: Iterable[Value]) -> set[Value]:
        wanted = set(outputs)
        for node in reversed(self.nodes):
            if node in wanted:
                wanted.update(node.parents)
        return wanted

    def _computed_from(self, targets: Iterable[Value]) -> set[Value]:
        reached = set(targets)
        for node in self.nodes:
            if not reached.isdisjoint(node.parents):
                reached.add(node)
        return reached

    def prune(self, outputs: Key | Sequence[Key], targets: Key | Sequence[Key]) -> Self:
        """Return G′ of the *Deep Learning* book: the ancestors of the outputs that descend from the targets.

        Outputs and targets belong to it if a path connects them. Its edges are those between its own
        nodes, so a target is a root of it even if it is a result.

        >>> from autograd_core import Graph
        >>> x, y = Value(2.0, "x"), Value(3.0, "y")
        >>> z = x * y + y.exp()
        >>> [node.label or node.op.name for node in Graph(z).prune(z, x)]
        ['x', 'mul', 'add']
        """
        ends, starts = self._found(outputs), self._found(targets)
        kept = self._leading_to(ends) & self._computed_from(starts)
        part = object.__new__(type(self))
        part.outputs = tuple([node for node in ends if node in kept])
        part.nodes = tuple([node for node in self.nodes if node in kept])
        part._inherit(self)
        return part

    def _found(self, keys: Key | Sequence[Key]) -> list[Value]:
        if isinstance(keys, (Value, str, int)):
            keys = [keys]
        return [self[key] for key in elements(keys, "Graph.prune", "nodes", "nodes")]

    @cached_property
    def leaves(self) -> list[Value]:
        """The nodes without parents in this graph."""
        return [node for node in self.nodes if not self.parents(node)]

    @cached_property
    def levels(self) -> dict[Value, int]:
        """For each node the number of edges on the longest path to it."""
        levels: dict[Value, int] = {}
        for node in self.nodes:
            levels[node] = 1 + max([levels.get(parent, -1) for parent in node.parents], default=-1)
        return levels

    @property
    def depth(self) -> int:
        """The number of edges on the longest path."""
        return max(self.levels.values(), default=0)

    def _own(self, node: Value) -> Value:
        if not isinstance(node, Value):
            raise DataError(f"graph: not a node: got {brief(node)}; expected a Value.")
        if node not in self.places:
            raise GraphError(
                f"graph: {node!r} is not a node of this graph; expected one that leads to its outputs. "
                "Make a Graph of what was computed from it."
            )
        return node
