"""A training step of the moons demo with `nn`, 2-16-16-1 on 100 points, compared with micrograd's own.

python -m benchmarks.fit_moons
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import nn
from autograd_core import engine
from nn.train.compiled_step import CompiledStep
from nn.train.step import EagerStep

from .measure import ratio, table

TARGETS = {"eager": 80.0 if engine() == "native" else 8.0}


def with_nn(x: Any, y: Any) -> EagerStep:
    """Return a step with hinge loss, L2 and gradient descent, as in micrograd's demo."""
    model = nn.MLP(2, [16, 16, 1], init="uniform", rng=0)
    return EagerStep(model, nn.HingeLoss(), nn.SGD(model, lr=0.05), nn.L2(1e-4))


def with_micrograd(x: list[list[float]], y: list[float]) -> Callable[[], None]:
    """Return the step of micrograd's own demo notebook."""
    from micrograd.engine import Value
    from micrograd.nn import MLP

    random.seed(0)
    model = MLP(2, [16, 16, 1])

    def step() -> None:
        scores = [model(list(map(Value, row))) for row in x]
        losses = [(1 + -yi * score).relu() for yi, score in zip(y, scores, strict=True)]
        loss = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in model.parameters())
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= 0.05 * p.grad

    return step


def run(quick: bool = False) -> dict[str, Any]:
    """Take all measurements; `quick` uses fewer rounds."""
    x, y = nn.data.moons(100, seed=0)
    y = 2.0 * y - 1.0
    theirs = with_micrograd(x.tolist(), y.tolist())
    steps = {"eager": with_nn(x, y), "compiled": CompiledStep(with_nn(x, y), x, y)}
    return {name: ratio(theirs, lambda: step(x, y), 1, 3 if quick else 9) for name, step in steps.items()}  # noqa: B023


def report(results: dict[str, Any]) -> str:
    """Format the results as text."""
    rows = [
        [name, f"{r.slow_seconds * 1e3:.0f} ms", f"{r.fast_seconds * 1e3:.3g} ms", r, TARGETS.get(name, "")]
        for name, r in results.items()
    ]
    return table(rows, ["nn", "micrograd", "autograd-core", "ratio", "at least"])


if __name__ == "__main__":
    print(report(run()))
