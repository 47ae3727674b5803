"""`Program.to_js` agrees with the eager engine on every row, at special points, and on random graphs."""

import json
import math

import pytest

from tests.compile.languages import graphs, hold_graph, hold_row, rows

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def blank(browser):
    page = browser.new_page()
    yield page
    page.close()


def called(page, program, points):
    """Return value and gradient of the program at each point, and its answer at the last."""
    return page.evaluate(
        f"""([names, points]) => {{ {program.to_js()}
            const answers = points.map((point) =>
                program(Object.fromEntries(names.map((name, i) => [name, point[i]]))));
            return [answers.map((a) => [a.value, ...Object.values(a.gradient)]), answers.pop()];
        }}""",
        [program.names, [list(point) for point in points]],
    )


def test_every_row_at_awkward_points(blank):
    for name, _, points, program in rows("javascript"):
        found, _ = called(blank, program, points)
        for point, numbers in zip(points, found, strict=True):
            hold_row(name, point, numbers)


def test_random_graphs_and_their_contributions(blank):
    for program, point, value, slopes, _ in graphs():
        (found,), answer = called(blank, program, [point])
        hold_graph(found, value, slopes, 1e-10)
        sums = {}
        for message in answer["contributions"]:
            sums.setdefault(message["to"], []).append(message["amount"])
        for name, amounts in sums.items():
            size = max(1.0, *map(abs, amounts))
            assert answer["adjoints"].get(name, 0.0) == pytest.approx(math.fsum(amounts), abs=1e-12 * size)


def test_a_program_is_a_module_of_its_own(blank):
    """Inputs do not shadow the names that a program or its helpers use."""
    names = ["x", "erf", "SELU_ALPHA", "exp_difference", "sum", "Math"]
    from autograd_core import Value, compile

    inputs = [Value(0.1 + 0.1 * i, name) for i, name in enumerate(names)]
    total = inputs[0].erf()
    for x in inputs[1:]:
        total = total * x.selu()
    program = compile(total, inputs=inputs)
    (found,), _ = called(blank, program, [[x.data for x in inputs]])
    assert found[0] == pytest.approx(total.data, rel=1e-14), json.dumps(program.names)
