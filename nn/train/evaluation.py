"""`predict` and `evaluate`: use a model on tables of examples."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from itertools import repeat
from typing import TYPE_CHECKING, Any

from autograd_core import no_grad
from autograd_core.base import called, real, restoring

from ..checks import flag, number_of
from ..losses.criteria import as_loss
from ..modules.module import Module, method, refuse_no_model
from .callbacks import Logs
from .examples import as_target, examples, numbers
from .metrics import as_metrics
from .predictions import outputs
from .step import example_weight

if TYPE_CHECKING:
    from ..types import ArrayLike, Criterion, Floats, Metrics

Array = Any


@method
def predict(model: Module, x: ArrayLike) -> Floats:
    """The outputs for many examples as an array, one row each, in evaluation mode and without a graph.

    Where it pays, one program computes them all, with the sums in another order: the last digits may differ.

    >>> from nn import Linear, predict
    >>> double = Linear(1, 1, bias=False)
    >>> double.load_state_dict({"weight": [[2.0]]})
    >>> predict(double, [[1.0], [2.0]]).tolist()
    [[2.0], [4.0]]
    """
    refuse_no_model(model, "predict")
    rows = numbers(x, "predict", "x")
    with mode(model, training=False):
        found: Floats = outputs(model, rows)
    return found


@method
def evaluate(
    model: Module,
    x: ArrayLike,
    y: ArrayLike,
    *,
    loss: Criterion | None = None,
    metrics: Metrics = (),
    return_dict: bool = False,
) -> Any:
    """The mean loss over examples, in evaluation mode; with metrics a list, or with `return_dict` a dict.

    Without `loss` it is the one that `fit` has trained the model by, or else the mean squared error.
    """
    refuse_no_model(model, "evaluate")
    xs, ys, as_dict = *examples(x, y, "evaluate"), flag(return_dict, "evaluate", "return_dict")
    criterion = as_loss(vars(model).get("_loss", "mse") if loss is None else loss, "evaluate")
    found = scores(
        model, xs, ys, criterion, as_metrics(metrics, getattr(criterion, "threshold", 0.5), "evaluate")
    )
    if as_dict:
        return found
    return list(found.values()) if len(found) > 1 else found["loss"]


def scores(model: Module, x: Array, y: Array, loss: Any, metrics: dict[str, Callable[..., float]]) -> Logs:
    """The loss and the metrics over arrays, by name."""
    with mode(model, training=False), no_grad():
        predictions = outputs(model, x)
        pairs = zip(predictions, y, strict=True)
        losses = [called("loss", loss, row.tolist(), as_target(target)) for row, target in pairs]
    total = math.fsum(real(number_of(value), "loss") for value in losses)
    found = {"loss": example_weight(loss, len(x)) * total}
    if metrics:
        found |= {name: measured(name, metric, y, predictions) for name, metric in metrics.items()}
    return found


def measured(name: str, metric: Callable[..., Any], y: Array, predictions: Array) -> float:
    """Return what a metric gives as a float."""
    return real(called(f"metric {name}", metric, y, predictions), f"metric {name}")


@restoring
def mode(model: Module, training: bool) -> Iterator[None]:
    """Switch every module to one mode, and restore each module's own mode at the end."""
    modules = model.modules()
    before = [module.training for module in modules]
    put_back = map(object.__setattr__, modules, repeat("training"), before)
    try:
        model.train(training)
        yield
    finally:
        deque(put_back, maxlen=0)
