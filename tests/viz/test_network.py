"""The network diagram: circles, weights, no intercepts; and what the computation graph can show besides."""

import pytest

from autograd_core import Graph
from autograd_core.errors import DataError, DataValueError
from nn import MLP
from viz import draw_dot, draw_network
from viz.layout import layout

from .lecture import example
from .test_dot import HOSTILE, svg_nodes


def test_circles_for_units_and_edges_for_weights_without_intercepts():
    source = draw_network(MLP(2, [3, 1], rng=0)).source
    assert source.count("penwidth") == 9
    nodes = svg_nodes(source)
    assert sorted(text for texts in nodes.values() for text in texts) == ["h1", "h2", "h3", "x1", "x2", "y"]
    assert "shape=circle" in source


def test_a_large_layer_is_folded():
    source = draw_network(MLP(3, [16, 4, 2], rng=0)).source
    assert "… 7 more" in source
    assert source.count("penwidth") == 3 * 9 + 9 * 4 + 4 * 2
    assert b"<svg" in layout(source, "svg")


def test_names_are_text_whatever_they_hold():
    for name in HOSTILE:
        nodes = svg_nodes(draw_network(MLP(2, [1], rng=0), inputs=["a", name]).source)
        assert len(nodes) == 3


@pytest.mark.parametrize("model", [None, 3, "MLP", [1]])
def test_what_is_no_network_is_refused(model):
    with pytest.raises(DataError, match="expected a model of layers"):
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
    assert "×-0.653644" in source
    assert source.count("style=dashed") == 1, "the one negative local derivative"
    assert "C1&#160;&lt;b&gt;" in source
    assert "bgcolor" in source
    assert len(svg_nodes(source)) == 8
    with pytest.raises(DataValueError, match="expected some of data, grad, partials"):
        draw_dot(J, show=("value",))


def test_a_path_is_highlighted():
    J = example()
    path = next(iter(Graph(J).paths("x")))
    source = draw_dot(J, highlight=path.nodes).source
    assert source.count("penwidth=2.5") == len(path.edges)
    assert source.count('BORDER="3"') == len(path.nodes)
    assert len(svg_nodes(source)) == 8
