"""Choose the runner for a tape; fall back to the careful path where a value is undefined."""

from __future__ import annotations

from functools import cached_property
from math import isfinite
from typing import Any

from ...base.importing import np
from ...errors import TraceError
from ...kernel import table
from ..arrays.groups import Analysis, analysed
from ..call_forms import Call
from ..emit.straight_line import Straight
from ..front.simplify import Fired, simplified
from ..front.tape import Floats, Tape
from ..front.undefined import Underflow, finite
from .array_program import ArrayProgram
from .generated_python import StraightBatch
from .interpreter import Interpreter, careful_gradient, careful_value
from .levels import LevelProgram, LevelSchedule, scheduled, tape_levels
from .loops import FAULTS, LoopRunner, loops

SMALL = 1500
"""Up to so many operations a graph becomes straight-line Python: more take longer to compile than to run."""

WIDE = 256
"""Up to so many arguments: each slope of a softmax is written with all of them, a million terms for 1,000."""

Arrays = ArrayProgram | LevelProgram | StraightBatch


class Engine:
    """The runners of one tape, each made when it is first needed.

    A `small` tape runs at one point as generated Python, which is not kept here.
    """

    def __init__(self, tape: Tape, exact: bool) -> None:
        self.tape = tape
        self.exact = exact
        self.small = tape.operations <= SMALL and not _wide(tape)
        self._arrays: dict[bytes, Arrays] = {}

    @cached_property
    def runner(self) -> str:
        """What runs at one point."""
        if self.small:
            return "generated Python"
        if self.exact:
            return "interpreter"
        if self.analysis is not None:
            return "array program"
        if self.schedule is not None:
            return "level schedule"
        return "interpreter" if self.loops is None else "generated loops"

    @cached_property
    def found(self) -> tuple[Tape, Fired]:
        """The tape that runs, and how often each rule of the rewriting table was applied to get it."""
        if self.small:  # The generated program simplifies its tape itself.
            return self.tape, Straight(self.tape, exact=self.exact).builder.fired
        return self._alike if self.runner == "array program" else self._plain

    @cached_property
    def _alike(self) -> tuple[Tape, Fired]:
        return simplified(self.tape, self.exact, alike=True)

    @cached_property
    def _plain(self) -> tuple[Tape, Fired]:
        return simplified(self.tape, self.exact, alike=False)

    @cached_property
    def analysis(self) -> Analysis | None:
        """The groups found in the graph; None where few nodes are alike."""
        return analysed(self._alike[0])

    @cached_property
    def schedule(self) -> LevelSchedule | None:
        """The levels of the graph; None where they are narrow."""
        return scheduled(self._plain[0])

    @cached_property
    def loops(self) -> LoopRunner | None:
        """The repeated steps of a long chain; None where there are few."""
        return loops(self._plain[0])

    @cached_property
    def _point(self) -> Arrays | LoopRunner | Interpreter:
        if self.runner == "interpreter":
            return Interpreter(self._plain[0])
        if self.runner == "generated loops" and self.loops is not None:
            return self.loops
        return self.arrays(np.zeros(len(self.tape.inputs), bool))

    @property
    def source(self) -> str:
        """What runs at one point, as text."""
        return self._point.source

    def values(self, numbers: Floats) -> list[float]:
        """The outputs at one point."""
        try:
            values = self._point.values(numbers)
        except FAULTS:
            return careful_value(self.tape, numbers.tolist())
        return values if all(map(isfinite, values)) else careful_value(self.tape, numbers.tolist())

    def value_and_grad(self, numbers: Floats) -> tuple[float, Floats]:
        """The first output and its gradient at one point."""
        underflow = Underflow()
        try:
            value, found, *_ = self._point.value_and_grad(numbers, underflow=underflow)
        except FAULTS:
            return self._careful(numbers)
        slopes = np.asarray(found)
        if not isfinite(value) or not np.isfinite(slopes).all():
            return self._careful(numbers)
        if underflow.among(slopes) and self.doubtful(numbers):
            return self._careful(numbers)
        return value, slopes

    def _careful(self, numbers: Floats) -> tuple[float, Floats]:
        value, slopes = careful_gradient(self.tape, numbers.tolist())
        return value, np.array(slopes)

    def doubtful(self, shared: Floats, batched: Floats | None = None, is_batched: Any = None) -> bool:
        """Whether a local derivative underflows there, so that the eager engine may have another gradient."""
        is_batched = np.zeros(len(self.tape.inputs), bool) if is_batched is None else is_batched
        try:
            return LevelProgram(self._levels, is_batched).doubtful(shared, batched)
        except FAULTS:
            return True

    @cached_property
    def _levels(self) -> LevelSchedule:
        tape = self._plain[0]
        return self.schedule or LevelSchedule(tape, tape_levels(tape))

    def values_of_batch(self, call: Call) -> list[Floats]:
        """The outputs, each over the batch."""
        values: list[Any]
        try:
            values = self.arrays(call.is_batched).values(call.shared, call.batched)
        except FAULTS:  # Numbers that all examples share are floats.
            values = []
        if not values or not finite(*values):
            values = np.array([careful_value(self.tape, point) for point in call.points()]).T.tolist()
        return [np.asarray(y) if np.ndim(y) else np.broadcast_to(y, call.size) for y in values]

    def gradients_of_batch(self, call: Call) -> tuple[Floats, Floats, Floats]:
        """The first output over the batch, its gradient by the shared inputs (summed), and by the others."""
        runner, underflow = self.arrays(call.is_batched), Underflow()
        try:
            values, shared, batched = runner.value_and_grad(call.shared, call.batched, underflow)
        except FAULTS:  # Numbers that all examples share are floats.
            return call.parted([careful_gradient(self.tape, point) for point in call.points()])
        if not finite(values, shared, batched) or (
            underflow.among(shared, batched) and self.doubtful(call.shared, call.batched, call.is_batched)
        ):
            return call.parted([careful_gradient(self.tape, point) for point in call.points()])
        return values if np.ndim(values) else np.broadcast_to(values, call.size), shared, batched

    def arrays(self, is_batched: Any) -> Arrays:
        """What runs in NumPy when those inputs have a value for each example."""
        key = is_batched.tobytes()
        if key not in self._arrays:
            self._arrays[key] = self._made(is_batched)
        return self._arrays[key]

    def _made(self, is_batched: Any) -> Arrays:
        analysis = self._analysis_of(is_batched)
        if analysis is not None:
            return ArrayProgram(analysis)
        if self.small or self.schedule is None:
            return StraightBatch(self.tape, is_batched)
        return LevelProgram(self.schedule, is_batched)

    def _analysis_of(self, is_batched: Any) -> Analysis | None:
        if not is_batched.any():
            return self.analysis
        try:
            return None if self.small else analysed(self._alike[0], is_batched)
        except TraceError:  # No array can be read that is partly one for each example.
            return None


def _wide(tape: Tape) -> bool:
    """Whether an operation other than a sum has more arguments than are to be written out."""
    sums = [tape.code_of(row) for row in (table.sum, table.dot, table.mean)]
    return bool(np.any((np.diff(tape.start) > WIDE) & ~np.isin(tape.code, sums)))
