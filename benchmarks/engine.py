"""The eager engine, native and Python, compared with micrograd: speed, memory, growth with a chain's length.

python -m benchmarks.engine
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from autograd_core import Value, engine

from .measure import Ratio, alone, bytes_allocated, ratio, seconds, table

TARGETS = {
    "native": {"tiny": 40.0, "moons": 50.0, "bytes per node": 112},
    "python": {"tiny": 2.0, "moons": 4.0, "bytes per node": 200},
}


def tiny(value: type) -> tuple[float, float, float]:
    """Build the tiny graph with its leaves, and return 612.5, -35 and 1050."""
    a = value(-41.0)
    b = value(2.0)
    c = a + b
    d = a * b + b**3
    e = c - d
    f = e**2
    g = f / 2
    g.backward()
    return g.data, a.grad, b.grad


class Moons:
    """A gradient step of micrograd's demo, with its own loops: 100 points, 2-16-16-1, hinge loss, L2."""

    def __init__(self, value: type, points: int = 100) -> None:
        draw = random.Random(1337)
        self.value = value
        self.shape = [(2, 16), (16, 16), (16, 1)]
        self.layers = [
            [([value(draw.uniform(-1, 1)) for _ in range(nin)], value(0.0)) for _ in range(nout)]
            for nin, nout in self.shape
        ]
        self.xs = [(draw.uniform(-1, 2), draw.uniform(-1, 1)) for _ in range(points)]
        self.ys = [draw.choice((-1.0, 1.0)) for _ in range(points)]

    def parameters(self) -> list[Any]:
        return [p for layer in self.layers for ws, b in layer for p in [*ws, b]]

    def score(self, x: list[Any]) -> Any:
        last = len(self.layers) - 1
        for i, layer in enumerate(self.layers):
            sums = [sum((wi * xi for wi, xi in zip(ws, x, strict=True)), b) for ws, b in layer]
            x = sums if i == last else [s.relu() for s in sums]
        return x[0]

    def loss(self) -> Any:
        scores = [self.score([self.value(x) for x in point]) for point in self.xs]
        losses = [(1 + -y * score).relu() for y, score in zip(self.ys, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        return data_loss + 1e-4 * sum(p * p for p in self.parameters())

    def step(self) -> float:
        for p in self.parameters():
            p.grad = 0.0
        loss = self.loss()
        loss.backward()
        return float(loss.data)


def chain(length: int) -> Value:
    """Build x + 1 + 1 + ... with `length` additions."""
    total = Value(0.0)
    for _ in range(length):
        total = total + 1.0
    return total


def additions(length: int) -> Value:
    """Do the same with nodes for both arguments."""
    one = Value(1.0)
    total = one
    for _ in range(length):
        total = total + one
    total.backward()
    return total


def count(root: Any) -> int:
    """Count the nodes of a graph without the library's help."""
    seen = {root}
    stack = [root]
    while stack:
        for parent in stack.pop()._prev:
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return len(seen)


def growth(length: int) -> dict[str, float]:
    """Measure nanoseconds per node to build, differentiate and free a chain."""
    kept: list[Value] = []
    build = seconds(lambda: kept.append(chain(length)))
    sweep = seconds(kept[0].backward)
    free = seconds(kept.clear)
    return {name: 1e9 * s / length for name, s in [("build", build), ("backward", sweep), ("free", free)]}


def tiny_beside_micrograd(rounds: int) -> Ratio:
    """Compare the tiny graph in both engines."""
    from micrograd.engine import Value as Micrograd

    if tiny(Value) != tiny(Micrograd):
        raise ArithmeticError("the two engines disagree")
    return ratio(lambda: tiny(Micrograd), lambda: tiny(Value), 2000, rounds)


def moons_beside_micrograd(rounds: int) -> Ratio:
    """Compare a step of the moons demo in both engines."""
    from micrograd.engine import Value as Micrograd

    ours, theirs = Moons(Value), Moons(Micrograd)
    if abs(ours.step() - theirs.step()) > 1e-9:
        raise ArithmeticError("the two engines disagree")
    return ratio(theirs.step, ours.step, 1, rounds)


def memory() -> dict[str, float]:
    """Return how many nodes the moons demo has, and bytes per node."""
    from micrograd.engine import Value as Micrograd

    ours, theirs = Moons(Value), Moons(Micrograd)

    def built() -> Any:
        loss = ours.loss()
        loss.backward()
        return loss

    size = bytes_allocated(built)  # First, while there are no freed nodes to use again.
    nodes = count(ours.loss())
    return {
        "nodes": nodes,
        "moons": size / nodes,
        "chain of additions": bytes_allocated(lambda: additions(100_000)) / 100_000,
        "micrograd, moons": bytes_allocated(theirs.loss) / nodes,
    }


@contextmanager
def choosing(name: str) -> Iterator[None]:
    """Let processes that start inside use that engine."""
    before = os.environ.get("AUTOGRAD_CORE_PURE", "")
    os.environ["AUTOGRAD_CORE_PURE"] = "1" if name == "python" else ""
    try:
        yield
    finally:
        os.environ["AUTOGRAD_CORE_PURE"] = before


def measured(quick: bool) -> dict[str, Any]:
    """Measure one engine, each time in a process of its own."""
    bytes_per_node = alone(memory)
    return {
        "tiny": alone(tiny_beside_micrograd, 5 if quick else 25),
        "moons": alone(moons_beside_micrograd, 3 if quick else 7),
        "moons nodes": bytes_per_node.pop("nodes"),
        "bytes per node": bytes_per_node,
        "growth": {n: alone(growth, n) for n in ([10**4, 10**5] if quick else [10**4, 10**5, 10**6])},
    }


def run(quick: bool = False) -> dict[str, Any]:
    """Measure the engine that runs and, if that is the native one, the Python engine as well."""
    results = measured(quick) | {"engine": engine()}
    if engine() == "native":
        with choosing("python"):
            results["python"] = measured(quick)
    return results


def report(results: dict[str, Any]) -> str:
    """Format the results as text."""
    engines = {results["engine"]: results}
    if "python" in results:
        engines["python"] = results["python"]
    speed = []
    for name, found in engines.items():
        tiny_, moons, least = found["tiny"], found["moons"], TARGETS[name]
        times = f"{tiny_.slow_seconds * 1e6:.1f} µs", f"{tiny_.fast_seconds * 1e6:.2f} µs"
        speed.append(["tiny graph", name, *times, tiny_, f"{least['tiny']:.0f} x"])
        times = f"{moons.slow_seconds * 1e3:.0f} ms", f"{moons.fast_seconds * 1e3:.1f} ms"
        speed.append(["moons step", name, *times, moons, f"{least['moons']:.0f} x"])
    memory = [
        [graph, name, f"{size:.0f}", f"{TARGETS[name]['bytes per node']:.0f}"]
        for name, found in engines.items()
        for graph, size in found["bytes per node"].items()
    ]
    growing = [
        [n, name, *(f"{ns[k]:.0f}" for k in ("build", "backward", "free"))]
        for name, found in engines.items()
        for n, ns in found["growth"].items()
    ]
    return "\n\n".join(
        [
            table(speed, ["workload", "engine", "micrograd", "autograd-core", "ratio", "target"]),
            table(memory, ["graph", "engine", "bytes per node", "at most"]),
            table(growing, ["chain of", "engine", "build ns/node", "backward ns/node", "free ns/node"]),
        ]
    )


if __name__ == "__main__":
    print(report(run()))
