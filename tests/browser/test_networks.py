"""A network on the page: named as it is taught, in frames, with a heading that can be expanded."""

import pytest

from nn import MLP, squared_loss
from viz import draw_dot, draw_network, stepper

from .reading import text_in

pytestmark = pytest.mark.browser

MODEL = MLP(2, [2, 1], activation="tanh", rng=0)


def error():
    return squared_loss(MODEL([1.0, -2.0]), 0.5)


def test_one_thing_has_one_name_on_the_page_in_drawings_and_in_the_story(opened):
    page = opened(stepper(error()), "screen")
    names = page.locator("#picture .name").all_text_contents()
    for text in ("s⁽¹⁾₁ = w⁽¹⁾₁₁·x₁ + w⁽¹⁾₁₂·x₂", "z⁽¹⁾₁ = s⁽¹⁾₁ + b⁽¹⁾₁", "a⁽¹⁾₂ = tanh z⁽¹⁾₂"):
        assert text in names
    heads = {name.split(" = ")[0] for name in names}
    assert {"ŷ", "L", "w⁽²⁾₁₂"} <= heads
    drawn = draw_dot(error()).source
    assert all([f"<I>{name}</I>" in drawn for name in heads if name[0] != "v"])
    diagram = draw_network(MODEL).source
    assert all([name in heads and name in diagram for name in ("a⁽¹⁾₁", "a⁽¹⁾₂", "ŷ")])
    page.click("#last")
    assert "∂L" in text_in(page, "#lines")


def test_the_heading_shows_the_loss_of_the_output_and_the_rest_on_request(opened):
    page = opened(stepper(error()), "screen")
    assert page.locator("#formula-short").is_visible()
    assert not page.locator("#formula-whole").is_visible()
    page.click("#expand")
    assert page.get_attribute("#expand", "aria-expanded") == "true"
    assert page.locator("#formula-whole").is_visible()
    assert text_in(page, "#formula-whole").count("tanh") == 2
    page.click("#expand")
    assert page.locator("#formula-short").is_visible()


def test_layers_are_framed_and_no_foreign_box_is_inside(opened):
    page = opened(stepper(error()), "screen")
    assert {"layer 1", "layer 2"} <= set(page.locator("#frames text").all_text_contents())
    corners = "[r.left, r.top, r.right, r.bottom]"
    rectangles = f"all => all.map((e) => e.getBoundingClientRect()).map((r) => {corners})"
    frames = page.locator("#frames rect").evaluate_all(rectangles)
    for left, top, right, bottom in page.locator(".node .box").evaluate_all(rectangles):
        for a, b, c, d in frames:
            inside = a <= left and right <= c and b <= top and bottom <= d
            apart = c <= left or right <= a or d <= top or bottom <= b
            assert inside or apart
