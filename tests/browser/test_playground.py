"""The playground in a real browser, as people use it, with every request to another host refused."""

import re

import pytest

from autograd_core import parse
from tests.playground.site import built, served
from viz import stepper

from .conftest import SIZES
from .reading import compare, text_in

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

C1 = "cos(sin(x**2)+3*x**2)"
PATIENCE = 300_000  # A busy machine may take ten times as long as a quiet one.


@pytest.fixture(scope="module", autouse=True)
def patience():
    expect.set_options(timeout=PATIENCE)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return built(tmp_path_factory)


@pytest.fixture(scope="module")
def address(site):
    with served(site) as address:
        yield address


class Visits:
    """Opens the playground. No page may ask another host or write to the console."""

    def __init__(self, browser, address):
        self.browser, self.address, self.contexts, self.said = browser, address, [], []

    def __call__(self, fragment="", size="desktop", **options):
        context = self.browser.new_context(viewport=SIZES[size], **options)
        context.route(lambda url: not url.startswith(self.address), lambda route: route.abort())
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: self.said.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.on("request", lambda request: self.said.extend(self.foreign(request.url)))
        page.goto(self.address + fragment, wait_until="commit")
        return page

    def foreign(self, url):
        own = url.startswith((self.address, "data:", "about:", "blob:"))
        return [] if own else [f"request: {url[:80]}"]

    def close(self):
        for context in self.contexts:
            context.close()
        assert self.said == []


@pytest.fixture
def visit(browser, address):
    visits = Visits(browser, address)
    yield visits
    visits.close()


@pytest.fixture(scope="module")
def shared(browser, address):
    """Return a page for the tests that follow one another on it, as a visitor stays on one page."""
    visits = Visits(browser, address)
    yield ready(visits(size="screen"))
    visits.close()


@pytest.fixture
def expression(shared):
    shared.click("#tab-expression")
    shared.fill("#text", "")
    return shared


@pytest.fixture
def coding(shared):
    shared.click("#tab-code")
    return shared


def ready(page):
    expect(page.locator("#status")).to_have_text("Ready")
    return page


def stepped(page, selector="#picture"):
    """Return what is inside the stepper that is shown."""
    return page.frame_locator(selector).frame_locator("iframe:not(.coming)")


def inside(page, selector="#picture"):
    """Return the frame of the stepper that is shown, after the next one is there."""
    outer = page.frame_locator(selector)
    expect(outer.locator("iframe")).to_have_count(1)
    expect(outer.locator("iframe.coming")).to_have_count(0)
    return outer.locator("iframe").element_handle().content_frame()


def shows(page, formula):
    """Wait until the stepper has this title, and return its frame."""
    expect(stepped(page).locator("h1")).to_have_attribute("aria-label", formula)
    return inside(page)


def seek(page, at):
    """Take the stepper to a step, and return its frame."""
    message = "(at) => picture.contentWindow.postMessage({ stepperState: `step=${at}` }, location.origin)"
    page.evaluate(message, at)
    expect(stepped(page).locator("#count")).to_have_text(re.compile(rf"^{at} / "))
    return inside(page)


def run(page, *lines):
    page.locator("#editor .cm-content").fill("\n".join(lines))
    page.click("#run")


def ended(page):
    expect(page.locator("#run")).to_be_enabled(timeout=PATIENCE)
    return page.locator("#output")


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


def test_fields_and_sliders_move_the_inputs_and_keep_the_step(expression):
    expression.fill("#text", C1)
    shows(expression, "J = cos(sin(x²) + 3x²)")
    seek(expression, 8)
    stepped(expression).locator("#next").click()
    expression.evaluate("() => { slider0.value = 1; slider0.dispatchEvent(new Event('input')); }")
    expect(stepped(expression).locator("#point")).to_have_text("at x = 1")
    compare(inside(expression), stepper(parse(C1, {"x": 1.0})), 9)
    expression.evaluate("() => slider0.dispatchEvent(new Event('change'))")
    expression.fill("#value0", "0.5")
    expect(stepped(expression).locator("#point")).to_have_text("at x = 0.5")
    compare(inside(expression), stepper(parse(C1, {"x": 0.5})), 9)
    expression.fill("#value0", "1,5")
    expect(expression.locator("#error p")).to_contain_text("Did you mean x=1.5 ?")
    expression.fill("#value0", "2")


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
    visit.said = [line for line in visit.said if "fatal error" not in line and "RangeError" not in line]


def test_a_link_holds_function_inputs_and_step(expression, visit):
    expression.fill("#text", "w*x + b")
    shows(expression, "J = w·x + b")
    expression.fill("#value0", "0.25")
    expect(stepped(expression).locator("#point")).to_contain_text("w = 0.25")
    seek(expression, 4)
    expression.wait_for_timeout(1000)
    expression.click("#share-open")
    link = expression.input_value("#copied")
    assert link == expression.url
    expression.click("#copy-embed")
    expect(expression.locator("#copied-told")).not_to_be_empty()
    assert expression.input_value("#copied").startswith(f'<iframe src="{link}"')
    expression.keyboard.press("Escape")
    other = visit(link.rpartition("/")[2])
    copied = shows(other, "J = w·x + b")
    expect(copied.locator("#count")).to_have_text("4 / 11")
    assert "w = 0.25" in text_in(copied, "#point")


def test_code_of_a_link_is_shown_and_runs_only_after_a_click(coding, visit):
    coding.locator("#editor .cm-content").fill("print('from afar')")
    coding.wait_for_timeout(1000)
    other = ready(visit(coding.url.rpartition("/")[2]))
    expect(other.locator("#foreign")).to_be_visible()
    assert other.locator("#editor .cm-content").text_content() == "print('from afar')"
    other.wait_for_timeout(500)
    assert "from afar" not in other.locator("#output").text_content()
    other.click("#run")
    assert "from afar" in ended(other).text_content()
    expect(other.locator("#foreign")).to_be_hidden()


BAD = {
    "random": "AAAA",
    "markup": "<script>alert(1)</script>",
    "long": "A" * 250_000,
    "other": "q1YqSS0uUbJSKi4pysxLVwIA",
}


def test_a_bad_address_is_refused_politely(shared):
    for name, fragment in BAD.items():
        shared.evaluate("() => (notice.hidden = true)")
        shared.evaluate("(fragment) => (location.hash = fragment)", fragment)
        expect(shared.locator("#notice")).to_contain_text("The address was not understood"), name
        shows(shared, "J = cos(sin(x²) + 3x²)")


def test_code_reaches_no_other_host(visit, site):
    with served(site) as other:
        page = ready(visit())
        page.click("#tab-code")
        asking = ["from js import XMLHttpRequest", "ask = XMLHttpRequest.new()"]
        run(
            page,
            *asking,
            f"ask.open('GET', '{other}index.html', False)",
            "ask.send()",
            "f'reached {ask.status}'",
        )
        told = ended(page).text_content()
    assert "reached" not in told
    assert "NetworkError" in told
    assert visit.said
    assert [line for line in visit.said if "Content Security Policy" not in line] == []
    visit.said.clear()


def test_it_works_offline_after_the_first_visit(visit):
    page = ready(visit())
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.context.set_offline(True)
    page.reload(wait_until="commit")
    ready(page)
    page.fill("#text", "exp(x)")
    shows(page, "J = exp x")
    page.click("#tab-code")
    run(page, "from autograd_core import Value", "from viz import draw_dot", "draw_dot(Value(2.0, 'x') * 3)")
    ended(page)
    assert page.locator("#output img").count() == 1


def test_nothing_is_wider_than_the_window(shared):
    for size in ("phone", "projector"):
        shared.set_viewport_size(SIZES[size])
        for tab in ("#tab-code", "#tab-expression"):
            shared.click(tab)
            assert shared.evaluate("document.documentElement.scrollWidth <= innerWidth"), (size, tab)
        shared.click("#examples-open")
        shared.click("text=A 2-3-1 network")
        shows(shared, re.compile("^y = "))
        assert shared.locator(".input").count() == 15
        assert shared.evaluate("document.documentElement.scrollWidth <= innerWidth"), size
    shared.set_viewport_size(SIZES["screen"])


def test_axe_finds_no_violation(shared, axe):
    shared.evaluate(axe)
    enter = {
        "start": lambda: (shared.click("#tab-expression"), shared.fill("#text", "x*x")),
        "mistake": lambda: (shared.fill("#text", "cos(x^2)"), shared.wait_for_selector("#error pre")),
        "examples": lambda: shared.click("#examples-open"),
        "share": lambda: (shared.keyboard.press("Escape"), shared.click("#share-open")),
        "code": lambda: (shared.keyboard.press("Escape"), shared.click("#tab-code")),
        "output": lambda: (run(shared, "print(1)", "display(2)", "1/0"), ended(shared)),
    }
    found = {}
    for name, act in enter.items():
        act()
        for scheme in ("light", "dark"):
            shared.emulate_media(color_scheme=scheme)
            for size in ("screen", "phone"):
                shared.set_viewport_size(SIZES[size])
                options = "{ resultTypes: ['violations'], iframes: false }"
                answer = shared.evaluate(f"() => axe.run(document, {options})")
                if told := [(v["id"], v["nodes"][0]["html"][:120]) for v in answer["violations"]]:
                    found[name, scheme, size] = told
    shared.emulate_media(color_scheme="light")
    shared.set_viewport_size(SIZES["screen"])
    assert found == {}
