"""The playground in a real browser, as people use it, with every request to another host refused."""

import re

import pytest

from autograd_core import parse
from viz import stepper

from .playground import ended, expect, inside, ready, run, seek, shows
from .reading import compare, text_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("patience")]

C1 = "cos(sin(x**2)+3*x**2)"


@pytest.fixture
def expression(shared):
    shared.click("#tab-expression")
    # The picture of an earlier test must not pass for that of the next one.
    shared.fill("#text", "q*q")
    shows(shared, "J = q·q")
    shared.fill("#text", "")
    return shared


@pytest.fixture
def coding(shared):
    shared.click("#tab-code")
    return shared


def test_the_first_stepper_is_there_before_python_is(visit):
    assert inside(visit()).get_attribute("h1", "aria-label") == "J = cos(sin(x²) + 3x²)"


def test_a_function_typed_letter_by_letter_is_stepped_with_pythons_numbers(expression):
    expression.locator("#text").press_sequentially(C1, delay=25)
    shows(expression, "J = cos(sin(x²) + 3x²)")
    expect(expression.locator("#error")).to_be_hidden()
    expected = stepper(parse(C1, {"x": 2.0}))
    for at in (0, 6, 11, 13):
        compare(seek(expression, at), expected, at)


def test_a_mistake_is_shown_below_with_its_place_and_put_right_by_a_click(expression):
    error = expression.locator("#error")
    expression.fill("#text", "cos(sin(x^2)+3x^2)")
    expect(error.locator("p")).to_contain_text("'^' is not allowed in an expression (column 10)")
    assert error.locator("pre").text_content() == "cos(sin(x^2)+3x^2)\n         ^"
    expression.click(f"text=Use {C1}")
    shows(expression, "J = cos(sin(x²) + 3x²)")
    expect(error).to_be_hidden()
    expression.fill("#text", "cso(x)")
    expect(error.locator("p")).to_contain_text("Did you mean cos ?")
    expression.fill("#text", "sin(x)")
    shows(expression, "J = sin x")
    expression.fill("#value0", "two")
    expect(error.locator("p")).to_contain_text(re.compile("^x = 'two' is not a number"))
    expression.fill("#value0", "2")
    expect(error).to_be_hidden()


def test_code_prints_and_shows_its_last_expression(coding):
    run(coding, "from autograd_core import Value", "x = Value(3.0, 'x')", "print('x is', x.data)", "x * x")
    assert "x is 3.0" in ended(coding).text_content()
    picture = coding.locator("#output img")
    assert picture.get_attribute("alt").startswith("Value(data=9.0")
    assert picture.evaluate("(img) => img.decode().then(() => img.naturalWidth)") > 100
    first = ["from autograd_core import Value, steps", "from viz import stepper", "x = Value(3.0, 'x')"]
    run(coding, *first, "display(stepper(x * x))", "steps(x * x)")
    ended(coding)
    assert text_in(inside(coding, "#output iframe.stepper"), "#count") == "0 / 5"
    assert "∂" in inside(coding, "#output iframe:not(.stepper)").text_content("body")


def test_the_next_stepper_is_drawn_in_the_frame_that_waits(expression):
    waiting = expression.frame_locator("#picture").locator("iframe.spare")
    frame = waiting.element_handle().content_frame()
    expression.fill("#text", "p*p")
    assert shows(expression, "J = p·p") == frame
    expect(waiting).to_have_count(1)


def test_an_error_is_told_with_its_line(coding):
    run(coding, "from autograd_core import log", "", "", "def f(x):", "    return log(x)", "", "f(-1.0)")
    told = ended(coding).locator(".error").text_content()
    assert "line 7: f(-1.0)" in told
    assert "DomainError: log" in told
    assert coding.locator("#editor .cm-line.wrong").text_content() == "    return log(x)"
    run(coding, "import nn", "nn.MLP(2, [3, 1])")
    assert "This page has no NumPy" in ended(coding).text_content()


def test_the_loss_of_a_training_is_drawn_while_it_runs(coding):
    coding.click("#examples-open")
    coding.click("text=Train 2-16-16-1 on moons")
    coding.click("#run")
    curve = coding.locator("#output img")
    expect(curve).to_have_attribute("src", re.compile("loss%20after"))
    first = curve.get_attribute("src")
    assert coding.locator("#run").is_disabled()
    expect(curve).not_to_have_attribute("src", first)
    assert "337 weights, 90 of 100 points right" in ended(coding).text_content()
    assert curve.count() == 1


def test_an_endless_loop_is_stopped_and_python_starts_anew(coding):
    run(coding, "print('begun')", "while True:", "    pass")
    expect(coding.locator("#output")).to_contain_text("begun")
    coding.click("#stop")
    expect(coding.locator("#output")).to_contain_text("Stopped.")
    run(coding, "print(6 * 7)")
    expect(coding.locator("#output")).to_contain_text("42")
    coding.click("#tab-expression")
    coding.fill("#text", "x*x")
    shows(coding, "J = x·x")


def test_code_that_overflows_the_stack_does_not_end_the_page(visit):
    coding = ready(visit())
    coding.click("#tab-code")
    chain = ["x = Value(1.0)", "for _ in range(100_000):", "    x = x + 1.0", "del x", "'freed'"]
    run(coding, "from autograd_core import Value", *chain)
    assert re.search("freed|Python had to stop", ended(coding).text_content())
    run(ready(coding), "print(6 * 7)")
    assert "42" in ended(coding).text_content()
    visit.said.clear()  # Python writes its stack to the console.


def test_the_page_speaks_the_language_of_the_browser(visit):
    page = visit(locale="de-DE")
    expect(page.locator("#status")).to_have_text("Bereit")
    assert page.get_attribute("html", "lang") == "de"
    assert page.text_content("#tab-expression") == "Ausdruck"
    assert page.get_attribute("#text", "placeholder").startswith("z. B. ")
    page.click("#examples-open")
    assert page.locator("#example-list h3").first.text_content() == "Funktionen der Vorlesungen"
    page.locator("#examples form button").click()
    page.click("#tab-code")
    assert page.locator(".left-out code").all_text_contents()[:2] == ["autograd_core", "viz"]
    assert page.text_content(".left-out").endswith("zeichnet eine Kurve, während der Code läuft.")
