"""`vmap`: a function of one example, applied to many at once by a compiled program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..base.importing import np
from ..base.reals import brief, floats_of
from ..errors import DataError, DataValueError, TraceError
from .api import compile as compiled_form


def vmap(f: Callable[..., Any], in_axes: int | Sequence[int | None] = 0) -> Callable[..., Any]:
    """Return a function of batches, which applies f to each example: they lie along the axis `in_axes`.

    An axis of None passes the argument on as it is. f is compiled and computes all examples side by side; if
    it branches on its numbers, one after the other. The results have the examples along their first axis.

    >>> from autograd_core import sin
    >>> vmap(lambda x, w: [x[0] * w, sin(x[1])], in_axes=(0, None))([[1.0, 0.0], [2.0, 0.0]], 3.0).tolist()
    [[3.0, 0.0], [6.0, 0.0]]
    """
    if not callable(f):
        raise DataError(f"vmap: not a function: argument 1 = {brief(f)}; expected a function of numbers.")
    program = compiled_form(lambda args: f(*args))

    def mapped(*args: Any) -> Any:
        axes = in_axes if isinstance(in_axes, (tuple, list)) else [in_axes] * len(args)
        if len(axes) != len(args):
            raise DataError(f"vmap: {len(args)} arguments and in_axes = {brief(in_axes)}; expected as many.")
        # Each a batch, or else the same for all examples.
        pairs = [
            (None, floats_of(x, "vmap").tolist()) if axis is None else (_with_examples_last(x, axis), None)
            for x, axis in zip(args, axes, strict=True)
        ]
        counts = {x.shape[-1] for x, _ in pairs if x is not None}
        if len(counts) != 1:
            raise DataValueError(f"vmap: batches of {sorted(counts)} examples; expected one length.")
        (count,) = counts
        try:
            return _stacked(program([same if x is None else _nested(x) for x, same in pairs]), count)
        except TraceError:
            points = [[same if x is None else x[..., i].tolist() for x, same in pairs] for i in range(count)]
            return np.array([f(*point) for point in points])

    return mapped


def _with_examples_last(x: Any, axis: int) -> Any:
    array = floats_of(x, "vmap")
    if not -array.ndim <= axis < array.ndim:
        raise DataValueError(
            f"vmap: axis {axis} of an array of shape {array.shape}; expected one that it has."
        )
    return np.ascontiguousarray(np.moveaxis(array, axis, -1))


def _nested(x: Any) -> Any:
    """Return lists of arrays, one number of all examples each."""
    return x if x.ndim == 1 else [_nested(part) for part in x]


def _stacked(result: Any, count: int) -> Any:
    if isinstance(result, (list, tuple)):
        return np.stack([_stacked(part, count) for part in result], axis=1)
    if isinstance(result, dict):
        return {key: _stacked(part, count) for key, part in result.items()}
    return np.array(np.broadcast_to(result, (count,)))
