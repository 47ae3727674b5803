"""The widget of notebooks, from Python: its inputs, the leaves of the function, and the function there."""

import sys
import types

import pytest

from autograd_core import Value, errstate, log
from autograd_core.errors import AutogradError, DataError, DataValueError, MissingExtraError
from viz import stepper

GIVEN = {"x": 2.0, "b": 3.0}


def function(inputs):
    """Return a function of two inputs, with them."""
    x, b = (Value(inputs[name], name) for name in ("x", "b"))
    y = log(x * b)
    return y * y + x, {"x": x, "b": b}


@pytest.fixture
def linked():
    pytest.importorskip("anywidget")
    J, leaves = function(GIVEN)
    return stepper(J).widget(), leaves


def agrees(widget, leaves, inputs):
    """Say whether inputs, leaves, gradients and the output are those of the program run at the inputs."""
    with errstate(all="ignore"):
        J, own = function(inputs)
        J.backward()
    numbers = [(leaf.data, leaf.grad) for leaf in leaves.values()]
    wanted = [(leaf.data, leaf.grad) for leaf in own.values()]
    return (widget.inputs, repr(numbers), repr(widget.output.data)) == (inputs, repr(wanted), repr(J.data))


def test_a_new_widget_changes_nothing(linked):
    widget, leaves = linked
    assert widget.inputs == GIVEN
    assert [(leaf.data, leaf.grad) for leaf in leaves.values()] == [(2.0, 0.0), (3.0, 0.0)]
    state = widget.get_state()
    assert state["page"] == stepper(function(GIVEN)[0]).html
    assert state["title"] == "Steps of J"
    assert "export default" in state["_esm"]


@pytest.mark.parametrize("x", [4.0, 0.25, -1.0, 7])
def test_a_slider_sets_leaves_gradients_and_output(linked, x):
    widget, leaves = linked
    widget.set_state({"inputs": {"x": x, "b": 3.0}})  # As the notebook's page does.
    assert agrees(widget, leaves, {"x": x, "b": 3.0})
    widget.set_state({"inputs": {"x": 1.5, "b": 0.5}})
    assert agrees(widget, leaves, {"x": 1.5, "b": 0.5})


def test_an_input_that_is_set_moves_and_the_others_stay(linked):
    widget, leaves = linked
    seen = []
    widget.observe(lambda change: seen.append((change["new"], widget.output.data)), "inputs")
    widget.inputs = {"b": 5.0}
    assert agrees(widget, leaves, {"x": 2.0, "b": 5.0})
    assert seen == [({"x": 2.0, "b": 5.0}, widget.output.data)]


def test_a_leaf_that_the_program_sets_moves_its_slider_and_keeps_its_gradient(linked):
    widget, leaves = linked
    leaves["x"].data, leaves["x"].grad = 1.25, 7.0
    widget.refresh()
    assert widget.inputs == {"x": 1.25, "b": 3.0}
    assert widget.output.data == function(widget.inputs)[0].data
    assert leaves["x"].grad == 7.0


def test_ipython_refreshes_it_after_each_cell(monkeypatch):
    pytest.importorskip("anywidget")
    calls = []
    shell = types.SimpleNamespace(
        events=types.SimpleNamespace(register=lambda event, call: calls.append((event, call)))
    )
    J, leaves = function(GIVEN)
    page = stepper(J)
    page.widget()  # anywidget itself asks IPython for its shell when it is imported.
    monkeypatch.setattr(sys.modules["IPython"], "get_ipython", lambda: shell)
    widget = page.widget()
    ((event, call),) = calls
    leaves["b"].data = 1.0
    call(None)
    assert (event, widget.inputs) == ("post_run_cell", {"x": 2.0, "b": 1.0})


@pytest.mark.parametrize(
    ("inputs", "error", "message"),
    [
        ({"z": 1.0}, DataValueError, "not an input: 'z'; expected one of 'x', 'b'"),
        ({"x": "2"}, DataError, "not a finite number: x = '2'"),
        ({"x": None}, DataError, "not a finite number"),
        ({"b": 4.0, "x": float("nan")}, DataError, "not a finite number"),
    ],
)
def test_bad_inputs_change_nothing(linked, inputs, error, message):
    widget, leaves = linked
    with pytest.raises(error, match=message) as caught:
        widget.inputs = inputs
    assert isinstance(caught.value, AutogradError)
    assert [leaf.data for leaf in leaves.values()] == [2.0, 3.0]
    assert widget.inputs == GIVEN


def test_without_anywidget_the_error_names_the_extra(monkeypatch):
    from viz.stepper import widget

    widget._kind.cache_clear()
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(MissingExtraError, match=r"^stepper\.widget: .*'autograd-core\[widget\]'\.$"):
        stepper(function(GIVEN)[0]).widget()
