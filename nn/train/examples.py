"""Convert examples and targets (lists, arrays, pandas frames) to arrays, and validate them.

An example is a row here, as in NumPy and PyTorch: X has shape (examples, features), and a layer is X Wᵀ + b.
Papers and lectures often write an example as a column, and the same layer as W X + b. Both say W x + b of
each single example x, which is what the modules compute.
"""

from __future__ import annotations

from typing import Any

from autograd_core import DataError, DataValueError
from autograd_core.base import np, refuse_masked

from ..checks import brief, counted

Array = Any


def numbers(x: Any, who: str, name: str) -> Array:
    """A float64 array of at least one example, without nan, inf, None or text."""
    if isinstance(x, (str, bytes, dict, set)) or not (hasattr(x, "__len__") or hasattr(x, "__array__")):
        raise DataError(
            f"{who}: {name} is not a table of numbers: got {brief(x)}; expected a list, array or frame."
        )
    raw = _array(x, who, name)
    refuse_masked(x, f"{who}: {name}")
    if raw.dtype.kind not in "fiub":
        # NumPy turns numbers beside text into text; seen as objects, they are what they were.
        _refuse_cell(np.array(x, dtype=object), who, name)
    array = raw.astype(np.float64)
    if array.ndim == 0:
        raise DataError(f"{who}: {name} is a single number; expected one entry for each example.")
    if array.size == 0:
        raise DataValueError(
            f"{who}: {name} is empty, of shape {array.shape}; expected at least one example."
        )
    wrong = np.argwhere(~np.isfinite(array))
    if len(wrong):
        place = _place(wrong[0])
        raise DataValueError(
            f"{who}: {name} has {array[tuple(wrong[0])]} at {place}; expected finite numbers. "
            "Leave the row out or fill the gap before training."
        )
    return array


def examples(x: Any, y: Any, who: str) -> tuple[Array, Array]:
    """Inputs and targets of equal length."""
    xs, ys = numbers(x, who, "x"), numbers(y, who, "y")
    if len(xs) != len(ys):
        found = f"{counted(len(xs), 'example')} in x and {counted(len(ys), 'target')} in y"
        raise DataValueError(f"{who}: {found}; expected as many.")
    return xs, ys


def as_example(row: Array) -> Any:
    """One example out of an array, as the lists of numbers that modules take."""
    return row.tolist()


def as_target(row: Array) -> Any:
    """One target out of an array: a number, or a list of numbers; a column of one is a number."""
    target = row.tolist()
    return target[0] if isinstance(target, list) and len(target) == 1 else target


def _array(x: Any, who: str, name: str) -> Array:
    try:
        return np.asarray(x)
    except ValueError:
        lengths = [len(row) if hasattr(row, "__len__") else 0 for row in x]
        odd = next(i for i, n in enumerate(lengths) if n != lengths[0]) if len(set(lengths)) > 1 else 0
        raise DataError(
            f"{who}: {name} is ragged: row {odd} has {lengths[odd]} entries, row 0 has {lengths[0]}; "
            "expected rows of one length."
        ) from None


def _refuse_cell(raw: Array, who: str, name: str) -> None:
    """Raise for the first cell that is not a number; an object array of numbers passes."""
    for index in np.ndindex(raw.shape):
        cell = raw[index]
        if isinstance(cell, str):
            cell = str(cell)
        if isinstance(cell, (str, bytes, complex)) or not hasattr(type(cell), "__float__"):
            raise DataError(
                f"{who}: {name} has {brief(cell)} at {_place(index)}; expected numbers. "
                "Turn categories into numbers, and fill or leave out what is missing."
            )


def _place(index: Any) -> str:
    place = [f"{what} {i}" for what, i in zip(("row", "column"), index, strict=False)]
    return ", ".join([*place, *(str(i) for i in index[2:])])
