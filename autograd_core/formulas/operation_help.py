"""The text that `help` shows for an operation, built from its row of the table."""

from __future__ import annotations

from math import isfinite
from typing import Any

from ..base.modes import errstate
from ..base.text import short
from ..errors import AutogradError
from ..kernel.value import Value
from ..operations.operation import Operation
from .formula import derivative_formula, formula
from .text_notation import Text

WRITER = Text()
POINTS = ((0.5, 0.25, 0.75), (1.5, 2.5, 3.5), (0.5, 0.5, 0.5), (1.0, 1.5, 2.5))
"""Candidate points for an example; the first one in the domain is used."""


class Explained:
    """A docstring that differs between the class and each of its rows.

    >>> from autograd_core import gelu
    >>> print(gelu.__doc__.partition("\\n\\n>>>")[0])
    gelu(x): y = x·ndtr(x)
    <BLANKLINE>
        ∂y/∂x = ndtr x + x·(exp(−x²/2)/√(2π))
    <BLANKLINE>
    Domain: real numbers.
    On numbers it gives a float, on Values a node, on NumPy arrays an array; as a method, x.gelu().
    """

    def __init__(self, of_the_class: str | None) -> None:
        self.of_the_class = of_the_class

    def __get__(self, row: Operation | None, owner: type) -> str | None:
        return self.of_the_class if row is None else explained(row)


def explained(row: Operation) -> str:
    """Return the docstring of an operation."""
    leaves = [Value(x, name) for x, name in zip(_point(row), _names(row), strict=True)]
    node = _called(row, leaves)
    node.label = _result(row)
    slopes = [
        f"    {WRITER.slope(node.label, leaf.label)} = {derivative_formula(node, slot)}"
        for slot, leaf in enumerate(leaves)
    ]
    call = row.signature.partition(", with")[0]
    head = f"{call}: {node.label} = {row.definition or formula(node)}"
    told = [f"Domain: {row.domain}.", *[_awkward(row, point) for point in row.awkward], _gives(row)]
    parts = [row.about.strip(), head, "\n".join(slopes), "\n".join(told), _example(row)]
    return "\n\n".join([part for part in parts if part])


def _names(row: Operation) -> tuple[str, ...]:
    if row.arity is not None:
        return row.names
    return ("a1", "a2", "b1", "b2") if row.sequences == 2 else ("x1", "x2", "x3")


def _point(row: Operation) -> tuple[float, ...]:
    """Return an ordinary point of the domain."""
    count = len(_names(row))
    for point in POINTS:
        xs = (*point, *point)[:count]
        try:
            if isfinite(row.value_at(xs)):
                return xs
        except (AutogradError, ArithmeticError, ValueError):  # A user-defined row may raise.
            continue
    return ((*POINTS[0], *POINTS[0]) * count)[:count]


def _called(row: Operation, leaves: list[Any]) -> Any:
    with errstate(all="ignore"):
        result = row(*(leaves if row.arity is not None else _in_lists(row, leaves)))
    return result[0] if isinstance(result, list) else result


def _in_lists(row: Operation, xs: list[Any]) -> list[Any]:
    each = len(xs) // row.sequences
    return [xs[i : i + each] for i in range(0, len(xs), each)]


def _result(row: Operation) -> str:
    """Return the name of the result: y, unless an argument has that name."""
    return "z" if "y" in _names(row) else "y"


def _gives(row: Operation) -> str:
    if row.vector is not None:
        return "There are as many results as arguments, in a list; y is the first."
    method = f"; as a method, {row.names[0]}.{row.name}()" if row.arity == 1 else ""
    return f"On numbers it gives a float, on Values a node, on NumPy arrays an array{method}."


def _awkward(row: Operation, point: tuple[float, ...]) -> str:
    """Return the conventions at kinks and at the ends of the domain."""
    names = _names(row) if row.arity is not None else [f"x{i}" for i in range(1, len(point) + 1)]
    result, y = _result(row), row.value_at(point)
    at = [f"{WRITER.name(name).text} = {short(x)}" for name, x in zip(names, point, strict=True)]
    slopes = zip(names, row.slopes_at(point, y), strict=True)
    said = [f"{WRITER.slope(result, name)} = {short(slope)}" for name, slope in slopes]
    return f"At {', '.join(at)}: {result} = {short(y)}, {', '.join(said)}."


def _example(row: Operation) -> str:
    numbers = [float(x) for x in _point(row)]
    given = numbers if row.arity is not None else _in_lists(row, numbers)
    try:
        result = row(*given)
    except (AutogradError, ArithmeticError, ValueError):
        return ""
    return f">>> {row.name}({', '.join(map(repr, given))})\n{result!r}"


Operation.__doc__ = Explained(Operation.__doc__)  # type: ignore[assignment]
