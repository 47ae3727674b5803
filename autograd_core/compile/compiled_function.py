"""Compiled Python functions, traced once for each form of their arguments."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import update_wrapper, wraps
from typing import TYPE_CHECKING, Any, Concatenate, NoReturn, ParamSpec, TypeVar

from ..calculus.argument_trees import NUMBER, Form
from ..calculus.transforms import value_and_grad
from ..errors import DataError
from ..kernel.value import Value
from ..native import in_c
from .front.outside import Outside
from .front.trace import traced
from .function_arguments import Parameters, Reading, in_form, read
from .program import Program
from .program_inputs import Call, of_inputs, of_point, of_points

P = ParamSpec("P")
R = TypeVar("R")


MEANT = {
    "grad": ". Use f.gradient(...) or f.value_and_grad(...), or compile(grad(f)).",
    "hessian": ". Use compile(hessian(f)), or f.hessian_vector_product(...).",
}
"""What to use in place of attributes that a compiled function does not have."""


def of_the_program(
    method: Callable[Concatenate[Program, P], R],
) -> Callable[Concatenate[CompiledFunction, P], R]:
    """Return a method of a compiled function that calls one of its latest program."""

    @wraps(method)
    def handed_over(self: CompiledFunction, /, *args: P.args, **named: P.kwargs) -> R:
        return method(self._compiled(method.__name__), *args, **named)

    return handed_over


if TYPE_CHECKING or in_c is None:

    class Called:
        """A call is one of `value`, a function that may change with each call."""

        value: Callable[..., Any]
        _any_value: Callable[..., Any]

        def __call__(self, *args: Any, **named: Any) -> Any:
            """Return the function's value."""
            try:
                return self.value(*args, **named)
            except TypeError:
                if self.value is self._any_value:
                    raise
                return self._value(*args, **named)  # Raises a better error if the call is at fault.

        def _value(self, *args: Any, **named: Any) -> Any:
            raise NotImplementedError

else:
    Called = in_c.Compiled


class CompiledFunction(Called):
    """Runs like the function, but faster; `program` is the one of the last call, for `explain` and the like.

    The form of an argument alone decides what it means, at every call. An array of shape (B,) in place of a
    number is a batch of that argument. If the function takes a sequence, or several numbers that are all in
    one array, an array of shape (n,) is one point, and one of shape (B, n) a batch of points. The gradient
    has the form of the arguments: a tuple for several, arrays for arrays; for an argument that a whole batch
    shares it is the sum over the batch. Arguments left to their defaults are constants.

    Numbers that the function reads from outside are baked in; if one changes, the function is traced again.
    Called with `Value`s it runs the original function, so that it can be differentiated and compiled like any
    other.
    """

    value_and_grad: Callable[..., Any]
    gradient: Callable[..., Any]
    """The gradient by all numbers in the arguments, in the arguments' form."""

    def __init__(self, function: Callable[..., Any], exact: bool = False) -> None:
        update_wrapper(self, function, updated=())
        self.function = function
        self.exact = exact
        self.program: Program | None = None
        self._parameters = Parameters(function)
        self._traces: dict[Any, Traced] = {}
        self._known: dict[Any, tuple[int, ...]] = {}
        self.value = self._any_value = self._like_the_function(self._value)
        self.value_and_grad = self._any_gradient = self._like_the_function(self._value_and_grad)
        self.gradient = self._like_the_function(self._gradient)

    def __get__(self, instance: object, owner: type | None = None) -> CompiledFunction:
        if instance is not None and self._parameters.names[:1] == ["self"]:
            name = self._parameters.name
            raise DataError(
                f"compile: {name} is a method: argument 1 = self is not a number; expected a function of "
                f"numbers. Compile the bound method, as in self.{name} = compile(self.{name}) in __init__."
            )
        return self

    explain = of_the_program(Program.explain)
    hessian_vector_product = of_the_program(Program.hessian_vector_product)
    run = of_the_program(Program.run)
    to_c = of_the_program(Program.to_c)
    to_jax = of_the_program(Program.to_jax)
    to_js = of_the_program(Program.to_js)
    to_torch = of_the_program(Program.to_torch)

    @property
    def runner(self) -> str:
        """The name of the program's runner."""
        return self._compiled("runner").runner

    @property
    def source(self) -> str:
        """The program in Python."""
        return self._compiled("source").source

    def _compiled(self, wanted: str) -> Program:
        if self.program is None:
            raise DataError(
                f"{wanted}: no program yet: got {self!r}; expected one that was called. Call it once with "
                "arguments of the intended form."
            )
        return self.program

    if not TYPE_CHECKING:  # A type checker then finds names that do not exist.

        def __getattr__(self, name: str) -> NoReturn:
            cure = MEANT.get(name, "")
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}{cure}")

    def __repr__(self) -> str:
        runs = "not called yet" if self.program is None else self.program.runner
        return f"<compiled {self._parameters.name}: {runs}>"

    def __reduce__(self) -> Any:
        # If the decorated function's name refers to this object, pickle looks it up there.
        name = getattr(self, "__qualname__", "")
        if name and _looked_up(getattr(self, "__module__", ""), name) is self:
            return name
        return CompiledFunction, (self.function, self.exact)

    def _like_the_function(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """Give a method the function's signature, which other transforms see."""

        def called(*args: Any, **named: Any) -> Any:
            return method(*args, **named)

        return update_wrapper(called, self.function, updated=())

    def _value(self, *args: Any, **named: Any) -> Any:
        call = read(self._parameters, args, named, self._known)
        if call is None:
            return self.function(*args, **named)
        trace = self._prepared(call)
        self.value = trace.quick("value", call, self._any_value) or self.value
        return trace.value(call)

    def with_leaves(self, *args: Any) -> tuple[Any, tuple[Value, ...]]:
        """Return the function's value, and the `Value`s from outside that it was computed with."""
        call = read(self._parameters, args, {}, self._known)
        if call is None:
            return self.function(*args), ()
        trace = self._prepared(call)
        return trace.value(call), trace.leaves

    def _value_and_grad(self, *args: Any, **named: Any) -> Any:
        call = read(self._parameters, args, named, self._known)
        if call is None:
            return self._differentiated(args, named)
        trace = self._prepared(call)
        self.value_and_grad = trace.quick("value_and_grad", call, self._any_gradient) or self.value_and_grad
        return trace.value_and_grad(call)

    def _gradient(self, *args: Any, **named: Any) -> Any:
        try:
            return self.value_and_grad(*args, **named)[1]
        except TypeError:
            return self._value_and_grad(*args, **named)[1]  # For a better error, as above.

    def _differentiated(self, args: Sequence[Any], named: dict[str, Any]) -> Any:
        """Return value and gradient as nodes."""
        args, named = self._parameters.matched(args, named)
        count = len(args)

        def by_position(*things: Any) -> Any:
            return self.function(*things[:count], **dict(zip(named, things[count:], strict=True)))

        things = [*args, *named.values()]
        places: Any = 0 if len(things) == 1 else range(len(things))
        return value_and_grad(by_position, places)(*things)

    def _prepared(self, call: Reading) -> Traced:
        """Return the trace for arguments of this form."""
        trace = self._traces.get(call.key)
        if trace is None or not trace.outside.unchanged():
            trace = self._traces[call.key] = Traced(self.function, call, self.exact)
        self.program = trace.program
        return trace


class Traced:
    """The function traced for one form of its arguments."""

    def __init__(self, function: Callable[..., Any], call: Reading, exact: bool) -> None:
        found = traced(function, call.example(), call.names(), lambda values: call.apply(function, values))
        self.form: Form = found.form
        rows = [row for row in found.tape.rows if not row.built_in]
        functions = [f for row in rows for f in (row.forward, *row.partials)]
        self.outside, self.leaves = Outside([function, *functions], found.leaves), found.leaves
        self.program = Program(found.tape, exact=exact, single=self.form is NUMBER)
        self._quick: dict[tuple[str, bool], Callable[..., Any] | None] = {}

    def value(self, call: Reading) -> Any:
        """Return the function's result, with batches in place of numbers if the call is a batch."""
        found = self.program._value_of(self._made_out(call))
        return found if self.form is NUMBER else in_form(self.form, found)

    def value_and_grad(self, call: Reading) -> Any:
        """Return value and gradient, the gradient in the form of the arguments."""
        value, slopes = self.program._gradient_of(self._made_out(call))
        if call.alone is not None:
            return value, slopes
        return value, call.gradient(slopes if type(slopes) is tuple else (slopes,))

    def _made_out(self, call: Reading) -> Call:
        if call.alone is None:
            return of_inputs(call.inputs, self.program.names)
        return of_point(call.alone) if call.alone.ndim == 1 else of_points(call.alone)

    def quick(self, name: str, call: Reading, otherwise: Callable[..., Any]) -> Callable[..., Any] | None:
        """Return a faster function for calls of this form that passes all others on, or None."""
        if self.form is not NUMBER or (call.alone is not None and call.alone.ndim > 1):
            return None
        at_point = call.alone is not None
        if (name, at_point) not in self._quick:
            made = self._made_quick(name, call, otherwise)
            if made is not None and made is not otherwise:
                update_wrapper(made, otherwise, updated=())
            self._quick[name, at_point] = made
        return self._quick[name, at_point]

    def _made_quick(
        self, name: str, call: Reading, otherwise: Callable[..., Any]
    ) -> Callable[..., Any] | None:
        if call.alone is not None:
            return self.program._of_point(name, otherwise, self.outside.unchanged)
        if call.keywords or call.size is not None or set(call.forms) != {NUMBER}:
            return None
        of_numbers, count = self.program._of_numbers(name, otherwise), call.count
        if call.parameters.takes_only(count) and not self.outside:
            return of_numbers
        return self.outside.guarded(of_numbers, otherwise, count)


def _looked_up(module: str, qualname: str) -> Any:
    """Return the object with that name in a module, or None."""
    found: Any = sys.modules.get(module)
    for name in qualname.split("."):
        found = getattr(found, name, None)
    return found
