"""The gradient as a graph: the sweep of `backward.py`, in which every product and sum is a node itself.

Its nodes stand on the nodes of the function (the *Deep Learning* book's build_grad inserts them so), come
from the same table, are simplified as they are built and shared where they are equal; so a gradient can be
differentiated again, drawn and compiled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .errors import GraphError
from .modes import building, errstate
from .operation import Operation
from .rewrite import Simplifier
from .structure import topological_order
from .value import Value, constant


def gradient_nodes(seeds: Mapping[Value, float], targets: Sequence[Value]) -> list[Value]:
    """For each target the node of its gradient; a target that does not reach the seeds gets a constant 0."""
    from .backward import adjoints

    adjoints(seeds, targets)  # Raises where the gradient is no number, before a node is made.
    order = topological_order(*seeds)
    _refuse_changed(order)
    wanted = _descendants(order, targets)
    simplifier = Simplifier(order)
    adjoint: dict[Value, Any] = {node: constant(seed) for node, seed in seeds.items() if node in wanted}
    with errstate(all="ignore"), building(simplifier.build):
        for node in reversed(order):
            if node in adjoint and node.op is not None:
                _push(node, adjoint, wanted)
    return [adjoint[x] if x in adjoint else constant(0.0) for x in targets]


def _push(node: Value, adjoint: dict[Value, Any], wanted: set[Value]) -> None:
    """Adds the node's contributions to the adjoints of its parents."""
    op: Operation = node.op
    g = adjoint[node]
    arguments = [p if p.requires_grad else p.data for p in node.parents]
    slopes = op.partials[0](tuple(arguments), node) if op.arity is None else None
    for i, (parent, recorded) in enumerate(zip(node.parents, node.partials, strict=True)):
        if parent not in wanted or (op.selects and recorded == 0.0):
            continue
        slope = op.partials[i](*arguments, node) if slopes is None else slopes[i]
        contribution = g * slope
        adjoint[parent] = adjoint[parent] + contribution if parent in adjoint else contribution


def _descendants(order: Sequence[Value], targets: Sequence[Value]) -> set[Value]:
    """The nodes through which a target reaches the output: the pruned graph G′ of the book."""
    reached = set(targets)
    for node in order:
        if node.requires_grad and any([parent in reached for parent in node.parents]):
            reached.add(node)
    return reached


def _refuse_changed(order: Sequence[Value]) -> None:
    for node in order:
        if node.op is not None and any([parent.op is None for parent in node.parents]):
            xs = tuple([parent.data for parent in node.parents])
            y = node.op.forward(xs) if node.op.arity is None else node.op.forward(*xs)
            if y != node.data and y == y:
                raise GraphError(
                    f"gradients: a leaf has changed since {node.op.name} = {node.data!r} was computed (now "
                    f"it would be {y!r}); expected the graph as it was. Compute the function again first."
                )
