"""`Scorer`: compute predictions and loss during training, by one program that shares the step's weights.

It is recorded once, in evaluation mode, beside the program of the step, so that metrics and validation after
each epoch cost about as much as the forward half of one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd_core import TraceError, no_grad
from autograd_core.base import np
from autograd_core.compile import OutputProgram, Recording, TrainingProgram

from ..checks import number_of
from ..losses.targets import flat, node
from ..modules.tracing import tracing
from .callbacks import Logs
from .compiled.compiled_step import CompiledStep
from .compiled.recorder import blocks, leaves, nearby, raise_mistakes
from .evaluation import measured, mode, predict, scores
from .examples import as_target
from .predictions import ABSOLUTE, AT_ONCE, RELATIVE, eager_outputs
from .step import Step, checked, example_weight

Array = Any
Metrics = dict[str, Callable[..., float]]


class Scorer:
    """Scores the model of a step after an epoch: by a program where the step has one, else eagerly."""

    def __init__(self, model: Any, loss: Any, step: Step) -> None:
        self.model, self.loss, self.step = model, loss, step
        self._of: TrainingProgram | None = None
        self._program: OutputProgram | None = None
        self._limits: list[tuple[float, float]] = []
        self._shape: tuple[int, ...] = ()
        self._fit: list[Array] = []
        """Targets that the loss takes."""

    def __call__(self, x: Array, y: Array, metrics: Metrics, with_loss: bool = True) -> Logs:
        """The loss and the metrics over arrays, by name."""
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
            found["loss"] = example_weight(self.loss, len(x)) * math.fsum(losses)
        if not all(str(getattr(f, "__module__", "")).startswith("nn.") for f in metrics.values()):
            self.step.hand_over(for_change=True)  # Another's may look at the model.
        return found | {name: measured(name, metric, y, predictions) for name, metric in metrics.items()}

    def _columns(self, x: Array, y: Array) -> Array | None:
        """For each example its outputs and its loss; None where a program cannot tell."""
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
            return None  # The eager engine judges.
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
        """Raise where the loss refuses a target, or the program differs from the eager engine."""
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
        """The graph of one example: its outputs, its loss, and what must lie between limits."""
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
