"""Raise or ignore undefined and infinite results, as `errstate` says."""

from __future__ import annotations

from collections.abc import Sequence
from math import isinf
from typing import TYPE_CHECKING, Any

from ..errors import DomainError, PoleError, RangeError
from . import modes
from .reals import described

if TYPE_CHECKING:
    from ..kernel.operation import Operation

SMALLEST_NORMAL = 2.0**-1022


def examine(row: Operation, args: Sequence[Any], y: float) -> None:
    """Raise the error that the modes require if `y`, the row's value at `args`, is infinite or NaN."""
    xs = [getattr(x, "data", x) for x in args]
    mode = modes.current()
    if y != y:
        if mode.invalid == "raise" and not any(x != x for x in xs):
            raise DomainError(_complaint(row, "undefined", args, "invalid", "nan"))
    elif isinf(y):
        if any(x != x or isinf(x) for x in xs):
            return
        if row.pole is not None and row.pole(*xs):
            if mode.divide == "raise":
                raise PoleError(_complaint(row, "pole", args, "divide", str(y)))
        elif mode.over == "raise":
            raise RangeError(_complaint(row, "overflow", args, "over", str(y)))
    elif row.outside is not None and row.outside(*xs):
        if mode.invalid == "raise":
            raise DomainError(_complaint(row, "undefined", args, "invalid", str(y)))
    elif row.vanishes and mode.under == "raise" and abs(y) < SMALLEST_NORMAL and not _is_exact_zero(xs, y):
        raise RangeError(_complaint(row, "underflow", args, "under", str(y)))


def _is_exact_zero(xs: Sequence[float], y: float) -> bool:
    return y == 0.0 and any(x == 0.0 or isinf(x) for x in xs)


def _complaint(row: Operation, fault: str, args: Sequence[Any], mode: str, result: str) -> str:
    cure = f"{row.cure} " if row.cure else ""
    return (
        f"{row.name}: {fault}: {described(args)}; expected {row.domain}. "
        f"{cure}Inside errstate({mode}='ignore') the result is {result}."
    )
