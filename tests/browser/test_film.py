"""The page of a training's film in a browser."""

import re

import pytest

import nn
from tests.pseudo import Pseudo, outside
from viz.stepper import page_translations as words

pytestmark = pytest.mark.browser

SHOWN = """[...document.querySelectorAll("body > :not(script), body [aria-label]")]
    .map((element) => `${element.textContent}; ${element.getAttribute("aria-label") ?? ""}`).join("; ")"""
X, Y = nn.data.moons(40, seed=0)


@pytest.fixture(scope="module")
def film():
    model = nn.MLP(2, [4, 1], rng=0)
    optimizer = nn.SGD(model, lr=0.1)
    return model.fit(X, Y, epochs=5, batch_size=20, seed=0, optimizer=optimizer, record=True).film


@pytest.mark.parametrize("size", ["screen", "projector", "phone"])
def test_a_slider_scrubs_through_the_steps(opened, tmp_path, film, size):
    page = opened(film.save(tmp_path / "film.html"), size)
    assert page.locator("#now").text_content().startswith("epoch 1 · step 1 of 10")
    page.locator("#scrubber").fill("6")
    assert page.locator("#now").text_content().startswith("epoch 4 · step 7 of 10")
    page.keyboard.press("Tab")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_weight_shows_its_update_with_the_recorded_numbers(opened, tmp_path, film):
    page = opened(film.save(tmp_path / "film.html"))
    page.locator("#scrubber").fill("3")
    for k in (0, 5, 12):
        page.locator(f"[data-k='{k}']").dispatch_event("click")
        text = page.locator("#update").text_content().replace("−", "-").replace("(", "").replace(")", "")
        numbers = [float(word) for word in text.split() if word.lstrip("-")[:1].isdigit()]
        frame = film[3]
        expected = [frame.weights[k], 0.1, frame.gradient[k], film[4].weights[k]]
        assert numbers == pytest.approx(expected, rel=1e-3)
        assert page.locator("#name").text_content() == film.names[k]


def test_the_backward_pass_opens_at_the_weights_of_the_step(opened, tmp_path, film):
    page = opened(film.save(tmp_path / "film.html"))
    page.locator("#scrubber").fill("7")
    page.locator("[data-k='0']").dispatch_event("click")
    page.locator("#open").click()
    inner = page.frame_locator("#pass iframe")
    first = float(inner.locator("#inputs .slider input[type=text]").first.input_value())
    assert first == pytest.approx(film[7].weights[0], rel=1e-5)


def test_large_layers_are_grids(opened, tmp_path):
    model = nn.MLP(2, [30, 1], rng=0)
    film = model.fit(X, Y, epochs=2, optimizer="adam", record=True).film
    page = opened(film.save(tmp_path / "film.html"))
    assert page.locator("#grids figure").count() == 4
    page.locator("[data-k='1']").dispatch_event("click")
    assert "by Adam" in page.locator("#update").text_content()
    fills = page.evaluate("[...document.querySelectorAll('.cell')].map((cell) => cell.style.fill)")
    weights = film[0].weights
    assert [bool(fill) for fill in fills] == [w < 0 for w in weights], "a bar, and no other color"


LETTERS = """[...document.querySelectorAll("svg text")]
    .map((text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a)"""


@pytest.mark.parametrize("size", ["projector", "phone"])
def test_letters_are_legible_and_the_axis_counts_as_the_slider_does(opened, tmp_path, film, size):
    page = opened(film.save(tmp_path / "film.html"), size)
    page.locator("[data-k='0']").dispatch_event("click")
    assert min(page.evaluate(LETTERS)) >= 13.9
    texts = page.locator("#curve text").all_text_contents()
    assert texts[-2:] == ["step 10", "1"]
    back, forward = page.locator("#back").bounding_box(), page.locator("#next").bounding_box()
    assert back["y"] == forward["y"]
    box = page.locator("#curve").bounding_box()
    page.mouse.click(box["x"] + box["width"] - 11, box["y"] + 50)
    assert "step 10 of 10" in page.locator("#now").text_content()


def test_an_update_is_told_with_digits_that_show_it(opened, tmp_path):
    model = nn.MLP(2, [4, 1], rng=0)
    optimizer = nn.SGD(model, lr=1e-4)
    film = model.fit(X, Y, epochs=1, seed=0, optimizer=optimizer, record=True).film
    page = opened(film.save(tmp_path / "film.html"))
    moved = max(range(len(film.names)), key=lambda k: abs(film.last[k] - film[0].weights[k]))
    page.locator(f"[data-k='{moved}']").dispatch_event("click")
    before, after = page.locator("#update .up").all_text_contents()
    assert before != after


@pytest.mark.parametrize(("locale", "options"), [("de-DE", {}), ("en-US", {"lang": "de"})])
def test_the_page_speaks_the_language_of_the_browser_or_of_its_author(
    opened, tmp_path, film, locale, options
):
    page = opened(film.save(tmp_path / "film.html", **options), locale=locale)
    page.wait_for_function("document.documentElement.lang === 'de'")
    page.locator("[data-k='0']").dispatch_event("click")
    page.locator("#open").click()
    assert page.locator("#now").text_content().startswith("Epoche 1 · Schritt 1 von 10 · Verlust 0,")
    assert page.locator("#title").text_content().startswith("Training: 10 Schritte, Verlust 0,")
    assert page.locator("#passed").text_content().endswith("mit den Gewichten von Schritt 1")
    page.frame_locator("#pass iframe").locator("html[lang=de]").wait_for()


@pytest.fixture
def pseudo(monkeypatch):
    monkeypatch.setattr(words, "catalog_of", lambda code: Pseudo())
    words.words.cache_clear()
    yield
    words.words.cache_clear()


@pytest.mark.usefixtures("pseudo")
def test_no_word_of_the_page_stays_outside_the_catalog(opened, tmp_path):
    model = nn.MLP(2, [4, 1], rng=0)
    adam = nn.Adam(model.parameters())
    film = model.fit(X, Y, epochs=2, optimizer=adam, record=True, verbose=0).film
    page = opened(film.save(tmp_path / "film.html", lang="es"))
    page.locator("[data-k='0']").dispatch_event("click")
    page.locator("#open").click()
    shown = page.evaluate(SHOWN)
    assert set(outside(re.sub(r"layers\S*weight|layers\S*bias", "", shown))) <= {"Adam"}
