"""Write the parts of a row of a table, in one format and one language."""

from __future__ import annotations

from collections.abc import Collection
from math import isfinite

from ..base.text import fixed, short
from ..formulas.formula import writer_of
from ..languages import Catalog
from .records import Contribution, Forward, Seed

Left = tuple[str, str, str, str]
Right = tuple[str, str, str, str, str, str]

_NOTATIONS = {"ascii": "text"}
_MARKS = {"latex": {"tie": r"\ast", "path": r"\oplus"}}
_MARKS_IN_TEXT = {"tie": "*", "path": "⊕"}


class Cells:
    """Writes the parts of a row; with `marked`, marks replace the notes that a legend explains."""

    def __init__(self, format: str, precision: int, spoken: Catalog, marked: bool = False) -> None:
        self.format, self.precision = format, precision
        self.spoken, self.marked = spoken, marked
        self.writer = writer_of(format)

    def maths(self, markup: str) -> str:
        markup = self.formula(markup)
        return f"<math>{markup}</math>" if self.format == "mathml" else markup

    def formula(self, written: str) -> str:
        """Return a formula with the decimal sign of the language."""
        return self.spoken.decimal(written, _NOTATIONS.get(self.format, self.format))

    def in_line(self, markup: str) -> str:
        """Return a formula within a sentence."""
        return f"${self.formula(markup)}$" if self.format == "latex" else self.maths(markup)

    def heads(self) -> list[str]:
        """Return the titles of the columns: forward, backward and gradient."""
        return [self.spoken.say("forward"), self.spoken.say("backward"), self.spoken.say("grad")]

    def number(self, x: float) -> str:
        return self.maths(self.writer.numeral(fixed(x, self.precision)))

    def factor(self, x: float) -> str:
        """Write a number in a product, a whole one without decimals."""
        whole = isfinite(x) and x == int(x) and abs(x) < 1e6
        return self.maths(self.writer.numeral(short(x) if whole else fixed(x, self.precision)))

    def name(self, name: str) -> str:
        return self.maths(self.writer.name(name).text)

    def left(self, step: Forward, changed: Collection[str]) -> Left:
        if step.operation in ("input", "constant"):
            note = self.note(self.spoken.say("(constant)")) if step.operation == "constant" else ""
            note = self.note(self.spoken.say("(changed since)")) if step.name in changed else note
            return str(step.number), self.name(step.name), "= " + self.given(step.value), note
        formula = self.formula(step.formula_in(self.format))
        value = "= " + self.number(step.value) + self.rounding(step.rounding)
        return str(step.number), self.name(step.name), "= " + formula, value

    def rounding(self, effect: float | None) -> str:
        """Write the change of the output due to a step's rounding."""
        if effect is None:
            return ""
        sign = {"latex": r" \pm ", "ascii": " +- "}.get(self.format, " ± ")
        return sign + self.maths(self.writer.numeral(f"{effect:.0e}"))

    def note(self, words: str) -> str:
        return rf"\text{{{words}}}" if self.format == "latex" else words

    def given(self, x: float) -> str:
        """Write an input's number with at least the decimals of the results."""
        before_the_point = len(str(int(abs(x)))) if isfinite(x) and abs(x) < 1e9 else 0
        return self.maths(self.writer.numeral(short(x, max(6, before_the_point + self.precision + 1))))

    def right(self, step: Seed | Contribution, output: str) -> Right:
        if isinstance(step, Seed):
            slope = self.maths(self.writer.slope(output, step.name))
            one = self.factor(step.gradient)
            return str(step.number), slope, " =", one, self.number(1.0), ""
        slope = self.maths(self.writer.slope(output, step.target))
        times = {"latex": r" \cdot ", "ascii": " * "}.get(self.format, " · ")
        product = self.factor(step.incoming) + times + self.local(step)
        plus = r"\mathrel{+}=" if self.format == "latex" else "+="
        notes = self.marks(step) if self.marked else self.notes(step)
        return str(step.number), slope, plus, product, self.number(step.after), notes

    def notes(self, step: Contribution) -> str:
        """Say what is special about a step."""
        notes = []
        if step.tie:
            notes.append(
                self.spoken.count(
                    "a tie: {n} argument shares the slope",
                    "a tie: {n} arguments share the slope",
                    step.tie,
                )
            )
        if step.adds:
            notes.append(self.spoken.say("{nth} path: gradients add", nth=self.spoken.nth(step.path)))
        return "; ".join([*notes, *self._hook(step)])

    def marks(self, step: Contribution) -> str:
        """Mark what is special about a step. A page of LaTeX is too narrow for hooks."""
        marks = [self.mark(kind) for kind in ("tie", "path") if is_marked(step, kind)]
        return "".join(marks) if self.format == "latex" else " ".join([*marks, *self._hook(step)])

    def mark(self, kind: str) -> str:
        return _MARKS.get(self.format, _MARKS_IN_TEXT)[kind]

    def _hook(self, step: Contribution) -> list[str]:
        if step.hooked is None:
            return []
        if step.hooked == step.after:
            return [self.spoken.say("hook")]
        number = self.spoken.decimal(fixed(step.hooked, self.precision))
        return [self.spoken.say("hook: {number}", number=number)]

    def local(self, step: Contribution) -> str:
        formula, number = self.formula(step.factor_in(self.format)), self.factor(step.local)
        given = writer_of("text").number(step.local).text
        if step.local_formula_in("text") == given:
            return f"({formula})" if step.local < 0.0 else formula
        return f"({formula} = {number})"


def is_marked(step: Contribution, kind: str) -> bool:
    """Return whether a step is a tie, or adds another path."""
    return bool(step.tie) if kind == "tie" else step.adds
