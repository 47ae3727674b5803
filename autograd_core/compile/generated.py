"""The runner for small graphs: one generated Python function for the value, one for value and gradient."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from ..errors import DataError
from ..reals import brief
from .careful import careful_gradient, careful_value
from .registry import float_functions, registered
from .straight import Straight, python_source
from .tape import Tape

MANY = 24
"""From so many inputs on, a generated function takes one sequence rather than separate numbers."""


class Generated:
    """The generated functions of a program.

    `entry` is what users call: where it can be, the generated function itself, so that a call costs nothing
    but its statements. Anything but n floats it leaves to the function that makes out what was meant.
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
        """The text of `value` or of `value_and_grad`."""
        gradient = name == "value_and_grad"
        program = Straight(self.tape, self.names, gradient=gradient, exact=self.exact, watch=True)
        other_names = not set(self.labels) <= set(self.names)
        return python_source(program, name, self.many, self.single, other_names=other_names)

    def entry(self, name: str, again: Callable[..., Any]) -> Callable[..., Any]:
        """The function that users call; `again` takes the inputs in any other form."""
        function = self._made(name, again)
        self._functions.setdefault(name, function)
        return again if self.many else function

    def call(self, name: str, numbers: Sequence[float]) -> Any:
        """The function at n floats."""
        if name not in self._functions:
            self._functions[name] = self._made(name, self._never)
        return self._functions[name](numbers) if self.many else self._functions[name](*numbers)

    def _made(self, name: str, again: Callable[..., Any]) -> Callable[..., Any]:
        code = registered(self.source(name), "program")
        namespace = float_functions()
        namespace |= {"again": self._again(again), "careful": self._careful(name == "value_and_grad")}
        exec(code, namespace)
        function: Callable[..., Any] = namespace[name]
        return function

    @staticmethod
    def _never(*args: Any, **named: Any) -> NoReturn:
        raise DataError(f"program: inputs {brief(args)}; expected floats.")

    def _again(self, function: Callable[..., Any]) -> Callable[..., Any]:
        n = len(self.names)

        def again(*args: Any, **named: Any) -> Any:
            given = {name: x for name, x in zip(self.names, args, strict=False) if x is not ...}
            if len(args) > n or len(given) == len(args[:n]):
                return function(*args, **named)
            if list(given) == self.names[:1] and not named:
                return function(args[0])
            return function(**given, **named)

        return again

    def _careful(self, with_gradient: bool) -> Callable[..., Any]:
        def careful(*numbers: float) -> Any:
            if not with_gradient:
                values = careful_value(self.tape, numbers)
                return values[0] if self.single else values
            value, slopes = careful_gradient(self.tape, numbers)
            return value, slopes[0] if len(slopes) == 1 and not self.many else tuple(slopes)

        return careful
