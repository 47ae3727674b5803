"""The rows of the table as NumPy's loops for arrays of objects.

An array of `Value`s is a plain array of objects, and NumPy asks neither it nor its elements how a function is
meant: it runs the ufunc's loop for objects. That loop compares (`np.maximum` picks one of two equals, and
loses a nan), calls a method of the left element alone (`np.hypot(2.0, A)` asks the float), or does not exist
(`np.logaddexp`). NumPy's answer to that is to give the ufunc another loop. Its tables of loops belong to its
binary interface (`PyUFuncObject` in `ufuncobject.h`), and the loop that calls a Python function comes from
`np.frompyfunc`; so no compiler is needed.

Nothing changes for other objects, except that plain numbers among the `Value`s of an array are computed, too.
Where the tables are not as expected (another Python than CPython, a NumPy to come), they are left alone.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Mapping
from numbers import Real
from threading import Lock
from typing import Any

from ..base.importing import np
from .value import Value


class _Ufunc(ctypes.Structure):
    """A NumPy ufunc in memory, as far as its tables of loops."""

    _fields_ = [
        ("head", ctypes.c_char * object.__basicsize__),
        ("nin", ctypes.c_int),
        ("nout", ctypes.c_int),
        ("nargs", ctypes.c_int),
        ("identity", ctypes.c_int),
        ("functions", ctypes.POINTER(ctypes.c_void_p)),
        ("data", ctypes.POINTER(ctypes.c_void_p)),
        ("ntypes", ctypes.c_int),
        ("reserved", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("types", ctypes.POINTER(ctypes.c_char)),
    ]


_setting = Lock()
_kept: list[Any] = []  # What NumPy points to from now on, for as long as the process lives.


def set_loops(
    functions: Mapping[str, Callable[..., Any]], refusals: Mapping[str, Callable[..., Any]]
) -> None:
    """Set these functions as the loops for arrays of objects of the ufuncs with these names."""
    with _setting:
        if _kept or sys.implementation.name != "cpython":
            return
        for name, function in functions.items():
            _set_loop(_ufunc(name), function, function)
        for name, refusal in refusals.items():
            _set_loop(_ufunc(name), refusal, None)
        # NumPy's tables must not be freed when the interpreter ends: other modules may call it after us.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(_kept))


def elementwise() -> list[str]:
    """The names of NumPy's ufuncs that work element by element."""
    ufuncs = [
        x for x in vars(sys.modules["numpy"]).values() if isinstance(x, np.ufunc) and x.signature is None
    ]
    return sorted({ufunc.__name__ for ufunc in ufuncs} - {"isnat"})  # That one knows its types by itself.


def _ufunc(name: str) -> Any:
    """The ufunc of that name. `np.clip` is a function around one, which stands where they all come from."""
    home = sys.modules.get("numpy._core.umath") or sys.modules["numpy.core.umath"]  # Of NumPy 2 and 1.
    return getattr(home, name)


def _set_loop(ufunc: Any, function: Callable[..., Any], of_numbers: Callable[..., Any] | None) -> None:
    """Set `function` as the ufunc's loop for objects, where a `Value` is among the arguments."""
    table = _table(ufunc)
    if table is None:
        return
    width, count = ufunc.nargs, ufunc.ntypes
    objects = bytes([np.dtype(object).num]) * width
    old = next((i for i in range(count) if table.types[i * width : (i + 1) * width] == objects), None)
    asking = _asking(ufunc, function, of_numbers, _original(ufunc, table, old))
    caller = np.frompyfunc(asking, ufunc.nin, ufunc.nout)
    loop = _table(caller)
    if loop is None:
        return
    place, size = (count, count + 1) if old is None else (old, count)
    functions, data = (ctypes.c_void_p * size)(), (ctypes.c_void_p * size)()
    functions[:count], data[:count] = table.functions[:count], table.data[:count]
    functions[place], data[place] = loop.functions[0], loop.data[0]
    types = ctypes.create_string_buffer(table.types[: count * width] + objects * (size - count))
    _point(table, functions, data)
    table.types, table.ntypes = ctypes.cast(types, ctypes.POINTER(ctypes.c_char)), size
    _kept.append((caller, types))


def _point(table: _Ufunc, functions: Any, data: Any) -> None:
    """Make a ufunc use these loops and the data that they are called with."""
    _kept.append((functions, data))
    table.functions = ctypes.cast(functions, ctypes.POINTER(ctypes.c_void_p))
    table.data = ctypes.cast(data, ctypes.POINTER(ctypes.c_void_p))


def _table(ufunc: Any) -> _Ufunc | None:
    """The ufunc's tables in memory, if what stands there is what NumPy says of it."""
    table = _Ufunc.from_address(id(ufunc))
    numbers = (table.nin, table.nout, table.nargs, table.ntypes)
    if numbers != (ufunc.nin, ufunc.nout, ufunc.nargs, ufunc.ntypes):
        return None
    numbers_of_types = bytes([np.dtype(letter).num for letter in "".join(ufunc.types).replace("->", "")])
    return table if table.types[: len(numbers_of_types)] == numbers_of_types else None


def _original(ufunc: Any, table: _Ufunc, place: int | None) -> Callable[..., Any] | None:
    """NumPy's own loop for objects as a ufunc, if it has one."""
    spare = np.frompyfunc(max, ufunc.nin, ufunc.nout)
    its = _table(spare)
    if place is None or its is None:
        return None
    one = ctypes.c_void_p * 1
    _point(its, one(table.functions[place]), one(table.data[place]))
    return spare  # type: ignore[no-any-return]


def _asking(
    ufunc: Any,
    function: Callable[..., Any],
    of_numbers: Callable[..., Any] | None,
    original: Callable[..., Any] | None,
) -> Callable[..., Any]:
    """What the loop calls for each element: the row for a `Value`, NumPy's own for other things.

    NumPy refuses plain numbers where it calls methods. Among `Value`s they are meant, so the row has them.
    """

    one = np.float64(1.0)

    def ask(*args: Any) -> Any:
        for x in args:
            if isinstance(x, Value):
                y = function(*args)
                one + one  # This clears the processor's flags, of which NumPy would warn after the loop.
                return y
        try:
            if original is not None:
                return original(*args)
        except TypeError:
            if of_numbers is None or not all(isinstance(x, Real) for x in args):
                raise
        if of_numbers is not None and all(isinstance(x, Real) for x in args):
            return of_numbers(*args)
        raise TypeError(f"ufunc {ufunc.__name__!r} not supported for the input types")

    return ask
