"""One training step: the loss and its gradients over a batch, then one update by the optimizer.

`fit` only calls a step as `step(x, y) -> loss` on two arrays, which leaves the new weights in the model.
`EagerStep` builds a graph for each example; anything that gives the same numbers faster can replace it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from autograd_core import DataError, DataValueError, Value, dot
from autograd_core.base import called, exact_sum, np, refuse_masked

from ..checks import brief, counted, number_of
from ..losses.criteria import Loss
from ..modules.module import Module
from ..optim.clipping import clip_grad_norm_
from ..optim.optimizer import Optimizer

Array = Any


class TrainingStep(Protocol):
    """The interface of a training step. `runner` says how it runs, and why it is not compiled."""

    runner: str

    @property
    def compiled(self) -> bool:
        """Whether it trains with a program."""

    def __call__(self, x: Array, y: Array, weights: Array | None = None) -> float:
        """Train on one batch; return its loss before the update."""

    def keep(self) -> list[Array]:
        """Return the current weights, an array for each of the optimizer's, to restore if necessary."""

    def finite(self) -> bool:
        """Whether all weights are finite."""

    def hand_over(self, for_change: bool = False) -> None:
        """Make sure that the model has the weights and gradients; `for_change` if they may change."""


class EagerStep:
    """Trains example by example, with only one graph in memory at a time, or with the whole batch's graph if
    a module joins its examples.

    The loss of a batch is the mean over its examples (the sum, if the loss's `reduction` is `"sum"`), plus
    the regularizer. Gradients add up in the order of the batch, so a run can be repeated bit for bit.
    """

    compiled = False

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
        self.runner = "eager"

    def __call__(self, x: Array, y: Array, weights: Array | None = None) -> float:
        if self.optimizer.joint:
            step: Any = self.optimizer.step
            return number_of(step(lambda: self._shortened(x, y, weights)))  # type: ignore[no-any-return]
        value = self._shortened(x, y, weights)
        self.optimizer.step()
        return value

    def _shortened(self, x: Array, y: Array, weights: Array | None) -> float:
        """Compute the loss of the batch and its clipped gradients."""
        value = self.gradients(x, y, weights)
        if self.clip_norm is not None:
            clip_grad_norm_(self.optimizer.weights, self.clip_norm)
        return value

    def keep(self) -> list[Array]:
        return [weights.array for weights in self.optimizer.weights]

    def finite(self) -> bool:
        return all(np.isfinite(weights.array).all() for weights in self.optimizer.weights)

    def hand_over(self, for_change: bool = False) -> None:
        """Do nothing: the model always has them."""

    def gradients(self, x: Array, y: Array, weights: Array | None = None) -> float:
        """Compute the loss of the batch, and set the gradients of the parameters."""
        self.model.zero_grad()
        self.optimizer.zero_grad()  # It may have weights outside the model.
        total, share = 0.0, batch_weights(self.loss, y, weights)
        each = [share] * len(x) if isinstance(share, float) else share.tolist()
        if joins_examples(self.model):
            loss = dot(each, self._losses(self.model.forward_batch([as_example(row) for row in x]), y))
            loss.backward()
            total = loss.data
        else:
            outputs = (self.model(as_example(row)) for row in x)
            for loss, weight in zip(self._losses(outputs, y), each, strict=True):
                loss.backward(weight)
                total += weight * loss.data if weight else 0.0
        if self.regularizer is not None:
            penalty = called("fit: regularizer", self.regularizer, self.model)
            if not isinstance(penalty, Value):
                raise DataError(f"fit: the regularizer returned {brief(penalty)}; expected a Value.")
            penalty.backward()
            total += penalty.data
        return total

    def _losses(self, outputs: Iterable[Any], y: Array) -> Iterator[Value]:
        """Yield the loss of each example."""
        return (checked(self.loss(out, as_target(t))) for out, t in zip(outputs, y, strict=True))


def joins_examples(model: Module) -> bool:
    """Whether a module uses all examples of a batch together."""
    return any(module.joins_examples for module in model.modules())


def batch_weights(loss: Any, y: Array, weights: Array | None = None) -> Any:
    """Return each example's factor in the loss of a batch: 1/n for a mean, 1 for a sum, times its weight.

    The result is one number if all are equal. If counts differ, for instance by class weights, a mean is
    divided by the sum of the counts.
    """
    counts = loss._counts(y) if isinstance(loss, Loss) else None
    if counts is None and weights is None:
        return 1.0 if getattr(loss, "reduction", "mean") == "sum" else 1.0 / len(y)
    each = np.ones(len(y)) if weights is None else weights
    if counts is None:
        return each if getattr(loss, "reduction", "mean") == "sum" else each / len(y)
    each, total = np.where(counts == 0.0, 0.0, each), float(counts.sum())
    return each if not loss.by_counts else each / total if total else np.zeros(len(y))


def total_loss(loss: Any, y: Array, losses: Any, weights: Array | None = None) -> float:
    """Compute the loss over examples from the loss of each."""
    share = batch_weights(loss, y, weights)
    if isinstance(share, float):
        return share * exact_sum(losses)
    return exact_sum([w * x for w, x in zip(share, losses, strict=True) if w])


def relative_weights(
    weights: Any, count: int, reduction: str, who: str, kept: int | None = None
) -> Array | None:
    """Return example weights; for a mean, divided by theirs, so that weight 2 equals a repeated example."""
    if weights is None:
        return None
    found = numbers(weights, who, "sample_weight")
    if found.shape != (count,) or found.min() < 0.0 or not found.any():
        raise DataValueError(
            f"{who}: sample_weight = {brief(weights)}; expected {counted(count, 'number')} >= 0, not all 0."
        )
    found = found[:kept]
    return found if reduction == "sum" else found / (found.mean() or 1.0)


def checked(loss: Any) -> Value:
    """Return a loss after checking that it can be differentiated."""
    if not isinstance(loss, Value):
        raise DataError(f"fit: the loss is {brief(loss)}; expected one Value for each example.")
    if not loss.requires_grad:
        raise DataValueError(
            "fit: the loss does not depend on the parameters; expected a loss of the model's output. "
            "A frozen model, detach() or WinnerTakeAll blocks gradients."
        )
    return loss


def numbers(x: Any, who: str, name: str) -> Array:
    """Return a float64 array of at least one example, without nan, inf, None or text."""
    if isinstance(x, (str, bytes, dict, set)) or not (hasattr(x, "__len__") or hasattr(x, "__array__")):
        raise DataError(
            f"{who}: {name} is not a table of numbers: got {brief(x)}; expected a list, array or frame."
        )
    raw = _array(x, who, name)
    refuse_masked(x, f"{who}: {name}")
    if raw.dtype.kind not in "fiub":
        # NumPy converts numbers next to text to text; as objects they keep their types.
        _refuse_cell(np.array(x, dtype=object), who, name)
    array = raw.astype(np.float64)
    if array.ndim == 0:
        raise DataError(f"{who}: {name} is a single number; expected one entry for each example.")
    if array.size == 0:
        raise DataValueError(
            f"{who}: {name} is empty, of shape {array.shape}; expected at least one example."
        )
    wrong = np.argwhere(~np.isfinite(array))
    if len(wrong):
        place = _place(wrong[0])
        raise DataValueError(
            f"{who}: {name} has {array[tuple(wrong[0])]} at {place}; expected finite numbers. "
            "Remove the row or fill in the value before training."
        )
    return array


def examples(x: Any, y: Any, who: str) -> tuple[Array, Array]:
    """Return inputs and targets after checking that their lengths are equal."""
    xs, ys = numbers(x, who, "x"), numbers(y, who, "y")
    if len(xs) != len(ys):
        found = f"{counted(len(xs), 'example')} in x and {counted(len(ys), 'target')} in y"
        raise DataValueError(f"{who}: {found}; expected one each.")
    return xs, ys


def as_example(row: Array) -> Any:
    """Return one example of an array as lists of numbers, as modules expect."""
    return row.tolist()


def as_target(row: Array) -> Any:
    """Return one target of an array as a number or a list of numbers; a list of one becomes a number."""
    target = row.tolist()
    return target[0] if isinstance(target, list) and len(target) == 1 else target


def _array(x: Any, who: str, name: str) -> Array:
    try:
        return np.asarray(x)
    except ValueError:
        lengths = [len(row) if hasattr(row, "__len__") else 0 for row in x]
        odd = next(i for i, n in enumerate(lengths) if n != lengths[0]) if len(set(lengths)) > 1 else 0
        raise DataError(
            f"{who}: {name} is ragged: row {odd} has {lengths[odd]} entries, row 0 has {lengths[0]}; "
            "expected rows of one length."
        ) from None


def _refuse_cell(raw: Array, who: str, name: str) -> None:
    """Raise for the first cell that is not a number; an object array of numbers passes."""
    for index in np.ndindex(raw.shape):
        cell = raw[index]
        if isinstance(cell, str):
            cell = str(cell)
        if isinstance(cell, (str, bytes, complex)) or not hasattr(type(cell), "__float__"):
            raise DataError(
                f"{who}: {name} has {brief(cell)} at {_place(index)}; expected numbers. "
                "Convert categories to numbers, and fill in or remove missing values."
            )


def _place(index: Any) -> str:
    place = [f"{what} {i}" for what, i in zip(("row", "column"), index, strict=False)]
    return ", ".join([*place, *(str(i) for i in index[2:])])
