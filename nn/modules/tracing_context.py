"""Record one example of a batch for all: the weights as blocks of a tape, the labels as one-hot rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from autograd_core import Value
from autograd_core.base import restoring
from autograd_core.compile import Block


@dataclass
class ExampleTrace:
    """The blocks that represent weights, by the weights' id, and the bounds recorded so far.

    `statistics` has the modules that keep statistics of a batch, and their nodes.
    """

    blocks: dict[int, Block] = field(default_factory=dict)
    bounded: list[tuple[Value, float, float]] = field(default_factory=list)
    statistics: list[tuple[Any, list[Value]]] = field(default_factory=list)


_current: ContextVar[ExampleTrace | None] = ContextVar("trace", default=None)


@restoring
def tracing(trace: ExampleTrace) -> Iterator[ExampleTrace]:
    """Trace a step inside the block."""
    before = _current.get()
    try:
        _current.set(trace)
        yield trace
    finally:
        _current.set(before)


def current() -> ExampleTrace | None:
    """Return the current trace, or None."""
    return _current.get()


def block_of(weights: Any) -> Block | None:
    """Return the block that represents these weights in the current trace, or None."""
    trace = _current.get()
    return None if trace is None else trace.blocks.get(id(weights))


class OneHot(list[Value]):
    """A class encoded for a program: 1 at its index, 0 elsewhere."""
