"""Fold a large graph: choose which nodes are drawn together as one box.

A drawing of more than about 150 boxes is unreadable, so a larger graph is folded until it has fewer:
neurons first, then layers, then whole models, as few as necessary. Nodes outside the folded
scopes are folded by formulas (a node that is used once joins its consumer) and by runs of equal
operations; if that is not enough, equal boxes are merged, and last levels: a long chain becomes few boxes.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from autograd_core import Value
from autograd_core.base import shorten, visible
from autograd_core.graph import Scope, ScopeByNode, scopes_of

MOST_BOXES = 150
"""The most boxes of a drawing, unless the caller wants more."""
MOST_LINES = 200
"""The most lines between them; many more would be unreadable."""
MOST_LINES_ASKED_FOR = 1000
"""The most lines if the caller gives the depth."""
SMALL_FORMULA = 12
"""The most nodes in a box with a small formula."""
FEW_ARGUMENTS = 4
"""The most arguments of an operation inside such a formula; more make it a long sum."""
DEEPEST = 12
"""The most nested scopes to try drawing open, unless the caller wants more."""
MOST_LEVELS = 40
"""The number of parts into which levels are grouped."""
FEW_CALLS = 3
"""The most calls of one module with separate boxes."""

GroupKey = Hashable


@dataclass(eq=False)
class Box:
    """Nodes drawn as one box, in topological order, in a `scope`; `name` is a folded scope's."""

    nodes: list[Value]
    scope: Scope | None = None
    name: str = ""
    calls: int = 1

    @property
    def single(self) -> bool:
        """Whether it is a single node."""
        return len(self.nodes) == 1 and not self.name


def title_of(scope: Scope) -> str:
    """Return a scope's title, with layers and neurons counted from 1, as in names: `layers.0` is layer 1."""
    return shorten(visible(counted_from_one(scope.name)))


def counted_from_one(name: str) -> str:
    """Return a scope's name with layers and neurons counted from 1.

    >>> counted_from_one("layers.0"), counted_from_one("neuron 2"), counted_from_one("encoder")
    ('layer 1', 'neuron 3', 'encoder')
    """
    found = _COUNTED.fullmatch(name)
    return f"{found[2] or 'layer'} {int(found[3]) + 1}" if found else name


_COUNTED = re.compile(r"((neuron) |layers\.|)(\d{1,5})")


class Folding:
    """The boxes of a drawing in topological order, and the lines between them."""

    def __init__(self, boxes: Sequence[Box]) -> None:
        self.boxes = sorted(boxes, key=lambda box: box.nodes[-1].index)

    @cached_property
    def places(self) -> dict[Value, int]:
        """The position of each node's box."""
        return {node: i for i, box in enumerate(self.boxes) for node in box.nodes}

    @cached_property
    def lines(self) -> Counter[tuple[int, int]]:
        """The number of edges from one box to another."""
        place_of = self.places.get
        pairs: list[tuple[int, int]] = []
        for here, box in enumerate(self.boxes):
            for node in box.nodes:
                pairs += [(there, here) for p in node.parents if (there := place_of(p, here)) != here]
        return Counter(pairs)

    def fits(self, most_lines: int = MOST_LINES) -> bool:
        """Whether it is readable."""
        return len(self.boxes) <= MOST_BOXES and len(self.lines) <= most_lines

    @cached_property
    def levels(self) -> list[int]:
        """For each box the number of lines on the longest path to it."""
        levels, waiting = [0] * len(self.boxes), [0] * len(self.boxes)
        users: dict[int, list[int]] = defaultdict(list)
        for a, b in self.lines:
            users[a].append(b)
            waiting[b] += 1
        left = dict.fromkeys(sorted(range(len(self.boxes)), key=lambda i: self.boxes[i].nodes[0].index))
        ready = [i for i in left if not waiting[i]]
        while left:
            # A module that is called twice may be both before and after another one.
            i = ready.pop() if ready else next(iter(left))
            del left[i]
            for b in users[i]:
                waiting[b] -= 1
                if b in left:
                    levels[b] = max(levels[b], levels[i] + 1)
                    if not waiting[b]:
                        ready.append(b)
        return levels

    def merged(self, groups: Sequence[GroupKey | None]) -> Folding:
        """Merge the boxes of each group into one; boxes without a group stay."""
        members: dict[GroupKey, list[int]] = defaultdict(list)
        for i, group in enumerate(groups):
            members[self.boxes[i] if group is None else group].append(i)
        unions = {_union([self.boxes[i] for i in places]): places for places in members.values()}
        folding = Folding(list(unions))
        now = {i: place for place, box in enumerate(folding.boxes) for i in unions[box]}
        # Computed from the existing lines, which are far fewer than the edges.
        lines = Counter[tuple[int, int]]()
        for (a, b), times in self.lines.items():
            if now[a] != now[b]:
                lines[now[a], now[b]] += times
        folding.lines = lines
        return folding


def fold_nodes(nodes: Sequence[Value], fold: int | bool | str = "auto") -> Folding:
    """Fold a graph, given in topological order; `draw_dot` says what `fold` may be.

    >>> x = Value(2.0)
    >>> y = x
    >>> for _ in range(200):
    ...     y = y.sin() + x
    >>> from autograd_core import Graph
    >>> whole, folded = fold_nodes(Graph(y).nodes, False), fold_nodes(Graph(y).nodes)
    >>> len(whole.boxes), len(folded.boxes) < 150
    (401, True)
    """
    apart = scopes_of(nodes)
    if fold is False or (fold == "auto" and len(nodes) <= MOST_BOXES):
        return Folding([Box([node], apart[node]) for node in nodes])
    together = scopes_of(nodes, together=True)
    calls = Counter([scope.path for scope in _all_scopes(apart)])
    if max(calls.values(), default=0) > FEW_CALLS:
        apart = together
    deepest = max([len(scope.chain) for scope in _all_scopes(together)], default=0)
    depths = [*reversed(range(min(deepest, DEEPEST + 1))), 0] if fold == "auto" else [int(fold)]
    most_lines = MOST_LINES if fold == "auto" else MOST_LINES_ASKED_FOR
    for depth in depths:
        for places in [together] if apart is together else [apart, together]:
            folding = _folded(nodes, places, together, calls, depth, most_lines)
            if folding.fits(most_lines):
                return folding
    return folding if len(folding.boxes) <= MOST_BOXES else folding.merged(_parts(folding))


def _all_scopes(places: ScopeByNode) -> list[Scope]:
    """Return every scope that contains a node, directly or in an inner scope, once."""
    inner = [scope.chain for scope in dict.fromkeys(places.values()) if scope is not None]
    return list(dict.fromkeys([scope for chain in inner for scope in chain]))


def _folded(
    nodes: Sequence[Value],
    places: ScopeByNode,
    together: ScopeByNode,
    calls: Counter[str],
    depth: int,
    most_lines: int,
) -> Folding:
    """Fold the scopes inside more than `depth` others, and the rest as far as necessary."""
    folding = Folding(list(_by_scope(nodes, places, together, calls, depth)))
    for ways in ((_by_run, _by_formula, _by_run), (_by_kind, _by_run), (_by_level,)):
        if folding.fits(most_lines) or sum([bool(box.name) for box in folding.boxes]) > MOST_BOXES:
            break
        for groups in ways:
            folding = folding.merged(groups(folding))
    return folding


def _by_scope(
    nodes: Sequence[Value], places: ScopeByNode, together: ScopeByNode, calls: Counter[str], depth: int
) -> Iterator[Box]:
    boxes: dict[Scope, Box] = {}
    for node in nodes:
        # A parameter of several calls is outside each of them.
        scope = places[node] or (together[node] if node.is_leaf else None)
        chain = scope.chain if scope is not None else []
        if len(chain) <= depth:
            yield Box([node], places[node])
        elif chain[depth] in boxes:
            boxes[chain[depth]].nodes.append(node)
        else:
            whole = chain[depth]
            times = calls[whole.path] if places is together else 1
            boxes[whole] = Box([node], whole.outer, whole.name, max(times, 1))
    yield from boxes.values()


def _union(boxes: Sequence[Box]) -> Box:
    if len(boxes) == 1:
        return boxes[0]
    nodes = sorted([node for box in boxes for node in box.nodes], key=lambda node: node.index)
    return Box(nodes, boxes[-1].scope)


def _by_formula(folding: Folding) -> list[GroupKey | None]:
    """Group each result that is used once with its consumer, up to the size of a small formula."""
    boxes = folding.boxes
    users: dict[int, list[int]] = defaultdict(list)
    arguments: Counter[int] = Counter()
    for (a, b), times in folding.lines.items():
        users[a] += [b] * times
        arguments[b] += 1
    groups: list[GroupKey | None] = [None] * len(boxes)
    sizes: Counter[GroupKey] = Counter()
    for i in reversed(range(len(boxes))):
        root = boxes[i].nodes[-1]
        if boxes[i].name or (root.is_leaf and (root.requires_grad or root.label)):
            continue
        user = users[i][0] if len(users[i]) == 1 else None
        size = len(boxes[i].nodes)
        if (
            user is not None
            and groups[user] is not None
            and boxes[user].scope is boxes[i].scope
            and (root.is_leaf or arguments[user] <= FEW_ARGUMENTS)
            and (root.is_leaf or sizes[groups[user]] + size <= SMALL_FORMULA)
        ):
            groups[i] = groups[user]
        elif not root.is_leaf:
            groups[i] = i
        sizes[groups[i]] += size
    return groups


def _by_run(folding: Folding) -> list[GroupKey | None]:
    """Group boxes of the same operations, each used only by the next: a long sum, a chain."""
    boxes, groups = folding.boxes, list[GroupKey | None](range(len(folding.boxes)))
    users: dict[int, list[int]] = defaultdict(list)
    for a, b in folding.lines:
        users[a].append(b)
    kinds = [frozenset(kind_of(box)) for box in boxes]
    for i in reversed(range(len(boxes))):
        leaf = boxes[i].nodes[-1].is_leaf
        if len(users[i]) == 1 and not leaf and not boxes[i].name and not boxes[users[i][0]].name:
            user = users[i][0]
            if kinds[i] == kinds[user] and boxes[i].scope is boxes[user].scope:
                groups[i] = groups[user]
    return groups


def _by_kind(folding: Folding) -> list[GroupKey | None]:
    """Group boxes on one level that contain the same operations."""
    return [
        None if box.name else (box.scope, level, kind_of(box))
        for box, level in zip(folding.boxes, folding.levels, strict=True)
    ]


def kind_of(box: Box) -> tuple[str, ...]:
    """Return what equal boxes have in common: the operations, or a leaf's name."""
    if len(box.nodes) == 1 and box.nodes[0].is_leaf:
        leaf = box.nodes[0]
        return ("leaf", leaf.label.partition("[")[0], str(leaf.requires_grad))
    return tuple([node.op.name for node in box.nodes if node.op is not None])


def _by_level(folding: Folding) -> list[GroupKey | None]:
    """Group boxes into parts of equally many levels, separately for leaves and results."""
    pairs = zip(folding.boxes, _parts(folding), strict=True)
    return [None if box.name else group for box, group in pairs]


def _parts(folding: Folding) -> list[GroupKey | None]:
    parts = max(max(folding.levels, default=0) + 1, MOST_LEVELS)
    return [
        (box.scope, level * MOST_LEVELS // parts, box.nodes[-1].is_leaf)
        for box, level in zip(folding.boxes, folding.levels, strict=True)
    ]
