"""Optimizers with a step size for each weight: Adagrad, RMSprop, Adam, AdamW."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd_core import DataError, DataValueError
from autograd_core.base import np

from ..checks import brief, flag, known
from ..modules.module import Module
from .gradient_descent import GradientDescent
from .optimizer import SGD, Array, Optimizer, State


class Adagrad(Optimizer):
    """w = w - lr g / (√s + eps), where s is the sum of all g² so far (Duchi, Hazan and Singer, 2011)."""

    SETTINGS = ("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps")
    REMEMBERS = ("sum",)

    def __init__(
        self,
        parameters: Any,
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        self.lr_decay = self._rate(lr_decay, "lr_decay")
        self.weight_decay = self._rate(weight_decay, "weight_decay")
        self.initial_accumulator_value = self._rate(initial_accumulator_value, "initial_accumulator_value")
        self.eps = self._rate(eps, "eps", closed=False)
        super().__init__(parameters, lr)

    def rule(self, w: Array, g: Array, state: State) -> Array:
        g = self.decaying(w, g)
        s = state["sum"] if "sum" in state else np.full_like(w, self.initial_accumulator_value)
        state["sum"] = s = s + g * g
        lr = self.lr / (1.0 + (state["step"] - 1) * self.lr_decay)
        return w - lr * (g / (np.sqrt(s) + self.eps))


class RMSprop(Optimizer):
    """w = w - lr g / (√s + eps), where s is a running mean of g², `alpha` of it old (Hinton, 2012).

    `centered` takes the running variance instead; `momentum` gathers the steps.
    """

    SETTINGS = ("lr", "alpha", "eps", "weight_decay", "momentum", "centered")
    REMEMBERS = ("square", "mean", "velocity")

    def __init__(
        self,
        parameters: Any,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        self.alpha = self._rate(alpha, "alpha", high=1.0)
        self.eps = self._rate(eps, "eps", closed=False)
        self.weight_decay = self._rate(weight_decay, "weight_decay")
        self.momentum = self._rate(momentum, "momentum", high=1.0)
        self.centered = flag(centered, "RMSprop", "centered")
        super().__init__(parameters, lr)

    def rule(self, w: Array, g: Array, state: State) -> Array:
        g = self.decaying(w, g)
        state["square"] = s = self.alpha * state.get("square", 0.0) + (1.0 - self.alpha) * g * g
        if self.centered:
            state["mean"] = m = self.alpha * state.get("mean", 0.0) + (1.0 - self.alpha) * g
            s = np.maximum(s - m * m, 0.0)
        move = g / (np.sqrt(s) + self.eps)
        if self.momentum:
            state["velocity"] = move = self.momentum * state.get("velocity", 0.0) + move
        return w - self.lr * move


class Adam(Optimizer):
    """w = w - lr m̂ / (√v̂ + eps), with running means m of g and v of g² (Kingma and Ba, 2015).

    They begin at 0, and are too small at first; m̂ = m / (1 - β₁ᵗ) and v̂ = v / (1 - β₂ᵗ) make up for it, so
    the first step moves every weight by lr. `amsgrad` keeps the largest v so far.
    """

    SETTINGS = ("lr", "betas", "eps", "weight_decay", "amsgrad")
    REMEMBERS = ("mean", "square", "largest")

    def __init__(
        self,
        parameters: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
    ) -> None:
        if not isinstance(betas, (tuple, list)) or len(betas) != 2:
            raise DataValueError(
                f"{type(self).__name__}: betas = {brief(betas)}; expected such as (0.9, 0.999)."
            )
        self.betas = (self._rate(betas[0], "beta1", high=1.0), self._rate(betas[1], "beta2", high=1.0))
        self.eps = self._rate(eps, "eps", closed=False)
        self.weight_decay = self._rate(weight_decay, "weight_decay")
        self.amsgrad = flag(amsgrad, type(self).__name__, "amsgrad")
        super().__init__(parameters, lr)

    def rule(self, w: Array, g: Array, state: State) -> Array:
        return self.adapted(w, self.decaying(w, g), state)

    def adapted(self, w: Array, g: Array, state: State) -> Array:
        """Adam's own step, once weight decay is settled."""
        beta1, beta2 = self.betas
        state["mean"] = m = beta1 * state.get("mean", 0.0) + (1.0 - beta1) * g
        state["square"] = v = beta2 * state.get("square", 0.0) + (1.0 - beta2) * g * g
        if self.amsgrad:
            state["largest"] = v = np.maximum(v, state.get("largest", 0.0))
        m_hat = m / (1.0 - beta1 ** state["step"])
        root_v_hat = np.sqrt(v) / math.sqrt(1.0 - beta2 ** state["step"])
        return w - self.lr * (m_hat / (root_v_hat + self.eps))


class AdamW(Adam):
    """Adam, with the weight decay taken off the weights: w = w - lr λ w (Loshchilov and Hutter, 2019)."""

    REMEMBERS = Adam.REMEMBERS

    def __init__(
        self,
        parameters: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(parameters, lr, betas, eps, weight_decay, amsgrad)

    def rule(self, w: Array, g: Array, state: State) -> Array:
        return self.adapted(w * (1.0 - self.lr * self.weight_decay), g, state)


OPTIMIZERS: dict[str, Callable[[Any], Optimizer]] = {
    "sgd": SGD, "adagrad": Adagrad, "rmsprop": RMSprop, "adam": Adam, "adamw": AdamW,
    "gradient_descent": GradientDescent,
}  # fmt: skip


def as_optimizer(optimizer: Any, model: Module, who: str) -> Optimizer:
    """An optimizer from an instance, a name, a class, or a function of the model."""
    if isinstance(optimizer, Optimizer):
        return optimizer
    if isinstance(optimizer, str):
        return OPTIMIZERS[known(optimizer.lower(), OPTIMIZERS, who, "optimizer")](model)
    made = optimizer(model) if isinstance(optimizer, (type, Callable)) else optimizer  # type: ignore[arg-type]
    if not isinstance(made, Optimizer):
        raise DataError(
            f"{who}: not an optimizer: got {brief(optimizer)}; expected such as SGD(model.parameters())."
        )
    return made
