"""The graph as an object: its contents, queries, paths and gradient."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from mpmath import mp, mpf

from autograd_core import (
    DataError,
    DataValueError,
    Graph,
    GraphError,
    Value,
    cos,
    dot,
    gradients,
    sin,
    steps,
    where,
)
from tests.graphs import SMOOTH, Program, programs


def lecture() -> tuple[Graph, Value]:
    """Build J = cos(sin(x²) + 3x²) at x = 2."""
    x = Value(2.0, "x")
    t = x**2
    u1, u2 = sin(t), 3 * t
    u = u1 + u2
    J = cos(u)
    return Graph(J).name(t=t, u1=u1, u2=u2, u=u, J=J), x


def diamonds(count: int) -> tuple[Value, Value]:
    """Build `count` diamonds in a row, each of which doubles the number of paths."""
    x = y = Value(1.0, "x")
    for _ in range(count):
        y = 0.5 * y + 0.5 * y
    return x, y


def chain(length: int) -> tuple[Value, Value]:
    x = y = Value(0.5, "x")
    for _ in range(length):
        y = -y
    return x, y


class TestNodesAndEdges:
    def test_lecture(self) -> None:
        graph, x = lecture()
        assert [graph.names()[node] for node in graph] == ["x", "c1", "t", "u1", "c2", "u2", "u", "J"]
        assert graph.inputs == [x]
        assert [node.data for node in graph.constants] == [2.0, 3.0]
        assert graph.depth == 4
        assert graph.outputs == (graph["J"],)
        assert graph.parents(graph["u"]) == (graph["u1"], graph["u2"])
        assert graph.consumers(graph["t"]) == (graph["u1"], graph["u2"])
        assert [graph.id(node) for node in graph.ancestors(graph["u1"])] == ["n0", "n1", "n2"]
        assert graph.descendants(graph["t"]) == [graph[name] for name in ("u1", "u2", "u", "J")]

    def test_a_square_has_two_edges(self) -> None:
        x = Value(3.0)
        y = x * x
        edges = Graph(y).edges
        assert [(e.parent, e.child, e.slot, e.partial) for e in edges] == [(x, y, 0, 3.0), (x, y, 1, 3.0)]
        assert Graph(y).parents(y) == (x, x)
        assert Graph(y).consumers(x) == (y,)

    def test_roles_of_leaves_divide_them(self) -> None:
        w, x, unused = Value(1.0, "w"), Value(2.0, "x"), Value(0.0, "unused")
        graph = Graph(w * x + 3.0, parameters=[w, unused])
        assert (graph.parameters, graph.inputs) == ([w], [x])
        assert [node.data for node in graph.constants] == [3.0]

    def test_a_frozen_parameter_is_a_parameter(self) -> None:
        w = Value(1.0, requires_grad=False)
        graph = Graph(w * Value(2.0), parameters=[w])
        assert graph.parameters == [w]
        assert graph.constants == []

    def test_two_outputs_may_be_one_node(self) -> None:
        x = Value(1.0)
        graph = Graph(x, x)
        assert graph.outputs == (x, x)
        assert list(graph) == [x]
        assert Graph([x, x]).outputs == Graph.of(x, x).outputs == (x, x)

    def test_a_node_knows_its_graph(self) -> None:
        graph, x = lecture()
        assert x in graph
        assert Value(2.0) not in graph
        assert "x" not in graph

    @given(programs())
    def test_order_and_edges_agree(self, program: Program) -> None:
        graph = Graph(program.build()[-1])
        places = {node: i for i, node in enumerate(graph)}
        assert all(places[edge.parent] < places[edge.child] for edge in graph.edges)
        assert [node.index for node in graph] == sorted(node.index for node in graph)
        for node in graph:
            below = {node} | {a for parent in graph.parents(node) for a in [parent, *graph.ancestors(parent)]}
            assert set(graph.ancestors(node)) == below - {node}
            assert all(node in graph.ancestors(other) for other in graph.descendants(node))

    @pytest.mark.parametrize("wrong", ["x", 3, None, [1.0]])
    def test_outputs_must_be_values(self, wrong: object) -> None:
        with pytest.raises(DataError, match="expected a Value"):
            Graph(wrong)  # type: ignore[arg-type]

    def test_no_outputs(self) -> None:
        with pytest.raises(DataValueError, match="at least one"):
            Graph()

    def test_a_parameter_must_be_a_leaf(self) -> None:
        with pytest.raises(GraphError, match="expected a leaf"):
            Graph(Value(1.0), parameters=[Value(1.0) + 1])

    def test_a_strange_node_is_refused(self) -> None:
        graph, _ = lecture()
        for ask in (graph.parents, graph.consumers, graph.ancestors, graph.descendants, graph.id):
            with pytest.raises(GraphError, match="not a node of this graph"):
                ask(Value(2.0))  # type: ignore[operator]
            with pytest.raises(DataError, match="expected a Value"):
                ask("x")  # type: ignore[operator]


class TestNames:
    def test_lookup(self) -> None:
        graph, x = lecture()
        assert graph["x"] is graph[0] is graph["n0"] is graph[x] is x
        assert graph[-1] is graph["J"]

    def test_a_miss_names_the_nearest(self) -> None:
        graph, _ = lecture()
        with pytest.raises(GraphError, match="'u3'.*Did you mean 'u'"):
            graph["u3"]
        for key in ("n8", "n07", "", 8):
            with pytest.raises(GraphError, match="expected"):
                graph[key]
        with pytest.raises(DataError, match="not a key"):
            graph[1.5]  # type: ignore[index]

    def test_a_label_that_two_have(self) -> None:
        graph = Graph(Value(1.0, "x") + Value(2.0, "x"))
        with pytest.raises(GraphError, match="2 nodes have the label 'x'.*n0, n1"):
            graph["x"]
        assert list(graph.names().values()) == ["x", "x_2", "J"]
        assert graph["x_2"] is graph[1]

    def test_a_label_that_is_the_id_of_another(self) -> None:
        a, b = Value(1.0, "n1"), Value(2.0)
        graph = Graph(a + b)
        assert graph["n1"] is a
        assert list(graph.names().values()) == ["n1", "v1", "J"]

    @pytest.mark.parametrize("method", ["explain", "paths", "gradient", "path_count"])
    def test_a_miss_names_the_method_that_was_called(self, method: str) -> None:
        graph, _ = lecture()
        who = {"path_count": "paths"}.get(method, method)
        with pytest.raises(GraphError, match=rf"^Graph.{who}: no node 'nope'.* Its nodes are x, c1, t, u1,"):
            getattr(graph, method)("nope")

    def test_every_name_leads_back_to_its_node_and_is_the_one_in_steps(self) -> None:
        x = Value(2.0, "x")
        y = (x.sin() * 3.0 + x.cos() * Value(1.0, "v1")).exp()
        graph, table = Graph(y), steps(y)
        names = graph.names()
        assert list(names.values()) == ["x", "v2", "c1", "v3", "v4", "v1", "v5", "v6", "J"]
        assert all(graph[name] is node for node, name in names.items())
        assert [step.name for step in table.forward] == [name for name in names.values() if name != "c1"]

    def test_naming_is_all_or_nothing(self) -> None:
        graph, x = lecture()
        with pytest.raises(GraphError, match="already has the label 't'"):
            graph.name(a=x, t=x)
        assert x.label == "x"
        assert graph.name(first="x", second=2)["second"].label == "second"
        assert graph.name(x="first", first="second")["first"] is graph[2]


class TestStatistics:
    def test_lecture(self) -> None:
        stats = lecture()[0].stats()
        assert stats.operations == {"pow": 1, "sin": 1, "mul": 1, "add": 1, "cos": 1}
        assert (stats.nodes, stats.edges, stats.depth, stats.widest) == (8, 8, 4, 3)
        assert stats.forward == (1, 1)
        assert stats.backward == (6, 1)

    def test_variadic_rows_count_their_arithmetic(self) -> None:
        from autograd_core import sum as total

        xs = [Value(float(i)) for i in range(5)]
        assert Graph(total(xs)).stats().forward == (0, 4)
        assert Graph(total(xs)).stats().backward == (5, 0)
        assert Graph(dot(xs, xs[::-1])).stats().forward == (5, 4)


class TestText:
    def test_one_line_a_node(self) -> None:
        lines = str(lecture()[0]).splitlines()
        assert lines[0] == "graph of 8 nodes: 1 input, 0 parameters, 2 constants"
        assert lines[1:3] == ["x  = 2.0", "t  = pow(x, 2.0)   4.0"]
        assert len(lines) == 1 + 6

    @pytest.mark.slow
    def test_it_is_bounded(self) -> None:
        many = Graph(diamonds(10_000)[1])
        assert len(str(many).splitlines()) < 70
        assert len(str(many)) < 5_000
        wide = Graph(Value(1.0, "l" * 100_000).sum(*[Value(2.0)] * 10_000))
        assert len(str(wide)) < 5_000
        assert len(repr(many)) < 100

    def test_labels_stay_on_their_line(self) -> None:
        assert str(Graph(-Value(1.0, "a\nb\x1b[31m\u202e"))).count("\n") == 2
        assert "\x1b" not in str(Graph(Value(1.0, "\x1b[31m")))


class TestPrune:
    def test_only_what_lies_between(self) -> None:
        x, y = Value(2.0, "x"), Value(3.0, "y")
        shared = x * y
        z = shared + y.exp()
        part = Graph(z).prune(z, x)
        assert list(part) == [x, shared, z]
        assert [(e.parent, e.child) for e in part.edges] == [(x, shared), (shared, z)]
        assert (part.inputs, part.constants, part.outputs) == ([x], [], (z,))
        assert part.parents(shared) == (x,)

    def test_by_labels_and_of_nothing(self) -> None:
        graph, x = lecture()
        assert [graph.names()[node] for node in graph.prune("u", ["t"])] == ["t", "u1", "u2", "u"]
        assert len(graph.prune("t", "u")) == 0
        assert graph.prune("t", "u").depth == 0
        assert graph.prune("x", "x").inputs == [x]

    @given(programs())
    def test_ancestors_that_descend(self, program: Program) -> None:
        nodes = program.build()
        graph = Graph(nodes[-1])
        start = nodes[0]
        if start in graph:
            expected = {start, *graph.descendants(start)} & {nodes[-1], *graph.ancestors(nodes[-1])}
            assert set(graph.prune(nodes[-1], start)) == expected


class TestPaths:
    def test_lecture(self) -> None:
        graph, x = lecture()
        paths = graph.paths("x")
        assert [[node.label for node in path.nodes] for path in paths] == [
            ["x", "t", "u1", "u", "J"],
            ["x", "t", "u2", "u", "J"],
        ]
        assert math.isclose(sum(path.product for path in paths), 9.099148544832385, rel_tol=1e-15)
        assert len(paths) == paths.count == graph.path_count(x) == 2

    def test_explain(self) -> None:
        graph, x = lecture()
        graph.outputs[0].backward()
        assert graph.explain("x").splitlines() == [
            "x.grad = 9.0991 over 2 paths:",
            "  x→t→u1→u→J   4 · -0.65364 · 1 · 0.9695 = -2.5348",
            "  x→t→u2→u→J   4 · 3 · 1 · 0.9695 = 11.634",
        ]
        x.zero_grad()
        assert "before backward() its .grad is 0" in graph.explain(x)

    def test_a_thousand_diamonds(self) -> None:
        x, y = diamonds(1000)
        paths = Graph(y).paths(x)
        assert paths.count == 2**1000
        assert paths
        assert [path.product for path in itertools.islice(paths, 3)] == [0.5**1000] * 3
        with pytest.raises(GraphError, match=r"2\*\*1000"):
            list(paths)
        text = Graph(y).explain(x)
        assert "over 2**1000 paths" in text
        assert "the first 20 of 2**1000 paths" in text
        assert len(text) < 10_000

    def test_both_slots_of_a_square(self) -> None:
        x = Value(3.0, "x")
        assert [(p.slots, p.product) for p in Graph(x * x).paths("x")] == [((0,), 3.0), ((1,), 3.0)]

    def test_from_a_node_to_itself_and_to_what_it_does_not_reach(self) -> None:
        x, y = Value(1.0, "x"), Value(2.0, "y")
        graph = Graph(x * 2, y * 2)
        assert [(path.edges, path.product) for path in graph.paths(x, x)] == [((), 1.0)]
        assert graph.paths(x, x)
        assert graph.paths(x, graph.outputs[0])
        assert not graph.paths(x, graph.outputs[1])
        assert list(graph.paths(x, graph.outputs[1])) == []
        assert graph.path_count(x, graph.outputs[1]) == 0
        assert "does not depend on it" in graph.explain(x, graph.outputs[1])
        with pytest.raises(GraphError, match="2 outputs"):
            graph.paths(x)

    def test_a_branch_not_taken_counts_for_nothing(self) -> None:
        x = Value(0.0, "x")
        y = where(x > 0, x.sqrt(), 2 * x)
        paths = Graph(y).paths(x)
        assert sorted(path.product for path in paths) == [0.0, 2.0]

    @given(programs(max_steps=8))
    def test_their_sum_is_the_gradient(self, program: Program) -> None:
        nodes = program.build()
        graph = Graph(nodes[-1])
        for x in graph.inputs:
            if graph.path_count(x) > 5_000:
                continue
            products = [path.product for path in graph.paths(x)]
            assert len(products) == graph.path_count(x)
            gradient = gradients(nodes[-1], x)
            scale = math.fsum(map(abs, products))
            assert abs(math.fsum(products) - gradient) <= 1e-12 * scale


class TestGradient:
    def test_sixth_derivative_of_the_lecture(self) -> None:
        graph, x = lecture()
        with mp.workdps(60):
            for n in range(1, 7):
                graph = graph.gradient(x)
                expected = mp.diff(lambda x: mp.cos(mp.sin(x**2) + 3 * x**2), mpf(2), n)
                assert abs(graph.outputs[0].data / expected - 1) < 1e-9

    def test_all_inputs_by_default(self) -> None:
        x, y = Value(2.0, "x"), Value(3.0, "y")
        gradient = Graph(x * y).gradient()
        assert gradient.outputs == (y, x)
        assert Graph(x * y).gradient("y").outputs == (x,)

    def test_of_what_is_not_there(self) -> None:
        x = Value(2.0, "x")
        assert Graph(3 * x).gradient(x).gradient(x).outputs[0].data == 0.0
        with pytest.raises(GraphError, match="no node 'z'"):
            Graph(x).gradient("z")

    @settings(max_examples=60)
    @given(programs(SMOOTH, max_inputs=2, max_steps=6))
    def test_gradient_of_gradient_is_that_of_mpmath(self, program: Program) -> None:
        nodes = program.build()
        xs = program.leaves(nodes)
        for i, first in enumerate(gradients(nodes[-1], xs, create_graph=True)):
            for j, second in enumerate(gradients(first, xs)):
                orders = [int(k == i) + int(k == j) for k in range(len(xs))]
                expected = program.reference_derivative(*orders)
                assert abs(second - expected) <= 1e-9 * max(1.0, abs(expected)), (program, i, j)


class TestLargeGraphs:
    @pytest.mark.slow
    def test_a_long_chain(self) -> None:
        length = 100_000
        x, y = chain(length)
        graph = Graph(y)
        assert len(graph) == length + 1
        assert graph.depth == length
        assert graph.path_count(x) == 1
        assert next(iter(graph.paths(x))).product == 1.0
        assert len(graph.explain(x)) < 1000
        assert len(graph.ancestors(y)) == len(graph.descendants(x)) == length
        assert len(str(graph)) < 5_000
        assert graph.stats().operations == {"neg": length}
        assert graph.replay(x=2.0).outputs[0].data == 2.0
        assert graph.gradient(x).outputs[0].data == 1.0
        assert graph.lint() == []

    @pytest.mark.slow
    def test_a_deep_graph_needs_no_stack(self) -> None:
        x, y = chain(20_000)
        graph = Graph(y)
        assert (graph.depth, graph.path_count(x), graph.explain(x).count("\n")) == (20_000, 1, 2)
        assert graph.replay(x=2.0).outputs[0].data == 2.0
        assert Graph.from_json(graph.to_json()).depth == 20_000

    @pytest.mark.slow
    def test_a_wide_sum(self) -> None:
        from autograd_core import sum as total

        xs = [Value(1.0) for _ in range(20_000)]
        graph = Graph(total(xs))
        assert len(graph.edges) == 20_000
        assert graph.stats().widest == 20_000


@pytest.mark.parametrize("create_graph", [False, True])
def test_the_gradient_to_a_frozen_leaf_is_zero(create_graph: bool) -> None:
    x, w, frozen = Value(2.0), Value(3.0), Value(5.0, requires_grad=False)
    found = gradients(x * w * frozen + frozen**2, [x, frozen, w], create_graph=create_graph)
    assert [getattr(slope, "data", slope) for slope in found] == [15.0, 0.0, 10.0]


@pytest.mark.parametrize("create_graph", [False, True])
def test_the_gradient_to_what_does_not_lead_there_is_zero(create_graph: bool) -> None:
    """Whatever an earlier backward pass has left there."""
    older, x, newer = Value(5.0), Value(2.0), Value(3.0)
    (older * x * newer).backward()
    y = x * x
    found = gradients(y, [older, x, newer, y * 2.0], create_graph=create_graph)
    assert [getattr(slope, "data", slope) for slope in found] == [0.0, 4.0, 0.0, 0.0]
    assert (older.grad, x.grad, newer.grad) == (6.0, 15.0, 10.0)


@pytest.mark.parametrize("number", [3.0, math.nan, math.inf])
def test_a_leaf_that_has_changed_is_noticed(number: float) -> None:
    x, w = Value(2.0), Value(4.0)
    y = x * w
    w.data = number
    with pytest.raises(GraphError, match="has changed since mul = 8"):
        gradients(y, [x], create_graph=True)
    assert "changed since" in str(steps(y))


def test_a_leaf_set_to_the_number_that_it_has_is_not_changed() -> None:
    x = Value(math.nan)
    y = x * 2.0
    x.data = math.nan
    (slope,) = gradients(y, [x], create_graph=True)
    assert slope.data == 2.0
