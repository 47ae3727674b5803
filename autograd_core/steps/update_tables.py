"""Write an optimizer's updates below the table of steps: a row for each weight, after its running means."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from ..base.text import for_json, width
from ..formulas.latex_and_mathml import latex_text
from .updates import Mean, WeightUpdate

if TYPE_CHECKING:
    from .cells import Cells
    from .records import Records

Row = tuple[str, str, str, str]
"""A number, the name of what is computed, its formula, and its value."""


def rows(steps: Records, cells: Cells, limit: int | None = None) -> tuple[list[Row], int]:
    """Return the rows of all updates, and how many updates are left out at the end."""
    updates = steps.updates[:limit]
    found = [row for update in updates for row in _of(update, cells)]
    return found, len(steps.updates) - len(updates)


def _of(update: WeightUpdate, cells: Cells) -> list[Row]:
    name = cells.name(update.name)
    means = [("", f"{_of_mean(mean, cells)}{name}", *_ends(mean, mean.value, cells)) for mean in update.means]
    return [*means, (str(update.number), name, *_ends(update, update.after, cells))]


def _of_mean(mean: Mean, cells: Cells) -> str:
    return cells.note(cells.spoken.say("{mean} of", mean=_named(mean.name, cells)) + " ")


def _ends(step: Mean | WeightUpdate, value: float, cells: Cells) -> tuple[str, str]:
    formula = cells.formula(step.formula_in(cells.format, cells.precision + 1))
    # Products of numbers, as in the backward pass.
    return formula.replace("·", " · "), cells.number(value)


def _named(name: str, cells: Cells) -> str:
    """Return a name that users give, such as that of a class, as text in the table's format."""
    if cells.format == "latex":
        return latex_text(name)
    return escape(name) if cells.format == "mathml" else name


def title(steps: Records, cells: Cells) -> str:
    """Return what stands above the updates."""
    optimizer = _named(type(steps.optimizer).__name__, cells)
    return cells.note(cells.spoken.say("update by {optimizer}", optimizer=optimizer))


def _more(omitted: int, cells: Cells, function: str) -> str:
    more = cells.spoken.count(
        "{n} more weight; {function} has them all",
        "{n} more weights; {function} has them all",
        omitted,
        function=function,
    )
    return f"… {more}"


def text(steps: Records, cells: Cells, limit: int | None) -> list[str]:
    """Return the lines of a text table; none without an optimizer."""
    found, omitted = rows(steps, cells, limit)
    if not found:
        return []
    arrow = "<-" if cells.format == "ascii" else "←"
    numbers, names, formulas, values = zip(*found, strict=True)
    wide = [max(map(width, column)) for column in (("12", *numbers), names, formulas, values)]
    lines = [f"{'#'.rjust(wide[0])}  {title(steps, cells)}"]
    for number, name, formula, value in found:
        ends = [" " * (w - width(part)) for part, w in zip((number, name, formula, value), wide, strict=True)]
        lines.append(f"{ends[0]}{number}  {name}{ends[1]} {arrow} {formula}{ends[2]} = {ends[3]}{value}")
    return [*lines, *[_more(omitted, cells, "to_text()")] * bool(omitted)]


def markdown(steps: Records, cells: Cells, escaped: Any) -> list[str]:
    """Return the lines of a table in Markdown."""
    found, _ = rows(steps, cells)
    if not found:
        return []
    lines = ["", f"| # | {escaped(title(steps, cells))} | {cells.spoken.say('new')} |", "|--:|:--|--:|"]
    for number, name, formula, value in found:
        lines.append(f"| {number} | {escaped(f'{name} ← {formula}')} | {escaped(value)} |")
    return lines


def latex(steps: Records, cells: Cells) -> list[str]:
    """Return the lines of a separate `align*`."""
    found, _ = rows(steps, cells)
    if not found:
        return []
    lines = [rf"\# & \quad {title(steps, cells)}"]
    for number, name, formula, value in found:
        lines.append(rf"{number} & \quad {name} \leftarrow {formula} = {value}")
    return [r"\begin{align*}", *[line + r" \\" for line in lines[:-1]], lines[-1], r"\end{align*}"]


def html(steps: Records, cells: Cells, limit: int | None) -> list[str]:
    """Return the lines of a table in HTML."""
    found, omitted = rows(steps, cells, limit)
    if not found:
        return []
    names = ("#", title(steps, cells), cells.spoken.say("new"))
    heads = "".join([f"<th>{name}</th>" for name in names])
    lines = ['<table class="updates">', f"<thead><tr>{heads}</tr></thead>", "<tbody>"]
    for number, name, formula, value in found:
        lines.append(f"<tr><td>{number}</td><td>{name} ← {formula}</td><td>{value}</td></tr>")
    lines += ["</tbody>", "</table>"]
    return [*lines, *[f"<p>{_more(omitted, cells, 'to_html()')}</p>"] * bool(omitted)]


def plain(update: WeightUpdate) -> dict[str, Any]:
    """Convert an update to dicts, lists, strings and numbers."""
    return {
        "step": "update", "number": update.number, "name": update.name, "before": for_json(update.before),
        "gradient": for_json(update.gradient), "formula": update.formula_in("ascii"),
        "means": [
            {"name": m.name, "formula": m.formula_in("ascii"), "value": for_json(m.value)}
            for m in update.means
        ],
        "after": for_json(update.after),
    }  # fmt: skip
