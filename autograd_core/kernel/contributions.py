"""The reverse sweep edge by edge: all contributions in order, for steps, hooks and error messages."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ..base import modes
from ..errors import DomainError, RangeError
from .hooks import hooked, through_hooks
from .topological_order import topological_order
from .value import Value


class EdgeContribution(NamedTuple):
    """What `node` adds to the gradient of its parent at `slot`: `after = before + incoming * local`."""

    node: Value
    slot: int
    parent: Value
    incoming: float
    local: float
    before: float
    after: float


ParentSlot = tuple[Value, int]
"""A node and the position of one of its parents."""


def flows(node: Value, partial: float) -> bool:
    """Whether a gradient flows along an edge; none flows into a branch that `where` did not take."""
    return partial != 0.0 or node._row is None or not node._row.selects


def edges_to_parents(node: Value) -> Iterator[ParentSlot]:
    """Yield the edges along which the node's gradient flows on."""
    for slot, (parent, partial) in enumerate(zip(node.parents, node.partials, strict=True)):
        if parent._requires_grad and flows(node, partial):
            yield node, slot


def pushed(order: Iterable[Value], within: Container[Value] | None = None) -> Iterator[ParentSlot]:
    """Yield every edge to a parent (in `within`, if given), in the order of nodes that push gradients."""
    for node in order:
        for _, slot in edges_to_parents(node):
            if within is None or node.parents[slot] in within:
                yield node, slot


def pulled(order: Sequence[Value], within: Container[Value] | None = None) -> Iterator[ParentSlot]:
    """Yield every edge in the order of nodes that collect gradients from their consumers."""
    consumers: dict[Value, list[ParentSlot]] = {}
    for node, slot in pushed(order, within):
        consumers.setdefault(node.parents[slot], []).append((node, slot))
    for node in order:
        yield from consumers.get(node, ())


def contributions(
    edges: Iterable[ParentSlot],
    adjoint: dict[Value, float],
    complete: Callable[[Value, float], float] | None = None,
) -> Iterator[EdgeContribution]:
    """Add each edge's contribution to the adjoints, which start as the seeds; nodes without one add nothing.

    Each adjoint is replaced by `complete(node, adjoint)` when all of its contributions are in.

    Raises `DomainError` or `RangeError` at the first product or sum that is undefined or, if `errstate` says
    so, too large.
    """
    mode = modes.current()
    completed: set[Value] = set()
    for node, slot in edges:
        if node not in adjoint:
            continue
        if complete is not None and node not in completed:  # Only a complete gradient is passed on.
            completed.add(node)
            adjoint[node] = complete(node, adjoint[node])
        parent, g, partial = node.parents[slot], adjoint[node], node.partials[slot]
        before = adjoint.get(parent, 0.0)
        total = before + g * partial
        adjoint[parent] = total = float(total) if parent._row is None else total
        if total - total != 0.0:
            _examine(mode, EdgeContribution(node, slot, parent, g, partial, before, total))
        yield EdgeContribution(node, slot, parent, g, partial, before, total)
    if complete is not None:
        for node in [node for node in adjoint if node not in completed]:
            adjoint[node] = complete(node, adjoint[node])


def adjoints_with_hooks(root: Value, seed: float) -> dict[Value, float] | None:
    """Return the adjoint of every node if one has a hook; hooks see all gradients from before the pass."""
    order = topological_order(root)[::-1]
    if not any(map(hooked, order)):
        return None
    adjoint = {root: seed} if root._requires_grad else {}
    deque(contributions(pushed(order), adjoint, through_hooks), 0)
    return adjoint


def examine_sweep(order: Sequence[Value], seeds: Mapping[Value, float]) -> None:
    """Repeat the sweep slowly and raise at the first product or sum that is NaN."""
    adjoint = {node: g for node, g in seeds.items() if node._requires_grad}
    deque(contributions(pushed(order), adjoint), 0)


def _examine(mode: modes.Modes, c: EdgeContribution) -> None:
    numbers = (c.incoming, c.local, c.before)
    if c.after != c.after:
        if mode.invalid == "raise" and not any([x != x for x in numbers]):
            raise DomainError(_complaint("undefined", c))
    elif mode.over == "raise" and not any([x - x for x in numbers]):
        raise RangeError(_complaint("overflow", c))


def _complaint(what: str, c: EdgeContribution) -> str:
    return (
        f"backward: {what} gradient: {c.incoming!r} arrives at {_named(c.node)} and meets the local "
        f"derivative {c.local!r} towards {_named(c.parent)}, whose gradient so far is {c.before!r}; expected "
        "numbers. Move away from the boundary of the domain, or write the function so that the infinite "
        "slope cancels."
    )


def _named(node: Value) -> str:
    name = node._row.name if node._row else "leaf"
    described = f"{name} = {node.data!r}"
    return f"node {node.label!r} ({described})" if node.label else f"the node {described}"
