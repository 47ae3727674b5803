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

A constant 0 here is a structural zero, the derivative of something that does not depend.
"""
Key = tuple[str | int, ...]
_MUL = id(table.mul)


class Simplifier:
    """Builds nodes: folds constants, applies the rules, and reuses equal nodes.

    Begin with the nodes of a graph, and what is built on it shares them: the derivative of `exp(x)` is then
    the node `exp(x)` itself.
    """

    def __init__(self, nodes: Iterable[Value] = ()) -> None:
        self._known: dict[Key, Value] = {}
        self._constants: dict[str, Value] = {}
        for node in nodes:
            self.know(node, node.parents)

    def know(self, node: Value, parents: Sequence[Value]) -> None:
        """From now on this node stands for its operation on its parents."""
        if parents:
            key = (id(node.op), *[p._index if p._requires_grad else p._data.hex() for p in parents])
            self._known.setdefault(key, node)

    def build(self, op: Operation, nodes: Sequence[Value]) -> Value:
        """The hook for `modes.building`."""
        return self.as_node(self.simplified(op, [as_term(node) for node in nodes]))

    def as_node(self, term: Term) -> Value:
        """A number as a constant, of which there is one for each number; a node as itself."""
        if type(term) is not float:
            return term  # type: ignore[return-value]
        key = term.hex()
        if key not in self._constants:
            self._constants[key] = constant(term)
        return self._constants[key]

    def simplified(self, op: Operation, terms: Sequence[Term]) -> Term:
        """The operation on numbers and on nodes that need a gradient."""
        if float in map(type, terms):
            if all(map(is_number, terms)):
                return op.value_at(terms)  # type: ignore[arg-type]
            simpler = _simpler(op, terms)
        else:  # Of nodes alone there is only the rule for neg, and this is the innermost loop.
            simpler = _simpler(op, terms) if op is table.neg else None
        if simpler is not None:
            return simpler
        key = _key(op, terms)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = evaluated(op, [self.as_node(term) for term in terms])
        return known

    def product(self, a: Term, b: Term) -> Term:
        """a*b. Half of all nodes of a gradient are products of two nodes: these have a short way."""
        if type(a) is float or type(b) is float:
            # The slope of every sum is 1.
            return a if b == 1.0 and type(b) is float else self.simplified(table.mul, (a, b))
        key = (_MUL, a._index, b._index)  # type: ignore[union-attr]
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = _product(a, b)  # type: ignore[arg-type]
        return known

    def total(self, terms: Sequence[Term]) -> Term:
        """The sum from left to right, of more than two terms as one node."""
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
    """A node, or its number if no gradient flows into it."""
    return node if node._requires_grad else node._data


def _key(op: Operation, terms: Iterable[Term]) -> Key:
    # The text of a number tells 0.0 from -0.0, and that of nan is equal to itself. A key of text and integers
    # is nothing that the garbage collector has to look into.
    return (id(op), *[term.hex() if type(term) is float else term._index for term in terms])  # type: ignore[union-attr]


def evaluated(op: Operation, parents: Sequence[Value]) -> Value:
    """A node of that operation, its value and local derivatives computed, no questions asked.

    They may be beyond the range of floats: what comes of them may be within it again.
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
    """What `evaluated` gives for a product of two nodes that need a gradient, with less ado."""
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
