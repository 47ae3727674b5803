"""The playground on a phone, with axe-core, and with a slider in hand."""

import pytest

from autograd_core import parse
from docs.playground.links import of_code, of_expression
from viz import stepper

from .playground import ended, expect, inside, ready, run, seek, shows, stepped
from .reading import compare

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("patience")]

SHOWING = """from autograd_core import Value, log, steps
x = Value(3.0, 'x')
display(x * x, steps(x * x))
print('printed')
log(-1.0)"""


def audited(page, axe):
    """Return the rules of axe-core that the page and its own frames violate."""
    found = []
    for frame in page.frames:
        if frame.url.startswith("about:"):
            continue  # The stepper has tests of its own.
        frame.evaluate(axe)
        # A frame is a part of a page: it needs neither a heading nor a main landmark.
        whole = "" if frame == page.main_frame else "'landmark-one-main', 'page-has-heading-one', 'region'"
        rules = f"Object.fromEntries([{whole}].map((rule) => [rule, {{ enabled: false }}]))"
        options = f"{{ resultTypes: ['violations'], iframes: false, rules: {rules} }}"
        answer = frame.evaluate(f"() => axe.run(document, {options})")
        found += [(v["id"], v["nodes"][0]["html"][:120]) for v in answer["violations"]]
    return found


def states(page):
    """Take the page from state to state, and yield their names."""
    expect(page.locator("#value0")).to_be_visible()
    yield "expression"
    page.fill("#text", "cos(sin(x^2)+3x^2)")
    expect(page.locator("#error button")).to_be_visible()
    yield "error"
    page.click("#examples-open")
    yield "examples"
    page.click("text=A 2-3-1 network")
    expect(page.locator("#value14")).to_be_attached()
    yield "many inputs"
    page.click("#share-open")
    yield "share"
    page.keyboard.press("Escape")
    page.evaluate("() => { location.hash = '***'; }")
    expect(page.locator("#notice")).to_be_visible()
    yield "a bad address"
    page.evaluate("(fragment) => { location.hash = fragment; }", of_code(SHOWING))
    expect(page.locator("#foreign")).to_be_visible()
    yield "code of a link"
    page.click("#run")
    expect(ended(page).locator(".error")).to_be_visible()
    yield "output"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["screen", "phone"])
def test_axe_finds_no_violation_in_any_state(visit, axe, size, scheme):
    page = ready(visit(size=size, color_scheme=scheme))
    found = {name: audited(page, axe) for name in states(page)}
    assert len(found) == 8
    assert {name: violations for name, violations in found.items() if violations} == {}


@pytest.mark.parametrize("size", ["screen", "projector", "phone"])
def test_nothing_is_wider_than_the_screen(visit, size):
    page = ready(visit(size=size))
    for name in states(page):
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), name


def test_on_a_phone_a_function_is_typed_and_stepped_without_scrolling(visit):
    page = ready(visit(size="phone", has_touch=True, is_mobile=True))
    page.fill("#text", "sin(x)*x")
    shows(page, "J = sin(x)·x")
    stepped(page).locator("#next").tap()
    expect(stepped(page).locator("#count")).to_have_text("1 / 7")
    assert page.evaluate("() => scrollY") == 0
    box = stepped(page).locator("#next").bounding_box()
    assert box["y"] + box["height"] <= 844
    page.tap("#tab-code")
    run(page, "print(6 * 7)")
    assert "42" in ended(page).text_content()


def test_a_dragged_slider_moves_the_numbers_of_the_step_that_is_shown(visit):
    page = ready(visit(f"#{of_expression('cos(sin(x**2) + 3*x**2)', [('x', '2')])}", "screen"))
    shows(page, "J = cos(sin(x²) + 3x²)")
    seek(page, 11)
    box = page.locator("#slider0").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.74, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=4)
    # Before the button is up the stepper itself computes; Python, which does when it is, says the same.
    for _ in ("dragging", "let go"):
        x = float(page.input_value("#value0"))
        assert x != 2.0
        expect(stepped(page).locator("#point")).to_have_text(f"at x = {x:g}")
        compare(inside(page), stepper(parse("cos(sin(x**2) + 3*x**2)", {"x": x})), 11)
        page.mouse.up()
        page.wait_for_timeout(1000)
    page.keyboard.press("ArrowRight")
    expect(stepped(page).locator("#count")).to_have_text("11 / 13")


def test_the_step_is_kept_while_a_function_is_typed_on(visit):
    page = ready(visit(f"#{of_expression('sin(x)', [('x', '3')], 'step=4&table=1')}", "screen"))
    assert shows(page, "J = sin x").locator("#count").text_content() == "4 / 4"
    page.locator("#text").press("End")
    page.locator("#text").press_sequentially("*y")
    assert shows(page, "J = sin(x)·y").locator("#count").text_content() == "4 / 8"
    assert [page.input_value(f"#value{i}") for i in (0, 1)] == ["3", "2"]
