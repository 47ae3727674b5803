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

# What is wider or higher than its box and does not scroll.
CLIPPED = """() => {
    const scrolls = "#scroller, #table, .lines, h1, .point, #map, .card, dialog, .below, main, .unseen";
    const isMeasured = (e) => e instanceof HTMLElement && e.clientWidth
        && e.checkVisibility({ visibilityProperty: true })
        && !e.matches(`${scrolls}, input, select, textarea`) && !e.closest("#table table");
    const found = [];
    for (const e of [...document.querySelectorAll("body *")].filter(isMeasured)) {
        const name = `${e.localName}#${e.id}.${e.className}: ${e.textContent.slice(0, 40)}`;
        const isHidden = getComputedStyle(e).overflowY === "hidden";
        if (e.scrollWidth > e.clientWidth + 1) found.push(`${name}: ${e.scrollWidth} > ${e.clientWidth}`);
        if (isHidden && e.scrollHeight > e.clientHeight + 1) found.push(`${name} is too high`);
    }
    const { scrollWidth } = document.documentElement;
    return scrollWidth > innerWidth ? [...found, `the page: ${scrollWidth} > ${innerWidth}`] : found;
}"""

# The choices whose text has no room beside the arrow.
NARROW = """() => {
    const ink = document.createElement("canvas").getContext("2d"), arrow = 16;
    return [...document.querySelectorAll("select")].filter((e) => e.offsetWidth).flatMap((e) => {
        const { font, paddingLeft, paddingRight } = getComputedStyle(e);
        const room = e.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) - arrow;
        ink.font = font;
        const width = (option) => ink.measureText(option.textContent).width;
        const narrow = [...e.options].filter((option) => width(option) > room);
        return narrow.map((option) => `${option.textContent}: ${width(option)} > ${room}`);
    });
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
