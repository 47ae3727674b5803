"""Rows that select a branch: no gradient flows into the one not taken, whatever the form of the row."""

from __future__ import annotations

import math
from collections.abc import Iterator
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
    exp,
    grad,
    gradients,
    heaviside,
    jvp,
    sin,
    where,
)
from autograd_core.compile.program import Program
from autograd_core.operations.operation import Operation, register
from tests.compile.runners import exact_runners, reordering_runners, tape_of


@pytest.fixture
def first_of_two() -> Iterator[Operation]:
    """Define a row that selects in another form than `where`: a if a > 0, else b."""
    row = register(
        Operation(
            "first_of_two",
            lambda a, b: a if a > 0.0 else b,
            (
                lambda a, b, y: where(ac.heaviside(a, 0.0), 1.0, 0.0),
                lambda a, b, y: where(ac.heaviside(a, 0.0), 0.0, 1.0),
            ),
            arity=2,
            selects=True,
        )
    )
    yield row
    del TABLE["first_of_two"]


def taken(row: Operation, x: Value, y: Value) -> Value:
    """Build a branch not taken that has an infinite derivative at y = 0."""
    return row(x * 3.0, ac.sqrt(y)) * x + exp(y)


@pytest.mark.parametrize("x", [0.5, 2.0])
def test_every_runner(first_of_two: Operation, x: float) -> None:
    inputs = [Value(x), Value(0.0)]
    root = taken(first_of_two, *inputs)
    slopes, tape = gradients(root, inputs), tape_of(root, inputs)
    assert all(map(math.isfinite, slopes))
    nodes = gradients(root, inputs, create_graph=True)
    assert [slope.data for slope in nodes] == pytest.approx(slopes)
    for name, run in (*exact_runners(tape).items(), *reordering_runners(tape).items()):
        try:
            value, found = run([x, 0.0])
        except FloatingPointError:
            found = [math.nan]
        if found[-1] != found[-1]:
            assert name != "generated Python"  # The other runners leave such a point to the careful path.
        else:
            assert (value, found) == (pytest.approx(root.data), pytest.approx(slopes)), name
    program: Program = ac.compile(root, inputs=inputs)
    assert program.value_and_grad([x, 0.0])[1].tolist() == pytest.approx(slopes)
    assert program.value_and_grad([[x, 0.0]] * 3)[1].tolist() == [pytest.approx(slopes)] * 3


def test_a_derivative_inside_another(first_of_two: Operation) -> None:
    def slope(x: Value) -> Value:
        value, found = ac.jvp(lambda y: taken(first_of_two, x, y), (0.0,), (1.0,))
        return found * x + value

    assert ac.derivative(slope)(2.0) == ac.grad(slope)(2.0) == 1.0 + 2.0 * 2.0 * 3.0


def test_where_costs_one_statement_a_branch() -> None:
    c, x, y = Value(1.0, "c"), Value(2.0, "x"), Value(3.0, "y")
    source = ac.compile(where(c, x * x, exp(y)) * y, inputs=[c, x, y]).source
    assert source.count(" if c else ") == 3


def twice_forward(f: Any) -> Any:
    """The second derivative in forward mode."""
    return lambda x: jvp(lambda t: jvp(f, (t,), (1.0,))[1], (x,), (1.0,))[1]


BRANCHES = {
    "where": lambda x: where(heaviside(x, 0.0), x**3, x**2),
    "nested": lambda x: where(heaviside(x, 0.0), where(heaviside(x - 1.0, 0.0), x**3, x**4), sin(x)) * x,
    **{name: TABLE[name] for name in ("elu", "selu", "leaky_relu", "huber", "softsign", "relu", "abs")},
}


@pytest.mark.parametrize("name", BRANCHES)
@pytest.mark.parametrize("start", [-0.75, 0.5, 1.5])
def test_a_compiled_derivative_has_both_branches(name: str, start: float) -> None:
    f = BRANCHES[name]
    for g in (*[derivative(f, order) for order in (1, 2, 3)], twice_forward(f), grad(grad(f))):
        points = [start, -0.75, 0.5, 1.5]
        right = [g(x) for x in points]
        compiled = compile(g)
        assert [compiled(x) for x in points] == pytest.approx(right, rel=1e-13)
        assert compiled(np.array(points)) == pytest.approx(np.array(right), rel=1e-13)


@pytest.mark.parametrize("name", ["where", "nested", "elu", "selu"])
@pytest.mark.parametrize("start", [-0.75, 0.5])
def test_a_traced_derivative_has_both_branches(name: str, start: float) -> None:
    g = derivative(BRANCHES[name])
    traced = Graph.trace(g, start)
    (leaf,) = [leaf for leaf in traced.leaves if leaf.requires_grad]
    for x in (-0.75, 0.5, 1.5):
        assert traced.replay({leaf: x}).outputs[0].data == pytest.approx(g(x), rel=1e-13)


@pytest.mark.parametrize("name", BRANCHES)
@pytest.mark.parametrize("start", [-0.75, 0.5])
def test_the_graph_of_a_derivative_has_both_branches(name: str, start: float) -> None:
    """It is replayed and compiled where `where` takes the other branch."""
    x = Value(start)
    y = BRANCHES[name](x)
    for order in (1, 2):
        (y,) = gradients(y, [x], create_graph=True)
        right = [derivative(BRANCHES[name], order)(z) for z in (-0.75, 0.5, 1.5)]
        program = compile(y, inputs=[x])
        assert [program(z) for z in (-0.75, 0.5, 1.5)] == pytest.approx(right, rel=1e-13)
        if x in Graph(y).leaves:
            again = [Graph(y).replay({x: z}).outputs[0].data for z in (-0.75, 0.5, 1.5)]
            assert again == pytest.approx(right, rel=1e-13)


def test_a_branch_that_is_undefined_does_not_harm_the_other() -> None:
    x = Value(0.0)
    y = where(heaviside(x, 0.0), ac.sqrt(x), x**2 + x)
    (dy,) = gradients(y, [x], create_graph=True)
    assert (dy.data, gradients(dy, x)) == (1.0, 2.0)
    assert twice_forward(lambda x: where(heaviside(x, 0.0), ac.sqrt(x), x**2 + x))(0.0) == 2.0
