"""What is visible: the picture first, the current step, large letters, nothing clipped, one state."""

import random
import re

import pytest

from autograd_core import Value, dot, exp, sin
from tests.viz.golden_drawings import loss
from viz import stepper as page_of

from . import functions
from .reading import close, compare, number, text_in

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.browser

SIZES = ["screen", "projector", "sideways", "phone"]


def square():
    x = Value(3.0, "x")
    return page_of(x * x + x)


FUNCTIONS = {"lecture": functions.lecture, "network": functions.network, "square": square}


# Defect 1: stale numbers.


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_chosen_node_always_tells_the_present_state(opened, name):
    """After every step and slider move, a node's details agree with the picture."""
    stepper = FUNCTIONS[name]()
    page = opened(stepper)
    rng = random.Random(2)
    places = list(stepper.record.places.values())
    for _ in range(25):
        i = rng.choice(places)
        page.focus(f"#n{i} .box")
        move = rng.choice(["Home", "End", "ArrowRight", "ArrowLeft", "slide"])
        if move == "slide":
            page.fill("#y0", str(round(rng.uniform(0.3, 1.9), 2)))
        else:
            page.keyboard.press(move)
        value, gradient = text_in(page, f"#n{i} .value"), page.locator(f"#n{i} .grad").all_text_contents()
        about = text_in(page, "#about")
        assert (f"= {value} ·" in about + " ·") == (value != "·"), (about, value)
        assert ("∂" in about) == (gradient not in ([], ["–"])), (about, gradient)
        if "∂" in about:
            assert f"= {gradient[0]} " in about
        assert page.get_attribute(f"#n{i} .box", "aria-label") in about


def test_home_and_play_take_back_what_a_chosen_node_says(opened):
    page = opened(functions.lecture(), fragment="#step=13")
    page.click("#n2 .box")
    assert "∂J/∂t" in text_in(page, "#about")
    page.keyboard.press("Home")
    assert "∂J/∂t" not in text_in(page, "#about")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert "t = x² = 4" in text_in(page, "#about")
    assert "∂J/∂t" not in text_in(page, "#about")


# Defect 2: a false equation, and paths miscounted.


def test_a_node_that_is_an_argument_twice_has_a_derivative_for_each_place(opened):
    page = opened(square())
    told = []
    for _ in range(9):
        page.keyboard.press("ArrowRight")
        told.append(text_in(page, "#sentence"))
    assert not [text for text in told if "∂v₁/∂x = x" in text]
    assert [text for text in told if "by its first argument: ∂(a·b)/∂a = b, here x = 3" in text]
    assert [text for text in told if "by its second argument: ∂(a·b)/∂b = a, here x = 3" in text]
    assert "Another path has brought" in " ".join(told)
    assert "2 other paths have brought 4" in told[-1] or "2 other paths have brought" in " ".join(told)
    edge = page.locator(".edge.now[role=button]").first
    edge.dispatch_event("click")
    assert "argument" in text_in(page, "#card-title")


# Defects 4, 5, 6, 7: visible, large enough, still, complete.

FAR = """() => {
    const seen = (rect, frame) => rect.left >= frame.left - 2 && rect.right <= frame.right + 2
        && rect.top >= frame.top - 2 && rect.bottom <= frame.bottom + 2;
    const frame = document.getElementById("scroller").getBoundingClientRect();
    const kind = document.body.classList.contains("folded") ? ".pile" : ".node";
    const now = [...document.querySelectorAll(`${kind}.now > .box`)].map((box) =>
        box.getBoundingClientRect());
    const others = [...document.querySelectorAll(`${kind}.source > .box`)].map((box) =>
        box.getBoundingClientRect());
    const chip = document.getElementById("chip");
    const inWindow = (rect) => rect.top >= 0 && rect.bottom <= innerHeight && rect.left >= 0
        && rect.right <= innerWidth;
    return {
        now: now.length > 0 && now.every((rect) => seen(rect, frame) && inWindow(rect)),
        one: others.length === 1, others: others.every((rect) => seen(rect, frame)), chip: !chip.hidden
            && inWindow(chip.getBoundingClientRect()),
    };
}"""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", [*FUNCTIONS, "sum"])
def test_the_receiving_node_is_in_sight_and_a_chip_leads_to_the_other_end(opened, name, size):
    made = FUNCTIONS[name]() if name in FUNCTIONS else page_of(sum([Value(1.0, f"x{i}") for i in range(30)]))
    page, led = opened(made, size), False
    for at in range(1, len(made.record.push) + 1):
        page.keyboard.press("ArrowRight")
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        found = page.evaluate(FAR)
        assert found["now"], at
        assert found["others"] or found["chip"], at
        if found["chip"] and found["one"] and not led:
            page.click("#chip")
            assert page.evaluate(FAR)["others"], at
            led = True
    assert led or name != "sum"


def test_both_ends_of_a_contribution_are_in_sight_if_they_fit(opened):
    page = opened(functions.lecture(), "landscape")
    for at in range(1, 14):
        page.keyboard.press("ArrowRight")
        found = page.evaluate(FAR)
        assert found["now"], at
        assert found["others"] or not found["one"], at


def test_a_picture_that_hardly_has_room_keeps_its_distance_from_both_sides(opened):
    page = opened(functions.lecture(), "projector")
    stage = page.locator("#scroller").bounding_box()
    boxes = [box.bounding_box() for box in page.locator(".node .box").all()]
    left = min([box["x"] for box in boxes]) - stage["x"]
    right = stage["x"] + stage["width"] - max([box["x"] + box["width"] for box in boxes])
    assert left >= 5
    assert left == pytest.approx(right, abs=2)


BROKEN = """[...document.querySelectorAll("#sentence span")]
    .filter((span) => span.getClientRects().length > 1).map((span) => span.textContent)"""


def test_words_of_a_step_keep_together_and_bars_apart(opened):
    """No name is broken after its superscript, and nothing in the bar touches."""
    page = opened(functions.large(), "sideways", fragment="#step=900")
    for width in (720, 700, 680, 660):
        page.set_viewport_size({"width": width, "height": 480})
        assert page.evaluate(BROKEN) == []
        count, choices = [page.locator(part).bounding_box() for part in ("#count", ".choices")]
        assert count["x"] + count["width"] < choices["x"]
    assert "∂s⁽²⁾₅/∂a⁽¹⁾₁₄" in text_in(page, "#sentence")


def test_the_quizs_buttons_are_in_sight_on_a_projector(opened):
    page = opened(functions.lecture(), "projector", fragment="#quiz=1")
    inputs, again = page.locator("#inputs").bounding_box(), page.locator("#again").bounding_box()
    assert again["y"] + again["height"] <= inputs["y"] + inputs["height"]


SMALLEST = """() => Math.min(...[...document.querySelectorAll("#picture text")]
    .filter((text) => text.getBoundingClientRect().width && text.textContent.trim().length
        && !text.matches(".mark"))
    .map((text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a))"""


@pytest.mark.parametrize("size", [*SIZES, "wide"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_number_in_the_picture_is_smaller_than_14_pixels(opened, name, size):
    page = opened(FUNCTIONS[name](), size, fragment="#step=8")
    assert page.evaluate(SMALLEST) >= 14
    for _ in range(12):
        page.keyboard.press("-")
    assert page.evaluate(SMALLEST) >= 14


@pytest.mark.parametrize("size", ["screen", "projector", "phone"])
def test_the_picture_takes_the_width_and_at_least_55_percent_of_the_height(opened, size):
    page = opened(functions.lecture(), size, fragment="#step=8")
    stage, window = page.locator("#graph").bounding_box(), page.viewport_size
    assert stage["width"] >= 0.94 * window["width"]
    assert stage["height"] >= 0.55 * window["height"] - 1
    below = stage["y"] + stage["height"]
    assert 0 <= page.locator("#story").bounding_box()["y"] - below < 20, "the story is right below"
    if size != "phone":
        slider = page.locator("#x0").bounding_box()
        assert below < slider["y"] < page.locator(".controls").bounding_box()["y"] - slider["height"]


def test_at_1920_the_table_is_open_and_the_slider_above_the_bar(opened):
    page = opened(functions.lecture(), "wide", fragment="#step=8")
    assert page.locator("#table").is_visible()
    slider, bar = page.locator("#x0").bounding_box(), page.locator(".controls").bounding_box()
    assert slider["y"] + slider["height"] <= bar["y"]
    page.keyboard.press("t")
    assert not page.locator("#table").is_visible()


def test_lecture_view_has_large_letters_one_line_and_keys_for_presenters(opened):
    page = opened(functions.lecture(), "projector", fragment="#view=lecture&step=11")
    assert page.evaluate(SMALLEST) >= 24
    names = "text => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a"
    assert page.locator("#n2 .name").evaluate(names) >= 28
    page.keyboard.press("PageDown")
    assert text_in(page, "#count") == "12 / 13"
    assert page.locator("#lines .line").count() == 1
    assert page.locator("#sentence").is_hidden()
    page.keyboard.press("PageUp")
    assert text_in(page, "#count") == "11 / 13"
    page.keyboard.press("l")
    assert page.locator("#sentence").is_visible()


def test_a_resting_mouse_does_not_dim_the_active_node(opened):
    page = opened(functions.lecture(), fragment="#step=11")
    page.hover("#n3 .box")
    assert page.locator("#picture.tracing").count() == 1
    page.keyboard.press("ArrowRight")
    assert page.locator("#picture.tracing").count() == 0, (
        "what the mouse rests on is not what the step is about"
    )
    page.hover("#n7 .box")
    opacity = page.locator(".node.now").evaluate_all(
        "all => all.map((node) => getComputedStyle(node).opacity)"
    )
    assert set(opacity) == {"1"}


@pytest.mark.parametrize("size", ["screen", "projector"])
def test_the_card_opens_at_its_edge_and_scrolls_nothing_away(opened, size):
    page = opened(functions.lecture(), size, fragment="#step=12")
    before = page.evaluate("[scrollX, scrollY, scroller.scrollLeft, scroller.scrollTop]")
    slider = page.locator("#x0").bounding_box()
    page.locator("#t2").click()
    assert page.locator("#card").is_visible()
    assert page.evaluate("[scrollX, scrollY, scroller.scrollLeft, scroller.scrollTop]") == before
    assert page.locator("#x0").bounding_box() == slider
    card, window = page.locator("#card").bounding_box(), page.viewport_size
    assert card["x"] >= 0
    assert card["x"] + card["width"] <= window["width"]
    assert card["y"] + card["height"] <= window["height"]


def test_the_secant_tightens_as_h_shrinks(opened):
    page = opened(functions.lecture(), "screen", fragment="#step=12")
    page.locator("#t2").click()
    errors = []
    for h in (1.0, 0.5, 0.1, 0.01):
        page.locator("#card-h").evaluate(
            f"(range) => {{ range.value = {h}; range.dispatchEvent(new Event('input')); }}"
        )
        told = text_in(page, "#card-told")
        rate, slope = re.search(r"Δy / h = (\S+), slope (\S+)", told).groups()
        errors.append(abs(number(rate) - number(slope)))
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.01
    handle = page.locator("#plot .handle").bounding_box()
    page.mouse.move(handle["x"] + 6, handle["y"] + 6)
    page.mouse.down()
    page.mouse.move(handle["x"] + 46, handle["y"] + 6, steps=3)
    page.mouse.up()
    assert not text_in(page, "#card-told").startswith("h = 0.01:")


def test_dragging_moves_the_picture_the_wheel_zooms_and_the_buttons_stay(opened):
    page = opened(functions.network(), "projector")
    box = page.locator("#scroller").bounding_box()
    x, y = box["x"] + box["width"] * 0.3, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    buttons = page.locator("#zoom-in").bounding_box()
    page.mouse.wheel(0, -100)
    larger = page.locator("#picture").bounding_box()["width"]
    page.keyboard.press("0")
    assert page.locator("#picture").bounding_box()["width"] < larger
    page.mouse.down()
    page.mouse.move(x - 60, y - 80, steps=4)
    page.mouse.up()
    assert page.evaluate("scroller.scrollTop") > 40
    assert page.locator("#about .legend").count() == 1, "the drag was not a click on a node"
    page.click("#zoom-in")
    page.click("#n0")
    assert page.locator("#zoom-in").bounding_box() == buttons


def test_by_node_shows_all_of_a_nodes_contributions(opened):
    page = opened(functions.lecture(), fragment="#step=8&by=node")
    page.keyboard.press("ArrowRight")
    assert text_in(page, "#sentence") == "u sends its gradient 0.9695 on to u₁ and u₂."
    assert page.locator("#lines .line").count() == 2
    assert page.locator(".node.now").count() == 2
    assert page.locator(".edge.now").count() == 2


CLIPPED = """() => {
    const out = [];
    for (const element of document.querySelectorAll(
        "header *, #story *, #inputs *, .controls *, #columns *, #card *, .below *")) {
        const style = getComputedStyle(element);
        if (!element.offsetWidth || /auto|scroll/.test(style.overflowX)
            || element.closest("math, svg, [hidden], .unseen")) continue;
        if (element.matches("#point, option, .titles, [type=range], .phases span")
            || element.closest(".slider label")) continue;
        if (element.scrollWidth > element.clientWidth + 1
            && element.clientWidth) out.push(`${element.tagName} ${element.id} ${element.className}`);
    }
    for (const node of document.querySelectorAll("#picture .node")) {
        const box = node.querySelector(".box").getBoundingClientRect();
        for (const text of node.querySelectorAll("text")) {
            const rect = text.getBoundingClientRect();
            if (rect.width && (rect.left < box.left - 1
                || rect.right > box.right + 1)) out.push(text.textContent);
        }
    }
    return out;
}"""


def awkward():
    """Build a graph with long names, five-digit weights and an operation of many arguments."""
    names = ["a_rather_long_name_of_an_input", "layers.12.weight[10, 11]", "w"]
    values = [Value(v, name) for v, name in zip((-12345.678, 0.0000123456, 98765.4), names, strict=True)]
    return page_of(dot(values, [Value(1.5, f"x{i}") for i in range(3)]) * values[2])


@pytest.mark.parametrize("size", [*SIZES, "wide"])
@pytest.mark.parametrize("name", [*FUNCTIONS, "awkward"])
def test_no_text_is_clipped(opened, name, size):
    made = FUNCTIONS[name]() if name in FUNCTIONS else awkward()
    page = opened(made, size, fragment=f"#step={len(made.record.push)}&table=1")
    assert page.evaluate(CLIPPED) == []
    page.keyboard.press("Home")
    assert page.evaluate(CLIPPED) == []


def test_formulas_are_set_in_the_pages_own_font(opened):
    page = opened(functions.lecture())
    page.evaluate("document.fonts.ready")
    assert page.evaluate(
        "[...document.fonts].map((font) => [font.family.replaceAll('\\\"', ''), font.status])"
    ) == [["Page Math", "loaded"]]
    assert "Page Math" in page.locator("h1 math").evaluate("(math) => getComputedStyle(math).fontFamily")


def test_functions_stand_upright_among_names(opened):
    for made in (functions.lecture(), functions.large()):
        page = opened(made, fragment="#step=5")
        names = page.locator("#picture .name").all_text_contents()
        upright = page.locator("#picture .upright")
        assert "u₁ = sin t" in names or "constant" in names
        assert set(upright.all_text_contents()) <= {"sin", "cos", "dot", "relu"}
        if "u₁ = sin t" in names:
            assert upright.count() == 2
        else:
            box = page.locator(".pile:visible").filter(
                has=page.locator(".name", has_text=re.compile("^layer 2$"))
            )
            box.locator(".box").click()
            page.locator(".pile:visible").filter(has_text="neuron 7").locator(".box").click()
            assert upright.count() > 0
            assert upright.first.evaluate("(text) => getComputedStyle(text).fontStyle") == "normal"


STRUCK = """() => {
    const tags = [...document.querySelectorAll(".tag.used")].map((tag) => [tag.id.slice(1),
        tag.getBoundingClientRect()]);
    const hits = [];
    for (const edge of document.querySelectorAll(".edge")) {
        const line = edge.querySelector(".line"), matrix = line.getScreenCTM(),
            length = line.getTotalLength();
        for (let at = 0; at <= length; at += 4) {
            const { x, y } = line.getPointAtLength(at).matrixTransform(matrix);
            for (const [k, r] of tags) if (edge.id !== `e${k}` && x > r.left && x < r.right
                && y > r.top + 3 && y < r.bottom - 3)
                hits.push([k, edge.id]);
        }
    }
    const boxes = [...document.querySelectorAll(".node .box")].map((box) => box.getBoundingClientRect());
    for (const [k, r] of tags) for (const b of boxes)
        if (r.left < b.right && r.right > b.left && r.top < b.bottom && r.bottom > b.top) hits.push([k,
            "box"]);
    return hits;
}"""


@pytest.mark.parametrize("name", ["lecture", "square"])
@pytest.mark.parametrize("size", ["screen", "phone"])
def test_no_label_of_an_edge_is_struck_through_or_hidden(opened, name, size):
    made = FUNCTIONS[name]()
    page = opened(made, size, fragment=f"#step={len(made.record.push)}")
    assert page.evaluate(STRUCK) == []


# Defect 8: folded pictures.


def test_a_folded_picture_shows_what_its_legend_says_and_skips_zeros(opened):
    made = functions.large()
    page = opened(made, "screen")
    assert page.evaluate(SMALLEST) >= 14
    assert "opens a box" in text_in(page, "#about")
    assert "local derivative" not in text_in(page, "#about"), "its edges have none"
    page.keyboard.press("End")
    values, grads = [page.locator(f".pile:visible .{kind}").all_text_contents() for kind in ("value", "grad")]
    assert all(text.startswith("▸ ") and text != "▸ –" for text in values)
    assert all(text.startswith("◂ ") and text != "◂ –" for text in grads)
    weights = [node for node in made.record.graph.nodes if node.requires_grad and node.is_leaf]
    assert weights
    page.keyboard.press("Home")
    page.check("#zeros")
    visited = 0
    steps = made.record.data()["steps"]["push"]
    forward = sum(step["k"] == "value" for step in steps)
    page.fill("#scrubber", str(forward))
    while text_in(page, "#count") != f"{len(steps)} / {len(steps)}" and visited < 40:
        page.keyboard.press("ArrowRight")
        at = int(text_in(page, "#count").split()[0])
        assert steps[at - 1].get("z") != 0 or at == len(steps)
        visited += 1
    page.click("#fold")
    assert "local derivative" in text_in(page, "#about")
    page.keyboard.press("0")
    assert page.locator("#picture").bounding_box()["height"] > 300
    assert page.evaluate(SMALLEST) >= 14


# Defect 11: the phone.

# Where the last line of the story ends.
ENDS = "document.getElementById('lines').getBoundingClientRect().bottom"


@pytest.mark.parametrize("size", ["phone", "sideways"])
def test_on_a_phone_the_story_is_above_the_bar_and_keeps_its_height(opened, size):
    made = functions.network()
    page = opened(made, size)
    heights = set()
    bar = page.locator(".controls").bounding_box()["y"]
    for _ in range(len(made.record.push)):
        page.keyboard.press("ArrowRight")
        story = page.locator("#story").bounding_box()
        assert story["y"] + story["height"] <= bar + 1
        assert page.evaluate(ENDS) <= story["y"] + story["height"], "the result is not below the edge"
        heights.add(round(story["height"]))
    assert len(heights) == 1


def test_on_a_phone_layers_have_frames_and_the_words_stay_above_a_higher_bar(opened):
    page = opened(page_of(loss(2, 3, 1)), "phone", fragment="#step=40")
    assert page.locator("#zeros").is_visible()
    titles = page.locator("#frames text").all_text_contents()
    assert [title for title in titles if title.startswith("layer")] == ["layer 1", "layer 2"]
    story, bar = page.locator("#story").bounding_box(), page.locator(".controls").bounding_box()
    assert story["y"] + story["height"] <= bar["y"]
    assert page.locator("#lines").evaluate("(e) => e.getBoundingClientRect().bottom") <= bar["y"]
    assert page.evaluate(COVERED) == []


# Titles of frames that a box covers.
COVERED = """() => {
    const boxes = [...document.querySelectorAll(".node .box")].map((box) => box.getBoundingClientRect());
    return [...document.querySelectorAll("#frames text")].filter((text) => {
        const t = text.getBoundingClientRect();
        return boxes.some((b) => t.left < b.right && t.right > b.left
            && t.top < b.bottom && t.bottom > b.top);
    }).map((text) => text.textContent);
}"""


def test_no_box_covers_the_title_of_a_frame(opened):
    page = opened(page_of(loss(2, 3, 1)), "screen")
    assert page.locator("#frames text").count() >= 4
    assert page.evaluate(COVERED) == []


# Animation, overwriting, infinite numbers.


# The moving contribution and the sum that it reaches, at every change.
WATCH = """() => {
    window.seen = [];
    new MutationObserver(() => {
        const text = document.querySelector("#flight text")?.textContent;
        if (text) window.seen.push([text, document.querySelector("#n2 .grad").textContent]);
    }).observe(document.getElementById("flight"), { childList: true });
}"""


def test_the_product_travels_and_the_sum_rolls(opened):
    page = opened(functions.lecture(), fragment="#step=11", reduced_motion="no-preference")
    page.evaluate(WATCH)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => window.seen.length && !document.querySelector('#flight *')")
    flying, sums = zip(*page.evaluate("window.seen"), strict=True)
    assert list(dict.fromkeys(flying))[:3] == ["0.9695", "×−0.6536", "−0.6337"]
    assert sums[0] == "2.908"
    expect(page.locator("#n2 .grad")).to_have_text("2.275")
    compare(page, functions.lecture(), 12)


def test_with_reduced_motion_the_product_is_shown_in_three_still_states(opened):
    page = opened(functions.lecture(), fragment="#step=11")
    page.evaluate(WATCH)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => window.seen.length && !document.querySelector('#flight *')")
    seen = [text for text, _ in page.evaluate("window.seen")]
    assert seen == ["0.9695", "×−0.6536", "−0.6337"]
    assert page.evaluate("document.getAnimations().length") == 0


def test_a_gradient_has_a_place_for_each_contribution_and_they_fill(opened):
    page = opened(functions.lecture(), fragment="#step=10")
    filled = []
    for _ in range(3):
        filled.append((page.locator("#n2 .place").count(), page.locator("#n2 .place.filled").count()))
        page.keyboard.press("ArrowRight")
    assert filled == [(2, 0), (2, 1), (2, 2)]


def test_push_empties_the_sender_and_pull_fills_the_collector(opened):
    page = opened(functions.lecture(), fragment="#step=9")
    assert page.locator(".edge.packed").count() == 2
    assert page.locator(".edge.packed.used").count() == 1
    assert page.locator(".edge.opened").count() == 0
    page = opened(functions.lecture(), fragment="#step=11&mode=pull")
    assert page.locator(".edge.opened").count() == 2
    assert page.locator(".edge.packed").count() == 0
    assert page.locator(".edge.opened.used").count() == 1


def test_to_overwrite_instead_of_adding_makes_the_check_fail_in_red(opened):
    page = opened(functions.lecture(), fragment="#step=13")
    assert page.locator("#check .fails").count() == 0
    page.check("#overwrite")
    assert number(text_in(page, "#n0 .grad")) == pytest.approx(-0.6337 * 4, abs=2e-3)
    assert page.locator("#check .fails").count() == 1
    page.keyboard.press("ArrowLeft")
    assert "overwritten: 2.908 is lost" in text_in(page, "#badge")
    page.uncheck("#overwrite")
    page.keyboard.press("End")
    assert text_in(page, "#n0 .grad") == "9.099"


def test_what_is_not_finite_is_striped_and_its_origin_told(opened):
    x = Value(1.0, "x")
    y = exp(x * 1.0)
    y.label = "y"
    made = page_of(sin(y * 0.5) + 2.0)
    page = opened(made)
    assert page.locator(".bad-value").count() == 0
    page.fill("#y0", "1000")
    page.click("#last")
    assert "bad-value" in page.get_attribute(f"#n{made.record.places['y']}", "class")
    assert "y" in text_in(page, "#notice")
    assert page.locator(".edge.tainted").count() >= 1
    assert page.locator("td.bad").count() >= 1


def test_one_thing_lights_up_wherever_it_stands(opened):
    page = opened(functions.lecture(), "wide", fragment="#step=12")
    page.hover("#lines .term[data-link=e2]")
    assert "lit" in page.get_attribute("#e2", "class").split()
    assert "lit" in page.get_attribute("#t2", "class").split()
    assert page.locator("#table .term.lit[data-link=e2]").count() == 1
    page.hover("#table .term[data-link=n2]")
    assert "lit" in page.get_attribute("#n2", "class").split()
    page.hover("#n3 .box")
    assert page.locator("#table .term.lit[data-link=n3]").count() >= 1


def test_the_full_number_is_there_on_hover(opened):
    stepper = functions.lecture()
    page = opened(stepper, "wide", fragment="#step=13")
    page.hover("#n3 .box")
    title = text_in(page, "#n3 title")
    assert "−0.7568024953079282" in title
    assert close(title.split("\n")[0], -0.7568024953079282, 16)
    assert page.get_attribute("td.number[data-step='3']", "title") == "−0.7568024953079282"


@pytest.mark.parametrize(
    "options", [{"view": "lecture"}, {"theme": "dark"}, {"start": 3}, {"method": "pull"}, {"by": "node"}]
)
def test_the_options_say_how_the_page_opens(opened, options):
    from tests.viz.lecture import example

    page = opened(page_of(example(), **options))
    ((name, value),) = options.items()
    found = {
        "view": "document.body.classList.contains('lecture') ? 'lecture' : 'page'",
        "theme": "document.documentElement.dataset.theme", "start": "S_count()",
        "method": "document.querySelector('[role=tab][aria-selected=true]').id.slice(4)",
        "by": "document.getElementById('grain').value",
    }[name].replace("S_count()",
        "Number(document.getElementById('count').textContent.split(' ')[0])")  # fmt: skip
    assert page.evaluate(found) == value
