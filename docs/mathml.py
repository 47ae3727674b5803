"""Write the formulas of the pages as MathML, which browsers show without external scripts."""

import re
from html import escape

from docutils.nodes import SkipNode

SIGNS = {
    r"\partial": "<mo>∂</mo>", r"\cdot": "<mo>⋅</mo>", r"\sum": "<mo>∑</mo>", r"\in": "<mo>∈</mo>",
    r"\to": "<mo>→</mo>", r"\times": "<mo>×</mo>", "-": "<mo>−</mo>",
    r"\ ": '<mspace width="0.3em"></mspace>',
}  # fmt: skip
TOKEN = re.compile(r"\\text\{[^}]*\}|\\[A-Za-z]+|\\ |\d+(?:\.\d+)?|\S")


class Reader:
    """Reads the LaTeX of one formula. Raises `ValueError` for an unknown command."""

    def __init__(self, latex):
        self.tokens, self.at = TOKEN.findall(latex), 0

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def row(self, end=""):
        """Read to the end, or to a closing brace."""
        parts = []
        while self.peek() != end:
            parts.append(self.scripted())
        if end:
            self.take()
        return f"<mrow>{''.join(parts)}</mrow>"

    def scripted(self):
        """Read one item with its subscript and superscript."""
        big = self.peek() == r"\sum"
        base, under, over = self.thing(), "", ""
        while self.peek() in ("_", "^") and self.peek():
            if self.take() == "_":
                under = self.thing()
            else:
                over = self.thing()
        kind = {(True, False): "under", (False, True): "over", (True, True): "underover"}
        if not (under or over):
            return base
        name = kind[bool(under), bool(over)]
        tag = f"m{name}" if big else {"under": "msub", "over": "msup", "underover": "msubsup"}[name]
        return f"<{tag}>{base}{under}{over}</{tag}>"

    def thing(self):
        token = self.take()
        if token == "{":
            return self.row("}")
        if token == r"\frac":
            return f"<mfrac>{self.thing()}{self.thing()}</mfrac>"
        if token == r"\bar":
            return f'<mover accent="true">{self.thing()}<mo>‾</mo></mover>'
        if token.startswith(r"\text{"):
            return f"<mtext>{escape(token[6:-1])}</mtext>"
        if token in SIGNS:
            return SIGNS[token]
        if token.startswith("\\"):
            raise ValueError(f"no MathML for {token}; add it to docs/mathml.py.")
        if token[0].isdigit():
            return f"<mn>{token}</mn>"
        return f"<mi>{token}</mi>" if token.isalpha() else f"<mo>{escape(token)}</mo>"


def mathml(latex, block=False):
    """Return the formula as MathML.

    >>> mathml("2^n - 1")
    '<math><mrow><msup><mn>2</mn><mi>n</mi></msup><mo>−</mo><mn>1</mn></mrow></math>'
    """
    display = ' display="block"' if block else ""
    return f"<math{display}>{Reader(latex).row()}</math>"


def _inline(translator, node):
    translator.body.append(mathml(node.astext()))
    raise SkipNode


def _block(translator, node):
    translator.body.append(f'<div class="math">{mathml(node.astext(), block=True)}</div>')
    raise SkipNode


def setup(app):
    """Register with Sphinx."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True}
