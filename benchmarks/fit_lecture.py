"""The lecture's two-layer network, 64 × 1000 × 100 × 10 and 500 iterations, compared with its NumPy program.

python -m benchmarks.fit_lecture
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

import nn
from autograd_core import Value, compile, relu

from .measure import ratio, table

RATE = 1e-6
TARGET = 1.1
TRACED = "one iteration of nn.fit, including tracing, s"


class Lecture:
    """The lecture's random numbers, and its program."""

    def __init__(self, n: int = 64, d_in: int = 1000, h: int = 100, d_out: int = 10) -> None:
        draw = np.random.default_rng(0)
        self.x, self.y = draw.normal(size=(n, d_in)), draw.normal(size=(n, d_out))
        self.w1, self.w2 = draw.normal(size=(d_in, h)), draw.normal(size=(h, d_out))

    def numpy(self, iterations: int) -> tuple[Any, list[float]]:
        """Run the program on the slide."""
        x, y, w1, w2 = self.x, self.y, self.w1.copy(), self.w2.copy()
        losses = []
        for _ in range(iterations):
            h = x.dot(w1)
            h_relu = np.maximum(h, 0)
            y_pred = h_relu.dot(w2)
            losses.append(float(np.square(y_pred - y).sum()))
            grad_y_pred = 2.0 * (y_pred - y)
            grad_w2 = h_relu.T.dot(grad_y_pred)
            grad_h_relu = grad_y_pred.dot(w2.T)
            grad_h = grad_h_relu.copy()
            grad_h[h < 0] = 0
            grad_w1 = x.T.dot(grad_h)
            w1 -= RATE * grad_w1
            w2 -= RATE * grad_w2
        return w1, losses

    def model(self) -> nn.Module:
        """Build the same network with `nn`."""
        (d_in, h), d_out = self.w1.shape, self.w2.shape[1]
        first, second = nn.Linear(d_in, h, bias=False, rng=0), nn.Linear(h, d_out, bias=False, rng=0)
        first.weight.assign(self.w1.T)
        second.weight.assign(self.w2.T)
        return nn.Sequential(first, nn.ReLU(), second)

    def fit(self, iterations: int) -> tuple[Any, list[float]]:
        """Train the network with `nn.fit`."""
        model = self.model()
        history = model.fit(
            self.x, self.y, loss=nn.MSELoss(reduction="sum"), optimizer=nn.SGD(model, lr=RATE),
            epochs=iterations, batch_size=None, shuffle=False, compile=True, verbose=0,
        )  # fmt: skip
        return model.weights()["0.weight"].array.T, history.history["loss"]

    def program(self) -> Any:
        """Compile the loss of one example, written in loops over single numbers."""
        w1 = [[Value(w) for w in row] for row in self.w1.tolist()]
        w2 = [[Value(w) for w in row] for row in self.w2.tolist()]
        x, y = [Value(v) for v in self.x[0].tolist()], [Value(v) for v in self.y[0].tolist()]
        hidden = []
        for column in zip(*w1, strict=True):
            total: Any = 0.0
            for xi, w in zip(x, column, strict=True):
                total = total + xi * w
            hidden.append(relu(total))
        loss: Any = 0.0
        for target, column in zip(y, zip(*w2, strict=True), strict=True):
            prediction: Any = 0.0
            for h, w in zip(hidden, column, strict=True):
                prediction = prediction + h * w
            loss = loss + (prediction - target) ** 2
        return compile(loss, inputs=[w for row in [*w1, *w2] for w in row] + x + y)

    def run(self, program: Any, iterations: int) -> tuple[Any, list[float]]:
        """Train the compiled loops with `program.run`."""
        start = np.concatenate([self.w1.ravel(), self.w2.ravel()])
        point, losses = program.run(iterations, start, RATE, examples=np.hstack([self.x, self.y]))
        return point[: self.w1.size].reshape(self.w1.shape), losses


def run(quick: bool = False) -> dict[str, Any]:
    """Take all measurements; `quick` uses fewer iterations and rounds."""
    iterations, rounds = (50, 3) if quick else (500, 5)
    lecture = Lecture()
    start = time.process_time()
    program = lecture.program()
    lecture.run(program, 1)
    captured = time.process_time() - start
    start = time.process_time()
    lecture.fit(1)
    traced = time.process_time() - start
    weights, losses = lecture.numpy(iterations)
    results: dict[str, Any] = {
        "iterations": iterations, "target": TARGET, "modes": {},
        "writing, capturing and compiling the loops, s": captured, "operations": program.tape.operations,
        TRACED: traced,
    }  # fmt: skip
    ways = {"nn.fit": lecture.fit, "captured loops": lambda n: lecture.run(program, n)}
    for name, train in ways.items():
        w, found = train(iterations)
        results["modes"][name] = {
            "over NumPy": ratio(lambda: train(iterations), lambda: lecture.numpy(iterations), 1, rounds),  # noqa: B023
            "losses differ by": float(np.max(np.abs(np.array(found) / losses - 1.0))),
            "weights differ by": float(np.max(np.abs(w - weights))),
        }
    fit = results["modes"]["nn.fit"]["over NumPy"]
    each = (fit.slow_seconds - traced) / (iterations - 1) / (fit.fast_seconds / iterations)
    results["one iteration of nn.fit after that, over NumPy"] = each
    return results


def report(results: dict[str, Any]) -> str:
    """Format the results as text."""
    rows = [
        [name, *[f"{s:.2f} s" for s in (r["over NumPy"].slow_seconds, r["over NumPy"].fast_seconds)],
         r["over NumPy"], f"{r['losses differ by']:.1e}"]
        for name, r in results["modes"].items()
    ]  # fmt: skip
    head = [
        f"{results['iterations']} iterations",
        "ours",
        "NumPy",
        f"ratio (at most {results['target']})",
        "relative, losses",
    ]
    return table(rows, head) + (
        f"\nnn.fit: tracing, compiling and checking included, {results[TRACED]:.2f} s of it; "
        f"each further iteration {results['one iteration of nn.fit after that, over NumPy']:.2f} x\n"
        f"captured loops: {results['operations']} operations, built, captured and compiled beforehand in "
        f"{results['writing, capturing and compiling the loops, s']:.2f} s"
    )


if __name__ == "__main__":
    print(report(run()))
