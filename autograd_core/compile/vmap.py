"""`vmap`: apply a function of one example to many at once by a compiled program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from operator import index
from typing import TYPE_CHECKING, Any

from ..base import modes
from ..base.importing import np
from ..base.modes import errstate
from ..base.reals import box, brief, called, floats_of
from ..calculus.argument_trees import Form, flattened, shaped
from ..calculus.traced_call import any_open, refuse_no_function
from ..errors import DataError, DataValueError, TraceError
from ..kernel.value import Value
from .api import compile as compiled_form

if TYPE_CHECKING:
    from .compiled_function import CompiledFunction


def vmap(f: Callable[..., Any], in_axes: int | Sequence[int | None] = 0) -> Callable[..., Any]:
    """Return a function of batches that applies f to each example along the axis `in_axes`.

    An axis of None passes the argument unchanged. f gets parts of an array as arrays, and parts of a list as
    lists. It is compiled and computes all examples side by side or, if it branches on its numbers, one by
    one. Results have the examples along their first axis; a list becomes an array if its parts have the same
    shape, and a dict becomes a dict of arrays.

    If an argument holds a `Value` that needs a gradient, or f reads one, f is applied to one example after
    another and the results are arrays of Values.

    >>> from autograd_core import grad, sin
    >>> vmap(lambda x, w: [x[0] * w, sin(x[1])], in_axes=(0, None))([[1.0, 0.0], [2.0, 0.0]], 3.0).tolist()
    [[3.0, 0.0], [6.0, 0.0]]
    >>> grad(lambda w: sum(vmap(lambda x: x * w)([1.0, 2.0])))(3.0)
    3.0
    """
    refuse_no_function("vmap", f)
    checked = _checked_axes(in_axes)
    programs: dict[tuple[bool, ...], CompiledFunction] = {}

    def mapped(*args: Any) -> Any:
        axes = [checked] * len(args) if isinstance(checked, int) else checked
        if len(axes) != len(args):
            raise DataError(f"vmap: {len(args)} arguments and in_axes = {brief(in_axes)}; expected as many.")
        batches = [
            None if axis is None else _with_examples_last(x, axis) for x, axis in zip(args, axes, strict=True)
        ]
        same = [_array(x).tolist() if axis is None else None for x, axis in zip(args, axes, strict=True)]
        arrays = tuple([isinstance(x, np.ndarray) for x in args])
        apply = partial(_numbers_of, f, arrays)
        counts = {x.shape[-1] for x in batches if x is not None}
        if len(counts) != 1:
            raise DataValueError(f"vmap: batches of {sorted(counts)} examples; expected one length.")
        (count,) = counts
        first = _example(batches, same, 0)
        numbers, form = _of_first(apply, first, empty=not count)
        if form.size and not any_open([*numbers, *flattened(first, "vmap")[0]]):
            if arrays not in programs:
                programs[arrays] = compiled_form(lambda args: apply(args)[0])
            try:
                columns, leaves = programs[arrays].with_leaves(
                    [x if b is None else _nested(b) for b, x in zip(batches, same, strict=True)]
                )
                # The first example may not depend on a Value that the others read.
                if not (modes.current().grad and any_open(leaves)):
                    columns = iter([np.array(np.broadcast_to(x, (count,))) for x in columns])
                    return _stacked(form, columns, count)
            except TraceError:
                pass
        others = [apply(_example(batches, same, i)) for i in range(1, count)]
        for i, (_, other) in enumerate(others, start=2):
            if other != form:
                raise DataValueError(
                    f"vmap: results of different forms: example {i} gives {other}; expected {form}, as for 1."
                )
        rows = [numbers, *[row for row, _ in others]][:count]
        return _stacked(form, iter([shaped(column, (count,)) for column in _columns(rows, form.size)]), count)

    return mapped


def _checked_axes(in_axes: Any) -> int | list[int | None]:
    try:
        if isinstance(in_axes, (tuple, list)):
            return [None if axis is None else _axis(axis) for axis in in_axes]
        return _axis(in_axes)
    except TypeError:
        raise DataError(
            f"vmap: not an axis: in_axes = {brief(in_axes)}; expected a whole number, or a list with a whole "
            "number or None for each argument."
        ) from None


def _axis(axis: Any) -> int:
    if isinstance(axis, bool):
        raise TypeError
    return index(axis)


def _array(x: Any) -> Any:
    """Return an array of floats; of objects if a `Value` in it needs a gradient."""
    if isinstance(x, Value):
        return box(_kept(x))
    with suppress(ValueError):  # Rows of different lengths, for which `floats_of` raises.
        if (array := np.asarray(x)).dtype == object:
            return shaped([_kept(number) for number in flattened(array, "vmap")[0]], array.shape)
    return floats_of(x, "vmap")


def _kept(x: Any) -> Any:
    """Return a number, or a `Value` if gradients flow through it."""
    if not isinstance(x, Value) or (x.requires_grad and modes.current().grad):
        return x
    return x.data


def _with_examples_last(x: Any, axis: int) -> Any:
    array = _array(x)
    if not -array.ndim <= axis < array.ndim:
        raise DataValueError(
            f"vmap: axis {axis} of an array of shape {array.shape}; expected an existing axis."
        )
    return np.ascontiguousarray(np.moveaxis(array, axis, -1))


def _nested(x: Any) -> Any:
    """Return nested lists of arrays, each with one number per example."""
    return x if x.ndim == 1 else [_nested(part) for part in x]


def _example(batches: Sequence[Any], same: Sequence[Any], i: int) -> list[Any]:
    """Return the arguments of one example, or arbitrary numbers if there is none."""
    return [
        x if b is None else (b[..., i] if b.shape[-1] else np.full(b.shape[:-1], 0.5)).tolist()
        for b, x in zip(batches, same, strict=True)
    ]


def _of_first(
    apply: Callable[[Sequence[Any]], tuple[list[Any], Form]], example: Sequence[Any], empty: bool
) -> tuple[list[Any], Form]:
    """Return the result for the first example or, if there is none, at a point where it may be undefined."""
    if not empty:
        return apply(example)
    with errstate(all="ignore"):
        return apply(example)


def _numbers_of(
    f: Callable[..., Any], arrays: Sequence[bool], example: Sequence[Any]
) -> tuple[list[Any], Form]:
    """Return the numbers of f's result, and its form; arguments given as arrays are arrays for f, too."""
    given = [
        np.asarray(x) if is_array and isinstance(x, list) else x
        for x, is_array in zip(example, arrays, strict=True)
    ]
    numbers, form = flattened(called("vmap", f, *given), "vmap: result")
    return [_kept(x) for x in numbers], form


def _columns(rows: Sequence[Sequence[Any]], width: int) -> Iterator[list[Any]]:
    return ([row[i] for row in rows] for i in range(width))


def _stacked(form: Form, columns: Iterator[Any], count: int) -> Any:
    """Return a result of that form with examples along the first axis; `columns` has one for each number."""
    if form.is_array:
        block = [next(columns) for _ in range(form.size)]
        whole = np.stack(block, axis=-1) if block else np.zeros((count, 0))
        return whole.reshape(count, *form.shape)
    if form.kind is float:
        return next(columns)
    parts = [_stacked(part, columns, count) for part in form.parts]
    if issubclass(form.kind, dict):
        return dict(zip(form.keys, parts, strict=True))
    if not parts:
        return np.zeros((count, 0))
    alike = all(isinstance(x, np.ndarray) for x in parts) and len({x.shape for x in parts}) == 1
    return np.stack(parts, axis=1) if alike else parts
