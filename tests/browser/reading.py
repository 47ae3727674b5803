"""Read numbers from the page."""

import math

import pytest

from autograd_core.steps import Contribution, Forward, WeightUpdate

SHOWN = """() => {
    const all = (selector) => [...document.querySelectorAll(selector)];
    const text = (group, selector) => group.querySelector(selector)?.textContent ?? null;
    return {
        nodes: all(".node").map((group) => [text(group, ".value"), text(group, ".grad")]),
        edges: all(".edge").map((_, k) => {
            const tag = document.getElementById(`t${k}`);
            return tag?.classList.contains("used") ? text(tag, ".partial") : "";
        }),
        cells: all("td.number").map((cell) => [Number(cell.dataset.step), cell.textContent]),
        count: document.getElementById("count").textContent,
    };
}"""


def number(text):
    """Return the number that the page shows."""
    plain = text.strip().removeprefix("×").replace("−", "-").replace("∞", "inf")
    return float(plain)


def close(shown, exact, digits=4):
    """Whether a text shows a number with these digits."""
    x = number(shown)
    same = (math.isnan(x) and math.isnan(exact)) or x == exact
    return same or x == pytest.approx(exact, rel=0.6 * 10 ** (1 - digits))


def place_of(stepper, name):
    return stepper.record.places[name]


def text_in(page, selector):
    return page.locator(selector).text_content()


def compare(page, stepper, at):
    """Compare everything that the page shows after `at` steps with `steps`."""
    steps = stepper.record.push
    values = {step.name: step.value for step in steps[:at] if isinstance(step, Forward)}
    gradients = {}
    partials = {}
    for step in steps[:at]:
        if isinstance(step, Contribution):
            gradients[step.target] = step.after
            edge = stepper.record.edge_places[place_of(stepper, step.source), step.slot]
            partials[edge] = step.local
        elif isinstance(step, WeightUpdate):
            values[step.name] = step.after
        elif not isinstance(step, Forward):
            gradients[step.name] = step.gradient
    shown = page.evaluate(SHOWN)
    assert shown["count"] == f"{at} / {len(steps)}"
    for name, place in stepper.record.places.items():
        value, gradient = shown["nodes"][place]
        assert close(value, values[name]) if name in values else value == "·", (at, name)
        if gradient is not None:
            assert close(gradient, gradients[name]) if name in gradients else gradient == "–", (at, name)
    for k, text in enumerate(shown["edges"]):
        assert close(text, partials[k]) if k in partials else text == "", (at, k)
    for number_, text in shown["cells"]:
        assert (text == "") == (number_ > at), (at, number_)
        if number_ <= at:
            step = steps[number_ - 1]
            exact = step.value if isinstance(step, Forward) else getattr(step, "after", None)
            assert close(text, step.gradient if exact is None else exact), (at, number_)
