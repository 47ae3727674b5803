"""Losses as objects with their options; look up a loss by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from inspect import signature
from typing import TYPE_CHECKING, Any

from autograd_core import DataError
from autograd_core.base import np

from ..checks import ChecksOptions, brief, known, rate, refuse_unknown, size
from . import functions, likelihoods_and_margins

if TYPE_CHECKING:
    from ..types import Numbers


class Loss(ChecksOptions):
    """A loss with its options: `loss(prediction, target)`.

    `threshold` separates the predictions of two classes, for `accuracy`.
    """

    function: Callable[..., Any]
    threshold = 0.5
    takes_classes = False
    """Whether a target can be a class index."""
    by_counts = False
    """Whether a mean over examples is divided by the sum of `counts`."""

    def __init__(self, reduction: str = "mean", **options: Any) -> None:
        names = list(signature(type(self).function).parameters)[2:]  # Not the prediction and the target.
        refuse_unknown(options, names, type(self).__name__)
        self.reduction = known(reduction, ("mean", "sum", "none"), type(self).__name__, "reduction")
        self.options = options

    def __call__(self, prediction: Numbers, target: Numbers) -> Any:
        return type(self).function(prediction, target, self.reduction, **self.options)

    def _counts(self, y: Any) -> Any:
        """Return the weight of each target in a mean, or None if all are equal.

        A loss with `by_counts` always returns an array.
        """
        return np.ones(len(y)) if self.by_counts else None

    def _of_batches(self, y: Any) -> Loss:
        """Return the loss to apply to each example in batches of these targets."""
        if self.reduction != "mean" or self._counts(y) is None:
            return self
        terms = copy(self)
        terms.reduction, terms.by_counts = "sum", True
        return terms

    def __repr__(self) -> str:
        options = {"reduction": self.reduction, **self.options}
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in options.items())})"


class SquaredLoss(Loss):
    """½ (y - t)²."""

    function = staticmethod(functions.squared_loss)


class MSELoss(Loss):
    """(y - t)²."""

    function = staticmethod(functions.mse_loss)


class L1Loss(Loss):
    """|y - t|."""

    function = staticmethod(functions.l1_loss)


class HuberLoss(Loss):
    """½ d² up to |d| = delta, then linear."""

    function = staticmethod(functions.huber_loss)

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction, delta=delta)


class SmoothL1Loss(Loss):
    """½ d²/beta up to |d| = beta, then |d| - beta/2."""

    function = staticmethod(functions.smooth_l1_loss)

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction, beta=beta)


class PoissonNLLLoss(Loss):
    """The negative log-likelihood of a Poisson distribution; the prediction is the log of its mean."""

    function = staticmethod(likelihoods_and_margins.poisson_nll_loss)

    def __init__(
        self, reduction: str = "mean", log_input: bool = True, full: bool = False, eps: float = 1e-8
    ) -> None:
        super().__init__(reduction, log_input=log_input, full=full, eps=eps)


class BCELoss(Loss):
    """Binary cross-entropy of a probability."""

    function = staticmethod(functions.bce_loss)

    def __init__(self, reduction: str = "mean", weight: Numbers | None = None) -> None:
        super().__init__(reduction, **({} if weight is None else {"weight": weight}))


class BCEWithLogitsLoss(Loss):
    """Binary cross-entropy from the logit."""

    function = staticmethod(functions.bce_with_logits_loss)
    threshold = 0.0

    def __init__(
        self, reduction: str = "mean", weight: Numbers | None = None, pos_weight: Numbers | None = None
    ) -> None:
        given = {"weight": weight, "pos_weight": pos_weight}
        super().__init__(reduction, **{name: x for name, x in given.items() if x is not None})


class _OfClasses(Loss):
    """A loss whose classes may have weights, and one class may be ignored."""

    takes_classes = True

    def __init__(
        self, reduction: str, weight: Sequence[float] | None, ignore_index: int, **options: Any
    ) -> None:
        who = type(self).__name__
        if weight is not None:
            weight = [rate(w, who, "weight") for w in functions.flat(weight, f"{who}: weight")]
        self.weight, self.ignore_index = weight, size(ignore_index, who, "ignore_index", -(10**9))
        given = {} if weight is None else {"weight": weight}
        super().__init__(reduction, **options, **given, **_unless_default(self.ignore_index))

    def _counts(self, y: Any) -> Any:
        if y.size != len(y):  # Probabilities of the classes.
            return super()._counts(y)
        classes = y.reshape(-1)
        ignored = classes == self.ignore_index
        if self.weight is None:
            return np.where(ignored, 0.0, 1.0) if ignored.any() else super()._counts(y)
        weights = np.array(self.weight)
        inside = (classes >= 0) & (classes < len(weights)) & ~ignored  # The loss rejects others.
        return np.where(inside, weights[np.where(inside, classes, 0).astype(np.int64)], 0.0)


def _unless_default(ignore_index: int) -> dict[str, int]:
    return {} if ignore_index == -100 else {"ignore_index": ignore_index}


class CrossEntropyLoss(_OfClasses):
    """-log softmax of the logits at the target's class."""

    function = staticmethod(functions.cross_entropy)

    def __init__(
        self,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
        weight: Sequence[float] | None = None,
        ignore_index: int = -100,
    ) -> None:
        super().__init__(reduction, weight, ignore_index, label_smoothing=label_smoothing)


class NLLLoss(_OfClasses):
    """The negative log-probability of the target's class."""

    function = staticmethod(functions.nll_loss)

    def __init__(
        self, reduction: str = "mean", weight: Sequence[float] | None = None, ignore_index: int = -100
    ) -> None:
        super().__init__(reduction, weight, ignore_index)


class HingeLoss(Loss):
    """max(0, margin - t y) for labels -1 and +1."""

    function = staticmethod(functions.hinge_loss)
    threshold = 0.0

    def __init__(self, reduction: str = "mean", margin: float = 1.0) -> None:
        super().__init__(reduction, margin=margin)


class MultiMarginLoss(Loss):
    """The hinge loss for many classes."""

    function = staticmethod(functions.multi_margin_loss)
    takes_classes = True

    def __init__(self, reduction: str = "mean", margin: float = 1.0) -> None:
        super().__init__(reduction, margin=margin)


LOSSES: dict[str, type[Loss]] = {
    "mse": MSELoss, "squared": SquaredLoss, "l1": L1Loss, "huber": HuberLoss, "smooth_l1": SmoothL1Loss,
    "poisson_nll": PoissonNLLLoss, "bce": BCELoss,
    "bce_with_logits": BCEWithLogitsLoss, "cross_entropy": CrossEntropyLoss, "nll": NLLLoss,
    "hinge": HingeLoss, "multi_margin": MultiMarginLoss,
}  # fmt: skip
SYNONYMS = {
    "mean_squared_error": "mse",
    "mae": "l1",
    "mean_absolute_error": "l1",
    "binary_crossentropy": "bce",
}


def as_loss(loss: Any, who: str) -> Callable[[Any, Any], Any]:
    """Return a loss from a name, a class, a function of `nn`, or any function `(prediction, target)`."""
    if isinstance(loss, str):
        name = SYNONYMS.get(loss, loss)
        return LOSSES[known(name.removesuffix("_loss"), LOSSES, who, "loss")]()
    if isinstance(loss, type) and issubclass(loss, Loss):
        return loss()
    for kind in LOSSES.values():
        if loss is kind.function:
            return kind()
    if callable(loss) and not isinstance(loss, type):
        return loss  # type: ignore[no-any-return]
    raise DataError(
        f"{who}: not a loss: got {brief(loss)}; expected a name, or a function (prediction, target)."
    )
