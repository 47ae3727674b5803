"""Plots return their Axes and show the given numbers."""

import math
import sys

import numpy as np
import pytest

from autograd_core import Value, jacobian, tanh
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


def test_taylor_polynomials_meet_the_function_at_the_point():
    axes = plots.taylor(lambda x: x**3, at=1.0, orders=[1, 3], low=-1.0, high=3.0)
    function, line, cubic, point = axes.lines
    assert (line.get_ydata()[120], line.get_ydata()[-1]) == (1.0, 7.0)
    assert list(cubic.get_ydata()) == pytest.approx(list(function.get_ydata()), abs=1e-12)
    assert (point.get_xdata()[0], point.get_ydata()[0]) == (1.0, 1.0)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["function", "order 1", "order 3"]
    with pytest.raises(DataValueError, match="expected the smaller one first"):
        plots.taylor(lambda x: x, at=0.0, low=1.0, high=-1.0)


def test_a_sparse_pattern_has_a_color_for_each_sweep():
    chain = jacobian(lambda x: [x[i] * x[i + 1] for i in range(5)], sparse=True)([1.0] * 6)
    axes = plots.sparsity(chain)
    places = {tuple(map(int, place)) for place in axes.collections[0].get_offsets()}
    assert places == {(j, i) for i in range(5) for j in (i, i + 1)}
    assert axes.get_title() == "10 of 30 entries, 2 sweeps"
    assert len(set(axes.collections[0].get_array())) == 2
    with pytest.raises(DataError, match="not a sparse matrix"):
        plots.sparsity([[1.0]])


def test_they_take_what_training_gives():
    x, y = moons(12, seed=0)
    model, statistics = MLP(2, [3, 1], rng=0), GradientStatistics()
    history = model.fit(x, y, epochs=3, callbacks=[statistics], seed=0, verbose=0)
    assert list(plots.training_curves(history).lines[0].get_ydata()) == history.history["loss"]
    first = plots.gradient_sizes(statistics).lines[0]
    assert list(first.get_ydata()) == statistics.norms[first.get_label()]
    assert len(plots.decision_boundary(model, x, y, steps=8).get_legend().get_texts()) == 2
    assert len(plots.loss_surface(lambda a, b: a * a + b * b, x[:3], steps=8).lines) == 2


def test_no_legend_of_gradient_sizes_covers_a_line():
    axes = plots.gradient_sizes({f"layer {k}": [10.0**-k, 10.0 ** (k - 4)] for k in range(6)})
    axes.figure.canvas.draw()
    assert axes.get_legend().get_window_extent().x0 >= axes.get_window_extent().x1


def test_an_activation_without_a_name_is_titled_by_its_formula():
    assert plots.activation(tanh).get_title() == "tanh"
    assert plots.activation(lambda x: x * x.sigmoid()).get_title() == "x·sigmoid(x)"


def test_classes_are_told_apart_by_color_and_by_marker():
    points = [(0.0, 0.0), (1.0, 0.0), (0.5, 1.0)]
    axes = plots.decision_boundary(lambda p: [p[0], p[1], 0.3], points, [0, 1, 2], steps=8)
    colors = axes.collections[0].cmap([0, 1, 2])[:, :3]
    for a in range(3):
        for b in range(a):
            assert np.abs(colors[a] - colors[b]).max() > 0.35


def test_a_loss_surface_has_names_levels_and_its_star_at_the_minimum():
    path = [(1.5, 1.0), (1.0, 0.5)]
    axes = plots.loss_surface(lambda a, b: (a - 0.5) ** 2 + (b + 1) ** 2, path, steps=81, names=("w", "b"))
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("w", "b")
    assert len(axes.texts) > 2, "levels"
    star = axes.lines[-1]
    assert (star.get_xdata()[0], star.get_ydata()[0]) == pytest.approx((0.5, -1.0))


def test_the_boundary_stands_at_the_threshold():
    points, labels = [(0.0, 0.0), (1.0, 0.0)], [0, 1]

    def lines(threshold):
        axes = plots.decision_boundary(lambda p: p[0], points, labels, steps=9, threshold=threshold)
        (line,) = [c for c in axes.collections if type(c).__name__ == "QuadContourSet"]
        return line.get_paths()[0].vertices[:, 0]

    assert lines(0.5) == pytest.approx(0.5)
    assert lines(0.0) == pytest.approx(0.0)


def test_three_classes_are_drawn_as_classes_and_asked_for_at_once():
    class Model:
        def __init__(self):
            self.asked = []

        def __call__(self, point):
            raise AssertionError("one by one")

        def predict(self, x):
            self.asked.append(len(x))
            return [[-5.0, p[0] + 5.0, 2.0 * p[1] + 5.0] for p in x]

    model, points = Model(), [(0.0, 0.0), (1.0, 0.0), (0.5, 1.0)]
    axes = plots.decision_boundary(model, points, [0, 1, 2], steps=9)
    assert model.asked == [81]
    mesh = axes.collections[0]
    assert (mesh.norm.vmin, mesh.norm.vmax) == (0, 2)
    classes = mesh.get_array().reshape(9, 9)
    across, upwards = np.meshgrid(np.linspace(-0.5, 1.5, 9), np.linspace(-0.5, 1.5, 9))
    assert np.array_equal(classes, np.where(2.0 * upwards > across, 2, 1))
    dots = [c for c in axes.collections if type(c).__name__ == "PathCollection"]
    assert [c.get_array().tolist() for c in dots] == [[0], [1], [2]]
    one_by_one = plots.decision_boundary(lambda p: model.predict([p])[0], points, [0, 1, 2], steps=9)
    assert np.array_equal(one_by_one.collections[0].get_array().reshape(9, 9), classes)


def test_a_nan_is_not_drawn_as_a_class():
    axes = plots.decision_boundary(lambda p: [math.nan, 1.0], [(0, 0), (1, 1)], [0, 1], steps=3)
    assert np.isnan(axes.collections[0].get_array().filled(math.nan)).all()


def test_bad_input_is_refused():
    with pytest.raises(DataError, match="not a history"):
        plots.training_curves(3)
    with pytest.raises(DataValueError, match="two coordinates"):
        plots.decision_boundary(lambda x: 0.0, [(1, 2, 3)], [1])
    with pytest.raises(DataValueError, match="the smaller one first"):
        plots.activation(tanh, 2.0, 1.0)
    with pytest.raises(DataError, match="not sizes: got int"):
        plots.gradient_sizes(3)
    with pytest.raises(DataValueError, match="nothing to plot"):
        plots.gradient_sizes({})


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(MissingExtraError, match=r"autograd-core\[plot\]"):
        plots.gradient_sizes({"a": [1.0]})
