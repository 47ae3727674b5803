"""`rounding`: find the step of a computation that loses digits.

Each operation rounds its result, and the gradient at its node says how much of the error reaches the output:
the budget lists |∂J/∂v| times the rounding error at v, to first order (Higham, *Accuracy and Stability of
Numerical Algorithms*, 2002, sections 1.7 and 3.8). If digits are lost, it suggests a form that keeps them, if
there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf, isfinite, isinf, isnan, log10

from ..base.modes import errstate
from ..base.reals import brief, exact_sum
from ..base.text import Table, columns, counted, short
from ..calculus.reverse_mode import gradients
from ..errors import DataError
from ..graph.names import names_of
from ..kernel.backward import adjoints
from ..kernel.topological_order import topological_order
from ..kernel.value import Value, row_of
from ..operations import table as ops
from ..operations.operation import Operation

SMALLEST = 5e-324
SHOWN = 10
LOSES = 1e-12
"""Forms that keep the digits are suggested for at least this relative error."""


@dataclass(frozen=True)
class Rounding:
    """The rounding error of one node, and how much of it reaches the output."""

    name: str
    formula: str
    value: float
    error: float
    """The largest error of the value, compared with the exact operation on the node's arguments."""
    gradient: float
    effect: float
    """|gradient| · error: the largest resulting error of the output."""
    node: Value


@dataclass(frozen=True)
class RoundingBudget:
    """The rounding errors of a graph, the one with the largest effect first."""

    name: str
    value: float
    roundings: tuple[Rounding, ...]
    suggestions: tuple[str, ...]
    """Other ways to write the steps that lose digits."""

    def __iter__(self) -> Iterator[Rounding]:
        return iter(self.roundings)

    def __len__(self) -> int:
        return len(self.roundings)

    @property
    def bound(self) -> float:
        """The largest error of the output, to first order."""
        return exact_sum([r.effect for r in self.roundings])

    @property
    def digits(self) -> float:
        """The number of certain decimal digits of the output."""
        if not self.bound:
            return inf
        return max(0.0, -log10(self.bound / abs(self.value))) if self.value else 0.0

    def __str__(self) -> str:
        certain = "every digit" if self.digits == inf else f"about {counted(int(self.digits), 'digit')}"
        lines = [f"{self.name} = {self.value!r} ± {self.bound:.1e}: {certain} certain"]
        rows = [("step", "value", "rounding", "× |gradient|", "= effect")]
        rows += [
            (
                f"{r.name} = {r.formula}",
                short(r.value),
                f"{r.error:.1e}",
                f"{abs(r.gradient):.1e}",
                f"{r.effect:.1e}",
            )
            for r in self.roundings[:SHOWN]
        ]
        lines += columns(rows)
        if len(self.roundings) > SHOWN:
            lines.append(f"... {len(self.roundings) - SHOWN} more")
        return Table("\n".join([*lines, *self.suggestions]))


def rounding(output: Value) -> RoundingBudget:
    """Show where the digits of `output` are lost: how much each node's rounding error changes the output.

    Leaves, constants and nodes that need no gradient count as exact, and so do arguments of `stop_gradient`.
    The bound is of first order: it holds as long as the errors are small compared with the numbers.

    Raises `DataError` if `output` is not a node.

    >>> from autograd_core import cos
    >>> x = Value(1e-7, "x")
    >>> print(rounding((1 - cos(x)) / x**2))
    J = 0.4996003610813205 ± 2.2e-02: about 1 digit certain
    step             value  rounding  × |gradient|  = effect
    v1 = cos(x)    1.00000   2.2e-16       1.0e+14   2.2e-02
    v3 = x ** 2      1e-14   2.2e-30       5.0e+13   1.1e-16
    v2 = 1 - v1  4.996e-15   5.5e-31       1.0e+14   5.5e-17
    J = v2 / v3     0.4996   5.5e-17       1.0e+00   5.5e-17
    v2 = 1 - v1 cancels: 2*sin(x/2)**2 keeps the digits.
    """
    if not isinstance(output, Value):
        raise DataError(f"rounding: not a single output: got {brief(output)}; expected one Value.")
    order = topological_order(output)
    with errstate(all="ignore"):  # The others count even if one gradient is undefined.
        slopes = gradients(output, order)
    names = names_of(order, output)
    written = {node: names.get(node) or short(node.data) for node in order}
    found = [
        Rounding(written[node], _call(node, written), node.data, error, g, _times(abs(g), error), node)
        for node, g in zip(order, slopes, strict=True)
        if node.op is not None and (error := rounding_of(node))
    ]
    found.sort(key=lambda r: -r.effect)
    budget = RoundingBudget(written[output], output.data, tuple(found), ())
    lost = {node for node in order if isinf(node.data)}
    if budget.bound > LOSES * abs(output.data):
        lost |= {r.node for r in found if r.effect > LOSES * abs(output.data)}
    if not lost:
        return budget
    return RoundingBudget(
        budget.name, budget.value, budget.roundings, tuple(_suggested(order, lost, written))
    )


def error_bound(output: Value, order: Sequence[Value]) -> float:
    """Return the largest error of a result due to rounding at the nodes, to first order.

    Infinite effects, which overflow may cause, count as 0.
    """
    return exact_sum([effect for effect in rounding_effects(output, order) if effect and isfinite(effect)])


def rounding_effects(output: Value, order: Sequence[Value]) -> list[float | None]:
    """Return the largest change of the output due to rounding at each node; None for a leaf."""
    if not output.requires_grad:
        return [None] * len(order)
    with errstate(all="ignore"):  # The others count even if one gradient is undefined.
        slopes = adjoints({output: 1.0}, order)
    return [
        None if node.op is None else _times(abs(g), rounding_of(node))
        for g, node in zip(slopes, order, strict=True)
    ]


def rounding_of(node: Value) -> float:
    """Return the largest error of a node's value, compared with the exact operation on its arguments."""
    op, xs = row_of(node), [p.data for p in node.parents]
    of_value, of_terms = rounding_factors(op, len(xs))
    terms = 0.0
    if of_terms:
        terms = exact_sum([abs(x * d) for x, d in zip(xs, op.slopes_at(xs, node.data), strict=True)])
    return of_value and of_value * abs(node.data) + of_terms * terms + SMALLEST


def rounding_factors(op: Operation, count: int) -> tuple[float, float]:
    """Return the factors of |y| and of Σ|xᵢ·∂y/∂xᵢ| in the largest error of a result y of `count` arguments.

    >>> rounding_factors(ops.sin, 1), rounding_factors(ops.neg, 1)
    ((2.220446049250313e-16, 0.0), (0.0, 0.0))
    """
    if op.accumulates:
        return op.rounding * count, op.rounding * count
    return op.rounding * (count if op.arity is None else 1), 0.0


def _times(gradient: float, error: float) -> float:
    effect = gradient * error
    return 0.0 if isnan(effect) else effect


def _call(node: Value, written: dict[Value, str]) -> str:
    names = [written[p] for p in node.parents]
    op = row_of(node)
    symbol = op.notation.symbol if op.notation.kind in ("infix", "power", "fraction") else ""
    if symbol and len(names) == 2:
        return f" {symbol} ".join(names)
    shown = names if len(names) <= 6 else [*names[:4], "...", names[-1]]
    return f"{op.name}({', '.join(shown)})"


def _is(node: Value, number: float) -> bool:
    return node.op is None and not node.requires_grad and node.data == number


def _argument(node: Value, row: Operation) -> tuple[Value, ...] | None:
    """Return the argument that a node applies a row to."""
    return tuple(node.parents) if node.op is row else None


def _squared(node: Value) -> tuple[Value, ...] | None:
    """Return the argument that a node squares."""
    first, *others = node.parents or [node]
    if node.op is ops.square or (node.op is ops.pow and _is(others[0], 2.0)):
        return (first,)
    return (first,) if node.op is ops.mul and first is others[0] else None


def _both(a: tuple[Value, ...] | None, b: tuple[Value, ...] | None) -> tuple[Value, ...] | None:
    return a + b if a and b else None


def _one_minus(row: Operation) -> Callable[..., tuple[Value, ...] | None]:
    return lambda a, b: _argument(b, row) if _is(a, 1.0) else None


def _minus_one(row: Operation) -> Callable[..., tuple[Value, ...] | None]:
    return lambda a, b: _argument(a, row) if _is(b, 1.0) else None


def _difference_of(row: Operation) -> Callable[..., tuple[Value, ...] | None]:
    return lambda a, b: _both(_argument(a, row), _argument(b, row))


def _beside(found: tuple[Value, ...] | None, other: Value) -> tuple[Value, ...] | None:
    return (*found, other) if found else None


def _one_plus(a: Value) -> tuple[Value, ...] | None:
    terms = a.parents if a.op is ops.add else ()
    return next(((u,) for one, u in zip(terms, reversed(terms), strict=True) if _is(one, 1.0)), None)


def _square_of_tanh(node: Value) -> tuple[Value, ...] | None:
    inside = _squared(node)
    return _argument(inside[0], ops.tanh) if inside else None


def _negative_and_root(a: Value, b: Value) -> tuple[Value, ...] | None:
    """Return w and u of -u + √w, in either order."""
    return _both(_argument(b, ops.sqrt), _argument(a, ops.neg)) or _both(
        _argument(a, ops.sqrt), _argument(b, ops.neg)
    )


def _terms(node: Value, inside: Callable[[Value], tuple[Value, ...] | None]) -> list[Value]:
    """Return the insides of a sum's terms, such as the numbers that are squared, if all are alike."""
    found = [inside(term) for term in node.parents if node.op in (ops.add, ops.sum)]
    return [each[0] for each in found if each] if all(found) else []


def _two_squares(a: Value) -> tuple[Value, ...] | None:
    return tuple(xs) if len(xs := _terms(a, _squared)) == 2 else None


def _squares(a: Value) -> tuple[Value, ...] | None:
    return tuple(xs) if len(xs := _terms(a, _squared)) > 2 else None


def _exponentials(a: Value) -> tuple[Value, ...] | None:
    return tuple(xs) if len(xs := _terms(a, lambda term: _argument(term, ops.exp))) > 1 else None


StableForms = tuple[tuple[Operation, Callable[..., tuple[Value, ...] | None], str], ...]

CANCELING: StableForms = (
    (ops.log, _one_plus, "log1p({0})"),
    (ops.sub, _minus_one(ops.exp), "expm1({0})"),
    (ops.sub, _one_minus(ops.exp), "-expm1({0})"),
    (ops.sub, _one_minus(ops.cos), "2*sin({0}/2)**2"),
    (ops.sub, _minus_one(ops.cos), "-2*sin({0}/2)**2"),
    (ops.sub, _minus_one(ops.cosh), "2*sinh({0}/2)**2"),
    (ops.sub, _one_minus(ops.sigmoid), "sigmoid(-{0})"),
    (ops.sub, _one_minus(ops.ndtr), "ndtr(-{0})"),
    (ops.sub, _one_minus(ops.erf), "erfc({0})"),
    (ops.sub, lambda a, b: _square_of_tanh(b) if _is(a, 1.0) else None, "sech({0})**2"),
    (ops.sub, _minus_one(ops.pow), "expm1({1}*log({0}))"),
    (ops.sub, lambda a, b: _both(_squared(a), _squared(b)), "difference_of_squares({0}, {1})"),
    (
        ops.sub,
        lambda a, b: _beside(_squared(b), a),
        "the mean of (x - {0})**2, with {0} subtracted before squaring,",
    ),
    (ops.sub, _difference_of(ops.sqrt), "({0} - {1})/(sqrt({0}) + sqrt({1}))"),
    (ops.sub, lambda a, b: _beside(_argument(a, ops.sqrt), b), "({0} - {1}**2)/(sqrt({0}) + {1})"),
    (ops.sub, lambda a, b: _beside(_argument(b, ops.sqrt), a), "({1}**2 - {0})/({1} + sqrt({0}))"),
    (ops.add, _negative_and_root, "({0} - {1}**2)/(sqrt({0}) + {1})"),
    (ops.sub, _difference_of(ops.log), "log1p(({0} - {1})/{1})"),
    (ops.sub, _difference_of(ops.exp), "exp({1})*expm1({0} - {1})"),
    (ops.sub, _difference_of(ops.sin), "2*cos(({0} + {1})/2)*sin(({0} - {1})/2)"),
    (ops.sub, _difference_of(ops.cos), "-2*sin(({0} + {1})/2)*sin(({0} - {1})/2)"),
    (ops.sub, _difference_of(ops.reciprocal), "({1} - {0})/({0}*{1})"),
    (ops.sub, _difference_of(ops.atan), "atan2({0} - {1}, 1 + {0}*{1})"),
    (ops.log, lambda a: _argument(a, ops.sigmoid), "logsigmoid({0})"),
)
"""Steps that cancel, their arguments, and forms that keep the digits."""

OUT_OF_RANGE: StableForms = (
    (ops.sqrt, _two_squares, "hypot({all})"),
    (ops.sqrt, _squares, "norm({all})"),
    (ops.log, _exponentials, "logsumexp({all})"),
)
"""Steps whose arguments leave the range of floats before the result does, or lose digits at its lower end."""

FAULTS = ((CANCELING, "cancels"), (OUT_OF_RANGE, "leaves the range of floats on its way"))
FORMS = [(fault, *stable) for forms, fault in FAULTS for stable in forms]


def _suggested(order: Sequence[Value], lost: set[Value], written: dict[Value, str]) -> Iterator[str]:
    """Yield a line for each step that has a better form, if it or an argument loses digits."""
    for node in order:
        if node.op is None or not (node in lost or any([p in lost for p in node.parents])):
            continue
        for fault, row, match, form in FORMS:
            found = match(*node.parents) if node.op is row else None
            if found:
                names = [written[x] for x in found]
                better = form.format(*names, all=", ".join(names))
                yield f"{written[node]} = {_call(node, written)} {fault}: {better} keeps the digits."
                break
