"""The eager engine compared with micrograd: speed, memory, and growth with the length of a chain.

python -m benchmarks.engine
"""

from __future__ import annotations

import random
from typing import Any

from autograd_core import Value

from .measure import Ratio, alone, bytes_allocated, ratio, seconds, table

TARGETS = {"tiny": 4.0, "moons": 4.0, "bytes per node": 200}


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
    """Measure the number of nodes of the moons demo, and bytes per node."""
    from micrograd.engine import Value as Micrograd

    ours, theirs = Moons(Value), Moons(Micrograd)
    nodes = count(ours.loss())

    def built() -> Any:
        loss = ours.loss()
        loss.backward()
        return loss

    return {
        "nodes": nodes,
        "moons": bytes_allocated(built) / nodes,
        "chain of additions": bytes_allocated(lambda: additions(100_000)) / 100_000,
        "micrograd, moons": bytes_allocated(theirs.loss) / nodes,
    }


def run(quick: bool = False) -> dict[str, Any]:
    """Take all measurements, each in a separate process; `quick` uses fewer rounds."""
    bytes_per_node = alone(memory)
    return {
        "tiny": alone(tiny_beside_micrograd, 5 if quick else 25),
        "moons": alone(moons_beside_micrograd, 3 if quick else 7),
        "moons nodes": bytes_per_node.pop("nodes"),
        "bytes per node": bytes_per_node,
        "growth": {n: alone(growth, n) for n in ([10**4, 10**5] if quick else [10**4, 10**5, 10**6])},
    }


def report(results: dict[str, Any]) -> str:
    """Format the results as text."""
    tiny_, moons = results["tiny"], results["moons"]
    speed = table(
        [
            [
                "tiny graph",
                f"{tiny_.slow_seconds * 1e6:.1f} µs",
                f"{tiny_.fast_seconds * 1e6:.1f} µs",
                tiny_,
                "4 x",
            ],
            [
                "moons step",
                f"{moons.slow_seconds * 1e3:.0f} ms",
                f"{moons.fast_seconds * 1e3:.0f} ms",
                moons,
                "4 x",
            ],
        ],
        ["workload", "micrograd", "autograd-core", "ratio", "target"],
    )
    memory = table(
        [[k, f"{v:.0f}"] for k, v in results["bytes per node"].items()], ["graph", "bytes per node"]
    )
    growing = table(
        [
            [n, *(f"{ns[k]:.0f}" for k in ("build", "backward", "free"))]
            for n, ns in results["growth"].items()
        ],
        ["chain of", "build ns/node", "backward ns/node", "free ns/node"],
    )
    return f"{speed}\n\n{memory}\n(at most {TARGETS['bytes per node']})\n\n{growing}"


if __name__ == "__main__":
    print(report(run()))
