"""`Mover`: the optimizer's step inside a compiled one, on all weights in one row where its rule lets it."""

from __future__ import annotations

from typing import Any

from .adaptive import OPTIMIZERS
from .lazy import np
from .optim import Optimizer, State
from .places import Places

Array = Any


class Mover:
    """Moves the weights `w`, whose gradient is `g`, in place.

    The rules of this package treat every number alike, so that one call moves all weights; another's rule is
    asked array by array. What is remembered is the optimizer's again after `hand_over`.
    """

    def __init__(self, optimizer: Optimizer, places: Places, w: Array, g: Array) -> None:
        self.optimizer, self.places, self.w, self.g = optimizer, places, w, g
        mask = places.mask()[: places.end]
        self.frozen = None if mask.all() else ~mask
        self.alike = self.frozen is None and type(optimizer) in OPTIMIZERS.values()
        if self.alike:
            self._arrays = [(w, g, np.empty_like(w), None)]
        else:
            masks = [None if part.all() else part for part in places.parts(mask)]
            parts = [places.parts(row) for row in (w, g, np.empty_like(w))]
            self._arrays = list(zip(*parts, masks, strict=True))
        self.state: list[State] = []

    def take_over(self) -> None:
        """Reads what the optimizer remembers."""
        states = self.optimizer.state
        if not self.alike:
            self.state = [dict(remembered) for remembered in states]
            return
        names = [name for name in states[0] if name != "step"]
        self.state = [{
            name: np.concatenate([
                np.broadcast_to(remembered[name], weights.shape).ravel()
                for remembered, (weights, _) in zip(states, self.places.moved, strict=True)
            ])
            for name in names
        }]  # fmt: skip

    def hand_over(self) -> None:
        """Gives back what is remembered."""
        if not self.alike:
            self.optimizer.state = [dict(remembered) for remembered in self.state]
            return
        (whole,) = self.state
        step = {"step": whole["step"]} if "step" in whole else {}
        rows = {name: self.places.parts(row) for name, row in whole.items() if name != "step"}
        self.optimizer.state = [
            {**step, **{name: parts[i].copy() for name, parts in rows.items()}}
            for i in range(len(self.places.moved))
        ]

    def __call__(self) -> bool:
        """One step; if it leads out of the numbers, the weights are wrong, nothing is remembered: False."""
        optimizer, count = self.optimizer, self.optimizer.steps + 1
        state = [{**remembered, "step": count} for remembered in self.state]
        with np.errstate(all="ignore"):
            for (w, g, spare, mask), remembered in zip(self._arrays, state, strict=True):
                if mask is None:
                    optimizer.move(w, g, remembered, spare)
                else:
                    np.copyto(w, optimizer.rule(w, g, remembered), where=mask)
            finite = np.isfinite(self.w.sum()) or np.isfinite(self.w).all()
        if finite:
            optimizer.steps, self.state = count, state
        return bool(finite)
