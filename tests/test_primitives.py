"""User-defined operations: global variables, several with one name, and invalid ones."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from mpmath import mp

import autograd_core as ac
from autograd_core import TABLE, Graph, OperationError, Value, compile, grad, gradients, primitive
from autograd_core.operations.operation import Operation
from tests.markdown import ROOT, blocks


@pytest.fixture(autouse=True)
def _the_table_as_it_was() -> Iterator[None]:
    before, methods = dict(TABLE), set(vars(Value))
    yield
    for name in TABLE.keys() - before.keys():
        del TABLE[name]
    for name in set(vars(Value)) - methods:
        delattr(Value, name)


def factory(k: float, called: str = "scaled") -> Operation:
    @primitive(partials=[lambda x, y: 2 * k * x], name=called)
    def scaled(x: float) -> float:
        return k * x * x

    return scaled


def sum_of_two(first: Operation, second: Operation) -> tuple[Value, list[Value]]:
    x, z = Value(2.0, "x"), Value(2.0, "z")
    return ac.sin(first(x)) + second(z) * first(z) + ac.sin(second(x)), [x, z]


def written_out(x: Any, z: Any) -> Any:
    return ac.sin(2 * x * x) + 3 * z * z * (2 * z * z) + ac.sin(3 * x * x)


def by_batch(J: Value, inputs: list[Value]) -> Any:
    values, slopes = compile(J, inputs=inputs).value_and_grad(np.array([[2.0, 2.0], [1.0, 3.0]]))
    return values[0], tuple(slopes[0])


def by_a_large_program(J: Value, inputs: list[Value]) -> Any:
    program = compile(sum([J * 1.0 for _ in range(400)], 0.0), inputs=inputs)
    value, slopes = program.value_and_grad(2.0, 2.0)
    return value / 400, tuple([float(slope) / 400 for slope in slopes])


def eagerly(J: Value, inputs: list[Value]) -> Any:
    return J.data, tuple(gradients(J, inputs))


def anew(graph: Graph, inputs: list[Value]) -> Any:
    again = graph.replay(x=1.0, z=1.0).replay(x=2.0, z=2.0)
    return again.outputs[0].data, tuple(gradients(again.outputs[0], again.inputs))


def pickled(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))


WAYS: dict[str, Callable[[Value, list[Value]], Any]] = {
    "eager": eagerly,
    "second order": lambda J, xs: (J.data, tuple([g.data for g in gradients(J, xs, create_graph=True)])),
    "compiled": lambda J, xs: compile(J, inputs=xs).value_and_grad(2.0, 2.0),
    "exactly": lambda J, xs: compile(J, inputs=xs, exact=True).value_and_grad(2.0, 2.0),
    "batch": by_batch,
    "large": by_a_large_program,
    "pickled program": lambda J, xs: pickled(compile(J, inputs=xs)).value_and_grad(2.0, 2.0),
    "replayed": lambda J, xs: anew(Graph(J), xs),
    "pickled": lambda J, xs: anew(Graph(pickled(J)), xs),
    "copied": lambda J, xs: anew(Graph(copy.deepcopy(J)), xs),
    "JSON": lambda J, xs: anew(Graph.from_json(Graph(J).to_json()), xs),
}


@pytest.mark.parametrize("way", WAYS)
def test_two_rows_of_one_factory_are_two(way: str) -> None:
    J, inputs = sum_of_two(factory(2.0), factory(3.0))
    value, slopes = WAYS[way](J, inputs)
    assert value == pytest.approx(written_out(2.0, 2.0), rel=1e-12)
    expected = grad(written_out, argnums=(0, 1))(2.0, 2.0)
    assert slopes == pytest.approx(expected, rel=1e-12)


def test_a_second_derivative_tells_rows_apart() -> None:
    first, second = factory(2.0), factory(3.0)

    def f(x: Any) -> Any:
        return ac.exp(first(x) * 0.1) * second(x)

    expected = grad(grad(lambda x: ac.exp(0.2 * x * x) * 3 * x * x))(0.7)
    assert grad(grad(f))(0.7) == pytest.approx(expected, rel=1e-12)
    assert compile(grad(grad(f)))(0.7) == pytest.approx(expected, rel=1e-12)


def test_a_file_of_a_row_that_is_not_here_is_refused() -> None:
    first, second = factory(2.25), factory(3.25)
    text = Graph(first(Value(1.0))).to_json()
    operation = json.loads(text)["nodes"][-1]["op"]
    assert operation != json.loads(Graph(second(Value(1.0))).to_json())["nodes"][-1]["op"]
    assert Graph.from_json(text).outputs[0].op is first
    with pytest.raises(ac.GraphError, match="unknown operation"):
        Graph.from_json(text.replace(operation, operation[:-12] + "0" * 12))
    assert pickle.loads(pickle.dumps(first)) is first
    assert pickle.loads(pickle.dumps(second)) is second


def square_of_ones_own() -> Operation:
    """A row that closes over nothing, as those at the level of a module."""

    @primitive(partials=[lambda x, y: 2.0 * x], name="own")
    def own(x: float) -> float:
        return x * x

    return own


def test_a_file_of_a_row_without_numbers_of_its_own_knows_which_row_of_its_name_was_meant() -> None:
    first = square_of_ones_own()
    text, J = Graph(first(Value(3.0))).to_json(), pickle.dumps(first(Value(3.0)))
    op = json.loads(text)["nodes"][-1]["op"]
    name, version, mark = op.split(":")
    of_another_python = text.replace(op, f"{name}:2.7:{mark[::-1]}")
    assert Graph.from_json(text).outputs[0].op is first
    assert Graph.from_json(text.replace(op, name)).outputs[0].op is first
    assert Graph.from_json(of_another_python).outputs[0].op is first

    del TABLE["own"], Value.own
    second = factory(5.0, "own")
    assert TABLE["own"] is second
    assert Graph.from_json(text).outputs[0].op is first
    assert pickle.loads(J).op is first
    again = Graph.from_json(Graph(second(Value(3.0))).to_json())
    assert again.replay().outputs[0].data == 45.0
    for unknown in (text.replace(op, f"{name}:{version}:{'0' * 12}"), of_another_python):
        with pytest.raises(ac.GraphError, match="unknown operation"):  # In the last one either may be meant.
            Graph.from_json(unknown)


ELSEWHERE = """
import sys
from autograd_core import Graph, Value, primitive

@primitive(partials=[lambda x, y: SLOPE])
def elsewhere(x):
    return SLOPE * x

text = sys.stdin.read()
if text:
    print(Graph.from_json(text).replay().outputs[0].data)
else:
    print(Graph(elsewhere(Value(3.0))).to_json())
"""


def test_another_process_takes_a_row_of_that_name_only_if_it_is_the_same() -> None:
    def run(slope: str, text: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", ELSEWHERE.replace("SLOPE", slope)]
        return subprocess.run(command, input=text, capture_output=True, text=True, check=False)

    text = run("2.0", "").stdout
    assert run("2.0", text).stdout == "6.0\n"
    assert "unknown operation" in run("4.0", text).stderr


def test_a_row_and_a_variable_of_one_name_are_two() -> None:
    @primitive(partials=[lambda x, y: 2.0 * x])
    def own(x: float) -> float:
        return x * x

    x = Value(3.0, "own")
    assert compile(own(x) * x, inputs=[x]).value_and_grad(3.0) == (27.0, 27.0)
    assert compile(lambda own_1: own(own_1))(3.0) == 9.0


K = 2.0


def test_a_global_that_changes_is_read_by_value_and_derivatives_alike() -> None:
    global K

    @primitive(partials=[lambda x, y: K * 2 * x])
    def scaled(x: float) -> float:
        return K * x * x

    x = Value(1.0, "x")
    program, function = compile(scaled(x), inputs=[x]), compile(scaled)
    try:
        for k in (2.0, 5.0, 2.0):
            K = k
            y = scaled(Value(3.0))
            assert (y.data, scaled.slopes[0](3.0, y.data)) == (9.0 * k, 6.0 * k)
            assert scaled.array_slopes[0](np.array([3.0]), y.data) == 6.0 * k
            assert grad(scaled)(3.0) == 6.0 * k
            assert grad(grad(scaled))(3.0) == 2.0 * k
            for compiled in (program, function):
                assert compiled.value_and_grad(3.0) == (9.0 * k, 6.0 * k)
                values, slopes = compiled.value_and_grad(np.array([1.0, 3.0]))
                assert (values.tolist(), slopes.tolist()) == ([k, 9.0 * k], [2.0 * k, 6.0 * k])
    finally:
        K = 2.0


def test_a_helper_may_be_defined_or_replaced_later() -> None:
    @primitive(partials=[lambda x, y: slope_of_it(x)])  # noqa: F821
    def squared(x: float) -> float:
        return x * x

    with pytest.raises(OperationError, match="NameError: name 'slope_of_it' is not defined"):
        grad(squared)(3.0)
    try:
        exec("def slope_of_it(x): return 2 * x", globals())
        assert grad(squared)(3.0) == 6.0
        exec("def slope_of_it(x): return halved(x) * 4\ndef halved(x): return x / 2", globals())
        assert grad(squared)(3.0) == 6.0
        assert grad(grad(squared))(3.0) == 2.0
        exec("def halved(x): return x / 4", globals())
        assert grad(squared)(3.0) == 3.0
    finally:
        globals().pop("slope_of_it", None)
        globals().pop("halved", None)


@pytest.mark.parametrize(
    ("partials", "said"),
    [
        (lambda x, y: 1.0, r"not a list of local derivatives: partials = function .*Write partials=\[lambda"),
        ([1.0], r"not a list of local derivatives: partials = list \[1\.0\]"),
        ([], "no local derivatives"),
        ([lambda x, y: 1.0] * 2, "wrong number of local derivatives: 2"),
    ],
)
def test_derivatives_that_are_none_are_refused(partials: Any, said: str) -> None:
    with pytest.raises(OperationError, match=said):

        @primitive(partials=partials)
        def identity(x: float) -> float:
            return x


@pytest.mark.parametrize("result", [(1.0, 2.0), [1.0], None, "1", 1j, np.array([1.0, 2.0])], ids=repr)
def test_a_result_that_is_not_one_number_is_refused(result: Any) -> None:
    @primitive(partials=[lambda x, y: 1.0])
    def strange(x: float) -> Any:
        return result

    for call in (lambda: strange(1.0), lambda: strange(Value(1.0)), lambda: grad(strange)(1.0)):
        with pytest.raises(OperationError, match="strange: gave .* for its value; expected one real number"):
            call()


def test_a_result_of_any_real_kind_is_a_number() -> None:
    @primitive(partials=[lambda x, y: 1.0])
    def next_whole(x: float) -> Any:
        return np.int64(x) + 1

    assert next_whole(2.5) == 3.0
    assert type(next_whole(Value(2.5)).data) is float


@pytest.mark.slow
@pytest.mark.parametrize("order", [1, 2])
def test_the_operation_of_the_guide_keeps_its_digits(order: int) -> None:
    """Its derivatives near 0, on floats, in batches and compiled, are those of sin(x)/x."""
    program = blocks(ROOT / "docs" / "howto" / "add-operation.md")[0].text
    names: dict[str, Any] = {}
    exec(program, names)
    slope = ac.derivative(names["sin_over_x"], order)
    xs = [10.0 ** (-8 + k / 10) for k in range(81)] + [-0.3, 0.49, 0.51, 5.0, 100.0]
    batch = compile(slope)(np.array(xs))
    for x, of_batch in zip(xs, batch, strict=True):
        with mp.workdps(60):
            right = float(mp.diff(lambda t: mp.sin(t) / t, mp.mpf(x), order))
        for got in (slope(x), of_batch, compile(slope)(x)):
            assert got == pytest.approx(right, rel=3e-14), x
