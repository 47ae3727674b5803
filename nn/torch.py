"""To PyTorch and back: the same model with the same float64 weights (the extra `torch`)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from autograd_core import DataError

from . import activations as a
from .compose import Concatenate, Flatten, Residual, Sequential
from .conv import Conv2d, MaxPool2d
from .dropout import Dropout
from .layers import MLP, Layer, Linear, Neuron
from .lazy import extra
from .module import Module
from .norm import LayerNorm

# The modules that have no weights, by the names that both sides share.
SAME_NAME = {
    kind.__name__: kind
    for kind in (
        a.ReLU, a.Sigmoid, a.LogSigmoid, a.Tanh, a.SELU, a.SiLU, a.Mish, a.Softplus, a.Softsign, a.Identity,
        a.LeakyReLU, a.ELU, a.GELU,
    )
}  # fmt: skip
BY_FUNCTION = {
    "relu": "ReLU", "leaky_relu": "LeakyReLU", "elu": "ELU", "selu": "SELU", "gelu": "GELU", "silu": "SiLU",
    "mish": "Mish", "softplus": "Softplus", "softsign": "Softsign", "sigmoid": "Sigmoid",
    "logsigmoid": "LogSigmoid", "tanh": "Tanh",
}  # fmt: skip


def to_torch(model: Module) -> Any:
    """A `torch.nn.Module` of float64 with the same weights, which takes a batch of rows.

    Layers become `Linear` and an activation. Where one output is a `Value` here, it is a column there.
    """
    torch = extra("torch", "torch", "to_torch")
    nn = torch.nn
    match model:
        case Neuron() | Layer():
            bias = model.bias.array.reshape(-1)
            linear = _linear(torch, model.weight.array.reshape(len(bias), -1), bias)
            if model.activation == "identity":
                return linear
            return nn.Sequential(linear, getattr(nn, BY_FUNCTION[model.activation])())
        case MLP():
            return nn.Sequential(*(part for layer in model.layers for part in _flat(to_torch(layer), nn)))
        case Linear():
            return _linear(torch, model.weight.array, None if model.bias is None else model.bias.array)
        case Sequential():
            return nn.Sequential(*(to_torch(part) for part in model.steps))
        case Concatenate():
            return _shapes()["Concatenate"](*(to_torch(part) for part in model.parts))
        case Residual():
            return _shapes()["Residual"](to_torch(model.block))
        case a.Softmax() | a.LogSoftmax():
            return getattr(nn, type(model).__name__)(dim=-1)
        case Flatten() | Dropout() | MaxPool2d():
            return getattr(nn, type(model).__name__)(**model.settings())
        case LayerNorm():
            return _filled(torch, nn.LayerNorm(model.n, eps=model.eps, dtype=torch.float64), model)
        case Conv2d():
            return _filled(torch, nn.Conv2d(**model.settings(), dtype=torch.float64), model)
    if type(model) in SAME_NAME.values():
        return getattr(nn, type(model).__name__)(**model.settings())
    raise DataError(f"to_torch: no counterpart of {type(model).__name__}; expected modules of nn.")


def from_torch(model: Any) -> Module:
    """A module with the same weights as a `torch.nn.Module` made of sequences, layers and activations."""
    torch = extra("torch", "torch", "from_torch")
    nn = torch.nn
    name = type(model).__name__
    if name in SAME_NAME and isinstance(model, getattr(nn, name)):
        return _activation(model, name)
    match model:
        case nn.Sequential():
            return Sequential(*(from_torch(part) for part in model))
        case nn.Linear():
            return _taken(
                Linear(model.in_features, model.out_features, model.bias is not None, init="zeros"), model
            )
        case nn.LayerNorm() if (
            len(model.normalized_shape) == 1 and model.elementwise_affine and model.bias is not None
        ):
            return _taken(LayerNorm(model.normalized_shape[0], model.eps), model)
        case nn.Conv2d() if _is_plain(model):
            sizes = (
                model.in_channels,
                model.out_channels,
                model.kernel_size[0],
                model.stride[0],
                model.padding[0],
            )
            return _taken(Conv2d(*sizes, bias=model.bias is not None, init="zeros"), model)
        case nn.MaxPool2d() if isinstance(model.kernel_size, int) and not model.padding:
            return MaxPool2d(model.kernel_size, model.stride)
        case nn.Dropout():
            return Dropout(model.p)
        case nn.Flatten():
            return Flatten()
        case nn.Softmax():
            return a.Softmax()
        case nn.LogSoftmax():
            return a.LogSoftmax()
    if name in ("Concatenate", "Residual") and isinstance(model, _shapes()[name]):
        parts = [from_torch(part) for part in model.children()]
        return Residual(*parts) if name == "Residual" else Concatenate(*parts)
    raise DataError(
        f"from_torch: no counterpart of {model!r}; expected Sequential, Linear, activations and the like."
    )


def _activation(model: Any, name: str) -> Module:
    kind = SAME_NAME[name]
    return kind(**{setting: getattr(model, setting) for setting in kind().settings()})


def _is_plain(conv: Any) -> bool:
    square = all(len(set(pair)) == 1 for pair in (conv.kernel_size, conv.stride))
    padding = (
        not isinstance(conv.padding, str) and len(set(conv.padding)) == 1 and conv.padding_mode == "zeros"
    )
    return square and padding and conv.groups == 1 and set(conv.dilation) == {1}


def _linear(torch: Any, weight: Any, bias: Any) -> Any:
    linear = torch.nn.Linear(weight.shape[1], weight.shape[0], bias is not None, dtype=torch.float64)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor(weight))
        if bias is not None:
            linear.bias.copy_(torch.tensor(bias))
    return linear


def _filled(torch: Any, there: Any, here: Module) -> Any:
    with torch.no_grad():
        for name, weights in here.own_weights():
            getattr(there, name).copy_(torch.tensor(weights.array))
    return there


def _taken(here: Module, there: Any) -> Module:
    for name, weights in here.own_weights():
        weights.assign(getattr(there, name).detach().double().cpu().numpy())
    return here


def _flat(module: Any, nn: Any) -> Iterator[Any]:
    return iter(module) if isinstance(module, nn.Sequential) else iter([module])


@cache
def _shapes() -> dict[str, Any]:
    """The modules that PyTorch lacks."""
    torch = extra("torch", "torch", "to_torch")

    class Concatenate(torch.nn.Module):  # type: ignore[name-defined,misc]
        def __init__(self, *parts: Any) -> None:
            super().__init__()
            self.parts = torch.nn.ModuleList(parts)

        def forward(self, x: Any) -> Any:
            return torch.cat([part(x) for part in self.parts], dim=-1)

        def children(self) -> Any:
            return iter(self.parts)

    class Residual(torch.nn.Module):  # type: ignore[name-defined,misc]
        def __init__(self, block: Any) -> None:
            super().__init__()
            self.block = block

        def forward(self, x: Any) -> Any:
            return x + self.block(x)

    return {"Concatenate": Concatenate, "Residual": Residual}
