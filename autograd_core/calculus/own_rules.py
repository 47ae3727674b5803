"""Functions of Values with derivatives of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import update_wrapper
from inspect import signature
from typing import Any

from ..errors import OperationError
from ..kernel.operation import Operation
from ..kernel.primitive import primitive
from .argument_trees import refuse_no_function


class _OwnRule:
    """A function of numbers with one number as its result, which becomes one operation."""

    def __init__(self, f: Callable[..., Any]) -> None:
        refuse_no_function(type(self).__name__, f)
        self.f = f
        self.row: Operation | None = None
        update_wrapper(self, f)

    def __call__(self, *args: Any) -> Any:
        if self.row is None:
            raise OperationError(
                f"{type(self).__name__}: no derivatives of {self.f.__name__}; expected them from def"
                f"{type(self).__name__.removeprefix('custom_')}."
            )
        return self.row(*args)

    def _declare(self, slope: Callable[[int, Sequence[Any]], Any]) -> None:
        """Make an operation of the function; `slope(i, args)` is its derivative by argument i."""
        count = len(signature(self.f).parameters)
        self.row = primitive(partials=[_partial(slope, i) for i in range(count)])(self.f)


def _partial(slope: Callable[[int, Sequence[Any]], Any], i: int) -> Callable[..., Any]:
    """Return a local derivative as a row has it: a function of the arguments and the value."""
    return lambda *given: slope(i, given[:-1])


class custom_jvp(_OwnRule):
    """Give a function of numbers a rule for tangents in place of its graph's derivative, as in JAX.

    The function and the rule are written in the functions of autograd_core; the function becomes one node.
    Its derivatives are the rule's, and theirs those of the rule's graph.

    >>> import autograd_core as ac
    >>> @custom_jvp
    ... def log1pexp(x):
    ...     return ac.log(1.0 + ac.exp(x))
    >>> @log1pexp.defjvp
    ... def rule(primals, tangents):
    ...     (x,), (t,) = primals, tangents
    ...     return log1pexp(x), (1.0 - 1.0 / (1.0 + ac.exp(x))) * t
    >>> ac.grad(log1pexp)(100.0)
    1.0
    >>> del ac.TABLE["log1pexp"], ac.Value.log1pexp
    """

    def defjvp(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        """Set the rule: `(primals, tangents) -> (value, tangent)`."""
        refuse_no_function("defjvp", rule)

        def slope(i: int, args: Sequence[Any]) -> Any:
            return rule(tuple(args), tuple([float(i == j) for j in range(len(args))]))[1]

        self._declare(slope)
        return rule


class custom_vjp(_OwnRule):
    """Give a function of numbers a rule for cotangents in place of its graph's derivative, as in JAX.

    >>> import autograd_core as ac
    >>> @custom_vjp
    ... def binarized(x):
    ...     return ac.sign(x)
    >>> binarized.defvjp(lambda x: (ac.sign(x), None), lambda kept, g: (g,))  # straight through
    >>> binarized(0.3), ac.grad(lambda x: 5.0 * binarized(x))(0.3)
    (1.0, 5.0)
    >>> del ac.TABLE["binarized"], ac.Value.binarized
    """

    def defvjp(self, forward: Callable[..., Any], backward: Callable[..., Any]) -> None:
        """Set `forward(*args) -> (value, kept)` and `backward(kept, g) -> a gradient for each argument`."""
        refuse_no_function("defvjp", forward)
        refuse_no_function("defvjp", backward)

        def slope(i: int, args: Sequence[Any]) -> Any:
            found = backward(forward(*args)[1], 1.0)
            if not isinstance(found, tuple) or len(found) != len(args):
                raise OperationError(
                    f"{self.f.__name__}: the rule gave {found!r}; expected a tuple of {len(args)} gradients."
                )
            return found[i]

        self._declare(slope)
