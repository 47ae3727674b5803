"""The table of rewriting rules: pattern, replacement, and how exactly the value is preserved.

Read a row as: pattern, result, the outermost operation, and a function of its arguments (floats if constant,
else nodes) that returns the result, or None if the pattern does not match. `x`, `y`, `z` are
any nodes and `c`, `d` constants. Missing rows are missing for a reason: `x-x` and `x/x` are not 0 and 1 for an
infinite x, and `x**0.5` is not `sqrt(x)` at minus infinity. `x*0` is not 0 there either, except in the graph
of a gradient, where 0 means independence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..base.extended_range import wide
from ..base.modes import tracing
from ..kernel.apply import local_derivatives
from ..kernel.value import Value, constant, node_of, record
from ..operations import table
from ..operations import table as ops
from ..operations.evaluation import HUGE, TINY
from ..operations.operation import Operation

# ruff: noqa: E501


Operand = Any
"""A node (a `Value`, or anything that the table's functions accept), or a float if it is constant."""

BITS = "every bit"
FINITE = "every bit, unless an intermediate result overflows; a program then falls back to the engine"
VALUE = "the value, but perhaps not the sign of a zero"
DIGITS = "all but the last digits"
STRUCTURE = "the value, if 0 means independence: it annihilates even an infinite factor"
ULPS = 4
"""The largest change of value and derivative by a row with `DIGITS`, in units in the last place."""

FEW = 8
"""The most terms of a sum or product that is written out."""


@dataclass(frozen=True, eq=False)
class Rule:
    """One row. `when` says for which constants it holds; `gradients`, whether graphs of gradients use it;
    `drops`, whether it drops an argument that can raise an error, though the value does not depend on it."""

    pattern: str
    result: str
    row: Operation
    replace: Callable[..., Operand | None]
    keeps: str = BITS
    when: str = ""
    gradients: bool = False
    drops: bool = False

    def __str__(self) -> str:
        return f"{self.pattern} → {self.result}"


def is_number(x: Operand) -> bool:
    """Whether a term is a constant."""
    return type(x) is float


def _is(x: Operand, number: float) -> bool:
    """Whether a term is this constant, with this sign."""
    return type(x) is float and x == number and math.copysign(1.0, x) == math.copysign(1.0, number)


def _zero(x: Operand) -> bool:
    return type(x) is float and x == 0.0


def _of(x: Operand, row: Operation) -> bool:
    """Whether a term is a result of this operation."""
    return type(x) is not float and x.op is row


def _either(
    factor: float, result: Callable[[Operand], Operand]
) -> Callable[[Operand, Operand], Operand | None]:
    """Return a rule for both orders of the arguments, one of which is this constant."""

    def replace(a: Operand, b: Operand) -> Operand | None:
        return result(b) if _is(a, factor) else result(a) if _is(b, factor) else None

    return replace


def _itself(x: Operand) -> Operand:
    return x


def _unsigned(x: Operand) -> Operand:
    """Return what a node is the negative of."""
    return x.parents[0]


def _times_negative_number(a: Operand, b: Operand) -> Operand | None:
    if is_number(b) and _of(a, ops.neg):
        return _unsigned(a) * -b
    return -a * _unsigned(b) if is_number(a) and _of(b, ops.neg) else None


def _minus_product(a: Operand, b: Operand) -> Operand | None:
    if _of(b, ops.mul):
        y, z = b.parents
        if _of(y, ops.neg):
            return a - _unsigned(y) * z
        if _of(z, ops.neg):
            return a - y * _unsigned(z)
    return None


def _halved(x: Operand, c: Operand) -> Operand | None:
    """Rewrite x/c as a product if 1/c is exact."""
    exact = is_number(c) and abs(math.frexp(c)[0]) == 0.5 and 2.0**-1000 < abs(c) < 2.0**1000
    return x * (1.0 / c) if exact and c != 1.0 else None


def _power(x: Operand) -> tuple[Operand, float]:
    """Return a term as a base and a whole exponent; the exponent is 0 for other powers."""
    if _of(x, ops.square):
        return x.parents[0], 2.0
    if _of(x, ops.reciprocal):
        return x.parents[0], -1.0
    if _of(x, ops.pow):
        base, exponent = x.parents
        whole = is_number(exponent) and exponent.is_integer() and abs(exponent) < 64.0
        return (base, exponent) if whole else (x, 0.0)
    return x, 1.0


def same(x: Operand, y: Operand) -> bool:
    """Whether two terms are the same node or number."""
    return x is y or (type(x) is type(y) and getattr(x, "place", x) == getattr(y, "place", y))


def _product_of_powers(a: Operand, b: Operand) -> Operand | None:
    """Rewrite x**c * x**d. If the signs differ, one factor may be infinite though the product is not."""
    if not (_of(a, ops.pow) or _of(b, ops.pow)):
        return None
    (x, c), (y, d) = _power(a), _power(b)
    return ops.pow(x, c + d) if same(x, y) and not is_number(x) and c * d > 0.0 else None


def _exponent(c: float, result: Callable[[Operand], Operand]) -> Callable[[Operand, Operand], Operand | None]:
    return lambda x, b: result(x) if not is_number(x) and is_number(b) and b == c else None


def _chosen(condition: Operand, a: Operand, b: Operand) -> Operand | None:
    return None if not is_number(condition) else a if condition else b


def _indicator(x: Operand, condition: Operand, yes: float) -> bool:
    """Whether a term is `where(condition, 1, 0)` or `where(condition, 0, 1)`."""
    if not _of(x, ops.where):
        return False
    test, a, b = x.parents
    return same(test, condition) and _is(a, yes) and _is(b, 1.0 - yes)


def _of_indicator(condition: Operand, a: Operand, b: Operand) -> Operand | None:
    if _of(condition, ops.where):
        if _indicator(condition, condition.parents[0], 1.0):
            return ops.where(condition.parents[0], a, b)
        if _indicator(condition, condition.parents[0], 0.0):
            return ops.where(condition.parents[0], b, a)
    return None


def _times_indicator(condition: Operand, a: Operand, b: Operand) -> Operand | None:
    """Drop an indicator in a branch that is taken only where it is 1."""
    if _of(a, ops.mul) and _indicator(a.parents[1], condition, 1.0):
        return ops.where(condition, a.parents[0], b)
    if _of(b, ops.mul) and _indicator(b.parents[1], condition, 0.0):
        return ops.where(condition, a, b.parents[0])
    return None


def _written_out(*xs: Operand) -> Operand | None:
    if len(xs) > FEW:
        return None
    total = xs[0]
    for x in xs[1:]:
        total = total + x
    return total


def _dot_written_out(*xs: Operand) -> Operand | None:
    half = len(xs) // 2
    return _written_out(*[a * b for a, b in zip(xs[:half], xs[half:], strict=True)]) if half <= FEW else None


def _when(test: Callable[..., bool], result: Callable[..., Operand]) -> Callable[..., Operand | None]:
    return lambda *args: result(*args) if test(*args) else None


# fmt: off
RULES: tuple[Rule, ...] = (
    Rule("x * 1",           "x",            ops.mul,  _either(1.0, _itself), gradients=True),
    Rule("x * -1",          "-x",           ops.mul,  _either(-1.0, ops.neg), gradients=True),
    Rule("x * 0",           "0",            ops.mul,  _when(lambda a, b: _zero(a) or _zero(b), lambda a, b: 0.0), STRUCTURE, gradients=True),
    Rule("-x * -y",         "x * y",        ops.mul,  _when(lambda a, b: _of(a, ops.neg) and _of(b, ops.neg), lambda a, b: _unsigned(a) * _unsigned(b))),
    Rule("-x * c",          "x * -c",       ops.mul,  _times_negative_number),
    Rule("x**c * x**d",     "x**(c + d)",   ops.mul,  _product_of_powers, DIGITS, when="c, d whole, of one sign, below 64"),

    Rule("x / 1",           "x",            ops.div,  _when(lambda a, b: _is(b, 1.0), lambda a, b: a), gradients=True),
    Rule("0 / x",           "0",            ops.div,  _when(lambda a, b: _zero(a), lambda a, b: 0.0), STRUCTURE, gradients=True),
    Rule("x / c",           "x * (1 / c)",  ops.div,  _halved, when="c a power of 2"),

    Rule("x + -0.0",        "x",            ops.add,  _either(-0.0, _itself), gradients=True),
    Rule("x + 0",           "x",            ops.add,  _either(0.0, _itself), VALUE, gradients=True),
    Rule("x + -y",          "x - y",        ops.add,  _when(lambda a, b: _of(b, ops.neg), lambda a, b: a - _unsigned(b))),
    Rule("-x + y",          "y - x",        ops.add,  _when(lambda a, b: _of(a, ops.neg), lambda a, b: b - _unsigned(a))),
    Rule("x + -y * z",      "x - y * z",    ops.add,  _minus_product),

    Rule("x - 0",           "x",            ops.sub,  _when(lambda a, b: _is(b, 0.0), lambda a, b: a), gradients=True),
    Rule("x - -0.0",        "x",            ops.sub,  _when(lambda a, b: _is(b, -0.0), lambda a, b: a), VALUE, gradients=True),
    Rule("-0.0 - x",        "-x",           ops.sub,  _when(lambda a, b: _is(a, -0.0), lambda a, b: -b), gradients=True),
    Rule("0 - x",           "-x",           ops.sub,  _when(lambda a, b: _is(a, 0.0), lambda a, b: -b), VALUE, gradients=True),
    Rule("x - -y",          "x + y",        ops.sub,  _when(lambda a, b: _of(b, ops.neg), lambda a, b: a + _unsigned(b))),

    Rule("-(-x)",           "x",            ops.neg,  _when(lambda x: _of(x, ops.neg), _unsigned), gradients=True),

    Rule("x**0",            "1",            ops.pow,  _exponent(0.0, lambda x: 1.0), gradients=True, drops=True),
    Rule("x**1",            "x",            ops.pow,  _exponent(1.0, _itself), gradients=True),
    Rule("x**2",            "square(x)",    ops.pow,  _exponent(2.0, ops.square), DIGITS),
    Rule("x**3",            "square(x) * x", ops.pow, _exponent(3.0, lambda x: ops.square(x) * x), DIGITS),
    Rule("x**4",            "square(square(x))", ops.pow, _exponent(4.0, lambda x: ops.square(ops.square(x))), DIGITS),
    Rule("x**-1",           "reciprocal(x)", ops.pow, _exponent(-1.0, ops.reciprocal), DIGITS),

    Rule("where(c, x, y)",  "x if c else y", ops.where, _chosen, gradients=True, drops=True),
    Rule("where(where(x, 1, 0), y, z)", "where(x, y, z)", ops.where, _of_indicator),
    Rule("where(where(x, 0, 1), y, z)", "where(x, z, y)", ops.where, _of_indicator),
    Rule("where(x, y * where(x, 1, 0), z)", "where(x, y, z)", ops.where, _times_indicator, VALUE),
    Rule("where(x, y, z * where(x, 0, 1))", "where(x, y, z)", ops.where, _times_indicator, VALUE),

    Rule("sum([x, y, z])",  "x + y + z",    ops.sum,  _written_out, when=f"at most {FEW} terms"),
    Rule("dot([x, y], [y, z])", "x * y + y * z", ops.dot, _dot_written_out, FINITE, when=f"at most {FEW} products"),
)
# fmt: on


def by_operation(rules: tuple[Rule, ...]) -> dict[Operation, tuple[Rule, ...]]:
    """Group the rules by operation, in order."""
    return {row: tuple([rule for rule in rules if rule.row is row]) for row in [rule.row for rule in rules]}


GRADIENTS = by_operation(tuple([rule for rule in RULES if rule.gradients]))
"""The rules for graphs of gradients."""
EXACT = by_operation(tuple([rule for rule in RULES if rule.keeps in (BITS, FINITE)]))
"""The rules for compiled programs that keep the eager engine's bits."""
DEFAULT = by_operation(tuple([rule for rule in RULES if rule.keeps != STRUCTURE]))
"""The rules for all other compiled programs."""
ALONE = by_operation(tuple([rule for rule in RULES if rule.keeps not in (STRUCTURE, FINITE)]))
"""The rules for programs in other languages, which cannot fall back to the engine."""


"""A node (a `Value`, or anything that the table's functions accept), or a float if it is constant."""


def past_kink(row: Operation, args: Sequence[Operand], y: Operand) -> list[tuple[Operand, Operand]] | None:
    """Return the derivatives of `y = f(n)` by the arguments of `n`, if n has a kink and f(n) does not.

    If f is a function of n², they are f'(n)/n times the derivatives of n²/2, which avoids the quotient x/n,
    whose derivative does not exist at n = 0. Returns None if this does not apply, as for most nodes.
    """
    n = args[0]
    if row is table.mul:
        over = 2.0 if _has_kink(n) and _equal(n, args[1]) else None
    else:
        over = row.over_argument(*args, y) if row.over_argument and _has_kink(n) else None
    if over is None or not _has_kink(n):
        return None
    inner, parents = n.op, n.parents
    terms = tuple([p if getattr(p, "_requires_grad", True) else p._number for p in parents])
    slopes = inner.by_each(inner.of_square, terms, n)
    return [(parent, over * slope) for parent, slope in zip(parents, slopes, strict=True)]


def _equal(a: Operand, b: Operand) -> bool:
    """Whether two terms are the same node, or the same operation on the same nodes."""
    if same(a, b):
        return True
    if type(b) is float or b.op is not a.op or len(a.parents) != len(b.parents):
        return False
    return all(map(same, a.parents, b.parents))


def _has_kink(n: Operand) -> bool:
    return type(n) is not float and n.op is not None and bool(n.op.of_square)


_FLOATS = {float}
SMALL, LARGE = 1e-100, 1e100
"""The product of three floats between them is in range."""

Term = Value | float
"""A node that needs a gradient, or a number.

A constant 0 here is a structural zero, the derivative of something independent.
"""
Key = tuple[str | int, ...]
_MUL = id(table.mul)


class Simplifier:
    """Builds nodes: folds constants, applies the rules, and reuses equal nodes.

    If it starts with the nodes of a graph, new nodes share them: the derivative of `exp(x)` is then
    the node `exp(x)` itself.
    """

    def __init__(self, nodes: Iterable[Value] = ()) -> None:
        self._known: dict[Key, Value] = {}
        self._constants: dict[str, Value] = {}
        self.selects = False
        """Whether a derivative has gone into a branch that was not taken."""
        for node in nodes:
            self.know(node, node.parents)

    def know(self, node: Value, parents: Sequence[Value]) -> None:
        """Use this node for its operation on its parents from now on."""
        if parents:
            key = (id(node.op), *[p._index if p._requires_grad else p._number.hex() for p in parents])
            self._known.setdefault(key, node)

    def build(self, op: Operation, nodes: Sequence[Value]) -> Value:
        """Build a node; the hook for `modes.building`."""
        return self.as_node(self.simplified(op, [as_term(node) for node in nodes]))

    def is_lost(self, numbers: Iterable[float]) -> bool:
        """Whether these numbers are defined, but not everything built in branches that were not taken.

        False while a function is traced, because it may take those branches elsewhere.
        """
        if not self.selects or tracing() or any(map(math.isnan, numbers)):
            return False
        return any([math.isnan(node._number) for node in self._known.values()])

    def as_node(self, term: Term) -> Value:
        """Return the shared constant of a number; a node unchanged."""
        if type(term) is not float:
            return term  # type: ignore[return-value]
        key = term.hex()
        if key not in self._constants:
            self._constants[key] = constant(term)
        return self._constants[key]

    def simplified(self, op: Operation, terms: Sequence[Term]) -> Term:
        """Apply the operation to numbers and to nodes that need a gradient."""
        if float in map(type, terms):
            if all(map(is_number, terms)):
                return op.value_at(terms)  # type: ignore[arg-type]
            simpler = _simpler(op, terms)
        else:  # For nodes without numbers there is only the rule for neg, and this is the innermost loop.
            simpler = _simpler(op, terms) if op is table.neg else None
        if simpler is not None:
            return simpler
        key = _key(op, terms)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = evaluated(op, [self.as_node(term) for term in terms])
        return known

    def product(self, a: Term, b: Term) -> Term:
        """Build a*b. Half of all nodes of a gradient are products of two nodes, which have a fast path."""
        if type(a) is float or type(b) is float:
            # The slope of every sum is 1.
            return a if b == 1.0 and type(b) is float else self.simplified(table.mul, (a, b))
        key = (_MUL, a._index, b._index)  # type: ignore[union-attr]
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = _product(a, b)  # type: ignore[arg-type]
        return known

    def total(self, terms: Sequence[Term]) -> Term:
        """Build the sum from left to right, as one node if there are more than two terms."""
        if len(terms) == 1:
            return terms[0]
        if len(terms) == 2:
            return self.simplified(table.add, terms)
        kept = [term for term in terms if not (type(term) is float and term == 0.0)]
        return self.simplified(table.sum, kept) if len(kept) > 2 else self.total(kept or [0.0])


def _simpler(op: Operation, terms: Sequence[Term]) -> Term | None:
    for rule in GRADIENTS.get(op, ()):
        result: Term | None = rule.replace(*terms)
        if result is not None:
            return result
    return None


def as_term(node: Value) -> Term:
    """Return a node, or its number if no gradient flows into it."""
    return node if node._requires_grad else node._number


def _key(op: Operation, terms: Iterable[Term]) -> Key:
    # The text of a number distinguishes 0.0 from -0.0, and that of nan equals itself. The garbage collector
    # does not scan keys of text and integers.
    return (id(op), *[term.hex() if type(term) is float else term._index for term in terms])  # type: ignore[union-attr]


def evaluated(op: Operation, parents: Sequence[Value]) -> Value:
    """Build a node with its value and local derivatives, without checks.

    They may be beyond the range of floats: later results may be within it again. So may the products of local
    derivatives: those that are very large or small are recorded as numbers whose products have any size.
    """
    needs = [parent._requires_grad for parent in parents]
    xs = tuple([parent._number for parent in parents])
    y = op.value_at(xs)
    if not (TINY < y < HUGE or -HUGE < y < -TINY) or set(map(type, xs)) != _FLOATS:
        y = op.value_in_any_range(xs, y)
        if any([type(x) is not float for x in (*xs, y)]):
            wide = [d if need else 0.0 for d, need in zip(op.wide_slopes_at(xs, y), needs, strict=True)]
            return node_of(op, y, parents, list(map(_factor, wide)), needs)
    slopes = local_derivatives(op, parents, xs, y, needs)
    for d in slopes:
        if not (SMALL < d < LARGE or -LARGE < d < -SMALL) and d:
            slopes = list(map(_factor, slopes))
            break
    return node_of(op, y, parents, slopes, needs)


def _factor(d: float) -> float:
    return d if SMALL < d < LARGE or -LARGE < d < -SMALL else wide(d)


def _product(a: Value, b: Value) -> Value:
    """Do the same as `evaluated` for a product of two nodes that need a gradient, but faster."""
    x, y = a._number, b._number
    da = y if SMALL < y < LARGE or -LARGE < y < -SMALL else wide(y)
    db = x if SMALL < x < LARGE or -LARGE < x < -SMALL else wide(x)
    xy = x * y
    if not (TINY < xy < HUGE or -HUGE < xy < -TINY):
        xy = table.mul.value_in_any_range((x, y), xy)
    return record(table.mul, xy, a, da, b, db)
