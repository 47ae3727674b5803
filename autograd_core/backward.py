"""The reverse sweep: from an output back to everything that it was computed from."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from . import modes
from .errors import DataError, DomainError, RangeError
from .operation import brief, real
from .value import Value, turn

_index = attrgetter("_index")
_set_grad = Value.__dict__["_grad"].__set__


def backward(root: Value, gradient: float = 1.0) -> None:
    """Adds `gradient` times d(root)/d(node) to the `.grad` of every node that leads to the root.

    Calling it twice gives exactly twice the gradient on every node; an error or Ctrl-C leaves all gradients
    as they were. Threads may call it at the same time, even on shared leaves: they take turns.

    >>> x = Value(3.0)
    >>> y = x * x
    >>> backward(y); backward(y); x.grad
    12.0
    """
    if not isinstance(root, Value):
        raise DataError(f"backward: no single output: got {brief(root)}; expected one Value. Sum up a list.")
    seed = gradient if type(gradient) is float else real(gradient, "backward: gradient")
    with turn:
        order: list[Value] = []
        before: dict[Value, float] = {}
        try:
            sweep({root: seed}, order, before)
            for node, grad in before.items():
                node._grad += grad
        except BaseException:
            restore(order, before)
            raise


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
    seeds = dict.fromkeys(_values([y] if isinstance(y, Value) else y, "y"), 1.0)
    targets = _values(xs, "xs")
    if create_graph:
        from .gradient_graph import gradient_nodes

        return gradient_nodes(seeds, targets)
    return adjoints(seeds, targets)


def adjoints(seeds: Mapping[Value, float], targets: Sequence[Value]) -> list[float]:
    """The adjoint of each target, 0.0 for one that does not lead to the seeds."""
    with turn:
        order: list[Value] = []
        before: dict[Value, float] = {}
        try:
            sweep(seeds, order, before)
            reached = set(order)
            return [x._grad if x in reached else 0.0 for x in targets]
        finally:
            restore(order, before)


def sweep(seeds: Mapping[Value, float], order: list[Value], before: dict[Value, float]) -> None:
    """Leaves in `.grad` of every ancestor its adjoint: over all paths, the sum of the products along them.

    So during a sweep `.grad` holds the sweep's own adjoints, and sweeps take turns.

    Puts the nodes it visits into `order`, and into `before` the gradients that it found there.
    """
    order += [node for node in seeds if node._requires_grad]
    found = set(order)
    see, enqueue = found.add, order.append
    for node in order:  # The list grows while it is walked, until every ancestor is in it.
        if node._grad:
            before[node] = node._grad
            node._grad = 0.0
        a, b = node._a, node._b
        if b is not None:
            if a not in found:
                see(a)
                enqueue(a)
            if b not in found:
                see(b)
                enqueue(b)
        elif type(a) is tuple:
            for parent in a:
                if parent not in found:
                    see(parent)
                    enqueue(parent)
        elif a is not None and a not in found:
            see(a)
            enqueue(a)
    # A node is younger than its parents, so the order of creation is a topological order.
    order.sort(key=_index, reverse=True)
    for node, seed in seeds.items():
        if node._requires_grad:
            node._grad += seed
    if modes.unusual:
        examine(seeds, order)
    for node in order:
        g = node._grad
        a, b = node._a, node._b
        if b is not None:
            a._grad += g * node._da
            b._grad += g * node._db
        elif type(a) is tuple:
            for parent, partial in zip(a, node._da, strict=True):
                parent._grad += g * partial
        elif a is not None:
            a._grad += g * node._da
        elif g != g:  # Whatever is no number ends up in some leaf.
            examine(seeds, order)


def restore(order: Sequence[Value], before: Mapping[Value, float]) -> None:
    """Gives all nodes the gradients they had before the sweep; in C, where Ctrl-C cannot come between."""
    deque(map(_set_grad, order, [before.get(node, 0.0) for node in order]), maxlen=0)


def examine(seeds: Mapping[Value, float], order: Sequence[Value]) -> None:
    """Walks the sweep once more, slowly, and raises at the first product or sum that is no number."""
    mode = modes.current()
    adjoint = dict.fromkeys(order, 0.0) | {node: g for node, g in seeds.items() if node._requires_grad}
    for node in order:
        g = adjoint[node]
        for parent, partial in zip(node.parents, node.partials, strict=True):
            not_taken = partial == 0.0 and node._row is not None and node._row.selects
            if not parent._requires_grad or not_taken:
                continue
            before = adjoint[parent]
            total = adjoint[parent] = before + g * partial
            if total != total and g == g and partial == partial and before == before:
                if mode.invalid == "raise":
                    raise DomainError(_complaint("undefined", node, parent, g, partial, before))
            elif mode.over == "raise" and total - total and not any((g - g, partial - partial, before - before)):
                raise RangeError(_complaint("overflow", node, parent, g, partial, before))


def _complaint(what: str, node: Value, parent: Value, g: float, partial: float, before: float) -> str:
    return (
        f"backward: {what} gradient: {g!r} arrives at {_named(node)} and meets the local derivative "
        f"{partial!r} towards {_named(parent)}, whose gradient so far is {before!r}; expected numbers. "
        "Move away from the boundary of the domain, or write the function so that the infinite slope cancels."
    )


def _named(node: Value) -> str:
    name = node._row.name if node._row else "leaf"
    described = f"{name} = {node.data!r}"
    return f"node {node.label!r} ({described})" if node.label else f"the node {described}"


def _values(xs: Any, name: str) -> list[Value]:
    if isinstance(xs, (str, bytes)) or not hasattr(xs, "__iter__"):
        raise DataError(f"gradients: {name} is no Value: got {brief(xs)}; expected Values.")
    values: list[Value] = list(xs)
    for i, x in enumerate(values):
        if not isinstance(x, Value):
            raise DataError(f"gradients: {name}[{i}] is no Value: got {brief(x)}; expected Values.")
    return values


# `v.backward()` is `backward(v)`.
Value.backward = backward  # type: ignore[assignment, method-assign]
