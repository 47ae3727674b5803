"""Labels that contain markup or code, in a real browser: they are shown as text and never run."""

import pytest

from autograd_core import Value, sin
from autograd_core.base.text import visible
from tests.viz.test_dot import HOSTILE
from viz.stepper.stepper import stepper

from .reading import text_in

pytestmark = pytest.mark.browser

NASTY = [
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "]]><svg onload=alert(1)>",
    "${alert(1)}", "`+alert(1)+`", "'-alert(1)-'", "\u2028alert(1)", "{{data}}",
    "--><script>alert(1)</script>", "__proto__", "constructor", "toString", *HOSTILE,
]  # fmt: skip


def page_of(labels):
    """Open the page of a sum of these inputs."""
    total = sin(Value(0.5, labels[0]))
    for label in labels[1:]:
        total = total + Value(1.0, label) * total
    return stepper(total)


@pytest.mark.parametrize("start", range(0, len(NASTY), 6))
def test_f01_f04_labels_are_shown_as_text_and_run_nowhere(opened, start):
    labels = NASTY[start : start + 6]
    page = opened(page_of(labels))
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    scripts = page.evaluate("document.scripts.length")
    page.keyboard.press("End")
    page.keyboard.press("Home")
    for _ in labels:
        page.keyboard.press("ArrowRight")
    names = page.evaluate("[...document.querySelectorAll('.slider label')].map((label) => label.textContent)")
    bare = [name.strip("\u2068\u2069") for name in names]
    for label in labels:
        if label.isidentifier() or len(label) > 40:
            continue  # Names have a notation of their own: α for alpha, x₁ for x1.
        assert visible(label) in bare, label
    page.fill("#y0", "0.75")
    page.focus("#n0 .box")
    page.click("#quiz-toggle")
    page.click("#next")
    assert page.evaluate("document.scripts.length") == scripts == 2
    assert page.evaluate("document.images.length") == 0
    assert asked == []


def test_f21_a_name_from_right_to_left_keeps_its_order_to_itself(opened):
    page = opened(stepper(Value(2.0, "שלום") * Value(3.0, "x")))
    assert text_in(page, "#point") == "at \u2068שלום\u2069 = 2, x = 3"
