"""The DOT source of a graph: conventions, stability, and malicious labels."""

from xml.etree import ElementTree

import graphviz
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import Value, gradients
from autograd_core.errors import DataError, DataValueError
from autograd_core.formulas import Text
from viz import draw_dot
from viz.drawing.boxes import number
from viz.render.graphviz_drawing import layout

from .lecture import example

SVG = "{http://www.w3.org/2000/svg}"

HOSTILE = [
    'quote " quote',
    "apostrophe '",
    "back\\slash",
    "ends in \\",
    "\\N \\G \\l \\n",
    "{a|b} <f0> | }",
    "<b>bold</b>",
    "<<b>x</b>>",
    "<",
    ">",
    "&lt;",
    "&#955;",
    "&amp;amp;",
    "<!-- -->",
    "]]>",
    "</TD></TR></TABLE>>]; x",
    "<script>alert(1)</script>",
    '"] n9 [label="x',
    "javascript:alert(1)",
    "two  spaces",
    " leading and trailing ",
    "node",
    "digraph",
    "strict",
    "n0",
    "a -> b",
    "a:b:n",
    "//",
    "/* */",
    "# line",
    "%s {0} ${x} `x`",
    "naïve Ωμέγα 変数 🧮",
    "\u202eright to left",
    "שלום",
    "tab\tnewline\ncarriage\r",
    "nul\x00 bell\x07 delete\x7f",
    "next\x85line\u2028\u2029",
    "lone \ud800 surrogate",
    "\ufffe\uffff\ufdd0",
    "\ufeffbom\u200bzero",
    "e\u0301",
]


def svg_nodes(source: str) -> dict[str, list[str]]:
    """Lay out a source and return the texts in the picture of each node, by id."""
    tree = ElementTree.fromstring(layout(source, "svg"))
    groups = [group for group in tree.iter(f"{SVG}g") if group.get("class") == "node"]
    return {
        group.findtext(f"{SVG}title"): [text.text or "" for text in group.iter(f"{SVG}text")]
        for group in groups
    }


def test_it_is_a_digraph_of_the_graphviz_package():
    drawing = draw_dot(example())
    assert isinstance(drawing, graphviz.Digraph)
    assert drawing.format == "svg"
    assert draw_dot(example(), format="png").format == "png"


def test_function_inside_name_outside_data_and_gradient_in_each_node():
    J = example()
    J.backward()
    nodes = svg_nodes(draw_dot(J).source)
    assert nodes["n0"] == ["x", "data", "2", "grad", "9.099"]
    assert nodes["n3"] == ["u₁", "sin", "data", "−0.7568", "grad", "0.9695"]
    assert nodes["n1"] == ["2"], "a constant has no gradient"
    assert len(nodes) == 8


def test_a_dash_stands_for_a_gradient_before_any_backward_pass():
    J = example()
    assert svg_nodes(draw_dot(J).source)["n0"][-1] == "–"
    gradients(J, [J])
    assert svg_nodes(draw_dot(J).source)["n0"][-1] == "–", "gradients() leaves .grad alone"
    (J * 0.0).backward()
    J.backward()
    assert svg_nodes(draw_dot(J).source)["n0"][-1] != "–"


def test_a_node_that_no_gradient_reached_shows_zero_once_others_have_one():
    x, dead = Value(2.0, "x"), Value(3.0, "dead")
    y = x + 0.0 * dead
    y.backward()
    assert svg_nodes(draw_dot(y).source)["n1"][-1] == "0"


def test_constants_are_dashed_and_nothing_else():
    y = Value(2.0, "x") * Value(3.0, "c", requires_grad=False)
    lines = {line.split()[0]: line for line in draw_dot(y).source.splitlines() if "[label" in line}
    assert ["DASHED" in lines[f"n{i}"] for i in range(3)] == [False, True, False]
    assert svg_nodes(draw_dot(y).source)["n1"] == ["c", "3"]


def test_a_result_of_constants_alone_is_dashed_and_has_no_gradient():
    c = Value(2.0, "c", requires_grad=False)
    nodes = svg_nodes(draw_dot(c.exp() * Value(1.0)).source)
    assert nodes["n1"] == ["exp", "data", "7.389"]


def test_f07_a_node_used_twice_is_one_node_with_two_edges():
    a = Value(1.0, "a")
    source = draw_dot(a + a).source
    assert source.count("n0:box -> n1:box") == 2
    assert len(svg_nodes(source)) == 2


def test_f06_equal_labels_are_different_nodes():
    assert len(svg_nodes(draw_dot(Value(1.0, "x") + Value(1.0, "x")).source)) == 3


def test_f09_graphs_without_edges():
    assert svg_nodes(draw_dot(Value(2.0)).source) == {"n0": ["data", "2", "grad", "–"]}
    assert svg_nodes(draw_dot(Value(2.0, requires_grad=False)).source) == {"n0": ["2"]}


@pytest.mark.parametrize("rankdir", ["LR", "TB", "RL", "BT"])
def test_every_direction(rankdir):
    source = draw_dot(example(), rankdir=rankdir).source
    assert f"rankdir={rankdir}" in source
    assert len(svg_nodes(source)) == 8


def test_f18_drawing_changes_nothing():
    J = example()
    J.backward()
    x = J.parents[0].parents[0].parents[0].parents[0]
    before = (x.data, x.grad, J.data, J.grad, J.index, J.label)
    draw_dot(J)
    assert before == (x.data, x.grad, J.data, J.grad, J.index, J.label)


@pytest.mark.parametrize("label", HOSTILE, ids=ascii)
def test_f01_f02_f03_a_hostile_label_is_shown_as_formulas_write_it(label):
    x = Value(1.0, label)
    nodes = svg_nodes(draw_dot(x * x).source)
    assert list(nodes) == ["n0", "n1"]
    assert nodes["n0"][0].replace("\xa0", " ") == Text().name(label).text


def test_f01_all_hostile_labels_in_one_graph_add_no_element():
    def elements(labels):
        total = Value(0.0)
        for label in labels:
            total = total + Value(1.0, label)
        picture = layout(draw_dot(total).source, "svg")
        return {element.tag for element in ElementTree.fromstring(picture).iter()}

    assert elements(HOSTILE) <= elements(["plain"] * len(HOSTILE)) | {f"{SVG}a"}


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(), min_size=1, max_size=60))
def test_f05_any_label_gives_well_formed_svg_with_that_text(label):
    nodes = svg_nodes(draw_dot(Value(1.0, label) + 1.0).source)
    assert len(nodes) == 3
    assert nodes["n0"][0].replace("\xa0", " ") == Text().name(label).text.replace("\xa0", " ")


def test_f21_a_very_long_label_is_cut_with_the_whole_in_a_tooltip():
    label = 'a"<b>\\N&' * 12_500
    tree = ElementTree.fromstring(layout(draw_dot(Value(1.0, label)).source, "svg"))
    assert float(tree.get("viewBox").split()[2]) < 500
    tooltips = [link.get("{http://www.w3.org/1999/xlink}title") for link in tree.iter(f"{SVG}a")]
    assert tooltips[0] == label


@pytest.mark.parametrize(
    ("x", "shown"),
    [
        (float("nan"), "nan"),
        (float("inf"), "∞"),
        (-float("inf"), "−∞"),
        (-0.0, "0"),
        (0.0, "0"),
        (1e-320, "1e−320"),
        (1e300, "1e300"),
        (0.1 + 0.2, "0.3"),
        (123456789.123, "1.235e8"),
    ],
)
def test_f08_numbers_have_four_digits_and_can_be_told_apart(x, shown):
    assert number(x) == shown


def test_ten_thousand_nodes_make_a_source_without_recursion():
    y = Value(1.0, "x")
    for _ in range(10_000):
        y = y + 1.0
    assert draw_dot(y, fold=False).source.count("->") == 20_000


@pytest.mark.parametrize("root", [2.0, None, "x", [Value(1.0)]])
def test_what_is_no_node_is_refused(root):
    with pytest.raises(DataError, match="draw_dot: not a node: argument 1"):
        draw_dot(root)


def test_an_unknown_direction_is_refused():
    with pytest.raises(DataValueError, match="'sideways'; expected one of LR, TB, RL, BT"):
        draw_dot(Value(1.0), rankdir="sideways")
