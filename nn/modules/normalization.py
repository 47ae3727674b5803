"""`LayerNorm` and `BatchNorm1d`: shift and scale numbers to mean 0 and variance 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autograd_core import DataValueError, Value, mean, sqrt, square
from autograd_core.base import np

from ..checks import examples, flag, rate, size, vector
from .module import Module
from .parameter import Buffer, Weights
from .tracing_context import current

if TYPE_CHECKING:
    from ..types import Numbers


class LayerNorm(Module):
    """Normalizes the n numbers of an example to mean 0 and variance 1, then scales by γ and shifts by β.

    σ² = mean((z - μ)²) + eps, so equal inputs, whose variance is 0, give β without division by zero. γ is
    `weight` and β is `bias` (Ba, Kiros and Hinton, 2016); without `elementwise_affine` there is neither.

    >>> [round(v.data, 3) for v in LayerNorm(3)([1.0, 2.0, 3.0])]
    [-1.225, 0.0, 1.225]
    """

    def __init__(
        self, normalized_shape: int, eps: float = 1e-5, elementwise_affine: bool = True, bias: bool = True
    ) -> None:
        self.n = size(normalized_shape, "LayerNorm", "normalized_shape")
        self.eps = rate(eps, "LayerNorm", "eps", closed=False)
        affine = flag(elementwise_affine, "LayerNorm", "elementwise_affine")
        shifts = flag(bias, "LayerNorm", "bias") and affine
        self.weight = Weights.filled((self.n,), 1.0) if affine else None
        self.bias = Weights.filled((self.n,), 0.0) if shifts else None

    def __call__(self, x: Numbers) -> list[Value]:
        z, _, _ = standardized(vector(x, self.n, "LayerNorm"), self.eps)
        return scaled(z, self.weight, self.bias)

    def settings(self) -> dict[str, Any]:
        sizes = {"normalized_shape": self.n, "eps": self.eps}
        if self.weight is None:
            return sizes | {"elementwise_affine": False}
        return sizes if self.bias is not None else sizes | {"bias": False}


class BatchNorm1d(Module):
    """Normalizes each number to mean 0 and variance 1 over a batch, then scales by γ and shifts by β.

    Training needs a batch of at least 2 examples: `model.forward_batch(rows)`, which `fit` calls. The batch's
    mean and variance (divided by n - 1) update the running ones by `momentum`, or with None are averaged with
    all earlier ones. Evaluation mode uses the running ones, one example at a time (Ioffe and Szegedy, 2015).

    >>> norm = BatchNorm1d(1)
    >>> [round(y.data, 3) for [y] in norm.forward_batch([[1.0], [2.0], [3.0]])]
    [-1.225, 0.0, 1.225]
    >>> norm.running_mean.array.round(3).tolist(), norm.running_var.array.tolist()
    ([0.2], [1.0])
    """

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True
    ) -> None:
        self.num_features = size(num_features, "BatchNorm1d", "num_features")
        self.eps = rate(eps, "BatchNorm1d", "eps", closed=False)
        self.momentum = (
            None if momentum is None else rate(momentum, "BatchNorm1d", "momentum", high=1.0, including=True)
        )
        shape = (self.num_features,)
        self.affine = flag(affine, "BatchNorm1d", "affine")
        self.weight = Weights.filled(shape, 1.0) if self.affine else None
        self.bias = Weights.filled(shape, 0.0) if self.affine else None
        self.running_mean, self.running_var = Buffer.filled(shape, 0.0), Buffer.filled(shape, 1.0)
        self.num_batches_tracked = Buffer.filled((), 0.0)

    @property
    def joins_examples(self) -> bool:
        return self.training

    def __call__(self, x: Numbers) -> list[Value]:
        return self.forward_batch([x])[0]

    def forward_batch(self, rows: Sequence[Numbers]) -> list[list[Value]]:
        inputs = [vector(x, self.num_features, "BatchNorm1d") for x in examples(rows)]
        if not self.training:
            sigmas = [sqrt(v + self.eps) for v in self.running_var.values]
            known = list(zip(self.running_mean.values, sigmas, strict=True))
            found = [[(v - mu) / s for v, (mu, s) in zip(z, known, strict=True)] for z in inputs]
            return [scaled(z, self.weight, self.bias) for z in found]
        if len(inputs) < 2:
            raise DataValueError(
                f"BatchNorm1d: too few examples to train: got {len(inputs)}; expected at least 2. Call "
                "forward_batch(rows) of the whole model, or its eval() first; in fit, change the batch_size."
            )
        columns, means, variances = zip(
            *[standardized(list(column), self.eps) for column in zip(*inputs, strict=True)], strict=True
        )
        trace = current()
        if trace is None:
            self._move([m.data for m in means], [v.data for v in variances], len(inputs))
        else:
            trace.statistics.append((self, [*means, *variances]))
        return [scaled(z, self.weight, self.bias) for z in zip(*columns, strict=True)]

    def _move(self, means: Any, variances: Any, count: int) -> None:
        """Move the running mean and variance towards those of a batch of `count` examples."""
        tracked = self.num_batches_tracked.array + 1.0
        share = 1.0 / tracked if self.momentum is None else self.momentum
        unbiased = np.asarray(variances) * (count / (count - 1))
        for running, new in ((self.running_mean, np.asarray(means)), (self.running_var, unbiased)):
            running.assign((1.0 - share) * running.array + share * new)
        self.num_batches_tracked.assign(tracked)

    def settings(self) -> dict[str, Any]:
        names = ("num_features", "eps", "momentum", "affine")
        return {name: getattr(self, name) for name in names}


def standardized(z: list[Value], eps: float) -> tuple[list[Value], Value, Value]:
    """Return (z - μ) / σ with σ² = mean((z - μ)²) + eps, then μ, then σ² without eps."""
    mu: Value = mean(z)
    centered = [v - mu for v in z]
    variance: Value = mean([square(c) for c in centered])
    sigma = sqrt(variance + eps)
    return [c / sigma for c in centered], mu, variance


def scaled(z: Sequence[Value], weight: Weights | None, bias: Weights | None) -> list[Value]:
    """Return β + γ z, leaving out what is None."""
    if weight is not None:
        z = [gamma * v for gamma, v in zip(weight.values, z, strict=True)]
    return list(z) if bias is None else [beta + v for beta, v in zip(bias.values, z, strict=True)]
