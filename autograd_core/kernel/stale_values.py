"""Re-evaluate results; find leaves that have changed since the forward pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .value import Value, row_of


def values_at(order: Iterable[Value], data: dict[Value, float]) -> dict[Value, float]:
    """Add the values of the results in `order` to `data`, which gives new values for some other nodes.

    >>> x = Value(3.0)
    >>> y = x * x
    >>> values_at([y], {x: 4.0})[y], y.data
    (16.0, 9.0)
    """
    for node in order:
        if node._row is not None and node not in data:
            data[node] = node._row.value_at([data.get(parent, parent._number) for parent in node.parents])
    return data


def outdated(node: Value, parents: Sequence[Value]) -> float | None:
    """Return the value that a result would have now if it differs, because a leaf has changed; else None."""
    xs, before = [parent._number for parent in parents], node._number
    if set(map(type, [*xs, before])) != {float}:  # Numbers beyond a float's range are checked elsewhere.
        return None
    y = row_of(node).value_at(xs)
    return y if y != before and (y == y or before == before) else None


def changed_leaves(nodes: Iterable[Value]) -> list[Value]:
    """Return the leaves whose data has changed since the forward pass, as far as results show it.

    If several leaves lead to one result, those that need a gradient are assumed to have changed.
    """
    changed: dict[Value, None] = {}
    for node in nodes:
        parents = node.parents
        leaves = [parent for parent in parents if parent.op is None]
        if leaves and outdated(node, parents) is not None:
            likely = [leaf for leaf in leaves if leaf.requires_grad] or leaves
            changed.update(dict.fromkeys(likely))
    return list(changed)
