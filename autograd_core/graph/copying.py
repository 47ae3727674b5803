"""Copy and pickle whole graphs without recursion, because a graph may be deeper than Python's stack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..kernel.operation import Operation
from ..kernel.order import topological_order
from ..kernel.value import Value, node_of
from .scopes import Label, lasting_labels


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
    # As copy.deepcopy does: objects that the memo refers to by id must live as long as the memo.
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
    node = node_of(op, data, parents, partials)
    node.grad = grad
    _set_label(node, label)
    return node


def _set_label(node: Value, label: Any) -> None:
    if isinstance(label, Label):
        node._label = label
    else:
        node.label = label
