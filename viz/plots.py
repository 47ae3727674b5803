"""Plot training and models with matplotlib (the extra `plot`). Each function returns its Axes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from math import isfinite
from typing import TYPE_CHECKING, Any

import autograd_core
from autograd_core import Value, errstate, formula, gradients, no_grad
from autograd_core.base import extra, np
from autograd_core.calculus import SparseMatrix, column_colors
from autograd_core.errors import DataError, DataValueError

from .palette import ACCENT, LOCAL, VALUE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CURVE, SLOPE, POINT = VALUE, LOCAL, ACCENT
CLASSES = ("#0072b2", "#e69f00", "#cc79a7", "#009e73", "#56b4e9", "#d55e00", "#f0e442", "#555555")
"""Colors that color-blind readers can tell apart (Okabe and Ito)."""


def training_curves(history: Any, axes: Axes | None = None) -> Axes:
    """Plot each recorded number of a training run over the epochs, from a `History` or a dict of lists."""
    recorded = history if isinstance(history, Mapping) else getattr(history, "history", None)
    if not isinstance(recorded, Mapping) or not recorded:
        kind = type(history).__name__
        raise DataError(f"training_curves: not a history: got {kind}; expected a History or a dict.")
    axes = _axes(axes)
    for k, (name, numbers) in enumerate(recorded.items()):
        style = ("-", "--", ":", "-.")[k % 4]
        axes.plot(range(1, len(numbers) + 1), numbers, style, label=str(name))
    axes.set_xlabel("epoch")
    axes.legend()
    return axes


def activation(
    function: Callable[[Any], Any], low: float = -4.0, high: float = 4.0, axes: Axes | None = None
) -> Axes:
    """Plot an activation and its derivative, the latter dashed."""
    xs = _grid(low, high, 241, "activation")
    nodes = [Value(x) for x in xs]
    outputs = [function(x) for x in nodes]
    axes = _axes(axes)
    axes.set_title(_name_of(function))
    axes.plot(xs, [y.data for y in outputs], color=CURVE, label="value")
    slopes = [gradients(y, x) for x, y in zip(nodes, outputs, strict=True)]
    axes.plot(xs, slopes, "--", color=SLOPE, label="derivative")
    axes.axhline(0.0, color="0.8", linewidth=0.8, zorder=0)
    axes.legend()
    return axes


def taylor(
    function: Callable[[Any], Any],
    at: float,
    orders: Sequence[int] = (1, 2, 3),
    low: float | None = None,
    high: float | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Plot a function and its Taylor polynomials of these orders at a point, from `low` to `high`.

    By default the plot extends 3 to either side of the point.
    """
    orders = list(orders)
    series = autograd_core.taylor(function, at, max(orders, default=0))
    left, right = at - 3.0 if low is None else low, at + 3.0 if high is None else high
    xs = _grid(left, right, 241, "taylor")
    with no_grad(), errstate(all="ignore"):
        ys = [_number(function(x)) for x in xs]
    axes = _axes(axes)
    axes.plot(xs, ys, color=CURVE, label="function")
    axes.set_ylim(_with_margin(ys))
    for k, order in enumerate(orders):
        polynomial = [sum([c * (x - at) ** j for j, c in enumerate(series[: order + 1])]) for x in xs]
        axes.plot(xs, polynomial, ("--", ":", "-.")[k % 3], label=f"order {order}")
    axes.plot([at], [series[0]], "o", color=POINT)
    axes.legend()
    return axes


def decision_boundary(
    model: Callable[[list[float]], Any],
    points: Sequence[Sequence[float]],
    labels: Sequence[float],
    axes: Axes | None = None,
    steps: int = 60,
    threshold: float = 0.0,
) -> Axes:
    """Plot the predictions of a model with two inputs as colors, and the points by their labels.

    With one output, the colors show the output, and a line where it equals `threshold`: 0 for logits and
    scores, 0.5 for probabilities. With several, they show the class, the index of the largest. If the model
    has `predict`, as in nn, it predicts all points in one call.
    """
    points, labels = [list(map(float, point)) for point in points], list(map(float, labels))
    if not points or any(len(point) != 2 for point in points) or len(points) != len(labels):
        raise DataValueError("decision_boundary: expected points of two coordinates, and a label for each.")
    xs, ys = zip(*points, strict=True)
    across = _grid(min(xs) - 0.5, max(xs) + 0.5, steps, "decision_boundary")
    upwards = _grid(min(ys) - 0.5, max(ys) + 0.5, steps, "decision_boundary")
    axes = _axes(axes)
    outputs = _outputs(model, [[x, y] for y in upwards for x in across])
    kinds = sorted(set(labels))
    places = {label: float(k) for k, label in enumerate(kinds)}
    if outputs.shape[1] > 1:
        classes = _classes(outputs).reshape(len(upwards), len(across))
        last = max(outputs.shape[1], *(int(label) + 1 for label in kinds)) - 1
        places = {label: label for label in kinds}
        axes.pcolormesh(across, upwards, classes, cmap=_colors(last + 1), vmin=0, vmax=last, alpha=0.45)
        heights = [(classes == k) - 0.5 for k in range(outputs.shape[1] - 1)]
    else:
        last = max(len(kinds) - 1, 1)
        heights = [outputs.reshape(len(upwards), len(across)) - threshold]
        farthest = abs(heights[0]).max() or 1.0
        colors = _colors(2, mixed=True)
        axes.pcolormesh(across, upwards, heights[0], cmap=colors, vmin=-farthest, vmax=farthest, alpha=0.45)
    for height in heights:
        if height.min() < 0.0 < height.max():
            axes.contour(across, upwards, height, levels=[0.0], colors="black", linewidths=1.2)
    for marker, label in zip(cycle("osv^Dx"), kinds, strict=False):
        chosen = [point for point, other in zip(points, labels, strict=True) if other == label]
        style: Any = {"c": [places[label]] * len(chosen), "cmap": _colors(last + 1), "vmin": 0, "vmax": last}
        style |= {"marker": marker, "edgecolors": "black", "label": f"{label:g}"}
        axes.scatter(*zip(*chosen, strict=True), **style)
    axes.legend()
    return axes


def gradient_sizes(sizes: Any, axes: Axes | None = None) -> Axes:
    """Plot the size of each layer's gradient over training on a logarithmic scale.

    `sizes` is the callback `nn.GradientStatistics` after training, or a dict of lists by the layers' names.
    """
    sizes = getattr(sizes, "norms", sizes)
    if not isinstance(sizes, Mapping):
        raise DataError(
            f"gradient_sizes: not sizes: got {type(sizes).__name__}; expected GradientStatistics or a dict."
        )
    if not sizes:
        raise DataValueError("gradient_sizes: nothing to plot; expected sizes by the layers' names.")
    axes = _axes(axes)
    for k, (name, numbers) in enumerate(sizes.items()):
        axes.plot(range(1, len(numbers) + 1), numbers, ("-", "--", ":", "-.")[k % 4], label=str(name))
    axes.set_yscale("log")
    axes.set_xlabel("epoch")
    axes.set_ylabel("size of the gradient")
    # Lines of gradients cross the whole plot, so the legend is next to it.
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    return axes


def sparsity(matrix: Any, axes: Axes | None = None) -> Axes:
    """Plot the possibly nonzero entries of a sparse matrix; columns of one color share a sweep.

    `matrix` is the result of `jacobian` or `hessian` with `sparse=True`.
    """
    if callable(getattr(matrix, "tocoo", None)):
        entries = matrix.tocoo()
        rows, columns = entries.coords
    elif isinstance(matrix, SparseMatrix):
        rows, columns = matrix.rows, matrix.columns
    else:
        kind = type(matrix).__name__
        raise DataError(
            f"sparsity: not a sparse matrix: got {kind}; expected one from jacobian(..., sparse=True)."
        )
    height, width = matrix.shape
    pattern: list[list[int]] = [[] for _ in range(height)]
    for i, j in zip(rows, columns, strict=True):
        pattern[i].append(int(j))
    color = column_colors(pattern, width)
    axes = _axes(axes)
    size = max(1.0, 240.0 / max(height, width, 1)) ** 2 / 2.0
    axes.scatter(
        columns, rows, c=[color[j] for j in columns], cmap="tab10", marker="s", s=size, vmin=0, vmax=9
    )
    axes.set_xlim(-0.5, max(width, 1) - 0.5)
    axes.set_ylim(max(height, 1) - 0.5, -0.5)
    axes.set_aspect("equal")
    axes.set_title(f"{len(rows)} of {height * width} entries, {max(color, default=-1) + 1} sweeps")
    axes.set_xlabel("input")
    axes.set_ylabel("output")
    return axes


def loss_surface(
    loss: Callable[[float, float], Any],
    path: Sequence[Sequence[float]] = (),
    extent: tuple[float, float, float, float] = (-2.0, 2.0, -2.0, 2.0),
    axes: Axes | None = None,
    steps: int = 60,
    names: tuple[str, str] = ("first parameter", "second parameter"),
) -> Axes:
    """Plot the loss over two parameters as labeled contours, its least value, and an optimizer's path.

    The star marks the smallest plotted value; `names` label the axes.
    """
    left, right, bottom, top = extent
    path = [list(map(float, point)) for point in path]
    across, upwards = _grid(left, right, steps, "loss_surface"), _grid(bottom, top, steps, "loss_surface")
    with no_grad():
        heights = [[_number(loss(a, b)) for a in across] for b in upwards]
    axes = _axes(axes)
    axes.contourf(across, upwards, heights, levels=16, cmap="Blues", alpha=0.6)
    levels = axes.contour(across, upwards, heights, levels=8, colors="0.35", linewidths=0.6)
    axes.clabel(levels, fontsize=8, fmt="%.3g")
    axes.set_xlabel(names[0])
    axes.set_ylabel(names[1])
    if path:
        axes.plot([p[0] for p in path], [p[1] for p in path], "o-", color=SLOPE, markersize=3)
    finite = [
        (h, a, b) for row, b in zip(heights, upwards, strict=True) for h, a in zip(row, across, strict=True)
    ]
    if finite := [entry for entry in finite if isfinite(entry[0])]:
        _, a, b = min(finite)
        axes.plot(a, b, "*", color=POINT, markersize=12)
    return axes


def _name_of(function: Callable[[Any], Any]) -> str:
    """Return a function's name, or its formula in x if it has none."""
    name = getattr(function, "name", None) or getattr(function, "__name__", "")
    if name not in ("", "<lambda>"):
        return str(name)
    result = function(Value(0.5, "x"))
    return formula(result) if isinstance(result, Value) else ""


def _colors(count: float, mixed: bool = False) -> Any:
    """Return colors for `count` classes or, if `mixed`, all colors between two of them."""
    colors = extra("plot", "matplotlib.colors", "plots")
    if mixed:
        return colors.LinearSegmentedColormap.from_list("sides", [CLASSES[0], "#ffffff", CLASSES[1]])
    return colors.ListedColormap([CLASSES[k % len(CLASSES)] for k in range(int(count))])


def _axes(axes: Axes | None) -> Axes:
    made: Axes = extra("plot", "matplotlib.pyplot", "plots").subplots()[1] if axes is None else axes
    return made


def _grid(low: float, high: float, count: int, function: str) -> list[float]:
    if not low < high:
        raise DataValueError(f"{function}: from {low!r} to {high!r}; expected the smaller one first.")
    return [low + (high - low) * k / (count - 1) for k in range(count)]


def _with_margin(ys: Sequence[float]) -> tuple[float, float]:
    """Return the range of numbers, extended by a quarter; polynomials may leave it."""
    finite = [y for y in ys if isfinite(y)] or [0.0]
    margin = 0.25 * (max(finite) - min(finite)) or 1.0
    return min(finite) - margin, max(finite) + margin


def _outputs(model: Any, points: list[list[float]]) -> Any:
    """Return the outputs of a model for each point, one row each."""
    if callable(predict := getattr(model, "predict", None)):
        found = np.asarray(predict(points), dtype=np.float64)
    else:
        with no_grad():
            found = np.array([_numbers(model(point)) for point in points])
    return found.reshape(len(points), -1)


def _classes(outputs: Any) -> Any:
    """Return the index of the largest output in each row, or nan if one of them is nan."""
    return np.where(np.isnan(outputs).any(axis=1), np.nan, outputs.argmax(axis=1))


def _numbers(output: Any) -> list[float]:
    return [_number(part) for part in (output if isinstance(output, (list, tuple)) else [output])]


def _number(output: Any) -> float:
    return float(output.data if isinstance(output, Value) else output)
