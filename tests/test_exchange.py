"""Graphs as JSON, bit for bit and against forged files; export to other tools."""

from __future__ import annotations

import copy
import json
import math
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import (
    TABLE,
    DomainError,
    Graph,
    GraphError,
    MissingExtraError,
    Value,
    errstate,
    gradients,
    log,
)
from autograd_core.base.extended_range import Wide, parts
from autograd_core.kernel.apply import apply
from tests.graphs import DOMAINS, ORDINARY, SMOOTH, Program, programs
from tests.test_replay import facts

HOSTILE = ['"', "\\", "\n", "</script>", "#quot;", "]:::x", "\u2028\u202e\x00", "\ud800", "end", "%%{init}%%"]


def example() -> Graph:
    """Build (x + 2)·x at x = 3."""
    x = Value(3.0, "x")
    y = (x + 2) * x
    return Graph(y)


def grads(graph: Graph) -> list[str]:
    return [repr(node.grad) for node in graph]


class TestRoundTrip:
    @pytest.mark.slow
    @given(programs(), st.floats(), st.text())
    def test_bit_for_bit(self, program: Program, grad: float, label: str) -> None:
        graph = Graph(program.build()[-1])
        graph.outputs[0].backward()
        graph[0].grad = grad
        graph[-1].label = label
        again = Graph.from_json(graph.to_json())
        assert facts(again) == facts(graph)
        assert grads(again) == grads(graph)
        assert again.to_json() == graph.to_json()

    @pytest.mark.parametrize("x", [-0.0, 5e-324, 0.1, 1.7976931348623157e308, math.inf, -math.inf, math.nan])
    def test_every_float(self, x: float) -> None:
        with errstate(all="ignore"):
            graph = Graph(Value(x, "x") * 1.0)
        again = Graph.from_json(graph.to_json())
        assert facts(again) == facts(graph)
        assert math.copysign(1, again[0].data) == math.copysign(1, x) or x != x

    def test_a_leaf_changed_or_frozen_since(self) -> None:
        w, x = Value(2.0, "w"), Value(3.0, "x")
        graph = Graph(w * x)
        w.data, x.requires_grad = 5.0, False
        again = Graph.from_json(graph.to_json())
        assert facts(again) == facts(graph)
        assert again.outputs[0].data == 6.0
        assert gradients(again.outputs[0], again["w"]) == 3.0
        w.requires_grad = False
        assert Graph.from_json(graph.to_json()).outputs[0].requires_grad

    def test_roles_outputs_and_branches(self) -> None:
        w = Value(2.0, "w")
        graph = Graph.trace(lambda x: w * x if x > 1 else x, 3.0)
        graph = Graph(graph.outputs[0], w, parameters=[w], record=graph.record)
        again = Graph.from_json(graph.to_json())
        assert [leaf.label for leaf in again.parameters] == ["w"]
        assert again.outputs == (again[2], again[0])
        with pytest.raises(GraphError, match="another branch"):
            again.replay(x=0.0)

    def test_it_is_plain_ascii_without_nan(self) -> None:
        text = Graph(Value(math.nan, "ü") * 1).to_json()
        assert text.isascii()
        assert json.loads(text, parse_constant=pytest.fail)["nodes"][0]["data"] == "nan"

    def test_differentiable_after_reading(self) -> None:
        graph = Graph.from_json(example().to_json().encode())
        graph.outputs[0].backward()
        assert graph["x"].grad == 8.0
        assert Graph.from_json(b"\xef\xbb\xbf" + example().to_json().encode()).outputs[0].data == 15.0

    @pytest.mark.slow
    def test_a_hundred_thousand_nodes(self) -> None:
        y = Value(0.5, "x")
        for _ in range(100_000):
            y = -y
        assert len(Graph.from_json(Graph(y).to_json())) == 100_001


Change = Callable[[dict[str, Any]], object]


class TestBadFiles:
    def test_truncated_anywhere(self) -> None:
        text = example().to_json().rstrip()
        for end in range(len(text)):
            with pytest.raises(GraphError):
                Graph.from_json(text[:end])

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda d: d["nodes"][2].update(op="frobnicate"), "node 2: unknown operation.*'frobnicate'"),
            (lambda d: d["nodes"][2].update(op="mull"), "did you mean 'mul'"),
            (lambda d: d["nodes"][2].update(op=["add"]), "unknown operation"),
            (lambda d: d["nodes"][2].update(op="__import__"), "unknown operation"),
            (lambda d: d["nodes"][2].update(parents=[0, 9]), "node 2: cyclic or dangling.*got int 9"),
            (lambda d: d["nodes"][2].update(parents=[0, 2]), "node 2: cyclic or dangling"),
            (lambda d: d["nodes"][2].update(parents=[0, 3]), "node 2: cyclic or dangling"),
            (lambda d: d["nodes"][2].update(parents=[0, -1]), "dangling"),
            (lambda d: d["nodes"][2].update(parents=[0, True]), "dangling"),
            (lambda d: d["nodes"][2].update(parents=[0, 1.0]), "dangling"),
            (lambda d: d["nodes"][2].update(parents=[0], partials=[1.0]), "wrong number of parents for add"),
            (lambda d: d["nodes"][2].update(op="sum", parents=[], partials=[]), "for sum.*at least 1"),
            (lambda d: d["nodes"][3].update(op="dot", parents=[0, 1, 2], partials=[0] * 3), "an even number"),
            (lambda d: d["nodes"][2].update(partials=[1.0]), "wrong number of partials"),
            (lambda d: d["nodes"][2].update(partials=[1.0, None]), "node 2: partials"),
            (lambda d: d["nodes"][2].update(parents=7), "expected a list"),
            (lambda d: d["nodes"][2].pop("partials"), "no partials"),
            (lambda d: d["nodes"][0].update(data="3"), "node 0: data: got str '3'"),
            (lambda d: d["nodes"][0].update(data=None), "node 0: data"),
            (lambda d: d["nodes"][0].update(data=True), "node 0: data"),
            (lambda d: d["nodes"][0].update(data=10**400), "node 0: data"),
            (lambda d: d["nodes"][0].update(grad=[]), "node 0: grad"),
            (lambda d: d["nodes"][0].update(label=None), "node 0: label"),
            (lambda d: d["nodes"][0].update(requires_grad=1), "node 0: requires_grad"),
            (lambda d: d["nodes"][0].update(code="import os"), "unknown entry 'code'"),
            (lambda d: d["nodes"].append(d["nodes"][0]), "node 4 leads nowhere"),
            (lambda d: d["nodes"].__setitem__(0, "x"), "node 0: got str 'x'"),
            (lambda d: d.update(nodes={}), "nodes: got dict"),
            (lambda d: d.update(nodes=[]), "dangling"),
            (lambda d: d.update(outputs=[]), "no outputs"),
            (lambda d: d.update(outputs=[4]), "outputs: dangling"),
            (lambda d: d.update(parameters=[2]), "a parameter is a result"),
            (lambda d: d.update(parameters=["x"]), "parameters: dangling"),
            (lambda d: d.update(comparisons=[[True, "lt", 0]]), "comparison 0"),
            (lambda d: d.update(comparisons=[[True, "system", 0, 1]]), "comparison 0"),
            (lambda d: d.update(comparisons=[[1, "lt", 0, 1]]), "comparison 0"),
            (lambda d: d.update(comparisons=[[True, "lt", 0, 10**9]]), "comparison 0: dangling"),
            (lambda d: d.update(version=999), "written by version 999.*expected version 1"),
            (lambda d: d.update(version=0), "version 0"),
            (lambda d: d.update(version="abc"), "version 'abc'"),
            (lambda d: d.update(version=True), "version True"),
            (lambda d: d.update(version=1.0), "version 1.0"),
            (lambda d: d.pop("version"), "no version"),
            (lambda d: d.update(format="onnx"), "another format"),
            (lambda d: d.update(extra=1), "unknown entry 'extra'"),
        ],
    )
    def test_each_lie_is_named(self, change: Change, message: str) -> None:
        data = copy.deepcopy(example().to_dict())
        change(data)
        with pytest.raises(GraphError, match=message):
            Graph.from_dict(data)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "not JSON"),
            ("null", "expected an object"),
            ("[]", "expected an object"),
            ("3", "expected an object"),
            ("{}", "no comparisons"),
            ("[" * 100_000, "nested too deeply"),
            ('{"a":' * 100_000, "nested too deeply"),
            ("9" * 1_000_000, "not JSON"),
            ('{"version": NaN}', "no JSON number"),
            ('{"version": 1, "version": 1}', "occurs twice"),
            (b"\xff\xfe{\x00}\x00", "not JSON"),
            (b"\x80\x04\x95", "not JSON"),
            ("nodes", "not JSON"),
        ],
    )
    def test_no_such_text(self, text: str | bytes, message: str) -> None:
        with pytest.raises(GraphError, match=message):
            Graph.from_json(text)

    def test_a_number_beyond_a_float(self) -> None:
        with pytest.raises(GraphError, match="node 0: data: got float inf"):
            Graph.from_json(example().to_json().replace("3.0", "1e999", 1))

    def test_no_text_at_all(self) -> None:
        for wrong in (None, 3, {}, bytearray(b"{}")):
            with pytest.raises(GraphError, match="not text"):
                Graph.from_json(wrong)  # type: ignore[arg-type]

    @settings(max_examples=300)
    @given(st.data())
    def test_any_damage_is_an_error_or_a_graph(self, data: st.DataObject) -> None:
        text = example().to_json()
        place = data.draw(st.integers(0, len(text) - 1))
        broken = text[:place] + data.draw(st.text(max_size=3)) + text[place + data.draw(st.integers(0, 4)) :]
        try:
            graph = Graph.from_json(broken)
        except GraphError:
            return
        assert len(graph) == 4


OF_AN_ORDER = {name for name, row in TABLE.items() if row.names[0] == "n"}
"""Families of derivatives, whose first argument is a whole number."""
WITHOUT_SYMPY = {name for name in OF_AN_ORDER if name.endswith("_derivative")}


class TestForeignForms:
    def test_networkx(self) -> None:
        networkx = pytest.importorskip("networkx")
        graph = example()
        drawn = graph.to_networkx()
        assert networkx.is_directed_acyclic_graph(drawn)
        assert sorted(drawn.edges(keys=True, data="partial")) == [
            ("n0", "n2", 0, 1.0),
            ("n0", "n3", 1, 5.0),
            ("n1", "n2", 1, 0.0),
            ("n2", "n3", 0, 3.0),
        ]
        facts_of_y = {"data": 15.0, "grad": 0.0, "label": "", "op": "mul", "requires_grad": True}
        assert drawn.nodes["n3"] == facts_of_y
        assert networkx.dag_longest_path_length(drawn, weight=None, default_weight=1) == graph.depth

    @pytest.mark.parametrize("format", ["gml", "graphml", "gexf"])
    def test_networkx_writes_what_it_is_given(self, format: str, tmp_path: Path) -> None:
        networkx = pytest.importorskip("networkx")
        for label in ("x", "", *HOSTILE):
            with errstate(all="ignore"):
                graph = Graph(Value(math.inf, label).sin() * Value(3.0, label) + 2.0)
            getattr(networkx, f"write_{format}")(graph.to_networkx(), tmp_path / "g")
            assert len(getattr(networkx, f"read_{format}")(tmp_path / "g")) == len(graph)

    def test_mermaid(self) -> None:
        assert example().to_mermaid().splitlines() == [
            "flowchart LR",
            '    n0["x = 3.0"]',
            '    n1["2.0"]:::constant',
            '    n2["add"]',
            '    n3["mul"]',
            "    n0 --> n2",
            "    n1 --> n2",
            "    n2 --> n3",
            "    n0 --> n3",
            "    classDef constant stroke-dasharray: 4 3",
        ]

    @pytest.mark.parametrize("label", [*HOSTILE, "".join(HOSTILE), "x" * 100_000])
    def test_mermaid_labels_are_inert(self, label: str) -> None:
        lines = Graph(Value(1.0, label)).to_mermaid().splitlines()
        assert len(lines) == 3
        inside = lines[1].removeprefix('    n0["').removesuffix(' = 1.0"]')
        assert len(inside) < 1000
        assert not set(inside) & set('"\\\n<>[]{}%&`()\u2028\u202e\x00')
        assert inside.count("#") == inside.count(";")

    def test_sympy_checks_a_formula(self) -> None:
        sympy = pytest.importorskip("sympy")
        x = Value(2.0, "x")
        J = ((x**2).sin() + 3 * x**2).cos()
        formula = Graph(J).to_sympy()
        symbol = sympy.Symbol("x")
        assert formula == sympy.cos(sympy.sin(symbol**2) + 3 * symbol**2)
        derivative = Graph(J).gradient(x).to_sympy()
        assert sympy.simplify(derivative - formula.diff(symbol)) == 0

    @pytest.mark.parametrize("name", sorted({*TABLE} - {"round", *WITHOUT_SYMPY}))
    def test_sympy_means_the_same_by_each_row(self, name: str) -> None:
        sympy = pytest.importorskip("sympy")
        row = TABLE[name]
        intervals = DOMAINS.get(name, (ORDINARY,))
        intervals *= (row.arity or 4) if len(intervals) == 1 else 1
        points = [0.3 * low + 0.7 * high - 0.1 * i for i, (low, high) in enumerate(intervals)]
        xs = [Value(x, f"x{i}") for i, x in enumerate(points)]
        node = apply(row, xs)
        values = {sympy.Symbol(x.label): sympy.Float(x.data) for x in xs}
        number = Graph(node).to_sympy().subs(values).evalf(30)
        assert abs(float(number) - node.data) <= 1e-12 * max(1.0, abs(node.data)), number

    @pytest.mark.parametrize("name", sorted({*TABLE} - {"stop_gradient", "zeta", *OF_AN_ORDER}))
    def test_sympy_differentiates_each_row_by_the_name_of_an_input(self, name: str) -> None:
        """SymPy cannot evaluate the derivative of its zeta where it has substituted a number."""
        sympy = pytest.importorskip("sympy")
        row = TABLE[name]
        done = 0
        for point in ((0.3, 0.7, 0.45, 0.2), (-0.3, 0.4, 1.2, 0.6), (1.7, 0.9, 2.5, -0.4)):
            xs = [Value(x, f"x{i}") for i, x in enumerate(point[: row.arity or 4])]
            try:
                node = row(*([xs[:2], xs[2:]] if row.sequences == 2 else xs))
            except DomainError:
                continue
            node = node[0] if isinstance(node, list) else node
            formula = pickle.loads(pickle.dumps(Graph(node).to_sympy()))
            for x, slope in zip(xs, gradients(node, xs), strict=True):
                found = formula.diff(x.label).subs({each.label: each.data for each in xs})
                assert float(sympy.N(found)) == pytest.approx(slope, rel=1e-12, abs=1e-15), found
                done += 1
        assert done

    def test_sympy_keeps_inputs_of_one_label_apart(self) -> None:
        sympy = pytest.importorskip("sympy")
        assert len(Graph(Value(1.0, "x") - Value(2.0, "x")).to_sympy().free_symbols) == 2
        assert Graph(0.1 * Value(2.0, "x")).to_sympy().subs("x", 1) == sympy.Float(0.1)

    def test_sympy_refuses_what_is_too_deep(self) -> None:
        pytest.importorskip("sympy")
        y = Value(0.5, "x")
        for _ in range(200):
            y = y.sin()
        assert len(Graph(y).to_sympy().free_symbols) == 1
        with pytest.raises(GraphError, match="too deep: 201 levels"):
            Graph(y.sin()).to_sympy()

    def test_sympy_of_one_of_several_outputs(self) -> None:
        pytest.importorskip("sympy")
        x = Value(2.0, "x")
        graph = Graph(x + 1, x + 2)
        assert str(graph.to_sympy(graph.outputs[1])) == "x + 2"
        with pytest.raises(GraphError, match="2 outputs"):
            graph.to_sympy()

    @settings(max_examples=30, deadline=None)
    @given(programs(SMOOTH, max_steps=5))
    def test_sympy_evaluates_to_the_same(self, program: Program) -> None:
        sympy = pytest.importorskip("sympy")
        graph = Graph(program.build()[-1])
        values = {sympy.Symbol(x.label): x.data for x in graph.inputs}
        number = graph.to_sympy().evalf(30, subs=values)
        assert abs(float(number) - graph.outputs[0].data) <= 1e-9 * max(1.0, abs(float(number)))

    @pytest.mark.parametrize("module", ["networkx", "sympy"])
    def test_an_absent_extra_is_named(self, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(MissingExtraError, match=rf"pip install 'autograd-core\[{module}\]'"):
            getattr(example(), f"to_{module}")()

    def test_none_of_them_is_imported_before(self) -> None:
        import subprocess

        code = "import autograd_core, sys; sys.exit(bool({'networkx', 'sympy'} & set(sys.modules)))"
        assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def beyond_floats() -> dict[str, tuple[Value, Value]]:
    """Leaves, and results with a local derivative that no float holds exactly."""
    y, z, u = Value(1e-310, "y"), Value(1e-200, "z"), Value(1e100, "u")
    return {
        "too large": (y, (y / 1e-310) * 1e-10),
        "too small": (u, log(z / u)),
        "subnormal": (u, 1.0 / (u * 1e55) * 1e150),
    }


@pytest.mark.parametrize("name", beyond_floats())
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda J: pickle.loads(pickle.dumps(J)), None])
def test_local_derivatives_beyond_the_range_of_floats_survive(name: str, copied: Any) -> None:
    leaf, J = beyond_floats()[name]
    partials = [d for node in Graph(J) for d in node.partials]
    again = Graph.from_json(Graph(J).to_json()).outputs[0] if copied is None else copied(J)
    restored = [d for node in Graph(again) for d in node.partials]
    assert sorted((type(d).__name__, *parts(d)) for d in restored) == sorted(
        (type(d).__name__, *parts(d)) for d in partials
    )
    (same,) = [node for node in Graph(again).leaves if node.label == leaf.label]
    assert gradients(again, same) == gradients(J, leaf)
    if copied is None:
        assert Graph(again).to_json() == Graph(J).to_json()
    assert any(type(d) is Wide for d in partials)


@pytest.mark.parametrize(
    "wrong",
    [[], [0.5], [1, 2000], [0.25, 2000], [1.0, 2000], [0.5, 1], [0.5, 2000.0], [0.5, True], [0.5, 10**40],
     ["0.5", 2000], [0.5, 2000, 1]],
)  # fmt: skip
def test_a_wrong_local_derivative_of_two_numbers_is_refused(wrong: Any) -> None:
    _, J = beyond_floats()["too large"]
    data = Graph(J).to_dict()
    (record,) = [node for node in data["nodes"] if node.get("op") == "div"]
    assert record["partials"][0] == list(parts(J.parents[0].partials[0]))
    record["partials"][0] = wrong
    with pytest.raises(GraphError, match="node 2: partials"):
        Graph.from_dict(data)
