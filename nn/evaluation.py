"""Using a model on tables of examples: `predict`, `evaluate`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from autograd_core import no_grad

from .callbacks import Logs
from .checks import number_of
from .criteria import as_loss
from .inputs import as_example, as_target, examples, numbers
from .lazy import np
from .metrics import as_metrics
from .module import Module
from .step import example_weight

Array = Any


def predict(model: Module, x: Any) -> np.ndarray[Any, Any]:
    """The outputs for many examples as an array, one row each, in evaluation mode and without a graph.

    >>> from nn import Linear
    >>> double = Linear(1, 1, bias=False)
    >>> double.load_state_dict({"weight": [[2.0]]})
    >>> predict(double, [[1.0], [2.0]]).tolist()
    [[2.0], [4.0]]
    """
    x = numbers(x, "predict", "x")
    with mode(model, training=False), no_grad():
        return np.array([plain(model(as_example(row))) for row in x])


def evaluate(
    model: Module, x: Any, y: Any, *, loss: Any = "mse", metrics: Any = (), return_dict: bool = False
) -> Any:
    """The mean loss over examples, in evaluation mode; with metrics a list, or with `return_dict` a dict."""
    x, y = examples(x, y, "evaluate")
    criterion = as_loss(loss, "evaluate")
    found = scores(
        model, x, y, criterion, as_metrics(metrics, getattr(criterion, "threshold", 0.5), "evaluate")
    )
    if return_dict:
        return found
    return list(found.values()) if len(found) > 1 else found["loss"]


def scores(model: Module, x: Array, y: Array, loss: Any, metrics: dict[str, Callable[..., float]]) -> Logs:
    """The loss and the metrics over arrays, by name."""
    with mode(model, training=False), no_grad():
        outputs = [model(as_example(row)) for row in x]
        losses = [loss(output, as_target(target)) for output, target in zip(outputs, y, strict=True)]
    total = math.fsum(number_of(value) for value in losses)
    found = {"loss": example_weight(loss, len(x)) * total}
    if metrics:
        predictions = np.array([plain(output) for output in outputs])
        found |= {name: float(metric(predictions, y)) for name, metric in metrics.items()}
    return found


def plain(output: Any) -> Any:
    """Nested lists of `Value`s as nested lists of numbers."""
    if isinstance(output, (list, tuple)):
        return [plain(part) for part in output]
    return number_of(output)


@contextmanager
def mode(model: Module, training: bool) -> Iterator[None]:
    """Puts every module into one mode, and each back into its own at the end."""
    before = [(module, module.training) for module in model.modules()]
    model.train(training)
    try:
        yield
    finally:
        for module, was in before:
            module.training = was
