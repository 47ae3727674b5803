"""The playground in Chromium: its size, the time until it is ready, and from a keystroke to the picture.

The site is built, served from here and opened with an empty cache, then again. A picture takes the time from
the last letter of an expression until its stepper is shown, with the pause of the page.
"""

from __future__ import annotations

import functools
import http.server
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from docs.playground.building import build, sizes_in

from .measure import table
from .viz_stepper import browser

SHOWN = """() => {
    window.shown = new Promise((done) => {
        addEventListener("pictured", () => done(performance.now()), { once: true });
    });
}"""
TYPED = ("x*x", "cos(sin(x**2) + 3*x**2)", "exp(x*z) + x*z/log(x) + sin(log(x))/(x*z)")


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A file server that writes no log."""

    def log_message(self, *arguments: object) -> None:
        """Write nothing."""


@contextmanager
def served(site: Path) -> Iterator[str]:
    """Serve a folder, and give its address."""
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=site)
    ) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def opened(context: Any, address: str) -> tuple[Any, float]:
    """Open the playground, and return the page with the seconds until Python was ready."""
    page = context.new_page()
    page.set_default_timeout(300_000)
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator("html[data-ready]").wait_for(state="attached")
    return page, time.perf_counter() - start


def pictured(page: Any, text: str) -> float:
    """Type an expression, and return the seconds from its last letter until its stepper is shown."""
    page.fill("#text", text[:-1])
    page.wait_for_timeout(1500)
    page.evaluate(SHOWN)
    start = page.evaluate("() => performance.now()")
    page.locator("#text").press_sequentially(text[-1])
    return float(page.evaluate("() => window.shown") - start) / 1000


def run(quick: bool = False) -> dict[str, Any]:
    """Build and measure; PLAYGROUND=build/playground measures a site that is built already."""
    with tempfile.TemporaryDirectory() as folder, browser() as started:
        given = os.environ.get("PLAYGROUND")
        site = Path(given) if given else Path(folder, "site")
        start = time.perf_counter()
        sizes = sizes_in(site) if given else build(site)
        found: dict[str, Any] = {"megabytes": sum(sizes.values()) / 1e6}
        if not given:
            found["build_seconds"] = time.perf_counter() - start
        if started is None:
            return found
        with served(site) as address:
            context = started.new_context(viewport={"width": 1440, "height": 900})
            page, found["cold_seconds"] = opened(context, address)
            page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
            warm = [opened(context, address) for _ in range(1 if quick else 3)]
            found["warm_seconds"] = min(seconds for _, seconds in warm)
            last = warm[-1][0]
            found["picture_seconds"] = {
                text: min(pictured(last, text) for _ in range(1 if quick else 3)) for text in TYPED
            }
    return found


def report(results: dict[str, Any]) -> str:
    """Format the results as a table."""
    rows = [["size of the site", f"{results['megabytes']:.1f} MB"]]
    if "build_seconds" in results:
        rows.append(["build", f"{results['build_seconds']:.0f} s"])
    if "cold_seconds" not in results:
        return table([*rows, ["in the browser", "no Chromium"]], ("what", "measured"))
    rows.append(["ready, first visit", f"{results['cold_seconds']:.1f} s"])
    rows.append(["ready, later visits", f"{results['warm_seconds']:.1f} s"])
    for text, seconds in results["picture_seconds"].items():
        rows.append([f"picture after the last letter of {text}", f"{seconds:.2f} s"])
    return table(rows, ("what", "measured"))


if __name__ == "__main__":
    print(report(run()))
