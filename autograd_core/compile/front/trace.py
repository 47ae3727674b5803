"""Trace a function: run it once on `Value`s to record the graph to compile."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from ...base.importing import np
from ...base.modes import Switch, errstate
from ...base.reals import brief
from ...calculus.argument_trees import Form, flattened
from ...errors import DataError, TraceError
from ...kernel.primitive import same_row
from ...kernel.topological_order import topological_order
from ...kernel.value import Value, constant
from .array_leaves import Block, capture_blocks
from .tape_and_builder import Tape, capture, no_collector


@dataclass(frozen=True, eq=False)
class Trace:
    """A traced run of a function: its tape, the form of its result, and the outside leaves that it used."""

    tape: Tape
    form: Form
    leaves: tuple[Value, ...]


def traced(
    function: Callable[..., Any],
    numbers: Sequence[float],
    names: Sequence[str],
    call: Callable[[Sequence[Value]], Any],
) -> Trace:
    """Trace the function at that point; `call` calls it with `Value`s for the numbers."""
    trace = _run(function, numbers, names, call)
    with errstate(all="ignore"):
        again = _elsewhere(function, numbers, lambda point: _run(function, point, names, call))
    if trace.leaves != again.leaves:
        # The first run created what later ones find, such as the Values of a layer.
        trace = _run(function, numbers, names, call)
    refuse_if_different(function, trace.tape, again.tape)
    if trace.form != again.form:
        _refuse(function, "the form of its result differs from one point to another")
    if len(trace.tape.rows) <= QUICK_TO_RUN:
        for far in FAR:
            _refuse_if_different_at([far(x) for x in numbers], function, names, call, trace)
    return trace


def _refuse_if_different_at(
    point: Sequence[float],
    function: Callable[..., Any],
    names: Sequence[str],
    call: Callable[[Sequence[Value]], Any],
    trace: Trace,
) -> None:
    """Find branches on `.data`, which go unnoticed when taken; points may be outside the domain."""
    try:
        with errstate(all="ignore"):
            other = _run(function, point, names, call)
    except Exception:
        return
    refuse_if_different(function, trace.tape, other.tape)


Moves = tuple[Callable[[float], float], ...]

NEAR: Moves = (
    lambda x: x * 1.0009765625 + 0.0078125,
    lambda x: x * 0.9990234375 - 0.0078125,
    lambda x: x + (0.4140625 - x) * 0.0078125,
    lambda x: x + (0.0234375 - x) * 0.0078125,
)
"""Moves to another number nearby: up, down, and into the intervals from 0 to 1 and from -1 to 1."""

FAR: Moves = (lambda x: -x - 0.0078125, lambda x: 1.5 - x)
"""Moves further away, across 0 and 1, where functions often branch."""
QUICK_TO_RUN = 10_000
"""The most nodes of a function that is also run at points far away."""

OTHER: Moves = (*NEAR, lambda x: 1.0 - x, lambda x: -x, lambda x: x + 1.0, lambda x: x - 1.0)
"""Moves to another label: 0 or 1, -1 or 1, a whole number."""

REFUSALS = (ValueError, ArithmeticError, AssertionError)
"""The errors that a function raises for numbers it does not accept."""

RunAt = Callable[[Sequence[float]], Trace]


def _elsewhere(function: Callable[..., Any], numbers: Sequence[float], run: RunAt) -> Trace:
    """Return the trace at another point, of numbers in the ranges that the function accepts."""
    for move in NEAR:
        with suppress(*REFUSALS):
            return run([move(x) for x in numbers])
    point = list(numbers)
    for i in range(len(point)):
        _move(function, point, i, run)
    return run(point)


def _move(function: Callable[..., Any], point: list[float], i: int, run: RunAt) -> None:
    """Replace a number of the point by another one that the function accepts."""
    x, why = point[i], ""
    for move in OTHER:
        point[i] = move(x)
        try:
            run(point)
        except REFUSALS as error:
            why = str(error)
        else:
            return
    _refuse(function, f"it accepts only {x!r} as its input {i + 1} ({why.removesuffix('.')})")


def _run(
    function: Callable[..., Any],
    numbers: Sequence[float],
    names: Sequence[str],
    call: Callable[[Sequence[Value]], Any],
) -> Trace:
    inputs = [Value(x, name) for x, name in zip(numbers, names, strict=True)]
    start = constant(0.0).index
    with refusing_branches():
        result = call(inputs)
    try:
        found, form = result_of(result)
    except DataError:
        got = f"compile: {function!r} returned {brief(result)}"
        raise DataError(f"{got}; expected one number, or lists or arrays of them.") from None
    roots = [x if isinstance(x, Value) else constant(x) for x in found]
    outside = set(inputs)
    leaves = [node for node in topological_order(*roots) if node.is_leaf and node.index < start]
    return Trace(capture(roots, inputs), form, tuple([leaf for leaf in leaves if leaf not in outside]))


def result_of(result: Any) -> tuple[list[Any], Form]:
    """Return the numbers of a function's result and their form; raise `DataError` for anything else."""
    if getattr(result, "shape", None) == ():
        result = result.item()
    return flattened(result, "compile: result")


def refusing_branches(of_constants: bool = False) -> Switch:
    """Record a graph even inside `no_grad()`, and refuse branches on numbers that need a gradient.

    With `of_constants`, refuse branches on any node, because a detached one may come from the example.
    """
    return Switch(build=None, compare=_refuse_any_branch if of_constants else _refuse_branch, grad=True)


def _refuse_branch(outcome: bool, test: str, a: Any, b: Any) -> None:
    if any(isinstance(x, Value) and x.requires_grad for x in (a, b)):
        _refuse_any_branch(outcome, test, a, b)


def _refuse_any_branch(outcome: bool, test: str, a: Any, b: Any) -> NoReturn:
    operator = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}.get(test)
    what = f"the comparison {_shown(a)} {operator} {_shown(b)}" if operator else f"the truth of {_shown(a)}"
    raise TraceError(
        f"compile: a branch on a traced number: {what} {_user_line()}; expected the same steps for all "
        "numbers. Write `x if a > b else y` as where(heaviside(a - b), x, y), maximum, relu or clip, loop a "
        "fixed number of times, or do not compile the function."
    )


def _shown(x: Any) -> str:
    return (x.label or f"({x.op.name if x.op else 'a number'})") if isinstance(x, Value) else repr(x)


def _user_line() -> str:
    """Return the line of user code that is running."""
    # NumPy may compare, for example in np.sort. Generated code, such as NumPy's dispatcher, has such a name.
    others = (str(Path(__file__).parents[2]), str(Path(np.__file__).parent), "<__array_function__")
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(others):
        frame = frame.f_back
    return f"in {frame.f_code.co_name}, {frame.f_code.co_filename}, line {frame.f_lineno}"


def refuse_if_different(function: Callable[..., Any] | str, one: Tape, other: Tape) -> None:
    """Raise `TraceError` unless the function (or whatever has that name) did the same at both points."""
    same = (
        len(one.rows) == len(other.rows)
        and all(map(same_row, one.rows, other.rows))
        and all(
            np.array_equal(getattr(one, part), getattr(other, part))
            for part in ("code", "start", "args", "outputs")
        )
    )
    if not same:
        _refuse(function, "its steps differ from one point to another")
    if not np.array_equal(one.number, other.number, equal_nan=True):
        _refuse(function, "a constant in it differs from one point to another")


def _refuse(function: Callable[..., Any] | str, what: str) -> NoReturn:
    code = getattr(function, "__code__", None)
    where = f", {code.co_filename}, line {code.co_firstlineno}" if code else ""
    name = function if isinstance(function, str) else repr(getattr(function, "__name__", function))
    raise TraceError(
        f"compile: {name} cannot be traced: {what}{where}; expected a "
        "function "
        "of its arguments only, without randomness and without reading .data or item()."
    )


@dataclass
class Recording:
    """The graph of one example.

    `outputs` are the nodes to compute and `inputs` the numbers of the example; `blocks` and `known` give the
    leaves that are weights and their positions among all weights. For training, the first output is the loss;
    with `has_penalty` the second is the penalty on the weights; the others must lie within their `limits` at
    every example.
    """

    outputs: Sequence[Value]
    inputs: Sequence[Value]
    blocks: Sequence[tuple[int, Block]] = ()
    known: Mapping[Value, int] = field(default_factory=dict)
    has_penalty: bool = False
    limits: Sequence[tuple[float, float]] = ()


RecordOnce = Callable[[], Recording]


def recorded(
    record: RecordOnce, record_elsewhere: RecordOnce | None, count: int, name: str
) -> tuple[Recording, Tape]:
    """Run both, which must do the same at different examples; `count` is the total number of weights.

    `name` is its name in errors.

    Without `record_elsewhere`, the recording is known to do the same at every example. Raises `TraceError` if
    they differ.
    """
    # A fault at one example is not a fault of the program.
    with errstate(all="ignore"), no_collector(), refusing_branches(of_constants=True):
        first = record()
        tape = _tape(first, count)
        if record_elsewhere is not None:
            refuse_if_different(name, tape, _tape(record_elsewhere(), count))
    return first, tape


def _tape(recording: Recording, count: int) -> Tape:
    inputs = {x: count + i for i, x in enumerate(recording.inputs)}
    return capture_blocks(
        recording.outputs, recording.blocks, {**recording.known, **inputs}, count + len(recording.inputs)
    )
