"""What the features cost that only a graph of scalars has, and what they cost when nobody uses them.

python -m benchmarks.only_here
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from math import factorial
from pathlib import Path
from typing import Any

import nn
from autograd_core import (
    Value,
    derivative,
    engine,
    gradients,
    hessian,
    propagate,
    rounding,
    sin,
    taylor,
    what_if,
)
from autograd_core import sum as total
from autograd_core.base import np
from autograd_core.calculus import column_colors

from .engine import Moons, choosing
from .measure import alone, ratio, seconds, table

ORDER = 30
TARGETS = {
    "30th derivative": "5 ms",
    "products": "3",
    "film": "5 MB",
    "unused": "1.05 x",
}
"""At most."""


def wave(x: Any) -> Any:
    return sin(x * x)


def best(function: Callable[[], Any], rounds: int) -> float:
    """Return the processor seconds of the shortest of some calls."""
    function()
    return min([seconds(function) for _ in range(rounds)])


def series(rounds: int, nested_order: int) -> dict[str, float]:
    """Measure Taylor mode, and derivatives of derivatives beside it."""
    x = Value(1.1)
    high = derivative(wave, ORDER)

    def nested() -> float:
        y = wave(x)
        for _ in range(nested_order):
            y = gradients(y, x, create_graph=True)
        return y.data

    by_series = taylor(wave, 1.1, nested_order)[nested_order] * factorial(nested_order)
    return {
        "31 coefficients": best(lambda: taylor(wave, 1.1, ORDER), rounds),
        "30th derivative": best(lambda: high(1.1), rounds),
        "nested order": nested_order,
        "nested": seconds(nested),
        "difference": abs(nested() / by_series - 1.0),
    }


def rosenbrock(x: Sequence[Any]) -> Any:
    return total([100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2 for i in range(len(x) - 1)])


def sparse(n: int) -> dict[str, float]:
    """Measure the sparse Hessian of Rosenbrock's function, and count its Hessian-vector products."""
    found: list[Any] = []
    spent = seconds(lambda: found.append(hessian(rosenbrock, sparse=True)(np.linspace(-1.0, 1.0, n))))
    entries = found[0].tocoo()
    rows: list[list[int]] = [[] for _ in range(n)]
    for i, j in zip(*entries.coords, strict=True):
        rows[i].append(int(j))
    return {"n": n, "seconds": spent, "products": max(column_colors(rows, n)) + 1, "entries": found[0].nnz}


def filmed(epochs: int) -> dict[str, float]:
    """Measure the film of a training, and what recording adds to the time."""

    def trained(record: bool, epochs: int = epochs) -> Any:
        model = nn.MLP(2, [8, 1], rng=0)
        return model.fit(*nn.data.moons(100, seed=0), epochs=epochs, seed=0, record=record)

    kept: list[Any] = []
    trained(True, 1)  # The first training compiles and imports.
    plain, recorded = seconds(lambda: trained(False)), seconds(lambda: kept.append(trained(True)))
    with tempfile.TemporaryDirectory() as folder:
        size = kept[0].film.save(Path(folder, "moons.html")).stat().st_size
    return {"epochs": epochs, "megabytes": size / 1e6, "plain": plain, "recorded": recorded}


def unused(rounds: int) -> dict[str, Any]:
    """Compare a backward pass with one that could find hooks on other nodes, or held nodes behind it."""
    loss, elsewhere = Moons(Value).loss(), Value(1.0)
    other = elsewhere * elsewhere

    def with_hooks_elsewhere() -> None:
        with elsewhere.register_hook(lambda g: 0.0):
            loss.backward()

    def after_what_if() -> None:
        with what_if(other, {elsewhere: 2.0}):
            pass
        loss.backward()

    return {
        "hooks": ratio(with_hooks_elsewhere, loss.backward, rounds=rounds),
        "what_if": ratio(after_what_if, loss.backward, rounds=rounds),
    }


def unused_in_python(rounds: int) -> dict[str, Any]:
    with choosing("python"):
        return alone(unused, rounds)


def growth(length: int) -> dict[str, float]:
    """Measure nanoseconds per node for the budget of rounding and the propagation of uncertainty."""
    xs = [Value(1.0 + 1.0 / (i + 1), f"x{i}") for i in range(max(2, length // 10))]
    output = total([sin(xs[i % len(xs)]) for i in range(length)])
    sigmas = dict.fromkeys(xs, 0.01)
    return {
        "rounding": 1e9 * seconds(lambda: rounding(output)) / length,
        "propagate": 1e9 * seconds(lambda: propagate(output, sigmas)) / length,
    }


def run(quick: bool = False) -> dict[str, Any]:
    """Take all measurements; `quick` uses smaller graphs and fewer rounds."""
    rounds = 3 if quick else 11
    return {
        "series": alone(series, rounds, 8 if quick else 16),
        "sparse": alone(sparse, 1_000 if quick else 10_000),
        "film": alone(filmed, 20 if quick else 200),
        "unused": {engine(): alone(unused, rounds), "python": unused_in_python(rounds)},
        "growth": {n: alone(growth, n) for n in ([10**3, 10**4] if quick else [10**3, 10**4, 10**5])},
    }


def report(results: dict[str, Any]) -> str:
    """Format the results as text."""
    series, sparse, film = (results[name] for name in ("series", "sparse", "film"))
    rows = [
        ["31 coefficients of sin x²", f"{1e3 * series['31 coefficients']:.2f} ms", ""],
        [
            "30th derivative of sin x²",
            f"{1e3 * series['30th derivative']:.2f} ms",
            TARGETS["30th derivative"],
        ],
        [f"the {series['nested order']}th by nested gradients", f"{series['nested']:.2f} s", ""],
        [
            f"Hessian of Rosenbrock, n = {sparse['n']:,}: products",
            f"{sparse['products']} ({sparse['entries']:,} entries, {sparse['seconds']:.1f} s)",
            TARGETS["products"],
        ],
        [f"film of moons 2-8-1, {film['epochs']} epochs", f"{film['megabytes']:.2f} MB", TARGETS["film"]],
        ["recording over the same training", f"{film['recorded'] / film['plain']:.2f} x", ""],
    ]
    for name, found in results["unused"].items():
        for what, words in (("hooks", "hooks on other nodes"), ("what_if", "after a what_if block")):
            rows.append([f"backward pass, {words} ({name} engine)", found[what], TARGETS["unused"]])
    costs = table(rows, ["feature", "measured", "at most"])
    growing = table(
        [[n, *(f"{time:.0f}" for time in times.values())] for n, times in results["growth"].items()],
        ["nodes", "rounding ns/node", "propagate ns/node"],
    )
    return f"{costs}\n\n{growing}"


if __name__ == "__main__":
    print(report(run()))
