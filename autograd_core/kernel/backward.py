"""The reverse sweep: from an output back to everything it was computed from."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from operator import attrgetter
from threading import get_ident
from typing import Any, Never

from ..base import modes
from ..base.reals import brief, real
from ..base.restoring import restoring
from ..errors import DataError
from ..native import in_c
from .contributions import adjoints_with_hooks, examine_sweep
from .hooks import hooks
from .value import ZERO, Value, turn

_index = attrgetter("_index")
_set_grad = Value._grad.__set__  # type: ignore[attr-defined]
watchers: list[tuple[int, Callable[[Value], object], Callable[[Value], object]]] = []
"""A thread, and what `watching_backward` calls before and after each of its passes.

If there are any, the Python `backward` runs.
"""
if hasattr(os, "register_at_fork"):  # A child would wait forever for a thread that it does not have.
    os.register_at_fork(before=turn.acquire, after_in_parent=turn.release, after_in_child=turn.release)


def backward(root: Value, gradient: float = 1.0, **unknown: Never) -> None:
    """Add `gradient` times d(root)/d(node) to the `.grad` of every node that leads to the root.

    Calling it twice gives exactly twice the gradient on every node; an error or Ctrl-C leaves all gradients
    unchanged. Threads may call it at the same time, even on shared leaves: they take turns. It does nothing
    for a root that needs no gradient, such as a constant.

    >>> x = Value(3.0)
    >>> y = x * x
    >>> backward(y); backward(y); x.grad
    12.0
    """
    if not isinstance(root, Value):
        raise DataError(f"backward: not a single output: got {brief(root)}; expected a Value. Sum a list.")
    if unknown:
        _refuse(unknown)
    seed = gradient if type(gradient) is float else real(gradient, "backward: gradient")
    for thread, before_pass, _ in watchers:
        if thread == get_ident():
            before_pass(root)
    with_hooks = adjoints_with_hooks(root, seed) if hooks else None
    order: list[Value] = []
    before: dict[Value, float] = {}
    put_back = gradients_put_back(order, before)
    with turn:
        try:
            not_taken = find_ancestors({root: seed}, order, before)
            if with_hooks is not None:
                deque(map(_set_grad, order, map(with_hooks.get, order, repeat(0.0))), 0)
            else:
                sweep(order, {root: seed})
            for leaf in hidden(not_taken, order) if not_taken else ():
                order.append(leaf)
                leaf._grad = 0.0
            for node, grad in before.items():
                node._grad += grad
        except BaseException:
            deque(put_back, 0)
            raise
    for thread, _, after_pass in watchers:
        if thread == get_ident():
            after_pass(root)


@restoring
def watching_backward(before: Callable[[Value], object], after: Callable[[Value], object]) -> Iterator[None]:
    """Call `before(root)` and `after(root)` around every backward pass of this thread in a `with` block."""
    watcher = (get_ident(), before, after)
    try:
        watchers.append(watcher)
        Value.backward = backward  # type: ignore[assignment, method-assign]
        yield
    finally:
        watchers.remove(watcher)
        if not watchers and in_c is not None:
            Value.backward = in_c.Node.backward  # type: ignore[method-assign]


def backward_is_watched() -> bool:
    """Whether the backward passes of this thread are watched."""
    return any(thread == get_ident() for thread, _, _ in watchers)


def _refuse(unknown: Mapping[str, Any]) -> None:
    """Raise for options that `backward` has in other libraries."""
    raise DataError(
        f"backward: unexpected argument {next(iter(unknown))!r}; expected backward(gradient=1.0). For "
        "derivatives that can be differentiated again take gradients(y, [x], create_graph=True); a graph is "
        "always retained."
    )


def adjoints(seeds: Mapping[Value, float], targets: Sequence[Value]) -> list[float]:
    """Return the adjoint of each target, or 0.0 if it does not lead to the seeds.

    Nodes older than all targets are not visited, because no target leads to them.
    """
    since = min(map(_index, targets), default=0)
    order: list[Value] = []
    before: dict[Value, float] = {}
    put_back = gradients_put_back(order, before)
    with turn:
        try:
            find_ancestors(seeds, order, before, since)
            sweep(order, seeds, since)
            found = set(order)
            return [float(x._grad) if x in found else 0.0 for x in targets]
        finally:
            deque(put_back, 0)


def reached(node: Value) -> bool:
    """Whether a backward pass has added a gradient, even 0, since the last `zero_grad()`.

    A gradient set by hand counts, too. Optimizers skip parameters that have not been reached.

    >>> x, unused = Value(3.0), Value(1.0)
    >>> (0.0 * x).backward(); x.reached, unused.reached
    (True, False)
    """
    with turn:
        return node._grad is not ZERO


def find_ancestors(
    seeds: Mapping[Value, float], order: list[Value], before: dict[Value, float], since: int = 0
) -> list[Value]:
    """Append the seeds and all nodes that gradients flow to from them, children before parents.

    Sets their `.grad` to their seed or 0 and saves the previous gradients in `before`. The walk stops at
    nodes older than `since`. Returns the arguments that no gradient flows into because a node did not select
    them.
    """
    not_taken: list[Value] = []
    found: Any = None  # As a gradient, it marks a node that is in the list.
    waiting: Iterable[Value] = seeds
    while waiting:
        following: list[Value] = []
        for node in waiting:
            grad = node._grad
            if grad is found:
                continue
            if grad is not ZERO:
                before[node] = grad
            order.append(node)
            node._grad = found
            if node._row is None or node._index < since:
                continue
            if node._da is not None:
                following.append(node._a)
            if node._db is not None:
                following.append(node._b)
            if node._more:
                following += [parent for parent, partial in node._more if partial is not None]
                if node._row.selects:
                    not_taken += [x for x, d in zip(node.parents, node.partials, strict=True) if d == 0.0]
            elif node._da is None and node._row.selects:
                not_taken.append(node._a)
        waiting = following
    for node in order:
        node._grad = ZERO
    for root, seed in seeds.items():
        if root._requires_grad:
            root._grad = seed
    order.sort(key=_index, reverse=True)  # A node is younger than its parents.
    return not_taken


def sweep(order: Sequence[Value], seeds: Mapping[Value, float], since: int = 0) -> None:
    """Add to every `.grad` the sum, over all paths from a seed, of the seed times the path's product."""
    suspect: object = modes.overflow_raises
    for node in order:
        g = node._grad
        if node._row is None or node._index < since:
            if g != g:  # A nan always reaches one of the ends.
                suspect = True
            continue
        if node._da is not None:
            node._a._grad += g * node._da
        if node._db is not None:
            node._b._grad += g * node._db
        for parent, partial in node._more:
            if partial is not None:
                parent._grad += g * partial
    if suspect:
        examine_sweep([node for node in order if node._index >= since], seeds)


def hidden(not_taken: Iterable[Value], order: Iterable[Value]) -> list[Value]:
    """Return the leaves that no backward pass has reached and that occur only in branches not taken."""
    waiting = list(dict.fromkeys([node for node in not_taken if node._requires_grad]))
    if not waiting:
        return []
    seen = {*order, *waiting}
    for node in waiting:  # The list grows during the loop.
        for parent in node.parents:
            if parent._requires_grad and parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return [node for node in waiting if node._row is None and node._grad is ZERO]


def gradients_put_back(order: Sequence[Value], before: Mapping[Value, float]) -> Iterable[None]:
    """Return an iterator that, when consumed, restores the gradients from before the sweep.

    It is made before there is anything to restore. Then a single call in C, which Ctrl-C cannot interrupt,
    consumes it.
    """
    return map(_set_grad, order, map(before.get, order, repeat(ZERO)))


if in_c is None:  # `v.backward()` is `backward(v)`, and `v.reached` is `reached(v)`.
    Value.backward = backward  # type: ignore[assignment, method-assign]
    Value.reached = property(reached)  # type: ignore[assignment]
    Value.reached.__set_name__(Value, "reached")  # type: ignore[attr-defined]  # For its errors.
else:
    Value.backward, Value.reached = in_c.Node.backward, in_c.Node.reached  # type: ignore[method-assign]
    in_c.in_python.update(backward=backward, reached=property(reached), adjoints=adjoints)
    adjoints = in_c.adjoints
