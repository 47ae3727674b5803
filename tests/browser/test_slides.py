"""The deck of slides in a browser: its keys, its chapters, and that everything fits."""

import pytest

from autograd_core import steps
from tests.viz.lecture import example
from viz.teaching.materials import slides

pytestmark = pytest.mark.browser


@pytest.fixture
def deck(opened, tmp_path):
    path = tmp_path / "deck.html"
    path.write_text(slides(example(), "html", lang="de"), encoding="utf-8")
    return lambda size="screen", fragment="": opened(path, size, fragment)


def number(page):
    return int(page.locator("section.now .count").text_content().split(" / ")[0])


def test_keys_turn_the_slides_and_jump_to_a_pass(deck):
    page, count = deck(), len(steps(example())) + 1
    backward = 2 + len(steps(example()).forward)
    moves = {"ArrowRight": 2, " ": 3, "PageUp": 2, "ArrowDown": backward, "PageDown": backward + 1,
             "ArrowUp": backward, "End": count, "ArrowLeft": count - 1, "Home": 1}  # fmt: skip
    for key, expected in moves.items():
        page.keyboard.press(key)
        assert number(page) == expected
        assert page.evaluate("location.hash") == f"#{expected}"
    page.locator("section.now nav a").last.click()
    assert number(page) == backward
    page.locator("section.now").click()
    assert number(page) == backward + 1


SHOWN = """
() => all.map((slide, at) => {
  show(at);
  const sizes = [...slide.querySelectorAll("svg text")].map((text) => text.getBoundingClientRect().height);
  const beyond = Math.max(slide.scrollWidth - slide.clientWidth, slide.scrollHeight - slide.clientHeight);
  return [beyond, Math.min(...sizes, 99)];
})
"""


@pytest.mark.parametrize("size", ["projector", "wide"])
def test_every_slide_fits(deck, size):
    """Nothing reaches beyond its slide, and numbers are legible."""
    slides = deck(size).evaluate(SHOWN)
    assert len(slides) == len(steps(example())) + 1
    assert max(beyond for beyond, _ in slides) <= 0
    assert min(smallest for _, smallest in slides) >= 12
