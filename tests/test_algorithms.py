"""Five ways to compute one gradient: the same numbers, each with its own steps, work and memory."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given

import autograd_core as ac
from autograd_core import DataError, Graph, Value, gradients
from autograd_core.algorithms import ALGORITHMS, build_grad, compare, differences, forward, pull, push
from tests.graphs import SMOOTH, Program, programs


def lecture(x0: float = 2.0) -> tuple[Value, dict[str, Value]]:
    x = Value(x0, "x")
    t = x**2
    u1 = ac.sin(t)
    u2 = 3 * t
    u = u1 + u2
    J = ac.cos(u)
    named = {"x": x, "t": t, "u1": u1, "u2": u2, "u": u, "J": J}
    for name, node in named.items():
        node.label = name
    return J, named


@given(programs())
def test_push_pull_and_build_grad_are_the_engine_to_the_bit(program: Program) -> None:
    nodes = program.build()
    J, targets = nodes[-1], program.leaves(nodes)
    engine = gradients(J, targets)
    for algorithm in (push, pull):
        assert list(algorithm(J, targets).gradients.values()) == engine
    built = list(build_grad(J, targets).gradients.values())
    assert built == pytest.approx(engine, rel=1e-12, abs=1e-12)


@given(programs(SMOOTH))
def test_forward_and_differences_agree(program: Program) -> None:
    nodes = program.build()
    J, targets = nodes[-1], program.leaves(nodes)
    engine = gradients(J, targets)
    scale = max(map(abs, engine), default=0.0)
    terms = max([abs(step.amount) for step in push(J, targets).steps], default=0.0)  # They may cancel out.
    assert list(forward(J, targets).gradients.values()) == pytest.approx(engine, rel=1e-9, abs=1e-12 * terms)
    sharp = max((abs(d) for node in nodes for d in node.partials), default=0.0)
    if sharp < 50.0 and abs(J.data) < 1e3 and scale < 1e3:
        found = list(differences(J, targets).gradients.values())
        assert found == pytest.approx(engine, rel=1e-3, abs=1e-3 * max(1.0, scale))


@given(programs())
def test_inner_nodes_are_targets_too(program: Program) -> None:
    nodes = program.build()
    J, targets = nodes[-1], nodes[: len(nodes) // 2 + 1]
    engine = gradients(J, targets)
    for algorithm in (push, pull, forward):
        got = algorithm(J, targets).gradients
        assert [got[node] for node in targets] == pytest.approx(engine, rel=1e-9, abs=1e-9)


def test_steps_of_push_are_the_lectures_column() -> None:
    J, _ = lecture()
    lines = [" ".join(line.split()) for line in str(push(J)).splitlines()[1:]]
    assert [line.split(" = ")[0] for line in lines] == [
        "dJ/du += dJ/dJ * dJ/du",
        "dJ/du1 += dJ/du * du/du1",
        "dJ/du2 += dJ/du * du/du2",
        "dJ/dt += dJ/du2 * du2/dt",
        "dJ/dt += dJ/du1 * du1/dt",
        "dJ/dx += dJ/dt * dt/dx",
    ]
    assert lines[-1].endswith("= 9.09915 (now 9.09915)")


def test_order_of_the_steps_is_what_tells_push_from_pull() -> None:
    J, _ = lecture()
    assert [step.source.label for step in push(J).steps] == ["J", "u", "u", "u2", "u1", "t"]
    assert [step.target.label for step in push(J).steps] == ["u", "u1", "u2", "t", "t", "x"]
    assert [step.target.label for step in pull(J).steps] == ["u", "u2", "u1", "t", "t", "x"]
    assert [step.target.label for step in forward(J).steps] == ["t", "u1", "u2", "u", "u", "J"]


def test_operation_counts() -> None:
    """Reverse mode takes a multiplication per edge; forward mode that per input, differences two runs."""
    xs = [Value(0.1 * (i + 1), f"x{i}") for i in range(10)]
    J = ac.tanh(ac.sum([x * x for x in xs]))
    edges = 10 * 2 + 10 + 1
    reverse, tangents, numeric = push(J), forward(J), differences(J)
    assert (reverse.multiplications, reverse.additions, reverse.evaluations) == (edges, edges, 0)
    assert pull(J).work == reverse.work
    assert tangents.multiplications == 10 * (2 + 1 + 1)
    assert numeric.evaluations == 2 * 10 * 3
    assert reverse.memory == 22
    assert tangents.memory == 4


def test_a_gradient_costs_as_much_for_many_inputs_as_for_one() -> None:
    def work(algorithm: Any, n: int) -> float:
        J = ac.sin(ac.sum([ac.sin(Value(1.0 / (i + 1))) for i in range(n)]))
        return algorithm(J).work / len(Graph(J))  # type: ignore[no-any-return]

    assert work(push, 200) < 1.1 * work(push, 20)
    dense = [Value(0.1) for _ in range(20)]
    s = ac.sum(dense)
    for _ in range(50):
        s = ac.sin(s)
    assert forward(s).work > 10 * push(s).work
    assert differences(s).work > 10 * push(s).work


def test_build_grad_leaves_a_graph_that_can_be_differentiated() -> None:
    J, named = lecture()
    result = build_grad(J)
    slope = result.grad_table[named["x"]]
    assert slope.data == 9.099148544832385
    assert gradients(slope, named["x"]) == pytest.approx(-5.30089617362448, rel=1e-14)
    assert set(result.grad_table) == set(named.values())
    assert all(node in Graph(slope) for node in (named["t"], named["u"]))


def test_build_grad_is_pruned() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    heavy = ac.sin(ac.exp(y))
    J = x * x + heavy
    table = build_grad(J, [x]).grad_table
    assert heavy not in table
    assert y not in table
    assert build_grad(J, [x]).gradients == {x: 4.0}


def test_compare_is_one_table() -> None:
    J, _ = lecture()
    lines = str(compare(J)).splitlines()
    assert lines[0].split() == ["algorithm", "dJ/dx", "multiply", "add", "evaluate", "memory", "error"]
    assert [line.split()[0] for line in lines[1:]] == ["push", "pull", "build_grad", "forward", "differences"]
    comparison = compare(J)
    errors = {result.algorithm: comparison.error(result) for result in comparison}
    assert errors["push"] == errors["pull"] == 0.0
    assert errors["build_grad"] < 1e-15
    assert errors["forward"] < 1e-15
    assert 0.0 < errors["differences"] < 1e-7


def test_targets_that_do_not_lead_there_have_gradient_zero() -> None:
    x, stranger, constant = Value(2.0), Value(3.0), Value(4.0, requires_grad=False)
    J = x * constant
    for algorithm in ALGORITHMS[:4]:
        assert algorithm(J, [x, stranger, constant]).gradients == {x: 4.0, stranger: 0.0, constant: 0.0}
    for algorithm in ALGORITHMS:
        assert algorithm(x, [x]).gradients[x] == pytest.approx(1.0, rel=1e-9)
        assert algorithm(constant * 2.0).gradients == {}
    assert "add" in str(compare(constant * 2.0))


def test_branch_not_taken_does_not_count() -> None:
    x = Value(0.0, "x")
    J = ac.where(Value(0.0, requires_grad=False), ac.sqrt(x), x)
    for algorithm in (push, pull, build_grad, forward):
        assert algorithm(J, [x]).gradients == {x: 1.0}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_deep_graph_needs_no_recursion(algorithm: Any) -> None:
    x = Value(1.0, "x")
    y = x
    for _ in range(3_000):
        y = y * 1.0001
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(200)
    try:
        assert algorithm(y).gradients[x] == pytest.approx(1.0001**3_000, rel=1e-8)
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_wrong_input_is_refused(algorithm: Any) -> None:
    with pytest.raises(DataError, match=f"{algorithm.__name__}: not an output"):
        algorithm(2.0)
    with pytest.raises(DataError, match=f"{algorithm.__name__}: not a target"):
        algorithm(Value(2.0), ["x"])


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_gradients_are_left_alone(algorithm: Any) -> None:
    J, named = lecture()
    named["x"].grad = 7.0
    algorithm(J)
    assert [node.grad for node in named.values()] == [7.0, 0.0, 0.0, 0.0, 0.0, 0.0]
