"""The stepper page as a file: self-contained, small, inert labels, written atomically, nothing changed."""

import json
import os
import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from autograd_core import TABLE, Graph, Value, dot, errstate, gradients, maximum, primitive, sin
from autograd_core import sum as total
from autograd_core.check.rounding_and_stable_forms import rounding_of
from autograd_core.errors import DataError, DataValueError
from autograd_core.kernel.apply import remove_method
from autograd_core.steps.steps import Contribution, steps
from viz import OutputError, stepper
from viz.drawing.boxes import number
from viz.render.placement import place
from viz.stepper import graph_javascript as javascript
from viz.stepper import page_data, picture
from viz.stepper.page_data import Record

from .golden_drawings import loss
from .lecture import example
from .page_data import data_of
from .test_dot import HOSTILE

MORE = ["x" * 100_000, "</script><script>alert(1)</script>", "{{data}}", "<img src=x onerror=alert(1)>"]


class Reader(HTMLParser):
    """Collects the elements, the attributes and the contents of scripts."""

    def __init__(self):
        super().__init__()
        self.elements, self.attributes, self.scripts, self.inside = [], [], [], False

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes += attrs
        self.inside = tag == "script"
        if self.inside:
            self.scripts.append("")

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.scripts[-1] += data


def read(html):
    reader = Reader()
    reader.feed(html)
    return reader


@pytest.mark.parametrize("make", [example, lambda: loss(2, 3, 1), lambda: Value(-0.0, "x") * float("inf")])
def test_the_tables_hold_the_data(make):
    with errstate(all="ignore"):
        record = Record(make())
        data, shown = record.data(), data_of(stepper(record.output).html)
    for name in ("nodes", "edges", "steps"):
        assert json.dumps(shown[name], sort_keys=True) == json.dumps(data[name], sort_keys=True)


def labeled(label):
    x = Value(2.0, label)
    y = sin(x) * x + x
    y.label = label[::-1]
    return y


SCALE = [5.0]


@primitive(partials=(lambda x, y: x * 0.0 + SCALE[0],))
def scaled(x):
    return SCALE[0] * x


remove_method(TABLE.pop("scaled"))  # It is a row all the same.


@pytest.mark.parametrize("x", [2.0, 0.0, -0.0, -1.5])
def test_a_page_is_the_same_whatever_was_written_before(x):
    """Formulas of operations are kept from page to page."""

    def page(x):
        v = Value(x, "v")
        return stepper(maximum(v * v, abs(v)) + v**3 * v.exp() + (v - 0.0) * 0.0 + scaled(v)).html

    def forget():
        SCALE[0] = 5.0
        page_data._rule.cache_clear()
        javascript._derivatives.cache_clear()

    forget()
    cold = page(x)
    forget()
    SCALE[0] = 7.0
    for other in (1.0, -1.0, 0.0, -0.0, x):
        page(other)
    SCALE[0] = 5.0
    assert page(x) == cold


def test_one_file_of_less_than_250_kilobytes_that_fetches_nothing():
    html = stepper(example()).html
    assert len(html.encode()) < 250_000
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:|//)""", html)
    assert "@import" not in html
    assert "url(http" not in html
    assert "default-src 'none'" in html
    assert "font-src data:" in html


def test_the_numbers_are_those_of_the_steps():
    J = example()
    data = data_of(stepper(J).html)
    adds = [step for step in data["steps"]["push"] if step["k"] == "add"]
    recorded = [step for step in steps(J) if isinstance(step, Contribution)]
    for shown, step in zip(adds, recorded, strict=True):
        assert (shown["in"], shown["z"], shown["b"], shown["s"]) == (
            step.incoming, step.product, step.before, step.after,
        )  # fmt: skip


def test_the_pages_bounds_on_rounding_are_pythons():
    x = Value(0.7, "x")
    J = dot([x, sin(x), -x], [1.0, 2.0, x.relu()])
    nodes = data_of(stepper(J).html)["nodes"]
    for node, shown in zip(Graph(J).nodes, nodes, strict=True):
        if node.op is None:
            assert "rounding" not in shown
            continue
        of_value, of_terms = shown["rounding"]
        xs = [p.data for p in node.parents]
        terms = sum([abs(a * d) for a, d in zip(xs, node.op.slopes_at(xs, node.data), strict=True)])
        assert rounding_of(node) == pytest.approx(of_value * abs(node.data) + of_terms * terms, abs=1e-300)


def test_f17_the_last_sums_are_the_engines_gradients_in_every_method():
    J = example()
    x = Record(J).inputs[0]
    gradient = gradients(J, x)
    data = data_of(stepper(J).html)
    assert data["steps"]["push"][-1]["s"] == data["steps"]["pull"][-1]["s"] == gradient
    assert data["steps"]["forward:0"][-1]["s"] == pytest.approx(gradient, rel=1e-15)


def test_f18_making_a_page_changes_nothing():
    J = example()
    J.backward()
    x = Record(J).inputs[0]
    before = (x.data, x.grad, J.data, J.grad, J.label, J.index)
    stepper(J).html
    assert before == (x.data, x.grad, J.data, J.grad, J.label, J.index)


@cache
def read_plain():
    return read(stepper(labeled("plain")).html)


@pytest.mark.parametrize("label", [*HOSTILE, *MORE], ids=lambda x: ascii(x)[:30])
def test_f01_f04_a_hostile_label_is_text_and_nothing_else(label):
    page = stepper(labeled(label)).html
    plain, hostile = read_plain(), read(page)
    assert set(hostile.elements) <= set(plain.elements) | {"mtext", "mn", "msub"}
    assert not [name for name, _ in hostile.attributes if name.startswith("on")]
    assert len(hostile.scripts) == len(plain.scripts)
    assert "<" not in hostile.scripts[0]
    assert hostile.scripts[1].count("\n") == plain.scripts[1].count("\n"), "no label is part of the program"
    assert not re.search("[\u2028\u2029\ud800-\udfff]", hostile.scripts[0])
    page.encode()


def test_f19_the_same_page_in_every_process():
    program = (
        "from hashlib import sha256; from tests.viz.lecture import example; from viz import stepper; "
        "print(sha256(stepper(example()).html.encode()).hexdigest())"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2], capture_output=True, check=True,
        ).stdout
        for seed in ("0", "1")
    }  # fmt: skip
    assert len(answers) == 1


def crossed(made):
    """The edges whose lines run through a box that is not at one of their ends, as pairs of places."""
    record = made.record
    sizes = picture.sizes_of(record, [picture.title_of(record, node) for node in record.graph.nodes])
    places = record.graph.places
    edges = [(places[edge.parent], places[edge.child]) for edge in record.graph.edges]
    found = []
    for rankdir in ("LR", "TB"):
        placed = place(sizes, edges, rankdir)
        for k, path in enumerate(placed.paths):
            points = points_of(path)
            for i, ((x, y), (w, h)) in enumerate(zip(placed.nodes, sizes, strict=True)):
                if i in edges[k]:
                    continue
                if any(abs(a - x) < w / 2 - 1 and abs(b - y) < h / 2 - 1 for a, b in points):
                    found.append((rankdir, edges[k], i))
    return found


def points_of(path):
    """Points along an SVG path of straight pieces and Bézier curves."""
    at, points = None, []
    for rest in re.findall("[MLC]([^MLC]+)", path):
        given = [tuple(map(float, pair.split(","))) for pair in rest.split()]
        for t in [k / 20 for k in range(21)]:
            piece = given if at is None else [at, *given]
            while len(piece) > 1:
                piece = [
                    tuple(p + t * (q - p) for p, q in zip(a, b, strict=True)) for a, b in pairwise(piece)
                ]
            points.append(piece[0])
        at = given[-1]
    return points


def logistic():
    w, x, b, y = Value(0.5, "w"), Value(2.0, "x"), Value(-1.0, "b"), 1.0
    a = (w * x + b).sigmoid()
    return stepper(-(y * a.log() + (1 - y) * (1 - a).log()))


def sines(length):
    y = Value(0.5, "x")
    for _ in range(length):
        y = y.sin()
    return y


PICTURES = {
    "lecture": lambda: stepper(example()),
    "logistic neuron": logistic,
    "2-3-1": lambda: stepper(loss(2, 3, 1)),
    "chain": lambda: stepper(sines(40)),
    "sum": lambda: stepper(sum([Value(float(i), f"x{i}") for i in range(30)])),
    "sum of many": lambda: stepper(total([Value(float(i), f"x{i}") for i in range(30)])),
}


@pytest.mark.parametrize("name", PICTURES)
def test_no_edge_runs_through_a_box_and_no_two_boxes_overlap(name):
    made = PICTURES[name]()
    assert crossed(made) == []
    record = made.record
    sizes = picture.sizes_of(record, [picture.title_of(record, node) for node in record.graph.nodes])
    layout = data_of(made.html)["layout"]["LR"]
    for (a, size_a), (b, size_b) in combinations(zip(layout["nodes"], sizes, strict=True), 2):
        assert any(abs(p - q) >= (s + t) / 2 for p, q, s, t in zip(a, b, size_a, size_b, strict=True))
    assert layout["width"] <= 2200, "at most a screen and a half of 1440 by 900"
    assert layout["height"] <= 1350


EDGES = {
    "leaf": Value(2.0, "x"),
    "constant": Value(2.0, requires_grad=False),
    "constants": Value(2.0, requires_grad=False).exp(),
    "nan": Value(float("nan"), "x") * 2.0,
    "infinite": Value(1e300) * Value(1e300),
    "zero": Value(-0.0, "z") + 0.0,
}


@pytest.mark.parametrize("output", EDGES.values(), ids=EDGES)
def test_f09_graphs_at_the_edge(output):
    assert data_of(stepper(output).html)["nodes"]


def test_f13_a_file_is_written_whole_or_not_at_all(tmp_path):
    page = stepper(example())
    target = tmp_path / "a page; rm -rf '.html"
    assert page.save(target) == target
    assert target.read_text(encoding="utf-8") == page.html
    with pytest.raises(OutputError, match="no folder"):
        page.save(tmp_path / "missing" / "j.html")
    folder = tmp_path / "j.html"
    folder.mkdir()
    with pytest.raises(OutputError):
        page.save(folder)
    with pytest.raises(DataError, match="not a path"):
        page.save(3)
    assert sorted(tmp_path.iterdir()) == [target, folder]


def test_what_is_no_function_or_too_large_is_refused():
    with pytest.raises(DataError, match="expected one Value"):
        stepper([Value(1.0)])
    y = Value(1.0, "x")
    for _ in range(3001):
        y = y + 1.0
    with pytest.raises(DataValueError, match="expected at most 3000"):
        stepper(y)


def test_a_notebook_gets_a_sandboxed_frame_and_text():
    page = stepper(example())
    bundle = page._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    assert 'sandbox="allow-scripts' in bundle["text/html"]
    assert "allow-same-origin" not in bundle["text/html"]
    assert "second path" in bundle["text/plain"]


@pytest.mark.parametrize("x", [2.0, 0.123456789, -123456.789, 1e-9, 3e20])
def test_the_heading_has_the_digits_of_the_steps(x):
    made = stepper(Value(x, "x") * 2.0)
    heading = re.search(r'id="point"[^>]*>([^<]*)<', made.html)[1]
    assert heading == f"at x = {number(x)}"


OPTIONS = [
    ({"view": "large"}, "unknown view"),
    ({"theme": 3}, "unknown theme"),
    ({"start": 14}, "expected 0 to 13"),
    ({"start": True}, "not a step"),
    ({"method": "both"}, "unknown method"),
    ({"by": "layer"}, "unknown by"),
]


@pytest.mark.parametrize(("options", "message"), OPTIONS, ids=str)
def test_an_unknown_option_is_refused(options, message):
    with pytest.raises(DataValueError, match=message):
        stepper(example(), **options)
