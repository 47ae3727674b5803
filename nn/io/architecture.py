"""Describe a model's architecture as data, and rebuild the model from it."""

from __future__ import annotations

from typing import Any

from autograd_core import AutogradError

from ..checks import DEEPEST, brief
from ..errors import ModelFileError
from ..modules import activations, compose, images, layers, normalization, recurrent
from ..modules.module import Module
from ..modules.parameter import allowance
from .settings import alike
from .tensors import Shapes, numbers_in

KINDS: dict[str, type[Module]] = {
    kind.__name__: kind
    for kind in (
        layers.Neuron, layers.Layer, layers.MLP, layers.Linear, layers.Dropout, layers.Embedding,
        images.Conv1d, images.Conv2d, images.MaxPool1d, images.MaxPool2d, images.AvgPool1d, images.AvgPool2d,
        normalization.LayerNorm, normalization.BatchNorm1d,
        compose.Sequential, compose.Concatenate, compose.Residual, compose.Flatten,
        activations.Softmax, activations.LogSoftmax, activations.WinnerTakeAll, activations.PReLU,
        recurrent.RNNCell, recurrent.GRUCell, recurrent.LSTMCell,
        *activations.Activation.__subclasses__(),
    )
}  # fmt: skip
CONTAINERS = ("Sequential", "Concatenate", "Residual")

MOST_PLACES = 5_000
"""The most modules a file may describe. A shared one counts each time: a few lines could describe 2^30."""


def described(model: Module) -> dict[str, Any] | None:
    """Return a description from which `rebuilt` recreates the model; None if it has user-defined classes."""
    description = _described(model, "", {})
    try:
        twin = rebuilt(description, shapes_of(model), "save")
    except ModelFileError:
        return None
    return description if repr(twin) == repr(model) else None


def as_call(description: Any, depth: int = 0) -> str:
    """Write a description as the call that creates the module, for messages; it may come from a file."""
    if not isinstance(description, dict) or depth > 10:
        return brief(description)
    kind, parts = description.get("kind", "the same"), description.get("parts")
    if isinstance(parts, list):
        inside = [as_call(part, depth + 1) for part in parts[:10]] + ["..."] * (len(parts) > 10)
    else:
        settings = description.get("settings", {})
        inside = [f"{name}={brief(x)}" for name, x in settings.items()] if isinstance(settings, dict) else []
    return f"{kind}({', '.join(inside)})"[:300]


def shapes_of(model: Module) -> Shapes:
    """Return the shape of each array of weights, by name."""
    return {name: weights.shape for name, weights in model.weights().items()}


def _described(module: Module, path: str, seen: dict[int, str]) -> dict[str, Any]:
    if id(module) in seen:
        return {"same_as": seen[id(module)]}
    seen[id(module)] = path
    kind = type(module).__name__
    if KINDS.get(kind) is not type(module):
        return {"kind": f"{type(module).__module__}.{type(module).__qualname__}"}
    if kind in CONTAINERS:
        children = module.named_children()
        return {"kind": kind, "parts": [_described(part, f"{path}/{name}", seen) for name, part in children]}
    return {"kind": kind, "settings": module.settings()}


def rebuilt(description: Any, shapes: Shapes, who: str = "load") -> Module:
    """Return the model that a description defines, with weights of these shapes, not yet filled in.

    No memory for the weights is allocated until the shapes are known to be right.
    """
    try:
        with allowance(len(shapes), numbers_in(shapes)):
            model = _ModelBuilder(len(shapes), who).build(description, "", 0)
        found = shapes_of(model)
    except (AutogradError, TypeError, RecursionError) as error:
        if isinstance(error, ModelFileError):
            raise
        raise ModelFileError(f"{who}: the architecture cannot be built: {str(error)[:300]}") from None
    refuse_other_shapes(found, shapes, who)
    return model


def refuse_other_shapes(expected: Shapes, found: Shapes, who: str) -> None:
    """Raise unless a file's arrays match a model's weights by name and shape."""
    if wrong := [name for name in expected if name not in found]:
        raise ModelFileError(f"{who}: the file does not fit the model: missing {brief(wrong)}.")
    if wrong := [name for name in found if name not in expected]:
        raise ModelFileError(f"{who}: the file does not fit the model: unexpected {brief(wrong)}.")
    for name, shape in expected.items():
        if found[name] != shape:
            raise ModelFileError(
                f"{who}: the file does not fit the model: wrong shape of {brief(name)}: got {found[name]}; "
                f"expected {shape}."
            )


class _ModelBuilder:
    """Builds modules from their descriptions."""

    def __init__(self, arrays: int, who: str) -> None:
        self.arrays, self.who = arrays, who
        self.made: dict[str, Module] = {}
        self.places: dict[int, int] = {}

    def build(self, description: Any, path: str, depth: int) -> Module:
        """Build the module at `path`."""
        keys = set(description) if isinstance(description, dict) else set()
        if depth > DEEPEST:
            raise self.refused(path, f"is nested more than {DEEPEST} levels deep")
        if len(self.made) > MOST_PLACES:
            raise self.refused(path, f"is one of more than {MOST_PLACES} modules")
        if keys == {"same_as"}:
            return self.earlier(description["same_as"], path)
        name = description["kind"] if "kind" in keys else None
        kind = KINDS.get(name) if isinstance(name, str) else None
        if kind is None:
            raise self.refused(path, f"is {brief(description)}, which nn does not have")
        if keys != {"kind", "parts" if name in CONTAINERS else "settings"}:
            raise self.refused(path, f"has {brief(sorted(keys))}; expected kind and settings, or parts")
        if name in CONTAINERS:
            module, places = self.container(kind, description["parts"], path, depth)
        else:
            module = self.leaf(kind, description["settings"], path)
            places = sum(1 for _ in module.named_modules())
        if places > MOST_PLACES:
            raise self.refused(path, f"has modules in {places} places; expected at most {MOST_PLACES}")
        self.made[path], self.places[id(module)] = module, places
        return module

    def earlier(self, path: Any, here: str) -> Module:
        if not isinstance(path, str) or path not in self.made:
            raise self.refused(here, f"is the same as {brief(path)}, which does not exist")
        return self.made[path]

    def container(self, kind: type[Module], parts: Any, path: str, depth: int) -> tuple[Module, int]:
        if not isinstance(parts, list) or (kind is compose.Residual and len(parts) != 1):
            raise self.refused(path, f"has parts {brief(parts)}; expected a list of modules")
        names = ["block"] if kind is compose.Residual else map(str, range(len(parts)))
        children = [
            self.build(part, f"{path}/{name}", depth + 1) for name, part in zip(names, parts, strict=True)
        ]
        return kind(*children), 1 + sum(self.places[id(child)] for child in children)

    def leaf(self, kind: type[Module], settings: Any, path: str) -> Module:
        if not isinstance(settings, dict):
            raise self.refused(path, f"has settings {brief(settings)}; expected a table")
        if any(isinstance(x, list) and len(x) > max(self.arrays, 2) for x in settings.values()):
            raise self.refused(path, f"has settings {brief(settings)}; the file has {self.arrays} arrays")
        module = kind(**settings)
        known = module.settings()
        if set(settings) != set(known) or not all(alike(known[name], x) for name, x in settings.items()):
            raise self.refused(path, f"has settings {brief(settings)}; expected e.g. {known}")
        return module

    def refused(self, path: str, what: str) -> ModelFileError:
        return ModelFileError(
            f"{self.who}: {brief(path) if path else 'the model'} {what}. "
            "Make the model and use load_into(model, path)."
        )
