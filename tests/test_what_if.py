"""Nodes held at other numbers, and the differences between two graphs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

import autograd_core as ac
import nn
from autograd_core import DataError, DomainError, Graph, GraphError, Value, cos, log, sin, what_if


def c1(x: float = 2.0) -> Graph:
    t = Value(x, "x") ** 2
    return Graph(cos(sin(t) + 3 * t))


def test_what_follows_is_recomputed_and_what_came_before_is_cut_off() -> None:
    graph = c1()
    held = graph.what_if(v2=0.5)
    assert held.outputs[0].data == cos(0.5 + 3 * 4.0)
    assert [node.label for node in held.inputs] == ["x", "v2"]
    alone = graph.what_if({"v1": 1.0})
    assert alone.outputs[0].data == cos(sin(1.0) + 3.0)
    assert [node.label for node in alone.inputs] == ["v1"]
    alone.outputs[0].backward()
    assert alone["v1"].grad == pytest.approx(-sin(sin(1.0) + 3.0) * (cos(1.0) + 3.0))
    assert graph.outputs[0].data == c1().outputs[0].data


def test_nodes_keep_their_names_where_others_are_cut_off() -> None:
    x = Value(2.0, "x")
    graph = Graph(cos(sin(x**2) + 3 * x**2))
    changed = graph.diff(graph.what_if(v2=0.0))
    gone, still = {"v1"}, {"v2", "v5", "J"}
    assert {c.name for c in changed if c.what == "operation"} == gone | {"v2"}
    assert {c.name for c in changed if c.what == "value"} == still


def test_nodes_are_found_by_label_name_place_and_themselves() -> None:
    x = Value(2.0, "x")
    t = x * x
    graph = Graph(sin(t) + x)
    expected = graph.what_if({t: 1.0}).outputs[0].data
    t.label = "square"  # Also by a label that was set after the graph was created.
    place = graph.nodes.index(t)
    for key in ("square", t, place):
        assert graph.what_if({key: 1.0}).outputs[0].data == expected
    assert graph.what_if(x=3.0).outputs[0].data == graph.replay(x=3.0).outputs[0].data


@pytest.mark.parametrize("seed", range(20))
def test_a_node_held_at_its_own_value_changes_no_number(seed: int) -> None:
    source = random.Random(seed)
    nodes = [Value(source.uniform(0.5, 2.0), f"x{i}") for i in range(3)]
    for _ in range(20):
        a, b = source.choice(nodes), source.choice(nodes)
        nodes.append(source.choice([a + b, a * b, sin(a), a / (1.0 + b * b)]))
    graph = Graph(nodes[-1])
    node = source.choice(graph.nodes)
    held = graph.what_if({node: node.data})
    assert held.outputs[0].data == graph.outputs[0].data


def test_it_does_not_compute_what_is_cut_off() -> None:
    x = Value(2.0, "x")
    y = log(x)
    y.label = "y"
    x.data = -1.0  # Now the logarithm is undefined.
    assert Graph(y * 2).what_if(y=0.5).outputs[0].data == 1.0


def test_a_label_of_several_nodes_is_not_guessed() -> None:
    x, other = Value(2.0, "x"), Value(3.0, "x")
    graph = Graph(x * other)
    with pytest.raises(GraphError, match="what_if: 2 nodes have the label 'x'"):
        graph.what_if(x=1.0)
    with pytest.raises(GraphError, match="2 nodes have the label 'x'"), what_if(graph.outputs[0], x=1.0):
        pass
    assert graph.what_if({other: 1.0}).outputs[0].data == 2.0
    assert graph.what_if({"n1": 1.0}).outputs[0].data == 2.0
    assert graph.what_if(x_2=1.0).outputs[0].data == 2.0  # The name that `steps` prints.


def test_a_label_may_look_like_a_name() -> None:
    first, second = Value(1.0, "v1"), Value(2.0, "J")
    graph = Graph(sin(first * second) + second)
    assert graph.what_if(v1=5.0).outputs[0].data == sin(10.0) + 2.0
    assert graph.what_if(J=5.0).outputs[0].data == sin(5.0) + 5.0


def test_a_diff_tells_arguments_and_constants_that_differ() -> None:
    x, y = Value(2.0, "x"), Value(2.0, "y")
    first, second = Graph(sin(x) + 3.0 * y), Graph(sin(y) + 4.0 * x)
    changes = {(c.name, c.what): (c.before, c.after) for c in first.diff(second)}
    assert changes["v1", "arguments"] == ("x", "y")
    assert changes["v2", "arguments"] == ("3, y", "4, x")
    assert ("x", "operation") not in changes


def test_bad_requests_are_refused() -> None:
    graph = c1()
    with pytest.raises(GraphError, match="what_if"):
        graph.what_if(nothing=1.0)
    with pytest.raises(DataError, match="what_if: not a mapping"):
        graph.what_if([1.0])
    with pytest.raises(DataError, match="what_if: v1"):
        graph.what_if(v1="much")
    with pytest.raises(DataError, match="is a Value"):
        graph.what_if(v1=Value(1.0))
    with pytest.raises(GraphError, match="given twice"):
        graph.what_if({graph["x"]: 1.0}, x=2.0)
    with pytest.raises(DataError, match="diff: not a graph"):
        graph.diff(graph.outputs[0])


def test_a_diff_tells_values_gradients_and_operations() -> None:
    assert str(c1().diff(c1())) == "no difference"
    first, second = c1(), c1(3.0)
    second.outputs[0].backward()
    changes = first.diff(second)
    assert {c.name for c in changes if c.what == "value"} == {"x", "v1", "v2", "v3", "v4", "J"}
    assert {c.name for c in changes if c.what == "gradient"} == {"x", "v1", "v2", "v3", "v4", "J"}
    assert [
        (c.name, c.before, c.after) for c in first.diff(first.what_if(v1=4.0)) if c.what == "operation"
    ] == [
        ("x", "input", None),
        ("v1", "pow", "input"),
    ]


def test_two_steps_of_an_optimizer_differ_in_the_weights_that_moved() -> None:
    model = nn.MLP(2, [2, 1], rng=0)
    optimizer = nn.SGD(model, lr=0.1)
    loss = nn.mse_loss(model([1.0, 0.0]), 1.0)
    before = Graph(loss, parameters=model.parameters())
    loss.backward()
    optimizer.step()
    after = Graph(nn.mse_loss(model([1.0, 0.0]), 1.0), parameters=model.parameters())
    moved = {c.name for c in before.replay().diff(after) if c.what == "value"}
    assert moved == set()  # A replay uses the current weights.
    assert {c.name for c in before.diff(after) if c.what == "gradient"}


def everything(nodes: Sequence[Value]) -> list[Any]:
    return [(node.data, node.op, node.parents, node.partials, node.grad, node.reached) for node in nodes]


def random_graph(rng: random.Random) -> Graph:
    nodes = [Value(rng.uniform(-2.0, 2.0), f"x{i}") for i in range(3)]
    for _ in range(12):
        a, b = rng.choice(nodes), rng.choice(nodes)
        nodes.append(rng.choice([a + b, a * b, a - 2.0, 3.0 * a, sin(a), cos(b), ac.max([a, b, 0.5]), a * a]))
    return Graph(ac.sum(nodes[-5:]) * nodes[-1])


@pytest.mark.parametrize("seed", range(60))
def test_a_block_holds_the_nodes_of_the_graph_itself(seed: int) -> None:
    rng = random.Random(seed)
    graph = random_graph(rng)
    output = graph.outputs[0]
    output.backward()
    nodes = list(graph.nodes)
    before = everything(nodes)
    held = {node: rng.uniform(-2.0, 2.0) for node in rng.sample(nodes[3:-1], 2) if node.op}
    expected = graph.what_if(held)
    expected.outputs[0].backward()
    by_name, called = {name: node for node, name in expected.names().items()}, graph.names()
    with what_if(output, held) as inside:
        for node in nodes:
            node.zero_grad()
        output.backward()
        assert output.data == expected.outputs[0].data
        assert len(inside) == len(expected)
        for node, name in called.items():
            if name in by_name and (node.op or node in held or node.label):
                assert (node.data, node.grad) == (by_name[name].data, by_name[name].grad)
    assert everything(nodes) == before


def test_a_block_that_fails_leaves_everything_as_it_was() -> None:
    x = Value(2.0, "x")
    t = x * 3.0
    y = log(t) * log(t + 1.0)
    before = everything(Graph(y).nodes)
    with pytest.raises(DomainError), what_if(y, {t: -1.5}):
        pass
    assert everything(Graph(y).nodes) == before
    with pytest.raises(ZeroDivisionError), what_if(y, {t: 1.5}):
        raise ZeroDivisionError
    assert everything(Graph(y).nodes) == before


def test_blocks_nest() -> None:
    x = Value(2.0, "x")
    a = x * 3.0
    b = a + 1.0
    with what_if(b, {a: 5.0}):
        assert b.data == 6.0
        with what_if(b, {a: 7.0}):
            assert b.data == 8.0
        assert b.data == 6.0
    assert b.data == 7.0
