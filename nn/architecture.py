"""What a model is made of, as data for a file: written down by `described`, made again by `rebuilt`."""

from __future__ import annotations

from typing import Any

from autograd_core import AutogradError

from . import activations, compose, conv, dropout, layers, norm
from .errors import ModelFileError
from .module import Module
from .weights import allowance

KINDS: dict[str, type[Module]] = {
    kind.__name__: kind
    for kind in (
        layers.Neuron, layers.Layer, layers.MLP, layers.Linear, conv.Conv2d, conv.MaxPool2d, norm.LayerNorm,
        dropout.Dropout, compose.Sequential, compose.Concatenate, compose.Residual, compose.Flatten,
        activations.Softmax, activations.LogSoftmax, activations.WinnerTakeAll,
        *activations.Activation.__subclasses__(),
    )
}  # fmt: skip
CONTAINERS = ("Sequential", "Concatenate", "Residual")


def described(model: Module) -> dict[str, Any] | None:
    """A description from which `rebuilt` makes the same model; None for one with the user's own classes."""
    description = _described(model, "", {})
    try:
        twin = rebuilt(description, sum(map(len, model.weights().values())))
    except ModelFileError:
        return None
    return description if _outline(twin) == _outline(model) else None


def _outline(model: Module) -> tuple[str, list[tuple[str, tuple[int, ...]]]]:
    return repr(model), [(name, weights.shape) for name, weights in model.weights().items()]


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


def rebuilt(description: Any, numbers: int) -> Module:
    """The model of a description, with weights that are yet to be filled in: at most `numbers` of them."""
    try:
        with allowance(numbers):
            return _rebuilt(description, "", {})
    except (AutogradError, TypeError, RecursionError) as error:
        if isinstance(error, ModelFileError):
            raise
        raise ModelFileError(f"load: the architecture cannot be built: {error}") from None


def _rebuilt(description: Any, path: str, made: dict[str, Module]) -> Module:
    place = path or "the model"
    if not isinstance(description, dict) or not set(description) <= {"kind", "settings", "parts", "same_as"}:
        raise ModelFileError(
            f"load: the architecture of {place} is {str(description)[:60]!r}; expected kind and settings."
        )
    if "same_as" in description:
        if description["same_as"] not in made:
            raise ModelFileError(
                f"load: {place} is the same as {description['same_as']!r}, which is not there."
            )
        return made[description["same_as"]]
    name = description.get("kind")
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ModelFileError(
            f"load: {place} is a {name!r}, which nn does not know. "
            "Make the model and use load_into(model, path)."
        )
    if kind.__name__ in CONTAINERS:
        parts = description.get("parts")
        if not isinstance(parts, list):
            raise ModelFileError(f"load: {place} has parts {str(parts)[:60]!r}; expected a list.")
        children = [_rebuilt(part, f"{path}/{_child(kind, i)}", made) for i, part in enumerate(parts)]
        module = kind(*children)
    else:
        settings = description.get("settings")
        if not isinstance(settings, dict):
            raise ModelFileError(f"load: {place} has settings {str(settings)[:60]!r}; expected a table.")
        module = kind(**settings)
    made[path] = module
    return module


def _child(kind: type[Module], i: int) -> str:
    return "block" if kind is compose.Residual else str(i)
