"""Metrics: how good the predictions are, in numbers that people read. They take arrays and give a float."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from autograd_core import DataError, DataValueError

from .checks import brief, known, size
from .errors import TrainingWarning
from .lazy import np

Array = Any


def accuracy(predictions: Any, targets: Any, threshold: float | None = None) -> float:
    """The fraction of examples whose class is right.

    With several outputs the class is the place of the largest. With one output it is whether the output is
    above `threshold` (above 0 where the labels are -1 and +1): 0.5 is right for probabilities, 0 for logits.
    A `TrainingWarning` tells of outputs that are no probabilities where no threshold is given.

    >>> accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1])
    0.5
    """
    predictions, targets = _both(predictions, targets, "accuracy")
    return float(np.mean(classes(predictions, targets, threshold) == labels(predictions, targets)))


def classes(predictions: Array, targets: Array, threshold: float | None = None) -> Array:
    """The predicted classes, in the way the labels are written."""
    if predictions.ndim > 1 and predictions.shape[1] > 1:
        return predictions.argmax(axis=1)
    flat = predictions.reshape(len(predictions))
    if (targets == -1).any():
        return np.where(flat > 0.0, 1.0, -1.0)
    if threshold is None and ((flat < 0.0) | (flat > 1.0)).any():
        warnings.warn(
            "accuracy: the predictions are no probabilities, and are compared with 0.5; expected numbers "
            "from 0 to 1. For logits give threshold=0.0.",
            TrainingWarning,
            stacklevel=3,
        )
    return np.where(flat > (0.5 if threshold is None else threshold), 1.0, 0.0)


def labels(predictions: Array, targets: Array) -> Array:
    """The right classes; one-hot rows become their index."""
    if targets.ndim > 1 and targets.shape[1] > 1:
        return targets.argmax(axis=1)
    return targets.reshape(len(targets))


def mean_squared_error(predictions: Any, targets: Any) -> float:
    """The mean of (y - t)²."""
    predictions, targets = _both(predictions, targets, "mean_squared_error")
    return float(np.mean(np.square(predictions - targets.reshape(predictions.shape))))


def mean_absolute_error(predictions: Any, targets: Any) -> float:
    """The mean of |y - t|."""
    predictions, targets = _both(predictions, targets, "mean_absolute_error")
    return float(np.mean(np.abs(predictions - targets.reshape(predictions.shape))))


def r2_score(predictions: Any, targets: Any) -> float:
    """1 - Σ(y - t)² / Σ(t - mean t)²; nan where all targets are equal, since there is nothing to explain."""
    predictions, targets = _both(predictions, targets, "r2_score")
    targets = targets.reshape(predictions.shape)
    spread = float(np.sum(np.square(targets - targets.mean(axis=0))))
    return 1.0 - float(np.sum(np.square(predictions - targets))) / spread if spread > 0.0 else float("nan")


def confusion_matrix(predicted: Any, targets: Any, n_classes: int | None = None) -> Array:
    """How often class `row` was taken for class `column`, of classes or of what `predict` gives.

    Without `n_classes` there are as many as outputs, or as the largest class says.

    >>> confusion_matrix([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]], [1, 1, 0]).tolist()
    [[0, 1], [1, 1]]
    """
    who = "confusion_matrix"
    predicted, targets = _both(predicted, targets, who)
    outputs = predicted.shape[1] if predicted.ndim > 1 else 1
    right = labels(predicted, targets)
    taken = predicted.argmax(axis=1) if outputs > 1 else predicted.reshape(len(predicted))
    found = np.concatenate([right, taken])
    wrong = (found != found.astype(int)) | (found < 0)
    if wrong.any():
        raise DataValueError(
            f"{who}: no class: got {float(found[wrong][0])}; expected whole numbers from 0, or scores "
            "in a row for each example."
        )
    n = max(outputs, int(found.max()) + 1) if n_classes is None else size(n_classes, who, "n_classes")
    if found.max() >= n:
        raise DataValueError(f"{who}: no such class: got {int(found.max())}; expected 0 to {n - 1}.")
    matrix = np.zeros((n, n), dtype=int)
    np.add.at(matrix, (right.astype(int), taken.astype(int)), 1)
    return matrix


METRICS: dict[str, Callable[..., float]] = {
    "accuracy": accuracy, "mse": mean_squared_error, "mae": mean_absolute_error, "r2": r2_score,
}  # fmt: skip


def as_metrics(metrics: Any, threshold: float, who: str) -> dict[str, Callable[[Any, Any], float]]:
    """Metrics by name, from names and functions `(predictions, targets)`."""
    found: dict[str, Callable[[Any, Any], float]] = {}
    for metric in [metrics] if isinstance(metrics, str) or callable(metrics) else metrics:
        if metric == "accuracy" or metric is accuracy:
            found["accuracy"] = lambda p, t: accuracy(p, t, threshold)
        elif isinstance(metric, str):
            found[metric] = METRICS[known(metric, METRICS, who, "metric")]
        elif callable(metric):
            found[getattr(metric, "__name__", repr(metric))] = metric
        else:
            raise DataError(f"{who}: no metric: got {brief(metric)}; expected a name or a function.")
    return found


def _both(predictions: Any, targets: Any, who: str) -> tuple[Array, Array]:
    p, t = np.asarray(predictions, dtype=np.float64), np.asarray(targets, dtype=np.float64)
    if p.size == 0 or len(p) != len(t):
        raise DataValueError(
            f"{who}: {len(p)} predictions and {len(t)} targets; expected as many, at least one."
        )
    return p, t
