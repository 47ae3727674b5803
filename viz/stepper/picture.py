"""Draw the stepper page's SVG: a box for each node, with its value above and its gradient below its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from autograd_core import Value
from autograd_core.base import shorten, visible, width
from autograd_core.steps import Contribution

from ..drawing.boxes import content, size, title
from ..drawing.boxes import number as shown
from ..drawing.folding import MOST_BOXES, Box, fold_nodes
from ..drawing.folding import title_of as title_of_scope
from ..render.frames import Frame, frames_of, with_room
from ..render.labels import Point
from ..render.lettering import text_width
from ..render.placement import Placement, Room, place
from .page_data import Record

ROW, RADIUS = 26.0, 8.0
LETTER = 10.0
"""The width of a letter of a box's lines, in points, in the widest fallback font."""
POINTS, WIDEST, LONGEST_NAME = 17.0, 250.0, 20
"""The font size of a node's name, the greatest width of name and formula, and the longest name in letters."""
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
    return with_room(placement, frames_of(record.scopes, placement, sizes, title_of_scope), 6.0)


def svg(
    record: Record, placement: Placement, titles: list[str], sizes: list[Point], frames: Sequence[Frame]
) -> str:
    """Return the picture after the last step, for viewers without scripts; the page's scripts change it."""
    gradients = record.push.gradients
    formula = escape(visible(shorten(record.push.formula(), 200)))
    size = f'viewBox="0 0 {placement.width:g} {placement.height:g}"'
    size += f' width="{placement.width:g}" height="{placement.height:g}"'
    parts = [
        f'<svg id="picture" class="graph" {size} role="group" aria-label="Computation graph of {formula}">',
        _DEFINITIONS,
        '<g id="frames">',
        *[_frame(frame) for frame in frames],
        "</g>",
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


LINE, BAR = 20.0, 5.0
"""The heights of a line and of a progress bar, in points."""
MARGIN = Room(gap=56.0, label=(10.0, 10.0), width=2100.0, row=1450.0, height=1250.0)


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
    placed = place(sizes, list(folding.lines), room=MARGIN)
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
