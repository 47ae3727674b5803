"""Turn labels into identifiers that are safe in every target language."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping

from ...kernel.operation import TABLE
from .library import library

# Words that a program may not use for its variables: the keywords of C, JavaScript and Python, and what the
# generated programs themselves call.
_WORDS = """
auto break case char const continue default do double else enum extern float for goto if inline int long
register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
asm main bool true false NULL INFINITY NAN double_t float_t errno signgam
abstract arguments await boolean byte catch class debugger delete eval export extends final finally function
implements import in instanceof interface let native new null package private protected public super
synchronized this throw throws transient try typeof undefined var with yield of get set async
math Math np jnp jax torch inf nan Infinity NaN y0 y1 yn j0 j1 jn gamma lgamma tgamma fabs fmin fmax fmod
value value_and_grad gradient careful again float type tuple list len range object print ValueError
ArithmeticError TypeError P G V args self out n xs ys lib numbers
"""
RESERVED = {
    *keyword.kwlist, *keyword.softkwlist, *_WORDS.split(), *TABLE, *library("javascript"),
    *dir(__import__("math")),
}  # fmt: skip


def identifiers(places: Iterable[int], labels: Mapping[int, str], prefix: str = "v") -> dict[int, str]:
    """A different identifier for each node: its label where that is one, else the prefix and a number.

    >>> identifiers([0, 1, 2, 3], {0: "x", 1: "x", 2: "lambda", 3: "u 1"})
    {0: 'x', 1: 'x_2', 2: 'lambda_', 3: 'u_1'}
    """
    names: dict[int, str] = {}
    taken: set[str] = set()
    for place in places:
        name = _cleaned(labels.get(place, "")) or f"{prefix}{place}"
        candidate, count = name, 1
        while candidate in taken or candidate in RESERVED:
            count += 1
            candidate = f"{name}_" if candidate == name and name in RESERVED else f"{name}_{count}"
        taken.add(candidate)
        names[place] = candidate
    return names


def _cleaned(label: str) -> str:
    # Only ASCII: C compilers and minifiers disagree about the rest. A leading underscore is the system's.
    name = re.sub(r"[^A-Za-z0-9]+", "_", label[:40]).strip("_")
    return f"v_{name}" if name[:1].isdigit() else name


def comment(text: str) -> str:
    """Any text as one harmless line of comment."""
    return ascii(text)[1:-1].replace("*/", "* /").replace("/*", "/ *").replace("\\", "")
