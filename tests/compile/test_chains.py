"""Long chains, in which every step waits for the one before: all runners agree, with threads and at poles."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

import autograd_core as ac
from autograd_core import Value, gradients, maximum, sin, tanh, where
from autograd_core.errors import DomainError
from tests.compile.test_runners import hold_equal

STEPS = 80
WALKER = "native tape" if ac.engine() == "native" else "interpreter"
Recurrence = Callable[[list[Value]], Value]


def plain(v: list[Value]) -> Value:
    x = v[0]
    for _ in range(STEPS):
        x = sin(x) + v[1]
    return x


def pair(v: list[Value]) -> Value:
    x, y = v[0], v[1]
    for _ in range(STEPS):
        x, y = x + 0.01 * (x - x * y), y - 0.01 * (y - x * y) * v[2]
    return x * y


def network(v: list[Value]) -> Value:
    """Build a recurrent cell on data, with a loss at each step."""
    h, loss = Value(0.0, requires_grad=False), Value(0.0, requires_grad=False)
    for t in range(STEPS):
        h = tanh(v[0] * h + v[1] * math.sin(t) + v[2])
        loss = loss + (h - 0.1 * math.cos(t)) ** 2
    return loss


def two_steps_back(v: list[Value]) -> Value:
    a, b = v[0], v[1]
    for _ in range(STEPS):
        a, b = b, sin(a) + 0.9 * b
    return b


def every_other(v: list[Value]) -> Value:
    x = v[0]
    for t in range(STEPS):
        x = sin(x) * v[1] if t % 2 else tanh(x) + v[2]
    return x


def all_states(v: list[Value]) -> Value:
    states = [v[0]]
    for _ in range(STEPS):
        states.append(where(v[1], sin(states[-1]) + v[2], maximum(states[-1], v[0])))
    return ac.sum([s * s for s in states]) + states[STEPS // 2] * v[1]


def a_loop_over_a_loop(v: list[Value]) -> Value:
    states = [v[0]]
    for _ in range(STEPS):
        states.append(sin(states[-1]) * v[1])
    total = v[2]
    for s in states:
        total = total * 0.99 + s * s
    return total


def idle(v: list[Value]) -> Value:
    x = v[0]
    for _ in range(STEPS):
        x = (x * 1.0 + 0.0) / 1.0 - -(v[1] * 0.01) + v[2] * 0.0
    return x


RECURRENCES = [plain, pair, network, two_steps_back, every_other, all_states, a_loop_over_a_loop, idle]


@pytest.mark.slow
@pytest.mark.parametrize("recurrence", RECURRENCES, ids=lambda f: f.__name__)
def test_recurrences(recurrence: Recurrence) -> None:
    inputs = [Value(0.4, "a"), Value(0.7, "b"), Value(0.2, "c")]
    hold_equal(inputs, recurrence(inputs))


@pytest.mark.slow
def test_a_result_of_the_first_step_that_all_steps_read_is_right() -> None:
    inputs = [Value(0.4, "a"), Value(0.7, "b")]
    x, first = inputs[0], None
    for _ in range(STEPS):
        y = sin(x)
        first = y if first is None else first
        x = ac.hypot(y, first) * inputs[1]
    hold_equal(inputs, x)


def columns(count: int) -> tuple[Value, list[Value]]:
    """Build a chain in which each step reads its own input."""
    inputs = [Value(0.1 + 0.001 * t) for t in range(count)]
    x = Value(0.5, requires_grad=False)
    for u in inputs:
        x = sin(x + u) * u
    return x, inputs


def test_inputs_of_each_step() -> None:
    root, inputs = columns(STEPS)
    hold_equal(inputs, root)


def test_large_chains_are_walked_by_many_threads() -> None:
    root, inputs = columns(2000)
    program = ac.compile(root, inputs=inputs)
    assert program.runner == WALKER
    value, slopes = program.value_and_grad([u.data for u in inputs])
    assert value == pytest.approx(root.data, rel=1e-12)
    expected = gradients(root, inputs)
    assert slopes.tolist() == pytest.approx(expected, rel=1e-12, abs=1e-12 * max(map(abs, expected)))
    points = [[u.data + 0.001 * k for u in inputs] for k in range(16)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(program.gradient, points))
    assert all((a == program.gradient(p)).all() for a, p in zip(together, points, strict=True))


def test_a_chain_without_repetition_is_walked() -> None:
    chance = random.Random(0)
    x = Value(0.3, "x")
    y = x
    for _ in range(4000):
        y = chance.choice([sin, tanh, lambda v: v * 1.01, lambda v: v + 0.01, lambda v: 0.5 - v])(y)
    program = ac.compile(y, inputs=[x])
    assert program.runner == WALKER
    assert program.value_and_grad(0.3) == (y.data, pytest.approx(gradients(y, x)))


@pytest.mark.parametrize("start", [1.0, -1.0, 0.0, math.inf, math.nan, 1e308])
def test_a_pole_on_the_way_is_the_eager_engines_error(start: float) -> None:
    def f(x: Value) -> Value:
        y = x
        for _ in range(1000):
            y = ac.log(y * y + 0.5) + 1.0 / (y - 1.0)
        return y

    x = Value(2.0, "x")
    program = ac.compile(f(x), inputs=[x])
    assert program.runner == WALKER
    outcomes = []
    for run in (lambda: f(Value(start, "x")).data, lambda: program(start)):
        try:
            outcomes.append(run())
        except DomainError as error:
            outcomes.append(f"{type(error).__name__}: {error}")
    assert outcomes[0] == outcomes[1] or (outcomes[0] != outcomes[0] and outcomes[1] != outcomes[1])
