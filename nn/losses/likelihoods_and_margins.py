"""Losses of distributions, and losses that compare vectors or scores with each other.

Names, defaults and values are PyTorch's.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from autograd_core import (
    DataError,
    DataValueError,
    Value,
    abs,
    dot,
    exp,
    log,
    minimum,
    relu,
    sqrt,
    square,
    sum,
    where,
    xlogy,
)

from ..checks import brief, flag, known, number_of, rate
from .functions import flat, node, of_reduction, pairs, plain, reduced, shape, weighted

if TYPE_CHECKING:
    from ..types import Numbers

LOG_2PI = math.log(2.0 * math.pi)
COSINE_EPS = 1e-12


@of_reduction
def kl_div(
    prediction: Numbers, target: Numbers, reduction: str = "mean", log_target: bool = False
) -> Value | list[Value]:
    """t (log t - y), the Kullback-Leibler divergence of log-probabilities y from probabilities t.

    "mean" divides by the number of probabilities, as in PyTorch; "batchmean" by the number of examples, which
    is the true divergence. A list of numbers is one example here; PyTorch divides by its length. With
    `log_target` the targets are logarithms, too.
    """
    known(reduction, ("mean", "batchmean", "sum", "none"), "kl_div", "reduction")
    log_target = flag(log_target, "kl_div", "log_target")
    terms = []
    for y, t in pairs(prediction, target, "kl_div"):
        terms.append(exp(t) * (t - y) if log_target else xlogy(t, t) - weighted(t, y))
    if reduction == "batchmean":
        examples = shape(prediction)[0] if len(shape(prediction)) > 1 else 1
        return sum(terms) / float(examples)
    return reduced(terms, reduction)


@of_reduction
def poisson_nll_loss(
    prediction: Numbers,
    target: Numbers,
    reduction: str = "mean",
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
) -> Value | list[Value]:
    """e^z - t z for the logarithm z of a Poisson distribution's mean, or y - t log(y + eps) for its mean y.

    This is the negative log-likelihood without log t!, which `full` adds by Stirling's formula for t > 1.
    """
    eps, full = rate(eps, "poisson_nll_loss", "eps"), flag(full, "poisson_nll_loss", "full")
    log_input = flag(log_input, "poisson_nll_loss", "log_input")
    terms = []
    for y, t in pairs(prediction, target, "poisson_nll_loss"):
        loss = exp(y) - t * y if log_input else y - t * log(y + eps)
        if full:
            above = relu(t - 1.0) + 1.0  # t, but 1 below it, where nothing is added.
            stirling = above * log(above) - above + 0.5 * log(2.0 * math.pi * above)
            loss = loss + where(relu(t - 1.0), stirling, 0.0)
        terms.append(loss)
    return reduced(terms, reduction)


@of_reduction
def gaussian_nll_loss(
    prediction: Numbers,
    target: Numbers,
    var: Numbers,
    reduction: str = "mean",
    full: bool = False,
    eps: float = 1e-6,
) -> Value | list[Value]:
    """½ (log v + (y - t)²/v), the negative log-likelihood of a normal distribution with mean y, variance v.

    A variance below `eps` is replaced by `eps`, with the slope there. `full` adds the constant ½ log 2π.

    >>> round(gaussian_nll_loss(Value(1.0), 2.0, 4.0).data, 4)
    0.8181
    """
    eps = rate(eps, "gaussian_nll_loss", "eps", closed=False)
    full = flag(full, "gaussian_nll_loss", "full")
    variances = flat(var, "gaussian_nll_loss: var")
    examples = pairs(prediction, target, "gaussian_nll_loss")
    if len(variances) == 1:
        variances *= len(examples)
    if len(variances) != len(examples):
        raise DataValueError(
            f"gaussian_nll_loss: {len(examples)} predictions, {len(variances)} variances; expected one each."
        )
    terms = []
    for i, ((y, t), v) in enumerate(zip(examples, variances, strict=True)):
        v = node(v, i, "gaussian_nll_loss")
        if v.data < 0.0:
            raise DataValueError(f"gaussian_nll_loss: negative variance {v.data!r}; expected var >= 0.")
        v = v + relu(eps - v.detach())
        terms.append(0.5 * (log(v) + square(y - t) / v) + (0.5 * LOG_2PI if full else 0.0))
    return reduced(terms, reduction)


@of_reduction
def margin_ranking_loss(
    first: Numbers, second: Numbers, target: Numbers, reduction: str = "mean", margin: float = 0.0
) -> Value | list[Value]:
    """max(0, margin - t (y₁ - y₂)): y₁ should be larger for t = 1, smaller for t = -1."""
    who = "margin_ranking_loss"
    margin = rate(margin, who, "margin", -math.inf)
    labels = [t for _, t in pairs(first, target, who)]
    scores = pairs(first, second, who)
    return reduced(
        [relu(margin - label(t, who) * (a - b)) for (a, b), t in zip(scores, labels, strict=True)], reduction
    )


@of_reduction
def cosine_embedding_loss(
    first: Numbers, second: Numbers, target: Numbers, reduction: str = "mean", margin: float = 0.0
) -> Value | list[Value]:
    """1 - cos(u, v) for vectors that belong together (t = 1), max(0, cos(u, v) - margin) for others (-1)."""
    who = "cosine_embedding_loss"
    margin = rate(margin, who, "margin", -1.0, 1.0, including=True)
    us, vs = vectors(first, who), vectors(second, who)
    labels = [label(t, who) for t in flat(target, who)]
    as_many(who, us, vs, labels)
    terms = []
    for u, v, t in zip(us, vs, labels, strict=True):
        lengths = (sum(list(map(square, u))) + COSINE_EPS) * (sum(list(map(square, v))) + COSINE_EPS)
        cosine = dot(u, v) / sqrt(lengths)
        terms.append(1.0 - cosine if t > 0.0 else relu(cosine - margin))
    return reduced(terms, reduction)


@of_reduction
def triplet_margin_loss(
    anchor: Numbers,
    positive: Numbers,
    negative: Numbers,
    reduction: str = "mean",
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
) -> Value | list[Value]:
    """max(0, d(a, b) - d(a, c) + margin): anchor a should be nearer to the positive b than to the negative c.

    d is the p-norm of the difference plus `eps`. With `swap`, d(a, c) is replaced by d(b, c) if that is
    smaller (Balntas et al., 2016).
    """
    who = "triplet_margin_loss"
    margin, p = rate(margin, who, "margin", closed=False), rate(p, who, "p", closed=False)
    eps, swap = rate(eps, who, "eps"), flag(swap, who, "swap")
    triples = [vectors(x, who) for x in (anchor, positive, negative)]
    as_many(who, *triples)
    terms = []
    for a, b, c in zip(*triples, strict=True):
        far = distance(a, c, p, eps)
        if swap:
            far = minimum(far, distance(b, c, p, eps))
        terms.append(relu(distance(a, b, p, eps) - far + margin))
    return reduced(terms, reduction)


def distance(u: list[Value], v: list[Value], p: float, eps: float) -> Value:
    """Compute the p-norm of u - v + eps."""
    gaps = [a - b + eps for a, b in zip(u, v, strict=True)]
    if p == 1.0:
        return sum([abs(x) for x in gaps])
    if p == 2.0:
        return sqrt(sum([square(x) for x in gaps]))
    return sum([abs(x) ** p for x in gaps]) ** (1.0 / p)


def label(t: Any, who: str) -> float:
    """Return a label after checking that it is -1 or 1."""
    found: float = number_of(t)
    if found not in (-1.0, 1.0):
        raise DataValueError(f"{who}: unknown label {found!r}; expected -1 or 1.")
    return found


def vectors(x: Any, who: str) -> list[list[Value]]:
    """Return one vector, or a list of them, as lists of `Value`s."""
    rows = plain(x)
    if not isinstance(rows, (list, tuple)) or not rows:
        raise DataError(f"{who}: not vectors: got {brief(x)}; expected a list of numbers, or of vectors.")
    rows = rows if isinstance(rows[0], (list, tuple)) else [rows]
    return [[node(v, i, who) for i, v in enumerate(row)] for row in rows]


def as_many(who: str, *lists: list[Any]) -> None:
    """Raise unless all lists have the same number of vectors, all of one length."""
    counts = {len(each) for each in lists}
    lengths = {len(row) for each in lists for row in each if isinstance(row, list)}
    if len(counts) > 1 or len(lengths) > 1:
        raise DataValueError(
            f"{who}: {sorted(counts)} examples of lengths {sorted(lengths)}; expected one count and length."
        )
