"""`program.run`: descent inside a program compared with the same steps in plain Python; invalid arguments."""

import numpy as np
import pytest

from autograd_core import DomainError, Value, log, sin
from autograd_core.compile import Block, Recording, TrainingProgram, compile

EXAMPLES = [[1.0, 3.0], [2.0, 6.0], [0.5, -1.0]]


def momentum(w, g, state):
    v = 0.9 * state["v"] + g if "v" in state else g
    state["v"] = v
    return w - 0.01 * v


def nesterov(w, g, state):
    v = 0.9 * state["v"] + g if "v" in state else g
    state["v"] = v
    return w - 0.01 * (g + 0.9 * v)


def looking_back(w, g, state):
    old = state.get("old", w)
    state["old"] = w
    g *= 0.01
    return w - g + 0.3 * (w - old)


def loss(w, x, y):
    return (w * x - y) ** 2


@pytest.mark.parametrize("rule", [momentum, nesterov, looking_back])
@pytest.mark.parametrize("examples", [EXAMPLES, None])
def test_a_rule_may_keep_what_it_is_given(rule, examples):
    function = compile(loss if examples else lambda w: loss(w, 2.0, 6.0))
    function(*([0.0, 1.0, 1.0] if examples else [0.0]))
    w, state, expected = np.zeros(1), {"step": 0}, []
    for _ in range(7):
        state["step"] += 1
        rows = examples or [[2.0, 6.0]]
        expected.append(sum(loss(float(w[0]), x, y) for x, y in rows))
        w = rule(w.copy(), np.array([sum(2.0 * x * (float(w[0]) * x - y) for x, y in rows)]), state)
    point, values = function.program.run(7, [0.0], rule, examples=examples)
    assert values == pytest.approx(expected, rel=1e-12)
    assert point == pytest.approx(w, rel=1e-12)


def program():
    function = compile(loss)
    function(0.0, 1.0, 1.0)
    return function.program


WRONG = {
    "steps of no whole number": ({"steps": 2.5}, "not a whole number: steps = 2.5"),
    "steps of a truth": ({"steps": True}, "not a whole number: steps = True"),
    "too few steps": ({"steps": -1}, "too small: steps = -1"),
    "a start of text": ({"start": ["1.0"]}, r"not numbers: start = .*\['1.0'\]"),
    "no start": ({"start": None}, "not numbers: start = None"),
    "an infinite start": ({"start": [float("nan")]}, r"not finite: start = .*\[nan\]"),
    "a long start": ({"start": [1.0, 2.0]}, "2 numbers to start from"),
    "a single number": ({"examples": 3.0}, r"wrong shape: examples of shape \(\); expected \(B, m\)"),
    "one row": ({"examples": [1.0, 3.0]}, r"wrong shape: examples of shape \(2,\)"),
    "three axes": ({"examples": [[[1.0, 3.0]]]}, r"wrong shape: examples of shape \(1, 1, 2\)"),
    "no examples": ({"examples": []}, r"wrong shape: examples of shape \(0,\)"),
    "ragged": ({"examples": [[1.0, 3.0], [1.0]]}, "not numbers: examples = "),
    "text": ({"examples": [["a", "b"]]}, "not numbers: examples = "),
    "infinite": ({"examples": [[float("inf"), 1.0]]}, "not finite: examples = "),
    "no update": ({"update": None}, "not numbers: update = None"),
    "no rate": ({"update": float("nan")}, "not finite: update = nan"),
    "a rule of nothing": ({"update": lambda w, g, s: None}, "not numbers: what update returned = None"),
    "a rule too long": ({"update": lambda w, g, s: [1, 2]}, r"returned has shape \(2,\); expected \(1,\)"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_said_in_words(name):
    wrong, message = WRONG[name]
    with pytest.raises(ValueError if "shape" in message or "finite" in message else Exception, match=message):
        program().run(**{"steps": 2, "start": [0.0], "update": 0.1, "examples": EXAMPLES, **wrong})


def test_a_program_of_several_outputs_has_no_descent():
    function = compile(lambda w: [w, w * w])
    function(1.0)
    with pytest.raises(Exception, match=r"program\.run: several outputs"):
        function.program.run(1, [1.0])


def test_the_numbers_of_a_size_are_there_or_missed():
    def record():
        w, x = Block([3.0]), Value(2.0)
        return Recording([w.items[0] * x], [x], [(0, w)])

    found = TrainingProgram(record, record, 1)
    found.weights[:] = 3.0
    with pytest.raises(ValueError, match="no examples: size = 2"):
        found.value_and_gradient(2)
    found.inputs(2)[:] = 1.0
    assert found.value_and_gradient(2) == 6.0
    for size in range(3, 9):
        found.inputs(size)[:] = 1.0
    with pytest.raises(ValueError, match="no examples: size = 2"):
        found.value_and_gradient(2)


def test_a_block_is_multiplied_with_nodes():
    with pytest.raises(TypeError, match=r"Block\.dots: a block of shape \(2,\) times list \[1.0, 2.0\]"):
        Block([1.0, 2.0]).dots([1.0, 2.0])
    with pytest.raises(TypeError, match=r"Block\.dots: a block of shape \(\)"):
        Block(1.0).dots([Value(1.0)])


@pytest.mark.parametrize("steps", [0, 1, 999, 1000, 1001, 2500])
def test_steps_in_the_machine_are_steps_one_by_one(steps: int) -> None:
    program = compile(lambda x, y: (x - 1.0) ** 2 + sin(x * y))
    program(0.5, 0.5)
    point, values = program.run(steps, [0.5, 0.5], 0.01)
    w = np.array([0.5, 0.5])
    for k in range(steps):
        value, slopes = program.program.value_and_grad(w)
        assert value == values[k]
        w = w - 0.01 * slopes
    assert (len(values), point.tolist()) == (steps, w.tolist())


def test_a_step_that_is_undefined_raises_what_it_raises_alone() -> None:
    program = compile(lambda x: log(x) + x)
    program(0.5)
    with pytest.raises(DomainError, match="log"):
        program.run(100, [0.5], 0.1)
