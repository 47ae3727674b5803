"""Prepare text for display: escape invisible characters, bound the length, align columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from math import isfinite

# Controls, separators, format characters (Unicode's categories Cc, Cf, Zl, Zp), fillers and tags, halves of
# surrogate pairs and noncharacters: none of them is visible, and XML forbids some. The joiners U+200C and
# U+200D and emoji's two variation selectors stay, because scripts and emoji need them.
_UNSHOWABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0d\ufeff\uffa0"
    "\ufff0-\ufffb\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
    + "]"
)


def visible(text: str) -> str:
    r"""Replace every invisible character of the text by a visible mark.

    >>> visible("a\nb\x00c")
    'a␊b␀c'
    >>> visible("left\u202eright")
    'left⟨U+202E⟩right'
    """
    return _UNSHOWABLE.sub(_mark, text)


def _mark(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"


def shorten(text: str, limit: int = 40) -> str:
    """Cut the text to `limit` characters, with an ellipsis if it is longer.

    >>> shorten("hidden layer", 8)
    'hidden …'
    """
    return text if len(text) <= limit else text[: limit - 1] + "…"


def counted(count: int | str, word: str) -> str:
    """Write a count with its noun: `1 node`, `2 nodes`.

    >>> counted(1, "node"), counted(2, "node")
    ('1 node', '2 nodes')
    """
    return f"{count} {word}" if count in (1, "1") else f"{count} {word}s"


def for_json(x: float) -> float | str:
    """Prepare a number for JSON, which has neither nan nor infinities: these become text."""
    return x if isfinite(x) else str(x)


def width(text: str) -> int:
    """Return how many columns of a terminal the text takes.

    >>> width("u₁"), width("损失")
    (2, 4)
    """
    return sum(map(_columns, text))


def columns(rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """Align cells in columns, the first `left` columns flush left, the others flush right.

    >>> print(*columns([["损失", "1"], ["u₁", "12.5"]]), sep="\\n")
    损失     1
    u₁    12.5
    """
    widest = [max(map(width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        spaces = [" " * (w - width(cell)) for w, cell in zip(widest, row, strict=True)]
        padded = [c + s if i < left else s + c for i, (c, s) in enumerate(zip(row, spaces, strict=True))]
        lines.append("  ".join(padded).rstrip())
    return lines


@lru_cache(maxsize=1024)
def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def short(x: float, digits: int = 6) -> str:
    """Write the number with at most `digits` significant digits; whole numbers in full up to 10¹⁵.

    A number that is not whole has a decimal point or an exponent.

    >>> [short(x) for x in (2.0, 0.1 + 0.2, -0.0, 1234567.0, 1e300, float("nan"))]
    ['2', '0.3', '-0', '1234567', '1e+300', 'nan']
    >>> [short(x) for x in (123456.7, 2.0000001)]
    ['123456.7', '2.00000']
    """
    if x == x and abs(x) < 1e15 and x == int(x):
        return f"{x:.0f}"
    text = f"{x:.{digits}g}"
    return _rounded(x, digits) if text.lstrip("-").isdigit() else text


def literal(x: float, digits: int = 6) -> str:
    """Write a constant of a formula: as `short`, but with fewer than `digits` digits only if these are all.

    >>> [literal(x) for x in (0.1, 1 / 3, 0.1 + 0.2, 1.0507009873554805)]
    ['0.1', '0.333333', '0.300000', '1.05070']
    """
    text = short(x, digits)
    return text if not isfinite(x) or float(text) == x else _rounded(x, digits)


def _rounded(x: float, digits: int) -> str:
    """Write a number with zeros at the end, and a decimal point or an exponent."""
    text = f"{x:#.{digits}g}".replace(".e", "e")
    return f"{x:.1f}" if text.endswith(".") else text


def fixed(x: float, precision: int = 4) -> str:
    """Write the number with `precision` decimals, or with an exponent where these would not show it.

    >>> [fixed(x) for x in (-0.7568024953, 12.0, 1.5e-7, 1e300, float("inf"))]
    ['-0.7568', '12.0000', '1.5000e-07', '1.0000e+300', 'inf']
    """
    if x == 0.0 or 10.0 ** -min(max(precision - 1, 0), 2) <= abs(x) < 1e7:
        return f"{x:.{precision}f}"
    return f"{x:.{precision}e}"


class Table(str):
    """Text of several lines, which an interactive prompt shows unchanged."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)
