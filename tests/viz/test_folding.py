"""Large graphs are folded into boxes with a summary, in bounded time, or rejected with alternatives."""

import re
from xml.etree import ElementTree

import pytest

from autograd_core import Graph, Value, dot, name_scope
from autograd_core.base.text import shorten, visible
from autograd_core.errors import DataValueError
from nn import MLP, squared_loss
from tests.work import Work
from viz import draw_dot, render
from viz.drawing.boxes import TINTS, Look, number
from viz.drawing.folding import DEEPEST, MOST_BOXES, MOST_LINES, Folding, fold_nodes
from viz.errors import LayoutTimeout
from viz.render import graphviz_drawing
from viz.render.graphviz_drawing import layout

from .golden_drawings import chain, loss, model, scoped
from .test_dot import HOSTILE, svg_nodes


def folded(root, fold="auto"):
    return fold_nodes(Graph(root).nodes, fold)


def names(folding):
    return [box.name for box in folding.boxes if box.name]


def wide(count):
    """Build a node with a number of parents."""
    return dot([Value(float(i)) for i in range(count)], [1.0] * count)


def by_hand(points):
    """Build a loss without scopes, from single additions and multiplications."""
    weights = [[Value(0.1 * i - 0.3 * j) for i in range(2)] for j in range(4)]
    total = Value(0.0)
    for k in range(points):
        x = [Value(0.1 * k), Value(1.0 - 0.1 * k)]
        hidden = [sum([w * a for w, a in zip(row, x, strict=True)], Value(0.0)).tanh() for row in weights]
        total = total + (sum(hidden, Value(0.0)) - 1.0) ** 2
    return total


@pytest.mark.parametrize(
    ("root", "fold", "found"),
    [
        (loss(2, 2, 1), "auto", []),
        (loss(2, 2, 1), 0, ["MLP"]),
        (loss(2, 2, 1), 1, ["layers.0", "layers.1"]),
        (loss(2, 2, 1), 2, ["neuron 0", "neuron 1", "neuron 0"]),
        (loss(2, 2, 1), 3, []),
        (loss(2, 8, 8, 1), "auto", [f"neuron {i}" for i in (*range(8), *range(8), 0)]),
        (loss(2, 16, 16, 1), "auto", ["layers.0", "layers.1", "layers.2"]),
        (loss(2, 16, 16, 1, points=30), "auto", ["layers.0", "layers.1", "layers.2"]),
        (scoped(), 1, ["inner"]),
        (scoped(), 0, ["outer"]),
    ],
)  # fmt: skip
def test_scopes_are_folded_as_deep_as_asked(root, fold, found):
    assert names(folded(root, fold)) == found


@pytest.mark.parametrize(
    "build",
    [
        lambda: loss(2, 16, 16, 1), lambda: loss(2, 16, 16, 1, points=10), lambda: loss(2, 90, 1),
        lambda: chain(1000), lambda: by_hand(40), lambda: wide(1000),
        lambda: sum([Value(1.0) * i for i in range(1000)]),
    ],
)  # fmt: skip
def test_every_node_is_in_one_box_and_every_edge_in_one_line(build):
    root = build()
    graph, folding = Graph(root), folded(root)
    inside = [node for box in folding.boxes for node in box.nodes]
    assert sorted(inside, key=lambda node: node.index) == list(graph.nodes)
    assert len(folding.boxes) <= MOST_BOXES
    assert len(folding.lines) <= MOST_LINES
    between = [e for e in graph.edges if folding.places[e.parent] != folding.places[e.child]]
    assert sum(folding.lines.values()) == len(between)
    assert len(svg_nodes(draw_dot(root).source)) == len(folding.boxes)


def test_what_a_box_tells_is_what_the_graph_says():
    root = loss(2, 16, 16, 1)
    layer = [node for node, scope in Graph(root).scopes.items() if scope and "layers.1" in scope.path]
    parameters = [node for node in layer if node.is_leaf]
    outputs = [node.data for node in layer if node.op is not None and node.op.name == "relu"]
    shown = next(texts for texts in svg_nodes(draw_dot(root).source).values() if texts[0] == "layer\xa02")
    grads = [node.grad for node in layer]
    assert [text.replace("\xa0", " ") for text in shown] == [
        "layer 2", "16 × (dot, +, relu)", f"{len(layer)} nodes, {len(parameters)} parameters",
        "data", f"{number(min(outputs))} … {number(max(outputs))}",
        "grad", f"{number(min(grads))} … {number(max(grads))}",
    ]  # fmt: skip


def test_a_hundred_points_through_a_network_are_a_handful_of_boxes():
    net = model(2, 16, 16, 1)
    total = sum([squared_loss(net([1.0, -i / 10]), 0.5) for i in range(100)])
    source = draw_dot(total).source
    assert source.count(" -> ") == 6
    assert "1,600\xa0×" in source.replace("&#160;", "\xa0")
    assert "100\xa0calls" in source.replace("&#160;", "\xa0")


def test_few_calls_of_one_module_are_boxes_of_their_own():
    net = model(2, 16, 16, 1)
    pair = net([1.0, 2.0]) + net([3.0, 4.0])
    assert names(folded(pair, 0)) == ["MLP", "MLP", "MLP"], "two calls, and the parameters of both"


def test_a_module_called_again_on_its_own_output_may_be_drawn():
    net = MLP(1, [30, 1], rng=0)
    y = Value(1.0, "x")
    for _ in range(10):
        y = net([y])
    folding = folded(y)
    assert names(folding) == [*[f"neuron {i}" for i in range(30)], "neuron 0"]
    assert [box.calls for box in folding.boxes if box.name] == [10] * 31
    assert len(svg_nodes(draw_dot(y).source)) == len(folding.boxes)


def test_hundreds_of_scopes_are_folded_too():
    total = Value(0.0)
    for i in range(400):
        with name_scope(f"term {i}"):
            total = total + Value(1.0) * i
    assert len(folded(total).boxes) <= MOST_BOXES


def test_a_graph_of_deep_scopes_is_folded_in_a_bounded_number_of_tries(monkeypatch):
    tries, merged = [], Folding.merged
    monkeypatch.setattr(Folding, "merged", lambda *args: tries.append(1) or merged(*args))

    def nested(n):
        with name_scope("part"):
            return Value(1.0).sin() if n == 0 else nested(n - 1).cos() + 1.0

    folding = folded(nested(300))
    assert len(tries) <= 12 * DEEPEST
    assert DEEPEST < len(folding.boxes) <= MOST_BOXES
    assert names(folding) == ["part"]


@pytest.mark.parametrize(
    "build", [lambda: loss(2, 3, 1), lambda: by_hand(3), lambda: chain(9), lambda: wide(5)]
)
def test_levels_of_single_nodes_are_those_of_the_graph(build):
    graph = Graph(build())
    folding = folded(graph.outputs[0], False)
    assert all(box.single for box in folding.boxes)
    assert folding.levels == [graph.levels[box.nodes[0]] for box in folding.boxes]


@pytest.mark.parametrize("fold", [-1, 1.0, True, "all", None, "0"])
def test_an_unknown_folding_is_refused(fold):
    with pytest.raises(DataValueError, match="draw_dot: unknown folding: .*; expected 'auto', False"):
        draw_dot(Value(1.0), fold=fold)


@pytest.mark.parametrize(("fold", "most"), [("auto", "LARGEST"), (False, "LARGEST_UNFOLDED")])
def test_f10_a_graph_beyond_a_size_is_refused_with_the_choices(monkeypatch, fold, most):
    monkeypatch.setattr(f"viz.drawing.dot.{most}", 100)
    with pytest.raises(DataValueError, match="draw_dot: 301 nodes; expected at most 100.*draw_network"):
        draw_dot(chain(100), fold=fold)


def test_a_layout_that_takes_too_long_falls_back_to_folding(monkeypatch, tmp_path):
    asked = []

    def layout(source, output, **options):
        asked.append(source.count(" -> "))
        raise LayoutTimeout("render: too long.")

    monkeypatch.setattr(graphviz_drawing, "layout", layout)
    path = render(chain(200), tmp_path / "chain.svg", fold=False)
    assert asked == [600]
    assert path.read_text(encoding="utf-8").count('class="edge"') <= MOST_LINES
    with pytest.raises(LayoutTimeout):
        draw_dot(chain(3), fold=False).pipe(format="png")


@pytest.mark.parametrize(
    "build",
    [
        lambda: chain(10_000),
        pytest.param(lambda: chain(20_000), marks=pytest.mark.slow),
        lambda: wide(10_000),
        lambda: sum([Value(1.0)] * 10_000),
    ],
)
def test_f10_a_very_large_graph_is_drawn_in_bounded_time(build):
    root = build()
    with Work() as work:
        source = draw_dot(root).source
    assert work.calls <= 200 * len(Graph(root).nodes)
    assert len(source) < 200_000
    assert 1 <= len(svg_nodes(source)) <= MOST_BOXES


@pytest.mark.parametrize("dark", [False, True])
def test_the_tint_of_a_gradient_is_its_size(dark):
    look = Look(data=True, grad=True, reached=True, beside=False, dark=dark, largest=9.0)
    faint, middle, strong = TINTS[dark]
    for sign in (1, -1):
        assert [look.tint([sign * g]) for g in (9.0, 3.0, 1.0, 0.1)] == [strong, strong, middle, faint]
    assert look.tint([float("inf")]) == strong
    assert [look.tint(gs) for gs in ([0.0], [-0.0], [float("nan")], [-1.0, 1.0], [])] == [""] * 5


def test_f20_one_infinite_gradient_leaves_the_scale_to_the_others():
    x, y = Value(1.0, "x"), Value(2.0, "y")
    z = x * y
    z.backward()
    x.grad = float("inf")
    assert re.findall(r'BGCOLOR="(#\w+)"', draw_dot(z).source)[::2] == [TINTS[False][2]] * 3


def test_equal_foldings_of_equal_graphs():
    assert draw_dot(by_hand(20)).source == draw_dot(by_hand(20)).source
    assert isinstance(folded(by_hand(20)), Folding)


@pytest.mark.parametrize("name", [name for name in HOSTILE if "/" not in name], ids=ascii)
def test_a_hostile_scope_name_is_shown_as_it_is(name):
    x = Value(1.0, "x")
    with name_scope(name):
        y = x * 2
    frame = ElementTree.fromstring(layout(draw_dot(y).source, "svg"))
    shown = [text.text for text in frame.iter("{http://www.w3.org/2000/svg}text")]
    assert shorten(visible(name)).replace(" ", "\xa0") in [str(text).replace(" ", "\xa0") for text in shown]
    box = next(texts for key, texts in svg_nodes(draw_dot(y, fold=0).source).items() if key[0] == "f")
    assert box[0].replace("\xa0", " ") == shorten(visible(name), 40)


def test_a_scope_of_one_node_is_folded_into_a_box_with_its_name():
    x = Value(2.0, "x")
    with name_scope("part"):
        y = x.sin()
    boxes = svg_nodes(draw_dot(y.cos(), fold=0).source)
    assert sorted(key[0] for key in boxes) == ["f", "n", "n"]
    assert next(texts[0] for key, texts in boxes.items() if key[0] == "f") == "part"
