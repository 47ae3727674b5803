"""`draw_dot`: draw a graph of values with Graphviz.

A node is a rectangle with the function inside and the variable's name outside; every parameter and constant
is a node; edges have no labels. Constants are dashed and have no gradient. Scopes are frames around their
nodes, or boxes with a double, round border that replace many.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import partial
from math import isfinite, log1p, log10
from typing import Any, TypedDict

from autograd_core import Value
from autograd_core.base import elements, flag, shorten, shown, visible
from autograd_core.check import rounding_effects
from autograd_core.errors import DataError, DataValueError
from autograd_core.graph import Changes, topological_order, unit_names

from ..palette import ACCENT, COLORS
from ..render.graphviz_drawing import FORMATS, Drawing
from .boxes import Effects, Look, add_boxes, full_name, largest_of, number, pictures, text
from .changes import draw_changes
from .folding import Folding, fold_nodes
from .plain_svg import plain_svg

DIRECTIONS = ("LR", "TB", "RL", "BT")
SIDES = {"LR": ":e :w", "TB": ":s :n", "RL": ":w :e", "BT": ":n :s"}
"""The sides where lines leave and enter a box of many nodes, by the direction of the edges."""
SHOWN = ("data", "grad", "partials", "rounding")
LARGEST, LARGEST_UNFOLDED = 200_000, 50_000
"""The most nodes of a drawn graph, folded or not."""

LARGEST_OWN = 300
"""The most boxes that are placed without a layout program if there is one, which is faster for more."""

MANY_LINES, FAINT_LINE = 60, "#9098ab"
"""The number of lines from which they are thin and pale, so that boxes stay visible."""


class DrawOptions(TypedDict, total=False):
    """The options of `draw_dot`, which `render` hands over."""

    show: Collection[str] | None
    label: str
    highlight: Value | Collection[Value] | None
    dark: bool
    fold: int | bool | str


def draw_dot(
    root: Value | Changes,
    format: str = "svg",
    rankdir: str = "LR",
    *,
    show: Collection[str] | None = ("data", "grad"),
    label: str = "",
    highlight: Value | Collection[Value] | None = (),
    dark: bool = False,
    fold: int | bool | str = "auto",
) -> Drawing:
    """Return the graph that ends in `root` as a `graphviz.Digraph`, which a notebook cell displays.

    Each node shows its data and its gradient, or "–" before any backward pass has reached the graph; the
    tint behind the gradient shows its size. Nodes created in a `name_scope` or by a module of `nn`
    are in frames. The ids `n0`, `n1`, … follow the topological order, so equal graphs give equal sources.
    `rankdir` is the direction of the edges: "LR", "TB", "RL" or "BT".

    `show` selects what is shown: "data", "grad", "partials", the local derivatives on the edges, where
    the thickness shows the size and dashes a negative sign, and "rounding", how much each node's rounding
    changes the output, at most, with a tint by size (see `autograd_core.rounding`). `label` is a title; the
    nodes in `highlight`, and the edges between them, are drawn bold: for example the nodes of a path.

    `fold` says how a large graph is folded: `"auto"` folds a graph of more than 150 nodes until it is
    readable, neurons first, then layers; a number is the number of nested scopes drawn open (0 folds each
    model into one box); `False` draws every node. A box says how many nodes of which operations it holds,
    and gives the range of its outputs and gradients.

    The differences of two graphs, `graph.diff(other)`, are drawn as one graph: numbers that differ as
    `before → after`, what is new with thick lines, and what is gone with dashed ones; `show`, `highlight` and
    `fold` do not apply to them.

    Raises `DataError` if `root` is not a node, `DataValueError` for an unknown option, and for a graph of
    more than 200,000 nodes, or 50,000 unfolded.

    >>> x = Value(2.0, "x")
    >>> print(draw_dot(x * x).source.count("->"))
    2
    """
    if not isinstance(root, Value | Changes):
        raise DataError(
            f"draw_dot: not a node: argument 1 = {shorten(repr(root))}; expected a Value or Changes."
        )
    show = () if show is None else show
    _check_options(rankdir, show, fold)
    _check_looks(format, dark, label)
    marked = _marked(highlight)
    if isinstance(root, Changes):
        _refuse_for_changes(show=(show, ("data", "grad")), highlight=(highlight, ()), fold=(fold, "auto"))
        return draw_changes(root, _empty(format, rankdir, dark), rankdir, dark, label)
    nodes = topological_order(root)
    _check_size(len(nodes), fold)
    folding = fold_nodes(nodes, fold)
    drawing = _empty(format, rankdir, dark)
    if any([box.name for box in folding.boxes]):
        drawing.attr(mclimit="0.01")  # Otherwise neurons with equal connections would swap positions.
        if len(folding.lines) > MANY_LINES:
            drawing.attr(ranksep="0.9")
    notes = _notes(folding, show)
    if label or notes:
        heading = _heading(label, notes)
        drawing.attr(label=heading, fontname="Helvetica", labelloc="t" if label else "b")
    look = Look(
        "data" in show, "grad" in show, any(node.grad != 0.0 for node in nodes), rankdir in ("TB", "BT"),
        dark, largest_of(nodes), _taught(nodes), _effects(root, nodes) if "rounding" in show else {},
    )  # fmt: skip
    ids = _ids(folding, nodes)
    add_boxes(drawing, folding, ids, look, marked)
    edges = list(_edges(folding, ids, COLORS["local"][dark] if "partials" in show else None, marked))
    edges += _lines(folding, ids, rankdir, marked)
    for attributes in edges:
        drawing.edge(**attributes)
    drawing.own_svg = partial(_as_svg, folding, ids, edges, look, marked, rankdir, [label, *notes])
    drawing.written, drawing.is_large = drawing.source, len(folding.boxes) > LARGEST_OWN
    if len(folding.boxes) == len(nodes) > 300:
        drawing.folded = lambda: draw_dot(
            root, format, rankdir, show=show, label=label, highlight=highlight, dark=dark
        )
    return drawing


def _taught(nodes: Sequence[Value]) -> dict[Value, str]:
    """Return the names of a network's units, and L for the loss computed from them."""
    units = unit_names(nodes)
    return {nodes[-1]: "L"} | units if units else {}


def _refuse_for_changes(**options: tuple[Any, Any]) -> None:
    for name, (given, default) in options.items():
        if given is not default and given != default:
            raise DataValueError(
                f"draw_dot: not for differences: {name} = {shown(given)}; expected the default."
            )


def _marked(highlight: object) -> set[Value]:
    if highlight is None or isinstance(highlight, Value):
        return set() if highlight is None else {highlight}
    things = elements(highlight, "draw_dot", "highlight", "Values or None", "not nodes")
    if not all([isinstance(thing, Value) for thing in things]):
        raise DataError(f"draw_dot: not nodes: highlight = {shown(highlight)}; expected Values or None.")
    return set(things)


def _check_options(rankdir: str, show: Collection[str], fold: int | bool | str) -> None:
    if not isinstance(rankdir, str) or rankdir not in DIRECTIONS:
        raise DataValueError(
            f"draw_dot: unknown direction: rankdir = {rankdir!r}; expected one of {', '.join(DIRECTIONS)}."
        )
    for word in elements(show, "draw_dot", "show", f"some of {', '.join(SHOWN)}"):
        if not isinstance(word, str) or word not in SHOWN:
            raise DataValueError(
                f"draw_dot: nothing to show: show has {word!r}; expected some of {', '.join(SHOWN)}."
            )
    chosen = isinstance(fold, str) and fold == "auto"
    if not (chosen or fold is False or (type(fold) is int and fold >= 0)):
        raise DataValueError(
            f"draw_dot: unknown folding: fold = {shorten(repr(fold))}; expected 'auto', False, or the "
            "number of nested scopes drawn open: 0, 1, 2, ..."
        )


def _check_looks(format: str, dark: bool, label: str) -> None:
    flag(dark, "draw_dot", "dark")
    if not isinstance(format, str) or format not in FORMATS:
        told = "such as 'svg', 'png' or 'pdf'"
        raise DataValueError(f"draw_dot: unknown format: format = {shown(format)}; expected {told}.")
    if not isinstance(label, str):
        raise DataError(f"draw_dot: not a title: label = {shorten(repr(label))}; expected text.")


def _check_size(count: int, fold: int | bool | str) -> None:
    most = LARGEST_UNFOLDED if fold is False else LARGEST
    if count > most:
        other = "fold='auto' folds it; or draw" if fold is False else "Draw"
        raise DataValueError(
            f"draw_dot: {count:,} nodes; expected at most {most:,}. {other} a part of it (one example, one "
            "neuron: Graph.prune), draw_network(model), or print(Graph(...).stats())."
        )


def _empty(format: str, rankdir: str, dark: bool) -> Drawing:
    drawing = Drawing(
        format=format,
        # Without nslimit a leaf used 200 times takes minutes to place; networks look the same with it.
        graph_attr={"rankdir": rankdir, "nodesep": "0.2", "ranksep": "0.4", "nslimit": "1"},
        node_attr={"shape": "plain", "fontname": "Helvetica", "fontsize": "11"},
        edge_attr={"arrowsize": "0.7", "fontname": "Helvetica"},
    )
    if dark:
        drawing.attr(bgcolor="#1d2029", fontcolor="#e8e9ee")
        drawing.attr("node", fontcolor="#e8e9ee", color="#a2a8b8")
        drawing.attr("edge", fontcolor="#e8e9ee", color="#a2a8b8")
    return drawing


def _heading(label: str, notes: Sequence[str]) -> str:
    # As HTML, which shows every character; Graphviz would interpret a plain label's backslashes.
    lines = [text(shorten(visible(label), 200))] if label else []
    lines += [f'<FONT POINT-SIZE="9" COLOR="#808080">{text(note)}</FONT>' for note in notes]
    return f"<{'<BR/>'.join(lines)}>"


ROUNDING = "±: how much the rounding of a step changes the result, at most; darker is more."


def _notes(folding: Folding, show: Collection[str]) -> list[str]:
    return [note for note in (ROUNDING if "rounding" in show else "", _folded(folding)) if note]


def _effects(root: Value, nodes: Sequence[Value]) -> Effects:
    """Return how much the rounding of each result changes the output, at most."""
    found = zip(nodes, rounding_effects(root, nodes), strict=True)
    return {node: effect for node, effect in found if effect is not None}


def _folded(folding: Folding) -> str:
    count, boxes = len(folding.places), len(folding.boxes)
    return (
        f"{count:,} nodes, folded into {boxes} boxes. fold=… opens or closes them." if boxes < count else ""
    )


def _as_svg(
    folding: Folding,
    ids: Sequence[str],
    edges: Sequence[dict[str, str]],
    look: Look,
    marked: set[Value],
    rankdir: str,
    notes: Sequence[str],
) -> str:
    """Return the same boxes and edges as SVG, which looks the same whatever is installed."""
    places = {name: i for i, name in enumerate(ids)}
    ends = [[places[edge[end].partition(":")[0]] for end in ("tail_name", "head_name")] for edge in edges]
    lines = [(tail, head, edge) for (tail, head), edge in zip(ends, edges, strict=True)]
    notes = [shorten(visible(note), 200) for note in notes if note]
    scopes = [box.scope for box in folding.boxes]
    titles = [full_name(box) for box in folding.boxes]
    return plain_svg(pictures(folding, look, marked), lines, rankdir, look.dark, notes, scopes, titles)


def _ids(folding: Folding, nodes: Sequence[Value]) -> list[str]:
    places = {node: i for i, node in enumerate(nodes)}
    return [f"{'n' if box.single else 'f'}{places[box.nodes[-1]]}" for box in folding.boxes]


def _edges(
    folding: Folding, ids: Sequence[str], color: str | None, marked: set[Value]
) -> Iterator[dict[str, str]]:
    places = folding.places
    for box in folding.boxes:
        if box.single:
            node = box.nodes[0]
            for parent, partial in zip(node.parents, node.partials, strict=True):
                if folding.boxes[places[parent]].single:
                    look = _partial(partial, color) if color and parent.requires_grad else {}
                    yield _line(ids, places[parent], places[node], look, {node, parent} <= marked)


def _lines(
    folding: Folding, ids: Sequence[str], rankdir: str, marked: set[Value]
) -> Iterator[dict[str, str]]:
    """Yield the lines at boxes of many nodes; each represents all edges between two boxes."""
    for (a, b), times in folding.lines.items():
        if not (folding.boxes[a].single and folding.boxes[b].single):
            bold = not any([marked.isdisjoint(folding.boxes[end].nodes) for end in (a, b)])
            look = {"tooltip": f"{times:,} edges", "penwidth": f"{1 + 0.5 * log10(times):.2f}"}
            if len(folding.lines) > MANY_LINES:
                look |= {"color": FAINT_LINE, "arrowsize": "0.5"}
            yield _line(ids, a, b, look, bold, *SIDES[rankdir].split())


def _line(
    ids: Sequence[str], a: int, b: int, look: dict[str, str], marked: bool, out: str = "", into: str = ""
) -> dict[str, str]:
    bold = {"color": ACCENT, "penwidth": "2.5"} if marked else {}
    return {"tail_name": f"{ids[a]}:box{out}", "head_name": f"{ids[b]}:box{into}"} | look | bold


def _partial(partial: float, color: str) -> dict[str, str]:
    """Return the attributes of an edge with a local derivative: number, thickness by size, dashes by sign."""
    size = log1p(abs(partial)) if isfinite(partial) else 3.0
    look = {"label": f"×{number(partial)}", "fontsize": "9", "penwidth": f"{0.5 + min(size, 3.0):.2f}"}
    return look | {"color": color, "fontcolor": color} | ({"style": "dashed"} if partial < 0 else {})
