"""PyTorch modules that PyTorch lacks, with the same parameter names and shapes as here."""

from __future__ import annotations

from functools import cache
from typing import Any

from autograd_core.compile.emit import torch_function
from autograd_core.kernel import Operation

from ..modules.activations import ACTIVATIONS


@cache
def modules(torch: Any) -> dict[str, Any]:
    """The classes, which can be made only when PyTorch is there."""
    functions = {row.name: torch_function(row) for row in ACTIVATIONS}
    functions["identity"] = lambda x: x

    class Neuron(torch.nn.Module):  # type: ignore[misc]
        """Its output is a column."""

        def __init__(self, activation: str) -> None:
            super().__init__()
            self.activation = activation
            self.register_parameter("weight", None)
            self.register_parameter("bias", None)

        def forward(self, x: Any) -> Any:
            return functions[self.activation](x @ self.weight + self.bias).unsqueeze(-1)

    class Layer(torch.nn.Linear):  # type: ignore[misc]
        def __init__(self, nin: int, nout: int, activation: str, **options: Any) -> None:
            super().__init__(nin, nout, **options)
            self.activation = activation

        def forward(self, x: Any) -> Any:
            return functions[self.activation](super().forward(x))

        def extra_repr(self) -> str:
            return f"{super().extra_repr()}, activation={self.activation!r}"

    class MLP(torch.nn.Module):  # type: ignore[misc]
        def __init__(self, layers: list[Any]) -> None:
            super().__init__()
            self.layers = torch.nn.ModuleList(layers)

        def forward(self, x: Any) -> Any:
            for layer in self.layers:
                x = layer(x)
            return x

    class Concatenate(torch.nn.Sequential):  # type: ignore[misc]
        """Numbers side by side, or, of images, channels."""

        def forward(self, x: Any) -> Any:
            outputs = [part(x) for part in self]
            return torch.cat(outputs, dim=1 if outputs[0].dim() == 4 else -1)

    class Residual(torch.nn.Module):  # type: ignore[misc]
        def __init__(self, block: Any) -> None:
            super().__init__()
            self.block = block

        def forward(self, x: Any) -> Any:
            return x + self.block(x)

    own = {kind.__name__: kind for kind in (Neuron, Layer, MLP, Concatenate, Residual)}
    lacking = [row for row in ACTIVATIONS if not hasattr(torch.nn, row.module)]
    return own | {row.module: _activation(torch, row) for row in lacking}


def _activation(torch: Any, row: Operation) -> Any:
    """The class of an activation that PyTorch lacks, with the row's other arguments as attributes."""
    function, options = torch_function(row), row.names[1:]

    def __init__(self: Any, **given: float) -> None:
        torch.nn.Module.__init__(self)
        vars(self).update(given)

    def forward(self: Any, x: Any) -> Any:
        return function(x, *[getattr(self, name) for name in options])

    return type(row.module, (torch.nn.Module,), {"__init__": __init__, "forward": forward})
