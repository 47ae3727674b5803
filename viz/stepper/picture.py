"""Draw the stepper page's SVG: a box for each node, with its value above and its gradient below its name."""

from __future__ import annotations

from collections import Counter
from html import escape

from autograd_core import Value
from autograd_core.base import shorten, visible, width
from autograd_core.steps import Contribution

from ..drawing.boxes import number as shown
from ..render.placement import Placement, Point, Room
from .page_data import Record

ROW, RADIUS = 26.0, 8.0
LETTER = 10.0
"""The width of a letter of a node's name, in points, in the widest fallback font."""
LONGEST_NAME = 20
NARROWEST, CONSTANT = 120.0, 34.0
"""The width of a box with a number and a gradient, and that of a constant without its digits."""
DIGIT = 8.8
MOST_PLACES, PLACE = 12, 8.0
"""The most contributions with a separate field in a gradient, and the height of the fields."""
ROOM = Room()


def title_of(record: Record, node: Value) -> str:
    """Return the middle line of a node's box: `u₁ = sin t`, or only the name if that is too long."""
    name = record.text_name(node)
    if node.op is None:
        return shorten(name, LONGEST_NAME) if node in record.names else ""
    whole = f"{name} = {record.call(node, 'text')}"
    if width(whole) <= LONGEST_NAME:
        return whole
    return shorten(f"{name} = {node.op.name}(…)", LONGEST_NAME)


def sizes_of(record: Record, titles: list[str]) -> list[Point]:
    """Return the width and height of each node's box."""
    contributions = contributions_of(record)
    return [
        (
            max(
                NARROWEST if node.requires_grad else CONSTANT + DIGIT * len(shown(record.values[node])),
                LETTER * width(title) + 22.0,
            ),
            ROW * rows_of(node, title)
            + PLACE * (1 < contributions[record.names.get(node, "")] <= MOST_PLACES),
        )
        for node, title in zip(record.graph.nodes, titles, strict=True)
    ]


def contributions_of(record: Record) -> Counter[str]:
    """Return the number of contributions to each node's gradient, by name."""
    return Counter([step.target for step in record.push if isinstance(step, Contribution)])


def _has_places(contributions: int) -> bool:
    return 1 < contributions <= MOST_PLACES


def rows_of(node: Value, title: str) -> int:
    """Return the number of lines in a node's box: value, name, gradient."""
    return 1 + bool(title) + node.requires_grad


def svg(record: Record, placement: Placement, titles: list[str], sizes: list[Point]) -> str:
    """Return the picture after the last step, for viewers without scripts; the page's scripts change it."""
    gradients = record.push.gradients
    formula = escape(visible(shorten(record.push.formula(), 200)))
    size = f'viewBox="0 0 {placement.width:g} {placement.height:g}"'
    size += f' width="{placement.width:g}" height="{placement.height:g}"'
    parts = [
        f'<svg id="picture" class="graph" {size} role="group" aria-label="Computation graph of {formula}">',
        _DEFINITIONS,
    ]
    slopes = [shown(edge.partial) if edge.parent.requires_grad else "" for edge in record.graph.edges]
    for k, slope in enumerate(slopes):
        parts.append(_edge(k, placement.paths[k], slope))
    for k, slope in enumerate(slopes):
        parts.append(_tag(k, placement.labels[k], slope) if slope else "")
    contributions = contributions_of(record)
    for i, node in enumerate(record.graph.nodes):
        name = record.names.get(node, "")
        kind = "input" if node in record.inputs else "result" if node.op is not None else "constant"
        numbers = record.values[node], gradients.get(name) if node.requires_grad else None
        box = _Box(node, titles[i], placement.nodes[i], sizes[i], contributions[name] if name else 0)
        parts.append(_node(i, box, kind, *numbers))
    return "".join([*parts, '<g id="flight" aria-hidden="true"></g></svg>'])


_DEFINITIONS = (
    "<defs>"
    + "".join(
        f'<marker id="{name}" class="{name}" viewBox="0 0 8 8" refX="7" refY="4" '
        'markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto-start-reverse">'
        '<path d="M0,0.8L8,4L0,7.2z"/></marker>'
        for name in ("tip", "tip-used", "tip-now")
    )
    + '<pattern id="hazard" width="12" height="12" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)">'
    '<rect width="12" height="12" class="hazard-ground"/><rect width="6" height="12" class="hazard-stripe"/>'
    "</pattern></defs>"
)


def _edge(k: int, path: str, slope: str) -> str:
    button = ' tabindex="-1" role="button"' if slope else ""
    return (
        f'<g class="edge {"used" if slope else "idle"}" id="e{k}" data-link="e{k}"{button}>'
        f'<path class="hit" d="{path}"/><path class="line" d="{path}"/>'
        '<circle class="slot" r="6"/><circle class="parcel" r="5"/></g>'
    )


def _tag(k: int, label: Point, slope: str) -> str:
    """Draw the local derivative on its edge, with its own background, above all lines."""
    x, y = label
    w = DIGIT * len(slope) + 20
    return (
        f'<g class="tag used" id="t{k}" data-link="e{k}">'
        f'<rect x="{x - w / 2:g}" y="{y - 11:g}" width="{w:g}" height="22" rx="11"/>'
        f'<text aria-hidden="true" class="partial" x="{x:g}" y="{y + 5:g}">×{slope}</text></g>'
    )


class _Box:
    """The contents and size of a node's box."""

    def __init__(self, node: Value, title: str, at: Point, size: Point, contributions: int) -> None:
        self.node, self.title, self.at = node, title, at
        self.w, self.h = size[0] / 2, size[1] / 2
        self.contributions = contributions


def _node(i: int, box: _Box, kind: str, value: float, gradient: float | None) -> str:
    w, h, title = box.w, box.h, box.title
    several = _has_places(box.contributions)
    low = h - PLACE * several  # The end of the gradient's line.
    state = "valued graded" if gradient is not None else "valued"
    place = _moved(*box.at)
    parts = [
        f'<g class="node {kind} {state}" id="n{i}" data-link="n{i}"{place}>',
        f'<rect class="ground" {_rectangle(w, h)}/>',
    ]
    if title:
        parts.append(
            f'<path class="upper" d="M{-w:g},{-h + ROW:g}v{RADIUS - ROW:g}'
            f"q0,{-RADIUS:g} {RADIUS:g},{-RADIUS:g}h{2 * (w - RADIUS):g}"
            f'q{RADIUS:g},0 {RADIUS:g},{RADIUS:g}v{ROW - RADIUS:g}z"/>'
            f'<text aria-hidden="true" class="mark" x="{9 - w:g}" y="{-h + 17.5:g}">▸</text>'
        )
    parts.append(f'<text aria-hidden="true" class="value" y="{-h + 18.5:g}">{shown(value)}</text>')
    if title:
        parts.append(f'<text aria-hidden="true" class="name" y="{-h + ROW + 18.5:g}">{escape(title)}</text>')
    if box.node.requires_grad:
        parts.append(
            f'<path class="lower" d="M{-w:g},{low - ROW:g}v{h - low + ROW - RADIUS:g}'
            f"q0,{RADIUS:g} {RADIUS:g},{RADIUS:g}h{2 * (w - RADIUS):g}"
            f'q{RADIUS:g},0 {RADIUS:g},{-RADIUS:g}v{RADIUS - ROW - h + low:g}z"/>'
            f'<text aria-hidden="true" class="mark" x="{9 - w:g}" y="{low - 8.5:g}">◂</text>'
            f'<text aria-hidden="true" class="grad" y="{low - 8:g}">'
            f"{'–' if gradient is None else shown(gradient)}</text>"
        )
    if several:
        parts.append(_places(box))
    parts.append(f'<rect class="box" tabindex="-1" role="button" {_rectangle(w, h)}/>')
    parts.append(f'<circle class="stop" cx="{-w:g}" cy="{-h:g}" r="6"/></g>')
    return "".join(parts)


def _places(box: _Box) -> str:
    """Draw a field for each contribution along the lower edge of the box; they fill one after another."""
    step = (2 * box.w - 2 * RADIUS) / box.contributions
    size = f'y="{box.h - 8:g}" width="{step - 3:g}" height="4"'
    lefts = [-box.w + RADIUS + k * step + 1.5 for k in range(box.contributions)]
    return "".join([f'<rect class="place filled" x="{left:g}" {size}/>' for left in lefts])


def _rectangle(w: float, h: float) -> str:
    return f'x="{-w:g}" y="{-h:g}" width="{2 * w:g}" height="{2 * h:g}" rx="{RADIUS:g}"'


def _moved(x: float, y: float) -> str:
    return f' transform="translate({x:g},{y:g})"'
