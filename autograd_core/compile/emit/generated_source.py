"""Compile generated source so that tracebacks and debuggers can show it."""

from __future__ import annotations

import linecache
import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count
from types import CodeType
from typing import Any
from weakref import finalize

from ...base.importing import np
from ...kernel.operation import Operation
from ..front.undefined import refuse_undefined
from .expressions import rows_by_symbol

SLOPES, OF_ALL = "slopes_of_", "_of_all"
_serial = count(1).__next__


def registered(source: str, what: str) -> CodeType:
    """The compiled source, known to `linecache` under a name of its own for as long as its function lives."""
    name = f"<autograd_core {what} {_serial()}>"
    code = compile(source, name, "exec")
    functions = [part for part in code.co_consts if isinstance(part, CodeType)]
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    finalize((functions or [code])[-1], linecache.cache.pop, name, None).atexit = False
    return code


_MATH = """
sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh exp expm1 exp2 log log1p log2 log10 sqrt
cbrt hypot pow erf erfc fabs
""".split()  # noqa: SIM905


def float_functions() -> dict[str, Any]:
    """What the names in a Python program mean.

    The functions of `math` where the templates mean them, which raise where a row's own are quiet, and the
    rows' own elsewhere.
    """
    known_rows = rows_by_symbol()
    rows: dict[str, Any] = {symbol: row.forward for symbol, row in known_rows.items()}
    known = {name: getattr(math, name) for name in _MATH}
    quiet = {
        symbol: _checked(row)
        for symbol, row in known_rows.items()
        if row.outside is not None or (row.pole and symbol not in known)
    }
    rows |= {f"{symbol}{OF_ALL}": row.vector for symbol, row in known_rows.items() if row.vector is not None}
    return rows | known | quiet | {"inf": math.inf, "nan": math.nan}


def _checked(row: Operation) -> Callable[..., float]:
    """The forward function of a row, which raises where that is infinite, or finite and undefined."""

    def checked(*xs: float) -> float:
        y = row.forward(*xs)
        if not math.isfinite(y) or (row.outside is not None and row.outside(*xs)):
            raise ValueError(row.name)
        return y

    return checked


def array_functions(*codes: CodeType) -> dict[str, Any]:
    """What the names in a NumPy program mean: each row on arrays, a variadic one on a sequence of them.

    `slopes_of_sin` are the local derivatives of `sin` on arrays. Only what the program uses is made.
    """
    names = {name for code in codes for name in _names(code)}
    rows = rows_by_symbol()
    found: dict[str, Any] = {name: _node(rows[name]) for name in names & rows.keys()}
    whole = [name for name in names if name.endswith(OF_ALL)]
    found |= {name: rows[name.removesuffix(OF_ALL)].array for name in whole}
    slopes = [name for name in names if name.startswith(SLOPES)]
    found |= {name: rows[name.removeprefix(SLOPES)].array_slopes for name in slopes}
    return found | {
        "np": np, "inf": np.inf, "nan": np.nan, "over_examples": _over_examples,
        "refuse_undefined": refuse_undefined,
    }  # fmt: skip


def _over_examples(a: Any, b: Any, out: Any) -> None:
    """The matrix product over the examples; of a single one every product, for which NumPy is quicker."""
    (np.multiply if a.shape[1] == 1 else np.matmul)(a, b, out=out)


def _names(code: CodeType) -> Iterator[str]:
    """The names that a piece of code and the functions in it look up."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _node(row: Operation) -> Any:
    """For a row such as softmax, whose array form gives all results: the node's is the first."""
    if row.outside is not None or row.pole is not None:
        return partial(on_arrays, row)
    return row.array if row.vector is None else lambda xs: row.array(xs)[0]


def on_arrays(row: Operation, *xs: Any) -> Any:
    """A row that can be finite and yet undefined, or has poles; raises `FloatingPointError` where it is so.

    An infinite result may be lost on the way: exp(-inf) is 0.
    """
    if row.outside is not None and np.any(np.frompyfunc(row.outside, len(xs), 1)(*xs)):
        raise FloatingPointError(row.name)
    y = row.array(*xs)
    if row.pole is not None and np.isinf(y).any() and np.any(np.isinf(y) & _all_finite(xs)):
        raise FloatingPointError(row.name)
    return y


def _all_finite(xs: Sequence[Any]) -> Any:
    return np.logical_and.reduce([np.isfinite(x) for x in np.broadcast_arrays(*xs)])
