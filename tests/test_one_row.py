"""Adding an operation takes one row and one line of foreign forms, and no other edit."""

import ast
import copy
import math
import pickle
import re
from pathlib import Path

import numpy as np
import pytest

import viz
from autograd_core import TABLE, Graph, Value, compile, formula, gradcheck, gradients, parse, steps
from autograd_core.kernel.apply import add_method
from autograd_core.operations.operation import Notation, Operation, register
from autograd_core.operations.table import tanh

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("autograd_core", "nn", "viz")
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
ROW, FORMS = "autograd_core/operations/table.py", "autograd_core/operations/foreign_forms.py"
SPECIAL_ROWS, SPECIAL_FUNCTIONS = (
    "autograd_core/operations/special_table.py",
    "autograd_core/base/special/__init__.py",
)
OTHER_MEANINGS = {
    *("add", "clip", "dot", "equal", "log", "max", "mean", "min", "square", "sum", "threshold"),
    *("beta", "gamma", "zeta", "i1"),
}
"""Names of rows that are more often something else: a reduction, an option, a Greek letter."""
NAMED_ELSEWHERE = {
    "autograd_core/compile/arrays/native_statements.py": {"maximum", "mul"},  # steps of statements
    "autograd_core/formulas/tokens_and_corrections.py": {"sign"},  # a kind of token
    "autograd_core/graph/other_tools.py": {"abs", "floor", "round", "sign"},  # SymPy's, made for real numbers
    "nn/io/torch.py": {"LogSoftmax", "Softmax", "Softplus"},  # they have other options there
    "nn/losses/criteria.py": {"huber"},  # a loss
    "nn/modules/activations.py": {"GELU", "LogSoftmax", "Softmax", "Softplus", "tanh"},  # own options
    "nn/modules/layers.py": {"relu"},  # a default
    "nn/modules/images.py": {"relu"},  # an initializer
    "nn/modules/recurrent.py": {"relu", "tanh"},  # the two that PyTorch's RNNCell has
    "nn/optim/schedules.py": {"cos"},  # the shape of a curve
    "nn/sklearn.py": {"relu"},
    "viz/drawing/boxes.py": {"round"},  # what a line of a box shows
    # Which functions a question is about, and what students take for what, are facts about teaching.
    "viz/teaching/algorithm_properties.py": {"abs", "relu"},
    "viz/teaching/sampling.py": {"abs", "maximum", "minimum", "mul", "relu"},
    "viz/teaching/mistakes.py": {"div", "maximum", "minimum", "mul", "neg", "pow", "relu", "sub"},
    "viz/teaching/networks.py": {"relu", "sigmoid", "tanh"},
}


@pytest.fixture
def logcosh():
    """Add the row log cosh x, in a form that does not overflow, and remove it after the test."""
    row = register(
        Operation(
            "logcosh",
            lambda x: abs(x) + math.log1p(math.exp(-2.0 * abs(x))) - math.log(2.0),
            (lambda x, y: tanh(x),),
            notation=Notation(latex=r"\log\cosh"),
        )
    )
    add_method(row)
    yield row
    del TABLE["logcosh"], Value.logcosh


def exact(x, order=0):
    """Compute log cosh and its derivatives from the textbook formulas."""
    t = math.tanh(x)
    return [math.log(math.cosh(x)), t, 1 - t * t, -2 * t * (1 - t * t)][order]


def test_it_runs_as_function_and_method_on_numbers_and_nodes(logcosh):
    x = Value(0.7, "x")
    assert logcosh(0.7) == logcosh(x).data == x.logcosh().data == pytest.approx(exact(0.7), rel=1e-15)
    assert logcosh(Value(1000.0)).data == 1000.0 - math.log(2.0)


def test_it_runs_on_arrays_and_inside_object_arrays(logcosh):
    points = np.linspace(-3.0, 3.0, 7)
    np.testing.assert_allclose(logcosh(points), [exact(x) for x in points], rtol=1e-15)
    assert [v.data for v in logcosh(np.array([Value(0.5), Value(1.5)], dtype=object))] == [
        logcosh(0.5),
        logcosh(1.5),
    ]


def test_it_has_derivatives_of_every_order(logcosh):
    x = Value(0.7)
    y = x.logcosh()
    for order in (1, 2, 3):
        y = gradients(y, x, create_graph=True)
        assert y.data == pytest.approx(exact(0.7, order), rel=1e-14)
    assert gradcheck(lambda x: x.logcosh() * x, (0.7,))


def test_it_is_read_printed_stepped_and_drawn(logcosh):
    J = parse("logcosh(x)**2", {"x": 0.7})
    assert formula(Value(0.7, "x").logcosh()) == "logcosh x"
    assert r"\log\cosh" in formula(Value(0.7, "x").logcosh(), "latex")
    assert "tanh x" in str(steps(J))
    assert "logcosh" in viz.draw_dot(J).source


def test_it_is_copied_pickled_exchanged_and_replayed(logcosh):
    J = parse("logcosh(x) + x", {"x": 0.7})
    graph = Graph(J)
    assert copy.deepcopy(J).data == pickle.loads(pickle.dumps(J)).data == J.data
    assert Graph.from_json(graph.to_json()).outputs[0].data == J.data
    assert graph.replay(x=2.0).outputs[0].data == logcosh(2.0) + 2.0


def test_it_is_compiled(logcosh):
    x = Value(0.7, "x")
    program = compile(x.logcosh() * x, inputs=[x])
    value, slope = program.value_and_grad(2.0)
    assert value == logcosh(2.0) * 2.0
    assert slope == pytest.approx(exact(2.0) + 2.0 * exact(2.0, 1), rel=1e-14)
    np.testing.assert_allclose(program(np.array([0.7, 2.0])[:, None]), [exact(0.7) * 0.7, exact(2.0) * 2.0])


def names_in(path):
    """Yield the line and the text of each string in a file that is the name of a row, or of its module."""
    modules = {row.module for row in TABLE.values()} - {""}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and (text in modules or (text in TABLE and text not in OTHER_MEANINGS)):
            yield node.lineno, text


@pytest.mark.slow
@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_operations_are_named_in_their_rows_only(path):
    name = path.relative_to(ROOT).as_posix()
    if name in (ROW, SPECIAL_ROWS, SPECIAL_FUNCTIONS, FORMS):
        return
    found = [(line, text) for line, text in names_in(path) if text not in NAMED_ELSEWHERE.get(name, ())]
    assert found == [], (
        "a list of operations says of them what their rows should say: make it a field of Operation "
        "(operations/operation.py), set it in the rows (operations/table.py), and read it here"
    )


def test_an_activation_is_named_in_two_files():
    texts = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in SOURCES}
    for ending in ("c", "js"):
        library = ROOT / f"autograd_core/compile/emit/library.{ending}"
        texts[library.name] = library.read_text(encoding="utf-8")
    named = [name for name, text in texts.items() if re.search(r"\bmish\b", text, re.IGNORECASE)]
    assert named == [FORMS, ROW]


def test_every_row_has_its_line_of_foreign_forms():
    missing = [row.name for row in TABLE.values() if not row.built_in]
    assert missing == [], f"add a line for each of them to {FORMS}"
