"""NumPy functions on `Value`s: applied element by element, keeping gradients.

NumPy calls `__array_ufunc__` of a `Value` among the arguments, but not for an array of `Value`s, which is a
plain array of objects. For these, the code below replaces NumPy's loops for objects.
"""

from __future__ import annotations

import ctypes
import math
import operator
import sys
from collections.abc import Callable, Mapping
from functools import partial
from numbers import Real
from threading import Lock
from types import FunctionType
from typing import Any, NoReturn

from .base.importing import np
from .base.reals import box, on_elements
from .errors import AutogradError, DataError
from .kernel.value import Value, noted
from .operations import table
from .operations.operation import TABLE

# The ufuncs whose loop for objects is a Python operator, which a `Value` has.
BY_OPERATORS = (
    "add", "subtract", "multiply", "divide", "negative", "power", "absolute",
    "invert", "bitwise_and", "bitwise_or", "bitwise_xor",
)  # fmt: skip
# Those without a row whose loop for objects uses the elements' own comparisons and truth values.
BY_COMPARISONS = (
    "less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "logical_not", "positive",
    "conjugate",
)  # fmt: skip
CURES = {
    "degrees": "rad2deg(v)",
    "fabs": "abs(v)",
    "float_power": "v**w",
    "floor_divide": "floor(v/w)",
    "radians": "deg2rad(v)",
    "signbit": "v < 0",
    "vecdot": "dot(vs, ws)",
}
"""What to write in place of functions without a row."""


def _predicate(test: Callable[[float], bool]) -> Callable[[Any], Any]:
    """A test of a number, reported to a tracer like a comparison.

    In an array of objects, `~` of a Python bool is -1 or -2; that of a NumPy bool is its opposite.
    """

    def asked(x: Any) -> Any:
        return np.bool_(noted(test(x.data), test.__name__, x, None) if isinstance(x, Value) else test(x))

    return asked


def _both(a: Any, b: Any) -> Any:
    return np.bool_(bool(a) and bool(b))


def _either(a: Any, b: Any) -> Any:
    return np.bool_(bool(a) or bool(b))


def _one_of_two(a: Any, b: Any) -> Any:
    return np.bool_(bool(a) != bool(b))


LOGIC = {"logical_and": _both, "logical_or": _either, "logical_xor": _one_of_two}
PREDICATES = {test.__name__: _predicate(test) for test in (math.isnan, math.isinf, math.isfinite)}
_PLAIN: dict[str, Callable[..., Any]] = {
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "equal": operator.is_,
    "not_equal": operator.is_not,
    "positive": operator.pos,
    **LOGIC,
    "clip": table.clip,  # Not in the row, because NumPy's own does not guarantee the sign of a zero.
    **PREDICATES,
}


def array_ufunc(node: Value, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
    """Implement `np.sin(v)` and `np.float64(2) * v` with the row that has the ufunc's name."""
    function = _function_of(ufunc.__name__)
    if function is None or method != "__call__" or options:
        _refuse(ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}")
    if any(getattr(x, "ndim", 0) or isinstance(x, (list, tuple)) for x in inputs):
        boxes = [box(x) if isinstance(x, Value) else np.asarray(x, dtype=object) for x in inputs]
        return on_elements(function, boxes)
    return function(*[x.item() if hasattr(x, "ndim") else x for x in inputs])


def array_function(node: Value, function: Any, types: Any, args: Any, named: Any) -> Any:
    """Implement `np.sum(v)` and `np.interp(v, xs, ys)`: run NumPy's own code, and explain its errors."""
    try:
        return function._implementation(*args, **named)
    except (AttributeError, TypeError, IndexError) as error:
        if isinstance(error, (AutogradError, ValueError)):
            raise
        raise DataError(
            f"np.{function.__name__}: it works only on arrays of floats ({error}): got a Value; expected "
            "none. Write it with the functions of autograd_core (sum, mean, where, ...), or pass it "
            "v.item() if no gradient is needed."
        ) from error


def _function_of(name: str) -> Callable[..., Any] | None:
    """Return the function that the ufunc of that name runs on `Value`s."""
    rows = (row for row in TABLE.values() if row.ufunc == name)
    return _PLAIN.get(name) or next(rows, None)


def _refuse(call: str, *inputs: Any) -> NoReturn:
    known = ", ".join(sorted({row.ufunc for row in TABLE.values() if row.ufunc} | set(_PLAIN)))
    raise DataError(
        f"np.{call}: not defined on a Value; expected one of {known}, without options. "
        f"Use {CURES.get(call, 'the functions of autograd_core')}."
    )


def _nan_to_num(x: Any, copy: Any = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """Replace the code of `np.nan_to_num`, which would return any array of objects unchanged."""
    return globals()["_nan_to_num_with_values"](x, copy, nan, posinf, neginf)


def set_nan_to_num() -> None:
    """Make `np.nan_to_num` replace nonfinite `Value`s, too."""
    its = getattr(np.nan_to_num, "_implementation", None)
    if not isinstance(its, FunctionType) or its.__code__.co_varnames[:5] != _nan_to_num.__code__.co_varnames:
        return  # Another version of NumPy.
    # Another copy of the package may have been here before.
    code = FunctionType(its.__code__, its.__globals__, its.__name__, its.__defaults__)
    original = its.__globals__.get("_nan_to_num_with_values", code)

    def with_values(x: Any, copy: Any, nan: Any, posinf: Any, neginf: Any) -> Any:
        array = np.asarray(x)
        if array.dtype != object or not any(isinstance(v, Value) for v in array.flat):
            return original(x, copy, nan, posinf, neginf)
        largest = sys.float_info.max
        infinite = (largest if posinf is None else posinf, -largest if neginf is None else neginf)

        def replaced(v: Any) -> Any:
            if PREDICATES["isnan"](v):
                return table.where(0.0, v, nan)
            return table.where(0.0, v, infinite[v < 0.0]) if PREDICATES["isinf"](v) else v

        found = on_elements(replaced, [array])
        if copy is False and array is x:
            array[...] = found
            return array
        return found

    its.__globals__["_nan_to_num_with_values"] = with_values
    its.__code__ = _nan_to_num.__code__


def set_object_loops() -> None:
    """Register the rows as NumPy's loops for arrays of objects, once."""
    rows = [row.ufunc for row in TABLE.values() if row.ufunc is not None]
    names = [name for name in [*rows, "clip", *LOGIC, *PREDICATES] if name not in BY_OPERATORS]
    others = set(elementwise()) - {*rows, *BY_OPERATORS, *BY_COMPARISONS}
    loops = {name: function for name in names if (function := _function_of(name)) is not None}
    set_loops(loops, {name: partial(_refuse, name) for name in others.difference(loops)})


class _FirstMeeting:
    """An attribute that NumPy looks up on each object put into an array; the first lookup sets the loops."""

    def __get__(self, node: Value | None, owner: type) -> NoReturn:
        if "numpy" in sys.modules:
            set_object_loops()
            if "__array_interface__" in vars(Value):
                del Value.__array_interface__  # type: ignore[attr-defined]
        raise AttributeError("__array_interface__")


Value.__array_ufunc__ = array_ufunc  # type: ignore[attr-defined]
Value.__array_function__ = array_function  # type: ignore[attr-defined]


class _Ufunc(ctypes.Structure):
    """The memory layout of a NumPy ufunc, up to its tables of loops."""

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
_kept: list[Any] = []  # What NumPy points to, for as long as the process lives.


def set_loops(
    functions: Mapping[str, Callable[..., Any]], refusals: Mapping[str, Callable[..., Any]]
) -> None:
    """Set these functions as the loops for arrays of objects of the ufuncs with these names."""
    with _setting:
        if _kept or sys.implementation.name != "cpython":
            return
        set_nan_to_num()
        for name, function in functions.items():
            _set_loop(_ufunc(name), function, function)
        for name, refusal in refusals.items():
            _set_loop(_ufunc(name), refusal, None)
        # NumPy's tables must survive the interpreter's exit: other modules may still call it after us.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(_kept))


def elementwise() -> list[str]:
    """Return the names of NumPy's ufuncs that work element by element."""
    ufuncs = [
        x for x in vars(sys.modules["numpy"]).values() if isinstance(x, np.ufunc) and x.signature is None
    ]
    return sorted({ufunc.__name__ for ufunc in ufuncs} - {"isnat"})  # It checks types itself.


def _ufunc(name: str) -> Any:
    """Return the ufunc of that name from NumPy's own module; `np.clip` itself is a function around one."""
    home = sys.modules.get("numpy._core.umath") or sys.modules["numpy.core.umath"]  # NumPy 2 and 1.
    return getattr(home, name)


def _set_loop(ufunc: Any, function: Callable[..., Any], of_numbers: Callable[..., Any] | None) -> None:
    """Make the ufunc's loop for objects call `function` if a `Value` is among the arguments."""
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
    """Make a ufunc use these loops and their data."""
    _kept.append((functions, data))
    table.functions = ctypes.cast(functions, ctypes.POINTER(ctypes.c_void_p))
    table.data = ctypes.cast(data, ctypes.POINTER(ctypes.c_void_p))


def _table(ufunc: Any) -> _Ufunc | None:
    """Return the ufunc's tables in memory if they agree with what NumPy reports about it."""
    table = _Ufunc.from_address(id(ufunc))
    numbers = (table.nin, table.nout, table.nargs, table.ntypes)
    if numbers != (ufunc.nin, ufunc.nout, ufunc.nargs, ufunc.ntypes):
        return None
    numbers_of_types = bytes([np.dtype(letter).num for letter in "".join(ufunc.types).replace("->", "")])
    return table if table.types[: len(numbers_of_types)] == numbers_of_types else None


def _original(ufunc: Any, table: _Ufunc, place: int | None) -> Callable[..., Any] | None:
    """Return NumPy's own loop for objects as a ufunc, or None."""
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
    """Return what the loop calls for each element: the row for a `Value`, NumPy's own loop otherwise.

    If NumPy's loop calls methods, it rejects plain numbers. Among `Value`s they are valid, so the row gets
    them.
    """

    one = np.float64(1.0)

    def ask(*args: Any) -> Any:
        for x in args:
            if isinstance(x, Value):
                y = function(*args)
                one + one  # Clears the processor's flags, or NumPy would warn after the loop.
                return y
        try:
            if original is not None:  # Boxed: a node of another copy of the package handles the call.
                return original(*map(box, args))
        except TypeError:
            if of_numbers is None or not all(isinstance(x, Real) for x in args):
                raise
        if of_numbers is not None and all(isinstance(x, Real) for x in args):
            return of_numbers(*args)
        raise TypeError(f"ufunc {ufunc.__name__!r} not supported for the input types")

    return ask


if "numpy" in sys.modules:
    set_object_loops()
else:
    Value.__array_interface__ = _FirstMeeting()  # type: ignore[attr-defined]
