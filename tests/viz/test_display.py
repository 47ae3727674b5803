"""What a notebook shows: always text, a picture unless it is too large, never an error."""

import sys
import types

from autograd_core import Graph, Value
from autograd_core.graph import Changes
from nn import MLP, Residual
from viz import display
from viz.render.graphviz_drawing import Drawing

from .lecture import example


def test_nodes_graphs_and_models_have_a_picture():
    model = MLP(2, [3, 1], rng=0)
    J = example()
    for bundle in (display.of_value(J), display.of_graph(Graph(J)), display.of_model(model)):
        assert bundle["text/plain"]
        assert "<svg" in bundle["image/svg+xml"]


def test_a_graph_of_a_thousand_nodes_is_drawn_folded():
    y = Value(1.0, "x")
    for _ in range(500):
        y = y + 1.0
    assert "folded into 2 boxes" in " ".join(display.of_value(y)["image/svg+xml"].split())


def test_a_large_graph_is_text():
    y = Value(1.0, "x")
    for _ in range(display.LARGEST):
        y = y + 1.0
    assert set(display.of_value(y)) == {"text/plain"}
    assert set(display.of_graph(Graph(y))) == {"text/plain"}


def test_f22_a_display_never_raises(monkeypatch):
    def fail(*arguments, **options):
        raise RuntimeError("broken")

    monkeypatch.setattr(Drawing, "picture", fail)
    assert set(display.of_value(example())) == {"text/plain"}
    assert set(display.of_model(Residual)) == {"text/plain"}


def test_a_running_ipython_is_told(monkeypatch):
    told = []

    class Formatter:
        def for_type(self, kind, function):
            told.append(kind)

        def for_type_by_name(self, module, name, function):
            told.append(f"{module}.{name}")

    shell = types.SimpleNamespace(display_formatter=types.SimpleNamespace(mimebundle_formatter=Formatter()))
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    display.register()
    assert told == [Value, Graph, Changes, "nn.modules.module.Module"]
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: None))
    display.register()
    assert len(told) == 4
