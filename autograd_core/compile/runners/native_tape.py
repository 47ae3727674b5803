"""The runner in C: the tape machine, at one point or a batch of points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...base.importing import np
from ...native import in_c
from ...operations import table as ops
from ..arrays.structure import Mask
from ..front.floating_point_status import Underflow
from ..front.tape_and_builder import CONSTANT, Floats, Ints, Tape

FIRST = "_by_first"
"""The suffix of operations whose other arguments are constants, so that their derivatives are not needed."""


def runs(tape: Tape, exact: bool) -> bool:
    """Whether the machine is available and knows all rows (if `exact`, with the eager engine's bits)."""
    if in_c is None:
        return False
    known = in_c.operations
    rows = all(row.built_in and row.name in known and (known[row.name][1] or not exact) for row in tape.rows)
    return rows and not _has_large_powers(tape)


def _has_large_powers(tape: Tape) -> bool:
    """Whether b - 1 rounds to b for a constant exponent b, which the rule for the slope treats separately."""
    if ops.pow not in tape.rows:
        return False
    powers = np.flatnonzero(tape.code == tape.rows.index(ops.pow))
    exponents = tape.args[tape.start[powers] + 1]
    return bool(np.any((tape.code[exponents] == CONSTANT) & (tape.number[exponents] > 2.0**53)))


class NativeTape:
    """A tape in the machine, run at one point.

    Raises `FloatingPointError` if an intermediate number is undefined, or infinite at finite arguments, or
    may have more digits in the eager engine: the careful path then takes a closer look.
    """

    def __init__(self, tape: Tape, exact: bool) -> None:
        self.tape = tape
        self.machine: Any = in_c.Machine(
            *map(np.ascontiguousarray, (_operations(tape), tape.start, tape.args, tape.number)),
            *map(np.ascontiguousarray, (tape.inputs, tape.outputs)),
            exact,
        )

    @property
    def source(self) -> str:
        """The tape as text: one operation per line, with the places of its arguments."""
        results = [(i, row, args) for i, row, args in self.tape.nodes() if row is not None]
        return "".join(
            [f"v{i} = {row.name}({', '.join([f'v{j}' for j in args])})\n" for i, row, args in results]
        )

    def entry(
        self, names: Sequence[str], otherwise: Callable[..., Any], careful: Callable[[Sequence[float]], Any],
        *, gradient: bool, single: bool,
    ) -> Callable[..., Any]:  # fmt: skip
        """Return the function of n floats; `otherwise` takes all other forms, `careful` undefined results."""
        made: Callable[..., Any] = in_c.Entry(
            self.machine, tuple(names), otherwise, careful, gradient, single
        )
        return made

    def values(self, numbers: Floats) -> list[float]:
        """Return the outputs."""
        values = np.empty(len(self.tape.outputs))
        _hold(self.machine.point(np.ascontiguousarray(numbers, np.float64), values, None))
        found: list[float] = values.tolist()
        return found

    def value_and_grad(self, numbers: Floats, underflow: Underflow | None = None) -> tuple[float, Floats]:
        """Return the first output and its gradient, whose slopes must not underflow."""
        values, slopes = np.empty(len(self.tape.outputs)), np.empty(len(self.tape.inputs))
        _hold(self.machine.point(np.ascontiguousarray(numbers, np.float64), values, slopes))
        return float(values[0]), slopes

    def descend(self, w: Floats, rate: float, steps: int) -> list[float]:
        """Move `w` by steps of gradient descent; return the value before each, up to an undefined one."""
        values = np.empty(steps)
        made: int = self.machine.descend(w, rate, steps, values)
        found: list[float] = values[:made].tolist()
        return found

    def doubtful(self, numbers: Floats) -> bool:
        """Whether a local derivative vanishes there although no argument is 0."""
        self.value_and_grad(numbers)
        return False


class NativeBatch:
    """The same for a batch, where some inputs have a number for each example.

    Here every nonfinite intermediate number raises.
    """

    def __init__(self, native: NativeTape, is_batched: Mask) -> None:
        self.native = native
        self.is_batched = np.asarray(is_batched, bool)

    @property
    def source(self) -> str:
        """The tape as text."""
        return self.native.source

    def values(self, shared: Floats, batched: Floats | None) -> list[Floats]:
        """Return the outputs, each over the batch."""
        batched = np.zeros((1, 0)) if batched is None else batched
        values = np.empty((len(self.native.tape.outputs), len(batched)))
        self._run(shared, batched, values, None, None)
        return list(values)

    def value_and_grad(
        self, shared: Floats, batched: Floats | None = None, underflow: Underflow | None = None
    ) -> tuple[Floats, Floats, Floats]:
        """Return the first output, and its gradients by shared inputs (summed over the batch) and others."""
        batched = np.zeros((1, 0)) if batched is None else batched
        values = np.empty((len(self.native.tape.outputs), len(batched)))
        slopes, of_each = np.empty(len(shared)), np.empty(batched.shape)
        self._run(shared, batched, values, slopes, of_each)
        return values[0], slopes, of_each

    def _run(self, shared: Floats, batched: Floats, *results: Any) -> None:
        numbers = np.ascontiguousarray(shared, np.float64), np.ascontiguousarray(batched, np.float64)
        _hold(self.native.machine.batch(*numbers, self.is_batched.tobytes(), len(batched), *results))


def _operations(tape: Tape) -> Ints:
    """Return the machine's operation for each node; a special one if only the first argument varies."""
    known = in_c.operations
    numbers = [known[row.name][0] for row in tape.rows]
    by_first = [
        known.get(row.name + FIRST, (number, 0))[0] for row, number in zip(tape.rows, numbers, strict=True)
    ]
    varies = np.concatenate([[0], np.cumsum(tape.code[tape.args] != CONSTANT)])
    others = varies[tape.start[1:]] - varies[np.minimum(tape.start[:-1] + 1, tape.start[1:])]
    leaves = [-2, -1]  # `CONSTANT` and `INPUT` count from the end.
    kinds: Ints = np.array([[*numbers, *leaves], [*by_first, *leaves]], np.int64)
    found: Ints = kinds[(others == 0).astype(np.int64), tape.code]
    return found


def _hold(right: bool) -> None:
    if not right:
        raise FloatingPointError("an intermediate number is undefined, or too small to have all its digits")
