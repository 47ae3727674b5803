"""Estimate the width of text, so that it fits in its box whatever font a viewer has."""

from __future__ import annotations

from autograd_core.base import width

# The widths of characters in DejaVu Sans, the widest common fallback, relative to the font size.
_GROUPS = {
    0.32: " ,.:;|!iljI'·",
    0.41: "()[]{}ftr-⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁽⁾₀₁₂₃₄₅₆₇₈₉/",
    0.64: "acdeghknopqsuvxyzbL0123456789_?$–",
    0.7: "ABCDEFGHJKNPRSTUVXYZ",
    0.85: "=+−×→<>~OQ±≠≤≥∂",
    1.0: "mwMW…@%",
}
_WIDTHS = {character: size for size, characters in _GROUPS.items() for character in characters}


def text_width(text: str, points: float, bold: bool = False) -> float:
    """Return the width of a line of text in points, in the widest common fallback font.

    >>> text_width("x₁", 10.0)
    10.5
    """
    known = sum([_WIDTHS.get(c, 0.75 * width(c)) for c in text])
    return round(known * points * (1.12 if bold else 1.0), 1)
