"""The moons demo's gradient, compiled from scalar loops, compared with handwritten NumPy and other engines.

python -m benchmarks.compile_moons
"""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd_core import Value, compile

from . import peers
from .engine import Moons, count
from .measure import ratio, seconds, table

TARGETS = {"over NumPy": 0.5, "casadi": 4.0, "ddx": 1.0, "µs a node": 0.5}


def by_hand(moons: Moons) -> Any:
    """Return a function for value and gradient as a NumPy programmer writes it."""
    x = np.array(moons.xs).T
    y = np.array(moons.ys)
    shapes = moons.shape
    n = len(y)

    def value_and_grad(p: Any) -> Any:
        weights, at = [], 0
        for nin, nout in shapes:
            block = p[at : at + nout * (nin + 1)].reshape(nout, nin + 1)
            weights.append((block[:, :nin], block[:, nin:]))
            at += block.size
        (w1, b1), (w2, b2), (w3, b3) = weights
        h1 = np.maximum(w1 @ x + b1, 0.0)
        h2 = np.maximum(w2 @ h1 + b2, 0.0)
        margins = 1.0 - y * (w3 @ h2 + b3)[0]
        value = np.maximum(margins, 0.0).sum() / n + 1e-4 * (p @ p)
        d3 = np.where(margins > 0.0, -y / n, 0.0)[None]
        d2 = (w3.T @ d3) * (h2 > 0.0)
        d1 = (w2.T @ d2) * (h1 > 0.0)
        blocks = [np.hstack([d @ h.T, d.sum(1, keepdims=True)]) for d, h in ((d1, x), (d2, h1), (d3, h2))]
        return value, np.concatenate([b.ravel() for b in blocks]) + 2e-4 * p

    return value_and_grad


def in_symbols(moons: Moons, m: Any, parameters: list[Any]) -> Any:
    """Compute the same loss in the same loops with another engine's scalars and the `maximum` of `m`."""
    left = iter(parameters)
    layers = [
        [([next(left) for _ in range(nin)], next(left)) for _ in range(nout)] for nin, nout in moons.shape
    ]
    total: Any = 0.0
    for point, y in zip(moons.xs, moons.ys, strict=True):
        x: list[Any] = list(point)
        for i, layer in enumerate(layers):
            x = [sum((w * v for w, v in zip(ws, x, strict=True)), b) for ws, b in layer]
            x = x if i == len(layers) - 1 else [m.maximum(s) for s in x]
        total = total + m.maximum(1.0 - y * x[0])
    return total * (1.0 / len(moons.ys)) + 1e-4 * sum(p * p for p in parameters)


def casadi_gradient(moons: Moons, p: Any) -> Any:
    """Return CasADi's SX function of value and gradient, and the seconds to build it."""
    import casadi as ca

    start = time.process_time()
    symbols = ca.SX.sym("p", len(p))
    maximum = SimpleNamespace(maximum=lambda v: ca.fmax(v, 0))
    loss = in_symbols(moons, maximum, [symbols[i] for i in range(len(p))])
    f = ca.Function("f", [symbols], [loss, ca.gradient(loss, symbols)])
    return f, time.process_time() - start


def ddx_gradient(moons: Moons, p: Any) -> Any:
    """Return ddx-ad's interpreter, and the seconds to build it."""
    import ddx

    start = time.process_time()
    zero = SimpleNamespace(maximum=lambda v: ddx.max(v, 0.0))
    equation = ddx.equation(lambda: in_symbols(moons, zero, [ddx.var(f"p{i}") for i in range(len(p))]))
    return equation.jacobian, time.process_time() - start


def trained_by_example(moons: Moons, p: Any, steps: int) -> tuple[float, Any]:
    """Trace one example's loss, compile it and train on all; return the processor seconds and the end."""
    start = time.process_time()
    parameters = moons.parameters()
    x, y, n = [Value(0.5), Value(0.5)], Value(1.0), len(moons.ys)
    margin = (1.0 - y * moons.score(x)).relu()
    loss = (margin + 1e-4 * sum(q * q for q in parameters)) / n
    program = compile(loss, inputs=[*parameters, *x, y])
    rows = [[*point, y] for point, y in zip(moons.xs, moons.ys, strict=True)]
    end, _ = program.run(steps, p, 0.01, examples=rows)
    return time.process_time() - start, end


def training(call: Any, p: Any, steps: int) -> float:
    """Return the processor seconds of `steps` steps of gradient descent."""

    def descend() -> None:
        point = p.copy()
        for _ in range(steps):
            point -= 0.01 * np.asarray(call(point)[1], float).ravel()

    return seconds(descend)


def run(quick: bool = False) -> dict[str, Any]:
    """Take all measurements; `quick` uses fewer rounds."""
    rounds, calls = (5, 20) if quick else (15, 100)
    compile(Value(1.0) * 2.0).value_and_grad(1.0)  # Import first, as the peers do.
    steps = 100 if quick else 1000
    moons = Moons(Value)
    start = time.process_time()
    loss = moons.loss()
    captured = time.process_time()
    parameters = moons.parameters()
    program = compile(loss, inputs=parameters)
    p = np.array([v.data for v in parameters])
    value, gradient = program.value_and_grad(p)
    compiled = time.process_time()
    hand = by_hand(moons)
    if not (np.isclose(value, hand(p)[0], rtol=1e-12) and np.allclose(gradient, hand(p)[1], atol=1e-12)):
        raise ArithmeticError("the program and NumPy disagree")
    nodes = count(loss)
    results: dict[str, Any] = {
        "nodes": nodes,
        "left out": peers.missing("casadi", "ddx"),
        "build, µs a node": 1e6 * (captured - start) / nodes,
        "capture and compile, µs a node": 1e6 * (compiled - captured) / nodes,
        "over NumPy": ratio(lambda: program.value_and_grad(p), lambda: hand(p), calls, rounds),
        "explain": str(program.explain()),
        "training": {"autograd-core": compiled - start + training(program.value_and_grad, p, steps)},
        "steps": steps,
        "peers": {},
    }
    taken, end = trained_by_example(moons, p, steps)
    if not np.allclose(end, program.run(steps, p, 0.01)[0], rtol=1e-9):
        raise ArithmeticError("training by examples ends at another point")
    results["training"]["autograd-core, one example traced"] = taken
    for name, make in (("casadi", casadi_gradient), ("ddx", ddx_gradient)):
        if peers.missing(name):
            continue
        call, making = make(moons, p)
        if not np.allclose(np.asarray(call(p)[1], float).ravel(), gradient, atol=1e-12):
            raise ArithmeticError(f"{name} disagrees")
        results["peers"][name] = ratio(lambda: call(p), lambda: program.value_and_grad(p), 5, 5)  # noqa: B023
        results["training"][name] = making + training(call, p, steps)
    return results


def report(results: dict[str, Any]) -> str:
    """Format the results as text."""
    r = results["over NumPy"]
    rows = [
        [
            "NumPy by hand",
            f"{r.fast_seconds * 1e6:.0f} µs",
            f"ours takes {r} of it (at most {TARGETS['over NumPy']})",
        ]
    ]
    for name, found in results["peers"].items():
        rows.append(
            [name, f"{found.slow_seconds * 1e6:.0f} µs", f"{found} ours (at least {TARGETS[name]:.0f})"]
        )
    trained = [[name, f"{s:.2f} s"] for name, s in results["training"].items()]
    most = TARGETS["µs a node"]
    build, compiling = results["build, µs a node"], results["capture and compile, µs a node"]
    return "\n".join([
        f"{results['nodes']} scalar nodes; ours {r.slow_seconds * 1e6:.0f} µs",
        table(rows, ["value and gradient", "time", "ratio"]),
        "",
        f"µs a node: building the graph {build:.2f}, capture and compile {compiling:.2f} (at most {most})",
        "",
        table(trained, [f"{results['steps']} training steps, all included", "processor seconds"]),
        "",
        results["explain"],
        *([f"skipped, not installed: {', '.join(results['left out'])}"] if results["left out"] else []),
    ])  # fmt: skip


if __name__ == "__main__":
    print(report(run()))
