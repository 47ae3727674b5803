"""Draw the differences of two graphs as one graph, with words and marks instead of colors.

A node in both graphs is one box, whose numbers are written `before → after` where they differ. A node only in
the second graph has a thick border and the word *new*; a node only in the first is dashed, like its lines,
and has the word *gone*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from autograd_core import Value
from autograd_core.base import shorten, visible
from autograd_core.errors import DataValueError
from autograd_core.formulas import Text
from autograd_core.graph import Change, Changes

from ..palette import COLORS, NEUTRAL
from ..render.graphviz_drawing import Drawing
from .boxes import Look, framed, function_of, number, row, text
from .plain_svg import plain_svg

MOST_BOXES = 300
"""The most boxes; in a larger graph only the nodes that differ and their neighbors are drawn."""

LEGEND = "a → b: differs; + new: thick border and lines; − gone: dashed border and lines"
NO_DIFFERENCE = "no difference"

Key = tuple[str, int]
"""A named node by its name and 0; a constant without a label by a consumer's name and its slot, from 1."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """A node in both graphs, or None for a graph without it."""

    key: Key
    before: Value | None
    after: Value | None
    differs: Mapping[str, Change]
    """What differs, by "value", "gradient", "operation" and "arguments"."""

    @property
    def is_new(self) -> bool:
        return self.before is None

    @property
    def is_gone(self) -> bool:
        return self.after is None

    @property
    def either(self) -> Value:
        if self.after is not None:
            return self.after
        if self.before is not None:
            return self.before
        raise AssertionError("a node of neither graph")


def draw_changes(changes: Changes, empty: Drawing, rankdir: str, dark: bool, label: str) -> Drawing:
    """Draw both graphs as one into an empty drawing."""
    nodes, edges = _union(changes)
    if not nodes:
        raise DataValueError("draw_dot: changes of no graphs; expected what graph.diff(other) returns.")
    if len(nodes) > MOST_BOXES:
        nodes, edges = _around_changes(nodes, edges)
    if len(nodes) > MOST_BOXES:
        raise DataValueError(
            f"draw_dot: {len(nodes):,} nodes differ or are next to one that does; expected at most "
            f"{MOST_BOXES}. print(changes) lists them; or compare a part of the graph (Graph.prune)."
        )
    reached = any(pair.either.grad != 0.0 for pair in nodes.values())
    look = Look(True, True, reached, rankdir in ("TB", "BT"), dark, 1.0)
    places = {key: k for k, key in enumerate(nodes)}
    boxes = [_picture(pair, look) for pair in nodes.values()]
    lines = [(places[a], places[b], _line(kind, dark)) for (a, b, _), kind in edges.items()]
    notes = [note for note in (shorten(visible(label), 200), LEGEND if changes else NO_DIFFERENCE) if note]
    empty.attr(label=f"<{'<BR/>'.join(map(text, notes))}>", fontname="Helvetica", labelloc="b")
    for k, box in enumerate(boxes):
        empty.node(f"n{k}", label=f"<{box}>")
    for a, b, line in lines:
        empty.edge(f"n{a}:box", f"n{b}:box", **line)
    titles = [visible(name) for name, _ in nodes]
    empty.own_svg = partial(plain_svg, boxes, lines, rankdir, dark, notes, (), titles)
    empty.written, empty.is_large = empty.source, False
    return empty


def _union(changes: Changes) -> tuple[dict[Key, _Pair], dict[tuple[Key, Key, int], str]]:
    """Return all nodes, sources first, and all edges with "same", "new" or "gone"."""
    found: dict[Key, list[Value | None]] = {}
    lines: list[set[tuple[Key, Key, int]]] = []
    for side, named in enumerate((changes.before, changes.after)):
        names, edges = {node: name for name, node in named.items()}, set()
        for name, node in named.items():
            for slot, parent in enumerate(node.parents):
                key = (names[parent], 0) if parent in names else (name, slot + 1)
                found.setdefault(key, [None, None])[side] = parent
                edges.add((key, (name, 0), slot))
            found.setdefault((name, 0), [None, None])[side] = node
        lines.append(edges)
    before, after = lines
    changed: dict[Key, dict[str, Change]] = {}
    for change in changes:
        changed.setdefault((change.name, 0), {})[change.what] = change
    nodes = {key: _Pair(key, a, b, changed.get(key, {})) for key, (a, b) in found.items()}
    kinds = {edge: "same" if edge in before else "new" for edge in sorted(after)}
    return nodes, kinds | dict.fromkeys(sorted(before - after), "gone")


def _around_changes(
    nodes: dict[Key, _Pair], edges: dict[tuple[Key, Key, int], str]
) -> tuple[dict[Key, _Pair], dict[tuple[Key, Key, int], str]]:
    changed = {key for key, pair in nodes.items() if pair.differs}
    near = changed | {end for a, b, _ in edges for end in (a, b) if a in changed or b in changed}
    kept = {key: pair for key, pair in nodes.items() if key in near}
    return kept, {edge: kind for edge, kind in edges.items() if edge[0] in near and edge[1] in near}


def _line(kind: str, dark: bool) -> dict[str, str]:
    if kind == "new":
        return {"color": COLORS["accent"][dark], "penwidth": "2.5"}
    return {"color": NEUTRAL["faint"][dark], "style": "dashed"} if kind == "gone" else {}


def _picture(pair: _Pair, look: Look) -> str:
    name, slot = pair.key
    node = pair.either
    constant = node.is_leaf and not node.requires_grad
    shown = "" if slot else Text().name(name).text  # A constant is shown by its number.
    rows = "".join(_rows(pair, look))
    return framed(shown, rows, replace(look, marked=pair.is_new), dashed=constant or pair.is_gone)


def _rows(pair: _Pair, look: Look) -> Iterator[str]:
    node, changed = pair.either, pair.differs.get("operation")
    if pair.is_new or pair.is_gone:
        yield _whole("+ new" if pair.is_new else "− gone", look)
    elif changed is not None:
        yield _whole(f"{changed.before} → {changed.after}", look)
    if node.op is not None and (changed is None or pair.is_new or pair.is_gone):
        yield f'<TR><TD COLSPAN="2"><B>{text(function_of(node.op))}</B></TD></TR>'
    if node.is_leaf and not node.requires_grad and not pair.differs:
        yield f"<TR><TD>{number(node.data)}</TD></TR>"
        return
    yield _numbers("data", node.data, pair.differs.get("value"), "value-soft", look)
    if node.requires_grad and look.reached:
        yield _numbers("grad", node.grad, pair.differs.get("gradient"), "grad-soft", look)


def _numbers(what: str, x: float, change: Change | None, tint: str, look: Look) -> str:
    if change is None:
        return row(what, number(x), look)
    before, after = [number(each) for each in (change.before, change.after) if isinstance(each, float)]
    return row(what, f"{before} → {after}", look, COLORS[tint][look.dark])


def _whole(words: str, look: Look) -> str:
    """Return a row for what differs in structure."""
    ink, ground = NEUTRAL["badge"][look.dark], NEUTRAL["badge-soft"][look.dark]
    return f'<TR><TD COLSPAN="2" BGCOLOR="{ground}"><FONT COLOR="{ink}"><B>{text(words)}</B></FONT></TD></TR>'
