"""Load the helper functions of generated C and JavaScript: operations that those languages lack.

They are written in their own languages, in `library.c` and `library.js` beside this file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import cache
from importlib import resources

from ...base import floats

CONSTANTS = {
    **{name: x for name, x in vars(floats).items() if name.isupper() and isinstance(x, float)},
    "ROOT_PI": math.sqrt(math.pi),
    "ROOT_2PI": math.sqrt(2.0 * math.pi),
}
"""The numbers that the helpers share with `floats`, by their names there."""

_ENDINGS = {"c": "c", "javascript": "js"}
_BEGINS = re.compile(r"^(?:const|function|static (?:double|int|void)) (\w+)", re.MULTILINE)
_COMMENTS = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


@cache
def library(language: str) -> dict[str, str]:
    """Each constant and function of a language's library by its name, in an order in which it may stand."""
    name = f"library.{_ENDINGS[language]}"
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    define = "#define {} ({!r})" if language == "c" else "const {} = {!r};"
    pieces = {constant: define.format(constant, x) for constant, x in CONSTANTS.items()}
    for paragraph in re.split(r"\n\n+|(?<=;)\n(?=const )", text.strip()):
        begin = _BEGINS.search(paragraph)
        if begin is not None:
            pieces[begin[1]] = paragraph
    return pieces


def helpers(language: str, lines: Iterable[str]) -> str:
    """The pieces of a library that those lines need, in order."""
    pieces = library(language)
    wanted: set[str] = set()
    texts = list(lines)
    while texts:
        code = _COMMENTS.sub("", texts.pop())
        called = set(re.findall(r"(?<![.\w])\w+\b", code)) & set(pieces)
        texts += [pieces[name] for name in called - wanted]
        wanted |= called
    return "".join(f"{piece}\n" for name, piece in pieces.items() if name in wanted)
