"""One training step: the loss and its gradients over a batch, then one update by the optimizer.

`fit` knows a step only as a call `step(x, y) -> loss` over two arrays, after which the model holds the new
weights. `EagerStep` builds the graph of each example anew; whatever gives the same numbers faster can stand
in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from autograd_core import DataError, DataValueError, Value
from autograd_core.base import called, np

from ..checks import brief
from ..modules.module import Module
from ..optim.clip import clip_grad_norm_
from ..optim.optimizer import Optimizer
from .examples import as_example, as_target

Array = Any


class Step(Protocol):
    """What `fit` asks of a training step. `runner` says how it runs, and why it is not compiled."""

    compiled: bool
    runner: str

    def __call__(self, x: Array, y: Array) -> float:
        """Train on one batch, and return its loss from before the update."""

    def keep(self) -> list[Array]:
        """The weights as they are, an array for each of the optimizer's, to be put back if need be."""

    def finite(self) -> bool:
        """Whether all weights are finite."""

    def hand_over(self, for_change: bool = False) -> None:
        """Make sure that the model holds the weights and gradients; `for_change` if they may be changed."""


class EagerStep:
    """Example by example: the loss is built, differentiated and dropped, so memory holds one example's graph.

    The loss of a batch is the mean over its examples (the sum, for a loss whose `reduction` is `"sum"`),
    plus the regularizer. Gradients add up in the order of the batch, so a run can be repeated bit for bit.
    """

    def __init__(
        self,
        model: Module,
        loss: Callable[[Any, Any], Any],
        optimizer: Optimizer,
        regularizer: Callable[[Module], Value] | None = None,
        clip_norm: float | None = None,
    ) -> None:
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.regularizer, self.clip_norm = regularizer, clip_norm
        self.compiled, self.runner = False, "eager"

    def __call__(self, x: Array, y: Array) -> float:
        value = self.gradients(x, y)
        if self.clip_norm is not None:
            clip_grad_norm_(self.optimizer.weights, self.clip_norm)
        self.optimizer.step()
        return value

    def keep(self) -> list[Array]:
        return [weights.array for weights in self.optimizer.weights]

    def finite(self) -> bool:
        return all(np.isfinite(weights.array).all() for weights in self.optimizer.weights)

    def hand_over(self, for_change: bool = False) -> None:
        """Do nothing: the model always holds them."""

    def gradients(self, x: Array, y: Array) -> float:
        """The loss of the batch, and its gradients on the parameters."""
        self.model.zero_grad()
        self.optimizer.zero_grad()  # It may have weights outside the model.
        weight = example_weight(self.loss, len(x))
        total = 0.0
        for row, target in zip(x, y, strict=True):
            loss = checked(self.loss(self.model(as_example(row)), as_target(target)))
            loss.backward(weight)
            total += weight * loss.data
        if self.regularizer is not None:
            penalty = called("fit: regularizer", self.regularizer, self.model)
            if not isinstance(penalty, Value):
                raise DataError(f"fit: the regularizer returned {brief(penalty)}; expected a Value.")
            penalty.backward()
            total += penalty.data
        return total


def example_weight(loss: Any, count: int) -> float:
    """What one example's loss counts in a batch: 1/n for a mean, 1 for a sum."""
    return 1.0 if getattr(loss, "reduction", "mean") == "sum" else 1.0 / count


def checked(loss: Any) -> Value:
    """A loss that can be differentiated."""
    if not isinstance(loss, Value):
        raise DataError(f"fit: the loss is {brief(loss)}; expected one Value for each example.")
    if not loss.requires_grad:
        raise DataValueError(
            "fit: the loss does not depend on the parameters; expected a loss of the model's output. "
            "A frozen model, detach() or WinnerTakeAll lets no gradient through."
        )
    return loss
