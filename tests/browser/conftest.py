"""A headless Chromium for the tests of the page. No page may send a request or write to the console."""

import os
import shutil
import warnings

import pytest

from tests.npm import unpacked
from tests.playground.site import built, served

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {
    "desktop": {"width": 1280, "height": 800},
    "phone": {"width": 390, "height": 844},
    "screen": {"width": 1440, "height": 900},
    "projector": {"width": 1024, "height": 768},
    "sideways": {"width": 720, "height": 480},
    "landscape": {"width": 844, "height": 390},
    "wide": {"width": 1920, "height": 1080},
}


# Playwright's loop runs until the fixture ends, which must be before other tests call asyncio.run.
@pytest.fixture(scope="package")
def browser():
    if CHROMIUM is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("no Chromium on PATH, and REQUIRE_BROWSER is set")
        pytest.skip("no Chromium on PATH")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            yield started
            started.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Return a function that opens a stepper's page from a file; check console and requests at the end."""
    contexts, said = [], []

    def open_page(page_maker, size="desktop", fragment="", scripts=True, **options):
        path = page_maker if isinstance(page_maker, os.PathLike) else page_maker.save(tmp_path / "page.html")
        options = {"reduced_motion": "reduce"} | options  # Numbers that roll are tested by themselves.
        context = browser.new_context(viewport=SIZES[size], java_script_enabled=scripts, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda message: said.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        page.on("request", lambda request: said.extend(_foreign(request.url)))
        page.goto(path.as_uri() + fragment)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []


@pytest.fixture(scope="module")
def patience():
    """Wait longer: a busy machine may take ten times as long as a quiet one."""
    from .playground import PATIENCE, expect

    expect.set_options(timeout=PATIENCE)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture(scope="package")
def site(tmp_path_factory):
    """Return the folder of the playground, built."""
    return built(tmp_path_factory)


@pytest.fixture(scope="package")
def address(site):
    """Return the address where the playground is served."""
    with served(site) as address:
        yield address


@pytest.fixture
def visit(browser, address):
    """Return a function that opens the playground; check console and requests at the end."""
    from .playground import Visits

    visits = Visits(browser, address)
    yield visits
    visits.close()


@pytest.fixture(scope="module")
def shared(browser, address):
    """Return a page for tests that follow one another on it, as a visitor stays on one page."""
    from .playground import Visits, ready

    visits = Visits(browser, address)
    options = {"permissions": ["clipboard-read", "clipboard-write"]}
    yield ready(visits(size="screen", **options))
    visits.close()


def _foreign(url):
    return [] if url.startswith(("file:", "data:", "blob:", "about:")) else [f"request: {url[:80]}"]


@pytest.fixture(scope="package")
def axe(tmp_path_factory):
    """Return the source of axe-core, from npm."""
    package = unpacked("axe-core@4", tmp_path_factory.mktemp("axe"), "REQUIRE_BROWSER")
    return (package / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="package")
def scorm_runtime(tmp_path_factory):
    """Return the path of scorm-again's run-time environment of SCORM 1.2, from npm."""
    package = unpacked("scorm-again@3", tmp_path_factory.mktemp("scorm"), "REQUIRE_BROWSER")
    return package / "dist" / "scorm12.min.js"
