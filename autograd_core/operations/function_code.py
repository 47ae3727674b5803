"""Inspect user-defined functions: rebind their globals, and fingerprint their code."""

from __future__ import annotations

import builtins
import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import CodeType, FunctionType
from typing import Any

PYTHON = ".".join(map(str, sys.version_info[:2]))
HERE = __name__.partition(".")[0]


def reading(function: Callable[..., Any], meaning: Callable[[Any], Any], **others: Any) -> Callable[..., Any]:
    """Return the same function with different meanings for its global names and those of `others`.

    For example, `lambda x, y: cos(x)` can then call `math.cos` directly on floats, while the original builds
    a node when `x` is a `Value`. `others` are more names, whose meanings are given directly.
    """
    home = function.__globals__
    if str(home.get("__name__", "")).partition(".")[0] != HERE:
        return _with_globals(function, _Live(home, meaning, others))
    # The globals of the table never change, and a plain dict is fastest.
    names = {name: meaning(thing) for name, thing in home.items()} | others
    for name, thing in home.items():
        if isinstance(thing, FunctionType) and thing.__globals__ is home and name not in others:
            names[name] = _with_globals(thing, names)
    return _with_globals(function, names)


class _Live(dict[str, Any]):
    """The globals of a user's function: each name is looked up when used, as in Python itself."""

    def __init__(
        self, home: dict[str, Any], meaning: Callable[[Any], Any], others: Mapping[str, Any]
    ) -> None:
        super().__init__(others, __builtins__=home.get("__builtins__", builtins))
        self._home = home
        self._meaning = meaning
        self._read: dict[str, tuple[Any, Any]] = {}

    def __missing__(self, name: str) -> Any:
        thing = self._home[name]
        if type(thing) is float or type(thing) is int:
            return thing
        before = self._read.get(name)
        if before is None or before[0] is not thing:
            before = self._read[name] = thing, self._meant(thing)
        return before[1]

    def _meant(self, thing: Any) -> Any:
        if isinstance(thing, FunctionType) and thing.__globals__ is self._home:
            return _with_globals(thing, self)
        return self._meaning(thing)


def _with_globals(function: Callable[..., Any], names: dict[str, Any]) -> Callable[..., Any]:
    made = FunctionType(
        function.__code__, names, function.__name__, function.__defaults__, function.__closure__
    )
    made.__kwdefaults__ = function.__kwdefaults__
    return made


DEEPEST = 20


def fingerprint(functions: Iterable[Callable[..., Any]]) -> str:
    """Return Python's version and twelve hexadecimal digits that identify the compiled code."""
    text = "\n".join([part for function in functions for part in _parts(function)])
    return f"{PYTHON}:{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def closes_over(function: Callable[..., Any]) -> bool:
    """Whether the function holds values that may differ in another function with the same code."""
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
    elif isinstance(thing, frozenset):
        yield from _parts(sorted(map(repr, thing)), depth + 1)
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
    except ValueError:  # Still empty.
        return None
