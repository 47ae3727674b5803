"""Derivatives of orders 1 to 3 keep their digits, at points of every size, compared with mpmath.

The bound is in units of 2⁻⁵² of the derivative, unless that is a sum that cancels.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence

import numpy as np
import pytest
from mpmath import mp, mpf

import nn
from autograd_core import (
    DomainError,
    Value,
    abs,
    derivative,
    elu,
    errstate,
    exp,
    floor,
    gaussian,
    grad,
    gradcheck,
    gradients,
    hessian,
    huber,
    hypot,
    jvp,
    norm,
    primitive,
    selu,
    sigmoid,
    square,
    steps,
)  # fmt: skip
from autograd_core import compile as compiled
from autograd_core import round as nearest
from autograd_core.operations.operation import TABLE, Operation
from tests.checker import slopes_at, value_at
from tests.measuring import Number, error, value
from tests.measuring import derivative as slope_of
from tests.reference import REFERENCES
from tests.special_references import SPECIAL
from tests.test_operations import call

UNITS = 64
"""The largest error of a derivative of order 1 to 3, in these units."""
SIZES = [10.0**e for e in (-300, -200, -100, -50, -20, -12, -8, -5, -3, -1)]
SIZES += [0.3, 0.7, 1.2, 2.5, 7.0, 20.0, 36.0, 300.0, 1e5, 1e20, 1e100, 1e200, 1e300]
STEPPED = ("floor", "ceil", "trunc", "round", "sign")

unary_rows = [row for row in TABLE.values() if row.arity == 1 and row.name not in STEPPED]
names = [row.name for row in unary_rows]


def orders(row: Operation, x: float) -> list[float]:
    """Compute the derivatives of orders 1 to 3 at x, each as the gradient of the one before."""
    v = Value(x)
    y, found = row(v), []
    for _ in range(3):
        y = gradients(y, v, create_graph=True)
        found.append(y.data)
    return found


def right(name: str, n: int, x: float) -> Number:
    """Compute the derivative of order n in mpmath, by differences over 1e-60 of x."""
    if name in SPECIAL:  # They take long in many digits.
        with mp.workdps(50):
            return mp.diff(REFERENCES[name].function, mpf(x), n, h=min(mp.fabs(x), 1) * mpf(10) ** -15)
    with mp.workdps(400 if math.fabs(x) < 1e30 else 800):
        step = min(mp.fabs(x), 1) * mpf(10) ** -60
        return mp.diff(REFERENCES[name].function, mpf(x), n, h=step)


@pytest.mark.slow
@pytest.mark.parametrize("row", unary_rows, ids=names)
def test_orders_1_to_3_at_points_of_every_size(row: Operation) -> None:
    # Differences of special functions take long; test_operations.py takes points of all sizes.
    sizes = [size for size in SIZES if row.name not in SPECIAL or 1e-5 <= size <= 40.0]
    for x in itertools.chain.from_iterable((size, -size) for size in sizes):
        try:
            found = orders(row, x)
        except ValueError:  # Outside the domain, or at a pole.
            continue
        for n, got in enumerate(found, start=1):
            expected = right(row.name, n, x)
            if not isinstance(expected, mp.mpc) and error(got, expected) > UNITS * 2.0**-52:
                # Near a zero of the derivative, its scale is the change caused by rounding x.
                size = abs(x * right(row.name, n + 1, x))
                assert abs(got - expected) <= UNITS * 2.0**-52 * size, (n, x, got, expected)


@pytest.mark.parametrize("x", [1e-300, 1e-20, 1e-9, -1e-20])
def test_odd_derivatives_of_even_slopes_are_not_lost(x: float) -> None:
    second = {"tanh": -2.0, "asin": 1.0, "acos": -1.0, "atanh": 2.0, "sigmoid": -0.125}
    third = {"softplus": -0.125, "logsigmoid": 0.125, "silu": -0.5, "gelu": -4.0 / math.sqrt(2.0 * math.pi)}
    for name, factor in second.items():
        assert derivative(TABLE[name], 2)(x) == pytest.approx(factor * x, rel=1e-14), name
    for name, factor in third.items():
        assert derivative(TABLE[name], 3)(x) == pytest.approx(factor * x, rel=1e-14), name


PAIRS = [*itertools.product([1e-8, 1e-5, 0.3, 1.0, 2.5, 1e5, 1e8], [1e-8, 1e-5, 0.4, 1.5, 1e5, 1e8])]
OF_TWO = ("hypot", "norm", "unit", "direction", "inversion", "div", "mul", "difference_of_squares")


def second_derivatives(row: Operation, point: Sequence[float]) -> list[float]:
    xs = [Value(x) for x in point]
    slopes = gradients(call(row, *xs), xs, create_graph=True)
    return [bend for slope in slopes for bend in gradients(slope, xs)]


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_TWO)
def test_hessians_of_arguments_of_unlike_size(name: str) -> None:
    """The error of each entry is relative to that entry, however large the others are."""
    for point in PAIRS:
        found = second_derivatives(TABLE[name], point)
        with mp.workdps(200):
            for (i, j), got in zip(itertools.product(range(2), repeat=2), found, strict=True):
                order = ((i == 0) + (j == 0), (i == 1) + (j == 1))
                scale = [mpf(x) for x in point]

                def scaled(s: Number, t: Number, a: Number = scale[0], b: Number = scale[1]) -> Number:
                    return REFERENCES[name].function(a * (1 + s), b * (1 + t))

                expected = mp.diff(scaled, (mpf(0), mpf(0)), order) / math.prod(map(pow, scale, order))
                # 1/r⁴ (b² - a²) is a difference; all others are products.
                size = 2 * mp.fabs(expected) if name != "inversion" else mp.hypot(*scale) ** -3
                off = mp.fabs(got - expected) / max(size, mpf(1e-60))
                assert off <= UNITS * 2.0**-52, (point, i, j, got)


def test_a_hessian_of_many_numbers_of_unlike_size() -> None:
    h = hessian(norm)([1e5, 1.0, 2.0])
    r = math.hypot(1e5, 1.0, 2.0)
    assert h[0][0] == pytest.approx(5.0 / r**3, rel=1e-14)
    assert h[0][1] == pytest.approx(-1e5 / r**3, rel=1e-14)
    assert h[1][1] == pytest.approx((1e10 + 4.0) / r**3, rel=1e-14)
    third = derivative(lambda t: norm([1.0, t, 0.0]), 2)(0.0)
    assert third == 1.0


SMOOTH = {
    "exp(-norm²)": (lambda v: exp(-(norm(v) ** 2)), -2.0),
    "exp(-hypot²)": (lambda v: exp(-(hypot(v[0], v[1]) ** 2)), -2.0),
    "norm · norm": (lambda v: norm(v) * norm(v), 2.0),
    "square(norm)": (lambda v: square(norm(v)), 2.0),
    "norm⁴ + norm²": (lambda v: norm(v) ** 4 + norm(v) ** 2, 2.0),
    "norm³": (lambda v: norm(v) ** 3, 0.0),
    "gaussian(norm)": (lambda v: gaussian(norm(v)), -2.0),
    "|x|² + |y|²": (lambda v: abs(v[0]) ** 2 + square(abs(v[1])), 2.0),
    "huber": (lambda v: huber(v[0]) + huber(v[1], 0.5), 1.0),
    "huber_loss": (lambda v: 2.0 * nn.huber_loss(v, [0.0, 0.0]), 1.0),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_functions_written_with_a_kink(name: str) -> None:
    """At 0, where the kink would be, in reverse and forward mode and compiled; elsewhere nothing changes."""
    f, bend = SMOOTH[name]
    eye = [[bend, 0.0], [0.0, bend]]
    assert hessian(f)([0.0, 0.0]) == eye
    assert jvp(grad(f), ([0.0, 0.0],), ([1.0, 0.0],))[1] == eye[0]
    xs = [Value(0.3), Value(0.4)]
    program = compiled(f(xs), inputs=xs)
    assert list(program.hessian_vector_product([0.0, 0.0], [0.0, 1.0])) == eye[1]
    expected = hessian(f)([0.3, 0.4])[0]
    assert list(program.hessian_vector_product([0.3, 0.4], [1.0, 0.0])) == pytest.approx(expected, rel=1e-13)
    step = 1e-5
    ahead, behind = (grad(f)([0.3 + sign * step, 0.4]) for sign in (1.0, -1.0))
    bends = [(a - b) / (2.0 * step) for a, b in zip(ahead, behind, strict=True)]
    assert bends == pytest.approx(expected, rel=1e-6)


def test_a_norm_asked_for_itself_still_has_its_gradient() -> None:
    xs = [Value(3.0), Value(4.0)]
    n = norm(xs)
    slopes = gradients(n**2, [n, *xs], create_graph=True)
    assert [slope.data for slope in slopes] == [10.0, 6.0, 8.0]


@pytest.mark.parametrize("row", unary_rows, ids=names)
def test_slopes_at_infinity_are_the_limit(row: Operation) -> None:
    """For functions whose slope is constant long before the largest float."""
    for x in (math.inf, -math.inf):
        y = row.forward(x)
        if y != y:
            continue
        far = [math.copysign(size, x) for size in (1e200, 1e300)]
        before = [row.slopes[0](s, row.forward(s)) for s in far]
        if before[0] == before[1]:
            with errstate(all="ignore"):
                assert row.slopes[0](x, y) == before[0], x
                assert float(row.array_slopes[0](x, y)) == before[0], x


def test_elu_and_selu_bend_by_rule_3_at_0() -> None:
    assert derivative(elu, 2)(0.0) == derivative(selu, 2)(0.0) == 0.0
    assert derivative(elu)(0.0) == 1.0


@pytest.mark.parametrize(
    ("row", "args", "expected"),
    [
        ("prod", [1e200, 1e200, -6.6e-191], -6.6e209),
        ("prod", [1e-200, 1e-150, 1e200, 1e150], 1.0),
        ("prod", [1e300, 1e300, 0.0], 0.0),
        ("dot", [1e200, 1e200, 3.0, 1e200, -1e200, 2.0], 6.0),
        ("dot", [1e300, -1e300, 1e300, 5.0, 5.0, 1e-300], 1.0),
        ("mean", [1.7e308, 1.7e308, 1.7e308], 1.7e308),
    ],
)
def test_results_that_overflow_only_on_the_way(row: str, args: list[float], expected: float) -> None:
    xs = [Value(x) for x in args]
    node = TABLE[row](xs[: len(xs) // 2], xs[len(xs) // 2 :]) if row == "dot" else TABLE[row](xs)
    assert node.data == pytest.approx(expected, rel=1e-15)
    with errstate(invalid="ignore"):
        assert compiled(node * 0.5, inputs=xs)(*args) == pytest.approx(0.5 * expected, rel=1e-15)
    columns = [np.array([x, 1.0]) for x in args]
    with np.errstate(all="ignore"):
        assert TABLE[row].array(columns)[0] == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("name", ["silu", "mish", "gelu", "gelu_tanh", "hypot", "atan2", "norm"])
@pytest.mark.slow
def test_random_points_of_the_whole_range(name: str) -> None:
    """Where outliers have occurred: in the far tail, and where results or intermediates are subnormal."""
    row, reference = TABLE[name], REFERENCES[name]
    source = random.Random(name)
    for _ in range(2000):
        if name in ("hypot", "atan2", "norm"):
            exponent, spread = source.uniform(-1070.0, 1010.0), source.choice([1.0, 30.0, 300.0])
            powers = [exponent + source.uniform(-spread, spread) for _ in range(2)]
            point = tuple(source.choice([1.0, -1.0]) * 2.0 ** max(-1074.0, min(1023.0, p)) for p in powers)
        else:
            low, high = source.choice([(20.0, 30.0), (35.0, 40.0), (690.0, 750.0)])
            point = (-source.uniform(low, high),)
        y = value_at(row, point)
        assert error(y, value(reference, point)) <= 4e-15, (point, y)
        if len(point) == 2:
            for slot, slope in enumerate(slopes_at(row, point, y)):
                assert error(slope, slope_of(reference, slot, point)) <= 1e-14, (point, slot, slope)


STAIRS = {
    "floor": (floor, 12345678.5),
    "round": (nearest, 987654321.25),
    "fine stairs": (lambda x: nearest(x * 1e9) * 1e-9, 0.3),
    "underflow": (lambda x: x + sigmoid(x) * sigmoid(x), -400.0),
    "underflow of a square": (lambda x: x + square(exp(x)), -500.0),
}


@pytest.mark.parametrize("name", STAIRS)
def test_no_false_alarm_where_differences_cannot_judge(name: str) -> None:
    f, x = STAIRS[name]
    assert gradcheck(f, x, raise_exception=False).ok
    assert "✗" not in str(steps(f(Value(x, "x"))))


def test_a_wrong_slope_is_found_beside_stairs() -> None:
    @primitive(partials=[lambda x, y: 2.001 * x])
    def squared(x: float) -> float:
        return x * x

    try:
        assert not gradcheck(lambda x: squared(x) + floor(x), 12345678.5, raise_exception=False).ok
    finally:
        del TABLE["squared"], Value.squared  # type: ignore[attr-defined]


FAR = [math.inf, -math.inf, 1e308, -1e308]


def limit(name: str, order: int, x: float) -> float:
    """The limit of a derivative as x goes to infinity, from its size at 1e60."""
    far = mpf(math.copysign(1e60, x))
    with mp.workdps(300):
        d = mp.diff(REFERENCES[name].function, far, order, h=mpf("1e20"))
        if mp.fabs(d) < mpf("1e-15"):
            return 0.0
        return math.copysign(math.inf, d) if mp.fabs(d) > mpf("1e15") else float(d)


PERIODIC = ("sin", "cos", "tan")
not_periodic = [row for row in TABLE.values() if row.arity == 1 and row.name not in PERIODIC]


@pytest.mark.parametrize(
    "row",
    [row for row in TABLE.values() if row.arity == 1 and row.name not in (*PERIODIC, *SPECIAL)],
    ids=lambda row: row.name,
)
def test_derivatives_at_the_ends_are_the_limits(row: Operation) -> None:
    for start in FAR:
        x = Value(start)
        try:
            y = row(x)
        except DomainError:
            continue
        for order in (1, 2, 3):
            (y,) = gradients(y, [x], create_graph=True)
            right = 0.0 if row.name in STEPPED else limit(row.name, order, start)
            assert y.data == pytest.approx(right, rel=1e-9, abs=1e-100), (start, order)


INF = math.inf
NONE = (0.0, 0.0, 0.0)
LIMITS: dict[str, dict[float, tuple[float, ...]]] = {
    **{name: {INF: NONE, -INF: NONE} for name in ("sinc", "i0e", "i1e")},
    **{name: {INF: NONE} for name in ("y0", "y1", "digamma")},
    **{name: {INF: (0.0,), -INF: (0.0,)} for name in ("j0", "j1")},  # They oscillate.
    "gamma": {INF: (INF,)},
    "lgamma": {INF: (INF, 0.0, 0.0)},
    "log_ndtr": {INF: NONE, -INF: (INF, -1.0, 0.0)},
    "expi": {INF: (INF,), -INF: NONE},
    "zeta": {INF: NONE},
    "i0": {INF: (INF, INF, INF), -INF: (-INF, INF, -INF)},
    "i1": {INF: (INF, INF, INF), -INF: (INF, -INF, INF)},
}


@pytest.mark.parametrize("name", LIMITS)
def test_derivatives_of_special_functions_at_infinity(name: str) -> None:
    for start, limits in LIMITS[name].items():
        x = Value(start)
        y = TABLE[name](x)
        for order, right in enumerate(limits, start=1):
            (y,) = gradients(y, [x], create_graph=True)
            assert y.data == right, (start, order)


@pytest.mark.parametrize(
    ("bound", "order", "points"),
    [
        (2e-15, 1, (-1.5, 0.5, 1.0 - 1e-9, 1.0 + 1e-3, 1.9, 30.0, -20.0, -170.0)),
        (6e-15, 20, (-1.5, 0.5, 1.0 - 1e-9, 1.0 + 1e-3, 1.9, 30.0)),
        (6e-15, 40, (-1.5, 0.5, 1.0 + 1e-3, 1.9, 30.0)),
        (5e-12, 20, (-3.3, -15.0, -50.0, -100.0)),
        (3e-8, 40, (-3.3, -15.0, -50.0, -100.0)),
    ],
)
def test_derivatives_of_zeta_in_high_orders(bound: float, order: int, points: Sequence[float]) -> None:
    for x in points:
        with mp.workdps(60):
            right = mp.zeta(mpf(x), 1, order)
        assert error(TABLE["zeta_derivative"](float(order), x), right) <= bound, x


@pytest.mark.parametrize("start", FAR)
@pytest.mark.parametrize(
    ("name", "other", "right"),
    [
        ("gaussian", 1.0, (0.0, 0.0, 0.0)),
        ("gaussian", 1e-9, (0.0, 0.0, 0.0)),
        ("hypot", 1.0, (1.0, 0.0, 0.0)),
        ("norm", 1.0, (1.0, 0.0, 0.0)),
        ("atan2", 1.0, (0.0, 0.0, 0.0)),
        ("softmax", 1.0, (0.0, 0.0, 0.0)),
        ("logaddexp", 1.0, (None, 0.0, 0.0)),
        ("logsumexp", 1.0, (None, 0.0, 0.0)),
    ],
)
def test_derivatives_of_two_arguments_at_the_ends(
    name: str, other: float, right: tuple[float | None, ...], start: float
) -> None:
    x = Value(start)
    y = TABLE[name](x, other)
    y = y[0] if isinstance(y, list) else y
    for order, number in enumerate(right):
        (y,) = gradients(y, [x], create_graph=True)
        wanted = float(start > 0.0) if number is None else number
        wanted = math.copysign(wanted, start) if name in ("hypot", "norm") and order == 0 else wanted
        assert y.data == pytest.approx(wanted, abs=1e-100), order
