"""Whatever takes a function also takes rows, transformed and compiled functions, in all combinations."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_core as ac
from autograd_core import (
    TABLE,
    Graph,
    Value,
    compile,
    derivative,
    grad,
    gradcheck,
    gradgradcheck,
    hessian,
    hvp,
    jacobian,
    jvp,
    steps,
    value_and_grad,
    vjp,
)
from tests.special_references import OF_ORDER


class Sine:
    """A callable object."""

    def __call__(self, x: Any) -> Any:
        return ac.sin(x)


def sine(x: Any) -> Any:
    return ac.sin(x)


# All are the sine.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "row": ac.sin,
    "function": sine,
    "partial": functools.partial(ac.sin),
    "object": Sine(),
    "method": Value.sin,
    "NumPy": np.sin,
    "compiled": compile(sine),
}

# The order of the derivative that each takes, and the function that it returns.
Function = Callable[..., Any]
TRANSFORMS: dict[str, tuple[int, Callable[[Function], Function]]] = {
    "grad": (1, grad),
    "value of value_and_grad": (0, lambda f: lambda x: value_and_grad(f)(x)[0]),
    "value_and_grad": (1, lambda f: lambda x: value_and_grad(f)(x)[1]),
    "jvp": (1, lambda f: lambda x: jvp(f, (x,), (1.0,))[1]),
    "vjp": (1, lambda f: lambda x: vjp(f, x)[1](1.0)[0]),
    "jacobian": (1, jacobian),
    "hessian": (2, hessian),
    "hvp": (2, lambda f: lambda x: hvp(f, (x,), (1.0,))),
    "derivative": (1, derivative),
    "derivative 2": (2, lambda f: derivative(f, 2)),
    "compile": (0, compile),
    "compile exactly": (0, lambda f: compile(f, exact=True)),
    "gradient of compile": (1, lambda f: compile(f).gradient),
    "value_and_grad of compile": (1, lambda f: lambda x: compile(f).value_and_grad(x)[1]),
}
PAIRS = [(a, b) for a in TRANSFORMS for b in TRANSFORMS]
X = 0.7


def derivative_of_sine(order: int) -> float:
    return [math.sin, math.cos, lambda x: -math.sin(x), lambda x: -math.cos(x)][order % 4](X)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("transform", TRANSFORMS)
def test_every_transform_takes_every_kind_of_function(name: str, transform: str) -> None:
    order, make = TRANSFORMS[transform]
    function = make(FUNCTIONS[name])
    for _ in range(2):
        assert function(X) == pytest.approx(derivative_of_sine(order), rel=1e-14)
    assert Graph.trace(function, X).outputs[0].data == pytest.approx(derivative_of_sine(order), rel=1e-14)
    assert len(steps(Graph.trace(function, X).outputs[0])) > 1
    assert gradcheck(function, X)
    assert gradgradcheck(function, X)


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_every_transform_takes_the_function_of_every_other(first: str, second: str) -> None:
    (inner, make), (outer, make_of_that) = TRANSFORMS[first], TRANSFORMS[second]
    for name in ("row", "compiled"):
        function = make_of_that(make(FUNCTIONS[name]))
        for _ in range(2):
            assert function(X) == pytest.approx(derivative_of_sine(inner + outer), rel=1e-13)
        graph = Graph.trace(function, X)
        assert graph.outputs[0].data == pytest.approx(derivative_of_sine(inner + outer), rel=1e-13)


def rosenbrock(x: Any) -> Any:
    return ac.sum([100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2 for i in range(len(x) - 1)])


def ones(x: Any) -> Any:
    return np.ones(3) if isinstance(x, np.ndarray) else [1.0] * 3


# For each function of a sequence, the same function written out.
OF_SEQUENCES: dict[str, tuple[Function, Function]] = {
    "logsumexp": (ac.logsumexp, lambda x: ac.log(ac.exp(x[0]) + ac.exp(x[1]) + ac.exp(x[2]))),
    "norm": (ac.norm, lambda x: ac.sqrt(x[0] ** 2 + x[1] ** 2 + x[2] ** 2)),
    "prod": (ac.prod, lambda x: x[0] * x[1] * x[2]),
    "np.sum": (lambda x: np.sum(np.asarray(x) ** 3), lambda x: x[0] ** 3 + x[1] ** 3 + x[2] ** 3),
    "compiled": (compile(rosenbrock), rosenbrock),
}
OF_POINTS: dict[str, tuple[int, Callable[[Function], Function]]] = {
    "value": (0, lambda f: f),
    "grad": (1, grad),
    "vjp": (1, lambda f: lambda x: vjp(f, x)[1](1.0)[0]),
    "jvp": (0, lambda f: lambda x: jvp(f, (x,), (ones(x),))[1]),
    "jacobian": (1, jacobian),
    "hessian": (2, hessian),
    "gradient of compile": (1, lambda f: compile(f).gradient),
}
POINTS = np.array([[0.5, 1.5, 0.7], [1.0, -0.4, 2.0], [0.3, 0.2, 0.1]])


def numbers(tree: Any) -> list[float]:
    return [float(x) for x in np.array(tree, dtype=float).ravel()]


@pytest.mark.parametrize("name", OF_SEQUENCES)
@pytest.mark.parametrize("transform", OF_POINTS)
def test_functions_of_sequences_are_taken_too(name: str, transform: str) -> None:
    given, written_out = OF_SEQUENCES[name]
    make = OF_POINTS[transform][1]
    expected = [make(written_out)(point) for point in POINTS]
    made, compiled = make(given), compile(make(given))
    for _ in range(2):
        for point, y in zip(POINTS, expected, strict=True):
            for form in (point, point.tolist()):
                assert numbers(made(form)) == pytest.approx(numbers(y), rel=1e-11, abs=1e-11)
                assert numbers(compiled(form)) == pytest.approx(numbers(y), rel=1e-11, abs=1e-11)
        assert numbers(compiled(POINTS)) == pytest.approx(numbers(expected), rel=1e-11, abs=1e-11)
    assert [y.data for y in Graph.trace(made, POINTS[0]).outputs] == pytest.approx(
        numbers(expected[0]), rel=1e-11, abs=1e-11
    )


@pytest.mark.parametrize("first", OF_POINTS)
@pytest.mark.parametrize("second", ["jacobian", "jvp", "value"])
def test_pairs_of_transforms_of_a_function_of_a_sequence(first: str, second: str) -> None:
    make, make_of_that = OF_POINTS[first][1], OF_POINTS[second][1]
    for name in ("logsumexp", "compiled"):
        given, written_out = OF_SEQUENCES[name]
        written = grad if first == "gradient of compile" else make
        for form in (POINTS[0], POINTS[0].tolist()):
            expected = numbers(make_of_that(written(written_out))(form))
            for function in (make_of_that(make(given)), compile(make_of_that(make(given)))):
                assert numbers(function(form)) == pytest.approx(expected, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)
def test_every_row_has_the_name_and_signature_of_a_function(row: Any) -> None:
    signature = inspect.signature(row)
    assert row.__name__ == row.name
    assert inspect.signature(grad(row)) == signature
    if row.arity is not None:
        assert tuple(signature.parameters) == row.names
        required = [p for p in signature.parameters.values() if p.default is p.empty]
        assert len(required) == row.arity - len(row.defaults)


@pytest.mark.parametrize("row", [row for row in TABLE.values() if row.arity], ids=lambda row: row.name)
def test_every_row_is_compiled_and_traced_as_a_function(row: Any) -> None:
    xs = [0.3, 0.6, 0.9][: row.arity]
    if row.name == "acosh":
        xs = [1.5]
    if row.name in OF_ORDER:
        xs[0] = 1.0
    assert compile(row)(*xs) == pytest.approx(row(*xs), rel=1e-14, abs=1e-300)
    assert Graph.trace(row, *xs).outputs[0].data == row(*xs)
    columns = [np.array([x, 1.1 * x, 1.2 * x] if x < 1.0 else [x, x, x]) for x in xs]
    expected = [row(*[float(column[k]) for column in columns]) for k in range(3)]
    assert compile(row)(*columns).tolist() == pytest.approx(expected, rel=1e-14, abs=1e-300)


def test_what_a_compiled_function_holds_stays_its_own() -> None:
    compiled = compile(sine)
    compiled(X)
    assert not hasattr(grad(compiled), "program")
    assert compile(compiled)(X) == math.sin(X)
