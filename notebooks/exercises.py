"""The exercises at the end of each notebook, which say whether an answer is right.

    python notebooks/exercises.py 06.1 0.001 0.1        the key of the answer 0.1, on a grid of 0.001
    python notebooks/exercises.py 04.1 whole 4          the key of the whole number 4
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from hashlib import sha256
from math import isclose
from typing import Any


class Exercise:
    """A question. `right` is the key of the answer, or a function that says whether an answer is right.

    A key holds a salted digest of each number of the answer, so that nobody reads it by accident. A number
    is right if, rounded to a multiple of `grid`, it is the right one or a neighbor of it, which allows for
    rounding; without a grid it must be the exact whole number. With `at`, the answer is a
    function, whose values at these points are compared.

    >>> exercise = Exercise(key("a salt", [9.0991], 0.001), grid=0.001)
    >>> exercise(...)
    not yet: put your answer in place of the three dots
    >>> exercise(9.1)
    right
    >>> exercise(11.634)
    not yet: 11.634 is not it
    """

    def __init__(
        self, right: str | Callable[[Any], Any], *, grid: float | None = None, at: Sequence[Any] = ()
    ) -> None:
        self.right = right
        self.grid = grid
        self.at = at

    def __call__(self, answer: Any) -> None:
        if answer is ...:
            print("not yet: put your answer in place of the three dots")
            return
        try:
            right = bool(self.right(answer) if callable(self.right) else self._fits(answer, self.right))
        except Exception as fault:  # An unfinished answer must not stop the notebook.
            print(f"not yet: {type(fault).__name__}: {fault}")
            return
        shown = getattr(answer, "__name__", None) or repr(answer)
        print("right" if right else f"not yet: {shown} is not it")

    def _fits(self, answer: Any, right: str) -> bool:
        numbers = [answer(x) for x in self.at] if self.at else answer
        numbers = list(numbers) if hasattr(numbers, "__len__") else [numbers]
        salt, _, digests = right.partition(":")
        wanted = digests.split(",")
        return len(numbers) == len(wanted) and all(
            any(digest(salt, i, place) == wanted[i] for place in places(float(x), self.grid))
            for i, x in enumerate(numbers)
        )


def places(x: float, grid: float | None) -> list[int]:
    """Return the grid positions that count as x: its own, and its neighbors."""
    if grid is None:
        return [round(x)] if isclose(x, round(x), rel_tol=1e-9) else []
    place = round(x / grid)
    return [place - 1, place, place + 1]


def digest(salt: str, i: int, place: int) -> str:
    """Return the part of a key for number `i` of an answer at a grid position."""
    return sha256(f"{salt}/{i}/{place}".encode()).hexdigest()[:12]


def key(salt: str, numbers: Sequence[float], grid: float | None = None) -> str:
    """Return the key of an answer."""
    found = [round(x) if grid is None else round(x / grid) for x in numbers]
    return f"{salt}:{','.join([digest(salt, i, place) for i, place in enumerate(found)])}"


if __name__ == "__main__":
    salt, spacing, *answer = sys.argv[1:]
    print(key(salt, [float(x) for x in answer], None if spacing == "whole" else float(spacing)))
