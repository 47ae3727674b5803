"""Taylor series of functions, from the same table as all other derivatives.

A row's value y changes with its arguments xᵢ as y′ = Σ fᵢ xᵢ′, where the fᵢ are its local derivatives.
In powers of t, this gives the coefficient of order k from coefficients of lower orders:

    k yₖ = Σᵢ Σⱼ (fᵢ)ⱼ (k − j) (xᵢ)ₖ₋ⱼ,  j = 0 … k − 1

So operations do not need separate rules for series. The fᵢ are written with the table's own functions and are
themselves series, whose coefficients are computed on demand (Griewank and Walther,
*Evaluating Derivatives*, 2nd edition, chapter 13).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import factorial, isnan
from operator import mul
from typing import Any

from ..base import modes
from ..base.reals import brief
from ..errors import DataError, DataValueError, DomainError
from ..kernel.apply import Operators
from ..kernel.value import Value
from ..operations.operation import Operation
from .argument_trees import NUMBER, Form, flattened, refuse_other_form, shaped
from .reverse_mode import gradient_nodes, nodes_since
from .rewriting import past_kink
from .traced_call import TracedCall, outputs_of, refuse_no_function

AnyFunction = Callable[..., Any]


def taylor(f: AnyFunction, x: Any, n: int, direction: Any = None) -> Any:
    """Compute the Taylor coefficients of f at x: the n + 1 floats f(x), f'(x), f''(x)/2!, …, in one pass.

    With several variables `x` is a list, a dict or an array, `direction` has the same form, and the
    coefficients are those of t ↦ f(x + t·direction). If f returns several numbers, each is replaced by its
    coefficients; in an array they are the last axis. The work grows as n² for most functions, while that of
    nested derivatives grows exponentially.

    At a kink or a tie the coefficients follow the local derivatives of the table (`docs/conventions.md`).

    Raises `DomainError` if a coefficient is undefined, like those of sqrt at 0, and `DataError` or
    `DataValueError` for other arguments.

    >>> from autograd_core import sin
    >>> taylor(sin, 0.0, 5)
    [0.0, 1.0, 0.0, -0.16666666666666666, 0.0, 0.008333333333333333]
    >>> taylor(lambda v: v[0] * v[1], [2.0, 3.0], 2, direction=[1.0, 1.0])
    [6.0, 5.0, 1.0]
    """
    refuse_no_function("taylor", f)
    refuse_other_order("taylor", n)
    run = TracedCall("taylor")
    outputs, form = outputs_of("taylor", run.call(f, [_line(run, x, direction)], {}))
    if run.is_open(outputs):
        return _with_rows([_nested(y, run.inputs, n) for y in outputs], form, n)
    return _with_rows(coefficients(run.inputs[0], outputs, n), form, n)


HIGHEST = 10_000
"""The highest order, which takes seconds: the work grows as its square."""


def refuse_other_order(name: str, n: Any) -> None:
    if not isinstance(n, int) or isinstance(n, bool) or not 0 <= n <= HIGHEST:
        raise DataValueError(
            f"{name}: not an order: n = {brief(n)}; expected a whole number, 0 to {HIGHEST}."
        )


def _line(run: TracedCall, x: Any, direction: Any) -> Any:
    """Return f's argument as a function of one input t: x itself, or x + t·direction."""
    numbers, form = flattened(x, "taylor: argument 2")
    if direction is None:
        if form is not NUMBER:
            raise DataError(
                f"taylor: no direction: x = {brief(x)}; expected one number, or a direction of the form of x."
                " Write taylor(f, x, n, direction=v) for the coefficients of f(x + t v)."
            )
        return run.input(numbers[0])
    directions, its_form = flattened(direction, "taylor: direction")
    refuse_other_form(form, its_form, "taylor: direction")
    t = run.input(0.0)
    return form.restored([a + v * t for a, v in zip(numbers, directions, strict=True)], boxed=False)


def _nested(y: Value, inputs: list[Value], n: int) -> list[Any]:
    """Return the coefficients as nodes, if f depends on `Value`s from outside."""
    result: list[Any] = [y]
    for k in range(1, n + 1):
        (y,) = gradient_nodes({y: 1.0}, inputs)
        result.append(y / factorial(k))
    return result


def _with_rows(rows: list[list[Any]], form: Form, n: int) -> Any:
    """Return the tree of the outputs, with each number replaced by its coefficients."""
    queue = iter(rows)
    blocks = [[next(queue) for _ in range(leaf.size)] for leaf in form.leaves()]
    return form.with_leaves(
        block[0] if leaf.kind is float else shaped([c for row in block for c in row], (*leaf.shape, n + 1))
        for block, leaf in zip(blocks, form.leaves(), strict=True)
    )


def coefficients(x: Value, outputs: Sequence[Value], n: int) -> list[list[float]]:
    """Return the coefficients of each output in powers of the change of x."""
    expansion = Expansion()
    series: dict[Value, Series] = {x: Series(expansion, [x.data, 1.0], None, ())}
    order = [node for node in nodes_since(x.index, outputs) if node is not x]
    for node in order:
        args = [series.get(parent, parent.data) for parent in node.parents]
        if node.op is not None and any(isinstance(a, Series) for a in args):
            series[node] = expansion.apply(node.op, args)
    try:
        for k in range(1, n + 1):  # Order by order, so that each coefficient needs few missing ones.
            for moving in series.values():
                moving.up_to(k)
        rows = [series[y].up_to(n)[: n + 1] if y in series else [y.data] + [0.0] * n for y in outputs]
        if modes.current().invalid != "ignore" and any(
            [isnan(sum(row)) and not isnan(row[0]) for row in rows]
        ):
            _refuse(series)
        return rows
    finally:
        expansion.known.clear()  # They form reference cycles.


def _refuse(series: dict[Value, Series]) -> None:
    """Raise an error that names the node where the first coefficient is undefined."""
    undefined = {node: [k for k, c in enumerate(s.coefficients) if isnan(c)] for node, s in series.items()}
    node, orders = next((node, orders) for node, orders in undefined.items() if orders)
    at = ", ".join([repr(parent.data) for parent in node.parents])
    raise DomainError(
        f"taylor: undefined coefficient of order {orders[0]}: {node.op.name if node.op else 'input'} at {at} "
        f"(node {node.label!r}); expected a point where all derivatives exist and floats hold them. Move "
        "away from the boundary of the domain."
    )


class Expansion:
    """The series of one expansion, which shares the series of equal operations on equal arguments."""

    def __init__(self) -> None:
        self.known: dict[tuple[Any, ...], Series] = {}

    def apply(self, op: Operation, args: Sequence[Any]) -> Series:
        key = (op, *[x if isinstance(x, Series) else float(x).hex() for x in args])
        if key not in self.known:
            start = op.value_at([x.coefficients[0] if isinstance(x, Series) else float(x) for x in args])
            self.known[key] = Series(self, [start], op, tuple(args))
        return self.known[key]


class Series(Operators):
    """A power series c₀ + c₁t + c₂t² + …, whose coefficients are computed on demand.

    The rows of the table accept it, and its operators are rows.
    """

    __slots__ = ("_expansion", "_moving", "_scaled", "coefficients", "op", "parents")

    def __init__(
        self, expansion: Expansion, start: list[float], op: Operation | None, parents: tuple[Any, ...]
    ) -> None:
        self.coefficients = start
        """c₀, c₁, …, as many as have been computed."""
        self.op = op
        self.parents = parents
        self._scaled = [k * c for k, c in enumerate(start)][1:]  # The coefficients of the derivative by t.
        self._expansion = expansion
        self._moving: list[tuple[Any, Series]] | None = None

    def up_to(self, n: int) -> list[float]:
        """Return the coefficients up to order n or higher."""
        if len(self.coefficients) > n:
            return self.coefficients
        waiting = [(self, n)]  # Instead of recursion, which would be too deep for high orders.
        while waiting:
            series, order = waiting[-1]
            if len(series.coefficients) > order:
                waiting.pop()
                continue
            lacking = series._lacking(len(series.coefficients))
            waiting += lacking
            if not lacking:
                series._extend(len(series.coefficients))
        return self.coefficients

    def _lacking(self, k: int) -> list[tuple[Series, int]]:
        """Return what the coefficient of order k needs: other series, and up to which order."""
        if self._moving is None:
            self._moving = self._slopes()
        lacking = [(x, k) for _, x in self._moving if len(x.coefficients) <= k]
        return lacking + [
            (d, k - 1) for d, _ in self._moving if isinstance(d, Series) and len(d.coefficients) < k
        ]

    def _extend(self, k: int) -> None:
        total = 0.0
        for slope, x in self._moving or ():
            if isinstance(slope, Series):
                total += sum(map(mul, slope.coefficients, x._scaled[k - 1 :: -1]))
            else:
                total += slope * x._scaled[k - 1]
        self._scaled.append(total)
        self.coefficients.append(total / k)

    def _slopes(self) -> list[tuple[Any, Series]]:
        """Return the nonzero local derivatives by the arguments that change."""
        op, args = self.op, self.parents
        if op is None:
            return []
        smooth = past_kink(op, args, self)
        if smooth is not None:
            pairs = [(d, x) for x, d in smooth]
        else:
            moving = [isinstance(x, Series) for x in args]
            pairs = list(zip(op.by_each(op.partials, args, self, moving), args, strict=True))
        return [(d, x) for d, x in pairs if isinstance(x, Series) and not _is_zero(d)]

    @staticmethod
    def __apply_operation__(op: Operation, args: Sequence[Any]) -> Series:
        expansion = next(x._expansion for x in args if isinstance(x, Series))
        return expansion.apply(op, args)

    def __repr__(self) -> str:
        return f"Series({self.coefficients})"


def _is_zero(slope: Any) -> bool:
    """Whether a local derivative is always 0, like that of a branch which `where` does not take."""
    if isinstance(slope, Series):
        fixed = not any(isinstance(branch, Series) for branch in slope.parents[1:])
        return slope.coefficients[0] == 0.0 and fixed and slope.op is not None and slope.op.selects
    return bool(slope == 0.0)
