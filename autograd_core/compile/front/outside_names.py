"""Track what a function reads besides its arguments; a program is valid while that is unchanged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from ...base.importing import np
from ...kernel.operation import Operation
from ...kernel.value import Value

MOST = 1000
"""So many functions that call each other are looked at."""
MANY = 1000
"""Of a list or an array of more numbers it is only noticed that another one has taken its place."""
HERE = __name__.partition(".")[0]
MISSING = object()


class Outside:
    """The globals, closure variables, attributes and leaves that some functions read, as they are now."""

    def __init__(self, functions: Iterable[Callable[..., Any]], leaves: Iterable[Value] = ()) -> None:
        self._seen: list[tuple[Any, str, Any]] = []
        self._leaves = list(leaves)
        self._numbers = [leaf.data for leaf in self._leaves]
        waiting = list(functions)
        known = set(map(id, waiting))
        for function in waiting:  # The list grows while it is walked.
            for thing in self._noted(function):
                if id(thing) not in known and len(waiting) < MOST:
                    known.add(id(thing))
                    waiting.append(thing)

    @classmethod
    def of_rows(cls, rows: Iterable[Operation]) -> Outside:
        """What the rows of the user's own read; their derivatives are written out when a program is made."""
        return cls([f for row in rows if not row.built_in for f in (row.forward, *row.partials)])

    def __bool__(self) -> bool:
        return bool(self._seen or self._leaves)

    def unchanged(self) -> bool:
        """Whether all is as it was."""
        for home, name, thing in self._seen:
            if not same(_read(home, name), thing):
                return False
        return not self._leaves or [leaf._data for leaf in self._leaves] == self._numbers

    def _noted(self, function: Any) -> Iterator[Any]:
        """Record what a function reads; return the functions among it."""
        if isinstance(function, MethodType):
            yield function.__func__
            self._note_attributes(function.__self__, function.__func__)
            return
        wrapped = getattr(function, "__wrapped__", None)
        if wrapped is not None:
            yield wrapped
        if not isinstance(function, FunctionType) or _is_ours(function):
            return
        names = set(_names(function.__code__))
        home = function.__globals__
        places: list[tuple[Any, str]] = [(home, name) for name in sorted(names) if name in home]
        places += [(cell, "cell_contents") for cell in function.__closure__ or ()]
        for place in places:
            thing = _read(*place)
            if isinstance(thing, (FunctionType, MethodType)) or hasattr(thing, "__wrapped__"):
                yield thing
            self._note(*place, thing)
            if not _is_data(thing):
                self._note_attributes(thing, function)

    def _note(self, home: Any, name: str, thing: Any) -> None:
        if _is_data(thing) or (isinstance(thing, FunctionType) and not _is_ours(thing)):
            self._seen.append((home, name, frozen(thing)))

    def _note_attributes(self, thing: Any, function: Any) -> None:
        """The numbers that an object has under names which the function reads."""
        if isinstance(thing, (ModuleType, FunctionType, Operation, Value)) or thing is MISSING:
            return
        for name in sorted(set(_names(function.__code__))):
            part = _read(thing, name)
            if _is_data(part):
                self._seen.append((thing, name, frozen(part)))


def _is_ours(function: FunctionType) -> bool:
    return str(function.__globals__.get("__name__", "")).partition(".")[0] == HERE


def _names(code: CodeType) -> Iterator[str]:
    """The global names and attributes that a piece of code and the functions in it read."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _read(home: Any, name: str) -> Any:
    if type(home) is dict:
        return home.get(name, MISSING)
    try:
        return getattr(home, name, MISSING)
    except Exception:  # As of an empty cell, or a property that fails.
        return MISSING


def _is_data(thing: Any) -> bool:
    return isinstance(thing, (int, float, complex, str, np.ndarray, np.generic, list, tuple, dict))


def frozen(thing: Any) -> Any:
    """A copy that does not change with it; itself where it holds many numbers."""
    if isinstance(thing, np.ndarray):
        return thing.copy() if thing.size <= MANY else thing
    if isinstance(thing, (list, tuple)) and len(thing) <= MANY:
        parts = [frozen(part) for part in thing]
        return tuple(parts) if isinstance(thing, tuple) else parts
    if isinstance(thing, dict) and len(thing) <= MANY:
        return {key: frozen(part) for key, part in thing.items()}
    return thing


def same(now: Any, before: Any) -> bool:
    """Whether a thing is what was frozen."""
    if now is before:
        return True
    if isinstance(before, np.ndarray):
        return type(now) is np.ndarray and now.dtype == before.dtype and np.array_equal(now, before)
    if isinstance(before, (list, tuple)):
        kind = tuple if isinstance(before, tuple) else list
        return isinstance(now, kind) and len(now) == len(before) and all(map(same, now, before))
    if isinstance(before, dict):
        return (
            isinstance(now, dict)
            and now.keys() == before.keys()
            and all([same(now[key], part) for key, part in before.items()])
        )
    if isinstance(before, (int, float, complex, str, np.generic)):
        return type(now) is type(before) and bool(now == before or (now != now and before != before))
    return False
