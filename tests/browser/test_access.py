"""The page with a keyboard, a screen reader, large letters, forced colors, and in axe-core's audit."""

import pytest

from . import functions
from .reading import text_in
from .test_legible import FAINTEST
from .test_view import CLIPPED

pytestmark = pytest.mark.browser


STATES = {
    "start": ("lecture", "", None),
    "step": ("lecture", "#step=12&table=1", None),
    "waiting": ("network", "#step=20&table=1", None),
    "card": ("lecture", "#step=12&card=2", None),
    "quiz": ("lecture", "#step=2&quiz=1", None),
    "lecture view": ("lecture", "#step=12&view=lecture", None),
    "help": ("lecture", "", "#help-open"),
    "more": ("lecture", "", "#more-open"),
    "folded": ("large", "#step=300&table=1", None),
}
LOOKS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced colors": {"forced_colors": "active"},
    "200 %": {"device_scale_factor": 2},
}
MADE = {
    "lecture": functions.lecture,
    "network": functions.network,
    "large": functions.large,
}


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_no_violation_in_any_state(opened, axe, look):
    found = {}
    for name, (made, fragment, click) in STATES.items():
        page = opened(MADE[made](), fragment=fragment, **LOOKS[look])
        if look == "200 %":
            page.set_viewport_size({"width": 640, "height": 400})
        if click:
            page.click(click)
        page.evaluate(axe)
        answer = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
        if violations := [(v["id"], v["nodes"][0]["html"][:120]) for v in answer["violations"]]:
            found[name] = violations
        page.context.close()
    assert found == {}


def test_play_and_next_come_first_and_the_picture_is_one_stop(opened):
    page = opened(functions.large(), fragment="#step=5")
    order = []
    for _ in range(6):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.id"))
    assert order[:5] == ["first", "back", "play", "next", "last"]
    inside = "document.querySelectorAll('#scroller [tabindex=\"0\"]').length"
    assert page.evaluate(inside) == 1
    reached = "(all) => all.filter((e) => e.tabIndex >= 0 && e.offsetParent !== null).length"
    assert page.locator("a, button, input, select, [tabindex]").evaluate_all(reached) <= 110
    page.click("#fold")
    assert page.evaluate(inside) <= 1


def test_arrows_go_through_the_picture_and_names_carry_their_numbers(opened):
    page = opened(functions.lecture(), fragment="#step=12")
    page.focus("#scroller [tabindex='0']")
    names = []
    for _ in range(12):
        names.append(page.evaluate("document.activeElement.getAttribute('aria-label')"))
        page.keyboard.press("ArrowDown")
    assert "x = 2 · 2 paths to J" in names
    assert "t = x² = 4 · ∂J/∂t = 2.275 · 2 paths to J" in names
    assert "Local derivative of u₁ by t" in names
    assert page.evaluate("document.querySelectorAll('#scroller [tabindex=\"0\"]').length") == 1
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")


def test_the_live_region_speaks_the_result(opened):
    page = opened(functions.lecture(), fragment="#step=11")
    page.keyboard.press("ArrowRight")
    said = text_in(page, "#live")
    assert "u₁ sends its gradient" in said
    assert said.endswith("∂J/∂t = 2.275")
    assert page.get_attribute("#live", "aria-live") == "polite"


WAITING = """() => {
    const ink = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const light = (color) => {
        ink.fillStyle = color; ink.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...ink.getImageData(0, 0, 1, 1).data].map((v) => (v /= 255) <= 0.03928
            ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const card = light(getComputedStyle(document.getElementById("graph")).backgroundColor);
    const contrast = (color) => { const c = light(color); return (Math.max(c, card) + 0.05) / (Math.min(c,
        card) + 0.05); };
    const texts = [...document.querySelectorAll(
        ".node.waiting text:not(.mark), .node:not(.graded) .grad, .rows .wait, .pile.waiting text")];
    return [texts.length, Math.min(...texts.map((t) => contrast(getComputedStyle(t)[t instanceof SVGElement
        ? "fill" : "color"])))];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_waits_can_be_read(opened, scheme):
    page = opened(functions.network(), fragment="#step=12&table=1", color_scheme=scheme)
    count, contrast = page.evaluate(WAITING)
    assert count > 20
    assert contrast >= 4.5
    assert page.evaluate(FAINTEST) >= 4.5


def test_forced_colors_tell_the_chosen_tab_and_button(opened):
    page = opened(functions.lecture(), fragment="#step=12&table=1", forced_colors="active")
    look = "(e) => getComputedStyle(e).backgroundColor"
    assert page.locator("#tab-push").evaluate(look) != page.locator("#tab-pull").evaluate(look)
    assert page.locator("#table-toggle").evaluate(look) != page.locator("#quiz-toggle").evaluate(look)


DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Wait until what was changed has been drawn."""


@pytest.mark.parametrize("size", ["screen", "projector", "phone"])
def test_letters_of_24_pixels_break_nothing(opened, size):
    page = opened(functions.lecture(), size, fragment="#step=13&table=1")
    page.evaluate("document.documentElement.style.fontSize = '24px'")
    page.evaluate(DRAWN)
    assert [
        text
        for text in page.evaluate(CLIPPED)
        if not text.startswith(("SELECT", "SPAN f-part", "SPAN b-part"))
    ] == []
    rows = """(all) => all.filter((row) => {
        const cells = [...row.cells].map((cell) => cell.getBoundingClientRect());
        return cells.slice(1).some((cell, i) => cell.left < cells[i].right - 1);
    }).map((row) => row.textContent)"""
    assert page.locator(".rows tr").evaluate_all(rows) == []


def test_arrow_keys_go_from_tab_to_tab(opened):
    page = opened(functions.lecture(), fragment="#step=5&table=1")
    page.focus("#tab-push")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "tab-pull"
    assert page.get_attribute("#tab-pull", "aria-selected") == "true"
    assert text_in(page, "#count").startswith("5 /"), "it is not a step"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.id") == "tab-forward"
    assert [page.get_attribute(f"#tab-{name}", "tabindex") for name in ("push", "pull", "forward")] == [
        "-1",
        "-1",
        "0",
    ]


SMALL = """() => [...document.querySelectorAll("button, select, input, summary")]
    .filter((e) => e.offsetWidth && getComputedStyle(e).visibility === "visible")
    .map((e) => [e.id || e.textContent, (e.type === "checkbox"
        ? e.closest("label") : e).getBoundingClientRect()])
    .filter(([, r]) => r.width < 24 || r.height < 24).map(([name, r]) => `${name} ${r.width}x${r.height}`)"""


@pytest.mark.parametrize("size", ["screen", "projector", "sideways", "phone"])
def test_targets_are_at_least_24_pixels(opened, size):
    page = opened(functions.lecture(), size, fragment="#step=12&table=1&card=2")
    page.click("#n2 .box", force=True)
    assert page.evaluate(SMALL) == []


STATE = """() => ({
    count: document.getElementById("count").textContent,
        values: [...document.querySelectorAll(".node text")].map((t) => t.textContent),
    tab: document.querySelector("[role=tab][aria-selected=true]").id,
        grain: document.getElementById("grain").value,
    quiz: document.getElementById("quiz-toggle").getAttribute("aria-pressed"), body: document.body.className,
    stops: [...document.querySelectorAll(".stopped")].map((n) => n.id),
        card: document.getElementById("card-title").textContent,
    shown: !document.getElementById("card").hidden, theme: document.documentElement.dataset.theme ?? "",
        speed: document.getElementById("speed").value,
    overwrite: document.getElementById("overwrite").checked,
})"""


def test_the_whole_state_survives_the_copied_link(opened):
    page = opened(functions.lecture(), "screen")
    page.fill("#y0", "1.5")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("2")
    page.keyboard.press("t")
    page.click("#tab-pull")
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.focus("#scroller [tabindex='0']")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("b")
    assert page.locator(".stopped").count() == 1
    page.select_option("#speed", "5")
    page.check("#overwrite")
    page.click("#more-open")
    page.select_option("#theme", "dark")
    page.click("#copy-link")
    link = page.input_value("#copied textarea")
    page.keyboard.press("Escape")
    page.locator("#t2").dispatch_event("click")
    page.wait_for_url("**card=*")  # The address follows the state, after a pause.
    before, address = page.evaluate(STATE), page.url
    page.goto("about:blank")
    page.goto(address)
    assert page.evaluate(STATE) == before
    page.goto("about:blank")
    page.goto(link)
    assert page.evaluate(STATE) == before | {"shown": False, "card": ""}


def test_an_embedding_says_how_high_it_is(opened, tmp_path):
    page = opened(functions.lecture(), "screen", fragment="#step=7")
    page.click("#more-open")
    page.click("#copy-embed")
    embed = page.input_value("#copied textarea")
    assert "#step=7" in embed
    host = tmp_path / "host.html"
    host.write_text(
        f"<!doctype html><meta charset=utf-8><body>{embed.replace('720px', '100px')}", encoding="utf-8"
    )
    outer = opened(host, "screen")
    outer.wait_for_function("document.querySelector('iframe').offsetHeight >= 600")
    assert outer.frame_locator("iframe").locator("#count").text_content() == "7 / 13"
