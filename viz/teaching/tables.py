"""The two passes of a function as tables: complete, as a solution, or with blanks to fill in."""

from __future__ import annotations

from collections.abc import Collection

from autograd_core.steps import Steps

from .mistakes import contributions_of
from .problem import Blank, CellContent, CellTable, Paragraph
from .text_parts import Math, Say, factor, join, name, number, slope

COLUMNS = ("values", "locals", "products", "gradients")
"""The columns that a worksheet can leave blank."""


def forward_table(table: Steps, blank: Collection[str] = ()) -> CellTable:
    """Return the forward pass: every node with its formula and value."""
    rows: list[tuple[CellContent, ...]] = []
    for node in table.forward:
        shown = name(node.name)
        if node.arguments:
            shown = join(shown, "=", Math.written(node.formula_in))
        given = "values" not in blank or not node.arguments
        rows.append((str(node.number), shown, number(node.value) if given else Blank()))
    return CellTable(("#", Say("forward"), Say("value")), tuple(rows))


def backward_table(table: Steps, blank: Collection[str] = ()) -> CellTable:
    """Return the backward pass: every contribution with its factors, and the sum so far."""
    J = table.output
    seed = table.backward[0]
    rows: list[tuple[CellContent, ...]] = [
        (str(seed.number), join(slope(J, J), "=", number(1.0)), "", number(1.0))
    ]
    for c in contributions_of(table):
        local = Blank() if "locals" in blank else Math.written(c.factor_in)
        update = join(slope(J, c.target), "+=", slope(J, c.source), "·", slope(c.source, c.target))
        product = Blank() if "products" in blank else join(factor(c.incoming), "·", factor(c.local))
        total = Blank() if "gradients" in blank else number(c.after)
        rows.append((str(c.number), update, local, product, total))
    rows[0] = (*rows[0][:2], "", "", rows[0][3])
    head = ("#", Say("backward"), Say("local derivative"), Say("product"), Say("sum so far"))
    return CellTable(head, tuple(rows))


def solution_of(table: Steps, backward: bool = True) -> tuple[Paragraph, ...]:
    """Return the tables of the passes, with all numbers."""
    return (forward_table(table), backward_table(table)) if backward else (forward_table(table),)
