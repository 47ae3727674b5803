"""The page in other languages: nothing untranslated, nothing clipped by longer words, commas in numbers."""

import re
import sys

import pytest

from autograd_core import Value, maximum
from autograd_core.languages import catalog_of
from tests.pseudo import Pseudo, outside
from tests.viz.lecture import example
from viz import stepper
from viz.stepper import page_translations as words_module

from .conftest import SIZES
from .reading import CLIPPED, text_in

pytestmark = pytest.mark.browser

# What stands outside of pictures and formulas: each text with the elements in it, and each description.
TEXTS = """() => {
    const others = "svg, math, h1, script, style, noscript, textarea, #names";
    const isSeen = (e) => e.checkVisibility({ visibilityProperty: true });
    const isWord = (e) => e.matches("mtext, .frame text, .pile .count");
    const speaks = (e) => [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
    const own = (e) => (speaks(e) ? [e] : []);
    const speakers = (e) => (e === document.body ? [] : [...speakers(e.parentElement), ...own(e)]);
    const found = [];
    for (const e of document.querySelectorAll("body *")) {
        if (e.closest(others) ? !isWord(e) : !isSeen(e) && !e.matches("option")) continue;
        if (speakers(e)[0] !== e && !isWord(e)) continue;
        const copy = e.cloneNode(true);
        for (const part of copy.querySelectorAll("math, svg")) part.remove();
        found.push(copy.textContent);
    }
    const described = [...document.querySelectorAll("[aria-label], [title], [placeholder]")].filter(isSeen);
    for (const name of ["aria-label", "title", "placeholder"])
        found.push(...described.filter((e) => e.localName !== "h1").map((e) => e.getAttribute(name) ?? ""));
    return [...new Set(found)];
}"""

STATES = {
    "start": "#step=0",
    "value": "#step=3",
    "sum": "#step=12",
    "overwritten": "#step=12&sums=overwrite&x=1.5",
    "table": "#step=13&table=1",
    "pull by node": "#step=11&mode=pull&by=node&table=1",
    "forward": "#step=9&mode=forward&table=1",
    "lecture": "#step=12&view=lecture",
    "quiz": "#step=3&quiz=1",
    "card": "#step=12&card=5",
    "refused": "#nonsense=1",
}
AFTER = {
    "start": "document.getElementById('help-open').click()",
    "value": "document.getElementById('more-open').click()",
    "sum": "document.querySelector('#n2').dispatchEvent(new Event('click'))",
    "quiz": "document.getElementById('reveal').click()",
}
GO = """(hash) => new Promise((done) => {
    for (const dialog of document.querySelectorAll("dialog")) dialog.close();
    const drawn = () => requestAnimationFrame(() => requestAnimationFrame(done));
    addEventListener("hashchange", drawn, { once: true });
    location.hash = hash;
})"""
NAMES = {"sin", "cos", "Ctrl"}
"""Words of the engine's and of keyboards, not of a language."""


@pytest.fixture
def pseudo(monkeypatch):
    """Replace the catalogs of the page with the made-up language."""
    for module in (words_module, sys.modules["viz.stepper.stepper"]):
        monkeypatch.setattr(module, "catalog_of", lambda code: Pseudo())
    words_module.words.cache_clear()
    yield
    words_module.words.cache_clear()


def test_every_text_is_translated_and_has_room(opened, pseudo):
    page, faults = opened(stepper(example(), lang="ja"), "screen"), []
    for size in ("screen", "phone"):
        page.set_viewport_size(SIZES[size])
        for state, fragment in STATES.items():
            page.evaluate(GO, fragment)
            faults += [f"{size}, {state}: {fault}" for fault in faults_of(page)]
            if state in AFTER:
                page.evaluate(AFTER[state])
                faults += [f"{size}, after {state}: {fault}" for fault in faults_of(page)]
    assert faults == []


def faults_of(page):
    """Return the texts with untranslated words, and what is clipped."""
    texts = [text for text in page.evaluate(TEXTS) if set(outside(text)) - NAMES]
    return [*texts, *page.evaluate(CLIPPED)]


def test_the_test_finds_what_is_untranslated_and_what_is_clipped(opened, pseudo):
    page = opened(stepper(example(), lang="ja"), "phone")
    page.evaluate("document.getElementById('quiz-toggle').textContent = 'Quiz me'")
    page.evaluate("document.getElementById('more-open').style.width = '20px'")
    faults = faults_of(page)
    assert "Quiz me" in faults
    assert [fault for fault in faults if "#more-open" in fault]


@pytest.mark.parametrize("code", ["de", "ja"])
def test_the_browser_chooses_among_all_languages(opened, code):
    said = catalog_of(code).translation
    page = opened(stepper(example()), locale=f"{code}-XX", fragment="#step=12")
    page.wait_for_selector("body.live")
    assert page.evaluate("document.documentElement.lang") == code
    assert text_in(page, "#phase") == said("Backward")
    assert text_in(page, "#n2 .grad") == ("2,275" if code == "de" else "2.275")
    assert page.get_attribute("#next", "title") == said("Next (→)")


def test_a_language_that_is_not_there_is_english(opened):
    page = opened(stepper(example()), locale="it-IT")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert text_in(page, "#quiz-toggle") == "Quiz"


def test_numbers_in_formulas_and_lists_have_commas(opened):
    x, y = Value(2.0, "x"), Value(1.5, "y")
    page = opened(stepper(maximum(x * 0.25, y) + 0.5, lang="de"), fragment="#step=5&table=1")
    texts = (
        "[document.body, ...document.querySelectorAll('svg text')].map((e) => e.innerText ?? e.textContent)"
    )
    assert re.findall(r"\d\.\d", " ".join(page.evaluate(texts))) == []
    assert "x = 2; y = 1,5" in text_in(page, "#point")
    assert "(x⋅0,25;y)+0,5" in text_in(page, "h1")


NUMBERS = {
    "en": [
        ("0,5", "0.5"), (".25", "0.25"), ("−3e-1", "−0.3"), ("1,000", None), ("1.000", "1"), ("2x", None),
        ("1.5.2", None),
    ],
    "de": [
        ("0,5", "0,5"), ("0.5", "0,5"), ("1.000", None), ("1,000", "1"), ("1,5,2", None), ("12,5e1", "125"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("code", NUMBERS)
def test_a_typed_number_has_a_comma_or_a_point_or_is_refused(opened, code):
    """A field of the browser's own kind took 0,5 for 5."""
    x = Value(4.0, "x")
    page = opened(stepper(x * 1.0, lang=code), fragment="#step=1")
    for typed, number in NUMBERS[code]:
        page.fill("#y0", "7")
        page.fill("#y0", typed)
        is_refused = page.get_attribute("#y0", "aria-invalid") == "true"
        assert is_refused is page.locator("#notice").is_visible() is (number is None), typed
        assert text_in(page, "#n0 .value") == (number or "7")
    page.fill("#y0", "0,5")
    page.click("#reset")
    assert page.input_value("#y0") == "4"
    page.evaluate("document.getElementById('x0').value = 0.64")
    page.dispatch_event("#x0", "input")
    assert page.input_value("#y0") == ("0,64" if code == "de" else "0.64")
