"""Write the boxes of a drawn computation graph: their contents, and the frames of their scopes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from math import isfinite
from typing import NamedTuple

from autograd_core import Value
from autograd_core.base import exact_sum, shorten, visible
from autograd_core.formulas import Text
from autograd_core.graph import Scope
from autograd_core.operations import Operation

from ..palette import ACCENT, BY_NAME
from ..render.graphviz_drawing import Digraph
from .folding import Box, Folding, counted_from_one, title_of


def number(x: float) -> str:
    """Format a number with four significant digits; a whole one below a million in full.

    >>> [number(x) for x in (-0.7568024953079282, 4.0, -0.0, 1234567.0)]
    ['−0.7568', '4', '0', '1.235e6']
    """
    if not isfinite(x):
        return f"{x}".replace("-", "−").replace("inf", "∞")
    if (whole := x == int(x)) and abs(x) < 1e6:
        return f"{int(x)}".replace("-", "−")
    if not whole and 1e-4 <= abs(x) < 1e4:
        return f"{float(f'{x:.4g}'):g}".replace("-", "−")
    mantissa, exponent = f"{x:.3e}".split("e")
    return f"{float(mantissa):g}e{int(exponent)}".replace("-", "−")


GROUNDS = {False: ("#f7f8fb", "#eff1f6", "#e7eaf1"), True: ("#23262f", "#292d37", "#30343f")}
"""The fill colors of frames by depth; the second for a dark theme."""
FRAME = {False: ("#c9cedb", "#666666"), True: ("#4a5060", "#a2a8b8")}
"""The colors of a frame's line and title."""


_TEXT = Text()


class Place(NamedTuple):
    """A box and its position among the others."""

    box: Box
    at: int


def add_boxes(drawing: Digraph, folding: Folding, ids: Sequence[str], look: Look, marked: set[Value]) -> None:
    """Write each box into the frames of its scopes; a frame opens at its first box."""
    inside, outputs = _contents(folding), _outputs(folding)
    if not look.beside:  # Graphviz places earlier items of a frame below later ones.
        inside = {scope: things[::-1] if scope else things for scope, things in inside.items()}
    stack: list[tuple[Digraph, Iterator[Place | Scope]]] = [(drawing, iter(inside[None]))]
    frames = 0
    while stack:
        target, things = stack[-1]
        thing = next(things, None)
        if thing is None:
            stack.pop()
            if stack:
                stack[-1][0].subgraph(target)
        elif isinstance(thing, Scope):
            frame = Digraph(name=f"cluster_{frames}", graph_attr=_frame(thing, look))
            frames += 1
            stack.append((frame, iter(inside[thing])))
        else:
            bold = look.of(not marked.isdisjoint(thing.box.nodes))
            _add_box(target, ids[thing.at], thing.box, outputs[thing.at], bold)


def _contents(folding: Folding) -> dict[Scope | None, list[Place | Scope]]:
    """Return the direct contents of each scope, in order: boxes and inner scopes."""
    inside: dict[Scope | None, list[Place | Scope]] = {None: []}
    for i, box in enumerate(folding.boxes):
        outer: Scope | None = None
        for scope in box.scope.chain if box.scope is not None else ():
            if scope not in inside:
                inside[scope] = []
                inside[outer].append(scope)
            outer = scope
        inside[box.scope].append(Place(box, i))
    return inside


def _outputs(folding: Folding) -> list[list[Value]]:
    """Return for each box its nodes that are used outside of it, or nowhere."""
    used: dict[Value, bool] = {}
    place_of = folding.places.get
    for here, box in enumerate(folding.boxes):
        for node in box.nodes:
            for parent in node.parents:
                used[parent] = used.get(parent, False) or place_of(parent) != here
    return [[node for node in box.nodes if used.get(node, True)] for box in folding.boxes]


def _frame(scope: Scope, look: Look) -> dict[str, str]:
    return {
        "label": f"<{text(title_of(scope))}>", "labelloc": "t", "labeljust": "l",
        "fontname": "Helvetica", "fontsize": "10", "fontcolor": FRAME[look.dark][1],
        "style": "rounded,filled", "margin": "8", "color": FRAME[look.dark][0],
        "fillcolor": GROUNDS[look.dark][min(len(scope.chain), 3) - 1],
    }  # fmt: skip


def _add_box(target: Digraph, identifier: str, box: Box, outputs: Sequence[Value], look: Look) -> None:
    whole = full_name(box)
    short = look.name_in(box.nodes[0], box.scope) if box.single else ""
    # Graphviz interprets backslashes once in a label, twice in a tooltip.
    tooltip = {} if short == whole else {"tooltip": text(whole.replace("\\", "\\\\"))}
    target.node(identifier, label=f"<{_picture(box, outputs, look)}>", **tooltip)


def full_name(box: Box) -> str:
    """Return a node's label or a scope's path, for a tooltip."""
    if box.single:
        return visible(box.nodes[0].label)
    return visible((box.scope.path + "/" if box.scope else "") + title(box))


def pictures(folding: Folding, look: Look, marked: set[Value]) -> list[str]:
    """Return the contents of each box, without the frames around them."""
    return [
        _picture(box, outputs, look.of(not marked.isdisjoint(box.nodes)))
        for box, outputs in zip(folding.boxes, _outputs(folding), strict=True)
    ]


def _picture(box: Box, outputs: Sequence[Value], look: Look) -> str:
    if box.single:
        return node_picture(box.nodes[0], look.name_in(box.nodes[0], box.scope), look)
    return box_picture(box, outputs or box.nodes, look)


NOT_REACHED = "–"
# From small to large; the second for dark themes. Signs are not shown by color.
TINTS = {False: ("#fdf3f1", "#fce0da", "#f6bcb2"), True: ("#33211f", "#4d2620", "#6b2e25")}
ROUNDING_TINTS = {False: ("#fdf6e0", "#fae3a6", "#f5d07a"), True: ("#2b2618", "#4d4119", "#6e5a1c")}
STRONG, FAINT = 1 / 3, 1 / 30
"""The fractions of the largest gradient above which a tint is strong, and below which it is faint."""


Effects = Mapping[Value, float]


@dataclass(frozen=True)
class Look:
    """What the boxes of a drawing show, and how."""

    data: bool
    grad: bool
    reached: bool
    beside: bool
    dark: bool
    largest: float
    names: Mapping[Value, str] = field(default_factory=dict)
    effects: Effects = field(default_factory=dict)
    """How much, at most, the rounding of each result changes the output; empty if not shown."""
    marked: bool = False

    def of(self, marked: bool) -> Look:
        """Return the look of a box, highlighted or not."""
        return replace(self, marked=marked)

    def name_in(self, node: Value, scope: Scope | None) -> str:
        """Return a node's name as in formulas, without the names of modules on the frames around it."""
        label = node.label or self.names.get(node, "")
        name = _TEXT.name(label).text if label else ""
        plain = visible(label)
        if shorten(plain) == name:
            for part in scope.chain if scope is not None else ():
                plain = plain.removeprefix(f"{part.name}.")
            name = shorten(plain)
        return name

    @property
    def quiet(self) -> str:
        """The color of less important text."""
        return FRAME[self.dark][1]

    def tint(self, gradients: Sequence[float]) -> str:
        """Return the color behind gradients, by size; none for zero or mixed signs."""
        if not self.reached or not gradients or min(gradients) < 0 < max(gradients):
            return ""
        g = max(gradients, key=abs)
        if g == 0.0 or g != g:
            return ""
        return TINTS[self.dark][_strength(abs(g), self.largest)]

    @cached_property
    def worst(self) -> float:
        """The largest finite effect of rounding."""
        return max([effect for effect in self.effects.values() if isfinite(effect)], default=0.0)

    def rounding_tint(self, effect: float) -> str:
        """Return the color behind an effect of rounding, by size; none for 0."""
        return ROUNDING_TINTS[self.dark][_strength(effect, self.worst)] if effect else ""

    def color(self, what: str) -> str:
        """Return the color of a value or a gradient."""
        name = {"data": "value", "round": "badge"}.get(what, what)
        return BY_NAME[name][self.dark]


def _strength(size: float, largest: float) -> int:
    """Return the place of a tint: 0 is faint, 2 is strong."""
    share = size / largest if size <= largest else 1.0
    return (share > FAINT) + (share >= STRONG)


def largest_of(nodes: Iterable[Value]) -> float:
    """Return the largest absolute finite gradient, or 1 if all are zero."""
    return max([abs(node.grad) for node in nodes if isfinite(node.grad)], default=0.0) or 1.0


def node_picture(node: Value, name: str, look: Look) -> str:
    """Draw a node: a rectangle with its function and numbers, its name outside."""
    return framed(name, _node_rows(node, look), look, dashed=not node.requires_grad)


def box_picture(box: Box, outputs: Sequence[Value], look: Look) -> str:
    """Draw a box of many nodes: their number, operations, and ranges of outputs and gradients."""
    quiet, grads = look.quiet, [node.grad for node in box.nodes if node.requires_grad]
    rows = f'<TR><TD COLSPAN="2"><B>{text(content(box))}</B></TD></TR>'
    rows += f'<TR><TD COLSPAN="2"><FONT COLOR="{quiet}" POINT-SIZE="9">{text(size(box))}</FONT></TD></TR>'
    if look.data:
        rows += row("data", span([node.data for node in outputs]), look)
    if look.grad and grads:
        shown = span(grads) if look.reached else NOT_REACHED
        rows += row("grad", shown, look, look.tint(grads))
    rows += _rounding_row([look.effects[node] for node in box.nodes if node in look.effects], look)
    return framed(shorten(visible(title(box)), 40), rows, look, dashed=False, heap=True)


def title(box: Box) -> str:
    """Return the title outside a box of many nodes."""
    if box.name:
        return counted_from_one(box.name)
    leaves = {node.label.partition("[")[0] for node in box.nodes if node.is_leaf}
    return leaves.pop() if len(leaves) == 1 and all([node.is_leaf for node in box.nodes]) else ""


def content(box: Box) -> str:
    """Return the operations in a box, in order: `dot → add → relu`, or `16 × (dot, add, relu)`."""
    counts = Counter([function_of(node.op) for node in box.nodes if node.op is not None])
    if not counts:
        constants = not any([node.requires_grad for node in box.nodes])
        return f"{len(box.nodes):,} {'constants' if constants else 'leaves'}"
    times = set(counts.values())
    if times == {1} and len(counts) <= 4:
        return " → ".join(counts)
    if len(times) == 1 and len(counts) <= 4:
        names = ", ".join(counts)
        return f"{times.pop():,} × ({names})" if len(counts) > 1 else f"{times.pop():,} × {names}"
    some = [f"{count:,} {name}" for name, count in counts.most_common(4)]
    return ", ".join(some) + (", …" if len(counts) > 4 else "")


def size(box: Box) -> str:
    """Return the number of nodes in a box, how many are parameters or inputs, and the number of calls."""
    parts = [f"{len(box.nodes):,} nodes"]
    leaves = sum([node.is_leaf and node.requires_grad for node in box.nodes])
    if 0 < leaves < len(box.nodes):
        parts.append(f"{leaves:,} {'parameters' if box.name else 'leaves'}")
    if box.calls > 1:
        parts.append(f"{box.calls:,} calls")
    return ", ".join(parts)


def framed(name: str, rows: str, look: Look, dashed: bool, heap: bool = False) -> str:
    style = ' STYLE="DASHED"' if dashed else ""
    if look.marked:
        style += f' COLOR="{ACCENT}"'
    border = 3 if look.marked else 1
    box = f'<TABLE BORDER="{border}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3"{style}>{rows}</TABLE>'
    if heap:  # A second line around it, like a stack.
        line = 'BORDER="1" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2"'
        box = f"<TABLE {line}><TR><TD>{box}</TD></TR></TABLE>"
    cell = f'<TD PORT="box">{box}</TD>'
    title = f'<TD CELLPADDING="2"><I>{text(name)}</I></TD>' if name else ""
    # If edges come from above, put the name below the box.
    rows = f"<TR>{title}{cell}</TR>" if look.beside or not title else f"<TR>{title}</TR><TR>{cell}</TR>"
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">{rows}</TABLE>'


def _node_rows(node: Value, look: Look) -> str:
    if node.is_leaf and not node.requires_grad:
        return f"<TR><TD>{number(node.data)}</TD></TR>"
    function = "" if node.op is None else f'<TR><TD COLSPAN="2"><B>{text(function_of(node.op))}</B></TD></TR>'
    rows = function + (row("data", number(node.data), look) if look.data else "")
    if node.requires_grad and look.grad:
        shown = number(node.grad) if look.reached else NOT_REACHED
        rows += row("grad", shown, look, look.tint([node.grad]))
    rows += _rounding_row([look.effects[node]] if node in look.effects else [], look)
    return rows or "<TR><TD></TD></TR>"


def _rounding_row(effects: Sequence[float], look: Look) -> str:
    """Return the row with the effect of rounding, summed over a box; none for a leaf."""
    if not effects:
        return ""
    whole = exact_sum(effects)
    return row("round", f"±{number(float(f'{whole:.0e}'))}", look, look.rounding_tint(whole))


def row(what: str, value: str, look: Look, tint: str = "") -> str:
    color = f' BGCOLOR="{tint}"' if tint else ""
    return (
        f'<TR><TD ALIGN="LEFT"{color}><FONT COLOR="{look.quiet}">{what}</FONT></TD>'
        f'<TD ALIGN="RIGHT"{color}><FONT COLOR="{look.color(what)}">{value}</FONT></TD></TR>'
    )


def span(xs: Sequence[float]) -> str:
    """Format a number, or the smallest and the largest of several."""
    low, high = min(xs), max(xs)
    return f"{number(low)} … {number(high)}" if low != high else number(low)


def function_of(op: Operation) -> str:
    """Return the text for an operation: its sign if it has one, otherwise its name."""
    by_sign = op.notation.kind in ("infix", "prefix", "postfix", "power", "fraction")
    return op.notation.symbol if by_sign else op.name


def text(characters: str) -> str:
    r"""Escape text as HTML that shows it exactly: every space, and no `\N` that Graphviz would expand."""
    return escape(characters).replace(" ", "&#160;").replace("\\", "\\\\")
