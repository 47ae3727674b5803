"""Links to the playground: what they hold, bad ones, code in one, and a visit without a network."""

import http.server
import re
import threading
import urllib.request
from contextlib import contextmanager
from typing import ClassVar

import pytest

from autograd_core import parse
from docs.playground.links import decoded, encoded, of_code, of_expression
from tests.playground.site import served
from viz import stepper

from .playground import Visits, ended, expect, go, ready, run, seek, shows, stepped
from .reading import compare

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("patience")]

FIRST = "J = cos(sin(x²) + 3x²)"


def test_a_copied_link_opens_the_same_function_inputs_step_and_view(shared, visit):
    page = shared
    page.fill("#text", "t = x*y; L = tanh(t)")
    shows(page, "L = tanh(x·y)")
    page.fill("#value1", "0.25")
    expect(stepped(page).locator("#point")).to_contain_text(re.compile(r"y = 0\.25"))
    seek(page, 5).click("#lecture-toggle")
    seen = {"stepper": "step=5&view=lecture"}.items()
    page.wait_for_url(lambda url: "#" in url and seen <= decoded(url.partition("#")[2]).items())
    page.click("#share-open")
    page.click("#copy-link")
    expect(page.locator("#copied-told")).to_have_text("Copied.")
    link = page.evaluate("() => navigator.clipboard.readText()")
    assert link == page.input_value("#copied") == page.url
    page.keyboard.press("Escape")
    other = visit(link.removeprefix(visit.address))
    assert shows(other, "L = tanh(x·y)").locator("#count").text_content() == "5 / 8"
    assert other.input_value("#text") == "t = x*y; L = tanh(t)"
    assert [other.input_value(f"#value{i}") for i in (0, 1)] == ["2", "0.25"]
    assert decoded(link.partition("#")[2])["stepper"] == "step=5&view=lecture"


def test_the_copied_frame_shows_the_same_in_another_page(shared):
    page = go(shared, of_expression("cos(sin(x**2) + 3*x**2)", [("x", "2")]))
    shows(page, FIRST)
    seek(page, 6)
    page.click("#share-open")
    page.click("#copy-embed")
    page.keyboard.press("Escape")
    around = page.context.new_page()
    around.set_content(page.input_value("#copied"))
    expect(around.locator("iframe")).to_have_attribute("title", "autograd-core playground")
    picture = around.frame_locator("iframe").frame_locator("#picture")
    frame = picture.frame_locator("iframe:not(.coming, .spare)")
    expect(frame.locator("#count")).to_have_text("6 / 13")
    around.close()


PROGRAM = "from autograd_core import Value\nx = Value(3.0, 'é')\nprint('9 =', x.data * x.data)"


def test_code_of_a_link_is_shown_and_runs_only_after_a_click(visit):
    page = ready(visit(f"#{of_code(PROGRAM)}"))
    lines = page.locator("#editor .cm-line")
    expect(lines.first).to_have_text("from autograd_core import Value")
    assert "\n".join(lines.all_text_contents()) == PROGRAM
    expect(page.locator("#foreign")).to_contain_text("nothing has run yet")
    page.wait_for_timeout(1000)
    assert "9 =" not in page.text_content("#output")
    page.click("#run")
    assert "9 = 9.0" in ended(page).text_content()
    expect(page.locator("#foreign")).to_be_hidden()


class Counting(http.server.BaseHTTPRequestHandler):
    """A host that anyone may ask, and that counts who does."""

    asked: ClassVar[list[str]] = []

    def do_GET(self):
        self.asked.append(self.path)
        self.send_response(204)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()


def test_code_reaches_no_other_host(browser, address):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counting) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        target = f"http://127.0.0.1:{other.server_port}/"
        context = browser.new_context()
        page = context.new_page()
        page.goto(address)
        ready(page).click("#tab-code")
        lines = ["import js", "request = js.XMLHttpRequest.new()", f"request.open('GET', '{target}', False)"]
        run(page, *lines, "request.send()")
        assert "NetworkError" in ended(page).text_content()
        run(page, "import js", f"js.WebSocket.new('{target.replace('http', 'ws')}')", f"js.fetch('{target}')")
        ended(page)
        page.wait_for_timeout(500)
        context.close()
        urllib.request.urlopen(target + "open").close()
        other.shutdown()
    assert Counting.asked == ["/open"]


def test_a_function_cannot_put_markup_into_the_page(shared):
    page = go(shared, of_expression("<img src=x onerror=alert(1)>", [("<b>", "1")]))
    expect(page.locator("#error p")).to_contain_text("'<' ")
    assert page.locator("#error img, #inputs b").count() == 0


GOOD = {"tab": "expression", "text": "x*x", "inputs": [["x", "3"]], "stepper": "step=2"}
BAD = {
    "letters": "%%%<script>",
    "not packed": "abcdefg",
    "cut off": of_expression("cos(sin(x**2) + 3*x**2) + x + x + x")[:-12],
    "a list": encoded([1, 2]),
    "nothing": encoded({}),
    "another tab": encoded(GOOD | {"tab": "files"}),
    "code is a number": encoded({"tab": "code", "code": 7}),
    "inputs": encoded(GOOD | {"inputs": {"x": 3}}),
    "an input of three": encoded(GOOD | {"inputs": [["x", "3", "4"]]}),
    "a number as text": encoded(GOOD | {"inputs": [["x", 3]]}),
    "a long text": encoded(GOOD | {"text": "x+" * 15_000 + "x"}),
    "a long state": encoded(GOOD | {"stepper": "step=" + "1" * 5000}),
    "a bomb": encoded({"tab": "code", "code": "#" * 5_000_000}),
    "very long": "A" * 200_001,
}


def test_bad_addresses_are_refused_politely(shared):
    page = go(shared, encoded(GOOD))
    assert shows(page, "J = x·x").locator("#count").text_content() == "2 / 5"
    for name, fragment in BAD.items():
        go(page, fragment)
        expect(page.locator("#notice"), name).to_contain_text("The address was not understood")
        expect(page.locator("#text"), name).to_have_value("cos(sin(x**2) + 3*x**2)")
        go(page, encoded(GOOD))
        expect(page.locator("#text"), name).to_have_value("x*x")
        expect(page.locator("#notice"), name).to_be_hidden()
    expect(page.locator("#value0")).to_have_value("3")
    go(page, encoded(GOOD | {"stepper": "step=99&view=?&x=1e"}))
    shows(page, "J = x·x")


@contextmanager
def visited(browser, site):
    """Give the page of a first visit, whose server is gone once its files are stored."""
    with served(site) as address:
        visits = Visits(browser, address)
        page = ready(visits())
        active = "() => navigator.serviceWorker.ready.then(({ active }) => active.state !== 'redundant')"
        assert page.evaluate(active)
    yield page
    visits.close()


def test_after_the_first_visit_no_network_is_needed(browser, site):
    with visited(browser, site) as page:
        page.goto(page.url.split("#")[0] + "#" + of_expression("x*x*x", [("x", "3")]))
        page.reload()
        shows(page, "J = x·x·x")
        compare(seek(ready(page), 7), stepper(parse("x*x*x", {"x": 3.0})), 7)
        page.click("#tab-code")
        run(page, "from autograd_core import Value, sin", "sin(Value(1.0, 'x'))")
        assert ended(page).locator("img").count() == 1
