"""`Outside`: what a traced function read from elsewhere, to notice when some of it has changed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from types import BuiltinFunctionType, CodeType, FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any

from ...base.importing import PACKAGES, np
from ...kernel.value import Value
from ...operations.operation import Operation

MOST = 1000
"""The most functions and objects that are examined."""
MANY = 1000
"""For a list or array with more numbers, only its replacement by another one is noticed."""
ATOMS = (int, float, complex, str, bytes, type(None), Operation)
"""What has no parts."""
DEEPEST = 8
"""Of lists nested deeper, such as one that contains itself, only the replacement is noticed."""
MISSING = object()
HERE = __name__.partition(".")[0]
LIBRARIES = frozenset({"numpy", *sys.stdlib_module_names})
"""Top-level packages, besides ours, whose functions read nothing that changes."""
UNREAD = frozenset({"__init__", "__new__", "__del__", "__repr__", "__str__", "__setattr__", "__delattr__"})
"""Special methods that computing does not call."""


class Outside:
    """A snapshot of the globals, closure variables, attributes and leaves that some functions read.

    Functions are followed to the functions and objects that they use, and objects to the attributes that any
    of these functions names.
    """

    def __init__(self, functions: Iterable[Callable[..., Any]], leaves: Iterable[Value] = ()) -> None:
        self._leaves = list(leaves)
        self._numbers = [leaf.data for leaf in self._leaves]
        search = _Search(self._leaves)
        for function in functions:
            search.reach(function)
        search.run()
        self._seen = search.seen

    @classmethod
    def of_rows(cls, rows: Iterable[Operation]) -> Outside:
        """Record what user-defined rows read; their derivatives are written out when a program is made."""
        return cls([f for row in rows if not row.built_in for f in (row.forward, *row.partials)])

    def __bool__(self) -> bool:
        return bool(self._seen or self._leaves)

    def unchanged(self) -> bool:
        """Whether nothing has changed."""
        for home, name, thing in self._seen:
            if not same(_read(home, name), thing):
                return False
        return not self._leaves or [leaf._number for leaf in self._leaves] == self._numbers


class _Search:
    """Follows functions to what they read; `seen` has each place and what was there."""

    def __init__(self, leaves: Iterable[Value]) -> None:
        self.seen: list[tuple[Any, str, Any]] = []
        self._known: dict[int, Any] = {id(leaf): leaf for leaf in leaves}
        self._functions: list[FunctionType] = []
        self._objects: list[Any] = []
        self._tried: list[int] = []
        self._names: dict[str, None] = {}

    def run(self) -> None:
        """Examine all functions and objects, until there are no new ones and no new names."""
        read = 0
        while read < len(self._functions) or any(n < len(self._names) for n in self._tried):
            while read < len(self._functions):
                self._read_function(self._functions[read])
                read += 1
            for i, thing in enumerate(self._objects):  # The list grows during the loop.
                names, self._tried[i] = list(self._names)[self._tried[i] :], len(self._names)
                for name in names:
                    self._look(thing, name)

    def reach(self, thing: Any) -> None:
        """Take a function or an object into the search, or the parts of a list."""
        waiting = [thing]
        while waiting:
            thing = waiting.pop()
            if id(thing) in self._known or isinstance(thing, ATOMS):
                continue
            if len(self._functions) + len(self._objects) >= MOST:
                return
            self._known[id(thing)] = thing
            waiting += self._parts(thing)

    def _parts(self, thing: Any) -> Iterable[Any]:
        """Take in one thing; return what to reach next."""
        if isinstance(thing, FunctionType):
            return self._parts_of_function(thing)
        if isinstance(thing, MethodType):
            return thing.__func__, thing.__self__
        if isinstance(thing, partial):
            self._note(thing, "args")
            self._note(thing, "keywords")
            return (thing.func,)
        if isinstance(thing, (list, tuple, set, frozenset, dict)) or _holds_objects(thing):
            return [] if len(thing) > MANY else thing.values() if isinstance(thing, dict) else list(thing)
        self._reach_object(thing)
        return ()

    def _parts_of_function(self, function: FunctionType) -> Iterator[Any]:
        yield vars(function).get("__wrapped__")
        if not _of_library(function.__globals__.get("__name__")):
            self._functions.append(function)
            return
        for cell in function.__closure__ or ():  # For example, the function that `grad` was given.
            yield _read(cell, "cell_contents")

    def _reach_object(self, thing: Any) -> None:
        if isinstance(thing, (type, ModuleType)):
            if _of_library(thing.__name__ if isinstance(thing, ModuleType) else thing.__module__):
                return
        elif not isinstance(thing, Value):
            owners = [owner.__module__.partition(".")[0] for owner in type(thing).__mro__]
            if owners[0] == HERE:
                self.reach(getattr(thing, "__wrapped__", None))
                return
            self._reach_special(type(thing))
            if not PACKAGES.isdisjoint(owners):
                for name in [name for name in _attributes(thing) if name[:1] != "_"]:
                    self._note(thing, name)
        self._objects.append(thing)
        self._tried.append(0)

    def _reach_special(self, kind: type) -> None:
        """Take in a class's methods that expressions call without their names."""
        for owner in kind.__mro__:
            if not _of_library(owner.__module__):
                for name, found in vars(owner).items():
                    if name[:2] == "__" and name not in UNREAD:
                        self._reach_method(found)

    def _reach_method(self, found: Any) -> None:
        """Take in what a class has under a name, if it is a method of some kind."""
        if isinstance(found, (classmethod, staticmethod)):
            found = found.__func__
        elif isinstance(found, property):
            found = found.fget
        elif isinstance(found, cached_property):
            found = found.func
        if isinstance(found, FunctionType):
            self.reach(found)

    def _read_function(self, function: FunctionType) -> None:
        names = dict.fromkeys(_names(function.__code__))
        self._names |= names
        home = function.__globals__
        for name in names:
            if name in home:
                self._note(home, name)
        for cell in function.__closure__ or ():
            self._note(cell, "cell_contents")
        for name in ("__defaults__", "__kwdefaults__"):
            if getattr(function, name):
                self._note(function, name)

    def _look(self, thing: Any, name: str) -> None:
        """Record what an object has under a name."""
        if isinstance(thing, Value):
            if name in ("data", "item"):
                self.seen.append((thing, "data", thing.data))
        elif isinstance(thing, ModuleType):
            if name in vars(thing):
                self._note(vars(thing), name)
        else:
            self._look_in_classes(thing, name)

    def _look_in_classes(self, thing: Any, name: str) -> None:
        is_class = isinstance(thing, type)
        found = [
            vars(owner)[name] for owner in (thing if is_class else type(thing)).__mro__ if name in vars(owner)
        ]
        for method in found:
            self._reach_method(method)
        of_instance = not is_class and name in _attributes(thing)
        first = found[0] if found else None
        computed = (property, FunctionType, classmethod, staticmethod, cached_property, BuiltinFunctionType)
        if of_instance or (isinstance(first, MemberDescriptorType) and not is_class):
            if not isinstance(first, property):
                self._note(thing, name)
        elif found and not isinstance(first, computed) and not hasattr(first, "__get__"):
            self._note(thing, name)

    def _note(self, home: Any, name: str) -> None:
        """Record what is in a place, unless it never changes, and follow it."""
        thing = _read(home, name)
        if thing is MISSING:
            return
        fixed = isinstance(thing, (ModuleType, Operation, BuiltinFunctionType, type))
        if not fixed and not (isinstance(thing, FunctionType) and _of_library(thing.__module__)):
            self.seen.append((home, name, frozen(thing)))
        self.reach(thing)


def _of_library(module: Any) -> bool:
    root = str(module).partition(".")[0]
    return root in LIBRARIES or root in PACKAGES


def _attributes(thing: Any) -> Any:
    """Return an object's own attributes, even if its class computes missing ones and fails."""
    found = _read(thing, "__dict__")
    return found if isinstance(found, dict) else {}


def _holds_objects(thing: Any) -> bool:
    return isinstance(thing, np.ndarray) and thing.dtype == object and thing.ndim > 0


def _names(code: CodeType) -> Iterator[str]:
    """Yield the global names and attributes that a piece of code and the functions in it read.

    An attribute may also be a string there: `getattr(self, "forward")`.
    """
    yield from (name for name in code.co_names if name[:2] != "__")
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from _names(part)
        elif isinstance(part, str) and part.isidentifier():
            yield part


def _read(home: Any, name: str) -> Any:
    if type(home) is dict:
        return home.get(name, MISSING)
    try:
        return getattr(home, name, MISSING)
    except Exception:  # For example, an empty cell or a property that fails.
        return MISSING


def frozen(thing: Any, depth: int = 0) -> Any:
    """Return a copy that does not change with the thing, or the thing itself if it is large or deep."""
    if isinstance(thing, np.ndarray):
        return thing.copy() if thing.size <= MANY else thing
    if not isinstance(thing, (list, tuple, dict)) or len(thing) > MANY or depth > DEEPEST:
        return thing
    if isinstance(thing, dict):
        return {key: frozen(part, depth + 1) for key, part in thing.items()}
    parts = [frozen(part, depth + 1) for part in thing]
    return tuple(parts) if isinstance(thing, tuple) else parts


def same(now: Any, before: Any) -> bool:
    """Whether a thing is unchanged since it was frozen."""
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
