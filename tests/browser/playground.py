"""The playground as tests use it: visits, what its stepper shows, runs of code."""

import re

import pytest

from .conftest import SIZES

expect = pytest.importorskip("playwright.sync_api").expect

PATIENCE = 300_000


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


def go(page, fragment):
    """Take an open page to another address, as a link does."""
    page.evaluate("(fragment) => { location.hash = fragment; }", fragment)
    return page


def ready(page):
    expect(page.locator("#status")).to_have_text("Ready")
    return page


def stepped(page, selector="#picture"):
    """Return what is inside the stepper that is shown."""
    return page.frame_locator(selector).frame_locator("iframe:not(.coming, .spare)")


def inside(page, selector="#picture"):
    """Return the frame of the stepper that is shown, after the next one is there."""
    outer = page.frame_locator(selector)
    expect(outer.locator("iframe:not(.spare)")).to_have_count(1)
    expect(outer.locator("iframe.coming")).to_have_count(0)
    return outer.locator("iframe:not(.coming, .spare)").element_handle().content_frame()


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
