"""Force every way to run a compiled graph, whether or not it would be chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

import numpy as np

from autograd_core import Value
from autograd_core.compile.arrays.groups import Analysis, analysed
from autograd_core.compile.front.simplify import simplified, written_out
from autograd_core.compile.front.tape_and_builder import Tape, capture
from autograd_core.compile.program import Program
from autograd_core.compile.runners.array_program import ArrayProgram
from autograd_core.compile.runners.choice import Arrays
from autograd_core.compile.runners.generated_python import Generated, StraightBatch
from autograd_core.compile.runners.interpreter import Interpreter
from autograd_core.compile.runners.native_tape import NativeBatch, NativeTape, runs
from autograd_core.errors import TraceError

Runner = Callable[[Sequence[float]], tuple[float, list[float]]]


def tape_of(output: Value, inputs: Sequence[Value]) -> Tape:
    return capture([output], inputs)


def exact_runners(tape: Tape) -> dict[str, Runner]:
    """Return the runners that keep the eager engine's bits."""
    folded, _ = simplified(tape, exact=True, alike=False)
    return {
        "program": chosen(tape, exact=True),
        "generated Python": generated(tape, exact=True),
        "interpreter": Interpreter(tape).value_and_grad,
        "interpreter, folded": Interpreter(folded).value_and_grad,
    }


def chosen(tape: Tape, *, exact: bool) -> Runner:
    """Return what a program does, careful path and all."""
    program = Program(tape, exact=exact)

    def run(numbers: Sequence[float]) -> tuple[float, list[float]]:
        value, slopes = program.value_and_grad(list(numbers))
        return value, slopes.tolist()

    return run


def generated(tape: Tape, *, exact: bool) -> Runner:
    made = Generated(tape, [f"x{i}" for i in range(len(tape.inputs))], {}, exact=exact, single=True)

    def run(numbers: Sequence[float]) -> tuple[float, list[float]]:
        value, slopes = made.call("value_and_grad", list(numbers))
        return value, list(slopes) if type(slopes) is tuple else [slopes]

    return run


def reordering_runners(tape: Tape) -> dict[str, Runner]:
    """Return the runners that may reorder sums."""
    batched = np.ones(len(tape.inputs), bool)
    runners: dict[str, Runner] = {
        "program": chosen(tape, exact=False),
        "generated Python": generated(tape, exact=False),
        "columns": on_batch(StraightBatch(tape, batched)),
    }
    alike, _ = simplified(tape, exact=False, alike=True)
    runners["array program"] = at_point(ArrayProgram(analysis_of(alike)))
    with suppress(TraceError):  # Some sums mix factors of single examples with shared factors.
        runners["array program on a batch"] = on_batch(ArrayProgram(analysis_of(alike, batched)))
    if runs(tape, exact=False):
        for name, simplify in {
            "as it is": simplified(tape, False, False),
            "rewritten": written_out(tape, False),
        }.items():
            native = NativeTape(simplify[0], exact=False)
            runners[f"native tape, {name}"] = at_point(native)
            runners[f"native tape, {name}, on a batch"] = on_batch(NativeBatch(native, batched))
    return runners


def analysis_of(tape: Tape, batched: np.ndarray | None = None) -> Analysis:
    analysis = analysed(tape, batched, limit=10**6, gather=True)
    assert analysis is not None
    return analysis


def at_point(program: ArrayProgram | NativeTape) -> Runner:
    def run(numbers: Sequence[float]) -> tuple[float, list[float]]:
        value, slopes, *_ = program.value_and_grad(np.array(numbers))
        return value, slopes.tolist()

    return run


def on_batch(program: Arrays) -> Runner:
    """Run the point as the second of a batch of three."""

    def run(numbers: Sequence[float]) -> tuple[float, list[float]]:
        batch = np.array([[x + 0.001 for x in numbers], numbers, numbers])
        value, _, slopes = program.value_and_grad(np.zeros(0), batch)
        return float(np.broadcast_to(value, 3)[1]), slopes[1].tolist()

    return run
