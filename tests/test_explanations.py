"""What an interactive prompt shows: `help` for every operation and method, and readable results."""

import doctest
import inspect
import math
import pydoc
import re

import pytest

import autograd_core
import nn
import viz
from autograd_core import TABLE, Graph, Value, compile, errstate, gradcheck, parse, primitive, sin
from autograd_core.formulas.tokens_and_corrections import repaired
from tests.reference import REFERENCES


@pytest.mark.parametrize("name", TABLE)
def test_every_operation_has_a_docstring_made_from_its_row(name):
    row, text = TABLE[name], inspect.getdoc(TABLE[name])
    head, slopes, told, example = text.removeprefix(f"{row.about}\n\n").split("\n\n")
    assert head.startswith(f"{name}(")
    assert " = " in head
    arguments = row.arity or len(slopes.splitlines())
    assert len(slopes.splitlines()) == arguments
    assert all(line.strip().startswith("∂") for line in slopes.splitlines())
    assert f"Domain: {row.domain}." in told
    assert "argument" in told or "gives" in told
    assert told.count("\nAt ") == len(row.awkward)
    assert example.startswith(f">>> {name}(")


def test_the_result_is_not_called_like_an_argument():
    for name, row in TABLE.items():
        called = inspect.getdoc(row).partition(": ")[2].partition(" = ")[0]
        assert called not in row.names, name


@pytest.mark.parametrize("name", TABLE)
def test_the_examples_of_docstrings_run(name):
    text, names = inspect.getdoc(TABLE[name]), {name: TABLE[name]}
    examples = doctest.DocTestParser().get_doctest(text, names, name, None, 0)
    assert examples.examples
    assert doctest.DocTestRunner(verbose=False).run(examples).failed == 0


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.definition])
def test_a_definition_is_what_the_row_computes(name):
    row, checked = TABLE[name], 0
    names = row.names if row.arity else ("a1", "a2", "b1", "b2") if row.sequences == 2 else ("x1", "x2", "x3")
    others = [(0.3, -0.7, 0.45, 1.2), (1.3, 0.7, -0.45, 0.2), (-0.4, 0.5, 0.9, 1.1)]
    for point in [*REFERENCES[name].points, *others]:
        xs = point[: len(names)]
        if len(xs) < len(names) or not all(1e-2 < abs(x) < 20 for x in xs):
            continue
        text, used = repaired(row.definition) or row.definition, {}
        for i, (argument, x) in enumerate(zip(names, xs, strict=True)):
            text, count = re.subn(rf"\b{argument}\b(?!\()", f"u{i}", text)
            used |= {f"u{i}": x} if count else {}
        with errstate(all="ignore"):
            found = parse(text, used).data
        if math.isfinite(row.value_at(xs)):
            assert found == pytest.approx(row.value_at(xs), rel=1e-6, abs=1e-12), (text, xs)
            checked += 1
    assert checked


def test_kinks_of_the_table_are_told():
    """Every row whose slopes jump somewhere says which slope is used there."""
    kinks = ("relu", "abs", "maximum", "max", "sqrt", "hypot", "clip", "leaky_relu", "asin", "norm", "floor")
    for name in kinks:
        assert "\nAt " in inspect.getdoc(TABLE[name])
    assert "At x = 0: y = 0, ∂y/∂x = 0." in inspect.getdoc(TABLE["relu"])
    assert "∂y/∂a = 0.5, ∂y/∂b = 0.5" in inspect.getdoc(TABLE["maximum"])


def test_help_shows_it():
    assert "∂y/∂x = cos x" in pydoc.render_doc(sin)
    assert "One row" in inspect.getdoc(type(sin))


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.arity is not None])
def test_every_operation_has_a_signature(name):
    row = TABLE[name]
    parameters = inspect.signature(row).parameters
    assert tuple(parameters) == row.names
    given = [p.default for p in parameters.values() if p.default is not p.empty]
    assert tuple(given) == row.defaults
    assert inspect.getdoc(row).removeprefix(f"{row.about}\n\n").startswith(f"{row.signature}: ")


@pytest.mark.parametrize("name", TABLE)
def test_every_method_of_a_node_has_a_docstring(name):
    assert name in inspect.getdoc(getattr(Value(1.0), name))


def test_an_operation_of_ones_own_has_its_docstring_and_the_rest():
    @primitive(partials=[lambda x, y: 3 * x**2])
    def cube_of(x):
        """The cube."""
        return x * x * x

    try:
        assert inspect.getdoc(cube_of).startswith("The cube.\n\ncube_of(x): y = cube_of x\n\n    ∂y/∂x = 3x²")
    finally:
        del TABLE["cube_of"], Value.cube_of


@pytest.mark.parametrize("name", ["fit", "evaluate", "predict"])
def test_methods_show_the_options_of_the_functions_they_hand_over_to(name):
    function, method = getattr(nn, name), getattr(nn.MLP(1, [1]), name)
    assert [*inspect.signature(method).parameters] == [*inspect.signature(function).parameters][1:]
    assert inspect.getdoc(method) == inspect.getdoc(function)


def test_results_show_themselves_at_a_prompt():
    x = Value(2.0, "x")
    J = sin(x) * x
    report = gradcheck(lambda x: x * x, 2.0)
    assert repr(report) == str(report)
    assert "verdict" in repr(report)
    summary = nn.MLP(2, [3, 1]).summary()
    assert repr(summary) == str(summary) == summary
    assert len(repr(Graph(J).explain(x)).splitlines()) == 4
    assert repr(viz.draw_dot(J)) == "<drawing with 3 edges: .view() opens it, .render('graph') writes it>"
    assert repr(compile(J).explain()) == str(compile(J).explain())


def test_no_result_of_a_public_function_shows_an_address():
    x = Value(2.0, "x")
    J = sin(x) * x
    model = nn.MLP(2, [3, 1])
    things = [J, Graph(J), compile(J), viz.stepper(J), viz.draw_dot(J), viz.draw_network(model), model]
    things += [autograd_core.steps(J), Graph(J).stats(), gradcheck(sin, 1.0), *model.weights().values(), sin]
    assert [repr(thing) for thing in things if " at 0x" in repr(thing)] == []
