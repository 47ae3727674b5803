"""Functions that PyTorch lacks, or that it offers for tensors only; these also accept plain numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, reduce
from typing import Any

from ...base.importing import imported

Tensor = Any


@cache
def torch_functions() -> dict[str, Callable[..., Any]]:
    """The functions that a PyTorch program calls by these names."""
    torch = imported("torch")

    def alike(*xs: Any) -> list[Tensor]:
        """All as tensors, the plain numbers in the precision and on the device of the tensors among them."""
        tensors = [x for x in xs if isinstance(x, torch.Tensor)]
        if len(tensors) == len(xs):
            return tensors
        dtype, device = reduce(torch.promote_types, [x.dtype for x in tensors]), tensors[0].device
        return [x if isinstance(x, torch.Tensor) else torch.tensor(x, dtype=dtype, device=device) for x in xs]

    def stack(*xs: Any) -> Tensor:
        return torch.stack(torch.broadcast_tensors(*alike(*xs)))

    def where(condition: Any, a: Any, b: Any) -> Tensor:
        chosen, a, b = alike(condition, a, b)
        return torch.where(chosen != 0.0, a, b)

    def equal(a: Any, b: Any) -> Tensor:
        a, b = alike(a, b)
        return (a == b).to(a.dtype)

    def heaviside(x: Any, h0: Any) -> Tensor:
        """PyTorch's own has no derivative."""
        x, h0 = alike(x, h0)
        return torch.where(x == 0.0, h0, (torch.sign(x) + 1.0) / 2.0)

    def divide_no_nan(a: Any, b: Any) -> Tensor:
        a, b = alike(a, b)
        return torch.where(b == 0.0, 0.0, a / torch.where(b == 0.0, 1.0, b))

    def inversion(a: Any, b: Any) -> Tensor:
        r = torch.hypot(*alike(a, b))
        return divide_no_nan(divide_no_nan(a, r), r)

    def huber(x: Any, delta: Any) -> Tensor:
        x, delta = alike(x, delta)
        d = torch.abs(x)
        return torch.where(d <= delta, 0.5 * x * x, delta * (d - 0.5 * delta))

    def leaky_relu(x: Any, negative_slope: Any) -> Tensor:
        x, negative_slope = alike(x, negative_slope)
        return torch.where(x > 0.0, x, negative_slope * x)

    def elu(x: Any, alpha: Any) -> Tensor:
        x, alpha = alike(x, alpha)
        return torch.where(x > 0.0, x, alpha * torch.expm1(torch.clamp(x, max=0.0)))

    return {
        function.__name__: function
        for function in (
            alike, stack, where, equal, heaviside, divide_no_nan, inversion, huber, leaky_relu, elu,
        )
    }  # fmt: skip
