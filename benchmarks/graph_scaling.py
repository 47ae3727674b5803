"""How the cost of a graph grows with its size, and what a gradient costs that is itself a graph.

python -m benchmarks.graph_scaling
"""

from __future__ import annotations

from typing import Any

from autograd_core import Graph, Value, engine, grad, gradients
from autograd_core.compile.front.tape_and_builder import capture

from .engine import Moons, chain, choosing
from .measure import alone, seconds, table

WALKS = ("order", "replay", "capture")
TARGETS = {"nanoseconds of a walk per node": 150.0, "gradient graph over Python's sweep": 3.0, "nodes": 4.0}


def growth(length: int) -> dict[str, float]:
    """Measure nanoseconds per node for each walk over a chain, in which every other node is a number."""
    kept: list[Any] = []
    capture([Value(0.0)])  # It imports NumPy.
    spent = {
        "build": seconds(lambda: kept.append(chain(length // 2))),
        "order": seconds(lambda: kept.append(Graph(kept[0]))),
        "gradient": seconds(kept[0].backward),
        "replay": seconds(lambda: kept.append(kept[1].replay())),
        "capture": seconds(lambda: kept.append(capture([kept[0]]))),
    }
    return {name: 1e9 * time / length for name, time in spent.items()}


def polynomial(length: int) -> tuple[Value, Value]:
    """Build a chain of products and sums, y = (y + x)·x/2, whose gradient graph grows with it.

    At x = 2 the adjoints stay in the range of floats, however long it is.
    """
    x = y = Value(2.0, "x")
    for _ in range(length // 3):
        y = (y + x) * x * 0.5
    return x, y


def gradient_growth(length: int) -> float:
    """Measure nanoseconds per node for the gradient as a graph."""
    x, y = polynomial(length)
    gradients(x * x, [x], create_graph=True)  # It looks at the slopes of the table once.
    return 1e9 * seconds(lambda: gradients(y, [x], create_graph=True)) / length


def nested(count: int) -> float:
    """Measure microseconds per step for the gradient of a loop whose steps each take a gradient."""

    def steps(x: Any) -> Any:
        for _ in range(count):
            x = x - 0.1 * grad(lambda z: 0.3 * z * z)(x)
        return x

    return 1e6 * seconds(lambda: grad(steps)(1.5)) / count


def moons_sweep(rounds: int) -> float:
    """Return the seconds of a backward pass over the moons loss."""
    return min([seconds(Moons(Value).loss().backward) for _ in range(rounds)])


def moons_gradient(rounds: int) -> dict[str, float]:
    """Return the seconds to build the gradient of the moons loss as a graph, and how many nodes there are."""
    moons = Moons(Value)
    loss, parameters = moons.loss(), moons.parameters()
    function = Graph(loss, parameters=parameters)
    gradient = function.gradient(parameters)
    return {
        "nodes of the function": len(function),
        "nodes of the gradient": len(gradient),
        "nodes added": len(set(gradient) - set(function)),
        "seconds": min(
            [seconds(lambda: gradients(loss, parameters, create_graph=True)) for _ in range(rounds)]
        ),
    }


def run(quick: bool = False) -> dict[str, Any]:
    """Take all measurements; `quick` uses smaller graphs and fewer rounds."""
    sizes = [10**3, 10**4, 10**5] if quick else [10**3, 10**4, 10**5, 10**6]
    rounds = 2 if quick else 5
    with choosing("python"):
        sweep = alone(moons_sweep, rounds)
    return {
        "growth": {n: {**alone(growth, n), "gradient graph": alone(gradient_growth, n)} for n in sizes},
        "nested gradients": {n: alone(nested, n) for n in ([100, 400] if quick else [100, 400, 1600])},
        "engine": engine(),
        "moons": {"sweep of the Python engine": sweep, **alone(moons_gradient, rounds)},
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
    moons = results["moons"]
    function, gradient = moons["nodes of the function"], moons["nodes of the gradient"]
    cost, sweep = moons["seconds"], moons["sweep of the Python engine"]
    times = f"{cost / sweep:.2f} x ({1e3 * cost:.0f} ms over {1e3 * sweep:.0f} ms)"
    sizes = f"{gradient / function:.2f} x ({gradient} over {function})"
    costs = table(
        [
            ["time over one backward pass of the Python engine", times, "3 x"],
            ["nodes over those of the function", sizes, "4 x"],
            ["of them new", moons["nodes added"], ""],
        ],
        ["gradient of the moons loss as a graph", "measured", "at most"],
    )
    most = f"at most {TARGETS['nanoseconds of a walk per node']:.0f}"
    return f"{growing}\n({results['engine']} engine; {', '.join(WALKS)}: {most})\n\n{loops}\n\n{costs}"


if __name__ == "__main__":
    print(report(run()))
