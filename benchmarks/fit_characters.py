"""A character model: context 16, embedding 64, 1024 → h tanh → 27, cross-entropy, SGD: one training step.

python -m benchmarks.fit_characters

The names of the original workload are not included: random characters cost the same. In all engines the
embedding is looked up before the step; its rows are inputs and not trained.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn.train.compiled_step import CompiledStep
from nn.train.step import EagerStep

from . import peers
from .measure import ratio, table

RATE = 0.1
INPUTS, CLASSES = 16 * 64, 27
TARGETS = {"h = 4, batch 1": "at most 0.4", "h = 4, batch 64": "at most 0.8"}


def ours(model: nn.MLP, x: Any, y: Any) -> Any:
    """Return a compiled step of `nn.fit`."""
    labels = y * 1.0
    step = CompiledStep(EagerStep(model, nn.CrossEntropyLoss(), nn.SGD(model, lr=RATE)), x, labels)

    def one() -> float:
        step.keep()  # As `fit` does before every step.
        return step(x, labels)

    return one


def by_hand(model: nn.MLP, x: Any, y: Any) -> Any:
    """Return the same step in NumPy."""
    (w1, b1), (w2, b2) = ((layer.weight.array.copy(), layer.bias.array.copy()) for layer in model.layers)
    rows = np.arange(len(x))

    def one() -> float:
        h = np.tanh(x @ w1.T + b1)
        z = h @ w2.T + b2
        z -= z.max(axis=1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=1, keepdims=True)
        loss = float((np.log(total[:, 0]) - z[rows, y]).mean())
        g = e / total
        g[rows, y] -= 1.0
        g /= len(x)
        d = (g @ w2) * (1.0 - h * h)
        dw2, db2, dw1, db1 = g.T @ h, g.sum(axis=0), d.T @ x, d.sum(axis=0)
        for weights, slopes in ((w1, dw1), (b1, db1), (w2, dw2), (b2, db2)):
            weights -= RATE * slopes
        return loss

    return one


def with_torch(model: nn.MLP, x: Any, y: Any) -> Any:
    """Return the same step in PyTorch, in double precision."""
    import torch

    net = torch.nn.Sequential(
        torch.nn.Linear(INPUTS, len(model.layers[0].bias)), torch.nn.Tanh(),
        torch.nn.Linear(len(model.layers[0].bias), CLASSES),
    ).double()  # fmt: skip
    with torch.no_grad():
        for mine, theirs in zip(model.weights().values(), net.parameters(), strict=True):
            theirs.copy_(torch.tensor(mine.array))
    optimizer, loss_of = torch.optim.SGD(net.parameters(), lr=RATE), torch.nn.CrossEntropyLoss()
    inputs, targets = torch.tensor(x), torch.tensor(y)

    def one() -> float:
        optimizer.zero_grad()
        loss = loss_of(net(inputs), targets)
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    return one


def run(quick: bool = False) -> dict[str, Any]:
    """All measurements; `quick` leaves out the wide network."""
    draw = np.random.default_rng(0)
    results: dict[str, Any] = {"left out": peers.missing("torch"), "steps": {}}
    for hidden in (4,) if quick else (4, 1024):
        for batch in (1, 64):
            x, y = draw.normal(size=(batch, INPUTS)), draw.integers(0, CLASSES, batch)
            model = nn.MLP(INPUTS, [hidden, CLASSES], activation="tanh", rng=0)
            ways = {"NumPy": by_hand(model, x, y)}
            if not results["left out"]:
                ways["PyTorch"] = with_torch(model, x, y)
            mine = ours(model, x, y)
            losses = {name: [way() for _ in range(3)] for name, way in {"ours": mine, **ways}.items()}
            calls = 3 if hidden > 4 else 50
            found = {name: ratio(mine, way, calls, 5 if quick else 9) for name, way in ways.items()}
            results["steps"][f"h = {hidden}, batch {batch}"] = {
                **found,
                "losses differ by": float(np.max(np.ptp(np.array(list(losses.values())), axis=0))),
            }
    return results


def report(results: dict[str, Any]) -> str:
    """Format the results as text."""
    rows = []
    for name, found in results["steps"].items():
        r = found["NumPy"]
        torch = found["PyTorch"].median if "PyTorch" in found else float("nan")
        rows.append([name, f"{r.slow_seconds * 1e3:.3f} ms", f"{r.median:.2f}", TARGETS.get(name, ""),
                     f"{torch:.2f}", f"{found['losses differ by']:.1e}"])  # fmt: skip
    head = ["one step", "ours", "over handwritten NumPy", "target", "over PyTorch", "losses differ by"]
    missing = results["left out"]
    return table(rows, head) + (f"\nskipped, not installed: {', '.join(missing)}" if missing else "")


if __name__ == "__main__":
    print(report(run()))
