"""The stepper page's SVG: a box for each node, with its value above and its gradient below its name."""

from __future__ import annotations

from html import escape

from autograd_core import Value
from autograd_core.base import short, shorten, visible, width

from ..render.placement import Placement, Point
from .page_data import Record

ROW, RADIUS = 22.0, 8.0
LETTER = 7.6
"""The width of a letter of a node's name, in points; a name is cut at `LONGEST_NAME` letters."""
LONGEST_NAME = 20


def shown(x: float) -> str:
    """Return the number in five significant digits, as the page writes it.

    >>> shown(-0.7568024953079282), shown(4.0)
    ('−0.7568', '4')
    """
    return short(x, 5).replace("-", "−").replace("inf", "∞")


def title_of(record: Record, node: Value) -> str:
    """Return the middle line of a node's box: `u₁ = sin t`, or the name alone where that is too long."""
    name = record.text_name(node)
    if node.op is None:
        return shorten(name, LONGEST_NAME) if node in record.names else ""
    call = record.call(node, "text")
    whole = f"{name} = {call}"
    if width(whole) <= LONGEST_NAME:
        return whole
    return shorten(f"{name} = {node.op.name}(…)", LONGEST_NAME)


def sizes_of(record: Record, titles: list[str]) -> list[Point]:
    """Return the width and height of each node's box."""
    return [
        (max(98.0 if node.requires_grad else 40.0, LETTER * width(title) + 18.0), ROW * rows_of(node, title))
        for node, title in zip(record.graph.nodes, titles, strict=True)
    ]


def rows_of(node: Value, title: str) -> int:
    """Return how many lines a node's box has: value, name, gradient."""
    return 1 + bool(title) + node.requires_grad


def svg(record: Record, placement: Placement, titles: list[str], sizes: list[Point]) -> str:
    """Return the picture after the last step, for viewers without scripts; the page's program changes it."""
    gradients = record.push.gradients
    formula = escape(visible(shorten(record.push.formula(), 200)))
    size = f'viewBox="0 0 {placement.width:g} {placement.height:g}"'
    size += f' width="{placement.width:g}" height="{placement.height:g}"'
    parts = [
        f'<svg id="picture" class="graph" {size} role="group" aria-label="Computation graph of {formula}">',
        _MARKERS,
    ]
    for k, edge in enumerate(record.graph.edges):
        partial = shown(edge.partial) if edge.parent.requires_grad else None
        parts.append(_edge(k, placement.paths[k], placement.labels[k], partial))
    for i, node in enumerate(record.graph.nodes):
        gradient = gradients.get(record.names.get(node, "")) if node.requires_grad else None
        kind = "input" if node in record.inputs else "result" if node.op is not None else "constant"
        value = record.values[node]
        parts.append(_node(i, node, titles[i], placement.nodes[i], sizes[i], kind, value, gradient))
    return "".join([*parts, "</svg>"])


_MARKERS = "<defs>" + "".join(
    f'<marker id="{name}" class="{name}" viewBox="0 0 8 8" refX="7" refY="4" '
    'markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto-start-reverse">'
    '<path d="M0,0.8L8,4L0,7.2z"/></marker>'
    for name in ("tip", "tip-used", "tip-now")
) + "</defs>"  # fmt: skip


def _edge(k: int, path: str, label: Point, partial: str | None) -> str:
    text = f'<text class="partial" x="{label[0]:g}" y="{label[1] - 3:g}">×{partial}</text>' if partial else ""
    button = ' tabindex="-1" role="button"' if partial else ""
    return (
        f'<g class="edge {"used" if partial else "idle"}" id="e{k}" data-e="{k}"{button}>'
        f'<path class="hit" d="{path}"/><path class="line" d="{path}"/>{text}</g>'
    )


def _node(
    i: int, node: Value, title: str, at: Point, size: Point, kind: str, value: float, gradient: float | None
) -> str:
    (x, y), (w, h) = at, (size[0] / 2, size[1] / 2)
    state = "valued graded" if gradient is not None else "valued"
    parts = [
        f'<g class="node {kind} {state}" id="n{i}" tabindex="0" role="button"{_moved(x, y)}>',
        f'<rect class="ground" {_rectangle(w, h)}/>',
    ]
    if title:
        parts.append(
            f'<path class="upper" d="M{-w:g},{-h + ROW:g}v{RADIUS - ROW:g}'
            f"q0,{-RADIUS:g} {RADIUS:g},{-RADIUS:g}h{2 * (w - RADIUS):g}"
            f'q{RADIUS:g},0 {RADIUS:g},{RADIUS:g}v{ROW - RADIUS:g}z"/>'
            f'<text class="mark" x="{8 - w:g}" y="{-h + 14.5:g}">▸</text>'
        )
    parts.append(f'<text class="value" y="{-h + 15.5:g}">{shown(value)}</text>')
    if title:
        parts.append(f'<text class="name" y="{-h + ROW + 15.5:g}">{escape(title)}</text>')
    if node.requires_grad:
        parts.append(
            f'<path class="lower" d="M{-w:g},{h - ROW:g}v{ROW - RADIUS:g}q0,{RADIUS:g} {RADIUS:g},{RADIUS:g}'
            f'h{2 * (w - RADIUS):g}q{RADIUS:g},0 {RADIUS:g},{-RADIUS:g}v{RADIUS - ROW:g}z"/>'
            f'<text class="mark" x="{8 - w:g}" y="{h - 7.5:g}">◂</text>'
            f'<text class="grad" y="{h - 6.5:g}">{"–" if gradient is None else shown(gradient)}</text>'
        )
    parts.append(f'<rect class="box" {_rectangle(w, h)}/>')
    parts.append(f'<circle class="stop" cx="{-w:g}" cy="{-h:g}" r="5"/></g>')
    return "".join(parts)


def _rectangle(w: float, h: float) -> str:
    return f'x="{-w:g}" y="{-h:g}" width="{2 * w:g}" height="{2 * h:g}" rx="{RADIUS:g}"'


def _moved(x: float, y: float) -> str:
    return f' transform="translate({x:g},{y:g})"'
