"""Write operations in LaTeX and MathML. Text from labels is always escaped."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from html import escape

from ..base.text import shorten, visible
from ..operations.operation import Operation
from . import text_notation
from .text_notation import (
    ATOM,
    CALL,
    GREEK,
    IDENTIFIER,
    POWER,
    PRODUCT,
    SIGN,
    Ascii,
    Fragment,
    Text,
    is_place,
    parameter,
    parts,
)

_ACCENTS = {"hat": "^", "bar": "¯", "tilde": "~"}
_LETTERS = {letter: "\\" + name for name, letter in GREEK.items()}


class Latex(Text):
    """Writes LaTeX math, which needs only amsmath."""

    ellipsis = Fragment(r"\ldots")

    def numeral(self, text: str) -> str:
        digits, e, exponent = text.partition("e")
        if e:
            return rf"{digits} \cdot 10^{{{int(exponent)}}}"
        return text.replace("inf", r"\infty").replace("nan", r"\mathrm{nan}")

    def number(self, x: float, digits: int = 6) -> Fragment:
        n = super().number(x, digits)
        return Fragment(n.text, PRODUCT, "", n.signed, n.kind, x) if r"\cdot" in n.text else n

    def name(self, name: str) -> Fragment:
        if of := parameter(name):
            # In braces, so that a power of it can have its own exponent.
            layer = of[1] and f"^{{({of[1]})}}"
            return Fragment(f"{{{of[0]}{layer}_{{{of[2]}}}}}", kind="name")
        found = parts(name)
        if found is None:
            text = rf"\text{{{latex_text(shorten(name))}}}"
            return Fragment(text, ATOM if IDENTIFIER.fullmatch(name) or is_place(name) else 0)
        letters, index = GREEK.get(found.letters, found.letters), GREEK.get(found.index, found.index)
        base = _LETTERS.get(letters) or _word(letters, r"\mathit")
        base = rf"\{found.accent}{{{base}}}" if found.accent else base
        if index:
            index = _LETTERS.get(index) or (index if index.isascii() else _word(index, ""))
            base += f"_{index}" if len(index) == 1 else f"_{{{index}}}"
        return Fragment(base, kind="name")

    def symbol(self, x: float, name: str) -> Fragment:
        return Fragment(_LETTERS.get(name) or "\\" + name, kind="name")

    def comparison(self, a: Fragment, sign: str, b: Fragment) -> Fragment:
        return super().comparison(a, sign.replace("≠", r"\neq"), b)

    def indicator(self, test: str) -> str:
        return rf"\mathbf{{1}}[{test}]"

    def choice(self, a: Fragment, test: str, b: Fragment) -> Fragment:
        lines = rf"{a.free} & \text{{if }} {test} \\ {b.free} & \text{{otherwise}}"
        return Fragment(rf"\begin{{cases}} {lines} \end{{cases}}")

    def brackets(self, text: str) -> str:
        return rf"\left({text}\right)"

    def joined(self, row: Operation, left: str, right: str) -> str:
        return f"{left} {self.sign(row)} {right}"

    def sign(self, row: Operation) -> str:
        return row.notation.latex or latex_text(row.notation.symbol)

    def touches(self, x: Fragment) -> bool:
        return x.kind in ("name", "power")

    def product(self, a: str, b: str) -> str:
        return f"{a} {b}"

    def term(self, a: Fragment, b: Fragment) -> Fragment:
        return _juxtaposed(self, a, b) or super().term(a, b)

    def call(self, row: Operation, *args: Fragment) -> Fragment:
        return replace(super().call(row, *args), function=self.function(row))

    def first_of(self, vector: str) -> str:
        return vector + "_{1}"

    def applied(self, name: str, x: str) -> str:
        return "" if name in _LETTERS.values() else super().applied(name, x)

    def raised_function(self, x: Fragment, exponent: str) -> Fragment:
        """Write the power of a call as cos² x, because cos(x)² could be the cosine of a square."""
        parts = [whole and x.function + exponent + whole[len(x.function) :] for whole in (x.text, x.loose)]
        return Fragment(parts[0], POWER, parts[1])

    def postfix(self, row: Operation, x: Fragment) -> Fragment:
        if x.function and row.notation.precedence == POWER:
            return self.raised_function(x, self.sign(row))
        kind = text_notation.kind_of_power(x) if row.notation.precedence == POWER else ""
        return Fragment(self.operand(x, CALL) + self.sign(row), row.notation.precedence, kind=kind)

    def power(self, row: Operation, a: Fragment, b: Fragment) -> Fragment:
        exponent = b.free if len(b.free) == 1 else f"{{{b.free}}}"
        if a.function and b.value is not None and b.value > 0.0:
            return self.raised_function(a, self.sign(row) + exponent)
        text = self.operand(a, CALL) + self.sign(row) + exponent
        return Fragment(text, POWER, kind=text_notation.kind_of_power(a))

    def fraction(self, row: Operation, *args: Fragment) -> Fragment:
        a, b = args if len(args) == 2 else (self.number(1.0), *args)
        return Fragment(rf"\frac{{{a.free}}}{{{b.free}}}", POWER)

    def root(self, row: Operation, x: Fragment) -> Fragment:
        return Fragment(f"{row.notation.latex}{{{x.free}}}", CALL)

    def fence(self, row: Operation, x: Fragment) -> Fragment:
        opening = row.notation.latex
        return Fragment(f"{opening}{x.free}{opening.replace('left', 'right')}", CALL)

    def function(self, row: Operation) -> str:
        name = latex_text(row.name)
        name = name if row.name.isascii() else rf"\text{{{name}}}"
        return row.notation.latex or rf"\operatorname{{{name}}}"

    def slope(self, output: str, name: str) -> str:
        return rf"\frac{{\partial {self.name(output).text}}}{{\partial {self.name(name).text}}}"


def _juxtaposed(writer: Text, a: Fragment, b: Fragment) -> Fragment | None:
    """Write a product of two names without a sign, as usual; Text needs one, to be read again."""
    names = a.kind == b.kind == "name" and writer.touches(a) and writer.touches(b)
    return Fragment(writer.product(a.text, b.text), PRODUCT, kind="*") if names else None


def _word(letters: str, face: str) -> str:
    """Write a name's letters in math; letters beyond ASCII are set as italic text."""
    if letters.isascii():
        return letters if len(letters) == 1 else f"{face}{{{shorten(letters)}}}"
    return rf"\textit{{{latex_text(shorten(letters))}}}"


class MathML(Text):
    """Writes MathML, for web pages."""

    ellipsis = Fragment("<mo>…</mo>")

    def numeral(self, text: str) -> str:
        digits, e, exponent = text.partition("e")
        sign = "<mo>−</mo>" if digits.startswith("-") else ""
        number = f"{sign}<mn>{digits.lstrip('-').replace('inf', '∞')}</mn>"
        if not e:
            return f"<mrow>{number}</mrow>" if sign else number
        power = str(int(exponent)).replace("-", "−")
        return f"<mrow>{number}<mo>⋅</mo><msup><mn>10</mn><mn>{power}</mn></msup></mrow>"

    def number(self, x: float, digits: int = 6) -> Fragment:
        n = super().number(x, digits)
        return Fragment(n.text, PRODUCT, "", n.signed, n.kind, x) if "⋅" in n.text else n

    def name(self, name: str) -> Fragment:
        if of := parameter(name):
            layer, index = f"<mrow><mo>(</mo><mn>{of[1]}</mn><mo>)</mo></mrow>", f"<mn>{of[2]}</mn>"
            if not of[1]:
                return Fragment(f"<msub><mi>{of[0]}</mi>{index}</msub>", kind="name")
            return Fragment(f"<msubsup><mi>{of[0]}</mi>{index}{layer}</msubsup>", kind="name")
        found = parts(name)
        if found is None:
            text = f"<mtext>{escape(visible(shorten(name)))}</mtext>"
            return Fragment(text, ATOM if IDENTIFIER.fullmatch(name) or is_place(name) else 0)
        letters, index = found.letters, found.index
        base = f"<mi>{GREEK.get(letters, escape(shorten(letters)))}</mi>"
        if found.accent:
            base = f'<mover accent="true">{base}<mo>{_ACCENTS[found.accent]}</mo></mover>'
        if index:
            tag = "mn" if index.isdigit() else "mi"
            base = f"<msub>{base}<{tag}>{GREEK.get(index, index)}</{tag}></msub>"
        return Fragment(base, kind="name")

    def symbol(self, x: float, name: str) -> Fragment:
        function, _, number = name.rpartition(" ")
        if not function:
            return Fragment(f"<mi>{name}</mi>", kind="name")
        parts = f"<mi>{function}</mi><mo>&#x2061;</mo><mn>{number}</mn>"
        return Fragment(f"<mrow>{parts}</mrow>", kind="name")

    def comparison(self, a: Fragment, sign: str, b: Fragment) -> Fragment:
        test = (
            f"{self.operand(a, text_notation.SUM)}<mo>{escape(sign)}</mo>{self.operand(b, text_notation.SUM)}"
        )
        return Fragment(f"<mrow><mo>[</mo>{test}<mo>]</mo></mrow>", test=test)

    def choice(self, a: Fragment, test: str, b: Fragment) -> Fragment:
        rows = ((a.free, f"<mtext>if&#xa0;</mtext>{test}"), (b.free, "<mtext>otherwise</mtext>"))
        lines = "".join([f"<mtr><mtd>{x}</mtd><mtd>{when}</mtd></mtr>" for x, when in rows])
        return Fragment(f"<mrow><mo>{{</mo><mtable>{lines}</mtable></mrow>")

    def brackets(self, text: str) -> str:
        return f"<mrow><mo>(</mo>{text}<mo>)</mo></mrow>"

    def joined(self, row: Operation, left: str, right: str) -> str:
        sign = {"*": "⋅"}.get(row.notation.symbol) or self.sign(row)
        return f"<mrow>{left}<mo>{escape(sign)}</mo>{right}</mrow>"

    def touches(self, x: Fragment) -> bool:
        return x.kind in ("name", "power")

    def product(self, a: str, b: str) -> str:
        return f"<mrow>{a}<mo>&#x2062;</mo>{b}</mrow>"

    def term(self, a: Fragment, b: Fragment) -> Fragment:
        return _juxtaposed(self, a, b) or super().term(a, b)

    def prefix(self, row: Operation, x: Fragment) -> Fragment:
        inner = self.operand(x, PRODUCT, False)
        sign = f"<mo>{escape(self.sign(row))}</mo>"
        free = x.free if inner == x.text else inner
        return Fragment(f"<mrow>{sign}{inner}</mrow>", SIGN, f"<mrow>{sign}{free}</mrow>", True)

    def postfix(self, row: Operation, x: Fragment) -> Fragment:
        symbol = row.notation.symbol
        if symbol.startswith("**"):
            return self.raised(x, self.number(float(symbol[2:])), "")
        text = f"<mrow>{self.operand(x, CALL)}<mo>{escape(symbol)}</mo></mrow>"
        return Fragment(text, row.notation.precedence)

    def power(self, row: Operation, a: Fragment, b: Fragment) -> Fragment:
        return self.raised(a, b, "")

    def raised(self, base: Fragment, exponent: Fragment, sign: str) -> Fragment:
        text = f"<msup>{self.operand(base, CALL)}{exponent.free}</msup>"
        return Fragment(text, POWER, kind=text_notation.kind_of_power(base))

    def fraction(self, row: Operation, *args: Fragment) -> Fragment:
        a, b = args if len(args) == 2 else (self.number(1.0), *args)
        return Fragment(f"<mfrac>{a.free}{b.free}</mfrac>", POWER)

    def root(self, row: Operation, x: Fragment) -> Fragment:
        degree = row.notation.symbol
        text = f"<mroot>{x.free}<mn>{escape(degree)}</mn></mroot>" if degree else f"<msqrt>{x.free}</msqrt>"
        return Fragment(text, CALL)

    def fence(self, row: Operation, x: Fragment) -> Fragment:
        sign = f"<mo>{escape(row.notation.symbol)}</mo>"
        return Fragment(f"<mrow>{sign}{x.free}{sign}</mrow>", CALL)

    def call(self, row: Operation, *args: Fragment) -> Fragment:
        name = f"<mi>{escape(GREEK.get(row.notation.latex.lstrip(chr(92)), self.function(row)))}</mi>"
        inner = "<mo>,</mo>".join(self.listed(row, args))
        lone = len(args) == 1 and args[0].kind == "name"
        letter = name[4:-5] in GREEK.values()
        loose = f"<mrow>{name}<mo>&#x2061;</mo>{args[0].text}</mrow>" if lone and not letter else ""
        whole = f"<mrow>{name}<mo>&#x2061;</mo>{self.brackets(inner)}</mrow>"
        return Fragment(f"<msub>{whole}<mn>1</mn></msub>" if row.vector else whole, CALL, loose)

    def bracketed(self, texts: Sequence[str]) -> str:
        return f"<mrow><mo>[</mo>{'<mo>,</mo>'.join(texts)}<mo>]</mo></mrow>"

    def whole(self, fragment: Fragment) -> str:
        return f"<math>{fragment.free}</math>"

    def slope(self, output: str, name: str) -> str:
        over, under = [f"<mrow><mo>∂</mo>{self.name(n).text}</mrow>" for n in (output, name)]
        return f"<mfrac>{over}{under}</mfrac>"


WRITERS: dict[str, Text] = {"text": Text(), "ascii": Ascii(), "latex": Latex(), "mathml": MathML()}

_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_",
    "%": r"\%", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", '"': "''", "`": r"\textasciigrave{}", "…": r"\ldots{}",
} | {letter: f"${command}$" for letter, command in _LETTERS.items()}  # fmt: skip
_BEYOND_LATEX = frozenset("ÐÞðþĄąĐđĘęĦħĮįĸĿŀŉŊŋŦŧŲųſ")
"""The letters up to U+017F that LaTeX's own fonts lack; the others are accented letters, or æ, ø, ß."""


def latex_text(text: str) -> str:
    r"""Escape text for LaTeX's text mode, and spell out the characters that LaTeX lacks.

    >>> latex_text("50 % of {é}\n")
    '50 \\% of \\{é\\}[U+000A]'
    """
    composed = unicodedata.normalize("NFC", text)
    return "".join([_LATEX.get(c) or (c if _is_latex(c) else _spelled_out(c)) for c in composed])


def _is_latex(c: str) -> bool:
    return " " <= c <= "~" or ("\xc0" <= c <= "\u017f" and c not in "×÷" and c not in _BEYOND_LATEX)


def _spelled_out(character: str) -> str:
    return f"[U+{ord(character):04X}]"
