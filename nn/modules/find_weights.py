"""Find the weights in a module's attributes, lists, dicts and arrays; reject weights anywhere else."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, KeysView, Mapping, ValuesView
from functools import partial
from types import FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any

from autograd_core import DataError, Value

from ..checks import DEEPEST, brief
from .parameter import Weights

SEQUENCES = (list, tuple, deque)

PLAIN = (float, int, str, bool, type(None))
"""Types that are not searched, since a module may hold a large table of numbers."""


def weights_in(name: str, thing: Any, depth: int = 0) -> Iterator[tuple[str, Weights]]:
    """Yield the weights in a module's attribute, with their names.

    A rectangle of `Value`s is one array of weights; items of other lists and dicts are named separately.
    """
    thing = _listed(thing)
    if (weights := as_weights(thing)) is not None:
        yield name, weights
        return
    for key, part in parts_of(name, thing, depth):
        if not isinstance(part, Value) or part.is_leaf:
            yield from weights_in(f"{name}.{key}", part, depth + 1)


def parts_of(name: str, thing: Any, depth: int) -> Iterable[tuple[Any, Any]]:
    """Return the items of a container with their keys; none if it is not a container."""
    thing = _listed(thing)
    if not isinstance(thing, (*SEQUENCES, Mapping)):
        return ()
    if depth > DEEPEST:
        raise DataError(f"Module: nested too deeply: {name[:40]}...; expected at most {DEEPEST} levels.")
    pairs = thing.items() if isinstance(thing, Mapping) else enumerate(thing)
    return ((key, part) for key, part in pairs if type(part) not in PLAIN)


def _listed(thing: Any) -> Any:
    """Return an array of objects as nested lists, anything else unchanged."""
    return thing.tolist() if getattr(getattr(thing, "dtype", None), "kind", "") == "O" else thing


def as_weights(thing: Any, depth: int = 0) -> Weights | None:
    """Return an attribute as `Weights` if it is a `Value` or a rectangle of them in nested lists."""
    if isinstance(thing, Weights):
        return thing
    if isinstance(thing, Value):
        return Weights.around([thing], ())
    if not isinstance(thing, (list, tuple)) or not thing:
        return None
    if all(isinstance(v, Value) for v in thing):
        return Weights.around(thing)
    if depth > DEEPEST:
        raise DataError(f"Module: nested too deeply: {brief(thing)}; expected at most {DEEPEST} levels.")
    rows = [as_weights(row, depth + 1) if isinstance(row, (list, tuple)) else None for row in thing]
    full = [row for row in rows if row is not None]
    if not full:
        return None
    if len(full) < len(rows) or len({row.shape for row in full}) > 1:
        raise DataError(
            "Module: ragged lists of Values; expected rows of one length, or separate attributes."
        )
    return Weights.around([v for row in full for v in row.values], (len(full), *full[0].shape))


COUNTING = (itertools.count, itertools.cycle, itertools.repeat, type(iter(range(0))), type(iter("")))
"""Iterators that a module may well have, e.g. to count its calls; they yield no weights."""

OURS = ("autograd_core", "nn", "viz")
"""Graphs, programs and optimizers may hold the weights of other modules."""

MOST_OBJECTS = 2
"""How many levels of nested objects of other classes are searched."""


def refuse_hidden(module: Any, kind: type, known: Callable[[], Collection[int]]) -> None:
    """Raise `DataError` if a module has weights in a place that is not searched.

    For example, a module (an instance of `kind`), `Weights` or a trainable `Value` that is the key of a dict,
    in a set, in a function's closure, in an object that is not a module, or on the class. Modules that
    contain this one, and objects also found in a usual place (whose id is `known`), may be anywhere.
    """
    seen: dict[int, Any] = {}
    paths = [(path, thing, 0) for path, thing in _attached(module, kind) if not _is_plain(thing)]
    while paths:
        path, thing, depth = paths.pop()
        if id(thing) in seen:
            continue
        seen[id(thing)] = thing  # Kept alive, so that its id is not reused.
        if _gives_once(thing):
            _refuse(module, path, thing, "which can be iterated only once", "Make it a list.")
        elif isinstance(thing, (kind, Weights, Value)):
            if not _is_known(thing, known()) and not _is_around(thing, module, kind):
                _refuse(module, path, thing, *_reason(path))
        elif depth <= MOST_OBJECTS:
            inner = depth + _is_object(thing)
            paths += [(p, part, inner) for p, part in _held(path, thing) if not _is_plain(part)]


def _attached(module: Any, kind: type) -> Iterator[tuple[str, Any]]:
    """Yield the attributes of a module and, if its class is the user's, of the class."""
    mine = vars(module)
    found = (kind, Weights, Value)
    for name, thing in mine.items():
        if not name.startswith("_") and not isinstance(thing, found):
            # Weights in a list are found anyway; skip them here, because there may be many.
            flat = type(thing) in SEQUENCES
            yield name, [part for part in thing if not isinstance(part, found)] if flat else thing
    for cls in type(module).__mro__:
        if cls is kind or cls.__module__.partition(".")[0] in OURS:
            return
        for name, thing in vars(cls).items():
            if isinstance(thing, MemberDescriptorType):
                if not name.startswith("_") and hasattr(module, name):
                    yield f"{name} (of __slots__)", getattr(module, name)
            elif name not in mine and (not name.startswith("_") or isinstance(thing, FunctionType)):
                yield f"{name} (of the class)", thing


def _held(path: str, thing: Any) -> Iterator[tuple[str, Any]]:
    """Yield what an object refers to, with the path to it."""
    if isinstance(thing, Mapping):
        for key, part in thing.items():
            yield from ((f"a key of {path}", key), (f"{path}[{brief(key)}]", part))
    elif isinstance(thing, (*SEQUENCES, set, frozenset, KeysView, ValuesView)):
        yield from ((f"an element of {path}", part) for part in thing)
    elif isinstance(thing, partial):
        yield from ((f"{path}.{name}", getattr(thing, name)) for name in ("func", "args", "keywords"))
    elif isinstance(thing, MethodType):
        yield from ((f"{path}.{name}", getattr(thing, name)) for name in ("__self__", "__func__"))
    elif isinstance(thing, property):
        yield path, thing.fget
    elif isinstance(thing, FunctionType):
        yield from ((f"{path}.{name}", getattr(thing, name)) for name in ("__defaults__", "__kwdefaults__"))
        yield from ((f"{path}.{name}", part) for name, part in vars(thing).items())
        for name, cell in zip(thing.__code__.co_freevars, thing.__closure__ or (), strict=True):
            yield f"{name} (in the closure of {path})", _content(cell)
    elif type(listed := _listed(thing)) is list:
        yield path, listed
    elif hasattr(thing, "__wrapped__"):
        yield path, thing.__wrapped__
    elif type(thing).__module__.partition(".")[0] not in OURS:
        yield from ((f"{path}.{name}", part) for name, part in getattr(thing, "__dict__", {}).items())
        for cls in type(thing).__mro__:
            for name, slot in vars(cls).items():
                if isinstance(slot, MemberDescriptorType) and name[:2] != "__" and hasattr(thing, name):
                    yield f"{path}.{name}", getattr(thing, name)


def _is_plain(thing: Any) -> bool:
    return type(thing) in PLAIN or isinstance(thing, (type, ModuleType))


def _gives_once(thing: Any) -> bool:
    """Whether it can be iterated only once, and therefore not searched for weights."""
    plain = type(thing).__module__ in ("builtins", "itertools") and not isinstance(thing, COUNTING)
    return plain and isinstance(thing, Iterator)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # A variable without a value yet.
        return None


def _is_object(thing: Any) -> bool:
    usual = (
        Mapping,
        KeysView,
        ValuesView,
        *SEQUENCES,
        set,
        frozenset,
        partial,
        MethodType,
        FunctionType,
        property,
    )
    return not isinstance(thing, usual)


def _is_known(thing: Any, known: Collection[int]) -> bool:
    if isinstance(thing, Value):
        return id(thing) in known or not thing.is_leaf or not thing.requires_grad
    if isinstance(thing, Weights):
        return not known.isdisjoint(thing.identities)  # type: ignore[attr-defined]
    return id(thing) in known


def _is_around(thing: Any, module: Any, kind: Any) -> bool:
    return isinstance(thing, kind) and any(part is module for part in thing.modules())


def _reason(path: str) -> tuple[str, str]:
    if path.endswith("(of __slots__)"):
        return "which would be left out of training, files and copies", "Leave its name out of __slots__."
    return "which would be left out of training and files", (
        "Assign it to a separate attribute in __init__ (self.w = ...), or begin the name of its container "
        "with an underscore."
    )


def _refuse(module: Any, path: str, thing: Any, reason: str, cure: str) -> None:
    raise DataError(
        f"Module: {type(module).__name__}: {path} is a {type(thing).__name__}, {reason}; expected weights "
        f"and modules as attributes, or in lists, values of dicts and arrays. {cure}"
    )
