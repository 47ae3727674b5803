"""Find the weights inside a module's lists, dicts and arrays; reject containers that hide any."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from types import SimpleNamespace
from typing import Any

from autograd_core import DataError, Value

from ..checks import DEEPEST, brief
from .weights import Weights

SEQUENCES = (list, tuple, deque)

PLAIN = (float, int, str, bool, type(None))
"""What needs no look inside: a module may hold a table of many numbers."""


def weights_in(name: str, thing: Any, depth: int = 0) -> Iterator[tuple[str, Weights]]:
    """The weights in what a module has as an attribute, with their names.

    A rectangle of `Value`s is one array of weights; what stands in other lists and dicts has its own name.
    """
    thing = _listed(thing)
    if (weights := as_weights(thing)) is not None:
        yield name, weights
        return
    for key, part in parts_of(name, thing, depth):
        if not isinstance(part, Value) or part.is_leaf:
            yield from weights_in(f"{name}.{key}", part, depth + 1)


def parts_of(name: str, thing: Any, depth: int) -> Iterable[tuple[Any, Any]]:
    """The parts of a container with their keys; nothing of what is not one."""
    thing = _listed(thing)
    if not isinstance(thing, (*SEQUENCES, Mapping)):
        return ()
    if depth > DEEPEST:
        raise DataError(f"Module: nested too deeply: {name[:40]}...; expected at most {DEEPEST} levels.")
    pairs = thing.items() if isinstance(thing, Mapping) else enumerate(thing)
    return ((key, part) for key, part in pairs if type(part) not in PLAIN)


def refuse_unnamed(name: str, thing: Any, kinds: tuple[type, ...]) -> None:
    """Weights and modules in a container that gives them no lasting name would be left out of training."""
    inside: Iterable[Any] = ()
    if isinstance(thing, (set, frozenset)):
        inside = thing
    elif isinstance(thing, SimpleNamespace) or (is_dataclass(thing) and not isinstance(thing, type)):
        inside = vars(thing).values() if hasattr(thing, "__dict__") else ()
    if any(isinstance(part, kinds) for part in inside):
        raise DataError(
            f"Module: {name} is a {type(thing).__name__} with weights or modules in it, which would not be "
            "trained; expected a list, a dict, or attributes."
        )


def _listed(thing: Any) -> Any:
    """An array of objects as nested lists."""
    return thing.tolist() if getattr(getattr(thing, "dtype", None), "kind", "") == "O" else thing


def as_weights(thing: Any, depth: int = 0) -> Weights | None:
    """`Weights` of what a module has as an attribute: a `Value`, or a rectangle of them in nested lists."""
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
