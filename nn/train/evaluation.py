"""`predict` and `evaluate`: use a model on tables of examples."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from itertools import repeat
from typing import TYPE_CHECKING, Any

from autograd_core import TraceError, no_grad
from autograd_core.base import called, np, real, restoring
from autograd_core.compile import OutputProgram, Recording, TrainingProgram

from ..checks import flag, number_of
from ..losses.criteria import Loss, as_loss
from ..losses.functions import flat, node
from ..modules.module import Module, method, refuse_no_model
from ..modules.tracing_context import tracing
from .callbacks import Logs
from .compiled_step import CompiledStep
from .metrics import as_metrics
from .step import (
    TrainingStep,
    as_example,
    as_target,
    checked,
    examples,
    numbers,
    relative_weights,
    total_loss,
)
from .step_tracing import (
    Places,
    blocks,
    is_large,
    leaves,
    nearby,
    overlap,
    raise_mistakes,
    refuse_what_cannot_be_traced,
    same_at_every_example,
    weight_count,
)

if TYPE_CHECKING:
    from ..types import ArrayLike, Criterion, Floats, Metrics

Array = Any
Judges = dict[str, Callable[..., float]]


@method
def predict(model: Module, x: ArrayLike) -> Floats:
    """Return the outputs for many examples as an array, one row each, in evaluation mode without a graph.

    If worthwhile, one program computes them all, summing in another order: the last digits may differ.

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
    sample_weight: ArrayLike | None = None,
    return_dict: bool = False,
) -> Any:
    """Return the mean loss in evaluation mode; with metrics a list, or with `return_dict` a dict.

    The default `loss` is the one that `fit` trained the model with, or else the mean squared error.
    `sample_weight` has a factor for each example's loss; metrics are unweighted.
    """
    refuse_no_model(model, "evaluate")
    xs, ys, as_dict = *examples(x, y, "evaluate"), flag(return_dict, "evaluate", "return_dict")
    criterion = as_loss(vars(model).get("_loss", "mse") if loss is None else loss, "evaluate")
    weights = relative_weights(sample_weight, len(xs), getattr(criterion, "reduction", "mean"), "evaluate")
    measures = as_metrics(metrics, criterion, "evaluate")
    found = scores(model, xs, ys, criterion, measures, weights)
    if as_dict:
        return found
    return list(found.values()) if len(found) > 1 else found["loss"]


def scores(
    model: Module, x: Array, y: Array, loss: Any, metrics: Judges, weights: Array | None = None
) -> Logs:
    """Return the loss and the metrics over arrays, by name."""
    loss = loss._of_batches(y) if isinstance(loss, Loss) else loss
    with mode(model, training=False), no_grad():
        predictions = outputs(model, x)
        pairs = zip(predictions, y, strict=True)
        losses = [called("loss", loss, row.tolist(), as_target(target)) for row, target in pairs]
    found = {"loss": total_loss(loss, y, [real(number_of(value), "loss") for value in losses], weights)}
    if metrics:
        found |= {name: measured(name, metric, y, predictions) for name, metric in metrics.items()}
    return found


def measured(name: str, metric: Callable[..., Any], y: Array, predictions: Array) -> float:
    """Return a metric's result as a float."""
    return real(called(f"metric {name}", metric, y, predictions), f"metric {name}")


@restoring
def mode(model: Module, training: bool) -> Iterator[None]:
    """Switch every module to one mode inside the block."""
    modules = model.modules()
    before = [module.training for module in modules]
    put_back = map(object.__setattr__, modules, repeat("training"), before)
    try:
        model.train(training)
        yield
    finally:
        deque(put_back, maxlen=0)


WORK = 30_000
"""Up to this number of weights times examples, a program costs more than it saves."""

AT_ONCE = 1024
"""Examples at a time, so that intermediate values take little memory."""

RELATIVE, ABSOLUTE = 1e-9, 1e-12
"""How far the program's outputs may be from the eager engine's: it sums in another order."""


def outputs(model: Module, x: Array) -> Array:
    """Return an array with an output for each example; the model is in evaluation mode."""
    first = eager_outputs(model, x[:1])
    if weight_count(model) * len(x) > WORK:
        try:
            found = compiled_outputs(model, x)
            if np.allclose(found[0], first.ravel(), RELATIVE, ABSOLUTE):
                return found.reshape(len(x), *first.shape[1:])
        except Exception as error:  # Whatever a user's module raises when it is recorded.
            raise_mistakes(error)  # The eager engine reports the rest.
    return np.concatenate([first, eager_outputs(model, x[1:])]) if len(x) > 1 else first


def eager_outputs(model: Module, x: Array) -> Array:
    """Compute outputs one by one without a graph; for a large model, without a node for each weight."""
    quick = tracing(blocks(model.weights().values())) if is_large(model) else nullcontext()
    with quick, no_grad():
        return np.array([plain(model(as_example(row))) for row in x])


def compiled_outputs(model: Module, x: Array) -> Array:
    """Compute outputs, a row per example, with a program recorded at the first and the last example."""
    refuse_what_cannot_be_traced(model)
    places = Places(model)
    if overlap(places.model):
        raise TraceError("some weights are in two arrays")

    def elsewhere() -> Recording:
        return nearby(places, lambda move: record(model, places, move(x[-1])))

    again = None if same_at_every_example(model.modules()) else elsewhere
    program = OutputProgram(lambda: record(model, places, x[0]), again, places.count)
    weights = np.empty(places.count)
    places.read(weights)
    rows = x.reshape(len(x), -1)
    parts = range(0, len(x), AT_ONCE)
    return np.concatenate([program(weights, rows[start : start + AT_ONCE]) for start in parts])


def record(model: Module, places: Places, row: Array) -> Recording:
    """Record the graph of one example's outputs."""
    x, xs = leaves(row)
    with tracing(blocks(places.model)) as trace:
        found = [node(y, i, "predict") for i, y in enumerate(flat(model(x), "predict"))]
    known = [(places.starts[identity], block) for identity, block in trace.blocks.items()]
    return Recording(found, xs, known, places.values())


def plain(output: Any) -> Any:
    """Convert nested lists of `Value`s to nested lists of numbers."""
    if isinstance(output, (list, tuple)):
        return [plain(part) for part in output]
    return number_of(output)


class Scorer:
    """Scores a step's model after an epoch: with a program if the step has one, otherwise eagerly."""

    def __init__(self, model: Any, loss: Any, step: TrainingStep) -> None:
        self.model, self.loss, self.step = model, loss, step
        self._of: TrainingProgram | None = None
        self._program: OutputProgram | None = None
        self._limits: list[tuple[float, float]] = []
        self._shape: tuple[int, ...] = ()
        self._fit: list[Array] = []
        """Targets that the loss accepts."""

    def __call__(self, x: Array, y: Array, metrics: Judges, with_loss: bool = True) -> Logs:
        """Return the loss and the metrics over arrays, by name."""
        columns = self._columns(x, y)
        if columns is None:
            self.step.hand_over(for_change=True)
            if with_loss:
                return scores(self.model, x, y, self.loss, metrics)
            predictions = predict(self.model, x)
            return {name: measured(name, metric, y, predictions) for name, metric in metrics.items()}
        width = math.prod(self._shape)
        predictions, losses = columns[:, :width].reshape(len(x), *self._shape), columns[:, width]
        found: Logs = {}
        if with_loss:
            found["loss"] = total_loss(self.loss, y, losses)
        if not all(str(getattr(f, "__module__", "")).startswith("nn.") for f in metrics.values()):
            self.step.hand_over(for_change=True)  # A user's metric may read the model.
        return found | {name: measured(name, metric, y, predictions) for name, metric in metrics.items()}

    def _columns(self, x: Array, y: Array) -> Array | None:
        """Return the outputs and the loss of each example, or None if a program cannot compute them."""
        step = self.step
        if not (isinstance(step, CompiledStep) and step.ready()):
            return None
        try:
            if self._of is not step.program:
                self._of, self._program = step.program, None
                self._program = self._recorded(step, x, y)
            if self._program is None:
                return None
            self._check_targets(self._program, step, x, y)
            rows = np.hstack([x.reshape(len(x), -1), step.recorder.targets(y)])
            parts = range(0, len(x), AT_ONCE)
            columns = [self._program(step.program.weights, rows[i : i + AT_ONCE]) for i in parts]
        except Exception as error:  # Whatever a user's module raises when it is recorded.
            raise_mistakes(error)
            return None  # The eager engine decides.
        found = np.concatenate(columns)
        bounded = found[:, math.prod(self._shape) + 1 :]
        low, high = np.array(self._limits).reshape(-1, 2).T
        return found if ((low <= bounded) & (bounded <= high)).all() and np.isfinite(found).all() else None

    def _recorded(self, step: CompiledStep, x: Array, y: Array) -> OutputProgram:
        def elsewhere() -> Recording:
            return nearby(step.places, lambda move: self._record(step, move(x[-1]), y[-1]))

        again = None if step.recorder.all_ours() else elsewhere
        with mode(self.model, training=False):
            return OutputProgram(lambda: self._record(step, x[0], y[0]), again, step.places.count)

    def _check_targets(self, program: OutputProgram, step: CompiledStep, x: Array, y: Array) -> None:
        """Raise if the loss rejects a target, or the program differs from the eager engine."""
        if any(y is other for other in self._fit):
            return
        step.hand_over()
        with mode(self.model, training=False), no_grad():
            first = eager_outputs(self.model, x[:1])
            targets = [as_target(t) for t in [y[0], *np.unique(y, axis=0)]]
            loss = [number_of(self.loss(first[0].tolist(), t)) for t in targets]
        self._shape = first.shape[1:]
        row = np.append(x[0].ravel(), step.recorder.targets(y[:1]))
        found = program(step.program.weights, row[None])[0, : first.size + 1]
        if not np.allclose(found, [*first.ravel(), loss[0]], RELATIVE, ABSOLUTE):
            self._program = None
            raise TraceError("the program differs from the eager engine")
        self._fit.append(y)

    def _record(self, step: CompiledStep, row: Array, target: Array) -> Recording:
        """Record the graph of one example: its outputs, its loss, and what must lie within limits."""
        places = step.places
        x, xs = leaves(row)
        with tracing(blocks(places.model)) as trace:
            prediction = self.model(x)
            outputs = [node(y, i, "predict") for i, y in enumerate(flat(prediction, "predict"))]
            y, ys = step.recorder.target(prediction, target)
            loss = checked(self.loss(prediction, y))
        known = [(places.starts[identity], block) for identity, block in trace.blocks.items()]
        self._limits = [(low, high) for _, low, high in trace.bounded]
        found = [*outputs, loss, *[y for y, _, _ in trace.bounded]]
        return Recording(found, [*xs, *ys], known, places.values())
