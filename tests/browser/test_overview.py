"""The page of a large graph: folded at first, each step in its box, every node on request."""

import pytest

from tests.viz.golden_drawings import chain, loss
from viz import stepper

pytest.importorskip("playwright.sync_api")

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_large_graph_begins_folded_and_each_step_is_in_its_box(opened, size):
    made = stepper(loss(2, 16, 16, 1))
    page = opened(made, size)
    piles = page.locator(".pile")
    assert piles.count() == 12
    assert page.locator("#overview").is_visible()
    assert not page.locator("#picture").is_visible()
    assert page.locator(".pile.waiting").count() == 10, "all but the two plain numbers"
    for at in (5, 200, 460, len(made.record.push)):
        page.fill("#scrubber", str(at))
        step = made.record.push[at - 1]
        place = made.record.places[getattr(step, "target", None) or step.name]
        box = page.evaluate(f"JSON.parse(document.getElementById('data').textContent).piles[{place}]")
        assert "now" in piles.nth(box).get_attribute("class").split()
    share = "all => all.map((bar) => bar.getAttribute('width') / bar.dataset.width)"
    up, down = [page.locator(f".pile .{bar}").evaluate_all(share) for bar in ("up", "down")]
    assert (up.count(1), down.count(1)) == (12, 8), "plain numbers, the inputs too, have no gradient"


def test_a_box_leads_to_its_next_step_and_a_button_to_all_nodes(opened):
    made = stepper(loss(2, 16, 16, 1))
    page = opened(made)
    names = page.locator(".pile .name").all_text_contents()
    page.locator(".pile").nth(names.index("layer 2")).click()
    assert "w⁽²⁾₁₁" in page.text_content("#sentence")
    page.locator(".pile").nth(names.index("layer 1")).locator(".box").press("Enter")
    assert "now" in page.locator(".pile").nth(names.index("layer 1")).get_attribute("class")
    page.click("#fold")
    assert page.locator("#picture").is_visible()
    assert not page.locator("#overview").is_visible()
    page.keyboard.press("ArrowRight")
    page.click("#fold")
    assert page.locator("#overview").is_visible()


def test_a_small_graph_has_nothing_to_fold_and_a_viewer_without_scripts_sees_both(opened):
    small = opened(stepper(loss(2, 2, 1)))
    assert small.locator("#overview").count() == 0
    assert not small.locator("#fold").is_visible()
    plain = opened(stepper(chain(100)), scripts=False)
    assert plain.locator("#overview").is_visible()
    assert plain.locator("#picture").is_visible()
