"""Force every way to run a compiled graph, whether or not it would be chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

import numpy as np

from autograd_core import Value
from autograd_core.compile.arrays.groups import Analysis, analysed
from autograd_core.compile.front.simplify import simplified
from autograd_core.compile.front.tape import Tape, capture
from autograd_core.compile.program import Program
from autograd_core.compile.runners.array_program import ArrayProgram
from autograd_core.compile.runners.generated_python import StraightBatch
from autograd_core.compile.runners.interpreter import Interpreter
from autograd_core.compile.runners.levels import LevelProgram, LevelSchedule, tape_levels
from autograd_core.compile.runners.loops import loops
from autograd_core.errors import TraceError

Runner = Callable[[Sequence[float]], tuple[float, list[float]]]


def tape_of(output: Value, inputs: Sequence[Value]) -> Tape:
    return capture([output], inputs)


def exact_runners(tape: Tape) -> dict[str, Runner]:
    """Return the runners that keep the eager engine's bits."""
    program = Program(tape, exact=True)

    def generated(numbers: Sequence[float]) -> tuple[float, list[float]]:
        value, slopes = program.value_and_grad(list(numbers))
        return value, slopes.tolist()

    folded, _ = simplified(tape, exact=True, alike=False)
    return {
        "generated Python": generated,
        "interpreter": Interpreter(tape).value_and_grad,
        "interpreter, folded": Interpreter(folded).value_and_grad,
    }


def reordering_runners(tape: Tape) -> dict[str, Runner]:
    """Return the runners that may reorder sums."""
    program = Program(tape)

    def generated(numbers: Sequence[float]) -> tuple[float, list[float]]:
        value, slopes = program.value_and_grad(list(numbers))
        return value, slopes.tolist()

    runners: dict[str, Runner] = {"generated Python": generated, "columns": on_columns(tape)}
    batched, alone = np.ones(len(tape.inputs), bool), np.zeros(len(tape.inputs), bool)
    alike, _ = simplified(tape, exact=False, alike=True)
    runners["array program"] = at_point(ArrayProgram(analysis_of(alike)))
    with suppress(TraceError):  # Some sums mix factors of single examples with shared factors.
        runners["array program on a batch"] = on_batch(ArrayProgram(analysis_of(alike, batched)))
    plain, _ = simplified(tape, exact=False, alike=False)
    schedule = LevelSchedule(plain, tape_levels(plain))
    runners["level schedule"] = at_point(LevelProgram(schedule, alone))
    runners["level schedule on a batch"] = on_batch(LevelProgram(schedule, batched))
    if (found := loops(plain)) is not None:
        runners["generated loops"] = found.value_and_grad
    return runners


def analysis_of(tape: Tape, batched: np.ndarray | None = None) -> Analysis:
    analysis = analysed(tape, batched, limit=10**6, gather=True)
    assert analysis is not None
    return analysis


def at_point(program: ArrayProgram | LevelProgram) -> Runner:
    def run(numbers: Sequence[float]) -> tuple[float, list[float]]:
        value, slopes, _ = program.value_and_grad(np.array(numbers))
        return value, slopes.tolist()

    return run


def on_batch(program: ArrayProgram | LevelProgram) -> Runner:
    """Run the point as the second of a batch of three."""

    def run(numbers: Sequence[float]) -> tuple[float, list[float]]:
        batch = np.array([[x + 0.001 for x in numbers], numbers, numbers])
        value, _, slopes = program.value_and_grad(np.zeros(0), batch)
        return float(np.broadcast_to(value, 3)[1]), slopes[1].tolist()

    return run


def on_columns(tape: Tape) -> Runner:
    program = StraightBatch(tape, np.ones(len(tape.inputs), bool))

    def run(numbers: Sequence[float]) -> tuple[float, list[float]]:
        batch = np.array([[x + 0.001 for x in numbers], numbers, numbers])
        value, _, slopes = program.value_and_grad(np.zeros(0), batch)
        return float(value[1]), slopes[1].tolist()

    return run
