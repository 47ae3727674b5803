"""Clip gradients before a step, by their common norm or one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd_core.base import contained, np

from ..checks import length, rate
from .optimizer import gathered

if TYPE_CHECKING:
    from ..types import Parameters


@contained
def clip_grad_norm_(parameters: Parameters, max_norm: float) -> float:
    """Scale all gradients so that their common norm is at most `max_norm`; return the previous norm.

    >>> from autograd_core import Value
    >>> w = Value(1.0); w.grad = 10.0
    >>> clip_grad_norm_([w], 5.0), round(w.grad, 3)
    (10.0, 5.0)
    """
    limit = rate(max_norm, "clip_grad_norm_", "max_norm", closed=False)
    weights = gathered(parameters, "clip_grad_norm_")
    gradients = [each.gradient for each in weights]
    norm = length(gradients)
    factor = shortening(norm, limit)
    if factor < 1.0:
        for each, g in zip(weights, gradients, strict=True):
            with np.errstate(invalid="ignore"):
                shorter = g * factor
            each._set_gradient(shorter, each.reached)
    return norm[0] * norm[1]


def shortening(norm: tuple[float, float], limit: float) -> float:
    """Return the factor that shortens a norm, given as a product, to the limit; 1 if it is within."""
    # PyTorch adds 1e-6 to the norm, which keeps a zero gradient zero.
    return limit / norm[0] / (norm[1] + 1e-6 / norm[0])


def clip_grad_value_(parameters: Parameters, clip_value: float) -> None:
    """Clip every gradient to [-clip_value, clip_value]."""
    limit = rate(clip_value, "clip_grad_value_", "clip_value", closed=False)
    for each in gathered(parameters, "clip_grad_value_"):
        each._set_gradient(np.clip(each.gradient, -limit, limit), each.reached)
