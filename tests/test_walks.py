"""Walks over whole graphs: the native engine does what the Python code does, node by node and bit by bit."""

import gc
import math
import random
import sys
import threading

import numpy as np
import pytest

from autograd_core import (
    TABLE,
    DomainError,
    Graph,
    GraphError,
    Value,
    errstate,
    gradients,
    name_scope,
    no_grad,
    primitive,
)
from autograd_core.calculus import reverse_mode
from autograd_core.compile.arrays import structure
from autograd_core.compile.front import tape_and_builder as tapes
from autograd_core.graph import replay_and_trace as replay
from autograd_core.kernel import topological_order as order
from autograd_core.native import in_c

is_native = pytest.mark.skipif(in_c is None, reason="the native engine does not run")


@primitive(partials=[lambda x, y: 2.0 * x], name="doubled_square")
def square_of_the_users(x):
    return x * x


del TABLE["doubled_square"]  # It is a row all the same.


class Own(Value):
    """A subclass, which the native engine leaves to the Python code."""


def random_graph(seed: int, size: int, kinds: str = "") -> list[Value]:
    """Build a graph of ordinary and, if `kinds` names them, of unusual nodes; return its outputs."""
    draw = random.Random(seed)
    nodes = [Value(draw.uniform(0.5, 1.5), draw.choice(("", f"x{i}"))) for i in range(3)]
    nodes += [Value(draw.uniform(0.5, 1.5), requires_grad=False) for _ in range(2)]
    unary = [TABLE[name] for name in ("sin", "tanh", "relu", "square", "softplus", "neg")]
    if "subclass" in kinds:
        nodes.append(Own(1.25))
    if "wide" in kinds:
        nodes.append(1e-150 * (nodes[0] * 1e-150) * 1e200)
    for i in range(size):
        a, b, c = (draw.choice(nodes[-8:] if draw.random() < 0.7 else nodes) for _ in range(3))
        number = draw.choice((2, 0.5, -0.25, 1.5))
        made = draw.choice(
            (
                lambda a=a, b=b: a * 0.5 + b,
                lambda a=a, b=b: a * b / 3.0,
                lambda a=a, x=number: x - a,
                lambda a=a, x=number: a * x,
                lambda a=a: (a * a + 1.0) ** -0.5,
                lambda a=a: draw.choice(unary)(a),
                lambda a=a, b=b, c=c: TABLE["sum"]([a, b, 0.25, c]) * 0.2,
                lambda a=a, b=b, c=c: TABLE["dot"]([a, 0.5, b], [b, c, 2]) * 0.1,
                lambda a=a, b=b, c=c: TABLE["where"](a - 1.0, b, c),
                lambda a=a, x=number: TABLE["maximum"](a, x),
                lambda a=a, b=b: TABLE["softmax"]([a, b, 1.0])[1],
            )
        )()
        if "primitive" in kinds and i % 9 == 0:
            made = square_of_the_users(made) * 0.3
        if "scope" in kinds and i % 7 == 0:
            with name_scope("block"):
                made = made.tanh()
        if draw.random() < 0.1:
            made.label = f"n{i}"
        nodes.append(made)
    return draw.sample(nodes[5:], 3) if size > 10 else nodes[-1:]


GRAPHS = [(seed, size, "") for seed in range(12) for size in (1, 10, 100, 1000)] + [
    (seed, 60, kind) for seed in range(4) for kind in ("subclass", "wide", "primitive", "scope")
]


@pytest.fixture
def in_python(monkeypatch):
    """A function that calls another with all walks left to the Python code."""

    def call(function, *args):
        with monkeypatch.context() as patch:
            for module in (order, replay, tapes, reverse_mode):
                patch.setattr(module, "in_c", None)
            return function(*args)

    return call


@is_native
@pytest.mark.parametrize(("seed", "size", "kinds"), GRAPHS)
def test_nodes_come_in_the_same_order(seed, size, kinds, in_python):
    roots = random_graph(seed, size, kinds)
    mine = order.topological_order(*roots)
    assert mine == in_python(order.topological_order, *roots)
    assert Graph(roots).nodes == tuple(mine)
    assert [p for node in mine for p in node.parents if p not in set(mine)] == []


def described(node):
    return (node.op, node.data, node.label, node.requires_grad, [*map(float, node.partials)])


@is_native
@pytest.mark.parametrize(("seed", "size", "kinds"), GRAPHS)
def test_a_replay_gives_the_same_graph(seed, size, kinds, in_python):
    graph = Graph(random_graph(seed, size, kinds))
    at = {leaf: 0.75 + leaf.data / 8.0 for leaf in graph.leaves if leaf.requires_grad}
    for values in ({}, at):
        mine, theirs = graph.replay(values), in_python(graph.replay, values)
        assert [*map(described, mine)] == [*map(described, theirs)]
        assert [mine.places[p] for node in mine for p in node.parents] == [
            theirs.places[p] for node in theirs for p in node.parents
        ]
        assert [*map(mine.nodes.index, mine.outputs)] == [*map(theirs.nodes.index, theirs.outputs)]
        assert mine.nodes == Graph(mine.outputs).nodes
        assert all(map(int.__lt__, [n.index for n in mine.nodes], [n.index for n in mine.nodes[1:]]))


@is_native
@pytest.mark.parametrize(("seed", "size", "kinds"), GRAPHS)
@pytest.mark.parametrize("drawn", [False, True])
def test_a_tape_is_the_same(seed, size, kinds, drawn, in_python):
    roots = random_graph(seed, size, kinds)
    if drawn:
        Graph(roots)
    nodes = Graph(random_graph(seed, size, kinds)).nodes
    some = [node for node in order.topological_order(*random_graph(seed, 5)) if node.op][:2]
    for inputs in (None, [], some, [*roots[:1], *[n for n in nodes if n.is_leaf][:3]]):
        mine, theirs = tapes.capture(roots, inputs), in_python(tapes.capture, roots, inputs)
        assert mine.rows == theirs.rows
        assert mine.labels == theirs.labels
        assert list(mine.labels) == list(theirs.labels)
        for part in ("code", "start", "args", "number", "inputs", "outputs"):
            np.testing.assert_array_equal(getattr(mine, part), getattr(theirs, part), part)
            assert getattr(mine, part).dtype == getattr(theirs, part).dtype


@is_native
@pytest.mark.parametrize(("seed", "size"), [(seed, size) for seed in range(6) for size in (1, 30, 1000)])
def test_levels_are_the_same(seed, size, monkeypatch):
    tape = tapes.capture(random_graph(seed, size))
    batched = np.zeros(len(tape), bool)
    sums = structure.gathered(tape, structure.merged_constants(tape, batched), batched)
    for limit in (0, 3, 10_000):
        mine = structure.levels(sums, limit)
        with monkeypatch.context() as patch:
            patch.setattr(structure, "in_c", None)
            theirs = structure.levels(sums, limit)
        assert (mine is None) == (theirs is None)
        assert mine is None or mine.tolist() == theirs.tolist()


def test_a_graph_without_structure_is_found_out_early():
    """At most as many signatures are made as are allowed, and a level more."""
    tape = tapes.capture(random_graph(4, 1000))
    batched = np.zeros(len(tape), bool)
    args = structure.merged_constants(tape, batched)
    sums = structure.gathered(tape, args, batched)
    level = structure.levels(sums, 10_000)
    results = sums.kept & (level > 0)
    found = structure.signatures(tape, args, sums, level, batched)
    different = len(np.unique(found[results]))
    assert different > 100
    again = structure.signatures(tape, args, sums, level, batched, different)
    assert again.tolist() == found.tolist()
    assert structure.signatures(tape, args, sums, level, batched, different - 1) is None


@is_native
@pytest.mark.parametrize(("seed", "size", "kinds"), GRAPHS)
@pytest.mark.parametrize("depth", [1, 2])
def test_a_gradient_is_the_same_graph(seed, size, kinds, depth, in_python):
    def gradient():
        roots = random_graph(seed, size, kinds)
        inputs = [node for node in order.topological_order(*roots) if node.is_leaf and node.requires_grad]
        inputs += roots[1:2]
        found = roots
        for _ in range(depth):
            found = gradients(found, inputs, create_graph=True)
        return order.topological_order(*found), [*map(float, gradients(found[:1], inputs))]

    if depth == 2 and size > 100:
        return
    mine, numbers = gradient()
    theirs, expected = in_python(gradient)
    assert [*map(described, mine)] == [*map(described, theirs)]
    places = [{node: i for i, node in enumerate(nodes)} for nodes in (mine, theirs)]
    assert [places[0][p] for node in mine for p in node.parents] == [
        places[1][p] for node in theirs for p in node.parents
    ]
    assert numbers == expected


def test_a_gradient_of_a_changed_graph_is_an_error():
    x = Value(2.0, "x")
    y = x * 3.0 + x.sin()
    x.data = 3.0
    with pytest.raises(GraphError, match=r"a leaf has changed since mul = 6\.0"):
        gradients(y, x, create_graph=True)


@pytest.mark.parametrize("x", [math.nan, 2.0, 0.0])
def test_numbers_drawn_on_the_way_get_no_gradient(x):
    """Python is asked about a result that is not a number, and looks at its parents."""
    x = Value(x)
    y = ((x * 2.0).relu() * 3.0 + 1.0) * 0.5
    (slope,) = gradients(y, [x], create_graph=True)
    assert slope.data == gradients(y, x) or math.isnan(x.data)
    assert [node.data for node in gradients(x * 2.0, [x], create_graph=True)] == [2.0]


def a_pole():
    x = Value(2.0, "x")
    return Graph((x - 1.0).log() * x), {"x": 1.0}


def undefined():
    x = Value(2.0, "x")
    return Graph(TABLE["sqrt"](x) + x), {"x": -1.0}


@pytest.mark.parametrize("fault", [a_pole, undefined])
def test_an_error_in_a_replay_says_the_same(fault, in_python):
    graph, values = fault()
    with pytest.raises(DomainError) as mine:
        graph.replay(values)
    with pytest.raises(DomainError) as theirs:
        in_python(graph.replay, values)
    assert str(mine.value) == str(theirs.value)
    assert "node 'x'" in str(mine.value) or "x" in str(mine.value)


def test_a_cycle_is_an_error():
    x = Value(1.0)
    y = x * x
    x._a = y
    with pytest.raises(GraphError, match="a cycle"):
        Graph(y)
    x._a = None


def test_modes_hold_in_a_replay():
    x = Value(2.0, "x")
    graph = Graph(x * x)
    with no_grad():
        assert graph.replay(x=3.0).outputs[0].parents == ()
    with errstate(divide="ignore"):
        assert Graph((x - 1.0).log()).replay(x=1.0).outputs[0].data == -math.inf


def test_a_number_is_drawn_once():
    x = Value(2.0)
    y = x * 3.0
    before = y.partials
    nodes = Graph(y).nodes
    assert [node.data for node in nodes] == [2.0, 3.0, 6.0]
    assert nodes[1] is y.parents[1] is Graph(y).nodes[1]
    assert (nodes[1].requires_grad, nodes[1].index) == (False, y.index - 1)
    assert y.partials == before == (3.0, 0.0)
    y.backward()
    assert (x.grad, nodes[1].grad, nodes[1].reached) == (3.0, 0.0, False)


def test_a_node_without_gradient_is_no_part_of_the_sweep():
    x, c = Value(2.0), Value(5.0, requires_grad=False)
    for y in (x * c, c * x, c - x, x / c):
        assert y.parents in ((x, c), (c, x))
        assert y.partials[y.parents.index(c)] == 0.0
        y.backward()
    assert c.grad == 0.0
    assert x.grad == 5.0 + 5.0 - 1.0 + 0.2
    infinite = x * Value(math.inf, requires_grad=False)
    infinite.backward()
    assert x.grad == math.inf


def test_indices_far_apart_are_found():
    """As of old parameters in a graph that was made much later."""
    old = Value(2.0, "old")
    for _ in range(5000):
        Value(0.0)
    y = old * 3.0 + old
    tape = tapes.capture([y])
    assert tape.args.tolist() == [0, 1, 2, 0]
    assert Graph(y).replay(old=1.0).outputs[0].data == 4.0


@is_native
def test_ordinary_graphs_are_not_left_to_python():
    def refuse(*args):
        raise AssertionError(args)

    roots = tuple(random_graph(5, 200, "scope"))
    assert in_c.captured(roots, None) is not None
    assert in_c.in_order(roots) is not None
    x, w = Value(0.5, "x"), Value(2.0, requires_grad=False)
    y = TABLE["dot"]([x, 1.0, w], [w, x, x]) + (x * w).tanh() / 3 - TABLE["maximum"](x, 0.25)
    assert in_c.copies((y,), {x: 1.0}, refuse) is not None
    assert in_c.in_order((Own(1.0),)) is in_c.captured((Own(1.0),), None) is None


@is_native
def test_walks_leak_nothing():
    roots = random_graph(1, 40, "primitive scope")
    graph = Graph(roots)
    broken, values = a_pole()

    def everything():
        order.topological_order(*roots)
        tapes.capture(roots)
        graph.replay()
        gradients(roots, graph.inputs, create_graph=True)
        with pytest.raises(DomainError):
            broken.replay(values)

    def counts():
        gc.collect()
        things = (None, TABLE["mul"], *graph.nodes)
        return sys.getallocatedblocks(), [sys.getrefcount(thing) for thing in things]

    for _ in range(300):
        everything()
    del [[roots[0] + 1.0 for _ in range(40_000)]][:]  # As many free nodes are kept as ever are.
    blocks, before = counts()
    for _ in range(300):
        everything()
    more, after = counts()
    assert more < blocks + 500
    assert max(b - a for a, b in zip(before, after, strict=True)) < 100


@pytest.mark.slow
def test_walks_leak_nothing_in_many_repetitions_slow():
    x = Value(0.5, "x")
    y = x * 2.0 + TABLE["dot"]([x, 1.0], [x, x]) / 3
    graph = Graph(y)
    counts = [sys.getrefcount(thing) for thing in (TABLE["add"], None, x, y, Value)]
    for _ in range(100_000):
        graph.replay()
        tapes.capture([y])
        order.topological_order(y)
    after = [sys.getrefcount(thing) for thing in (TABLE["add"], None, x, y, Value)]
    assert max(b - a for a, b in zip(counts, after, strict=True)) < 100


@pytest.mark.slow
def test_a_million_nodes_are_walked_without_recursion():
    y = x = Value(1.0, "x")
    for _ in range(1_000_000):
        y = y + x
    graph = Graph(y)
    assert len(graph) == 1_000_001
    assert graph.replay(x=2.0).outputs[0].data == 2_000_002.0
    assert len(tapes.capture([y])) == 1_000_001


def test_threads_walk_over_one_graph():
    roots = random_graph(3, 2000)
    expected = len(Graph(roots))
    found = []

    def work():
        for _ in range(5):
            roots[0].backward()
            found.append((len(Graph(roots)), len(Graph(roots).replay()), len(tapes.capture(roots))))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [(expected,) * 3] * 15
