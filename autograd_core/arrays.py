"""How NumPy's functions meet a `Value`: element by element, each keeping its gradient."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from .errors import DataError
from .operation import TABLE
from .reals import box
from .value import Value

_PLAIN: dict[str, Callable[..., Any]] = {
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "equal": operator.is_,
    "not_equal": operator.is_not,
    "positive": operator.pos,
}


def array_ufunc(ufunc: Any, method: str, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What `np.sin(v)` and `np.float64(2) * v` do: the row of the table that bears that ufunc's name."""
    import numpy as np

    function = _PLAIN.get(ufunc.__name__) or _row(ufunc.__name__)
    if function is None or method != "__call__" or options:
        call = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
        known = ", ".join(sorted(_names()))
        raise DataError(
            f"np.{call}: not defined on a Value; expected one of {known}, without options. "
            "Use the functions of autograd_core."
        )
    if any(getattr(x, "ndim", 0) for x in inputs):
        boxes = [box(x) if isinstance(x, Value) else np.asarray(x, dtype=object) for x in inputs]
        return np.frompyfunc(function, len(inputs), 1)(*boxes)
    return function(*[x.item() if hasattr(x, "ndim") else x for x in inputs])


def _row(name: str) -> Callable[..., Any] | None:
    return next((row for row in TABLE.values() if row.ufunc == name and row.arity is not None), None)


def _names() -> set[str]:
    return {row.ufunc for row in TABLE.values() if row.ufunc} | set(_PLAIN)
