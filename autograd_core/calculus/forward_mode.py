"""Forward mode: propagate tangents from the inputs together with the values.

The tangent of a node is its derivative in the direction of the inputs' change: the sum over its arguments
of the local derivative times the argument's tangent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isnan
from operator import attrgetter
from typing import Any

from ..base import modes
from ..base.modes import building, errstate
from ..errors import DomainError
from ..kernel import table
from ..kernel.backward import flows
from ..kernel.order import row_of
from ..kernel.value import Value, constant
from .rewriting import Simplifier, past_kink


def nodes_since(start: int, roots: Iterable[Value]) -> list[Value]:
    """Return the nodes that lead to the roots and are not older than number `start`, parents first."""
    seen = {root for root in roots if root._index >= start}
    nodes = list(seen)
    see, enqueue = seen.add, nodes.append
    for node in nodes:  # The list grows while it is walked.
        for parent in node.parents:
            if parent not in seen and parent._index >= start:
                see(parent)
                enqueue(parent)
    nodes.sort(key=attrgetter("_index"))
    return nodes


def reaches_older(start: int, nodes: list[Value]) -> bool:
    """Whether one of these nodes, or of those with a gradient that lead to them, is older than `start`."""
    seen = set(nodes)
    for node in nodes:  # The list grows while it is walked.
        if node._index < start:
            return True
        for parent in node.parents:
            if parent._requires_grad and parent not in seen:
                seen.add(parent)
                nodes.append(parent)
    return False


def tangents(outputs: Iterable[Value], seeds: Mapping[Value, float]) -> dict[Value, float]:
    """Return the tangent of every node between the seeds and the outputs, without nodes that do not change.

    >>> x = Value(3.0)
    >>> y = x * x
    >>> tangents([y], {x: 1.0})[y]
    6.0
    """
    tangent = dict(seeds)
    if not seeds:
        return tangent
    for node in nodes_since(min(x.index for x in seeds), outputs):
        if node not in seeds:
            _carry(node, tangent)
    return tangent


def _carry(node: Value, tangent: dict[Value, float]) -> None:
    total = None
    for parent, partial in zip(node.parents, node.partials, strict=True):
        if parent.requires_grad and parent in tangent and flows(node, partial):
            before = 0.0 if total is None else total
            total = before + partial * tangent[parent]
            if isnan(total) and not (isnan(before) or isnan(partial) or isnan(tangent[parent])):
                _refuse(node, parent, partial, tangent[parent])
    if total is not None:
        tangent[node] = total


def _refuse(node: Value, parent: Value, partial: float, tangent: float) -> None:
    if modes.current().invalid == "raise" and node.op is not None:
        raise DomainError(
            f"jvp: undefined tangent: {tangent!r} arrives from {parent.data!r} (node {parent.label!r}) at "
            f"{node.op.name} = {node.data!r} (node {node.label!r}) and meets the local derivative "
            f"{partial!r}; expected finite numbers. Move away from the boundary of the domain."
        )


def tangent_nodes(outputs: Iterable[Value], seeds: Mapping[Value, Value]) -> dict[Value, Value]:
    """Return the same tangents as nodes of the graph, which can themselves be differentiated."""
    outputs = list(outputs)
    numbers = tangents(outputs, {x: t.data for x, t in seeds.items()})  # Raise before a node is created.
    order = nodes_since(min(x.index for x in seeds), outputs) if seeds else []
    simplifier = Simplifier(order)
    nodes = _nodes(simplifier, order, seeds, both_branches=True)
    if simplifier.is_lost([numbers[y] for y in outputs if y in numbers]):
        return _nodes(Simplifier(order), order, seeds, both_branches=False)
    return nodes


def _nodes(
    simplifier: Simplifier, order: Sequence[Value], seeds: Mapping[Value, Value], both_branches: bool
) -> dict[Value, Value]:
    """The tangents, with `both_branches` of every `where` or the one that it took alone."""
    tangent: dict[Value, Any] = dict(seeds)
    with errstate(all="ignore"), building(simplifier.build):
        for node in order:
            if node not in seeds and any(parent in tangent for parent in node.parents):
                selects = both_branches and node.op is not None and node.op.selects
                simplifier.selects |= selects
                _carry_nodes(node, tangent, selects)
    return {node: t if isinstance(t, Value) else constant(t) for node, t in tangent.items()}


def _carry_nodes(node: Value, tangent: dict[Value, Any], both_branches: bool) -> None:
    smooth = _smooth_slopes(node, tangent)
    if smooth is not None:
        terms = [slope * tangent[p] for p, slope in smooth if p.requires_grad and p in tangent]
        tangent[node] = sum(terms[1:], terms[0])
        return
    slopes = slopes_of(node)
    total = None
    for i, (parent, recorded) in enumerate(zip(node.parents, node.partials, strict=True)):
        if not (parent.requires_grad and parent in tangent):
            continue
        contribution = None
        if both_branches:
            if isinstance(slope := slopes(i), Value):
                contribution = table.where(slope, slope * tangent[parent], 0.0)
        elif flows(node, recorded):
            contribution = slopes(i) * tangent[parent]
        if contribution is not None:
            total = contribution if total is None else total + contribution
    if total is not None:
        tangent[node] = total


def _smooth_slopes(node: Value, tangent: Mapping[Value, Any]) -> Any:
    """Return the result of `past_kink`, if only the first argument's arguments have tangents."""
    op, parents = node.op, node.parents
    if op is None or not (op.over_argument or op is table.mul) or not parents[0].parents:
        return None
    if not any(p.requires_grad and p in tangent for p in parents[0].parents):
        return None
    if any(p.requires_grad and p in tangent and p is not parents[0] for p in parents[1:]):
        return None
    return past_kink(op, [p if p.requires_grad else p.data for p in parents], node)


def slopes_of(node: Value) -> Any:
    """Return the local derivatives by position, written with the arguments: inside `building`, as nodes."""
    op = row_of(node)
    arguments = [p if p.requires_grad else p.data for p in node.parents]
    if op.arity is not None:
        return lambda i: op.partials[i](*arguments, node)
    slopes = op.partials[0](tuple(arguments), node)
    return lambda i: slopes[i]
