"""Losses: the distance between a prediction and its target, as one number to differentiate.

Each is a function `(prediction, target, reduction="mean")`. For one example the prediction is what a model
returns, a `Value` or a list of them; for several it is a list of these. `reduction` is `"mean"`, `"sum"`,
or `"none"` for the list of all terms. Names, defaults and values are PyTorch's.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from autograd_core import (
    DataError,
    DataValueError,
    TraceError,
    Value,
    abs,
    dot,
    huber,
    log,
    log_softmax,
    logsumexp,
    maximum,
    mean,
    minimum,
    relu,
    softplus,
    square,
    sum,
    where,
)
from autograd_core.base import exact_sum, real

from ..checks import DEEPEST, brief, constant, known, number_of, rate
from ..errors import TrainingWarning
from ..modules.tracing_context import OneHot, current

if TYPE_CHECKING:
    from ..types import LossFunction, Numbers

SMALLEST = 1.0112214926104486e-43
"""e^-99. Below it the logarithm is replaced by its tangent, which is -100 at 0."""


def of_reduction(loss: Callable[..., Value | list[Value]]) -> LossFunction:
    """Return the loss unchanged; type checkers infer what it returns from the reduction."""
    return loss  # type: ignore[return-value]


@of_reduction
def squared_loss(prediction: Numbers, target: Numbers, reduction: str = "mean") -> Value | list[Value]:
    """½ (y - t)², the lectures' squared loss, whose derivative is y - t.

    >>> y = Value(0.75)
    >>> squared_loss(y, 1.0).backward(); y.grad
    -0.25
    """
    return reduced([0.5 * square(y - t) for y, t in pairs(prediction, target, "squared_loss")], reduction)


@of_reduction
def mse_loss(prediction: Numbers, target: Numbers, reduction: str = "mean") -> Value | list[Value]:
    """(y - t)², averaged: the mean squared error."""
    return reduced([square(y - t) for y, t in pairs(prediction, target, "mse_loss")], reduction)


@of_reduction
def l1_loss(prediction: Numbers, target: Numbers, reduction: str = "mean") -> Value | list[Value]:
    """|y - t|, whose derivative at y = t is 0 by convention."""
    return reduced([abs(y - t) for y, t in pairs(prediction, target, "l1_loss")], reduction)


@of_reduction
def huber_loss(
    prediction: Numbers, target: Numbers, reduction: str = "mean", delta: float = 1.0
) -> Value | list[Value]:
    """½ d² for |d| = |y - t| <= delta, then linear: delta (|d| - delta/2)."""
    delta = rate(delta, "huber_loss", "delta", closed=False)
    return reduced([huber(y - t, delta) for y, t in pairs(prediction, target, "huber_loss")], reduction)


@of_reduction
def smooth_l1_loss(
    prediction: Numbers, target: Numbers, reduction: str = "mean", beta: float = 1.0
) -> Value | list[Value]:
    """½ d²/beta for |d| = |y - t| < beta, then |d| - beta/2: `huber_loss` over beta; for beta = 0, |d|."""
    beta = rate(beta, "smooth_l1_loss", "beta")
    examples = pairs(prediction, target, "smooth_l1_loss")
    return reduced([huber(y - t, beta) / beta if beta else abs(y - t) for y, t in examples], reduction)


@of_reduction
def bce_loss(
    prediction: Numbers, target: Numbers, reduction: str = "mean", weight: Numbers | None = None
) -> Value | list[Value]:
    """-(t log y + (1 - t) log(1 - y)) of a probability y: the logistic loss, or binary cross-entropy.

    Below ε = e^-99 the logarithm continues as its tangent, to -100 at 0: the worst prediction has a finite
    loss, and the slope of -log y is -1/max(y, ε). If you have the logit, use `bce_with_logits_loss`, which
    keeps all digits. `weight` is a factor for each term, or for each output of an example.
    """
    terms = []
    for y, t in pairs(prediction, target, "bce_loss"):
        if (trace := current()) is not None:
            trace.bounded.append((y, 0.0, 1.0))
        elif not 0.0 <= y.data <= 1.0:
            raise DataValueError(
                f"bce_loss: not a probability: prediction {y.data!r}; expected 0 <= y <= 1. "
                "Put a sigmoid at the end of the model, or use bce_with_logits_loss."
            )
        terms.append(-(fraction(t, "bce_loss") * _log(y) + (1.0 - t) * _log(1.0 - y)))
    return reduced(times(weight, terms, "bce_loss", "weight"), reduction)


@of_reduction
def bce_with_logits_loss(
    prediction: Numbers,
    target: Numbers,
    reduction: str = "mean",
    weight: Numbers | None = None,
    pos_weight: Numbers | None = None,
) -> Value | list[Value]:
    """The logistic loss from the logit z: t log(1 + e^-z) + (1 - t) log(1 + e^z); never overflows.

    `weight` is a factor for each term, `pos_weight` for its first part: above 1 it offsets rare positives.
    Either has one number per term, per output of an example, or in total.
    """
    who = "bce_with_logits_loss"
    examples = pairs(prediction, target, who)
    hits = [weighted(fraction(t, who), softplus(-z)) for z, t in examples]
    misses = [weighted(1.0 - t, softplus(z)) for z, t in examples]
    hits = times(pos_weight, hits, who, "pos_weight")
    terms = [a + b for a, b in zip(hits, misses, strict=True)]
    return reduced(times(weight, terms, who, "weight"), reduction)


@of_reduction
def cross_entropy(
    prediction: Numbers,
    target: Numbers,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
    weight: Sequence[float] | None = None,
    ignore_index: int = -100,
) -> Value | list[Value]:
    """-log softmax(z)_k of the logits z, for the class k = `target` (an index from 0).

    A target can also be a list of probabilities, one for each class: then -Σ t_j log softmax(z)_j, where
    0 log 0 = 0, so a class that is masked by the logit -inf and has probability 0 contributes nothing.

    It takes logits, not probabilities: a model that ends in a softmax would apply it twice, which causes a
    `TrainingWarning`. With `label_smoothing` s the target has 1 - s on k and s spread over all classes.

    `weight` has a factor for each class. The mean is then divided by the sum of the examples' factors, so
    the loss of a single example is unweighted; `fit` and `evaluate` average a batch in the same way, given
    `CrossEntropyLoss(weight=...)`. Examples of the class `ignore_index` do not count.

    >>> round(cross_entropy([3.2, 5.1, -1.7], 0).data, 4)
    2.0404
    """
    smoothing = rate(label_smoothing, "cross_entropy", "label_smoothing", high=1.0, including=True)
    terms, factors = [], []
    for z, k in scored(prediction, target, "cross_entropy"):
        if ignored(k, ignore_index):
            terms.append(nothing(z))
            factors.append(0.0)
            continue
        if current() is None and look_like_probabilities(z):
            warnings.warn(
                "cross_entropy: the predictions look like probabilities (>= 0, sum 1); it expects logits. "
                "Remove the softmax at the end of the model, or use nll_loss with LogSoftmax.",
                TrainingWarning,
                stacklevel=2,
            )
        ws = class_weights(weight, len(z), "cross_entropy", k)
        loss, factor = _of_class(z, k, ws)
        if smoothing:
            even = mean(log_softmax(z)) if ws is None else dot(ws, log_softmax(z)) / float(len(z))
            loss = (1.0 - smoothing) * loss - smoothing * even
        terms.append(loss)
        factors.append(factor)
    return averaged(terms, factors, reduction, "cross_entropy")


def _of_class(z: list[Value], k: Any, ws: list[float] | None) -> tuple[Value, float]:
    """Compute -log softmax(z)_k times the weight of the class k, and return that weight, too."""
    if isinstance(k, OneHot):
        zk = chosen(z, k)
        loss = logsumexp([v - zk for v in z])
        return loss if ws is None else dot(ws, k) * loss, 1.0
    if isinstance(k, (list, tuple)):
        wanted = probabilities(k, len(z), "cross_entropy")
        if ws is not None:
            wanted = [w * p for w, p in zip(ws, wanted, strict=True)]
        return -sum([weighted(p, log_p) for p, log_p in zip(wanted, log_softmax(z), strict=True)]), 1.0
    i = class_index(k, len(z), "cross_entropy")
    return (_surprise(z, i), 1.0) if ws is None else (ws[i] * _surprise(z, i), ws[i])


@of_reduction
def nll_loss(
    prediction: Numbers,
    target: Numbers,
    reduction: str = "mean",
    weight: Sequence[float] | None = None,
    ignore_index: int = -100,
) -> Value | list[Value]:
    """-p_k of log-probabilities p, as from `LogSoftmax`, for the class k = `target`.

    `weight` and `ignore_index` are those of `cross_entropy`.
    """
    terms, factors, who = [], [], "nll_loss"
    for p, k in scored(prediction, target, who):
        ws = class_weights(weight, len(p), who, k)
        if isinstance(k, OneHot):
            loss, factor = -(chosen(p, k) if ws is None else dot(ws, k) * chosen(p, k)), 1.0
        elif ignored(k, ignore_index):
            loss, factor = nothing(p), 0.0
        else:
            i = class_index(k, len(p), who)
            loss, factor = (-p[i], 1.0) if ws is None else (-ws[i] * p[i], ws[i])
        terms.append(loss)
        factors.append(factor)
    return averaged(terms, factors, reduction, who)


@of_reduction
def hinge_loss(
    prediction: Numbers, target: Numbers, reduction: str = "mean", margin: float = 1.0
) -> Value | list[Value]:
    """max(0, margin - t y) for labels t = -1 or +1: the loss of support vector machines."""
    terms = []
    for y, t in pairs(prediction, target, "hinge_loss"):
        label = number_of(t)
        if label not in (-1.0, 1.0):
            cure = " Turn 0/1 labels into 2*t - 1." if label == 0.0 else ""
            raise DataValueError(f"hinge_loss: unknown label {label!r}; expected -1 or 1.{cure}")
        terms.append(relu(margin - t * y))
    return reduced(terms, reduction)


@of_reduction
def multi_margin_loss(
    prediction: Numbers, target: Numbers, reduction: str = "mean", margin: float = 1.0
) -> Value | list[Value]:
    """Σ over j ≠ k of max(0, margin - z_k + z_j), divided by the number of classes: multiclass hinge."""
    terms = []
    for z, target_class in scored(prediction, target, "multi_margin_loss", at_least=2):
        if isinstance(target_class, OneHot):
            zk = chosen(z, target_class)
            excess = [(1.0 - t) * relu(margin - zk + v) for v, t in zip(z, target_class, strict=True)]
        else:
            k = class_index(target_class, len(z), "multi_margin_loss")
            excess = [relu(margin - z[k] + z[j]) for j in range(len(z)) if j != k]
        terms.append(sum(excess) / float(len(z)))
    return reduced(terms, reduction)


def reduced(terms: list[Value], reduction: str) -> Value | list[Value]:
    """Return the mean or the sum of the terms, or all of them."""
    known(reduction, ("mean", "sum", "none"), "loss", "reduction")
    if reduction == "none":
        return terms
    if len(terms) == 1:
        return terms[0]
    return mean(terms) if reduction == "mean" else sum(terms)


def averaged(terms: list[Value], factors: list[float], reduction: str, who: str) -> Value | list[Value]:
    """Return the terms reduced; their mean is divided by the sum of their factors."""
    known(reduction, ("mean", "sum", "none"), who, "reduction")
    if reduction != "mean" or all(factor == 1.0 for factor in factors):
        return reduced(terms, reduction)
    total = exact_sum(factors)
    if total == 0.0:
        raise DataValueError(f"{who}: all examples are ignored or have weight 0; expected at least one.")
    return sum(terms) / total


def times(ws: Any, terms: list[Value], who: str, name: str) -> list[Value]:
    """Multiply terms by weights: one for all, one for each output of an example, or one for each term."""
    if ws is None:
        return terms
    factors = [rate(w, who, name) for w in flat(ws, f"{who}: {name}")]
    if not factors or len(terms) % len(factors):
        raise DataValueError(
            f"{who}: {len(factors)} numbers in {name} and {len(terms)} terms; expected one per term."
        )
    return [w * x for w, x in zip(factors * (len(terms) // len(factors)), terms, strict=True)]


def class_weights(weight: Any, count: int, who: str, k: Any) -> list[float] | None:
    """Return the classes' weights as floats."""
    if weight is None:
        return None
    if current() is not None and not isinstance(k, OneHot):
        raise TraceError(f"{who}: the program would have to look up the weight of a class.")
    ws = [rate(w, who, "weight") for w in flat(weight, f"{who}: weight")]
    if len(ws) != count:
        raise DataValueError(f"{who}: {len(ws)} weights and {count} classes; expected one per class.")
    return ws


def ignored(k: Any, ignore_index: int) -> bool:
    """Whether an example's class is the one to ignore."""
    return not isinstance(k, (list, tuple, Value)) and k == ignore_index


def nothing(z: list[Value]) -> Value:
    return sum([weighted(0.0, v) for v in z])  # 0, and so are the gradients.


def _surprise(z: list[Value], k: int) -> Value:
    """Compute -log softmax(z)_k as log Σ e^(z_j - z_k); logsumexp(z) - z_k loses digits of small losses."""
    return logsumexp([0.0 if j == k else z[j] - z[k] for j in range(len(z))])


def chosen(z: list[Value], k: OneHot) -> Value:
    """Return Σ_j t_j z_j, the score of the class, exactly, because all t_j but one are 0."""
    return dot(k, z)


def weighted(p: Value | float, x: Value) -> Value:
    """Compute p x, which is 0 if p is 0, even if x is infinite."""
    if current() is not None or math.isinf(x.data):
        x = where(p, x, 0.0)
    return p * x


def _log(y: Value) -> Value:
    """Compute log y, or its tangent below `SMALLEST`."""
    return log(maximum(y, SMALLEST)) + (minimum(y, SMALLEST) - SMALLEST) / SMALLEST


Target = Any  # float | Value: a number, or a node that represents it while a training step is compiled


def pairs(prediction: Any, target: Any, who: str) -> list[tuple[Value, Target]]:
    """Pair every predicted number with its target; both must have the same shape."""
    ys, ts = flat(prediction, f"{who}: prediction"), flat(target, f"{who}: target")
    if len(ys) != len(ts) or (len(ys) > 1 and shape(prediction) != shape(target)):
        raise DataValueError(
            f"{who}: shapes differ: prediction {shape(prediction)}, target {shape(target)}; "
            "expected the same."
        )
    if not ys:
        raise DataValueError(f"{who}: no predictions; expected at least one.")
    return [(node(y, i, who), number(t, who)) for i, (y, t) in enumerate(zip(ys, ts, strict=True))]


def scored(prediction: Any, target: Any, who: str, at_least: int = 1) -> list[tuple[list[Value], Any]]:
    """Pair the scores of each example with its target: a class, or a list of the classes' probabilities."""
    rows, targets = plain(prediction), plain(target)
    if not isinstance(rows, (list, tuple)) or not rows:
        raise DataError(
            f"{who}: not scores: got {brief(prediction)}; expected a list, one for each class. "
            "A model with one output for two classes is trained with bce_with_logits_loss."
        )
    if not isinstance(rows[0], (list, tuple)):
        single = isinstance(targets, (list, tuple)) and len(targets) == 1 < len(rows)
        rows, targets = [rows], targets if single else [targets]
    if not isinstance(targets, (list, tuple)) or len(targets) != len(rows):
        raise DataValueError(
            f"{who}: {len(rows)} predictions and target {brief(target)}; expected one class each."
        )
    examples = []
    for row, t in zip(rows, targets, strict=True):
        if len(row) < at_least:
            raise DataValueError(f"{who}: {len(row)} scores; expected at least {at_least}.")
        examples.append(([node(z, i, who) for i, z in enumerate(row)], t))
    return examples


def class_index(k: Any, count: int, who: str) -> int:
    """Return a class as an index from 0."""
    if isinstance(k, Value) and current() is not None:
        raise TraceError(
            f"{who}: the program would have to look up a class; expected a loss from nn passed to fit."
        )
    index = number_of(k)
    index = index.item() if hasattr(index, "item") else index
    if isinstance(index, bool) or not isinstance(index, (int, float)):
        raise DataError(f"{who}: not a class: target {brief(k)}; expected an integer from 0 to {count - 1}.")
    if not 0 <= index < count or index != int(index):
        raise DataValueError(f"{who}: class out of range: target {index!r}; expected 0 to {count - 1}.")
    return int(index)


def probabilities(ts: Any, count: int, who: str) -> list[Target]:
    """Return a distribution over the classes, such as a one-hot list."""
    if len(ts) != count:
        raise DataValueError(f"{who}: {count} scores and {len(ts)} probabilities; expected one per score.")
    return [fraction(number(t, who), who) for t in ts]


def fraction(t: Target, who: str) -> Target:
    """Return a target after checking that it is from 0 to 1."""
    number_itself: float = t.data if isinstance(t, Value) else t
    if not 0.0 <= number_itself <= 1.0:
        raise DataValueError(
            f"{who}: invalid label: target {t!r}; expected 0 or 1, or a probability in between."
        )
    return t


def look_like_probabilities(z: list[Value]) -> bool:
    """Whether scores are probably the output of a softmax: not negative, with sum 1."""
    data = [v.data for v in z]
    return len(data) > 1 and min(data) >= 0.0 and abs(exact_sum(data) - 1.0) < 1e-9


def node(y: Any, i: int, who: str) -> Value:
    """Return a predicted number as a node; a plain one becomes a constant."""
    return y if isinstance(y, Value) else constant(y, i, who)


def number(t: Any, who: str) -> Target:
    """Return a target as a float; a `Value` unchanged."""
    if isinstance(t, (float, Value)):
        return t
    if isinstance(t, (str, bytes, complex)) or not hasattr(type(t), "__float__"):
        raise DataError(f"{who}: not a number: target {brief(t)}; expected a number.")
    return real(t, f"{who}: target")


def plain(x: Any) -> Any:
    """Convert arrays to nested lists."""
    return x.tolist() if hasattr(x, "tolist") else x


def flat(x: Any, who: str, depth: int = 0) -> list[Any]:
    """Return all numbers of nested lists, in order."""
    x = plain(x)
    if not isinstance(x, (list, tuple)):
        return [x]
    if depth > DEEPEST:  # For example, a list that contains itself.
        raise DataError(f"{who}: nested too deeply; expected lists of at most {DEEPEST} levels.")
    return [y for part in x for y in flat(part, who, depth + 1)]


def shape(x: Any) -> tuple[int, ...]:
    """Return the shape of nested lists, judging by their first elements."""
    x = plain(x)
    if not isinstance(x, (list, tuple)):
        return ()
    return (len(x), *(shape(x[0]) if x else ()))
