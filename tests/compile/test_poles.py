"""Every runner gives the eager engine's value or error at poles and undefined values."""

from __future__ import annotations

import importlib
import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import numpy as np
import pytest

from autograd_core import TABLE, DomainError, Value, compile, errstate, gradients, no_grad
from autograd_core import engine as which_engine
from autograd_core.compile.front.tape_and_builder import Tape, capture
from autograd_core.compile.program import Program
from autograd_core.compile.runners.choice import Engine
from autograd_core.errors import AutogradError
from autograd_core.operations import table
from tests.compile.runners import analysis_of, exact_runners, tape_of
from tests.compile.test_runners import arguments_of
from tests.special_references import SPECIAL

# The package's function `compile` hides the folder of that name from `import ... as`.
engine_module, generated_module = (
    importlib.import_module(f"autograd_core.compile.{name}")
    for name in ("runners.choice", "runners.generated_python")
)
AWKWARD = [0.0, -0.0, -1.0, 1.0, 2.5, -3.0, math.inf, -math.inf, math.nan, 1e308, 5e-324, -1e-310, 710.0]
RUNNERS = ["array program", "interpreter", *(["native tape"] if which_engine() == "native" else [])]

Run = Callable[[Sequence[float]], tuple[float, Any]]


def engine(tape: Tape, runner: str) -> Engine:
    """Return an engine that is forced to use a runner."""
    made = Engine(tape, exact=False)
    made.generated = made.small = False
    made.in_machine = runner == "native tape"
    made.__dict__["analysis"] = analysis_of(tape) if runner == "array program" else None
    assert made.runner == runner
    return made


def runners_of(name: str) -> list[str]:
    """Return the runners that know the row; C has no special functions."""
    return [runner for runner in RUNNERS if name not in SPECIAL or runner != "native tape"]


def in_python(tape: Tape) -> Program:
    """Return a program that runs as generated Python."""
    made = Program(tape)
    made.engine.in_machine, made.engine.generated = False, True
    return made


def points(arguments: Sequence[float]) -> Iterator[list[float]]:
    """Yield each special number in each position, and in all."""
    for x in AWKWARD:
        yield [x] * len(arguments)
        for k in range(len(arguments)):
            yield [*arguments[:k], x, *arguments[k + 1 :]]


def outcome(run: Run, point: Sequence[float]) -> tuple[str, list[float]]:
    """Return the name of the error, or the value and gradient."""
    try:
        value, slopes = run(point)
    except AutogradError as error:
        return type(error).__name__, []
    return "", [value, *np.ravel(slopes).tolist()]


def eager(row: Any) -> Run:
    def run(point: Sequence[float]) -> tuple[float, list[float]]:
        inputs = [Value(x) for x in point]
        root = Value.__apply_operation__(row, inputs)
        return root.data, gradients(root, inputs)

    return run


def value_of(row: Any) -> Run:
    def run(point: Sequence[float]) -> tuple[float, list[float]]:
        with no_grad():
            return Value.__apply_operation__(row, [Value(x) for x in point]).data, []

    return run


@pytest.mark.parametrize("name", list(TABLE))
def test_every_row_in_every_runner(name: str) -> None:
    row, arguments = TABLE[name], arguments_of(name)
    inputs = [Value(x) for x in arguments]
    tape = capture([Value.__apply_operation__(row, inputs)], inputs)
    generated, chosen = in_python(tape), Program(tape)
    runs: dict[str, Run] = {
        "generated Python": lambda point: generated.value_and_grad(*point),
        "what is chosen": lambda point: chosen.value_and_grad(*point),
    }
    for runner in runners_of(name):
        made = engine(tape, runner)
        runs[runner] = lambda point, made=made: made.value_and_grad(np.array(point))
    for point in points(arguments):
        error, numbers = outcome(eager(row), point)
        for runner, run in runs.items():
            found, others = outcome(run, point)
            assert found == error, (runner, point)
            assert others == pytest.approx(numbers, rel=1e-9, abs=1e-300, nan_ok=True), (runner, point)


@pytest.mark.parametrize("name", list(TABLE))
def test_values_alone(name: str) -> None:
    row, arguments = TABLE[name], arguments_of(name)
    inputs = [Value(x) for x in arguments]
    tape = capture([Value.__apply_operation__(row, inputs)], inputs)
    programs = [in_python(tape), Program(tape)]
    engines = [engine(tape, runner) for runner in runners_of(name)]
    for point in points(arguments):
        error, numbers = outcome(value_of(row), point)
        runs: list[Run] = [lambda p, program=program: (program(*p), []) for program in programs]
        runs += [lambda p, made=made: (made.values(np.array(p))[0], []) for made in engines]
        for run in runs:
            assert outcome(run, point) == (error, pytest.approx(numbers, rel=1e-9, nan_ok=True)), point


CONSTANTS = [0.0, -0.0, 1.0, -3.0, math.inf, -math.inf]


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.arity != 1])
def test_every_row_with_constants(name: str) -> None:
    """A local derivative of constants alone, like that of x/0, may be infinite; then the run reports it."""
    row, arguments = TABLE[name], arguments_of(name)
    for place in range(len(arguments)):
        for number in CONSTANTS:

            def spread(x: Value, place: int = place, number: float = number) -> list[Any]:
                return [x if i == place else number for i in range(len(arguments))]

            x = Value(arguments[place])
            with errstate(all="ignore"):
                tape = capture([Value.__apply_operation__(row, spread(x))], [x])

            def wanted(point: Sequence[float], spread: Any = spread) -> tuple[float, list[float]]:
                x = Value(point[0])
                root = Value.__apply_operation__(row, spread(x))
                return root.data, gradients(root, [x])

            runs: list[Run] = [
                lambda point, program=program: program.value_and_grad(*point)
                for program in (in_python(tape), Program(tape))
            ]
            runs += [engine(tape, runner).value_and_grad for runner in runners_of(name)]
            for point in [0.0, 1.0, -3.0, math.inf, -math.inf]:
                error, numbers = outcome(wanted, [point])
                for run in runs:
                    found, others = outcome(run, np.array([point]))
                    assert found == error, (place, number, point)
                    assert others == pytest.approx(numbers, rel=1e-9, nan_ok=True), (place, number, point)


@pytest.mark.parametrize("name", list(TABLE))
def test_an_undefined_argument_is_an_error_wherever_it_stands(name: str) -> None:
    """Even if the row ignores it, as `where` ignores a branch and `hypot(inf, y)` its y."""
    row = TABLE[name]
    counts = [row.arity] if row.arity is not None else [2 * row.sequences, 6]
    for count in counts:
        for place in range(count):
            xs = [Value(0.5 + 0.25 * i) for i in range(count)]
            args = [x - 2.0 * x + x * x / x if i == place else x for i, x in enumerate(xs)]
            with errstate(all="ignore"):
                tape = capture([Value.__apply_operation__(row, args)], xs)
            engines = [engine(tape, runner) for runner in runners_of(name)]
            runs: list[Run] = [
                lambda point, program=program: (program(*point), [])
                for program in (in_python(tape), Program(tape))
            ]
            runs += [lambda point, made=made: (made.values(point)[0], []) for made in engines]
            for first, others in product([0.0, 1.0, -1.0, 2.5, math.inf], repeat=2):
                point = np.array([first, *[others] * (count - 1)])
                point[place] = math.inf
                for run in runs:
                    assert outcome(run, point)[0] == "DomainError", (place, first, others)


SWALLOWING: list[Callable[[Any], Any]] = [table.atan, table.reciprocal, lambda x: table.logsumexp([x, 1.0])]


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.pole and row.arity])
@pytest.mark.parametrize("form", ["point", "columns", "some columns", *RUNNERS])
def test_a_pole_that_a_later_row_swallows_is_an_error(name: str, form: str) -> None:
    if form in RUNNERS and form not in runners_of(name):
        pytest.skip("C has no special functions")
    row = TABLE[name]
    count = row.arity or 0
    for swallow, numbers in product(SWALLOWING, product([0.0, 1.0, -1.0, 2.5], repeat=count)):
        with errstate(all="ignore"):
            xs = [Value(x) for x in arguments_of(name)]
            tape = capture([swallow(row(*xs))], xs)
        call: list[Any] = [x if form == "point" else np.array([x, x]) for x in numbers]
        if form == "some columns":
            call[0] = numbers[0]
        run: Run = lambda call, tape=tape: (Program(tape)(*call), [])  # noqa: E731
        if form in RUNNERS:
            call = list(numbers)
            run = lambda call, made=engine(tape, form): (made.values(np.array(call))[0], [])  # noqa: B008, E731
        with no_grad():
            error, right = outcome(lambda point, f=swallow: (f(row(*map(Value, point))).data, []), numbers)
        found, others = outcome(run, call)
        assert found == error, numbers
        for y in np.ravel(others):
            assert [y] == pytest.approx(right, rel=1e-12, nan_ok=True), numbers


MASKED: dict[str, Callable[[Any, Any], Any]] = {
    "logsumexp": lambda x, k: table.logsumexp([x, k, 2 * x]),
    "softmax": lambda x, k: table.softmax([x, k, 2 * x])[0],
    "log_softmax": lambda x, k: table.log_softmax([x, k, 2 * x])[2],
    "a masked logit": lambda x, k: table.softmax([x + k, x * 2, x])[1],
    "max": lambda x, k: table.max([x, k, 2 * x]),
    "maximum": table.maximum,
    "clip": lambda x, k: table.clip(x, k, -k),
    "exp": lambda x, k: table.exp(x + k) + x,
    "logaddexp": table.logaddexp,
    "div": lambda x, k: x / k + x,
}


@pytest.mark.parametrize("name", MASKED)
@pytest.mark.parametrize("runner", ["generated Python", *RUNNERS])
def test_an_infinite_constant_is_no_fault(runner: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that is infinite because of a constant need not be recomputed by the careful path."""
    x, mask = Value(0.7), Value(-math.inf, requires_grad=False)
    y = table.sum([MASKED[name](table.sin(x * (1.0 + 0.1 * i)), mask) for i in range(4)])
    expected = y.data, gradients(y, [x])
    for function in ("careful_value", "careful_gradient"):
        monkeypatch.delattr(engine_module, function)
    monkeypatch.delattr(generated_module, "careful_result")
    tape = capture([y], [x])
    made = in_python(tape) if runner == "generated Python" else engine(tape, runner)
    value, slopes = made.value_and_grad(np.array([0.7]))
    assert (value, list(slopes)) == (pytest.approx(expected[0], 1e-14), pytest.approx(expected[1], 1e-13))
    values = made.values(np.array([0.7])) if isinstance(made, Engine) else [made.value(0.7)]
    assert values == [pytest.approx(expected[0], 1e-14)]


def test_an_error_names_the_node_by_its_label() -> None:
    x = Value(3.0, "x")
    gap = x - 1.0
    gap.label = "gap"
    with pytest.raises(AutogradError, match=r"\(node 'gap'\)"):
        Program(capture([gap.log()], [x])).value(0.0)


@pytest.mark.slow
@pytest.mark.parametrize("runner", RUNNERS)
def test_threads(runner: str) -> None:
    x, c = Value(0.3), Value(0.1)
    y = x
    for _ in range(200):
        y = (y * y).sin() + c
    tape = capture([y], [x, c])
    made = engine(tape, runner)
    numbers = [np.array([0.3 + 0.01 * k, 0.1]) for k in range(40)]
    alone = [made.value_and_grad(point) for point in numbers]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(made.value_and_grad, numbers))
    assert all(a == b and (g == h).all() for (a, g), (b, h) in zip(alone, together, strict=True))


def test_finding_out_what_a_function_takes_warns_of_nothing():
    for function in (lambda x, y: x * y, lambda x, y: (x - x) / y, lambda x, y: (x + 1.0) ** 0.5 / y):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            with pytest.raises(DomainError):
                compile(function)(np.array([math.inf, 1.0]), np.array([0.0, 0.0]))
        assert not told


@pytest.mark.parametrize("name", ["interpreter", "interpreter, folded"])
def test_the_interpreter_stops_at_what_is_infinite_of_finite_numbers(name: str) -> None:
    """Even if the output is finite: the careful path decides whether that is a pole or an overflow."""
    x = Value(2.0, "x")
    for root, at in ((table.tanh(1.0 / x), 0.0), (table.tanh(table.exp(x)), 1000.0)):
        run = exact_runners(tape_of(root, [x]))[name]
        assert run([2.0])[0] == root.data
        with pytest.raises(FloatingPointError, match="infinite or undefined"):
            run([at])
    run = exact_runners(tape_of(table.tanh(x * 2.0), [x]))[name]
    assert run([math.inf]) == (1.0, [0.0])
