"""Each row of the rewriting table keeps what it promises; a wrong row is detected."""
# ruff: noqa: E501

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_core as ac
from autograd_core import Value, gradients, sin
from autograd_core.calculus.rewriting import BITS, DEFAULT, DIGITS, EXACT, RULES, STRUCTURE, VALUE, Rule
from autograd_core.compile.program import Program
from autograd_core.operations import table
from tests.compile.rewriting import AWKWARD, faults

POINTS = [*itertools.product(AWKWARD, (1.5, -0.0, math.inf), (-2.5, 0.0))]
KEEPING = [rule for rule in RULES if rule.keeps != STRUCTURE]
every_rule = pytest.mark.parametrize("rule", KEEPING, ids=str)
numbers = st.floats(allow_nan=True, allow_infinity=True, allow_subnormal=True)


def in_domain(rule: Rule, x: float) -> bool:
    """The eager derivative of x**0 is undefined where 1/x overflows."""
    return rule.pattern != "x**0" or not 0.0 < abs(x) < 1e-307


@every_rule
def test_at_awkward_points(rule: Rule) -> None:
    assert faults(rule, [p for p in POINTS if in_domain(rule, p[0])]) == []


@every_rule
@settings(max_examples=25, deadline=None)
@given(numbers, numbers, numbers)
def test_anywhere(rule: Rule, x: float, y: float, z: float) -> None:
    if in_domain(rule, x):
        assert faults(rule, [(x, y, z)], (2.0, 0.5, -3.0, 3.0)) == []


def test_structural_zeros_are_for_gradients_alone() -> None:
    structural = [rule for rule in RULES if rule.keeps == STRUCTURE]
    compiled = {rule for rules in (*DEFAULT.values(), *EXACT.values()) for rule in rules}
    assert len(structural) == 2
    assert compiled.isdisjoint(structural)
    assert all(rule.gradients for rule in structural)


WRONG = [
    Rule("x * 0", "0 * 1", table.mul, lambda a, b: 0.0 if 0.0 in (a, b) else None, VALUE),
    Rule("x - x", "0 * 1", table.sub, lambda a, b: 0.0, VALUE),
    Rule("x / x", "1", table.div, lambda a, b: 1.0, DIGITS),
    Rule("x + 0", "x", table.add, lambda a, b: a if b == 0.0 else None, BITS),
    Rule("0 - x", "-x", table.sub, lambda a, b: -b, BITS),
    Rule("x**0.5", "sqrt(x)", table.pow, lambda a, b: table.sqrt(a), VALUE),
    Rule("x / c", "x * (1 / c)", table.div, lambda x, c: x * (1.0 / c) if c == 3.0 else None, VALUE),
    Rule("x**2", "x * (x * 1.000000001)", table.pow, lambda x, c: x * (x * 1.000000001), DIGITS),
    Rule("x**c * x**d", "x**(c + d)", table.mul, lambda a, b: table.pow(a.parents[0], a.parents[1] + b.parents[1]), DIGITS),
    Rule("(x + y) - y", "x", table.sub, lambda a, b: a.parents[0], DIGITS),
    Rule("x + (y + z)", "(x + y) + z", table.add, lambda a, b: (a + b.parents[0]) + b.parents[1] if b.op else None, BITS),
    # The value is right, the derivative is not.
    Rule("relu(x) * relu(x)", "x * relu(x)", table.mul, lambda a, b: a.parents[0] * b, DIGITS),
    Rule("abs(abs(x))", "x * sign(x)", table.abs, lambda a: a.parents[0] * 1.0 * table.sign(-a.parents[0]), DIGITS),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("rule", WRONG, ids=str)
def test_a_wrong_rule_is_found_out(rule: Rule) -> None:
    assert faults(rule, POINTS)


def test_whole_programs_are_simplified_and_keep_their_values() -> None:
    x, y = Value(1.25, "x"), Value(-0.5, "y")
    z = (
        sin(x * 1 + 0)
        - -(y * y) / 8
        - -x
        + (x**3) * (x**5)
        + sin(x * 1 + 0)
        + 2 * (Value(3.0, requires_grad=False) + 1)
    )
    for exact in (False, True):
        program = ac.compile(z, inputs=[x, y], exact=exact)
        value, slopes = program.value_and_grad(1.25, -0.5)
        close = 0.0 if exact else 1e-14
        assert value == pytest.approx(z.data, rel=close)
        assert slopes == pytest.approx(gradients(z, [x, y]), rel=close)
    found = ac.compile(z, inputs=[x, y]).explain()
    assert set(found.simplified) >= {
        "x * 1 → x", "x + 0 → x", "x - -y → x + y", "x / c → x * (1 / c)", "constants folded", "equal nodes shared",
    }  # fmt: skip
    assert "x * 1 → x" in str(found)


@pytest.mark.parametrize("exact", [False, True])
def test_a_constant_that_is_undefined_is_not_folded_away(exact: bool) -> None:
    x, w = Value(2.0, "x"), Value(1.0, "w", requires_grad=False)
    root = x * ac.exp(-1 / w)
    w.data = 0.0
    program: Program = ac.compile(root, inputs=[x], exact=exact)
    with pytest.raises(ac.errors.PoleError):
        program(2.0)
