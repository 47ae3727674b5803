"""The page of measurements, written from the newest results: `docs/benchmarks.md` and its plot."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).resolve().parent / "results"
PAGE = ROOT / "docs" / "benchmarks.md"
PLOT = ROOT / "docs" / "images" / "growth.svg"

README = ROOT / "README.md"
MARKS = ("<!-- measured -->", "<!-- /measured -->")

PEERS = {
    "micrograd": "micrograd",
    "autograd": "autograd",
    "casadi": "casadi",
    "ddx-ad": "ddx",
    "xad": "xad",
    "jax": "jax",
    "torch": "torch",
}
"""Peers by their name in the package index, and the module that they install."""


def machine() -> dict[str, Any]:
    """What the measurements were made on and with."""
    versions = {name: version(name) for name in ("numpy", *PEERS)}
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "cores": os.cpu_count(),
        "versions": {name: number for name, number in versions.items() if number},
    }


def processor() -> str:
    """The processor's name, as far as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def load() -> float:
    """How many processes have wanted to run in the last minute; 0 where the system does not tell."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else 0.0


def busy(whole: Mapping[str, Any]) -> str:
    """Says so if the machine had other work to do."""
    most = max((found.get("load", 0.0) for found in whole["benchmarks"].values()), default=0.0)
    busy = most > whole["machine"]["cores"] / 2 + 1
    return f", on a machine that was busy with other work (load average {most:.0f})" if busy else ""


def version(name: str) -> str:
    """The version of an installed package; empty if there is none."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def left_out(facts: Mapping[str, Any] | None = None) -> str:
    """Which peers were not there to be measured."""
    there = (facts or machine())["versions"]
    absent = [name for name in PEERS if name not in there]
    return f"left out, as not installed: {', '.join(absent)}" if absent else "no peer was left out"


def plain(results: Any) -> Any:
    """Results as JSON knows them: a ratio with its spread becomes an object."""
    if dataclasses.is_dataclass(results) and not isinstance(results, type):
        return plain(dataclasses.asdict(results))
    if isinstance(results, Mapping):
        return {str(name): plain(value) for name, value in results.items()}
    if isinstance(results, (list, tuple)):
        return [plain(value) for value in results]
    if isinstance(results, float):
        return float(f"{results:.6g}")
    return results if isinstance(results, (str, int, bool, type(None))) else plain_number(results)


def plain_number(value: Any) -> Any:
    """A NumPy number as one of Python's; text of anything else."""
    return plain(value.item()) if hasattr(value, "item") else str(value)


def newest() -> Path:
    """The newest file of results."""
    return max(RESULTS.glob("*.json"))


def write() -> None:
    """Writes the page, its plot and the README's figures from the newest results."""
    path = newest()
    whole = json.loads(path.read_text(encoding="utf-8"))
    drawn = draw(whole["benchmarks"])
    PAGE.write_text(text(path.stem, whole, drawn), encoding="utf-8")
    write_readme(path.stem, whole)


def text(date: str, whole: Mapping[str, Any], drawn: bool) -> str:
    """The page in Markdown."""
    facts = whole["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
    made = (
        f"Measured on {date} by `python -m benchmarks`, on {facts['cores']} cores of {facts['processor']} "
        f"({facts['system']}), Python {facts['python']}, {versions}{busy(whole)}; {left_out(facts)}. Ratios "
        "compare the two sides within one run, in alternating rounds and in processor time. "
        f"{how_taken(whole)} The garbage collector is as Python starts it; what earlier rounds "
        "left is collected before a round. Everything is in `benchmarks/results/`."
    )
    parts = [
        "# Benchmarks",
        "<!-- Written by `python -m benchmarks`; edits would be lost. -->",
        made,
    ]
    if drawn:
        picture = "![Nanoseconds a node against the number of nodes](images/growth.svg)"
        parts.append(f"## Cost against graph size\n\n{picture}")
    for name, found in whole["benchmarks"].items():
        table = found.get("table", "").strip()
        body = f"```text\n{table}\n```" if table else f"Failed: {found.get('failed')}"
        parts.append(f"## {found.get('title', name).rstrip('.')}\n\n`python -m benchmarks {name}`\n\n{body}")
    return "\n\n".join(parts) + "\n"


ONE_CALL = "`cos(sin(x²) + 3x²)` compiled: value and derivative, one call"
LOOPS = "gradient of the moons demo, written as loops, compiled"
LECTURE = "500 iterations of a lecture's network, 64 × 1000 × 100 × 10, with `nn.fit`"
WIDE = "a training step of 784-512-512-10, 64 images, with `nn.fit`"
HAND = "NumPy, written by hand"
FIGURES = [
    ("the tiny graph, rebuilt each time", "micrograd", "engine", ("tiny",)),
    ("a training step of the moons demo, in micrograd's own loops", "micrograd", "engine", ("moons",)),
    ("the same with `nn`, example by example", "micrograd", "fit_moons", ("eager",)),
    ("the same with `nn.fit`, compiled", "micrograd", "fit_moons", ("compiled",)),
    (ONE_CALL, "CasADi", "compile_small", ("lecture", "casadi")),
    ("the same", "`jax.jit`", "compile_small", ("lecture", "jax")),
    ("the same", "ddx-ad", "compile_small", ("lecture", "ddx")),
    (LOOPS, "CasADi SX", "compile_moons", ("peers", "casadi")),
    ("the same", "ddx-ad", "compile_moons", ("peers", "ddx")),
    ("the same", HAND, "compile_moons", ("over NumPy",)),
    (LECTURE, HAND, "fit_lecture", ("modes", "nn.fit", "over NumPy")),
    (WIDE, HAND, "fit_wide", ("over NumPy",)),
]
"""What the README tells: the work, beside what, and where in the results its ratio stands."""


def figures(date: str, whole: Mapping[str, Any]) -> str:
    """The README's table: the others' time as a multiple of ours, and the spread."""
    rows = []
    for work, beside, module, path in FIGURES:
        found = whole["benchmarks"].get(module, {}).get("results", {})
        for name in path:
            found = found.get(name, {})
        if found:
            middle = "median" if "median" in found else "best"
            ratios = [found[key] for key in (middle, "low", "high")]
            if path[-1] == "over NumPy":  # Noted the other way round.
                ratios = [1 / found[key] for key in (middle, "high", "low")]
            ratio, low, high = [f"{r:,.{0 if r > 100 else 2 if r < 2 else 1}f}" for r in ratios]
            slower = ", so ours is slower" if ratios[0] < 1.0 else ""
            rows.append(f"| {work} | {beside} | {ratio}{slower} | {low} to {high} |")
    head = ["| work | beside | its time ÷ ours | quartiles |", "|---|---|---|---|"]
    facts = whole["machine"]
    made = f"On {date}, {facts['processor']}, Python {facts['python']}{busy(whole)}. {how_taken(whole)}"
    return "\n".join([made, "", *head, *rows])


def how_taken(whole: Mapping[str, Any]) -> str:
    """How a ratio and its spread are taken."""
    if '"best"' in json.dumps(whole["benchmarks"]):  # As results were noted before medians were.
        return (
            "A ratio is that of the two sides' shortest rounds, which a busy machine disturbs least; it can "
            "lie outside the quartiles, which are those of the single rounds' ratios."
        )
    return "A ratio is the median of the single rounds' ratios, beside their quartiles."


def write_readme(date: str, whole: Mapping[str, Any]) -> None:
    """Puts the figures between the README's markers."""
    before, _, rest = README.read_text(encoding="utf-8").partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    README.write_text(f"{before}{MARKS[0]}\n{figures(date, whole)}\n{MARKS[1]}{after}", encoding="utf-8")


def draw(benchmarks: Mapping[str, Any]) -> bool:
    """Draws cost against size; gives whether a plot is there."""
    growth = benchmarks.get("graph_scaling", {}).get("results", {}).get("growth")
    if not growth:
        return False
    try:
        import matplotlib as mpl
    except ImportError:
        return PLOT.exists()
    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "autograd-core"
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4))
    sizes = [int(size) for size in growth]
    for name, marker in zip(next(iter(growth.values())), "osD^vP*X", strict=False):
        axes.plot(sizes, [times[name] for times in growth.values()], marker=marker, label=name)
    axes.set(xscale="log", xlabel="nodes in the graph", ylabel="nanoseconds a node", ylim=(0, None))
    axes.set_title("Every walk is linear: the cost of a node does not grow with the graph", fontsize=10)
    axes.legend(fontsize=8)
    axes.grid(alpha=0.3)
    figure.tight_layout()
    PLOT.parent.mkdir(exist_ok=True)
    figure.savefig(PLOT, metadata={"Date": None})
    plt.close(figure)
    return True
