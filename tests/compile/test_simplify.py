"""Large tapes are simplified: fewer operations, the same values, and equal parts stay equal."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

import autograd_core as ac
from autograd_core import Value, gradients, sin
from autograd_core.compile.front.simplify import simplified
from autograd_core.compile.front.tape_and_builder import capture


def repeated(count: int) -> tuple[Value, list[Value]]:
    """Build many terms with redundant parts, and a factor that does not depend on the inputs."""
    chance = random.Random(0)
    xs = [Value(chance.uniform(0.5, 1.5)) for _ in range(count)]
    idle = Value(2.0, requires_grad=False) * 3.0 + 1.0
    return ac.sum([sin(x * 1.0 + 0.0) / 1.0 - x**2 + (x - 0.0) ** 1 * idle for x in xs]), xs


def test_what_is_idle_goes() -> None:
    root, xs = repeated(40)
    tape = capture([root], xs)
    simpler, fired = simplified(tape, exact=False, alike=False)
    counts = {str(rule): n for rule, n in fired.items()}
    assert counts == {
        "constants folded": 2, "x * 1 → x": 40, "x + 0 → x": 40, "x / 1 → x": 40, "x - 0 → x": 40,
        "x**1 → x": 40, "x**2 → square(x)": 40,
    }  # fmt: skip
    assert simpler.operations == 40 * 5 + 1
    used = {row.name for row in simpler.rows if simpler.code_of(row) in simpler.code}
    assert used == {"sin", "square", "sub", "mul", "add", "sum"}


def test_alike_parts_stay_alike() -> None:
    """Of the numbers, only exponents are part of the formula; a data value may happen to be 1."""
    root, xs = repeated(80)
    _, fired = simplified(capture([root], xs), exact=False, alike=True)
    assert {str(rule) for rule in fired} == {"constants folded", "x**1 → x", "x**2 → square(x)"}
    labels = [1.0, -1.0, 0.0, 2.0] * 10
    weights = [[Value(0.1 * i + j) for j in range(30)] for i in range(3)]
    sums = [sum(w * x.data for w, x in zip(weights[k % 3], xs[k:], strict=False)) for k in range(40)]
    total = ac.sum([y * ac.tanh(s) for y, s in zip(labels, sums, strict=True)])
    assert ac.compile(total).explain().simplified.keys() == {"additions gathered in sums"}


@pytest.mark.parametrize("exact", [False, True])
def test_large_programs(exact: bool) -> None:
    root, xs = repeated(400)
    program = ac.compile(root, inputs=xs, exact=exact)
    value, slopes = program.value_and_grad(np.array([x.data for x in xs]))
    close = 0.0 if exact else 1e-13
    assert value == pytest.approx(root.data, rel=close)
    assert slopes.tolist() == pytest.approx(gradients(root, xs), rel=close)
    assert program.explain().simplified["constants folded"] == 2


def test_a_constant_pole_stays_an_error() -> None:
    root, xs = repeated(400)
    w = Value(1.0, "w", requires_grad=False)
    root = root + 1.0 / w
    w.data = 0.0
    with pytest.raises(ac.errors.PoleError, match="'w'"):
        ac.compile(root, inputs=xs)(np.ones(400))


def test_an_output_that_is_an_input() -> None:
    x, y = Value(2.0), Value(3.0)
    tape, _ = simplified(capture([x * 1.0, y + 0.0], [x, y]), exact=False, alike=False)
    assert tape.outputs.tolist() == tape.inputs.tolist()
    assert tape.operations == 0


VECTORS: dict[str, Callable[[list[Value]], Value]] = {
    "softmax": lambda xs: ac.sum([p * p * k for k, p in enumerate(ac.softmax(xs), start=1)]),
    "log_softmax": lambda xs: ac.dot(ac.log_softmax(xs), xs[::-1]),
    "logsumexp": lambda xs: ac.logsumexp(xs) * xs[0],
    "two orders": lambda xs: ac.dot(ac.softmax(xs), ac.softmax(xs[::-1])),
}


@pytest.mark.parametrize("name", VECTORS)
def test_an_exact_program_calls_softmax_once_for_all_results(name: str) -> None:
    """And has the bits of the eager engine, because softmax sums exactly, so in any order."""
    xs = [Value(0.3 * i - 1.1, f"x{i}") for i in range(12)]
    y = VECTORS[name](xs)
    program = ac.compile(y, inputs=xs, exact=True)
    value, slopes = program.value_and_grad(*[x.data for x in xs])
    assert (value, list(slopes)) == (y.data, ac.gradients(y, xs))
    assert program.source.count("softmax") <= 2


def test_the_source_of_unit_vectors_grows_with_the_square_of_their_length() -> None:
    """Each result of `unit` is written once, not once for every order of the others."""
    lengths = []
    for count in (8, 16):
        xs = [Value(0.3 * i - 1.1, f"x{i}") for i in range(count)]
        program = ac.compile(ac.sum([p * p * p for p in ac.unit(xs)]), inputs=xs)
        lengths.append(len(program.to_c()))
        assert program.value_and_grad(*[x.data for x in xs])[1] == pytest.approx(
            gradients(ac.sum([p * p * p for p in ac.unit(xs)]), xs), rel=1e-12, abs=1e-15
        )
    assert lengths[1] < 5 * lengths[0]
