"""Place the nodes and edges of a graph: Graphviz's layout, or plain columns without it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd_core.graph import Graph

from ..errors import RenderError
from .layout import layout

Point = tuple[float, float]

COLUMN_GAP, ROW_GAP = 70.0, 22.0
LABEL = "0" * 9
"""As wide as a local derivative that stands on an edge."""


@dataclass(frozen=True)
class Placement:
    """Centres of the nodes, paths of the edges and places of their labels, in points, y downwards."""

    width: float
    height: float
    nodes: list[Point]
    paths: list[str]
    labels: list[Point]


def place(
    graph: Graph, sizes: Sequence[Point], rankdir: str = "LR", time_limit: float = 10.0, margin: float = 12.0
) -> Placement:
    """Lay out the graph with nodes of these sizes; in columns by depth where no program does it in time.

    >>> from autograd_core import Value
    >>> x = Value(2.0)
    >>> placed = place(Graph(x * x), [(60, 40), (60, 40)])
    >>> len(placed.nodes), len(placed.paths), placed.nodes[0][0] < placed.nodes[1][0]
    (2, 2, True)
    """
    try:
        answer = layout(_source(graph, sizes, rankdir), "json", time_limit=time_limit)
        return read(json.loads(answer), len(graph), margin)
    except (RenderError, ValueError, KeyError, LookupError):
        edges = [(graph.places[edge.parent], graph.places[edge.child], edge.slot) for edge in graph.edges]
        return columns([graph.levels[node] for node in graph.nodes], edges, sizes, rankdir, margin)


def _source(graph: Graph, sizes: Sequence[Point], rankdir: str) -> str:
    labeled = f' label="{LABEL}" fontsize=11' if len(graph) <= 80 else ""
    lines = [
        "digraph {",
        f"rankdir={rankdir} nodesep=0.25 ranksep=0.3 nslimit=1 nslimit1=1 mclimit=0.5",
        f'node [shape=box fixedsize=true label=""] edge [arrowsize=0.6{labeled}]',
    ]
    for i, (width, height) in enumerate(sizes):
        lines.append(f"n{i} [width={width / 72:.4f} height={height / 72:.4f}]")
    for k, edge in enumerate(graph.edges):
        lines.append(f"n{graph.places[edge.parent]} -> n{graph.places[edge.child]} [id=e{k}]")
    return "\n".join([*lines, "}"])


def read(picture: dict[str, Any], nodes: int, margin: float = 12.0) -> Placement:
    """Return what Graphviz's JSON says of nodes n0, n1, ... and edges with the ids e0, e1, ..."""
    left, bottom, right, top = map(float, picture["bb"].split(","))

    def at(text: str) -> Point:
        x, y = map(float, text.split(",")[-2:])
        return round(x - left + margin, 1), round(top - y + margin, 1)

    centers = {thing["name"]: at(thing["pos"]) for thing in picture["objects"]}
    found = {thing["id"]: thing for thing in picture.get("edges", ())}
    curves = [_curve(found[f"e{k}"]["pos"], at) for k in range(len(found))]
    labels = [
        at(found[f"e{k}"]["lp"]) if "lp" in found[f"e{k}"] else curve[len(curve) // 2]
        for k, curve in enumerate(curves)
    ]
    return Placement(
        round(right - left + 2 * margin, 1),
        round(top - bottom + 2 * margin, 1),
        [centers[f"n{i}"] for i in range(nodes)],
        [_bezier(curve) for curve in curves],
        labels,
    )


def _curve(text: str, at: Any) -> list[Point]:
    """Return the points of a spline; "e,x,y" is its end at the arrow's tip."""
    parts = text.split()
    tips = [part for part in parts if part[0] in "es"]
    points = [at(part) for part in parts if part[0] not in "es"]
    for tip in tips:
        if tip[0] == "e":
            points[-1] = at(tip)
        else:
            points[0] = at(tip)
    return points


def _bezier(points: Sequence[Point]) -> str:
    first, *rest = [f"{x:g},{y:g}" for x, y in points]
    return f"M{first}C{' '.join(rest)}"


def columns(
    levels: Sequence[int],
    edges: Iterable[tuple[int, int, int]],
    sizes: Sequence[Point],
    rankdir: str = "LR",
    margin: float = 12.0,
) -> Placement:
    """Place nodes in columns by their levels, in their order, without any program.

    An edge is the place of the node where it begins, that of the node where it ends, and its number among
    those that end there.
    """
    across = rankdir in ("LR", "RL")
    widths = [size if across else size[::-1] for size in sizes]
    widest = [0.0] * (max(levels, default=0) + 1)
    for (w, _), level in zip(widths, levels, strict=True):
        widest[level] = max(widest[level], w)
    depth: list[float] = []
    start = margin
    for w in widest:
        depth.append(start + w / 2)
        start += w + COLUMN_GAP
    used: Counter[int] = Counter()
    points: list[Point] = []
    for (_, height), level in zip(widths, levels, strict=True):
        points.append((depth[level], margin + used[level] + height / 2))
        used[level] += int(height + ROW_GAP)
    length = start - COLUMN_GAP + margin
    extent = (length, max(used.values(), default=0) + 2 * margin - ROW_GAP)

    def turned(point: Point) -> Point:
        along, beside = point
        along = length - along if rankdir in ("RL", "BT") else along
        return (along, beside) if across else (beside, along)

    paths, labels = [], []
    for a, b, slot in edges:
        shift = 6 * (slot % 4)
        x, y = points[a][0] + widths[a][0] / 2, points[a][1] + shift
        x2, y2 = points[b][0] - widths[b][0] / 2, points[b][1] + shift
        middle = (x + x2) / 2
        paths.append(_bezier([turned(p) for p in ((x, y), (middle, y), (middle, y2), (x2, y2))]))
        labels.append(turned((middle, (y + y2) / 2)))
    return Placement(*(extent if across else extent[::-1]), [turned(p) for p in points], paths, labels)
