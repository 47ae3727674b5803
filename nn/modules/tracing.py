"""Trace one example: how modules and losses behave while `fit` records a step to compile.

The graph of one example is recorded once, with nodes for the example's numbers and its target. A row of a
layer's weights is then one leaf of the graph (a `Block`), not one for each weight, and what a loss asks of a
prediction is noted, so that it can be asked of every later one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from autograd_core import Value
from autograd_core.base import restoring
from autograd_core.compile import Block


@dataclass
class Trace:
    """The blocks that stand for weights, by the identity of these, and the bounds noted so far."""

    blocks: dict[int, Block] = field(default_factory=dict)
    bounded: list[tuple[Value, float, float]] = field(default_factory=list)


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


@restoring
def tracing(trace: Trace) -> Iterator[Trace]:
    """Inside, a step is traced."""
    before = _current.get()
    try:
        _current.set(trace)
        yield trace
    finally:
        _current.set(before)


def current() -> Trace | None:
    """The trace that is being made, if one is."""
    return _current.get()


def block_of(weights: Any) -> Block | None:
    """The block that stands for these weights now, if one does."""
    trace = _current.get()
    return None if trace is None else trace.blocks.get(id(weights))


class OneHot(list[Value]):
    """A class as numbers that a program can take: 1 at its place among the classes, 0 elsewhere."""
