"""Pictures hold up: nothing crosses or overlaps, the order is that of the formulas, it fits on a screen."""

import re

import pytest

from viz import draw_dot, render

from .pictures import GRAPHS, Picture, swept

LARGEST = (1.5 * 1440, 1.5 * 900)


@pytest.fixture(scope="module", params=GRAPHS)
def picture(request):
    return Picture(draw_dot(swept(request.param)).pipe("svg"))


def test_no_edge_crosses_a_box(picture):
    assert picture.crossed() == []


def test_no_two_boxes_overlap(picture):
    for i, (left, top, right, bottom) in enumerate(picture.boxes):
        for other in picture.boxes[:i]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top


def test_a_picture_is_at_most_one_and_a_half_screens(picture):
    assert picture.width <= LARGEST[0]
    assert picture.height <= LARGEST[1]


def test_a_frame_contains_boxes_wholly_or_not_at_all(picture):
    for left, top, right, bottom in picture.frames:
        for box in picture.boxes:
            inside = left <= box[0] and box[2] <= right and top <= box[1] and box[3] <= bottom
            outside = right <= box[0] or box[2] <= left or bottom <= box[1] or box[3] <= top
            assert inside or outside


def test_layers_and_neurons_are_in_the_order_of_the_formulas():
    found = Picture(draw_dot(swept("2-3-1")).pipe("svg")).place
    columns = [found(name)[0] for name in ("x₁", "w⁽¹⁾₁₁", "z⁽¹⁾₁", "a⁽¹⁾₁", "w⁽²⁾₁₁", "ŷ", "L")]
    assert columns == sorted(columns)
    for letter in ("s", "z", "a"):
        rows = [found(f"{letter}⁽¹⁾{i}")[1] for i in "₁₂₃"]
        assert rows == sorted(rows)


def test_a_chain_continues_like_text():
    boxes = Picture(draw_dot(swept("chain of 40")).pipe("svg")).boxes
    assert len({round(top) for _, top, _, _ in boxes[1:]}) == 5
    starts = [left for left, _, _, _ in boxes if left == min(box[0] for box in boxes)]
    assert len(starts) == 5


@pytest.mark.parametrize("name", GRAPHS)
def test_an_svg_is_the_same_with_and_without_graphviz(name, monkeypatch):
    drawing = draw_dot(swept(name))
    first = drawing.pipe("svg")
    monkeypatch.setenv("PATH", "")
    assert draw_dot(swept(name)).pipe("svg") == first


def test_a_drawing_that_was_changed_is_laid_out_by_graphviz():
    drawing = draw_dot(swept("lecture"))
    drawing.node("added", label="mine")
    assert b"mine" in drawing.pipe("svg")


def test_a_dark_picture_in_a_file(tmp_path):
    path = render(swept("lecture"), tmp_path / "dark.svg", dark=True)
    svg = path.read_text(encoding="utf-8")
    assert re.search(r'<g class="graph"><rect [^>]*fill="#1d2029"', svg)
