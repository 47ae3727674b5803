"""`program.run`: descent inside a program against the same steps in plain Python, and what it refuses."""

import numpy as np
import pytest

from autograd_core.compile import compile

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
