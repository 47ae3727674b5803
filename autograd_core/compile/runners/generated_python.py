"""The runners for small graphs: generated Python for single points, and for arrays of points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, NoReturn

from ...base.importing import np
from ...base.reals import brief
from ...base.restoring import contained
from ...errors import DataError
from ..arrays.structure import Mask
from ..emit.expressions import array_functions, float_functions, registered
from ..emit.straight_line import Straight, python_source
from ..front.floating_point_status import Underflow
from ..front.tape_and_builder import Floats, Tape
from .array_program import FAULTS
from .interpreter import careful_result

MANY = 24
"""With at least this many inputs, a generated function takes one sequence instead of separate numbers."""


class Generated:
    """The generated functions of a program.

    `entry` is what users call: if possible the generated function itself, so that a call costs nothing but
    its statements. It leaves anything but n floats to the function that interprets arguments.
    """

    def __init__(
        self, tape: Tape, names: Sequence[str], labels: Mapping[str, int], *, exact: bool, single: bool
    ) -> None:
        self.tape = tape
        self.names = list(names)
        self.labels = labels
        self.exact = exact
        self.single = single
        self.many = len(names) > MANY
        self._functions: dict[str, Callable[..., Any]] = {}

    def source(self, name: str) -> str:
        """Return the text of `value` or `value_and_grad`."""
        gradient = name == "value_and_grad"
        program = Straight(self.tape, self.names, gradient=gradient, exact=self.exact, watch=True)
        return python_source(program, name, self.many, self.single)

    def entry(self, name: str, again: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function that users call; `again` takes the inputs in any other form."""
        function = self._made(name, again)
        self._functions.setdefault(name, function)
        return again if self.many else function

    def call(self, name: str, numbers: Sequence[float]) -> Any:
        """Call the function at n floats."""
        if name not in self._functions:
            self._functions[name] = self._made(name, self._never)
        return self._functions[name](numbers) if self.many else self._functions[name](*numbers)

    def _made(self, name: str, again: Callable[..., Any]) -> Callable[..., Any]:
        code = registered(self.source(name), "program")
        namespace = float_functions()
        namespace |= {"careful": self._careful(name == "value_and_grad")}
        exec(code, namespace)
        function: Callable[..., Any] = namespace[name]
        namespace["again"] = self._again(function, again)
        return function

    @staticmethod
    def _never(*args: Any, **named: Any) -> NoReturn:
        raise DataError(f"program: inputs {brief(args)}; expected floats.")

    def _again(self, function: Callable[..., Any], any_form: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function for all calls other than n floats by position."""
        n, names = len(self.names), self.names

        def again(*args: Any, **named: Any) -> Any:
            if named and len(named) == len(args) == n and args[0] is ...:
                in_order = [named.get(name) for name in names]
                if set(map(type, in_order)) == {float}:
                    return function(*in_order)
            given = args if len(args) > n else [x for x in args if x is not ...]
            return any_form(*given, **named)

        return again

    def _careful(self, with_gradient: bool) -> Callable[..., Any]:
        def careful(*numbers: float) -> Any:
            return careful_result(self.tape, numbers, gradient=with_gradient, single=self.single)

        return careful


LANES = 4096
"""Examples at a time, so that their intermediate values stay in the processor's cache."""


class StraightBatch:
    """A program over columns: one statement per node, each a NumPy call on `LANES` examples."""

    def __init__(self, tape: Tape, is_batched: Mask) -> None:
        self.tape = tape
        self.is_batched = is_batched

    @cached_property
    def source(self) -> str:
        """The program that computes value and gradient, as text."""
        return numpy_source(Straight(self.tape, gradient=True, watch=True), "value_and_grad")

    @cached_property
    def _value(self) -> Any:
        return _made(numpy_source(Straight(self.tape, watch=True), "value"), "value")

    @cached_property
    def _value_and_grad(self) -> Any:
        return _made(self.source, "value_and_grad")

    @contained
    def values(self, shared: Floats, batched: Floats | None = None) -> list[Any]:
        """Return the outputs, each an array over the batch or a number."""
        with np.errstate(**FAULTS, call=Underflow()):
            parts = [self._value(*columns) for columns in self._parts(shared, batched)]
        return [np.concatenate(column) for column in self._spread(parts, batched)]

    @contained
    def value_and_grad(
        self, shared: Floats, batched: Floats | None = None, underflow: Underflow | None = None
    ) -> tuple[Any, Floats, Floats]:
        """Return the output, and its gradients by shared inputs (summed over the batch) and batched ones."""
        with np.errstate(**FAULTS, call=underflow or Underflow()):
            parts = [self._value_and_grad(*columns) for columns in self._parts(shared, batched)]
        value, *slopes = [np.concatenate(column) for column in self._spread(parts, batched)]
        table = np.stack(slopes, axis=1) if slopes else np.zeros((len(value), 0))
        with np.errstate(invalid="ignore"):  # Infinities of both signs: the engine takes a closer look.
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
    """Return the program as a function of columns that returns the outputs and the gradient, if any."""
    lines = [*program.lines(program.forward, "numpy"), *program.lines(program.backward, "numpy")]
    body = "".join(f"    {line.name} = {line.expression}\n" for line in lines)
    body += "".join(f"    refuse_undefined({program.spelled(i)})\n" for i in program.watched)
    results = [program.spelled(i) for i in (*program.outputs, *program.gradient)]
    inputs = ", ".join(program.names[i] for i in program.inputs)
    return f"def {name}({inputs}):\n{body}    return ({', '.join(results)},)\n"


def _made(source: str, name: str) -> Any:
    code = registered(source, "batch")
    namespace = array_functions(code)
    exec(code, namespace)
    return namespace[name]
