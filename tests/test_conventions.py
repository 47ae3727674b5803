"""Values and derivatives at special points: kinks, ties, boundaries, infinities.

Each line of the table is one point of `docs/conventions.md`: the expression, the point, and the value and
gradient with all errors ignored. `ANY` is unspecified. `raises` says where the default modes raise:
"forward", or "backward", if an infinite slope is multiplied by zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, inf, isnan, log, nan, pi, tan
from re import fullmatch
from typing import Any

import numpy as np
import pytest

import autograd_core
from autograd_core import Value, errstate, gradients
from autograd_core.errors import DomainError, RangeError
from autograd_core.operations.table import TABLE
from tests.special_references import OF_ORDER

ANY = None

FUNCTIONS = {name: getattr(autograd_core, name) for name in TABLE}
FUNCTIONS |= {
    "amax": autograd_core.max,
    "log_sigmoid": autograd_core.logsigmoid,
    "stop": lambda x: x.detach(),
}


@dataclass(frozen=True)
class Row:
    number: int
    expression: str
    at: dict[str, float]
    value: float | None
    gradient: tuple[float | None, ...]
    raises: str = ""
    orders: tuple[float, ...] = ()

    def __str__(self) -> str:
        return f"{self.number}: {self.expression} at {self.at}"

    def build(self) -> tuple[Value, list[Value]]:
        """Build the expression as a graph and return it with its variables."""
        leaves = {name: Value(number, name) for name, number in self.at.items()}
        return eval(self.expression, {**FUNCTIONS, "__builtins__": {}}, leaves), list(leaves.values())


def at(**point: float) -> dict[str, float]:
    return point


# fmt: off
POWERS = [
    Row(1, "x**2", at(x=0), 0, (0,)),
    Row(2, "x**1", at(x=0), 0, (1,)),
    Row(3, "x**0", at(x=0), 1, (0,)),
    Row(4, "x**0.0", at(x=0), 1, (0,)),
    Row(5, "x**0", at(x=nan), 1, (0,)),
    Row(6, "x**0.5", at(x=0), 0, (inf,)),
    Row(7, "x**1.5", at(x=0), 0, (0,)),
    Row(8, "x*x**0.5", at(x=0), 0, (ANY,), "backward"),
    Row(9, "x**-1", at(x=0), inf, (-inf,), "forward"),
    Row(10, "x**-2", at(x=0), inf, (-inf,), "forward"),
    Row(11, "x**3", at(x=-2), -8, (12,)),
    Row(12, "x**2.0", at(x=-2), 4, (-4,)),
    Row(13, "x**3.0", at(x=-2), -8, (12,)),
    Row(14, "x**0.5", at(x=-1), nan, (nan,), "forward"),
    Row(15, "x**(1/3)", at(x=-8), nan, (nan,), "forward"),
    Row(16, "x**y", at(x=0, y=0), 1, (0, 0)),
    Row(17, "x**y", at(x=0, y=1), 0, (1, 0)),
    Row(18, "x**y", at(x=0, y=2), 0, (0, 0)),
    Row(19, "x**y", at(x=0, y=0.5), 0, (inf, 0)),
    Row(20, "x**y", at(x=0, y=-1), inf, (-inf, -inf), "forward"),
    Row(21, "x**y", at(x=2, y=0), 1, (0, log(2))),
    Row(22, "x**y", at(x=-2, y=3), -8, (12, nan), "forward"),
    Row(23, "x**y", at(x=-2, y=2), 4, (-4, nan), "forward"),
    Row(24, "x**y", at(x=1, y=inf), 1, (ANY, ANY)),
    Row(25, "0**x", at(x=2), 0, (0,)),
    Row(26, "0**x", at(x=0), 1, (0,)),
    Row(27, "0**x", at(x=-1), inf, (-inf,), "forward"),
    Row(28, "(-2)**x", at(x=2), 4, (nan,), "forward"),
    Row(29, "(-2)**x", at(x=0.5), nan, (nan,), "forward"),
    Row(30, "1**x", at(x=5), 1, (0,)),
    Row(31, "x**2", at(x=0), 0, (0,), orders=(0, 2, 0, 0)),
    Row(32, "x**3", at(x=0), 0, (0,), orders=(0, 0, 6, 0)),
    Row(33, "exp(-x**2)", at(x=0), 1, (0,), orders=(0, -2, 0, 12)),
    Row(34, "x**1", at(x=0), 0, (1,), orders=(1, 0, 0)),
    Row(35, "x*x*x", at(x=0), 0, (0,), orders=(0, 0, 6, 0)),
]

ROOTS_LOGS_QUOTIENTS = [
    Row(36, "sqrt(x)", at(x=0), 0, (inf,)),
    Row(37, "sqrt(x)", at(x=-1), nan, (nan,), "forward"),
    Row(38, "sqrt(x)", at(x=-0.0), ANY, (ANY,)),
    Row(39, "sqrt(x**2)", at(x=0), 0, (ANY,), "backward"),
    Row(40, "sqrt(x*x+y*y)", at(x=0, y=0), 0, (ANY, ANY), "backward"),
    Row(41, "hypot(x,y)", at(x=0, y=0), 0, (0, 0)),
    Row(42, "cbrt(x)", at(x=0), 0, (inf,)),
    Row(43, "log(x)", at(x=0), -inf, (inf,), "forward"),
    Row(44, "log(x)", at(x=-1), nan, (ANY,), "forward"),
    Row(45, "log1p(x)", at(x=-1), -inf, (inf,), "forward"),
    Row(46, "log2(x)", at(x=0), -inf, (inf,), "forward"),
    Row(47, "x*log(x)", at(x=0), nan, (ANY,), "forward"),
    Row(48, "xlogy(x,y)", at(x=0, y=0), 0, (-inf, 0)),
    Row(49, "xlogy(x,y)", at(x=0, y=3), 0, (log(3), 0)),
    Row(50, "xlogy(x,x)", at(x=0), 0, (ANY,)),
    Row(51, "1/x", at(x=0), inf, (-inf,), "forward"),
    Row(52, "1/x", at(x=-0.0), -inf, (-inf,), "forward"),
    Row(53, "x/x", at(x=0), nan, (nan,), "forward"),
    Row(54, "x/y", at(x=1, y=0), inf, (inf, -inf), "forward"),
    Row(55, "x/y", at(x=0, y=0), nan, (ANY, nan), "forward"),
]

KINKS_AND_TIES = [
    Row(56, "abs(x)", at(x=0), 0, (0,)),
    Row(57, "abs(x)", at(x=-0.0), 0, (0,)),
    Row(58, "abs(x)", at(x=0), 0, (0,), orders=(0, 0)),
    Row(59, "relu(x)", at(x=0), 0, (0,)),
    Row(60, "relu(x)", at(x=nan), nan, (ANY,)),
    Row(61, "leaky_relu(x)", at(x=0), 0, (0.01,)),
    Row(62, "elu(x)", at(x=0), 0, (1,)),
    Row(63, "max(x,y)", at(x=1, y=1), 1, (0.5, 0.5)),
    Row(64, "min(x,y)", at(x=1, y=1), 1, (0.5, 0.5)),
    Row(65, "max(x,x)", at(x=1), 1, (1,)),
    Row(66, "max(x,1)", at(x=1), 1, (0.5,)),
    Row(67, "max(x,y)", at(x=nan, y=1), nan, (ANY, ANY)),
    Row(68, "max(x,y)", at(x=1, y=nan), nan, (ANY, ANY)),
    Row(69, "max(max(x,y),z)", at(x=2, y=2, z=2), 2, (0.25, 0.25, 0.5)),
    Row(70, "amax(x,y,z)", at(x=2, y=2, z=2), 2, (1 / 3, 1 / 3, 1 / 3)),
    Row(71, "abs(x-y)", at(x=3, y=3), 0, (0, 0)),
    Row(72, "sign(x)", at(x=0), 0, (0,)),
    Row(73, "floor(x)", at(x=1.5), 1, (0,)),
    Row(74, "floor(x)", at(x=2), 2, (0,)),
    Row(75, "round(x)", at(x=2.5), 2, (0,)),
    Row(76, "clip(x,-1,1)", at(x=1), 1, (1,)),
    Row(77, "clip(x,-1,1)", at(x=-1), -1, (1,)),
    Row(78, "clip(x,-1,1)", at(x=2), 1, (0,)),
    Row(79, "x%y", at(x=5, y=3), 2, (1, -1)),
    Row(80, "x%y", at(x=-5, y=3), 1, (1, 2)),
    Row(81, "where(x>0,log(x),0*x)", at(x=0), 0, (0,), "forward"),
    Row(82, "where(x>0,x,0*x)", at(x=0), 0, (0,)),
    Row(83, "where(x>0,sqrt(x),-x)", at(x=0), 0, (-1,)),
]

ANGLES_AND_INVERSES = [
    Row(84, "atan2(y,x)", at(y=0, x=0), 0, (0, 0), "forward"),
    Row(85, "atan2(y,x)", at(y=0, x=-1), pi, (-1, 0)),
    Row(86, "atan2(y,x)", at(y=-0.0, x=-1), -pi, (-1, 0)),
    Row(87, "atan2(y,x)", at(y=1, x=0), pi / 2, (0, -1)),
    Row(88, "asin(x)", at(x=1), pi / 2, (inf,)),
    Row(89, "acos(x)", at(x=1), 0, (-inf,)),
    Row(90, "asin(x)", at(x=2), nan, (nan,), "forward"),
    Row(91, "acosh(x)", at(x=1), 0, (inf,)),
    Row(92, "acosh(x)", at(x=0.5), nan, (ANY,), "forward"),
    Row(93, "atanh(x)", at(x=1), inf, (inf,), "forward"),
    Row(94, "atanh(x)", at(x=-1), -inf, (inf,), "forward"),
    Row(95, "tan(x)", at(x=pi / 2), tan(pi / 2), (ANY,)),
    Row(96, "lgamma(x)", at(x=0), inf, (-inf,), "forward"),
    Row(97, "lgamma(x)", at(x=-0.5), 1.2655121234846454, (0.036489973978576520,)),
    Row(98, "lgamma(x)", at(x=-1), inf, (nan,), "forward"),
    Row(99, "sinc(x)", at(x=0), 1, (0,)),
]

EXTREMES = [
    Row(100, "exp(x)", at(x=1000), inf, (inf,)),
    Row(101, "exp(x)", at(x=-inf), 0, (0,)),
    Row(102, "sigmoid(x)", at(x=inf), 1, (0,)),
    Row(103, "sigmoid(x)", at(x=-inf), 0, (0,)),
    Row(104, "sigmoid(x)", at(x=-1000), 0, (0,)),
    Row(105, "1/(1+exp(-x))", at(x=-1000), 0, (ANY,), "backward"),
    Row(106, "tanh(x)", at(x=inf), 1, (0,)),
    Row(107, "softplus(x)", at(x=inf), inf, (1,)),
    Row(108, "softplus(x)", at(x=-inf), 0, (0,)),
    Row(109, "softplus(x)", at(x=1000), 1000, (1,)),
    Row(110, "softplus(x)", at(x=25), 25.000000000013888, (0.9999999999861121,)),
    Row(111, "log(1+exp(x))", at(x=1000), inf, (ANY,), "backward"),
    Row(112, "log_sigmoid(x)", at(x=-1000), -1000, (1,)),
    Row(113, "log(sigmoid(x))", at(x=-1000), -inf, (ANY,), "forward"),
    Row(114, "silu(x)", at(x=-inf), 0, (0,)),
    Row(115, "gelu(x)", at(x=-inf), 0, (0,)),
    Row(116, "logsumexp(x,y)", at(x=-inf, y=-inf), -inf, (ANY, ANY)),
    Row(117, "logsumexp(x,y)", at(x=-inf, y=0), 0, (0, 1)),
    Row(118, "logsumexp(x,y)", at(x=inf, y=0), inf, (ANY, ANY)),
    Row(119, "logsumexp(x,y)", at(x=1000, y=1000), 1000 + log(2), (0.5, 0.5)),
    Row(120, "logaddexp(x,y)", at(x=-inf, y=-inf), -inf, (ANY, ANY)),
    Row(121, "logaddexp(x,y)", at(x=inf, y=inf), inf, (ANY, ANY)),
    Row(122, "logaddexp(x,y)", at(x=inf, y=-inf), inf, (ANY, ANY)),
    Row(123, "x-logsumexp(x,y)", at(x=-inf, y=0), -inf, (1, -1)),
    Row(124, "x*log(p)", at(x=0, p=0), nan, (ANY, ANY), "forward"),
    Row(125, "x*x", at(x=nan), nan, (nan,)),
    Row(126, "x-x", at(x=inf), nan, (0,), "forward"),
    Row(127, "0*x", at(x=inf), nan, (0,), "forward"),
    Row(128, "sin(x)", at(x=inf), nan, (nan,), "forward"),
    Row(129, "erf(x)", at(x=inf), 1, (0,)),
    Row(130, "x*1e300*1e300", at(x=1), inf, (inf,)),
    Row(131, "max(x,y)", at(x=inf, y=1), inf, (1, 0)),
    Row(132, "atan(x)", at(x=inf), pi / 2, (0,)),
]

WHAT_REACHES_THE_OUTPUT = [
    Row(133, "0*x+5", at(x=2), 5, (0,)),
    Row(134, "y+0", at(x=2, y=3), 3, (0, 1)),
    Row(135, "x*stop(x)", at(x=3), 9, (3,)),
    Row(136, "stop(x)*stop(x)", at(x=3), 9, (0,)),
    Row(137, "x+x", at(x=3), 6, (2,)),
    Row(138, "x", at(x=3), 3, (1,)),
]
# fmt: on

ROWS = [
    *POWERS,
    *ROOTS_LOGS_QUOTIENTS,
    *KINKS_AND_TIES,
    *ANGLES_AND_INVERSES,
    *EXTREMES,
    *WHAT_REACHES_THE_OUTPUT,
]

every_row = pytest.mark.parametrize("row", ROWS, ids=str)


def agrees(got: float, adopted: float | None) -> bool:
    if adopted is ANY:
        return True
    if isnan(adopted):
        return isnan(got)
    return got == pytest.approx(adopted, rel=1e-14, abs=0.0)


def assert_adopted(row: Row) -> None:
    y, leaves = row.build()
    assert agrees(y.data, row.value), y.data
    y.backward()
    gradient = [leaf.grad for leaf in leaves]
    assert all(map(agrees, gradient, row.gradient)), gradient


def test_table_is_complete() -> None:
    assert sorted(row.number for row in ROWS) == list(range(1, 139))


@every_row
def test_adopted_numbers_where_faults_are_ignored(row: Row) -> None:
    with errstate(all="ignore"):
        assert_adopted(row)


@every_row
def test_default_modes(row: Row) -> None:
    if row.raises == "forward":
        with pytest.raises(DomainError, match=r"^\w+: .*argument 1 = .*; expected .*\. "):
            row.build()
    elif row.raises == "backward":
        y, leaves = row.build()
        assert agrees(y.data, row.value)
        with pytest.raises(DomainError, match=r"^backward: .*node.*node"):
            y.backward()
        assert [leaf.grad for leaf in leaves] == [0.0] * len(leaves)
    else:
        assert_adopted(row)


ONE_OPERATION = r"\w+\([xyp,]+\)|x(\*\*|/)[\dy.-]+|x/x|1/x"


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if row.raises == "forward" and fullmatch(ONE_OPERATION, row.expression)],
    ids=str,
)
def test_refusal_names_the_labels(row: Row) -> None:
    with pytest.raises(DomainError) as fault:
        row.build()
    assert all(f"(node {label!r})" in str(fault.value) for label in row.at)


@pytest.mark.parametrize("row", [row for row in ROWS if row.orders], ids=str)
def test_higher_orders(row: Row) -> None:
    node: Any
    node, (x,) = row.build()
    found = []
    for _ in row.orders:
        node = gradients(node, x, create_graph=True)
        found.append(node.data)
    assert tuple(found) == row.orders


@pytest.mark.parametrize("row", [row for row in ROWS if row.expression in ("max(x,y)", "min(x,y)")], ids=str)
def test_two_arguments_of_max_are_as_maximum(row: Row) -> None:
    name = "maximum" if "max" in row.expression else "minimum"
    assert_adopted(Row(row.number, f"{name}(x,y)", row.at, row.value, row.gradient))


def test_overflow_is_infinite_unless_asked_to_raise() -> None:
    assert autograd_core.exp(Value(1000.0)).data == inf
    with errstate(over="raise"), pytest.raises(RangeError, match="exp: overflow"):
        autograd_core.exp(Value(1000.0))
    with errstate(over="raise"), pytest.raises(RangeError, match="mul: overflow"):
        Value(1e300) * 1e300
    assert (1 / (1 + autograd_core.exp(Value(1000.0)))).data == 0.0


def test_infinite_slope_is_no_error_until_it_meets_a_zero() -> None:
    x = Value(0.0, "x")
    root = autograd_core.sqrt(x)
    root.backward()
    assert x.grad == inf
    with pytest.raises(DomainError, match=r"0\.0 arrives at .*sqrt.*local derivative inf.*node 'x'"):
        (0.0 * root).backward()
    assert x.grad == inf


@pytest.mark.parametrize("a", [5.0, -5.0, 6.0, 0.5, -1e-20])
@pytest.mark.parametrize("b", [3.0, -3.0, 0.7])
def test_remainder_is_that_of_python_on_either_side(a: float, b: float) -> None:
    for left, right in ((Value(a), Value(b)), (Value(a), b), (a, Value(b)), (Value(a), np.float64(b))):
        found = left % right
        assert isinstance(found, Value)
        assert found.data == a % b
    y = Value(a) % Value(b)
    assert y.partials == (1.0, -float(floor(a / b)))


@pytest.mark.parametrize("name", OF_ORDER)
def test_an_order_is_a_whole_number_of_slope_0(name: str) -> None:
    for constant in (1.0, Value(1.0, requires_grad=False), Value(1.0)):
        order, x = Value(1.0), Value(0.75)
        y = TABLE[name](order, x)
        assert gradients(y, [order, x]) == [0.0, gradients(TABLE[name](constant, x), x)]
    with pytest.raises(DomainError, match=f"{name}: .*expected whole n from"):
        TABLE[name](Value(1.5), Value(0.75))


def test_zeta_at_its_pole_and_at_infinities() -> None:
    """At the pole it is the limit from above; at negative even numbers it is exactly 0."""
    zeta, derivative = autograd_core.zeta, autograd_core.zeta_derivative
    for x in (1.0, -inf):
        with pytest.raises(DomainError, match="zeta: .*expected x other than 1 and −∞"):
            zeta(Value(x))
    with errstate(all="ignore"):
        x = Value(1.0)
        assert (zeta(x).data, gradients(zeta(x), x), derivative(2, x).data) == (inf, -inf, inf)
        assert all(map(isnan, (zeta(-inf), zeta(nan), derivative(41.0, 2.0))))
    assert (zeta(inf), derivative(1.0, inf), zeta(-301.0), zeta(0.0)) == (1.0, 0.0, -inf, -0.5)
    assert [zeta(x) for x in (-2.0, -4.0, -170.0, -300.0, -1e300)] == [0.0] * 5


def test_bare_errors_of_python_never_get_out() -> None:
    """Nor do complex numbers: each special power gives a float or an error of this package."""
    for base in (-8.0, -1.0, 0.0, 1e308):
        for exponent in (1 / 3, -1.0, 0.5, 1e308, -2.5):
            with errstate(all="ignore"):
                assert type((Value(base) ** exponent).data) is float
                assert type((base ** Value(exponent)).data) is float
