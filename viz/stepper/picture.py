"""Draw the stepper page's SVG: a box for each node, with its value above and its gradient below its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from autograd_core import Value
from autograd_core.base import shorten, visible
from autograd_core.graph import Edge
from autograd_core.steps import Contribution

from ..drawing.boxes import number as shown
from ..drawing.folding import title_of as title_of_scope
from ..render.clusters import Frame, frames_of, with_room
from ..render.edge_labels import Point
from ..render.placement import Placement, Room
from ..render.text_width import text_width
from .page_data import Record

ROW, RADIUS = 26.0, 8.0
POINTS, WIDEST, LONGEST_NAME = 17.0, 250.0, 20
"""The font size of a node's name, the greatest width of name and formula, and the longest name in letters."""
NARROWEST, CONSTANT = 120.0, 34.0
"""The width of a box with a number and a gradient, and that of a constant without its digits."""
DIGIT = 8.8
HEADING = 25.0
"""The height of a frame's title, above the outline of the current step."""
MOST_PLACES, PLACE = 12, 8.0
"""The most contributions with a separate field in a gradient, and the height of the fields."""
ROOM = Room()


def title_of(record: Record, node: Value) -> str:
    """Return the middle line of a node's box: `u₁ = sin t`, or only the name if that is too long."""
    name = record.text_name(node)
    if node.op is None:
        return _fitted(name) if node in record.names else ""
    whole = f"{name} = {record.call(node, 'text')}"
    if text_width(whole, POINTS) <= WIDEST:
        return whole
    half = len(node.parents) // 2
    if node.op.notation.kind == "products" and half > 1:
        whole = f"{name} = {record.text_name(node.parents[0])}·{record.text_name(node.parents[half])} + …"
    return whole if text_width(whole, POINTS) <= WIDEST else _fitted(f"{name} = {node.op.name}(…)")


def _fitted(text: str) -> str:
    """Shorten a text to a box; some letters are twice as wide as others."""
    lengths = range(LONGEST_NAME, 1, -1)
    return next((s for n in lengths if text_width(s := shorten(text, n), POINTS) <= WIDEST), "…")


def sizes_of(record: Record, titles: list[str]) -> list[Point]:
    """Return the width and height of each node's box."""
    contributions = contributions_of(record)
    return [
        (
            max(
                NARROWEST if node.requires_grad else CONSTANT + DIGIT * len(shown(record.values[node])),
                text_width(title, POINTS) + 22.0,
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


def framed(record: Record, placement: Placement, sizes: Sequence[Point]) -> tuple[Placement, list[Frame]]:
    """Return the placement and the frames around layers and their units, with room for them."""
    return with_room(placement, frames_of(record.scopes, placement, sizes, title_of_scope, HEADING), 6.0)


def svg(
    record: Record, placement: Placement, frames: Sequence[Frame], titles: list[str], sizes: list[Point]
) -> str:
    """Return the picture after the last step, for viewers without scripts; the page's scripts change it."""
    slopes = [slope_of(edge) for edge in record.graph.edges]
    parts = [
        opening(record, placement),
        '<g id="frames">',
        *[_frame(frame) for frame in frames],
        "</g>",
        *[edge_svg(f"e{k}", placement.paths[k], slope) for k, slope in enumerate(slopes)],
        *[tag_svg(f"t{k}", placement.labels[k], slope) for k, slope in enumerate(slopes) if slope],
        *[
            node_svg(i, box, at)
            for i, (box, at) in enumerate(zip(boxes_of(record, titles, sizes), placement.nodes, strict=True))
        ],
    ]
    return "".join([*parts, '<g id="flight" aria-hidden="true"></g></svg>'])


def opening(record: Record, placement: Placement) -> str:
    """Return the beginning of the picture, with the definitions that its parts refer to."""
    formula = escape(visible(shorten(record.push.formula(), 200)))
    size = f'viewBox="0 0 {placement.width:g} {placement.height:g}"'
    size += f' width="{placement.width:g}" height="{placement.height:g}"'
    label = f'aria-label="Computation graph of {formula}" data-formula="{formula}"'
    return f'<svg id="picture" class="graph" {size} role="group" {label}>{_DEFINITIONS}'


def slope_of(edge: Edge) -> str:
    """Return an edge's local derivative as text; empty if no gradient flows along it."""
    return shown(edge.partial) if edge.parent.requires_grad else ""


def boxes_of(record: Record, titles: Sequence[str], sizes: Sequence[Point]) -> list[NodeBox]:
    """Return the contents of each node's box after the last step."""
    gradients, contributions = record.push.gradients, contributions_of(record)
    boxes: list[NodeBox] = []
    for node, title, size in zip(record.graph.nodes, titles, sizes, strict=True):
        name = record.names.get(node, "")
        kind = "input" if node in record.inputs else "result" if node.op is not None else "constant"
        gradient = gradients.get(name) if node.requires_grad else None
        places = contributions[name] if name else 0
        boxes.append(NodeBox(node.requires_grad, title, size, kind, record.values[node], gradient, places))
    return boxes


def _frame(frame: Frame) -> str:
    place = f'x="{frame.left:g}" y="{frame.top:g}"'
    size = f'width="{frame.right - frame.left:g}" height="{frame.bottom - frame.top:g}"'
    title = f'<text x="{frame.left + 10:g}" y="{frame.top + 16:g}">{escape(frame.title)}</text>'
    return f'<g class="frame depth{min(frame.depth, 2)}"><rect {place} {size} rx="10"/>{title}</g>'


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


def edge_svg(identifier: str, path: str, slope: str) -> str:
    """Draw an edge, which is a button if it has a local derivative."""
    button = ' tabindex="-1" role="button"' if slope else ""
    return (
        f'<g class="edge {"used" if slope else "idle"}" id="{identifier}" data-link="{identifier}"{button}>'
        f'<path class="hit" d="{path}"/><path class="line" d="{path}"/>'
        '<circle class="slot" r="6"/><circle class="parcel" r="5"/></g>'
    )


def tag_svg(identifier: str, label: Point, slope: str) -> str:
    """Draw the local derivative on its edge, on a background above all lines."""
    x, y = label
    w = DIGIT * len(slope) + 20
    return (
        f'<g class="tag used" id="{identifier}" data-link="e{identifier[1:]}">'
        f'<rect x="{x - w / 2:g}" y="{y - 11:g}" width="{w:g}" height="22" rx="11"/>'
        f'<text aria-hidden="true" class="partial" x="{x:g}" y="{y + 5:g}">×{slope}</text></g>'
    )


class NodeBox(NamedTuple):
    """The contents and size of a node's box."""

    has_gradient: bool
    title: str
    size: Point
    kind: str
    value: float
    gradient: float | None
    contributions: int


def node_svg(i: int, box: NodeBox, at: Point) -> str:
    """Draw a node's box."""
    w, h, title = box.size[0] / 2, box.size[1] / 2, box.title
    several = _has_places(box.contributions)
    low = h - PLACE * several  # The end of the gradient's line.
    state = "valued graded" if box.gradient is not None else "valued"
    parts = [
        f'<g class="node {box.kind} {state}" id="n{i}" data-link="n{i}"{_moved(*at)}>',
        f'<rect class="ground" {_rectangle(w, h)}/>',
    ]
    if title:
        parts.append(
            f'<path class="upper" d="M{-w:g},{-h + ROW:g}v{RADIUS - ROW:g}'
            f"q0,{-RADIUS:g} {RADIUS:g},{-RADIUS:g}h{2 * (w - RADIUS):g}"
            f'q{RADIUS:g},0 {RADIUS:g},{RADIUS:g}v{ROW - RADIUS:g}z"/>'
            f'<text aria-hidden="true" class="mark" x="{9 - w:g}" y="{-h + 17.5:g}">▸</text>'
        )
    parts.append(f'<text aria-hidden="true" class="value" y="{-h + 18.5:g}">{shown(box.value)}</text>')
    if title:
        parts.append(f'<text aria-hidden="true" class="name" y="{-h + ROW + 18.5:g}">{escape(title)}</text>')
    if box.has_gradient:
        parts.append(
            f'<path class="lower" d="M{-w:g},{low - ROW:g}v{h - low + ROW - RADIUS:g}'
            f"q0,{RADIUS:g} {RADIUS:g},{RADIUS:g}h{2 * (w - RADIUS):g}"
            f'q{RADIUS:g},0 {RADIUS:g},{-RADIUS:g}v{RADIUS - ROW - h + low:g}z"/>'
            f'<text aria-hidden="true" class="mark" x="{9 - w:g}" y="{low - 8.5:g}">◂</text>'
            f'<text aria-hidden="true" class="grad" y="{low - 8:g}">'
            f"{'–' if box.gradient is None else shown(box.gradient)}</text>"
        )
    if several:
        parts.append(_places(w, h, box.contributions))
    parts.append(f'<rect class="box" tabindex="-1" role="button" {_rectangle(w, h)}/>')
    parts.append(f'<circle class="stop" cx="{-w:g}" cy="{-h:g}" r="6"/></g>')
    return "".join(parts)


def _places(w: float, h: float, contributions: int) -> str:
    """Draw a field for each contribution along the lower edge of the box; they fill one after another."""
    step = (2 * w - 2 * RADIUS) / contributions
    size = f'y="{h - 8:g}" width="{step - 3:g}" height="4"'
    lefts = [-w + RADIUS + k * step + 1.5 for k in range(contributions)]
    return "".join([f'<rect class="place filled" x="{left:g}" {size}/>' for left in lefts])


def _rectangle(w: float, h: float) -> str:
    return f'x="{-w:g}" y="{-h:g}" width="{2 * w:g}" height="{2 * h:g}" rx="{RADIUS:g}"'


def _moved(x: float, y: float) -> str:
    return f' transform="translate({x:g},{y:g})"'
