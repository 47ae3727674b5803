"""The page in a real browser: every step of two functions compared with Python, number by number."""

import re
from urllib.parse import urlencode

import pytest

import nn
from autograd_core import Value, log, maximum, sin, steps, tanh, taylor
from viz import stepper as page_of

from . import functions
from .reading import close, compare, number, text_in

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.browser

HOSTILE = [
    "#x=<img src=x onerror=alert(1)>&step=9",
    "#x=1e999",
    "#x=NaN",
    "#step=-1",
    "#step=1e9",
    "#mode=eval",
    "#__proto__=1",
]
FUNCTIONS = {"lecture": functions.lecture, "network": functions.network}


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_step_by_key_forwards_and_back(opened, name, size):
    stepper = FUNCTIONS[name]()
    page = opened(stepper, size)
    total = len(stepper.record.push)
    compare(page, stepper, 0)
    for at in range(1, total + 1):
        page.keyboard.press("ArrowRight")
        compare(page, stepper, at)
    page.keyboard.press("ArrowRight")
    compare(page, stepper, total)
    for at in range(total - 1, -1, -1):
        page.keyboard.press("ArrowLeft")
        compare(page, stepper, at)
    page.keyboard.press("ArrowLeft")
    compare(page, stepper, 0)


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_step_by_click(opened, name, size):
    stepper = FUNCTIONS[name]()
    page = opened(stepper, size)
    total = len(stepper.record.push)
    for at in range(1, total + 1):
        page.click("#next")
        compare(page, stepper, at)
    assert page.locator("#next").is_disabled()
    page.click("#first")
    compare(page, stepper, 0)
    page.click("#last")
    compare(page, stepper, total)
    page.click("#back")
    compare(page, stepper, total - 1)


OPTIMIZERS = {
    "momentum": lambda weights: nn.SGD(weights, lr=0.1, momentum=0.9, weight_decay=0.1),
    "adam": lambda weights: nn.Adam(weights, lr=0.1, amsgrad=True),
    "rprop": lambda weights: nn.Rprop(weights, lr=0.1),
}


def training_step():
    """Two weights, and a function that builds their loss."""
    weights = [Value(0.8, "w1"), Value(-0.4, "w2")]
    return weights, lambda: (weights[0] * 1.5 + weights[1] * weights[1] - 1.0) ** 2


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_steps_of_an_optimizer_by_key_and_with_other_inputs(opened, name):
    weights, loss = training_step()
    optimizer = OPTIMIZERS[name](weights)
    for _ in range(2):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
    stepper = page_of(loss(), optimizer=optimizer)
    page = opened(stepper, "screen")
    total = len(stepper.record.push)
    for at in [*range(total - 3, total + 1), *range(total - 1, total - 4, -1)]:
        page.evaluate(f"() => {{ scrubber.value = {at}; scrubber.dispatchEvent(new Event('input')); }}")
        compare(page, stepper, at)
    weights[0].data = 2.5
    moved = steps(loss(), optimizer=optimizer)
    page.keyboard.press("End")
    page.evaluate("() => { y0.value = 2.5; y0.dispatchEvent(new Event('input')); }")
    if name == "rprop":
        assert "compares numbers" in text_in(page, "#sentence")
    else:
        shown = [text_in(page, f"#n{stepper.record.places[w.label]} .value") for w in weights]
        assert [close(text, u.after) for text, u in zip(shown, moved.updates, strict=True)] == [True, True]


def test_the_scrubber_and_a_click_on_the_table_jump(opened):
    stepper = functions.lecture()
    page = opened(stepper)
    page.evaluate("() => { scrubber.value = 9; scrubber.dispatchEvent(new Event('input')); }")
    compare(page, stepper, 9)
    page.keyboard.press("t")
    page.click("td.what[data-step='4']")
    compare(page, stepper, 4)
    page.keyboard.press("End")
    compare(page, stepper, 13)
    page.keyboard.press("Home")
    compare(page, stepper, 0)


def test_the_second_path_is_told_and_its_sum_shown(opened):
    page = opened(functions.lecture(), fragment="#step=12")
    assert text_in(page, "#badge") == "2nd path: gradients add"
    assert "u₁ sends its gradient 0.9695 to t" in text_in(page, "#sentence")
    assert "they add up" in text_in(page, "#sentence")
    lines = page.locator("#lines .line").all_text_contents()
    assert len(lines) == 3
    assert "2.908+(−0.6337)=2.275" in lines[2]
    assert "0.9695⋅cos(4)" in lines[1].replace("\u2061", "")
    page.keyboard.press("ArrowLeft")
    assert page.locator("#badge").is_hidden()


def test_a_negative_number_in_a_product_stands_in_brackets(opened):
    stepper = functions.network()
    page = opened(stepper)
    page.keyboard.press("End")
    for _ in range(len(stepper.record.push) // 2):
        page.keyboard.press("ArrowLeft")
        for line in page.locator("#lines .line").all_text_contents():
            assert "⋅−" not in line
            assert "+−" not in line


def test_steps_by_node_take_all_contributions_of_a_node(opened):
    page = opened(functions.lecture(), fragment="#step=8")
    page.keyboard.press("Shift+ArrowRight")
    assert text_in(page, "#count") == "10 / 13", "u sends to u1 and to u2"
    page.keyboard.press("Shift+ArrowLeft")
    assert text_in(page, "#count") == "8 / 13"
    page.keyboard.press("2")
    page.keyboard.press("ArrowRight")
    assert text_in(page, "#count") == "10 / 13"


def test_playing_goes_on_to_the_end_and_stops_at_a_breakpoint(opened):
    page = opened(functions.lecture())
    page.select_option("#speed", "60")
    page.focus("#n2 .box")
    page.keyboard.press("b")
    assert "stopped" in page.get_attribute("#n2", "class")
    page.click("#play")
    expect(page.locator("#count")).to_have_text("2 / 13")
    expect(page.locator("#play")).to_have_attribute("aria-label", "Play")
    assert text_in(page, "#count") == "2 / 13", "it has stopped"
    page.focus("#n2 .box")
    page.keyboard.press("b")
    page.click("#play")
    expect(page.locator("#count")).to_have_text("13 / 13")


def test_the_page_reads_its_address_and_refuses_what_it_does_not_know(opened):
    stepper = functions.lecture()
    page = opened(stepper, fragment="#x=1&step=6")
    assert number(text_in(page, "#n7 .value")) == pytest.approx(-0.7649205628, abs=1e-4)
    page.keyboard.press("End")
    expect(page).to_have_url(re.compile(r"#x=1&step=13$"))
    page.reload()
    assert number(text_in(page, "#n0 .grad")) == pytest.approx(4.5607917907, abs=1e-3)
    assert text_in(page, "#count") == "13 / 13"
    for hostile in HOSTILE:
        other = opened(stepper, fragment=hostile)
        assert "Not understood" in text_in(other, "#notice")
        assert "x = 2" in text_in(other, "#point")
    far = opened(stepper, fragment="#step=999999999")
    assert text_in(far, "#count") == "13 / 13"


@pytest.mark.parametrize("name", ["step", "mode", ".step", ".", "x&step=3", "="])
def test_an_input_may_be_called_like_a_part_of_the_address(opened, name):
    x = Value(2.0, name)
    stepper = page_of(x * x + 1.0)
    key = name if name in ("x&step=3", "=") else "." + name
    page = opened(stepper, fragment=f"#{urlencode({key: 3})}&step=1")
    assert text_in(page, "#point") == f"at {name} = 3"
    page.keyboard.press("End")
    expect(page).to_have_url(re.compile(r"=3&step=\d+$"))
    page.reload()
    assert text_in(page, "#point") == f"at {name} = 3"
    assert not page.locator("#notice").is_visible()


def test_pull_and_forward_mode_have_tables_and_counts(opened):
    stepper = functions.lecture()
    page = opened(stepper)
    page.keyboard.press("t")
    page.click("#tab-pull")
    page.keyboard.press("End")
    assert number(text_in(page, "#n0 .grad")) == pytest.approx(9.09914854, abs=1e-3)
    assert "collects" in text_in(page, "#method")
    assert "6 multiplications, 1 addition" in text_in(page, "#method")
    page.click("#tab-forward")
    page.keyboard.press("End")
    assert number(text_in(page, "#n7 .grad")) == pytest.approx(9.09914854, abs=1e-3)
    assert number(text_in(page, "#n0 .grad")) == 1
    assert "one pass for each input" in text_in(page, "#method")


def test_hovering_a_node_shows_its_paths_and_a_click_tells_of_it(opened):
    page = opened(functions.lecture(), fragment="#step=13")
    page.hover("#n3 .box")
    on_path = page.evaluate("[...document.querySelectorAll('.node.on-path')].map((g) => g.id)")
    assert sorted(on_path) == ["n3", "n6", "n7"]
    page.click("#n2 .box")
    about = text_in(page, "#about")
    assert "t = x² = 4" in about
    assert "2 paths to J" in about
    assert page.get_attribute("#n2 .box", "aria-label") == "t = x² = 4 · ∂J/∂t = 2.275 · 2 paths to J"
    page.click("#about button:has-text('its gradient')")
    assert text_in(page, "#count") == "12 / 13"


SMOOTH = {
    "sin": lambda x: sin(x),
    "power": lambda x: x**3.0,
    "log": lambda x: log(x),
    "tanh": lambda x: tanh(x),
    "quotient": lambda x: 2.0 / x,
}


@pytest.mark.parametrize("name", SMOOTH)
def test_the_card_shows_taylor_polynomials(opened, name):
    """The page tells how far off each is at x + h: compared with the coefficients from Python."""
    x = Value(1.3, "x")
    stepper = page_of(SMOOTH[name](x))
    edge = stepper.record.edge_places[stepper.record.places["J"], 1 if name == "quotient" else 0]
    page = opened(stepper, "screen", fragment=f"#step=9&card={edge}")
    for at in (1.3, 1.1):
        page.evaluate(f"() => {{ y0.value = {at}; y0.dispatchEvent(new Event('input')); }}")
        page.evaluate("() => { const o = document.getElementById('card-order');"
                      " o.value = o.max; o.dispatchEvent(new Event('input')); }")  # fmt: skip
        shown = [
            float(t.replace("−", "-")) for t in re.findall(r"\) (\S+?)(?:,|$)", text_in(page, "#card-orders"))
        ]
        series = taylor(SMOOTH[name], at, 4)
        true = SMOOTH[name](Value(at + 0.5)).data
        off = [sum(c * 0.5**k for k, c in enumerate(series[: n + 1])) - true for n in range(1, 5)]
        assert shown == pytest.approx(off, rel=1e-3, abs=1e-12)
        assert page.locator("#plot .polynomial").count() == 3


def test_a_linear_operation_has_no_higher_polynomials(opened):
    x = Value(1.3, "x")
    page = opened(page_of(x + 1.0), "screen", fragment="#step=3&card=0")
    page.evaluate("() => { const o = document.getElementById('card-order');"
                  " o.value = o.max; o.dispatchEvent(new Event('input')); }")  # fmt: skip
    assert page.locator("#card").is_visible()


def test_an_edge_opens_its_card_with_rule_and_plot(opened):
    page = opened(functions.lecture())
    page.focus("#e2")
    page.keyboard.press("Enter")
    assert page.locator("#card").is_visible()
    assert text_in(page, "#card-title") == "Local derivative of u₁ by t"
    lines = page.locator("#card-lines .line").all_text_contents()
    assert "cos" in lines[0]
    assert "−0.6536" in lines[2]
    assert "rule" in lines[3]
    assert page.locator("#plot path.curve").count() == 1
    assert "slope −0.6536" in page.get_attribute("#plot svg", "aria-label")
    page.keyboard.press("Escape")
    assert page.locator("#card").is_hidden()


def test_f15_without_scripts_everything_is_there(opened):
    stepper = functions.lecture()
    page = opened(stepper, scripts=False)
    assert number(text_in(page, "#n0 .grad")) == pytest.approx(9.0991, abs=1e-3)
    assert "2.2748" in text_in(page, "#table")
    assert page.locator(".noscript").is_visible()
    assert page.locator(".controls").is_hidden()


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_at_any_width(opened, size, scheme):
    for stepper in (functions.lecture(), functions.network()):
        page = opened(stepper, size, color_scheme=scheme, fragment="#step=7")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.locator("#next").is_visible()


CUT = """() => [...document.querySelectorAll(".rows td:not(.long)")].filter((cell) => {
    const end = (part) => part.getBoundingClientRect().right;
    return [...cell.children].some((part) => end(part) > end(cell) + 1);
}).map((cell) => `${cell.className} ${cell.dataset.step}`)"""


@pytest.mark.parametrize("width", [390, 1000, 1200, 1600])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_cell_of_the_table_is_cut_at_any_width(opened, name, width):
    page = opened(FUNCTIONS[name]())
    page.set_viewport_size({"width": width, "height": 900})
    if width < 1600:
        page.keyboard.press("t")
    page.keyboard.press("End")
    assert page.locator("#table").is_visible()
    assert page.evaluate(CUT) == []
    if width > 390:
        wide = "(all) => all.filter((td) => td.scrollWidth > td.clientWidth).map((td) => td.textContent)"
        assert page.eval_on_selector_all("td.number", wide) == []


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_step_is_told_in_sight_beside_the_picture(opened, name, size):
    page = opened(FUNCTIONS[name](), size, fragment="#step=12")
    lines, controls = page.locator("#lines").bounding_box(), page.locator(".controls").bounding_box()
    assert lines["y"] + lines["height"] <= controls["y"] + 1


def test_what_has_no_room_is_scrolled_to_and_has_a_map(opened):
    page = opened(functions.network(), "projector")
    overflow = "scroller.scrollHeight > scroller.clientHeight || scroller.scrollWidth > scroller.clientWidth"
    assert page.evaluate(overflow)
    assert page.locator("#map").is_visible()
    page.keyboard.press("+")
    larger = page.locator("#picture").bounding_box()["width"]
    page.keyboard.press("0")
    assert page.locator("#picture").bounding_box()["width"] < larger
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 0.5 * box["height"])
    assert page.evaluate("scroller.scrollTop > 0 || scroller.scrollLeft > 0")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_f15_printing_shows_the_whole_table_on_one_page(opened, name):
    page = opened(FUNCTIONS[name](), fragment="#step=3")
    pdf = page.pdf(format="A4")
    assert re.findall(rb"/Count (\d+)", pdf) == [b"1"]
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 794, "height": 1123})  # Paper is narrower than the screen.
    for hidden in (".controls", "#story", "#expand"):
        assert page.locator(hidden).is_hidden()
    assert page.locator("#table .rows").is_visible()
    assert page.locator("#point").is_visible()


def test_with_reduced_motion_nothing_moves(opened):
    page = opened(functions.lecture(), reduced_motion="reduce", fragment="#step=8")
    assert page.evaluate("document.getAnimations().length") == 0


def test_a_notebook_frame_steps_without_reaching_outside(opened, tmp_path):
    frame = functions.lecture()._repr_html_()
    path = tmp_path / "notebook.html"
    path.write_text(f"<!doctype html><title>notebook</title><meta charset='utf-8'>{frame}", encoding="utf-8")
    page = opened(path)
    inside = page.frame_locator("iframe")
    inside.locator("#next").click()
    inside.locator("#next").click()
    assert inside.locator("#count").text_content() == "2 / 13"
    assert inside.locator("#n2 .value").text_content() == "4"
    room, drawn = inside.locator("#scroller").bounding_box(), inside.locator("#picture").bounding_box()
    assert drawn["width"] > 0.8 * room["width"], "fitted to the frame's size, which it gets late"


def test_a_local_derivative_is_written_as_people_do_only_where_that_gives_its_number(opened):
    z, w = Value(1.0, "z"), Value(2.0, "w")
    page = opened(page_of(tanh(z) * maximum(z, w)))
    told = {}
    for point in ("z=1&w=2", "z=30&w=2", "z=2&w=2", "z=3&w=2"):
        page.goto(page.url.partition("#")[0] + "#" + point)
        page.reload()
        rows = page.locator("td.what").all_text_contents()
        told[point] = "".join(rows).replace("\u2061", "").replace("\u2062", "")
    assert "1−v12" in told["z=1&w=2"]
    assert "1−v12" not in told["z=30&w=2"]
    assert "sech" not in told["z=1&w=2"]
    assert "sech" in told["z=30&w=2"]
    assert "[z=v2]" in told["z=1&w=2"]
    assert "[z=v2]" not in told["z=2&w=2"]
    assert "[z=v2]" in told["z=3&w=2"]


def test_a_tie_is_told(opened):
    x, y = Value(2.0, "x"), Value(2.0, "y")
    page = opened(page_of(maximum(x, y) * 3.0), fragment="#step=7")
    assert "A tie: 2 arguments share the slope." in text_in(page, "#sentence")
    assert "1/2" in text_in(page, "#sentence")
