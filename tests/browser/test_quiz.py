"""The quiz: hidden numbers, a wrong answer, the hint, a right answer, the score and the key."""

import json
import re

import pytest

from autograd_core import Value
from autograd_core.languages import catalog_of
from autograd_core.steps.steps import steps
from tests.viz.lecture import example
from viz import stepper as page_of

from . import functions
from .reading import CLIPPED, NARROW, text_in

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_quiz_is_failed_and_passed(opened, size):
    page = opened(functions.lecture(), size)
    page.click("#quiz-toggle")
    page.click("#next")
    assert page.locator("#answer").is_hidden(), "an input is given, not asked"
    page.click("#next")
    assert text_in(page, "#sentence") == "What is t?"
    assert text_in(page, "#n2 .value") == "?"
    assert text_in(page, "td.number[data-step='2']") == "?"
    assert page.locator("#lines .line").count() == 0
    assert page.locator("#tolerance").is_visible(), "how near an answer must be is said"
    page.fill("#typed", "5")
    page.click("#answer button[type=submit]")
    assert "Not yet" in text_in(page, "#verdict")
    assert text_in(page, "#n2 .value") == "?"
    page.click("#hint")
    assert page.locator("#lines .line").count() == 1
    page.fill("#typed", "vier")
    page.keyboard.press("Enter")
    assert "number" in text_in(page, "#verdict")
    page.fill("#typed", "4,0")
    page.keyboard.press("Enter")
    assert text_in(page, "#verdict") == "Right, at try 2."
    assert text_in(page, "#n2 .value") == "4"
    assert text_in(page, "#score") == "1 of 12 right, 0 at the first try."


def test_every_question_can_be_answered_from_the_key(opened):
    stepper = functions.lecture()
    page = opened(stepper)
    page.click("#quiz-toggle")
    for entry in stepper.answer_key():
        while text_in(page, "#count") != f"{entry['step']} / 13":
            page.click("#next")
        page.fill("#typed", f"{entry['answer']:.4g}")
        page.keyboard.press("Enter")
        assert text_in(page, "#verdict") == "Right!", entry
    assert text_in(page, "#score") == "12 of 12 right, 12 at the first try."


def to_question(page, at):
    """Answers all questions before step `at` by asking to be shown."""
    page.keyboard.press("q")
    while text_in(page, "#count").split()[0] != str(at):
        page.keyboard.press("End")
        if text_in(page, "#count").split()[0] != str(at):
            page.click("#reveal")


def test_results_are_kept_as_text_and_json_without_answers_not_given(opened):
    page = opened(functions.lecture())
    to_question(page, 3)
    page.fill("#typed", "1")
    page.keyboard.press("Enter")
    page.fill("#typed", "sin(4)")
    page.keyboard.press("Enter")
    with page.expect_download() as download:
        page.click("#results")
    results = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert (results["right"], results["first"], results["total"]) == (1, 0, 12)
    assert [(q["step"], q["right"], q["given"]) for q in results["questions"]] == [
        (2, False, []), (3, True, ["1", "sin(4)"]),
    ]  # fmt: skip
    page.click("#results-text")
    assert "3. u₁: right at try 2 (1; sin(4))" in page.input_value("#copied textarea")


SHOWN_TEXT = (
    "() => document.body.innerText + [...document.querySelectorAll('svg text')].map(t => t.textContent)"
)


@pytest.mark.parametrize("method", ["push", "pull", "forward"])
def test_no_answer_is_on_the_page_before_it_is_given(opened, method):
    """Defect 3: the check, the table, the card, the print and the labels gave answers away."""
    x = Value(1.3, "x")
    stepper = page_of((x * x).exp() * 0.7)
    page = opened(stepper, "wide", fragment=f"#mode={method}")
    answers = [step.get("s", step.get("z")) for step in stepper.record.data()["steps"]["push"]]
    gradient = next(a for a in reversed(answers) if a is not None)
    page.keyboard.press("q")
    total = int(text_in(page, "#count").split()[-1])
    for _ in range(total + 1):
        page.keyboard.press("End")
        if page.locator("#answer").is_hidden():
            break
        shown = page.evaluate(SHOWN_TEXT)
        assert page.locator("#check").is_hidden()
        if method != "forward":
            assert f"{gradient:.4g}"[:5] not in shown
        at = int(text_in(page, "#count").split()[0])
        assert text_in(page, f"td.number[data-step='{at}']") == "?"
        assert text_in(page, f"td.what[data-step='{at}']").endswith("?")
        for edge in page.locator(".edge.now[role=button]").all():
            edge.dispatch_event("click")
            assert page.locator("#card").is_hidden()
        page.keyboard.press("Escape")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert text_in(page, f"td.number[data-step='{at}']") == "?"
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        page.click("#reveal")
    assert text_in(page, "#count") == f"{total} / {total}"
    assert page.locator("#check").is_visible()


def test_the_field_has_the_focus_and_space_and_arrows_forfeit_nothing(opened):
    """Defect 3: typed digits became commands, Space showed the answer."""
    page = opened(functions.lecture())
    page.keyboard.press("q")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "typed"
    page.keyboard.type("12")
    assert page.input_value("#typed") == "12"
    assert page.locator("#grain").input_value() == "one"
    page.focus("#next")
    page.keyboard.press("Enter")
    assert text_in(page, "#count") == "2 / 13"
    assert text_in(page, "#n2 .value") == "?"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(" ")
    assert text_in(page, "#n2 .value") == "?"
    assert page.evaluate("document.activeElement.id") == "typed"


REASONS = {
    (12, "-0.6337"): "overwrites",
    (12, "3.542"): "sign of this contribution",
    (12, "2.9085+0.9695"): "leaves out the factor",
    (12, "2.9085+0.9695*sin(4)"): "itself for its derivative",
    (3, "cos(4)"): "derivative; asked is the value",
    (8, "-0.9695"): "sign",
}


@pytest.mark.parametrize(("at", "typed"), REASONS, ids=str)
def test_a_wrong_answer_with_a_reason_is_named(opened, at, typed):
    page = opened(functions.lecture())
    to_question(page, at)
    page.fill("#typed", typed)
    page.keyboard.press("Enter")
    assert REASONS[at, typed] in text_in(page, "#verdict")


def test_the_key_holds_every_result_of_the_steps():
    found = {entry["step"]: entry["answer"] for entry in functions.lecture().answer_key()}
    record = steps(example())
    assert found == {
        n: getattr(step, "after", getattr(step, "value", 1.0))
        for n, step in enumerate(record, start=1) if n > 1
    }  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("4", True), ("4.015", True), ("3.985", True), ("4.025", False), ("3.975", False), ("8/2", True),
        ("2/4", False), ("sqrt(16)", True), ("2^2", True), ("2**2", True), ("-(-4)", True), ("e^0+3", True),
        ("16^-1*64", True), ("2*(1+1", False), ("alert(1)", False), ("constructor", False),
    ],
)  # fmt: skip
def test_half_a_percent_off_is_right_and_a_fraction_is_a_number(opened, typed, right):
    page = opened(functions.lecture())
    page.click("#quiz-toggle")
    while text_in(page, "#count") != "2 / 13":
        page.click("#next")
    page.fill("#typed", typed)
    page.keyboard.press("Enter")
    assert (text_in(page, "#verdict") == "Right!") is right, text_in(page, "#verdict")


@pytest.mark.parametrize(
    ("typed", "right"), [("0", True), ("0.00004", True), ("0.0001", False), ("0/5", True)]
)
def test_zero_is_right_within_what_is_shown(opened, typed, right):
    x = Value(3.0, "x")
    page = opened(page_of(x * 0.0))
    page.click("#quiz-toggle")
    page.click("#next")
    page.click("#next")
    page.fill("#typed", typed)
    page.keyboard.press("Enter")
    assert (text_in(page, "#verdict") == "Right!") is right, text_in(page, "#verdict")


@pytest.mark.parametrize("code", ["de", "fr", "es", "pt", "zh", "ja"])
def test_the_quiz_speaks_other_languages(opened, code):
    said = catalog_of(code).translation
    x = Value(3.0, "x")
    page = opened(page_of(x * x, lang=code), "phone")
    for name, text in {
        "hint": "Hint: the rule",
        "reveal": "Show",
        "tolerance": TOLERANCE,
        "again": "Start again",
    }.items():
        assert page.text_content(f"#{name}") == said(text)
    page.click("#quiz-toggle")
    page.click("#next")
    assert text_in(page, "#score") == filled(said(SCORE), right=0, total=4, first=0)
    page.click("#next")
    assert text_in(page, "#sentence") == filled(said("What is {asked}?"), asked="J")
    page.fill("#typed", "-9")
    page.keyboard.press("Enter")
    assert text_in(page, "#verdict") == f"{said('Not yet.')} {said('The sign is wrong.')}"
    page.fill("#typed", "9")
    page.keyboard.press("Enter")
    assert text_in(page, "#verdict") == filled(said("Right, at try {n}."), n=2)
    page.click("#results-text")
    assert filled(said("right at try {n}"), n=2) in page.input_value("#copied textarea")
    page.keyboard.press("Escape")
    assert page.evaluate(CLIPPED) + page.evaluate(NARROW) == [], "nothing is wider than a phone"


TOLERANCE = "A number or an expression, as sin(4) or 3*0.97; half a percent off is right."
SCORE = "{right} of {total} right, {first} at the first try."


def filled(text, **fields):
    return re.sub(r"\{(\w+)\}", lambda field: str(fields[field[1]]), text)


def test_an_answer_that_is_shown_gives_no_point(opened):
    page = opened(functions.lecture())
    page.click("#quiz-toggle")
    page.click("#next")
    page.click("#next")
    page.click("#reveal")
    assert text_in(page, "#n2 .value") == "4"
    assert text_in(page, "#score").startswith("0 of 12 right")
