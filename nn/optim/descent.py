"""Gradient descent that knows when to stop."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograd_core import DataError, DataValueError, Value
from autograd_core.base import called

from ..checks import brief, length, size
from .optimizer import Array, Optimizer, State, descend

if TYPE_CHECKING:
    from ..types import Parameters


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
