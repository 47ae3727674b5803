"""Drawings in Chromium: every text is inside its box, also in the widest common font."""

import pytest

from tests.viz.pictures import GRAPHS, swept
from viz import draw_dot

pytestmark = pytest.mark.browser

OUTSIDE = """() => {
    const out = [];
    for (const node of document.querySelectorAll(".node")) {
        const box = node.querySelector(".ground").getBoundingClientRect();
        for (const text of node.querySelectorAll("text")) {
            const rect = text.getBoundingClientRect();
            const name = text.getAttribute("font-style") === "italic";
            if (!name && (rect.left < box.left || rect.right > box.right || rect.bottom > box.bottom + 2))
                out.push([text.textContent, rect.left - box.left, box.right - rect.right]);
        }
    }
    const whole = document.querySelector("svg").getBoundingClientRect();
    for (const text of document.querySelectorAll("text")) {
        const rect = text.getBoundingClientRect();
        if (rect.left < whole.left || rect.right > whole.right || rect.top < whole.top)
            out.push([text.textContent, "outside of the picture"]);
    }
    return out;
}"""


@pytest.mark.parametrize("font", ["Helvetica, sans-serif", "'DejaVu Sans', Verdana, sans-serif"])
@pytest.mark.parametrize("name", GRAPHS)
def test_no_text_leaves_its_box_in_any_font(opened, tmp_path, name, font):
    svg = draw_dot(swept(name)).pipe("svg").decode()
    path = tmp_path / "drawing.html"
    style = f"<style>svg, svg text {{ font-family: {font} }}</style>"
    path.write_text(f"<!doctype html><meta charset=utf-8>{style}{svg[svg.index('<svg') :]}", encoding="utf-8")
    assert opened(path, "screen").evaluate(OUTSIDE) == []
