"""`problems`: problems of a kind from a seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from autograd_core.base import shorten, whole_number
from autograd_core.errors import DataValueError

from . import algorithm_properties as concepts
from . import networks, passes
from .problem import NumberQuestion, Problem
from .sampling import Dice, fits_a_pencil
from .text_parts import Say

KINDS: dict[str, Callable[[Dice, int], Problem]] = {
    "forward": passes.forward,
    "local": passes.local,
    "chain": passes.chain,
    "backward": passes.backward,
    "paths": passes.paths,
    "bug": passes.bug,
    "neuron": networks.neuron,
    "network": networks.network,
    "modes": concepts.modes,
    "order": concepts.order,
    "kink": concepts.kink,
}
LEVELS = (1, 2, 3)

ROUNDED = Say("Three significant digits are enough.")
"""What is said where an answer has more: the tolerance is half a percent."""

MOST_VARIANTS = 26
"""The most variants of a sheet, which are named by letters; that many are compared with each other."""

MOST_DRAWS = 60
"""How often a variant is drawn until it is known that its kind has no other answers."""


def problems(
    kind: str,
    seed: int = 0,
    n: int = 1,
    *,
    first: int = 0,
    variant: int = 0,
    level: int = 1,
    choices: bool = False,
) -> list[Problem]:
    """Return `n` problems of a kind, from number `first` on; the same seed gives the same problems.

    Another `variant` of a problem has the same form and other numbers. Its answers differ from those of the
    variants before it as long as the form has any left: for at least four variants.

    The kinds are "forward" (values), "local" (local derivatives of one operation), "chain", "backward" (the
    backward column), "paths" (a gradient with two paths), "bug" (find the wrong line), "neuron", "network"
    (error signals and an update), "modes" (counts of work), "order" (topological orders), "kink". On level 1
    numbers are small and whole, on level 2 there are decimals and functions such as a sigmoid at points where
    a pencil suffices, on level 3 numbers need a calculator. With `choices`, numbers are chosen from a list of
    the right one and what known mistakes lead to.

    Raises `DataValueError` for an unknown kind or level, `DataError` for what is not a whole number.

    >>> problem = problems("local", seed=7)[0]
    >>> [(q.asked.text, q.answer) for q in problem.questions]
    [('∂y/∂u', 7.0)]
    """
    if not isinstance(kind, str) or kind not in KINDS:
        known = ", ".join([repr(known) for known in KINDS])
        raise DataValueError(f"problems: unknown kind: {shorten(repr(kind))}; expected one of {known}.")
    whole_number(seed, "problems", "seed", 0)
    whole_number(n, "problems", "n", 0)
    whole_number(first, "problems", "first", 0)
    whole_number(variant, "problems", "variant", 0)
    if whole_number(level, "problems", "level", 1) not in LEVELS:
        raise DataValueError(f"problems: unknown level: level = {level}; expected 1, 2 or 3.")
    made = [_problem(kind, seed, number, level, variant) for number in range(first, first + n)]
    return [problem.with_choices() for problem in made] if choices else made


def _problem(kind: str, seed: int, number: int, level: int, variant: int) -> Problem:
    made = _drawn(kind, f"{kind}/{level}/{seed}/{number}", level, variant)
    if not all(fits_a_pencil(q.answer) for q in made.questions if isinstance(q, NumberQuestion)):
        made = replace(made, text=(*made.text, ROUNDED))
    # Whoever changes these of a problem changes no other.
    values, facts = dict(made.values), dict(made.facts)
    return replace(made, values=values, facts=facts, seed=seed, number=number, level=level, variant=variant)


@lru_cache(maxsize=512)
def _drawn(kind: str, form: str, level: int, variant: int) -> Problem:
    """Draw a variant until its answers differ from those of the variants before it."""
    earlier = [_drawn(kind, form, level, before).answers for before in range(min(variant, MOST_VARIANTS))]
    for attempt in range(MOST_DRAWS):
        again = f"/{attempt}" if attempt else ""
        made = KINDS[kind](Dice(f"{form}/{variant}{again}", form), level)
        if made.answers not in earlier:
            break
    return made
