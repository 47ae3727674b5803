"""Hints: each fault alone produces its hint, and a sound graph none."""

from __future__ import annotations

import math
import sys

import pytest

from autograd_core import Graph, Value, errstate, floor, log, recording, relu, sigmoid, sqrt, tanh


def kinds(graph: Graph) -> list[str]:
    return [hint.kind for hint in graph.lint()]


def neuron(w: float = 0.5, b: float = 0.1) -> tuple[Graph, Value, Value]:
    """Build relu(3w + b)."""
    weight, bias = Value(w, "w"), Value(b, "b")
    y = relu(weight * 3.0 + bias)
    return Graph(y, parameters=[weight, bias]), weight, bias


def test_a_sound_graph_has_none() -> None:
    graph, _, _ = neuron()
    assert graph.lint() == []
    graph.outputs[0].backward()
    assert graph.lint() == []


class TestUnused:
    def test_a_parameter_that_leads_nowhere(self) -> None:
        w, forgotten = Value(1.0, "w"), Value(2.0, "forgotten")
        (hint,) = Graph(w * 2, parameters=[w, forgotten]).lint()
        assert hint.kind == "unused"
        assert hint.nodes == (forgotten,)
        assert str(hint) == "unused: the outputs do not depend on the parameter forgotten."

    @pytest.mark.parametrize("cut", [floor, lambda x: x * 0.0, lambda x: x.where(1.0, 2.0)])
    def test_an_input_whose_gradient_is_cut_off(self, cut: object) -> None:
        x = Value(1.5, "x")
        (hint,) = Graph(cut(x)).lint()  # type: ignore[operator]
        assert (hint.kind, hint.nodes) == ("unused", (x,))
        assert "no gradient reaches x" in hint.message


class TestSaturation:
    def test_a_dead_relu(self) -> None:
        graph, w, b = neuron(b=-5.0)
        unused, dead = graph.lint()
        assert (unused.kind, unused.nodes) == ("unused", (w, b))
        assert (dead.kind, dead.nodes) == ("dead relu", graph.outputs)
        assert "1 of 1 relu" in dead.message
        assert "x = -3.5" in dead.message

    def test_many_are_counted_not_listed(self) -> None:
        x = Value(1.0, "x")
        graph = Graph(sum((relu(x * -float(k)) for k in range(1, 100)), relu(x)))
        (hint,) = graph.lint()
        assert len(hint.nodes) == 99
        assert "99 of 100 relus" in hint.message
        assert "and 95 more" in hint.message
        assert len(hint.message) < 400

    @pytest.mark.parametrize(("f", "flat", "steep"), [(sigmoid, 8.0, 6.0), (tanh, -5.0, -3.0)])
    def test_a_saturated_unit(self, f: object, flat: float, steep: float) -> None:
        assert kinds(Graph(f(Value(flat)))) == ["saturated"]  # type: ignore[operator]
        assert kinds(Graph(f(Value(steep)))) == []  # type: ignore[operator]


class TestGradients:
    def test_two_passes(self) -> None:
        graph, _, _ = neuron()
        graph.outputs[0].backward()
        graph.outputs[0].backward()
        (hint,) = graph.lint()
        assert hint.kind == "left-over gradient"
        assert "J.grad = 2.0, not 1" in hint.message

    def test_leaves_that_were_not_reset(self) -> None:
        old, w, _ = neuron()
        old.outputs[0].backward()
        new = Graph(w * 4.0)
        (hint,) = new.lint()
        assert (hint.kind, hint.nodes) == ("left-over gradient", (w,))
        assert "w.grad = 3 for 0" in hint.message
        new.outputs[0].backward()
        (hint,) = new.lint()
        assert "w.grad = 7 for 4" in hint.message
        w.zero_grad()
        new.outputs[0].zero_grad()
        new.outputs[0].backward()
        assert new.lint() == []

    def test_another_seed_is_not_taken_for_old_leaves(self) -> None:
        graph, _, _ = neuron()
        graph.outputs[0].backward(0.5)
        (hint,) = graph.lint()
        assert hint.nodes == graph.outputs


class TestChangedLeaves:
    def test_a_step_without_a_new_forward_pass(self) -> None:
        graph, w, _ = neuron()
        w.data -= 0.1
        (hint,) = graph.lint()
        assert (hint.kind, hint.nodes) == ("changed leaf", (w,))
        assert "w (now 0.4)" in hint.message
        assert graph.replay().lint() == []

    def test_a_constant(self) -> None:
        x = Value(2.0, "x")
        graph = Graph(x * 3.0)
        graph.constants[0].data = 4.0
        # Either may have changed; the one that programs usually change is named.
        assert kinds(graph) == ["changed leaf"]


class TestNotANumber:
    def test_the_first_bad_node_and_its_line(self) -> None:
        x = Value(0.0, "x")
        with errstate(all="ignore"), recording() as record:
            bad = log(x)
            line = sys._getframe().f_lineno - 1
            y = (bad - bad) * 2
        hint = Graph(y, record=record).lint()[0]
        assert hint.kind == "not a number"
        assert hint.nodes == (bad,)
        assert "v1 = log(x = 0.0), which is -inf" in hint.message
        assert f"Made at {__file__}:{line}: bad = log(x)" in hint.message

    def test_without_tracing_it_says_how_to_trace(self) -> None:
        with errstate(all="ignore"):
            y = log(Value(-1.0, "x"))
        assert "= log(x = -1.0), which is nan. Build it inside recording()" in Graph(y).lint()[0].message

    def test_a_bad_leaf(self) -> None:
        hint = Graph(Value(math.nan, "x") + 1).lint()[0]
        assert (hint.kind, hint.message) == ("not a number", "the leaf x is nan. Fix the data.")

    def test_a_bad_slope(self) -> None:
        hint = Graph(sqrt(Value(0.0, "x"))).lint()[0]
        assert "J = sqrt(x = 0.0), which has the slopes inf" in hint.message
