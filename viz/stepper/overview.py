"""The stepper page's overview of a large graph: a box for each module, neuron or formula."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape

from autograd_core.base import shorten, visible, width

from ..drawing.boxes import content, size, title
from ..drawing.folding import MOST_BOXES, Box, Folding, fold_nodes
from ..errors import RenderError
from ..render.layout import layout
from ..render.placement import Point, read
from .page_data import Record

LETTER, LINE, BAR = 6.6, 16.0, 5.0
"""The width of a letter, the height of a line and of a bar that tells how many nodes are done, in points."""
TIME_LIMIT = 5.0


@dataclass(frozen=True)
class Overview:
    """The picture as SVG, and for each node of the graph the place of its box."""

    svg: str
    piles: list[int]


def overview(record: Record) -> Overview | None:
    """Return the folded picture; None of a graph that is small enough, or where no program lays it out."""
    nodes = record.graph.nodes
    if len(nodes) <= MOST_BOXES:
        return None
    folding = fold_nodes(nodes)
    lines = [_lines(record, box) for box in folding.boxes]
    sizes = [(LETTER * max(map(width, text)) + 20, LINE * len(text) + 2 * BAR + 14) for text in lines]
    try:
        placed = read(json.loads(layout(_source(folding, sizes), "json", time_limit=TIME_LIMIT)), len(sizes))
    except (RenderError, ValueError, LookupError):
        return None
    parts = [f'<path class="way" d="{path}"/>' for path in placed.paths]
    for i, text in enumerate(lines):
        parts.append(_pile(i, text, placed.nodes[i], sizes[i]))
    view = f'viewBox="0 0 {placed.width:g} {placed.height:g}" width="{placed.width:g}"'
    label = escape(f"{len(nodes)} nodes in {len(sizes)} boxes")
    svg = f'<svg id="overview" class="graph" {view} role="group" aria-label="{label}">{"".join(parts)}</svg>'
    return Overview(svg, [folding.places[node] for node in nodes])


def _lines(record: Record, box: Box) -> list[str]:
    if box.single:
        node = box.nodes[0]
        call = f" = {record.call(node, 'text')}" if node.op is not None else ""
        return [shorten(f"{record.text_name(node)}{call}", 24)]
    scope = f"{box.scope.name} " if box.scope is not None and " " in box.name else ""
    name = shorten(visible(f"{scope}{title(box)}"), 30)
    return [line for line in (name, shorten(content(box), 34), size(box)) if line]


def _source(folding: Folding, sizes: list[Point]) -> str:
    lines = [
        "digraph {",
        "rankdir=LR nodesep=0.2 ranksep=0.4 mclimit=0.01 nslimit=1",
        'node [shape=box fixedsize=true label=""]',
    ]
    for i, (w, h) in enumerate(sizes):
        lines.append(f"n{i} [width={w / 72:.4f} height={h / 72:.4f}]")
    for k, (a, b) in enumerate(folding.lines):
        lines.append(f"n{a}:e -> n{b}:w [id=e{k}]")
    return "\n".join([*lines, "}"])


def _pile(i: int, lines: list[str], at: Point, extent: Point) -> str:
    (x, y), (w, h) = at, extent
    left, top = x - w / 2, y - h / 2
    kinds = ("name", "content", "count")
    texts = [
        f'<text class="{kind}" x="{x:g}" y="{top + BAR + LINE * (k + 1) + 1:g}">{escape(line)}</text>'
        for k, (kind, line) in enumerate(zip(kinds, lines, strict=False))
    ]
    bars = [
        f'<rect class="done {kind}" x="{left:g}" y="{edge:g}" width="0" height="{BAR:g}" data-width="{w:g}"/>'
        for kind, edge in (("up", top), ("down", top + h - BAR))
    ]
    rectangle = f'x="{left:g}" y="{top:g}" width="{w:g}" height="{h:g}"'
    label = escape(", ".join(lines))
    return (
        f'<g class="pile" id="f{i}" tabindex="0" role="button" aria-label="{label}">'
        f'<rect class="ground" {rectangle}/>{"".join(bars + texts)}<rect class="box" {rectangle}/></g>'
    )
