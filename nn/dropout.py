"""Dropout: while training, each number is left out at random, so that no unit can rely on one other."""

from __future__ import annotations

from typing import Any

from autograd_core import Value

from .checks import generator, listed, rate, vector
from .module import Module


class Dropout(Module):
    """Sets each number to 0 with probability p while training, and scales the others by 1 / (1 - p).

    In evaluation mode it passes its input on. The mask comes from `rng`; without one, `fit(seed=...)` gives
    it a generator (Srivastava et al., 2014).

    >>> dropout = Dropout(0.5, rng=0)
    >>> [v.data for v in dropout([1.0, 1.0, 1.0, 1.0])]
    [2.0, 0.0, 0.0, 0.0]
    >>> [v.data for v in dropout.eval()([1.0, 1.0])]
    [1.0, 1.0]
    """

    def __init__(self, p: float = 0.5, *, rng: Any = None) -> None:
        self.p = rate(p, "Dropout", "p", high=1.0, including=True)
        self.own_rng = rng is not None
        self.rng = generator(rng, "Dropout")

    def __call__(self, x: Any) -> list[Value]:
        values = listed(x, "Dropout")
        values = vector(values, len(values), "Dropout")
        if not self.training or self.p == 0.0:
            return values
        kept = (self.rng.random(len(values)) >= self.p).tolist()
        scale = 1.0 / (1.0 - self.p) if self.p < 1.0 else 0.0
        return [v * (scale if keep else 0.0) for v, keep in zip(values, kept, strict=True)]

    @property
    def eager_because(self) -> str:
        return "Dropout draws anew for each example" if self.training and self.p else ""

    def settings(self) -> dict[str, Any]:
        return {"p": self.p}
