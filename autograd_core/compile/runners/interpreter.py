"""The interpreter: evaluate the tape node by node, with the same bits as the eager engine."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, isnan
from typing import Any

from ...base.importing import np
from ...base.modes import no_grad
from ...calculus.reverse_mode import gradients
from ...graph.replay_and_trace import again
from ...kernel.value import Value
from ...operations import table
from ...operations.evaluation import HUGE, TINY
from ...operations.operation import Operation
from ..front.gradient import vanishing
from ..front.tape_and_builder import CONSTANT, Floats, Tape
from ..program_inputs import in_order

FAULTS = (ValueError, ArithmeticError)
"""The errors that a runner raises if a number is undefined."""

ADD, SUB, MUL, ONE, TWO, ANY = range(6)
"""The kinds of steps: three written out, rows with one and two arguments, and all others."""
WRITTEN_OUT = {table.add: ADD, table.sub: SUB, table.mul: MUL}

Instruction = tuple[int, int, Any, int, int, list[int]]
"""A node, its kind and row, its first and last argument, and all arguments."""


class Interpreter:
    """The runner of last resort: for large graphs without structure, and user-defined rows in them.

    Raises one of `FAULTS` if a number is undefined, or infinite at finite arguments.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self._inputs = tape.inputs.tolist()
        self._outputs = tape.outputs.tolist()
        self._numbers = tape.number.tolist()
        self._active = (tape.code != CONSTANT).tolist()
        self._steps = self._instructions()

    @property
    def source(self) -> str:
        """A comment, because there is no source."""
        return "# The tape is walked node by node; see Program.tape.\n"

    def values(self, numbers: Sequence[float] | Floats) -> list[float]:
        """Return the outputs."""
        v = self._forward(numbers)
        return [v[i] for i in self._outputs]

    def value_and_grad(
        self, numbers: Sequence[float] | Floats, underflow: Any = None
    ) -> tuple[float, list[float]]:
        """Return the first output and its gradient, whose slopes must not underflow."""
        v = self._forward(numbers)
        # Nodes that depend on no input get an adjoint, too, which is never read.
        adjoint = [0.0] * len(v)
        adjoint[self._outputs[0]] = 1.0
        self._pull(v, adjoint)
        return v[self._outputs[0]], [float(adjoint[i]) for i in self._inputs]

    def doubtful(self, numbers: Sequence[float] | Floats) -> bool:
        """Whether a local derivative vanishes there although no argument is 0."""
        v = self._forward(numbers)
        return any(self._vanishes(v, i, row, args) for i, _, row, _, _, args in self._steps)

    @staticmethod
    def _vanishes(v: list[float], i: int, row: Operation, args: list[int]) -> bool:
        slots = vanishing(row, len(args))
        if not (any(slots) or row is table.square) or not all([0.0 < abs(v[j]) < row.limit for j in args]):
            return False
        slopes = row.by_each(row.slopes, tuple([v[j] for j in args]), v[i])
        found = [slope for slope, slot in zip(slopes, slots, strict=True) if slot]
        return any([abs(d) < TINY for d in (*found, *[v[i]] * (row is table.square))])

    def _instructions(self) -> list[Instruction]:
        tape, steps = self.tape, []
        nodes = np.flatnonzero(tape.code >= 0)
        args, kinds = tape.args.tolist(), [WRITTEN_OUT.get(row, _kind(row)) for row in tape.rows]
        columns = (nodes, tape.code[nodes], tape.start[nodes], tape.start[nodes + 1])
        for i, code, a, b in zip(*[column.tolist() for column in columns], strict=True):
            steps.append((i, kinds[code], tape.rows[code], args[a], args[b - 1], args[a:b]))
        return steps

    def _pull(self, v: list[float], adjoint: list[float]) -> None:
        """Add the contributions of all steps to the adjoints of their arguments."""
        for i, kind, row, a, b, args in reversed(self._steps):
            g = adjoint[i]
            if kind == ADD:
                adjoint[a] += g
                adjoint[b] += g
            elif kind == ONE:
                d = row.slopes[0](v[a], v[i])
                if row.leaves_range and not (TINY < d < HUGE or -HUGE < d < -TINY):
                    (d,) = row.in_any_range((v[a],), v[i], (d,), (True,))
                adjoint[a] += g * d
            elif kind == MUL:
                adjoint[a] += g * v[b]
                adjoint[b] += g * v[a]
            elif kind == SUB:
                adjoint[a] += g
                adjoint[b] -= g
            elif self._active[i]:
                self._pull_any(adjoint, v, i, row, args, g)

    def _pull_any(
        self, adjoint: list[float], v: list[float], i: int, row: Any, args: list[int], g: float
    ) -> None:
        xs = tuple([v[j] for j in args])
        needs = [self._active[j] for j in args]
        slopes = row.by_each(row.slopes, xs, v[i], needs)
        if row.leaves_range:
            slopes = row.in_any_range(xs, v[i], slopes, needs)
        for j, slope in zip(args, slopes, strict=True):
            if self._active[j] and not (row.selects and slope == 0.0):
                adjoint[j] += g * slope

    def _forward(self, numbers: Sequence[float] | Floats) -> list[float]:
        v: list[float] = list(self._numbers)
        for i, x in zip(self._inputs, numbers, strict=True):
            v[i] = float(x)
        self._push(v)
        return v

    def _push(self, v: list[float]) -> None:
        """Compute the values of all steps."""
        for i, kind, row, a, b, args in self._steps:
            if kind == ADD:
                v[i] = v[a] + v[b]
            elif kind == ONE:
                v[i] = row.forward(v[a])
            elif kind == MUL:
                v[i] = v[a] * v[b]
            elif kind == SUB:
                v[i] = v[a] - v[b]
            elif kind == TWO:
                v[i] = row.forward(v[a], v[b])
            else:
                xs = tuple([v[j] for j in args])
                if row.outside is not None and row.outside(*xs):
                    raise FloatingPointError(row.name)
                v[i] = row.value_at(xs)
        # A sum of finite numbers is finite, or so large that a closer look does not hurt.
        total = sum([v[step[0]] for step in self._steps])
        if total - total != 0.0:
            for i, _, row, _, _, args in self._steps:
                if not isfinite(v[i]) and (isnan(v[i]) or all([isfinite(v[j]) for j in args])):
                    raise FloatingPointError(f"{row.name} is infinite or undefined")


def _kind(row: Operation) -> int:
    return ANY if row.outside is not None else {1: ONE, 2: TWO}.get(row.arity or 0, ANY)


def replay(tape: Tape, numbers: Sequence[Any], count: int | None = None) -> tuple[list[Value], list[Value]]:
    """Return inputs and outputs as nodes of a new graph there; inputs after `count` are constants."""
    places = list(zip(tape.inputs.tolist(), numbers, strict=True))
    inputs = [Value(x, tape.labels.get(i, "")) for i, x in places[:count]]
    if count is not None:
        inputs += [Value(x, tape.labels.get(i, ""), requires_grad=False) for i, x in places[count:]]
    nodes = dict(zip(tape.inputs.tolist(), inputs, strict=True))
    for i, row, args in tape.nodes():
        if row is not None:
            again(nodes, i, row, args, tape.labels.get(i, ""))
        elif i not in nodes:
            nodes[i] = Value(float(tape.number[i]), tape.labels.get(i, ""), requires_grad=False)
    return inputs, [nodes[i] for i in tape.outputs.tolist()]


def careful_value(tape: Tape, numbers: Sequence[Any]) -> list[float]:
    """Return the outputs at that point, or raise the eager engine's error."""
    with no_grad():  # The value may be defined where a local derivative is not.
        return [output.data for output in replay(tape, numbers)[1]]


def careful_gradient(
    tape: Tape, numbers: Sequence[Any], count: int | None = None
) -> tuple[float, list[float]]:
    """Return the output and its gradient at that point, or raise the eager engine's error.

    With `count`, the gradient is by the first `count` inputs only; the others are constants.
    """
    inputs, (output,) = replay(tape, numbers, count)
    return output.data, gradients(output, inputs[:count])


def careful_result(tape: Tape, numbers: Sequence[float], *, gradient: bool, single: bool) -> Any:
    """Return a program's result for n floats: the value or values, or the value and its slopes."""
    if not gradient:
        values = careful_value(tape, numbers)
        return values[0] if single else values
    value, slopes = careful_gradient(tape, numbers)
    return value, slopes[0] if len(slopes) == 1 else tuple(slopes)


def careful_descent(tape: Tape, weights: Floats, rows: Sequence[Sequence[float]]) -> tuple[float, Floats]:
    """Return the sum of the output over examples, and its gradient by the weights, which come first."""
    found = [careful_gradient(tape, [*weights.tolist(), *row], len(weights)) for row in rows]
    values, slopes = zip(*found, strict=True)
    return float(in_order(np.array(values))), in_order(np.array(slopes))
