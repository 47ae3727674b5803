"""`Outside`: what a traced function read from elsewhere, to notice when some of it has changed."""

from __future__ import annotations

import sys
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from types import (
    BuiltinFunctionType,
    CellType,
    CodeType,
    FunctionType,
    MappingProxyType,
    MemberDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
)
from typing import Any, NamedTuple

from ...base.importing import PACKAGES, np
from ...kernel.value import Value
from ...native import in_c
from ...operations.operation import Operation

MOST = 1000
"""The most functions and objects that are examined; a function that reaches more is traced on every call."""
MANY = 1000
"""For a list or array with more numbers, only its replacement by another one is noticed."""
ATOMS = (int, float, complex, str, bytes, type(None), Operation)
"""What has no parts."""
DEEPEST = 8
"""Of lists nested deeper, such as one that contains itself, only the replacement is noticed."""
MISSING = object()
DICTS = (dict, MappingProxyType)
HERE = __name__.partition(".")[0]
LIBRARIES = frozenset({"numpy", *sys.stdlib_module_names})
"""Top-level packages, besides ours, whose functions read nothing that changes."""
UNREAD = frozenset({"__del__", "__repr__", "__str__", "__delattr__"})
"""Special methods that computing does not call."""
COMMON = frozenset(
    name for kind in (FunctionType, type, ModuleType) for name in dir(kind) if name[:2] == "__"
)
"""Attributes that Python itself gives to things."""
PLAIN = (list, tuple, set, frozenset, dict, deque)
COMPUTED = (property, FunctionType, classmethod, staticmethod, cached_property, BuiltinFunctionType)
IN_C = (dict, CellType)
"""Where the native engine can look."""
BOUND = (BuiltinFunctionType, MethodWrapperType)
"""Methods of built-in types, such as `settings.get`."""


class Outside:
    """A snapshot of the globals, closure variables, attributes and leaves that some functions read.

    Functions are followed to the functions and objects that they use, and objects to the attributes that any
    of these functions names.
    """

    def __init__(self, functions: Iterable[Callable[..., Any]], leaves: Iterable[Value] = ()) -> None:
        self._leaves = list(leaves)
        self._numbers = _bits(self._leaves)
        search = _Search(self._leaves)
        for function in functions:
            search.reach(function)
        search.run()
        self._complete = search.complete
        self._in_dicts = [place for place in search.seen if type(place[0]) in DICTS]
        self._seen = [place for place in search.seen if type(place[0]) not in DICTS]
        self._rest = bool(self._seen or self._leaves or not self._complete)
        self.unchanged = self._made_check()

    @classmethod
    def of_rows(cls, rows: Iterable[Operation]) -> Outside:
        """Record what user-defined rows read; their derivatives are written out when a program is made."""
        return cls([f for row in rows if not row.built_in for f in (row.forward, *row.partials)])

    def __bool__(self) -> bool:
        return bool(self._in_dicts) or self._rest

    def guarded(
        self, function: Callable[..., Any], otherwise: Callable[..., Any], count: int
    ) -> Callable[..., Any]:
        """Return a function of `count` arguments that calls another one if something has changed.

        The native engine compares globals and closure variables itself: a call in Python takes longer than a
        small program.
        """
        places = (*self._in_dicts, *self._seen)
        plain = self._complete and not self._leaves and all(type(home) in IN_C for home, _, _ in places)
        if in_c is not None and type(function) is in_c.Entry and plain:
            entry: Any = function
            checked: Callable[..., Any] = entry.guard(places, self.unchanged)
            return checked
        unchanged = self.unchanged

        def quick(*args: Any, **named: Any) -> Any:
            if not named and len(args) == count and unchanged():
                return function(*args)
            return otherwise(*args, **named)

        return quick

    def _made_check(self) -> Callable[[], bool]:
        """Return a function that says whether nothing has changed; it runs before every call."""
        in_dicts, rest = self._in_dicts, self._rest

        def unchanged() -> bool:
            for home, name, thing in in_dicts:  # Most are the same objects: no call for these.
                now = home.get(name, MISSING)
                if now is not thing and not same(now, thing):
                    return False
            return not rest or self._rest_unchanged()

        return unchanged

    def _rest_unchanged(self) -> bool:
        for home, name, thing in self._seen:
            now = _read(home, name)
            if now is not thing and not same(now, thing):
                return False
        return self._complete and (not self._leaves or _bits(self._leaves) == self._numbers)


class _Search:
    """Follows functions to what they read; `seen` has each place and what was there."""

    def __init__(self, leaves: Iterable[Value]) -> None:
        self.seen: list[tuple[Any, str, Any]] = []
        self.complete = True
        self._leaves = list(leaves)
        self._known: dict[int, Any] = {id(leaf): leaf for leaf in self._leaves}
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
        if "grad" in self._names:
            self.seen += [(leaf, "grad", leaf.grad) for leaf in self._leaves]

    def reach(self, thing: Any) -> None:
        """Take a function or an object into the search, or the parts of a list."""
        waiting = [thing]
        while waiting:
            thing = waiting.pop()
            if id(thing) in self._known or isinstance(thing, ATOMS):
                continue
            if len(self._functions) + len(self._objects) >= MOST:
                self.complete = False
                return
            self._known[id(thing)] = thing
            waiting += self._parts(thing)

    def _parts(self, thing: Any) -> Iterable[Any]:
        """Take in one thing; return what to reach next."""
        if isinstance(thing, FunctionType):
            return self._parts_of_function(thing)
        if isinstance(thing, MethodType):
            return thing.__func__, thing.__self__
        if isinstance(thing, BOUND):
            if not isinstance(thing.__self__, ModuleType):
                self._note(thing, "__self__")
            return ()
        if isinstance(thing, partial):
            self._note(thing, "args")
            self._note(thing, "keywords")
            return (thing.func,)
        if isinstance(thing, np.ndarray) and thing.dtype != object:
            return ()
        if isinstance(thing, (*PLAIN, *DICTS)) or _holds_objects(thing):
            if type(thing) not in PLAIN:
                self._reach_object(thing)
            return [] if len(thing) > MANY else thing.values() if isinstance(thing, DICTS) else list(thing)
        self._reach_object(thing)
        return ()

    def _parts_of_function(self, function: FunctionType) -> Iterator[Any]:
        yield vars(function).get("__wrapped__")
        if not _of_library(function.__globals__.get("__name__")):
            self._functions.append(function)
            if vars(function):
                self._take_object(function)
            return
        for cell in function.__closure__ or ():  # For example, the function that `grad` was given.
            yield _read(cell, "cell_contents")

    def _reach_object(self, thing: Any) -> None:
        if isinstance(thing, (type, ModuleType)):
            if _of_library(thing.__name__ if isinstance(thing, ModuleType) else thing.__module__):
                return
            if isinstance(thing, type):
                self._reach_special(thing)
                self._reach_special(type(thing))
        elif not isinstance(thing, Value):
            owners = [owner.__module__.partition(".")[0] for owner in type(thing).__mro__]
            self.reach(
                _read(thing, "__wrapped__") if owners[0] == HERE else _attributes(thing).get("__wrapped__")
            )
            if owners[0] == HERE:
                return
            self._reach_special(type(thing))
            if not {"collections", *PACKAGES}.isdisjoint(owners):
                for name in [name for name in _attributes(thing) if name[:1] != "_"]:
                    self._note(thing, name)
        self._take_object(thing)

    def _take_object(self, thing: Any) -> None:
        self._objects.append(thing)
        self._tried.append(0)

    def _reach_special(self, kind: type) -> None:
        """Take in a class's methods that expressions call without their names, or that make objects."""
        for owner in kind.__mro__:
            if not _of_library(owner.__module__):
                for name, found in list(vars(owner).items()):
                    if name[:2] == "__" and name not in UNREAD and isinstance(found, COMPUTED):
                        self._reach_method(owner, name)

    def _reach_method(self, owner: type, name: str) -> None:
        """Take in and record what a class computes under a name: a method, property or other descriptor."""
        found = vars(owner)[name]
        if _of_library(owner.__module__):
            return
        if isinstance(found, COMPUTED) or hasattr(type(found), "__get__"):
            self.seen.append((vars(owner), name, found))
        if isinstance(found, (classmethod, staticmethod)):
            found = found.__func__
        elif isinstance(found, property):
            found = found.fget
        elif isinstance(found, cached_property):
            found = found.func
        if not isinstance(found, MemberDescriptorType):
            self.reach(found)

    def _read_function(self, function: FunctionType) -> None:
        names = dict.fromkeys(_names(function.__code__))
        self._names |= names
        home = function.__globals__
        for name in names:
            if name in home:
                self._note(home, name)
            for module in _modules(name, str(home.get("__package__") or "")):
                self._note(sys.modules, module)
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
            elif name == "grad":
                self.seen.append((thing, "grad", thing.grad))
        elif isinstance(thing, ModuleType):
            if name in vars(thing):
                self._note(vars(thing), name)
        else:
            self._look_in_classes(thing, name)

    def _look_in_classes(self, thing: Any, name: str) -> None:
        is_class = isinstance(thing, type)
        owners = [owner for owner in (thing if is_class else type(thing)).__mro__ if name in vars(owner)]
        for owner in owners:
            self._reach_method(owner, name)
        first = vars(owners[0])[name] if owners else None
        computed = isinstance(first, COMPUTED) or hasattr(type(first), "__get__")
        own = _attributes(thing)
        if not is_class and (name in own or isinstance(first, MemberDescriptorType)):
            if not isinstance(first, property):
                self._note(thing, name)
        elif owners and not computed:
            self._note(thing, name)
        elif owners and not is_class and not _of_library(owners[0].__module__):
            self.seen.append((own, name, MISSING))  # The object may get an attribute that hides the method.

    def _note(self, home: Any, name: str) -> None:
        """Record what is in a place, and follow it."""
        thing = _read(home, name)
        if thing is not MISSING:
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


def _modules(name: str, package: str) -> Iterator[str]:
    """Yield the modules that an import of that name inside a function of the package may mean."""
    while True:
        full = f"{package}.{name}" if package else name
        if full in sys.modules and not _of_library(full):
            yield full
        if not package:
            return
        package = package.rpartition(".")[0]


def _names(code: CodeType) -> Iterator[str]:
    """Yield the global names and attributes that a piece of code and the functions in it read.

    An attribute may also be a string there: `getattr(self, "forward")`.
    """
    yield from (name for name in code.co_names if name not in COMMON)
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from _names(part)
        elif isinstance(part, str) and part.isidentifier():
            yield part


def _read(home: Any, name: str) -> Any:
    if type(home) in DICTS:  # An object of a subclass may have attributes, too.
        return home.get(name, MISSING)
    try:
        return getattr(home, name, MISSING)
    except Exception:  # For example, an empty cell or a property that fails.
        return MISSING


def _bits(leaves: Iterable[Value]) -> bytes:
    """Return the leaves' numbers such that 0.0 differs from -0.0, and NaN does not from itself."""
    return array("d", [leaf._number for leaf in leaves]).tobytes()


class Copy(NamedTuple):
    """What an array, set or deque held."""

    kind: type
    parts: Any


def _parts_of(thing: Any) -> tuple[Any, ...]:
    """Return what decides whether two arrays, sets or deques of the same class are alike."""
    if not isinstance(thing, np.ndarray):
        return (list(thing),)
    plain = np.asarray(thing)
    parts = list(plain.ravel()) if thing.dtype == object else plain.tobytes()
    return thing.dtype, thing.shape, getattr(thing, "mask", None), parts


def frozen(thing: Any, depth: int = 0) -> Any:
    """Return a copy that does not change with the thing, or the thing itself if it is large or deep."""
    if depth > DEEPEST or not isinstance(thing, (*PLAIN, *DICTS, np.ndarray, array, bytearray)):
        return thing
    if (thing.size if isinstance(thing, np.ndarray) else len(thing)) > MANY:
        return thing
    if isinstance(thing, DICTS):
        return {key: frozen(part, depth + 1) for key, part in thing.items()}
    if not isinstance(thing, (list, tuple)):
        return Copy(type(thing), frozen(_parts_of(thing), depth + 1))
    parts = [frozen(part, depth + 1) for part in thing]
    return tuple(parts) if isinstance(thing, tuple) else parts


def same(now: Any, before: Any) -> bool:
    """Whether a thing is unchanged since it was frozen."""
    if now is before:
        return True
    if isinstance(before, Copy):
        return type(now) is before.kind and same(_parts_of(now), before.parts)
    if isinstance(before, (list, tuple)):
        kind = tuple if isinstance(before, tuple) else list
        return isinstance(now, kind) and len(now) == len(before) and all(map(same, now, before))
    if isinstance(before, dict):
        return (
            isinstance(now, DICTS)
            and list(now) == list(before)
            and all([same(now[key], part) for key, part in before.items()])
        )
    if type(now) is not type(before):
        return False
    if isinstance(before, float):
        return now == before != 0.0 or repr(now) == repr(before)  # NaN, and 0.0 that is not -0.0.
    if isinstance(before, (complex, np.generic)):
        return repr(now) == repr(before)
    return isinstance(before, (int, str, bytes, np.dtype)) and bool(now == before)
