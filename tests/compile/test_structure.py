"""What the compiler finds in networks written as loops; it does not change what it cannot prove."""

from __future__ import annotations

import gc
import importlib
import itertools
import linecache
import random
from collections.abc import Callable
from typing import Any

import networkx as nx
import numpy as np
import pytest

import autograd_core as ac
from autograd_core import Value, gradients, tanh
from autograd_core.compile.arrays.groups import analysed
from autograd_core.compile.arrays.structure import connected_parts, grids
from autograd_core.compile.front.tape_and_builder import capture
from autograd_core.compile.program import Program
from autograd_core.compile.runners.array_program import ArrayProgram
from autograd_core.compile.training import BatchGradient
from autograd_core.operations import Operation
from tests.work import Work

# The package's function `compile` hides the folder of that name from `import ... as`.
choice = importlib.import_module("autograd_core.compile.runners.choice")
workspace = importlib.import_module("autograd_core.compile.arrays.workspace")
SIZES, EXAMPLES = (3, 7, 5, 1), 40


@pytest.fixture(autouse=True)
def _small_groups_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found is the subject here, not whether the machine would be faster."""
    monkeypatch.setattr(choice, "PER_GROUP", 0.001)


def network(seed: int, order: str = "straight", keep: float = 1.0) -> tuple[Value, list[Value]]:
    """Build a network on 40 examples, each neuron a loop, with terms in the given order and some pruned."""
    chance = random.Random(seed)
    layers, weights = [], []
    for nin, nout in itertools.pairwise(SIZES):
        layer = []
        for _ in range(nout):
            chosen = [i for i in range(nin) if chance.random() < keep] or [0]
            if order == "permuted":
                chance.shuffle(chosen)
            terms = [(i, Value(chance.uniform(-1, 1))) for i in chosen]
            bias = Value(chance.uniform(-1, 1))
            layer.append((terms, bias))
            weights += [*(w for _, w in terms), bias]
        layers.append(layer)
    losses = []
    for _ in range(EXAMPLES):
        h: list[Value | float] = [chance.gauss(0, 1) for _ in range(SIZES[0])]
        for layer in layers:
            h = [tanh(neuron(terms, bias, h, order, chance)) for terms, bias in layer]
        losses.append((h[0] - chance.gauss(0, 1)) ** 2)
    return sum(losses) / EXAMPLES, weights


def neuron(
    terms: list[tuple[int, Value]], bias: Value, h: list[Value | float], order: str, chance: random.Random
) -> Value:
    if order == "dot":
        return ac.dot([w for _, w in terms], [h[i] for i, _ in terms]) + bias
    if order == "sum":
        return sum(w * h[i] for i, w in terms) + bias
    total = bias
    for i, w in terms:
        total = total + (w * h[i] if chance.random() < 0.5 else h[i] * w)
    return total


def compiled_equals(root: Value, inputs: list[Value]) -> Program:
    program = ac.compile(root, inputs=inputs)
    value, slopes = program.value_and_grad(np.array([x.data for x in inputs]))
    expected = gradients(root, inputs)
    assert program.runner == "array program"
    assert value == pytest.approx(root.data, rel=1e-12)
    assert slopes.tolist() == pytest.approx(expected, rel=1e-12, abs=1e-13)
    return program


@pytest.mark.parametrize("order", ["straight", "permuted", "sum", "dot"])
def test_three_layers_are_three_products(order: str) -> None:
    root, weights = network(1, order)
    found = compiled_equals(root, weights).explain()
    shapes = {tuple(sorted(shape)) for shape in found.matrix_products}
    assert shapes == {tuple(sorted((n, k, EXAMPLES))) for k, n in itertools.pairwise(SIZES)}
    assert found.groups <= 15


@pytest.mark.parametrize("seed", range(8))
def test_pruned_networks_stay_right(seed: int) -> None:
    root, weights = network(seed, random.Random(seed).choice(["straight", "permuted"]), keep=0.6)
    compiled_equals(root, weights)


def test_a_convolution_stays_right() -> None:
    """Overlapping windows are not a full grid of separate rows and columns, but are shared."""
    chance = random.Random(0)
    signal = [Value(chance.gauss(0, 1)) for _ in range(400)]
    kernel = [Value(chance.gauss(0, 1)) for _ in range(5)]
    out = [tanh(sum(k * s for k, s in zip(kernel, signal[i : i + 5], strict=True))) for i in range(396)]
    compiled_equals(sum(y * y for y in out), [*kernel, *signal])


def test_formulas_that_differ_in_an_exponent_are_kept_apart() -> None:
    xs = [Value(0.5 + k / 1000) for k in range(1000)]
    root = sum(x**2 if k % 2 else x**3 for k, x in enumerate(xs))
    program = compiled_equals(root, xs)
    assert program.explain().groups == 3


@pytest.mark.parametrize("row", [ac.logsumexp, ac.max, ac.norm, ac.prod, ac.mean])
def test_rows_of_many_arguments(row: Callable[..., Value]) -> None:
    chance = random.Random(2)
    w = [[Value(chance.gauss(0, 1)) for _ in range(4)] for _ in range(6)]
    total = Value(0.0, requires_grad=False)
    for _ in range(60):
        x = [chance.gauss(0, 1) for _ in range(4)]
        total = total + row([sum(a * b for a, b in zip(line, x, strict=True)) for line in w])
    compiled_equals(total, [a for line in w for a in line])


def test_a_number_that_a_sum_takes_several_times_has_the_slope_of_each() -> None:
    xs = [Value(0.01 * k + 0.1) for k in range(60)]
    ws = [Value(0.02 * k - 0.3) for k in range(60)]
    compiled_equals(ac.sum([tanh(ac.sum([x * 1.0] * 7 + [w])) for x in xs for w in ws]), [*xs, *ws])


def layered(chance: random.Random, sizes: tuple[int, ...], link: str) -> tuple[Value, list[Value]]:
    """Build a network of an unusual shape on 40 examples; `link` connects a layer to the next."""
    parts = []
    for nin, nout in itertools.pairwise(sizes):
        width = 2 * nin if link == "joined twice" else nin
        parts.append([[Value(chance.uniform(-1, 1)) for _ in range(width)] for _ in range(nout)])
    total = Value(0.0, requires_grad=False)
    for _ in range(EXAMPLES):
        h: list[Value | float] = [chance.gauss(0, 1) for _ in range(sizes[0])]
        for layer in parts:
            x = h + [a * a for a in h] if link == "joined twice" else h
            new = [tanh(sum(w * a for w, a in zip(row, x, strict=True))) for row in layer]
            residual = link == "residual" and len(new) == len(h)
            h = [a + b for a, b in zip(new, h, strict=True)] if residual else new
        total = total + sum(a * a for a in h)
    return total, [w for layer in parts for row in layer for w in row]


@pytest.mark.slow
@pytest.mark.parametrize("link", ["plain", "residual", "joined twice"])
@pytest.mark.parametrize("sizes", [(1, 1, 1), (5, 1, 5), (2, 6, 6, 6, 3), (7, 2)])
def test_odd_shapes_stay_right(sizes: tuple[int, ...], link: str) -> None:
    root, weights = layered(random.Random(3), sizes, link)
    check = right if ac.compile(root, inputs=weights).engine.small else compiled_equals
    check(root, weights)


def right(root: Value, inputs: list[Value]) -> None:
    """For a small program, check only that it is correct."""
    value, slopes = ac.compile(root, inputs=inputs).value_and_grad(np.array([x.data for x in inputs]))
    assert value == pytest.approx(root.data, rel=1e-12)
    assert slopes.tolist() == pytest.approx(gradients(root, inputs), rel=1e-12, abs=1e-13)


def test_weights_used_in_two_layers() -> None:
    chance = random.Random(4)
    W = [[Value(chance.uniform(-1, 1)) for _ in range(6)] for _ in range(6)]
    total = Value(0.0, requires_grad=False)
    for _ in range(EXAMPLES):
        h: list[Value | float] = [chance.gauss(0, 1) for _ in range(6)]
        for _ in range(3):
            h = [tanh(sum(w * a for w, a in zip(row, h, strict=True))) for row in W]
        total = total + sum(a * a for a in h)
    program = compiled_equals(total, [w for row in W for w in row])
    assert len(program.explain().matrix_products) == 3


@pytest.mark.skipif(ac.engine() == "python", reason="needs the native engine")
@pytest.mark.parametrize("order", ["straight", "dot"])
@pytest.mark.parametrize("batch", [None, 1, 5])
def test_statements_of_networks_run_in_c(
    order: str, batch: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And as NumPy runs them."""
    root, weights = network(3, order)
    tape = capture([root], weights)
    is_batched = np.arange(len(weights)) >= (len(weights) if batch is None else len(weights) - 3)
    numbers = np.array([x.data for x in weights])
    shared, examples = numbers[~is_batched], np.tile(numbers[is_batched], (batch or 0, 1))
    call = (shared, None) if batch is None else (shared, examples)
    in_c, in_numpy = (ArrayProgram(analysed(tape, is_batched, gather=True)) for _ in range(2))
    found = in_c.value_and_grad(*call)
    assert in_c.workspace(batch).forward.__module__ == "autograd_core.compile.arrays.native_statements"
    monkeypatch.setattr(workspace, "in_machine", lambda *_: None)
    for mine, theirs in zip(found, in_numpy.value_and_grad(*call), strict=True):
        assert mine == pytest.approx(theirs, rel=1e-12, abs=1e-13)


OF_MANY = [row for row in ac.TABLE.values() if row.arity is None and row.sequences == 1]


def first_of(result: Any) -> Any:
    return result[0] if isinstance(result, list) else result


@pytest.mark.parametrize("row", OF_MANY, ids=lambda row: row.name)
@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("wanted", [[True, False], [False, True], [True, True]])
def test_recorded_statements_read_the_numbers_of_each_call(row: Operation, count: int, wanted: Any) -> None:
    """Statements are recorded once. Python's own `max` of one number would then be that number for ever."""
    free, *weights, example = (Value(x) for x in (1.0, 0.5, 0.75, 0.25, 2.0))
    weights = weights[:count]
    mask = np.array([wanted[0], *[wanted[1]] * count])
    inputs = [free, *weights, example]
    program = ac.compile(first_of(row(weights)) * -1.25, inputs=inputs)
    engine = BatchGradient(program.tape, 1 + count, mask)
    for number in (0.5, 0.125, 2.0):
        numbers = [number, 0.75, 0.25][:count]
        engine.weights[:] = [1.0, *numbers]
        engine.inputs(3)[:] = 2.0
        leaves = [Value(x) for x in numbers]
        y = first_of(row(leaves)) * -1.25
        value = engine.value_and_gradient(3, 0.5)
        assert value == pytest.approx(1.5 * y.data, rel=1e-12)
        slopes = [0.0, *(1.5 * g for g in gradients(y, leaves))]
        assert engine.gradient[mask] == pytest.approx(np.array(slopes)[mask], rel=1e-12, abs=1e-15)


def test_neurons_that_differ_are_left_scalar() -> None:
    """Each neuron has its own formula, so there is no matrix product, and none is found."""
    chance = random.Random(5)
    rows = [ac.sin, ac.tanh, ac.exp, ac.sigmoid, ac.cos]
    xs = [Value(chance.uniform(0.1, 0.5)) for _ in range(60)]
    nodes = list(xs)
    for _ in range(4000):
        a, b, c = (chance.choice(nodes[-400:]) for _ in range(3))
        nodes.append(chance.choice(rows)(a * 0.3 + (b - c) * 0.1 if chance.random() < 0.5 else a * b * 0.5))
    root = sum(nodes[-50:])
    program = ac.compile(root, inputs=xs)
    assert program.runner == ("native tape" if ac.engine() == "native" else "interpreter")
    assert program.explain().matrix_products == ()
    right(root, xs)


def test_a_long_part_of_a_grid_is_found_in_time_that_grows_with_its_size() -> None:
    """Rows and columns form one chain of maximal length."""
    count = 100_000
    order = np.random.default_rng(0).permutation(count)
    rows = np.concatenate([order, order[1:]])
    columns = np.concatenate([np.arange(count), np.arange(count - 1)])
    with Work() as work:
        assert not connected_parts(rows, columns, count, count).any()
    assert work.calls <= 1000  # A part that grew by one row a round would take 100,000 rounds.


def test_parts_of_a_grid_are_those_of_the_graph() -> None:
    chance = np.random.default_rng(1)
    for _ in range(200):
        height, width, edges = chance.integers(1, 30, 3)
        rows = np.concatenate([np.arange(height), chance.integers(0, height, edges)])
        columns = chance.integers(0, width, len(rows))
        graph = nx.Graph([(int(r), -1 - int(c)) for r, c in zip(rows, columns, strict=True)])
        parts = nx.connected_components(graph)
        first = {i: min(node for node in part if node >= 0) for part in map(list, parts) for i in part}
        assert connected_parts(rows, columns, height, width).tolist() == [first[i] for i in range(height)]


def test_grids_cover_every_sum_once_with_its_products() -> None:
    """Rows and columns that repeat may be as many as the cells of a grid, and none."""
    chance = np.random.default_rng(2)
    for _ in range(300):
        sums, products, kinds = chance.integers(1, 13), chance.integers(1, 4), chance.integers(1, 4)
        left, right = (
            chance.integers(0, 50, (kinds, products)),
            100 + chance.integers(0, 50, (kinds, products)),
        )
        first, second = left[chance.integers(0, kinds, sums)], right[chance.integers(0, kinds, sums)]
        covered = []
        for grid in grids(first, second, np.zeros(first.shape, np.uint64)):
            for n, r, c in np.ndindex(grid.members.shape):
                member = int(grid.members[n, r, c])
                covered.append(member)
                expected = sorted(zip(first[member].tolist(), second[member].tolist(), strict=True))
                assert (
                    sorted(zip(grid.left[n, r].tolist(), grid.right[n, c].tolist(), strict=True)) == expected
                )
        assert sorted(covered) == list(range(sums))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["small", "batch", "array program"])
def test_a_program_that_is_gone_leaves_no_source(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "runs", lambda *_: False)  # The machine makes none.
    gc.collect()
    before = set(linecache.cache)
    program, weights = program_of(kind)
    assert program.runner == (kind if kind == "array program" else "generated Python")
    point = [0.1] * weights
    program.value_and_grad(np.array([point, point]) if kind == "batch" else point)
    program(*point) if kind == "small" else None
    assert set(linecache.cache) - before
    del program
    gc.collect()
    assert not {name for name in set(linecache.cache) - before if name.startswith("<autograd_core")}


def program_of(kind: str) -> tuple[Program, int]:
    """Return a program that runs in that way, and its number of inputs."""
    if kind == "array program":
        loss, weights = network(0)
        return ac.compile(loss, inputs=weights), len(weights)
    x, w = y, _ = Value(0.1), Value(0.2)
    for _ in range(3):
        y = tanh(y * w + x)
    return ac.compile(y, inputs=[x, w]), 2
