"""A Python function compiled: traced once for each form of its arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import update_wrapper
from typing import Any

import numpy as np

from ..errors import DataError
from ..reals import real
from .program import Program
from .trace import traced

OF_THE_PROGRAM = (
    "explain", "hessian_vector_product", "run", "runner", "source", "to_c", "to_jax", "to_js", "to_torch",
)  # fmt: skip


class CompiledFunction:
    """Runs like the function, faster; `program` is what the last call compiled, and gives `explain` and such.

    Each parameter is a number, or a list of numbers. A one-dimensional NumPy array in place of a number is a
    batch; a function of several numbers takes an array of shape (n,) or (B, n) for all of them, too.
    """

    value: Callable[..., Any]
    value_and_grad: Callable[..., Any]

    def __init__(self, function: Callable[..., Any], exact: bool = False) -> None:
        update_wrapper(self, function)
        self.function = function
        self.exact = exact
        self.program: Program | None = None
        self.programs: dict[tuple[int, ...], Program] = {}
        self._parameters = _parameters(function)
        self.value, self.value_and_grad = self._value, self._value_and_grad

    def __call__(self, *args: Any, **named: Any) -> Any:
        """The function's value."""
        return self.value(*args, **named)

    def __getattr__(self, name: str) -> Any:
        if name not in OF_THE_PROGRAM:
            raise AttributeError(f"a compiled function has no {name!r}")
        if self.program is None:
            raise DataError(
                f"{name}: no program yet: got {self!r}; expected one that was called. Call it once, with "
                "arguments of the form that you mean."
            )
        return getattr(self.program, name)

    def __repr__(self) -> str:
        runs = "not called yet" if self.program is None else self.program.runner
        return f"<compiled {getattr(self.function, '__name__', 'function')}: {runs}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return CompiledFunction, (self.function, self.exact)

    def gradient(self, *args: Any, **named: Any) -> Any:
        """The gradient by all numbers in the arguments."""
        return self.value_and_grad(*args, **named)[1]

    def _value(self, *args: Any, **named: Any) -> Any:
        program, inputs = self._prepared(args, named)
        if self._settled:
            self.value = program.value
        return program.value(*inputs)

    def _value_and_grad(self, *args: Any, **named: Any) -> Any:
        program, inputs = self._prepared(args, named)
        if self._settled:
            self.value_and_grad = program.value_and_grad
        return program.value_and_grad(*inputs)

    @property
    def _settled(self) -> bool:
        """Whether all arguments are numbers: from now on the program's own functions can answer."""
        (form, *others) = self.programs
        return not others and all([size < 0 for size in form]) and not self._parameters[1]

    def _prepared(self, args: Sequence[Any], named: dict[str, Any]) -> tuple[Program, list[Any]]:
        """The program for arguments of this form, and its inputs."""
        arguments = self._arguments(args, named)
        form = tuple([len(x) if isinstance(x, (list, tuple)) else -1 for x in arguments])
        inputs = [y for x in arguments for y in (x if isinstance(x, (list, tuple)) else [x])]
        if form not in self.programs:
            self.programs[form] = self._traced(form, inputs)
        self.program = self.programs[form]
        return self.program, inputs

    def _arguments(self, args: Sequence[Any], named: dict[str, Any]) -> list[Any]:
        names, _ = self._parameters
        if (
            len(args) == 1
            and not named
            and len(names) > 1
            and isinstance(args[0], np.ndarray)
            and args[0].ndim
        ):
            if args[0].shape[-1] != len(names):
                raise DataError(
                    f"{self!r}: got an array of shape {args[0].shape}; expected {len(names)} numbers."
                )
            return list(args[0].T)
        bound = inspect.signature(self.function).bind(*args, **named)
        bound.apply_defaults()
        if bound.kwargs:
            raise DataError(
                f"{self!r}: keyword-only arguments cannot be traced; expected numbers by position."
            )
        return [x.tolist() if isinstance(x, np.ndarray) and not x.ndim else x for x in bound.args]

    def _traced(self, form: tuple[int, ...], inputs: Sequence[Any]) -> Program:
        numbers = [float(x.flat[0]) if isinstance(x, np.ndarray) and x.size else _number(x) for x in inputs]
        names = [name for k, size in enumerate(form) for name in self._names(k, size)]

        def spread(values: Sequence[Any]) -> list[Any]:
            rest = iter(values)
            return [next(rest) if size < 0 else [next(rest) for _ in range(size)] for size in form]

        tape, single = traced(self.function, numbers, names, spread)
        return Program(tape, exact=self.exact, single=single)

    def _names(self, k: int, size: int) -> list[str]:
        names, _ = self._parameters
        name = names[k] if k < len(names) else f"x{k}"
        return [name] if size < 0 else [f"{name}_{i}" for i in range(size)]


def _number(x: Any) -> float:
    return 0.5 if isinstance(x, np.ndarray) else real(x, "compile")


def _parameters(function: Callable[..., Any]) -> tuple[list[str], bool]:
    """The names of the parameters, and whether there are any number of them."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return [], True
    return [p.name for p in parameters], any(p.kind is p.VAR_POSITIONAL for p in parameters)
