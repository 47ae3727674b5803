"""Write a drawing as SVG without a layout program: the boxes are in columns by depth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from xml.etree import ElementTree

from autograd_core.base import width

from ..render.placement import Placement, Room, place

LETTER, LINE, POINTS = 0.56, 1.3, 11.0
"""The width of a letter and the height of a line relative to the font size, and the font size."""
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
    points: float = POINTS
    font: str = ""


@dataclass(frozen=True)
class Cell:
    """A part of a label and its size."""

    width: float
    height: float
    draw: Part


def plain_svg(
    labels: Sequence[str],
    edges: Sequence[DrawnEdge],
    rankdir: str,
    dark: bool,
    notes: Sequence[str] = (),
) -> str:
    """Return the SVG of boxes with these labels, in Graphviz's HTML.

    >>> label = "<TABLE BORDER='1' CELLPADDING='3'><TR><TD>sin</TD></TR></TABLE>"
    >>> plain_svg([label], [], "LR", False).count('class="node"')
    1
    """
    ground, text, line = COLORS[dark]
    cells = [_cell(ElementTree.fromstring(label), Style(text, line)) for label in labels]
    labeled = any([attributes.get("label") for _, _, attributes in edges])
    room = Room(gap=90.0 if labeled else 44.0, label=(56.0, 14.0), margin=12.0)
    placed = place([(cell.width, cell.height) for cell in cells], [edge[:2] for edge in edges], rankdir, room)
    across = max([placed.width, *[LETTER * POINTS * width(note) for note in notes]])
    down = placed.height + LINE * POINTS * len(notes)
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{across:g}pt" height="{down:g}pt"',
        f' viewBox="0 0 {across:g} {down:g}" font-family="Helvetica,sans-serif">',
        TIP,
        f'<g class="graph"><rect width="{across:g}" height="{down:g}" fill="{ground}"/>',
        *[_edge(placed, k, edges[k][2], Style(text, line)) for k in range(len(edges))],
    ]
    for i, (cell, (x, y)) in enumerate(zip(cells, placed.nodes, strict=True)):
        box = cell.draw(x - cell.width / 2, y - cell.height / 2, cell.width, cell.height)
        parts.append(f'<g class="node" id="node{i}">{box}</g>')
    for k, note in enumerate(reversed(notes)):
        parts.append(_text(note, across / 2, down - 6.0 - LINE * POINTS * k, Style(text, line)))
    return "\n".join([*parts, "</g></svg>\n"])


def _edge(placed: Placement, k: int, attributes: Mapping[str, str], style: Style) -> str:
    line = f'stroke="{attributes.get("color", style.line)}" stroke-width="{attributes.get("penwidth", "1")}"'
    if attributes.get("style") == "dashed":
        line += ' stroke-dasharray="5,3"'
    path = f'<path d="{placed.paths[k]}" fill="none" {line} marker-end="url(#tip)"/>'
    x, y = placed.labels[k]
    label = attributes.get("label", "")
    return f'<g class="edge">{path}{_text(label, x, y - 4.0, style) if label else ""}</g>'


def _text(words: str, x: float, y: float, style: Style) -> str:
    look = f'fill="{style.text}" font-size="{style.points:g}"{style.font}'
    return f'<text x="{x:g}" y="{y:g}" text-anchor="middle" {look}>{escape(words)}</text>'


def _cell(element: ElementTree.Element, style: Style) -> Cell:
    """Build the cell of a table, or of text with its font."""
    if element.tag == "TABLE":
        return _table(element, style)
    if element.tag == "B":
        style = Style(style.text, style.line, style.points, f'{style.font} font-weight="bold"')
    elif element.tag == "I":
        style = Style(style.text, style.line, style.points, f'{style.font} font-style="italic"')
    elif element.tag == "FONT":
        points = float(element.get("POINT-SIZE", style.points))
        style = Style(element.get("COLOR", style.text), style.line, points, style.font)
    for inner in element:
        return _cell(inner, style)
    words = (element.text or "").replace("\\\\", "\\")  # Doubled for Graphviz.

    def draw(left: float, top: float, w: float, h: float) -> str:
        return _text(words, left + w / 2, top + h / 2 + 0.35 * style.points, style)

    return Cell(LETTER * style.points * width(words), LINE * style.points, draw)


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
    outline = f'fill="none" stroke="{table.get("COLOR", style.line)}" stroke-width="{border:g}"{dashes}'

    def draw(left: float, top: float, w: float, h: float) -> str:
        x0, y = left + (w - inside) / 2, top + (h - sum(heights)) / 2
        frame = f'x="{x0:g}" y="{y:g}" width="{inside:g}" height="{sum(heights):g}"'
        parts = [f"<rect {frame} {outline}/>"] if border else []
        for row, height in zip(rows, heights, strict=True):
            x = x0
            for k, cell in enumerate(row):
                across = widths[k] if len(row) == len(widths) else inside
                parts.append(cell.draw(x, y, across, height))
                x += across
            y += height
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
