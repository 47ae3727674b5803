"""The structure of a graph: its nodes in order, its edges, and its dependencies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from ..base.reals import brief, elements
from ..base.text import counted
from ..calculus.reverse_mode import gradients
from ..errors import DataError, GraphError
from ..kernel.value import Value, row_of
from .names import Key, names

if TYPE_CHECKING:
    from .graph import Graph
    from .replay_and_trace import RecordedComparison, recording


class Parts(NamedTuple):
    """The parts of a `Graph`: its arguments, and results that spare it a walk."""

    outputs: Any
    parameters: Sequence[Value] = ()
    record: recording | None = None
    comparisons: Sequence[RecordedComparison] = ()
    nodes: Sequence[Value] = ()
    """All nodes in topological order, if known."""


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
        """Copy the attributes that a part shares with the whole graph."""

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
        """Return the arguments of a node, in order, with repetitions."""
        places = self.places
        return tuple([parent for parent in self._own(node).parents if parent in places])

    def consumers(self, node: Value) -> tuple[Value, ...]:
        """Return the nodes that use it as an argument, each once, in the order of creation."""
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

        Outputs and targets belong to it if a path connects them. It has only the edges between its nodes, so
        a target is a root of it even if it is a result.

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
        """For each node, the number of edges on the longest path to it."""
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


MOST_LISTED = 20
MOST_KEPT = 10_000_000
LONGEST_SHOWN = 12


@dataclass(frozen=True, eq=False)
class Path:
    """A path from `start` along `edges`; there are two through `x*x`."""

    start: Value
    edges: tuple[Edge, ...]

    @property
    def nodes(self) -> tuple[Value, ...]:
        """The nodes in the order of the path, including start and end."""
        return (self.start, *[edge.child for edge in self.edges])

    @property
    def slots(self) -> tuple[int, ...]:
        """For each edge, its position among the arguments of the child."""
        return tuple([edge.slot for edge in self.edges])

    @property
    def factors(self) -> tuple[float, ...]:
        """The local derivatives along the path, from the start."""
        return tuple([edge.partial for edge in self.edges])

    @property
    def product(self) -> float:
        """The path's contribution to the gradient, multiplied in the order of the reverse sweep."""
        if any([edge.partial == 0.0 and row_of(edge.child).selects for edge in self.edges]):
            return 0.0  # A branch that `where` did not take; even an infinite slope in it adds nothing.
        g = 1.0
        for edge in reversed(self.edges):
            g *= edge.partial
        return g


class Paths:
    """All paths from `start` to `end`, generated lazily.

    They are ordered by the consumers' creation, then by slots. `len` and `list` raise an error for more than
    ten million; a loop, or `itertools.islice`, does not.
    """

    def __init__(self, graph: Graph, start: Value, end: Value) -> None:
        self.graph, self.start, self.end = graph, start, end

    @cached_property
    def between(self) -> Graph:
        """The part of the graph that the paths visit."""
        return self.graph.prune(self.end, self.start)

    @cached_property
    def count(self) -> int:
        """The exact number of paths, found in time linear in the graph, not in the paths."""
        counts: dict[Value, int] = {}
        for node in self.between.nodes:
            counts[node] = sum([counts.get(p, 0) for p in node.parents]) if node is not self.start else 1
        return counts.get(self.end, 0)

    def __len__(self) -> int:
        if self.count > MOST_KEPT:
            raise GraphError(
                f"paths: too many to list: {_approximately(self.count)}; expected at most {MOST_KEPT}. "
                "Use `count` or itertools.islice(paths, n)."
            )
        return self.count

    def __bool__(self) -> bool:
        return self.count > 0

    def __iter__(self) -> Iterator[Path]:
        onwards: dict[Value, list[Edge]] = {node: [] for node in self.between.nodes}
        for edge in self.between.edges:
            onwards[edge.parent].append(edge)
        if self.start is self.end:
            yield Path(self.start, ())
            return
        taken: list[Edge] = []
        branches = [iter(onwards.get(self.start, ()))]
        while branches:
            onward = next(branches[-1], None)
            if onward is None:
                branches.pop()
                if taken:
                    taken.pop()
            elif onward.child is self.end:
                yield Path(self.start, (*taken, onward))
            else:
                taken.append(onward)
                branches.append(iter(onwards[onward.child]))

    def __str__(self) -> str:
        called = names(self.graph)
        lines = [_line(path, called) for path, _ in zip(self, range(MOST_LISTED), strict=False)]
        if self.count > len(lines):
            lines.append(f"... the first {len(lines)} of {_approximately(self.count)} paths")
        return "\n".join(lines)


def explain(graph: Graph, start: Value, end: Value) -> str:
    """Explain `x.grad` after one `backward()` of the end as the sum over the paths.

    At most 20 paths are listed.

    >>> from autograd_core import Graph
    >>> x = Value(2.0, "x")
    >>> t = x**2
    >>> u1, u2 = t.sin(), 3 * t
    >>> J = (u1 + u2).cos()
    >>> J.backward()
    >>> print(Graph(J).name(t=t, u1=u1, u2=u2, J=J).explain("x"))
    x.grad = 9.0991 over 2 paths:
      x→t→u1→v1→J   4 · -0.65364 · 1 · 0.9695 = -2.5348
      x→t→u2→v1→J   4 · 3 · 1 · 0.9695 = 11.634
    """
    paths = Paths(graph, start, end)
    called = names(graph)
    total = gradients(end, start)
    many = counted(_approximately(paths.count), "path")
    title = f"{called[start]}.grad = {total:.5g} over {many}"
    if not paths.count:
        return f"{title}: {called[end]} does not depend on it."
    text = "\n".join(["  " + line for line in str(paths).splitlines()])
    held = f"\n  (before backward() its .grad is {start.grad:.5g})" if start.grad != total else ""
    return f"{title}:\n{text}{held}"


def _line(path: Path, called: dict[Value, str]) -> str:
    nodes = [called[node] for node in path.nodes]
    factors = [f"{factor:.5g}" for factor in path.factors]
    if len(nodes) > LONGEST_SHOWN:
        nodes[LONGEST_SHOWN // 2 : -LONGEST_SHOWN // 2] = [f"({len(nodes) - LONGEST_SHOWN} more)"]
        factors[LONGEST_SHOWN // 2 : -LONGEST_SHOWN // 2] = ["..."]
    product = f"{' · '.join(factors)} = " if len(factors) > 1 else ""
    return f"{'→'.join(nodes)}   {product}{path.product:.5g}"


def _approximately(count: int) -> str:
    """Return the count, or its magnitude if it has more than 30 digits."""
    if count.bit_length() <= 100:
        return str(count)
    power = count.bit_length() - 1
    return f"2**{power}" if count == 1 << power else f"about 2**{power}"
