"""The cost of drawing and stepping: seconds per drawing and page, milliseconds per step in the browser.

`work` is the processor time of the page's thread for one step, for script, style and layout together;
a frame at 60 per second has 16.7 ms. The frames are those shown while the page plays as fast as it can,
rendered without a graphics card.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from autograd_core import Value, cos, sin, tanh
from autograd_core.graph.graph import Graph
from viz import draw_dot, stepper
from viz.stepper.stepper import Stepper

from .measure import table

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
WORK = ("ScriptDuration", "RecalcStyleDuration", "LayoutDuration")
MOST_STEPS = 300

# Play at full speed and return the times of the frames.
PLAY = """(count) => new Promise((done) => {
    const times = [];
    const frame = (time) => {
        times.push(time);
        if (times.length > count) return done(times);
        requestAnimationFrame(frame);
    };
    document.getElementById("speed").value = "60";
    document.getElementById("play").click();
    requestAnimationFrame(frame);
})"""


# Go to a step, and on to the next one, until its frame has been drawn.
SEEK = """(place) => {
    const scrubber = document.getElementById("scrubber");
    scrubber.value = place;
    scrubber.dispatchEvent(new Event("input"));
    return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""
STEP = """() => {
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
    return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


def lecture() -> Value:
    """Build the lecture's cos(sin(x²) + 3x²) at x = 2."""
    t = Value(2.0, "x") ** 2
    return cos(sin(t) + 3 * t)


def network(sizes: list[int]) -> Value:
    """Build a network of single additions and multiplications at one point, as micrograd does."""
    number = iter(range(1, 100_000))
    xs = [Value(0.5 + i, f"x{i}") for i in range(sizes[0])]
    for width in sizes[1:]:
        layer = []
        for _ in range(width):
            total = Value(0.1)
            for x in xs:
                total = total + Value(((next(number) * 37) % 19 - 9) / 10) * x
            layer.append(tanh(total))
        xs = layer
    return xs[0]


def made(output: Value) -> tuple[dict[str, Any], Stepper]:
    """Make the drawing and the page of one function, and return the times and the page."""
    start = time.perf_counter()
    draw_dot(output).pipe("svg")
    drawn = time.perf_counter()
    page = stepper(output)
    size = len(page.html.encode())
    done = time.perf_counter()
    found = {
        "nodes": len(Graph(output)), "steps": len(page.record.push), "drawing_seconds": drawn - start,
        "page_seconds": done - drawn, "kilobytes": size / 1000,
    }  # fmt: skip
    return found, page


@contextmanager
def browser() -> Iterator[Any]:
    """Start a headless Chromium, or yield None if it is not installed."""
    program = shutil.which("chromium")
    if program is None:
        yield None
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield started
        started.close()


def played(started: Any, page: Stepper) -> dict[str, float]:
    """Measure the cost of a step in the browser, and the frames per second."""
    count = min(len(page.record.push) - 1, MOST_STEPS)
    with tempfile.TemporaryDirectory() as folder:
        tab = started.new_page(viewport={"width": 1280, "height": 800})
        start = time.perf_counter()
        tab.goto(page.save(Path(folder, "page.html")).as_uri())
        ready = time.perf_counter() - start
        tab.wait_for_timeout(300)
        session = tab.context.new_cdp_session(tab)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        before = _metrics(session)
        frames = tab.evaluate(PLAY, count)
        after = _metrics(session)
        works = sorted(work_of_steps(tab, range(1, count + 1)))
        tab.close()
    gaps = sorted(b - a for a, b in pairwise(frames))
    return {
        "ready_seconds": ready,
        "work_milliseconds": sum(after[name] - before[name] for name in WORK) * 1000 / count,
        "median_work_milliseconds": works[len(works) // 2],
        "work_of_95_percent_milliseconds": works[int(0.95 * len(works))],
        "frames_per_second": 1000 * len(gaps) / sum(gaps),
        "median_frame_milliseconds": gaps[len(gaps) // 2],
    }


def work_of_steps(tab: Any, places: Iterable[int], tries: int = 1) -> list[float]:
    """Return the processor time of each of these steps in milliseconds, the least of some tries."""
    session = tab.context.new_cdp_session(tab)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    found = []
    for place in places:
        least = float("inf")
        for _ in range(tries):
            tab.evaluate(SEEK, place - 1)
            before = _metrics(session)
            tab.evaluate(STEP)
            after = _metrics(session)
            least = min(least, 1000 * sum(after[name] - before[name] for name in WORK))
        found.append(least)
    return found


def _metrics(session: Any) -> dict[str, float]:
    answer = session.send("Performance.getMetrics")
    return {metric["name"]: metric["value"] for metric in answer["metrics"]}


def run(quick: bool = False) -> dict[str, Any]:
    """Measure the lecture's function and networks of 37, 300 and 1,000 nodes; keep the best round."""
    functions = {"cos(sin(x²) + 3x²)": lecture(), "2-3-1 network": network([2, 3, 1])}
    if not quick:
        functions |= {"2-8-8-1 network": network([2, 8, 8, 1]), "2-16-16-1 network": network([2, 16, 16, 1])}
    results: dict[str, Any] = {}
    with browser() as started:
        for name, output in functions.items():
            rounds = [made(output) for _ in range(1 if quick else 3)]
            found, page = min(rounds, key=lambda pair: pair[0]["drawing_seconds"] + pair[0]["page_seconds"])
            if started is not None:
                tries = [played(started, page) for _ in range(1 if quick else 3)]
                found |= min(tries, key=lambda tried: tried["median_frame_milliseconds"])
            results[name] = found
    return results


def report(results: dict[str, Any]) -> str:
    """Format the results as a table."""
    head = ("function", "nodes", "steps", "drawing", "page", "size", "ready", "work per step", "frames/s")
    head += ("median work", "95 %")
    rows = []
    for name, found in results.items():
        row = [name, found["nodes"], found["steps"]]
        row += [f"{found['drawing_seconds']:.2f} s", f"{found['page_seconds']:.2f} s"]
        row.append(f"{found['kilobytes']:.0f} kB")
        if "ready_seconds" in found:
            row += [f"{found['ready_seconds']:.2f} s", f"{found['work_milliseconds']:.1f} ms"]
            row.append(f"{found['frames_per_second']:.0f}")
        if "median_work_milliseconds" in found:
            row.append(f"{found['median_work_milliseconds']:.1f} ms")
            row.append(f"{found['work_of_95_percent_milliseconds']:.1f} ms")
        rows.append(row + ["no Chromium"] * ("ready_seconds" not in found))
    width = max(map(len, rows))
    return table([[*row, *[""] * (width - len(row))] for row in rows], head[:width])


if __name__ == "__main__":
    print(report(run()))
