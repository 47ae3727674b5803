"""The runner for batches of a small graph: its straight-line program, each statement over all examples."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from ..restoring import contained
from .registry import array_functions, registered
from .straight import Straight
from .sums import Mask
from .tape import Floats, Tape

LANES = 4096
"""So many examples at a time: their intermediate values stay in the processor's cache."""


class StraightBatch:
    """A program over columns: one statement a node, each a NumPy call on `LANES` examples."""

    def __init__(self, tape: Tape, is_batched: Mask) -> None:
        self.tape = tape
        self.is_batched = is_batched

    @cached_property
    def source(self) -> str:
        """The program that gives value and gradient."""
        return numpy_source(Straight(self.tape, gradient=True, watch=True), "value_and_grad")

    @cached_property
    def _value(self) -> Any:
        return _made(numpy_source(Straight(self.tape, watch=True), "value"), "value")

    @cached_property
    def _value_and_grad(self) -> Any:
        return _made(self.source, "value_and_grad")

    def values(self, shared: Floats, batched: Floats | None = None) -> list[Any]:
        """The outputs, each an array over the batch or a number."""
        parts = [self._value(*columns) for columns in self._parts(shared, batched)]
        return [np.concatenate(column) for column in self._spread(parts, batched)]

    def value_and_grad(self, shared: Floats, batched: Floats | None = None) -> tuple[Any, Floats, Floats]:
        """The output, its gradient by the shared inputs (summed over the batch), and by the batched."""
        parts = [self._value_and_grad(*columns) for columns in self._parts(shared, batched)]
        value, *slopes = [np.concatenate(column) for column in self._spread(parts, batched)]
        table = np.stack(slopes, axis=1) if slopes else np.zeros((len(value), 0))
        with np.errstate(invalid="ignore"):  # Infinities of two signs: the engine takes a closer look.
            shared = table[:, ~self.is_batched].sum(axis=0)
        return value, shared, table[:, self.is_batched]

    def _parts(self, shared: Floats, batched: Floats | None) -> Any:
        batched = np.zeros((1, 0)) if batched is None else batched
        one = shared.tolist()
        for begin in range(0, max(len(batched), 1), LANES):
            numbers = iter(one)
            columns = iter(np.ascontiguousarray(batched[begin : begin + LANES].T))
            yield [next(columns) if b else next(numbers) for b in self.is_batched.tolist()]

    @staticmethod
    def _spread(parts: list[Any], batched: Floats | None) -> Any:
        size = 1 if batched is None else len(batched)
        lengths = [min(LANES, size - k * LANES) for k in range(len(parts))]
        wide = [[np.broadcast_to(y, n) for y in part] for part, n in zip(parts, lengths, strict=True)]
        return zip(*wide, strict=True)


def numpy_source(program: Straight, name: str) -> str:
    """The program as a function of columns that gives the outputs, and then the gradient if it has one."""
    lines = [*program.lines(program.forward, "numpy"), *program.lines(program.backward, "numpy")]
    body = "".join(f"        {line.name} = {line.expression}\n" for line in lines)
    body += "".join(f"        refuse_undefined({program.spelled(i)})\n" for i in program.watched)
    results = [program.spelled(i) for i in (*program.outputs, *program.gradient)]
    inputs = ", ".join(program.names[i] for i in program.inputs)
    return (
        f"def {name}({inputs}):\n"
        "    with np.errstate(divide='raise', invalid='raise', over='ignore', under='ignore'):\n"
        f"{body or '        pass' + chr(10)}    return ({', '.join(results)},)\n"
    )


def _made(source: str, name: str) -> Any:
    code = registered(source, "batch")
    namespace = array_functions(code)
    exec(code, namespace)
    return contained(namespace[name])
