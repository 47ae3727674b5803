"""The page's check by differences, after an input has moved, judges as `steps` does."""

import pytest

from autograd_core import Value, abs, cos, exp, floor, log, maximum, relu, sin, sqrt, steps, tanh
from tests.browser.reading import text_in
from viz import stepper

pytestmark = pytest.mark.browser

MARKS = {
    "agrees": "✓",
    "disagrees": "✗",
    "kink": "kink",
    "jump": "jump",
    "infinite": "infinite",
    "one-sided": "one side",
    "undefined": "undefined",
    "not finite": "infinite here",
    "uncertain": "too rough",
}
FUNCTIONS = {
    "square": (lambda x: x * x + 3.0 * x, [1e-8, 1e-150, 1e8, 1e100, -2.5, 0.0]),
    "logarithm": (lambda x: log(x) * x, [1e-8, 1e-100, 1e8, 0.3]),
    "root": (lambda x: sqrt(x) + x, [1e-8, 1e8, 1e-200]),
    "waves": (lambda x: cos(sin(x**2) + 3.0 * x**2), [1e-8, 2.0, 31.0]),
    "kinks": (lambda x: abs(x) + relu(x - 1.0), [1e-8, -1e-12, 1.0 + 1e-9, 1.0, 0.0, 1e8]),
    "largest": (lambda x: maximum(x * x, x), [1.0 - 1e-10, 1e-8, 1e8]),
    "cancelling": (lambda x: exp(x) - 1.0 - x, [1e-8, 1e-6, 1e-3, 2.0]),
    "flat": (lambda x: tanh(x) * tanh(x), [1e-8, 15.0, 20.0, -400.0]),
    "steep": (lambda x: exp(x) * exp(-x) + exp(x), [700.0, -300.0, 0.1]),
    "stairs": (lambda x: floor(x) + x, [1e8 + 0.5, 0.5, 12345678.5]),
}


def moved(page, x):
    page.fill("#y0", repr(x))
    return text_in(page, "#check")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_moved_input_is_judged_as_steps_does(opened, name):
    f, points = FUNCTIONS[name]
    shown = stepper(f(Value(1.25, "x")))
    page = opened(shown)
    for x in points:
        told = moved(page, x)
        assert "✗" not in told, (x, told)
        (check,) = steps(shown.record.graph.replay(x=x, check=False).outputs[0]).checks
        assert MARKS[check.verdict] in told or name == "stairs", (x, told, check)


@pytest.mark.parametrize("name", ["square", "logarithm", "root", "waves"])
def test_a_lost_contribution_fails_at_every_scale(opened, name):
    f, points = FUNCTIONS[name]
    shown = stepper(f(Value(1.25, "x")))
    page = opened(shown)
    page.check("#overwrite")
    for x in points:
        record = steps(shown.record.graph.replay(x=x, check=False).outputs[0])
        last, slope = record[-1].product, record.gradients["x"]
        told = moved(page, x)
        (check,) = record.checks
        told_apart = abs(last - slope) > 1e-3 * abs(slope) + 10.0 * check.numeric.error
        if check.verdict == "agrees" and told_apart:
            assert "✗ but the steps give" in told, (x, told)
            assert page.locator("#check .fails").count() == 1
