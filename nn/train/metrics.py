"""Metrics of the quality of predictions. They take arrays and return a float."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from autograd_core import DataError, DataValueError
from autograd_core.base import elements, floats_of, np, real

from ..checks import brief, known, size
from ..errors import TrainingWarning

if TYPE_CHECKING:
    from ..types import ArrayLike

Array = Any


def accuracy(y_true: ArrayLike, y_pred: ArrayLike, threshold: float | None = None) -> float:
    """Return the fraction of examples whose class is right.

    `y_true` has labels, or a row for each example: one-hot, or the probabilities of the classes. `y_pred` has
    labels, or rows of scores, of which the largest counts, or for two classes a single score, which is
    compared with `threshold` (with 0 if the labels are -1 and +1): use 0.5 for probabilities, 0 for logits.
    Without a threshold, scores that are not probabilities cause a `TrainingWarning`. Raises `DataValueError`
    for nan, and for rows with several classes.

    >>> accuracy([1, 1], [[0.1, 0.9], [0.8, 0.2]])
    0.5
    """
    who = "accuracy"
    t, p = _both(y_true, y_pred, who)
    right = labels(t, who)
    taken = _best(p, right, who) if p.ndim > 1 else classes(p, right, threshold, who)
    return float(np.mean(taken == right))


def labels(y_true: Array, who: str) -> Array:
    """Return the right classes: whole-number labels, or the index of the largest number in each row."""
    _refuse_nan(y_true, who, "y_true")
    if y_true.ndim == 1:
        if (wrong := y_true != np.floor(y_true)).any():
            raise DataValueError(
                f"{who}: not a label: y_true has {float(y_true[wrong][0])}; expected whole numbers. "
                f"The order is {who}(y_true, y_pred)."
            )
        return y_true
    _refuse_several(y_true, who, "y_true")
    largest = y_true == y_true.max(axis=1, keepdims=True)
    shares = (y_true >= 0.0).all(axis=1) & (np.abs(y_true.sum(axis=1) - 1.0) <= 1e-6)
    wrong = ~shares | (largest.sum(axis=1) != 1)
    if wrong.any():
        raise DataValueError(
            f"{who}: not a class: y_true has the row {brief(y_true[wrong][0].tolist())}; expected one-hot "
            f"rows or probabilities. The order is {who}(y_true, y_pred)."
        )
    return y_true.argmax(axis=1)


def classes(y_pred: Array, right: Array, threshold: float | None, who: str) -> Array:
    """Return the predicted classes, from labels, or from a single score for two classes."""
    _refuse_nan(y_pred, who, "y_pred")
    whole, names = (y_pred == np.floor(y_pred)).all(), set(np.unique(right).tolist())
    if -1.0 in names and names <= {-1.0, 1.0}:
        return np.where(y_pred > 0.0, 1.0, -1.0)
    scores = names <= {0.0, 1.0} and (threshold is not None or not whole or bool((y_pred < 0.0).any()))
    if not scores:
        if not whole:
            raise DataValueError(
                f"{who}: not labels: y_pred has {float(y_pred[y_pred != np.floor(y_pred)][0])}; expected "
                "labels or rows of scores, because y_true does not have exactly two classes."
            )
        return y_pred
    if threshold is None and ((y_pred < 0.0) | (y_pred > 1.0)).any():
        warnings.warn(
            "accuracy: the predictions are not probabilities but are compared with 0.5; expected numbers "
            "from 0 to 1. For logits, pass threshold=0.0.",
            TrainingWarning,
            stacklevel=3,
        )
    return np.where(y_pred > (0.5 if threshold is None else real(threshold, f"{who}: threshold")), 1.0, 0.0)


def _best(y_pred: Array, right: Array, who: str) -> Array:
    """Return the index of the largest score in each row, the first if tied."""
    _refuse_nan(y_pred, who, "y_pred")
    _refuse_several(y_pred, who, "y_pred")
    if (wrong := (right < 0) | (right >= y_pred.shape[1])).any():
        raise DataValueError(
            f"{who}: class out of range: y_true has {float(right[wrong][0]):g}; expected 0 to "
            f"{y_pred.shape[1] - 1}, because y_pred has rows of {y_pred.shape[1]}."
        )
    return y_pred.argmax(axis=1)


def mean_squared_error(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return the mean of (y - t)²; nan if any number is nan."""
    t, p = _paired(y_true, y_pred, "mean_squared_error")
    return float(np.mean(np.square(p - t)))


def mean_absolute_error(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return the mean of |y - t|; nan if any number is nan."""
    t, p = _paired(y_true, y_pred, "mean_absolute_error")
    return float(np.mean(np.abs(p - t)))


def r2_score(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return 1 - Σ(y - t)² / Σ(t - mean t)², averaged over outputs.

    It is nan if all targets are equal, since there is nothing to explain.
    """
    t, p = _paired(y_true, y_pred, "r2_score")
    spread = np.sum(np.square(t - t.mean(axis=0)), axis=0)
    wrong = np.sum(np.square(p - t), axis=0)
    return float(np.mean(1.0 - wrong / spread)) if (spread > 0.0).all() else float("nan")


def confusion_matrix(y_true: ArrayLike, y_pred: ArrayLike, n_classes: int | None = None) -> Array:
    """Count how often class `row` was predicted as class `column`, from classes or outputs of `predict`.

    The default `n_classes` is the number of outputs, or the largest class plus 1.

    >>> confusion_matrix([1, 1, 0], [[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]]).tolist()
    [[0, 1], [1, 1]]
    """
    who = "confusion_matrix"
    t, p = _both(y_true, y_pred, who)
    right = labels(t, who)
    outputs = max(x.shape[1] if x.ndim > 1 else 1 for x in (t, p))
    taken = _best(p, right, who) if p.ndim > 1 else p
    found = np.concatenate([right, taken])
    wrong = (found != np.floor(found)) | (found < 0) | ~np.isfinite(found)
    if wrong.any():
        raise DataValueError(
            f"{who}: not a class: got {float(found[wrong][0])}; expected whole numbers from 0, or a row "
            "of scores for each example."
        )
    n = max(outputs, int(found.max()) + 1) if n_classes is None else size(n_classes, who, "n_classes")
    if found.max() >= n:
        raise DataValueError(f"{who}: class out of range: got {int(found.max())}; expected 0 to {n - 1}.")
    matrix = np.zeros((n, n), dtype=int)
    np.add.at(matrix, (right.astype(int), taken.astype(int)), 1)
    return matrix


METRICS: dict[str, Callable[..., float]] = {
    "accuracy": accuracy, "mse": mean_squared_error, "mae": mean_absolute_error, "r2": r2_score,
}  # fmt: skip


def as_metrics(metrics: Any, criterion: Any, who: str) -> dict[str, Callable[[Any, Any], float]]:
    """Return metrics by name, from names and functions `(y_true, y_pred)`, for a model with this loss."""
    found: dict[str, Callable[[Any, Any], float]] = {}
    one = isinstance(metrics, str) or callable(metrics)
    for metric in [metrics] if one else elements(metrics, who, "metrics", "names and functions"):
        if metric is accuracy or (isinstance(metric, str) and metric == "accuracy"):
            found["accuracy"] = partial(_accuracy_with, criterion)
        elif isinstance(metric, str):
            found[metric] = METRICS[known(metric, METRICS, who, "metric")]
        elif callable(metric):
            found[getattr(metric, "__name__", repr(metric))] = metric
        else:
            raise DataError(f"{who}: not a metric: got {brief(metric)}; expected a name or a function.")
    return found


def _accuracy_with(criterion: Any, y_true: Array, y_pred: Array) -> float:
    """Return the accuracy at the loss's threshold, without examples that it ignores; nan if none is left."""
    ignored = getattr(criterion, "ignore_index", None)
    if ignored is not None and y_true.size == len(y_true):
        counted = y_true.reshape(len(y_true)) != ignored
        y_true, y_pred = y_true[counted], y_pred[counted]
    if not len(y_true) or np.isnan(y_pred).any():
        return float("nan")
    return accuracy(y_true, y_pred, getattr(criterion, "threshold", 0.5))


def _both(y_true: ArrayLike, y_pred: ArrayLike, who: str) -> tuple[Array, Array]:
    """Return two arrays with equally many examples; rows of one number become that number."""
    t, p = _array(y_true, who, "y_true"), _array(y_pred, who, "y_pred")
    if t.size == 0 or p.size == 0 or len(p) != len(t):
        raise DataValueError(
            f"{who}: {len(p)} predictions and {len(t)} targets; expected one each, at least one."
        )
    return t, p


def _array(numbers: Any, who: str, name: str) -> Array:
    array = floats_of(numbers, f"{who}: {name}")
    if array.ndim == 0:
        raise DataError(f"{who}: {name} is {brief(numbers)}; expected one entry for each example.")
    return array.reshape(len(array), -1) if array.size != len(array) else array.reshape(len(array))


def _paired(y_true: ArrayLike, y_pred: ArrayLike, who: str) -> tuple[Array, Array]:
    """Return two arrays after checking that their shapes are equal."""
    t, p = _both(y_true, y_pred, who)
    if t.shape != p.shape:
        raise DataValueError(f"{who}: shapes differ: y_true {t.shape}, y_pred {p.shape}; expected the same.")
    return t, p


def _refuse_nan(numbers: Array, who: str, name: str) -> None:
    wrong = np.argwhere(np.isnan(numbers))
    if len(wrong):
        place = wrong[0].tolist()
        raise DataValueError(f"{who}: {name} has nan at {place}; expected numbers. Nan is not a class.")


def _refuse_several(rows: Array, who: str, name: str) -> None:
    """Raise for a row of 0 and 1 with several ones, which has several labels."""
    several = (rows == 1.0).sum(axis=1) > 1
    if several.any() and ((rows == 0.0) | (rows == 1.0)).all():
        raise DataValueError(
            f"{who}: several classes in a row: {name} has {brief(rows[several][0].tolist())}; expected one. "
            f"Call it for each label: {who}(y_true[:, j], y_pred[:, j])."
        )
