"""Convert graphs to plain data and JSON, exactly; validate everything on reading.

The schema, version 1, is an object with six entries:

* `format`: "autograd-core graph", and `version`: 1;
* `nodes`: in topological order, each a leaf `{data, grad, label, requires_grad}` or a result, which has also
  `op` (a name from the table, with a fingerprint if user-defined), `parents` (positions of earlier nodes) and
  `partials`, one for each parent, [m, e] for m·2**e where no float holds it exactly;
* `outputs` and `parameters`: positions in `nodes`;
* `comparisons`: recorded ones, each `[outcome, test, a, b]` with the positions of the two nodes.

A float is the shortest number that reads back as itself; "nan", "inf" and "-inf" are strings, because JSON
has no such numbers. Nothing in a file is ever executed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from difflib import get_close_matches
from math import isfinite
from typing import TYPE_CHECKING, Any, NoReturn

from ..base.extended_range import Wide, number
from ..base.reals import brief
from ..base.text import for_json
from ..errors import GraphError, OperationError
from ..kernel.topological_order import topological_order
from ..kernel.value import Value, node_of
from ..operations.operation import TABLE, Operation, operation, text_of
from .edges_and_paths import Parts
from .replay_and_trace import TESTS, RecordedComparison, recorded_nodes
from .scopes import Label, lasting_labels

if TYPE_CHECKING:
    from .graph import Graph

FORMAT = "autograd-core graph"
VERSION = 1
FARTHEST = 2**30
"""No local derivative has an exponent beyond this."""
NAMED = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}
LEAF = {"data", "grad", "label", "requires_grad"}
RESULT = LEAF | {"op", "parents", "partials"}


def to_dict(graph: Graph) -> dict[str, Any]:
    """Convert the graph to the schema above, using only dicts, lists, strings, numbers and booleans."""
    nodes = recorded_nodes(graph)
    place = {node: i for i, node in enumerate(nodes)}
    return {
        "format": FORMAT,
        "version": VERSION,
        "nodes": [_node_data(node, place) for node in nodes],
        "outputs": [place[node] for node in graph.outputs],
        "parameters": [place[leaf] for leaf in graph.named_parameters if leaf in place],
        "comparisons": [[c.outcome, c.test, place[c.a], place[c.b]] for c in graph.comparisons],
    }


def to_json(graph: Graph) -> str:
    """Convert the graph to JSON in ASCII, one line per node."""
    data = to_dict(graph)
    nodes = ",\n".join([json.dumps(node, allow_nan=False) for node in data.pop("nodes")])
    rest = json.dumps(data, allow_nan=False)
    return f'{rest[:-1]}, "nodes": [\n{nodes}\n]}}\n'


def _node_data(node: Value, place: dict[Value, int]) -> dict[str, Any]:
    data: dict[str, Any] = {
        "data": for_json(node.data),
        "grad": for_json(node.grad),
        "label": node.label,
        "requires_grad": node.requires_grad,
    }
    if node.op is not None:
        data["op"] = text_of(node.op)
        data["parents"] = [place[parent] for parent in node.parents]
        data["partials"] = [_partial_data(partial) for partial in node.partials]
    return data


def _partial_data(partial: float) -> Any:
    return [partial.m, partial.e] if isinstance(partial, Wide) else for_json(partial)


def from_json(text: str | bytes) -> Parts:
    """Return the parts of the graph in a JSON text.

    Raises `GraphError`, and creates nothing, if the text is not such a graph.

    >>> from autograd_core import Graph
    >>> x = Value(2.0, "x")
    >>> Graph.from_json(Graph(x * x).to_json()).outputs[0].data
    4.0
    >>> Graph.from_json("[]")
    Traceback (most recent call last):
    autograd_core.errors.GraphError: from_json: not a graph: got list []; expected an object.
    """
    if not isinstance(text, (str, bytes)):
        _refuse("not text", brief(text), "str or bytes")
    try:
        text = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        data = json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant)
    except GraphError:
        raise
    except RecursionError:
        _refuse("nested too deeply", "text of many brackets", "at most 3 levels")
    except ValueError as error:  # Broken or truncated JSON, bytes that are not UTF-8, too many digits.
        raise GraphError(
            f"from_json: not JSON: {error}; expected the text that to_json wrote. Is it complete?"
        ) from None
    return from_dict(data)


def from_dict(data: Any) -> Parts:
    """Return the parts of the graph in data that `to_dict` wrote, with new nodes.

    Raises `GraphError` for anything else.
    """
    _check_keys(data, {"format", "version", "nodes", "outputs", "parameters", "comparisons"}, "not a graph")
    if data["format"] != FORMAT:
        _refuse("another format", brief(data["format"]), repr(FORMAT))
    if type(data["version"]) is not int or data["version"] != VERSION:
        got = brief(data["version"])
        _refuse(f"written by version {got.partition(' ')[2]}", got, f"version {VERSION}")
    records = _list(data["nodes"], "nodes")
    for i, record in enumerate(records):
        _check_node(record, i)
    count = len(records)
    outputs = _places(data["outputs"], count, "outputs")
    parameters = _places(data["parameters"], count, "parameters")
    comparisons = [_comparison(c, count, i) for i, c in enumerate(_list(data["comparisons"], "comparisons"))]
    if not outputs:
        _refuse("no outputs", "[]", "at least one position")
    _check_reached(records, [*outputs, *parameters, *[place for c in comparisons for place in c[2:]]])
    nodes = _built(records)
    return Parts(
        [nodes[i] for i in outputs],
        parameters=[nodes[i] for i in parameters],
        comparisons=[
            RecordedComparison(outcome, test, nodes[a], nodes[b]) for outcome, test, a, b in comparisons
        ],
    )


def _check_node(record: Any, i: int) -> None:
    where = f"node {i}"
    _check_keys(record, RESULT if isinstance(record, dict) and "op" in record else LEAF, where)
    for name in ("data", "grad"):
        _number(record[name], f"{where}: {name}")
    if type(record["label"]) is not str:
        _refuse(f"{where}: label", brief(record["label"]), "text")
    if type(record["requires_grad"]) is not bool:
        _refuse(f"{where}: requires_grad", brief(record["requires_grad"]), "true or false")
    if "op" not in record:
        return
    op = _operation(record["op"], where)
    parents = _list(record["parents"], f"{where}: parents")
    for parent in parents:
        _check_parent(parent, i)
    partials = _list(record["partials"], f"{where}: partials")
    for partial in partials:
        _partial(partial, f"{where}: partials")
    _check_arity(op, len(parents), len(partials), where)


def _check_parent(parent: Any, i: int) -> None:
    if type(parent) is not int or parent < 0:
        _refuse(f"node {i}: dangling reference", brief(parent), "the position of an earlier node")
    if parent >= i:
        _refuse(f"node {i}: cyclic or dangling reference", brief(parent), f"a position below {i}")


def _check_arity(op: Operation, parents: int, partials: int, where: str) -> None:
    if not op.takes(parents):
        several = "an even number" if op.sequences == 2 and parents else "at least 1"
        expected = several if op.arity is None else str(op.arity)
        _refuse(f"{where}: wrong number of parents for {op.name}", str(parents), expected)
    if partials != parents:
        _refuse(f"{where}: wrong number of partials", str(partials), f"{parents}, one for each parent")


def _check_reached(records: Sequence[dict[str, Any]], ends: Sequence[int]) -> None:
    reached = set(ends)
    for i in range(len(records) - 1, -1, -1):
        if i not in reached:
            _refuse(f"node {i} leads nowhere", "no use of it", "a path from it to an output")
        reached.update(records[i].get("parents", ()))


def _built(records: Sequence[dict[str, Any]]) -> list[Value]:
    """Build the nodes, with everything as in the file."""
    nodes: list[Value] = []
    for record in records:
        data = _number(record["data"])
        if "op" in record:
            parents = [nodes[i] for i in record["parents"]]
            node = _recorded(
                operation(record["op"]), data, parents, [_partial(d) for d in record["partials"]]
            )
        else:
            node = Value(data, requires_grad=record["requires_grad"])
        node.grad = _number(record["grad"])
        node.label = record["label"]
        # May differ from what its parents imply if a leaf has been frozen since.
        node._requires_grad = record["requires_grad"]
        nodes.append(node)
    return nodes


def _comparison(record: Any, count: int, i: int) -> tuple[bool, str, int, int]:
    where = f"comparison {i}"
    if len(_list(record, where)) != 4:
        _refuse(where, brief(record), "[outcome, test, a, b]")
    outcome, test, a, b = record
    if type(outcome) is not bool or not isinstance(test, str) or test not in TESTS:
        _refuse(where, brief(record), f"a boolean and one of {', '.join(TESTS)}")
    a, b = _places([a, b], count, where)
    return outcome, test, a, b


def _operation(name: Any, where: str) -> Operation:
    if isinstance(name, str):
        try:
            return operation(name)
        except OperationError:
            pass  # Reported below, with a suggestion.
    near = get_close_matches(name, TABLE, n=1) if isinstance(name, str) and len(name) < 100 else []
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    return _refuse(f"{where}: unknown operation", brief(name), f"a name from the table{hint}")


def _number(x: Any, where: str = "") -> float:
    if isinstance(x, str) and x in NAMED:
        return NAMED[x]
    if type(x) is int and abs(x) < 2**1000:
        return float(x)
    if type(x) is not float or not isfinite(x):
        _refuse(where, brief(x), 'a number, "nan", "inf" or "-inf"')
    return x


def _partial(x: Any, where: str = "") -> float:
    if type(x) is not list:
        return _number(x, where)
    m, e = x if len(x) == 2 else (0.0, 0)
    if type(m) is not float or type(e) is not int or not 0.5 <= abs(m) < 1.0 or abs(e) > FARTHEST:
        _refuse(where, brief(x), "a number, or [m, e] with 1/2 <= |m| < 1")
    found = number(m, e)
    if not isinstance(found, Wide):
        _refuse(where, brief(x), f"the number {found}, which a float holds")
    return found


def _list(x: Any, where: str) -> Sequence[Any]:
    if type(x) is not list:
        _refuse(where, brief(x), "a list")
    return list(x)


def _places(xs: Any, count: int, where: str) -> list[int]:
    for x in _list(xs, where):
        if type(x) is not int or not 0 <= x < count:
            _refuse(f"{where}: dangling reference", brief(x), f"a position from 0 to {count - 1}")
    return list(xs)


def _check_keys(data: Any, keys: set[str], where: str) -> None:
    if type(data) is not dict:
        _refuse(where, brief(data), "an object")
    if missing := sorted(keys - data.keys()):
        _refuse(where, f"no {', '.join(missing)}", f"the entries {', '.join(sorted(keys))}")
    if unknown := sorted(map(str, data.keys() - keys)):
        _refuse(where, f"an unknown entry {unknown[0][:40]!r}", f"the entries {', '.join(sorted(keys))}")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        _refuse("an entry occurs twice", ", ".join([key for key, _ in pairs])[:80], "each entry once")
    return data


def _refuse_constant(name: str) -> NoReturn:
    _refuse("no JSON number", name, f'"{name.lower().replace("infinity", "inf")}" as text')


def _refuse(what: str, got: str, expected: str) -> NoReturn:
    raise GraphError(f"from_json: {what}: got {got}; expected {expected}.")


def twin(node: Value, parents: Sequence[Value], label: Any = None) -> Value:
    """Return a new node with the contents of `node`, on the given parents."""
    label = node.label if label is None else label
    if node.op is None:
        return _leaf(node.data, node.grad, label, node.requires_grad)
    return _result(node.op, node.data, parents, node.partials, node.grad, label)


def deep_copy(root: Value, memo: dict[int, Any]) -> Value:
    """Return an independent copy of the graph; `memo` is that of `copy.deepcopy`."""
    order = topological_order(root)
    labels = lasting_labels(order)
    for node in order:
        if id(node) not in memo:
            memo[id(node)] = twin(node, [memo[id(parent)] for parent in node.parents], labels[node])
    # Like copy.deepcopy: objects that the memo refers to by id must live as long as the memo.
    memo.setdefault(id(memo), []).extend(order)
    copied: Value = memo[id(root)]
    return copied


def flattened(root: Value) -> tuple[Any, ...]:
    """Return what pickle stores: the leaves, and one flat record for each result.

    Leaves keep their identity within one pickle, so a model and its loss stay connected.
    """
    if root.op is None:
        grad = root.grad if root.reached else None
        return _leaf, (root.data, grad, lasting_labels([root])[root], root.requires_grad)
    order = topological_order(root)
    labels = lasting_labels(order)
    leaves = [node for node in order if node.op is None]
    place = {node: i for i, node in enumerate(leaves)}
    records = []
    for node in order:
        if node.op is not None:
            parents = tuple([place[parent] for parent in node.parents])
            records.append((node.op, node.data, parents, node.partials, node.grad, labels[node]))
            place[node] = len(place)
    return _restored, (leaves, records)


def _restored(leaves: list[Value], records: list[tuple[Any, ...]]) -> Value:
    nodes = list(leaves)
    for op, data, parents, partials, grad, label in records:
        nodes.append(_result(op, data, [nodes[i] for i in parents], partials, grad, label))
    return nodes[-1]


def _leaf(data: float, grad: float | None, label: Any, requires_grad: bool) -> Value:
    """Restore a leaf; its gradient is None if no backward pass has reached it."""
    node = Value(data, requires_grad=requires_grad)
    if grad is not None:
        node.grad = grad
    _set_label(node, label)
    return node


def _result(
    op: Operation, data: float, parents: Sequence[Value], partials: Sequence[float], grad: float, label: Any
) -> Value:
    node = _recorded(op, data, parents, partials)
    node.grad = grad
    _set_label(node, label)
    return node


def _recorded(op: Operation, data: float, parents: Sequence[Value], partials: Sequence[float]) -> Value:
    """Make the node of a result; the recorded gradient flows even to a leaf that was frozen later."""
    needs = [x.requires_grad or d != 0.0 for x, d in zip(parents, partials, strict=True)]
    return node_of(op, data, parents, partials, needs)


def _set_label(node: Value, label: Any) -> None:
    if isinstance(label, Label):
        node._label = label
    else:
        node.label = label
