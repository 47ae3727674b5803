"""What a function of the user's own consists of, as a short text: equal for functions that do the same.

Two functions from one factory have one code and differ in what they close over; globals do not count, for
these are looked up when the function runs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from types import CodeType, FunctionType
from typing import Any

DEEPEST = 20


def fingerprint(functions: Iterable[Callable[..., Any]]) -> str:
    """Twelve hexadecimal digits."""
    text = "\n".join([part for function in functions for part in _parts(function)])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def closes_over(function: Callable[..., Any]) -> bool:
    """Whether the function holds anything that another of the same code may hold otherwise."""
    function = getattr(function, "__wrapped__", function)
    return bool(getattr(function, "__closure__", None) or getattr(function, "__defaults__", None))


def _parts(thing: Any, depth: int = 0) -> Iterator[str]:
    thing = getattr(thing, "__wrapped__", thing)
    if depth > DEEPEST:
        yield "..."
    elif isinstance(thing, FunctionType):
        yield from _parts(thing.__code__, depth + 1)
        yield from _parts(thing.__defaults__ or (), depth + 1)
        for cell in thing.__closure__ or ():
            yield from _parts(_content(cell), depth + 1)
    elif isinstance(thing, CodeType):
        yield f"{thing.co_code.hex()} {thing.co_names} {thing.co_varnames} {thing.co_freevars}"
        yield from _parts(thing.co_consts, depth + 1)
    elif isinstance(thing, (list, tuple)):
        yield f"{len(thing)} in {type(thing).__name__}"
        for part in thing:
            yield from _parts(part, depth + 1)
    elif isinstance(thing, dict):
        yield from _parts(list(thing.items()), depth + 1)
    elif isinstance(thing, (int, float, complex, str, bytes, type(None))):
        yield f"{type(thing).__name__} {thing!r}"
    elif hasattr(thing, "tobytes") and hasattr(thing, "dtype"):
        yield f"{thing.dtype} {thing.shape} {thing.tobytes().hex()}"
    elif hasattr(thing, "partials") and hasattr(thing, "forward"):  # A row.
        yield f"row {thing.name}"
        for function in (thing.forward, *thing.partials):
            yield from _parts(function, depth + 1)
    else:
        yield f"{type(thing).__module__}.{type(thing).__qualname__}"


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # It is empty yet.
        return None
