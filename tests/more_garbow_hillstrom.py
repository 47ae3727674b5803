"""The test problems of Moré, Garbow and Hillstrom, "Testing unconstrained optimization software" (1981).

Each is a function that gives the residuals at x, a standard starting point, and the published minima of the
sum of their squares.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import pi
from typing import Any

from autograd_core import abs, atan2, cos, exp, hypot, prod, sin, square, sum

Point = Sequence[Any]


@dataclass(frozen=True)
class Problem:
    residuals: Callable[[Point], list[Any]]
    start: Sequence[float]
    minima: tuple[float, ...] = (0.0,)


def freudenstein_roth(x: Point) -> list[Any]:
    return [
        -13.0 + x[0] + ((5.0 - x[1]) * x[1] - 2.0) * x[1],
        -29.0 + x[0] + ((x[1] + 1.0) * x[1] - 14.0) * x[1],
    ]


def powell_badly_scaled(x: Point) -> list[Any]:
    return [1e4 * x[0] * x[1] - 1.0, exp(-x[0]) + exp(-x[1]) - 1.0001]


def beale(x: Point) -> list[Any]:
    return [y - x[0] * (1.0 - x[1] ** i) for i, y in enumerate((1.5, 2.25, 2.625), start=1)]


def jennrich_sampson(x: Point) -> list[Any]:
    return [2.0 + 2.0 * i - (exp(i * x[0]) + exp(i * x[1])) for i in range(1, 11)]


def helical_valley(x: Point) -> list[Any]:
    angle = atan2(x[1], x[0]) / (2.0 * pi)
    return [10.0 * (x[2] - 10.0 * angle), 10.0 * (hypot(x[0], x[1]) - 1.0), x[2]]


BARD = (0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39)


def bard(x: Point) -> list[Any]:
    return [
        y - (x[0] + u / ((16.0 - u) * x[1] + min(u, 16.0 - u) * x[2])) for u, y in enumerate(BARD, start=1)
    ]


BELL = (0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989)


def gaussian(x: Point) -> list[Any]:
    ys = (*BELL, *BELL[-2::-1])
    return [x[0] * exp(-x[1] * square((8 - i) / 2.0 - x[2]) / 2.0) - y for i, y in enumerate(ys, start=1)]


MEYER = (
    *(34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872),
)


def meyer(x: Point) -> list[Any]:
    return [x[0] * exp(x[1] / (45.0 + 5.0 * i + x[2])) - y for i, y in enumerate(MEYER, start=1)]


def gulf(x: Point) -> list[Any]:
    ts = [i / 100.0 for i in range(1, 100)]
    ys = [25.0 + (-50.0 * math.log(t)) ** (2.0 / 3.0) for t in ts]
    return [exp(-(abs(y - x[1]) ** x[2]) / x[0]) - t for t, y in zip(ts, ys, strict=True)]


def box(x: Point) -> list[Any]:
    ts = [0.1 * i for i in range(1, 11)]
    return [exp(-t * x[0]) - exp(-t * x[1]) - x[2] * (math.exp(-t) - math.exp(-10.0 * t)) for t in ts]


def powell_singular(x: Point) -> list[Any]:
    return [
        r
        for a, b, c, d in zip(x[::4], x[1::4], x[2::4], x[3::4], strict=True)
        for r in (
            *(a + 10.0 * b, math.sqrt(5.0) * (c - d), square(b - 2.0 * c)),
            math.sqrt(10.0) * square(a - d),
        )
    ]


def wood(x: Point) -> list[Any]:
    a, b, c, d = x
    return [
        *(10.0 * (b - a * a), 1.0 - a, math.sqrt(90.0) * (d - c * c), 1.0 - c),
        *(math.sqrt(10.0) * (b + d - 2.0), (b - d) / math.sqrt(10.0)),
    ]


KOWALIK = (0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246)
KOWALIK_AT = (4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625)


def kowalik_osborne(x: Point) -> list[Any]:
    return [
        y - x[0] * (u * u + u * x[1]) / (u * u + u * x[2] + x[3])
        for u, y in zip(KOWALIK_AT, KOWALIK, strict=True)
    ]


def brown_dennis(x: Point) -> list[Any]:
    ts = [i / 5.0 for i in range(1, 21)]
    return [
        square(x[0] + t * x[1] - math.exp(t)) + square(x[2] + x[3] * math.sin(t) - math.cos(t)) for t in ts
    ]


OSBORNE_1 = (
    *(0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658),
    *(0.628, 0.603, 0.580, 0.558, 0.538, 0.522, 0.506, 0.490, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431),
    *(0.424, 0.420, 0.414, 0.411, 0.406),
)


def osborne_1(x: Point) -> list[Any]:
    return [
        y - (x[0] + x[1] * exp(-10.0 * i * x[3]) + x[2] * exp(-10.0 * i * x[4]))
        for i, y in enumerate(OSBORNE_1)
    ]


def biggs(x: Point) -> list[Any]:
    ts = [0.1 * i for i in range(1, 14)]
    ys = [math.exp(-t) - 5.0 * math.exp(-10.0 * t) + 3.0 * math.exp(-4.0 * t) for t in ts]
    return [
        x[2] * exp(-t * x[0]) - x[3] * exp(-t * x[1]) + x[5] * exp(-t * x[4]) - y
        for t, y in zip(ts, ys, strict=True)
    ]


OSBORNE_2 = (
    *(1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608, 0.655),
    *(0.616, 0.606, 0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661, 0.612, 0.558),
    *(0.533, 0.495, 0.500, 0.423, 0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428, 0.429, 0.523, 0.562),
    *(0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591, 0.559, 0.597, 0.625, 0.739, 0.710),
    *(0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054),
)


def osborne_2(x: Point) -> list[Any]:
    def model(t: float) -> Any:
        bells = [x[k] * exp(-square(t - x[k + 7]) * x[k + 4]) for k in (1, 2, 3)]
        return x[0] * exp(-t * x[4]) + sum(bells)

    return [y - model(i / 10.0) for i, y in enumerate(OSBORNE_2)]


def watson(x: Point) -> list[Any]:
    def residual(t: float) -> Any:
        slope = sum([(j * t ** (j - 1)) * v for j, v in enumerate(x) if j])
        return slope - square(sum([t**j * v for j, v in enumerate(x)])) - 1.0

    return [*[residual(i / 29.0) for i in range(1, 30)], x[0], x[1] - x[0] * x[0] - 1.0]


def rosenbrock(x: Point) -> list[Any]:
    pairs = zip(x[::2], x[1::2], strict=True)
    return [r for a, b in pairs for r in (10.0 * (b - a * a), 1.0 - a)]


def penalty_1(x: Point) -> list[Any]:
    return [*[math.sqrt(1e-5) * (v - 1.0) for v in x], sum([v * v for v in x]) - 0.25]


def penalty_2(x: Point) -> list[Any]:
    n, a = len(x), math.sqrt(1e-5)
    ys = [math.exp(i / 10.0) + math.exp((i - 1) / 10.0) for i in range(2, n + 1)]
    return [
        x[0] - 0.2,
        *[a * (exp(x[i] / 10.0) + exp(x[i - 1] / 10.0) - y) for i, y in enumerate(ys, start=1)],
        *[a * (exp(v / 10.0) - math.exp(-0.1)) for v in x[1:]],
        sum([(n - j) * v * v for j, v in enumerate(x)]) - 1.0,
    ]


def variably_dimensioned(x: Point) -> list[Any]:
    total = sum([j * (v - 1.0) for j, v in enumerate(x, start=1)])
    return [*[v - 1.0 for v in x], total, total * total]


def trigonometric(x: Point) -> list[Any]:
    rest = len(x) - sum([cos(v) for v in x])
    return [rest + i * (1.0 - cos(v)) - sin(v) for i, v in enumerate(x, start=1)]


def brown_almost_linear(x: Point) -> list[Any]:
    total = sum(list(x)) - (len(x) + 1.0)
    return [*[v + total for v in x[:-1]], prod(list(x)) - 1.0]


def boundary_value(x: Point) -> list[Any]:
    n, h = len(x), 1.0 / (len(x) + 1)
    padded = [0.0, *x, 0.0]
    return [
        2.0 * padded[i] - padded[i - 1] - padded[i + 1] + 0.5 * h * h * (padded[i] + i * h + 1.0) ** 3
        for i in range(1, n + 1)
    ]


def integral_equation(x: Point) -> list[Any]:
    n, h = len(x), 1.0 / (len(x) + 1)
    ts = [i * h for i in range(1, n + 1)]
    cubes = [(v + t + 1.0) ** 3 for v, t in zip(x, ts, strict=True)]
    return [
        x[i]
        + 0.5 * h * (1.0 - ts[i]) * sum([ts[j] * cubes[j] for j in range(i + 1)])
        + 0.5 * h * ts[i] * sum([0.0, *[(1.0 - ts[j]) * cubes[j] for j in range(i + 1, n)]])
        for i in range(n)
    ]


def broyden_tridiagonal(x: Point) -> list[Any]:
    p = [0.0, *x, 0.0]
    return [(3.0 - 2.0 * p[i]) * p[i] - p[i - 1] - 2.0 * p[i + 1] + 1.0 for i in range(1, len(x) + 1)]


def broyden_banded(x: Point) -> list[Any]:
    n = len(x)
    near = [[j for j in range(max(0, i - 5), min(n, i + 2)) if j != i] for i in range(n)]
    return [
        x[i] * (2.0 + 5.0 * x[i] * x[i]) + 1.0 - sum([x[j] * (1.0 + x[j]) for j in near[i]]) for i in range(n)
    ]


ROWS = 10  # m of the linear functions.


def linear_of_full_rank(x: Point) -> list[Any]:
    rest = -(2.0 / ROWS) * sum(list(x)) - 1.0
    return [*[v + rest for v in x], *[rest] * (ROWS - len(x))]


def linear_of_rank_1(x: Point) -> list[Any]:
    total = sum([j * v for j, v in enumerate(x, start=1)])
    return [i * total - 1.0 for i in range(1, ROWS + 1)]


def linear_of_rank_1_with_zeros(x: Point) -> list[Any]:
    total = sum([j * v for j, v in enumerate(x, start=1) if 1 < j < len(x)])
    return [-1.0, *[(i - 1) * total - 1.0 for i in range(2, ROWS)], -1.0]


def chebyquad(x: Point) -> list[Any]:
    n = len(x)
    before, now = [1.0] * n, [2.0 * v - 1.0 for v in x]
    found = []
    for i in range(1, n + 1):
        integral = -1.0 / (i * i - 1.0) if i % 2 == 0 else 0.0
        found.append(sum(now) / n - integral)
        before, now = now, [2.0 * (2.0 * v - 1.0) * t - s for v, t, s in zip(x, now, before, strict=True)]
    return found


def grid(n: int) -> list[float]:
    return [(i / (n + 1)) * (i / (n + 1) - 1.0) for i in range(1, n + 1)]


PROBLEMS = {
    "Rosenbrock": Problem(rosenbrock, (-1.2, 1.0)),
    "Freudenstein and Roth": Problem(freudenstein_roth, (0.5, -2.0), (0.0, 48.9842)),
    "Powell badly scaled": Problem(powell_badly_scaled, (0.0, 1.0)),
    "Brown badly scaled": Problem(lambda x: [x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2.0], (1.0, 1.0)),
    "Beale": Problem(beale, (1.0, 1.0)),
    "Jennrich and Sampson": Problem(jennrich_sampson, (0.3, 0.4), (124.362,)),
    "helical valley": Problem(helical_valley, (-1.0, 0.0, 0.0)),
    "Bard": Problem(bard, (1.0, 1.0, 1.0), (8.21487e-3,)),
    "Gaussian": Problem(gaussian, (0.4, 1.0, 0.0), (1.12793e-8,)),
    "Meyer": Problem(meyer, (0.02, 4000.0, 250.0), (87.9458,)),
    "Gulf": Problem(gulf, (5.0, 2.5, 0.15)),
    "Box": Problem(box, (0.0, 10.0, 20.0)),
    "Powell singular": Problem(powell_singular, (3.0, -1.0, 0.0, 1.0)),
    "Wood": Problem(wood, (-3.0, -1.0, -3.0, -1.0)),
    "Kowalik and Osborne": Problem(kowalik_osborne, (0.25, 0.39, 0.415, 0.39), (3.07505e-4,)),
    "Brown and Dennis": Problem(brown_dennis, (25.0, 5.0, -5.0, -1.0), (85822.2,)),
    "Osborne 1": Problem(osborne_1, (0.5, 1.5, -1.0, 0.01, 0.02), (5.46489e-5,)),
    "Biggs": Problem(biggs, (1.0, 2.0, 1.0, 1.0, 1.0, 1.0), (0.0, 5.65565e-3)),
    "Osborne 2": Problem(osborne_2, (1.3, 0.65, 0.65, 0.7, 0.6, 3.0, 5.0, 7.0, 2.0, 4.5, 5.5), (4.01377e-2,)),
    "Watson": Problem(watson, (0.0,) * 6, (2.28767e-3,)),
    "extended Rosenbrock": Problem(rosenbrock, (-1.2, 1.0) * 5),
    "extended Powell singular": Problem(powell_singular, (3.0, -1.0, 0.0, 1.0) * 2),
    "penalty I": Problem(penalty_1, (1.0, 2.0, 3.0, 4.0), (2.24997e-5,)),
    "penalty II": Problem(penalty_2, (0.5,) * 4, (9.37629e-6,)),
    "variably dimensioned": Problem(variably_dimensioned, [1.0 - j / 6.0 for j in range(1, 7)]),
    "trigonometric": Problem(trigonometric, (0.1,) * 10, (0.0, 2.79506e-5)),
    "Brown almost linear": Problem(brown_almost_linear, (0.5,) * 6, (0.0, 1.0)),
    "discrete boundary value": Problem(boundary_value, grid(8)),
    "discrete integral equation": Problem(integral_equation, grid(6)),
    "Broyden tridiagonal": Problem(broyden_tridiagonal, (-1.0,) * 8),
    "Broyden banded": Problem(broyden_banded, (-1.0,) * 8),
    "linear, full rank": Problem(linear_of_full_rank, (1.0,) * 5, (ROWS - 5.0,)),
    "linear, rank 1": Problem(linear_of_rank_1, (1.0,) * 5, (ROWS * (ROWS - 1) / (2.0 * (2 * ROWS + 1)),)),
    "linear, rank 1 with zeros": Problem(
        linear_of_rank_1_with_zeros, (1.0,) * 5, ((ROWS**2 + 3 * ROWS - 6) / (2.0 * (2 * ROWS - 3)),)
    ),
    "Chebyquad": Problem(chebyquad, [j / 9.0 for j in range(1, 9)], (3.51687e-3,)),
}
