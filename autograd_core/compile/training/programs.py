"""Compile the graph of one example into batch programs: values, outputs and summed gradients."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from ...base.importing import np
from ...base.restoring import contained
from ...errors import DataValueError, TraceError
from ..arrays.groups import analysed
from ..arrays.layout import BATCHED, SHARED, Workspace
from ..arrays.structure import Mask
from ..front.tape import Floats, Tape
from ..front.trace import Record, recorded
from ..front.undefined import Underflow, finite
from ..runners.array_program import FAULTS, ArrayProgram, seed


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
        self.underflow = Underflow()
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
        self.underflow = Underflow()
        with np.errstate(**FAULTS, call=self.underflow):
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


class TrainingProgram(BatchGradient):
    """The loss of a batch and its gradient, from the graph of one example.

    >>> from autograd_core import Value
    >>> from autograd_core.compile import Block, Recording
    >>> def record(number=3.0):
    ...     w, x = Block([number]), Value(2.0)
    ...     return Recording([w.items[0] * x], [x], [(0, w)])
    >>> program = TrainingProgram(record, record, 1)
    >>> program.weights[:] = 3.0
    >>> program.inputs(4)[:] = [1.0, 2.0, 3.0, 4.0]
    >>> program.value_and_gradient(4, 0.25), program.gradient.tolist()
    (7.5, [2.5])
    """

    def __init__(
        self, record: Record, record_elsewhere: Record | None, count: int, wanted: Mask | None = None
    ) -> None:
        """See `example.recorded`; raises `TraceError` where the graph is one long chain, too."""
        first, tape = recorded(record, record_elsewhere, count, "the loss of one example")
        super().__init__(tape, count, wanted, first.has_penalty, first.limits)


class OutputProgram:
    """The outputs for a batch, from the graph of one example: an array of shape (examples, outputs).

    >>> from autograd_core import Value
    >>> from autograd_core.compile import Recording
    >>> def record():
    ...     w, x = Value(3.0), Value(2.0)
    ...     return Recording([w * x, x + 1], [x], known={w: 0})
    >>> OutputProgram(record, record, 1)([3.0], [[1.0], [2.0]]).tolist()
    [[3.0, 2.0], [6.0, 3.0]]
    """

    def __init__(self, record: Record, record_elsewhere: Record | None, count: int) -> None:
        """See `example.recorded`; raises `TraceError` where the graph is one long chain, too."""
        _, tape = recorded(record, record_elsewhere, count, "the outputs for one example")
        analysis = analysed(tape, np.arange(len(tape.inputs)) >= count, gather=True)
        if analysis is None:
            raise TraceError("compile: the outputs are one long chain, each node of which waits for another.")
        self._program = ArrayProgram(analysis)

    def __call__(self, weights: Floats, examples: Floats) -> Floats:
        """Raise `FloatingPointError` where a value is undefined."""
        outputs = self._program.values(np.asarray(weights), np.asarray(examples))
        table = np.stack([np.broadcast_to(y, len(examples)) for y in outputs], axis=1)
        if np.isnan(table).any():  # A matrix product does not tell when it multiplies an infinity by zero.
            raise FloatingPointError("an output is undefined")
        return table
