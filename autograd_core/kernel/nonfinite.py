"""Find where a gradient became NaN or infinite in the backward pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..base import modes
from ..errors import DomainError, RangeError
from .value import Value


def examine_sweep(order: Sequence[Value], seeds: Mapping[Value, float]) -> None:
    """Repeat the sweep slowly, and raise at the first product or sum that is NaN."""
    mode = modes.current()
    adjoint = dict.fromkeys(order, 0.0) | {node: g for node, g in seeds.items() if node._requires_grad}
    for node in order:
        g = adjoint[node]
        for parent, partial in zip(node.parents, node.partials, strict=True):
            not_taken = partial == 0.0 and node._row is not None and node._row.selects
            if not parent._requires_grad or not_taken:
                continue
            before = adjoint.get(parent, 0.0)  # It may be older than what was asked for.
            total = adjoint[parent] = before + g * partial
            if parent._row is None:
                total = float(total)
            if total != total and g == g and partial == partial and before == before:
                if mode.invalid == "raise":
                    raise DomainError(_complaint("undefined", node, parent, g, partial, before))
            elif (
                mode.over == "raise"
                and total - total
                and not any((g - g, partial - partial, before - before))
            ):
                raise RangeError(_complaint("overflow", node, parent, g, partial, before))


def _complaint(what: str, node: Value, parent: Value, g: float, partial: float, before: float) -> str:
    return (
        f"backward: {what} gradient: {g!r} arrives at {_named(node)} and meets the local derivative "
        f"{partial!r} towards {_named(parent)}, whose gradient so far is {before!r}; expected numbers. "
        "Move away from the boundary of the domain, or write the function so that the infinite slope cancels."
    )


def _named(node: Value) -> str:
    name = node._row.name if node._row else "leaf"
    described = f"{name} = {node.data!r}"
    return f"node {node.label!r} ({described})" if node.label else f"the node {described}"
