"""Convert models to PyTorch and back, with the same float64 weights (the extra `torch`).

What has no counterpart raises an error that names it: unsupported options and subclasses, hooks, partly
frozen tensors. Tied weights stay tied, frozen ones stay frozen.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, NoReturn

from autograd_core import AutogradError, DataError
from autograd_core.base import extra
from autograd_core.compile.emit import torch_function
from autograd_core.operations import Operation

from ..checks import brief
from ..modules import activations as a
from ..modules import images
from ..modules.activations import ACTIVATIONS, OF_LAYERS
from ..modules.compose import Concatenate, Flatten, Residual, Sequential
from ..modules.layers import MLP, Dropout, Layer, Linear, Neuron
from ..modules.module import Module, refuse_no_model
from ..modules.normalization import BatchNorm1d, LayerNorm
from ..modules.parameter import Buffer, Weights
from ..train.step_tracing import overlap

CONVOLUTIONS: dict[str, Callable[..., Module]] = {"Conv1d": images.Conv1d, "Conv2d": images.Conv2d}
POOLS: dict[str, Any] = {
    kind.__name__: kind for kind in (images.MaxPool1d, images.MaxPool2d, images.AvgPool1d, images.AvgPool2d)
}

SAME_NAME = {kind.__name__: kind for kind in a.Activation.__subclasses__()}
"""The activations by the name that both libraries share."""

HARMLESS = {
    "__init__", "__repr__", "extra_repr", "__doc__", "__module__", "__annotations__", "__constants__",
    "__firstlineno__", "__static_attributes__", "__annotate_func__", "__annotations_cache__",
}  # fmt: skip
"""What a subclass may override and still compute the same."""

HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


def to_torch(model: Module) -> Any:
    """Return a float64 `torch.nn.Module` with the same weights, which takes a batch of rows.

    Its `state_dict` has the names of `model.state_dict()` and of a file that `save` writes. A single output,
    a `Value` here, becomes a column. Raises `DataError` for what has no counterpart in PyTorch.
    """
    refuse_no_model(model, "to_torch")
    torch = extra("torch", "torch", "to_torch")
    if overlap(list(model.weights().values())):
        raise DataError("to_torch: some weights are in two arrays; PyTorch shares whole tensors only.")
    return _Writer(torch).written(model)


def from_torch(model: Any) -> Module:
    """Convert a `torch.nn.Module` made of sequences, layers and activations, with its weights.

    Raises `DataError` for what has no counterpart here.
    """
    return _Reader(extra("torch", "torch", "from_torch")).read(model)


def _base(kind: type, kinds: Any) -> Any:
    """Return the nearest base of a class in `kinds`, or None if the class overrides what it computes."""
    for i, base in enumerate(kind.__mro__):
        if base in kinds:
            changed = {name for each in kind.__mro__[:i] for name in vars(each) if hasattr(base, name)}
            return None if changed - HARMLESS else base
    return None


class _Writer:
    """Creates PyTorch's modules, each once."""

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        self.own: dict[str, Any] = modules(torch)
        self.made: dict[int, Any] = {}
        self.parameters: dict[int, Any] = {}

    def written(self, here: Module) -> Any:
        """Return the PyTorch module for a module of ours, with its weights."""
        if id(here) not in self.made:
            base = _base(type(here), WRITTEN)
            if base is None:
                raise DataError(f"to_torch: no counterpart of {type(here).__name__}; expected modules of nn.")
            there = WRITTEN[base](self, here)
            for name, weights in here.own_weights():
                if isinstance(weights, Buffer):
                    kind = getattr(there, name).dtype
                    setattr(there, name, self.torch.tensor(weights.array, dtype=kind))
                else:
                    setattr(there, name, self.parameter(weights, f"{type(here).__name__}.{name}"))
            there.training = here.training
            self.made[id(here)] = there
        return self.made[id(here)]

    def parameter(self, weights: Weights, name: str) -> Any:
        """Return the tensor for some weights: the same one if they are tied."""
        mask = weights.mask
        if mask.any() and not mask.all():
            raise DataError(f"to_torch: {name}: some numbers are frozen; PyTorch freezes whole tensors.")
        if weights.identity not in self.parameters:
            array = self.torch.tensor(weights.array)
            self.parameters[weights.identity] = self.torch.nn.Parameter(array, bool(mask.all()))
        found = self.parameters[weights.identity]
        if tuple(found.shape) != weights.shape:
            raise DataError(f"to_torch: {name}: part of other weights; PyTorch shares whole tensors only.")
        return found

    def all(self, here: list[Module]) -> list[Any]:
        """Convert several modules."""
        return [self.written(part) for part in here]

    def plain(self, here: Module, **options: Any) -> Any:
        """Return PyTorch's module with the same name and options."""
        return getattr(self.torch.nn, type(here).__name__)(**options)

    def softplus(self, here: a.Softplus) -> Any:
        """Convert a Softplus: beyond the threshold PyTorch returns x; at 50 that is equal in float64."""
        threshold = 50.0 if here.threshold is None else here.threshold
        return self.torch.nn.Softplus(here.beta, threshold)

    def convolution(self, here: Module) -> Any:
        """Return PyTorch's convolution with the same options."""
        return self.empty(getattr(self.torch.nn, type(here).__name__), **here.settings())

    def empty(self, kind: Any, *sizes: Any, **options: Any) -> Any:
        """Create a module without weights, which draws no random numbers."""
        return kind(*sizes, **options, dtype=self.torch.float64, device="meta")


WRITTEN: dict[type[Module], Callable[[_Writer, Any], Any]] = {
    **dict.fromkeys(SAME_NAME.values(), lambda to, here: _same(to, here)),
    a.Softplus: lambda to, here: to.softplus(here),
    a.Softmax: lambda to, here: to.torch.nn.Softmax(dim=-1),
    a.LogSoftmax: lambda to, here: to.torch.nn.LogSoftmax(dim=-1),
    a.PReLU: lambda to, here: to.empty(to.torch.nn.PReLU, **here.settings()),
    **dict.fromkeys((Flatten, Dropout, *POOLS.values()), lambda to, here: _same(to, here)),
    Neuron: lambda to, here: to.own["Neuron"](here.activation),
    Layer: lambda to, here: to.empty(to.own["Layer"], here.nin, here.nout, here.activation),
    MLP: lambda to, here: to.own["MLP"](to.all(here.layers)),
    Linear: lambda to, here: to.empty(to.torch.nn.Linear, **here.settings()),
    LayerNorm: lambda to, here: to.empty(to.torch.nn.LayerNorm, **here.settings()),
    BatchNorm1d: lambda to, here: to.empty(to.torch.nn.BatchNorm1d, **here.settings()),
    **dict.fromkeys((images.Conv1d, images.Conv2d), lambda to, here: to.convolution(here)),
    Sequential: lambda to, here: to.torch.nn.Sequential(*to.all(here.steps)),
    Concatenate: lambda to, here: to.own["Concatenate"](*to.all(here.parts)),
    Residual: lambda to, here: to.own["Residual"](to.written(here.block)),
}


def _same(to: _Writer, here: Module) -> Any:
    base = _base(type(here), WRITTEN)
    name = base.__name__
    return (to.own.get(name) or getattr(to.torch.nn, name))(**here.settings())


class _Reader:
    """Converts PyTorch's modules to ours, each once."""

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        own: dict[str, Any] = modules(torch)
        self.kinds = {own[name] if name in own else getattr(torch.nn, name): name for name in READ}
        self.made: dict[int, Module] = {}
        self.weights: dict[int, Weights] = {}
        self.branches = 0

    def read(self, there: Any) -> Module:
        """Return our module for a PyTorch module, with its weights."""
        if id(there) not in self.made:
            base = _base(type(there), self.kinds)
            if base is None or "forward" in vars(there):
                self.refuse(there)
            if any(getattr(there, hooks, None) for hooks in HOOKS):
                self.refuse(there, "it has hooks")
            if getattr(there, "inplace", False) and self.branches:
                self.refuse(there, "inplace=True would change the input that other branches share")
            try:
                here = READ[self.kinds[base]](self, there)
            except AutogradError as error:
                if isinstance(error, DataError):
                    raise
                self.refuse(there, str(error))
            self.take(here, there)
            here.training = there.training
            self.made[id(there)] = here
        return self.made[id(there)]

    def refuse(self, there: Any, why: str = "") -> NoReturn:
        """Raise because a module has no counterpart here."""
        raise DataError(
            f"from_torch: no counterpart of {str(there)[:200]}{': ' + why if why else ''}; "
            "expected Sequential, Linear, activations, and so on."
        )

    def need(self, there: Any, **expected: Any) -> None:
        """Raise unless each option has one of the supported values."""
        for name, values in expected.items():
            if getattr(there, name) not in values:
                self.refuse(there, f"{name}={getattr(there, name)!r}")

    def take(self, here: Module, there: Any) -> None:
        """Copy the weights; a tensor shared by two modules stays shared."""
        parameters = {name: p for name, p in there._parameters.items() if p is not None}
        own = dict(here.own_weights())
        buffers = {name: x for name, x in there._buffers.items() if x is not None}
        if set(own) != {*parameters, *buffers}:
            self.refuse(there, f"it has the tensors {brief([*parameters, *there._buffers])}")
        for name, p in parameters.items():
            if id(p) not in self.weights:
                if not self.torch.is_floating_point(p) or p.is_meta or p._backward_hooks:
                    self.refuse(there, f"{name} is a tensor of {p.dtype} on {p.device}, or has hooks")
                own[name].assign(p.detach().double().cpu().numpy())
                own[name].trainable = p.requires_grad
                self.weights[id(p)] = own[name]
            setattr(here, name, self.weights[id(p)])
        for name, x in buffers.items():
            own[name].assign(x.detach().double().cpu().numpy())

    def activation(self, there: Any, kind: type[a.Activation]) -> Module:
        """Convert an activation, with the options that ours has."""
        return kind(**{name: getattr(there, name) for name in kind.options or kind().settings()})

    def softplus(self, there: Any) -> Module:
        """Convert a Softplus; beyond 37 the threshold makes no difference in float64."""
        return a.Softplus(there.beta, None if there.threshold >= 37.0 else there.threshold)

    def softmax(self, there: Any, kind: Callable[[], Module]) -> Module:
        self.need(there, dim=(-1, 1))
        return kind()

    def layer_norm(self, there: Any) -> Module:
        if len(there.normalized_shape) != 1:
            self.refuse(there)
        affine, bias = there.weight is not None, there.bias is not None
        return LayerNorm(there.normalized_shape[0], there.eps, affine, bias or not affine)

    def batch_norm(self, there: Any) -> Module:
        self.need(there, track_running_stats=(True,))
        return BatchNorm1d(there.num_features, there.eps, there.momentum, there.affine)

    def conv(self, there: Any, kind: str) -> Module:
        self.need(there, padding_mode=("zeros",))
        names = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups")
        options: dict[str, Any] = {name: getattr(there, name) for name in names}
        return CONVOLUTIONS[kind](**options, bias=there.bias is not None, init="zeros")

    def pool(self, there: Any, kind: str) -> Module:
        zero, one = (0, (0,), (0, 0)), (1, (1,), (1, 1))
        self.need(there, padding=zero, ceil_mode=(False,))
        if kind.startswith("Max"):
            self.need(there, dilation=one, return_indices=(False,))
        elif getattr(there, "divisor_override", None) is not None:
            self.need(there, divisor_override=(None,))
        pool: Module = POOLS[kind](there.kernel_size, there.stride)
        return pool

    def flatten(self, there: Any) -> Module:
        self.need(there, start_dim=(1,), end_dim=(-1,))
        return Flatten()

    def linear(self, there: Any) -> Module:
        return Linear(there.in_features, there.out_features, there.bias is not None, init="zeros")

    def layer(self, there: Any) -> Module:
        sizes = there.in_features, there.out_features
        return Layer(*sizes, activation=there.activation, init="zeros")

    def mlp(self, there: Any) -> Module:
        layers = [layer for layer in map(self.read, there.layers) if isinstance(layer, Layer)]
        if len(layers) != len(there.layers):
            self.refuse(there)
        mlp = MLP(layers[0].nin, [layer.nout for layer in layers], init="zeros")
        mlp.layers = layers
        return mlp

    def branched(self, there: Any, kind: Callable[..., Module]) -> Module:
        """Convert a module that passes its input to several others."""
        self.branches += 1
        parts = [self.read(part) for part in there.children()]
        self.branches -= 1
        return kind(*parts)


READ: dict[str, Callable[[_Reader, Any], Module]] = {
    **{name: lambda of, there, kind=kind: of.activation(there, kind) for name, kind in SAME_NAME.items()},  # type: ignore[misc]
    "Softplus": _Reader.softplus,
    "Softmax": lambda of, there: of.softmax(there, a.Softmax),
    "LogSoftmax": lambda of, there: of.softmax(there, a.LogSoftmax),
    "PReLU": lambda of, there: a.PReLU(there.num_parameters, there.init),
    "Dropout": lambda of, there: Dropout(there.p),
    "Flatten": _Reader.flatten,
    "Linear": _Reader.linear,
    "LayerNorm": _Reader.layer_norm,
    "BatchNorm1d": _Reader.batch_norm,
    **{name: lambda of, there, kind=name: of.conv(there, kind) for name in CONVOLUTIONS},  # type: ignore[misc]
    **{name: lambda of, there, kind=name: of.pool(there, kind) for name in POOLS},  # type: ignore[misc]
    "Sequential": lambda of, there: Sequential(*[of.read(part) for part in there._modules.values()]),
    "Neuron": lambda of, there: Neuron(len(there.weight), activation=there.activation, init="zeros"),
    "Layer": _Reader.layer,
    "MLP": _Reader.mlp,
    "Concatenate": lambda of, there: of.branched(there, Concatenate),
    "Residual": lambda of, there: of.branched(there, Residual),
}


@cache
def modules(torch: Any) -> dict[str, Any]:
    """Define the classes that need PyTorch to be installed."""
    functions = {row.name: torch_function(row) for row in ACTIVATIONS}
    functions["identity"] = lambda x: x
    functions |= {name: partial(getattr(torch, name), dim=-1) for name in OF_LAYERS}

    class Neuron(torch.nn.Module):  # type: ignore[misc]
        """A neuron whose output is a column."""

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
        """Concatenates numbers or, for images, channels."""

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
    """Define an activation that PyTorch lacks, with the row's other arguments as attributes."""
    function, options = torch_function(row), row.names[1:]

    def __init__(self: Any, **given: float) -> None:
        torch.nn.Module.__init__(self)
        vars(self).update(given)

    def forward(self: Any, x: Any) -> Any:
        return function(x, *[getattr(self, name) for name in options])

    return type(row.module, (torch.nn.Module,), {"__init__": __init__, "forward": forward})
