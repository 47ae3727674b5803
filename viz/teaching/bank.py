"""`problems`: problems of a kind from a seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from autograd_core.base import shorten, whole_number
from autograd_core.errors import DataValueError

from . import concepts, networks, passes
from .draw import Dice
from .problem import Problem

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

    Another `variant` of a problem has the same form and other numbers.

    The kinds are "forward" (values), "local" (local derivatives of one operation), "chain", "backward" (the
    backward column), "paths" (a gradient with two paths), "bug" (find the wrong line), "neuron", "network"
    (error signals and an update), "modes" (counts of work), "order" (topological orders), "kink". On level 1
    numbers are small and whole, on level 2 there are decimals and functions such as a sigmoid at points where
    a pencil suffices, on level 3 numbers need a calculator. With `choices`, numbers are chosen from a list of
    the right one and what known mistakes lead to.

    Raises `DataValueError` for an unknown kind or level, `DataError` for what is not a whole number.

    >>> problem = problems("local", seed=7)[0]
    >>> [(q.asked.text, q.answer) for q in problem.questions]
    [('∂y/∂u', 6.0)]
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
    form = f"{kind}/{level}/{seed}/{number}"
    made = KINDS[kind](Dice(f"{form}/{variant}", form), level)
    return replace(made, seed=seed, number=number, level=level, variant=variant)
