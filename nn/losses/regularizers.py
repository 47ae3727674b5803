"""Regularizers: a penalty for large weights, J = L(y, t) + λ Ω(θ), and a limit on a neuron's weights.

The functions take `Value`s and return Ω; the classes hold λ and take a model: `fit(regularizer=L2(1e-4))`.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograd_core import DataError, DataValueError, Value, abs, dot, sum
from autograd_core.base import contained, elements, np

from ..checks import ChecksOptions, brief, lengths, rate
from ..modules.module import Module, refuse_no_model
from ..modules.tracing_context import block_of


def l1(parameters: Sequence[Value]) -> Value:
    """Σ |w|: drives weights to exactly 0. At w = 0 its derivative is 0 by convention."""
    return sum([abs(w) for w in _some(parameters, "l1")])


def l2(parameters: Sequence[Value]) -> Value:
    """Σ w²: keeps weights small.

    >>> w = Value(3.0)
    >>> l2([w, Value(4.0)]).backward(); w.grad
    6.0
    """
    ws = _some(parameters, "l2")
    return dot(ws, ws)


def elastic_net(parameters: Sequence[Value], beta: float = 1.0) -> Value:
    """Σ (beta w² + |w|): a combination of both (Zou and Hastie, 2005)."""
    return rate(beta, "elastic_net", "beta") * l2(parameters) + l1(parameters)


class Regularizer(ChecksOptions):
    """λ Ω(θ) over all parameters of a model, or over the `Value`s in a list."""

    def __init__(self, strength: float = 1e-4) -> None:
        self.strength = rate(strength, type(self).__name__, "strength")

    def __call__(self, model: Module | Sequence[Value]) -> Value:
        parameters = model.parameters() if isinstance(model, Module) else model
        values = elements(parameters, type(self).__name__, "parameters", "a model or Values")
        for value in values:
            if not isinstance(value, Value):
                told = (
                    f"{type(self).__name__}: not a parameter: got {brief(value)}; expected a model or Values."
                )
                raise DataError(told)
        return self.strength * self.penalty([p for p in values if p.requires_grad])

    def penalty(self, parameters: Sequence[Value]) -> Value:
        """Ω(θ)."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.strength!r})"


class L1(Regularizer):
    """λ Σ |w|."""

    def penalty(self, parameters: Sequence[Value]) -> Value:
        return l1(parameters)


class L2(Regularizer):
    """λ Σ w²."""

    def __call__(self, model: Module | Sequence[Value]) -> Value:
        found = list(model.weights().values()) if isinstance(model, Module) else []
        blocks = [block for w in found if w.trainable and (block := block_of(w)) is not None]
        if len(blocks) < len([w for w in found if w.trainable]) or not blocks:
            return super().__call__(model)
        return self.strength * sum([block.square() for block in blocks])

    def penalty(self, parameters: Sequence[Value]) -> Value:
        return l2(parameters)


class ElasticNet(Regularizer):
    """λ Σ (beta w² + |w|)."""

    def __init__(self, strength: float = 1e-4, beta: float = 1.0) -> None:
        super().__init__(strength)
        self.beta = rate(beta, "ElasticNet", "beta")

    def penalty(self, parameters: Sequence[Value]) -> Value:
        return elastic_net(parameters, self.beta)


class MaxNorm(ChecksOptions):
    """Limits the norm of every neuron's weights to `limit` after each step: `fit(constraint=MaxNorm(3))`.

    A neuron's weights are a row of a matrix; biases and frozen weights are unchanged (Srebro and Shraibman,
    2005).
    """

    def __init__(self, limit: float) -> None:
        self.limit = rate(limit, "MaxNorm", "limit", closed=False)

    @contained
    def __call__(self, model: Module) -> None:
        refuse_no_model(model, "MaxNorm")
        for name, weights in model.weights().items():
            if name.rpartition(".")[2] != "weight" or not weights.trainable:
                continue
            rows = weights.array.reshape(weights.shape[0] if len(weights.shape) > 1 else 1, -1)
            with np.errstate(all="ignore"):
                scale, norms = lengths(rows)
                limit = self.limit / scale
                shorter = np.where(norms > limit, rows * (limit / norms), rows)
            if (norms > limit).any():
                weights.assign(np.where(weights.mask, shorter.reshape(weights.shape), weights.array))


def _some(parameters: Sequence[Value], who: str) -> list[Value]:
    values = elements(parameters, who, "parameters", "Values")
    if not values:
        raise DataValueError(f"{who}: no parameters; expected at least one.")
    return values
