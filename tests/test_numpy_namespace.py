"""Call every function of NumPy with Values: none may silently lose a gradient or return something else.

A function that works on numbers is called with a Value, a list of them and arrays of them in their place. The
results must be the same numbers; those that change with the argument must be Values with the right slope.
Otherwise there must be an error: one of this project if NumPy asks a Value, or NumPy's own about objects.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest

from autograd_core import AutogradError, Value, gradients

BY_IDENTITY = {
    "allclose", "array_equal", "array_equiv", "equal", "isclose", "isin", "not_equal", "setdiff1d",
}  # fmt: skip
"""Functions that compare with ==, by which a Value is the same as itself, even if it is nan."""
OF_OBJECTS = {
    "isscalar": "A Value is none of the types that it knows.",
    "empty_like": "Nothing is computed.",
    "frombuffer": "It reads memory.",
    "pad": "It puts an array inside an array if there are no dimensions.",
    "can_cast": "It asks for the type.",
    "spacing": "It is the distance of floats.",
    "nextafter": "It is a neighbor among floats.",
}
FILES = {
    "save",
    "savez",
    "savez_compressed",
    "savetxt",
    "show_config",
    "show_runtime",
    "info",
    "test",
    "fromfile",
}
POINTS: dict[str, Any] = {
    "number": 0.6, "row": [1.5, 0.25, -0.75], "matrix": [[1.5, 0.25], [-0.5, 2.25]],
    "nan": math.nan, "awkward row": [math.nan, math.inf, -0.0, 2.5, -math.inf],
}  # fmt: skip
AWKWARD = ("nan", "awkward row")
STEP = 1e-6
OTHERS: tuple[tuple[str, ...], ...] = ((), ("same",), ("other",), ("2",))


def functions() -> Iterator[Any]:
    for module in (np, np.linalg):
        for name, function in vars(module).items():
            plain = not name.startswith("_") and name not in FILES | set(OF_OBJECTS)
            if plain and callable(function) and not inspect.isclass(function):
                yield pytest.param(function, id=f"{module.__name__}.{name}")


FORMS: dict[str, Callable[[Any], Any]] = {
    "itself": lambda array: array.item() if not array.ndim else array.tolist(),
    "array": lambda array: array,
}
"""How a function is handed an array of numbers or of Values."""


def flat(result: Any) -> Iterator[Any]:
    if isinstance(result, np.ndarray):
        yield from result.ravel().tolist() if result.dtype != object else result.ravel()
    elif isinstance(result, tuple | list):
        for part in result:
            yield from flat(part)
    else:
        yield result


def number(x: Any) -> Any:
    return x.data if isinstance(x, Value) else x


def same(a: Any, b: Any) -> bool:
    a = number(a)
    return bool(a == b or (a != a and b != b) or (isinstance(a, float) and a == pytest.approx(b, rel=1e-9)))


def hold_same(plain: list[Any], found: list[Any]) -> None:
    assert len(found) == len(plain), (found, plain)
    assert all(map(same, found, plain)), (found, plain)


def hold_slopes(plain: list[Any], later: list[Any], found: list[Any], leaves: list[Value]) -> None:
    for y, before, after in zip(found, plain, later, strict=True):
        if isinstance(before, float) and before != after and before == before:
            assert isinstance(y, Value), f"lost: {found}"
            slope = (after - before) / STEP
            if abs(before) > STEP and abs(slope) < 1e3:  # Neither at a kink nor across a jump.
                assert sum(gradients(y, leaves)) == pytest.approx(slope, rel=1e-3, abs=1e-4)


def hold_call(function: Any, form: Any, array: Any, others: tuple[str, ...], awkward: bool) -> None:
    """Compare one call with Values with the same one with numbers, if there is one."""
    leaves = np.empty(array.shape, object)
    leaves[...] = np.array([Value(x) for x in array.ravel().tolist()], dtype=object).reshape(array.shape)
    more = {"other": form(np.zeros_like(array) + 0.125), "2": 2}

    def call(numbers: Any) -> list[Any]:
        x = form(numbers)
        return list(flat(function(x, *[more.get(other, x) for other in others])))

    try:
        plain, later = call(array), call(array + STEP)
    except Exception:
        return  # It is not made for such arguments.
    if len(plain) != len(later) or not all(isinstance(y, float | int | np.generic) for y in plain):
        return
    try:
        found = call(leaves)
    except AutogradError:
        return
    except Exception:
        if not array.ndim and form is FORMS["itself"]:
            raise
        return
    if not awkward or getattr(function, "__name__", "") not in BY_IDENTITY:
        hold_same(plain, found)
    if not awkward:
        hold_slopes(plain, later, found, leaves.ravel().tolist())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("function", list(functions()))
def test_it_gives_values_or_an_error(function: Any) -> None:
    for (kind, point), form, others in product(POINTS.items(), FORMS.values(), OTHERS):
        if isinstance(function, np.ufunc) and 1 + len(others) != function.nin:
            continue
        with np.errstate(all="ignore"):
            hold_call(function, form, np.array(point), others, kind in AWKWARD)
