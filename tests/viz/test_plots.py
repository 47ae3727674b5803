"""Plots return their Axes and show the numbers they were given."""

import sys

import pytest

from autograd_core import Value, tanh
from autograd_core.errors import DataError, DataValueError, MissingExtraError
from nn import MLP, GradientStatistics
from nn.data import moons
from viz import plots

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def closed():
    yield
    from matplotlib import pyplot

    pyplot.close("all")


def test_each_returns_its_axes_with_the_numbers():
    axes = plots.training_curves({"loss": [3.0, 2.0, 1.0], "val_loss": [3.0, 2.5, 2.0]})
    assert list(axes.lines[0].get_ydata()) == [3.0, 2.0, 1.0]
    axes = plots.activation(tanh)
    assert axes.lines[1].get_ydata()[120] == 1.0
    axes = plots.gradient_sizes({"first": [1e-3, 1e-4], "last": [1.0, 0.5]})
    assert axes.get_yscale() == "log"
    path = [(1.5, 1.0), (0.5, 0.2), (0.0, 0.0)]
    axes = plots.loss_surface(lambda a, b: Value(a) ** 2 + 3 * b**2, path, steps=12)
    assert len(axes.lines) == 2
    model = MLP(2, [3, 1], rng=0)
    axes = plots.decision_boundary(model, [(0, 0), (1, 1), (0, 1)], [0, 0, 1], steps=8)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["0", "1"]
    assert plots.activation(tanh, axes=axes) is axes


def test_they_take_what_training_gives():
    x, y = moons(12, seed=0)
    model, statistics = MLP(2, [3, 1], rng=0), GradientStatistics()
    history = model.fit(x, y, epochs=3, callbacks=[statistics], seed=0, verbose=0)
    assert list(plots.training_curves(history).lines[0].get_ydata()) == history.history["loss"]
    first = plots.gradient_sizes(statistics).lines[0]
    assert list(first.get_ydata()) == statistics.norms[first.get_label()]
    assert len(plots.decision_boundary(model, x, y, steps=8).get_legend().get_texts()) == 2
    assert len(plots.loss_surface(lambda a, b: a * a + b * b, x[:3], steps=8).lines) == 2


def test_the_boundary_stands_at_the_threshold():
    points, labels = [(0.0, 0.0), (1.0, 0.0)], [0, 1]

    def lines(threshold):
        axes = plots.decision_boundary(lambda p: p[0], points, labels, steps=9, threshold=threshold)
        (line,) = [c for c in axes.collections if type(c).__name__ == "QuadContourSet"]
        return line.get_paths()[0].vertices[:, 0]

    assert lines(0.5) == pytest.approx(0.5)
    assert lines(0.0) == pytest.approx(0.0)


def test_bad_input_is_refused():
    with pytest.raises(DataError, match="no history"):
        plots.training_curves(3)
    with pytest.raises(DataValueError, match="two coordinates"):
        plots.decision_boundary(lambda x: 0.0, [(1, 2, 3)], [1])
    with pytest.raises(DataValueError, match="the smaller one first"):
        plots.activation(tanh, 2.0, 1.0)
    with pytest.raises(DataError, match="no sizes: got int"):
        plots.gradient_sizes(3)
    with pytest.raises(DataValueError, match="nothing to plot"):
        plots.gradient_sizes({})


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"autograd-core\[plot\]"):
        plots.gradient_sizes({"a": [1.0]})
