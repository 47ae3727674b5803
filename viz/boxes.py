"""What stands in a box of a computation graph: of one node, or of many that are drawn as one.

A box is one of Graphviz's HTML-like tables: the name outside, the function and the numbers inside. The row
of the gradient is tinted, blue for a positive one, orange for a negative one, the stronger the larger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from math import isfinite

from autograd_core import Value
from autograd_core.operation import Operation
from autograd_core.scopes import Scope
from autograd_core.text import shorten, visible

from .folding import Box
from .numbers import number

NOT_REACHED = "–"
ACCENT = "#3f51c9"
# From small to large, of positive and of negative gradients; dark themes take the second.
TINTS = {
    (False, True): ("#eef4fb", "#cfe1f3", "#9dc3e6"),
    (False, False): ("#fdf3e7", "#fadfc0", "#f2b97c"),
    (True, True): ("#22304a", "#234a78", "#2a68ad"),
    (True, False): ("#3d2f22", "#6b4520", "#9c5c17"),
}
STRONG, FAINT = 1 / 3, 1 / 30
"""From which share of the largest gradient a tint is strong, and up to which it is faint."""


@dataclass(frozen=True)
class Look:
    """What is shown in the boxes of a drawing, and how."""

    data: bool
    grad: bool
    reached: bool
    beside: bool
    dark: bool
    largest: float
    marked: bool = False

    def of(self, marked: bool) -> Look:
        """The same for a box that is highlighted, or not."""
        return replace(self, marked=marked)

    @property
    def quiet(self) -> str:
        """The colour of what may be overlooked."""
        return "#a2a8b8" if self.dark else "#666666"

    def tint(self, gradients: Sequence[float]) -> str:
        """The colour behind gradients of one sign; none behind zero and behind mixed ones."""
        if not self.reached or not gradients or min(gradients) < 0 < max(gradients):
            return ""
        g = max(gradients, key=abs)
        if g == 0.0 or g != g:
            return ""
        share = abs(g) / self.largest if abs(g) <= self.largest else 1.0
        return TINTS[self.dark, g > 0][(share > FAINT) + (share >= STRONG)]


def largest_of(nodes: Iterable[Value]) -> float:
    """The largest finite gradient, by size; 1 if all are zero."""
    return max([abs(node.grad) for node in nodes if isfinite(node.grad)], default=0.0) or 1.0


def node_picture(node: Value, name: str, look: Look) -> str:
    """A node: a rectangle with its function and numbers, its name outside."""
    return _framed(name, _node_rows(node, look), look, dashed=not node.requires_grad)


def box_picture(box: Box, outputs: Sequence[Value], look: Look) -> str:
    """Many nodes: how many, of which operations, what comes out of them, and how large gradients are."""
    quiet, grads = look.quiet, [node.grad for node in box.nodes if node.requires_grad]
    rows = f'<TR><TD COLSPAN="2"><B>{text(content(box))}</B></TD></TR>'
    rows += f'<TR><TD COLSPAN="2"><FONT COLOR="{quiet}" POINT-SIZE="9">{text(size(box))}</FONT></TD></TR>'
    if look.data:
        rows += _row("data", _span([node.data for node in outputs]), look)
    if look.grad and grads:
        shown = _span(grads) if look.reached else NOT_REACHED
        rows += _row("grad", shown, look, look.tint(grads))
    return _framed(shorten(visible(title(box)), 40), rows, look, dashed=False, heap=True)


def title(box: Box) -> str:
    """What is written outside a box of many nodes."""
    if box.name:
        return box.name
    leaves = {node.label.partition("[")[0] for node in box.nodes if node.is_leaf}
    return leaves.pop() if len(leaves) == 1 and all([node.is_leaf for node in box.nodes]) else ""


def content(box: Box) -> str:
    """The operations in a box, in their order: `dot → add → relu`, or `16 × (dot, add, relu)`."""
    counts = Counter([_function(node.op) for node in box.nodes if node.op is not None])
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
    """How many nodes a box holds, how many of them are parameters or inputs, and how often it was called."""
    parts = [f"{len(box.nodes):,} nodes"]
    leaves = sum([node.is_leaf and node.requires_grad for node in box.nodes])
    if 0 < leaves < len(box.nodes):
        parts.append(f"{leaves:,} {'parameters' if box.name else 'leaves'}")
    if box.calls > 1:
        parts.append(f"{box.calls:,} calls")
    return ", ".join(parts)


def name_in(node: Value, scope: Scope | None) -> str:
    """A node's label, without the module's name where that stands on the frame around it."""
    name = visible(node.label)
    for part in scope.chain if scope is not None else ():
        name = name.removeprefix(f"{part.name}.")
    return name


def _framed(name: str, rows: str, look: Look, dashed: bool, heap: bool = False) -> str:
    style = ' STYLE="DASHED"' if dashed else ""
    if look.marked:
        style += f' COLOR="{ACCENT}"'
    border = 3 if look.marked else 1
    box = f'<TABLE BORDER="{border}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3"{style}>{rows}</TABLE>'
    if heap:  # A second line around it, as around a pile.
        line = 'BORDER="1" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2"'
        box = f"<TABLE {line}><TR><TD>{box}</TD></TR></TABLE>"
    cell = f'<TD PORT="box">{box}</TD>'
    title = f'<TD CELLPADDING="2"><I>{text(name)}</I></TD>' if name else ""
    # Where edges come from above, a name above the box would stand in their way.
    rows = f"<TR>{title}{cell}</TR>" if look.beside or not title else f"<TR>{title}</TR><TR>{cell}</TR>"
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">{rows}</TABLE>'


def _node_rows(node: Value, look: Look) -> str:
    if node.is_leaf and not node.requires_grad:
        return f"<TR><TD>{number(node.data)}</TD></TR>"
    function = "" if node.op is None else f'<TR><TD COLSPAN="2"><B>{text(_function(node.op))}</B></TD></TR>'
    rows = function + (_row("data", number(node.data), look) if look.data else "")
    if node.requires_grad and look.grad:
        shown = number(node.grad) if look.reached else NOT_REACHED
        rows += _row("grad", shown, look, look.tint([node.grad]))
    return rows or "<TR><TD></TD></TR>"


def _row(what: str, value: str, look: Look, tint: str = "") -> str:
    colour = f' BGCOLOR="{tint}"' if tint else ""
    return (
        f'<TR><TD ALIGN="LEFT"{colour}><FONT COLOR="{look.quiet}">{what}</FONT></TD>'
        f'<TD ALIGN="RIGHT"{colour}>{value}</TD></TR>'
    )


def _span(xs: Sequence[float]) -> str:
    """A number, or the smallest and the largest of several."""
    low, high = min(xs), max(xs)
    return f"{low:.3g} … {high:.3g}" if low != high else number(low)


def _function(op: Operation) -> str:
    """Return what the box says of an operation: the sign of one written by a sign, the name of any other."""
    by_sign = op.notation.kind in ("infix", "prefix", "postfix", "power", "fraction")
    return op.notation.symbol if by_sign else op.name


def text(characters: str) -> str:
    r"""Return the text as HTML that shows exactly it: every space, and no `\N` that Graphviz would expand."""
    return escape(characters).replace(" ", "&#160;").replace("\\", "\\\\")
