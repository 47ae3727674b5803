"""The ways to pass n inputs to a program: n numbers, keywords, one array of n, or a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..base.importing import np
from ..base.reals import floats_of, real
from ..base.restoring import contained
from ..errors import DataError, DataValueError
from .arrays.structure import Mask
from .front.tape_and_builder import Floats

NUMBERS, ARRAY, BATCH, MIXED = "numbers", "array", "batch", "mixed"


@dataclass(frozen=True, eq=False)
class Call:
    """The inputs of one call: `shared` are the single numbers, `batched` (B, m) the others."""

    form: str
    shared: Floats
    batched: Floats | None
    is_batched: Mask

    @property
    def key(self) -> bytes:
        """The key to the program for this choice of batched inputs."""
        return self.is_batched.tobytes()

    @property
    def size(self) -> int:
        """The number of examples."""
        return 0 if self.batched is None else len(self.batched)

    def points(self) -> list[list[float]]:
        """Return the inputs of each example."""
        columns = [np.broadcast_to(x, self.size).tolist() for x in self.columns()]
        return [list(point) for point in zip(*columns, strict=True)]

    def parted(self, found: Sequence[tuple[float, Sequence[float]]]) -> tuple[Floats, Floats, Floats]:
        """Return the values, the slopes by shared inputs (summed), and those by others for each example."""
        rows = [slopes for _, slopes in found]
        table = np.array(rows, np.float64).reshape(len(found), len(self.is_batched))
        shared = in_order(table[:, ~self.is_batched])
        return np.array([y for y, _ in found], np.float64), shared, table[:, self.is_batched]

    def columns(self) -> list[Any]:
        """Return each input in order: a number, or an array over the batch."""
        shared, batched = iter(self.shared.tolist()), iter(() if self.batched is None else self.batched.T)
        return [next(batched) if b else next(shared) for b in self.is_batched.tolist()]

    def together(self, shared: Floats, batched: Floats) -> list[Any]:
        """Merge data of the shared and of the batched inputs in the order of the inputs."""
        one, many = iter(shared.tolist()), iter(batched.T)
        return [next(many) if b else next(one) for b in self.is_batched.tolist()]


def read_call(
    names: Sequence[str], labels: Mapping[str, int], args: Sequence[Any], named: Mapping[str, Any]
) -> Call:
    """Interpret the arguments of a call; raise `DataError` or `DataValueError` if that is impossible."""
    n = len(names)
    if len(args) == 1 and not named and _is_array(args[0]):
        return _of_array(args[0], n)
    given = _in_order(names, labels, args, named)
    if not any(_is_array(x) for x in given):
        numbers = np.array([real(x, _place(names, i)) for i, x in enumerate(given)], np.float64)
        return Call(NUMBERS, numbers, None, np.zeros(n, bool))
    columns = [
        floats_of(x, _place(names, i)) if _is_array(x) else real(x, _place(names, i))
        for i, x in enumerate(given)
    ]
    return _of_columns(columns, names)


def of_inputs(inputs: Sequence[Any], names: Sequence[str]) -> Call:
    """Return the call in which each input is a float or an array over the batch."""
    if all([type(x) is float for x in inputs]):
        return Call(NUMBERS, np.array(inputs, np.float64), None, np.zeros(len(inputs), bool))
    return _of_columns(list(inputs), names)


def of_point(array: Floats) -> Call:
    """Return the call at one point, an array of n floats."""
    return Call(ARRAY, array, None, np.zeros(len(array), bool))


def of_points(array: Floats) -> Call:
    """Return the call for a batch of points, an array of shape (B, n)."""
    return Call(BATCH, np.zeros(0), array, np.ones(array.shape[1], bool))


@contained
def in_order(table: Any) -> Any:
    """Sum the rows one after another, as `backward` does, not in NumPy's order."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.add.accumulate(table, axis=0)[-1] if len(table) else np.zeros(np.shape(table)[1:])


def is_point(x: Any, n: int) -> bool:
    """Whether `x` has the simplest form of one point: an array of n floats."""
    return type(x) is np.ndarray and x.shape == (n,) and x.dtype == np.float64


def _is_array(x: Any) -> bool:
    return isinstance(x, (list, tuple)) or (isinstance(x, np.ndarray) and x.ndim > 0)


def _place(names: Sequence[str], i: int) -> str:
    return f"program: input {i + 1} ({names[i]})"


def _in_order(
    names: Sequence[str], labels: Mapping[str, int], args: Sequence[Any], named: Mapping[str, Any]
) -> list[Any]:
    n = len(names)
    given: dict[int, Any] = dict(enumerate(args))
    for name, x in named.items():
        place = labels.get(name, names.index(name) if name in names else -1)
        if place < 0 or place in given:
            what = "given twice" if place >= 0 else "unknown"
            raise DataError(f"program: input {name!r} is {what}; expected {_listed(names)}.")
        given[place] = x
    if set(given) != set(range(n)):
        raise DataError(
            f"program: got {len(given)} input(s); expected {n}: {_listed(names)}. "
            "Give n numbers, their names, one array of n, or an array of shape (B, n)."
        )
    return [given[i] for i in range(n)]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (f", ... ({len(names)} in all)" if len(names) > 8 else "")


def _of_array(x: Any, n: int) -> Call:
    is_plain = type(x) is np.ndarray and x.dtype == np.float64
    array = x if is_plain else floats_of(x, "program: inputs")
    if array.shape == (n,):
        return of_point(array)
    if array.ndim == 1 and n == 1:
        return _of_columns([array], ["x"])
    if array.ndim != 2 or array.shape[1] != n:
        raise DataValueError(
            f"program: inputs of shape {array.shape}; expected ({n},) for one point or (B, {n}) for a batch."
        )
    return of_points(array)


def _of_columns(columns: list[Any], names: Sequence[str]) -> Call:
    is_batched = np.array([isinstance(x, np.ndarray) for x in columns])
    lengths = {x.shape for x in columns if isinstance(x, np.ndarray)}
    if len(lengths) > 1 or len(next(iter(lengths))) != 1:
        shapes = {names[i]: x.shape for i, x in enumerate(columns) if isinstance(x, np.ndarray)}
        raise DataValueError(f"program: a batch of {shapes}; expected arrays of one length B.")
    batched = np.stack([x for x in columns if isinstance(x, np.ndarray)], axis=1)
    shared = np.array([x for x in columns if not isinstance(x, np.ndarray)], np.float64)
    return Call(MIXED, shared, batched, is_batched)
