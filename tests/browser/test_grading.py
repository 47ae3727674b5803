"""The page that marks itself, and its package of SCORM 1.2 in a platform that checks every value."""

import io
import json
import re
import shutil
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest

from autograd_core import parse
from tests.playground.site import served
from viz import stepper
from viz.teaching.formats import sheet, write
from viz.teaching.formats.scorm import quiz_package
from viz.teaching.text_parts import Say, number

from .reading import text_in

pytestmark = pytest.mark.browser

GERMAN = sheet(7, 2, kinds=["paths", "order"], level=2, variants=2, lang="de")
PATHS, ORDER = GERMAN.variants[0]


def german(x):
    """Return a number as a student in Germany types it."""
    return GERMAN.language.text(number(x))


@pytest.fixture
def page(opened, tmp_path):
    path = tmp_path / "page.html"
    path.write_bytes(write(GERMAN, "page")[0].content)
    return opened(path)


def answer(page, id, text):
    field = page.locator(f"[data-question='{id}']")
    field.fill(text)
    field.press("Enter")
    field.blur()
    return text_in(page, f"[data-verdict='{id}']")


def test_answers_with_a_decimal_comma_are_marked_and_mistakes_are_named(page):
    typed = [german(question.answer) for question in PATHS.questions]
    assert any("," in text for text in typed)
    right, wrong = [GERMAN.language.text(Say(text)) for text in ("Right.", "Not yet.")]
    for k, question in enumerate(PATHS.questions):
        id = f"A1-{k}"
        for mistake in question.wrong:
            assert (
                answer(page, id, german(mistake.value)) == f"{wrong} {GERMAN.language.text(mistake.reason)}"
            )
        values = [question.answer, *[mistake.value for mistake in question.wrong]]
        assert answer(page, id, german(max(values) + 100)) == wrong
        assert answer(page, id, "drei") == GERMAN.language.text(Say("Please type a number."))
        assert answer(page, id, typed[k]) == right
        assert answer(page, id, typed[k].replace(",", ".").replace("−", "-")) == right
    total = sum(problem.points for problem in GERMAN.variants[0])
    assert re.findall(r"\d+", text_in(page, "#score")) == [str(len(PATHS.questions)), str(total), "0"]


def test_results_are_shown_as_text_and_saved_as_json(page):
    page.fill("#name", "Ada")
    question = PATHS.questions[0]
    answer(page, "A1-0", "1000")
    answer(page, "A1-0", german(question.answer))
    option = ORDER.questions[0].answer
    page.check(f"[data-question='A2-0'] input[value='{option}']")
    page.click("#as-text")
    first, score, *lines = page.text_content("#text").splitlines()
    assert (first, score) == ("Ada A", text_in(page, "#score"))
    assert f"A1a {GERMAN.language.text(question.asked)}: 1000; {german(question.answer)}" in lines[0]
    assert [line[0] for line in lines] == ["✓", *"·" * (len(PATHS.questions) - 1), "✓"]
    assert lines[-1].endswith(f": {'abcdef'[option]}")
    with page.expect_download() as download:
        page.click("#save")
    results = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert [results[key] for key in ("name", "variant", "right", "first")] == ["Ada", "A", 2, 1]
    assert results["questions"][0]["given"] == ["1000", german(question.answer)]


PLATFORM = Path(__file__).with_name("platform.html")
SEEN = "() => ({ store, faults, ends, interactions })"


@pytest.fixture
def platform(browser, tmp_path):
    """Return a function that launches a package in a platform, and check what the platform was given."""
    contexts = []

    def launch(package):
        with zipfile.ZipFile(io.BytesIO(package)) as zip:
            zip.extractall(tmp_path)
        shutil.copy(PLATFORM, tmp_path)
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 800}))
        page = contexts[0].new_page()
        page.goto(f"{address}platform.html")
        page.evaluate("launch()")
        page.frame_locator("iframe").locator("body").wait_for()
        page.wait_for_function("store['cmi.core.lesson_status'] === 'incomplete'")
        return page

    with served(tmp_path) as address:
        yield launch
    assert contexts[0].pages[0].evaluate(SEEN)["faults"] == []
    contexts[0].close()


def test_a_package_reports_score_and_answers_and_goes_on_where_it_was(platform):
    page = platform(write(GERMAN, "scorm")[0].content)
    inner = page.frame_locator("iframe")
    questions = [(f"A1-{k}", question) for k, question in enumerate(PATHS.questions)]
    id, first = questions[0]
    inner.locator(f"[data-question='{id}']").fill("1/3")
    inner.locator(f"[data-question='{id}']").blur()
    for id, question in questions:
        inner.locator(f"[data-question='{id}']").fill(german(question.answer))
        inner.locator(f"[data-question='{id}']").blur()
    seen = page.evaluate(SEEN)
    total = sum(problem.points for problem in GERMAN.variants[0])
    assert float(seen["store"]["cmi.core.score.raw"]) == round(100 * len(questions) / total, 2)
    assert seen["store"]["cmi.core.lesson_status"] == "incomplete"
    wrong, *right = seen["interactions"]
    assert [wrong[key] for key in ("id", "type", "student_response", "result")] == [
        "A1-0", "fill-in", "1/3", "wrong"
    ]  # fmt: skip
    for told, (id, question) in zip(right, questions, strict=True):
        assert (told["id"], told["type"], told["result"]) == (id, "numeric", "correct")
        assert float(told["student_response"]) == pytest.approx(question.answer, abs=6e-5)
        assert told["correct_responses.0.pattern"] == told["student_response"]
    page.evaluate("launch()")
    page.wait_for_function("ends.includes('finish') && isOpen")
    assert inner.locator("[data-question='A1-0']").input_value() == german(first.answer)
    bad = next(i for i, option in enumerate(ORDER.questions[0].options) if option.reason)
    inner.locator(f"[data-question='A2-0'] input[value='{bad}']").check()
    page.wait_for_function("store['cmi.core.lesson_status'] === 'completed'")
    seen = page.evaluate(SEEN)
    assert len(seen["interactions"]) == 1 + len(questions) + 1
    assert (seen["interactions"][-1]["type"], seen["interactions"][-1]["student_response"]) == (
        "choice", "abcdef"[bad]
    )  # fmt: skip
    assert float(seen["store"]["cmi.core.score.raw"]) == round(100 * len(questions) / total, 2)


def test_the_quiz_of_a_stepper_reports(platform):
    made = stepper(parse("u = x*y; J = u**2", {"x": 2.0, "y": -1.5}))
    page = platform(quiz_package(made.html, "A quiz", "en", "A note."))
    inner = page.frame_locator("iframe").frame_locator("iframe")
    inner.locator("#quiz-toggle[aria-pressed=true]").wait_for()
    for entry in made.answer_key():
        while not inner.locator("#count").text_content().startswith(f"{entry['step']} /"):
            inner.locator("#next").click()
        inner.locator("#typed").fill(f"{entry['answer']:.6g}")
        inner.locator("#typed").press("Enter")
    page.wait_for_function("store['cmi.core.lesson_status'] === 'completed'")
    seen = page.evaluate(SEEN)
    assert seen["store"]["cmi.core.score.raw"] == "100"
    assert [float(told["student_response"]) for told in seen["interactions"]] == [
        entry["answer"] for entry in made.answer_key()
    ]


def test_a_browser_shows_the_pictures_of_a_question_bank(opened, tmp_path):
    root = ET.fromstring(write(GERMAN, "moodle")[0].content)
    files = [file.text for file in root.iter("file")]
    images = [f'<img src="data:image/svg+xml;base64,{text}">' for text in files]
    (tmp_path / "pictures.html").write_text("".join(images), encoding="utf-8")
    page = opened(tmp_path / "pictures.html")
    sizes = page.evaluate("[...document.images].map((image) => [image.naturalWidth, image.naturalHeight])")
    assert len(sizes) == 4
    assert all(width > 100 and height > 50 for width, height in sizes)


RUNTIME = """<!DOCTYPE html><title>A platform</title><script src="scorm12.min.js"></script><script>
const refused = [];
const launch = () => {
  window.API = new Scorm12API({ autocommit: false, logLevel: 5 });
  for (const name of ["LMSInitialize", "LMSSetValue", "LMSCommit", "LMSFinish"]) {
    const call = API[name].bind(API);
    API[name] = (...given) => {
      const answer = call(...given);
      const code = API.LMSGetLastError();
      if (answer !== "true" || code !== "0") refused.push([name, ...given, code]);
      return answer;
    };
  }
  document.body.innerHTML = '<iframe src="index.html" width="1200" height="700"></iframe>';
};
</script><body></body>
"""


def test_another_platform_refuses_nothing_and_has_the_score(browser, tmp_path, scorm_runtime):
    """scorm-again checks every element and every value of SCORM 1.2's data model."""
    with zipfile.ZipFile(io.BytesIO(write(GERMAN, "scorm")[0].content)) as package:
        package.extractall(tmp_path)
    shutil.copy(scorm_runtime, tmp_path)
    (tmp_path / "platform.html").write_text(RUNTIME, encoding="utf-8")
    with served(tmp_path) as address:
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        page = context.new_page()
        page.goto(f"{address}platform.html")
        page.evaluate("launch()")
        inner = page.frame_locator("iframe")
        for k, question in enumerate(PATHS.questions):
            field = inner.locator(f"[data-question='A1-{k}']")
            field.fill(german(question.answer))
            field.blur()
        total = sum(problem.points for problem in GERMAN.variants[0])
        expected = round(100 * len(PATHS.questions) / total, 2)
        page.wait_for_function("(score) => Number(API.cmi.core.score.raw) === score", arg=expected)
        assert page.evaluate("API.cmi.interactions.childArray.length") == len(PATHS.questions)
        assert page.evaluate("API.cmi.core.lesson_status") == "incomplete"
        assert page.evaluate("refused") == []
        assert page.evaluate("API.LMSSetValue('cmi.core.score.raw', '101')") == "false"
        context.close()
