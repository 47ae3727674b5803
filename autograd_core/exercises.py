"""Exercises that say whether an answer is right without storing it in plain text.

python -m autograd_core.exercises 06.1 0.001 0.1        the key of the answer 0.1, on a grid of 0.001
python -m autograd_core.exercises 04.1 whole 4          the key of the whole number 4
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from math import inf, isclose, isfinite
from typing import Any

from .base.reals import elements, real, shown
from .errors import DataError, DataValueError

__all__ = ["Exercise", "key"]


class Exercise:
    """A question. `right` is the key of the answer, or a function that says whether an answer is right.

    A key holds a salted digest of each number or text of the answer, so that nobody reads it by accident,
    although trying all numbers would find it. A number is right if, rounded to a multiple of `grid`, it is
    the right one or its neighbor, which allows for rounding; without a grid it must be the exact whole
    number. With `at`, the answer is a function, and its values at these points are compared. `mistakes` maps
    the keys of wrong answers to the comment on each.

    >>> exercise = Exercise(
    ...     key("a salt", [9.0991], 0.001),
    ...     grid=0.001,
    ...     mistakes={key("a salt", [-9.0991], 0.001): "the sign is wrong"},
    ... )
    >>> exercise(...)
    not yet: put your answer in place of the three dots
    >>> exercise(9.1)
    right
    >>> exercise(11.634)
    not yet: 11.634 is not it
    >>> exercise(-9.099)
    not yet: the sign is wrong
    """

    def __init__(
        self,
        right: str | Callable[[Any], Any],
        *,
        grid: float | None = None,
        at: Sequence[Any] = (),
        mistakes: Mapping[str, str] | None = None,
    ) -> None:
        self.right = right
        self.grid = grid
        self.at = at
        self.mistakes = dict(mistakes or {})

    def __call__(self, answer: Any) -> None:
        """Print whether an answer is right. An answer that cannot be judged does not raise."""
        print(self._verdict(answer))

    def _verdict(self, answer: Any) -> str:
        if answer is ...:
            return "not yet: put your answer in place of the three dots"
        try:
            if self.right(answer) if callable(self.right) else self._fits(answer, self.right):
                return "right"
            known = [said for wrong, said in self.mistakes.items() if self._fits(answer, wrong)]
        except Exception as fault:  # An unfinished answer must not stop the notebook.
            return f"not yet: {type(fault).__name__}: {fault}"
        shown = getattr(answer, "__name__", None) or repr(answer)
        return f"not yet: {known[0] if known else f'{shown} is not it'}"

    def _fits(self, answer: Any, right: str) -> bool:
        given = [answer(x) for x in self.at] if self.at else answer
        is_list = hasattr(given, "__len__") and not isinstance(given, str)
        parts = list(given) if is_list else [given]
        salt, _, digests = right.partition(":")
        wanted = digests.split(",")
        return len(parts) == len(wanted) and all(
            any(_digest(salt, i, place) == wanted[i] for place in _places(part, self.grid))
            for i, part in enumerate(parts)
        )


def _places(part: Any, grid: float | None) -> Sequence[int | str]:
    """Return the grid positions that count as a number: its own and its neighbors'."""
    if isinstance(part, str):
        return [part.strip()]
    x = float(part)
    if grid is None:
        return [round(x)] if isclose(x, round(x), rel_tol=1e-9) else []
    place = round(x / grid)
    return [place - 1, place, place + 1]


def _place(x: float) -> int:
    if not isfinite(x):
        raise DataError(f"key: not a finite number: {x!r} in the answer; expected numbers or texts.")
    return round(x)


def _digest(salt: str, i: int, place: int | str) -> str:
    return sha256(f"{salt}/{i}/{place}".encode()).hexdigest()[:12]


def key(salt: str, answer: Sequence[float | str], grid: float | None = None) -> str:
    """Return the key of an answer, a list of numbers or texts.

    Raises `DataError` for a salt that is not text or has a colon, for an answer that is not a list, and for
    parts that are neither text nor finite numbers; `DataValueError` for a grid that is not positive.

    >>> key("a salt", [4]) == key("a salt", [4.2], 1.0) == key("a salt", ["4"])
    True
    """
    if not isinstance(salt, str) or ":" in salt:
        raise DataError(f"key: not a salt: salt = {shown(salt)}; expected text without a colon.")
    size = 1.0 if grid is None else real(grid, "key: grid")
    if not 0.0 < size < inf:
        raise DataValueError(f"key: not a grid: grid = {shown(grid)}; expected a positive number.")
    parts = elements(answer, "key", "answer", "a list of numbers or texts")
    places = [x if isinstance(x, str) else _place(real(x, "key: answer") / size) for x in parts]
    return f"{salt}:{','.join([_digest(salt, i, place) for i, place in enumerate(places)])}"


def main(salt: str, spacing: str, *answer: str) -> None:
    """Print the key of an answer."""
    print(key(salt, [float(x) for x in answer], None if spacing == "whole" else float(spacing)))


if __name__ == "__main__":
    main(*sys.argv[1:])
