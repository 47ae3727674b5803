"""The exercises at the end of each notebook: put in an answer, and be told whether it is right."""

from __future__ import annotations

from collections.abc import Callable
from math import isclose
from typing import Any


class Exercise:
    """A question. `right` is the answer, or a function that says whether an answer is right.

    Numbers are right to three digits, so that an answer from pencil and paper counts.

    >>> exercise = Exercise(9.0991)
    >>> exercise(...)
    not yet: put your answer in place of the three dots
    >>> exercise(9.1)
    right
    >>> exercise(11.634)
    not yet: 11.634 is not it
    """

    def __init__(self, right: Any) -> None:
        self.right: Callable[[Any], Any] = right if callable(right) else lambda answer: equal(answer, right)

    def __call__(self, answer: Any) -> None:
        if answer is ...:
            print("not yet: put your answer in place of the three dots")
            return
        try:
            right = bool(self.right(answer))
        except Exception as fault:  # Whatever a half-finished answer does, the notebook goes on.
            print(f"not yet: {type(fault).__name__}: {fault}")
            return
        shown = getattr(answer, "__name__", None) or repr(answer)
        print("right" if right else f"not yet: {shown} is not it")


def equal(answer: Any, right: Any) -> bool:
    """Whether two numbers are equal to three digits, two sequences are so number by number, others at all."""
    if isinstance(right, str):
        return isinstance(answer, str) and answer.strip().lower() == right.lower()
    if hasattr(right, "__len__"):
        answers, rights = list(answer), list(right)
        return len(answers) == len(rights) and all(map(equal, answers, rights))
    return isclose(answer, right, rel_tol=1e-3, abs_tol=1e-9)
