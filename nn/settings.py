"""`Settings`: what a recording depends on besides the weights' numbers, to see whether it has changed."""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterable
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from autograd_core import Value

from .lazy import np
from .module import Module
from .step import EagerStep
from .weights import Weights

BY_IDENTITY = (Module, Weights, Value, FunctionType, BuiltinFunctionType, ModuleType, type)
"""What counts as unchanged as long as it is the same object; modules are looked into one by one."""

BOOKKEEPING = ("_left_off", "_loss", "_part", "_sign")
"""Attributes that modules of every kind have, and that no output depends on."""


class Settings:
    """All attributes of a step's modules, loss and regularizer, the private ones too, and what is frozen.

    What cannot be pickled is taken to have changed.
    """

    def __init__(self, step: EagerStep) -> None:
        weights = [*step.model.weights().values(), *step.optimizer.weights]
        self.content = b""
        self.masks = [each.mask.tobytes() for each in weights]
        self.held: list[Any] = []
        try:
            self.content = self._pickled([step.loss, step.regularizer], step.model.modules(), weights)
        except Exception:  # Whatever an object raises that is not made to be pickled.
            self.content = b""

    def _pickled(self, others: list[Any], modules: list[Module], weights: Iterable[Weights]) -> bytes:
        """Each thing after the other; modules that only a private attribute holds follow."""
        file = io.BytesIO()
        pickler = _Pickler(file, weights)
        pickler.dump(others)
        for module in modules:
            pickler.hold(module)
        for module in pickler.modules:
            pickler.dump({name: x for name, x in vars(module).items() if name not in BOOKKEEPING})
        self.held = pickler.held
        return file.getvalue()

    def same(self, other: Settings) -> bool:
        """Whether nothing has changed between the two."""
        return (
            bool(self.content)
            and (self.content, self.masks) == (other.content, other.masks)
            and len(self.held) == len(other.held)
            and all(a is b for a, b in zip(self.held, other.held, strict=True))
        )


class _Pickler(pickle.Pickler):
    """Notes the objects that stand for themselves in `held`, and puts their place there into the file."""

    def __init__(self, file: io.BytesIO, weights: Iterable[Weights]) -> None:
        super().__init__(file)
        self.held: list[Any] = []
        self.modules: list[Module] = []
        self._places: dict[int, int] = {}
        self._moving = {identity for each in weights for identity in each.identities}

    def hold(self, thing: Any) -> int:
        """The place of an object among those held."""
        place = self._places.setdefault(id(thing), len(self.held))
        if place == len(self.held):
            self.held.append(thing)
            if isinstance(thing, Module):
                self.modules.append(thing)
        return place

    def persistent_id(self, thing: Any) -> Any:
        if isinstance(thing, np.random.Generator):
            return "generator"  # A step that draws is not compiled; `fit` gives dropouts new ones.
        if not isinstance(thing, BY_IDENTITY):
            return None
        constant: Any = None
        if isinstance(thing, Value) and id(thing) not in self._moving:
            constant = thing.data
        if isinstance(thing, Weights) and not self._moves(thing):
            constant = thing.array.tobytes()
        return self.hold(thing), constant

    def _moves(self, weights: Weights) -> bool:
        """Whether training moves all of them: a neuron's `Weights` are a part of its layer's."""
        values = weights.identities - {id(weights)}
        return id(weights) in self._moving or (bool(values) and values <= self._moving)
