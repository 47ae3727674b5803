"""NumPy functions on `Value`s: applied element by element, keeping gradients.

NumPy asks a `Value` among the arguments (`__array_ufunc__`). An array of `Value`s is a plain array of
objects, which it does not ask; there its loops for objects are ours (`object_loops.py`).
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

from ..base.importing import np
from ..base.reals import box, on_elements
from ..errors import AutogradError, DataError
from . import table
from .operation import TABLE
from .value import Value, noted

# The ufuncs whose loop for objects is an operator of Python's, which a `Value` has.
BY_OPERATORS = ("add", "subtract", "multiply", "divide", "negative", "power", "absolute")
# Those without a row whose loop for objects asks elements for what they have: comparisons and a truth value.
BY_COMPARISONS = (
    "less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "logical_and", "logical_or",
    "logical_not", "positive", "conjugate",
)  # fmt: skip
CURES = {
    "ceil": "-floor(-v)",
    "copysign": "abs(v)*sign(w)",
    "deg2rad": "v*(math.pi/180)",
    "degrees": "v*(180/math.pi)",
    "fabs": "abs(v)",
    "float_power": "v**w",
    "floor_divide": "floor(v/w)",
    "fmax": "maximum(v, w)",
    "fmin": "minimum(v, w)",
    "fmod": "v - w*sign(v/w)*floor(abs(v/w))",
    "logaddexp2": "logaddexp(v*log(2), w*log(2))/log(2)",
    "rad2deg": "v*(180/math.pi)",
    "radians": "v*(math.pi/180)",
    "remainder": "v - w*floor(v/w)",
    "signbit": "v < 0",
    "trunc": "sign(v)*floor(abs(v))",
    "vecdot": "dot(vs, ws)",
}
"""What to write in place of functions without a row."""


def _predicate(test: Callable[[float], bool]) -> Callable[[Any], bool]:
    """A test of a number, reported to a tracer like a comparison."""

    def asked(x: Any) -> bool:
        return noted(test(x.data), test.__name__, x, None) if isinstance(x, Value) else test(x)

    return asked


PREDICATES = {test.__name__: _predicate(test) for test in (math.isnan, math.isinf, math.isfinite)}
_PLAIN: dict[str, Callable[..., Any]] = {
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "equal": operator.is_,
    "not_equal": operator.is_not,
    "positive": operator.pos,
    "clip": table.clip,  # The row does not name it: NumPy's own is not sure of the sign of a zero.
    **PREDICATES,
}


def array_ufunc(node: Value, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
    """Implement `np.sin(v)` and `np.float64(2) * v` by the row that has that ufunc's name."""
    function = _function_of(ufunc.__name__)
    if function is None or method != "__call__" or options:
        _refuse(ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}")
    if any(getattr(x, "ndim", 0) or isinstance(x, (list, tuple)) for x in inputs):
        boxes = [box(x) if isinstance(x, Value) else np.asarray(x, dtype=object) for x in inputs]
        return on_elements(function, boxes)
    return function(*[x.item() if hasattr(x, "ndim") else x for x in inputs])


def array_function(node: Value, function: Any, types: Any, args: Any, named: Any) -> Any:
    """What `np.sum(v)` and `np.interp(v, xs, ys)` do: NumPy's own code, or a refusal in our words."""
    try:
        return function._implementation(*args, **named)
    except (AttributeError, TypeError, IndexError) as error:
        if isinstance(error, (AutogradError, ValueError)):
            raise
        raise DataError(
            f"np.{function.__name__}: it computes on arrays of floats alone ({error}): got a Value; expected "
            "none. Write it in the functions of autograd_core (sum, mean, where, ...), or hand it v.item() "
            "where no gradient is needed."
        ) from error


def _function_of(name: str) -> Callable[..., Any] | None:
    """What the ufunc of that name does with `Value`s."""
    rows = (row for row in TABLE.values() if row.ufunc == name)
    return _PLAIN.get(name) or next(rows, None)


def _refuse(call: str, *inputs: Any) -> NoReturn:
    known = ", ".join(sorted({row.ufunc for row in TABLE.values() if row.ufunc} | set(_PLAIN)))
    raise DataError(
        f"np.{call}: not defined on a Value; expected one of {known}, without options. "
        f"Use {CURES.get(call, 'the functions of autograd_core')}."
    )


def set_object_loops() -> None:
    """Register the rows as NumPy's loops for arrays of objects, once."""
    from .object_loops import elementwise, set_loops

    rows = [row.ufunc for row in TABLE.values() if row.ufunc is not None]
    names = [name for name in [*rows, "clip", *PREDICATES] if name not in BY_OPERATORS]
    others = set(elementwise()) - {*rows, *BY_OPERATORS, *BY_COMPARISONS}
    loops = {name: function for name in names if (function := _function_of(name)) is not None}
    set_loops(loops, {name: partial(_refuse, name) for name in others.difference(loops)})


class _FirstMeeting:
    """What NumPy asks of each object that it puts into an array. The first to be asked sets the loops."""

    def __get__(self, node: Value | None, owner: type) -> NoReturn:
        if "numpy" in sys.modules:
            set_object_loops()
            if "__array_interface__" in vars(Value):
                del Value.__array_interface__  # type: ignore[attr-defined]
        raise AttributeError("__array_interface__")


Value.__array_ufunc__ = array_ufunc  # type: ignore[attr-defined]
Value.__array_function__ = array_function  # type: ignore[attr-defined]
if "numpy" in sys.modules:
    set_object_loops()
else:
    Value.__array_interface__ = _FirstMeeting()  # type: ignore[attr-defined]
