"""Place edge labels where they overlap other edges and labels least."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]

Polyline = list[list[Point]]
"""The pieces of a path: two points are a straight piece, four a curve."""

MOST_LABELED = 400
"""The most edges whose labels avoid each other."""


def labels_on(lines: Sequence[Polyline], size: Point) -> list[Point]:
    """Place each edge's label on the edge, in a gap, where it overlaps other edges and labels least."""
    curves = [[piece for piece in line if len(piece) == 4] or [max(line, key=_reach)] for line in lines]
    if len(lines) > MOST_LABELED:
        return [_at(curve[len(curve) // 2], 0.5) for curve in curves]
    samples = [[_at(piece, t / 16) for piece in line for t in range(17)] for line in lines]
    grid: dict[tuple[int, int], list[tuple[int, Point]]] = {}
    for k, points in enumerate(samples):
        for point in points:
            grid.setdefault((int(point[0] // 80), int(point[1] // 80)), []).append((k, point))
    taken: list[Point] = []
    for k, curve in enumerate(curves):
        ends = [curve[-1]] if len(curve) == 1 else [curve[-1], curve[0]]
        places = [_at(piece, t) for piece in ends for t in (0.5, 0.4, 0.6, 0.3, 0.7, 0.2)]
        best, least = places[0], math.inf
        for n, place in enumerate(places):
            if 0.01 * n >= least:  # Not even a free place would be better.
                break
            if (cost := _cost(place, k, size, grid, taken) + 0.01 * n) < least:
                best, least = place, cost
        taken.append(best)
    return taken


def _reach(piece: Sequence[Point]) -> float:
    return abs(piece[-1][0] - piece[0][0])


def _cost(
    at: Point, own: int, size: Point, grid: dict[tuple[int, int], list[tuple[int, Point]]], taken: list[Point]
) -> float:
    w, h = size
    covered = [abs(at[0] - x) < w and abs(at[1] - y) < h for x, y in taken]
    column, row = int(at[0] // 80), int(at[1] // 80)
    crossed = 0
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            for k, (x, y) in grid.get((column + dx, row + dy), ()):
                crossed += k != own and abs(at[0] - x) < w / 2 and abs(at[1] - y) < h / 2
    return 50 * sum(covered) + crossed


def _at(piece: Sequence[Point], t: float) -> Point:
    """Return the point of a straight piece or a Bézier curve at t, from 0 to 1."""
    points = list(piece)
    while len(points) > 1:
        points = [(a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])) for a, b in pairwise(points)]
    return round(points[0][0], 1), round(points[0][1], 1)
