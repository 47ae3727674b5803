"""The translations of a language, from a gettext catalog, and its way of writing numbers."""

from __future__ import annotations

import gettext
import re
from functools import cache
from importlib import resources

from ..base.text import shorten
from ..errors import DataValueError

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

# The digits before the point of a decimal, but not those of a name such as layer1.0 or 2.1.w.
_DECIMAL_POINT = r"(?<![\w.])(\d+)\.(?=\d+(?!\d|\.\w))"
_COMMA = {"text": r"\1,", "latex": r"\1{,}", "mathml": r"\1,"}
# Between arguments, but not within the brackets of a name such as w[1, 2].
_BETWEEN_ARGUMENTS = {
    "text": (r", (?![^\[]*\])", "; "),
    "latex": (r",(\\;)? (?![^\[]*\])", r";\1 "),
    "mathml": (r"<mo>,</mo>", "<mo>;</mo>"),
}


class Catalog:
    """The translations of one language, and its decimal sign. English texts are their own keys."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.has_comma = code in WITH_COMMA
        self._translations: gettext.NullTranslations = gettext.NullTranslations()
        if code != "en":
            with resources.files(__package__).joinpath(f"{code}.mo").open("rb") as file:
                self._translations = gettext.GNUTranslations(file)

    @property
    def plural(self) -> str:
        """The rule for plurals: which form `n` takes, as an expression of C and JavaScript."""
        rule = self._translations.info().get("plural-forms", "plural=n != 1;")
        return rule.partition("plural=")[2].rstrip("; ")

    def translation(self, text: str) -> str:
        """Return the translation of a text, which may have fields such as {n}."""
        return self._translations.gettext(text)

    def template_for(self, one: str, many: str, n: int) -> str:
        """Return the translation of a text that depends on `n`, without filling in its fields."""
        return self._translations.ngettext(one, many, n)

    def forms(self, one: str, many: str) -> list[str]:
        """Return the forms of a text that depends on a number, in the order of `plural`."""
        rule = gettext.c2py(self.plural)
        found = {rule(n): self.template_for(one, many, n) for n in (1_000_000, 0, 1, 2, 5, 11)}
        return [found[k] for k in sorted(found)]

    def say(self, text: str, **fields: object) -> str:
        """Return the translation with its fields filled in.

        >>> Catalog("en").say("{n} more", n=3)
        '3 more'
        """
        return filled_in(self.translation(text), fields)

    def count(self, one: str, many: str, n: int, **fields: object) -> str:
        """Return the translation of a text that depends on `n`, with its fields filled in.

        >>> Catalog("en").count("{n} step", "{n} steps", 1)
        '1 step'
        """
        return filled_in(self.template_for(one, many, n), {"n": n, **fields})

    def nth(self, n: int) -> str:
        """Return an ordinal number, the second and third in words.

        >>> [Catalog("en").nth(n) for n in (2, 4, 21)]
        ['second', '4th', '21st']
        """
        if n in (2, 3):
            return self.say("second") if n == 2 else self.say("third")
        place = 0 if 10 < n % 100 < 14 else n % 10
        if place in (1, 2, 3):
            return {1: self.say("{n}st", n=n), 2: self.say("{n}nd", n=n), 3: self.say("{n}rd", n=n)}[place]
        return self.say("{n}th", n=n)

    def decimal(self, formula: str, notation: str = "text") -> str:
        """Return a formula or number with this language's decimal sign, as text, in LaTeX or in MathML.

        >>> Catalog("de").decimal("max(0.5, x)")
        'max(0,5; x)'
        """
        if not self.has_comma:
            return formula
        formula = re.sub(*_BETWEEN_ARGUMENTS[notation], formula)
        return re.sub(_DECIMAL_POINT, _COMMA[notation], formula)

    def listed(self, *parts: str) -> str:
        """Join parts with commas, or with semicolons where numbers have commas.

        >>> Catalog("de").listed("x = 0,5", "y = 2")
        'x = 0,5; y = 2'
        """
        return ("; " if self.has_comma else ", ").join(parts)


def filled_in(template: str, fields: dict[str, object]) -> str:
    """Fill in the fields of a text; other braces stay."""
    return re.sub(r"\{(\w+)\}", lambda match: str(fields.get(match[1], match[0])), template)


def catalog_of(code: str) -> Catalog:
    """Return the catalog of a language by its code. Raises `DataValueError`."""
    return _loaded(known_code(code))


_loaded = cache(Catalog)


def known_code(code: str) -> str:
    """Return the code if it is a known language's. Raises `DataValueError`."""
    if not isinstance(code, str) or code not in LANGUAGES:
        codes = ", ".join([repr(each) for each in LANGUAGES])
        raise DataValueError(
            f"language: not a known language: lang = {shorten(repr(code))}; expected one of {codes}."
        )
    return code
