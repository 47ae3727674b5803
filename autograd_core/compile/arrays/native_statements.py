"""Record the statements of an array program, which then run in one call in C.

The statements are Python text that calls NumPy. They are executed once on stand-ins, which record the
operations on each array: these are the same every time. Large matrix products are left to NumPy, and so is a
program with operations that C does not support.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from types import CodeType
from typing import Any

from ...base.importing import np
from ...native import in_c
from ...operations.operation import TABLE

MAP, REDUCE_SUM, REDUCE_MAX, CONTRACT, TAKE, PUT, ADD_AT, CHECK = range(8)
"""The kinds of statements in `native/statements.c`."""
COPY, GREATER = -1, -2

LARGE = 64 * 64 * 256
"""A matrix product with at least this many multiplications is left to NumPy."""

UFUNCS = {row.ufunc: row.name for row in TABLE.values() if row.ufunc} | {"equal": "equal"}


class Unknown(Exception):
    """The statements use something that C does not support."""


Statement = Callable[[], Any]
UNDEFINED, VANISHED = 1, 2
"""What a run of statements reports: a number is undefined or infinite by a division, or underflows."""


class StatementRecorder:
    """The operations recorded so far: statements for C, and calls of NumPy between them."""

    def __init__(self) -> None:
        self.steps: list[Callable[[], int]] = []
        self.by_numpy = False
        self._waiting: list[Any] = []

    def add(
        self, kind: int, op: int, shape: Sequence[int], operands: Sequence[Any], index: Any = None
    ) -> None:
        """Record a statement; `operands` start with the result and have all axes of the shape."""
        self._waiting.append((kind, op, tuple(shape), tuple(operands), index))

    def map(self, name: str | int, out: Any, *xs: Any) -> None:
        """Record an operation on each number."""
        op = name if isinstance(name, int) else in_c.operations[name][0]
        out = np.atleast_1d(out)
        self.add(MAP, op, out.shape, [out, *[_with_axes(x, out.ndim) for x in xs]])

    def call(self, step: Statement) -> None:
        """Record a call of NumPy."""

        def told() -> int:
            step()
            return 0

        self.flush()
        self.by_numpy = True
        self.steps.append(told)

    def flush(self) -> None:
        """Make one step of all pending statements."""
        if self._waiting:
            self.steps.append(in_c.Statements(tuple(self._waiting)).run)
            self._waiting = []

    def run(self) -> bool:
        """Run all steps; return whether one reports an underflow."""
        told = 0
        for step in self.steps:
            told |= step()
            if told & UNDEFINED:
                raise FloatingPointError("a number is undefined, or infinite by a division")
        return told == VANISHED


def _with_axes(x: Any, count: int) -> Any:
    array = np.asarray(x, np.float64)
    return array[(None,) * (count - array.ndim)] if array.ndim < count else array


def plain(thing: Any) -> Any:
    """Return the array behind a stand-in."""
    return thing.array if isinstance(thing, Recorded) else thing


class Recorded:
    """Stands in for an array."""

    def __init__(self, recorder: StatementRecorder, array: Any) -> None:
        self.recorder, self.array = recorder, array

    @property
    def shape(self) -> tuple[int, ...]:
        found: tuple[int, ...] = self.array.shape
        return found

    @property
    def T(self) -> Recorded:
        return Recorded(self.recorder, self.array.T)

    def swapaxes(self, a: int, b: int) -> Recorded:
        return Recorded(self.recorder, self.array.swapaxes(a, b))

    def squeeze(self, axis: int) -> Recorded:
        return Recorded(self.recorder, self.array.squeeze(axis))

    def take(self, index: Any, axis: int, out: Recorded, mode: str) -> None:
        self._by_index(TAKE, index, _rows(out.array, np.size(plain(index))), self._table())

    def __mul__(self, number: float) -> Recorded:
        made = Recorded(self.recorder, np.zeros(self.shape))
        self.recorder.map("mul", made.array, self.array, float(number))
        return made

    def __getitem__(self, key: Any) -> Recorded:
        if isinstance(key, Recorded):
            return _Chosen(self, key)
        found = self.array[key] if isinstance(key, tuple) else self.array[key, ...]
        if not isinstance(found, np.ndarray) or not np.may_share_memory(found, self.array):
            raise Unknown("the numbers of an array during recording")
        return Recorded(self.recorder, found)

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(value, _Chosen):
            return  # x[index] += y, which is already recorded.
        if isinstance(key, Recorded):
            self.put(PUT, key, value)
        elif isinstance(value, _Row):
            self.recorder.map(value.name, self.array[key], *value.args)
        else:
            self.recorder.map(
                COPY, self.array[key] if np.ndim(self.array[key]) else self.array[key, None], plain(value)
            )

    def put(self, kind: int, index: Any, value: Any) -> None:
        """Write or add to the rows selected by the index."""
        wide = np.broadcast_to(plain(value), (*np.shape(plain(index)), *self.shape[1:]))
        self._by_index(kind, index, self._table(), _rows(wide, np.size(plain(index))))

    def _by_index(self, kind: int, index: Any, out: Any, x: Any) -> None:
        places = np.ascontiguousarray(plain(index), np.int64).ravel()
        self.recorder.add(kind, 0, (len(places), (out if kind == TAKE else x).shape[1]), [out, x], places)

    def _table(self) -> Any:
        return self.array if self.array.ndim == 2 else self.array[:, None]


class _Chosen(Recorded):
    """The rows selected by an index, which support only +=."""

    def __init__(self, whole: Recorded, index: Recorded) -> None:
        super().__init__(whole.recorder, whole.array)
        self._whole, self._index = whole, index

    def __iadd__(self, value: Any) -> _Chosen:
        self._whole.put(ADD_AT, self._index, value)
        return self


class _Row:
    """A row of the table with its arguments, not yet computed."""

    def __init__(self, name: str, args: Sequence[Any]) -> None:
        self.name, self.args = name, [plain(x) for x in args]


def _rows(array: Any, count: int) -> Any:
    """Return the array as a table with that number of rows, without a copy."""
    width = array.size // max(count, 1)
    table = array.view()
    try:
        table.shape = (count, width)
    except AttributeError as error:
        raise Unknown("a table that is not contiguous") from error
    return table


class _Function:
    """Stands in for an elementwise NumPy function."""

    def __init__(self, recorder: StatementRecorder, name: str) -> None:
        self.recorder, self.name = recorder, name

    def __call__(self, *xs: Any, out: Recorded) -> Recorded:
        self.recorder.map(self.name, out.array, *map(plain, xs))
        return out

    def reduce(
        self, x: Recorded, axis: int | tuple[int, ...], out: Recorded, keepdims: bool = False
    ) -> Recorded:
        """Record a sum or maximum along axes."""
        kind = {"add": REDUCE_SUM, "maximum": REDUCE_MAX}[self.name]
        result = out.array if keepdims else np.expand_dims(out.array, axis)
        self.recorder.add(kind, 0, x.shape, [result, x.array])
        return out

    def at(self, out: Recorded, index: Any, x: Any) -> None:
        """Add to the rows selected by the index."""
        out.put(ADD_AT, index, x)


class _NumPyStandIn:
    """Stands in for the NumPy module."""

    def __init__(self, recorder: StatementRecorder) -> None:
        self._recorder = recorder

    def __getattr__(self, name: str) -> _Function:
        if name not in UFUNCS:
            raise Unknown(name)
        return _Function(self._recorder, UFUNCS[name])

    def greater(self, x: Recorded, limit: float, out: Recorded) -> None:
        self._recorder.map(GREATER, out.array, x.array, limit)

    def copyto(self, out: Recorded, x: Any) -> None:
        self._recorder.map(COPY, out.array, plain(x))

    def broadcast_to(self, x: Recorded, shape: Sequence[int]) -> Recorded:
        return Recorded(self._recorder, np.broadcast_to(x.array, shape))

    def matmul(self, a: Recorded, b: Recorded, out: Recorded) -> None:
        x, y, z = (plain(thing) for thing in (a, b, out))
        if z.ndim > 3:
            raise Unknown("a product of many blocks")
        left, right, result = (t if t.ndim == 3 else t[None] for t in (x, y, z))
        self._product(
            lambda: np.matmul(x, y, out=z), (*result.shape, 1, x.shape[-1]), result[..., None, None],
            left[:, :, None, None, :], right.swapaxes(1, 2)[:, None, :, None, :],
        )  # fmt: skip

    def einsum(self, letters: str, a: Recorded, b: Recorded, out: Recorded, optimize: bool = False) -> None:
        one, _, rest = letters.partition(",")
        two, _, result = rest.partition("->")
        groups = [
            [c for c in result if c in one and c in two], [c for c in result if c not in two],
            [c for c in result if c not in one], [c for c in one if c not in result],
        ]  # fmt: skip
        if any(len(group) > 1 for group in groups[:3]) or len(groups[3]) > 2:
            raise Unknown(letters)
        sums = ["", *groups[3]][-2:] if groups[3] else ["", ""]
        axes = [*[group[0] if group else "" for group in groups[:3]], *sums]
        operands = [_arranged(plain(t), names, axes) for t, names in ((out, result), (a, one), (b, two))]
        sizes = [max(t.shape[i] for t in operands) for i in range(5)]
        x, y, z = plain(a), plain(b), plain(out)
        self._product(lambda: np.einsum(letters, x, y, out=z, optimize=optimize), sizes, *operands)

    def _product(self, by_numpy: Callable[[], Any], shape: Sequence[int], *operands: Any) -> None:
        if shape[3] * shape[4] == 1:
            self._recorder.map("mul", *[operand[..., 0, 0] for operand in operands])
        elif prod(shape) > LARGE:
            self._recorder.call(by_numpy)
        else:
            self._recorder.add(CONTRACT, 0, shape, operands)


def _arranged(array: Any, names: str, axes: Sequence[str]) -> Any:
    """Return the array with those axes, with length 1 for those it does not have."""
    ordered = array.transpose([names.index(c) for c in axes if c and c in names])
    return ordered[tuple([slice(None) if c and c in names else None for c in axes])]


def in_machine(
    names: Mapping[str, Any], forward: CodeType, backward: CodeType
) -> tuple[Callable[[], bool], Callable[[float], bool], bool] | None:
    """Return these pieces of code as `forward` and `backward` in C, or None if C cannot run them.

    They return whether a number underflows in C. The third result is whether they call NumPy, which reports
    underflow separately.
    """
    if in_c is None:
        return None
    seed, passes = np.zeros(1), list[StatementRecorder]()
    for code, args in ((forward, ()), (backward, (seed,))):
        recorder = StatementRecorder()
        try:
            namespace = _stand_ins(recorder, names)
            exec(code, namespace)
            namespace[code.co_consts[0].co_name](*[Recorded(recorder, x) for x in args])
            recorder.flush()
        except (Unknown, NameError, TypeError, AttributeError, KeyError, ValueError):
            return None
        passes.append(recorder)

    first, second = passes

    def run_backward(number: float) -> bool:
        seed[0] = number
        return second.run()

    return first.run, run_backward, first.by_numpy or second.by_numpy


def _stand_ins(recorder: StatementRecorder, names: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: Recorded(recorder, x) for name, x in names.items() if isinstance(x, np.ndarray)
    }
    rows = [row for row in TABLE.values() if row.built_in and row.arity is not None and row.outside is None]
    found |= {row.name: lambda *xs, name=row.name: _Row(name, xs) for row in rows}
    numpy = _NumPyStandIn(recorder)

    def over_examples(a: Recorded, b: Recorded, out: Recorded) -> None:
        if a.shape[1] == 1:
            recorder.map("mul", out.array, a.array, b.array)
        else:
            numpy.matmul(a, b, out)

    def refuse_undefined(x: Recorded) -> None:
        recorder.add(CHECK, 0, np.atleast_1d(x.array).shape, [np.atleast_1d(x.array)])

    return found | {
        "__builtins__": {},  # Python's `max` would choose once, during recording.
        "np": numpy, "inf": np.inf, "nan": np.nan, "over_examples": over_examples,
        "refuse_undefined": refuse_undefined,
    }  # fmt: skip
