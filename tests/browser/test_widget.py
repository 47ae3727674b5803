"""The widget in a page with a small model in place of a notebook's: sliders, Python, and back."""

import json

import pytest

from tests.viz.test_widget import GIVEN, agrees, function
from viz import stepper

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.browser

NOTEBOOK = """<!doctype html><html lang="en"><title>notebook</title><body><div id="a"></div>
<script type="module">
const state = STATE, listeners = new Set();
globalThis.saved = [];
globalThis.model = {
  get: (name) => state[name],
  set: (name, value) => { state[name] = value; for (const listener of [...listeners]) listener(); },
  save_changes: () => saved.push(state.inputs),
  on: (event, listener) => event === "change:inputs" && listeners.add(listener),
  off: (event, listener) => listeners.delete(listener),
  listeners,
};
const { default: widget } = await import(
  "data:text/javascript;charset=utf-8," + encodeURIComponent(state._esm)
);
globalThis.leave = widget.render({ model, el: document.getElementById("a") });
globalThis.again = () => {
  const el = document.body.appendChild(Object.assign(document.createElement("div"), { id: "b" }));
  widget.render({ model, el });
};
</script>"""


@pytest.fixture
def notebook(opened, tmp_path):
    """Return a page with the widget, the widget, and the leaves of its function."""
    pytest.importorskip("anywidget")
    J, leaves = function(GIVEN)
    widget = stepper(J).widget()
    names = ("page", "title", "inputs", "_esm")
    state = json.dumps({name: widget.get_state()[name] for name in names}).replace("<", "\\u003c")
    path = tmp_path / "notebook.html"
    path.write_text(NOTEBOOK.replace("STATE", state), encoding="utf-8")
    return opened(path), widget, leaves


def told(page):
    """Wait for what the page saves next, and return it."""
    return page.wait_for_function("() => saved.shift()").json_value()


def test_sliders_and_python_move_each_other(notebook):
    page, widget, leaves = notebook
    frame = page.frame_locator("#a iframe")
    expect(frame.locator("#y0")).to_have_value("2")
    page.wait_for_timeout(400)
    assert page.evaluate("saved.length") == 0  # The page's own start says nothing.

    frame.locator("#x0").press("ArrowRight")
    widget.set_state({"inputs": told(page)})
    assert widget.inputs["x"] > 2
    assert agrees(widget, leaves, {"x": widget.inputs["x"], "b": 3.0})

    frame.locator("#y1").fill("0.5")
    widget.set_state({"inputs": told(page)})
    assert agrees(widget, leaves, {"x": widget.inputs["x"], "b": 0.5})

    leaves["x"].data = 1.25
    widget.refresh()
    page.evaluate("(inputs) => model.set('inputs', inputs)", widget.inputs)
    expect(frame.locator("#y0")).to_have_value("1.25")
    expect(frame.locator("#y1")).to_have_value("0.5")
    page.wait_for_timeout(400)
    assert page.evaluate("saved.length") == 0  # What came from Python is not sent back.


def test_a_second_view_shows_the_present_inputs_and_leaves_nothing_behind(notebook):
    page, *_ = notebook
    expect(page.frame_locator("#a iframe").locator("#y0")).to_have_value("2")
    page.evaluate("() => model.set('inputs', { x: 1.5, b: 4 })")
    page.evaluate("again()")
    first, second = (page.frame_locator(f"#{name} iframe") for name in "ab")
    expect(second.locator("#y0")).to_have_value("1.5")
    expect(first.locator("#y1")).to_have_value("4")
    page.wait_for_timeout(400)
    assert page.evaluate("saved.length") == 0
    second.locator("#y1").fill("2.5")
    assert told(page) == {"x": 1.5, "b": 2.5}
    expect(first.locator("#y1")).to_have_value("2.5")
    page.evaluate("leave()")
    assert page.evaluate("model.listeners.size") == 1
