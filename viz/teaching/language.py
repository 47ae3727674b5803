"""Languages for sentences and formulas of problems."""

from __future__ import annotations

import re
from functools import cache

from autograd_core.languages import Catalog, known_code

from .text_parts import Inline, Math, Say, Several


class Language(Catalog):
    """A language: its translations, and its decimal sign."""

    def template(self, say: Say) -> str:
        """Return the translated template of a sentence."""
        if isinstance(say, Several):
            return self.template_for(say.template, say.many, say.n)
        return self.translation(say.template)

    def formula(self, math: Math, notation: str) -> str:
        """Return a formula in a notation, with this language's decimal sign.

        >>> Language("de").formula(Math("max(0.5, x)", "", ""), "text")
        'max(0,5; x)'
        """
        form: str = getattr(math, notation)
        return self.decimal(form, notation)

    def drawing(self, svg: str) -> str:
        """Return a drawing whose texts have this language's decimal sign.

        >>> Language("de").drawing("<text x='0.5'>max(0.5, x)</text>")
        "<text x='0.5'>max(0,5; x)</text>"
        """
        return re.sub(r"(?<=>)[^<>]+", lambda text: self.decimal(text[0]), svg)

    def text(self, inline: Inline) -> str:
        """Return a sentence or a formula as plain text.

        >>> Language("en").text(Say("Problem {n}", n="3"))
        'Problem 3'
        """
        if isinstance(inline, Math):
            return self.formula(inline, "text")
        if isinstance(inline, str):
            return inline
        return "".join([self.text(part) for part in inline.parts(self.template(inline))])


@cache
def language(code: str) -> Language:
    """Return a language by its code. Raises `DataValueError`."""
    return Language(known_code(code))
