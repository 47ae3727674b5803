"""Programs as users write them, from recurrent cells to Cholesky: value and slopes in one call, and CasADi.

python -m benchmarks.compile_families
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

import autograd_core as ac
from autograd_core import Value, compile

from . import peers
from .measure import seconds, table

OURS = SimpleNamespace(tanh=ac.tanh, exp=ac.exp, log=ac.log, sqrt=ac.sqrt, sin=ac.sin, lse=ac.logsumexp)
Family = Callable[[Any, list[Any], int], Any]
"""Takes a namespace of functions, inputs and a size; gives the output."""


def dot(a: Sequence[Any], b: Sequence[Any]) -> Any:
    """Add up products in a loop, from 0."""
    total: Any = 0.0
    for x, y in zip(a, b, strict=True):
        total = total + x * y
    return total


def rows(xs: list[Any], height: int, width: int) -> list[list[Any]]:
    """Take the next numbers off the list, row by row."""
    return [[xs.pop(0) for _ in range(width)] for _ in range(height)]


def recurrent(m: Any, xs: list[Any], steps: int) -> Any:
    """Run a recurrent network of 6 cells."""
    weights, biases, h = rows(xs, 6, 6), rows(xs, 1, 6)[0], [0.1] * 6
    for t in range(steps):
        h = [m.tanh(dot(row, h) + b + 0.1 * math.sin(t)) for row, b in zip(weights, biases, strict=True)]
    return dot(h, h)


def attention(m: Any, xs: list[Any], length: int) -> Any:
    """Attend over that many vectors of 8 numbers."""
    points, *layers = rows(xs, length, 8), *(rows(xs, 8, 8) for _ in range(3))
    queries, keys, values = ([[dot(row, x) for row in layer] for x in points] for layer in layers)
    total: Any = 0.0
    for query in queries:
        e = [m.exp(dot(query, key) * (1.0 / math.sqrt(8))) for key in keys]
        whole = e[0]
        for x in e[1:]:
            whole = whole + x
        shares = [x / whole for x in e]
        for column in zip(*values, strict=True):
            total = total + dot(shares, column) ** 2
    return total


def convolution(m: Any, xs: list[Any], size: int) -> Any:
    """Apply two 3×3 kernels to a square image."""
    kernels, biases, weights = [rows(xs, 3, 3) for _ in range(2)], rows(xs, 1, 2)[0], rows(xs, 1, 2)[0]
    image = [[math.sin(i * 0.7 + j * 1.3) for j in range(size)] for i in range(size)]
    total: Any = 0.0
    for kernel, bias, weight in zip(kernels, biases, weights, strict=True):
        for i in range(size - 2):
            for j in range(size - 2):
                s = bias
                for a, row in enumerate(kernel):
                    for b, k in enumerate(row):
                        s = s + k * image[i + a][j + b]
                total = total + weight * m.tanh(s)
    return total * total


def cholesky(m: Any, xs: list[Any], n: int) -> Any:
    """Compute the logarithm of the determinant of B Bᵀ + n."""
    b = rows(xs, n, n)
    a = [[dot(b[i], b[j]) + (float(n) if i == j else 0.0) for j in range(n)] for i in range(n)]
    lower: list[list[Any]] = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            s = a[i][j]
            for k in range(j):
                s = s - lower[i][k] * lower[j][k]
            lower[i][j] = m.sqrt(s) if i == j else s / lower[j][j]
    total: Any = 0.0
    for i in range(n):
        total = total + m.log(lower[i][i])
    return 2.0 * total


def bodies(m: Any, xs: list[Any], steps: int) -> Any:
    """Move 10 bodies that attract each other."""
    places, speeds = rows(xs, 10, 2), [[0.0, 0.0] for _ in range(10)]
    for _ in range(steps):
        pulls: list[list[Any]] = [[0.0, 0.0] for _ in range(10)]
        for i in range(10):
            for j in range(i):
                dx, dy = (places[j][c] - places[i][c] for c in (0, 1))
                square = dx * dx + dy * dy + 0.1
                weight = 1.0 / (square * m.sqrt(square))
                for c, d in enumerate((dx, dy)):
                    pulls[i][c] = pulls[i][c] + weight * d
                    pulls[j][c] = pulls[j][c] - weight * d
        for place, speed, pull in zip(places, speeds, pulls, strict=True):
            for c in (0, 1):
                speed[c] = speed[c] + 0.01 * pull[c]
                place[c] = place[c] + 0.01 * speed[c]
    return dot([x for place in places for x in place], [x for place in places for x in place])


def runge_kutta(m: Any, xs: list[Any], steps: int) -> Any:
    """Integrate a damped pendulum."""
    angle, speed, k, damping = xs
    h = 0.01

    def slopes(a: Any, b: Any) -> tuple[Any, Any]:
        return b, -k * m.sin(a) - damping * b

    for _ in range(steps):
        a1, b1 = slopes(angle, speed)
        a2, b2 = slopes(angle + 0.5 * h * a1, speed + 0.5 * h * b1)
        a3, b3 = slopes(angle + 0.5 * h * a2, speed + 0.5 * h * b2)
        a4, b4 = slopes(angle + h * a3, speed + h * b3)
        angle = angle + (h / 6) * (a1 + 2.0 * a2 + 2.0 * a3 + a4)
        speed = speed + (h / 6) * (b1 + 2.0 * b2 + 2.0 * b3 + b4)
    return angle * angle + speed * speed


def lattice(m: Any, xs: list[Any], steps: int) -> Any:
    """Run the forward algorithm of a hidden Markov model of 6 states."""
    moves, shows = rows(xs, 6, 6), rows(xs, 6, 4)
    scores = [show[0] for show in shows]
    for t in range(1, steps):
        scores = [m.lse([scores[i] + moves[i][j] for i in range(6)]) + shows[j][t % 4] for j in range(6)]
    return m.lse(scores)


def butterfly(m: Any, xs: list[Any], n: int) -> Any:
    """Add up the logarithms of a fast Fourier transform's squares."""
    order = sorted(range(n), key=lambda i: f"{i:0{n.bit_length() - 1}b}"[::-1])
    real, imaginary = [xs[i] for i in order], [0.0] * n
    length = 2
    while length <= n:
        for i in range(0, n, length):
            for k in range(length // 2):
                c, s = math.cos(-2 * math.pi * k / length), math.sin(-2 * math.pi * k / length)
                u, v = i + k, i + k + length // 2
                a, b = real[v] * c - imaginary[v] * s, real[v] * s + imaginary[v] * c
                real[u], real[v] = real[u] + a, real[u] - a
                imaginary[u], imaginary[v] = imaginary[u] + b, imaginary[u] - b
        length *= 2
    total: Any = 0.0
    for a, b in zip(real, imaginary, strict=True):
        total = total + m.log(a * a + b * b + 0.1)
    return total


def heat(m: Any, xs: list[Any], steps: int) -> Any:
    """Let heat spread along 50 places."""
    u = list(xs)
    for _ in range(steps):
        inner = [u[i] + 0.2 * (u[i - 1] - 2.0 * u[i] + u[i + 1]) for i in range(1, len(u) - 1)]
        u = [u[0], *inner, u[-1]]
    return dot(u, u)


def mixture(m: Any, xs: list[Any], points: int) -> Any:
    """Compute the likelihood of points under three Gaussians in the plane."""
    centers, scales, shares = rows(xs, 3, 2), rows(xs, 1, 3)[0], rows(xs, 1, 3)[0]
    precisions, whole = [m.exp(-2.0 * s) for s in scales], m.lse(shares)
    total: Any = 0.0
    for n in range(points):
        point = [math.sin(n * 1.1), math.sin(n * 1.1 + 1.0)]
        scores = []
        for center, scale, share, precision in zip(centers, scales, shares, precisions, strict=True):
            apart = [x - c for x, c in zip(point, center, strict=True)]
            scores.append(share - whole - 0.5 * precision * dot(apart, apart) - 2.0 * scale)
        total = total + m.lse(scores)
    return total


FAMILIES: dict[str, tuple[Family, int, Callable[[int], int]]] = {
    "recurrent network, 100 steps": (recurrent, 100, lambda n: 42),
    "attention 8×8": (attention, 8, lambda n: 8 * n + 192),
    "convolution 16×16": (convolution, 16, lambda n: 22),
    "Cholesky 12×12": (cholesky, 12, lambda n: n * n),
    "10 bodies, 20 steps": (bodies, 20, lambda n: 20),
    "Runge–Kutta, 1000 steps": (runge_kutta, 1000, lambda n: 4),
    "lattice, 200 steps": (lattice, 200, lambda n: 60),
    "Fourier transform, 64": (butterfly, 64, lambda n: n),
    "heat, 50×100": (heat, 100, lambda n: 50),
    "mixture, 400 points": (mixture, 400, lambda n: 12),
}
"""For each family its function, its size, and its number of inputs."""


def point_of(count: int) -> Any:
    """Return numbers at which every family is defined."""
    return np.linspace(0.2, 0.5, count)


def ours(name: str, size: int) -> tuple[Callable[[], Any], dict[str, Any]]:
    """Return the call, and what is known of the program."""
    function, _, inputs = FAMILIES[name]
    point = point_of(inputs(size))
    leaves = [Value(x) for x in point.tolist()]
    root = function(OURS, list(leaves), size)
    begin = time.process_time()
    program = compile(root, inputs=leaves)
    program.value_and_grad(point)
    making = time.process_time() - begin
    nodes = program.tape.operations
    return lambda: program.value_and_grad(point), {
        "operations": nodes, "runner": program.runner, "making, µs an operation": 1e6 * making / nodes,
    }  # fmt: skip


def casadi(name: str, size: int) -> Callable[[], Any]:
    """Return the same with CasADi's SX."""
    import casadi as ca

    def lse(xs: Sequence[Any]) -> Any:
        largest = xs[0]
        for x in xs[1:]:
            largest = ca.fmax(largest, x)
        return largest + ca.log(sum(ca.exp(x - largest) for x in xs))

    function, _, inputs = FAMILIES[name]
    x = ca.SX.sym("x", inputs(size))
    y = function(SimpleNamespace(tanh=ca.tanh, exp=ca.exp, log=ca.log, sqrt=ca.sqrt, sin=ca.sin, lse=lse),
                 ca.vertsplit(x), size)  # fmt: skip
    call = ca.Function("f", [x], [y, ca.gradient(y, x)])
    numbers = ca.DM(point_of(inputs(size)))
    return lambda: call(numbers)


def run(quick: bool = False) -> dict[str, Any]:
    """Take all measurements; `quick` uses fewer rounds."""
    rounds = 3 if quick else 9
    left_out = peers.missing("casadi")
    found: dict[str, Any] = {"left out": left_out, "families": {}}
    for name, (_, size, _) in FAMILIES.items():
        call, known = ours(name, size)
        call()
        count = known["operations"]
        known["ns an operation"] = 1e9 * min(seconds(call, 3) for _ in range(rounds)) / count
        if not left_out:
            theirs = casadi(name, size)
            if not np.isclose(float(theirs()[0]), call()[0], rtol=1e-9):
                raise ArithmeticError(f"{name}: CasADi disagrees")
            known["CasADi, ns"] = 1e9 * min(seconds(theirs, 3) for _ in range(rounds)) / count
        known["making, of half the size"] = ours(name, size // 2)[1]["making, µs an operation"]
        found["families"][name] = known
    return found


def report(results: dict[str, Any]) -> str:
    """Format the results as text."""
    lines = []
    for name, known in results["families"].items():
        theirs = known.get("CasADi, ns")
        lines.append(
            [name, known["operations"], known["runner"], f"{known['ns an operation']:.1f}",
             "" if theirs is None else f"{theirs:.1f}", f"{known['making, µs an operation']:.2f}",
             f"{known['making, of half the size']:.2f}"]
        )  # fmt: skip
    head = [
        "value and gradient",
        "operations",
        "runner",
        "ns an operation",
        "CasADi",
        "making, µs each",
        "half",
    ]
    missing = results["left out"]
    return table(lines, head) + (f"\nskipped, not installed: {', '.join(missing)}" if missing else "")


if __name__ == "__main__":
    print(report(run()))
