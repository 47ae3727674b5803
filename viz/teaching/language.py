"""Languages: translations from gettext catalogs, and how numbers are written."""

from __future__ import annotations

import gettext
import os
import re
from functools import cache
from importlib import resources

from autograd_core.base import shorten
from autograd_core.errors import DataValueError

from .phrases import Inline, Math, Say, Several

LANGUAGES = {
    "en": "English",
    "de": "Deutsch",
    "fr": "français",
    "es": "español",
    "pt": "português",
    "zh": "中文",
    "ja": "日本語",
}
WITH_COMMA = ("de", "fr", "es", "pt")
"""The languages that write 0,5."""

_DECIMAL_POINT = {
    "text": (r"(?<=\d)\.(?=\d)", ","),
    "latex": (r"(?<=\d)\.(?=\d)", "{,}"),
    "mathml": (r"(?<=\d)\.(?=\d)", ","),
}
_BETWEEN_ARGUMENTS = {"text": (", ", "; "), "latex": (", ", "; "), "mathml": ("<mo>,</mo>", "<mo>;</mo>")}


class Language:
    """A language: its translations, and its decimal sign."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.has_comma = code in WITH_COMMA
        self._catalog: gettext.NullTranslations = gettext.NullTranslations()
        if code != "en":
            with resources.files(__package__).joinpath("languages", f"{code}.mo").open("rb") as file:
                self._catalog = gettext.GNUTranslations(file)

    def template(self, say: Say) -> str:
        """Return the translated template of a sentence."""
        if isinstance(say, Several):
            return self._catalog.ngettext(say.template, say.many, say.n)
        return self._catalog.gettext(say.template)

    def formula(self, math: Math, notation: str) -> str:
        """Return a formula in a notation, with this language's decimal sign.

        >>> Language("de").formula(Math("max(0.5, x)", "", ""), "text")
        'max(0,5; x)'
        """
        form: str = getattr(math, notation)
        if not self.has_comma:
            return form
        form = form.replace(*_BETWEEN_ARGUMENTS[notation])
        if notation == "latex":
            form = form.replace(r",\; ", r";\; ")
        return re.sub(*_DECIMAL_POINT[notation], form)

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
    if not isinstance(code, str) or code not in LANGUAGES:
        known = ", ".join([repr(known) for known in LANGUAGES])
        raise DataValueError(
            f"language: not a known language: lang = {shorten(repr(code))}; expected one of {known}."
        )
    return Language(code)


def of_the_shell() -> str:
    """Return the code of the language that the shell's variables ask for, or "en"."""
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        for wanted in os.environ.get(variable, "").split(":"):
            if wanted[:2] in LANGUAGES:
                return wanted[:2]
    return "en"
