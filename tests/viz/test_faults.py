"""Outside faults in drawings and steppers; ids are those of the fault list.

Most faults are tested with the code they concern (`test_f01_...` to `test_f22_...` in this folder and in
`tests/browser`); these tests cover every way to show a graph.
"""

import errno
import math
import os
import re
import sys
from html import escape
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest

from autograd_core import Graph, Value, errstate, formula, gradients, sin, steps
from autograd_core.base.text import short
from autograd_core.steps.steps import Contribution
from viz import OutputError, draw_dot, stepper
from viz.cli.terminal_stepper import Reader
from viz.drawing.boxes import number as shown
from viz.render.graphviz_drawing import layout
from viz.render.placement import place
from viz.stepper.page_data import Record
from viz.stepper.picture import LONGEST_NAME, sizes_of, title_of

from .lecture import example
from .page_data import data_of

UNSHOWABLE = [
    "nul\x00", "bell\x07", "lone \ud800", "\udfff", "\ufffe", "next\x85line", "\u202e", "\u2028", "\x1b[31m",
]  # fmt: skip
NUMBERS = [
    float("nan"), float("inf"), -float("inf"), -0.0, 0.0, 1e-320, 1e300, 0.1 + 0.2, 0.3, 123456789.123,
    123456789.0, 1e15, -1e-5,
]  # fmt: skip


def labeled(label):
    x = Value(2.0, label)
    return sin(x) * x + x


def ways(output):
    """Yield every way to show a graph, as text."""
    table = steps(output)
    yield from (table.to_text(), table.to_text(ascii=True), table.to_markdown())
    yield from (table.to_latex(), table.to_html())
    yield from (formula(output, format) for format in ("text", "latex", "mathml"))
    yield draw_dot(output).source
    yield layout(draw_dot(output).source, "svg").decode()
    yield stepper(output).html
    reader = Reader(table)
    for _ in range(len(table)):
        yield reader.tell()
        reader.press("n")


@pytest.mark.parametrize("label", UNSHOWABLE, ids=ascii)
def test_f05_what_does_not_show_is_replaced_by_a_mark_in_every_way_of_showing(label):
    forbidden = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202e\u2028]")
    for text in ways(labeled(label)):
        assert not forbidden.search(text)
        text.encode("utf-8")


@pytest.mark.parametrize("label", ["node", "graph", "edge", "digraph", "strict", "n0", "x"])
def test_f06_equal_labels_and_keywords_are_different_nodes_in_a_page(label):
    a, b = Value(1.0, label), Value(1.0, label)
    page = stepper(a * b + a).html
    assert page.count('id="n0"') == page.count('id="n1"') == 1
    names = [node["t"] for node in data_of(page)["nodes"]]
    assert len(set(names)) == len(names)


def test_f07_a_node_used_twice_is_one_node_with_two_edges_in_a_page():
    x = Value(3.0, "x")
    data = data_of(stepper(x + x).html)
    assert [(edge["p"], edge["c"], edge["k"]) for edge in data["edges"]] == [(0, 1, 0), (0, 1, 1)]
    assert [step["path"] for step in data["steps"]["push"] if step["k"] == "add"] == [1, 2]


@pytest.mark.parametrize("write", [short, shown], ids=["text", "page"])
def test_f08_numbers_can_be_told_apart_and_fit_their_box(write):
    texts = {repr(x): write(x) for x in NUMBERS if x != 0.1 + 0.2 and x != 123456789.123}
    assert all(text.strip() and len(text) <= 16 for text in texts.values())
    if write is shown:
        assert texts.pop("-0.0") == "0", "the sign of zero tells a reader nothing"
    assert len(set(texts.values())) == len(texts)


@pytest.mark.parametrize("x", NUMBERS, ids=repr)
def test_f08_every_number_has_a_page_and_a_table(x):
    with errstate(all="ignore"):
        for text in ways(Value(x, "x") * 1.0):
            assert text


@pytest.mark.parametrize("fails", ["fsync", "replace"])
def test_f13_an_older_page_stays_whole_when_the_disk_is_full(tmp_path, monkeypatch, fails):
    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    target = tmp_path / "j.html"
    target.write_text("older", encoding="utf-8")
    page = stepper(example())
    monkeypatch.setattr(os, fails, full)
    with pytest.raises(OutputError, match="No space left"):
        page.save(target)
    assert target.read_text(encoding="utf-8") == "older"
    assert [path.name for path in tmp_path.iterdir()] == ["j.html"]


def test_f16_steps_beyond_the_ends_and_what_is_no_number_are_refused():
    table = steps(example())
    assert table[-1] is table[12]
    for index in (13, -14, 10**9):
        with pytest.raises(IndexError):
            table[index]
    for index in ("x", None, 1.5):
        with pytest.raises(TypeError):
            table[index]


def test_f16_a_stale_table_and_a_stale_page_say_so_and_keep_their_numbers():
    x = Value(2.0, "x")
    J = x**2
    table, page = steps(J), stepper(J)
    before, html = str(table), page.html
    x.data = 5.0
    assert "changed since the forward pass: x" in str(table)
    assert str(table).startswith("J = x²   at x = 2\n")
    assert "Changed since the forward pass: x." in page.html
    assert repr(page) == "<Stepper: 4 steps of J (a leaf has changed since)>"
    assert data_of(page.html)["nodes"] == data_of(html)["nodes"]
    assert "at x = 2<" in page.html
    x.data = 2.0
    assert (str(table), page.html) == (before, html)


def test_f16_a_page_made_after_a_change_says_so():
    x = Value(2.0, "<b>x</b>")
    J = x**2
    x.data = 5.0
    page = stepper(J).html
    assert "Changed since the forward pass: &lt;b&gt;x&lt;/b&gt;." in page
    assert "no central difference" in page


def test_f16_two_readers_and_two_pages_on_one_graph_do_not_disturb_each_other():
    J = example()
    first, second = Reader(steps(J)), Reader(steps(J))
    for _ in range(5):
        first.press("n")
    assert (first.at, second.at) == (5, 0)
    one, other = stepper(J), stepper(J)
    html = one.html
    steps(J, "pull"), other.html
    assert one.html == other.html == html
    assert [node.grad for node in Graph(J).nodes] == [0.0] * len(Graph(J))


@pytest.mark.parametrize("method", ["push", "pull"])
def test_f17_each_step_goes_on_from_the_sum_before_and_ends_at_the_engines(method):
    J = example()
    last = {}
    for step in steps(J, method):
        if isinstance(step, Contribution):
            assert step.before == last.get(step.target, 0.0)
            assert step.after == step.before + step.incoming * step.local
            last[step.target] = step.after
    inputs = {node.label: node for node in Graph(J).nodes if node.label in last}
    assert last == {name: gradients(J, node) for name, node in inputs.items()}


GRADIENTS = {
    "zeros": [0.0, 0.0, 0.0], "equal": [2.0, 2.0, 2.0], "one infinite": [1.0, math.inf, -2.0],
    "nan": [math.nan, 1.0, 2.0], "tiny and huge": [1e-320, 1e300, -1e300], "minus zero": [-0.0, 1.0, 1.0],
}  # fmt: skip


@pytest.mark.parametrize("slopes", GRADIENTS.values(), ids=GRADIENTS)
def test_f20_colors_and_widths_bear_every_gradient(slopes):
    with errstate(all="ignore"):
        xs = [Value(1.0, f"x{i}") for i in range(3)]
        y = sum((slope * x for slope, x in zip(slopes, xs, strict=True)), start=Value(0.0))
        y.backward()
        drawing = draw_dot(y, show=("data", "grad", "partials"))
    widths = [float(found) for found in re.findall(r'penwidth="?([-\d.einfa]+)', drawing.source)]
    assert all(math.isfinite(width) and 0.0 < width < 10.0 for width in widths)
    ElementTree.fromstring(layout(drawing.source, "svg"))
    assert stepper(y).html


LONG = ["x" * 100_000, "שלום " * 50, "🧮" * 60, "e\u0301" * 200, "変数" * 40]


@pytest.mark.parametrize("label", LONG, ids=lambda label: ascii(label)[:12])
@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_f21_boxes_do_not_overlap_and_stay_narrow(label, rankdir):
    record = Record(labeled(label))
    titles = [title_of(record, node) for node in record.graph.nodes]
    sizes = sizes_of(record, titles)
    assert max(w for w, _ in sizes) < 12.0 * (2 * LONGEST_NAME)
    places = record.graph.places
    edges = [(places[edge.parent], places[edge.child]) for edge in record.graph.edges]
    placed = place(sizes, edges, rankdir)
    for (a, size_a), (b, size_b) in combinations(zip(placed.nodes, sizes, strict=True), 2):
        apart = [abs(p - q) >= (s + t) / 2 for p, q, s, t in zip(a, b, size_a, size_b, strict=True)]
        assert any(apart)
    assert len(stepper(labeled(label)).html) < 300_000 + 10 * len(label)


def test_f22_a_page_in_a_notebook_never_raises(monkeypatch):
    page = stepper(labeled("x"))

    def fail(*arguments, **options):
        raise RuntimeError("broken")

    monkeypatch.setattr(sys.modules["viz.stepper.stepper"], "place", fail)
    assert set(page._repr_mimebundle_()) == {"text/plain"}
    assert page._repr_html_() == f"<pre>{escape(page._repr_mimebundle_()['text/plain'])}</pre>"


def test_every_line_of_the_list_has_a_test_named_after_it():
    folder = Path(__file__).parents[1]
    sources = [path.read_text(encoding="utf-8") for path in folder.glob("*/test_*.py")]
    named = "".join([name for text in sources for name in re.findall(r"def test_((?:f\d\d_)+)", text)])
    assert [n for n in range(1, 23) if f"f{n:02}_" not in named] == []
