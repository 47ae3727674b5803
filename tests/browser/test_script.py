"""The operations in JavaScript: equal to Python's, value and every local derivative, on random inputs."""

import json
import math
import random

import pytest

from autograd_core import TABLE, Value, errstate, heaviside, where
from autograd_core.graph.graph import Graph
from tests.special_references import SPECIAL
from viz import stepper as page_of
from viz.stepper.graph_javascript import library, program

from . import functions
from .reading import close, number, text_in

pytestmark = pytest.mark.browser
IN_JAVASCRIPT = [row for name, row in TABLE.items() if name not in SPECIAL]


def points(row, rng):
    n = row.arity or 4
    for _ in range(25):
        low, high = rng.choice([(-3.0, 3.0), (0.05, 0.95), (0.0, 12.0)])
        yield [rng.uniform(low, high) for _ in range(n)]


def expected(row, xs):
    y = row.forward(tuple(xs)) if row.arity is None else row.forward(*xs)
    slopes = row.slopes[0](tuple(xs), y) if row.arity is None else [f(*xs, y) for f in row.slopes]
    return [y, *map(float, slopes)]


def equal(a, b):
    if not math.isfinite(b):
        return a is None or not math.isfinite(a)
    return a is not None and a == pytest.approx(b, rel=1e-11, abs=1e-13)


@pytest.fixture(scope="module")
def blank(browser):
    page = browser.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("row", IN_JAVASCRIPT, ids=lambda row: row.name)
def test_every_operation_is_that_of_the_table(blank, row):
    rng = random.Random(row.name)
    n = row.arity or 4
    with errstate(all="ignore"):
        arguments = [Value(0.5 + 0.01 * i) for i in range(n)]
        made = row(*arguments) if row.vector is None else row(arguments)[0]
    trials = list(points(row, rng))
    written = program(Graph(made))
    source = f"""(trials) => {{ {library(written)}
        const row = ({written})[{json.dumps(f"{row.name}:{n}")}];
        const finite = (x) => (Number.isFinite(x) ? x : null);
        return trials.map((a) => [row.f(a), ...row.d(a, row.f(a))].map(finite));
    }}"""
    answers = blank.evaluate(source, trials)
    for xs, answer in zip(trials, answers, strict=True):
        with errstate(all="ignore"):
            wanted = expected(row, xs)
        if math.isfinite(wanted[0]):
            assert all(map(equal, answer, wanted)), (xs, answer, wanted)


@pytest.mark.parametrize("name", ["lecture", "network"])
def test_a_slider_recomputes_every_number_as_python_does(opened, name):
    stepper = {"lecture": functions.lecture, "network": functions.network}[name]()
    page = opened(stepper)
    page.keyboard.press("End")
    rng = random.Random(1)
    for _ in range(5):
        j = rng.randrange(len(stepper.record.inputs))
        x = round(rng.uniform(0.3, 1.9), 2)
        page.fill(f"#y{j}", str(x))
        typed = [float(page.input_value(f"#y{i}")) for i in range(len(stepper.record.inputs))]
        graph = stepper.record.graph.replay(dict(zip(stepper.record.inputs, typed, strict=True)))
        graph.outputs[0].backward()
        for i, node in enumerate(graph.nodes):
            assert close(text_in(page, f"#n{i} .value"), node.data), (i, node)
            if node.requires_grad:
                assert close(text_in(page, f"#n{i} .grad"), node.grad), (i, node)
    check = text_in(page, "#check")
    assert "✓" in check
    assert "✗" not in check
    first = graph.nodes[stepper.record.graph.places[stepper.record.inputs[0]]]
    assert number(check.partition(": ")[2].split()[0]) == pytest.approx(first.grad, rel=1e-3)


def test_a_slider_by_mouse_moves_the_picture_and_reset_brings_it_back(opened):
    page = opened(functions.lecture(), fragment="#step=13")
    box = page.locator("#x0").bounding_box()
    page.mouse.click(box["x"] + 0.7 * box["width"], box["y"] + box["height"] / 2)
    assert page.locator("#n0 .value").text_content() != "2"
    page.click("#reset")
    assert page.locator("#n0 .value").text_content() == "2"
    assert page.locator("#n0 .grad").text_content() == "9.099"


def test_a_slider_moved_in_forward_mode_recomputes_the_tangents(opened):
    stepper = functions.lecture()
    page = opened(stepper)
    page.select_option("#method-choice", "forward")
    page.keyboard.press("End")
    for x in (1.5, 0.7):
        page.fill("#y0", str(x))
        graph = stepper.record.graph.replay({stepper.record.inputs[0]: x})
        graph.outputs[0].backward()
        leaf = next(node for node in graph.nodes if node.is_leaf and node.requires_grad)
        assert close(text_in(page, "#n0 .value"), x)
        assert number(text_in(page, "#n0 .grad")) == 1.0
        assert close(text_in(page, "#n7 .value"), graph.outputs[0].data)
        assert close(text_in(page, "#n7 .grad"), leaf.grad)


def test_another_branch_is_told_of(opened):
    x = Value(2.0, "x")
    page = opened(page_of(where(heaviside(x - 1.0, 0.0), x * x, x + 1.0)))
    assert page.locator("#notice").is_hidden()
    page.fill("#y0", "1.5")
    assert page.locator("#notice").is_hidden()
    page.fill("#y0", "0.5")
    assert "Another branch" in text_in(page, "#notice")
    page.click("#reset")
    assert page.locator("#notice").is_hidden()


NUMBERS = {
    "9999.4": "9999", "123456.7": "1.235e5", "-123456.7": "−1.235e5", "100000": "100000",
    "12345678": "1.235e7", "1.5e300": "1.5e300", "0.00012345678": "0.0001235",
    "0.000012345678": "1.235e−5", "-0": "0",
}  # fmt: skip


def test_numbers_have_four_digits_and_whole_ones_below_a_million_all(opened):
    page = opened(page_of(Value(1.0, "x") * 2.0))
    page.keyboard.press("End")
    for typed, shown in NUMBERS.items():
        page.fill("#y0", typed)
        assert text_in(page, "#n0 .value") == shown


def test_what_is_not_a_number_is_shown_as_nan(opened):
    page = opened(page_of(Value(math.nan, "x") * 2.0))
    page.keyboard.press("End")
    assert text_in(page, "#n0 .value") == "nan"
