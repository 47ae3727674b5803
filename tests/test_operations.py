"""Every row of the table: values and derivatives compared with mpmath, and the ways to call it."""

from __future__ import annotations

import itertools
import math
import operator
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest

import autograd_core
from autograd_core import DomainError, Value, divide_no_nan, errstate, gradients, where
from autograd_core.errors import AutogradError, PoleError
from autograd_core.operations.operation import TABLE, Operation
from autograd_core.operations.table import slope_of_power
from tests.checker import faults_in_partials, faults_in_values, reference_of, slopes_at, told, value_at
from tests.measuring import higher_derivative, partial_scale
from tests.reference import REFERENCES
from tests.sampling import Point


def names(row: Operation) -> str:
    return row.name


every_row = pytest.mark.parametrize("row", TABLE.values(), ids=names)
fixed_rows = pytest.mark.parametrize(
    "row", [row for row in TABLE.values() if row.arity is not None], ids=names
)
unary_rows = pytest.mark.parametrize("row", [row for row in TABLE.values() if row.arity == 1], ids=names)


def call(row: Operation, *args: Any) -> Any:
    """Call the public function of a row, in the form that it takes."""
    function = getattr(autograd_core, row.name)
    if row.name == "dot":
        return function(args[: len(args) // 2], args[len(args) // 2 :])
    result = function(list(args)) if row.arity is None else function(*args)
    return result[0] if row.vector is not None else result


def same(a: float, b: float) -> bool:
    """Whether two floats are equal to the bit, including NaN."""
    return (a == b and math.copysign(1.0, a) == math.copysign(1.0, b)) or (a != a and b != b)


@every_row
def test_reference_covers_the_domain(row: Operation) -> None:
    reference = reference_of(row)
    assert len(set(reference.points)) >= 200
    usual = (reference.forward, reference.partial) == (4e-15, 1e-14)
    scaled = reference.forward_scale or reference.partial_scale
    assert (usual and not scaled) or reference.reason, "a looser bound needs its reason"


def test_every_reference_has_a_row() -> None:
    assert set(REFERENCES) <= set(TABLE)


def test_row_without_reference_is_told_what_to_add() -> None:
    row = Operation("triple", lambda x: 3.0 * x, (lambda x, y: 3.0,))
    with pytest.raises(pytest.fail.Exception, match=r"'triple' has no reference.*tests/reference\.py"):
        reference_of(row)


@every_row
def test_value(row: Operation) -> None:
    faults = faults_in_values(row)
    assert not faults, told(faults)


@every_row
def test_local_derivatives(row: Operation) -> None:
    faults = faults_in_partials(row)
    assert not faults, told(faults)


@every_row
def test_node_records_value_and_local_derivatives(row: Operation) -> None:
    """The eager engine, with its shortcuts for + - * /, gives the same bits as the row."""
    for point in reference_of(row).points:
        y = value_at(row, point)
        slopes = slopes_at(row, point, y)
        try:
            node = call(row, *map(Value, point))
        except DomainError:
            assert any(slope != slope for slope in slopes), point
            continue
        assert node.op is row
        assert same(node.data, y), point
        assert all(map(same, node.partials, slopes)), (point, node.partials, slopes)
        assert tuple(parent.data for parent in node.parents) == point


def derivatives(row: Operation, point: Point) -> Iterator[tuple[tuple[int, ...], float]]:
    """Yield all derivatives of orders 1 to 3: the slots, in increasing order, and the number."""
    xs = [Value(x) for x in point]
    level = {(): call(row, *xs)}
    for _ in range(3):
        following = {}
        for slots, node in level.items():
            first = slots[-1] if slots else 0
            for slot, slope in zip(
                range(first, len(xs)), gradients(node, xs[first:], create_graph=True), strict=True
            ):
                following[(*slots, slot)] = slope
                yield (*slots, slot), slope.data
        level = following


@every_row
def test_first_to_third_derivatives(row: Operation) -> None:
    reference = reference_of(row)
    for point in reference.ordinary:
        for slots, got in derivatives(row, point):
            expected = higher_derivative(reference, slots, point)
            if abs(expected) < 1e-20:
                assert abs(got) < 1e-14, (point, slots, got)
            else:
                assert abs(got - expected) <= 1e-12 * abs(expected), (point, slots, got, expected)


def columns_of(row: Operation) -> Iterator[tuple[list[Point], list[np.ndarray[Any, Any]]]]:
    """Group the points of a row by their number of arguments, also as one array per argument."""
    for _, group in itertools.groupby(sorted(reference_of(row).points, key=len), key=len):
        points = list(group)
        yield points, [np.array(column) for column in zip(*points, strict=True)]


def assert_close(
    got: Any, expected: list[float], points: list[Point], scale: Callable[[Point], Any] = lambda point: 0
) -> None:
    """Check equality to a few units in the last place (of the scale, too), including infinities and NaN."""
    got = np.broadcast_to(got, len(expected))
    assert got.dtype == np.float64
    for g, e, point in zip(got.tolist(), expected, points, strict=True):
        close = same(g, e) or abs(g - e) <= 2e-15 * abs(e) + 1e-322
        assert close or abs(g - e) <= 2e-15 * float(scale(point)), (point, g, e)


@every_row
def test_values_on_arrays(row: Operation) -> None:
    with errstate(all="ignore"):
        for points, columns in columns_of(row):
            assert_close(call(row, *columns), [value_at(row, point) for point in points], points)


def slopes_on_floats(row: Operation, point: Point, y: float) -> Sequence[float]:
    """Compute the local derivatives with float intermediates, as on arrays."""
    if row.arity is None:
        return row.slopes[0](point, y)  # type: ignore[no-any-return]
    return [slope(*point, y) for slope in row.slopes]


@every_row
def test_local_derivatives_on_arrays(row: Operation) -> None:
    for points, columns in columns_of(row):
        ys = [value_at(row, point) for point in points]
        expected = [slopes_on_floats(row, point, y) for point, y in zip(points, ys, strict=True)]
        with np.errstate(all="ignore"):
            if row.arity is None:
                got = row.array_slopes[0](columns, np.array(ys))
            else:
                got = [slope(*columns, np.array(ys)) for slope in row.array_slopes]
        for slot, slope in enumerate(got):
            scale = partial(partial_scale, reference_of(row), slot)
            assert_close(slope, [slopes[slot] for slopes in expected], points, scale)


@fixed_rows
def test_arrays_keep_their_shape_and_broadcast(row: Operation) -> None:
    point = reference_of(row).ordinary[0]
    y = value_at(row, point)
    grid = [np.full((2, 3), x) for x in point]
    assert call(row, *grid).shape == (2, 3)
    assert call(row, grid[0], *point[1:]) == pytest.approx(np.full((2, 3), y), rel=1e-14)


@fixed_rows
def test_object_arrays_give_nodes(row: Operation) -> None:
    point = reference_of(row).ordinary[0]
    nodes = call(row, np.array([Value(point[0]), Value(point[0])]), *point[1:])
    assert [node.data for node in nodes] == [value_at(row, point)] * 2
    assert all(node.op is row for node in nodes)


@every_row
def test_numbers_give_a_float(row: Operation) -> None:
    for point in reference_of(row).ordinary:
        y = call(row, *point)
        assert type(y) is float
        assert same(y, value_at(row, point))
        assert same(call(row, *map(np.float64, point)), y)


@every_row
def test_method_and_function_agree(row: Operation) -> None:
    if row.name == "dot":
        pytest.skip("takes two lists, so it is not a method")
    point = reference_of(row).ordinary[0]
    method = getattr(Value(point[0]), row.name)
    node = method(*point[1:])
    node = node[0] if row.vector is not None else node
    assert same(node.data, value_at(row, point))
    assert node.op is row
    constants = [parent.requires_grad for parent in node.parents]
    assert constants == [True] + [False] * (len(point) - 1)


@fixed_rows
def test_keywords_mean_the_arguments_of_that_name(row: Operation) -> None:
    point = reference_of(row).ordinary[0]
    named = dict(zip(row.names, point, strict=True))
    assert same(row(**named), value_at(row, point))
    assert same(row(Value(point[0]), **dict(list(named.items())[1:])).data, value_at(row, point))


@fixed_rows
def test_defaults_fill_the_last_arguments(row: Operation) -> None:
    point = reference_of(row).ordinary[0]
    required = point[: len(point) - len(row.defaults)]
    assert same(row(*required), value_at(row, (*required, *row.defaults)))
    assert same(row(Value(required[0]), *required[1:]).data, value_at(row, (*required, *row.defaults)))


@fixed_rows
def test_wrong_arguments_are_refused(row: Operation) -> None:
    point = reference_of(row).ordinary[0]
    for wrong in ((), (*point, 1.0), (None, *point[1:]), ("1.0", *point[1:]), (1j, *point[1:])):
        with pytest.raises(TypeError, match=row.name):
            row(*wrong)
    with pytest.raises(TypeError, match="unexpected argument 'nonsense'"):
        row(*point, nonsense=1.0)


@pytest.mark.parametrize("row", [row for row in TABLE.values() if row.arity is None], ids=names)
def test_any_number_of_arguments(row: Operation) -> None:
    function = getattr(autograd_core, row.name)
    if row.name == "dot":
        with pytest.raises(ValueError, match="dot"):
            function([], [])
        with pytest.raises(ValueError, match="dot"):
            function([1.0, 2.0], [3.0])
        return
    assert function(1.0, 2.0, 3.0) == function([1.0, 2.0, 3.0]) == function(float(k) for k in (1, 2, 3))
    assert function([1.0]) == function(1.0)
    alone = function(Value(1.0))
    assert same((alone[0] if row.vector is not None else alone).data, value_at(row, (1.0,)))
    for empty in ((), ([],)):
        with pytest.raises(ValueError, match=row.name):
            function(*empty)


OPERATORS = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "pow": operator.pow,
    "neg": operator.neg,
    "abs": abs,
}


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_are_the_rows(name: str) -> None:
    row, symbol = TABLE[name], OPERATORS[name]
    for point in reference_of(row).points:
        y = value_at(row, point)
        slopes = slopes_at(row, point, y)
        if any(slope != slope for slope in slopes):
            continue
        node = symbol(*map(Value, point))
        assert node.op is row
        assert same(node.data, y)
        assert all(map(same, node.partials, slopes)), (point, node.partials, slopes)
        if len(point) == 2:
            a, b = point
            for half, expected in (
                (symbol(Value(a), b), (slopes[0], 0.0)), (symbol(a, Value(b)), (0.0, slopes[1])),
            ):  # fmt: skip
                assert same(half.data, y)
                assert all(map(same, half.partials, expected)), (point, half.partials, expected)
                assert [parent.data for parent in half.parents] == [a, b]
                assert all(map(same, half.partials, expected))  # In the node's general form, too.


AWKWARD = (math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0, -1.0, 2.5, -0.5, 1e308, -1e308, 5e-324, 710.0)


def awkward_points(row: Operation) -> list[Point]:
    return list(itertools.product(AWKWARD, repeat=row.arity or 2))


@every_row
def test_awkward_arguments_never_raise_by_themselves(row: Operation) -> None:
    """The functions on floats return inf and NaN; Python's own exceptions do not escape."""
    for point in awkward_points(row):
        y = value_at(row, point)
        assert type(y) is float, point
        for slope in slopes_at(row, point, y):
            assert isinstance(slope, float), point


@every_row
def test_awkward_arguments_raise_only_errors_of_ours(row: Operation) -> None:
    for point in awkward_points(row):
        with errstate(all="ignore"):
            quiet = call(row, *map(Value, point))
        assert same(quiet.data, value_at(row, point))
        complaint = ""
        try:
            assert same(call(row, *map(Value, point)).data, quiet.data)
        except AutogradError as fault:
            complaint = str(fault)
        assert not complaint or re.match(rf"{row.name}: .*; expected .*\. ", complaint), point


@every_row
def test_infinite_arguments_have_infinite_values_silently(row: Operation) -> None:
    """Whatever the modes: nothing overflows there, and no pole is approached."""
    for point in awkward_points(row):
        if any(map(math.isinf, point)) and math.isinf(y := value_at(row, point)):
            with errstate(all="raise"):
                assert call(row, *map(Value, point)).data == y, point


@unary_rows
def test_nan_goes_through_silently(row: Operation) -> None:
    assert math.isnan(row(Value(math.nan)).data)
    assert math.isnan(row(math.nan))


def test_a_norm_of_many_numbers_has_the_direction_as_its_gradient() -> None:
    xs = [Value(0.5 * k - 3.0) for k in range(12)]
    y = TABLE["norm"](xs)
    y.backward()
    assert [x.grad for x in xs] == pytest.approx([x.data / y.data for x in xs], rel=1e-15)


@pytest.mark.parametrize("a", [0.0, -0.0, 2.0, -2.0, 1e200, math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("b", [1.0, 2.0, 0.5, -1.0, -0.5, 3.0, math.inf, math.nan])
def test_a_constant_exponent_needs_no_guard(a: float, b: float) -> None:
    with errstate(all="ignore"):
        guarded = where(b, TABLE["pow"](a, b - 1.0), where(float(a == a), divide_no_nan(1.0, a), 0.0))
        assert repr(slope_of_power(a, b)) == repr(guarded)


# The poles of each row and the values there, independent of the table.
POLES: dict[str, list[tuple[tuple[float, ...], float]]] = {
    "div": [((1.0, 0.0), math.inf), ((1.0, -0.0), -math.inf), ((-2.0, 0.0), -math.inf)],
    "pow": [
        ((0.0, -1.0), math.inf), ((-0.0, -3.0), -math.inf), ((-0.0, -2.0), math.inf), ((0.0, -2.5), math.inf),
        ((-0.0, -2.5), math.inf),
    ],
    "reciprocal": [((0.0,), math.inf), ((-0.0,), -math.inf)],
    "log": [((0.0,), -math.inf), ((-0.0,), -math.inf)],
    "log1p": [((-1.0,), -math.inf)],
    "log2": [((0.0,), -math.inf)],
    "log10": [((0.0,), -math.inf)],
    "xlogy": [((1.0, 0.0), -math.inf), ((-2.0, 0.0), math.inf)],
    "atanh": [((1.0,), math.inf), ((-1.0,), -math.inf)],
    "rsqrt": [((0.0,), math.inf), ((-0.0,), -math.inf)],
    "logit": [((0.0,), -math.inf), ((-0.0,), -math.inf), ((1.0,), math.inf)],
    "gamma": [((0.0,), math.inf), ((-0.0,), -math.inf)],
    "lgamma": [((0.0,), math.inf), ((-0.0,), math.inf)],
    "digamma": [((0.0,), -math.inf), ((-0.0,), math.inf)],
    "polygamma": [((1.0, 0.0), math.inf), ((1.0, -1.0), math.inf), ((3.0, -2.0), math.inf)],
    "beta": [((0.0, 1.0), math.inf)],
    "betaln": [((0.0, 1.0), math.inf), ((2.0, 0.0), math.inf)],
    "expi": [((0.0,), -math.inf), ((-0.0,), -math.inf)],
    "zeta": [((1.0,), math.inf)],
    "zeta_derivative": [((0.0, 1.0), math.inf), ((1.0, 1.0), -math.inf), ((2.0, 1.0), math.inf)],
    "y0": [((0.0,), -math.inf)],
    "y1": [((0.0,), -math.inf)],
    "erfinv": [((1.0,), math.inf), ((-1.0,), -math.inf)],
    "ndtri": [((0.0,), -math.inf), ((-0.0,), -math.inf), ((1.0,), math.inf)],
}  # fmt: skip


def test_every_pole_is_written_down() -> None:
    assert POLES.keys() == {name for name, row in TABLE.items() if row.pole is not None}


@pytest.mark.parametrize("name", POLES)
def test_a_pole_raises_and_is_infinite_where_that_is_ignored(name: str) -> None:
    row = TABLE[name]
    for point, infinity in POLES[name]:
        for arguments in (point, tuple(map(Value, point))):
            with pytest.raises(PoleError, match=f"^{name}: pole"):
                row(*arguments)
        with errstate(divide="ignore"):
            assert row(*point) == infinity, point
            assert row(Value(point[0]), *point[1:]).data == infinity, point
        with np.errstate(all="ignore"):
            assert row.array(*map(np.array, point)) == infinity, point


# Limits and undefined values where an otherwise correct formula is wrong.
AT_THE_EDGE: list[tuple[str, tuple[float, ...], float]] = [
    ("xlogy", (0.0, 0.0), 0.0), ("xlogy", (0.0, math.nan), math.nan), ("xlogy", (0.0, math.inf), 0.0),
    ("mish", (-math.inf,), 0.0), ("silu", (-math.inf,), 0.0), ("gelu", (-math.inf,), 0.0),
    ("gelu_tanh", (-math.inf,), 0.0), ("mish", (math.inf,), math.inf), ("softsign", (-math.inf,), -1.0),
    ("gamma", (math.inf,), math.inf), ("lgamma", (math.inf,), math.inf), ("digamma", (math.inf,), math.inf),
    ("polygamma", (1.0, math.inf), 0.0), ("expi", (-math.inf,), 0.0), ("expi", (math.inf,), math.inf),
    ("j0", (math.inf,), 0.0), ("y1", (math.inf,), 0.0), ("i0e", (math.inf,), 0.0),
    ("i1", (-math.inf,), -math.inf),
    ("log_ndtr", (math.inf,), 0.0), ("log_ndtr", (-math.inf,), -math.inf), ("sinc", (-0.0,), 1.0),
    ("sinc", (math.inf,), 0.0), ("sinc", (3.0,), 0.0), ("sinc", (1e300,), 0.0),
    ("sigmoid", (-math.inf,), 0.0), ("softplus", (-math.inf,), 0.0), ("logsigmoid", (math.inf,), 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "point", "expected"), AT_THE_EDGE)
def test_limits_of_numbers_values_and_arrays(name: str, point: tuple[float, ...], expected: float) -> None:
    row = TABLE[name]
    arrays = [np.array([x, 0.5]) for x in point]
    for found in (row(*point), row(*map(Value, point)).data, float(row(*arrays)[0])):
        assert found == pytest.approx(expected, nan_ok=True, abs=0)
