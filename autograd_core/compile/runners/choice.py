"""Choose the runner for a tape; fall back to the careful path if a value is undefined."""

from __future__ import annotations

from functools import cached_property
from math import inf, isfinite
from typing import Any

from ...base.importing import np
from ...errors import TraceError
from ...operations import table
from ..arrays.groups import Analysis, analysed
from ..front.floating_point_status import Underflow, finite
from ..front.simplify import Fired, simplified, written_out
from ..front.tape_and_builder import Floats, Tape
from ..program_inputs import Call
from .array_program import ArrayProgram
from .generated_python import StraightBatch
from .interpreter import FAULTS, Interpreter, careful_gradient, careful_value
from .native_tape import NativeBatch, NativeTape, runs

SMALL = 1500
"""Graphs with fewer operations are not searched for structure; without the machine, they become Python."""

WIDE = 256
"""The most arguments of a softmax: each slope contains all of them, a million terms for 1,000."""

PER_GROUP = 600
"""The number of arguments that the machine reads in the time of one NumPy call for a group."""

Arrays = ArrayProgram | NativeBatch | StraightBatch


class Engine:
    """The runners of one tape, each made when it is first needed.

    At one point a `generated` tape runs as generated Python, which is kept elsewhere.
    """

    def __init__(self, tape: Tape, exact: bool) -> None:
        self.tape = tape
        self.exact = exact
        self.small = tape.operations <= SMALL and not _wide(tape)
        self.in_machine = runs(tape, exact)
        self.generated = self.small and not self.in_machine
        self._arrays: dict[bytes, Arrays] = {}

    @cached_property
    def runner(self) -> str:
        """The name of the runner at one point."""
        if self.generated:
            return "generated Python"
        if self.analysis is not None:
            return "array program"
        return "native tape" if self.in_machine else "interpreter"

    @cached_property
    def found(self) -> tuple[Tape, Fired]:
        """The tape that runs, and the number of times each rewriting rule was applied to get it."""
        return self._alike if self.runner == "array program" else self._plain

    @cached_property
    def _alike(self) -> tuple[Tape, Fired]:
        return simplified(self.tape, self.exact, alike=True)

    @cached_property
    def _plain(self) -> tuple[Tape, Fired]:
        return (
            written_out(self.tape, self.exact)
            if self.small
            else simplified(self.tape, self.exact, alike=False)
        )

    @cached_property
    def analysis(self) -> Analysis | None:
        """The groups found in the graph, or None if NumPy would be called for only a few nodes at a time."""
        return None if self.small or self.exact else self._paying()

    def _paying(self, is_batched: Any = None) -> Analysis | None:
        most = len(self.tape.args) / PER_GROUP if self.in_machine else inf
        analysis = analysed(self._alike[0], is_batched, most=most)
        return analysis if analysis is not None and len(analysis.groups) <= most else None

    @cached_property
    def native(self) -> NativeTape | None:
        """The tape in the machine, if that is available and knows all its rows."""
        return NativeTape(self._plain[0], self.exact) if self.in_machine else None

    @cached_property
    def _point(self) -> ArrayProgram | NativeTape | Interpreter:
        if self.analysis is not None:
            return ArrayProgram(self.analysis)
        return self.native or Interpreter(self._plain[0])

    @property
    def source(self) -> str:
        """The program that runs at one point, as text."""
        return self._point.source

    def values(self, numbers: Floats) -> list[float]:
        """Return the outputs at one point."""
        try:
            values = self._point.values(numbers)
        except FAULTS:
            return careful_value(self.tape, numbers.tolist())
        return values if all(map(isfinite, values)) else careful_value(self.tape, numbers.tolist())

    def value_and_grad(self, numbers: Floats) -> tuple[float, Floats]:
        """Return the first output and its gradient at one point."""
        underflow = Underflow()
        try:
            value, found, *_ = self._point.value_and_grad(numbers, underflow=underflow)
        except FAULTS:
            return self._careful(numbers)
        slopes = np.asarray(found)
        if not isfinite(value) or not finite(slopes):
            return self._careful(numbers)
        if underflow.among(slopes) and self.doubtful(numbers[None, :]):
            return self._careful(numbers)
        return value, slopes

    def _careful(self, numbers: Floats) -> tuple[float, Floats]:
        value, slopes = careful_gradient(self.tape, numbers.tolist())
        return value, np.array(slopes)

    def doubtful(self, points: Floats) -> bool:
        """Whether a local derivative underflows at one of the points (one per row).

        The eager engine, which continues with wider numbers, may then have another gradient.
        """
        runner = self.native or Interpreter(self._plain[0])
        try:
            return any(map(runner.doubtful, points))
        except FAULTS:
            return True

    def values_of_batch(self, call: Call) -> list[Floats]:
        """Return the outputs, each over the batch."""
        values: list[Any]
        runner = self.arrays(call.is_batched)
        try:
            values = runner.values(call.shared, call.batched)
        except FAULTS:  # Numbers that all examples share are floats.
            values = []
        if not values or not (isinstance(runner, NativeBatch) or finite(*values)):
            values = np.array([careful_value(self.tape, point) for point in call.points()]).T.tolist()
        return [np.asarray(y) if np.ndim(y) else np.broadcast_to(y, call.size) for y in values]

    def gradients_of_batch(self, call: Call) -> tuple[Floats, Floats, Floats]:
        """Return the first output over the batch, and its gradients by shared inputs (summed) and others."""
        runner, underflow = self.arrays(call.is_batched), Underflow()
        try:
            values, shared, batched = runner.value_and_grad(call.shared, call.batched, underflow)
        except FAULTS:  # Numbers that all examples share are floats.
            return call.parted([careful_gradient(self.tape, point) for point in call.points()])
        if not (isinstance(runner, NativeBatch) or finite(values, shared, batched)) or (
            underflow.among(shared, batched) and self.doubtful(np.array(call.points()))
        ):
            return call.parted([careful_gradient(self.tape, point) for point in call.points()])
        return values if np.ndim(values) else np.broadcast_to(values, call.size), shared, batched

    def arrays(self, is_batched: Any) -> Arrays:
        """Return the array runner if those inputs have a value for each example."""
        key = is_batched.tobytes()
        if key not in self._arrays:
            self._arrays[key] = self._made(is_batched)
        return self._arrays[key]

    def _made(self, is_batched: Any) -> Arrays:
        analysis = self._analysis_of(is_batched)
        if analysis is not None:
            return ArrayProgram(analysis)
        return (
            StraightBatch(self.tape, is_batched)
            if self.native is None
            else NativeBatch(self.native, is_batched)
        )

    def _analysis_of(self, is_batched: Any) -> Analysis | None:
        try:
            return None if self.small else self._paying(is_batched)
        except TraceError:  # An array cannot be read if only part of it has a value for each example.
            return None


def _wide(tape: Tape) -> bool:
    """Whether an operation other than a sum has too many arguments to be written out."""
    sums = [tape.code_of(row) for row in (table.sum, table.dot, table.mean)]
    return bool(np.any((np.diff(tape.start) > WIDE) & ~np.isin(tape.code, sums)))
