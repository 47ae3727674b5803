"""PyTorch modules that PyTorch lacks, with the same parameter names and shapes as here."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def modules(torch: Any) -> dict[str, Any]:
    """The classes, which can be made only when PyTorch is there."""
    functions = {name: getattr(torch.nn.functional, name) for name in (
        "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softsign", "logsigmoid",
    )} | {
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        # By this threshold the function is x to the last digit; PyTorch's own, 20, is not.
        "softplus": lambda x: torch.nn.functional.softplus(x, threshold=50.0),
        "identity": lambda x: x,
    }  # fmt: skip

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

    return {kind.__name__: kind for kind in (Neuron, Layer, MLP, Concatenate, Residual)}
