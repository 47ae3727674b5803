"""The eager engine's results for a random program at a point, and the tolerance for other results."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_core import Value, gradients, no_grad
from autograd_core.errors import AutogradError
from tests.compile.random_programs import Recipe

TOLERANCE = 1e-9
LARGE = 1e4
"""Larger numbers are not compared, because rounding errors of other orders of summation grow with them."""
GAP = 1e-6
"""This close to a kink or a tie, a rounded argument may be on either side of it."""

Point = list[float]


@dataclass(frozen=True)
class Eager:
    """The eager engine's results at a point: the outputs and the gradient of the first, or errors."""

    values: list[float]
    slopes: list[float]
    value_error: type | None = None
    slope_error: type | None = None
    fit: bool = True
    """Whether other orders of summation change little, because no kink is near and no number is large."""
    scale: float = 1.0


def eager(recipe: Recipe, point: Point, leaves_exact: bool = True, weights: int | None = None) -> Eager:
    """Evaluate and differentiate a recipe with the eager engine, by all inputs or the first `count`."""
    try:
        nodes = recipe.build(point, weights)
    except AutogradError as error:
        return undifferentiated(recipe, point, type(error))
    values = [nodes[i].data for i in recipe.outputs]
    fit = not any(near_kink(node, leaves_exact) for node in marked(recipe, nodes))
    finite = [abs(node.data) for node in nodes if math.isfinite(node.data)]
    try:
        slopes = gradients(nodes[recipe.outputs[0]], nodes)
    except AutogradError as error:
        return Eager(values, [], None, type(error), fit and max(finite, default=0.0) < LARGE)
    finite += [abs(g) for g in slopes if math.isfinite(g)]
    scale = max([1.0, *finite])
    return Eager(values, slopes[: recipe.count], None, None, fit and scale < LARGE, scale)


def undifferentiated(recipe: Recipe, point: Point, error: type) -> Eager:
    """Return the results if a local derivative is undefined; the value may be defined."""
    try:
        with no_grad():
            nodes = recipe.build(point)
    except AutogradError as of_value:
        return Eager([], [], type(of_value), error)
    fit = not any(near_kink(node, True) for node in marked(recipe, nodes))
    return Eager([nodes[i].data for i in recipe.outputs], [], None, error, fit)


def marked(recipe: Recipe, nodes: Sequence[Value]) -> Iterator[tuple[str, list[float], list[bool]]]:
    """Yield each operation with its arguments, and which of them are affected by rounding."""
    for name, arguments in recipe.steps:
        numbers = [nodes[a].data if type(a) is int else a for a in arguments]
        yield name, numbers, [type(a) is int and not recipe.exact[a] for a in arguments]


def near_kink(operation: tuple[str, list[float], list[bool]], leaves_exact: bool) -> bool:
    name, xs, rounded = operation
    if leaves_exact and not any(rounded):
        return False
    if name in ("max", "min", "maximum", "minimum"):
        top = max(xs) if name in ("max", "maximum") else min(xs)
        return sum(abs(x - top) < GAP for x in xs if math.isfinite(x)) > 1
    if name == "floor":
        return abs(xs[0] - _nearest(xs[0])) < GAP
    if name == "round":
        return abs(abs(xs[0] - _nearest(xs[0])) - 0.5) < GAP
    if name == "equal":
        return abs(xs[0] - xs[1]) < GAP
    if name == "clip":
        return any(abs(a - b) < GAP for a, b in ((xs[0], xs[1]), (xs[0], xs[2]), (xs[1], xs[2])))
    if name in ("divide_no_nan", "div"):
        return abs(xs[1]) < GAP
    if name in ("norm", "hypot", "atan2"):
        return max(map(abs, xs)) < GAP
    return name in AT_ZERO and abs(xs[0]) < GAP


AT_ZERO = frozenset(
    {
        *("relu", "leaky_relu", "elu", "selu", "abs", "sign", "heaviside", "where", "cbrt", "sqrt"),
        *("softsign", "reciprocal", "xlogy", "pow", "log"),
    }
)


def _nearest(x: float) -> float:
    return float(round(x)) if math.isfinite(x) else math.inf


class Disagreement(AssertionError):
    """A compiled program and the eager engine disagree."""


def hold_same(what: str, found: Any, wanted: Any, scale: float, exact: bool = False) -> None:
    """Compare arrays of numbers, bit for bit if `exact`."""
    a, b = np.asarray(found, np.float64), np.asarray(wanted, np.float64)
    if a.shape != b.shape:
        raise Disagreement(f"{what}: shape {a.shape} for {b.shape}")
    if exact:
        same = (a == b) & (np.signbit(a) == np.signbit(b)) | (np.isnan(a) & np.isnan(b))
    else:
        same = np.isclose(a, b, rtol=TOLERANCE, atol=TOLERANCE * scale, equal_nan=True)
    if not same.all():
        raise Disagreement(f"{what}: {a.tolist()} for {b.tolist()}")
