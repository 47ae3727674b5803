"""`BatchGradient`: a value summed over a batch and its gradient by the weights, in arrays made once."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np

from ..errors import DataValueError, TraceError
from ..restoring import contained
from .array_program import FAULTS, ArrayProgram, seed
from .bindings import Workspace
from .groups import analysed
from .layout import BATCHED, SHARED
from .sums import Mask
from .tape import Floats, Tape
from .undefined import finite


class BatchGradient:
    """The first output of a tape, summed over a batch; its first `count` inputs are the weights.

    `weights` and `gradient` are flat, and the program's own: who trains changes `weights` in place. With
    `has_penalty` the second output is what the weights cost by themselves, and is added once. Every output
    after those has `limits` between which it must lie at every example. Only the gradient by the `wanted`
    weights is computed, and none by the numbers of the examples. `reached` says which weights are used.

    Raises `TraceError` for one long chain, in which nothing can be done at once.
    """

    def __init__(
        self,
        tape: Tape,
        count: int,
        wanted: Mask | None = None,
        has_penalty: bool = False,
        limits: Sequence[tuple[float, float]] = (),
        like: BatchGradient | None = None,
    ) -> None:
        """With `like`, of the same tape and weights, nothing is analysed again; the arrays are its own."""
        self.count, self.width = count, len(tape.inputs) - count
        self.has_penalty, self.limits = has_penalty, limits
        self.program: ArrayProgram = self._compiled(tape, wanted) if like is None else like.program
        first = 1 if self.width else None
        self._first = self.program.new_workspace(first)
        self._spaces: dict[int | None, Workspace] = {first: self._first}
        self._asked: set[int] = set()
        self.reached: Mask = np.isin(np.arange(count), np.append(tape.args, tape.outputs))
        self.weights: Floats = self._first.values[SHARED][:count]
        self.gradient: Floats = self._first.adjoints[SHARED][:count]

    def _compiled(self, tape: Tape, wanted: Mask | None) -> ArrayProgram:
        is_batched = np.arange(len(tape.inputs)) >= self.count
        by = np.ones(self.count, bool) if wanted is None else wanted
        analysis = analysed(tape, is_batched, gather=True)
        if analysis is None:
            raise TraceError("compile: the loss is one long chain, in which every node waits for another.")
        loss, *others = analysis.tape.outputs.tolist()
        seeds = {loss: seed(analysis)}
        if self.has_penalty:
            seeds[others[0]] = "1.0"
        return ArrayProgram(analysis, np.append(by, np.zeros(self.width, bool)), seeds)

    @property
    def source(self) -> str:
        """The program as text."""
        return self.program.source

    def inputs(self, size: int) -> Floats:
        """Where the numbers of so many examples are to be written: a column for each example.

        Up to five sizes keep their numbers; those of a sixth take the place of all.
        """
        values: Floats = self._space(size).values[BATCHED][: self.width]
        self._asked.add(size)
        return values

    @contained
    def value_and_gradient(self, size: int | None = None, weight: float = 1.0) -> float:
        """The value over that many examples, each of which counts `weight`; `gradient` has the gradient.

        Raises `FloatingPointError` where a value is infinite or undefined, and where one leaves its limits,
        and `DataValueError` where `inputs` has not been asked for that many examples, or has let go of them.
        """
        if self.width and size not in self._asked:
            raise DataValueError(
                f"BatchGradient.value_and_gradient: no examples: size = {size}; expected one whose numbers "
                "are there. Write them into inputs(size) first."
            )
        space = self._space(size)
        with np.errstate(**FAULTS):
            space.forward()
            value = self._value(space, 1 if size is None else size, weight)
            space.backward(weight)
        # A matrix product does not tell when it multiplies an infinity by zero.
        if not (isfinite(value) and finite(self.gradient)):
            raise FloatingPointError("the value or its gradient is infinite or undefined")
        return value

    def _value(self, space: Workspace, size: int, weight: float) -> float:
        loss, *others = self.program.outputs
        losses = self.program.output(space, *loss)
        total = weight * (float(losses.sum()) if isinstance(losses, np.ndarray) else size * losses)
        if self.has_penalty:
            total += self.program.output(space, *others.pop(0))
        for place, (low, high) in zip(others, self.limits, strict=True):
            y = self.program.output(space, *place)
            if not np.all((low <= y) & (y <= high)):
                raise FloatingPointError(f"a number left its limits {low} and {high}")
        return total

    def _space(self, size: int | None) -> Workspace:
        space = self._spaces.get(size)
        if space is None:
            if len(self._spaces) > 4:
                self._spaces.clear()
                self._asked.clear()
            space = self._spaces[size] = self.program.new_workspace(size, self._first)
        return space
