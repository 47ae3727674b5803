"""`TrainingProgram`: the loss of a batch and its gradient by the weights, from the graph of one example."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import TraceError
from ..modes import errstate
from ..value import Value
from .array_program import FAULTS, ArrayProgram
from .bindings import Workspace
from .blocks import Block, capture_blocks
from .groups import analysed
from .layout import BATCHED, SHARED
from .sums import Mask
from .tape import Floats, Tape
from .trace import refuse_if_different, refusing_branches

Update = Callable[[Floats, Floats, dict[str, Any]], Floats]
"""An optimizer's rule: the new weights, from the weights, their gradient and what is remembered."""


@dataclass
class Recording:
    """The graph of one example.

    `inputs` are the numbers of the example. `blocks` and `known` say which leaves are weights, and where
    among all weights they stand. `penalty` is what the weights cost by themselves. Each of `bounded` must lie
    between its two limits, at every example.
    """

    loss: Value
    inputs: Sequence[Value]
    blocks: Sequence[tuple[int, Block]] = ()
    known: Mapping[Value, int] = field(default_factory=dict)
    penalty: Value | None = None
    bounded: Sequence[tuple[Value, float, float]] = ()


class TrainingProgram:
    """Computes the loss of a batch, and its gradient, in arrays that are made once.

    `weights` and `gradient` are flat, and the program's own: who trains changes `weights` in place.

    >>> def record(number=3.0):
    ...     w, x = Block([number]), Value(2.0)
    ...     return Recording(w.items[0] * x, [x], [(0, w)])
    >>> program = TrainingProgram(record, record, 1)
    >>> program.weights[:] = 3.0
    >>> program.inputs(4)[:] = [1.0, 2.0, 3.0, 4.0]
    >>> program.value_and_gradient(4, 0.25), program.gradient.tolist()
    (7.5, [2.5])
    """

    def __init__(
        self,
        record: Callable[[], Recording],
        record_elsewhere: Callable[[], Recording],
        count: int,
        wanted: Mask | None = None,
    ) -> None:
        """Runs both, which must do the same at different examples; `wanted` are weights to differentiate by.

        Raises `TraceError` where they do not, and where the graph is one long chain.
        """
        with errstate(all="ignore"):  # A fault at one example is none of the program's.
            first = _recorded(record)
            tape = _tape(first, count)
            refuse_if_different(record, tape, _tape(_recorded(record_elsewhere), count))
        is_batched = np.arange(len(tape.inputs)) >= count
        by = ~is_batched[:count] if wanted is None else wanted
        wanted = np.append(by, np.zeros(len(first.inputs), bool))
        analysis = analysed(tape, is_batched, gather=True)
        if analysis is None:
            raise TraceError("compile: the loss is one long chain, in which every node waits for another.")
        tape = analysis.tape
        shared = analysis.layout.space[tape.outputs[0]] == SHARED
        seeds = {int(tape.outputs[0]): "seed * V1.shape[1]" if shared else "seed"}
        if first.penalty is not None:
            seeds[int(tape.outputs[1])] = "1.0"
        self.program = ArrayProgram(analysis, wanted, seeds)
        self.has_penalty = first.penalty is not None
        self.limits = [(low, high) for _, low, high in first.bounded]
        self._first = self.program.new_workspace(1)
        self._spaces: dict[int, Workspace] = {1: self._first}
        self.count, self.width = count, len(first.inputs)
        self.weights: Floats = self._first.values[SHARED][:count]
        self.gradient: Floats = self._first.adjoints[SHARED][:count]

    @property
    def source(self) -> str:
        """The program as text."""
        return self.program.source

    def inputs(self, size: int) -> Floats:
        """Where the numbers of so many examples are to be written: a column for each example."""
        values: Floats = self._space(size).values[BATCHED][: self.width]
        return values

    def value_and_gradient(self, size: int, weight: float) -> float:
        """The loss of that many examples, each of which counts `weight`; `gradient` has the gradient.

        Raises `FloatingPointError` where a value is undefined, and where one leaves its limits.
        """
        space = self._space(size)
        with np.errstate(**FAULTS):
            space.forward()
            value = self._value(space, size, weight)
            space.backward(weight)
        return value

    def _value(self, space: Workspace, size: int, weight: float) -> float:
        losses, *others = [self.program.output(space, *place) for place in self.program.outputs]
        penalty = others.pop(0) if self.has_penalty else 0.0
        for y, (low, high) in zip(others, self.limits, strict=True):
            if not np.all((low <= y) & (y <= high)):
                raise FloatingPointError(f"a number left its limits {low} and {high}")
        return weight * float(np.sum(losses) if np.ndim(losses) else size * losses) + float(penalty)

    def _space(self, size: int) -> Workspace:
        space = self._spaces.get(size)
        if space is None:
            if len(self._spaces) > 4:
                self._spaces = {1: self._first}
            space = self._spaces[size] = self.program.new_workspace(size, self._first)
        return space


def _recorded(record: Callable[[], Recording]) -> Recording:
    with refusing_branches():
        return record()


def _tape(recording: Recording, count: int) -> Tape:
    roots = [recording.loss, *([] if recording.penalty is None else [recording.penalty])]
    roots += [node for node, _, _ in recording.bounded]
    inputs = {x: count + i for i, x in enumerate(recording.inputs)}
    return capture_blocks(
        roots, recording.blocks, {**recording.known, **inputs}, count + len(recording.inputs)
    )
