"""Programs for training: gradients summed over a batch, and descent inside a program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from ..base.importing import np
from ..base.reals import brief, called, exact_sum, refuse_masked, whole_number
from ..base.restoring import contained
from ..errors import DataError, DataValueError, DomainError, TraceError
from ..native import in_c
from .arrays.groups import analysed
from .arrays.layout import BATCHED, SHARED
from .arrays.structure import Mask
from .arrays.workspace import Workspace
from .front.floating_point_status import Underflow, finite
from .front.tape_and_builder import Floats, Tape
from .front.trace import RecordOnce, recorded
from .program_inputs import in_order, of_point
from .runners.array_program import ArrayProgram, run, seed
from .runners.interpreter import careful_descent

if TYPE_CHECKING:
    from .program import Program


class BatchGradient:
    """The first output of a tape, summed over a batch; its first `count` inputs are the weights.

    `weights` and `gradient` are flat arrays of the program: training changes `weights` in place. With
    `has_penalty` the second output is the penalty on the weights, which is added once. Every later output
    must lie within its `limits` at every example. Only the gradient by the `wanted` weights is computed, and
    none by the numbers of the examples. `reached` says which weights are used.

    Raises `TraceError` for one long chain, in which nothing can run in parallel.
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
        """With `like`, which has the same tape and weights, reuse its analysis, with new arrays."""
        self.count, self.width = count, len(tape.inputs) - count
        self.has_penalty, self.limits = has_penalty, limits
        self.program: ArrayProgram = self._compiled(tape, wanted) if like is None else like.program
        first = 1 if self.width else None
        self._first = self.program.new_workspace(first)
        self._spaces: dict[int | None, Workspace] = {first: self._first}
        self._asked: set[int] = set()
        self.underflow = Underflow()
        self.noted: list[Floats] = []
        """The outputs after loss and penalty at the last examples."""
        self.reached: Mask = np.isin(np.arange(count), np.append(tape.args, tape.outputs))
        self.weights: Floats = self._first.values[SHARED][:count]
        self.gradient: Floats = self._first.adjoints[SHARED][:count]

    def _compiled(self, tape: Tape, wanted: Mask | None) -> ArrayProgram:
        is_batched = np.arange(len(tape.inputs)) >= self.count
        by = np.ones(self.count, bool) if wanted is None else wanted
        analysis = analysed(tape, is_batched, gather=True)
        if analysis is None:
            raise TraceError("compile: the loss is one long chain, where every node waits for another.")
        loss, *others = analysis.tape.outputs.tolist()
        seeds = {loss: seed(analysis)}
        if self.has_penalty:
            seeds[others[0]] = "1.0"
        return ArrayProgram(analysis, np.append(by, np.zeros(self.width, bool)), seeds)

    @property
    def source(self) -> str:
        """The program as text."""
        return self.program.source

    def _descend(self, count: int, rate: float) -> bool:
        """Move the first weights by the rate against their gradient; return whether they are finite."""
        w, g = self.weights[:count], self.gradient[:count]
        if in_c is not None:
            return bool(in_c.descend(w, g, rate))
        return self._descend_by_numpy(w, g, rate)

    @staticmethod
    @contained
    def _descend_by_numpy(w: Floats, g: Floats, rate: float) -> bool:
        with np.errstate(all="ignore"):
            np.subtract(w, g * rate, out=w)
        return finite(w)

    def inputs(self, size: int) -> Floats:
        """Return the array to write `size` examples into: a column for each example.

        Up to five sizes keep their numbers; a sixth replaces them all.
        """
        values: Floats = self._space(size).values[BATCHED][: self.width]
        self._asked.add(size)
        return values

    def value_and_gradient(self, size: int | None = None, weight: float = 1.0) -> float:
        """Return the value over that many examples, each times `weight`; `gradient` has the gradient.

        Raises `FloatingPointError` if a value is infinite or undefined or leaves its limits, and
        `DataValueError` if `inputs` has not been called for that many examples, or has dropped them.
        """
        if self.width and size not in self._asked:
            raise DataValueError(
                f"BatchGradient.value_and_gradient: no examples: size = {size}; expected a size whose "
                "examples are set. Write them into inputs(size) first."
            )
        space, self.underflow = self._space(size), Underflow()
        run(space, self.underflow, weight)
        value = self._value(space, 1 if size is None else size, weight)
        # A matrix product does not report that it multiplies infinity by zero.
        if not (isfinite(value) and finite(self.gradient)):
            raise FloatingPointError("the value or its gradient is infinite or undefined")
        return value

    def _value(self, space: Workspace, size: int, weight: float) -> float:
        loss, *others = self.program.outputs
        losses = self.program.output(space, *loss)
        total = weight * (size * losses if type(losses) is float else exact_sum(losses.tolist()))
        if self.has_penalty:
            total += self.program.output(space, *others.pop(0))
        self.noted = [self.program.output(space, *place) for place in others]
        for y, (low, high) in zip(self.noted, self.limits, strict=True):
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
        self, record: RecordOnce, record_elsewhere: RecordOnce | None, count: int, wanted: Mask | None = None
    ) -> None:
        """See `recorded`; also raises `TraceError` if the graph is one long chain."""
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

    def __init__(self, record: RecordOnce, record_elsewhere: RecordOnce | None, count: int) -> None:
        """See `recorded`; also raises `TraceError` if the graph is one long chain."""
        _, tape = recorded(record, record_elsewhere, count, "the outputs for one example")
        analysis = analysed(tape, np.arange(len(tape.inputs)) >= count, gather=True)
        if analysis is None:
            raise TraceError("compile: the outputs are one long chain, where every node waits for another.")
        self._program = ArrayProgram(analysis)

    def __call__(self, weights: Floats, examples: Floats) -> Floats:
        """Return the outputs; raise `FloatingPointError` if a value is undefined."""
        outputs = self._program.values(np.asarray(weights), np.asarray(examples))
        table = np.stack([np.broadcast_to(y, len(examples)) for y in outputs], axis=1)
        if np.isnan(table).any():  # A matrix product does not report that it multiplies infinity by zero.
            raise FloatingPointError("an output is undefined")
        return table


Update = Callable[[Floats, Floats, dict[str, Any]], Floats]
"""An optimizer's rule: the new weights, from the weights, their gradient and the state."""


AT_ONCE = 1000
"""The number of steps in C between two checks for Ctrl-C."""


class Updater:
    """Takes steps in place by a rule or a learning rate."""

    def __init__(self, update: float | Update) -> None:
        self.update = update
        self.state: dict[str, Any] = {"step": 0}
        self._spare = np.zeros(0)

    def __call__(self, w: Floats, g: Floats) -> None:
        """Update the weights `w` with the gradient `g`."""
        self.state["step"] += 1
        if callable(self.update):
            # Copies, because a rule may keep its arguments, and the next step overwrites these arrays.
            found = called("program.run: update", self.update, w.copy(), g.copy(), self.state)
            np.copyto(w, _numbers(found, "what update returned", w.shape))
        else:
            if self._spare.shape != w.shape:
                self._spare = np.empty_like(w)
            np.multiply(g, self.update, out=self._spare)
            np.subtract(w, self._spare, out=w)


def descend(
    program: Program, steps: int, start: Any, update: float | Update, examples: Any = None
) -> tuple[Floats, list[float]]:
    """Run gradient descent inside the program; return the final point and the value before each step.

    `update` is the learning rate, or an optimizer's rule `(w, g, state) -> new w`, which may keep anything in
    `state`; `state["step"]` counts from 1. With `examples` (B, m) the last m inputs are those of an example,
    and the value is the sum over all B. The start is not changed.

    Raises `DataError` for anything but numbers and for a program of several outputs, `DataValueError` for
    numbers that do not fit the program, and any error of the program.

    >>> from autograd_core import compile
    >>> program = compile(lambda w, x, y: (w * x - y) ** 2)
    >>> program(0.0, 1.0, 1.0)
    1.0
    >>> point, values = program.program.run(50, [0.0], 0.05, examples=[[1.0, 3.0], [2.0, 6.0]])
    >>> point.round(6).tolist(), values[0]
    ([3.0], 45.0)
    >>> slower = lambda w, g, state: w - 0.5 * g / state["step"]
    >>> program.program.run(2, [0.0], slower, examples=[[1.0, 3.0]])[0].tolist()
    [3.0]
    """
    if not program.single:
        raise DataError(f"program.run: {program._what_it_gives()}.")
    whole_number(steps, "program.run", "steps", 0)
    _check_update(update)
    point = _finite(start, "start").ravel()
    rows = None if examples is None else _finite(examples, "examples")
    if rows is not None and (rows.ndim != 2 or not len(rows)):
        raise DataValueError(
            f"program.run: wrong shape: examples of shape {rows.shape}; expected (B, m), a row for each of "
            "at least one example."
        )
    if len(point) + (0 if rows is None else rows.shape[-1]) != len(program.names):
        raise DataValueError(
            f"program.run: {len(point)} numbers to start from and examples of shape {np.shape(examples)}; "
            f"expected the {len(program.names)} inputs of the program, the weights first."
        )
    gradient = _gradient(program, len(point), rows)
    gradient.w[:] = point
    values = _descended(program, gradient, steps, update, alone=rows is None)
    return gradient.w.copy(), values


def _descended(
    program: Program, gradient: _Pointwise | _InArrays, steps: int, update: float | Update, *, alone: bool
) -> list[float]:
    """Return the value before each step; if `alone`, without examples, the machine takes many at once."""
    in_machine = alone and program.runner == "native tape" and not callable(update)
    native = program.engine.native if in_machine else None
    move, values = Updater(update), list[float]()
    while len(values) < steps:
        wanted = min(steps - len(values), AT_ONCE)
        if native is not None and not callable(update):
            found = native.descend(gradient.w, float(update), wanted)
            values += found
            wanted -= len(found)
        if wanted:  # The next value is undefined, or there is no machine.
            values.append(gradient())
            move(gradient.w, gradient.g)
    return values


def _check_update(update: Any) -> None:
    if not callable(update) and not np.isfinite(_numbers(update, "update", ())):
        raise DataValueError(f"program.run: not finite: update = {update}; expected a learning rate.")


def _finite(x: Any, name: str) -> Floats:
    numbers = _numbers(x, name)
    if not np.isfinite(numbers).all():
        raise DataValueError(f"program.run: not finite: {name} = {brief(x)}; expected finite numbers.")
    return numbers


def _numbers(x: Any, name: str, shape: tuple[int, ...] | None = None) -> Floats:
    """Return a new float64 array; raise for text, ragged lists and anything that is not a number."""
    refuse_masked(x, f"program.run: {name}")
    try:
        found = np.array(x)
    except ValueError:
        found = np.array(None)
    if found.dtype.kind not in "fiub" and found.size:
        raise DataError(f"program.run: not numbers: {name} = {brief(x)}; expected an array of floats.")
    if shape is not None and found.shape != shape:
        raise DataValueError(
            f"program.run: wrong shape: {name} has shape {found.shape}; expected {shape or 'one number'}."
        )
    return found.astype(np.float64)


def _points(w: Floats, rows: Floats | None) -> Floats:
    """Return all inputs of each example: the weights, and the example's numbers."""
    return w[None, :] if rows is None else np.hstack([np.broadcast_to(w, (len(rows), len(w))), rows])


class _Pointwise:
    """Value and gradient by running the program at a point, or at one example after another."""

    def __init__(self, program: Program, count: int, rows: Floats | None) -> None:
        self.program, self.rows = program, rows
        self.w, self.g = np.zeros(count), np.zeros(count)

    def __call__(self) -> float:
        if self.rows is None:
            value, slopes = self.program._gradient_of(of_point(self.w))
            self.g[:] = slopes
            return float(value)
        try:
            values, slopes = self.program.value_and_grad(_points(self.w, self.rows))
        except DomainError:  # Perhaps only the gradient by an example's numbers is undefined.
            value, self.g[:] = careful_descent(self.program.tape, self.w, self.rows.tolist())
            return value
        self.g[:] = in_order(slopes[:, : len(self.w)])
        return float(in_order(values))


class _InArrays:
    """The same by an array program, whose arrays hold the weights and the gradient."""

    def __init__(self, program: Program, count: int, rows: Floats | None) -> None:
        self.program, self.tape, self.rows = program, program.tape, rows
        self.size = None if rows is None else len(rows)
        known = program.descents
        if count not in known:
            known[count] = BatchGradient(program.tape, count)
        self.engine = BatchGradient(program.tape, count, like=known[count])  # Arrays for this run only.
        self.w, self.g = self.engine.weights, self.engine.gradient
        if rows is not None:
            self.engine.inputs(len(rows))[:] = rows.T

    def __call__(self) -> float:
        try:
            value = self.engine.value_and_gradient(self.size)
        except FloatingPointError:
            return self._careful()
        if self.engine.underflow.among(self.g) and self.program.engine.doubtful(_points(self.w, self.rows)):
            return self._careful()
        return value

    def _careful(self) -> float:
        rows = [()] if self.rows is None else self.rows.tolist()
        value, self.g[:] = careful_descent(self.tape, self.w, rows)
        return value


def _gradient(program: Program, count: int, rows: Floats | None) -> _Pointwise | _InArrays:
    arrays = program.runner == "array program" or (rows is not None and program.engine.small)
    if arrays and not program.exact:
        try:
            return _InArrays(program, count, rows)
        except TraceError:
            pass
    return _Pointwise(program, count, rows)
