"""Every runner agrees with the eager engine: bit for bit if it promises that, else to 1e-12."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings

import autograd_core as ac
from autograd_core import Value, compile, gradients, log_softmax, logsumexp, softmax
from autograd_core.compile.runners.generated_python import StraightBatch
from autograd_core.errors import AutogradError
from autograd_core.operations.operation import TABLE
from tests.compile.runners import exact_runners, reordering_runners, tape_of
from tests.graphs import DOMAINS, ORDINARY, Program, programs
from tests.special_references import OF_ORDER


def hold_equal(inputs: Sequence[Value], output: Value, tolerance: float = 1e-12) -> None:
    numbers = [x.data for x in inputs]
    slopes = gradients(output, list(inputs))
    tape = tape_of(output, inputs)
    for name, run in exact_runners(tape).items():
        value, found = run(numbers)
        assert (value, found) == (output.data, slopes), name
        assert [math.copysign(1, g) for g in found] == [math.copysign(1, g) for g in slopes], name
    scale = max(1.0, *map(abs, slopes)) if slopes else 1.0
    for name, run in reordering_runners(tape).items():
        value, found = run(numbers)
        assert value == pytest.approx(output.data, rel=tolerance, abs=tolerance), name
        assert found == pytest.approx(slopes, rel=tolerance, abs=tolerance * scale), name


@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.generate])  # Shrinking takes minutes.
@given(programs())
def test_random_graphs(program: Program) -> None:
    try:
        nodes = program.build()
        inputs = program.leaves(nodes)
        slopes = gradients(nodes[-1], list(inputs))
    except AutogradError:
        return
    if not all(map(math.isfinite, [node.data for node in nodes] + slopes)):
        return
    hold_equal(inputs, nodes[-1], 1e-10)


def arguments_of(name: str) -> list[float]:
    count = TABLE[name].arity or (4 if name == "dot" else 3)
    domain = DOMAINS.get(name, (ORDINARY,))
    bounds = [domain[min(i, len(domain) - 1)] for i in range(count)]
    return [low + (high - low) * (0.31 + 0.17 * i) for i, (low, high) in enumerate(bounds)]


@pytest.mark.parametrize("name", list(TABLE))
def test_every_row(name: str) -> None:
    inputs = [Value(x, f"x{i}") for i, x in enumerate(arguments_of(name))]
    output = Value.__apply_operation__(TABLE[name], inputs)
    hold_equal(inputs, output * 1.5)
    hold_equal(inputs, output + inputs[0] * inputs[-1])


@pytest.mark.parametrize("name", list(TABLE))
def test_every_row_many_times(name: str) -> None:
    numbers = arguments_of(name)
    still = 1 if name in OF_ORDER else 0  # An order is a whole number.
    inputs = [[Value(x + 0.01 * k * (i >= still)) for i, x in enumerate(numbers)] for k in range(6)]
    outputs = [Value.__apply_operation__(TABLE[name], xs) for xs in inputs]
    total = outputs[0] * inputs[0][0]
    for y, xs in zip(outputs[1:], inputs[1:], strict=True):
        total = total + y * xs[0]
    hold_equal([x for xs in inputs for x in xs], total)


SOFTMAXES = {
    "logsumexp": logsumexp,
    "squared logsumexp": lambda xs: logsumexp(xs) * logsumexp(xs[::-1]),
    "one probability": lambda xs: softmax(xs)[1],
    "cross-entropy": lambda xs: -ac.log(softmax(xs)[0]),
    "squared softmaxes": lambda xs: ac.sum([p * p for p in softmax(xs)]),
    "squared logarithms": lambda xs: ac.sum([p * p for p in log_softmax(xs)]),
    "two of one kind": lambda xs: ac.sum([p * q for p, q in zip(softmax(xs), log_softmax(xs), strict=True)]),
    "some of them": lambda xs: ac.sum([p * (i + 1) for i, p in enumerate(softmax(xs)[2:])]),
    "a softmax of a softmax": lambda xs: ac.sum([p * p for p in softmax([2 * q for q in softmax(xs)])]),
    "one call a result": lambda xs: one_call_a_result(softmax, xs, range(len(xs))),
    "one call a logarithm, from the last": lambda xs: one_call_a_result(
        log_softmax, xs, range(len(xs))[::-1]
    ),
    "the same logit twice": lambda xs: ac.sum([p * p for p in softmax([*xs, xs[0]])]),
}


def one_call_a_result(function: Any, xs: Sequence[Value], order: Sequence[int]) -> Value:
    """Use each result before the next call, which has the same arguments."""
    total = Value(0.5)
    for i in order:
        total = total * ac.sin(function(xs)[i] + i) + function(xs)[i]
    return total


@pytest.mark.parametrize("name", SOFTMAXES)
@pytest.mark.parametrize("spread", [1.0, 30.0])
def test_all_results_of_a_softmax_at_once(name, spread):
    xs = [Value(spread * math.sin(3.0 * i)) for i in range(7)]
    hold_equal(xs, SOFTMAXES[name](xs))


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SOFTMAXES if name != "the same logit twice"])
def test_source_of_softmaxes_grows_with_their_size(name):
    lengths = []
    for count in (40, 80):
        xs = [Value(0.01 * i) for i in range(count)]
        program = compile(SOFTMAXES[name](xs), inputs=xs)
        column = StraightBatch(program.tape, np.ones(count, bool))
        lengths.append([len(program.source), len(program.to_c()), len(column.source)])
    assert all(large < 2.5 * small for small, large in zip(*lengths, strict=True)), lengths


def test_a_wide_softmax_is_not_written_out():
    xs = [Value(0.001 * i) for i in range(600)]
    y = logsumexp(xs)
    y.backward()
    program = compile(y, inputs=xs)
    assert len(program.source) < 10_000
    value, slopes = program.value_and_grad([x.data for x in xs])
    assert value == y.data
    assert list(slopes) == pytest.approx([x.grad for x in xs], rel=1e-14)
