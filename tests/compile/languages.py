"""Compare programs in other languages with the eager engine, on rows and on random graphs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from mpmath import mpf

from autograd_core import TABLE, Value, errstate, gradients
from autograd_core.compile.front.tape_and_builder import Floats
from autograd_core.compile.program import Program, compile_graph
from autograd_core.errors import AutogradError
from tests.compile.test_runners import arguments_of
from tests.graphs import KINKED, programs
from tests.graphs import Program as Recipe
from tests.measuring import error, forward_scale, partial_scale
from tests.reference import REFERENCES
from tests.sampling import Point
from tests.special_references import SPECIAL

ULPS, SLOPE_ULPS = 4, 8
"""The largest distance of a value and of a slope from the eager engine's, in units of 2⁻⁵² of it."""
WILD = [0.0, -0.0, 1.0, -1.0, math.inf, -math.inf, math.nan, 1e308, -1e308]


def node_of(name: str, numbers: Sequence[float]) -> tuple[list[Value], Value]:
    with errstate(all="ignore"):
        inputs = [Value(x, f"x{i}") for i, x in enumerate(numbers)]
        return inputs, Value.__apply_operation__(TABLE[name], inputs)


def names(language: str) -> list[str]:
    """Return the rows that can be written in a language: special functions in few."""
    return [name for name in TABLE if name not in SPECIAL or language in TABLE[name].forms]


def rows(language: str) -> Iterator[tuple[str, int, list[Point], Program]]:
    """Yield each row with each number of arguments: points, and the program for value and gradient."""
    for name in names(language):
        table: dict[int, list[Point]] = {}
        for point in REFERENCES[name].points:
            table.setdefault(len(point), []).append(point)
        for n, points in table.items():
            inputs, output = node_of(name, points[0])
            yield name, n, [*wild(n), *points], compile_graph([output], inputs)


@cache
def wild(n: int) -> list[Point]:
    """Draw points without regard for the domain."""
    return list(product(WILD, repeat=n))[:: max(1, len(WILD) ** n // 400)]


def hold_row(name: str, point: Point, found: Sequence[float]) -> None:
    """Compare a value and the slopes behind it with the eager engine's, by the scales of the reference."""
    row, reference = TABLE[name], REFERENCES[name]
    y = row.value_at(point)
    if point in wild(len(point)):
        assert distance(found[0], y) <= ULPS, (name, point, found[0], y)
        return
    assert distance(found[0], y, forward_scale(reference, point)) <= ULPS, (name, point, found[0], y)
    slopes = row.slopes[0](point, y) if row.arity is None else [f(*point, y) for f in row.slopes]
    for i, (slope, wanted) in enumerate(zip(found[1:], slopes, strict=True)):
        scale = partial_scale(reference, i, point)
        assert distance(slope, wanted, scale) <= SLOPE_ULPS, (name, point, i, slope, wanted)


def hold_plain_points(language: str, on_columns: Callable[[Program, list[Floats]], Floats]) -> None:
    """Compare the functions of another library on every row, between 10⁻¹⁵⁰ and 10¹⁵⁰."""
    for name, n, points, program in rows(language):
        row, reference = TABLE[name], REFERENCES[name]
        values = {point: row.value_at(point) for point in points[len(wild(n)) :]}
        plain = {at: y for at, y in values.items() if all(map(is_plain, (*at, y)))}
        found = np.broadcast_to(on_columns(program, list(np.array(list(plain)).T.copy())), len(plain))
        least = float(name in ("logsumexp", "log_softmax"))  # log(1 + s) has only the digits of 1 + s.
        for (at, y), other in zip(plain.items(), found.tolist(), strict=True):
            scale = max(least, forward_scale(reference, at))
            assert distance(other, y, scale) <= 2e-13 * 2.0**52, (name, at, other, y)


def is_plain(x: float) -> bool:
    return x == 0.0 or 1e-150 <= abs(x) <= 1e150


def distance(found: float, wanted: float, scale: float = 0.0) -> float:
    """Return the distance in units in the last place, infinite if only one of them is a number."""
    if found == wanted or (math.isnan(found) and math.isnan(wanted)):
        return 0.0
    return error(found, mpf(wanted), scale) * 2.0**52 if math.isfinite(wanted) else math.inf


def graphs(language: str = "") -> list[tuple[Program, list[float], float, list[float], bool]]:
    """Return random graphs of rows that all languages have."""
    return _graphs()


@cache
def _graphs() -> list[tuple[Program, list[float], float, list[float], bool]]:
    """Yield random graphs: program, point, value and slopes there, and whether it is free of kinks."""
    recipes: list[Recipe] = []

    @settings(
        max_examples=60, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(programs())
    def collect(recipe: Recipe) -> None:
        recipes.append(recipe)

    collect()
    return [graph for recipe in recipes if (graph := _evaluated(recipe)) is not None]


def _evaluated(recipe: Recipe) -> tuple[Program, list[float], float, list[float], bool] | None:
    try:
        nodes = recipe.build()
        inputs, output = recipe.leaves(nodes), nodes[-1]
        slopes = gradients(output, inputs)
    except AutogradError:
        return None
    if not all(map(math.isfinite, [node.data for node in nodes] + slopes)):
        return None
    smooth = not KINKED & {step.operation for step in recipe.steps}
    return compile_graph([output], inputs), [x.data for x in inputs], output.data, slopes, smooth


def ordinary(language: str) -> Iterator[tuple[Program, list[float], float, list[float], bool]]:
    """Yield each row at one point in the middle of its domain, in the same form."""
    for name in names(language):
        inputs, y = node_of(name, arguments_of(name))
        output = y * 1.5 + inputs[0] * inputs[-1]
        slopes = gradients(output, inputs)
        yield compile_graph([output], inputs), [x.data for x in inputs], output.data, slopes, True


def hold_graph(found: Sequence[float], value: float, slopes: Sequence[float], relative: float) -> None:
    """Compare a value, and any slopes behind it, with the eager engine's."""
    size = max([1.0, *map(abs, slopes)])
    assert found[0] == pytest.approx(value, rel=relative, abs=relative)
    if len(found) > 1:
        assert found[1:] == pytest.approx(slopes, rel=relative, abs=relative * size)
