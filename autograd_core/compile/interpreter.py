"""The runner without compilation: the tape walked node by node, with the eager engine's own bits."""

from __future__ import annotations

from collections.abc import Sequence

from .tape import Floats, Tape


class Interpreter:
    """For graphs too large to be worth a program, in which nothing can be done side by side."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self._inputs = tape.inputs.tolist()
        self._outputs = tape.outputs.tolist()
        self._numbers = tape.number.tolist()
        self._steps = [(i, row, args) for i, row, args in tape.nodes() if row is not None]
        active = [False] * len(tape)
        for i in self._inputs:
            active[i] = True
        for i, _, args in self._steps:
            active[i] = any([active[j] for j in args])
        self._active = active

    def values(self, numbers: Sequence[float] | Floats) -> list[float]:
        """The outputs."""
        v = self._forward(numbers)
        return [v[i] for i in self._outputs]

    def value_and_grad(self, numbers: Sequence[float] | Floats) -> tuple[float, list[float]]:
        """The first output and its gradient."""
        v = self._forward(numbers)
        active, adjoint = self._active, [0.0] * len(v)
        adjoint[self._outputs[0]] = 1.0
        for i, row, args in reversed(self._steps):
            g = adjoint[i]
            if not active[i]:
                continue
            xs = tuple([v[j] for j in args])
            slopes = row.slopes[0](xs, v[i]) if row.arity is None else [f(*xs, v[i]) for f in row.slopes]
            for j, slope in zip(args, slopes, strict=True):
                if active[j] and not (row.selects and slope == 0.0):
                    adjoint[j] += g * slope
        return v[self._outputs[0]], [adjoint[i] for i in self._inputs]

    def _forward(self, numbers: Sequence[float] | Floats) -> list[float]:
        v = list(self._numbers)
        for i, x in zip(self._inputs, numbers, strict=True):
            v[i] = float(x)
        for i, row, args in self._steps:
            if len(args) == 2 and row.arity == 2:
                v[i] = row.forward(v[args[0]], v[args[1]])
            elif row.arity is None:
                v[i] = row.forward(tuple([v[j] for j in args]))
            else:
                v[i] = row.forward(*[v[j] for j in args])
        return v
