"""A training run: what callbacks see of it, one epoch of it, and the guard against leaving the numbers."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from autograd_core import DomainError, RangeError

from .callbacks import Callback, Logs
from .divergence import first_fault
from .dropout import Dropout
from .errors import DivergenceWarning
from .history import History
from .lazy import np
from .module import Module
from .optim import Optimizer
from .step import Step

Array = Any


@dataclass(frozen=True)
class Order:
    """In which order examples come. It depends on the seed and the epoch's number, and on nothing else."""

    batch: int
    shuffle: bool
    seed: int

    def batches(self, epoch: int, count: int) -> Iterator[Array]:
        """The indices of each batch of an epoch: every example once, the last batch perhaps shorter."""
        places = np.arange(count)
        if self.shuffle:
            places = np.random.default_rng([self.seed, epoch]).permutation(count)
        return (places[start : start + self.batch] for start in range(0, count, self.batch))

    def give_to_dropout(self, model: Module, epoch: int) -> None:
        """A generator for every dropout that was made without one."""
        droppers = [m for m in model.modules() if isinstance(m, Dropout) and not m.own_rng]
        for i, module in enumerate(droppers):
            module.rng = np.random.default_rng([self.seed, epoch, i])


@dataclass
class Run:
    """A training run, as callbacks see it."""

    model: Module
    optimizer: Optimizer
    loss: Callable[[Any, Any], Any]
    step: Step
    schedule: Any = None
    constraint: Callable[[Module], None] | None = None
    callbacks: list[Callback] = field(default_factory=list)
    history: History = field(default_factory=History)
    steps: int = 0
    last_finite: list[Array] = field(default_factory=list)
    """The weights of the last step whose loss was finite."""

    def stop(self, reason: str) -> None:
        """Ends training after this epoch (or, on divergence, at once)."""
        self.history.stopped = self.history.stopped or reason

    def tell(self, hook: str, *news: Any) -> None:
        """Calls a hook of every callback."""
        listening = [callback for callback in self.callbacks if callback.listens(hook)]
        if any(callback.looks for callback in listening):
            self.step.hand_over(for_change=True)
        for callback in listening:
            getattr(callback, hook)(*news)

    def epoch(self, epoch: int, order: Order, x: Array, y: Array) -> Logs | None:
        """One pass over the examples: its mean loss, or None if training has left the numbers."""
        order.give_to_dropout(self.model, epoch)
        total = 0.0
        for number, chosen in enumerate(order.batches(epoch, len(x))):
            self.tell("on_batch_begin", number)
            value = self.guarded_step(x[chosen], y[chosen], f"epoch {epoch}, batch {number}")
            if value is None:
                return None
            self.tell("on_batch_end", number, {"loss": value})
            total += value * (len(chosen) / len(x))
        return {"loss": total}

    def guarded_step(self, x: Array, y: Array, where: str) -> float | None:
        """One step. On divergence it puts back the last weights whose loss was finite, and returns None."""
        before = self.step.keep()
        kept, fault, value = self.last_finite or before, "", math.nan
        try:
            value = self.step(x, y)
        except (DomainError, RangeError) as error:
            if self.steps == 0:
                raise
            fault = str(error)
        else:
            if not math.isfinite(value):
                fault = f"the loss is {value}"
            elif not self.step.finite():
                kept, fault = before, "the step made a weight infinite or nan"
        if fault:
            self.step.hand_over(for_change=True)
            self.diverged(kept, x, y, where, fault)
            return None
        if self.constraint is not None:
            self.step.hand_over(for_change=True)
            self.constraint(self.model)
        self.steps, self.last_finite = self.steps + 1, before
        return value

    def diverged(self, kept: list[Array], x: Array, y: Array, where: str, fault: str) -> None:
        """Puts back finite weights, and says what happened and where."""
        place = first_fault(self.model, self.loss, x, y)
        for weights, array in zip(self.optimizer.weights, kept, strict=True):
            weights.assign(array)
        message = f"training diverged at {where} (step {self.steps}): {fault}; {place}"
        self.stop(message)
        warnings.warn(
            f"fit: {message}. The model keeps the last weights whose loss was finite. "
            f"Take a smaller learning rate than {self.optimizer.lr}, or clip_norm=1.0.",
            DivergenceWarning,
            stacklevel=6,
        )
