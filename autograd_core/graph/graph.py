"""`Graph`: everything a node was computed from, as one object."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeAlias

from ..base.reals import brief, elements, flag, shown
from ..base.restoring import restoring
from ..base.text import Table, counted
from ..calculus.reverse_mode import gradients
from ..errors import DataError, DataValueError, GraphError
from ..kernel.topological_order import nodes_in_order
from ..kernel.topological_order import topological_order as topological_order
from ..kernel.value import Value
from .edges_and_paths import Edge as Edge
from .edges_and_paths import Parts, Paths, Structure, explain
from .json_and_pickle import from_dict, from_json, to_dict, to_json
from .lint import Hint, lint
from .names import Key, find, label, names
from .other_tools import to_mermaid, to_networkx, to_sympy
from .replay_and_trace import RecordedComparison, recording, replay, trace
from .scopes import Scope, scopes_of
from .summary import Statistics, listing, statistics
from .what_if_and_diff import Changes, diff, held, holding

Leaves: TypeAlias = Mapping[Value, float] | Mapping[str, float] | Mapping[int, float]
"""Numbers of leaves, by the node, by its label or id, or by its position."""


class Graph(Structure):
    """The graph of everything that some outputs were computed from.

    There are three kinds of leaf: a **constant** needs no gradient; a **parameter** is named by the caller
    (`Graph(loss, parameters=model.parameters())`); all others are **inputs**. A node's **id** is "n" and
    its position in `nodes`. `graph["n4"]`, `graph[4]` and `graph["u1"]` look up a node by id, position, or
    label (or its name in `names()`).

    Raises `DataError` if an output is not a `Value`, `GraphError` if a parameter is not a leaf.

    >>> x = Value(2.0, "x")
    >>> t = x**2
    >>> J = (t.sin() + 3 * t).cos()
    >>> graph = Graph(J).name(t=t, J=J)
    >>> len(graph), graph.depth, [node.label for node in graph.inputs]
    (8, 4, ['x'])
    >>> print(graph)
    graph of 8 nodes: 1 input, 0 parameters, 2 constants
    x  = 2.0
    t  = pow(x, 2.0)   4.0
    v1 = sin(t)        -0.7568024953079282
    v2 = mul(3.0, t)   12.0
    v3 = add(v1, v2)   11.243197504692072
    J  = cos(v3)       0.24510036817001535
    """

    def __init__(
        self,
        *outputs: Value | Sequence[Value],
        parameters: Iterable[Value] = (),
        record: recording | None = None,
        comparisons: Iterable[RecordedComparison] = (),
    ) -> None:
        one_list = len(outputs) == 1 and isinstance(outputs[0], (list, tuple))
        given: Any = outputs[0] if one_list else outputs
        self.outputs = _values(given, "output")
        if not self.outputs:
            raise DataValueError("Graph: no outputs; expected at least one Value.")
        self.nodes = nodes_in_order(self.outputs)
        if record is not None and not isinstance(record, recording):
            raise DataError(
                f"Graph: not a recording: record = {shown(record)}; expected recording() or None."
            )
        self.record = record
        noted = elements(comparisons, "Graph", "comparisons", "those of a recording")
        self.comparisons = (*(record.comparisons if record else ()), *noted)
        self.named_parameters = tuple(dict.fromkeys(_values(parameters, "parameter")))
        for leaf in self.named_parameters:
            if not leaf.is_leaf:
                raise GraphError(f"Graph: a parameter is a result: {leaf!r}; expected a leaf.")

    def _inherit(self, whole: Graph) -> None:
        self.record, self.comparisons = whole.record, ()
        self.named_parameters = whole.named_parameters

    @classmethod
    def _of_parts(cls, parts: Parts) -> Graph:
        if not parts.nodes:
            return cls(
                parts.outputs, parameters=parts.parameters, record=parts.record, comparisons=parts.comparisons
            )
        graph = object.__new__(cls)
        graph.outputs, graph.nodes = tuple(parts.outputs), tuple(parts.nodes)
        graph.record, graph.comparisons = parts.record, tuple(parts.comparisons)
        graph.named_parameters = tuple(parts.parameters)
        return graph

    @classmethod
    def of(cls, *outputs: Value) -> Graph:
        """Return the graph of these outputs: `Graph.of(J)` is `Graph(J)`."""
        return cls(*outputs)

    @classmethod
    def trace(cls, f: Callable[..., Any], *args: Any, **named: Any) -> Graph:
        """Return the graph of `f` at these numbers, labeled by f's argument names, with recorded branches.

        >>> print(Graph.trace(lambda x, y: x * y, 2.0, y=3.0))
        graph of 3 nodes: 2 inputs, 0 parameters, 0 constants
        x  = 2.0
        y  = 3.0
        J = mul(x, y)   6.0
        """
        return cls._of_parts(trace(f, args, named))

    def __len__(self) -> int:
        return len(self.nodes)

    def __iter__(self) -> Iterator[Value]:
        return iter(self.nodes)

    def __contains__(self, node: object) -> bool:
        return isinstance(node, Value) and node in self.places

    def __getitem__(self, key: Key) -> Value:
        return self._at(key, "graph[...]")

    def name(self, **labels: Key) -> Graph:
        """Label nodes, each given as a node, a position or a name, and return the graph.

        Raises `GraphError` and labels nothing if another node of the graph has that label.
        """
        label(self, labels)
        return self

    def id(self, node: Value) -> str:
        """Return a node's id, which does not depend on its label: "n" and its position in `nodes`."""
        return f"n{self.places[self._own(node)]}"

    def names(self) -> dict[Value, str]:
        """Return a unique name for each node: its label, else J for a single output, v1, v2, ... for others.

        Constants without a label are named c1, c2, ...; labels that several nodes have are numbered.
        """
        return names(self)

    def __str__(self) -> str:
        return listing(self)

    def __repr__(self) -> str:
        return f"<graph of {counted(len(self), 'node')}, {counted(len(self.outputs), 'output')}>"

    @property
    def inputs(self) -> list[Value]:
        """The leaves that need a gradient and are not named as parameters."""
        named = set(self.named_parameters)
        return [leaf for leaf in self.leaves if leaf.requires_grad and leaf not in named]

    @property
    def parameters(self) -> list[Value]:
        """The leaves that the caller named as parameters."""
        named = set(self.named_parameters)
        return [leaf for leaf in self.leaves if leaf in named]

    @property
    def constants(self) -> list[Value]:
        """The leaves that need no gradient and are not named as parameters."""
        named = set(self.named_parameters)
        return [leaf for leaf in self.leaves if not leaf.requires_grad and leaf not in named]

    @cached_property
    def scopes(self) -> dict[Value, Scope | None]:
        """The innermost scope of each node: a `name_scope`, a call of a module, or None."""
        return scopes_of(self.nodes)

    def stats(self) -> Statistics:
        """Return the size of the graph, and the work of a forward and a backward pass."""
        return statistics(self)

    def paths(self, start: Key, end: Key | None = None) -> Paths:
        """Return an iterable of all paths from a node to an output (`end`, if there are several).

        >>> x = Value(2.0, "x")
        >>> [(path.slots, path.product) for path in Graph(x * x).paths(x)]
        [((0,), 2.0), ((1,), 2.0)]
        """
        return Paths(self, self._at(start, "Graph.paths"), self._end(end, "Graph.paths"))

    def path_count(self, start: Key, end: Key | None = None) -> int:
        """Return the exact number of paths, in linear time; an argument used twice counts twice."""
        return self.paths(start, end).count

    def explain(self, start: Key, end: Key | None = None) -> str:
        """Explain the gradient of a node as the sum over all paths of the product along each."""
        return Table(explain(self, self._at(start, "Graph.explain"), self._end(end, "Graph.explain")))

    def _at(self, key: Key, who: str) -> Value:
        return find(self, key, who)

    def _end(self, end: Key | None, who: str) -> Value:
        if end is None and len(self.outputs) != 1:
            raise GraphError(f"{who}: {len(self.outputs)} outputs; expected one. Name it: end=...")
        return self.outputs[0] if end is None else self._at(end, who)

    def gradient(self, targets: Key | Sequence[Key] | None = None) -> Graph:
        """Return the graph of the gradient of the outputs' sum by each target (by default each input).

        Its outputs are in the order of the targets, and it can be differentiated again. A target that is
        given as a `Value` need not be in the graph: its gradient is 0.

        >>> x = Value(2.0, "x")
        >>> second = Graph(x**3).gradient(x).gradient(x)
        >>> second.outputs[0].data
        12.0
        """
        if targets is None:
            targets = self.inputs
        if isinstance(targets, (Value, str, int)):
            targets = [targets]
        keys = elements(targets, "Graph.gradient", "targets", "nodes")
        xs = [key if isinstance(key, Value) else self._at(key, "Graph.gradient") for key in keys]
        return Graph(gradients(self.outputs, xs, create_graph=True), parameters=self.named_parameters)

    def replay(self, values: Leaves | None = None, /, *, check: bool = True, **named: float) -> Graph:
        """Evaluate the graph at other values of its leaves, as new nodes, without running the user's program.

        Leaves are given by label, or in a mapping by label, id, position or node; the others keep
        their current data. Values and local derivatives are, bit for bit, those of a newly built
        graph. A number that the program took out of the graph, by `item()` or `detach()`, does not change.

        Raises `GraphError` if a recorded comparison would have another outcome (see `recording`), because
        the program might then have built another graph; with `check=False` the graph is replayed anyway.

        >>> x = Value(2.0, "x")
        >>> Graph(x**2 + 1).replay(x=3.0).outputs[0].data
        10.0
        """
        return self._of_parts(
            replay(self, {} if values is None else values, named, flag(check, "replay", "check"))
        )

    def what_if(self, values: Leaves | None = None, /, **named: float) -> Graph:
        """Evaluate the graph with some of its nodes held at numbers, as new nodes.

        A held node, leaf or not, is an input of the new graph: later nodes are computed from its number, and
        nodes that led only to it are cut off. Nodes are given as in `replay`, or by the names that `steps`
        prints.

        >>> x = Value(2.0, "x")
        >>> graph = Graph((x**2).sin() + x)
        >>> changed = graph.what_if(v1=0.0)
        >>> changed.outputs[0].data
        2.0
        >>> print(graph.diff(changed))
        node             before     after
        v1    operation  pow        input
        v1    value      4          0
        v2    value      -0.756802  0
        J     value      1.2432     2
        """
        return self._of_parts(held(self, {} if values is None else values, named))

    def diff(self, other: Graph) -> Changes:
        """Return the values, gradients and operations that differ in another graph, by the names of nodes.

        It compares the current state of two runs, or of the same loss before and after an optimizer's step.
        """
        return diff(self, other)

    def lint(self) -> list[Hint]:
        """Return hints about probable faults: see `autograd_core.graph.lint`."""
        return lint(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the graph as plain data: see `autograd_core.graph.json_and_pickle`."""
        return to_dict(self)

    def to_json(self) -> str:
        """Return the graph as JSON text that `Graph.from_json` reads back bit for bit."""
        return to_json(self)

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Graph:
        """Return the graph that `to_dict` wrote, with new nodes. Raises `GraphError` for anything else."""
        return Graph._of_parts(from_dict(data))

    @staticmethod
    def from_json(text: str | bytes) -> Graph:
        """Return the graph that `to_json` wrote, with new nodes. Raises `GraphError` for anything else."""
        return Graph._of_parts(from_json(text))

    def to_networkx(self) -> Any:
        """Return the graph as a `networkx.MultiDiGraph` from parents to children, keyed by id and slot."""
        return to_networkx(self)

    def to_mermaid(self) -> str:
        """Return the graph as a Mermaid flowchart."""
        return to_mermaid(self)

    def to_sympy(self, output: Key | None = None) -> Any:
        """Return the formula of an output (`output`, if there are several) as a SymPy expression."""
        return to_sympy(self, self._end(output, "Graph.to_sympy"))


def _values(xs: Iterable[Any], what: str) -> tuple[Value, ...]:
    xs = tuple(elements(xs, "Graph", f"{what}s", "Values"))
    for i, x in enumerate(xs):
        if not isinstance(x, Value):
            raise DataError(f"Graph: {what} {i + 1} is not a Value: got {brief(x)}; expected a Value.")
    return xs


@restoring
def what_if(
    outputs: Value | Sequence[Value], values: Leaves | None = None, /, **named: float
) -> Iterator[Graph]:
    """Hold nodes of a graph at numbers inside a `with` block: later nodes are recomputed in place.

    A held node is an input there: nodes that led only to it are cut off and get no gradient. Nodes are given
    as in `Graph.what_if`, which returns a new graph instead. The end of the block restores all numbers and
    gradients. Raises `GraphError` for an unknown node, and whatever an operation raises at its new arguments.

    >>> x = Value(2.0, "x")
    >>> y = (x**2).sin() * x
    >>> with what_if(y, v1=0.0):
    ...     y.backward()
    ...     print(y.data, x.grad)
    0.0 0.0
    >>> y.data, x.grad
    (-1.5136049906158564, 0.0)
    """
    flat = [outputs] if isinstance(outputs, Value) else elements(outputs, "what_if", "outputs", "Values")
    with holding(Graph(*flat), {} if values is None else values, named):
        yield Graph(*flat)
