"""Layer normalisation: LN(z) = β + γ (z - μ) / σ, over the numbers of one example."""

from __future__ import annotations

from typing import Any

from autograd_core import Value, mean, sqrt, square

from .checks import rate, size, vector
from .module import Module
from .weights import Weights


class LayerNorm(Module):
    """Shifts and scales the n numbers of an example to mean 0 and variance 1, then by γ and β.

    σ² = mean((z - μ)²) + eps, so that equal inputs, whose variance is 0, give β and no division by zero. γ is
    `weight`, β is `bias` (Ba, Kiros and Hinton, 2016).

    >>> [round(v.data, 3) for v in LayerNorm(3)([1.0, 2.0, 3.0])]
    [-1.225, 0.0, 1.225]
    """

    def __init__(self, normalized_shape: int, eps: float = 1e-5) -> None:
        self.n = size(normalized_shape, "LayerNorm", "normalized_shape")
        self.eps = rate(eps, "LayerNorm", "eps", closed=False)
        self.weight = Weights.filled((self.n,), 1.0)
        self.bias = Weights.filled((self.n,), 0.0)

    def __call__(self, x: Any) -> list[Value]:
        z = vector(x, self.n, "LayerNorm")
        mu = mean(z)
        centred = [v - mu for v in z]
        sigma = sqrt(mean([square(c) for c in centred]) + self.eps)
        return [
            beta + gamma * (c / sigma)
            for c, gamma, beta in zip(centred, self.weight.values, self.bias.values, strict=True)
        ]

    def settings(self) -> dict[str, Any]:
        return {"normalized_shape": self.n, "eps": self.eps}
