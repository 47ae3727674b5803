"""User functions that see a gradient during the backward pass and may change it: `Value.register_hook`.

A node has no slot for them, because nearly every node would leave it empty. They are kept here, by the node's
identity, until it is freed.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, Self

from ..base.reals import brief, real
from ..errors import DataError, GraphError
from ..native import in_c

if TYPE_CHECKING:
    from .value import Value

Hook = Callable[[float], float | None]

hooks: dict[int, dict[int, Hook]] = {}
"""The hooks of a node, in the order of registration, by the node's `id`."""

_numbers = count()
_dying: dict[int, Any] = {}
"""Weak references whose callbacks remove the hooks of a freed node."""


class RemovableHandle:
    """What `register_hook` returns: `remove()`, or the end of a `with` block, removes the hook."""

    __slots__ = ("_functions", "_number")

    def __init__(self, functions: dict[int, Hook], number: int) -> None:
        self._functions, self._number = functions, number

    def remove(self) -> None:
        """Remove the hook; a second call does nothing."""
        self._functions.pop(self._number, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


def register_hook(node: Value, hook: Hook) -> RemovableHandle:
    """Call `hook(gradient)` in every `backward()`, as soon as the node's gradient of that pass is complete.

    The gradient is a float, the sum over all paths. If the hook returns a number, that replaces the gradient:
    it flows on to the parents and is added to `.grad`. Hooks are called in the order of registration. If one
    raises, no gradient has changed. `steps` marks hooks; `gradients`, `grad` and compiled programs give the
    derivatives of the function and do not call them; `nn.fit` trains eagerly if a weight has one. A hook that
    refers to a node computed from this one keeps both alive until it is removed.

    Raises `DataError` if `hook` cannot be called, or returns something that is not a number; `GraphError` for
    a node that needs no gradient. See `torch.Tensor.register_hook`.

    >>> from autograd_core import Value
    >>> x = Value(3.0)
    >>> handle = x.register_hook(lambda g: min(g, 1.0))
    >>> (x * x).backward(); x.grad
    1.0
    >>> handle.remove()
    >>> (x * x).backward(); x.grad
    7.0
    """
    if not callable(hook):
        raise DataError(f"register_hook: not a function: hook = {brief(hook)}; expected hook(gradient).")
    if not node.requires_grad:
        raise GraphError(
            f"register_hook: no gradient flows to {node!r}; expected a node with requires_grad. Set it on "
            "the leaf that the node is computed from."
        )
    functions = hooks.get(id(node))
    if functions is None:
        functions = hooks[id(node)] = {}
        if in_c is None:
            _dying[id(node)] = weakref.ref(node, partial(_forget, id(node)))
        else:
            in_c.mark_hooked(node)
    number = next(_numbers)
    functions[number] = hook
    return RemovableHandle(functions, number)


def _forget(key: int, _: object) -> None:
    hooks.pop(key, None)
    _dying.pop(key, None)


def hooked(node: Value) -> bool:
    """Whether the node has a hook."""
    return bool(hooks and hooks.get(id(node)))


def through_hooks(node: Value, gradient: float) -> float:
    """Pass a gradient through the hooks of its node and return the result."""
    for hook in list(hooks.get(id(node), {}).values()):
        changed = hook(float(gradient))
        if changed is not None:
            gradient = real(changed, "register_hook: the gradient that a hook returned")
    return gradient


if in_c is not None:
    in_c.in_python["hooks"] = hooks
