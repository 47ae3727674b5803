"""`@primitive`: declare a user-defined operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from math import inf, nan
from typing import Any, Never
from weakref import WeakSet

from ..base.reals import brief, real
from ..base.text import counted
from ..errors import DataError, OperationError
from ..operations.foreign_forms import LANGUAGES
from ..operations.operation import TABLE, Notation, Operation, made, register
from .apply import add_method, remove_method


def primitive(
    *functions: Never,
    partials: Sequence[Callable[..., Any]] = (),
    name: str | None = None,
    domain: str = "real numbers",
    notation: Notation | None = None,
    array: Callable[..., Any] | None = None,
    forms: Mapping[str, str] | None = None,
) -> Callable[[Callable[..., float]], Operation]:
    """Create an operation from a function of floats and its local derivatives.

    `partials` has one function `(*arguments, y) -> dy/dx` for each argument. Write them with the functions of
    autograd_core rather than `math`, and the operation has derivatives of every order, a formula and compiled
    forms. If `function` raises ValueError or ZeroDivisionError, the value is undefined; if OverflowError,
    infinite.

    `array` is the function on NumPy arrays; without it the function is called for each element. `forms` says
    how it is written in other languages ("c", "javascript", "jax", "torch", "sympy"), where `{0}` and `{1}`
    are the arguments: `to_c` and the like need them, and so do the sliders of the stepper page
    ("javascript").

    Declaring it again, as when a notebook cell is rerun, replaces it.

    Raises `OperationError` if the number of derivatives is not the number of arguments or the compiler does
    not know a language, `DataValueError` if the table has another operation of that name.

    >>> from autograd_core import Value
    >>> @primitive(partials=[lambda x, y: 3 * x**2])
    ... def cube(x):
    ...     return x * x * x
    >>> x = Value(2.0)
    >>> cube(x).backward()
    >>> x.grad
    12.0
    >>> from autograd_core.operations.operation import TABLE
    >>> del TABLE["cube"], Value.cube
    """

    if functions or (isinstance(partials, Sequence) and not partials):
        raise OperationError(
            "primitive: no local derivatives; expected one for each argument. Write "
            "@primitive(partials=[lambda x, y: ...]) above the function."
        )
    rules = _checked_partials(partials)

    def declare(function: Callable[..., float]) -> Operation:
        called = name or str(getattr(function, "__name__", "primitive"))
        code = getattr(function, "__code__", None)
        if code is not None and code.co_argcount != len(rules):
            raise OperationError(
                f"{called}: wrong number of local derivatives: {len(rules)}; expected one for "
                f"each of {counted(code.co_argcount, 'argument')}."
            )
        for language in forms or {}:
            if language not in LANGUAGES:
                raise OperationError(
                    f"{called}: a form in an unknown language: got {language!r}; expected "
                    f"{', '.join(LANGUAGES)}."
                )
        row = own_row(
            called, function, rules, domain=domain, notation=notation or Notation(), on_arrays=array,
            forms=forms or {},
        )  # fmt: skip
        before = TABLE.get(row.name)
        if before is not None and _place(before.forward) == _place(function):
            remove_method(TABLE.pop(row.name))
        add_method(register(row))
        return row

    return declare


def own_row(
    name: str, function: Callable[..., Any], partials: tuple[Callable[..., Any], ...], **more: Any
) -> Operation:
    """Make an operation from a user's function, without adding it to the table."""
    about = function.__doc__ or ""
    row = Operation(name, _quiet(function, name), partials, len(partials), about=about, **more)
    made.setdefault(name, WeakSet()).add(row)
    return row


def _checked_partials(partials: Any) -> tuple[Callable[..., Any], ...]:
    if not isinstance(partials, Sequence) or not all(map(callable, partials)):
        raise OperationError(
            f"primitive: not a list of local derivatives: partials = {brief(partials)}; expected a function "
            "for each argument. Write partials=[lambda x, y: ...]."
        )
    return tuple(partials)


def same_row(row: Operation, other: Operation) -> bool:
    """Whether two rows are the same or were made by the same code, such as a function that runs twice."""
    if row is other:
        return True
    return row.name == other.name and row.fingerprint == other.fingerprint


def _place(function: Callable[..., float]) -> tuple[str, str]:
    """Where a function is defined; another one at the same place is a later version of it."""
    return function.__module__, function.__qualname__


def _quiet(function: Callable[..., float], name: str) -> Callable[..., float]:
    @wraps(function)
    def forward(*xs: float) -> float:
        try:
            y = function(*xs)
        except (ValueError, ZeroDivisionError):
            return nan
        except OverflowError:
            return inf
        return y if type(y) is float else _number(y, name)

    return forward


def _number(y: Any, name: str) -> float:
    try:
        return real(y, name)
    except DataError:
        raise OperationError(
            f"{name}: gave {brief(y)} for its value; expected one real number. Return one from the "
            "function; for several numbers, declare an operation for each."
        ) from None
