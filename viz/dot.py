"""A graph of values as a Graphviz drawing, by the conventions of a computation graph.

A node is a rectangle with the function inside and the variable's name outside; every parameter and constant
is a node; edges carry no labels. Constants are dashed and have no gradient.
"""

from collections.abc import Collection
from dataclasses import dataclass
from html import escape
from math import isfinite, log1p
from typing import Any

import graphviz

from autograd_core import Value
from autograd_core.errors import DataError, DataValueError
from autograd_core.graph import topological_order
from autograd_core.operation import Operation
from autograd_core.text import shorten, visible

from .errors import RenderError
from .layout import layout, working_program
from .numbers import number

DIRECTIONS = ("LR", "TB", "RL", "BT")
SHOWN = ("data", "grad", "partials")
NOT_REACHED = "–"
LARGEST = 50_000
"""Of how many nodes a graph may be to be drawn; a layout of more would take minutes and show nothing."""

ACCENT, POSITIVE, NEGATIVE = "#3f51c9", "#0b6b45", "#b02a1c"


class Drawing(graphviz.Digraph):  # type: ignore[misc]
    """A `graphviz.Digraph` that is laid out by whichever program works here."""

    def pipe(
        self,
        format: str | None = None,
        renderer: str | None = None,
        formatter: str | None = None,
        neato_no_op: bool | int | None = None,
        quiet: bool = False,
        *,
        engine: str | None = None,
        encoding: str | None = None,
    ) -> bytes | str:
        """Return the picture as bytes, or as text if an encoding is given. Raises `RenderError`."""
        output = ":".join(part for part in (format or self.format, renderer, formatter) if part)
        picture = layout(self.source, output, engine=engine or self.engine)
        return picture.decode(encoding) if encoding else picture

    def render(self, *arguments: Any, **options: Any) -> str:
        """Write source and picture as `graphviz.Digraph.render` does. Raises `RenderError`."""
        graphviz.backend.dot_command.DOT_BINARY = working_program()
        try:
            return str(super().render(*arguments, **options))
        except (graphviz.ExecutableNotFound, graphviz.CalledProcessError) as fault:
            raise RenderError(f"render: {fault}") from fault

    def _repr_mimebundle_(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        # A notebook cell must show something on any machine: the source, where no picture can be had.
        try:
            return dict(super()._repr_mimebundle_(*arguments, **options))
        except RenderError as fault:
            return {"text/plain": f"{fault}\n\n{self.source}"}


def draw_dot(
    root: Value,
    format: str = "svg",
    rankdir: str = "LR",
    *,
    show: Collection[str] = ("data", "grad"),
    label: str = "",
    highlight: Collection[Value] = (),
    dark: bool = False,
) -> graphviz.Digraph:
    """Return the graph that ends in `root` as a `graphviz.Digraph`, which a notebook cell displays.

    Each node shows its data and its gradient, or "–" before any backward pass has reached the graph. The ids
    `n0`, `n1`, … follow the topological order, so equal graphs give equal sources. `rankdir` is the direction
    of the edges: "LR", "TB", "RL" or "BT".

    `show` says what is shown: "data", "grad", and "partials", the local derivatives on the edges, whose
    thickness is their size and which are dashed where negative. `label` is a title; the nodes in `highlight`,
    and the edges between them, are drawn bold: give it the nodes of a path.

    >>> x = Value(2.0, "x")
    >>> print(draw_dot(x * x).source.count("->"))
    2
    """
    if not isinstance(root, Value):
        raise DataError(f"draw_dot: no node: argument 1 = {shorten(repr(root))}; expected a Value.")
    if rankdir not in DIRECTIONS:
        raise DataValueError(
            f"draw_dot: unknown direction: rankdir = {rankdir!r}; expected one of {', '.join(DIRECTIONS)}."
        )
    for word in show:
        if word not in SHOWN:
            raise DataValueError(
                f"draw_dot: nothing to show: show has {word!r}; expected some of {', '.join(SHOWN)}."
            )
    nodes = topological_order(root)
    if len(nodes) > LARGEST:
        raise DataValueError(
            f"draw_dot: {len(nodes)} nodes; expected at most {LARGEST}. Draw a part of the graph (one "
            "example, one neuron: Graph.prune), draw_network(model), or print(Graph(...).stats())."
        )
    ids = {node: f"n{position}" for position, node in enumerate(nodes)}
    reached = any(node.grad != 0.0 for node in nodes)
    drawing = Drawing(
        format=format,
        # Without nslimit a leaf used 200 times takes minutes to place; networks look the same with it.
        graph_attr={"rankdir": rankdir, "nodesep": "0.2", "ranksep": "0.4", "nslimit": "1"},
        node_attr={"shape": "plain", "fontname": "Helvetica", "fontsize": "11"},
        edge_attr={"arrowsize": "0.7"},
    )
    if label:
        drawing.attr(label=_title(label), fontname="Helvetica", labelloc="t")
    if dark:
        _darken(drawing)
    marked = set(highlight)
    for node in nodes:
        style = Style("data" in show, "grad" in show, reached, rankdir in ("TB", "BT"), node in marked)
        _add_node(drawing, ids[node], node, style)
    for node in nodes:
        for parent, partial in zip(node.parents, node.partials, strict=True):
            look = _partial(partial) if "partials" in show and parent.requires_grad else {}
            if node in marked and parent in marked:
                look |= {"color": ACCENT, "penwidth": "2.5"}
            drawing.edge(f"{ids[parent]}:box", f"{ids[node]}:box", **look)
    return drawing


def _title(text: str) -> str:
    # As HTML, which shows every character; Graphviz would take a plain label's backslashes apart.
    return f"<{_text(shorten(visible(text), 200))}>"


def _darken(drawing: Drawing) -> None:
    drawing.attr(bgcolor="#1d2029", fontcolor="#e8e9ee")
    drawing.attr("node", fontcolor="#e8e9ee", color="#a2a8b8")
    drawing.attr("edge", fontcolor="#e8e9ee", color="#a2a8b8")


def _partial(partial: float) -> dict[str, str]:
    """Return how an edge shows its local derivative: number, thickness by size, dashes and colour by sign."""
    size = log1p(abs(partial)) if isfinite(partial) else 3.0
    look = {"label": f"×{number(partial)}", "fontsize": "9", "penwidth": f"{0.5 + min(size, 3.0):.2f}"}
    return look | ({"style": "dashed", "color": NEGATIVE} if partial < 0 else {"color": POSITIVE})


@dataclass(frozen=True)
class Style:
    """What is shown of one node, and how."""

    data: bool
    grad: bool
    reached: bool
    beside: bool
    marked: bool


def _add_node(drawing: Drawing, identifier: str, node: Value, style: Style) -> None:
    name = visible(node.label)
    short = shorten(name)
    # Graphviz takes the backslashes of a label apart once, those of a tooltip twice.
    tooltip = {} if short == name else {"tooltip": _text(name.replace("\\", "\\\\"))}
    drawing.node(identifier, label=f"<{_picture(node, short, style)}>", **tooltip)


def _picture(node: Value, name: str, look: Style) -> str:
    """Return the node as Graphviz's HTML-like table: the name outside, the box with function and numbers."""
    style = "" if node.requires_grad else ' STYLE="DASHED"'
    if look.marked:
        style += f' COLOR="{ACCENT}"'
    rows = _rows(node, look)
    border = 3 if look.marked else 1
    box = f'<TABLE BORDER="{border}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3"{style}>{rows}</TABLE>'
    cell = f'<TD PORT="box">{box}</TD>'
    title = f'<TD CELLPADDING="2"><I>{_text(name)}</I></TD>' if name else ""
    # Where edges come from above, a name above the box would stand in their way.
    rows = f"<TR>{title}{cell}</TR>" if look.beside or not title else f"<TR>{title}</TR><TR>{cell}</TR>"
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">{rows}</TABLE>'


def _rows(node: Value, look: Style) -> str:
    if node.is_leaf and not node.requires_grad:
        return f"<TR><TD>{number(node.data)}</TD></TR>"
    function = "" if node.op is None else f'<TR><TD COLSPAN="2"><B>{_text(_function(node.op))}</B></TD></TR>'
    rows = function + (_row("data", number(node.data)) if look.data else "")
    if node.requires_grad and look.grad:
        rows += _row("grad", number(node.grad) if look.reached else NOT_REACHED)
    return rows or "<TR><TD></TD></TR>"


def _row(what: str, value: str) -> str:
    return f'<TR><TD ALIGN="LEFT"><FONT COLOR="#666666">{what}</FONT></TD><TD ALIGN="RIGHT">{value}</TD></TR>'


def _function(op: Operation) -> str:
    """Return what the box says of an operation: the sign of one written by a sign, the name of any other."""
    by_sign = op.notation.kind in ("infix", "prefix", "postfix", "power", "fraction")
    return op.notation.symbol if by_sign else op.name


def _text(text: str) -> str:
    r"""Return the text as HTML that shows exactly it: every space, and no `\N` that Graphviz would expand."""
    return escape(text).replace(" ", "&#160;").replace("\\", "\\\\")
