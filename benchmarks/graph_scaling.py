"""How the cost of a graph grows with its size, and what a gradient costs that is itself a graph.

python -m benchmarks.graph_scaling
"""

from __future__ import annotations

from typing import Any

from autograd_core import Graph, Value, grad, gradients

from .engine import Moons, chain
from .measure import alone, ratio, seconds, table

TARGETS = {"gradient graph over backward": 10.0, "nodes of gradient over function": 4.0}


def growth(length: int) -> dict[str, float]:
    """Measure nanoseconds per node for each walk over a chain."""
    kept: list[Any] = []
    spent = {
        "build": seconds(lambda: kept.append(chain(length))),
        "order": seconds(lambda: kept.append(Graph(kept[0]))),
        "gradient": seconds(kept[0].backward),
        "replay": seconds(lambda: kept.append(kept[1].replay())),
    }
    return {name: 1e9 * time / length for name, time in spent.items()}


def polynomial(length: int) -> tuple[Value, Value]:
    """Build a chain of products and sums, y = (y + x)·x/2, whose gradient graph grows with it."""
    x = y = Value(0.5, "x")
    for _ in range(length // 3):
        y = (y + x) * x * 0.5
    return x, y


def gradient_growth(length: int) -> float:
    """Measure nanoseconds per node for the gradient as a graph."""
    x, y = polynomial(length)
    return 1e9 * seconds(lambda: gradients(y, [x], create_graph=True)) / length


def nested(count: int) -> float:
    """Measure microseconds per step for the gradient of a loop whose steps each take a gradient."""

    def steps(x: Any) -> Any:
        for _ in range(count):
            x = x - 0.1 * grad(lambda z: 0.3 * z * z)(x)
        return x

    return 1e6 * seconds(lambda: grad(steps)(1.5)) / count


def run(quick: bool = False) -> dict[str, Any]:
    """Take all measurements; `quick` uses smaller graphs and fewer rounds."""
    sizes = [10**3, 10**4, 10**5] if quick else [10**3, 10**4, 10**5, 10**6]
    moons = Moons(Value, 10 if quick else 100)
    loss, parameters = moons.loss(), moons.parameters()
    function = Graph(loss, parameters=parameters)
    gradient = function.gradient(parameters)
    return {
        "growth": {n: {**alone(growth, n), "gradient graph": alone(gradient_growth, n)} for n in sizes},
        "nested gradients": {n: alone(nested, n) for n in ([100, 400] if quick else [100, 400, 1600])},
        "nodes of the function": len(function),
        "nodes of the gradient": len(gradient),
        "nodes added": len(set(gradient) - set(function)),
        "gradient graph over backward": ratio(
            lambda: gradients(loss, parameters, create_graph=True), loss.backward, 1, 3 if quick else 7
        ),
    }


def report(results: dict[str, Any]) -> str:
    """Format the results as text."""
    names = list(next(iter(results["growth"].values())))
    growing = table(
        [[n, *(f"{times[name]:.0f}" for name in names)] for n, times in results["growth"].items()],
        ["nodes", *(f"{name} ns/node" for name in names)],
    )
    loops = table(
        [[n, f"{time:.0f}"] for n, time in results.get("nested gradients", {}).items()],
        ["steps, each with a gradient inside", "us/step"],
    )
    cost: Any = results["gradient graph over backward"]
    function, gradient = results["nodes of the function"], results["nodes of the gradient"]
    moons = table(
        [
            ["time over one backward pass", cost, "10 x"],
            [
                "nodes over those of the function",
                f"{gradient / function:.2f} x ({gradient} over {function})",
                "4 x",
            ],
            ["of them new", results["nodes added"], ""],
        ],
        ["gradient of the moons loss as a graph", "measured", "at most"],
    )
    return f"{growing}\n\n{loops}\n\n{moons}"


if __name__ == "__main__":
    print(report(run()))
