"""What users of JAX look for: linearize, has_aux, stop_gradient, vmap, functions with rules of their own."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import autograd_core as ac
from autograd_core import (
    AutogradError,
    OperationError,
    Value,
    custom_jvp,
    custom_vjp,
    exp,
    grad,
    hessian,
    jacobian,
    jvp,
    linearize,
    log,
    round,
    sin,
    stop_gradient,
    value_and_grad,
    vjp,
    vmap,
)


def system(v: Any) -> Any:
    return [v[0] * v[1], sin(v[0]), v[1] ** 3]


def with_aux(f: Any) -> Any:
    return lambda *args: (f(*args), {"first": args[0]})


def test_linearize_calls_the_function_once_and_agrees_with_jvp() -> None:
    calls = []

    def counted(v: Any) -> Any:
        calls.append(v)
        return system(v)

    value, push = linearize(counted, [1.5, -0.7])
    for direction in ([1.0, 0.0], [0.3, -2.0], [0.0, 0.0]):
        assert (value, push(direction)) == jvp(system, ([1.5, -0.7],), (direction,))
    assert len(calls) == 1
    assert grad(lambda x: linearize(lambda t: t**3, x)[1](2.0))(3.0) == 36.0


def test_aux_comes_back_from_every_transform() -> None:
    at, aux = [1.5, -0.7], {"first": [1.5, -0.7]}
    first = with_aux(lambda v: v[0] ** 2 * v[1])
    assert grad(first, has_aux=True)(at) == (grad(lambda v: v[0] ** 2 * v[1])(at), aux)
    assert value_and_grad(first, has_aux=True)(at)[0][1] == aux
    several = with_aux(system)
    assert jacobian(several, has_aux=True)(at) == (jacobian(system)(at), aux)
    assert hessian(first, has_aux=True)(at) == (hessian(lambda v: v[0] ** 2 * v[1])(at), aux)
    assert jvp(several, (at,), ([1.0, 2.0],), has_aux=True) == (*jvp(system, (at,), ([1.0, 2.0],)), aux)
    value, push, more = linearize(several, at, has_aux=True)
    assert (value, push([1.0, 2.0]), more) == (*jvp(system, (at,), ([1.0, 2.0],)), aux)
    value, pull, more = vjp(several, at, has_aux=True)
    assert (value, pull([1.0, 2.0, 3.0]), more) == (system(at), vjp(system, at)[1]([1.0, 2.0, 3.0]), aux)
    for transform in (grad, jacobian, hessian):
        with pytest.raises(AutogradError, match="has_aux"):
            transform(system, has_aux=True)(at)


def test_the_hessian_of_several_results_is_one_for_each() -> None:
    x, y = 1.5, -0.7
    expected = [[[0.0, 1.0], [1.0, 0.0]], [[-ac.sin(x), 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 6.0 * y]]]
    assert np.allclose(hessian(system)([x, y]), expected, rtol=1e-15)
    assert np.allclose(ac.compile(hessian(system))([x, y]), expected, rtol=1e-14)
    assert np.allclose(ac.compile(jacobian(system))([x, y]), jacobian(system)([x, y]), rtol=1e-15)


def test_no_gradient_flows_through_stop_gradient() -> None:
    def f(x: Any) -> Any:
        return x * stop_gradient(x**2)

    assert (f(3.0), grad(f)(3.0), grad(grad(f))(3.0)) == (27.0, 9.0, 0.0)
    program = ac.compile(f)
    assert program.value_and_grad(3.0) == (27.0, 9.0)
    assert program(np.array([1.0, 2.0])).tolist() == [1.0, 8.0]
    straight = ac.compile(grad(lambda x: 2.0 * (x + stop_gradient(round(x) - x))))
    assert straight(0.7) == 2.0


STEEP = [ac.sqrt, ac.cbrt, ac.log, lambda x: 1.0 / x, lambda x: x**0.5, lambda x: ac.norm([x, 0.0 * x])]


@pytest.mark.parametrize("steep", STEEP)
def test_stop_gradient_stops_an_infinite_slope(steep: Any) -> None:
    def f(x: Any) -> Any:
        return steep(stop_gradient(x)) + 3.0 * x

    with ac.errstate(all="ignore"):
        assert (grad(f)(0.0), hessian(f)(0.0), jvp(f, (0.0,), (1.0,))[1]) == (3.0, 0.0, 3.0)
        x = Value(0.0, "x")
        y = f(x)
        y.backward()
        assert (x.grad, ac.gradients(f(x), x, create_graph=True).data) == (3.0, 3.0)
        assert any(node.op is ac.TABLE["stop_gradient"] for node in ac.Graph(y).nodes)
        for program in (ac.compile(f), ac.compile(f, exact=True), ac.compile(f(x))):
            assert program.value_and_grad(0.0)[1] == 3.0
        assert ac.compile(grad(f))(0.0) == 3.0
        assert ac.compile(f).value_and_grad(np.array([0.0, 0.0]))[1].tolist() == [3.0, 3.0]
        many = ac.compile(lambda v: sum(f(x) for x in v))
        assert many.value_and_grad([0.0] * 40)[1] == [3.0] * 40


def test_a_leaf_behind_stop_gradient_alone_has_gradient_0() -> None:
    x = Value(2.0)
    (x.sqrt() + stop_gradient(x)).backward()
    y, z = Value(2.0), Value(2.0)
    (stop_gradient(y) + z).backward()
    assert (x.grad, y.grad, z.grad) == (0.5 / 2.0**0.5, 0.0, 1.0)
    z.backward()
    assert (y.grad, z.grad) == (0.0, 2.0)


def test_a_rule_for_cotangents_replaces_the_derivative() -> None:
    @custom_vjp
    def rounded(x: Any) -> Any:
        return round(x)

    with pytest.raises(AutogradError, match="no derivatives of rounded; expected them from defvjp"):
        rounded(1.0)
    rounded.defvjp(lambda x: (round(x), None), lambda kept, g: (g,))
    assert grad(lambda x: rounded(x) ** 2)(1.7) == 4.0
    assert ac.compile(lambda x: rounded(x) * x).value_and_grad(1.7) == (3.4, pytest.approx(3.7))
    assert ac.compile(lambda x: rounded(x) * x)(np.array([1.7, -0.2])).tolist() == [3.4, 0.0]
    assert "rounded" in ac.formula(rounded(Value(1.7, "x")))


def test_a_rule_for_tangents_has_derivatives_of_its_own() -> None:
    @custom_jvp
    def scaled_softplus(x: Any, w: Any) -> Any:
        return w * log(1.0 + exp(x))

    @scaled_softplus.defjvp
    def rule(primals: Any, tangents: Any) -> Any:
        (x, w), (dx, dw) = primals, tangents
        return scaled_softplus(x, w), w * (1.0 - 1.0 / (1.0 + exp(x))) * dx + log(1.0 + exp(x)) * dw

    assert grad(scaled_softplus, (0, 1))(100.0, 2.0) == (2.0, 100.0)
    found = hessian(lambda v: scaled_softplus(v[0], v[1]))([1.0, 2.0])
    assert np.allclose(found, hessian(lambda v: v[1] * ac.softplus(v[0]))([1.0, 2.0]), rtol=1e-14)
    program = ac.compile(lambda x: scaled_softplus(x, 2.0))
    assert program.value_and_grad(100.0) == (200.0, 2.0)


def test_a_rule_that_gives_too_few_gradients_is_named() -> None:
    @custom_vjp
    def product(x: Any, y: Any) -> Any:
        return x * y

    product.defvjp(lambda x, y: (x * y, (x, y)), lambda kept, g: (g * kept[1],))
    with pytest.raises(AutogradError, match="product: the rule gave .*expected a tuple of 2 gradients"):
        grad(product)(2.0, 3.0)


ROWS = np.random.default_rng(0).normal(size=(6, 3))


@pytest.mark.parametrize(
    ("f", "args", "axes"),
    [
        (lambda v: v[0] * sin(v[1]) + v[2], (ROWS,), 0),
        (lambda v: v[0] * sin(v[1]) + v[2], (ROWS.T,), 1),
        (lambda v: v[0] * sin(v[1]) + v[2], (ROWS.T,), -1),
        (lambda v, w: [v[0] * w, v[1] ** 2], (ROWS, ROWS[:, 0]), 0),
        (lambda v, w: v[0] * w[1], (ROWS, [1.0, 2.0, 3.0]), (0, None)),
        (grad(lambda v: v[0] ** 2 * v[1] + exp(v[2])), (ROWS,), 0),
        (lambda v: v[0] if v[0] > 0.0 else -v[1], (ROWS,), 0),
        (lambda m: m[0][1] * m[1][0], (np.random.default_rng(1).normal(size=(4, 2, 2)),), 0),
        (lambda m: m[0, 1] * m[1, 0], (np.random.default_rng(1).normal(size=(4, 2, 2)),), 0),
        (lambda v: 2 * v, (ROWS,), 0),
        (lambda v: v + v, (ROWS.T,), 1),
        (lambda v: v @ v + np.sum(v**2), (ROWS,), 0),
        (grad(lambda v: ac.sum([x * x for x in 2 * v])), (ROWS,), 0),
        (lambda a, v: a * v, (ROWS[:, 0], ROWS[0]), (0, None)),
        (lambda v: 2 * v if v[0] > 0.0 else v * v, (ROWS,), 0),
        (lambda v: 2 * v, (ROWS.tolist(),), 0),
    ],
)
def test_vmap_applies_a_function_to_each_example(f: Any, args: Any, axes: Any) -> None:
    listed = axes if isinstance(axes, tuple) else [axes] * len(args)
    pairs = list(zip(args, listed, strict=True))
    count = next(np.asarray(x).shape[axis] for x, axis in pairs if axis is not None)
    each = [[x if a is None else _part(x, i, a) for x, a in pairs] for i in range(count)]
    expected = [f(*example) for example in each]
    assert np.allclose(vmap(f, axes)(*args), expected, rtol=1e-13)


def _part(x: Any, i: int, axis: int) -> Any:
    part = np.take(x, i, axis)
    return part if isinstance(x, np.ndarray) else part.tolist()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: vmap(3.0), "not a function"),
        (lambda: vmap(sin, (0, 0))(ROWS[0]), "expected as many"),
        (lambda: vmap(sin, 2)(ROWS[0]), "axis 2"),
        (lambda: vmap(lambda x, y: x * y)(ROWS[0], ROWS[:, 0]), "expected one length"),
        (lambda: vmap(lambda x: [x] if x > 0.0 else x)([1.0, -1.0]), "results of different forms"),
        (lambda: vmap(lambda x: None)([1.0]), "result: not a real number"),
        (lambda: vmap(lambda x, y: x)([1.0]), "cannot be called"),
        *[
            (lambda axes=axes: vmap(sin, axes), "not an axis")
            for axes in ("a", 1.5, None, True, (0.5,), {0: 0}, np.zeros(1))
        ],
    ],
)
def test_batches_that_mean_nothing_are_refused(call: Any, said: str) -> None:
    with pytest.raises(AutogradError, match=said):
        call()


OUTSIDE = [
    (lambda p: vmap(lambda x: x * p)([1.0, 2.0]), [3.0, 6.0], [1.0, 2.0]),
    (lambda p: vmap(lambda x: x * p if x > 1.0 else x)([1.0, 2.0]), [1.0, 6.0], [0.0, 2.0]),
    (lambda p: vmap(lambda x: x * x)([p, 2.0 * p]), [9.0, 36.0], [6.0, 24.0]),
    (lambda p: vmap(lambda x: x * x)(np.array([p, 2.0])), [9.0, 4.0], [6.0, 0.0]),
    (lambda p: vmap(lambda x, y: x * y, (0, None))([1.0, 2.0], p), [3.0, 6.0], [1.0, 2.0]),
    (lambda p: vmap(lambda x, y: x * y[0], (0, None))([1.0, 2.0], [p]), [3.0, 6.0], [1.0, 2.0]),
    (lambda p: vmap(grad(lambda x: x**2 * p))([1.0, 2.0]), [6.0, 12.0], [2.0, 4.0]),
    (lambda p: vmap(lambda x: grad(lambda t: x * t**2)(p))([0.0, 2.0]), [0.0, 12.0], [0.0, 4.0]),
    (lambda p: vmap(vmap(lambda x: x * p))([[1.0], [2.0]])[:, 0], [3.0, 6.0], [1.0, 2.0]),
]


@pytest.mark.parametrize(("f", "values", "slopes"), OUTSIDE)
def test_derivatives_flow_through_vmap(f: Any, values: Any, slopes: Any) -> None:
    assert grad(lambda p: sum(f(p)))(3.0) == sum(slopes)
    assert np.allclose(jvp(f, (3.0,), (1.0,)), [values, slopes], rtol=1e-15)
    assert np.allclose(jacobian(f)(3.0), slopes, rtol=1e-15)
    assert ac.compile(grad(lambda p: sum(f(p))))(3.0) == sum(slopes)
    w = Value(3.0)
    sum(f(w)).backward()
    assert w.grad == sum(slopes)
    with ac.no_grad():
        assert f(w).dtype == float
        assert f(w).tolist() == values


@pytest.mark.parametrize("branches", [False, True])
@pytest.mark.parametrize(
    ("made_of", "expected"),
    [
        (lambda x: {"a": x, "b": [x, 2.0 * x]}, {"a": [1.0, 2.0], "b": [[1.0, 2.0], [2.0, 4.0]]}),
        (lambda x: [x, [x, x]], [[1.0, 2.0], [[1.0, 1.0], [2.0, 2.0]]]),
        (lambda x: [{"a": x}], [{"a": [1.0, 2.0]}]),
        (lambda x: np.array([x, 2.0 * x]), [[1.0, 2.0], [2.0, 4.0]]),
        (lambda x: (x, np.ones(1)), [[1.0, 2.0], [[1.0], [1.0]]]),
        (lambda x: np.eye(2), [[[1.0, 0.0], [0.0, 1.0]]] * 2),
        (lambda x: 7.0, [7.0, 7.0]),
        (lambda x: [], [[], []]),
    ],
)
def test_the_form_of_a_batch_of_results_is_that_of_one(made_of: Any, expected: Any, branches: bool) -> None:
    def listed(tree: Any) -> Any:
        if isinstance(tree, dict):
            return {key: listed(part) for key, part in tree.items()}
        return tree.tolist() if isinstance(tree, np.ndarray) else [listed(part) for part in tree]

    f = vmap((lambda x: made_of(x if x > 0.0 else -x)) if branches else made_of)
    assert listed(f([1.0, 2.0])) == expected
    assert type(f(np.zeros(0))) is type(f([1.0, 2.0]))


def test_sympys_expressions_become_functions() -> None:
    s = pytest.importorskip("sympy")
    x, y = s.symbols("x y", positive=True)
    for expression in (
        s.sqrt(x) * s.exp(-(y**2)), s.atan2(y, x) + s.Abs(x - y), s.pi * x, s.erf(x) / x,
        s.log(y) ** s.Rational(1, 3),
        s.Max(x, y, 1) + s.Min(x, y),
    ):  # fmt: skip
        f = ac.from_sympy(expression, (x, y))
        point = {x: 1.7, y: 2.3}
        assert f(1.7, 2.3) == pytest.approx(float(expression.subs(point)), rel=1e-14)
        slopes = [float(expression.diff(v).subs(point).evalf()) for v in (x, y)]
        assert grad(f, (0, 1))(1.7, 2.3) == pytest.approx(slopes, rel=1e-12)
        assert ac.compile(f)(1.7, 2.3) == pytest.approx(f(1.7, 2.3), rel=1e-14)
    with pytest.raises(AutogradError, match="y: not among the symbols"):
        ac.from_sympy(x * y, x)
    with pytest.raises(AutogradError, match="no row for LambertW"):
        ac.from_sympy(s.LambertW(x), x)


INNER = (
    "Integral(sin(x), (x, 0, 1))", "Derivative(sin(x), x)", "Sum(x**n, (n, 0, 3))", "Product(x, (n, 0, 3))",
    "Limit(sin(x)/x, x, 0)", "Subs(sin(x), x, 2)", "CRootOf(x**5 - x - 1, 0)", "AccumBounds(0, 1)", "O(x)",
)  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "symbols", "said"),
    [
        ("x*y", "x y x", "several symbols called x"),
        ("I*x", "x", "not a real number: I "),
        ("sqrt(-2)*x", "x", "not a real number"),
        ("x**I", "x", "not a real number"),
        ("nan", "x", "not a real number"),
        ("zoo", "x", "not a real number"),
        ("10**400*x", "x", "too large for a float"),
        *[(f"x*(1 + {text})", "x", r"not arithmetic: .*\.doit\(\)") for text in INNER],
        *[(text, "x", "no row for") for text in ("airyai(x)", "Piecewise((x, x > 0), (1, True))", "re(x)")],
    ],
)
def test_expressions_that_are_no_program_of_real_numbers_are_refused(
    expression: str, symbols: str, said: str
) -> None:
    s = pytest.importorskip("sympy")
    with pytest.raises(ac.GraphError, match=f"from_sympy: {said}"):
        ac.from_sympy(s.sympify(expression), [s.Symbol(name) for name in symbols.split()])


def test_constants_of_sympy_are_numbers() -> None:
    s = pytest.importorskip("sympy")
    x = s.Symbol("x")
    f = ac.from_sympy(x**s.E + s.Rational(1, 7) + s.EulerGamma * s.sin(s.Integer(2)) + s.Float(0.5), x)
    assert f(0.7) == pytest.approx(0.7**np.e + 1 / 7 + np.euler_gamma * np.sin(2.0) + 0.5, rel=1e-14)


def test_arguments_of_a_function_with_its_own_rule_may_have_any_names() -> None:
    @custom_jvp
    def product(slope: Any, _value: Any) -> Any:
        return slope * _value

    @product.defjvp
    def rule(primals: Any, tangents: Any) -> Any:
        (a, b), (s, t) = primals, tangents
        return product(a, b), b * s + a * t

    assert grad(product, argnums=(0, 1))(2.0, 3.0) == (3.0, 2.0)
    assert product.row is not None
    assert product.row.names == ("slope", "_value")


def test_two_functions_of_one_factory_keep_their_own_rules() -> None:
    def scaling(k: float) -> Any:
        @custom_vjp
        def scaled(x: Any) -> Any:
            return k * x

        scaled.defvjp(lambda x: (k * x, None), lambda kept, g: (k * g,))
        return scaled

    first, second = scaling(2.0), scaling(5.0)
    x = ac.Value(1.0)
    assert first.row.fingerprint != second.row.fingerprint
    assert ac.gradients(first(x) + 10.0 * second(x), x) == 52.0
    assert ac.compile(lambda x: first(x) + 10.0 * second(x)).value_and_grad(1.0) == (52.0, 52.0)


def test_functions_with_own_rules_stay_out_of_the_table() -> None:
    before = dict(ac.TABLE)
    for name in ("sin", "<lambda>", "of_a_name_that_two_have", "of_a_name_that_two_have"):

        def f(x: Any) -> Any:
            return 3.0 * x

        f.__name__ = name
        tripled = custom_vjp(f)
        tripled.defvjp(lambda x: (3.0 * x, None), lambda kept, g: (4.0 * g,))
        assert grad(tripled)(2.0) == ac.compile(grad(tripled))(2.0) == 4.0
        assert "sin(" not in ac.formula(tripled(Value(2.0, "x"))).replace("custom_sin(", "")
        node = pickle.loads(pickle.dumps(tripled(Value(2.0, "x"))))
        assert ac.gradients(node, node.parents[0]) == 4.0
    assert before == ac.TABLE


def test_functions_with_own_rules_are_called_like_any() -> None:
    @custom_vjp
    def power(x: Any, n: Any = 2.0) -> Any:
        return x**n

    def rule(kept: Any, g: Any) -> Any:
        x, n = kept
        return g * n * x ** (n - 1.0), None

    power.defvjp(lambda x, n: (x**n, (x, n)), rule)
    assert (power(3.0), power(3.0, 3.0), power(3.0, n=3.0), power(n=3.0, x=3.0)) == (9.0, 27.0, 27.0, 27.0)
    assert (grad(power)(3.0), grad(lambda x: power(x, n=3.0))(3.0)) == (6.0, 27.0)
    assert grad(power, (0, 1))(3.0, 2.0) == (6.0, 0.0)
    assert (hessian(power)(3.0), ac.compile(power).value_and_grad(3.0)) == (2.0, (9.0, 6.0))
    with pytest.raises(AutogradError, match="power: unexpected argument 'm'; expected power"):
        power(3.0, m=2.0)


@pytest.mark.parametrize("rule_of", [custom_vjp, custom_jvp])
@pytest.mark.parametrize(
    "f",
    [sin, len, lambda *xs: xs[0], lambda x, *, n: x, lambda: 1.0, lambda x, n=None: x, {}.get, 3.0],
)  # fmt: skip
def test_functions_that_cannot_be_one_operation_are_refused(rule_of: Any, f: Any) -> None:
    with pytest.raises(AutogradError, match=rule_of.__name__):
        rule_of(f)


@pytest.mark.parametrize(
    "bent",
    [
        *[lambda g, size=size: ac.clip(g, -size, size) for size in (1e-6, 0.5, 1.0, 10.0, 1e6)],
        *[lambda g, size=size: ac.minimum(g, size) for size in (1e-6, 1.0, 10.0, 1e6)],
        *[lambda g, size=size: ac.maximum(g, -size) for size in (1e-6, 1.0, 10.0, 1e6)],
        *[ac.relu, abs, ac.sign, lambda g: g * g, lambda g: g + 1.0, lambda g: ac.softshrink(g, 1e-3)],
    ],
)
def test_a_rule_that_is_not_linear_is_refused(bent: Any) -> None:
    clipped, pushed = custom_vjp(lambda x: 1.0 * x), custom_jvp(lambda x: 1.0 * x)
    clipped.defvjp(lambda x: (x, None), lambda kept, g: (bent(g),))
    pushed.defjvp(lambda primals, tangents: (primals[0], bent(tangents[0])))
    for f in (clipped, pushed):
        with pytest.raises(OperationError, match="custom: a rule that is not linear: argument 1: .*register"):
            grad(lambda x, f=f: 5.0 * f(x))(1.0)


@pytest.mark.parametrize("size", [1e-300, 1e-5, 0.0, 1.0, 1e200, 1e300])
def test_a_linear_rule_of_any_size_is_taken(size: float) -> None:
    scaled = custom_vjp(lambda x: size * x)
    scaled.defvjp(lambda x: (size * x, None), lambda kept, g: (0.3 * size * g + 0.6 * size * g,))
    assert grad(scaled)(1.0) == 0.3 * size + 0.6 * size


@pytest.mark.parametrize("given", [3.0, (), [1.0], ("a",), None])
def test_a_rule_that_gives_no_gradient_is_named(given: Any) -> None:
    kept = custom_vjp(lambda x: 1.0 * x)
    kept.defvjp(lambda x: (x, None), lambda kept, g: given)
    pushed = custom_jvp(lambda x: 1.0 * x)
    pushed.defjvp(lambda primals, tangents: given)
    for f in (kept, pushed):
        with pytest.raises(OperationError, match=r"custom|lambda"):
            grad(f)(1.0)


def test_what_forward_gives_is_a_pair() -> None:
    kept = custom_vjp(lambda x: 1.0 * x)
    kept.defvjp(lambda x: x, lambda kept, g: (g,))
    with pytest.raises(OperationError, match=r"forward gave float 2.0; expected a tuple .*\(value, None\)"):
        grad(kept)(2.0)
