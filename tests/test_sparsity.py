"""Sparse Jacobians and Hessians equal the dense ones, take few sweeps, and have the graph's pattern."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import autograd_core as ac
from autograd_core import DataError, Value, hessian, jacobian, no_grad
from autograd_core.calculus import sparsity


def rosenbrock(x: Sequence[Any]) -> Any:
    return ac.sum([100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2 for i in range(len(x) - 1)])


def random_function(source: random.Random, n: int) -> Callable[[Sequence[Any]], list[Any]]:
    """Build outputs that each depend on a few inputs, through shared nodes."""
    plan = [
        (source.choice(["add", "mul", "sin", "tanh"]), source.random(), source.random())
        for _ in range(source.randint(1, 3 * n))
    ]
    count = source.randint(1, n + 2)

    def f(x: Sequence[Any]) -> list[Any]:
        nodes = list(x)
        for kind, a, b in plan:
            u, v = nodes[int(a * len(nodes))], nodes[int(b * len(nodes))]
            nodes.append(u + v if kind == "add" else u * v if kind == "mul" else ac.TABLE[kind](u))
        return nodes[-count:] + nodes[:1]

    return f


@pytest.mark.parametrize("seeds", [range(100), pytest.param(range(100, 1000), marks=pytest.mark.slow)])
def test_it_equals_the_dense_matrix(seeds: range) -> None:
    for seed in seeds:
        source = random.Random(seed)
        n = source.randint(1, 8)
        f = random_function(source, n)
        x = [source.uniform(-2.0, 2.0) for _ in range(n)]
        for ours, theirs in ((jacobian(f, sparse=True), jacobian(f)), hessians(f)):
            dense, found = np.array(theirs(x)), ours(x)
            assert found.shape == dense.shape, seed
            assert np.allclose(found.toarray(), dense, rtol=1e-9, atol=1e-12), seed


def hessians(f: Callable[[Sequence[Any]], list[Any]]) -> tuple[Any, Any]:
    def total(x: Sequence[Any]) -> Any:
        return ac.sum(f(x))

    return hessian(total, sparse=True), hessian(total)


@pytest.mark.slow
@pytest.mark.parametrize("n", [2000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_the_hessian_of_rosenbrock_takes_three_sweeps(monkeypatch: pytest.MonkeyPatch, n: int) -> None:
    sweeps: list[int] = []
    forward = sparsity._forward

    def counting(*args: Any) -> list[float]:
        sweeps.append(1)
        return forward(*args)

    monkeypatch.setattr(sparsity, "_forward", counting)
    x = np.linspace(-1.0, 1.0, n)
    found = hessian(rosenbrock, sparse=True)(x)
    assert len(sweeps) == 3
    assert found.shape == (n, n)
    assert found.nnz == 3 * n - 2
    diagonal = 1200.0 * x[1:-1] ** 2 - 400.0 * x[2:] + 202.0
    assert found.diagonal()[1:-1] == pytest.approx(diagonal)
    assert found.diagonal(1) == pytest.approx(-400.0 * x[:-1])


def test_rows_share_sweeps_where_columns_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    """An output of all inputs puts all columns in one row; an input of all outputs all rows in one column."""
    sweeps: list[str] = []
    arrow = jacobian(lambda x: [x[0] * ac.sum(x), *[x[i] ** 2 for i in range(1, 50)]], sparse=True)
    for name in ("_forward", "_reverse"):
        sweep = getattr(sparsity, name)
        monkeypatch.setattr(
            sparsity, name, lambda *args, name=name, sweep=sweep: sweeps.append(name) or sweep(*args)
        )
    assert arrow([0.5] * 50).nnz == 50 + 49
    assert sweeps == ["_reverse"] * 2
    turned = jacobian(lambda x: [x[0] * v for v in x], sparse=True)
    assert turned([0.5] * 50).nnz == 50 + 49
    assert sweeps[2:] == ["_forward"] * 2


def test_the_pattern_does_not_depend_on_the_point() -> None:
    f = jacobian(lambda x: [x[0] * x[1], ac.relu(x[1]), 3.0], sparse=True)
    assert f([0.0, 0.0]).nnz == f([1.0, 2.0]).nnz == 3
    assert f([0.0, 0.0]).toarray().tolist() == [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize(
    ("f", "x", "shape", "nnz"),
    [
        (lambda x: [1.0, x[0], 2.0, 0.0 * x[1]], [1.0, 2.0], (4, 2), 2),
        (lambda x: [3.0], [1.0, 2.0], (1, 2), 0),
        (lambda x: [], [1.0, 2.0], (0, 2), 0),
        (lambda x: [], [], (0, 0), 0),
        (lambda x: [x[2]], [1.0, 2.0, 3.0], (1, 3), 1),
        (lambda x: [v.detach() * v for v in x], [1.0, 2.0], (2, 2), 2),
    ],
)
def test_rows_and_columns_may_be_empty(f: Any, x: list[float], shape: tuple[int, int], nnz: int) -> None:
    found = jacobian(f, sparse=True)(x)
    assert (found.shape, found.nnz) == (shape, nnz)
    dense = np.array(jacobian(f)(x), dtype=float).reshape(shape)
    assert np.array_equal(found.toarray(), dense)


@pytest.mark.parametrize("f", [lambda x: 3.0, lambda x: x[0] + x[1], lambda x: x[0] * x[1]])
def test_a_hessian_may_be_empty(f: Any) -> None:
    assert np.array_equal(hessian(f, sparse=True)([1.0, 2.0]).toarray(), np.array(hessian(f)([1.0, 2.0])))


def test_without_scipy_it_is_rows_columns_and_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    found = jacobian(lambda x: [x[0] * x[1], 5.0, x[1]], sparse=True)([2.0, 3.0])
    assert (found.rows, found.columns, found.values) == ([0, 0, 2], [0, 1, 1], [3.0, 2.0, 1.0])
    assert (found.shape, found.nnz) == ((3, 2), 3)
    assert jacobian(lambda x: [1.0], sparse=True)([2.0]).nnz == 0


def test_a_sparse_matrix_is_of_one_argument_and_of_numbers() -> None:
    with pytest.raises(DataError, match="jacobian: several arguments"):
        jacobian(lambda x, y: x, argnums=(0, 1), sparse=True)
    w = Value(2.0, "w")
    with pytest.raises(DataError, match="hessian: the function depends on a Value from outside"):
        hessian(lambda x: w * x[0] ** 2, sparse=True)([1.0])
    with no_grad():
        assert hessian(lambda x: w * x[0] ** 2, sparse=True)([1.0]).toarray().tolist() == [[4.0]]
