"""What a call of a module leaves behind: its outputs know it, and its parameters know their names.

So a drawing of `loss` shows layers and neurons, and `layers.0.weight[2, 1]`, without being given the model.
A call costs a little for it, once for the whole module, and a node nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from autograd_core.placing import begin, end
from autograd_core.scopes import Sign

if TYPE_CHECKING:
    from .module import Module


def noted(call: Callable[..., Any]) -> Callable[..., Any]:
    """A module's `__call__` that notes what it was the call of."""

    @wraps(call)
    def noted_call(self: Module, *args: Any, **options: Any) -> Any:
        start = begin()
        outputs = call(self, *args, **options)
        sign = self._sign
        if sign is None or sign.module() is not self:
            sign = signed(self)
        end(sign, start, outputs, self._part)
        return outputs

    return noted_call


def signed(module: Module) -> Sign:
    """The module's sign. With it, all inside are told their names; the outermost to do so has the say."""
    sign = module._sign
    if sign is None or sign.module() is not module:
        sign = _own_sign(module)
        for place, inner in module.named_modules():
            _own_sign(inner).placed(place)
        for name, weights in module.weights().items():
            weights.called(name)
    return sign


def _own_sign(module: Module) -> Sign:
    sign = module._sign
    if sign is None or sign.module() is not module:  # A shallow copy has the other one's.
        sign = module._sign = Sign(module)
    return sign
