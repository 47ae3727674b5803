"""Update weights inside a program: weights, gradients and the optimizer's rule share the same arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...base.importing import np
from ...base.reals import brief, called, refuse_masked, whole_number
from ...errors import DataError, DataValueError, DomainError, TraceError
from ..call_forms import in_order, of_point
from ..front.tape import Floats
from ..runners.careful import careful_descent
from .programs import BatchGradient

if TYPE_CHECKING:
    from ..program import Program

Update = Callable[[Floats, Floats, dict[str, Any]], Floats]
"""An optimizer's rule: the new weights, from the weights, their gradient and what is remembered."""


class Updater:
    """One step after another by a rule, or by a learning rate, in place."""

    def __init__(self, update: float | Update) -> None:
        self.update = update
        self.state: dict[str, Any] = {"step": 0}
        self._spare = np.zeros(0)

    def __call__(self, w: Floats, g: Floats) -> None:
        """Change the weights `w`, which have the gradient `g`."""
        self.state["step"] += 1
        if callable(self.update):
            # A rule may keep what it is given, and these arrays are written to at the next step.
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
    """Gradient descent inside the program: the point reached, and the value before each step.

    `update` is the learning rate, or an optimizer's rule `(w, g, state) -> new w`, which may remember what it
    likes in `state`; `state["step"]` counts from 1. With `examples` (B, m) the last m inputs are those of an
    example, and the value is the sum over all B. The start is left as it is.

    Raises `DataError` for what is not a number and for a program of several outputs, `DataValueError` for
    numbers that do not fit the program, and what the program raises.

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
        raise DataError(f"program.run: {program.what_it_gives()}.")
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
    move, values = Updater(update), []
    for _ in range(steps):
        values.append(gradient())
        move(gradient.w, gradient.g)
    return gradient.w.copy(), values


def _check_update(update: Any) -> None:
    if not callable(update) and not np.isfinite(_numbers(update, "update", ())):
        raise DataValueError(f"program.run: not finite: update = {update}; expected a learning rate.")


def _finite(x: Any, name: str) -> Floats:
    numbers = _numbers(x, name)
    if not np.isfinite(numbers).all():
        raise DataValueError(f"program.run: not finite: {name} = {brief(x)}; expected finite numbers.")
    return numbers


def _numbers(x: Any, name: str, shape: tuple[int, ...] | None = None) -> Floats:
    """An array of new float64 numbers; what is text, ragged or no number at all is an error."""
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


class _Pointwise:
    """Value and gradient by what the program does at a point, or at one example after another."""

    def __init__(self, program: Program, count: int, rows: Floats | None) -> None:
        self.program, self.rows = program, rows
        self.w, self.g = np.zeros(count), np.zeros(count)

    def __call__(self) -> float:
        if self.rows is None:
            value, slopes = self.program.gradient_of(of_point(self.w))
            self.g[:] = slopes
            return float(value)
        points = np.hstack([np.broadcast_to(self.w, (len(self.rows), len(self.w))), self.rows])
        try:
            values, slopes = self.program.value_and_grad(points)
        except DomainError:  # Perhaps only the gradient by an example's numbers is undefined.
            value, self.g[:] = careful_descent(self.program.tape, self.w, self.rows.tolist())
            return value
        self.g[:] = in_order(slopes[:, : len(self.w)])
        return float(in_order(values))


class _InArrays:
    """The same by an array program, whose own arrays the weights and the gradient are."""

    def __init__(self, program: Program, count: int, rows: Floats | None) -> None:
        self.program, self.tape, self.rows = program, program.tape, rows
        self.size = None if rows is None else len(rows)
        known = program.descents
        if count not in known:
            known[count] = BatchGradient(program.tape, count)
        self.engine = BatchGradient(program.tape, count, like=known[count])  # Arrays for this run alone.
        self.w, self.g = self.engine.weights, self.engine.gradient
        if rows is not None:
            self.engine.inputs(len(rows))[:] = rows.T

    def __call__(self) -> float:
        try:
            value = self.engine.value_and_gradient(self.size)
        except FloatingPointError:
            return self._careful()
        if self.engine.underflow.among(self.g):
            is_batched = np.arange(len(self.tape.inputs)) >= len(self.w)
            if self.program.engine.doubtful(self.w, self.rows, is_batched):
                return self._careful()
        return value

    def _careful(self) -> float:
        rows = [()] if self.rows is None else self.rows.tolist()
        value, self.g[:] = careful_descent(self.tape, self.w, rows)
        return value


def _gradient(program: Program, count: int, rows: Floats | None) -> _Pointwise | _InArrays:
    arrays = program.runner == "array program" or (rows is not None and program.runner == "generated Python")
    if arrays and not program.exact:
        try:
            return _InArrays(program, count, rows)
        except TraceError:
            pass
    return _Pointwise(program, count, rows)
