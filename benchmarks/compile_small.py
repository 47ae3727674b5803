"""Small compiled functions: one call from Python, and batches, compared with other engines.

python -m benchmarks.compile_small
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core import Value, compile

from . import peers
from .engine import tiny
from .measure import Ratio, ratio, seconds, table

TARGETS = {"math.cos": 3.0, "ddx": 3.0, "casadi": 30.0, "jax": 50.0}
"""The most that one call may take over `math.cos`; the least that the peers' calls should take over ours."""
BATCH_TARGET = 5.0
"""Nanoseconds a point, at most."""


def lecture(m: Any, x: Any) -> Any:
    """Compute cos(sin(x²) + 3x²) with the functions of `m`."""
    return m.cos(m.sin(x * x) + 3.0 * (x * x))


def tiny_graph(m: Any, a: Any, b: Any) -> Any:
    """Compute the tiny graph as a function."""
    c = a + b
    d = a * b + b * b * b
    e = c - d
    return e * e / 2.0


def one_call(f: peers.Function, point: list[float], rounds: int) -> dict[str, Ratio]:
    """Compare each peer's call with ours."""
    mine = peers.ours(f, point)
    value = float(np.ravel(mine()[0])[0])
    found = {}
    for name, make in peers.PEERS.items():
        if peers.missing(name):
            continue
        call = make(f, point)
        if not math.isclose(float(np.ravel(np.asarray(call()[0]))[0]), value, rel_tol=1e-12):
            raise ArithmeticError(f"{name} disagrees")
        found[name] = ratio(call, mine, 300, rounds)
    return found


def batch(count: int, rounds: int) -> dict[str, float]:
    """Return nanoseconds per point for value and gradient of the tiny graph, in a call on `count` points."""
    points = np.random.default_rng(0).normal(size=(count, 2))
    a, b = Value(-41.0, "a"), Value(2.0, "b")
    program = compile(tiny_graph(math, a, b), inputs=[a, b])
    calls = {"autograd-core": lambda: program.value_and_grad(points)}
    if not peers.missing("casadi"):
        import casadi as ca

        xs = [ca.SX.sym("a"), ca.SX.sym("b")]
        y = tiny_graph(ca, *xs)
        one = ca.Function("f", xs, [y, *[ca.gradient(y, x) for x in xs]])
        many = one.map(count)
        rows = [ca.DM(points[:, i]).T for i in range(2)]
        calls["casadi map"] = lambda: many(*rows)
    if not peers.missing("ddx"):
        import ddx

        equation = ddx.equation(lambda: tiny_graph(ddx, ddx.var("a"), ddx.var("b")))
        equation.compile(points=count)
        equation.wait_for_kernel()
        columns = np.ascontiguousarray(points.T)
        calls["ddx, compiled"] = lambda: equation.jacobian(columns)
    if not peers.missing("jax"):
        import jax

        jax.config.update("jax_enable_x64", True)
        each = jax.jit(jax.vmap(jax.value_and_grad(lambda p: tiny_graph(None, p[0], p[1]))))
        calls["jax.jit(vmap)"] = lambda: jax.block_until_ready(each(points))
    often = max(1, 10**5 // count)
    return {
        name: 1e9 * min(seconds(call, often) for _ in range(rounds)) / count for name, call in calls.items()
    }


def replayed(count: int) -> dict[str, dict[str, float]]:
    """Return the seconds for `count` evaluations of the tiny graph with its gradient, in several ways."""
    point = [-41.0, 2.0]
    program = compile(tiny_graph(math, a := Value(-41.0, "a"), b := Value(2.0, "b")), inputs=[a, b])
    calls = {"autograd-core": peers.ours(tiny_graph, point)}
    calls |= {name: make(tiny_graph, point) for name, make in peers.PEERS.items() if not peers.missing(name)}
    found = {
        "rebuilt each time": {"autograd-core": seconds(lambda: tiny(Value), count) * count},
        "replayed, a call each time": {name: seconds(call, count) * count for name, call in calls.items()},
        "inside one call": {"autograd-core, descent": seconds(lambda: program.run(count, point, 1e-9))},
    }
    if not peers.missing("micrograd"):
        from micrograd.engine import Value as Micrograd

        found["rebuilt each time"]["micrograd"] = seconds(lambda: tiny(Micrograd), count // 10) * count
    return found


def run(quick: bool = False) -> dict[str, Any]:
    """Take all measurements; `quick` uses fewer rounds."""
    rounds = 5 if quick else 25
    mine = peers.ours(lecture, [2.0])
    replay = peers.ours(tiny_graph, [-41.0, 2.0])
    return {
        "left out": peers.missing(*peers.PEERS),
        "ours over math.cos": ratio(mine, lambda: math.cos(2.0), 3000, rounds),
        "lecture": one_call(lecture, [2.0], rounds),
        "tiny, replayed": one_call(tiny_graph, [-41.0, 2.0], rounds),
        "tiny, rebuilt eagerly over replayed": ratio(lambda: tiny(Value), replay, 1000, rounds),
        "evaluations": 10_000 if quick else 100_000,
        "replayed": replayed(10_000 if quick else 100_000),
        "batch": {n: batch(n, rounds) for n in ([10**4] if quick else [10**4, 10**6])},
    }


def report(results: dict[str, Any]) -> str:
    """Format the results as text."""
    base = results["ours over math.cos"]
    rebuilt = results["tiny, rebuilt eagerly over replayed"]
    rows = [["cos(sin x² + 3x²)", "lambda: math.cos(2.0)", f"{base.fast_seconds * 1e9:.0f} ns",
             f"{base.slow_seconds * 1e9:.0f} ns",
             f"{base.median:.1f} x as long (at most {TARGETS['math.cos']:.0f})"]]  # fmt: skip
    for work in ("lecture", "tiny, replayed"):
        for peer, r in results[work].items():
            target = f", target {TARGETS[peer]:.0f} x" if work == "lecture" else ""
            rows.append(
                [
                    work,
                    peer,
                    f"{r.slow_seconds * 1e6:.2f} µs",
                    f"{r.fast_seconds * 1e6:.2f} µs",
                    f"{r}{target}",
                ]
            )
    rows.append(["tiny", "rebuilt eagerly", f"{rebuilt.slow_seconds * 1e6:.2f} µs",
                 f"{rebuilt.fast_seconds * 1e6:.2f} µs", rebuilt])  # fmt: skip
    calls = table(rows, ["one call", "compared with", "its time", "our time", "ratio"])
    batches = table(
        [[n, name, f"{ns:.1f}"] for n, found in results["batch"].items() for name, ns in found.items()],
        [
            "points",
            "tiny graph in a batch",
            f"ns per point, value and gradient (ours at most {BATCH_TARGET:.0f})",
        ],
    )
    modes = table(
        [[mode, name, f"{s:.3f} s"] for mode, by in results["replayed"].items() for name, s in by.items()],
        [f"tiny graph, {results['evaluations']:,} times", "engine", "processor seconds"],
    )
    left_out = f"\nskipped, not installed: {', '.join(results['left out'])}" if results["left out"] else ""
    return f"{calls}\n\n{modes}\n\n{batches}{left_out}"


if __name__ == "__main__":
    print(report(run()))
