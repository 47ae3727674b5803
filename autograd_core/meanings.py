"""A function read with another meaning of the global names in it: one line of derivative serves all."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

HERE = __name__.partition(".")[0]


def reading(function: Callable[..., Any], meaning: Callable[[Any], Any], **others: Any) -> Callable[..., Any]:
    """The same function, in which global names, and those of `others`, mean something else.

    Thus `lambda x, y: cos(x)` calls `math.cos` at once when it is read on floats, and builds a node when
    `x` is a `Value` and the function is taken as it stands. Functions beside it are read along with it.
    """
    home = function.__globals__
    if str(home.get("__name__", "")).partition(".")[0] != HERE:
        return _with_globals(function, _Live(home, meaning, others))
    # The names beside the rows of the table never change, and a plain dict is the quickest.
    names = {name: meaning(thing) for name, thing in home.items()} | others
    for name, thing in home.items():
        if isinstance(thing, FunctionType) and thing.__globals__ is home and name not in others:
            names[name] = _with_globals(thing, names)
    return _with_globals(function, names)


class _Live(dict[str, Any]):
    """The globals of a user's function: each name is looked up when it is used, as Python itself does it."""

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
