"""Describe a model's architecture as data, and rebuild the model from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import Parameter, signature
from math import isinf
from typing import Any

from autograd_core import AutogradError, DataError, DataValueError
from autograd_core.base import np

from ..checks import DEEPEST, brief, rate, size
from ..errors import ModelFileError
from ..modules import activations, compose, images, layers, normalization, recurrent
from ..modules.module import Module
from ..modules.parameter import allowance
from .tensors import Shapes, numbers_in

KINDS: dict[str, type[Module]] = {
    kind.__name__: kind
    for kind in (
        layers.Neuron, layers.Layer, layers.MLP, layers.Linear, layers.Dropout, images.Conv1d, images.Conv2d,
        images.MaxPool1d, images.MaxPool2d, images.AvgPool1d, images.AvgPool2d, normalization.LayerNorm,
        normalization.BatchNorm1d, compose.Sequential, compose.Concatenate, compose.Residual, compose.Flatten,
        activations.Softmax, activations.LogSoftmax, activations.WinnerTakeAll, activations.PReLU,
        recurrent.RNNCell, recurrent.GRUCell, recurrent.LSTMCell, recurrent.Embedding,
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


BY_NAME = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


def known_kinds(name: Any, base: type, who: str, what: str) -> list[type]:
    """Return the subclasses of `base` with this name, in nn or in user code that is already imported."""
    found, below = [], [base]
    while below:
        kind = below.pop(0)
        below += kind.__subclasses__()
        if kind is not base and kind.__name__ == name:
            found.append(kind)
    if not found:
        raise DataValueError(
            f"{who}: unknown {what}: got {brief(name)}; expected one of nn's, or a class that is already "
            "defined. If it is your own class, import its module first."
        )
    return found


def fits_one(kinds: Iterable[type], check: Callable[[Any], Any]) -> None:
    """Raise the error of the last class's check, unless the check passes for some class."""
    errors: list[DataError | DataValueError] = []
    for kind in kinds:
        try:
            check(kind)
        except (DataError, DataValueError) as error:
            errors.append(error)
        else:
            return
    raise errors[-1]


LATER = {"maximize": False}
"""Settings that older files lack, with the values to assume for them."""


def checked_settings(
    kind: type, first: Any, settings: Any, names: Iterable[str], who: str, like: Any = None
) -> dict[str, Any]:
    """Return the settings `names` of an object created as `kind(first, **settings)`.

    Settings that the constructor does not take must have the same type as in `like` (by default, the new
    object). Raises an `AutogradError` for names that are missing or unknown, and for values that the
    constructor rejects or changes.
    """
    names = list(names)
    if isinstance(settings, dict):
        settings = {name: x for name, x in LATER.items() if name in names} | settings
    if not isinstance(settings, dict) or set(settings) != set(names):
        raise DataValueError(f"{who}: settings {brief(settings)}; expected {brief(names)}.")
    parameters = [p for p in list(signature(kind).parameters.values())[1:] if p.kind in BY_NAME]
    arguments = {p.name: settings[p.name] for p in parameters if p.name in settings}
    made = None
    if all(p.name in arguments for p in parameters if p.default is Parameter.empty):
        made = _made(kind, first, arguments, who)
    example = made if like is None else like
    found = {}
    for name, x in settings.items():
        if made is None or name not in arguments:
            found[name] = x if example is None else _like(getattr(example, name), x, who, name)
        else:
            found[name] = getattr(made, name)
            if not alike(found[name], x):
                raise DataValueError(f"{who}: {name} = {brief(x)}; expected e.g. {brief(found[name])}.")
    return found


def _made(kind: type, first: Any, arguments: dict[str, Any], who: str) -> Any:
    try:
        return kind(first, **arguments)
    except AutogradError:
        raise
    except Exception as error:  # Raised by a user's constructor.
        told = f"{type(error).__name__}: {str(error)[:200]}"
        raise DataValueError(
            f"{who}: {kind.__name__} rejects its settings {brief(arguments)}: {told}."
        ) from error


def alike(made: Any, x: Any) -> bool:
    """Whether two settings or descriptions are equal, where a list equals a tuple and 1 equals 1.0."""
    if isinstance(made, dict):
        return isinstance(x, dict) and made.keys() == x.keys() and all(alike(made[k], x[k]) for k in made)
    if isinstance(made, (list, tuple)):
        return (
            isinstance(x, (list, tuple))
            and len(made) == len(x)
            and all(alike(a, b) for a, b in zip(made, x, strict=True))
        )
    same = made == x
    return isinstance(made, bool) == isinstance(x, bool) and isinstance(same, (bool, np.bool_)) and bool(same)


def exact(x: Any, who: str, name: str) -> float:
    """Return a finite number that a float represents exactly."""
    number = rate(x, who, name, -float("inf"))
    if number != x:
        raise DataValueError(f"{who}: {name} = {brief(x)}; expected a float.")
    return number


def _like(before: Any, x: Any, who: str, name: str) -> Any:
    """Return a count or a record after checking that its type is unchanged; a number may start as None."""
    if before is None or (isinstance(before, float) and not isinstance(before, bool)):
        if x is None or (isinstance(x, float) and isinf(x)):
            return x
        return exact(x, who, name)
    if isinstance(before, int) and not isinstance(before, bool):
        return size(x, who, name, 0)
    if type(x) is not type(before):
        raise DataError(f"{who}: {name} = {brief(x)}; expected a {type(before).__name__}.")
    return x
