"""Checks of slopes with steps on top: differences are inconclusive, but must not miss a wrong slope."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from autograd_core import TABLE, Value, floor, gradcheck, gradients, primitive, round, sign, steps
from autograd_core.check.verdicts import check
from autograd_core.graph.graph import Graph
from autograd_core.operations.operation import Operation
from viz.cli.command import main


@pytest.fixture
def slopes() -> Iterator[list[Operation]]:
    """Return 2x with its own slope, and with one that is slightly off."""
    made = [
        primitive(partials=[lambda x, y: 2.0], name="twice")(lambda x: 2.0 * x),
        primitive(partials=[lambda x, y: 2.001], name="twice_off")(lambda x: 2.0 * x),
    ]
    yield made
    for row in made:
        del TABLE[row.name]
        delattr(Value, row.name)


@pytest.mark.slow
@pytest.mark.parametrize(("at", "step"), [(0.3, round), (-7.7, floor), (12345.678, sign), (1e-5, round)])
def test_steps_of_all_widths_and_heights(at: float, step: Operation, slopes: list[Operation]) -> None:
    for width in [10.0**-k * max(1.0, abs(at)) for k in range(19)]:
        for height in [width * r for r in (1e-4, 1e-2, 1.0, 30.0)]:
            for row in slopes:

                def f(x: Any, row: Any = row, width: float = width, height: float = height) -> Any:
                    return row(x) + height * step(x / width)

                right = row is slopes[0]
                report = gradcheck(f, at, raise_exception=False)
                assert report.ok is right, (width, height, str(report))
                x = Value(at)
                y = f(x)
                verdict = check(Graph(y).nodes, x, gradients(y, x)).verdict
                assert (verdict != "disagrees") is right, (width, height, verdict)


@pytest.mark.parametrize("factor", ["1e9", "1e14"])
def test_in_steps_and_on_the_command_line(factor: str, capsys: pytest.CaptureFixture[str]) -> None:
    x = Value(0.3, "x")
    text = steps(x + round(x * float(factor)) / float(factor)).to_text()
    assert "check: central difference 1.0000 ✓" in text or "too rough to tell" in text
    assert main(["step", f"x + round(x*{factor})/{factor}", "x=0.3", "--no-graph"]) == 0
    assert "✗" not in capsys.readouterr().out


def test_a_number_taken_out_of_the_graph_is_still_found() -> None:
    report = gradcheck(lambda x: x * x.item() + round(x * 1e9) * 1e-9, 0.3, raise_exception=False)
    assert not report.ok


@pytest.mark.parametrize(("a", "b"), [(293631.0, 1.95e-6), (5.000000000000001, 1.0), (1e6, 0.1)])
def test_a_tooth_that_begins_just_before_the_point(a: float, b: float) -> None:
    """The slopes on one side grow like those of a jump, and those on the other are right."""
    x = Value(a, "x")
    y = TABLE["remainder"](x, b)
    (found,) = steps(y).checks
    assert found.verdict != "disagrees", found
    gradcheck(lambda x: TABLE["remainder"](x, b), a)
