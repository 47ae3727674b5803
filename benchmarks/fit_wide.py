"""The digits network 784-512-512-10 (669,706 parameters), batch 64: `nn.fit` compared with handwritten NumPy.

python -m benchmarks.fit_wide
"""

from __future__ import annotations

import resource
import time
from typing import Any

import numpy as np

import nn
from nn.train.compiled_step import CompiledStep
from nn.train.step import EagerStep

from .measure import ratio, table

TARGET = 1.3
RATE = 0.01


class ByHand:
    """One step of gradient descent on the mean cross-entropy, as a NumPy programmer writes it."""

    def __init__(self, model: nn.MLP) -> None:
        self.layers = [[layer.weight.array.copy(), layer.bias.array.copy()] for layer in model.layers]

    def __call__(self, x: Any, y: Any) -> float:
        hidden = [x]
        for i, (w, b) in enumerate(self.layers):
            a = hidden[-1] @ w.T + b
            hidden.append(np.maximum(a, 0.0) if i + 1 < len(self.layers) else a)
        z = hidden.pop()
        z = z - z.max(axis=1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=1, keepdims=True)
        rows = np.arange(len(x))
        loss = float((np.log(total[:, 0]) - z[rows, y]).mean())
        g = e / total
        g[rows, y] -= 1.0
        g /= len(x)
        for i in range(len(self.layers) - 1, -1, -1):
            w, b = self.layers[i]
            dw, db = g.T @ hidden[i], g.sum(axis=0)
            if i:
                g = (g @ w) * (hidden[i] > 0.0)
            w -= RATE * dw
            b -= RATE * db
        return loss


def run(quick: bool = False) -> dict[str, Any]:
    """Take all measurements; `quick` uses a smaller network."""
    sizes, rounds = ((784, [64, 64, 10]), 3) if quick else ((784, [512, 512, 10]), 9)
    draw = np.random.default_rng(0)
    x, y = draw.normal(size=(64, 784)), draw.integers(0, 10, 64)
    model = nn.MLP(*sizes, rng=0)
    hand = ByHand(model)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    step = CompiledStep(EagerStep(model, nn.CrossEntropyLoss(), nn.SGD(model, lr=RATE)), x, y * 1.0)
    compiling = time.process_time() - start
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    labels = y * 1.0
    ours, theirs = [step(x, labels) for _ in range(5)], [hand(x, y) for _ in range(5)]

    def one() -> None:
        step.keep()  # As `fit` does before every step.
        step(x, labels)

    return {
        "parameters": sum(len(w) for w in model.weights().values()),
        "values made": sum(len(w) for w in model.weights().values() if w.materialized),
        "compiling, s": compiling,
        "memory for compiling, MB": memory,
        "losses differ by": float(np.max(np.abs(np.array(ours) - theirs))),
        "over NumPy": ratio(one, lambda: hand(x, y), 3, rounds),
        "target": TARGET,
    }


def report(results: dict[str, Any]) -> str:
    """Format the results as text."""
    r = results["over NumPy"]
    return "\n".join([
        (f"{results['parameters']} parameters; traced and compiled in {results['compiling, s']:.2f} s with "
        f"{results['memory for compiling, MB']:.0f} MB more and {results['values made']} Values for weights"),
        table(
            [[f"{r.slow_seconds * 1e3:.1f} ms", f"{r.fast_seconds * 1e3:.1f} ms", r,
              f"{results['losses differ by']:.1e}"]],
            ["one step", "handwritten NumPy", f"ratio (at most {results['target']})", "losses differ by"],
        ),
    ])  # fmt: skip


if __name__ == "__main__":
    print(report(run()))
