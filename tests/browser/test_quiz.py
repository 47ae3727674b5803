"""The quiz: hidden numbers, a wrong answer, the hint, a right answer, the score and the key."""

import json

import pytest

from autograd_core import Value
from autograd_core.steps.steps import steps
from tests.viz.lecture import example
from viz import stepper as page_of

from . import functions
from .reading import text_in

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


def test_the_key_of_the_page_is_that_of_python(opened):
    stepper = functions.lecture()
    page = opened(stepper)
    page.click("#quiz-toggle")
    with page.expect_download() as download:
        page.click("#key")
    key = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert key["at"] == {"x": 2}
    assert [(q["step"], q["answer"]) for q in key["questions"]] == [
        (q["step"], q["answer"]) for q in stepper.answer_key()
    ]


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
        ("2/4", False),
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


def test_an_answer_that_is_shown_gives_no_point(opened):
    page = opened(functions.lecture())
    page.click("#quiz-toggle")
    page.click("#next")
    page.click("#next")
    page.click("#reveal")
    assert text_in(page, "#n2 .value") == "4"
    assert text_in(page, "#score").startswith("0 of 12 right")
