"""The network diagram: circles, weights, no intercepts; and more options of the computation graph."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from autograd_core import Graph, Value, tanh
from autograd_core.errors import DataError, DataValueError
from nn import MLP, Linear, Module
from viz import draw_dot, draw_network
from viz.drawing.boxes import number
from viz.drawing.network import sharing
from viz.render.graphviz_drawing import layout

from .lecture import example
from .pictures import SVG
from .test_dot import HOSTILE, svg_nodes


def test_circles_for_units_and_edges_for_weights_without_intercepts():
    source = draw_network(MLP(2, [3, 1], rng=0)).source
    assert source.count("penwidth") == 9
    nodes = svg_nodes(source)
    assert sorted(text for texts in nodes.values() for text in texts) == [
        "a⁽¹⁾₁",
        "a⁽¹⁾₂",
        "a⁽¹⁾₃",
        "x₁",
        "x₂",
        "ŷ",
    ]
    assert "shape=circle" in source


def test_edges_of_negative_weights_are_dashed():
    model = MLP(2, [3, 1], rng=0)
    model.layers[0].weight.assign([[1.0, -2.0], [0.0, -0.5], [3.0, 4.0]])
    model.layers[1].weight.assign([[-1.0, 2.0, -3.0]])
    edges = re.findall(r'style=(dashed|solid) .*tooltip="?(−?)', draw_network(model).source)
    assert sorted(edges) == [("dashed", "−")] * 4 + [("solid", "")] * 5


def test_a_large_layer_is_folded():
    source = draw_network(MLP(3, [16, 4, 2], rng=0)).source
    assert "7 more" in source
    assert source.count("penwidth") == 3 * 9 + 9 * 4 + 4 * 2
    assert b"<svg" in layout(source, "svg")


def test_an_error_is_shared_out_along_the_weights():
    model = MLP(2, [2, 1], activation="tanh", rng=0)
    x = [Value(0.5, "x1"), Value(-1.0, "x2")]
    error = (model(x) - 2.0) ** 2
    error.backward()
    shared = sharing(model, error)
    assert shared.units[0] == pytest.approx([v.grad for v in x], rel=1e-15)
    for k in (0, 1):
        back = [sum(row[i] for row in shared.shares[k]) for i in range(2)]
        assert back == pytest.approx(shared.units[k], rel=1e-15), "the shares add up to the unit's error"
    delta = 2 * (model(x).data - 2.0)
    weights = [w.data for w in model.layers[1].neurons[0].w]
    assert shared.units[2] == pytest.approx([delta], rel=1e-15)
    assert shared.shares[1][0] == pytest.approx([delta * w for w in weights], rel=1e-15)
    source = draw_network(model, error=error).source
    assert "dir=back" in source
    assert number(x[0].grad) in source


@pytest.mark.parametrize("bias", [False, True])
def test_an_error_is_shared_out_along_the_weights_of_matrices_too(bias):
    class Own(Module):
        def __init__(self):
            self.layers = [Linear(2, 3, rng=0), Linear(3, 1, bias, rng=1)]

        def forward(self, x):
            return self.layers[1]([tanh(h) for h in self.layers[0](x)])[0]

    model, x = Own(), [Value(0.5, "x1"), Value(-1.0, "x2")]
    output = model(x)
    error = (output - 2.0) ** 2
    error.backward()
    shared = sharing(model, error)
    assert shared.units[0] == pytest.approx([v.grad for v in x], rel=1e-15)
    assert [sum(row[0] for row in shared.shares[0])] == pytest.approx(shared.units[0][:1], rel=1e-15)
    assert shared.units[2] == [output.grad]
    assert "dir=back" in draw_network(model, error=error).source


@pytest.mark.parametrize("activation", ["linear", "tanh"])
def test_the_error_of_an_output_is_that_behind_its_activation(activation):
    model = MLP(2, [2, 1], out_activation=activation, rng=0)
    output = model([Value(0.5, "x1"), Value(-1.0, "x2")])
    error = (output - 2.0) ** 2
    error.backward()
    assert sharing(model, error).units[-1] == [output.grad]
    assert output.grad == 2.0 * (output.data - 2.0)


def test_an_error_of_no_call_or_several_is_refused():
    model = MLP(2, [2, 1], rng=0)
    with pytest.raises(DataValueError, match="called 0 times in the graph of the error; expected once"):
        draw_network(model, error=Value(1.0))
    with pytest.raises(DataValueError, match="called 2 times"):
        draw_network(model, error=model([1.0, 2.0]) + model([0.0, 1.0]))
    with pytest.raises(DataError, match="draw_network: not a node: error = 3"):
        draw_network(model, error=3)


def test_a_large_model_is_drawn_without_becoming_nodes():
    model = MLP(784, [512, 512, 10], rng=0)
    assert "775 more" in draw_network(model).source
    assert model.layers[0].weight._values is None


def test_names_are_text_whatever_they_hold():
    for name in HOSTILE:
        nodes = svg_nodes(draw_network(MLP(2, [1], rng=0), inputs=["a", name]).source)
        assert len(nodes) == 3


@pytest.mark.parametrize("rankdir", ["LR", "RL", "TB", "BT"])
@pytest.mark.parametrize("sizes", [(2, 3, 1), (4, 5, 2), (2, 16, 16, 1), (784, 512, 512, 10)])
def test_the_svg_shows_units_in_order_on_one_and_a_half_screens(sizes, rankdir):
    inputs, *layers = sizes
    picture = ElementTree.fromstring(draw_network(MLP(inputs, layers, rng=0), rankdir).pipe("svg"))
    width, height = [float(picture.get(key).removesuffix("pt")) * 4 / 3 for key in ("width", "height")]
    assert width <= 1.5 * 1440
    assert height <= 1.5 * 900 or rankdir in ("TB", "BT")
    circles = picture.findall(f".//{SVG}circle")
    assert len(circles) == sum([size for size in sizes if size <= 10])
    texts = {t.text: (float(t.get("x")), float(t.get("y"))) for t in picture.iter(f"{SVG}text")}
    outputs = [name for name in texts if name.startswith("ŷ")]
    across = [texts[name][rankdir in ("LR", "RL")] for name in outputs]
    assert across == sorted(across)
    assert len(picture.findall(f".//{SVG}g[@class='map']")) == sum(
        [max(a, b) > 10 for a, b in pairwise(sizes)]
    )
    assert len(picture.findall(f".//{SVG}rect")) < 5_000


def test_numbers_on_edges_do_not_overlap():
    picture = ElementTree.fromstring(draw_network(MLP(2, [3, 1], rng=0)).pipe("svg"))
    found = [
        [float(g.find(f"{SVG}rect").get(key)) for key in ("x", "y", "width", "height")]
        for g in picture.iter(f"{SVG}g")
        if g.get("class") == "label"
    ]
    assert len(found) == 9
    for k, (x, y, w, h) in enumerate(found):
        for a, b, c, d in found[:k]:
            assert x + w <= a or a + c <= x or y + h <= b or b + d <= y


def test_a_heat_map_marks_negative_weights_and_shows_the_size():
    model = MLP(11, [1], rng=0)
    model.layers[0].weight.assign([[1.0, -2.0, *[0.0] * 9]])
    picture = ElementTree.fromstring(draw_network(model).pipe("svg"))
    heat = picture.find(f".//{SVG}g[@class='map']")
    shades = [float(r.get("fill-opacity")) for r in heat.findall(f"{SVG}rect") if r.get("fill-opacity")]
    assert shades == [0.5, 1.0, *[0.0] * 9]
    assert len(heat.findall(f"{SVG}path")) == 1


def test_a_dark_network_is_dark_in_every_format():
    drawing = draw_network(MLP(2, [1], rng=0), dark=True)
    assert 'fill="#1d2029"' in drawing.pipe("svg").decode()
    assert "#1d2029" in drawing.source
    with pytest.raises(DataError, match="draw_network"):
        draw_network(MLP(2, [1], rng=0), dark="yes")


@pytest.mark.parametrize("model", [None, 3, "MLP", [1]])
def test_what_is_no_network_is_refused(model):
    with pytest.raises(DataError, match="expected a model made of layers"):
        draw_network(model)


def test_wrong_names_and_directions_are_refused():
    with pytest.raises(DataValueError, match="expected 2"):
        draw_network(MLP(2, [1], rng=0), inputs=["a"])
    with pytest.raises(DataValueError, match="expected one of LR"):
        draw_network(MLP(2, [1], rng=0), rankdir="up")


def test_the_graph_shows_what_is_asked_for():
    J = example()
    source = draw_dot(J, show=("data", "partials"), label="C1 <b>", dark=True).source
    assert "grad" not in source
    assert "×−0.6536" in source
    assert source.count("style=dashed") == 1, "the one negative local derivative"
    assert "C1&#160;&lt;b&gt;" in source
    assert "bgcolor" in source
    assert len(svg_nodes(source)) == 8
    with pytest.raises(DataValueError, match="expected some of data, grad, partials"):
        draw_dot(J, show=("value",))


@pytest.mark.parametrize(
    "options",
    [{"highlight": ["a"]}, {"highlight": "a"}, {"highlight": 3}, {"show": 3}, {"label": 3}, {"label": None}],
)
def test_options_of_a_wrong_kind_are_refused(options):
    with pytest.raises(DataError, match="^draw_dot: no.*(highlight|show|label) = .*; expected"):
        draw_dot(example(), **options)


def test_one_node_or_none_may_be_highlighted():
    J = example()
    assert draw_dot(J, highlight=J).source == draw_dot(J, highlight=[J]).source
    assert draw_dot(J, highlight=None).source == draw_dot(J).source
    assert draw_dot(J, show=None).source == draw_dot(J, show=()).source


def test_a_path_is_highlighted():
    J = example()
    path = next(iter(Graph(J).paths("x")))
    source = draw_dot(J, highlight=path.nodes).source
    assert source.count("penwidth=2.5") == len(path.edges)
    assert source.count('BORDER="3"') == len(path.nodes)
    assert len(svg_nodes(source)) == 8
