"""What problems are written with: sentences to be translated, and formulas in every notation.

Nothing here is text of a language yet: a `Say` keeps its English template and its fields apart until a
`Language` translates the one and a `Markup` writes the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from autograd_core.base import short
from autograd_core.formulas import writer_of

DECIMALS = 4
"""The decimals of a number that has more."""

SIGNS = {
    "=": (" = ", " = ", "<mo>=</mo>"),
    "+=": (" += ", r" \mathrel{+}= ", "<mo>+=</mo>"),
    "·": (" · ", r" \cdot ", "<mo>⋅</mo>"),
    "−": (" − ", " - ", "<mo>−</mo>"),
    "+": (" + ", " + ", "<mo>+</mo>"),
    "→": (" → ", r" \to ", "<mo>→</mo>"),
    "←": (" ← ", r" \leftarrow ", "<mo>←</mo>"),
    ",": (", ", r",\; ", '<mo>,</mo><mspace width="1ex"></mspace>'),
    "(": ("(", r"\left(", "<mo>(</mo>"),
    ")": (")", r"\right)", "<mo>)</mo>"),
    "…": ("…", r"\dots", "<mo>…</mo>"),
    "η": ("η", r"\eta", "<mi>η</mi>"),
}
"""Signs between formulas, as text, in LaTeX and in MathML."""


@dataclass(frozen=True, slots=True)
class Math:
    """A formula as text, in LaTeX and in MathML (without the `math` element around it)."""

    text: str
    latex: str
    mathml: str

    @classmethod
    def written(cls, write: Callable[[str], str]) -> Math:
        """Return what the function writes in each notation."""
        text, latex, mathml = [write(notation) for notation in ("text", "latex", "mathml")]
        return cls(text, latex, mathml.removeprefix("<math>").removesuffix("</math>"))

    def __add__(self, other: Math) -> Math:
        return Math(self.text + other.text, self.latex + other.latex, self.mathml + other.mathml)


def name(of: str) -> Math:
    """Return a node's name.

    >>> name("w1").text, name("w1").latex
    ('w₁', 'w_1')
    """
    return Math.written(lambda notation: writer_of(notation).name(of).text)


def slope(output: str, of: str) -> Math:
    """Return the derivative of a node by another.

    >>> slope("J", "w1").text
    '∂J/∂w₁'
    """
    return Math.written(lambda notation: writer_of(notation).slope(output, of))


def number(x: float) -> Math:
    """Return a number with at most four decimals.

    >>> number(0.1 + 0.2).text, number(-2.0).text, number(-0.0).text
    ('0.3', '−2', '0')
    """
    numeral = short(round(x, DECIMALS) + 0.0, 10)
    return Math.written(lambda notation: writer_of(notation).numeral(numeral))


def factor(x: float) -> Math:
    """Return a number as a factor: in brackets if it is negative."""
    return join("(", number(x), ")") if x < 0 else number(x)


def join(*parts: Math | str) -> Math:
    """Concatenate formulas and signs.

    >>> join(name("x"), "=", number(-0.5)).text
    'x = −0.5'
    """
    whole = Math("", "", "")
    for part in parts:
        whole += part if isinstance(part, Math) else Math(*SIGNS[part])
    return whole


def listed(parts: Iterable[Math]) -> Math:
    """Concatenate formulas, with commas between them."""
    whole: list[Math | str] = []
    for part in parts:
        whole += [",", part] if whole else [part]
    return join(*whole)


class Say:
    """A sentence: an English template, which is the key of its translations, and what stands in its fields.

    >>> Say("The slope is {slope}.", slope=number(2.0)).template
    'The slope is {slope}.'
    """

    def __init__(self, template: str, /, **fields: Math | Say | str) -> None:
        self.template = template
        self.fields = fields

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Say) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(self.template)

    def __repr__(self) -> str:
        return f"<Say: {self.template}>"

    def parts(self, template: str) -> list[Math | Say | str]:
        """Split a template, such as the translated one, into texts and what stands in its fields."""
        pieces = re.split(r"\{(\w+)\}", template)
        return [self.fields[piece] if i % 2 else piece for i, piece in enumerate(pieces)]


class Several(Say):
    """A sentence that depends on a count, which is its field `n`."""

    def __init__(self, one: str, many: str, n: int, /, **fields: Math | Say | str) -> None:
        super().__init__(one, n=str(n), **fields)
        self.many = many
        self.n = n


Inline = Math | Say | str
"""What stands in a line; a text is shown as it is in every language."""
