"""Forward mode: derivatives along a direction, carried from leaves to results, as numbers or as nodes.

The tangent of a node is its derivative along the direction of the inputs' change: the sum over its arguments
of the local derivative times the argument's tangent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isnan
from typing import Any

from ..base import modes
from ..base.modes import building, errstate
from ..errors import DomainError
from ..kernel.contributions import flows
from ..kernel.value import Value, constant, row_of
from ..operations import table as ops
from .reverse_mode import nodes_since, slopes_of_edges
from .rewriting import Simplifier


def tangents(outputs: Iterable[Value], seeds: Mapping[Value, float]) -> dict[Value, float]:
    """Return the tangent of every node between the seeds and the outputs, without nodes that do not change.

    A seed of 0 does not move: it contributes nothing, even through an infinite local derivative.

    >>> x = Value(3.0)
    >>> y = x * x
    >>> tangents([y], {x: 1.0})[y]
    6.0
    """
    tangent = {x: t for x, t in seeds.items() if t != 0.0}
    if tangent:
        for node in nodes_since(min([x.index for x in tangent]), outputs):
            if node not in seeds:
                _carry(node, tangent)
    return {**seeds, **tangent}


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
    nodes = _tangents_as_nodes(simplifier, order, seeds, both_branches=True)
    if simplifier.is_lost([numbers[y] for y in outputs if y in numbers]):
        return _tangents_as_nodes(Simplifier(order), order, seeds, both_branches=False)
    return nodes


def _tangents_as_nodes(
    simplifier: Simplifier, order: Sequence[Value], seeds: Mapping[Value, Value], both_branches: bool
) -> dict[Value, Value]:
    """Return the nodes of the tangents, with `both_branches` of every `where` or only the one it took."""
    tangent: dict[Value, Any] = {x: t for x, t in seeds.items() if t.requires_grad or t.data != 0.0}
    moving = {x for x in tangent if x.requires_grad}
    with errstate(all="ignore"), building(simplifier.build):
        for node in order:
            if node in seeds:
                continue
            total = None
            for parent, slope in slopes_of_edges(simplifier, node, moving, seeds, both_branches):
                share = slope * tangent[parent]
                if both_branches and isinstance(slope, Value) and row_of(node).selects:
                    share = ops.where(slope, share, 0.0)
                    simplifier.selects = True
                total = share if total is None else total + share
            if total is not None:
                tangent[node] = total
                moving.add(node)
    return {node: t if isinstance(t, Value) else constant(t) for node, t in {**seeds, **tangent}.items()}
