"""Functions of Values with user-defined derivatives: `custom_jvp` and `custom_vjp`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import update_wrapper
from inspect import Parameter, signature
from math import isclose, isfinite
from types import FunctionType
from typing import Any

from ..base.reals import brief, real
from ..base.text import counted
from ..errors import OperationError
from ..kernel.primitive import own_row
from ..operations.operation import TABLE, Operation
from .traced_call import refuse_no_function

SCALES = (2.0**60, -(2.0**60), -(2.0**-60))
"""Multiples of g for which a linear rule gives the same multiples, to the last digit; not one that clips."""


class _OwnRule:
    """A function of numbers with one number as its result, which becomes one operation."""

    def __init__(self, f: Callable[..., Any]) -> None:
        refuse_no_function(type(self).__name__, f)
        self.f = f
        self.row: Operation | None = None
        self._defaults = _defaults(type(self).__name__, f)
        update_wrapper(self, f)

    def __call__(self, *args: Any, **named: Any) -> Any:
        if self.row is None:
            raise OperationError(
                f"{type(self).__name__}: no derivatives of {self.f.__name__}; expected them from def"
                f"{type(self).__name__.removeprefix('custom_')}."
            )
        return self.row(*args, **named)

    def _declare(self, slope: Callable[[int, Sequence[Any], float], Any]) -> None:
        """Make an operation; `slope(i, args, g)` is what the rule gives for argument i, g times its slope.

        It is not in the table, so that functions with the same name do not clash.
        """
        name = self.f.__name__
        if name in TABLE or not name.isidentifier():
            name = f"custom_{name}" if name in TABLE else "custom"
        count = len(signature(self.f).parameters)
        partials = tuple(_partial(name, slope, i) for i in range(count))
        self.row = own_row(name, self.f, partials, defaults=self._defaults)


def _defaults(who: str, f: Callable[..., Any]) -> tuple[float, ...]:
    """Return the default arguments; raise for a function that cannot be an operation."""
    parameters = list(signature(f).parameters.values()) if isinstance(f, FunctionType) else []
    if not parameters or any(p.kind is not Parameter.POSITIONAL_OR_KEYWORD for p in parameters):
        raise OperationError(
            f"{who}: not a function with a fixed number of arguments: argument 1 = {brief(f)}; expected a "
            "def or a lambda. Write lambda x: f(x)."
        )
    given = [p for p in parameters if p.default is not p.empty]
    return tuple([real(p.default, f"{who}: the default of {p.name}") for p in given])


def _partial(name: str, slope: Callable[[int, Sequence[Any], float], Any], i: int) -> Callable[..., Any]:
    """Return a local derivative in the form that rows use: a function of the arguments and the value."""

    def partial(*given: Any) -> Any:
        args = given[:-1]
        one = slope(i, args, 1.0)
        if isinstance(one, (int, float)) and isfinite(one):
            for g in SCALES:
                _refuse_not_linear(name, i, one, g, slope(i, args, g))
        return one

    return partial


def _refuse_not_linear(name: str, i: int, one: float, g: float, found: Any) -> None:
    expected = g * one
    if isfinite(expected) and not isclose(expected, real(found, name), rel_tol=1e-9, abs_tol=1e-290):
        raise OperationError(
            f"{name}: a rule that is not linear: argument {i + 1}: {one!r} for 1.0 and {found!r} for {g!r}; "
            f"expected {expected!r}. Local derivatives are numbers: write the result as a number times the "
            "incoming gradient or tangent. To clip a gradient, use Value.register_hook."
        )


class custom_jvp(_OwnRule):
    """Give a function of numbers a rule for tangents in place of its graph's derivative, as in JAX.

    The function and the rule are written in the functions of autograd_core; the function becomes one node.
    Its derivatives are the rule's; higher ones are those of the rule's graph. The rule must be linear in the
    tangents.

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
    """

    def defjvp(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        """Set the rule: `(primals, tangents) -> (value, tangent)`."""
        refuse_no_function("defjvp", rule)

        def slope(i: int, args: Sequence[Any], t: float) -> Any:
            found = rule(tuple(args), tuple([t if i == j else 0.0 for j in range(len(args))]))
            if not isinstance(found, tuple) or len(found) != 2:
                raise OperationError(
                    f"{self.f.__name__}: the rule gave {found!r}; expected a tuple of value and tangent."
                )
            return found[1]

        self._declare(slope)
        return rule


class custom_vjp(_OwnRule):
    """Give a function of numbers a rule for cotangents in place of its graph's derivative, as in JAX.

    The rule must be linear in g, because a local derivative is a number: one that clips g raises
    `OperationError`.

    >>> import autograd_core as ac
    >>> @custom_vjp
    ... def binarized(x):
    ...     return ac.sign(x)
    >>> binarized.defvjp(lambda x: (ac.sign(x), None), lambda kept, g: (g,))  # straight through
    >>> binarized(0.3), ac.grad(lambda x: 5.0 * binarized(x))(0.3)
    (1.0, 5.0)
    """

    def defvjp(self, forward: Callable[..., Any], backward: Callable[..., Any]) -> None:
        """Set `forward(*args) -> (value, kept)` and `backward(kept, g) -> a gradient for each argument`.

        The gradients are a tuple, linear in g; None stands for 0.
        """
        refuse_no_function("defvjp", forward)
        refuse_no_function("defvjp", backward)

        def slope(i: int, args: Sequence[Any], g: float) -> Any:
            pair = forward(*args)
            if not isinstance(pair, tuple) or len(pair) != 2:
                raise OperationError(
                    f"{self.f.__name__}: forward gave {brief(pair)}; expected a tuple of the value and what "
                    "backward needs: (value, None) if it needs nothing."
                )
            found = backward(pair[1], g)
            if not isinstance(found, tuple) or len(found) != len(args):
                raise OperationError(
                    f"{self.f.__name__}: the rule gave {found!r}; expected a tuple of "
                    f"{counted(len(args), 'gradient')}."
                )
            return 0.0 if found[i] is None else found[i]

        self._declare(slope)
