"""How long a page takes to make for graphs of several sizes, and how fast it steps in a browser.

python -m benchmarks.viz_stepper
"""

import shutil
import tempfile
import time
from pathlib import Path

from autograd_core import Value, tanh
from autograd_core.graph import Graph
from viz import draw_dot, stepper
from viz.layout import layout

SIZES = ([2, 3, 1], [2, 8, 8, 1], [2, 16, 16, 1])
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]


# The page computes and paints one step a frame, as fast as frames come; the time between frames is measured.
MEASURE = """(count) => new Promise((done) => {
    const times = [];
    let work = 0;
    const frame = (time) => {
        times.push(time);
        if (times.length > count) return done({ frames: times, work: work / count });
        const start = performance.now();
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
        work += performance.now() - start;
        requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
})"""


def network(sizes):
    """A network of single additions and multiplications at one point, as micrograd builds it."""
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


def main():
    print(f"{'nodes':>6} {'steps':>6} {'draw_dot + svg':>15} {'page':>8} {'size':>9}")
    for sizes in SIZES:
        output = network(sizes)
        start = time.perf_counter()
        layout(draw_dot(output).source, "svg")
        drawn = time.perf_counter()
        page = stepper(output)
        size = len(page.html)
        made = time.perf_counter()
        print(
            f"{len(Graph(output)):6} {len(page.record.push):6} {drawn - start:13.2f} s {made - drawn:6.2f} s "
            f"{size / 1000:6.0f} kB"
        )
        in_browser(page)


def in_browser(page):
    program = shutil.which("chromium")
    if program is None:
        return print("       (no Chromium here: stepping not measured)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        tab = browser.new_page(viewport={"width": 1280, "height": 800})
        start = time.perf_counter()
        tab.goto(page.save(Path(folder, "page.html")).as_uri())
        loaded = time.perf_counter() - start
        count = min(len(page.record.push) - 1, 300)
        answer = tab.evaluate(MEASURE, count)
        browser.close()
    gaps = sorted(b - a for a, b in zip(answer["frames"], answer["frames"][1:], strict=False))
    print(
        f"       in the browser: ready after {loaded:.2f} s, a step takes {answer['work']:.1f} ms, "
        f"{1000 * len(gaps) / sum(gaps):.0f} frames a second (median frame {gaps[len(gaps) // 2]:.1f} ms)"
    )
    return None


if __name__ == "__main__":
    main()
