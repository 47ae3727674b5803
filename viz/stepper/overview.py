"""The stepper page's overview of a large graph: a box for each module, neuron or formula."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from autograd_core.base import shorten, visible, width

from ..drawing.boxes import content, size, title
from ..drawing.folding import MOST_BOXES, Box, fold_nodes
from ..render.placement import Placement, Point, Room, place
from .page_data import Record
from .picture import LETTER, ROW

LINE, BAR = 20.0, 5.0
"""The heights of a line and of a progress bar, in points."""
ROOM = Room(gap=56.0, label=(10.0, 10.0), width=2100.0, row=1450.0, height=1250.0)


@dataclass(frozen=True)
class Overview:
    """The picture as SVG, the box of each node, and the positions of the boxes."""

    svg: str
    piles: list[int]
    placement: Placement


def overview(record: Record) -> Overview | None:
    """Return the folded picture, or None if the graph is small enough."""
    nodes = record.graph.nodes
    if len(nodes) <= MOST_BOXES:
        return None
    folding = fold_nodes(nodes)
    lines = [_lines(record, box) for box in folding.boxes]
    sizes = [(max(190.0, LETTER * max(map(width, text)) + 24), LINE * len(text) + 2 * ROW) for text in lines]
    placed = place(sizes, list(folding.lines), room=ROOM)
    parts = [f'<path class="way" d="{path}"/>' for path in placed.paths]
    for i, (box, text) in enumerate(zip(folding.boxes, lines, strict=True)):
        graded = any([node.requires_grad for node in box.nodes])
        parts.append(_pile(i, text, placed.nodes[i], sizes[i], graded))
    extent = f"{placed.width:g} {placed.height:g}"
    view = f'viewBox="0 0 {extent}" width="{placed.width:g}" height="{placed.height:g}"'
    label = escape(f"{len(nodes)} nodes in {len(sizes)} boxes")
    svg = f'<svg id="overview" class="graph" {view} role="group" aria-label="{label}">{"".join(parts)}</svg>'
    return Overview(svg, [folding.places[node] for node in nodes], placed)


def _lines(record: Record, box: Box) -> list[str]:
    if box.single:
        node = box.nodes[0]
        call = f" = {record.call(node, 'text')}" if node.op is not None else ""
        return [shorten(f"{record.text_name(node)}{call}", 24)]
    scope = f"{box.scope.name} " if box.scope is not None and " " in box.name else ""
    name = shorten(visible(f"{scope}{title(box)}"), 26)
    return [line for line in (name, shorten(content(box), 26), size(box)) if line]


def _pile(i: int, lines: list[str], at: Point, extent: Point, graded: bool) -> str:
    x, (w, h) = at[0], extent
    left, top = x - w / 2, at[1] - h / 2
    kinds = ("name", "content", "count")
    texts = [
        f'<text aria-hidden="true" class="{kind}" x="{x:g}" y="{top + ROW + LINE * (k + 1) - 5:g}">'
        f"{escape(line)}</text>"
        for k, (kind, line) in enumerate(zip(kinds, lines, strict=False))
    ]
    bands, numbers = [], []
    for kind, number, edge, text in (("up", "value", top, 18.5), ("down", "grad", top + h - ROW, 18.0)):
        if kind == "down" and not graded:
            continue
        bands.append(f'<rect class="band {kind}" x="{left:g}" y="{edge:g}" width="{w:g}" height="{ROW:g}"/>')
        bar = edge if kind == "up" else edge + ROW - BAR
        place = f'x="{left:g}" y="{bar:g}" width="0" height="{BAR:g}"'
        bands.append(f'<rect class="done {kind}" {place} data-width="{w:g}"/>')
        y = edge + text + (3 if kind == "up" else -3)
        numbers.append(f'<text aria-hidden="true" class="{number}" x="{x:g}" y="{y:g}"></text>')
    rectangle = f'x="{left:g}" y="{top:g}" width="{w:g}" height="{h:g}"'
    label = escape(", ".join(lines))
    return (
        f'<g class="pile" id="f{i}">'
        f'<rect class="ground" {rectangle}/>{"".join(bands + texts + numbers)}'
        f'<rect class="box" tabindex="-1" role="button" aria-label="{label}" {rectangle}/></g>'
    )
