"""`steps`: record the forward and backward passes of a function step by step."""

from __future__ import annotations

from typing import Any

from ..base.reals import brief, flag, whole_number
from ..errors import DataError, DataValueError
from ..graph.names import names_of
from ..kernel.topological_order import topological_order
from ..kernel.value import Value
from . import tables
from .records import Contribution, Forward, Records, Seed
from .updates import Planning

__all__ = ["Contribution", "Forward", "Seed", "Steps", "steps"]


class Steps(Records):
    """All steps of one function: an immutable sequence of records, which `print` shows as a table."""

    def in_other_order(self, method: str) -> Steps:
        """Return the steps of the same function by the other method."""
        known = _known_method(method, "in_other_order")
        return Steps(self._order[-1], known, self._names, self._order, self.rounding, self.optimizer)

    def __str__(self) -> str:
        return tables.text(self, limit=tables.ROWS)

    def __repr__(self) -> str:
        return f"<Steps: {len(self)} steps of {self.output} ({self.method})>"

    def to_text(
        self,
        *,
        ascii: bool = False,
        precision: int = 4,
        width: int | None = None,
        color: bool = False,
        lang: str = "en",
    ) -> str:
        """Return the table with two columns, forward and backward; with `ascii=True` in plain ASCII.

        If `width` is given, lines have at most that many characters: notes become marks, and the columns are
        stacked if they do not fit side by side. `color` uses terminal codes to write values green and
        gradients red. `lang` is the language of the words and the decimal sign: "en", "de", "fr", "es", "pt",
        "zh" or "ja"; ASCII holds only English.
        """
        flag(ascii, "steps", "ascii")
        flag(color, "steps", "color")
        room = width if width is None else whole_number(width, "steps", "width")
        return tables.text(self, ascii, _decimals(precision), room=room, color=color, lang=lang)

    def to_markdown(self, *, precision: int = 4, lang: str = "en") -> str:
        """Return the table in Markdown."""
        return tables.markdown(self, _decimals(precision), lang=lang)

    def to_latex(self, *, precision: int = 4, lang: str = "en") -> str:
        """Return the table as a LaTeX `align*`, which needs only amsmath."""
        return tables.latex(self, _decimals(precision), lang=lang)

    def to_html(self, *, precision: int = 4, lang: str = "en") -> str:
        """Return the table in HTML, with formulas in MathML."""
        return tables.html(self, _decimals(precision), lang=lang)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as dicts, lists, strings and numbers; "nan", "inf" and "-inf" are strings."""
        return tables.plain(self)

    def to_json(self, *, indent: int | None = 2) -> str:
        """Return `to_dict()` as JSON."""
        return tables.json_text(self, indent)

    def _repr_html_(self) -> str:
        return tables.html(self, limit=tables.ROWS)


def steps(
    output: Value, method: str = "push", *, rounding: bool = False, optimizer: Planning | None = None
) -> Steps:
    """Record every step that computes and differentiates `output`, without changing any `.grad`.

    The steps are the forward nodes in the order of creation, the seed, then each single contribution to a
    gradient. With "push", nodes in reverse order push to their parents; with "pull", each node collects from
    its consumers. Both compute the same sums in the same order. Nodes without a label get short names;
    formulas show a constant without a label as its number.

    With `rounding=True` each value is followed by ± the largest change of the output due to its rounding,
    computed by `autograd_core.rounding`.

    With an `optimizer` of `nn`, the steps continue with its next step: one row for each weight and its
    running means, as if the gradients had been 0 before. Neither the weights nor the optimizer change.

    Raises `DataError` if `output` is not a node or `optimizer` is not an optimizer, `DataValueError` for an
    unknown method and an optimizer of other weights, and whatever `backward` raises.

    >>> x = Value(2.0, label="x")
    >>> print(steps(x.sin() * x).to_text())
    J = sin(x)·x   at x = 2
     #  forward                #  backward                                grad
     1  x  = 2                 4  ∂J/∂J   = 1                           1.0000
     2  v₁ = sin x = 0.9093    5  ∂J/∂v₁ += 1 · (x = 2)                 2.0000
     3  J  = v₁·x  = 1.8186    6  ∂J/∂x  += 1 · (v₁ = 0.9093)           0.9093
                               7  ∂J/∂x  += 2 · (cos x = −0.4161)       0.0770  second path: gradients add
    check: central difference 0.0770 ✓
    """
    if not isinstance(output, Value):
        raise DataError(f"steps: not a single output: got {brief(output)}; expected one Value.")
    method = _known_method(method, "steps")
    plans = callable(getattr(optimizer, "planned", None)) and not isinstance(optimizer, type)
    if optimizer is not None and not plans:
        raise DataError(
            f"steps: not an optimizer: optimizer = {brief(optimizer)}; expected one like nn.SGD([w], lr=0.1)."
        )
    order = topological_order(output)
    names = names_of(order, output)
    return Steps(output, method, names, order, flag(rounding, "steps", "rounding"), optimizer)


def _known_method(method: str, who: str) -> str:
    if not isinstance(method, str) or method not in ("push", "pull"):
        raise DataValueError(f"{who}: unknown method: method = {brief(method)}; expected 'push' or 'pull'.")
    return method


def _decimals(precision: int) -> int:
    if type(precision) is not int or not 0 <= precision <= 17:
        raise DataValueError(f"steps: precision = {brief(precision)}; expected a whole number from 0 to 17.")
    return precision
