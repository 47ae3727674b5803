"""How a Value behaves as a Python object: the second part of the conventions, P1 to P54."""

from __future__ import annotations

import copy
import gc
import math
import pickle
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from autograd_core import Value, gradients, relu
from autograd_core.errors import DomainError, GraphError
from autograd_core.graph.graph import topological_order
from autograd_core.kernel.backward import backward


def slope(f: Any, x: float = 3.0) -> float:
    """Return the gradient of a function of one Value."""
    leaf = Value(x)
    f(leaf).backward()
    return leaf.grad


@pytest.mark.parametrize("number", [2.0, 3, np.float32(0.5), True])
def test_a_label_in_the_place_of_the_number_is_told(number: Any) -> None:
    with pytest.raises(TypeError, match=r"label comes before the number.* Write Value\(.*, 'x'\)"):
        Value("x", number)
    with pytest.raises(TypeError, match=r"float\(text\)"):
        Value("x", "y")


@pytest.mark.parametrize("name", ["m", "v", "velocity", "_vis_color", "name"])
def test_an_attribute_on_a_node_is_refused_with_the_cure_that_works(name: str) -> None:
    x = Value(2.0)
    assert not hasattr(x, name)
    with pytest.raises(AttributeError, match=r"class V\(Value\): pass"):
        setattr(x, name, 1.0)

    class V(Value):
        pass

    more = V(2.0, "x")
    assert not hasattr(more, name)
    setattr(more, name, 1.0)
    (more * more).backward()
    assert (getattr(more, name), more.grad) == (1.0, 4.0)


@pytest.mark.parametrize("power", [lambda v: v ^ 2, lambda v: 2 ^ v, lambda v: v ^ v])
def test_a_caret_is_not_a_power(power: Any) -> None:
    with pytest.raises(TypeError, match=r"A power is written \*\*, as in v\*\*2"):
        power(Value(2.0))


@pytest.mark.parametrize("number", [3, True, np.int64(3), np.float32(0.5), Fraction(1, 2), Decimal("0.5")])
def test_any_real_number_is_kept_as_float(number: Any) -> None:
    """P1, P2, P34."""
    x = Value(number)
    assert type(x.data) is float
    assert x.data == float(number)
    (x * x).backward()
    assert x.grad == 2.0 * float(number)


@pytest.mark.parametrize(
    "thing", [1 + 2j, np.complex128(1), "2", b"2", None, [1.0], np.array([1.0]), Value(2.0), {}]
)
def test_anything_else_is_refused_at_construction(thing: Any) -> None:
    """P3, P4, P5, P51, P52."""
    with pytest.raises(TypeError, match=r"^Value: .*got .*; expected .*\. [A-Z]"):
        Value(thing)


@pytest.mark.parametrize("thing", [1j, "2", None, [1.0]])
@pytest.mark.parametrize("symbol", ["+", "-", "*", "/", "**"])
def test_anything_else_is_refused_as_an_operand(symbol: str, thing: Any) -> None:
    for text in (f"x {symbol} thing", f"thing {symbol} x"):
        with pytest.raises(TypeError):
            eval(text, {"x": Value(2.0), "thing": thing})


def test_input_that_reaches_no_output_has_gradient_zero() -> None:
    """P6."""
    x, y = Value(1.0), Value(2.0)
    assert gradients(y * y, [x, y]) == [0.0, 4.0]
    (y * y).backward()
    assert x.grad == 0.0


def test_constant_output() -> None:
    """P7."""
    x = Value(1.0)
    assert gradients(Value(5.0, requires_grad=False), [x]) == [0.0]
    with pytest.raises(TypeError, match="not a Value"):
        gradients(5.0, [x])
    with pytest.raises(TypeError, match="backward: not a single output: got float"):
        backward(5.0)


def test_output_that_is_a_list() -> None:
    """P8."""
    with pytest.raises(TypeError, match="backward: not a single output: got list"):
        backward([Value(1.0), Value(2.0)])


@pytest.mark.parametrize(
    "function", [math.sin, float, int, complex, math.floor, math.trunc, round, len, iter, list]
)
def test_functions_that_would_drop_the_gradient_are_refused(function: Any) -> None:
    """P9, P10, P11, P15, P16, P21."""
    with pytest.raises(TypeError):
        function(Value(1.0))


@pytest.mark.parametrize(("function", "cure"), [(math.sin, r"sin\(v\)"), (float, "item"), (int, "item")])
def test_refusal_names_the_cure(function: Any, cure: str) -> None:
    with pytest.raises(TypeError, match=cure):
        function(Value(1.0))


def test_comparisons_look_at_data() -> None:
    """P12, P13, P49."""
    x, y = Value(3.0), Value(4.0)
    assert slope(lambda x: x * x if x > 0 else x) == 6.0
    assert slope(lambda x: 2 * x if x else 3 * x, 0.0) == 3.0
    assert [x < y, x <= y, x > y, x >= y] == [True, True, False, False]
    assert [x < 4, x <= 3, x > 4, x >= 4.0, x >= 3, x < 3, x > 3] == [
        True,
        True,
        False,
        False,
        True,
        False,
        False,
    ]
    assert all(type(outcome) is bool for outcome in (x < y, x > 1.0, bool(x)))
    assert not Value(0.0)
    assert not Value(-0.0)
    assert Value(math.nan)


def test_equality_is_identity() -> None:
    """P14, P42, P43."""
    x, twin = Value(3.0), Value(3.0)
    assert x == x
    assert x != twin
    assert x != 3.0
    assert x not in [twin]
    assert {x: 1, twin: 2}[x] == 1
    assert len({x, twin}) == 2


def test_indexing_is_refused() -> None:
    """P17."""
    with pytest.raises(TypeError):
        Value(1.0)[0]  # type: ignore[index]


def test_builtins_work() -> None:
    """P18, P19, P20, P23."""
    assert slope(lambda x: sum([x, x, x])) == 3.0
    low, high = Value(1.0), Value(2.0)
    assert sorted([high, low]) == [low, high]
    assert max(low, high) is high
    assert min([high, low]) is low
    assert slope(abs, -3.0) == -1.0
    assert slope(lambda x: pow(x, 2)) == 6.0


@pytest.mark.parametrize("text", ["divmod(x, y)", "x // y", "pow(x, 2, 5)", "x @ y"])
def test_operations_without_a_gradient_are_refused(text: str) -> None:
    """P22, P24."""
    for x, y in ((Value(7.0), Value(2.0)), (Value(7.0), 2.0), (7.0, Value(2.0))):
        with pytest.raises(TypeError):
            eval(text, {"x": x, "y": y})


@pytest.mark.parametrize(
    ("f", "value", "gradient"),
    [
        (lambda x: 2**x, 8.0, 8.0 * math.log(2.0)),
        (lambda x: 2 - x, -1.0, -1.0),
        (lambda x: 2 / x, 2.0 / 3.0, -2.0 / 9.0),
        (lambda x: 2 + x, 5.0, 1.0),
        (lambda x: 2 * x, 6.0, 2.0),
        (lambda x: +x, 3.0, 1.0),
        (lambda x: -x, -3.0, -1.0),
        (lambda x: x.exp(), math.exp(3.0), math.exp(3.0)),
    ],
)
def test_reflected_and_unary_operators(f: Any, value: float, gradient: float) -> None:
    """P25, P26, P27, P53."""
    assert f(Value(3.0)).data == pytest.approx(value, rel=1e-15)
    assert slope(f) == pytest.approx(gradient, rel=1e-15)


@pytest.mark.parametrize("half", [Fraction(1, 2), Decimal("0.5"), np.float64(0.5), np.float32(0.5), 0.5])
@pytest.mark.parametrize("symbol", ["+", "-", "*", "/", "**"])
def test_every_kind_of_number_on_both_sides(symbol: str, half: Any) -> None:
    """P28, P29, P34."""
    for text in (f"x {symbol} half", f"half {symbol} x"):
        x, plain = Value(3.0), Value(3.0)
        node, twin = eval(text, {"x": x, "half": half}), eval(text, {"x": plain, "half": 0.5})
        assert type(node) is Value
        assert node.data == twin.data
        node.backward()
        twin.backward()
        assert x.grad == plain.grad
        assert type(x.grad) is float


def test_in_place_operators_make_new_nodes() -> None:
    """P35."""
    x = kept = Value(3.0)
    x += 1
    x *= 2
    assert kept.data == 3.0
    assert x.data == 8.0
    x.backward()
    assert kept.grad == 2.0


def test_backward_twice_is_twice_the_gradient_on_every_node() -> None:
    """P36, P37: gradients accumulate, as documented, without stale interior gradients."""
    x = Value(2.0)
    y = (x * x).exp() * x + x
    y.backward()
    nodes = topological_order(y)
    once = [node.grad for node in nodes]
    y.backward()
    assert [node.grad for node in nodes] == [2.0 * g for g in once]
    assert any(once)


def test_recorded_values_are_used() -> None:
    """P38."""
    x, w = Value(2.0), Value(5.0)
    y = x * w
    x.data = 100.0
    y.backward()
    assert (x.grad, w.grad) == (5.0, 2.0)
    with pytest.raises(ValueError, match="set on a result"):
        y.data = 1.0


@pytest.mark.parametrize("twin", [copy.deepcopy, lambda y: pickle.loads(pickle.dumps(y))])
def test_copy_of_a_graph_is_independent(twin: Any) -> None:
    """P39, P40."""
    x = Value(3.0, "x")
    y = x * x + x.sin()
    y.label = "y"
    other = twin(y)
    other.backward()
    assert x.grad == 0.0
    [leaf] = [node for node in topological_order(other) if node.label == "x"]
    assert leaf is not x
    assert leaf.grad == 6.0 + math.cos(3.0)
    assert other.label == "y"
    assert other.data == y.data
    assert [n.op for n in topological_order(other)] == [n.op for n in topological_order(y)]


def test_shallow_copy_shares_the_parents() -> None:
    x = Value(3.0)
    y = x * x
    other = copy.copy(y)
    assert other is not y
    assert other.parents == y.parents
    other.backward()
    assert x.grad == 6.0
    assert y.grad == 0.0


@pytest.mark.parametrize(
    "length", [1500, 20_000, *(pytest.param(n, marks=pytest.mark.slow) for n in (100_000, 1_000_000))]
)
def test_long_chains(length: int) -> None:
    """P41, P46, P48: built, differentiated, copied and freed without recursion."""
    x = Value(1.0)
    y = x
    for _ in range(length):
        y = y + 1.0
    y.backward()
    assert x.grad == 1.0
    assert y.data == 1.0 + length
    if length <= 100_000:
        assert copy.deepcopy(y).data == y.data
        assert pickle.loads(pickle.dumps(y)).data == y.data
    del y
    gc.collect()


def test_nan_in_backward_names_the_node() -> None:
    """P44."""
    x = Value(0.0, "x")
    y = x * x**0.5
    with pytest.raises(FloatingPointError, match=r"node 'x'.*local derivative|local derivative.*node 'x'"):
        y.backward()
    with pytest.raises(DomainError, match=r"log.*argument 1 = -1\.0 \(node 'p'\)"):
        Value(-1.0, "p").log()


def test_nested_gradients_are_not_confused() -> None:
    """P45: d/dx (x · d/dy (x + y)) = 1, where mixing up the two variables gives 2."""
    x, y = Value(1.0), Value(1.0)
    [inner] = gradients(x + y, [y], create_graph=True)
    assert gradients(x * inner, [x]) == [1.0]


def test_zeroed_leaf_gets_the_true_gradient_again() -> None:
    """P47."""
    x = Value(3.0)
    y = x * x
    z = y * x + y
    z.backward()
    first = x.grad
    x.zero_grad()
    z.backward()
    assert x.grad == first == 33.0


def test_relu_of_nan_is_nan() -> None:
    """P50."""
    assert math.isnan(relu(Value(math.nan)).data)


def test_cycle_cannot_be_made() -> None:
    """P54: parents cannot be set; a forced cycle is an error, not a partial gradient."""
    x = Value(1.0)
    y = x * x
    for name in ("parents", "_prev", "partials", "op", "index", "is_leaf"):
        with pytest.raises(AttributeError):
            setattr(y, name, getattr(y, name))
    y._a = y
    with pytest.raises(GraphError, match="cycle"):
        topological_order(y)
    assert issubclass(GraphError, ValueError)
