"""Evaluate a recorded graph at other leaf values; record the comparisons that a run makes."""

from __future__ import annotations

import inspect
import linecache
import operator
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from types import FrameType
from typing import TYPE_CHECKING, Any, Never, Self

from ..base import modes
from ..base.reals import brief, brief_label, is_array, real, shown
from ..base.restoring import TemporaryChange
from ..calculus.argument_trees import flattened, refuse_too_deep, shaped
from ..calculus.traced_call import signature_of
from ..errors import DataError, GraphError
from ..kernel.apply import apply
from ..kernel.topological_order import topological_order
from ..kernel.value import Value, constant
from ..native import in_c
from ..operations.operation import Operation
from .edges_and_paths import Parts
from .names import Key, find

if TYPE_CHECKING:
    from .graph import Graph

_OURS = __name__.partition(".")[0]
TESTS: dict[str, Callable[[float, float], bool]] = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "bool": operator.ne,
}
"""The comparisons that a program can make, by the names in records."""
SYMBOLS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "bool": "!="}


@dataclass(frozen=True, eq=False)
class RecordedComparison:
    """A comparison of two numbers by the program: `test` is a key of `TESTS`; a truth value is `a != 0`."""

    outcome: bool
    test: str
    a: Value
    b: Value

    def __str__(self) -> str:
        return f"{_named(self.a)} {SYMBOLS[self.test]} {_named(self.b)} is {self.outcome}"

    def at(self, a: Value, b: Value) -> RecordedComparison:
        """Return the same test of other numbers."""
        return replace(self, outcome=TESTS[self.test](a.data, b.data), a=a, b=b)


class recording(TemporaryChange["recording"]):
    """Record, inside a `with` block, the outcome of every comparison and the source line of every operation.

    Pass it to the `Graph` of the result: `replay` then reports a comparison that would have another outcome,
    and `lint` names the line at fault. Inside, operations are several times slower.

    >>> from autograd_core import Graph, Value
    >>> x = Value(2.0, "x")
    >>> with recording() as record:
    ...     y = x * x if x > 0 else -x
    >>> [str(comparison) for comparison in record.comparisons]
    ['x > 0.0 is True']
    >>> Graph(y, record=record).replay(x=-1.0)
    Traceback (most recent call last):
    autograd_core.errors.GraphError: replay: another branch: x > 0.0 is False, and was True (x = 2.0) when ...
    """

    def __init__(self, *given: Never) -> None:
        modes.refuse_function("recording", given)
        super().__init__()
        self.comparisons: list[RecordedComparison] = []
        self._lines: dict[Value, tuple[str, int]] = {}

    def _changing(self) -> Iterator[Self]:
        with modes.building(self._build, self._compare):
            yield self

    def line(self, node: Value) -> str | None:
        """Return where a node was created, as `file:line: source`; None for a leaf, or outside the block."""
        if not isinstance(node, Value):
            raise DataError(f"recording.line: not a Value: got {shown(node)}; expected a node.")
        if node not in self._lines:
            return None
        name, number = self._lines[node]
        source = linecache.getline(name, number).strip()
        return f"{name}:{number}: {source}" if source else f"{name}:{number}"

    def _compare(self, outcome: bool, test: str, a: Value, b: Any) -> None:
        b = b if isinstance(b, Value) else constant(float(b))
        self.comparisons.append(RecordedComparison(outcome, test, a, b))

    def _build(self, op: Operation, nodes: Sequence[Value]) -> Any:
        with modes.building():
            node = apply(op, nodes)
        frame = _frame_of_user()
        if frame is not None and not node.is_leaf:
            self._lines[node] = (frame.f_code.co_filename, frame.f_lineno)
        return node


def _frame_of_user() -> FrameType | None:
    """Return the innermost frame outside this package."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == _OURS:
        frame = frame.f_back
    return frame


def _named(node: Value) -> str:
    return node.label if node.label else repr(node.data)


def trace(f: Callable[..., Any], args: Sequence[Any], named: Mapping[str, Any]) -> Parts:
    """Return the graph of f's result, a Value or a tree of them, with the branches that f took.

    Numbers become inputs labeled by the names of f's arguments, and those in a list or array x become x0,
    x1, ...
    """
    if not callable(f):
        raise DataError(f"Graph.trace: not a function: argument 1 = {brief(f)}; expected one of numbers.")
    called = getattr(f, "__name__", "f")
    signature = signature_of(f)
    try:
        call = signature.bind(*args, **named)
    except TypeError as error:
        raise DataError(f"Graph.trace: {called}: {error}; expected {called}{signature}.") from None
    for name, x in call.arguments.items():
        kind = call.signature.parameters[name].kind
        call.arguments[name] = (
            {key: _inputs(each, key) for key, each in x.items()}
            if kind is inspect.Parameter.VAR_KEYWORD
            else _inputs(x, name)
        )
    with recording() as record:
        outputs = f(*call.args, **call.kwargs)
    return Parts(_leaves(outputs), record=record)


def _leaves(outputs: Any) -> Any:
    """Return the contents of lists, tuples, dicts and arrays as one list of nodes."""
    if isinstance(outputs, Value) or not (hasattr(outputs, "__len__") and not isinstance(outputs, str)):
        return outputs  # `Graph` rejects plain numbers.
    return [x if isinstance(x, Value) else constant(x) for x in flattened(outputs, "Graph.trace: result")[0]]


def _inputs(x: Any, name: str, depth: int = 0) -> Any:
    refuse_too_deep(depth, f"Graph.trace: {name}")
    if isinstance(x, (list, tuple)):
        parts = [_inputs(each, f"{name}{i}", depth + 1) for i, each in enumerate(x)]
        return type(x)(*parts) if hasattr(x, "_fields") else type(x)(parts)
    if isinstance(x, dict):
        return {key: _inputs(each, f"{name}_{key}", depth + 1) for key, each in x.items()}
    if is_array(x):
        parts = [_inputs(each, f"{name}{i}", depth + 1) for i, each in enumerate(x)]
        return shaped([node for part in parts for node in getattr(part, "flat", [part])], x.shape)
    return x if isinstance(x, Value) or not hasattr(type(x), "__float__") else Value(x, name)


def replay(graph: Graph, values: Mapping[Any, float], named: Mapping[str, float], check: bool) -> Parts:
    """Replay a graph: see `Graph.replay`."""
    if not isinstance(values, Mapping):
        raise DataError(
            f"replay: not a mapping: argument 1 = {brief(values)}; expected leaves and numbers. "
            "Write replay(x=1.0) or replay({'x': 1.0})."
        )
    roots = _recorded_roots(graph)
    data = _data_of_leaves(graph, roots, [*values.items(), *named.items()])
    known = set(topological_order(*roots)) if graph.named_parameters else ()
    parameters = [leaf for leaf in graph.named_parameters if leaf in known]
    found, nodes = copies((*roots, *parameters), data)
    new = iter(found)
    outputs = list(islice(new, len(graph.outputs)))
    comparisons = [old.at(next(new), next(new)) for old in graph.comparisons]
    if check:
        _refuse_other_branches(graph.comparisons, comparisons)
    return Parts(outputs, list(new), comparisons=comparisons, nodes=() if comparisons else nodes)


def copies(roots: tuple[Value, ...], data: Mapping[Value, float]) -> tuple[Sequence[Value], Sequence[Value]]:
    """Recompute the roots from copies of the nodes that lead to them, with other numbers at some leaves.

    Returns the copies of the roots and, if they form the same graph, all copies in order.
    """
    done: tuple[list[Value], list[Value]] | None = None if in_c is None else in_c.copies(roots, data, _copy)
    if done is not None:
        return done
    new: dict[Value, Value] = {}
    for node in topological_order(*roots):
        new[node] = _copy(node, [new[parent] for parent in node.parents], data)
    return [new[root] for root in roots], ()


def _copy(node: Value, args: Sequence[Value], data: Mapping[Value, float]) -> Value:
    if node.op is None:
        return Value(data.get(node, node.data), node.label, requires_grad=node.requires_grad)
    return _recalled(node.op, args, node.label)


def _recalled(row: Operation, args: Sequence[Value], label: str) -> Value:
    node: Value = apply(row, args)
    if label:
        node.label = label
    return node


def again(new: dict[Any, Value], key: Any, row: Operation, args: Iterable[Any], label: str) -> None:
    """Add the node of a recorded call, whose arguments have been added before."""
    new[key] = _recalled(row, [new[arg] for arg in args], label)


def _recorded_roots(graph: Graph) -> list[Value]:
    """Return the outputs and the nodes of the recorded comparisons."""
    compared = [node for comparison in graph.comparisons for node in (comparison.a, comparison.b)]
    return [*graph.outputs, *compared]


def recorded_nodes(graph: Graph) -> list[Value]:
    """Return the nodes of the outputs and of the recorded comparisons, in topological order."""
    return topological_order(*_recorded_roots(graph))


def _data_of_leaves(
    graph: Graph, roots: Sequence[Value], values: Sequence[tuple[Key, float]]
) -> dict[Value, float]:
    order = topological_order(*roots) if values else []
    known = set(order)
    data: dict[Value, float] = {}
    for key, x in values:
        node = key if isinstance(key, Value) and key in known else _leaf_called(key, graph, order)
        if node.op is not None:
            raise GraphError(
                f"replay: {_called(key)} is not a leaf: it comes from {node.op.name}; expected a leaf. "
                "Give the leaves that it is computed from."
            )
        if node in data:
            raise GraphError(f"replay: {_called(key)} is given twice; expected one number for each leaf.")
        if isinstance(x, Value):
            raise DataError(f"replay: {_called(key)} = {brief(x)}; expected a plain number. Use its .data.")
        data[node] = real(x, f"replay: {_called(key)}")
    return data


def _leaf_called(key: Key, graph: Graph, order: Sequence[Value]) -> Value:
    """Return a leaf of the graph, or one that only a comparison uses."""
    if isinstance(key, str) and not any([node.label == key for node in graph.nodes]):
        found = [node for node in order if node.label == key]
        if len(found) == 1:
            return found[0]
    return find(graph, key, "replay")


def _called(key: Key) -> str:
    return brief_label(key)[1:-1] if isinstance(key, str) else brief(key)


def _refuse_other_branches(before: Sequence[RecordedComparison], now: Sequence[RecordedComparison]) -> None:
    for old, new in zip(before, now, strict=True):
        if old.outcome != new.outcome:
            raise GraphError(
                f"replay: another branch: {new}, and was {old.outcome} ({_shown(old)}) when the graph was "
                f"recorded, now {_shown(new)}; expected the same outcome. Run the function again at these "
                "values, or replay with check=False to keep the recorded branch."
            )


def _shown(comparison: RecordedComparison) -> str:
    nodes = [comparison.a, comparison.b]
    texts = [f"{brief_label(node.label)[1:-1]} = {node.data!r}" for node in nodes if node.label]
    return ", ".join(texts) or f"{nodes[0].data!r} and {nodes[1].data!r}"
