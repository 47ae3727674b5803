"""Rows that select a branch: no gradient flows into the one not taken, whatever the form of the row."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

import autograd_core as ac
from autograd_core import TABLE, Value, exp, gradients, where
from autograd_core.compile.program import Program
from autograd_core.kernel.operation import Operation, register
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


def test_where_costs_one_statement_a_branch() -> None:
    c, x, y = Value(1.0, "c"), Value(2.0, "x"), Value(3.0, "y")
    source = ac.compile(where(c, x * x, exp(y)) * y, inputs=[c, x, y]).source
    assert source.count(" if c else ") == 3
