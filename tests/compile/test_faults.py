"""Misuse of compiled programs: branches, bad input, huge graphs, malicious names."""

from __future__ import annotations

import copy
import pickle
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from math import copysign, inf, isnan
from typing import Any

import numpy as np
import pytest

import autograd_core as ac
import nn
from autograd_core import Value, compile, cos, gradients, sin
from autograd_core.compile.program import Program
from autograd_core.errors import DataError, DataValueError, DomainError, PoleError, TraceError


def lecture() -> tuple[Value, Value]:
    x = Value(2.0, "x")
    return x, cos(sin(x**2) + 3 * x**2)


def test_a_branch_is_refused_with_its_line() -> None:
    @ac.compile
    def f(x: Value) -> Value:
        if x > 0:  # this line
            return x * 2
        return x * 3

    with pytest.raises(TraceError, match=r"x > 0 in f, .*test_faults\.py, line \d+"):
        f(1.0)


@pytest.mark.parametrize(
    "peek", [lambda x: x * x.data, lambda x: x * random.random(), lambda x: x + x.item()]
)
def test_a_look_at_the_data_is_refused(peek: object) -> None:
    with pytest.raises(TraceError, match="cannot be traced"):
        ac.compile(peek)(1.0)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "peek",
    [
        lambda x: x if x.data > 0 else x * 0.0,
        lambda x: x * 2.0 if x.item() < 1.0 else x,
        lambda x: x ** int(x.item()),
    ],
)
@pytest.mark.parametrize("at", [3.0, -3.0, 0.5])
def test_a_branch_on_the_data_is_found_far_from_where_it_is_traced(peek: object, at: float) -> None:
    with pytest.raises(TraceError, match="differs? from one point to another"):
        ac.compile(peek)(at)  # type: ignore[call-overload]


def test_a_function_may_be_undefined_far_from_where_it_is_traced() -> None:
    assert ac.compile(lambda x: ac.sqrt(x) + ac.log(x))(4.0) == 2.0 + ac.log(4.0)


def test_bad_calls() -> None:
    x, J = lecture()
    y = Value(3.0, "y")
    program = ac.compile(J / y, inputs=[x, y])
    for call in (
        lambda: program(1.0),
        lambda: program(1.0, 2.0, 3.0),
        lambda: program("1", 2.0),
        lambda: program(None, 2.0),
        lambda: program(1.0, z=2.0),
        lambda: program([1.0, "b"]),
    ):
        with pytest.raises(TypeError):
            call()
    with pytest.raises(DataValueError):
        program(np.zeros((4, 3)))
    with pytest.raises(PoleError, match="'y'"):
        program(1.0, 0.0)
    with pytest.raises(DomainError):
        program.value_and_grad(inf, 1.0)
    with pytest.raises(PoleError):
        program(x=np.array([1.0, 2.0]), y=np.array([1.0, 0.0]))
    assert isnan(program(float("nan"), 1.0))
    assert program(2, np.float64(3)) == program(2.0, 3.0) == (J / y).data


def test_overflow_is_infinite_as_uncompiled() -> None:
    x = Value(1.0, "x")
    program = ac.compile(1 / (1 + ac.exp(x)), inputs=[x])
    assert program(1000.0) == 0.0


def test_odd_outputs() -> None:
    x, y = Value(2.0, "x"), Value(5.0, "y")
    z = x * y
    program = ac.compile([z, z, Value(7.0, requires_grad=False), x], inputs=[x, y])
    assert list(program(3.0, 4.0)) == [12.0, 12.0, 7.0, 3.0]
    unused = ac.compile(x * 1, inputs=[x, y])
    assert unused.value_and_grad(3.0, 4.0) == (3.0, (1.0, 0.0))


@pytest.mark.slow
def test_five_thousand_inputs() -> None:
    xs = [Value(k / 5000) for k in range(5000)]
    total = sum(x * x for x in xs)
    program = ac.compile(total, inputs=xs)
    value, slopes = program.value_and_grad([x.data for x in xs])
    assert value == pytest.approx(total.data)
    assert slopes.tolist() == pytest.approx([2 * x.data for x in xs])
    flat = ac.compile(ac.sum(xs), inputs=xs)
    assert flat.value_and_grad(np.ones(5000))[1].tolist() == [1.0] * 5000


@pytest.mark.slow
def test_a_long_chain() -> None:
    x = Value(0.3, "x")
    y = x
    for _ in range(50_000):
        y = sin(y) + x
    program = ac.compile(y, inputs=[x])
    assert program.runner == ("native tape" if ac.engine() == "native" else "interpreter")
    assert program.value_and_grad(0.3) == (y.data, pytest.approx(gradients(y, x), rel=1e-12))
    exact = ac.compile(y, inputs=[x], exact=True)
    assert exact.runner == program.runner
    assert exact.value_and_grad(0.3) == (y.data, gradients(y, x))


@pytest.mark.slow
@pytest.mark.parametrize("exact", [False, True])
def test_a_large_graph_without_structure(exact: bool) -> None:
    chance = random.Random(1)
    xs = [Value(chance.uniform(0.1, 1.0)) for _ in range(50)]
    nodes = list(xs)
    for _ in range(20_000):
        a, b = (nodes[-chance.randint(1, min(len(nodes), 2000))] for _ in range(2))
        nodes.append(chance.choice([lambda: a * 0.5 + b * 0.5, lambda: sin(a), lambda: a - b])())  # noqa: B023
    output = ac.sum(nodes[-100:])
    program = ac.compile(output, inputs=xs, exact=exact)
    value, slopes = program.value_and_grad([x.data for x in xs])
    expected = gradients(output, xs)
    tolerance = 0.0 if exact else 1e-12
    assert value == pytest.approx(output.data, rel=tolerance)
    assert slopes.tolist() == pytest.approx(expected, rel=tolerance, abs=tolerance * max(map(abs, expected)))


HOSTILE = [
    "x",
    "x",
    "lambda",
    "a'b",
    'a"b',
    "__import__('os')",
    "\n",
    "é",
    "*/",
    "sin",
    "1st",
    "self",
    "P",
    "nan",
]


def test_hostile_labels() -> None:
    xs = [Value(1.0 + k / 10, label) for k, label in enumerate(HOSTILE)]
    y = xs[0]
    for x in xs[1:]:
        y = sin(y * x)
        y.label = x.label
    program = ac.compile(y, inputs=xs)
    assert program(*[x.data for x in xs]) == y.data
    assert len(set(program.names)) == len(xs)
    assert all(name.isidentifier() for name in program.names)
    assert "__import__(" not in program.source + program.to_js()
    assert program.to_c().count("*/") == 1


@pytest.mark.parametrize("number", [-0.0, 1e-320, 0.1, 1.7976931348623157e308, -3.5])
def test_literals_are_exact(number: float) -> None:
    x = Value(1.0)
    program = ac.compile(x * number, inputs=[x], exact=True)
    assert (program(1.0), copysign(1, program(1.0))) == (number, copysign(1, number))


def test_numbers_of_other_leaves_are_baked_in() -> None:
    x, w = Value(2.0), Value(3.0)
    program = ac.compile(x * w, inputs=[x])
    w.data = 100.0
    assert program(2.0) == 6.0


@pytest.mark.slow
def test_threads_pickles_and_copies() -> None:
    xs = [Value(0.1 * k) for k in range(40)]
    ws = [[Value(0.01 * (i + j)) for i in range(40)] for j in range(40)]
    output = sum((ac.tanh(sum(w * x for w, x in zip(row, xs, strict=True))) for row in ws), start=Value(0.0))
    program = ac.compile(output, inputs=[*xs, *(w for row in ws for w in row)])
    assert program.runner == "array program"
    points = [np.linspace(0, 1, len(program.names)) + k for k in range(32)]
    alone = [program.gradient(p) for p in points]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(program.gradient, points))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))
    for twin in (pickle.loads(pickle.dumps(program)), copy.deepcopy(program)):
        assert isinstance(twin, Program)
        assert np.array_equal(twin.gradient(points[3]), alone[3])


def test_batches_of_a_network() -> None:
    """A loss written for one example, on a batch: the gradient is summed for weights, separate for data."""
    chance = np.random.default_rng(0)
    xs, t = [Value(float(v)) for v in chance.normal(size=30)], Value(0.5)
    ws = [[Value(float(v)) for v in chance.normal(size=30)] for _ in range(30)]
    us = [Value(float(v)) for v in chance.normal(size=30)]
    hidden = [ac.tanh(sum(w * x for w, x in zip(row, xs, strict=True))) for row in ws]
    loss = (sum(u * h for u, h in zip(us, hidden, strict=True)) - t) ** 2
    weights = [*(w for row in ws for w in row), *us]
    program = ac.compile(loss, inputs=[*weights, *xs, t])
    W, U = np.array([[w.data for w in row] for row in ws]), np.array([u.data for u in us])
    X, T = chance.normal(size=(16, 30)), chance.normal(size=16)
    value, slopes = program.value_and_grad(*[w.data for w in weights], *X.T, T)
    H = np.tanh(X @ W.T)
    error = H @ U - T
    assert value == pytest.approx(error**2)
    inner = (2 * error[:, None] * U) * (1 - H**2)
    assert np.array(slopes[:900]).reshape(30, 30) == pytest.approx(inner.T @ X)
    assert np.array(slopes[900:930]) == pytest.approx(2 * error @ H)
    assert np.stack(slopes[930:960], axis=1) == pytest.approx(inner @ W)


def test_hessian_vector_product() -> None:
    x, y = Value(1.5, "x"), Value(0.5, "y")
    program = ac.compile(sin(x * y) + x**3, inputs=[x, y])
    found = program.hessian_vector_product([1.5, 0.5], [1.0, 2.0])
    s, c = np.sin(0.75), np.cos(0.75)
    hessian = np.array([[-0.25 * s + 9.0, c - 0.75 * s], [c - 0.75 * s, -2.25 * s]])
    assert found == pytest.approx(hessian @ [1.0, 2.0])
    wrong = ([1.5, 0.5], [1.0]), ([1.5], [1.0]), ([[1.5, 0.5]], [[1.0, 2.0]]), ([1.5] * 3, [1.0] * 3)
    for point, vector in wrong:
        with pytest.raises(DataError, match=r"expected \(2,\) twice"):
            program.hessian_vector_product(point, vector)


def test_a_keyword_beside_a_positional_argument() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    for program in (ac.compile(x * y**2, inputs=[x, y]), ac.compile(lambda x, y: x * y**2)):
        assert program(2.0, y=3.0) == program(y=3.0, x=2.0) == program(2.0, 3.0) == 18.0
        assert program.value_and_grad(2.0, y=3.0) == (18.0, (9.0, 12.0))
        for args, named in (((2.0,), {"x": 3.0}), ((2.0, 3.0), {"y": 3.0}), ((2.0,), {"z": 3.0})):
            with pytest.raises(TypeError):
                program(*args, **named)


def test_descent_inside_the_program() -> None:
    x, y = Value(0.0), Value(0.0)
    program = ac.compile((x - 1) ** 2 + (y + 2) ** 2, inputs=[x, y])
    point, values = program.run(100, [0.0, 0.0], 0.2)
    assert point == pytest.approx([1.0, -2.0])
    assert values[0] == 5.0


def test_descent_over_a_batch_follows_the_sum_of_the_examples() -> None:
    w, b, x, y = (Value(0.5, name) for name in "wbxy")
    program = ac.compile(sin(w * x + b) * (w * x + b - y) ** 2, inputs=[w, b, x, y])
    rows = np.random.default_rng(0).normal(size=(7, 2))

    def momentum(w: Any, g: Any, state: dict[str, Any]) -> Any:
        state["v"] = 0.9 * state.get("v", 0.0) + g
        return w - 0.001 * state["v"] / state["step"]

    point, values = program.run(20, [0.5, 0.1], momentum, examples=rows)
    weights, state, expected = np.array([0.5, 0.1]), {}, []
    for step in range(1, 21):
        found = [program.value_and_grad(np.array([*weights, *row])) for row in rows]
        expected.append(sum(value for value, _ in found))
        state["step"] = step
        weights = momentum(weights, sum(slopes[:2] for _, slopes in found), state)
    assert values == pytest.approx(expected, rel=1e-12)
    assert point == pytest.approx(weights, rel=1e-12)


MIXED: dict[str, Callable[[list[Value], list[Value]], Value]] = {
    "a product": lambda row, x: ac.dot(row, x) + x[0] * x[1],
    "a dot product": lambda row, x: ac.dot(row, x) + ac.dot(x[:3], x[3:6]),
    "products": lambda row, x: ac.sum([*[w * v for w, v in zip(row, x, strict=True)], x[0] * x[1]]),
    "in one dot product": lambda row, x: ac.dot([*row, *x[:3]], [*x, *x[3:6]]),
    "shared products": lambda row, x: ac.dot(row, x) + row[0] * row[1] + ac.dot(row[:3], row[3:6]),
}


@pytest.mark.parametrize("size", [6, 20])
@pytest.mark.parametrize("kind", MIXED)
def test_a_matrix_product_beside_products_of_each_example_follows_the_sum(kind: str, size: int) -> None:
    rng = np.random.default_rng(0)
    rows = [[Value(w) for w in row] for row in 0.1 * rng.normal(size=(size, size))]
    x = [Value(0.0) for _ in range(size)]
    weights = [w for row in rows for w in row]
    root = ac.sum([ac.tanh(MIXED[kind](row, x)) for row in rows]) ** 2
    program = ac.compile(root, inputs=[*weights, *x])
    start, examples = np.array([w.data for w in weights]), rng.normal(size=(5, size))
    found = [program.value_and_grad(np.array([*start, *example])) for example in examples]
    expected = start - 1e-3 * sum(slopes[: len(start)] for _, slopes in found)
    point, values = program.run(1, start, 1e-3, examples=examples)
    assert point == pytest.approx(expected, rel=1e-12, abs=1e-14)
    assert values == pytest.approx([sum(value for value, _ in found)], rel=1e-12)


def test_a_batched_number_beside_products_of_shared_numbers() -> None:
    """Also where the batch has the size of the matrix."""
    a = [[Value(0.01 * (i + k)) for k in range(20)] for i in range(20)]
    b = [[Value(0.01 * (j - k)) for k in range(20)] for j in range(20)]
    t = Value(0.5)
    shared = [x for row in [*a, *b] for x in row]
    terms = [sin(ac.dot(a[i], b[j]) + t) * (i + 2 * j) for i in range(20) for j in range(20)]
    program = ac.compile(ac.sum(terms), inputs=[*shared, t])
    found = program(*[x.data for x in shared], np.linspace(0.0, 1.0, 20))
    a_array, b_array = (np.array([[x.data for x in row] for row in rows]) for rows in (a, b))
    weights = np.add.outer(np.arange(20), 2 * np.arange(20))
    right = [(np.sin(a_array @ b_array.T + t) * weights).sum() for t in np.linspace(0.0, 1.0, 20)]
    assert found[0] == pytest.approx(254.546, abs=1e-3)
    assert found == pytest.approx(right, rel=1e-11)


def test_a_sum_of_shared_products_beside_an_example_is_trained() -> None:
    class Affine(nn.Module):
        def __init__(self) -> None:
            self.a = [Value(0.1 * k) for k in range(4)]
            self.b = [Value(0.3 - 0.1 * k) for k in range(4)]

        def forward(self, x: Any) -> Any:
            return ac.dot(self.a, self.b) + x[0]

    x = np.random.default_rng(0).normal(size=(300, 1))
    options: dict[str, Any] = {"loss": "mse", "epochs": 2, "batch_size": 50, "shuffle": False, "verbose": 0}
    models = [Affine(), Affine()]
    losses = [
        model.fit(x, 2.0 * x[:, 0] + 1.0, compile=compiled, **options).history["loss"]
        for model, compiled in zip(models, (True, False), strict=True)
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-12)
    compiled, eager = ([p.data for p in model.parameters()] for model in models)
    assert compiled == pytest.approx(eager, rel=1e-12)
    assert compiled != [p.data for p in Affine().parameters()]


def test_a_weight_beside_an_example_in_an_operation_of_many_numbers_is_trained() -> None:
    w, x = Value(0.5), Value(0.2)
    program = ac.compile((ac.max([w, x]) - 3.0) ** 2, inputs=[w, x])
    assert program.run(5, [0.5], 0.1, examples=[[0.2], [0.4]])[0] == pytest.approx([2.8056])
    weight = 0.5
    for _ in range(5):
        weight -= 0.1 * 2 * 2.0 * (weight - 3.0)
    assert program.run(5, [0.5], 0.1, examples=[[0.2], [0.4]])[0] == pytest.approx([weight], rel=1e-14)


def test_a_copy_of_a_shared_argument_is_told_from_a_shared_product() -> None:
    w, k, x, y = (Value(number) for number in (0.5, 0.7, 0.3, 0.1))
    program = ac.compile(ac.max([x, w * 0.5, k]) + sin(y), inputs=[w, k, x, y])
    _, values = program.run(1, [0.5, 0.7], 1e-9, examples=[[0.3, 0.1]] * 2)
    assert values == pytest.approx([2 * (0.7 + np.sin(0.1))], rel=1e-14)


def test_descent_says_what_does_not_fit() -> None:
    w, x = Value(1.0), Value(1.0)
    program = ac.compile((w * x).log(), inputs=[w, x])
    with pytest.raises(ValueError, match=r"1 numbers to start from and examples of shape \(1, 2\)"):
        program.run(1, [1.0], examples=[[1.0, 2.0]])
    with pytest.raises(ac.DomainError, match="log"):
        program.run(1, [1.0], examples=[[1.0], [-2.0]])


def test_a_compiled_function_gives_what_its_program_gives() -> None:
    f = compile(lambda x: sin(x) * x)
    assert repr(f) == "<compiled <lambda>: not called yet>"
    with pytest.raises(DataError, match="explain: no program yet: .*Call it once"):
        f.explain()
    f(2.0)
    assert f.runner in repr(f)
    assert str(f.explain()) == str(f.program.explain())
    assert f.source == f.program.source
    assert "double value_and_grad" in f.to_c()
    assert not hasattr(f, "nothing")


def test_an_output_that_a_batched_input_does_not_reach_counts_once_an_example() -> None:
    xs, t = [Value(0.01 * k, f"x{k}") for k in range(40)], Value(0.5, "t")
    rows = [[0.01 * (i - k) + 0.003 for k in range(40)] for i in range(40)]
    y = ac.sum([ac.tanh(sum(w * x for w, x in zip(row, xs, strict=True))) for row in rows])
    compiled = compile(y, inputs=[*xs, t])
    assert compiled.runner == "array program"
    point = [x.data for x in xs]
    once = compiled.value_and_grad(*point, 0.5)[1]
    batch = compiled.value_and_grad(*point, np.array([0.1, 0.2, 0.3]))[1]
    assert np.allclose(np.array(batch[:40], float), 3.0 * np.array(once[:40], float), rtol=1e-12)


def test_both_factors_of_a_matrix_product_get_their_gradients() -> None:
    n = 20
    a = [[Value(0.01 * (i + k) + 0.002 * i * k) for k in range(n)] for i in range(n)]
    b = [[Value(0.01 * (j - k) + 0.003 * j) for k in range(n)] for j in range(n)]
    t = Value(0.5)
    y = ac.sum([sin(ac.dot(a[i], b[j]) + t) * float(i + 2 * j) for i in range(n) for j in range(n)])
    inputs = [x for row in [*a, *b] for x in row] + [t]
    compiled = compile(y, inputs=inputs)
    assert compiled.runner == "array program"
    found = compiled.value_and_grad(*[x.data for x in inputs])[1]
    assert np.allclose(found, gradients(y, inputs), rtol=1e-11, atol=1e-11)
