"""Write the page of measurements, `docs/benchmarks.md`, and its plot from the newest results."""

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
"""For each peer its name in the package index and the module that it installs."""


def machine() -> dict[str, Any]:
    """Describe the machine and the versions of all packages."""
    versions = {name: version(name) for name in ("numpy", *PEERS)}
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "cores": os.cpu_count(),
        "versions": {name: number for name, number in versions.items() if number},
    }


def processor() -> str:
    """Return the processor's name, if the system provides it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def load() -> float:
    """Return the load average of the last minute, or 0 if the system does not provide it."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else 0.0


def busy(whole: Mapping[str, Any]) -> str:
    """Return a remark if the machine was busy with other work."""
    most = max((found.get("load", 0.0) for found in whole["benchmarks"].values()), default=0.0)
    busy = most > whole["machine"]["cores"] / 2 + 1
    return f", on a machine that was busy with other work (load average {most:.0f})" if busy else ""


def version(name: str) -> str:
    """Return the version of a package, or an empty text if it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def left_out(facts: Mapping[str, Any] | None = None) -> str:
    """Say which peers were not measured."""
    there = (facts or machine())["versions"]
    absent = [name for name in PEERS if name not in there]
    return f"skipped, because not installed: {', '.join(absent)}" if absent else "no peer was skipped"


def plain(results: Any) -> Any:
    """Convert results to JSON types: a ratio with its spread becomes an object."""
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
    """Convert a NumPy number to one of Python's, and anything else to text."""
    return plain(value.item()) if hasattr(value, "item") else str(value)


def newest() -> Path:
    """Return the newest file of results."""
    return max(RESULTS.glob("*.json"))


def write() -> None:
    """Write the page, its plot and the README's figures from the newest results."""
    path = newest()
    whole = json.loads(path.read_text(encoding="utf-8"))
    drawn = draw(whole["benchmarks"])
    PAGE.write_text(text(path.stem, whole, drawn), encoding="utf-8")
    write_readme(path.stem, whole)


def text(date: str, whole: Mapping[str, Any], drawn: bool) -> str:
    """Return the page in Markdown."""
    facts = whole["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
    made = (
        f"Measured on {date} by `python -m benchmarks`, on {facts['cores']} cores of {facts['processor']} "
        f"({facts['system']}), Python {facts['python']}, {versions}{busy(whole)}; {left_out(facts)}. Both "
        "sides of a ratio are measured in one run, in alternating rounds and in processor time. "
        f"{how_taken(whole)} The garbage collector has its default settings; garbage from earlier rounds "
        "is collected before each round. The files in `benchmarks/results/` have all results."
    )
    parts = [
        "# Benchmarks",
        "<!-- Written by `python -m benchmarks`; edits would be lost. -->",
        made,
    ]
    if drawn:
        picture = "![Nanoseconds per node against the number of nodes](images/growth.svg)"
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
HAND = "handwritten NumPy"
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
"""The README's rows: the task, what it is compared with, and where in the results its ratio is."""


def figures(date: str, whole: Mapping[str, Any]) -> str:
    """Return the README's table: the others' time as a multiple of ours, and the spread."""
    rows = []
    for work, beside, module, path in FIGURES:
        found = whole["benchmarks"].get(module, {}).get("results", {})
        for name in path:
            found = found.get(name, {})
        if found:
            middle = "median" if "median" in found else "best"
            ratios = [found[key] for key in (middle, "low", "high")]
            if path[-1] == "over NumPy":  # Stored the other way round.
                ratios = [1 / found[key] for key in (middle, "high", "low")]
            ratio, low, high = [f"{r:,.{0 if r > 100 else 2 if r < 2 else 1}f}" for r in ratios]
            slower = " (ours is slower)" if ratios[0] < 1.0 else ""
            rows.append(f"| {work} | {beside} | {ratio}{slower} | {low} to {high} |")
    head = ["| task | compared with | its time ÷ ours | quartiles |", "|---|---|---|---|"]
    facts = whole["machine"]
    where = f"Python {facts['python']} on {facts['processor']}{busy(whole)}"
    made = f"Measured on {date} with {where}. {how_taken(whole)}"
    return "\n".join([made, "", *head, *rows])


def how_taken(whole: Mapping[str, Any]) -> str:
    """Explain how a ratio and its spread are computed."""
    if '"best"' in json.dumps(whole["benchmarks"]):  # The format of older results.
        return (
            "A ratio compares the shortest rounds of both sides, which other load affects least. The "
            "quartiles are those of the ratios of single rounds, so a ratio can lie outside them."
        )
    return "A ratio is the median of the ratios of single rounds; the quartiles are theirs."


def write_readme(date: str, whole: Mapping[str, Any]) -> None:
    """Write the figures between the README's markers."""
    before, _, rest = README.read_text(encoding="utf-8").partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    README.write_text(f"{before}{MARKS[0]}\n{figures(date, whole)}\n{MARKS[1]}{after}", encoding="utf-8")


def draw(benchmarks: Mapping[str, Any]) -> bool:
    """Draw cost against size and return whether there is a plot."""
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
    axes.set(xscale="log", xlabel="nodes in the graph", ylabel="nanoseconds per node", ylim=(0, None))
    axes.set_title("Every walk is linear: the cost per node does not grow with the graph", fontsize=10)
    axes.legend(fontsize=8)
    axes.grid(alpha=0.3)
    figure.tight_layout()
    PLOT.parent.mkdir(exist_ok=True)
    figure.savefig(PLOT, metadata={"Date": None})
    plt.close(figure)
    return True
