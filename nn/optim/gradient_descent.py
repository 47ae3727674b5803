"""Gradient descent: `SGD` for training, and `GradientDescent`, which knows when to stop."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograd_core import DataError, DataValueError, Value
from autograd_core.base import called, np

from ..checks import brief, checking_options, flag, length, size
from .optimizer import Array, Optimizer, State

if TYPE_CHECKING:
    from ..types import Parameters


class SGD(Optimizer):
    """Gradient descent, optionally with momentum: v = momentum v + (1 - dampening) g, then w = w - lr v.

    The lectures write momentum as Δw(n) = η δx + α Δw(n-1): the same steps, with η = lr, α = momentum, while
    lr is constant (here lr multiplies the whole sum, there only the newest term).
    `nesterov` looks ahead: w = w - lr (g + momentum v). `weight_decay` λ adds λ w to g.

    >>> w = Value(1.0)
    >>> optimizer = SGD([w], lr=0.1)
    >>> (w * w).backward(); optimizer.step(); w.data
    0.8
    """

    SETTINGS = ("lr", "momentum", "dampening", "weight_decay", "nesterov", "maximize")
    REMEMBERS = ("velocity",)

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        maximize: bool = False,
    ) -> None:
        self.momentum = self._rate(momentum, "momentum", high=1.0)
        self.dampening = self._rate(dampening, "dampening", high=1.0, including=True)
        self.weight_decay = self._rate(weight_decay, "weight_decay")
        self.nesterov = flag(nesterov, "SGD", "nesterov")
        if self.nesterov and (self.momentum == 0.0 or self.dampening != 0.0):
            raise DataValueError(
                "SGD: nesterov needs momentum > 0 and dampening = 0; expected e.g. momentum=0.9."
            )
        super().__init__(parameters, lr, maximize)

    def rule(self, w: Array, g: Array, state: State) -> Array:
        g = self._decaying(w, g)
        if self.momentum:
            before = state.get("velocity")
            v = np.copy(g) if before is None else self.momentum * before + (1.0 - self.dampening) * g
            state["velocity"] = v
            g = g + self.momentum * v if self.nesterov else v
        return w - self.lr * g

    @property
    def _descends(self) -> bool:
        return not (self.momentum or self.weight_decay or self.maximize)

    def _move(self, w: Array, g: Array, state: State, spare: Array) -> None:
        if self.weight_decay or self.momentum:
            super()._move(w, g, state, spare)
        else:
            descend(w, g, self.lr, spare)


def descend(w: Array, g: Array, lr: float, spare: Array) -> None:
    """Compute w -= lr g with the same bits but no new array."""
    np.multiply(g, lr, out=spare)
    np.subtract(w, spare, out=w)


@checking_options
@dataclass(frozen=True)
class Descent:
    """The result of a descent: `reason` is "step", "gradient" or "limit"; `losses` has one per step."""

    reason: str
    steps: int
    losses: list[float]


class GradientDescent(Optimizer):
    """w = w - lr ∇L(w), until ‖Δw‖ <= step_tolerance or ‖∇L‖ <= gradient_tolerance.

    >>> w = Value(4.0)
    >>> descent = GradientDescent([w], lr=0.25).minimize(lambda: (w - 1.0) ** 2)
    >>> descent.reason, round(w.data, 3)
    ('step', 1.0)
    """

    SETTINGS = ("lr", "step_tolerance", "gradient_tolerance", "maximize")
    REMEMBERS = ()

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-2,
        step_tolerance: float = 1e-6,
        gradient_tolerance: float = 1e-6,
        maximize: bool = False,
    ) -> None:
        self.step_tolerance = self._rate(step_tolerance, "step_tolerance")
        self.gradient_tolerance = self._rate(gradient_tolerance, "gradient_tolerance")
        super().__init__(parameters, lr, maximize)
        tolerances = {name: self.settings[name] for name in ("step_tolerance", "gradient_tolerance")}
        if any(not tolerances.items() <= group.settings.items() for group in self.groups):
            raise DataError("GradientDescent: a group has its own tolerance; expected one for all groups.")

    def rule(self, w: Array, g: Array, state: State) -> Array:
        return w - self.lr * g

    def _move(self, w: Array, g: Array, state: State, spare: Array) -> None:
        descend(w, g, self.lr, spare)

    def minimize(self, loss: Callable[[], Value], limit: int = 10_000) -> Descent:
        """Take at most `limit` steps down `loss()`, which rebuilds the loss each time."""
        limit = size(limit, "GradientDescent.minimize", "limit")
        if not callable(loss):
            raise DataError(
                f"GradientDescent.minimize: not a function: got {brief(loss)}; expected the loss."
            )
        losses: list[float] = []
        for taken in range(limit):
            self.zero_grad()
            value = called("GradientDescent.minimize", loss)
            if not isinstance(value, Value):
                raise DataError(f"GradientDescent.minimize: loss() = {brief(value)}; expected a Value.")
            if not math.isfinite(value.data):
                raise DataValueError(
                    f"GradientDescent.minimize: the loss is {value.data} at step {taken}; "
                    f"expected a finite number. "
                    f"Use a smaller lr than {self.lr}."
                )
            value.backward()
            losses.append(value.data)
            if self.norm() <= self.gradient_tolerance:
                return Descent("gradient", taken, losses)
            # Δw = -lr ∇L
            length = math.hypot(*[group.lr * _norm(group) for group in self.param_groups])
            self.step()
            if length <= self.step_tolerance:
                return Descent("step", taken + 1, losses)
        return Descent("limit", limit, losses)

    minimise = minimize  # British spelling.

    def norm(self) -> float:
        """Return ‖∇L‖ over all parameters."""
        return _norm(self)


def _norm(optimizer: Optimizer) -> float:
    return math.prod(length([weights.gradient for weights in optimizer.weights]))
