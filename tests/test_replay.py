"""Replaying a graph gives the same bits as rebuilding it, and never silently takes another branch."""

from __future__ import annotations

import math
import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_core import (
    AutogradError,
    DataError,
    Graph,
    GraphError,
    Value,
    exp,
    log,
    recording,
    softmax,
    where,
)
from tests.graphs import ORDINARY, Program, programs


def bits(x: float) -> bytes:
    return b"nan" if math.isnan(x) else struct.pack("<d", x)


def facts(graph: Graph) -> list[object]:
    """Return everything about a graph, to the bit."""
    places = {node: i for i, node in enumerate(graph)}
    return [
        (
            node.op,
            bits(node.data),
            [places[parent] for parent in node.parents],
            list(map(bits, node.partials)),
            node.label,
            node.requires_grad,
        )
        for node in graph
    ] + [[places[node] for node in graph.outputs]]


def outcome(compute: object) -> object:
    """Return the facts of a call's graph, or its error."""
    try:
        return facts(compute())  # type: ignore[operator]
    except AutogradError as error:
        return type(error), str(error)


class TestReplay:
    @pytest.mark.slow
    @given(programs(), st.data())
    def test_it_equals_building_anew(self, program: Program, data: st.DataObject) -> None:
        graph = Graph(program.build())  # All nodes: an unused one may also have a pole.
        number = st.floats(*ORDINARY)
        values = {node.label: data.draw(number) for node in graph.inputs}
        inputs = [values.get(f"x{i}", x) for i, x in enumerate(program.inputs)]
        replayed = outcome(lambda: graph.replay(values))
        assert replayed == outcome(lambda: Graph(program.build(*inputs)))

    @given(programs())
    def test_its_nodes_are_new(self, program: Program) -> None:
        graph = Graph(program.build()[-1])
        graph.outputs[0].backward()
        before = [(node.data, node.grad) for node in graph]
        again = graph.replay()
        assert facts(again) == facts(graph)
        assert not set(again) & set(graph)
        assert all(node.grad == 0.0 for node in again)
        assert [(node.data, node.grad) for node in graph] == before

    def test_keys_may_be_labels_ids_places_or_nodes(self) -> None:
        x, y = Value(2.0, "x"), Value(3.0)
        graph = Graph(x * y)
        for values in ({x: 5.0, y: 7.0}, {"x": 5, "n1": 7}, {0: 5.0, 1: 7.0}):
            assert graph.replay(values).outputs[0].data == 35.0
        assert graph.replay({y: 7.0}, x=5.0).outputs[0].data == 35.0
        assert (x.data, y.data) == (2.0, 3.0)

    def test_a_constant_can_be_changed_too(self) -> None:
        x = Value(2.0, "x")
        assert Graph(3 * x).replay(n1=4.0).outputs[0].data == 8.0

    def test_leaves_that_changed_since_are_read(self) -> None:
        x = Value(2.0, "x")
        graph = Graph(x * x)
        x.data = 3.0
        assert graph.replay()["n1"].partials == (3.0, 3.0)

    def test_parameters_stay_parameters(self) -> None:
        w, x = Value(2.0, "w"), Value(3.0, "x")
        again = Graph(w * x, parameters=[w]).replay(w=4.0)
        assert [leaf.data for leaf in again.parameters] == [4.0]
        assert [leaf.data for leaf in again.inputs] == [3.0]

    def test_rows_of_many_outputs(self) -> None:
        xs = [Value(float(i), f"x{i}") for i in range(3)]
        again = Graph(softmax(xs)).replay(x0=1.0, x1=1.0, x2=1.0)
        assert [node.data for node in again.outputs] == [1 / 3] * 3

    def test_an_input_outside_the_domain_is_named(self) -> None:
        x = Value(2.0, "x")
        with pytest.raises(AutogradError, match="log: undefined.*node 'x'"):
            Graph(log(x)).replay(x=-1.0)

    @pytest.mark.parametrize(
        ("values", "error", "message"),
        [
            ({"y": 1.0}, GraphError, "replay: no node 'y'; expected .* Its nodes are x, J."),
            ({"n1": 1.0}, GraphError, "replay: n1 is not a leaf"),
            ({"x": "3"}, DataError, "replay: x: not a real number"),
            (1.0, DataError, "replay: not a mapping: argument 1 = float 1.0; expected .* Write replay"),
            ({"x": None}, DataError, "not a real number"),
            ({"x": Value(1.0)}, DataError, "plain number"),
            ({"x": 1.0, 0: 2.0}, GraphError, "replay: int 0 is given twice; expected one number"),
            ({(): 2.0}, DataError, "not a key"),
        ],
    )
    def test_bad_values(self, values: dict[object, object], error: type[Exception], message: str) -> None:
        with pytest.raises(error, match=message):
            Graph(-Value(2.0, "x")).replay(values)  # type: ignore[arg-type]


def leaky(x: Value) -> Value:
    return x * 2 if x > 0 else x * 0.1


class TestBranches:
    def test_another_branch_is_refused(self) -> None:
        graph = Graph.trace(leaky, 3.0)
        assert graph.replay(x=4.0).outputs[0].data == 8.0
        with pytest.raises(GraphError, match=r"x > 0.0 is False, and was True \(x = 3.0\).*now x = -1.0"):
            graph.replay(x=-1.0)
        assert graph.replay(x=-1.0, check=False).outputs[0].data == -2.0

    def test_a_replayed_graph_keeps_watch(self) -> None:
        again = Graph.trace(leaky, 3.0).replay(x=4.0)
        with pytest.raises(GraphError, match=r"was True \(x = 4.0\)"):
            again.replay(x=-4.0)
        assert Graph.trace(leaky, 3.0).replay(x=-1.0, check=False).comparisons[0].outcome is False

    def test_a_condition_that_is_in_no_graph(self) -> None:
        def f(x: Value, y: Value) -> Value:
            return x + 1 if y * y < 10 else x - 1

        graph = Graph.trace(f, 1.0, y=3.0)
        assert [node.label for node in graph.inputs] == ["x"]
        with pytest.raises(GraphError, match="another branch"):
            graph.replay(y=4.0)
        assert graph.replay(x=2.0, y=-3.0).outputs[0].data == 3.0

    @pytest.mark.parametrize(
        ("f", "start", "other"),
        [
            (lambda x: x if x else x + 1, 1.0, 0.0),
            (lambda x: max(x, x * x), 2.0, 0.5),
            (lambda x: sorted([x, 2 * x])[0], 1.0, -1.0),
            (lambda x: where(x >= 1, x, -x), 1.0, 0.5),
            (lambda x: x if x >= 1.0 else -x, 2.0, math.nan),
        ],
    )
    def test_every_way_to_look_at_a_number(self, f: object, start: float, other: float) -> None:
        graph = Graph.trace(f, start)
        assert graph.comparisons
        assert graph.replay(x=start).outputs[0].data == graph.outputs[0].data
        with pytest.raises(GraphError, match="another branch"):
            graph.replay(x=other)

    def test_where_on_a_value_chooses_again(self) -> None:
        x = Value(2.0, "x")
        graph = Graph(where(x, 10 * x, -x))
        assert graph.replay(x=0.0).outputs[0].data == 0.0
        assert graph.replay(x=0.0)[-1].partials[-1] == 1.0

    def test_relu_and_max_need_no_watch(self) -> None:
        graph = Graph.trace(lambda x: x.relu() + x.maximum(0.5), 2.0)
        assert graph.comparisons == ()
        assert graph.replay(x=-1.0).outputs[0].data == 0.5


class TestTracing:
    def test_lists_are_numbered(self) -> None:
        graph = Graph.trace(lambda xs, b: xs[0] * xs[1] + b, [1.0, 2.0], 3.0)
        assert [node.label for node in graph.inputs] == ["xs0", "xs1", "b"]

    def test_stars_and_defaults(self) -> None:
        def f(*xs: Value, scale: float = 2.0, **more: Value) -> list[Value]:
            return [xs[0] * scale, xs[1] + more["y"]]

        graph = Graph.trace(f, 1.0, 2, y=3.0)
        assert [node.label for node in graph.inputs] == ["xs0", "xs1", "y"]
        assert [node.data for node in graph.outputs] == [2.0, 5.0]

    def test_values_stay_themselves(self) -> None:
        x = Value(2.0, "mine")
        assert Graph.trace(lambda a: -a, x).inputs == [x]

    def test_what_is_no_graph(self) -> None:
        with pytest.raises(DataError, match="expected a Value"):
            Graph.trace(lambda x: x.data, 2.0)

    def test_recording_leaves_the_numbers_alone(self) -> None:
        x = Value(0.3, "x")
        plain = Graph(exp(x * x) / (x + 1))
        with recording():
            recorded = Graph(exp(x * x) / (x + 1))
        assert facts(plain) == facts(recorded)

    def test_the_line_of_each_node(self) -> None:
        x = Value(1.0, "x")
        with recording() as record:
            y = x.sin()
            here = sys._getframe().f_lineno - 1
        assert record.line(y) == f"{__file__}:{here}: y = x.sin()"
        assert record.line(x) is None

    def test_recording_ends_with_its_block(self) -> None:
        x = Value(1.0)
        with pytest.raises(ZeroDivisionError), recording() as record:
            x / 0
        assert x > 0
        assert record.comparisons == []

    @pytest.mark.slow
    def test_a_million_nodes(self) -> None:
        y = Value(0.5, "x")
        for _ in range(500_000):
            y = y + 1.0
        assert Graph(y).replay(x=1.0).outputs[0].data == 500_001.0
