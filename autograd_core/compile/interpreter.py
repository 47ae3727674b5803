"""The runner without compilation: the tape walked node by node, with the eager engine's own bits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import ops
from .tape import Floats, Tape

ADD, SUB, MUL, ONE, TWO, ANY = range(6)
"""What kinds of steps there are: three written out, rows of one and two arguments, and all others."""
WRITTEN_OUT = {ops.add: ADD, ops.sub: SUB, ops.mul: MUL}


class Interpreter:
    """For graphs too large to be worth a program, in which nothing can be done side by side."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self._inputs = tape.inputs.tolist()
        self._outputs = tape.outputs.tolist()
        self._numbers = tape.number.tolist()
        active = [False] * len(tape)
        for i in self._inputs:
            active[i] = True
        self._steps: list[tuple[int, int, Any, int, int, list[int]]] = []
        for i, row, args in tape.nodes():
            if row is not None:
                active[i] = any([active[j] for j in args])
                kind = WRITTEN_OUT.get(row, _kind(row.arity))
                self._steps.append((i, kind, row, args[0], args[-1], args))
        self._active = active

    def values(self, numbers: Sequence[float] | Floats) -> list[float]:
        """The outputs."""
        v = self._forward(numbers)
        return [v[i] for i in self._outputs]

    def value_and_grad(self, numbers: Sequence[float] | Floats) -> tuple[float, list[float]]:
        """The first output and its gradient."""
        v = self._forward(numbers)
        # What leads from no input gets an adjoint too, which nobody reads.
        adjoint = [0.0] * len(v)
        adjoint[self._outputs[0]] = 1.0
        for i, kind, row, a, b, args in reversed(self._steps):
            g = adjoint[i]
            if kind == ADD:
                adjoint[a] += g
                adjoint[b] += g
            elif kind == ONE:
                adjoint[a] += g * row.slopes[0](v[a], v[i])
            elif kind == MUL:
                adjoint[a] += g * v[b]
                adjoint[b] += g * v[a]
            elif kind == SUB:
                adjoint[a] += g
                adjoint[b] -= g
            elif self._active[i]:
                self._push(adjoint, v, i, row, args, g)
        return v[self._outputs[0]], [adjoint[i] for i in self._inputs]

    def _push(
        self, adjoint: list[float], v: list[float], i: int, row: Any, args: list[int], g: float
    ) -> None:
        xs = tuple([v[j] for j in args])
        if row.arity is None:
            slopes = row.slopes[0](xs, v[i])
        else:
            slopes = [f(*xs, v[i]) if self._active[j] else 0.0 for f, j in zip(row.slopes, args, strict=True)]
        for j, slope in zip(args, slopes, strict=True):
            if self._active[j] and not (row.selects and slope == 0.0):
                adjoint[j] += g * slope

    def _forward(self, numbers: Sequence[float] | Floats) -> list[float]:
        v: list[float] = list(self._numbers)
        for i, x in zip(self._inputs, numbers, strict=True):
            v[i] = float(x)
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
                xs = [v[j] for j in args]
                v[i] = row.forward(tuple(xs)) if row.arity is None else row.forward(*xs)
        return v


def _kind(arity: int | None) -> int:
    return {1: ONE, 2: TWO}.get(arity or 0, ANY)
