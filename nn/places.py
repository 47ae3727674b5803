"""Where each weight of a model stands among all numbers that a program computes with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd_core import TraceError, Value

from .lazy import np
from .module import Module
from .weights import Weights

Array = Any


class Places:
    """All weights in one row: first those that an optimizer moves, then the model's others.

    `moved` and `rest` are pairs of weights and the slice that they take.
    """

    def __init__(self, model: Module, moved: Iterable[Weights] = ()) -> None:
        self.count = 0
        self.rest: list[tuple[Weights, slice]] = []
        self.moved = [(weights, self._next(weights)) for weights in moved]
        self.end = self.count
        self.model = list(model.weights().values())
        self.starts = {id(weights): part.start for weights, part in self.moved}
        known = self.values()
        for weights in self.model:
            if id(weights) not in self.starts:
                self._find(weights, known)

    def _next(self, weights: Weights) -> slice:
        self.count += len(weights)
        return slice(self.count - len(weights), self.count)

    def _find(self, weights: Weights, known: dict[Value, int]) -> None:
        """The place that the optimizer's `Value`s give them, or a new one."""
        found = [known.get(v, -1) for v in weights.values] if weights.materialized else []
        first = found[0] if found else -1
        if first >= 0 and found == list(range(first, first + len(found))):
            self.starts[id(weights)] = found[0]
        elif any(place >= 0 for place in found):
            raise TraceError("the optimizer has a part of an array of weights, or has it in another order")
        else:
            part = self._next(weights)
            self.rest.append((weights, part))
            self.starts[id(weights)] = part.start

    def values(self) -> dict[Value, int]:
        """The place of every weight that is a `Value` by now."""
        known: dict[Value, int] = {}
        for weights, part in [*self.moved, *self.rest]:
            if weights.materialized:
                known |= zip(weights.values, range(part.start, part.stop), strict=True)
        for weights in self.model:
            if weights.materialized:
                start = self.starts.get(id(weights), -1)
                if start >= 0:
                    known |= zip(weights.values, range(start, start + len(weights)), strict=True)
        return known

    def read(self, into: Array) -> None:
        """Copies all weights into a row."""
        for weights, part in [*self.moved, *self.rest]:
            into[part] = weights.array.ravel()

    def mask(self) -> Array:
        """Which weights take a gradient."""
        return np.concatenate([weights.mask.ravel() for weights, _ in [*self.moved, *self.rest]])

    def parts(self, row: Array) -> list[Array]:
        """The optimizer's part of a row, as views in the shapes of its weights."""
        return [row[part].reshape(weights.shape) for weights, part in self.moved]


def numbers(model: Module) -> int:
    """How many weights a model has."""
    return sum(len(weights) for weights in model.weights().values())


def overlap(weights: Iterable[Weights]) -> bool:
    """Whether some `Value` stands in two places."""
    values = [v for each in weights if each.materialized for v in each.values]
    return len(set(values)) < len(values)
