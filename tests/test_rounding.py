"""The rounding budget: it bounds the error of random graphs, and names the step that loses the digits."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from mpmath import mp, mpf

import autograd_core as ac
from autograd_core import TABLE, DataError, Value, rounding
from autograd_core.base import exact_sum
from autograd_core.check.rounding_and_stable_forms import FORMS, rounding_of
from autograd_core.kernel.apply import apply
from tests.graphs import SMOOTH, Program, programs, random_program
from tests.measuring import value
from tests.reference import REFERENCES


@pytest.mark.parametrize("row", [row for name, row in TABLE.items() if name in REFERENCES], ids=repr)
def test_each_row_rounds_no_more_than_it_says(row: Any) -> None:
    reference = REFERENCES[row.name]
    source = random.Random(row.name)
    for point in source.sample(list(reference.points), min(60, len(reference.points))):
        if not all(map(math.isfinite, point)):
            continue
        with ac.errstate(all="ignore"):
            node = apply(row, [Value(x) for x in point])
        exact = value(reference, point)
        if not math.isfinite(node.data) or not mp.isfinite(exact) or abs(exact) > 1.7e308:
            continue
        assert abs(mpf(node.data) - exact) <= 1.0000001 * rounding_of(node), point


def built(program: Program) -> Value:
    """Build the program's output with every number as a leaf, because results of constants count as exact."""
    nodes = [Value(x) for x in program.inputs]
    for step in program.steps:
        nodes.append(
            apply(
                TABLE[step.operation], [nodes[a] if isinstance(a, int) else Value(a) for a in step.arguments]
            )
        )
    return nodes[-1]


def broken(program: Program) -> tuple[float, float] | None:
    """Return the error of a program and the bound of its budget, if the error is larger."""
    output = built(program)
    with mp.workdps(60):
        error = float(abs(program.reference() - mpf(output.data)))
    bound = rounding(output).bound
    return (error, bound) if error > 1.01 * bound + 1e-300 else None


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(programs(SMOOTH, max_steps=10))
def test_the_bound_holds(program: Program) -> None:
    assert broken(program) is None


@pytest.mark.slow
def test_the_bound_holds_on_ten_thousand_graphs() -> None:
    programs_of_seeds = ((seed, random_program(random.Random(seed), SMOOTH, 10)) for seed in range(10_000))
    assert [seed for seed, program in programs_of_seeds if broken(program)] == []


def variance(numbers: list[Any]) -> Any:
    return ac.mean([x**2 for x in numbers]) - ac.mean(numbers) ** 2


# The function, the point, the operations that may be blamed, and the suggestion.
CANCELLATIONS: list[tuple[Callable[..., Any], tuple[float, ...], set[str], str]] = [
    (lambda x: (1 - ac.cos(x)) / x**2, (1e-7,), {"cos"}, "2*sin(x/2)**2"),
    (lambda x: (ac.cos(x) - 1) / x, (1e-8,), {"cos"}, "-2*sin(x/2)**2"),
    (lambda x: ac.log(1 + x), (1e-13,), {"add"}, "log1p(x)"),
    (lambda x: ac.log(x + 1) / x, (1e-14,), {"add"}, "log1p(x)"),
    (lambda x: ac.exp(x) - 1, (1e-13,), {"exp"}, "expm1(x)"),
    (lambda x: 1 - ac.exp(-x), (1e-14,), {"exp"}, "-expm1(v1)"),
    (lambda x: (ac.exp(x) - 1 - x) / x**2, (1e-6,), {"exp"}, "expm1(x)"),
    (lambda x: ac.cosh(x) - 1, (1e-7,), {"cosh"}, "2*sinh(x/2)**2"),
    (lambda x: ac.sqrt(1 + x) - 1, (1e-13,), {"sqrt", "add"}, "/(sqrt("),
    (lambda x: 1 - ac.sqrt(1 - x), (1e-13,), {"sqrt", "sub"}, "/(1 + sqrt("),
    (lambda x: ac.sqrt(x + 1) - ac.sqrt(x), (1e14,), {"sqrt", "add"}, "/(sqrt("),
    (lambda x, y: x**2 - y**2, (1e8 + 1, 1e8), {"pow"}, "difference_of_squares(x, y)"),
    (lambda x, y: x * x - y * y, (1e9 + 1, 1e9), {"mul"}, "difference_of_squares(x, y)"),
    (lambda b, c: -b + ac.sqrt(b**2 - 4 * c), (1e8, 1.0), {"pow", "sub", "sqrt"}, "/(sqrt("),
    (lambda b, c: ac.sqrt(b**2 - 4 * c) - b, (1e8, 1.0), {"pow", "sub", "sqrt"}, "/(sqrt("),
    (lambda *xs: variance(list(xs)), (1e8, 1e8 + 1, 1e8 + 2), {"pow", "mean"}, "before squaring"),
    (lambda x, y: ac.log(x) - ac.log(y), (1e8 + 1, 1e8), {"log"}, "log1p((x - y)/y)"),
    (lambda x, y: ac.exp(x) - ac.exp(y), (2.0 + 1e-13, 2.0), {"exp"}, "exp(y)*expm1(x - y)"),
    (lambda x, y: ac.sin(x) - ac.sin(y), (1.0 + 1e-13, 1.0), {"sin"}, "2*cos((x + y)/2)*sin((x - y)/2)"),
    (lambda x, y: ac.cos(x) - ac.cos(y), (1.0 + 1e-13, 1.0), {"cos"}, "-2*sin((x + y)/2)*sin((x - y)/2)"),
    (lambda x, y: ac.atan(x) - ac.atan(y), (1e8 + 1, 1e8), {"atan"}, "atan2(x - y, 1 + x*y)"),
    (lambda x: ac.reciprocal(x) - ac.reciprocal(x + 1), (1e12,), {"reciprocal", "add"}, "/(x*v"),
    (lambda x: 1 - ac.sigmoid(x), (35.0,), {"sigmoid"}, "sigmoid(-x)"),
    (lambda x: 1 - ac.ndtr(x), (8.0,), {"ndtr"}, "ndtr(-x)"),
    (lambda x: 1 - ac.erf(x), (5.5,), {"erf"}, "erfc(x)"),
    (lambda x: 1 - ac.tanh(x) ** 2, (18.0,), {"tanh", "pow"}, "sech(x)**2"),
    (lambda x: (1 + x) ** 7 - 1, (1e-13,), {"add", "pow"}, "expm1("),
    (lambda x: ac.log(ac.sigmoid(x)), (36.0,), {"sigmoid"}, "logsigmoid(x)"),
    (lambda x, y: ac.log(ac.exp(x) + y - ac.exp(x)), (30.0, 1.0), {"exp", "add"}, ""),
    (lambda x: (x - ac.sin(x)) / x**3, (1e-5,), {"sin"}, ""),
    (lambda x: (ac.tan(x) - x) / x**3, (1e-5,), {"tan"}, ""),
]


@pytest.mark.parametrize(("f", "point", "blamed", "better"), CANCELLATIONS)
def test_the_culprit_is_named_first(f: Any, point: Any, blamed: set[str], better: str) -> None:
    names = ["x", "y", "z"] if len(point) != 2 or "b" not in f.__code__.co_varnames else ["b", "c"]
    budget = rounding(f(*[Value(x, name) for x, name in zip(point, names, strict=False)]))
    assert budget.roundings[0].node.op.name in blamed
    assert budget.digits < 12.5
    assert any(better in line for line in budget.suggestions) if better else True
    assert budget.roundings[0].name in str(budget)


# What leaves the range of floats on its way, the point, and the form of the table that does not.
OUT_OF_RANGE: list[tuple[Callable[..., Any], tuple[float, ...], str]] = [
    (lambda x, y: ac.sqrt(x**2 + y**2), (3e-160, 4e-160), "hypot(x, y)"),
    (lambda x, y: ac.sqrt(x * x + y * y), (3e200, 4e200), "hypot(x, y)"),
    (lambda x, y, z: ac.sqrt(ac.sum([x * x, y * y, z * z])), (3e200, 4e200, 1.0), "norm(x, y, z)"),
    (lambda x, y: ac.log(ac.exp(x) + ac.exp(y)), (-742.0, -741.0), "logsumexp(x, y)"),
    (lambda x, y: ac.log(ac.exp(x) + ac.exp(y)), (1000.0, 999.0), "logsumexp(x, y)"),
    (
        lambda x, y, z: ac.log(ac.sum([ac.exp(x), ac.exp(y), ac.exp(z)])),
        (800.0, 1.0, 2.0),
        "logsumexp(x, y, z)",
    ),
]


@pytest.mark.parametrize(("f", "point", "better"), OUT_OF_RANGE)
def test_forms_that_stay_in_range_are_suggested(f: Any, point: Any, better: str) -> None:
    budget = rounding(f(*map(Value, point, "xyz")))
    assert f"leaves the range of floats on its way: {better} keeps the digits." in budget.suggestions[-1]
    ordinary = rounding(f(*[Value(1.0 + i, name) for i, name in enumerate("xyz"[: len(point)])]))
    assert ordinary.suggestions == ()


def test_every_suggested_form_is_met() -> None:
    """Each is the first match of one of the expressions above, so no row hides another."""
    expressions = [(f, point) for f, point, *_ in (*CANCELLATIONS, *OUT_OF_RANGE)]
    lines = [line for f, point in expressions for line in rounding(f(*map(Value, point))).suggestions]
    unmet = []
    for fault, _, _, form in FORMS:
        pattern = re.sub(r"\\\{\w+\\\}", "[-a-z0-9_., ]+", re.escape(form))
        if form and not any(re.search(f"{fault}: {pattern} keeps", line) for line in lines):
            unmet.append(form)
    assert unmet == []


def test_a_graph_without_rounding_is_certain() -> None:
    x = Value(0.5, "x")
    budget = rounding(ac.relu(-x))
    assert (len(budget), budget.bound, budget.digits, budget.suggestions) == (0, 0.0, math.inf, ())
    assert str(budget).startswith("J = 0.0 ± 0.0e+00: every digit certain")


def test_the_error_of_a_sum_is_bounded_by_its_terms() -> None:
    numbers = [1e16, 1.0, -1e16]
    output = ac.sum([Value(x) for x in numbers])
    error = abs(Fraction(output.data) - sum(map(Fraction, numbers)))
    assert 0 < error <= Fraction(rounding(output).bound)


def test_what_a_stopped_gradient_holds_counts_as_exact() -> None:
    x = Value(-2.0, "x")
    for held in (ac.stop_gradient(ac.exp(x)), ac.exp(x).detach()):
        budget = rounding(x * held)
        assert [r.effect for r in budget.roundings if r.effect] == [budget.roundings[0].error]


def test_only_a_value_has_a_budget() -> None:
    with pytest.raises(DataError, match="rounding: not a single output"):
        rounding([Value(1.0)])


def test_a_bound_beyond_the_range_of_floats_is_infinite() -> None:
    a = Value(1e25)
    b, c = a * 1.1, a * 1.1
    for output in ((b - c) * 1e299 + (b * 1.0 - c * 1.0) * 1e299, (b * 1.0 - c * 1.0) * 1e299):
        budget = rounding(output)
        assert (budget.bound, budget.digits) == (math.inf, 0.0)
        assert "± inf" in str(budget)


@pytest.mark.parametrize(
    "xs", [[1e308, 1e308], [1e308, 1e308, -1e308], [math.inf, 1.0], [math.inf, -math.inf]]
)
def test_a_sum_that_leaves_the_range_of_floats_is_that_of_floats(xs: list[float]) -> None:
    assert exact_sum(xs) == sum(xs) or math.isnan(exact_sum(xs))
