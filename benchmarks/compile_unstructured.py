"""Graphs without structure: a random graph, a long recurrence, a wide sum; and how compile time grows.

    python -m benchmarks.compile_unstructured

Each evaluation is one call for value and gradient. The time to make a program ends when the first
such call has returned; it does not include building our own graph, which the peers do not have.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd_core import Value, compile, sin

from . import peers
from .measure import seconds, table

OURS = SimpleNamespace(sin=sin)
REPLAY_TARGET, MAKING_TARGET = 12, 0.5
"""At most: nanoseconds a node for value and gradient, and microseconds a node to make the program."""
Graph = Callable[[Any, list[Any], int], Any]
"""Takes a namespace of functions, inputs and a size; builds a graph of about that many nodes."""


def random_graph(m: Any, xs: list[Any], size: int) -> Any:
    """Build a random graph with hardly any repeated formulas."""
    chance = random.Random(0)
    nodes, count = list(xs), len(xs)
    while count < size:
        a, b = (nodes[-1 - int(chance.random() ** 2 * min(len(nodes), 5000))] for _ in range(2))
        kind = chance.randrange(4)
        count += 1 + (kind in (1, 2))
        nodes.append(
            a * b if kind == 0 else m.sin(a + b) if kind == 1 else m.sin(a - b) if kind == 2 else m.sin(a)
        )
    total = nodes[-1]
    for node in nodes[-200:-1]:
        total = total + m.sin(node)
    return total


def recurrence(m: Any, xs: list[Any], size: int) -> Any:
    """Repeat x ← sin(x) + c: every step depends on the one before."""
    x = xs[0]
    for _ in range(size // 2):
        x = m.sin(x) + xs[1]
    return x


def wide_sum(m: Any, xs: list[Any], size: int) -> Any:
    """Build a sum of squares."""
    total = xs[0] * xs[0]
    for x in xs[1:]:
        total = total + x * x
    return total


GRAPHS: dict[str, tuple[Graph, int, Callable[[int], int]]] = {
    "random graph": (random_graph, 90_000, lambda size: 100),
    "recurrence": (recurrence, 100_000, lambda size: 2),
    "wide sum": (wide_sum, 1_000_000, lambda size: size // 3),
}
"""For each graph its builder, its size, and its number of inputs."""


def ours(graph: Graph, point: Any, size: int) -> tuple[Callable[[], Any], float]:
    """Return the call, and the processor seconds from the built graph to the end of the first call."""
    inputs = [Value(x) for x in point.tolist()]
    root = graph(OURS, inputs, size)
    start = time.process_time()
    program = compile(root, inputs=inputs)
    program.value_and_grad(point)
    return lambda: program.value_and_grad(point), time.process_time() - start


def casadi(graph: Graph, point: Any, size: int) -> tuple[Callable[[], Any], float]:
    """Do the same with CasADi's SX."""
    import casadi as ca

    start = time.process_time()
    x = ca.SX.sym("x", len(point))
    y = graph(ca, ca.vertsplit(x), size)
    call = ca.Function("f", [x], [y, ca.gradient(y, x)])
    numbers = ca.DM(point)
    call(numbers)
    return lambda: call(numbers), time.process_time() - start


def ddx(graph: Graph, point: Any, size: int) -> tuple[Callable[[], Any], float]:
    """Do the same with ddx-ad's interpreter."""
    import ddx as engine

    start = time.process_time()
    equation = engine.equation(lambda: graph(engine, [engine.var(f"x{i}") for i in range(len(point))], size))
    numbers = point.tolist()
    equation.jacobian(numbers)
    return lambda: equation.jacobian(numbers), time.process_time() - start


ENGINES = {"autograd-core": ours, "casadi": casadi, "ddx": ddx}


def measured(engine: str, name: str, size: int, rounds: int) -> dict[str, float]:
    """Measure nanoseconds per node for value and gradient, and microseconds per node to make the program."""
    graph, _, inputs = GRAPHS[name]
    point = np.linspace(0.5, 1.0, inputs(size)) if name != "recurrence" else np.array([0.3, 0.1])
    call, making = ENGINES[engine](graph, point, size)
    best = min(seconds(call) for _ in range(rounds))
    return {"nodes": size, "ns a node": 1e9 * best / size, "making, µs a node": 1e6 * making / size}


def apart(engine: str, name: str, size: int, rounds: int, limit: float) -> dict[str, Any]:
    """Do the same in a separate process: a deep graph crashes some engines."""
    words = [sys.executable, "-m", "benchmarks.compile_unstructured", engine, name, str(size), str(rounds)]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return {"nodes": size, "failed": f"not finished after {limit:.0f} s"}
    if done.returncode:
        return {"nodes": size, "failed": f"ended with status {done.returncode}"}
    figures = [float(x) for x in done.stdout.split()[-3:]]
    return dict(zip(("nodes", "ns a node", "making, µs a node"), figures, strict=True))


def run(quick: bool = False) -> dict[str, Any]:
    """Take all measurements; `quick` uses smaller graphs."""
    rounds, shrink, limit = (3, 10, 20.0) if quick else (7, 1, 120.0)
    compile(Value(1.0) * 2.0).value_and_grad(1.0)  # Import first, as the peers do.
    engines = [name for name in ENGINES if name == "autograd-core" or not peers.missing(name)]
    replay = {
        name: {
            engine: measured(engine, name, size // shrink, rounds)
            if engine == "autograd-core"
            else apart(engine, name, size // shrink, rounds, limit)
            for engine in engines
        }
        for name, (_, size, _) in GRAPHS.items()
    }
    growth = {
        name: {size: measured("autograd-core", name, size, 1)["making, µs a node"] for size in sizes(quick)}
        for name in GRAPHS
    }
    return {"replay": replay, "growth": growth, "left out": peers.missing("casadi", "ddx")}


def sizes(quick: bool) -> list[int]:
    """Return the sizes at which compile time is measured."""
    return [2_000, 10_000] if quick else [1_000, 2_000, 10_000, 100_000, 1_000_000]


def report(results: dict[str, Any]) -> str:
    """Format the results as text."""
    rows = [
        [name, int(figures["nodes"]), engine,
         *([f"{figures['ns a node']:.0f}", f"{figures['making, µs a node']:.1f}"]
           if "failed" not in figures else [figures["failed"], ""])]
        for name, found in results["replay"].items() for engine, figures in found.items()
    ]  # fmt: skip
    grown = [[name, *[f"{x:.1f}" for x in found.values()]] for name, found in results["growth"].items()]
    columns = [f"{size:,}" for size in next(iter(results["growth"].values()))]
    return "\n".join([
        table(
            rows,
            ["replayed by one call", "nodes", "engine", f"ns a node (at most {REPLAY_TARGET})",
             "making, µs a node"],
        ),
        "",
        table(grown, [f"making, µs a node (at most {MAKING_TARGET}), by nodes", *columns]),
        *([f"skipped, not installed: {', '.join(results['left out'])}"] if results["left out"] else []),
    ])  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(*measured(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])).values())
    else:
        print(report(run()))
