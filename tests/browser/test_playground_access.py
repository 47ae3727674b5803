"""The playground on a phone, with axe-core, and with a slider in hand."""

import pytest

from autograd_core import parse
from docs.playground.links import of_code, of_expression
from viz import stepper

from .conftest import SIZES
from .playground import ended, expect, go, inside, ready, run, seek, shows, stepped
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
        if not frame.evaluate("() => 'axe' in window"):
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
    go(page, of_expression("cos(sin(x**2) + 3*x**2)", [("x", "2")]))
    shows(page, "J = cos(sin(x²) + 3x²)")
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
    go(page, "***")
    expect(page.locator("#notice")).to_be_visible()
    yield "a bad address"
    go(page, of_code(SHOWING))
    expect(page.locator("#foreign")).to_be_visible()
    yield "code of a link"
    page.click("#run")
    expect(ended(page).locator(".error")).to_be_visible()
    yield "output"


def test_in_no_state_axe_finds_a_violation_or_anything_is_wider_than_the_screen(shared, axe):
    violations, wider, seen = {}, [], []
    for name in states(shared):
        seen.append(name)
        for size in ("projector", "phone", "screen"):
            shared.set_viewport_size(SIZES[size])
            if not shared.evaluate("() => document.documentElement.scrollWidth <= innerWidth"):
                wider.append((name, size))
            for scheme in ("dark", "light") if size != "projector" else ():
                shared.emulate_media(color_scheme=scheme)
                violations[name, size, scheme] = audited(shared, axe)
    assert len(seen) == 8
    assert wider == []
    assert {state: found for state, found in violations.items() if found} == {}


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


def test_a_dragged_slider_moves_the_numbers_of_the_step_that_is_shown(shared):
    page = go(shared, of_expression("cos(sin(x**2) + 3*x**2)", [("x", "2")]))
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


def test_the_step_is_kept_while_a_function_is_typed_on(shared):
    page = go(shared, of_expression("sin(x)", [("x", "3")], "step=4&table=1"))
    assert shows(page, "J = sin x").locator("#count").text_content() == "4 / 4"
    page.locator("#text").press("End")
    page.locator("#text").press_sequentially("*y")
    assert shows(page, "J = sin(x)·y").locator("#count").text_content() == "4 / 8"
    assert [page.input_value(f"#value{i}") for i in (0, 1)] == ["3", "2"]
