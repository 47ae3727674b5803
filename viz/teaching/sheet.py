"""A sheet: the same kinds of problems in several variants, in one language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograd_core.base import shorten, whole_number
from autograd_core.errors import DataValueError

from .language import Language, language
from .problem import Problem
from .problem_kinds import KINDS, MOST_VARIANTS, problems
from .text_parts import Say

NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Sheet:
    """A title, and the problems of each variant."""

    title: Say | str
    language: Language
    variants: tuple[tuple[Problem, ...], ...]

    def named(self) -> list[tuple[str, tuple[Problem, ...]]]:
        """Return the variants with their names, A, B and so on."""
        return list(zip(NAMES, self.variants, strict=False))

    def heading(self, name: str) -> str:
        """Return the title, with the variant's name if there are several."""
        title = self.language.text(self.title)
        if len(self.variants) == 1:
            return title
        return self.language.text(Say("{title}, variant {name}", title=title, name=name))


def sheet(
    seed: int = 0,
    n: int = 6,
    *,
    variants: int = 1,
    kinds: Sequence[str] = (),
    level: int = 1,
    choices: bool = False,
    lang: str = "en",
    title: str = "",
) -> Sheet:
    """Make a sheet of `n` problems in several variants: the kinds in turn, all of them by default.

    Every variant has the same problems with other numbers and, for at least four variants, other answers.
    Raises what `problems` raises, and `DataValueError` for an unknown language or more than 26 variants.

    >>> [[problem.kind for problem in variant] for variant in sheet(7, 2, variants=2).variants]
    [['forward', 'local'], ['forward', 'local']]
    """
    whole_number(n, "sheet", "n", 1)
    if whole_number(variants, "sheet", "variants", 1) > MOST_VARIANTS:
        raise DataValueError(
            f"sheet: too many variants: variants = {variants}; expected at most {MOST_VARIANTS}, which are "
            "named A to Z."
        )
    chosen = list(kinds) or list(KINDS)
    if isinstance(kinds, str):
        raise DataValueError(f"sheet: not a list of kinds: kinds = {shorten(repr(kinds))}; expected a list.")
    spoken = language(lang)
    made = [
        tuple([_one(chosen[i % len(chosen)], seed, i, v, level, choices) for i in range(n)])
        for v in range(variants)
    ]
    return Sheet(title or Say("Problems on backpropagation"), spoken, tuple(made))


def _one(kind: str, seed: int, number: int, variant: int, level: int, choices: bool) -> Problem:
    return problems(kind, seed, 1, first=number, variant=variant, level=level, choices=choices)[0]
