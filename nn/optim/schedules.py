"""Learning-rate schedules, with PyTorch's names, defaults and values.

A schedule sets `optimizer.lr` at every `step()`, which `fit(schedule=...)` calls after each epoch.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from copy import copy
from functools import wraps
from typing import Any, ClassVar

from autograd_core import DataError, DataValueError
from autograd_core.base import called, real

from ..checks import ChecksOptions, brief, flag, known, rate, size
from ..io.settings import checked_settings
from .optimizer import Optimizer

ALWAYS = ("first", "epoch", "lr")
"""The entries of every schedule's state."""


def _of_a_whole_number(rate_at: Callable[[Any, int], float]) -> Callable[[Any, int], float]:
    """Make a schedule's function check its argument."""

    @wraps(rate_at)
    def checked(self: Any, epoch: int) -> float:
        return rate_at(self, size(epoch, f"{type(self).__name__}.rate_at", "epoch", 0))

    return checked


class Schedule(ChecksOptions):
    """The learning rate as a function `rate_at(epoch)` of the completed epochs.

    Its state includes the rate, so a schedule restored without its optimizer sets it. Each parameter group
    has its own first rate: its rate when the schedule is created, even after another schedule. Only
    `LambdaLR` and `CosineAnnealingWarmRestarts` start from the first schedule's first rate, as in PyTorch.
    """

    SETTINGS: ClassVar[tuple[str, ...]] = ()
    _from_initial: ClassVar[bool] = False
    """Whether it starts from the rates before any schedule."""

    def __init__(self, optimizer: Optimizer) -> None:
        if not isinstance(optimizer, Optimizer):
            raise DataError(
                f"{type(self).__name__}: not an optimizer: got {brief(optimizer)}; expected e.g. SGD(...)."
            )
        self.optimizer = optimizer
        self.epoch = 0
        firsts = []
        for each in (optimizer, *optimizer.groups):
            each.initial_lr = each.lr if each.initial_lr is None else each.initial_lr
            firsts.append(each.initial_lr if self._from_initial else each.lr)
        self.first, self.firsts = firsts[0], firsts[1:]

    @property
    def lr(self) -> float:
        """The optimizer's learning rate."""
        return self.optimizer.lr

    @lr.setter
    def lr(self, lr: float) -> None:
        self.optimizer.lr = lr

    def __init_subclass__(cls, **named: Any) -> None:
        super().__init_subclass__(**named)
        if "rate_at" in vars(cls):
            cls.rate_at = _of_a_whole_number(cls.rate_at)  # type: ignore[assignment, method-assign]

    def rate_at(self, epoch: int) -> float:
        """Return the learning rate after a number of epochs."""
        raise NotImplementedError

    def step(self, metric: float | None = None) -> None:
        """Advance by one epoch."""
        self._set_rates(self.epoch + 1)
        self.epoch += 1

    def _set_rates(self, epoch: int) -> None:
        """Set the learning rate and that of each group; none if a rate cannot be computed."""
        rates = [self.rate_at(epoch), *[self._beginning_at(first).rate_at(epoch) for first in self.firsts]]
        for each, lr in zip((self.optimizer, *self.optimizer.groups), rates, strict=True):
            each._set({"lr": lr})

    def _beginning_at(self, first: float) -> Schedule:
        """Return the same schedule with a different first rate."""
        other = copy(self)
        other._begin(first, [])
        return other

    def _begin(self, first: float, firsts: list[float]) -> None:
        """Set the common first rate and those of groups."""
        self.first, self.firsts = first, firsts

    def state_dict(self) -> dict[str, Any]:
        """Return what a later run needs to continue."""
        groups = {"firsts": list(self.firsts)} if self.firsts else {}
        return {name: getattr(self, name) for name in (*ALWAYS, *self.SETTINGS)} | groups

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Resume where another schedule of the same kind stopped; change nothing unless all of it fits."""
        who = f"{type(self).__name__}.load_state_dict"
        if not isinstance(state, dict):
            raise DataError(f"{who}: not a state: got {brief(state)}; expected a result of state_dict().")
        found = self._read(state, who)
        self._begin(found.pop("first"), found.pop("firsts", self.firsts))
        self.optimizer._set({"lr": found.pop("lr")})
        for name, value in found.items():
            setattr(self, name, value)

    def _read(self, state: dict[str, Any], who: str) -> dict[str, Any]:
        """Return a state after all checks."""
        return checked_state(type(self), self.optimizer, state, who, like=self)


def checked_state(
    kind: type[Schedule], optimizer: Optimizer, state: dict[str, Any], who: str, like: Schedule | None = None
) -> dict[str, Any]:
    """Return a schedule's `state_dict` after the constructor's checks, without changing the optimizer."""
    settings = {name: x for name, x in state.items() if name != "firsts"}
    kept = [(each, each.lr, each.initial_lr) for each in (optimizer, *optimizer.groups)]
    try:
        found = checked_settings(kind, optimizer, settings, (*ALWAYS, *kind.SETTINGS), who, like)
    finally:
        for each, lr, initial in kept:
            each._set({"lr": lr, "initial_lr": initial})
    found |= {name: rate(state[name], who, name) for name in ("first", "lr")}
    if "firsts" not in state:  # An optimizer without groups.
        return found
    firsts = state["firsts"]
    if not isinstance(firsts, list) or (like is not None and len(firsts) != len(optimizer.groups)):
        raise DataValueError(f"{who}: firsts = {brief(firsts)}; expected a rate for each group.")
    return found | {"firsts": [rate(first, who, "firsts") for first in firsts]}


class StepLR(Schedule):
    """lr · gamma^⌊epoch / step_size⌋."""

    SETTINGS = ("step_size", "gamma")

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        super().__init__(optimizer)
        self.step_size = size(step_size, "StepLR", "step_size")
        self.gamma = rate(gamma, "StepLR", "gamma", closed=False)

    def rate_at(self, epoch: int) -> float:
        return self.first * self.gamma ** (epoch // self.step_size)


class ExponentialLR(Schedule):
    """lr · gamma^epoch."""

    SETTINGS = ("gamma",)

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        super().__init__(optimizer)
        self.gamma = rate(gamma, "ExponentialLR", "gamma", closed=False)

    def rate_at(self, epoch: int) -> float:
        return self.first * self.gamma**epoch


class CosineAnnealingLR(Schedule):
    """eta_min + (lr - eta_min) (1 + cos(π epoch / T_max)) / 2: half a cosine wave from lr down to eta_min."""

    SETTINGS = ("T_max", "eta_min")

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        super().__init__(optimizer)
        self.T_max = size(T_max, "CosineAnnealingLR", "T_max")
        self.eta_min = rate(eta_min, "CosineAnnealingLR", "eta_min")

    def rate_at(self, epoch: int) -> float:
        return (
            self.eta_min + (self.first - self.eta_min) * (1.0 + math.cos(math.pi * epoch / self.T_max)) / 2.0
        )


class CosineAnnealingWarmRestarts(Schedule):
    """The half wave of `CosineAnnealingLR` repeatedly: T_0 epochs long, then each T_mult times as long."""

    SETTINGS = ("T_0", "T_mult", "eta_min")
    _from_initial = True

    def __init__(self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0) -> None:
        super().__init__(optimizer)
        self.T_0 = size(T_0, "CosineAnnealingWarmRestarts", "T_0")
        self.T_mult = size(T_mult, "CosineAnnealingWarmRestarts", "T_mult")
        self.eta_min = rate(eta_min, "CosineAnnealingWarmRestarts", "eta_min")
        self._set_rates(0)

    def rate_at(self, epoch: int) -> float:
        length = self.T_0
        if self.T_mult == 1:
            epoch %= length
        while epoch >= length:
            epoch, length = epoch - length, length * self.T_mult
        return self.eta_min + (self.first - self.eta_min) * (1.0 + math.cos(math.pi * epoch / length)) / 2.0


class MultiStepLR(Schedule):
    """lr · gamma^k after k of the `milestones` (epochs)."""

    SETTINGS = ("milestones", "gamma")

    def __init__(self, optimizer: Optimizer, milestones: Sequence[int], gamma: float = 0.1) -> None:
        super().__init__(optimizer)
        if not isinstance(milestones, (list, tuple)):
            raise DataError(f"MultiStepLR: milestones = {brief(milestones)}; expected a list of epochs.")
        self.milestones = sorted([size(epoch, "MultiStepLR", "milestone", 0) for epoch in milestones])
        self.gamma = rate(gamma, "MultiStepLR", "gamma", closed=False)

    def rate_at(self, epoch: int) -> float:
        return float(self.first * self.gamma ** sum(epoch >= milestone for milestone in self.milestones))


class LinearLR(Schedule):
    """lr times a factor that changes linearly from `start_factor` to `end_factor` in `total_iters` epochs."""

    SETTINGS = ("start_factor", "end_factor", "total_iters")

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3.0,
        end_factor: float = 1.0,
        total_iters: int = 5,
    ) -> None:
        super().__init__(optimizer)
        self.start_factor = rate(
            start_factor, "LinearLR", "start_factor", 0.0, 1.0, closed=False, including=True
        )
        self.end_factor = rate(end_factor, "LinearLR", "end_factor", 0.0, 1.0, including=True)
        self.total_iters = size(total_iters, "LinearLR", "total_iters")
        self._set_rates(0)

    def rate_at(self, epoch: int) -> float:
        part = min(epoch, self.total_iters) / self.total_iters
        return self.first * (self.start_factor + (self.end_factor - self.start_factor) * part)


class LambdaLR(Schedule):
    """lr times `lr_lambda(epoch)`, any function of the epoch. The function is not saved in files.

    >>> from nn import SGD, Linear
    >>> schedule = LambdaLR(SGD(Linear(1, 1), lr=0.5), lambda epoch: 1 / (1 + epoch))
    >>> schedule.step(); schedule.lr
    0.25
    """

    _from_initial = True

    def __init__(self, optimizer: Optimizer, lr_lambda: Callable[[int], float]) -> None:
        super().__init__(optimizer)
        if not callable(lr_lambda):
            raise DataError(f"LambdaLR: not a function: lr_lambda = {brief(lr_lambda)}; expected one.")
        self.lr_lambda = lr_lambda
        self._set_rates(0)

    def rate_at(self, epoch: int) -> float:
        factor = called("LambdaLR: lr_lambda", self.lr_lambda, epoch)
        return self.first * rate(factor, "LambdaLR", "lr_lambda(epoch)")


class OneCycleLR(Schedule):
    """Up from max_lr/div_factor to max_lr, then down to a small fraction (Smith and Topin, 2018).

    The rise takes the fraction `pct_start` of the `total_steps`; with `three_phase` the fall takes equally
    long, and a third phase lasts until the end. Call `step()` after each batch or epoch, at most
    `total_steps` times. The momentum is unchanged, as with PyTorch's `cycle_momentum=False`.
    """

    SETTINGS = (
        *("max_lr", "total_steps", "pct_start", "anneal_strategy", "div_factor", "final_div_factor"),
        "three_phase",
    )

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float,
        total_steps: int,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
    ) -> None:
        super().__init__(optimizer)
        self.max_lr = rate(max_lr, "OneCycleLR", "max_lr", closed=False)
        self.total_steps = size(total_steps, "OneCycleLR", "total_steps")
        self.pct_start = rate(pct_start, "OneCycleLR", "pct_start", 0.0, 1.0, including=True)
        self.anneal_strategy = known(anneal_strategy, ("cos", "linear"), "OneCycleLR", "anneal strategy")
        self.div_factor = rate(div_factor, "OneCycleLR", "div_factor", closed=False)
        self.final_div_factor = rate(final_div_factor, "OneCycleLR", "final_div_factor", closed=False)
        self.three_phase = flag(three_phase, "OneCycleLR", "three_phase")
        self._set_rates(0)

    def _phases(self) -> list[tuple[float, float]]:
        """Return the last step of each phase, and the rate there."""
        low, rise = self.max_lr / self.div_factor, self.pct_start * self.total_steps
        middle = [(2.0 * rise - 2.0, low)] if self.three_phase else []
        return [(rise - 1.0, self.max_lr), *middle, (self.total_steps - 1.0, low / self.final_div_factor)]

    def rate_at(self, epoch: int) -> float:
        if epoch > self.total_steps:
            raise DataValueError(
                f"OneCycleLR: step {epoch} of {self.total_steps}; expected at most total_steps steps."
            )
        start, rate_there = 0.0, self.max_lr / self.div_factor
        *earlier, last = self._phases()
        for end, aim in earlier:
            if epoch <= end:
                return self._between(rate_there, aim, (epoch - start) / (end - start))
            start, rate_there = end, aim
        return self._between(rate_there, last[1], (epoch - start) / (last[0] - start))

    def _between(self, a: float, b: float, part: float) -> float:
        if self.anneal_strategy == "linear":
            return a + (b - a) * part
        return b + (a - b) / 2.0 * (1.0 + math.cos(math.pi * part))


class SequentialLR(Schedule):
    """One schedule after another: each later one starts, at its epoch 0, at one of the `milestones`.

    The schedules are created in order for the same optimizer, and all start from the first one's rate.

    >>> from nn import SGD, ExponentialLR, Linear, LinearLR
    >>> optimizer = SGD(Linear(1, 1), lr=1.0)
    >>> warm, decay = LinearLR(optimizer, 0.5, total_iters=2), ExponentialLR(optimizer, 0.9)
    >>> schedule, rates = SequentialLR(optimizer, [warm, decay], [2]), [optimizer.lr]
    >>> for _ in range(3):
    ...     schedule.step()
    ...     rates.append(optimizer.lr)
    >>> rates
    [0.5, 0.75, 1.0, 0.9]
    """

    SETTINGS = ("milestones",)

    def __init__(
        self, optimizer: Optimizer, schedules: Sequence[Schedule], milestones: Sequence[int]
    ) -> None:
        super().__init__(optimizer)
        sequences = isinstance(schedules, (list, tuple)) and isinstance(milestones, (list, tuple))
        if not sequences or not schedules or any(not isinstance(each, Schedule) for each in schedules):
            raise DataError(
                f"SequentialLR: schedules = {brief(schedules)}, milestones = {brief(milestones)}; "
                "expected a list of schedules and a list of epochs."
            )
        if any(each.optimizer is not optimizer or isinstance(each, ReduceLROnPlateau) for each in schedules):
            raise DataValueError(
                "SequentialLR: a schedule of another optimizer, or one that needs a metric; expected "
                "schedules of this optimizer."
            )
        self.schedules = list(schedules)
        self.milestones = self._increasing(milestones, "SequentialLR")
        self._begin(schedules[0].first, schedules[0].firsts)
        self._set_rates(0)

    def _increasing(self, milestones: Any, who: str) -> list[int]:
        """Return the milestones after a check."""
        count = len(self.schedules) - 1
        if isinstance(milestones, (list, tuple)):
            found = [size(epoch, who, "milestone") for epoch in milestones]
            if len(found) == count and found == sorted(set(found)):
                return found
        raise DataValueError(f"{who}: milestones = {brief(milestones)}; expected {count}, increasing.")

    def _read(self, state: dict[str, Any], who: str) -> dict[str, Any]:
        found = super()._read(state, who)
        return found | {"milestones": self._increasing(found["milestones"], who)}

    def _begin(self, first: float, firsts: list[float]) -> None:
        super()._begin(first, firsts)
        for each in self.schedules:
            each._begin(first, firsts)

    def _beginning_at(self, first: float) -> Schedule:
        other = copy(self)
        other.schedules = [copy(each) for each in self.schedules]
        other._begin(first, [])
        return other

    def rate_at(self, epoch: int) -> float:
        which = bisect_right(self.milestones, epoch)
        return self.schedules[which].rate_at(epoch - ([0, *self.milestones][which]))


class ReduceLROnPlateau(Schedule):
    """lr · factor whenever the metric has not improved for more than `patience` epochs.

    An improvement must exceed the fraction `threshold` of the best so far (PyTorch's mode "rel", except that
    in PyTorch a constant negative metric counts as an improvement). A nan is never an improvement.
    """

    SETTINGS = ("mode", "factor", "patience", "threshold", "cooldown", "min_lr", "best", "waited", "resting")

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__(optimizer)
        self.mode = known(mode, ("min", "max"), "ReduceLROnPlateau", "mode")
        self.factor = rate(factor, "ReduceLROnPlateau", "factor", high=1.0, closed=False)
        self.patience = size(patience, "ReduceLROnPlateau", "patience", 0)
        self.threshold = rate(threshold, "ReduceLROnPlateau", "threshold")
        self.cooldown = size(cooldown, "ReduceLROnPlateau", "cooldown", 0)
        self.min_lr = rate(min_lr, "ReduceLROnPlateau", "min_lr")
        self.best: float | None = None
        self.waited = self.resting = 0

    def step(self, metric: float | None = None) -> None:
        if metric is None:
            raise DataError("ReduceLROnPlateau.step: no metric; expected the loss or score of the epoch.")
        metric = real(metric, "ReduceLROnPlateau.step: metric")
        self.epoch += 1
        if self._is_better(metric):
            self.best, self.waited = metric, 0
        else:
            self.waited += 1
        if self.resting > 0:
            self.resting, self.waited = self.resting - 1, 0
        if self.waited > self.patience:
            for each in (self.optimizer, *self.optimizer.groups):
                lower = max(each.lr * self.factor, self.min_lr)
                if each.lr - lower > 1e-8:
                    each._set({"lr": lower})
            self.resting, self.waited = self.cooldown, 0

    def _is_better(self, metric: float) -> bool:
        sign = 1.0 if self.mode == "min" else -1.0
        if self.best is None:
            return sign * metric < math.inf
        # Lower by a fraction of its size: if the best is negative, the bar is further from 0.
        return sign * metric < sign * self.best * (1.0 - math.copysign(self.threshold, sign * self.best))
