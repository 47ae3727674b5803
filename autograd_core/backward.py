"""The reverse sweep: from an output back to everything that it was computed from."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from math import isnan
from operator import add, attrgetter
from typing import Any

from . import modes
from .errors import DataError, DomainError, RangeError
from .operation import brief, real
from .value import Value

_index = attrgetter("_index")
_get_grad = attrgetter("_grad")
_set_grad = Value._grad.__set__  # type: ignore[attr-defined]


def backward(root: Value, gradient: float = 1.0) -> None:
    """Adds `gradient` times d(root)/d(node) to the `.grad` of every node that leads to the root.

    The sweep works on adjoints of its own: calling it twice gives exactly twice the gradient on every node,
    and an error leaves all gradients as they were.

    >>> x = Value(3.0)
    >>> y = x * x
    >>> backward(y); backward(y); x.grad
    12.0
    """
    if not isinstance(root, Value):
        raise DataError(f"backward: no single output: got {brief(root)}; expected one Value. Sum a list first.")
    adjoint = adjoints({root: real(gradient, "backward: gradient")})
    # One call into C, which neither Ctrl-C nor another thread can interrupt half-way.
    deque(map(_set_grad, adjoint, map(add, map(_get_grad, adjoint), adjoint.values())), maxlen=0)


def gradients(y: Value | Sequence[Value], xs: Any, create_graph: bool = False) -> Any:
    """dy/dx for each x of `xs` (several y are added up); leaves every `.grad` alone.

    `xs` is a sequence of `Value`s, leaves or results, or one of them; the answer has the same form. It
    holds floats, or, with `create_graph=True`, `Value`s that can be differentiated again. An x that does
    not reach y has gradient 0.

    >>> x = Value(2.0)
    >>> t = x**3
    >>> gradients(t, [x, t])
    [12.0, 1.0]
    >>> dy, = gradients(t, [x], create_graph=True)
    >>> gradients(dy, x)
    12.0
    """
    if isinstance(xs, Value):
        return gradients(y, [xs], create_graph)[0]
    seeds = {root: 1.0 for root in _values([y] if isinstance(y, Value) else y, "y")}
    targets = _values(xs, "xs")
    if create_graph:
        from .gradient_graph import gradient_nodes

        return gradient_nodes(seeds, targets)
    adjoint = adjoints(seeds)
    return [adjoint.get(x, 0.0) for x in targets]


def adjoints(seeds: Mapping[Value, float]) -> dict[Value, float]:
    """The adjoint of every node that leads to the seeds: the sum over all paths of the product along them."""
    adjoint = {node: 0.0 for node in seeds if node._requires_grad}
    order = list(adjoint)
    for node in order:  # The list grows while it is walked, until every ancestor is in it.
        a, b = node._a, node._b
        if b is not None:
            if a not in adjoint and a._requires_grad:
                adjoint[a] = 0.0
                order.append(a)
            if b not in adjoint and b._requires_grad:
                adjoint[b] = 0.0
                order.append(b)
        elif type(a) is tuple:
            for parent, partial in zip(a, node._da, strict=True):
                if parent not in adjoint and parent._requires_grad and _flows(node, partial):
                    adjoint[parent] = 0.0
                    order.append(parent)
        elif a is not None and a not in adjoint:
            adjoint[a] = 0.0
            order.append(a)
    # A node is younger than its parents, so the order of creation is a topological order.
    order.sort(key=_index, reverse=True)
    for node, gradient in seeds.items():
        if node in adjoint:
            adjoint[node] += gradient
    for node in order:
        g = adjoint[node]
        a, b = node._a, node._b
        if b is not None:
            if a._requires_grad:
                adjoint[a] += g * node._da
            if b._requires_grad:
                adjoint[b] += g * node._db
        elif type(a) is tuple:
            for parent, partial in zip(a, node._da, strict=True):
                if parent._requires_grad and _flows(node, partial):
                    adjoint[parent] += g * partial
        elif a is not None:
            adjoint[a] += g * node._da
    if modes.unusual or isnan(sum(adjoint.values())):
        _examine(seeds, order)
    return adjoint


def _flows(node: Value, partial: float) -> bool:
    """Whether a gradient goes along an edge: into a branch that `where` did not take, none does."""
    return partial != 0.0 or not node._op.selects  # type: ignore[union-attr]


def _examine(seeds: Mapping[Value, float], order: Sequence[Value]) -> None:
    """Walks the sweep once more, slowly, and raises at the first product or sum that is no number."""
    mode = modes.current()
    adjoint = dict.fromkeys(order, 0.0) | {node: g for node, g in seeds.items() if node._requires_grad}
    for node in order:
        g = adjoint[node]
        for parent, partial in zip(node.parents, node.partials, strict=True):
            if not parent._requires_grad or not _flows(node, partial):
                continue
            product = g * partial
            before = adjoint[parent]
            adjoint[parent] = before + product
            if isnan(adjoint[parent]) and mode.invalid == "raise":
                if not (isnan(g) or isnan(partial) or isnan(before)):
                    raise DomainError(_complaint("undefined", node, parent, g, partial, before))
            elif adjoint[parent] - adjoint[parent] and mode.over == "raise":
                if not (g - g or partial - partial or before - before):
                    raise RangeError(_complaint("overflow", node, parent, g, partial, before))


def _complaint(what: str, node: Value, parent: Value, g: float, partial: float, before: float) -> str:
    return (
        f"backward: {what} gradient: {g!r} arrives at {_named(node)} and meets the local derivative {partial!r} "
        f"towards {_named(parent)}, whose gradient so far is {before!r}; expected finite numbers. "
        "Move away from the boundary of the domain, or write the function so that the infinite slope cancels."
    )


def _named(node: Value) -> str:
    name = node._op.name if node._op else "leaf"
    return f"node {node.label!r} ({name} = {node.data!r})" if node.label else f"the node {name} = {node.data!r}"


def _values(xs: Any, name: str) -> list[Value]:
    if isinstance(xs, (str, bytes)) or not hasattr(xs, "__iter__"):
        raise DataError(f"gradients: {name} is no Value: got {brief(xs)}; expected Values.")
    xs = list(xs)
    for i, x in enumerate(xs):
        if not isinstance(x, Value):
            raise DataError(f"gradients: {name}[{i}] is no Value: got {brief(x)}; expected Values.")
    return xs
