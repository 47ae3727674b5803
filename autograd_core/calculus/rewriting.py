"""Apply the rewriting rules, which simplify a graph without changing its value, as nodes are built."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..kernel import table
from ..kernel.apply import local_derivatives
from ..kernel.operation import HUGE, TINY, Operation
from ..kernel.value import ZERO, Value, constant, next_index, node_of
from .rewriting_rules import GRADIENTS, is_number

_new = object.__new__

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
        for node in nodes:
            self.know(node, node.parents)

    def know(self, node: Value, parents: Sequence[Value]) -> None:
        """Use this node for its operation on its parents from now on."""
        if parents:
            key = (id(node.op), *[p._index if p._requires_grad else p._data.hex() for p in parents])
            self._known.setdefault(key, node)

    def build(self, op: Operation, nodes: Sequence[Value]) -> Value:
        """Build a node; the hook for `modes.building`."""
        return self.as_node(self.simplified(op, [as_term(node) for node in nodes]))

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
        else:  # For nodes alone there is only the rule for neg, and this is the innermost loop.
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
    return node if node._requires_grad else node._data


def _key(op: Operation, terms: Iterable[Term]) -> Key:
    # The text of a number distinguishes 0.0 from -0.0, and that of nan equals itself. The garbage collector
    # does not scan keys of text and integers.
    return (id(op), *[term.hex() if type(term) is float else term._index for term in terms])  # type: ignore[union-attr]


def evaluated(op: Operation, parents: Sequence[Value]) -> Value:
    """Build a node with its value and local derivatives, without checks.

    They may be beyond the range of floats: later results may be within it again.
    """
    needs = [parent._requires_grad for parent in parents]
    xs = tuple([parent._data for parent in parents])
    y = op.value_at(xs)
    if not (TINY < y < HUGE or -HUGE < y < -TINY) or any([type(x) is not float for x in xs]):
        y = op.value_in_any_range(xs, y)
        if any([type(x) is not float for x in (*xs, y)]):
            slopes = [d if need else 0.0 for d, need in zip(op.wide_slopes_at(xs, y), needs, strict=True)]
            return node_of(op, y, parents, slopes, needs)
    return node_of(op, y, parents, local_derivatives(op, parents, xs, y, needs), needs)


def _product(a: Value, b: Value) -> Value:
    """Do the same as `evaluated` for a product of two nodes that need a gradient, but faster."""
    node: Value = _new(Value)
    node._a, node._b = a, b
    node._db, node._da = x, y = a._data, b._data
    xy = x * y
    beyond = not (TINY < xy < HUGE or -HUGE < xy < -TINY)
    node._data = table.mul.value_in_any_range((x, y), xy) if beyond else xy
    node._grad = ZERO
    node._row = table.mul
    node._label = ""
    node._index = next_index()
    node._requires_grad = True
    return node
