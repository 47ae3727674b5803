"""L-BFGS: Newton steps with a Hessian approximated from recent gradients."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autograd_core import DataError, DataValueError, Value
from autograd_core.base import called, contained, np, real

from ..checks import brief, known, number_of, size
from .optimizer import Array, Optimizer, State, assign_arrays

if TYPE_CHECKING:
    from ..types import Parameters

Evaluation = Callable[[Array], tuple[float, Array]]
"""Computes the loss and its gradient at given weights, all in one row."""


@dataclass
class Memory:
    """The state between steps: the last moves s and the gradient's change y in each."""

    steps: int = 0
    gradient: Array = None
    move: Array = None
    pairs: list[tuple[Array, Array]] = field(default_factory=list)

    def direction(self, g: Array, most: int) -> Array:
        """Return -H g, with the inverse Hessian H from the last pairs (Nocedal and Wright, algorithm 7.4)."""
        if self.steps:
            s, y = self.move, g - self.gradient
            if y @ s > 1e-10:
                self.pairs = [*self.pairs, (s, y)][-most:]
        q, shares = -g, []
        for s, y in reversed(self.pairs):
            shares.append((s @ q) / (y @ s))
            q = q - shares[-1] * y
        if self.pairs:
            s, y = self.pairs[-1]
            q = q * ((y @ s) / (y @ y))
        for s, y in self.pairs:
            q = q + s * (shares.pop() - (y @ q) / (y @ s))
        return q


class LBFGS(Optimizer):
    """w = w - lr H g, with H the inverse Hessian estimated from recent gradients (Liu and Nocedal, 1989).

    A step has up to `max_iter` iterations, which each recompute the loss: `step(closure)` takes a function
    that sets the gradients to 0, computes the loss, calls `backward()` and returns the loss. `fit` does so
    for each batch; `batch_size=None` works best. `line_search_fn="strong_wolfe"` searches for the length of
    each move. Names, defaults and steps are PyTorch's.

    >>> from autograd_core import Value
    >>> x, y = Value(-1.2), Value(1.0)
    >>> optimizer = LBFGS([x, y], line_search_fn="strong_wolfe")
    >>> def rosenbrock():
    ...     optimizer.zero_grad()
    ...     loss = (1.0 - x) ** 2 + 100.0 * (y - x**2) ** 2
    ...     loss.backward()
    ...     return loss
    >>> for _ in range(3):
    ...     loss = optimizer.step(rosenbrock)
    >>> round(x.data, 3), round(y.data, 3)
    (1.0, 1.0)
    """

    joint = True
    SETTINGS = (
        *("lr", "max_iter", "max_eval", "tolerance_grad", "tolerance_change", "history_size"),
        *("line_search_fn", "maximize"),
    )

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
        maximize: bool = False,
    ) -> None:
        self.max_iter = size(max_iter, "LBFGS", "max_iter")
        self.max_eval = None if max_eval is None else size(max_eval, "LBFGS", "max_eval")
        self.tolerance_grad = self._rate(tolerance_grad, "tolerance_grad")
        self.tolerance_change = self._rate(tolerance_change, "tolerance_change")
        self.history_size = size(history_size, "LBFGS", "history_size")
        if line_search_fn is not None:
            known(line_search_fn, ("strong_wolfe",), "LBFGS", "line search")
        self.line_search_fn = line_search_fn
        super().__init__(parameters, lr, maximize)
        if self.groups:
            raise DataError("LBFGS: parameter groups; expected all in one, because steps are joint.")

    @contained
    def step(  # type: ignore[override]
        self, closure: Callable[[], Value | float] | None = None
    ) -> Value | float:
        """Take up to `max_iter` iterations, all or none; return the loss before the first."""
        if not callable(closure):
            raise DataError("LBFGS.step: no function; expected one that computes loss and gradients.")
        before = [weights.array for weights in self.weights]
        losses: list[Any] = []

        def evaluate(row: Array) -> tuple[float, Array]:
            if losses:
                assign_arrays(self.weights, self._apart(row))
            losses.append(called("LBFGS.step: closure", closure))
            gradients = [np.where(w.mask, w.gradient, 0.0).ravel() for w in self.weights]
            return real(number_of(losses[-1]), "LBFGS.step: the loss"), np.concatenate(gradients)

        try:
            row = np.concatenate([w.ravel() for w in before])
            row, states = self._moved_by(evaluate, row, self.state)
            assign_arrays(self.weights, self._apart(row))
            self.steps, self.state = self.steps + 1, states
        except BaseException:
            assign_arrays(self.weights, before)
            raise
        first: Value | float = losses[0]
        return first

    def _moved_by(self, evaluate: Evaluation, row: Array, states: list[State]) -> tuple[Array, list[State]]:
        """Return all weights in one row after a step, and the new states."""

        def signed(row: Array) -> tuple[float, Array]:
            loss, g = evaluate(row)
            return (-loss, -g) if self.maximize else (loss, g.copy())

        memory = self._recalled(states)
        row = self._descended(signed, row.copy(), memory)
        return row, self._kept(memory)

    def _descended(self, evaluate: Evaluation, w: Array, memory: Memory) -> Array:
        loss, g = evaluate(w)
        left = (self.max_iter * 5 // 4 if self.max_eval is None else self.max_eval) - 1
        if not np.abs(g).max() > self.tolerance_grad:
            return w
        for i in range(self.max_iter):
            d = memory.direction(g, self.history_size)
            t = self.lr if memory.steps else min(1.0, 1.0 / float(np.abs(g).sum())) * self.lr
            memory.steps, memory.gradient, before = memory.steps + 1, g, loss
            slope = float(g @ d)
            if slope > -self.tolerance_change:
                break
            if self.line_search_fn is not None:
                search = WolfeSearch(evaluate, w, d, (loss, g), self.tolerance_change, left)
                t, loss, g = search.length(t)
                left -= search.calls
                w = w + t * d
            else:
                w = w + t * d
                if i < self.max_iter - 1:  # After the last one, no gradient is needed.
                    loss, g = evaluate(w)
                    left -= 1
            memory.move = d * t
            small = np.abs(memory.move).max() <= self.tolerance_change
            if left <= 0 or small or np.abs(g).max() <= self.tolerance_grad:
                break
            if abs(loss - before) < self.tolerance_change:
                break
        return w

    def _apart(self, row: Array) -> list[Array]:
        ends = np.cumsum([len(weights) for weights in self.weights])[:-1]
        parts = np.split(row, ends)
        return [part.reshape(w.shape) for part, w in zip(parts, self.weights, strict=True)]

    def load_state_dict(self, state: dict[str, Any]) -> None:
        parts = state.get("state", []) if isinstance(state, dict) else []
        named = isinstance(parts, list) and all(isinstance(part, dict) for part in parts)
        for part in parts if named else []:
            names = set(part) - {"step", "gradient", "move"}
            pairs = [f"{letter}{i}" for i in range(len(names) // 2) for letter in "sy"]
            if names != set(pairs) or set(part) - {"step"} != set(parts[0]) - {"step"}:
                got = brief(sorted(part, key=str))
                raise DataValueError(f"LBFGS.load_state_dict: arrays {got}; expected pairs s0, y0, etc.")
        super().load_state_dict(state)

    def _kept(self, memory: Memory) -> list[State]:
        """Return the memory as arrays in the shapes of the weights."""
        rows = {"gradient": memory.gradient, "move": memory.move}
        for i, (s, y) in enumerate(memory.pairs):
            rows |= {f"s{i}": s, f"y{i}": y}
        states: list[State] = [{"step": memory.steps} for _ in self.weights]
        for name, row in rows.items():
            for state, part in zip(states, [] if row is None else self._apart(row), strict=False):
                state[name] = part
        return states

    def _recalled(self, states: list[State]) -> Memory:
        def row(name: str) -> Array:
            parts = [np.broadcast_to(s[name], w.shape) for s, w in zip(states, self.weights, strict=True)]
            return np.concatenate([part.ravel() for part in parts])

        names = set(states[0])
        if "gradient" not in names or "move" not in names:
            return Memory()
        count = sum(f"s{i}" in names for i in range(len(names)))
        pairs = [(row(f"s{i}"), row(f"y{i}")) for i in range(count)]
        return Memory(int(np.max(states[0].get("step", 0))), row("gradient"), row("move"), pairs)


@dataclass
class WolfeSearch:
    """Finds the length t of a move along d where the loss falls enough and the slope is small.

    These are the strong Wolfe conditions f(t) <= f + c₁ t f' and |f'(t)| <= -c₂ f', with c₁ = 1e-4 and
    c₂ = 0.9 (Nocedal and Wright, algorithms 3.5 and 3.6). Each trial is the minimum of a cubic.
    """

    evaluate: Evaluation
    w: Array
    d: Array
    start: tuple[float, Array]
    tolerance: float
    most: int
    calls: int = 0

    def at(self, t: float) -> Trial:
        """Evaluate the loss after a move of length t."""
        loss, g = self.evaluate(self.w + t * self.d)
        self.calls += 1
        return Trial(t, float(loss), g, float(g @ self.d))

    def length(self, t: float) -> tuple[float, float, Array]:
        """Return the length, with the loss and gradient there."""
        loss, g = self.start
        self.origin = before = Trial(0.0, float(loss), g, float(g @ self.d))
        trial, turns = self.at(t), 0
        while turns < self.most:
            if self.rises(trial) or (turns > 1 and trial.loss >= before.loss):
                return self.between(before, trial, turns)
            if self.is_flat(trial):
                return trial.t, trial.loss, trial.g
            if trial.slope >= 0.0:
                return self.between(before, trial, turns)
            low, high = trial.t + 0.01 * (trial.t - before.t), 10.0 * trial.t
            t = cubic_minimum(before, trial, low, high)
            before, trial, turns = trial, self.at(t), turns + 1
        best = self.origin if self.origin.loss <= trial.loss else trial
        return best.t, best.loss, best.g

    def rises(self, trial: Trial) -> bool:
        """Whether the loss falls too little."""
        return trial.loss > self.origin.loss + 1e-4 * trial.t * self.origin.slope

    def is_flat(self, trial: Trial) -> bool:
        """Whether the slope is small enough."""
        return abs(trial.slope) <= -0.9 * self.origin.slope

    def between(self, a: Trial, b: Trial, turns: int) -> tuple[float, float, Array]:
        """Narrow an interval that contains such a length."""
        stuck = False
        low, high = sorted((a, b), key=lambda trial: trial.loss)
        reach = float(np.abs(self.d).max())
        while turns < self.most and abs(a.t - b.t) * reach >= self.tolerance:
            t = cubic_minimum(a, b)
            left, right = min(a.t, b.t), max(a.t, b.t)
            margin = 0.1 * (right - left)
            near = min(right - t, t - left) < margin
            if near and (stuck or t >= right or t <= left):
                t = right - margin if abs(t - right) < abs(t - left) else left + margin
                near = False
            stuck = near
            trial, turns = self.at(t), turns + 1
            if self.rises(trial) or trial.loss >= low.loss:
                a, b = (low, trial) if low is a else (trial, low)
                low, high = sorted((a, b), key=lambda each: each.loss)
                continue
            done = self.is_flat(trial)
            other = low if not done and trial.slope * (high.t - low.t) >= 0.0 else high
            a, b = (trial, other) if low is a else (other, trial)
            low, high = trial, other
            if done:
                break
        return low.t, low.loss, low.g


@dataclass
class Trial:
    """A length of the move, with the loss, its gradient, and its slope along the move."""

    t: float
    loss: float
    g: Array
    slope: float


def cubic_minimum(a: Trial, b: Trial, low: float | None = None, high: float | None = None) -> float:
    """Return the minimum, within limits, of the cubic through two points with slopes (equation 3.59)."""
    low = min(a.t, b.t) if low is None else low
    high = max(a.t, b.t) if high is None else high
    d1 = a.slope + b.slope - 3.0 * (a.loss - b.loss) / (a.t - b.t) if a.t != b.t else math.nan
    square = d1 * d1 - a.slope * b.slope
    if not square >= 0.0:
        return (low + high) / 2.0
    d2 = math.sqrt(square)
    near, far = (a, b) if a.t <= b.t else (b, a)
    bend = far.slope - near.slope + 2.0 * d2
    if not bend:
        return (low + high) / 2.0
    t = far.t - (far.t - near.t) * ((far.slope + d2 - d1) / bend)
    return min(max(t, low), high)
