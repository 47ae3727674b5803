"""One color for each of values, gradients and local derivatives, in all drawings."""

from __future__ import annotations

COLORS = {
    "value": ("#0b6b45", "#6fd6a3"),
    "value-soft": ("#dff3e7", "#153a2a"),
    "grad": ("#b02a1c", "#ff9c8c"),
    "grad-soft": ("#fce5e0", "#46211c"),
    "local": ("#6a35b8", "#c9a6ff"),
    "local-soft": ("#efe6fb", "#33244d"),
    "accent": ("#2f51c9", "#96a4ff"),
    "accent-soft": ("#e6e9fb", "#2a3054"),
}
"""Colors on paper and in a dark theme; signs are shown by a glyph or dashes, never by color."""

NEUTRAL = {
    "paper": ("#f4f3ef", "#14161c"),
    "card": ("#fffefb", "#1d2029"),
    "ink": ("#1f2430", "#e8e9ee"),
    "soft": ("#575d6c", "#a8aebd"),
    "faint": ("#8d93a1", "#7d8496"),
    "rule": ("#dedbd2", "#343945"),
    "badge": ("#7a4f00", "#f3c969"),
    "badge-soft": ("#fdf0cf", "#43351a"),
}
"""The neutral colors of pages."""

BY_NAME = COLORS | NEUTRAL

VALUE, GRADIENT, LOCAL, ACCENT = (COLORS[name][0] for name in ("value", "grad", "local", "accent"))


def css() -> str:
    """Return the colors as properties of a style sheet.

    >>> css().splitlines()[1].strip()
    '--value: light-dark(#0b6b45, #6fd6a3);'
    """
    lines = [f"  --{name}: light-dark({light}, {dark});" for name, (light, dark) in BY_NAME.items()]
    return "\n".join([":root {", *lines, "}", ""])
