"""Optimizers with a step size for each weight: Adagrad, RMSprop, Adam and their relatives."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from autograd_core import DataError
from autograd_core.base import called, np

from ..checks import brief, flag, known
from ..modules.module import Module
from .gradient_descent import SGD, GradientDescent
from .lbfgs import LBFGS
from .optimizer import Array, Optimizer, State

if TYPE_CHECKING:
    from ..types import Parameters


class Adagrad(Optimizer):
    """w = w - lr g / (√s + eps), where s is the sum of all g² so far (Duchi, Hazan and Singer, 2011)."""

    SETTINGS = ("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps", "maximize")
    REMEMBERS = ("sum",)

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        maximize: bool = False,
    ) -> None:
        self.lr_decay = self._rate(lr_decay, "lr_decay")
        self.weight_decay = self._rate(weight_decay, "weight_decay")
        self.initial_accumulator_value = self._rate(initial_accumulator_value, "initial_accumulator_value")
        self.eps = self._rate(eps, "eps", closed=False)
        super().__init__(parameters, lr, maximize)

    def rule(self, w: Array, g: Array, state: State) -> Array:
        g = self._decaying(w, g)
        s = state["sum"] if "sum" in state else np.full_like(w, self.initial_accumulator_value)
        state["sum"] = s = s + g * g
        lr = self.lr / (1.0 + (state["step"] - 1) * self.lr_decay)
        return w - lr * (g / (np.sqrt(s) + self.eps))


class RMSprop(Optimizer):
    """w = w - lr g / (√s + eps), where s = alpha s + (1 - alpha) g² is a running mean (Hinton, 2012).

    `centered` uses the running variance instead; `momentum` accumulates the steps.
    """

    SETTINGS = ("lr", "alpha", "eps", "weight_decay", "momentum", "centered", "maximize")
    REMEMBERS = ("square", "mean", "velocity")

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        maximize: bool = False,
    ) -> None:
        self.alpha = self._rate(alpha, "alpha", high=1.0)
        self.eps = self._rate(eps, "eps", closed=False)
        self.weight_decay = self._rate(weight_decay, "weight_decay")
        self.momentum = self._rate(momentum, "momentum", high=1.0)
        self.centered = flag(centered, "RMSprop", "centered")
        super().__init__(parameters, lr, maximize)

    def rule(self, w: Array, g: Array, state: State) -> Array:
        g = self._decaying(w, g)
        state["square"] = s = self.alpha * state.get("square", 0.0) + (1.0 - self.alpha) * g * g
        if self.centered:
            state["mean"] = m = self.alpha * state.get("mean", 0.0) + (1.0 - self.alpha) * g
            s = np.maximum(s - m * m, 0.0)
        move = g / (np.sqrt(s) + self.eps)
        if self.momentum:
            state["velocity"] = move = self.momentum * state.get("velocity", 0.0) + move
        return w - self.lr * move


class Adadelta(Optimizer):
    """w = w - lr Δ, where Δ = g √(d + eps) / √(s + eps), with running means s of g² and d of Δ².

    Δ has the unit of the weights, so lr needs no tuning (Zeiler, 2012).
    """

    SETTINGS = ("lr", "rho", "eps", "weight_decay", "maximize")
    REMEMBERS = ("square", "moved")

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        maximize: bool = False,
    ) -> None:
        self.rho = self._rate(rho, "rho", high=1.0, including=True)
        self.eps = self._rate(eps, "eps", closed=False)
        self.weight_decay = self._rate(weight_decay, "weight_decay")
        super().__init__(parameters, lr, maximize)

    def rule(self, w: Array, g: Array, state: State) -> Array:
        g = self._decaying(w, g)
        state["square"] = s = self.rho * state.get("square", 0.0) + (1.0 - self.rho) * g * g
        d = state.get("moved", np.zeros_like(w))
        move = np.sqrt(d + self.eps) / np.sqrt(s + self.eps) * g
        state["moved"] = self.rho * d + (1.0 - self.rho) * move * move
        return w - self.lr * move


class Rprop(Optimizer):
    """w = w - sign(g) η, where each η grows while g keeps its sign and shrinks when it changes.

    After a change the weight stays put for one step (Riedmiller and Braun, 1993). It needs the gradient over
    all examples: in batches, signs change by chance.
    """

    SETTINGS = ("lr", "etas", "step_sizes", "maximize")
    REMEMBERS = ("before", "size")

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50.0),
        maximize: bool = False,
    ) -> None:
        low, high = self._pair(etas, "etas", "(0.5, 1.2)")
        self.etas = (
            self._rate(low, "eta", closed=False, high=1.0),
            self._rate(high, "eta", low=1.0, closed=False),
        )
        low, high = self._pair(step_sizes, "step_sizes", "(1e-6, 50.0)")
        self.step_sizes = self._rate(low, "step_size"), self._rate(high, "step_size")
        super().__init__(parameters, lr, maximize)

    def rule(self, w: Array, g: Array, state: State) -> Array:
        turn = np.sign(g * state.get("before", 0.0))
        factor = np.where(turn < 0.0, self.etas[0], np.where(turn > 0.0, self.etas[1], 1.0))
        eta = state["size"] if "size" in state else np.full_like(w, self.lr)
        state["size"] = eta = np.clip(eta * factor, *self.step_sizes)
        state["before"] = g = np.where(turn < 0.0, 0.0, g)
        return w - np.sign(g) * eta


class _WithMeans(Optimizer):
    """An optimizer with running means of g and g², which start at 0."""

    SETTINGS: ClassVar[tuple[str, ...]] = ("lr", "betas", "eps", "weight_decay", "maximize")
    REMEMBERS: ClassVar[tuple[str, ...] | None] = ("mean", "square")

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        maximize: bool = False,
    ) -> None:
        first, second = self._pair(betas, "betas", "(0.9, 0.999)")
        self.betas = self._rate(first, "beta1", high=1.0), self._rate(second, "beta2", high=1.0)
        self.eps = self._rate(eps, "eps", closed=False)
        self.weight_decay = self._rate(weight_decay, "weight_decay")
        super().__init__(parameters, lr, maximize)

    def _means(self, g: Array, state: State) -> tuple[Array, Array]:
        """Update and return the running means m of g and v of g²."""
        beta1, beta2 = self.betas
        state["mean"] = m = beta1 * state.get("mean", 0.0) + (1.0 - beta1) * g
        state["square"] = v = beta2 * state.get("square", 0.0) + (1.0 - beta2) * g * g
        return m, v


class Adam(_WithMeans):
    """w = w - lr m̂ / (√v̂ + eps), with running means m of g and v of g² (Kingma and Ba, 2015).

    They start at 0 and are too small at first; m̂ = m / (1 - β₁ᵗ) and v̂ = v / (1 - β₂ᵗ) correct this, so
    the first step moves every weight by lr. `amsgrad` keeps the largest v so far.
    """

    SETTINGS = ("lr", "betas", "eps", "weight_decay", "amsgrad", "maximize")
    REMEMBERS = ("mean", "square", "largest")

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        maximize: bool = False,
    ) -> None:
        self.amsgrad = flag(amsgrad, type(self).__name__, "amsgrad")
        super().__init__(parameters, lr, betas, eps, weight_decay, maximize)

    def rule(self, w: Array, g: Array, state: State) -> Array:
        return self._adapted(w, self._decaying(w, g), state)

    def _adapted(self, w: Array, g: Array, state: State) -> Array:
        """Take Adam's step, after weight decay."""
        beta1, beta2 = self.betas
        m, v = self._means(g, state)
        if self.amsgrad:
            state["largest"] = v = np.maximum(v, state.get("largest", 0.0))
        m_hat = m / (1.0 - beta1 ** state["step"])
        root_v_hat = np.sqrt(v) / math.sqrt(1.0 - beta2 ** state["step"])
        return w - self.lr * (m_hat / (root_v_hat + self.eps))


class AdamW(Adam):
    """Adam with weight decay applied to the weights: w = w - lr λ w (Loshchilov and Hutter, 2019)."""

    REMEMBERS = Adam.REMEMBERS

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        maximize: bool = False,
    ) -> None:
        super().__init__(parameters, lr, betas, eps, weight_decay, amsgrad, maximize)

    def rule(self, w: Array, g: Array, state: State) -> Array:
        return self._adapted(w * (1.0 - self.lr * self.weight_decay), g, state)


class Adamax(_WithMeans):
    """w = w - lr m̂ / u, where u is a decaying maximum of |g| (Kingma and Ba, 2015, section 7.1)."""

    REMEMBERS = ("mean", "largest")

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        maximize: bool = False,
    ) -> None:
        super().__init__(parameters, lr, betas, eps, weight_decay, maximize)

    def rule(self, w: Array, g: Array, state: State) -> Array:
        beta1, beta2 = self.betas
        g = self._decaying(w, g)
        state["mean"] = m = beta1 * state.get("mean", 0.0) + (1.0 - beta1) * g
        state["largest"] = u = np.maximum(beta2 * state.get("largest", 0.0), np.abs(g) + self.eps)
        return w - self.lr / (1.0 - beta1 ** state["step"]) * (m / u)


class NAdam(_WithMeans):
    """Adam with look-ahead, like SGD with `nesterov` (Dozat, 2016).

    The momentum of step t is μₜ = β₁ (1 - 0.96^(t ψ) / 2) with ψ = `momentum_decay`.
    """

    SETTINGS = ("lr", "betas", "eps", "weight_decay", "momentum_decay", "maximize")
    REMEMBERS = ("mean", "square", "product")

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
        maximize: bool = False,
    ) -> None:
        self.momentum_decay = self._rate(momentum_decay, "momentum_decay")
        super().__init__(parameters, lr, betas, eps, weight_decay, maximize)

    def rule(self, w: Array, g: Array, state: State) -> Array:
        t, beta2 = state["step"], self.betas[1]
        g = self._decaying(w, g)
        m, v = self._means(g, state)
        state["product"] = product = self._momentum(t) * state.get("product", np.ones_like(w))
        ahead = self._momentum(t + 1)
        root_v_hat = np.sqrt(v / (1.0 - beta2**t)) + self.eps
        w = w - self.lr * (1.0 - self._momentum(t)) / (1.0 - product) * (g / root_v_hat)
        return w - self.lr * ahead / (1.0 - product * ahead) * (m / root_v_hat)

    def _momentum(self, t: int) -> float:
        return float(self.betas[0] * (1.0 - 0.5 * 0.96 ** (t * self.momentum_decay)))


class RAdam(_WithMeans):
    """Adam with a rectified step while v̂ has too few gradients to be reliable (Liu et al., 2020).

    As long as their effective number ρₜ is at most 5, the step is w = w - lr m̂.
    """

    REMEMBERS = ("mean", "square")

    def rule(self, w: Array, g: Array, state: State) -> Array:
        t, (beta1, beta2) = state["step"], self.betas
        m, v = self._means(self._decaying(w, g), state)
        m_hat = m / (1.0 - beta1**t)
        most = 2.0 / (1.0 - beta2) - 1.0
        count = most - 2.0 * t * beta2**t / (1.0 - beta2**t)
        if count <= 5.0:
            return w - self.lr * m_hat
        rectified = math.sqrt((count - 4.0) * (count - 2.0) * most / ((most - 4.0) * (most - 2.0) * count))
        return w - self.lr * m_hat * (rectified * math.sqrt(1.0 - beta2**t) / (np.sqrt(v) + self.eps))


OPTIMIZERS: dict[str, Callable[[Any], Optimizer]] = {
    "sgd": SGD, "adagrad": Adagrad, "adadelta": Adadelta, "rmsprop": RMSprop, "rprop": Rprop, "adam": Adam,
    "adamw": AdamW, "adamax": Adamax, "nadam": NAdam, "radam": RAdam, "gradient_descent": GradientDescent,
    "lbfgs": LBFGS,
}  # fmt: skip


def as_optimizer(optimizer: Any, model: Module, who: str) -> Optimizer:
    """Return an optimizer from an instance, a name, a class, or a function of the model."""
    if isinstance(optimizer, Optimizer):
        return optimizer
    if isinstance(optimizer, str):
        return OPTIMIZERS[known(optimizer.lower(), OPTIMIZERS, who, "optimizer")](model)
    made = called(f"{who}: optimizer", optimizer, model) if callable(optimizer) else optimizer
    if not isinstance(made, Optimizer):
        raise DataError(
            f"{who}: not an optimizer: got {brief(optimizer)}; expected e.g. SGD(model.parameters())."
        )
    return made
