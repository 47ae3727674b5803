"""`OptimizerUpdate`: an optimizer's step on the weights of a program."""

from __future__ import annotations

import math
from typing import Any

from autograd_core.base import contained, np
from autograd_core.compile import TrainingProgram

from ..optim.adaptive import OPTIMIZERS
from ..optim.lbfgs import Evaluation
from ..optim.optimizer import Optimizer, State
from .step_tracing import Places

Array = Any

PIECE = 65_536
"""Weights at a time, so that a rule's intermediate results stay in the processor's cache."""


class OptimizerUpdate:
    """Moves the weights `w`, whose gradient is `g`, in place.

    The rules of this package treat all numbers alike, so they are applied to one row of all weights, a piece
    at a time; a user's rule is applied array by array. `hand_over` returns the state to the optimizer.
    """

    def __init__(self, optimizer: Optimizer, places: Places, program: TrainingProgram) -> None:
        self.optimizer, self.places, self.program = optimizer, places, program
        self.w, self.g = w, g = program.weights[: places.end], program.gradient[: places.end]
        mask, reached = places.mask()[: places.end], program.reached[: places.end]
        self.frozen = None if mask.all() else ~mask
        each = zip(places.moved, places.parts(reached), places.parts(mask), strict=True)
        self.live = [weights._together(some) & free for (weights, _), some, free in each]
        self.idle = not any(some.any() for some in self.live)
        self.alike = False
        self._parts = list(zip(places.parts(w), places.parts(g), self.live, strict=True))
        self._pieces = [slice(i, min(i + PIECE, len(w))) for i in range(0, len(w), PIECE)]
        self._spare = np.empty(min(PIECE, len(w)))
        self._rows: dict[str, Array] = {}
        self._next: dict[str, Array] = {}
        self._states: list[State] = []
        self._saved = 0

    def take_over(self) -> None:
        """Read the optimizer's state."""
        self._states = [dict(remembered) for remembered in self.optimizer.state]
        known = type(self.optimizer) in OPTIMIZERS.values() and not self.optimizer.joint
        self.alike = known and not self.optimizer.groups and self._are_alike()
        if self.alike:
            self._rows = {
                name: np.concatenate([
                    np.broadcast_to(remembered[name], weights.shape).ravel()
                    for remembered, (weights, _) in zip(self._states, self.places.moved, strict=True)
                ])
                for name in self._states[0] if name != "step"
            }  # fmt: skip

    def _are_alike(self) -> bool:
        """Whether all numbers are live and have taken the same steps."""
        names = {tuple(state) for state in self._states}
        steps = [state.get("step", 0) for state in self._states]
        same = all(np.ndim(taken) == 0 and taken == self.optimizer.steps for taken in steps)
        return same and len(names) == 1 and all(some.all() for some in self.live)

    def hand_over(self) -> None:
        """Write the optimizer's state back."""
        if self.alike and self.optimizer.steps:
            rows = {name: self.places.parts(row.copy()) for name, row in self._rows.items()}
            self._states = [
                {"step": self.optimizer.steps, **{name: parts[i] for name, parts in rows.items()}}
                for i in range(len(self.places.moved))
            ]
        self.optimizer.state = [dict(remembered) for remembered in self._states]

    def __call__(self, before: Array, evaluate: Evaluation) -> bool:
        """Take a step, after copying the weights to `before`.

        Return False if it would make a weight infinite or nan: then, or if interrupted, nothing changes.
        """
        finite, self._saved = False, 0
        try:
            if self.alike and self.optimizer._descends:
                finite = self._at_once(before)
            else:
                finite = self._by_rule(before, evaluate)
        finally:
            if finite:
                self.optimizer.steps += 1
            else:
                self.w[: self._saved] = before[: self._saved]
        return finite

    def _at_once(self, before: Array) -> bool:
        np.copyto(before, self.w)
        self._saved = len(before)
        return self.program._descend(len(before), self.optimizer.lr)

    @contained
    def _by_rule(self, before: Array, evaluate: Evaluation) -> bool:
        with np.errstate(all="ignore"):
            return self._in_pieces(before) if self.alike else self._in_arrays(before, evaluate)

    def _in_pieces(self, before: Array) -> bool:
        optimizer, count, total = self.optimizer, self.optimizer.steps + 1, 0.0
        for piece in self._pieces:
            w, state = self.w[piece], {name: row[piece] for name, row in self._rows.items()}
            before[piece] = w
            self._saved = piece.stop
            state["step"] = count
            g = -self.g[piece] if optimizer.maximize else self.g[piece]
            optimizer._move(w, g, state, self._spare[: len(w)])
            total += float(np.add.reduce(w))
            for name, array in state.items():
                if name != "step":
                    if name not in self._next:
                        self._next[name] = np.empty_like(self.w)
                    self._next[name][piece] = array
        finite = math.isfinite(total) or bool(np.isfinite(self.w).all())
        if finite:
            self._rows, self._next = self._next, self._rows
        return finite

    def _in_arrays(self, before: Array, evaluate: Evaluation) -> bool:
        np.copyto(before, self.w)
        self._saved = len(before)
        states = self._jointly(evaluate) if self.optimizer.joint else self._by_arrays()
        finite = bool(np.isfinite(self.w).all())
        if finite:
            self._states = states
        return finite

    def _jointly(self, evaluate: Evaluation) -> list[State]:
        row, states = self.optimizer._moved_by(evaluate, self.w, self._states)  # type: ignore[attr-defined]
        np.copyto(self.w, row)
        return states  # type: ignore[no-any-return]

    def _by_arrays(self) -> list[State]:
        states = []
        movers = self.optimizer.movers
        for mover, (w, g, live), state in zip(movers, self._parts, self._states, strict=True):
            # A rule may keep its arguments, but these arrays are overwritten by the next batch.
            after, fresh = mover._moved(w.copy(), g.copy(), live, state)
            np.copyto(w, after)
            states.append(fresh)
        return states
