"""`compile`: turn a graph or a function into a program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, overload

from ..base.importing import imported
from ..base.reals import brief
from ..errors import DataError
from ..kernel.value import Value

if TYPE_CHECKING:
    from .compiled_function import CompiledFunction
    from .program import Program


@overload
def compile(
    f_or_root: Value | Sequence[Value], inputs: Sequence[Value] | None = None, *, exact: bool = False
) -> Program: ...
@overload
def compile(f_or_root: Callable[..., Any], *, exact: bool = False) -> CompiledFunction: ...
@overload
def compile(*, exact: bool = False) -> Callable[[Callable[..., Any]], CompiledFunction]: ...


def compile(f_or_root: Any = None, inputs: Any = None, *, exact: bool = False) -> Any:
    """Compile a graph into a program, or a Python function into a compiled function; also a decorator.

    For a graph, `inputs` are the program's inputs, by default all leaves that need a gradient. A function is
    traced once for each form of its arguments. With `exact=True` the program gives the eager engine's bits;
    otherwise sums may be reordered, which changes the last digits.

    Raises `TraceError` for a function that branches on its numbers.

    >>> from autograd_core import cos, sin
    >>> @compile
    ... def J(x):
    ...     return cos(sin(x**2) + 3 * x**2)
    >>> J.value_and_grad(2.0)
    (0.24510036817001535, 9.099148544832385)
    """
    imported(f"{__package__}.compiled_function")  # Imports NumPy, too.
    from .compiled_function import CompiledFunction
    from .program import compile_graph

    if f_or_root is None:
        return lambda function: compile(function, exact=exact)
    if isinstance(f_or_root, Value):
        return compile_graph([f_or_root], inputs, exact)
    if isinstance(f_or_root, (list, tuple)):
        return compile_graph(f_or_root, inputs, exact, single=False)
    if not callable(f_or_root):
        raise DataError(f"compile: got {brief(f_or_root)}; expected a Value, a list of them, or a function.")
    if inputs is not None:
        raise DataError(
            "compile: inputs given with a function; expected a function alone: its arguments are its inputs."
        )
    return CompiledFunction(f_or_root, exact)
