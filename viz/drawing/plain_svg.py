"""Write a drawing as SVG without a layout program: boxes in columns by depth and frames by scope."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from xml.etree import ElementTree

from autograd_core.graph import Scope

from ..render.clusters import Frame, frames_of, groups_of
from ..render.edge_labels import Point
from ..render.placement import Placement, Room, place
from ..render.text_width import text_width
from .boxes import FRAME, GROUNDS
from .folding import title_of

LINE, POINTS = 1.3, 11.0
"""The height of a line relative to the font size, and the font size."""
ROOM = Room(label=(56.0, 14.0), margin=12.0, width=1560.0, row=1080.0, height=930.0)
COLORS = {False: ("white", "black", "black"), True: ("#1d2029", "#e8e9ee", "#a2a8b8")}
"""The colors of background, text and lines; the second for a dark theme."""

TIP = (
    '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
    'markerUnits="userSpaceOnUse" orient="auto"><path d="M0,1L8,4L0,7z" fill="context-stroke"/></marker>'
)
"""The point of an arrow."""

DrawnEdge = tuple[int, int, Mapping[str, str]]
"""An edge: its start, its end, and its attributes in DOT."""

Part = Callable[[float, float, float, float], str]
"""Draws itself at a position (left, top) with a width and a height."""


@dataclass(frozen=True)
class Style:
    """How text and lines look inside a label."""

    text: str
    line: str
    ground: str
    points: float = POINTS
    font: str = ""


@dataclass(frozen=True)
class Cell:
    """A part of a label and its size."""

    width: float
    height: float
    draw: Part


@dataclass(frozen=True)
class BoxShape:
    """The box of a node, and its name above it, if any."""

    box: Cell
    name: Cell | None

    @property
    def width(self) -> float:
        """The width of the wider one."""
        return max(self.box.width, self.name.width if self.name else 0.0)

    @property
    def extent(self) -> Point:
        """The size of both, including space for a name below."""
        return self.width, self.box.height + (2 * self.name.height if self.name else 0.0)

    def draw(self, x: float, y: float) -> str:
        """Draw the box around a point."""
        w, h = self.box.width, self.box.height
        parts = [self.box.draw(x - w / 2, y - h / 2, w, h)]
        if self.name:
            w, above = self.name.width, self.name.height
            parts.append(self.name.draw(x - w / 2, y - h / 2 - above, w, above))
        return "".join(parts)


def _shape(label: ElementTree.Element, style: Style) -> BoxShape:
    if len(label) == 2:  # A name above a box.
        name, box = [_padded(row[0], 0.0, style) for row in label]
        return BoxShape(box, name)
    return BoxShape(_cell(label, style), None)


def _extent(
    placed: Placement, shapes: Sequence[BoxShape], frames: Sequence[Frame]
) -> tuple[float, float, float, float]:
    """Return the left, upper, right and lower ends of a drawing."""
    highest = min(
        [y - shape.extent[1] / 2 for shape, (_, y) in zip(shapes, placed.nodes, strict=True)], default=0.0
    )
    return (
        min([0.0, *[frame.left - 4.0 for frame in frames]]),
        min([0.0, highest - 4.0, *[frame.top - 4.0 for frame in frames]]),
        max([placed.width, *[frame.right + 4.0 for frame in frames]]),
        max([placed.height, *[frame.bottom + 4.0 for frame in frames]]),
    )


def plain_svg(
    labels: Sequence[str],
    edges: Sequence[DrawnEdge],
    rankdir: str,
    dark: bool,
    notes: Sequence[str] = (),
    scopes: Sequence[Scope | None] = (),
    titles: Sequence[str] = (),
) -> str:
    """Return the SVG of boxes with these labels, in Graphviz's HTML.

    Boxes with a scope are in its frame; `titles` are tooltips.

    >>> label = "<TABLE BORDER='1' CELLPADDING='3'><TR><TD>sin</TD></TR></TABLE>"
    >>> plain_svg([label], [], "LR", False).count('class="node"')
    1
    """
    ground, text, line = COLORS[dark]
    style = Style(text, line, ground)
    shapes = [_shape(ElementTree.fromstring(label), style) for label in labels]
    ends = [(a, b) for a, b, _ in edges]
    labeled = any([attributes.get("label") for _, _, attributes in edges])
    room = replace(ROOM, gap=90.0 if labeled else 44.0)
    scopes = scopes or [None] * len(shapes)
    groups = groups_of(scopes, ends)
    placed = place([(shape.width, shape.box.height) for shape in shapes], ends, rankdir, room, groups)
    frames = frames_of(scopes, placed, [shape.extent for shape in shapes], title_of)
    left, top, right, bottom = _extent(placed, shapes, frames)
    across = max([right - left, *[text_width(note, POINTS) + 12.0 for note in notes]])
    down = bottom - top + LINE * POINTS * len(notes)
    whole = f'width="{across:g}" height="{down:g}"'
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{across:g}pt" height="{down:g}pt"',
        f' viewBox="{left:g} {top:g} {across:g} {down:g}" font-family="Helvetica,sans-serif">',
        TIP,
        f'<g class="graph"><rect x="{left:g}" y="{top:g}" {whole} fill="{ground}"/>',
        *[_frame(frame, dark) for frame in frames],
        *[_edge(placed, k, edges[k][2], style) for k in range(len(edges))],
    ]
    for i, (shape, at) in enumerate(zip(shapes, placed.nodes, strict=True)):
        title = f"<title>{escape(titles[i])}</title>" if titles and titles[i] else ""
        parts.append(f'<g class="node" id="node{i}">{title}{shape.draw(*at)}</g>')
    for k, note in enumerate(reversed(notes)):
        parts.append(_text(note, left + across / 2, top + down - 6.0 - LINE * POINTS * k, style))
    return "\n".join([*parts, "</g></svg>\n"])


def _edge(placed: Placement, k: int, attributes: Mapping[str, str], style: Style) -> str:
    line = f'stroke="{attributes.get("color", style.line)}" stroke-width="{attributes.get("penwidth", "1")}"'
    if attributes.get("style") == "dashed":
        line += ' stroke-dasharray="5,3"'
    path = f'<path d="{placed.paths[k]}" fill="none" {line} marker-end="url(#tip)"/>'
    x, y = placed.labels[k]
    label = attributes.get("label", "")
    return f'<g class="edge">{path}{_text(label, x, y - 4.0, style) if label else ""}</g>'


def _frame(frame: Frame, dark: bool) -> str:
    ground, line, color = GROUNDS[dark][min(frame.depth, 2)], *FRAME[dark]
    place = f'x="{frame.left:g}" y="{frame.top:g}"'
    size = f'width="{frame.right - frame.left:g}" height="{frame.bottom - frame.top:g}"'
    name = f'<text x="{frame.left + 8:g}" y="{frame.top + 12:g}" font-size="10" fill="{color}">'
    return (
        f'<g class="frame"><rect {place} {size} rx="8" fill="{ground}" stroke="{line}"/>'
        f"{name}{escape(frame.title)}</text></g>"
    )


def _text(words: str, x: float, y: float, style: Style) -> str:
    look = f'fill="{style.text}" font-size="{style.points:g}"{style.font}'
    return f'<text x="{x:g}" y="{y:g}" text-anchor="middle" {look}>{escape(words)}</text>'


def _cell(element: ElementTree.Element, style: Style) -> Cell:
    """Build the cell of a table, or of text with its font."""
    if element.tag == "TABLE":
        return _table(element, style)
    if element.tag == "B":
        style = replace(style, font=f'{style.font} font-weight="bold"')
    elif element.tag == "I":
        style = replace(style, font=f'{style.font} font-style="italic"')
    elif element.tag == "FONT":
        points = float(element.get("POINT-SIZE", style.points))
        style = replace(style, text=element.get("COLOR", style.text), points=points)
    for inner in element:
        return _cell(inner, style)
    words = (element.text or "").replace("\\\\", "\\")  # Doubled for Graphviz.

    def draw(left: float, top: float, w: float, h: float) -> str:
        return _text(words, left + w / 2, top + h / 2 + 0.35 * style.points, style)

    return Cell(text_width(words, style.points, "bold" in style.font), LINE * style.points, draw)


def _table(table: ElementTree.Element, style: Style) -> Cell:
    border, padding = float(table.get("BORDER", "0")), float(table.get("CELLPADDING", "0"))
    rows = [[_padded(cell, padding, style) for cell in row] for row in table]
    widths = [0.0] * max(map(len, rows))
    for row in rows:
        for k, cell in enumerate(row if len(row) == len(widths) else ()):
            widths[k] = max(widths[k], cell.width)
    inside = max([sum(widths), *[sum([cell.width for cell in row]) for row in rows]])
    widths[-1] += inside - sum(widths)
    heights = [max([cell.height for cell in row]) for row in rows]
    dashes = ' stroke-dasharray="5,3"' if table.get("STYLE") == "DASHED" else ""
    outline = f'stroke="{table.get("COLOR", style.line)}" stroke-width="{border:g}"{dashes}'

    def draw(left: float, top: float, w: float, h: float) -> str:
        x0, y = left + (w - inside) / 2, top + (h - sum(heights)) / 2
        frame = f'x="{x0:g}" y="{y:g}" width="{inside:g}" height="{sum(heights):g}"'
        parts = [f'<rect class="ground" {frame} fill="{style.ground}"/>'] if border else []
        for row, height in zip(rows, heights, strict=True):
            x = x0
            for k, cell in enumerate(row):
                across = widths[k] if len(row) == len(widths) else inside
                parts.append(cell.draw(x, y, across, height))
                x += across
            y += height
        if border:  # Drawn above the colors of its cells.
            parts.append(f'<rect class="box" {frame} fill="none" {outline}/>')
        return "".join(parts)

    return Cell(inside + 2 * border, sum(heights) + 2 * border, draw)


def _padded(element: ElementTree.Element, padding: float, style: Style) -> Cell:
    """Build a cell of a table, with its background and padding."""
    inner = _cell(element, style)
    room = float(element.get("CELLPADDING", padding))
    ground = element.get("BGCOLOR")

    def draw(left: float, top: float, w: float, h: float) -> str:
        frame = f'x="{left:g}" y="{top:g}" width="{w:g}" height="{h:g}"'
        return (f'<rect {frame} fill="{ground}"/>' if ground else "") + inner.draw(left, top, w, h)

    return Cell(inner.width + 2 * room, inner.height + 2 * room, draw)
