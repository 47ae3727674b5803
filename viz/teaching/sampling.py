"""Draw a function from a list of programs until all its numbers fit a pencil and no point is awkward."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from random import Random

from autograd_core import Graph, Value, errstate, formula, parse, steps
from autograd_core.errors import AutogradError
from autograd_core.steps import Steps

from .mistakes import contributions_of
from .problem import CellTable
from .text_parts import Math, Say, join, listed, name, number

TRIES = 2000
"""The number of failures after which another program is tried."""

LARGEST = 100.0
LONGEST = 3
"""The most decimals of a number that fits a pencil."""

Row = tuple[int, str]
"""The least level of a program, and the program, in which {a}, {b}, {c} and {d} are small whole numbers."""


def fits_a_pencil(x: float) -> bool:
    """Tell whether a number has few digits.

    >>> [fits_a_pencil(x) for x in (0.125, -12.0, 0.7311, 1234.0)]
    [True, True, False, False]
    """
    return abs(x) <= LARGEST and abs(x * 10**LONGEST - round(x * 10**LONGEST)) < 1e-9


class Dice(Random):
    """Random numbers for a problem, and others, `form`, for its form, which all variants share."""

    def __init__(self, numbers: str, form: str) -> None:
        super().__init__(numbers)
        self.form = Random(form)


@dataclass(frozen=True)
class Drawn:
    """A function that has been drawn."""

    program: str
    values: dict[str, float]
    output: Value
    steps: Steps

    @property
    def point(self) -> Math:
        """The values of the inputs."""
        return listed([join(name(x), "=", number(value)) for x, value in self.values.items()])

    @property
    def equations(self) -> list[Math]:
        """The nodes that are computed, each with its formula."""
        return [
            join(name(node.name), "=", Math.written(node.formula_in))
            for node in self.steps.forward
            if node.arguments
        ]

    @property
    def targets(self) -> list[str]:
        """The nodes that the program names."""
        return [statement.partition("=")[0].strip() for statement in self.program.split(";")]

    @property
    def statements(self) -> list[Math]:
        """The program's assignments; what has no name in the program stands inside them."""
        targets = self.targets
        known = {*targets, *self.values}
        names = {node: node.label for node in Graph(self.output).nodes if node.label in known}
        named = {label: node for node, label in names.items()}
        return [
            join(name(target), "=", Math.written(partial(formula, named[target], names=names)))
            for target in targets
        ]

    def listed(self) -> CellTable:
        """The assignments, one a line."""
        return CellTable((), tuple([(equation,) for equation in self.statements]))


def made(program: str, values: dict[str, float], data: Sequence[str] = ()) -> Drawn:
    """Return the program's function; it is not differentiated by its `data`.

    Raises `DomainError` where it has no value.
    """
    output = _graph(program, tuple(data)).replay(values).outputs[0]
    return Drawn(program, values, output, steps(output))


@lru_cache(maxsize=512)
def _graph(program: str, data: tuple[str, ...]) -> Graph:
    """Return the program's graph, which is replayed: that is ten times as fast as parsing it again."""
    leaves = {x: Value(1.0, x, requires_grad=x not in data) for x in inputs_of(program)}
    with errstate(all="ignore"):
        return Graph(parse(program, leaves))


def inputs_of(program: str) -> list[str]:
    """Return the names that a program uses before it assigns them, in order.

    >>> inputs_of("u = x*exp(y); J = u + x")
    ['x', 'y']
    """
    assigned: list[str] = []
    found: list[str] = []
    for statement in program.split(";"):
        target, _, formula = statement.partition("=")
        words = [word for word in _words(formula) if word not in assigned and word not in found]
        found += words
        assigned.append(target.strip())
    return found


def _words(formula: str) -> list[str]:
    spaced = "".join([c if c.isalnum() or c in "_(" else " " for c in formula]).replace("(", "( ")
    return [word for word in spaced.split() if word[0].isalpha() and not word.endswith("(")]


def filled(program: str, random: Random) -> str:
    """Put whole numbers in place of {a}, {b} and {c}, which are at most 5, and of {d}, at most 9."""
    numbers = {letter: random.randint(2, 5) for letter in "abc"}
    if "{d}" in program:
        numbers["d"] = random.randint(2, 9)
    return program.format(**numbers)


def draw_number(random: Random, level: int) -> float:
    """Draw a number for an input: a small whole number, from level 2 on also a half."""
    whole = float(random.choice((-3, -2, -1, 1, 2, 3, 4, 5)))
    return whole / 2 if level >= 2 and random.random() < 0.3 else whole


def draw(
    random: Dice,
    level: int,
    rows: Sequence[Row],
    accept: Callable[[Drawn], bool] = lambda drawn: True,
    data: Sequence[str] = (),
    exact: bool = True,
) -> Drawn:
    """Draw a function of at most this level that is well posed and that `accept` takes.

    Unless the numbers need not be `exact`, as on level 3, where a calculator is used, they fit a pencil.
    """
    exact = exact and level < 3
    known = [program for least, program in rows if least <= level]
    latest = [program for least, program in rows if least == level] or known
    program = random.form.choice(latest if random.form.random() < 0.7 else known)
    for _ in range(TRIES):
        text = filled(program, random)
        values = {x: draw_number(random, level) for x in inputs_of(text)}
        drawn = _made(text, values, data, exact)
        if drawn and well_posed(drawn.steps) and (not exact or all_fit(drawn.steps)) and accept(drawn):
            return drawn
    return draw(random, level, rows, accept, data, exact)


def _made(program: str, values: dict[str, float], data: Sequence[str], exact: bool) -> Drawn | None:
    """Return the function if it has a value, and its values fit a pencil if they are to be exact."""
    try:
        graph = _graph(program, tuple(data)).replay(values)
    except AutogradError:
        return None
    if exact and not all(fits_a_pencil(node.data) for node in graph.nodes):
        return None
    return Drawn(program, values, graph.outputs[0], steps(graph.outputs[0]))


def all_fit(table: Steps) -> bool:
    """Tell whether every number of both passes fits a pencil."""
    numbers = [node.value for node in table.forward]
    for c in contributions_of(table):
        numbers += [c.local, c.product, c.after]
    return all(map(fits_a_pencil, numbers))


def well_posed(table: Steps) -> bool:
    """Tell whether no operation is near a kink, and no number is very large or very small.

    Factors differ: with equal ones, taking a factor's own value for its derivative would go unnoticed.
    """
    nodes = {node.name: node for node in table.forward}
    for node in nodes.values():
        xs = [nodes[argument].value if argument in nodes else float(argument) for argument in node.arguments]
        if node.operation in ("relu", "abs") and abs(xs[0]) < NEAR:
            return False
        if node.operation in ("max", "min", "maximum", "minimum") and abs(xs[0] - xs[1]) < NEAR:
            return False
        if node.operation == "mul" and len({*node.arguments}) == 2 and xs[0] == xs[1]:
            return False
    sizes = [abs(node.value) for node in table.forward]
    sizes += [abs(c.after) for c in contributions_of(table)] + [abs(c.local) for c in contributions_of(table)]
    return all(size <= LARGEST for size in sizes) and all(size == 0 or size > 0.004 for size in sizes)


NEAR = 0.2


def statement(drawn: Drawn) -> Say:
    """Introduce the function and the point."""
    return Say("Let {point}. The function is computed in these steps:", point=drawn.point)
