"""Transforms of functions: numbers, forms, nesting, and invalid arguments."""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

import autograd_core as ac
from autograd_core import (
    DataError,
    DataValueError,
    DomainError,
    Value,
    derivative,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    value_and_grad,
    vjp,
)
from tests.work import Work


def curve(x: Any) -> Any:
    return ac.cos(ac.sin(x**2) + 3 * x**2)


def rosenbrock(x: Any) -> Any:
    return ac.sum([100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2 for i in range(len(x) - 1)])


def test_gradient_of_a_number() -> None:
    assert grad(curve)(2.0) == 9.099148544832385
    assert grad(curve)(2) == 9.099148544832385
    assert value_and_grad(curve)(1.0) == pytest.approx((-0.7649205628044862, 4.560791790678778), rel=1e-15)
    assert grad(grad(curve))(2.0) == pytest.approx(-5.30089617362448, rel=1e-14)


@pytest.mark.parametrize("x", [2, True, np.float32(2.0), np.int64(2), Fraction(2), np.float64(2.0)], ids=repr)
def test_any_real_number_is_an_argument(x: Any) -> None:
    slope = grad(lambda v: v**3)(x)
    assert slope == 3.0 * float(x) ** 2
    assert type(slope) is float


Pair = namedtuple("Pair", "a b")


@pytest.mark.parametrize(
    ("f", "argument", "expected"),
    [
        (lambda x: x[0] * x[1], [2.0, 3.0], [3.0, 2.0]),
        (lambda x: x[0] * x[1], (2, 3), (3.0, 2.0)),
        (lambda x: x["a"] * x["b"][0], {"a": 2.0, "b": [3.0, 4.0]}, {"a": 3.0, "b": [2.0, 0.0]}),
        (lambda x: x.a * x.b, Pair(2.0, 3.0), Pair(3.0, 2.0)),
        (lambda x: x[0] * x[2], range(1, 4), [3.0, 0.0, 1.0]),
        (lambda x: x[0][0] * x[1][1], [[2.0, 0.0], [0.0, 3.0]], [[3.0, 0.0], [0.0, 2.0]]),
    ],
)
def test_gradient_has_the_form_of_the_argument(f: Any, argument: Any, expected: Any) -> None:
    slope = grad(f)(argument)
    assert slope == expected
    assert type(slope) is type(expected)


def test_array_in_array_out() -> None:
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    slope = grad(lambda m: (m**2).sum())(x)
    assert slope.dtype == float
    assert (slope == 2.0 * x).all()
    assert (x == [[1.0, 2.0], [3.0, 4.0]]).all()
    zero_dimensional = grad(lambda v: ac.sin(v) * v)(np.array(2.0))
    assert zero_dimensional.shape == ()
    assert zero_dimensional == math.cos(2.0) * 2.0 + math.sin(2.0)
    assert grad(lambda v: v.sum())(np.arange(3)).tolist() == [1.0, 1.0, 1.0]
    assert grad(lambda v: 1.0)(np.zeros((0, 2))).shape == (0, 2)


@pytest.mark.parametrize("transform", [grad, lambda f: lambda x: value_and_grad(f)(x)[1]])
def test_an_array_of_one_number_is_one_number(transform: Any) -> None:
    assert transform(lambda x: x**2)(np.array([3.0])).tolist() == [6.0]
    assert transform(lambda x: (x**2).reshape(1, 1))(np.array([3.0])).tolist() == [6.0]
    assert transform(lambda x: np.array([x**2]))(3.0) == 6.0
    with pytest.raises(TypeError, match="not a single output"):
        transform(lambda x: x**2)(np.array([3.0, 4.0]))


def test_argnums() -> None:
    def f(x: Any, y: Any, z: Any) -> Any:
        return x * y**2 * z

    assert grad(f, argnums=1)(2.0, 3.0, 5.0) == 60.0
    assert grad(f, argnums=-1)(2.0, 3.0, 5.0) == 18.0
    assert grad(f, argnums=(2, 0))(2.0, 3.0, 5.0) == (18.0, 45.0)
    assert grad(f, argnums=[0])(2.0, 3.0, 5.0) == (45.0,)


def test_other_arguments_go_through_as_they_are() -> None:
    def f(x: Any, how: str, *, power: int = 1) -> Any:
        return x**power if how == "power" else x

    assert grad(f)(3.0, "power", power=3) == 27.0


def test_aux_comes_back_beside_the_gradient() -> None:
    def f(x: Any) -> Any:
        y = x**2
        return y * x, {"square": y, "note": "hello", "all": [y, 1]}

    assert grad(f, has_aux=True)(3.0) == (27.0, {"square": 9.0, "note": "hello", "all": [9.0, 1]})
    assert value_and_grad(f, has_aux=True)(3.0)[0][0] == 27.0
    with pytest.raises(DataError, match=r"grad: not a pair.*expected \(y, aux\)"):
        grad(lambda x: x, has_aux=True)(1.0)


def test_constant_output_has_gradient_zero_p7() -> None:
    assert grad(lambda x: 5)(2.0) == 0.0
    assert grad(lambda x: [1, 2][0])(np.array([1.0, 2.0])).tolist() == [0.0, 0.0]
    assert grad(lambda x: x.detach() * 2)(2.0) == 0.0
    assert value_and_grad(lambda x: 5)(2.0) == (5.0, 0.0)


@pytest.mark.parametrize(
    "result", [lambda x: [x, x], lambda x: (x,), lambda x: {"y": x}, lambda x: np.array([x, x])]
)
def test_several_outputs_are_refused_p8(result: Callable[[Any], Any]) -> None:
    with pytest.raises(DataError, match=r"grad: not a single output: .* expected one number\. Sum it"):
        grad(result)(2.0)


@pytest.mark.parametrize(
    ("f", "said"),
    [(lambda x: None, "returned None"), (lambda x: "x", "not a real number: got str"), (lambda x: 1j, "1j")],
)
def test_results_that_are_no_numbers_are_refused(f: Any, said: str) -> None:
    with pytest.raises(DataError, match=said):
        grad(f)(2.0)


@pytest.mark.parametrize(
    "argument",
    [
        *("2", None, 1j, b"2", {1.0}, object(), [1.0, "x"], {"a": None}, iter([1.0])),
        *(np.array([1j]), np.array(["x"])),
    ],
    ids=lambda argument: type(argument).__name__,
)
@pytest.mark.parametrize("transform", [grad, jacobian, hessian, derivative])
def test_arguments_that_are_no_numbers_are_refused(transform: Any, argument: Any) -> None:
    with pytest.raises(DataError, match=r"argument 1.*: not (a real number|real numbers):"):
        transform(lambda x: x)(argument)


def test_wrong_argnums_are_refused() -> None:
    for argnums in ("x", 1.0, None, (), (0, "y"), True):
        with pytest.raises(DataError, match="not a position"):
            grad(curve, argnums=argnums)
    for argnums in (1, -2, (0, 0), (0, 3)):
        with pytest.raises(DataValueError, match="no such argument"):
            grad(curve, argnums=argnums)(2.0)
    with pytest.raises(DataValueError, match="0 positional"):
        grad(curve)(x=2.0)
    with pytest.raises(DataError, match="not a function"):
        grad(2.0)  # type: ignore[arg-type]


def test_a_fault_inside_the_function_names_the_operation() -> None:
    with pytest.raises(DomainError, match="log: "):
        grad(lambda x: ac.log(x - 3.0))(2.0)
    with pytest.raises(TypeError, match=r"sin\(v\)"):
        grad(lambda x: math.sin(x))(2.0)


def test_names_and_docstrings_survive() -> None:
    assert grad(curve).__name__ == "curve"


def test_jvp() -> None:
    y, tangent = jvp(curve, (2.0,), (1.0,))
    assert (y, tangent) == pytest.approx((0.24510036817001535, 9.099148544832385), rel=1e-15)
    point, direction = (np.eye(2), np.array([1.0, 2.0])), (np.ones((2, 2)), np.array([1.0, 0.0]))
    y, tangent = jvp(lambda m, v: m @ v, point, direction)
    assert y.tolist() == [1.0, 2.0]
    assert tangent.tolist() == [4.0, 3.0]
    assert jvp(lambda x: [x, 7.0, x * x], (3.0,), (1.0,)) == ([3.0, 7.0, 9.0], [1.0, 0.0, 6.0])


@pytest.mark.parametrize(
    ("primals", "tangents", "error"),
    [
        (2.0, (1.0,), DataError),
        ((2.0,), 1.0, DataError),
        ((2.0,), (1.0, 2.0), DataValueError),
        ((2.0,), ([1.0],), None),
        (([2.0, 3.0],), ([1.0],), DataValueError),
        ((np.ones(2),), (np.ones((2, 1)),), DataValueError),
        ((2.0,), ("x",), DataError),
    ],
)
def test_jvp_wants_primals_and_tangents_that_match(primals: Any, tangents: Any, error: Any) -> None:
    if error is None:
        return
    with pytest.raises(error, match="jvp"):
        jvp(lambda x: x, primals, tangents)


def test_jvp_skips_the_branch_not_taken_and_refuses_zero_times_infinity() -> None:
    assert jvp(lambda x: ac.where(x > 1.0, ac.sqrt(x), x), (0.0,), (1.0,)) == (0.0, 1.0)
    with pytest.raises(DomainError, match="undefined tangent"):
        jvp(lambda x: ac.sqrt(x * x), (0.0,), (1.0,))
    with ac.errstate(invalid="ignore"):
        assert math.isnan(jvp(lambda x: ac.sqrt(x * x), (0.0,), (1.0,))[1])


def test_vjp() -> None:
    y, pull = vjp(lambda x, v: {"a": x * v[0], "b": [v[1]]}, 2.0, [3.0, 4.0])
    assert y == {"a": 6.0, "b": [4.0]}
    assert pull({"a": 1.0, "b": [10.0]}) == (3.0, [2.0, 10.0])
    assert pull({"a": 0, "b": [1]}) == (0.0, [0.0, 1.0])
    with pytest.raises(DataValueError, match="cotangent: not of the same form"):
        pull([1.0])
    _, pull = vjp(lambda x: (lambda t: [t, t])(x * x), 3.0)
    assert pull([1.0, 10.0]) == (66.0,)
    with ac.errstate(over="ignore"):
        _, pull = vjp(lambda x: [ac.exp(x), x], 1000.0)
    assert pull([0.0, 1.0]) == (1.0,)


def test_jacobian_rows_are_outputs() -> None:
    assert jacobian(lambda x: [x[0] * x[1], x[1]])([2.0, 3.0]) == [[3.0, 2.0], [0.0, 1.0]]
    matrix = np.arange(6.0).reshape(2, 3)
    assert (jacobian(lambda x: matrix @ x)(np.ones(3)) == matrix).all()
    assert jacobian(lambda m: m @ np.ones(3))(matrix).shape == (2, 2, 3)
    assert jacobian(lambda x: x**2)(3.0) == 6.0
    assert jacobian(lambda x: [x, x * x, 5])(3.0) == [1.0, 6.0, 0.0]
    both = jacobian(lambda x, y: x * y, argnums=(0, 1))(np.array([1.0, 2.0]), 3.0)
    assert [j.tolist() for j in both] == [[[3.0, 0.0], [0.0, 3.0]], [1.0, 2.0]]
    assert jacobian(lambda x, y: [x * y], argnums=(0, 1))(2.0, 3.0) == [(3.0, 2.0)]


def test_hessian_c04() -> None:
    assert hessian(lambda x: x[0] ** 2 * x[1])([3.0, 5.0]) == [[10.0, 6.0], [6.0, 0.0]]
    assert hessian(lambda x: 2.0 * x[0] + x[1])([3.0, 5.0]) == [[0.0, 0.0], [0.0, 0.0]]
    assert hessian(lambda x: x[0] ** 3)(np.array([2.0, 7.0])).tolist() == [[12.0, 0.0], [0.0, 0.0]]
    assert hessian(lambda x: x**3)(2.0) == 12.0
    assert hessian(lambda x: x**3)(np.array(2.0)).shape == ()
    assert hessian(lambda x, y: x * y**2, argnums=(0, 1))(2.0, 3.0) == ((0.0, 6.0), (6.0, 4.0))
    full = hessian(rosenbrock)(np.linspace(-1.0, 1.0, 6))
    assert (full == full.T).all()
    x = np.linspace(-1.0, 1.0, 6)
    assert full.diagonal()[1:-1] == pytest.approx((202.0 + 1200.0 * x**2)[1:-1] - 400.0 * x[2:], rel=1e-12)


@pytest.mark.slow
def test_hessian_of_500_variables_c05() -> None:
    """About a second: one graph of the gradient and 500 sweeps, each over the nodes that its row needs."""
    x = np.linspace(-1.0, 1.0, 500)
    with Work() as work:
        full = hessian(rosenbrock)(x)
    assert work.calls <= 10 * x.size**2
    assert full.shape == (500, 500)
    assert (full == full.T).all()
    v = np.cos(np.arange(500.0))
    assert hvp(rosenbrock, (x,), (v,)) == pytest.approx(full @ v, rel=1e-9)


def test_hvp() -> None:
    x, v = [3.0, 5.0], [1.0, 2.0]
    assert hvp(lambda x: x[0] ** 2 * x[1], (x,), (v,)) == [22.0, 6.0]
    assert hvp(lambda x, y: x**2 * y, (3.0, 5.0), (1.0, 2.0)) == (22.0, 6.0)


@pytest.mark.parametrize(
    ("f", "reference", "x"),
    [
        (ac.sin, mp.sin, 0.7),
        (ac.exp, mp.exp, 0.7),
        (lambda x: 1 / x, lambda x: 1 / x, 1.3),
        (lambda x: x**5, lambda x: x**5, 1.1),
        (lambda x: ac.exp(-(x**2)), lambda x: mp.exp(-(x**2)), 0.0),
        (curve, lambda x: mp.cos(mp.sin(x**2) + 3 * x**2), 2.0),
    ],
)
def test_orders_one_to_eight_c01(f: Any, reference: Any, x: float) -> None:
    for n in range(9):
        with mp.workdps(60):
            expected = float(mp.taylor(reference, mpf(x), n)[n] * math.factorial(n))
        tolerance = 1e-9 if f is curve else 1e-12
        assert derivative(f, n)(x) == pytest.approx(expected, rel=tolerance, abs=1e-9)


def test_sixth_derivative_of_the_reciprocal_c01() -> None:
    assert derivative(lambda x: 1 / x, 6)(2.0) == 720.0 / 2.0**7
    f: Any = lambda x: 1 / x  # noqa: E731
    for _ in range(6):
        f = grad(f)
    assert f(2.0) == 720.0 / 2.0**7


def test_perturbation_confusion_c02() -> None:
    for inner in (
        lambda x: grad(lambda y: x + y)(1.0),
        lambda x: grad(lambda y: x + y)(x),
        lambda x: jvp(lambda y: x + y, (1.0,), (1.0,))[1],
        lambda x: vjp(lambda y: x + y, x)[1](1.0)[0],
        lambda x: derivative(lambda y: x + y)(x),
        lambda x: jacobian(lambda y: [x + y])(x)[0],
    ):
        assert grad(lambda x, inner=inner: x * inner(x))(1.0) == 1.0
        assert jvp(lambda x, inner=inner: x * inner(x), (1.0,), (1.0,)) == (1.0, 1.0)
    assert grad(lambda x: x * grad(lambda y: y * y * x)(x))(3.0) == 54.0  # d/dx 2x³
    assert grad(lambda x: x * grad(lambda x: x * grad(lambda x: x**3)(x))(x))(2.0) == 108.0  # d/dx 9x³


@pytest.mark.parametrize("x", [0.0, -0.0])
def test_second_derivatives_at_zero_c03(x: float) -> None:
    assert derivative(lambda v: v**2, 2)(x) == 2.0
    assert derivative(lambda v: ac.exp(-(v**2)), 2)(x) == -2.0
    assert derivative(lambda v: v**1, 2)(x) == 0.0
    assert derivative(lambda v: v * v * v, 2)(x) == 0.0
    assert derivative(ac.abs, 2)(x) == 0.0
    assert derivative(ac.relu, 2)(x) == 0.0
    assert derivative(lambda v: ac.maximum(v, 0.0), 2)(x) == 0.0


def test_every_mixture_of_transforms_gives_the_second_derivative() -> None:
    expected = derivative(curve, 2)(2.0)
    ways = {
        "grad of grad": lambda x: grad(grad(curve))(x),
        "grad of jvp": lambda x: grad(lambda t: jvp(curve, (t,), (1.0,))[1])(x),
        "jvp of grad": lambda x: jvp(grad(curve), (x,), (1.0,))[1],
        "jvp of jvp": lambda x: jvp(lambda t: jvp(curve, (t,), (1.0,))[1], (x,), (1.0,))[1],
        "grad of vjp": lambda x: grad(lambda t: vjp(curve, t)[1](1.0)[0])(x),
        "jacobian of derivative": lambda x: jacobian(derivative(curve))(x),
        "hessian": lambda x: hessian(curve)(x),
        "hvp": lambda x: hvp(curve, (x,), (1.0,)),
        "vjp of value_and_grad": lambda x: vjp(value_and_grad(curve), x)[1]((0.0, 1.0))[0],
    }
    for name, way in ways.items():
        assert way(2.0) == pytest.approx(expected, rel=1e-13), name
        assert type(way(2.0)) is float, name


def test_hessian_inside_grad() -> None:
    def trace(x: Any) -> Any:
        h = hessian(lambda v: v[0] ** 3 * v[1] + v[1] ** 4)(x)
        return h[0][0] + h[1][1]

    assert grad(trace)([2.0, 3.0]) == [18.0, 12.0 + 72.0]
    laplacian = grad(lambda x: np.trace(hessian(lambda v: (v**4).sum())(x)))
    assert laplacian(np.array([1.0, 2.0])).tolist() == [24.0, 48.0]


def test_gradient_by_a_seed_or_tangent_that_is_differentiated() -> None:
    assert grad(lambda t: jvp(lambda x: x**3, (2.0,), (t,))[1])(5.0) == 12.0
    assert grad(lambda t: vjp(lambda x: x**3, 2.0)[1](t)[0])(5.0) == 12.0


def test_values_outside_keep_their_gradient() -> None:
    """A slope that depends on a parameter can be used in training: it is a `Value`, not a number."""
    w = Value(2.0, "w")
    slope = grad(lambda x: ac.tanh(w * x))(0.5)
    assert isinstance(slope, Value)
    slope.backward()
    assert w.grad == pytest.approx(derivative(lambda w: w * (1 - ac.tanh(0.5 * w) ** 2))(2.0), rel=1e-12)
    with no_grad():
        assert type(grad(lambda x: ac.tanh(w * x))(0.5)) is float
    assert type(grad(lambda x: ac.tanh(w.detach() * x))(0.5)) is float
    x = Value(3.0, "x")
    (grad(lambda t: t**3)(x) * 1.0).backward()
    assert x.grad == 18.0
    y, slope = value_and_grad(lambda t: t * w)(x)
    assert isinstance(y, Value)
    assert slope.data == 2.0


def test_what_the_function_makes_itself_is_constant() -> None:
    assert grad(lambda x: x * Value(3.0))(2.0) == 3.0
    assert type(grad(lambda x: x * grad(lambda y: y * y)(3.0))(2.0)) is float


def test_transforms_work_inside_no_grad_and_leave_gradients_alone() -> None:
    w = Value(2.0)
    with no_grad():
        assert grad(lambda x: x * x * w)(3.0) == 12.0
        assert vjp(lambda x: x * x, 3.0)[1](1.0) == (6.0,)
        assert jvp(lambda x: x * x, (3.0,), (1.0,)) == (9.0, 6.0)
        assert hessian(lambda x: x**3)(2.0) == 12.0
    grad(lambda x: x * w)(3.0)
    assert w.grad == 0.0
    assert grad(lambda x: ac.log(x))(2.0) == 0.5

    def stops(x: Any) -> Any:
        with no_grad():
            return x * x

    assert grad(stops)(3.0) == 0.0


def test_labels_are_kept() -> None:
    seen = []
    grad(lambda x: seen.append(x.label) or x * x)(Value(2.0, "speed"))
    assert seen == ["speed"]


def test_derivative_of_an_array_is_taken_number_by_number() -> None:
    points = np.linspace(-2.0, 2.0, 7)
    assert derivative(ac.tanh)(points) == pytest.approx(1.0 - np.tanh(points) ** 2, rel=1e-12)
    assert derivative(lambda x: x**3, 2)([1, 2]) == [6.0, 12.0]
    assert derivative(curve, 0)(2.0) == curve(2.0)
    for n in (-1, 1.5, "2", True):
        with pytest.raises(DataValueError, match="not an order"):
            derivative(curve, n)  # type: ignore[arg-type]


def test_newtons_method_differentiates_through_its_own_steps() -> None:
    def root(a: Any) -> Any:
        x = 1.0
        for _ in range(8):
            x = x - (x * x - a) / grad(lambda t: t * t - a)(x)
        return x

    assert grad(root)(2.0) == pytest.approx(0.5 / math.sqrt(2.0), rel=1e-12)


@pytest.mark.slow
def test_a_long_chain_needs_no_recursion() -> None:
    def chain(x: Any) -> Any:
        for _ in range(20_000):
            x = x * 1.0001
        return x

    assert grad(chain)(1.0) == pytest.approx(1.0001**20_000, rel=1e-9)
    assert jvp(chain, (1.0,), (1.0,))[1] == pytest.approx(1.0001**20_000, rel=1e-9)


def test_a_list_that_contains_itself_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(DataError, match="nested too deeply"):
        grad(lambda a: 1.0)(endless)


@pytest.mark.parametrize("condition", [1, 1.0, True, np.bool_(True), Value(1.0, requires_grad=False)])
def test_a_constant_condition_keeps_the_branch_that_it_chose(condition: Any) -> None:
    """In derivatives of any order and by any way."""

    def square(a: Any) -> Any:
        return ac.where(condition, a, 2.0) ** 2 + ac.where(0.0, 5.0 * a, a)

    assert grad(square)(0.3) == pytest.approx(1.6)
    assert grad(grad(square))(0.3) == derivative(square, 2)(0.3) == 2.0
    assert jvp(grad(square), (0.3,), (1.0,))[1] == 2.0
    along = lambda f: lambda x: jvp(f, (x,), (1.0,))[1]  # noqa: E731
    assert along(square)(0.3) == pytest.approx(1.6)
    assert along(along(square))(0.3) == grad(along(square))(0.3) == along(grad(square))(0.3) == 2.0
    cube = lambda x: ac.where(condition, x, x * x) ** 3  # noqa: E731
    assert along(along(along(cube)))(0.3) == grad(along(along(cube)))(0.3) == 6.0
    a = Value(0.3)
    (node,) = ac.gradients(square(a), [a], create_graph=True)
    assert node.data == pytest.approx(1.6)

    def product(x: Any) -> Any:
        return ac.where(condition, x[0], x[1]) * x[1]

    assert hessian(product)([0.3, 1.0]) == [[0.0, 1.0], [1.0, 0.0]]
    assert hessian(product, sparse=True)([0.3, 1.0]).toarray().tolist() == [[0.0, 1.0], [1.0, 0.0]]


def test_a_comparison_as_a_condition_is_constant() -> None:
    f = lambda a: ac.where(a > 0.0, a, 2.0) ** 2  # noqa: E731
    assert (grad(grad(f))(0.3), grad(grad(f))(-0.3)) == (2.0, 0.0)


INFINITE_SLOPES: list[tuple[Any, float]] = [
    (ac.sqrt, 0.0), (ac.cbrt, 0.0), (ac.asin, 1.0), (ac.acos, -1.0), (ac.acosh, 1.0), (lambda x: x**0.3, 0.0),
    (lambda x: ac.sqrt(ac.asin(x)), 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("f", "x"), INFINITE_SLOPES)
def test_a_tangent_of_0_contributes_0_even_where_the_slope_is_infinite(f: Any, x: float) -> None:
    """As a cotangent of 0 does in reverse mode."""
    assert jvp(f, (x,), (0.0,))[1] == ac.vjp(f, x)[1](0.0)[0] == 0.0
    both = lambda x, y: f(x) + y * y  # noqa: E731
    assert jvp(both, (x, 3.0), (0.0, 1.0))[1] == 6.0
    assert jvp(lambda y: jvp(both, (x, y), (0.0, 1.0))[1], (3.0,), (1.0,))[1] == 2.0
    assert abs(jvp(f, (x,), (1.0,))[1]) == math.inf
