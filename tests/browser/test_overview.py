"""The page of a large graph: folded at first, each step in its box, boxes that open where they stand."""

import re

import pytest

from tests.viz.golden_drawings import chain, loss
from viz import stepper as page_of

from . import functions

pytest.importorskip("playwright.sync_api")

pytestmark = pytest.mark.browser

# The outermost closed box around a node.
BOX_OF = """(i) => {
    const { home, boxes } = JSON.parse(document.getElementById("data").textContent).nested;
    let m = home[i];
    while (boxes.plain.outer[m] >= 0) m = boxes.plain.outer[m];
    return m;
}"""

# Boxes that overlap, unless one is open around the other, and lines that run through closed boxes.
OVERLAPS = """() => {
    const drawn = (part) => !part.closest("[hidden]");
    const seen = (selector) => [...document.querySelectorAll(selector)].filter(drawn);
    const rect = (part) => part.getBoundingClientRect(), found = [];
    const closed = seen(".pile:not(.open) .ground, .node .ground, .ghost rect").map(rect);
    const all = [...closed, ...seen(".pile.open .ground").map(rect)];
    const besides = (a, b) => a.right <= b.left + 1 || a.bottom <= b.top + 1;
    const apart = (a, b) => besides(a, b) || besides(b, a);
    const within = (a, b) => a.left >= b.left - 1 && a.right <= b.right + 1
        && a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
    const crossed = (x, y) => (box) => x > box.left + 3 && x < box.right - 3
        && y > box.top + 3 && y < box.bottom - 3;
    all.forEach((a, i) => all.slice(i + 1).forEach((b) =>
        apart(a, b) || within(a, b) || within(b, a) || found.push("boxes")));
    closed.forEach((a, i) => closed.slice(i + 1).forEach((b) => apart(a, b) || found.push("closed boxes")));
    for (const line of seen(".way, .edge .line")) {
        const matrix = line.getScreenCTM(), length = line.getTotalLength(), span = rect(line);
        const near = closed.filter((box) => !apart(box, span));
        for (let at = 0; near.length && at <= length; at += 12) {
            const { x, y } = line.getPointAtLength(at).matrixTransform(matrix);
            if (near.some(crossed(x, y))) found.push(line.getAttribute("d"));
        }
    }
    return found;
}"""

FOCUSED = "document.activeElement.closest('.pile').querySelector('.name').textContent"

IN_SIGHT = """() => {
    const frame = document.getElementById("scroller").getBoundingClientRect();
    const now = [...document.querySelectorAll(":is(.node, .pile:not(.open)).now > .box")]
        .filter((box) => !box.closest("[hidden]")).map((box) => box.getBoundingClientRect());
    return now.length > 0 && now.every((r) => r.left >= frame.left - 2 && r.right <= frame.right + 2
        && r.top >= frame.top - 2 && r.bottom <= frame.bottom + 2);
}"""


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_large_graph_begins_folded_and_each_step_is_in_its_box(opened, size):
    made = functions.large()
    page = opened(made, size)
    piles = page.locator(".pile")
    assert page.locator(".pile:visible").count() == 12
    assert page.locator(".node:visible").count() == 0
    assert page.locator(".pile.waiting").count() == 10, "all but the two plain numbers"
    for at in (5, 200, 460, len(made.record.push)):
        page.fill("#scrubber", str(at))
        step = made.record.push[at - 1]
        place = made.record.places[getattr(step, "target", None) or step.name]
        box = page.evaluate(BOX_OF, place)
        assert "now" in piles.nth(box).get_attribute("class").split()
    share = "all => all.map((bar) => bar.getAttribute('width') / bar.dataset.width)"
    up, down = [page.locator(f".pile:visible .done.{bar}").evaluate_all(share) for bar in ("up", "down")]
    assert (up.count(1), down.count(1)) == (12, 8), "plain numbers, the inputs too, have no gradient"


def named(page, name):
    """Return the box with this name, among those that are drawn."""
    return page.locator(".pile:visible").filter(has=page.locator(".name", has_text=re.compile(f"^{name}$")))


def test_a_box_opens_where_it_stands_and_its_neighbors_make_room(opened):
    made = functions.large()
    page = opened(made, "screen", fragment="#step=800")
    layer = named(page, "layer 2")
    before = layer.bounding_box()
    others = [named(page, f"layer {n}").bounding_box()["width"] for n in (1, 3)]
    layer.locator(".box").click()
    after = [named(page, f"layer {n}").bounding_box()["width"] for n in (1, 3)]
    assert after == pytest.approx(others, abs=2), "the rest stays folded"
    assert page.locator(".pile:visible").filter(has_text="neuron").count() == 16
    assert page.evaluate(OVERLAPS) == []
    named(page, "neuron 7").locator(".box").click()
    assert page.locator(".node:visible").count() == 20
    assert page.evaluate(OVERLAPS) == []
    assert page.locator(".node.now:visible").count() == 1
    assert page.evaluate(IN_SIGHT)
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(IN_SIGHT)
    layer.locator(".box").click(position={"x": 20, "y": 10})
    assert page.locator(".pile:visible").count() == 12
    assert layer.bounding_box()["width"] == pytest.approx(before["width"], abs=2)


def test_the_keyboard_opens_and_closes_and_the_address_keeps_what_is_open(opened):
    page = opened(functions.large(), "screen", fragment="#step=800")
    box = named(page, "layer 1").locator(".box")
    assert box.get_attribute("aria-expanded") == "false"
    box.focus()
    page.keyboard.press("Enter")
    assert box.get_attribute("aria-expanded") == "true"
    assert page.evaluate(FOCUSED) == "layer 1"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(FOCUSED) == "neuron 1"
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    assert "outside of this box" in page.evaluate("document.activeElement.getAttribute('aria-label')")
    opens = page.locator(".pile.open .name").all_text_contents()
    page.wait_for_function(r"() => /open=\d+\.\d+/.test(location.hash)")
    again = opened(functions.large(), "screen", fragment=page.evaluate("location.hash"))
    assert again.locator(".pile.open .name").all_text_contents() == opens == ["layer 1", "neuron 1"]
    assert again.locator(".node:visible").count() == 6
    box.focus()
    page.keyboard.press("Space")
    assert page.locator(".pile.open").count() == 0
    again = opened(functions.large(), "screen", fragment="#open=9999.3.3&step=5")
    assert again.locator(".pile.open .name").all_text_contents() == ["layer 2"]


def test_a_box_leads_to_its_next_step_and_a_button_to_all_nodes(opened):
    made = functions.large()
    page = opened(made)
    named(page, "layer 2").locator(".box").click()
    page.click("#about button")
    assert "w⁽²⁾₁₁" in page.text_content("#sentence")
    page.click("#fold")
    assert page.locator(".pile.open").count() == 0
    page.click("#fold")
    assert page.locator(".node:visible").count() == len(made.record.graph.nodes) - 9, (
        "all but those between layers"
    )
    assert page.evaluate(OVERLAPS) == []
    page.click("#fold")
    assert page.locator(".node:visible").count() == 0


def test_a_name_from_outside_leads_to_its_node_and_finding_opens_boxes(opened):
    page = opened(functions.large(), "screen")
    named(page, "layer 2").locator(".box").click()
    named(page, "neuron 1").locator(".box").click()
    page.locator(".ghost", has_text="a⁽¹⁾₃").click()
    assert sorted(page.locator(".pile.open .name").all_text_contents()) == [
        "layer 1",
        "layer 2",
        "neuron 1",
        "neuron 3",
    ]
    assert "a⁽¹⁾₃" in page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("/")
    page.fill("#search", "w⁽²⁾₇₂")
    page.keyboard.press("Enter")
    assert "w⁽²⁾₇₂" in page.evaluate("document.activeElement.getAttribute('aria-label')")


def test_a_long_chain_opens_in_parts(opened):
    page = opened(page_of(chain(200)), "screen")
    assert page.locator(".pile:visible").count() < 10
    page.click("#fold")
    assert page.evaluate(OVERLAPS) == []
    assert page.locator(".node:visible").count() >= 400


def test_a_small_graph_has_nothing_to_fold_and_a_viewer_without_scripts_sees_numbers(opened):
    small = opened(page_of(loss(2, 2, 1)))
    assert small.locator(".pile").count() == 0
    assert not small.locator("#fold").is_visible()
    plain = opened(functions.large(), scripts=False)
    assert plain.locator(".pile:visible").count() == 12
    assert all(re.search(r"\d", text) for text in plain.locator(".pile:visible .value").all_text_contents())
