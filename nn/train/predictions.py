"""Compute a model's outputs for many examples, by one program or one after the other."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from autograd_core import TraceError, no_grad
from autograd_core.base import np
from autograd_core.compile import OutputProgram, Recording

from ..checks import number_of
from ..losses.targets import flat, node
from ..modules.module import Module
from ..modules.tracing import tracing
from .compiled.recorder import (
    Places,
    blocks,
    is_large,
    leaves,
    nearby,
    numbers,
    overlap,
    raise_mistakes,
    refuse_what_cannot_be_traced,
    same_at_every_example,
)
from .examples import as_example

Array = Any

WORK = 30_000
"""Up to so many weights times examples, a program would cost more than it saves."""

AT_ONCE = 1024
"""So many examples at a time: their intermediate values take little memory."""

RELATIVE, ABSOLUTE = 1e-9, 1e-12
"""How far the program's outputs may be from the eager engine's: sums are taken in another order."""


def outputs(model: Module, x: Array) -> Array:
    """An array of one output for each example; the model is in evaluation mode."""
    first = eager_outputs(model, x[:1])
    if numbers(model) * len(x) > WORK:
        try:
            found = compiled_outputs(model, x)
            if np.allclose(found[0], first.ravel(), RELATIVE, ABSOLUTE):
                return found.reshape(len(x), *first.shape[1:])
        except Exception as error:  # Whatever a user's module raises when it is recorded.
            raise_mistakes(error)  # Of all else the eager engine judges.
    return np.concatenate([first, eager_outputs(model, x[1:])]) if len(x) > 1 else first


def eager_outputs(model: Module, x: Array) -> Array:
    """Example by example, without a graph; of a large model without a node for each weight."""
    quick = tracing(blocks(model.weights().values())) if is_large(model) else nullcontext()
    with quick, no_grad():
        return np.array([plain(model(as_example(row))) for row in x])


def compiled_outputs(model: Module, x: Array) -> Array:
    """By a program that is recorded at the first example and the last; a row of outputs for each example."""
    refuse_what_cannot_be_traced(model)
    places = Places(model)
    if overlap(places.model):
        raise TraceError("some weights stand in two arrays")

    def elsewhere() -> Recording:
        return nearby(places, lambda move: record(model, places, move(x[-1])))

    again = None if same_at_every_example(model.modules()) else elsewhere
    program = OutputProgram(lambda: record(model, places, x[0]), again, places.count)
    weights = np.empty(places.count)
    places.read(weights)
    rows = x.reshape(len(x), -1)
    parts = range(0, len(x), AT_ONCE)
    return np.concatenate([program(weights, rows[start : start + AT_ONCE]) for start in parts])


def record(model: Module, places: Places, row: Array) -> Recording:
    """The graph of one example's outputs."""
    x, xs = leaves(row)
    with tracing(blocks(places.model)) as trace:
        found = [node(y, i, "predict") for i, y in enumerate(flat(model(x), "predict"))]
    known = [(places.starts[identity], block) for identity, block in trace.blocks.items()]
    return Recording(found, xs, known, places.values())


def plain(output: Any) -> Any:
    """Nested lists of `Value`s as nested lists of numbers."""
    if isinstance(output, (list, tuple)):
        return [plain(part) for part in output]
    return number_of(output)
