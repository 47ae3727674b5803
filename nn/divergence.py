"""When training leaves the numbers: where it happened."""

from __future__ import annotations

from typing import Any

from autograd_core import Value, errstate

from .inputs import as_example, as_target
from .lazy import np
from .module import Module

Array = Any


def first_fault(model: Module, loss: Any, x: Array, y: Array) -> str:
    """The layer at which a batch first gives a number that is not finite, in words."""
    for name, weights in model.weights().items():
        if not np.isfinite(weights.array).all():
            return f"weights {name!r} are not finite"
    for i, (row, target) in enumerate(zip(x, y, strict=True)):
        with errstate(all="ignore"):
            value = loss(model(as_example(row)), as_target(target))
        if not np.isfinite(value.data):
            return f"example {i} of the batch: {_culprit(model, value)}"
    return "the gradients are not finite"


def _culprit(model: Module, loss: Value) -> str:
    order = ancestors(loss)
    bad = next(node for node in order if not np.isfinite(node.data))
    owner = {id(value): name for name, weights in model.weights().items() for value in weights.values}
    near = next((owner[id(node)] for node in reversed(ancestors(bad)) if id(node) in owner), "")
    place = f", just after {near!r}" if near else ""
    return f"the first bad node is {bad.op.name if bad.op else 'an input'} = {bad.data}{place}"


def ancestors(node: Value) -> list[Value]:
    """The node and all that it was computed from, in the order of creation."""
    found = {node: None}
    waiting = [node]
    while waiting:
        for parent in waiting.pop().parents:
            if parent not in found:
                found[parent] = None
                waiting.append(parent)
    return sorted(found, key=lambda each: each.index)
