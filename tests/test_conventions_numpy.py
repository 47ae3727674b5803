"""How Values work with NumPy: the third part of the conventions."""

from __future__ import annotations

import math
import operator
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import permutations, product
from typing import Any

import numpy as np
import pytest

import autograd_core
from autograd_core import Value
from autograd_core.errors import DataError, DataValueError, DomainError, TraceError
from autograd_core.numpy_protocol import BY_OPERATORS, CURES
from autograd_core.operations.table import TABLE
from tests.checker import reference_of

ARITHMETIC = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
SCALARS = [np.float64(2), np.float32(2), np.float16(2), np.int64(2), np.int8(2), np.uint8(2), np.array(2.0)]


@pytest.mark.parametrize("scalar", SCALARS, ids=lambda scalar: f"{type(scalar).__name__}-{scalar.dtype}")
@pytest.mark.parametrize("symbol", ARITHMETIC)
def test_scalar_on_either_side_gives_a_value(symbol: Any, scalar: Any) -> None:
    for number in (lambda v: symbol(v, scalar), lambda v: symbol(scalar, v)):
        v = Value(3.0)
        node = number(v)
        assert type(node) is Value
        assert type(node.data) is float
        node.backward()
        assert type(v.grad) is float
        assert v.grad != 0.0
    assert symbol(scalar, Value(3.0)).data == symbol(2.0, 3.0)


@pytest.mark.parametrize("scalar", SCALARS[:-1], ids=lambda scalar: type(scalar).__name__)
def test_comparison_with_a_scalar_gives_a_bool(scalar: Any) -> None:
    v = Value(3.0)
    outcomes = [scalar < v, scalar <= v, scalar > v, scalar >= v, v > scalar, v < scalar]
    assert [bool(outcome) for outcome in outcomes] == [True, True, False, False, True, False]
    assert all(isinstance(outcome, bool | np.bool_) for outcome in outcomes)
    assert [scalar == v, scalar != v, v == scalar, v != scalar] == [False, True, False, True]


@pytest.mark.parametrize("name", ["less", "less_equal", "greater", "greater_equal"])
def test_a_comparison_by_name_is_of_the_numbers(name: str) -> None:
    compare = getattr(np, name)
    for a, b in product((1.0, 2.0, 0.0, -0.0, math.inf, -math.inf, math.nan), repeat=2):
        expected = bool(compare(a, b))
        for left in (Value(a), a, np.float64(a), np.array(a)):
            for right in (Value(b), b, np.float64(b), np.array(b)):
                assert bool(compare(left, right)) is expected, (left, right)
        with np.errstate(invalid="ignore"):  # NumPy warns of nan in an array of any objects.
            for one, other in ((np.array([Value(a)]), Value(b)), (a, np.array([Value(b)])), (Value(a), [b])):
                assert compare(one, np.asarray(other, dtype=object)).tolist() == [expected]


@pytest.mark.parametrize("symbol", ARITHMETIC)
def test_array_on_either_side_gives_an_array_of_values(symbol: Any) -> None:
    array = np.array([1.0, 2.0])
    for swapped in (False, True):
        v = Value(3.0)
        nodes = symbol(array, v) if swapped else symbol(v, array)
        assert type(nodes) is np.ndarray
        assert nodes.dtype == object
        assert nodes.shape == (2,)
        assert all(type(node) is Value for node in nodes)
        plain = symbol(array, 3.0) if swapped else symbol(3.0, array)
        assert [node.data for node in nodes] == plain.tolist()
        sum(nodes).backward()
        assert type(v.grad) is float


def test_both_ways_are_the_same() -> None:
    v = Value(3.0)
    one, other = np.array([1.0, 2.0]) * v, v * np.array([1.0, 2.0])
    assert [node.data for node in one] == [node.data for node in other]
    assert [sorted(p.data for p in node.parents) for node in one] == [
        sorted(p.data for p in node.parents) for node in other
    ]


UFUNCS = [row for row in TABLE.values() if row.ufunc is not None and row.arity is not None]


@pytest.mark.parametrize("row", UFUNCS, ids=lambda row: row.name)
def test_ufunc_with_a_row_gives_its_node(row: Any) -> None:
    point = reference_of(row).ordinary[0]
    node = getattr(np, row.ufunc)(*map(Value, point))
    assert type(node) is Value
    assert node.op is row
    assert node.data == row.forward(*point)


# Every row that NumPy has a function for, with that function: for numbers, arrays, and both.
FUNCTIONS = {row.name: (row, getattr(np, row.ufunc)) for row in UFUNCS} | {"clip": (TABLE["clip"], np.clip)}
AWKWARD = (-1.0, -0.0, 0.0, 1.0, math.nan, math.inf)


def points_of(row: Any) -> list[tuple[float, ...]]:
    """Return ordinary points, ties, kinks, boundaries, infinities and nan."""
    awkward = AWKWARD if row.arity < 3 else (0.0, 1.0, math.nan)
    return [*reference_of(row).ordinary[:3], *product(awkward, repeat=row.arity)]


def one(x: Any) -> Any:
    return np.array([x], dtype=object)


def without_dimensions(x: Any) -> Any:
    array = np.empty((), dtype=object)
    array[()] = x
    return array


PLACES: dict[str, Callable[[float], Any]] = {
    "array": lambda x: one(Value(x)),
    "0-d array": lambda x: without_dimensions(Value(x)),
    "value": Value,
    "number": float,
    "array of floats": lambda x: np.array([x]),
    "NumPy number": np.float64,
}


def value_in(x: Any) -> Any:
    """Return the one `Value` or number in an argument or a result."""
    return x.item() if isinstance(x, np.ndarray | np.generic) else x


def outcome(function: Any, arguments: list[Any]) -> Any:
    """Return the value and the gradients of all `Value`s among the arguments, or the error."""
    leaves = [x for x in map(value_in, arguments) if isinstance(x, Value)]
    # In the loops of operators, NumPy warns about infinities and nan, as for other objects.
    try:
        with np.errstate(all="ignore" if getattr(function, "__name__", "") in BY_OPERATORS else "raise"):
            y = value_in(function(*arguments))
        y.backward()
    except DomainError as error:
        return type(error)
    return struct.pack(f"{1 + len(leaves)}d", y.data, *[leaf.grad for leaf in leaves])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_of_numpy_is_the_row(name: str) -> None:
    """Also at special points, for every kind of argument, bit for bit and including gradients."""
    row, function = FUNCTIONS[name]
    for holders in product(PLACES, repeat=row.arity):
        if not {"array", "0-d array", "value"} & set(holders) or (row.arity == 3 and len(set(holders)) == 3):
            continue
        for point in points_of(row):
            held = [PLACES[holder](x) for holder, x in zip(holders, point, strict=True)]
            asked = [value_in(PLACES[holder](x)) for holder, x in zip(holders, point, strict=True)]
            expected = outcome(row, [x if isinstance(x, Value) else float(x) for x in asked])
            assert outcome(function, held) == expected, f"{function.__name__} at {point} as {holders}"


@pytest.mark.parametrize("name", [name for name, (row, _) in FUNCTIONS.items() if row.arity == 1])
def test_function_of_numpy_meets_plain_numbers_among_values(name: str) -> None:
    row, function = FUNCTIONS[name]
    (x,) = reference_of(row).ordinary[0]
    first, second = function(np.array([Value(x), x], dtype=object))
    assert first.data == row(x)
    assert value_in(second) == pytest.approx(row(x), rel=1e-15)


REDUCTIONS: dict[str, tuple[Callable[..., Any], ...]] = {
    "sum": (np.sum, np.add.reduce, lambda array: array.sum()),
    "prod": (np.prod, np.multiply.reduce, lambda array: array.prod()),
    "max": (np.max, np.amax, np.maximum.reduce, lambda array: array.max()),
    "min": (np.min, np.amin, np.minimum.reduce, lambda array: array.min()),
    "mean": (np.mean, lambda array: array.mean()),
}
ROWS_OF_NUMBERS = [(1.0,), (3.0, 3.0), (3.0, 2.0, 3.0), (-1.0, 0.5, 2.0), (0.0, 2.0, 0.0), (math.nan, 1.0), (1.0, math.nan)]  # fmt: skip  # noqa: E501


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("numbers", ROWS_OF_NUMBERS, ids=str)
def test_reduction_of_an_array_is_the_row(name: str, numbers: tuple[float, ...]) -> None:
    for function in REDUCTIONS[name]:
        got, expected = ([Value(x) for x in numbers] for _ in range(2))
        with np.errstate(invalid="ignore" if name in ("sum", "prod", "mean") else "raise"):
            y, z = function(np.array(got)), TABLE[name](expected)
        y.backward()
        z.backward()
        assert y.data == pytest.approx(z.data, rel=1e-15, nan_ok=True)
        assert [x.grad for x in got] == pytest.approx([x.grad for x in expected], rel=1e-15, nan_ok=True)


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("holder", ["value", "0-d array"])
def test_reduction_of_a_single_value(name: str, holder: str) -> None:
    function = REDUCTIONS[name][0]
    for options in ({}, {"axis": None}, {"axis": None, "keepdims": False}):
        x = PLACES[holder](3.0)
        y = value_in(function(x, **options))
        y.backward()
        assert (y.data, value_in(x).grad) == (3.0, 1.0)


def test_ties_along_an_axis() -> None:
    table = np.array([[Value(2.0), Value(1.0)], [Value(2.0), Value(3.0)]])
    np.max(table, axis=0).sum().backward()
    assert [[x.grad for x in row] for row in table] == [[0.5, 0.0], [0.5, 1.0]]


def test_functions_made_of_ufuncs_work_on_arrays_of_values() -> None:
    x = np.array([Value(1.0), Value(3.0), Value(2.0)])
    assert [y.data for y in np.polyval([1, 2, 3], x)] == [6.0, 18.0, 11.0]
    assert np.polyval([1, 2, 3], Value(3.0)).data == 18.0
    assert np.isnan(x).tolist() == [False] * 3
    assert np.isnan(np.array([Value(math.nan), 1.0])).tolist() == [True, False]
    assert np.isfinite(np.array([Value(math.inf), Value(1.0)])).tolist() == [False, True]
    assert np.isinf(Value(math.inf)) is np.True_
    assert np.allclose(x, [1.0, 3.0, 2.0])
    assert not np.allclose(x, 1.0)
    assert np.round(Value(2.6)).data == 3.0
    assert [y.data for y in np.diff(x)] == [2.0, -1.0]
    assert [y.data for y in np.cumsum(x)] == [1.0, 4.0, 6.0]


ELEMENTWISE = sorted(
    {f.__name__: f for f in vars(np).values() if isinstance(f, np.ufunc) and f.signature is None}.items()
)


def kinds_or_words(call: Any, *arguments: Any) -> set[Any]:
    """The types of the results, or what is said in their place."""
    try:
        result = np.array(call(*arguments), dtype=object)
    except DataError as error:
        return {str(error)}
    except DomainError:
        return set()
    return {type(item) for item in result.ravel()}


@pytest.mark.parametrize(("name", "ufunc"), ELEMENTWISE, ids=[name for name, _ in ELEMENTWISE])
def test_every_ufunc_works_on_arrays_of_values_or_names_the_cure(name: str, ufunc: Any) -> None:
    values, plain, one = np.array([Value(0.5), Value(0.25)]), [0.5, 0.25], Value(0.5)
    alone = [values, one, without_dimensions(one)]
    pairs = [(values, plain), (plain, values), (values, values), (one, plain), (plain, one), (one, values)]
    for held in [(x,) for x in alone] if ufunc.nin == 1 else pairs:
        if name == "isnat":  # It has its own words, before it looks at the elements.
            continue
        for found in kinds_or_words(ufunc, *held):
            if isinstance(found, str):
                assert re.search(
                    r"not defined on a Value; expected one of .*Use|is not supported: .*(Use|written)", found
                )
            else:
                assert found in (Value, bool, np.bool_)


def test_what_is_true_of_values_can_be_combined() -> None:
    array = np.array([Value(1.0), Value(math.nan), Value(-math.inf), Value(0.0)])
    floats = np.array([1.0, math.nan, -math.inf, 0.0])
    for call in (
        lambda a: ~np.isnan(a),
        lambda a: ~(np.isnan(a) | np.isinf(a)),
        lambda a: np.where(~np.isfinite(a), 1.0, 2.0),
        lambda a: np.logical_and(a, a[::-1]),
        lambda a: np.logical_or(a, 0.0),
        lambda a: np.logical_xor(a, 1.0),
        lambda a: np.ma.masked_invalid(a).mask,
    ):
        assert call(array).tolist() == call(floats).tolist()


@pytest.mark.parametrize(
    "row", [row for row in TABLE.values() if row.vector is not None], ids=lambda r: r.name
)
def test_a_row_of_several_results_gives_all_of_them_for_arrays(row: Any) -> None:
    columns = [[1.0, 5.0], [2.0, -1.0], [0.5, 0.25]]
    right = row([np.array(column) for column in columns])
    held = [np.array([*map(Value, column)]) for column in columns]
    for given in (held, [held[0], *map(np.array, columns[1:])], [np.array(columns[0]), *held[1:]]):
        found = row(given)
        assert len(found) == 3
        for ours, numbers in zip(found, right, strict=True):
            assert [y.data for y in ours] == pytest.approx(numbers.tolist())
    mixed = row([np.array([1.0, 5.0]), Value(2.0), 0.5])
    assert [y[0].data for y in mixed] == pytest.approx(row([1.0, 2.0, 0.5]))


def test_masked_arrays_keep_values() -> None:
    v = Value(2.0)
    assert np.ma.getdata(v).item() is v
    assert np.ma.sum(np.ma.array([v, 1.0], mask=[False, True])).parents[0] is v


def test_what_is_not_finite_is_replaced() -> None:
    leaves = [Value(x) for x in (1.5, math.nan, math.inf, -math.inf)]
    array = np.array([*leaves, 2.0])
    for options in ({}, {"nan": 7.0, "posinf": 8.0}, {"neginf": -1.0, "copy": True}):
        found = np.nan_to_num(array, **options)
        expected = np.nan_to_num([*(x.data for x in leaves), 2.0], **options)
        assert [getattr(x, "data", x) for x in found] == expected.tolist()
        assert autograd_core.gradients(found[0] * found[1] + found[2], leaves) == [
            found[1].data,
            0.0,
            0.0,
            0.0,
        ]
    assert array[1] is leaves[1]
    assert np.nan_to_num(array, copy=False) is array
    assert array[1].data == 0.0
    for one in (leaves[1], without_dimensions(leaves[1])):
        assert np.nan_to_num(one).data == 0.0
    assert np.nan_to_num([math.nan, 1.0]).tolist() == [0.0, 1.0]


def test_cures_of_functions_without_a_row_are_right() -> None:
    functions = {name: getattr(autograd_core, name) for name in TABLE} | {"math": math}
    for name, cure in CURES.items():
        ufunc = getattr(np, name)
        for numbers in ((1.5, 0.75), (-2.5, 0.75), (2.5, -1.0)) if ufunc.signature is None else ():
            held = dict(zip("vw", map(Value, numbers), strict=True))
            if name == "float_power" and numbers[0] < 0.0:
                continue
            y = eval(cure, functions, held)
            assert value_in(getattr(y, "data", y)) == pytest.approx(ufunc(*numbers[: ufunc.nin]), rel=1e-15)


def _sorted_in_place(array: Any) -> Any:
    array.sort()
    return array


OVER_NAN = [
    np.nanmax, np.nanmin, np.nansum, np.nanmean, np.nanprod, np.nanvar, np.nanstd, np.nanmedian,
    np.nancumsum, np.nancumprod, np.nanargmax, np.nanargmin,
]  # fmt: skip


@pytest.mark.parametrize("call", OVER_NAN)
def test_functions_that_pass_over_nan_do_so_among_values(call: Any) -> None:
    for numbers in ([3.0, math.nan, 1.0, 2.0], [math.nan, 2.5, 1.0], [1.5, 1.0]):
        xs = [Value(x) for x in numbers]
        found = np.ravel(call(np.array(xs))).tolist()
        assert [getattr(y, "data", y) for y in found] == pytest.approx(np.ravel(call(numbers)).tolist())
        if isinstance(found[0], Value):
            found[-1].backward()
            assert [x.grad for x in xs if math.isnan(x.data)] == [0.0] * sum(map(math.isnan, numbers))


def test_only_a_nan_is_not_the_same_as_itself() -> None:
    one, other, nan = Value(1.0), Value(1.0), Value(math.nan)
    assert [one != one, nan != nan, one != other, one != 1.0] == [False, True, True, True]
    assert nan == nan
    assert {nan: 1}[nan] == 1
    assert (np.array([one, nan]) != np.array([one, nan])).tolist() == [False, True]


@pytest.mark.parametrize("numbers", [[3.0, math.nan, 1.0], [math.nan, 1.0], [1.0, math.nan]])
@pytest.mark.parametrize(
    "call",
    [
        np.argmax,
        np.argmin,
        np.sort,
        np.argsort,
        np.unique,
        np.median,
        lambda a: a.argmax(),
        lambda a: a.argmin(),
        lambda a: a.argsort(),
        lambda a: _sorted_in_place(a),
        lambda a: np.partition(a, 0),
        lambda a: np.searchsorted(np.sort(a), 2.0),
    ],
)
def test_ranking_a_nan_among_values_is_refused(call: Any, numbers: list[float]) -> None:
    array = np.array([Value(x) for x in numbers])
    with pytest.raises(DataValueError, match=r"a nan among Values.*Leave it out"):
        call(array)
    rest = array[[not np.isnan(x) for x in array]]
    found = [getattr(x, "data", x) for x in np.ravel(call(rest)).tolist()]
    assert found == np.ravel(call(np.array([x.data for x in rest]))).tolist()
    assert not Value(math.nan) < 1.0


@pytest.mark.parametrize(
    "call", [np.gradient, np.degrees, np.radians, lambda x: np.nextafter(x, 1.0), lambda x: np.ldexp(x, 2)]
)
def test_functions_that_cannot_be_asked_name_the_cure(call: Any) -> None:
    with pytest.raises(DataError, match=r"Use "):
        call(np.array([Value(1.5), Value(2.5)]))


OF_ARRAYS: dict[str, Any] = {
    "std": np.std,
    "var": np.var,
    "quantile": lambda x: np.quantile(x, 0.5),
    "percentile": lambda x: np.percentile(x, 50),
    "histogram": np.histogram,
    "interp": lambda x: np.interp(x, [0.0, 2.0], [0.0, 4.0]),
    "cov": np.cov,
    "corrcoef": np.corrcoef,
    "sinc": np.sinc,
    "fft": np.fft.fft,
    "polyfit": lambda x: np.polyfit(x, x, 1),
    "tensordot": lambda x: np.tensordot(x, x, 1),
}


@pytest.mark.parametrize("name", OF_ARRAYS)
def test_functions_of_arrays_refuse_a_single_value_in_our_words(name: str) -> None:
    with pytest.raises(DataError, match=r"[Uu]se |Write it with the functions of autograd_core"):
        OF_ARRAYS[name](Value(1.5))


@pytest.mark.parametrize("function", [np.quantile, np.percentile])
def test_what_asks_elements_for_their_type_names_the_cure(function: Any) -> None:
    for x in (np.array([Value(1.5), Value(2.5)]), [Value(1.5), Value(2.5)]):
        with pytest.raises(AttributeError, match=r"Write it in the functions of autograd_core"):
            function(x, 0.5)
    assert not hasattr(Value(1.0), "dtype")
    assert not hasattr(Value, "dtype")


def test_what_numpy_itself_makes_of_a_value_stays() -> None:
    v = Value(2.0)
    assert [f(v).data for f in (np.sum, np.mean, np.max, np.prod)] == [2.0] * 4
    assert (np.shape(v), np.ndim(v), np.size(v)) == ((), 0, 1)
    assert np.stack([v, v]).shape == np.array([v, v]).shape == (2,)
    assert np.where(np.array([True, False]), v, 0.0)[0] is v
    assert np.full(2, v)[1] is np.copy(v).item() is v


def test_other_objects_are_left_to_numpy() -> None:
    one_half, third = Fraction(1, 2), Fraction(1, 3)
    assert np.maximum(np.array([third]), one_half).tolist() == [one_half]
    assert np.max(np.array([Decimal(1), Decimal(3)])) == Decimal(3)
    assert type(np.sign(np.array([one_half]))[0]) is int
    assert np.maximum(np.array([2, 0.5], dtype=object), 1).tolist() == [2, 1]
    for call in (
        lambda: np.sin(np.array([one_half, Decimal(1)])),
        lambda: np.isnan(np.array(["a"], dtype=object)),
        lambda: np.isnan(np.array(["a"])),
        lambda: np.logaddexp(np.array([None]), 1.0),
        lambda: np.logaddexp(1j, 2j),
        lambda: np.maximum(np.array([None]), 1.0),
    ):
        with pytest.raises(TypeError):
            call()


def branch(call: Any, a: Any, b: Any) -> Any:
    return call(np.array([a, b])).all()


def test_arrays_can_be_compiled_and_a_branch_names_the_users_line() -> None:
    f = autograd_core.compile(lambda a, b: np.max(np.array([a, b])) + np.hypot(2.0, np.array([a]))[0])
    assert f(1.0, 3.0) == 3.0 + math.hypot(2.0, 1.0)
    assert f(3.0, 1.0) == 3.0 + math.hypot(2.0, 3.0)
    for call in (np.sort, np.isnan, np.median):
        with pytest.raises(TraceError, match=r"test_conventions_numpy\.py"):
            autograd_core.compile(partial(branch, call))(1.0, 2.0)


@pytest.mark.parametrize(("first", "second"), [*permutations(["numpy as np", "autograd_core"])])
def test_order_of_imports_does_not_matter(first: str, second: str) -> None:
    program = f"""
import {first}
import {second}
x = np.array([autograd_core.Value(1.0)])
print(np.maximum(x, 1.0)[0].op.name, np.logaddexp(1.0, x)[0].op.name, np.maximum(1.0, 2.0))
"""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "maximum logaddexp 2.0\n", "")


@pytest.mark.parametrize(
    "name", ["degrees", "radians", "signbit", "float_power", "nextafter", "ldexp", "floor_divide"]
)
def test_other_ufuncs_are_named_and_refused(name: str) -> None:
    ufunc = getattr(np, name)
    with pytest.raises(TypeError, match=rf"np\.{name}: not defined on a Value; expected one of .*sin"):
        ufunc(*[Value(1.0)] * ufunc.nin)


def test_other_methods_and_options_of_ufuncs_are_refused() -> None:
    v = Value(1.0)
    for call in (
        lambda: np.add.outer(v, v),
        lambda: np.sin(v, out=np.zeros(1)),
        lambda: np.add(v, 1, where=True),
    ):
        with pytest.raises(TypeError, match=r"np\.(add|sin)"):
            call()


@pytest.mark.parametrize(
    "conversion",
    [
        np.float64,
        lambda v: np.array([v], dtype=float),
        lambda v: np.array(v, dtype=float),
        np.asarray([0.0]).fill,
    ],
)
def test_conversion_to_floats_is_refused(conversion: Any) -> None:
    with pytest.raises(TypeError, match=r"item\(\)"):
        conversion(Value(1.0))


def test_sum_and_products_of_object_arrays() -> None:
    x, y = Value(2.0), Value(3.0)
    total = np.array([x, y]).sum()
    assert type(total) is Value
    assert total.data == 5.0
    product = np.array([x, y]).prod()
    product.backward()
    assert (x.grad, y.grad) == (3.0, 2.0)
    assert np.array([x, y]).mean().data == 2.5


def test_matrix_product_keeps_gradients() -> None:
    weights = np.array([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]])
    inputs = np.array([5.0, 6.0])
    outputs = weights @ inputs
    assert [node.data for node in outputs] == [17.0, 39.0]
    (outputs[0] + 2 * outputs[1]).backward()
    assert [[w.grad for w in row] for row in weights] == [[5.0, 6.0], [10.0, 12.0]]
    v = Value(2.0)
    (inputs @ np.array([v, v])).backward()
    assert v.grad == 11.0


def test_object_arrays_of_values_and_floats_mix() -> None:
    x = Value(2.0)
    mixed = np.array([x, 1.0], dtype=object)
    doubled = 2 * mixed
    assert doubled[0].data == 4.0
    assert doubled[1] == 2.0
    assert [node.data for node in np.array([x, x]) * x] == [4.0, 4.0]
    assert (np.float64(1.0) - np.array([x]))[0].data == -1.0
