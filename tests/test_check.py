"""The gradient checker accepts correct derivatives, rejects wrong ones, and says what it cannot decide."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import autograd_core as ac
from autograd_core import (
    TABLE,
    CheckError,
    DataError,
    DataValueError,
    DomainError,
    Value,
    gradcheck,
    gradgradcheck,
    no_grad,
    primitive,
)
from autograd_core.check.differences import difference
from autograd_core.operations.operation import Operation
from tests.graphs import SMOOTH, Program, programs
from tests.reference import REFERENCES


@pytest.fixture
def declare() -> Iterator[Callable[..., Operation]]:
    """Create operations for one test, and remove them from the table after it."""
    made: list[str] = []

    def make(function: Callable[..., float], *partials: Callable[..., Any], name: str = "probe") -> Operation:
        made.append(name)
        return primitive(partials=partials, name=name)(function)

    yield make
    for name in made:
        del TABLE[name]
        delattr(Value, name)


def check(f: Any, inputs: Any, **settings: Any) -> Any:
    return gradcheck(f, inputs, raise_exception=False, **settings)


@pytest.mark.parametrize(
    ("f", "inputs"),
    [
        (lambda x: ac.cos(ac.sin(x**2) + 3 * x**2), 2.0),
        (lambda x, y: [x * y, ac.sin(x), 4.0], (1.0, 2.0)),
        (lambda x: ac.exp(x), 50.0),
        (lambda x: ac.log(x), 1e-12),
        (lambda x: ac.sin(x), 1e6),
        (lambda x: 1 / x, 1e-3),
        (lambda x: 1 / x, 1e150),
        (lambda x: x * x, 1e-150),
        (lambda x: ac.tanh(x), 20.0),
        (lambda x: ac.asin(x), 1.0 - 1e-12),
        (lambda x: (x + 1e8) - 1e8, 1.0),
        (lambda x: ac.sin(1e4 * x), 0.3),
        (lambda x: ac.softmax(x), [1.0, 2.0, 3.0]),
        (lambda m, v: m @ v, (np.eye(2), np.array([1.0, 2.0]))),
        (lambda p: p["w"] * p["x"][0], {"w": 2.0, "x": [3.0]}),
        (lambda x: x**2, 3),
        (ac.sin, 1.0),
    ],
)
def test_right_gradients_pass(f: Any, inputs: Any) -> None:
    report = gradcheck(f, inputs)
    assert report.ok
    assert report
    assert {entry.verdict for entry in report.entries} == {"ok"}


WRONG: dict[str, tuple[Callable[..., float], list[Callable[..., Any]]]] = {
    "2.001 for 2": (lambda x: x * x, [lambda x, y: 2.001 * x]),
    "1.999 for 2": (lambda x: x * x, [lambda x, y: 1.999 * x]),
    "zero": (lambda x: x * x, [lambda x, y: 0.0]),
    "sign": (lambda x: x * x, [lambda x, y: -2.0 * x]),
    "missing factor": (lambda x: x * x, [lambda x, y: x]),
    "constant": (lambda x: x * x, [lambda x, y: 2.0]),
    "nan": (lambda x: x * x, [lambda x, y: ac.log(-1.0 * x)]),
    "swapped slots": (lambda a, b: a * b, [lambda a, b, y: a, lambda a, b, y: b]),
    "one slot of two": (lambda a, b: a * b, [lambda a, b, y: b, lambda a, b, y: 0.0]),
    "sign of a difference": (lambda a, b: a - b, [lambda a, b, y: 1.0, lambda a, b, y: 1.0]),
    "off by 1e-5": (math.exp, [lambda x, y: ac.exp(x) * 1.00001]),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_rules_fail_and_are_named(name: str, declare: Callable[..., Operation]) -> None:
    function, partials = WRONG[name]
    probe = declare(function, *partials)
    inputs = (1.3, 2.1)[: len(partials)]

    def f(*xs: Any) -> Any:
        return ac.tanh(probe(*xs)) + xs[0]

    with ac.errstate(invalid="ignore"):
        report = check(f, inputs)
    assert not report.ok
    assert any(fault.startswith("probe: wrong local derivative by argument") for fault in report.faults)
    assert "on the path argument 1 → v" in str(report) or "on the path argument 2 → v" in str(report)
    assert "does not lead" not in str(report)
    said = "probe: wrong local derivative"
    with pytest.raises(CheckError, match=said) as raised, ac.errstate(invalid="ignore"):
        gradcheck(f, inputs)
    assert isinstance(raised.value, AssertionError)
    assert not raised.value.report.ok


def test_a_right_rule_passes(declare: Callable[..., Operation]) -> None:
    probe = declare(lambda x: x * x, lambda x, y: 2.0 * x)
    assert gradcheck(lambda x: probe(x) + x, 1.3)
    assert gradgradcheck(lambda x: probe(x) + x, 1.3)


def test_a_slot_of_an_operation_of_any_number_of_arguments_is_checked() -> None:
    row = TABLE["dot"]
    wrong = replace(row, name="probe", partials=(lambda xs, y: list(xs),))
    report = check(lambda a, b, c, d: wrong(a, b, c, d), (1.0, 2.0, 3.0, 4.0))
    assert not report.ok
    assert [entry.ok for entry in report.entries] == [False, False, False, False]


@pytest.mark.parametrize("name", list(TABLE))
def test_a_rule_that_is_a_thousandth_off_fails_for_every_row(name: str) -> None:
    row = TABLE[name]
    points = [p for p in REFERENCES[name].points if all(1e-3 < abs(x) < 3.0 for x in p) and len(p) < 4]
    for point in random.Random(name).sample(points, min(4, len(points))):
        with ac.errstate(all="ignore"):
            right = [Value(x) for x in point]
            slopes = row._apply(tuple(right)).partials
            wrong = replace(row, partials=tuple(_scaled(partial) for partial in row.partials))
            report = check(lambda *xs, row=row: row._apply(xs), point)
            assert report.ok, str(report)
            scaled = check(lambda *xs, wrong=wrong: wrong._apply(xs), point)
        sound = all(abs(d) > 1e-3 and math.isfinite(d) for d in slopes)
        smooth = all(entry.verdict == "ok" for entry in report.entries)
        assert not (sound and smooth and scaled.ok), (point, str(scaled))


def _scaled(partial: Callable[..., Any]) -> Callable[..., Any]:
    def off(*args: Any) -> Any:
        slopes = partial(*args)
        return [1.001 * d for d in slopes] if isinstance(slopes, Sequence) else 1.001 * slopes

    return off


@settings(max_examples=30)
@given(programs(SMOOTH, max_steps=8))
def test_random_graphs_pass(program: Program) -> None:
    from autograd_core.kernel.apply import apply

    def f(*xs: Any) -> Any:
        nodes = list(xs)
        for step in program.steps:
            arguments = [nodes[a] if isinstance(a, int) else a for a in step.arguments]
            nodes.append(apply(TABLE[step.operation], arguments))
        return nodes[-1]

    assert gradcheck(f, program.inputs, atol=1e-4).ok


@pytest.mark.parametrize(
    ("f", "x", "verdict"),
    [
        (lambda x: ac.relu(x), 0.0, "ok: kink near x = 0.0, slopes 0 and 1"),
        (lambda x: ac.abs(x - 1.0) * 2.0, 1.0, "ok: kink near x = 1.0, slopes -2 and 2"),
        (lambda x: ac.maximum(x, 2.0 * x), 0.0, "ok: kink near x = 0.0, slopes 1 and 2"),
        (lambda x: ac.relu(x) + ac.abs(x - 1e-7), 0.0, "ok: kink near x = 0.0, slopes -1 and 0"),
        (lambda x: ac.floor(x), 2.0, "ok: jump near x = 2.0"),
        (lambda x: ac.sqrt(x), 0.0, "ok: infinite slope near x = 0.0"),
        (lambda x: ac.xlogy(x, 3.0) * ac.where(x >= 0.0, 1.0, math.nan), 0.0, "ok: boundary"),
        (lambda x: 1e20 + x, 1.0, "unsure: rounding hides the difference"),
        (lambda x: ac.relu(x), 1e-12, "ok"),
        (lambda x: ac.relu(x), -1e-12, "ok"),
        (lambda x: ac.abs(x), -1e-300, "ok"),
    ],
)
def test_awkward_points_are_noted_and_not_failed_c14(f: Any, x: float, verdict: str) -> None:
    report = gradcheck(f, x)
    assert report.entries[0].verdict.startswith(verdict), str(report)


@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1.0, 1e6])
def test_a_bend_that_jumps_is_not_a_fault(scale: float) -> None:
    """Beside it, differences approach the slope only as fast as their steps shrink."""
    gradcheck(lambda x, d: ac.huber(x, d), (scale, scale))
    gradcheck(lambda x: ac.huber(x * scale, x * scale) - 1.0, 1.0)
    gradcheck(lambda x: ac.relu(x - scale) ** 2, scale)


def test_a_slope_beyond_both_sides_of_a_kink_fails(declare: Callable[..., Operation]) -> None:
    probe = declare(abs, lambda x, y: 2.0 + 0.0 * x)
    assert not check(lambda x: probe(x), 0.0).ok


def test_a_random_function_is_not_deterministic_c14() -> None:
    report = check(lambda x: x * random.random(), 2.0)
    assert report.faults[0].startswith("not deterministic: the same inputs gave")
    assert "WRONG" not in str(report)


def test_a_function_with_a_state_is_not_deterministic_c14() -> None:
    calls: list[int] = []

    def counting(x: Any) -> Any:
        calls.append(1)
        return x * len(calls)

    assert "not deterministic: the same inputs gave 2.0 and then 4.0" in str(check(counting, 2.0))
    calls.clear()
    with pytest.raises(CheckError, match="not deterministic"):
        gradcheck(counting, 2.0)


def test_a_random_gradient_is_not_deterministic_c14(declare: Callable[..., Operation]) -> None:
    probe = declare(lambda x: x, lambda x, y: random.random())
    assert "two different gradients" in str(check(lambda x: probe(x), 2.0))


def test_side_effects_on_the_argument_are_named_c14() -> None:
    def doubles(x: Any) -> Any:
        x[0] = x[0] * 2
        return x[0]

    assert "changes its arguments in place" in str(check(doubles, [1.0]))
    assert "changes its arguments in place" in str(check(doubles, np.array([1.0])))
    given = [1.0]
    check(doubles, given)
    assert given == [1.0]


def test_constants_pass_with_a_note_c14() -> None:
    for f in (lambda x: 5.0, lambda x: x * 0.0, lambda x: Value(3.0), lambda x: 5):
        report = gradcheck(f, 2.0)
        assert report.notes == ["constant: no input has an effect on any output."]
    assert not gradcheck(lambda x, y: x + 0.0 * y, (2.0, 3.0)).notes


def test_a_function_that_raises_is_reported_c14() -> None:
    report = check(lambda x: ac.log(x), -2.0)
    assert report.faults[0].startswith("the function raised DomainError: log: undefined")
    with pytest.raises(CheckError) as raised:
        gradcheck(lambda x: ac.log(x), -2.0)
    assert isinstance(raised.value.__cause__, DomainError)
    assert "ZeroDivisionError" in str(check(lambda x: x * (1 // 0), 1.0))
    assert "TypeError" in str(check(lambda x, y: x, 1.0))
    assert "not a real number" in str(check(lambda x: None, 1.0))
    assert "the backward pass raised DomainError" in str(check(lambda x: ac.sqrt(x * x), 0.0))


def test_a_function_that_raises_nearby_is_judged_from_where_it_exists() -> None:
    def one_side(x: Any) -> Any:
        if x < 1.0:
            raise ValueError("too small")
        return x**2

    assert gradcheck(one_side, 1.0).entries[0].verdict == "ok: boundary of the domain, one-sided"


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x.data**2 + 0.0 * x,
        lambda x: x.item() ** 2 * x,
        lambda x: x.detach() * x,
        lambda x: Value(x.data) * 2.0,
    ],
)
def test_a_path_that_was_cut_is_named(f: Any) -> None:
    report = check(f, 3.0)
    assert not report.ok
    assert "item()" in report.faults[0]


def test_no_grad_inside_is_named() -> None:
    def f(x: Any) -> Any:
        with no_grad():
            return x * x

    assert "x does not lead to the output" in str(check(f, 3.0))


def test_wrong_input_is_named() -> None:
    report = check(lambda x, w: x * w[0] + w[1].detach() ** 2, (2.0, [3.0, 4.0]))
    assert [entry.input for entry in report.entries if not entry.ok] == ["w[1]"]
    assert "w[1] does not lead to the output" in str(report)


def test_report_is_a_table() -> None:
    text = str(gradcheck(lambda x, y: x * y, (2.0, 3.0)))
    lines = text.splitlines()
    assert lines[0] == "gradcheck: 2 derivatives, passed"
    assert lines[1].split() == ["input", "analytic", "numeric", "error", "verdict"]
    assert lines[2].split()[:2] == ["x", "3"]
    assert lines[3].split()[:2] == ["y", "2"]
    long = str(gradcheck(lambda x: x, np.arange(9.0))).splitlines()
    assert len(long) <= 43
    assert long[2].startswith("∂y1/∂x[0]")
    assert long[-1] == "... and 41 more, which are correct"


def test_what_is_wrong_comes_first_in_a_long_table() -> None:
    report = check(lambda xs: ac.sum(xs[:-1]) + xs[-1].data, [1.0] * 50)
    assert str(report).splitlines()[2].startswith("xs[49]")


def test_second_derivatives() -> None:
    assert gradgradcheck(lambda x, y: ac.exp(x) * x * y, (1.0, 2.0))
    assert gradgradcheck(lambda x: ac.softmax(x), [1.0, 2.0])
    assert gradgradcheck(lambda x: [x[0] * x[1], 5.0], [1.0, 2.0])
    assert [e.input for e in gradgradcheck(lambda x, y: x * y, (1.0, 2.0)).entries] == ["x", "y", "x", "y"]


def test_a_rule_that_cannot_be_differentiated_is_named(declare: Callable[..., Operation]) -> None:
    probe = declare(math.exp, lambda x, y: y.data if isinstance(y, Value) else y)
    assert gradcheck(lambda x: probe(x) * x, 1.0)
    report = gradgradcheck(lambda x: probe(x) * x, 1.0, raise_exception=False)
    assert not report.ok
    assert "probe: wrong derivative of its local derivative 1 by argument 1" in str(report)
    with pytest.raises(CheckError):
        gradgradcheck(lambda x: probe(x) * x, 1.0)


def test_a_rule_in_the_functions_of_math_is_named(declare: Callable[..., Operation]) -> None:
    probe = declare(math.sin, lambda x, y: math.cos(x))
    assert gradcheck(lambda x: probe(x), 1.0)
    report = gradgradcheck(lambda x: probe(x), 1.0, raise_exception=False)
    assert "probe: its local derivative raised DataError on Values" in str(report)


def test_a_fixed_step_is_used() -> None:
    assert gradcheck(lambda x: x**2, 3.0, eps=1e-6)
    assert not check(lambda x: x.detach() ** 2, 3.0, eps=1e-6).ok


@pytest.mark.parametrize(
    "setting", [{"eps": -1.0}, {"eps": 0.0}, {"atol": -1.0}, {"rtol": "x"}, {"rtol": math.inf}]
)
def test_useless_settings_are_refused(setting: dict[str, Any]) -> None:
    with pytest.raises(DataValueError, match=r"gradcheck: .* = "):
        gradcheck(lambda x: x, 1.0, **setting)
    with pytest.raises(DataError, match="not a function"):
        gradcheck(1.0, 1.0)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="gradcheck: inputs"):
        gradcheck(lambda x: x, "1")


def test_gradients_and_inputs_are_left_alone() -> None:
    w = Value(2.0)
    w.grad = 5.0
    gradcheck(lambda x: w * x, 3.0)
    assert w.grad == 5.0


@pytest.mark.parametrize(
    ("f", "x", "kind", "value"),
    [
        (lambda x: x**3, 2.0, "smooth", 12.0),
        (abs, 0.0, "kink", 0.0),
        (abs, 1e-20, "smooth", 1.0),
        (lambda x: abs(x) ** 0.5, 0.0, "kink", 0.0),
        (math.cbrt, 0.0, "infinite", math.inf),
        (lambda x: -math.cbrt(x), 0.0, "infinite", -math.inf),
        (math.floor, 1.0, "jump", math.inf),
        (lambda x: float(x == 2.0), 2.0, "jump", math.nan),
        (math.sin, 3e17, "rough", math.nan),
        (math.sin, 1e20, "rough", math.nan),
        (lambda x: math.nan if x < 0 else math.sqrt(x), 0.0, "infinite", math.inf),
        (lambda x: math.nan if x < 0 else 2 * x, 0.0, "one-sided", 2.0),
        (lambda x: math.nan if x > 0 else 2 * x, 0.0, "one-sided", 2.0),
        (lambda x: math.nan if x else 1.0, 0.0, "none", math.nan),
    ],
)
def test_differences_tell_points_apart(f: Any, x: float, kind: str, value: float) -> None:
    found = difference(f, x)
    assert found.kind == kind
    assert found.value == pytest.approx(value, rel=1e-9, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [
        (math.sin, 1e6, math.cos(1e6)),
        (math.sin, 1e13, math.cos(1e13)),
        (lambda x: math.sin(1e10 * x), 1.0, 1e10 * math.cos(1e10)),
        (math.exp, 709.7827, math.exp(709.7827)),
        (math.exp, 50.0, math.exp(50.0)),
        (math.log, 1e-8, 1e8),
        (lambda x: 1.0 / x, 1e-3, -1e6),
        (lambda x: math.sin(1e4 * x), 0.3, 1e4 * math.cos(3000.0)),
        (lambda x: (x + 1e10) - 1e10, 1.0, 1.0),
        (lambda x: 1e8 * x * x, 1e-4, 2e4),
    ],
)
def test_differences_know_their_error(f: Any, x: float, slope: float) -> None:
    found = difference(f, x, noise=1e-5 if x == 1.0 else 0.0)
    assert abs(found.value - slope) <= found.error
    assert found.error <= 1e-6 * abs(slope) or x == 1.0


@pytest.mark.parametrize(
    ("f", "inputs"),
    [
        (lambda x: 2.0 * x, math.nan),
        (lambda x: ac.exp(x), 1000.0),
        (lambda x: x * 0.0 + 1.0, math.nan),
        (lambda x, y: (x * y, x + y), (math.nan, math.nan)),
        (lambda x: ac.tanh(x), math.inf),
        (lambda: 1.0, ()),
        (lambda x: [], 2.0),
    ],
)
def test_a_check_of_nothing_has_not_passed(f: Any, inputs: Any) -> None:
    report = check(f, inputs)
    assert not report.ok
    assert "NOT CHECKED" in str(report)
    assert "nothing could be checked" in str(report)
    with pytest.raises(CheckError, match="Choose another point"):
        gradcheck(f, inputs)


def test_what_could_not_be_checked_is_counted_beside_the_rest() -> None:
    report = gradcheck(lambda x: (x * x, ac.exp(x)), 800.0)
    assert str(report).startswith("gradcheck: 2 derivatives, passed, 1 unsure")
    assert report.entries[1].is_unsure
    assert report.entries[1].verdict == "unsure: the function is infinite here"
