"""`worksheet`: the steps of a function with columns to fill in."""

from __future__ import annotations

from collections.abc import Sequence

from autograd_core import Value, steps
from autograd_core.base import shorten
from autograd_core.errors import DataValueError
from autograd_core.steps import Steps

from ..formats.markup import Markup
from ..formats.paper import MARKUPS
from ..language import language
from ..tables import COLUMNS, backward_table, forward_table
from ..text_parts import Inline, Math, Say, join, listed, name, number


def worksheet(
    output: Value,
    format: str = "latex",
    *,
    blank: Sequence[str] = ("values", "products", "gradients"),
    key: bool = False,
    lang: str = "en",
) -> str:
    """Return `steps(output)` as a document with two tables in which some columns are left to fill in.

    `format` is "latex", "html" or "markdown"; `blank` names columns: "values", "locals" (local derivatives),
    "products", which show the values and gradients that they consist of, and "gradients". Without any, the
    document is the key. With `key`, the key follows on a page of its own: printed on both sides, it is on the
    back. Raises `DataError` if `output` is not a node,
    `DataValueError` for an unknown format, column or language.

    >>> x = Value(2.0, "x")
    >>> worksheet(x * x, "markdown", blank=()).splitlines()[9]
    '| 2 | J = x·x | 4 |'
    """
    if not isinstance(format, str) or format not in MARKUPS:
        known = ", ".join([repr(known) for known in MARKUPS])
        raise DataValueError(f"worksheet: unknown format: {shorten(repr(format))}; expected one of {known}.")
    for column in blank:
        if column not in COLUMNS:
            known = ", ".join([repr(known) for known in COLUMNS])
            raise DataValueError(
                f"worksheet: unknown column: {shorten(repr(column))}; expected some of {known}."
            )
    table = steps(output)
    made, spoken = MARKUPS[format], language(lang)
    plain = made(spoken, lambda gap: "")
    markup = made(spoken, lambda gap: plain.blank())
    pages = [_page(markup, table, blank)]
    if key:
        pages.append(_page(markup, table, (), Say("Key: {title}", title=title_of(table))))
    return markup.document(spoken.text(title_of(table)), pages)


def _page(markup: Markup, table: Steps, blank: Sequence[str], title: Inline | None = None) -> str:
    parts = [
        markup.heading(1, markup.inline(title or title_of(table))),
        markup.sentence(markup.inline(point_of(table))),
        markup.heading(2, markup.inline(Say("Forward pass"))),
        markup.paragraph(forward_table(table, blank)),
        markup.heading(2, markup.inline(Say("Backward pass"))),
        markup.paragraph(backward_table(table, blank)),
    ]
    return "\n".join(parts)


def title_of(table: Steps) -> Math:
    """Return the function as an equation."""
    return join(name(table.output), "=", Math.written(table.formula))


def point_of(table: Steps) -> Math:
    """Return the inputs with their values."""
    return listed([join(name(x), "=", number(value)) for x, value in table.inputs.items()])
