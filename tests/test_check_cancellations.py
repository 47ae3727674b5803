"""`steps` and `gradcheck` judge alike, without false alarms where a function cancels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import (
    TABLE,
    Value,
    atan,
    cos,
    cosh,
    erf,
    errstate,
    exp,
    gradcheck,
    log,
    primitive,
    sigmoid,
    sin,
    sinh,
    sqrt,
    steps,
    tan,
    tanh,
)  # fmt: skip
from autograd_core.operations.operation import Operation
from tests.graphs import Program, programs

TINY, ORDINARY, LARGE = (1e-9, 1e-7, 1e-5, 1e-3), (0.3, 2.0, 20.0), (200.0, 1e5, 1e9)

CANCELLATIONS: dict[str, tuple[Callable[[Any], Any], tuple[float, ...]]] = {
    "exp(x) - 1": (lambda x: exp(x) - 1, TINY + ORDINARY),
    "exp(x) - 1 - x": (lambda x: exp(x) - 1 - x, TINY + ORDINARY),
    "exp(x) - 1 - x - x²/2": (lambda x: exp(x) - 1 - x - x * x / 2, TINY + ORDINARY),
    "(exp(x) - 1)/x": (lambda x: (exp(x) - 1) / x, TINY + ORDINARY),
    "exp(x) - exp(-x)": (lambda x: exp(x) - exp(-x), TINY + ORDINARY),
    "1 - cos(x)": (lambda x: 1 - cos(x), TINY + ORDINARY),
    "(1 - cos(x))/x²": (lambda x: (1 - cos(x)) / x**2, TINY + ORDINARY),
    "x - sin(x)": (lambda x: x - sin(x), TINY + ORDINARY),
    "tan(x) - sin(x)": (lambda x: tan(x) - sin(x), TINY + ORDINARY),
    "sin(x + 1) - sin(x)": (lambda x: sin(x + 1e-8) - sin(x), TINY + ORDINARY + LARGE),
    "sin²(x) + cos²(x)": (lambda x: sin(x) ** 2 + cos(x) ** 2, TINY + ORDINARY + LARGE),
    "log(1 + x)": (lambda x: log(1 + x), TINY + ORDINARY + LARGE),
    "log(1 + exp(x)) - x": (lambda x: log(1 + exp(x)) - x, TINY + ORDINARY + (200.0,)),
    "log(x + 1) - log(x)": (lambda x: log(x + 1) - log(x), TINY + ORDINARY + LARGE),
    "log(cosh(x)) - x": (lambda x: log(cosh(x)) - x, TINY + ORDINARY + (200.0,)),
    "1 - tanh(x)²": (lambda x: 1 - tanh(x) ** 2, TINY + ORDINARY),
    "1 - sigmoid(x)": (lambda x: 1 - sigmoid(x), TINY + ORDINARY),
    "1 - erf(x)": (lambda x: 1 - erf(x), TINY + ORDINARY),
    "cosh(x) - 1": (lambda x: cosh(x) - 1, TINY + ORDINARY),
    "cosh(x) - sinh(x)": (lambda x: cosh(x) - sinh(x), TINY + ORDINARY + (200.0,)),
    "cosh²(x) - sinh²(x)": (lambda x: cosh(x) ** 2 - sinh(x) ** 2, TINY + ORDINARY),
    "√(x² + ε) - x": (lambda x: sqrt(x * x + 1e-6) - x, TINY + ORDINARY + LARGE),
    "√(x + 1) - √x": (lambda x: sqrt(x + 1) - sqrt(x), TINY + ORDINARY + LARGE),
    "√(1 + x) - 1": (lambda x: sqrt(1 + x) - 1, TINY + ORDINARY),
    "√(1 + x²) - 1": (lambda x: sqrt(1 + x * x) - 1, TINY + ORDINARY),
    "the small root": (lambda b: (-b + sqrt(b * b - 4e-3)) / 2, ORDINARY + LARGE),
    "1/x - 1/(x + 1)": (lambda x: 1 / x - 1 / (x + 1), ORDINARY + LARGE),
    "(x + 1)² - x²": (lambda x: (x + 1) ** 2 - x**2, TINY + ORDINARY + LARGE),
    "(x - 1)⁷ expanded": (
        lambda x: x**7 - 7 * x**6 + 21 * x**5 - 35 * x**4 + 35 * x**3 - 21 * x**2 + 7 * x - 1,
        (0.99, 0.999, 1.0001, 1.001, 1.1, *ORDINARY)),
    "variance": (lambda x: ((x + 1) ** 2 + x**2 + (x - 1) ** 2) / 3 - x * x, TINY + ORDINARY + LARGE),
    "x - (x - 1e-3)": (lambda x: x - (x - 1e-3), TINY + ORDINARY + LARGE),
    "atan(x + 1) - atan(x)": (lambda x: atan(x + 1) - atan(x), TINY + ORDINARY + LARGE),
    "1e8 + x - 1e8": (lambda x: 1e8 + x - 1e8, TINY + ORDINARY + LARGE),
    "x**1.0001 - x": (lambda x: x**1.0001 - x, TINY + ORDINARY + LARGE),
    "Rump": (
        lambda x: 333.75 * 33096.0**6 + x * x * (11 * x * x * 33096.0**2 - 33096.0**6 - 121 * 33096.0**4 - 2)
        + 5.5 * 33096.0**8 + x / (2 * 33096.0), (77617.0, 2.0)),
}  # fmt: skip


def judged(f: Callable[..., Any], *point: float) -> tuple[str, bool, bool]:
    """Return both reports, and whether `steps` and `gradcheck` find a wrong derivative."""
    with errstate(all="ignore"):
        xs = [Value(x, f"x{i}") for i, x in enumerate(point)]
        made = steps(f(*xs))
        report = gradcheck(f, point, raise_exception=False)
    reports = f"{point}: {made}\n{report}"
    found = not report.ok and "NOT CHECKED" not in str(report)
    return reports, any(c.verdict == "disagrees" for c in made.checks), found


@pytest.mark.parametrize("name", CANCELLATIONS)
def test_a_right_gradient_of_a_cancellation_is_not_alarmed_at(name: str) -> None:
    f, points = CANCELLATIONS[name]
    for x in points:
        text, by_steps, by_gradcheck = judged(f, x)
        assert not by_steps, text
        assert not by_gradcheck, text


@pytest.mark.parametrize("name", CANCELLATIONS)
def test_a_wrong_local_derivative_in_a_cancellation_fails(name: str, off: Operation) -> None:
    f, points = CANCELLATIONS[name]
    for x in points:
        text, by_steps, by_gradcheck = judged(lambda x: f(off(x)), x)
        assert by_steps, text
        assert by_gradcheck, text
        assert "wrong local derivative of off" in text


@pytest.fixture
def off() -> Iterator[Operation]:
    """Return the identity with a derivative that is a thousandth off."""
    made = primitive(partials=[lambda x, y: 1.001 + 0 * x], name="off")(lambda x: x)
    yield made
    del TABLE["off"]
    delattr(Value, "off")


@pytest.mark.slow
@settings(max_examples=60)
@given(programs(max_steps=10), st.sampled_from([1e-8, 1e-3, 1.0, 1e6]))
def test_random_programs_are_judged_alike_and_rightly(program: Program, scale: float) -> None:
    def f(*xs: Value) -> Value:
        return program.computed([x * scale for x in xs])[-1] - 1.0

    text, by_steps, by_gradcheck = judged(f, *program.inputs)
    assert by_steps == by_gradcheck, text
    if "the gradient is nan" in text:
        return
    assert not by_steps, text
    assert not by_gradcheck, text
