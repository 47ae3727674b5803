"""Rules that make a graph smaller without changing what it computes, applied as nodes are built."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from . import ops
from .apply import local_derivatives
from .operation import Operation
from .value import Value, constant, node_of

# One rule a row: the operation, and a function of its arguments (a float where constant, else a node) that
# gives what may stand in its place, or None. A constant 0 here is a structural zero, the derivative of
# something that does not depend: it annihilates even an infinite factor.
Term = Value | float
RULES: dict[Operation, Callable[..., Term | None]] = {
    ops.add: lambda a, b: b if a == 0.0 and is_number(a) else a if b == 0.0 and is_number(b) else None,
    ops.sub: lambda a, b: a if is_number(b) and b == 0.0 else -b if is_number(a) and a == 0.0 else None,
    ops.mul: lambda a, b: scaled(a, b) if is_number(a) else scaled(b, a) if is_number(b) else None,
    ops.div: lambda a, b: a if is_number(b) and b == 1.0 else 0.0 if is_number(a) and a == 0.0 else None,
    ops.neg: lambda x: None if x.op is not ops.neg else x.parents[0],
    ops.pow: lambda a, b: None if not is_number(b) else 1.0 if b == 0.0 else a if b == 1.0 else None,
    ops.where: lambda condition, a, b: None if not is_number(condition) else a if condition else b,
}


def is_number(x: Term) -> bool:
    return type(x) is float


def scaled(number: float, x: Term) -> Term | None:
    """number * x, where that is simpler than a product."""
    if number == 1.0:
        return x
    if number == 0.0:
        return 0.0
    return ops.neg(x) if number == -1.0 else None


class Simplifier:
    """Builds nodes: folds constants, applies the rules, and gives the node that is there already if one is.

    Begin with the nodes of a graph, and what is built on it shares them: the derivative of `exp(x)` is then
    the node `exp(x)` itself.
    """

    def __init__(self, nodes: Iterable[Value] = ()) -> None:
        self._known: dict[tuple[object, ...], Value] = {}
        self._constants: dict[str, Value] = {}
        for node in nodes:
            if node.op is not None:
                self._known.setdefault(self._key(node.op, node.parents), node)

    def build(self, op: Operation, nodes: Sequence[Value]) -> Value:
        """The hook for `modes.building`."""
        terms = [node if node.requires_grad else node.data for node in nodes]
        if all(map(is_number, terms)):
            return self._constant(op.forward(terms) if op.arity is None else op.forward(*terms))
        rule = RULES.get(op)
        simpler = rule(*terms) if rule is not None else None
        if simpler is not None:
            return simpler if isinstance(simpler, Value) else self._constant(simpler)
        parents = [node if node.requires_grad else self._constant(node.data) for node in nodes]
        key = self._key(op, parents)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = evaluated(op, parents)
        return known

    def _constant(self, x: float) -> Value:
        key = x.hex()
        if key not in self._constants:
            self._constants[key] = constant(x)
        return self._constants[key]

    @staticmethod
    def _key(op: Operation, parents: Sequence[Value]) -> tuple[object, ...]:
        return (op, *[parent if parent.requires_grad else parent.data.hex() for parent in parents])


def evaluated(op: Operation, parents: Sequence[Value]) -> Value:
    """A node of that operation, its value and local derivatives computed, no questions asked."""
    xs = tuple([parent.data for parent in parents])
    y = op.forward(xs) if op.arity is None else op.forward(*xs)
    needs = [parent.requires_grad for parent in parents]
    return node_of(op, y, parents, local_derivatives(op, parents, xs, y, needs), needs)
