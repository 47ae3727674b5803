"""Draw a large graph as boxes that open in place: a model shows layers, a layer neurons, a neuron nodes.

Python arranges the inside of every box once. The page's script combines what is open: an open box needs more
room, and its neighbors move apart.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from html import escape
from itertools import pairwise

from autograd_core import Value
from autograd_core.base import shorten, visible, width
from autograd_core.graph import Scope, ScopeByNode, scopes_of

from ..drawing.boxes import content, size, span, title
from ..drawing.folding import MOST_BOXES, Box, Folding, fold_nodes
from ..render.columns import Ends
from ..render.edge_labels import Point
from ..render.placement import Placement, Room, arrange, place
from ..render.text_width import text_width
from .page_data import Json, Record
from .picture import POINTS, ROOM, ROW, NodeBox, boxes_of, edge_svg, node_svg, opening, tag_svg

LETTER = 10.0
"""The width of a letter in a box, in points, in the widest fallback font."""
LINE, BAR = 20.0, 5.0
"""The heights of a line and of a progress bar, in points."""
MARGIN = Room(gap=56.0, label=(10.0, 10.0), width=2100.0, row=1450.0, height=1250.0)
INSIDE = Room(gap=56.0, label=(10.0, 10.0), width=1e9, row=1e9)
MOST_NODES_INSIDE = 60
"""The most nodes in one part of a box without modules."""
GHOST = 30.0
"""The height of the name of a node outside an open box."""


@dataclass(eq=False)
class NestedBox:
    """A box, the position of the box around it or -1, and the positions of the boxes inside it."""

    box: Box
    outer: int
    kids: range


def nested(nodes: Sequence[Value]) -> list[NestedBox]:
    """Return the boxes of the folded picture, then those inside them, and so on.

    A box without kids is a single node or opens into its nodes.
    """
    scopes = scopes_of(nodes)
    waiting = [(box, -1) for box in fold_nodes(nodes).boxes]
    found: list[NestedBox] = []
    for at, (box, outer) in enumerate(waiting):  # The list grows.
        inner = _inside(box, scopes)
        found.append(NestedBox(box, outer, range(len(waiting), len(waiting) + len(inner))))
        waiting += [(kid, at) for kid in inner]
    return found


def _inside(box: Box, scopes: ScopeByNode) -> list[Box]:
    if box.single:
        return []
    depth = len(box.scope.chain if box.scope is not None else ()) + bool(box.name)
    parts: dict[Scope | Value, list[Value]] = defaultdict(list)
    for node in box.nodes:
        scope = scopes[node]
        chain = scope.chain if scope is not None else []
        parts[chain[depth] if len(chain) > depth else node].append(node)
    if any([isinstance(part, Scope) for part in parts]):
        boxes = [
            Box(nodes, part.outer, part.name) if isinstance(part, Scope) else Box(nodes, scopes[part])
            for part, nodes in parts.items()
        ]
        return Folding(boxes).boxes
    if len(box.nodes) <= MOST_BOXES:
        return []
    count = -(-len(box.nodes) // MOST_NODES_INSIDE)
    cuts = [len(box.nodes) * k // count for k in range(count + 1)]
    return [Box(box.nodes[a:b], box.scope) for a, b in pairwise(cuts)]


class NestedPicture:
    """The picture of a large graph: its boxes, their sizes, and what is inside each of them."""

    def __init__(self, record: Record, titles: Sequence[str], sizes: Sequence[Point]) -> None:
        self.record = record
        self.titles, self.sizes = titles, sizes
        self.nested = nested(record.graph.nodes)
        self.lines = [self._lines(one) for one in self.nested]
        self.extents = [
            (max(190.0, LETTER * max(map(width, text)) + 40), LINE * len(text) + 2 * ROW)
            for text in self.lines
        ]
        self._placements: dict[object, Placement] = {}
        self.users: dict[Value, list[Value]] = defaultdict(list)
        for edge in record.graph.edges:
            self.users[edge.parent].append(edge.child)

    @cached_property
    def roots(self) -> range:
        """The boxes of the folded picture."""
        return range(sum([one.outer < 0 for one in self.nested]))

    @cached_property
    def boxes(self) -> list[NodeBox]:
        """The contents of each node's box."""
        return boxes_of(self.record, self.titles, self.sizes)

    def _lines(self, nested: NestedBox) -> list[str]:
        box = nested.box
        if box.single:
            node = box.nodes[0]
            if node.op is None and node not in self.record.names:
                return ["constant"]  # Its name is its number, which is above.
            call = f" = {self.record.call(node, 'text')}" if node.op is not None else ""
            return [shorten(f"{self.record.text_name(node)}{call}", 24)]
        name = shorten(visible(title(box)), 26)
        if nested.outer >= 0:  # Among many equal boxes, the name is enough.
            return [name or shorten(content(box), 26)]
        return [line for line in (name, shorten(content(box), 26), size(box)) if line]

    def svg(self) -> str:
        """Return the folded picture after the last step, for viewers without scripts."""
        folding = Folding([self.nested[m].box for m in self.roots])
        placed = place([self.extents[m] for m in self.roots], list(folding.lines), room=MARGIN)
        piles = [self._pile(m, placed.nodes[m] if m in self.roots else None) for m in range(len(self.nested))]
        return "".join(
            [
                opening(self.record, placed),
                '<g id="frames"></g><g id="ways">',
                *[f'<path class="way" d="{path}"/>' for path in placed.paths],
                f'</g><g id="piles">{"".join(piles)}</g>',
                '<g id="inside"></g><g id="flight" aria-hidden="true"></g></svg>',
            ]
        )

    def kinds(self) -> str:
        """Return one node of each shape and one edge of each kind, for the page's script to copy."""
        first = {shape: i for i, shape in reversed(list(enumerate(self._shapes)))}
        nodes = [node_svg(i, self.boxes[i], (0.0, 0.0)) for i in first.values()]
        edges = edge_svg("edge", "", "1") + edge_svg("still", "", "") + tag_svg("tag", (0.0, 0.0), "1")
        return f'<template id="kinds"><svg>{edges}{"".join(nodes)}</svg></template>'

    @cached_property
    def _shapes(self) -> list[tuple[object, ...]]:
        return [(b.has_gradient, bool(b.title), b.size, b.kind, b.contributions) for b in self.boxes]

    def data(self) -> Json:
        """Return the boxes, and the arrangement inside each of them."""
        places = self.record.graph.places
        first: dict[tuple[object, ...], int] = {}
        for i, shape in enumerate(self._shapes):
            first.setdefault(shape, i)
        home = {node: m for m, one in enumerate(self.nested) if not one.kids for node in one.box.nodes}
        return {
            "home": [home[node] for node in self.record.graph.nodes],
            "like": [first[shape] for shape in self._shapes],
            "titles": [
                0 if box.title == self.record.text_name(node) else box.title
                for node, box in zip(self.record.graph.nodes, self.boxes, strict=True)
            ],
            "boxes": [
                {"outer": one.outer, "size": self.extents[m]}
                | ({"node": places[one.box.nodes[0]]} if one.box.single else self._contents(one))
                for m, one in enumerate(self.nested)
            ],
            "roots": self._level(self.roots),
        }

    def _contents(self, nested: NestedBox) -> Json:
        return {"level": self._level(nested.kids)} if nested.kids else {"inside": self._nodes(nested)}

    def _level(self, kids: range) -> Json:
        """Return the arrangement of boxes, between the entry and the exit of the box around them."""
        folding = Folding([self.nested[m].box for m in kids])
        count, lines = len(kids), list(folding.lines)
        sizes = [self.extents[m] for m in kids]
        if kids == self.roots:
            return {"kids": (kids.start, count, 0), **asdict(arrange(sizes, lines, MARGIN))}
        entering, leaving = self._crossing(folding)
        # Boxes without incoming or outgoing edges keep entry and exit at the borders.
        starts, ends = {b for _, b in lines}, {a for a, _ in lines}
        into = [*entering, *[k for k in range(count) if k not in starts and k not in entering]]
        out = [*leaving, *[k for k in range(count) if k not in ends and k not in leaving]]
        edges = [
            *[(a + 1, b + 1) for a, b in lines],
            *[(0, k + 1) for k in entering],
            *[(k + 1, count + 1) for k in leaving],
        ]
        shown = len(edges)
        edges += [(0, k + 1) for k in into[len(entering) :]]
        edges += [(k + 1, count + 1) for k in out[len(leaving) :]]
        found = asdict(arrange([(0.0, 20.0), *sizes, (0.0, 20.0)], edges, INSIDE))
        found |= {"lines": found["lines"][:shown], "ports": found["ports"][:shown]}
        return {"kids": (kids.start, count, 1), **found}

    def _crossing(self, folding: Folding) -> tuple[list[int], list[int]]:
        """Return the boxes with arguments from outside, and those used outside."""
        inside = folding.places
        entering, leaving = [], []
        for k, box in enumerate(folding.boxes):
            if any([parent not in inside for node in box.nodes for parent in node.parents]):
                entering.append(k)
            if any([user not in inside for node in box.nodes for user in self.users[node]]):
                leaving.append(k)
        return entering, leaving

    def _nodes(self, nested: NestedBox) -> Json:
        """Return the positions of the nodes in a box, and of the names of outside nodes that they use."""
        record, nodes = self.record, nested.box.nodes
        own = dict.fromkeys(nodes)
        outside = list(dict.fromkeys([p for node in nodes for p in node.parents if p not in own]))
        at = {node: k for k, node in enumerate([*outside, *nodes])}
        edges = [edge for node in nodes for edge in record.graph.edges_into(node)]
        leaving = [node for node in nodes if any([user not in own for user in self.users[node]])]
        sizes = [(max(44.0, text_width(record.text_name(p), POINTS) + 22.0), GHOST) for p in outside]
        sizes += [self.sizes[record.graph.places[node]] for node in nodes]
        ends = [(at[edge.parent], at[edge.child]) for edge in edges]
        placed = self._placed([*sizes, (0.0, 20.0)], [*ends, *[(at[node], len(at)) for node in leaving]])
        places = record.graph.places
        paths = [level(path) for path in placed.paths]
        ways = {"paths": paths[: len(edges)], "exits": paths[len(edges) :]}
        return {
            "nodes": [places[node] for node in nodes],
            "edges": [record.edge_places[places[edge.child], edge.slot] for edge in edges],
            "outside": [places[p] for p in outside],
            # Equal for boxes with the same contents.
            "form": {
                "size": (placed.width, placed.height),
                "at": list(_flat(placed.nodes[len(outside) : len(at)])),
                "labels": list(_flat(placed.labels[: len(edges)])),
                "ghosts": [(*placed.nodes[k], sizes[k][0]) for k in range(len(outside))],
                "exit": placed.nodes[-1],
            }
            | ways,
        }

    def _placed(self, sizes: list[Point], edges: list[Ends]) -> Placement:
        """Place the nodes in a box; equal neurons, common in networks, are placed once."""
        key = tuple(sizes), tuple(edges)
        if key not in self._placements:
            self._placements[key] = place(sizes, edges, room=ROOM)
        return self._placements[key]

    def _pile(self, m: int, at: Point | None) -> str:
        """Draw a closed box around the origin, moved to its position if it has an initial one."""
        box, lines, (w, h) = self.nested[m].box, self.lines[m], self.extents[m]
        left, top = -w / 2, -h / 2
        kinds = ("name", "content", "count")
        texts = [
            f'<text aria-hidden="true" class="{kind}" x="0" y="{top + ROW + LINE * (k + 1) - 5:g}">'
            f"{escape(line)}</text>"
            for k, (kind, line) in enumerate(zip(kinds, lines, strict=False))
        ]
        bands = "".join(self._bands(box, (w, h)))
        rectangle = f'x="{left:g}" y="{top:g}" width="{w:g}" height="{h:g}"'
        opens = "" if box.single else ' aria-expanded="false"'
        sign = (
            f'<text aria-hidden="true" class="sign" x="{left + 15:g}" y="{top + ROW + LINE - 4:g}">+</text>'
        )
        place = f' transform="translate({at[0]:g},{at[1]:g})"' if at is not None else " hidden"
        label = escape(", ".join(lines))
        return (
            f'<g class="pile{" single" * box.single}" id="f{m}"{place}>'
            f'<rect class="ground" {rectangle}/>{bands}{"".join(texts)}{"" if box.single else sign}'
            f'<rect class="box" tabindex="-1" role="button" aria-label="{label}"{opens} {rectangle}/></g>'
        )

    def _bands(self, box: Box, extent: Point) -> Iterator[str]:
        """Draw the range of the values above and of the gradients below, each with a progress bar."""
        w, h = extent
        left, top = -w / 2, -h / 2
        own = [self.boxes[self.record.graph.places[node]] for node in box.nodes]
        gradients = [box.gradient for box in own if box.gradient is not None]
        values = [box.value for box in own]
        yield from _band("up", "▸", values, (left, top, w))
        if any([node.requires_grad for node in box.nodes]):
            yield from _band("down", "◂", gradients, (left, top + h - ROW, w))


def level(path: str) -> str:
    """Shorten a path by writing each level part as one line.

    >>> level("M0.0,5.0L10.0,5.0C20.0,5.0 20.0,5.0 30.0,5.0C40.0,5.0 40.0,9.0 50.0,9.0")
    'M0,5H30C40,5 40,9 50,9'
    """
    parts: list[str] = []
    y = 0.0
    for letter, text in _PIECE.findall(path):
        points = [(float(a), float(b)) for a, b in [pair.split(",") for pair in text.split()]]
        if letter != "M" and all([b == y for _, b in points]):
            if parts[-1].startswith("H"):
                parts.pop()
            parts.append(f"H{points[-1][0]:g}")
        else:
            parts.append(letter + " ".join([f"{a:g},{b:g}" for a, b in points]))
        y = points[-1][1]
    return "".join(parts)


_PIECE = re.compile(r"([MLC])([^MLC]*)")


def _band(kind: str, mark: str, numbers: Sequence[float], at: tuple[float, float, float]) -> Iterator[str]:
    left, edge, w = at
    up = kind == "up"
    yield f'<rect class="band {kind}" x="{left:g}" y="{edge:g}" width="{w:g}" height="{ROW:g}"/>'
    place = f'x="{left:g}" y="{edge if up else edge + ROW - BAR:g}" width="{w:g}" height="{BAR:g}"'
    yield f'<rect class="done {kind}" {place} data-width="{w:g}"/>'
    y = edge + (21.5 if up else 15.0)
    shown = f"{mark} {span(numbers) if numbers else '–'}"
    yield f'<text aria-hidden="true" class="{"value" if up else "grad"}" x="0" y="{y:g}">{shown}</text>'


def _flat(points: Sequence[Point]) -> Iterator[float]:
    for point in points:
        yield from point
