"""The page is legible at every zoom and in both themes."""

import pytest

from . import functions
from .reading import compare

pytestmark = pytest.mark.browser

FUNCTIONS = {"lecture": functions.lecture, "network": functions.network}

# The least contrast of a text with its background, by the formula of WCAG 2.
FAINTEST = """() => {
    const ink = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgb = (color, under) => {
        ink.fillStyle = under; ink.fillRect(0, 0, 1, 1);
        ink.fillStyle = color; ink.fillRect(0, 0, 1, 1);
        return [...ink.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const light = (c) => {
        const [r, g, b] = c.map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const style = (element, name) => getComputedStyle(element)[name];
    const ground = (element) => {
        for (let at = element; at; at = at.parentElement)
            if (style(at, "backgroundColor") !== "rgba(0, 0, 0, 0)") return style(at, "backgroundColor");
        return "white";
    };
    const brightness = (color) => light(rgb(color, "white"));
    const kinds = "h1, h2, th, button, #point, #sentence, #lines .line, .phase, .badge, .method, .check, "
        + "#about, #count, .rows .done, .rows .now, .rows .now small";
    const texts = [...document.querySelectorAll(kinds)].filter((e) => e.offsetWidth && !e.disabled);
    const flat = texts.map((e) => contrast(brightness(style(e, "color")), brightness(ground(e))));
    const boxes = [...document.querySelectorAll(".node.valued")].flatMap((node) =>
        [[".value", ".upper"], [".name", ".ground"], [".grad", ".lower"]].map(([text, box]) => {
            const [t, b] = [node.querySelector(text), node.querySelector(box)];
            if (!t || !b || (text === ".grad" && !node.classList.contains("graded"))) return 21;
            const under = style(b, "fill") === "none" ? node.querySelector(".ground") : b;
            return contrast(brightness(style(t, "fill")), brightness(style(under, "fill")));
        }));
    return Math.min(...flat, ...boxes);
}"""


@pytest.mark.parametrize("zoom", [1, 2, 4])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_f15_everything_can_be_read_at_every_zoom_and_in_both_themes(opened, name, scheme, zoom):
    stepper = FUNCTIONS[name]()
    page = opened(stepper, fragment="#step=12", color_scheme=scheme, device_scale_factor=zoom)
    page.set_viewport_size({"width": 1280 // zoom, "height": 800 // zoom})
    assert page.evaluate("document.documentElement.scrollWidth <= Math.max(innerWidth, 300)")
    compare(page, stepper, 12)
    assert page.evaluate(FAINTEST) >= 4.5
    assert page.locator("#next").is_visible()
