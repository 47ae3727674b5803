"""Graphs without structure: a random graph, a long recurrence, a wide sum; and how compiling grows.

    python -m benchmarks.compile_unstructured
"""

from __future__ import annotations

import random
import time
from typing import Any

import numpy as np

from autograd_core import Value, compile, sin, sum

from .measure import seconds, table


def random_graph(size: int) -> tuple[Value, list[Value]]:
    """A random graph of that many nodes, in which hardly any formula is repeated."""
    chance = random.Random(0)
    xs = [Value(chance.uniform(0.5, 1.0)) for _ in range(100)]
    nodes = list(xs)
    while len(nodes) * 1.7 < size:
        a, b = (nodes[-1 - int(chance.random() ** 2 * min(len(nodes), 5000))] for _ in range(2))
        kind = chance.randrange(4)
        nodes.append(a * b if kind == 0 else sin(a + b) if kind == 1 else sin(a - b) if kind == 2 else sin(a))
    return sum([sin(node) for node in nodes[-200:]]), xs


def recurrence(steps: int) -> tuple[Value, list[Value]]:
    """x ← sin(x) + c, so many times: every step waits for the one before."""
    x = start = Value(0.3)
    c = Value(0.1)
    for _ in range(steps // 2):
        x = sin(x) + c
    return x, [start, c]


def wide_sum(terms: int) -> tuple[Value, list[Value]]:
    """A sum of so many squares."""
    xs = [Value(0.5 + i / terms) for i in range(terms // 2)]
    return sum([x * x for x in xs]), xs


def measured(make: Any, size: int, rounds: int) -> dict[str, float]:
    """Nanoseconds a node for value and gradient, microseconds a node to capture and compile."""
    root, inputs = make(size)
    point = np.array([x.data for x in inputs])
    start = time.process_time()
    program = compile(root, inputs=inputs)
    program.value_and_grad(point)
    compiling = time.process_time() - start
    nodes = len(program.tape)
    call = min(seconds(lambda: program.value_and_grad(point)) for _ in range(rounds))
    return {"nodes": nodes, "ns a node": 1e9 * call / nodes, "compile µs a node": 1e6 * compiling / nodes}


def run(quick: bool = False) -> dict[str, Any]:
    """All measurements; `quick` takes smaller graphs."""
    rounds = 3 if quick else 7
    shrink = 10 if quick else 1
    found = {
        "random graph": measured(random_graph, 90_000 // shrink, rounds),
        "recurrence": measured(recurrence, 100_000 // shrink, rounds),
        "wide sum": measured(wide_sum, 1_000_000 // shrink, rounds),
    }
    for size in (1_000, 10_000, 100_000 // shrink):
        found[f"sum of {size}"] = measured(wide_sum, size, rounds)
    return found


if __name__ == "__main__":
    rows = [[name, *[f"{x:.1f}" for x in figures.values()]] for name, figures in run().items()]
    print(table(rows, ["graph", "nodes", "ns a node", "compile µs a node"]))
