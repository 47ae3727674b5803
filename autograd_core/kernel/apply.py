"""Evaluate an operation on `Value`s and record its node."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import Any

from ..base import modes
from ..base.extended_range import Wide
from ..base.modes import examine
from ..base.reals import brief, described, real
from ..errors import DataError, DomainError, OperationError
from ..operations import table
from ..operations.operation import TABLE, Operation
from .unsupported import EXTRAS, REFUSALS
from .value import Value, constant, node_of


def apply(row: Operation, args: Sequence[Any]) -> Any:
    """Return the node of `row(*args)`; the arguments are `Value`s or plain numbers."""
    args = [x if isinstance(x, Value) else real(x, row.name) for x in args]
    xs = tuple([x if type(x) is float else x._number for x in args])
    y = row.value_at(xs)
    mode = modes.current()
    if mode.build is not None:
        return mode.build(row, [constant(x) if type(x) is float else x for x in args])
    if y - y or modes.unusual or row.outside is not None:
        examine(row, args, y)
    if mode.grad:
        needs = [type(x) is not float and x._requires_grad for x in args]
        node = node_of(row, y, args, local_derivatives(row, args, xs, y, needs), needs)
    else:
        node = constant(y)
    if mode.scope is not None:
        node._label = mode.scope.labeled("")
    return node


def local_derivatives(
    op: Operation, args: Sequence[Any], xs: Sequence[float], y: float, needs: Sequence[bool]
) -> Sequence[float]:
    """Return the local derivatives towards the arguments that need a gradient, 0.0 towards the others."""
    try:
        slopes = op.by_each(op.slopes, xs, y, needs) if True in needs else [0.0] * len(xs)
    except OperationError:  # It already names the rule and the cure.
        raise
    except Exception as error:
        raise _raising(op, error, args) from error
    if len(slopes) != len(xs):
        raise _misbehaving(op, f"gave {len(slopes)} local derivatives for {len(xs)} arguments")
    if op.arity is None and False in needs:
        slopes = [d if need else 0.0 for d, need in zip(slopes, needs, strict=True)]
    if set(map(type, slopes)) != {float} or isnan(sum(slopes)) or op.leaves_range:
        return _unusual_slopes(op, args, xs, y, slopes, needs)
    return slopes


def _unusual_slopes(
    op: Operation,
    args: Sequence[Any],
    xs: Sequence[float],
    y: float,
    slopes: Sequence[Any],
    needs: Sequence[bool],
) -> Sequence[float]:
    """Return the local derivatives as floats, or as `Wide` numbers if they are out of a float's range."""
    slopes = [d if type(d) is float or isinstance(d, Wide) else _checked(op, d) for d in slopes]
    if op.leaves_range:
        slopes = op.in_any_range(xs, y, slopes, needs)
    if isnan(sum(slopes)):
        _examine_slopes(op, args, xs, slopes)
    return slopes


def _examine_slopes(op: Operation, args: Sequence[Any], xs: Sequence[float], slopes: Sequence[float]) -> None:
    """Raise if a derivative does not exist where the value does, such as that of x**y by y at x < 0."""
    if any([x - x for x in xs]) or modes.current().invalid == "ignore":
        return
    for i, d in enumerate(slopes, start=1):
        if d != d:
            raise DomainError(
                f"{op.name}: undefined derivative by argument {i}: {described(args)}; expected {op.domain}. "
                "If that argument is constant, make it a plain number. Inside errstate(invalid='ignore') the "
                "derivative is nan."
            )


def _checked(op: Operation, d: Any) -> float:
    try:
        return real(d, f"{op.name}: local derivative")
    except DataError:
        raise _misbehaving(op, f"gave {brief(d)} for a local derivative") from None


def _raising(op: Operation, error: Exception, args: Sequence[Any]) -> OperationError:
    fault = f"its local derivative raised {type(error).__name__}: {error}: {described(args)}"
    divides = isinstance(error, ZeroDivisionError)
    return _misbehaving(op, fault, "Write a quotient whose divisor may be 0 as div(a, b)." if divides else "")


def _misbehaving(op: Operation, what: str, cure: str = "") -> OperationError:
    cure = cure or "Correct its row."
    return OperationError(f"{op.name}: {what}; expected one real number for each argument. {cure}")


class Operators:
    """Python's operators as rows of the table, for a class that implements `__apply_operation__`."""

    __slots__ = ()

    # A row in a class is a method.
    __add__, __sub__, __mul__, __truediv__, __pow__ = table.add, table.sub, table.mul, table.div, table.pow
    __neg__, __abs__ = table.neg, table.abs

    def __radd__(self, other: Any) -> Any:
        return table.add(other, self)

    def __rsub__(self, other: Any) -> Any:
        return table.sub(other, self)

    def __rmul__(self, other: Any) -> Any:
        return table.mul(other, self)

    def __rtruediv__(self, other: Any) -> Any:
        return table.div(other, self)

    def __rpow__(self, other: Any) -> Any:
        return table.pow(other, self)

    def __pos__(self) -> Any:
        return self


def add_method(row: Operation) -> None:
    """Make a row a method of `Value`, also under the NumPy name that `np.sin` of an object array calls."""
    for name in {row.name, row.ufunc or row.name}:
        if not hasattr(Value, name):
            setattr(Value, name, row)


def remove_method(row: Operation) -> None:
    """Remove the method, so that a later version of the row can replace it."""
    if vars(Value).get(row.name) is row:
        delattr(Value, row.name)


# A row that is called with a `Value` among its arguments calls this.
Value.__apply_operation__ = staticmethod(apply)
Value.conjugate = Value.__pos__  # type: ignore[attr-defined]  # np.var calls it on each element.
for _name, _method in {**REFUSALS, **EXTRAS}.items():
    setattr(Value, _name, _method)
for _row in TABLE.values():
    add_method(_row)
