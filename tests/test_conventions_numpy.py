"""How a Value meets NumPy: the third part of the conventions."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

from autograd_core import Value
from autograd_core.ops import TABLE
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


# On an array of objects NumPy does not ask the objects: it calls a method of that name where they have one,
# and for these it uses operators and comparisons, or gives up.
BY_COMPARISON = {"sign"}
REFUSED_BY_NUMPY = {"logaddexp", "heaviside", "floor"}
ON_OBJECTS = [row for row in UFUNCS if row.name not in BY_COMPARISON | REFUSED_BY_NUMPY]


@pytest.mark.parametrize("row", ON_OBJECTS, ids=lambda row: row.name)
def test_ufunc_on_an_array_of_values(row: Any) -> None:
    point = reference_of(row).ordinary[0]
    leaves = [[Value(x), Value(x)] for x in point]
    nodes = getattr(np, row.ufunc)(*map(np.array, leaves))
    assert nodes.dtype == object
    y = row.forward(*point)
    assert [node.data for node in nodes] == [y, y]
    sum(nodes).backward()
    slopes = [slope(*point, y) for slope in row.slopes]
    assert [leaf.grad for leaf, _ in leaves] == pytest.approx(slopes, rel=1e-15)
    assert [leaf.grad for _, leaf in leaves] == pytest.approx(slopes, rel=1e-15)


@pytest.mark.parametrize("name", sorted(REFUSED_BY_NUMPY))
def test_ufunc_that_numpy_refuses_on_an_array_of_values(name: str) -> None:
    row = TABLE[name]
    with pytest.raises(TypeError):
        getattr(np, row.ufunc)(*[np.array([Value(1.5)])] * row.arity)
    assert row(np.array([Value(1.5)]), *[0.5] * (row.arity - 1))[0].op is row


@pytest.mark.parametrize(
    "name", ["trunc", "logaddexp2", "degrees", "isnan", "fmod", "remainder", "floor_divide"]
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
