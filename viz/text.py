"""Text and numbers made fit to be shown in a picture."""

import re

# Controls, separators, invisible and direction-changing characters, halves of surrogate pairs and
# noncharacters: none of them shows itself, and XML forbids most. The joiners U+200C and U+200D stay, for
# scripts and emoji need them.
_UNSHOWABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


def visible(text: str) -> str:
    r"""Return the text with every character that would not show replaced by a mark that does.

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
    """Return the text, cut to `limit` characters with an ellipsis if it is longer.

    >>> shorten("hidden layer", 8)
    'hidden …'
    """
    return text if len(text) <= limit else text[: limit - 1] + "…"


def number(x: float) -> str:
    """Return the number in six significant digits, as a picture shows it.

    >>> [number(x) for x in (0.1 + 0.2, 2.0, -0.0, 1e300, float("nan"))]
    ['0.3', '2', '-0', '1e+300', 'nan']
    """
    return f"{x:.6g}"
