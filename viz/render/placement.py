"""Place boxes in columns along the edges, without a layout program and without edges that cross boxes.

A column contains the nodes of one depth, with leaves next to their first consumer. An edge that passes a
column has a position in it, like a node. A long row of columns wraps below its beginning, like text.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from .columns import BETWEEN, Ends, Groups, column_of
from .edge_labels import Point, Polyline, labels_on

LANE = 12.0
"""The distance between a passing edge and its neighbors in a column."""
SWEEPS, MOST_SWEPT = 12, 4000
"""How often orders and positions are improved, and the number of edges above which half as often."""
ROWS_APART, FRAMED_APART = 50.0, 150.0
"""The distance between rows of columns, without and with frames around layers."""
LAYERS_APART = 44.0
"""The additional distance between layers one below another, for the title of a frame."""
MOST_WRAPPED = 4
"""The most edges from the end of a row to the beginning of the next."""
BAND = 18.0
"""The additional distance between the boxes of different units."""


@dataclass(frozen=True)
class Placement:
    """Centers and rows of nodes, paths of edges and positions of their labels, in points, y downwards."""

    width: float
    height: float
    nodes: list[Point]
    paths: list[str]
    labels: list[Point]
    rows: list[int]


@dataclass(frozen=True)
class Room:
    """The available space: the gap between columns, the size of a label, the size of a picture."""

    gap: float = 110.0
    label: Point = (74.0, 22.0)
    width: float = 2100.0
    row: float = 1450.0
    height: float = 1250.0
    margin: float = 14.0
    apart: float = ROWS_APART
    between: float = 0.0
    """The additional distance of layers, for the titles of their frames."""


@dataclass(frozen=True)
class Arrangement:
    """Boxes in columns that can still grow: neighbors above and below make room.

    An item is a box, numbered by its position in the list, or a higher number where an edge passes a column.
    """

    columns: list[list[int]]
    """The items of each column, from top to bottom."""
    rows: list[int]
    """The row of each column."""
    heights: list[float]
    """The middle of each item, y downwards."""
    lines: list[list[int]]
    """The items along each edge."""
    ports: list[Point]
    """Where each edge leaves and enters its boxes, from their middle."""


@dataclass(eq=False)
class _Item:
    """A node, or a position where an edge passes a column."""

    width: float
    height: float
    node: int = -1
    before: list[_Item] = field(default_factory=list)
    after: list[_Item] = field(default_factory=list)
    x: float = 0.0
    y: float = 0.0
    place: int = 0
    column: int = 0
    band: int = -1
    zone: int = -1

    @property
    def gap(self) -> float:
        return BETWEEN if self.node >= 0 else LANE


def place(
    sizes: Sequence[Point],
    edges: Sequence[Ends],
    rankdir: str = "LR",
    room: Room = Room(),
    groups: Groups | None = None,
) -> Placement:
    """Place boxes of these sizes; each edge leads to a later box in the list.

    `groups` keeps the boxes of a layer in separate columns, and those of its units one below another.

    >>> placed = place([(60, 40), (60, 40)], [(0, 1), (0, 1)])
    >>> len(placed.nodes), len(placed.paths), placed.nodes[0][0] < placed.nodes[1][0]
    (2, 2, True)
    """
    across = rankdir in ("LR", "RL")
    if not across:
        sizes = [size[::-1] for size in sizes]
        room = Room(room.label[1] + 34, room.label[::-1], 1e9, 1e9, 1e9, room.margin, between=LAYERS_APART)
    laid = _lay(sizes, edges, room, groups)
    items, chains, ports, extent, bounds = laid.items, laid.chains, laid.ports, laid.extent, laid.bounds
    lines = [_line(chain, ports[k], bounds) for k, chain in enumerate(chains)]
    labels = labels_on(lines, room.label)

    def turned(point: Point) -> Point:
        along = round(extent[0] - point[0], 1) if rankdir in ("RL", "BT") else point[0]
        return (along, point[1]) if across else (point[1], along)

    return Placement(
        *(extent if across else extent[::-1]),
        [turned((item.x, item.y)) for item in items],
        [_path([[turned(point) for point in piece] for piece in line]) for line in lines],
        [turned(label) for label in labels],
        [bounds.row_of[item.column] for item in items],
    )


def arrange(sizes: Sequence[Point], edges: Sequence[Ends], room: Room = Room()) -> Arrangement:
    """Arrange boxes of these sizes as `place` does, from left to right, for boxes that may grow.

    >>> arrange([(60, 40), (60, 40), (60, 40)], [(0, 1), (1, 2), (0, 2)]).lines
    [[0, 1], [1, 2], [0, 3, 2]]
    """
    laid = _lay(sizes, edges, room, None)
    number: dict[_Item, int] = {item: i for i, item in enumerate(laid.items)}
    for chain in laid.chains:
        for item in chain:
            number.setdefault(item, len(number))
    return Arrangement(
        [[number[item] for item in column] for column in laid.columns],
        laid.bounds.row_of,
        [round(item.y, 1) for item in number],
        [[number[item] for item in chain] for chain in laid.chains],
        [(round(out, 1), round(into, 1)) for out, into in laid.ports],
    )


@dataclass(frozen=True)
class _Laid:
    """Items in columns with their positions, and the chain and ports of each edge."""

    columns: list[list[_Item]]
    items: list[_Item]
    chains: list[list[_Item]]
    ports: list[Point]
    extent: Point
    bounds: _Bounds


def _lay(sizes: Sequence[Point], edges: Sequence[Ends], room: Room, groups: Groups | None) -> _Laid:
    if groups:
        room = replace(room, apart=FRAMED_APART)
    levels = column_of(edges, [h for _, h in sizes], room.height, groups.zones if groups else ())
    columns, items, chains = _columns(sizes, edges, levels)
    if groups:
        for item, band in zip(items, groups.bands, strict=True):
            item.band = band
        for item, zone in zip(items, groups.zones, strict=True):
            item.zone = zone
    _order(columns, edges)
    _settle(columns)
    heights = [[item.y for item in column] for column in columns]
    extent, bounds = _spread(columns, room)
    if len(bounds.rows) > 1 and extent[1] > room.height:
        for column, ys in zip(columns, heights, strict=True):
            for item, y in zip(column, ys, strict=True):
                item.y = y
        extent, bounds = _spread(columns, replace(room, row=room.width - 50.0))
    return _Laid(columns, items, chains, _ports(items, chains, 8.0 + room.label[1]), extent, bounds)


def _columns(
    sizes: Sequence[Point], edges: Sequence[Ends], levels: Sequence[int]
) -> tuple[list[list[_Item]], list[_Item], list[list[_Item]]]:
    """Return the items of each column in the order of the formulas, those of the nodes, and of each edge."""
    items = [_Item(w, h, i) for i, (w, h) in enumerate(sizes)]
    chains = []
    for a, b in edges:
        chain = [items[a], *[_Item(0.0, 4.0) for _ in range(levels[a] + 1, levels[b])], items[b]]
        for left, right in pairwise(chain):
            left.after.append(right)
            right.before.append(left)
        chains.append(chain)
    columns: list[list[_Item]] = [[] for _ in range(max(levels, default=0) + 1)]
    seen: set[_Item] = set()
    level_of = {item: levels[item.node] for item in items}
    for chain in chains:
        for step, item in enumerate(chain[:-1]):
            level_of[item] = levels[chain[0].node] + step
    for last in reversed(items):
        stack = [last]
        while stack:
            item = stack.pop()
            if item not in seen:
                seen.add(item)
                columns[level_of[item]].append(item)
                stack += reversed(item.before)
    return columns, items, chains


def _order(columns: list[list[_Item]], edges: Sequence[Ends]) -> None:
    """Order the columns so that few edges cross; formulas keep their order if nothing is gained."""
    for column in columns:
        _sort_bands(column)
    _number(columns)
    best, least = [list(column) for column in columns], _crossings(columns)
    for sweep in range(SWEEPS if len(edges) <= MOST_SWEPT else 3):
        if least == 0:
            break
        backwards = sweep % 2 == 0
        for column in reversed(columns) if backwards else columns:
            column.sort(key=lambda item: _middle(item.after if backwards else item.before, item.place))
            _sort_bands(column)
            for place, item in enumerate(column):
                item.place = place
        if (found := _crossings(columns)) < least:
            best, least = [list(column) for column in columns], found
    columns[:] = best
    _number(columns)


def _sort_bands(column: list[_Item]) -> None:
    """Sort the items that have a band by band, within their positions."""
    places = [place for place, item in enumerate(column) if item.band >= 0]
    for place, item in zip(
        places, sorted([column[k] for k in places], key=lambda item: item.band), strict=True
    ):
        column[place] = item


def _number(columns: list[list[_Item]]) -> None:
    for column in columns:
        for place, item in enumerate(column):
            item.place = place


def _middle(neighbors: Sequence[_Item], otherwise: float) -> float:
    return sum([item.place for item in neighbors]) / len(neighbors) if neighbors else otherwise


def _crossings(columns: Sequence[Sequence[_Item]]) -> int:
    total = 0
    for column in columns:
        ends: list[int] = []
        for item in column:
            places = sorted([other.place for other in item.after])
            total += sum([len(ends) - bisect_left(ends, place + 1) for place in places])
            for place in places:
                insort(ends, place)
    return total


def _settle(columns: Sequence[Sequence[_Item]]) -> None:
    """Set each item's y close to those of its neighbors, in its column's order."""
    for column in columns:
        top = 0.0
        for item in column:
            item.y = top + item.height / 2
            top += item.height + item.gap
    many = sum(map(len, columns)) > MOST_SWEPT / 2
    for sweep in range(SWEEPS // 2 if many else 2 * SWEEPS):
        forward = sweep % 2 == 1
        for column in columns if forward else reversed(columns):
            _align(column, forward)
    for column in columns:
        _align(column, None)


def _align(column: Sequence[_Item], forward: bool | None) -> None:
    """Fit items to their neighbors' means by least squares, in order and apart, pooling adjacent clashes."""
    pools: list[list[float]] = []  # Sums of weights and weighted targets, and the count.
    shift, shifts = 0.0, []
    for k, item in enumerate(column):
        if k:
            above = column[k - 1]
            shift += (above.height + item.height) / 2 + min(above.gap, item.gap)
            shift += BAND * (above.band != item.band)
        shifts.append(shift)
        wanted, weight = _wish(item, forward)
        pools.append([weight, weight * (wanted - shift), 1])
        while len(pools) > 1 and pools[-2][1] / pools[-2][0] > pools[-1][1] / pools[-1][0]:
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
    starts = [total / weight for weight, total, n in pools for _ in range(int(n))]
    for item, start, own in zip(column, starts, shifts, strict=True):
        item.y = start + own


def _wish(item: _Item, forward: bool | None) -> tuple[float, float]:
    sides = item.before + item.after if forward is None else item.before if forward else item.after
    if not sides:
        return item.y, 0.05
    # Results stay aligned; leaves next to them move.
    weights = [
        (8.0 if other.node < 0 and item.node < 0 else 1.0) * (1.0 if other.before else 0.1) for other in sides
    ]
    own = 1.0 if item.before else 0.05
    return sum([w * other.y for w, other in zip(weights, sides, strict=True)]) / sum(weights), own * sum(
        weights
    )


@dataclass(frozen=True)
class _Bounds:
    """The start and end of each column, and of each row of columns from top to bottom."""

    columns: list[Point]
    rows: list[Point]
    row_of: list[int]


def _spread(columns: Sequence[Sequence[_Item]], room: Room) -> tuple[Point, _Bounds]:
    """Set each item's x, in several rows if one would be too long; return the extent and the bounds."""
    widths = [max([item.width for item in column], default=0.0) for column in columns]
    cuts = _cuts(columns, widths, room)
    rows: list[list[int]] = [[]]
    for k in range(len(columns)):
        rows[-1].append(k)
        if k in cuts:
            rows.append([])
    side = 30.0 if cuts else 0.0
    bounds = _Bounds([], [], [r for r, row in enumerate(rows) for _ in row])
    top, right = room.margin, 0.0
    for row in rows:
        inside = [item for k in row for item in columns[k]]
        highest = min([item.y - item.height / 2 for item in inside])
        at = room.margin + side
        for k in row:
            bounds.columns.append((at, at + widths[k]))
            for item in columns[k]:
                item.x, item.y = at + widths[k] / 2, item.y + top - highest
                item.column = k
                if item.node < 0:
                    item.width = widths[k]
            right = max(right, at + widths[k])
            at += widths[k] + room.gap + room.between * (_zone(columns, k) != _zone(columns, k + 1))
        bottom = max([item.y + item.height / 2 for item in inside])
        bounds.rows.append((top, bottom))
        top = bottom + room.apart
    return (round(right + room.margin + side, 1), round(bottom + room.margin, 1)), bounds


def _zone(columns: Sequence[Sequence[_Item]], k: int) -> int:
    return next((item.zone for item in columns[k] if item.node >= 0), -1) if k < len(columns) else -1


def _cuts(columns: Sequence[Sequence[_Item]], widths: Sequence[float], room: Room) -> set[int]:
    """Return the columns after which a row ends: none if all fit, otherwise where few edges continue."""
    if sum(widths) + room.gap * (len(widths) - 1) <= room.width:
        return set()
    leading = [sum([len(item.after) for item in column]) for column in columns]
    cuts: set[int] = set()
    start = 0
    while True:
        end, used = start, 0.0
        while end < len(columns) and used + widths[end] <= room.row:
            used += widths[end] + room.gap
            end += 1
        if end >= len(columns):
            return cuts
        near = [
            k for k in range(start + (end - start) // 2, max(end, start + 1)) if leading[k] <= MOST_WRAPPED
        ]
        if not near:
            return cuts if cuts and end < len(columns) else set()
        at = min(near, key=lambda k: (leading[k], -k))
        cuts.add(at)
        start = at + 1


def _ports(items: Sequence[_Item], chains: Sequence[list[_Item]], most: float) -> list[Point]:
    """Return where edges leave and enter their boxes, from the middle, ordered by their other ends."""
    ends: list[tuple[list[tuple[float, int]], list[tuple[float, int]]]] = [([], []) for _ in items]
    for k, chain in enumerate(chains):
        ends[chain[0].node][0].append((_toward(chain[0], chain[1]), k))
        ends[chain[-1].node][1].append((_toward(chain[-1], chain[-2]), k))
    found = [[0.0, 0.0] for _ in chains]
    for item, sides in zip(items, ends, strict=True):
        for side, arriving in enumerate(sides):
            step = min(most, (item.height - 18.0) / max(1, len(arriving)))
            for n, (_, k) in enumerate(sorted(arriving)):
                found[k][side] = step * (n - (len(arriving) - 1) / 2)
    return [(out, into) for out, into in found]


def _toward(item: _Item, other: _Item) -> float:
    return other.y + 1e6 * (other.y - item.y > 1e4)


def _line(chain: Sequence[_Item], port: Point, bounds: _Bounds) -> Polyline:
    line: Polyline = []
    a = chain[0]
    x, y = a.x + a.width / 2, a.y + port[0]
    for left, right in pairwise(chain):
        into = right.y + (port[1] if right is chain[-1] else 0.0)
        end, start = bounds.columns[left.column][1], bounds.columns[right.column][0]
        line.append([(x, y), (end, y)])
        if bounds.row_of[left.column] == bounds.row_of[right.column]:
            middle = (end + start) / 2
            line.append([(end, y), (middle, y), (middle, into), (start, into)])
        else:
            line += _wrapped((end, y), (start, into), bounds.rows[bounds.row_of[left.column]][1], left.place)
        x, y = right.x + (right.width / 2 if right is not chain[-1] else -right.width / 2), into
        line.append([(start, into), (x, y)])
    return [piece for piece in line if piece[0] != piece[-1]]


def _wrapped(out: Point, into: Point, below: float, place: int) -> Polyline:
    """Return the path from the end of a row, between the rows, to the beginning of the next."""
    shift = 6.0 * (place % MOST_WRAPPED)
    right, left, between = out[0] + 14 + shift, into[0] - 14 - shift, below + 14 + shift
    corners = [out, (right, out[1]), (right, between), (left, between), (left, into[1]), into]
    return [list(pair) for pair in pairwise(corners)]


def _path(line: Polyline) -> str:
    """Write the pieces as an SVG path."""
    x, y = line[0][0]
    parts = [f"M{x:.1f},{y:.1f}"]
    for piece in line:
        points = " ".join([f"{x:.1f},{y:.1f}" for x, y in piece[1:]])
        parts.append(f"{'C' if len(piece) == 4 else 'L'}{points}")
    return "".join(parts)
