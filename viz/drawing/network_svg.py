"""Write a network diagram as SVG: columns of circles, or a heat map of the weights between large layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from itertools import pairwise
from math import isfinite

from ..palette import COLORS
from ..render.edge_labels import Point, labels_on
from ..render.text_width import text_width
from .boxes import number
from .plain_svg import COLORS as INKS
from .plain_svg import TIP

Layers = Sequence[Sequence[Sequence[float]]]

RADIUS, STEP, GAP = 22.0, 66.0, 190.0
"""The radius of a unit, and the distances of units and of columns, in points."""
BAR, HEIGHT, MAP = 26.0, 330.0, 230.0
"""The width and height of a large layer's column of bars, and the width of a heat map."""
MOST_CELLS, MOST_BARS = 32, 64
"""The most rows and columns of a heat map, and bars of a column; beyond that, units share one."""
FEW = 10
"""The most circles of a layer."""
MARGIN = 14.0


@dataclass(frozen=True)
class Network:
    """What is drawn: names and numbers of the units by column, and weights or shares by layer."""

    names: Sequence[Sequence[str]]
    weights: Layers
    gradients: Sequence[Sequence[float]] | None
    rankdir: str
    labeled: bool
    dark: bool

    @property
    def color(self) -> str:
        """The color of the numbers on edges: values, or shares of a gradient."""
        return COLORS["value" if self.gradients is None else "grad"][self.dark]

    @cached_property
    def largest(self) -> float:
        """The largest absolute number on an edge."""
        every = [abs(w) for layer in self.weights for row in layer for w in row if isfinite(w)]
        return max(every, default=1.0) or 1.0


def network_svg(network: Network) -> str:
    """Return the SVG of a network, in its direction."""
    columns = [len(names) for names in network.names]
    tall = max([_extent(size) for size in columns])
    lefts = [MARGIN]
    for a, b in pairwise(columns):
        lefts.append(lefts[-1] + _thickness(a) + (MAP + 60.0 if max(a, b) > FEW else GAP))
    extent = lefts[-1] + _thickness(columns[-1]) + MARGIN, tall + 2 * MARGIN + 24.0
    turned = _Turned(network.rankdir, extent)
    drawn = _Drawn(network, turned, lefts, tall / 2 + MARGIN + 12.0)
    width, height = turned.size
    ground = INKS[network.dark][0]
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}pt" height="{height:g}pt"',
        f' viewBox="0 0 {width:g} {height:g}" font-family="Helvetica,sans-serif">',
        TIP,
        f'<g class="graph"><rect width="{width:g}" height="{height:g}" fill="{ground}"/>',
        *drawn.edges(),
        *drawn.columns(),
    ]
    return "\n".join([*parts, "</g></svg>\n"])


def _extent(size: int) -> float:
    return HEIGHT if size > FEW else STEP * (size - 1) + 2 * RADIUS


def _thickness(size: int) -> float:
    return BAR if size > FEW else 2 * RADIUS


class _Turned:
    """Positions from along and across the direction of the network."""

    def __init__(self, rankdir: str, extent: Point) -> None:
        self.rankdir, self.extent = rankdir, extent
        self.lying = rankdir in ("LR", "RL")
        self.size = extent if self.lying else extent[::-1]

    def at(self, along: float, across: float) -> Point:
        if self.rankdir in ("RL", "BT"):
            along = self.extent[0] - along
        x, y = (along, across) if self.lying else (across, along)
        return round(x, 2), round(y, 2)

    def rectangle(self, along: float, across: float, length: float, breadth: float) -> str:
        (a, b), (c, d) = self.at(along, across), self.at(along + length, across + breadth)
        return (
            f'x="{min(a, c):g}" y="{min(b, d):g}" width="{round(abs(c - a), 2):g}" '
            f'height="{round(abs(d - b), 2):g}"'
        )


class _Drawn:
    """The parts of a diagram."""

    def __init__(self, network: Network, turned: _Turned, lefts: Sequence[float], middle: float) -> None:
        self.network, self.turned, self.lefts, self.middle = network, turned, lefts, middle
        _, self.ink, self.line = INKS[network.dark]

    def center(self, column: int, unit: int) -> Point:
        """Return the position of a unit, along and across."""
        size = len(self.network.names[column])
        step = HEIGHT / size if size > FEW else STEP
        return self.lefts[column] + _thickness(size) / 2, self.middle + step * (unit - (size - 1) / 2)

    def edges(self) -> list[str]:
        """Draw lines, or heat maps between large layers."""
        parts: list[str] = []
        lines: list[tuple[list[list[Point]], float]] = []
        for k, layer in enumerate(self.network.weights):
            if max(len(layer), len(layer[0])) > FEW:
                parts += self.heat_map(k, layer)
                continue
            for j, row in enumerate(layer):
                for i, weight in enumerate(row):
                    lines.append(([self.ends(k, i, j)], weight))
        parts += [self.edge(line[0], weight) for line, weight in lines]
        if self.network.labeled:
            places = labels_on([line for line, _ in lines], (46.0, 13.0))
            parts += [self.label(at, weight) for at, (_, weight) in zip(places, lines, strict=True)]
        return parts

    def ends(self, column: int, i: int, j: int) -> list[Point]:
        """Return the ends of an edge at the rims of its circles."""
        (x0, y0), (x1, y1) = self.center(column, i), self.center(column + 1, j)
        reach = RADIUS / (((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5)
        dx, dy = (x1 - x0) * reach, (y1 - y0) * reach
        ends = [self.turned.at(x0 + dx, y0 + dy), self.turned.at(x1 - dx, y1 - dy)]
        return ends if self.network.gradients is None else ends[::-1]

    def edge(self, line: Sequence[Point], weight: float) -> str:
        share = abs(weight) / self.network.largest if abs(weight) <= self.network.largest else 1.0
        dashes = ' stroke-dasharray="5,3"' if weight < 0 else ""
        (a, b), (c, d) = line
        look = f'stroke="{self.network.color}" stroke-width="{0.5 + 2.0 * share:.2f}"{dashes}'
        if not self.network.labeled:
            look += ' stroke-opacity="0.6"'
        title = f"<title>{number(weight)}</title>"
        return (
            f'<g class="edge">{title}<path d="M{a:g},{b:g}L{c:g},{d:g}" {look} marker-end="url(#tip)"/></g>'
        )

    def label(self, at: Point, weight: float) -> str:
        text = number(weight)
        w = text_width(text, 9.5) + 4.0
        ground = f'x="{at[0] - w / 2:g}" y="{at[1] - 6.5:g}" width="{w:g}" height="13" rx="3"'
        return (
            f'<g class="label"><rect {ground} fill="{INKS[self.network.dark][0]}"/>'
            f"{_text(text, at[0], at[1] + 3.4, 9.5, self.network.color)}</g>"
        )

    def heat_map(self, k: int, layer: Sequence[Sequence[float]]) -> list[str]:
        """Draw the weights between two columns: darker for larger ones, a bar on negative ones."""
        rows, columns = _shrunk(layer)
        cells = _averages(layer, rows, columns)
        largest = max([abs(x) for row in cells for x in row], default=1.0) or 1.0
        start = self.lefts[k] + _thickness(len(layer[0])) + 30.0
        top, w, h = self.middle - HEIGHT / 2, MAP / len(columns), HEIGHT / len(rows)
        whole = self.turned.rectangle(start, top, MAP, HEIGHT)
        shared = len(rows) < len(layer) or len(columns) < len(layer[0])
        title = f"{len(layer[0]):,} × {len(layer):,} weights{', averaged' if shared else ''}"
        parts = [f'<g class="map"><title>{title}</title>']
        for j, row in enumerate(cells):
            for i, x in enumerate(row):
                place = self.turned.rectangle(start + i * w, top + j * h, w, h)
                parts.append(
                    f'<rect {place} fill="{self.network.color}" fill-opacity="{abs(x) / largest:.2f}"/>'
                )
                if x < 0 and min(w, h) >= 6.0:
                    (cx, cy) = self.turned.at(start + (i + 0.5) * w, top + (j + 0.5) * h)
                    parts.append(f'<path d="M{cx - 2:g},{cy:g}h4" stroke="{self.ink}" stroke-width="1.2"/>')
        x, y = self.turned.at(start + MAP / 2, top - 7.0 if self.turned.lying else top + HEIGHT / 2)
        told = f"{title}, largest {number(largest)}"
        return [
            *parts,
            f'<rect {whole} fill="none" stroke="{self.line}"/>',
            f"{_text(told, x, y if self.turned.lying else y + 4.0, 10.0, self.ink)}</g>",
        ]

    def columns(self) -> list[str]:
        """Draw the units."""
        parts = []
        for column, names in enumerate(self.network.names):
            if len(names) > FEW:
                parts += self.bars(column)
            else:
                parts += [self.unit(column, i) for i in range(len(names))]
        return parts

    def unit(self, column: int, i: int) -> str:
        network = self.network
        x, y = self.turned.at(*self.center(column, i))
        name, numbers = network.names[column][i], network.gradients
        points = min(11.0, 11.0 * (2 * RADIUS - 5.0) / max(text_width(name, 11.0), 1.0))
        shape = f'<circle cx="{x:g}" cy="{y:g}" r="{RADIUS:g}" fill="{INKS[network.dark][0]}"'
        texts = _text(name, x, y + (4.0 if numbers is None else -2.0), points, self.ink)
        if numbers is not None:
            told = number(numbers[column][i])
            small = min(9.5, 9.5 * (2 * RADIUS - 4.0) / text_width(told, 9.5))
            texts += _text(told, x, y + 11.0, small, COLORS["grad"][network.dark])
        title = f"<title>unit {i + 1} of {len(network.names[column])}</title>"
        return f'<g class="node">{title}{shape} stroke="{self.line}"/>{texts}</g>'

    def bars(self, column: int) -> list[str]:
        """Draw a large layer: a bar for each unit or group of units, as long as its gradient, if known."""
        names, numbers = self.network.names[column], self.network.gradients
        left, top = self.lefts[column], self.middle - HEIGHT / 2
        whole = self.turned.rectangle(left, top, BAR, HEIGHT)
        paper = INKS[self.network.dark][0]
        parts = [
            f'<g class="node"><title>{len(names):,} units</title>',
            f'<rect {whole} fill="{paper}" stroke="{self.line}"/>',
        ]
        groups = _groups(len(names), MOST_BARS)
        step = HEIGHT / len(groups)
        largest = max([abs(x) for x in numbers[column]], default=1.0) or 1.0 if numbers else 1.0
        for k, group in enumerate(groups):
            share = max([abs(numbers[column][i]) for i in group]) / largest if numbers else 0.0
            place = self.turned.rectangle(left, top + k * step, BAR * share, step * 0.8)
            if share > 0:
                parts.append(f'<rect {place} fill="{COLORS["grad"][self.network.dark]}"/>')
            else:
                a, b = (
                    self.turned.at(left + 3.0, top + (k + 0.5) * step),
                    self.turned.at(left + BAR - 3.0, top + (k + 0.5) * step),
                )
                line = f"M{a[0]:g},{a[1]:g}L{b[0]:g},{b[1]:g}"
                parts.append(f'<path d="{line}" stroke="{self.line}" stroke-opacity="0.45"/>')
        x, y = self.turned.at(left + BAR / 2, top + HEIGHT + (15.0 if self.turned.lying else 4.0))
        first, last = names[0], names[-1]
        told = f"{first} … {last}" if self.turned.lying else f"{len(names):,}"
        return [*parts, f"{_text(told, x, y, 10.0, self.ink)}</g>"]


def _text(words: str, x: float, y: float, points: float, color: str) -> str:
    look = f'text-anchor="middle" font-size="{points:.3g}" fill="{color}"'
    return f'<text x="{x:g}" y="{y:g}" {look}>{escape(words)}</text>'


def _groups(count: int, most: int) -> list[range]:
    """Return at most `most` consecutive ranges of about the same size."""
    parts = min(count, most)
    return [range(k * count // parts, (k + 1) * count // parts) for k in range(parts)]


def _shrunk(layer: Sequence[Sequence[float]]) -> tuple[list[range], list[range]]:
    return _groups(len(layer), MOST_CELLS), _groups(len(layer[0]), MOST_CELLS)


def _averages(
    layer: Sequence[Sequence[float]], rows: Sequence[range], columns: Sequence[range]
) -> list[list[float]]:
    """Return the average of each block of weights; one that is not finite counts as 0."""
    found = []
    for block in rows:
        sums = [0.0] * len(columns)
        for j in block:
            row = layer[j]
            for k, group in enumerate(columns):
                sums[k] += sum([x for x in row[group.start : group.stop] if isfinite(x)])
        found.append([total / (len(block) * len(group)) for total, group in zip(sums, columns, strict=True)])
    return found
