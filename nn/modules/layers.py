"""Layers: `Neuron`, `Layer`, `MLP`, `Linear`, `LayerNorm` and `Dropout`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autograd_core import DataValueError, Value, dot, equal, mean, sqrt, square, where
from autograd_core import max as largest
from autograd_core.base import elements

from ..checks import brief, flag, generator, listed, number_of, rate, size, sizes, vector
from .activations import FUNCTIONS, OF_LAYERS, activation_name, display_name
from .init import initial
from .module import Module
from .weights import Weights, block_of, current, items_of

if TYPE_CHECKING:
    from ..types import Activation, Numbers, Seed


class Neuron(Module):
    """A weighted sum of the inputs plus a bias, passed through an activation: f(w·x + b).

    `w` and `b` are its parameters; setting them (`neuron.w = [1, -1]`) sets their numbers. `nonlin=False` is
    micrograd's way of saying `activation="identity"`.

    >>> neuron = Neuron(2, activation="sigmoid")
    >>> neuron.w, neuron.b = [20.0, 20.0], -30.0
    >>> round(neuron([1, 1]).data, 3), neuron
    (1.0, SigmoidNeuron(2))
    """

    def __init__(
        self,
        nin: int,
        nonlin: bool = True,
        activation: Activation = "relu",
        *,
        init: str = "auto",
        rng: Seed = None,
    ) -> None:
        self.nin = size(nin, "Neuron", "nin")
        self.activation = activation_name(activation if flag(nonlin, "Neuron", "nonlin") else None, "Neuron")
        self.weight = initial((self.nin,), init, self.activation, rng, "Neuron")
        self.bias = Weights.filled((), 0.0)

    @classmethod
    def _of_layer(cls, layer: Layer, row: int) -> Neuron:
        """A layer's neuron, which shares its parameters."""
        neuron = cls.__new__(cls)
        neuron.nin, neuron.activation = layer.nin, layer.of_each
        neuron.weight = Weights.around(layer.weight.rows[row])
        neuron.bias = Weights.around([layer.bias.values[row]], ())
        return neuron

    @property
    def w(self) -> tuple[Value, ...]:
        """The weights, one for each input."""
        return tuple(self.weight.values)

    @w.setter
    def w(self, numbers: Sequence[float]) -> None:
        self.weight.assign(
            [number_of(x) for x in elements(numbers, "Neuron.w", "numbers", "a list of numbers")]
        )

    @property
    def b(self) -> Value:
        """The bias."""
        return self.bias.values[0]

    @b.setter
    def b(self, number: float) -> None:
        self.b.data = number_of(number)

    @property
    def nonlin(self) -> bool:
        """Whether it has an activation."""
        return self.activation != "identity"

    def __call__(self, x: Numbers) -> Value:
        return self._respond(vector(x, self.nin, self))

    def _respond(self, x: list[Value]) -> Value:
        """The output for inputs that are known to be `Value`s, and as many as there are weights."""
        if (block := block_of(self.weight)) is not None:
            return FUNCTIONS[self.activation](block.dots(x)[0] + items_of(self.bias)[0])  # type: ignore[no-any-return]
        return FUNCTIONS[self.activation](dot(self.weight.values, x) + self.b)  # type: ignore[no-any-return]

    def settings(self) -> dict[str, Any]:
        return {"nin": self.nin, "activation": self.activation}

    def __repr__(self) -> str:
        return f"{display_name(self.activation)}Neuron({self.nin})"


class Layer(Module):
    """Neurons side by side. One neuron gives a `Value`, several a list.

    `weight` has a row for each neuron and `bias` a number; `neurons` shows the same parameters one by one.
    The activation can also be "softmax" or "log_softmax", which are functions of all neurons together.

    >>> layer = Layer(2, 3, activation="tanh", rng=0)
    >>> len(layer([1.0, 2.0])), layer.neurons[0]
    (3, TanhNeuron(2))
    """

    _part = "neuron"

    def __init__(
        self,
        nin: int,
        nout: int,
        nonlin: bool = True,
        activation: Activation = "relu",
        *,
        init: str = "auto",
        rng: Seed = None,
    ) -> None:
        self.nin, self.nout = size(nin, "Layer", "nin"), size(nout, "Layer", "nout")
        activation = activation if flag(nonlin, "Layer", "nonlin") else None
        self.activation = activation_name(activation, "Layer", {**FUNCTIONS, **OF_LAYERS})
        self.weight = initial((self.nout, self.nin), init, self.activation, rng, "Layer")
        self.bias = Weights.filled((self.nout,), 0.0)
        self._neurons: list[Neuron] | None = None

    @property
    def of_each(self) -> str:
        """The activation of each neuron by itself."""
        return "identity" if self.activation in OF_LAYERS else self.activation

    @property
    def neurons(self) -> list[Neuron]:
        """The neurons, which share the layer's parameters."""
        if self._neurons is None:
            self._neurons = [Neuron._of_layer(self, row) for row in range(self.nout)]
        return self._neurons

    def __call__(self, x: Numbers) -> Any:
        x = vector(x, self.nin, self)
        if (block := block_of(self.weight)) is not None:
            sums = [a + b for a, b in zip(block.dots(x), items_of(self.bias), strict=True)]
            out = [FUNCTIONS[self.of_each](a) for a in sums]
        else:
            out = [neuron._respond(x) for neuron in self.neurons]
        if self.activation in OF_LAYERS:
            return OF_LAYERS[self.activation](out)
        return out[0] if len(out) == 1 else out

    def settings(self) -> dict[str, Any]:
        return {"nin": self.nin, "nout": self.nout, "activation": self.activation}

    def __repr__(self) -> str:
        return f"Layer({self.nin}, {self.nout}, activation={self.activation!r})"


class MLP(Module):
    """A multilayer perceptron: layers one after the other, `nouts` their sizes.

    The hidden layers have `activation`, the last has `out_activation`, such as "softmax". One output gives a
    `Value`, several a list. Initial weights come from `rng`, a `numpy.random.Generator` or a seed: He's for
    rectifiers, Xavier's for others, unless `init` names another way.

    >>> model = MLP(2, [16, 16, 1], rng=0)
    >>> len(model.parameters()), type(model([1.0, -2.0])).__name__
    (337, 'Value')
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: Activation = "relu",
        out_activation: Activation = "linear",
        *,
        init: str = "auto",
        rng: Seed = None,
    ) -> None:
        shape = [size(nin, "MLP", "nin"), *sizes(nouts, "MLP", "nouts")]
        rng, activation = generator(rng, "MLP"), activation_name(activation, "MLP")
        each = [activation] * (len(shape) - 2) + [out_activation]
        self.layers = [
            Layer(shape[i], shape[i + 1], activation=f, init=init, rng=rng) for i, f in enumerate(each)
        ]

    def __call__(self, x: Numbers) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x

    def settings(self) -> dict[str, Any]:
        first, last = self.layers[0], self.layers[-1]
        return {
            "nin": first.nin,
            "nouts": [layer.nout for layer in self.layers],
            "activation": first.activation,
            "out_activation": last.activation,
        }


class Linear(Module):
    """The matrix product MM(x) = W x + b, without an activation. Its output is always a list.

    >>> sum = Linear(2, 1, bias=False)
    >>> sum.load_state_dict({"weight": [[1.0, 1.0]]})
    >>> sum([2, 3])[0].data
    5.0
    """

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, *, init: str = "auto", rng: Seed = None
    ) -> None:
        self.in_features = size(in_features, "Linear", "in_features")
        self.out_features = size(out_features, "Linear", "out_features")
        shape = (self.out_features, self.in_features)
        self.weight = initial(shape, init, "identity", rng, "Linear")
        self.bias = Weights.filled((self.out_features,), 0.0) if flag(bias, "Linear", "bias") else None

    def __call__(self, x: Numbers) -> list[Value]:
        x = vector(x, self.in_features, self)
        block = block_of(self.weight)
        sums = [dot(row, x) for row in self.weight.rows] if block is None else block.dots(x)
        if self.bias is None:
            return sums
        return [a + b for a, b in zip(sums, items_of(self.bias), strict=True)]

    def settings(self) -> dict[str, Any]:
        return {
            "in_features": self.in_features,
            "out_features": self.out_features,
            "bias": self.bias is not None,
        }

    def __repr__(self) -> str:
        named = ", ".join(f"{name}={value!r}" for name, value in self.settings().items())
        return f"Linear({named})"


class LayerNorm(Module):
    """Shifts and scales the n numbers of an example to mean 0 and variance 1, then by γ and β.

    σ² = mean((z - μ)²) + eps, so that equal inputs, whose variance is 0, give β and no division by zero. γ is
    `weight`, β is `bias` (Ba, Kiros and Hinton, 2016).

    >>> [round(v.data, 3) for v in LayerNorm(3)([1.0, 2.0, 3.0])]
    [-1.225, 0.0, 1.225]
    """

    def __init__(self, normalized_shape: int, eps: float = 1e-5) -> None:
        self.n = size(normalized_shape, "LayerNorm", "normalized_shape")
        self.eps = rate(eps, "LayerNorm", "eps", closed=False)
        self.weight = Weights.filled((self.n,), 1.0)
        self.bias = Weights.filled((self.n,), 0.0)

    def __call__(self, x: Numbers) -> list[Value]:
        z = vector(x, self.n, "LayerNorm")
        mu = mean(z)
        centered = [v - mu for v in z]
        sigma = sqrt(mean([square(c) for c in centered]) + self.eps)
        return [
            beta + gamma * (c / sigma)
            for c, gamma, beta in zip(centered, self.weight.values, self.bias.values, strict=True)
        ]

    def settings(self) -> dict[str, Any]:
        return {"normalized_shape": self.n, "eps": self.eps}


class Dropout(Module):
    """Sets each number to 0 with probability p while training, and scales the others by 1 / (1 - p).

    In evaluation mode it passes its input on. The mask comes from `rng`; without one, `fit(seed=...)` gives
    it a generator (Srivastava et al., 2014).

    >>> dropout = Dropout(0.5, rng=0)
    >>> [v.data for v in dropout([1.0, 1.0, 1.0, 1.0])]
    [2.0, 0.0, 0.0, 0.0]
    >>> [v.data for v in dropout.eval()([1.0, 1.0])]
    [1.0, 1.0]
    """

    def __init__(self, p: float = 0.5, *, rng: Seed = None) -> None:
        self.p = rate(p, "Dropout", "p", high=1.0, including=True)
        self.own_rng = rng is not None
        self.rng = generator(rng, "Dropout")

    def __call__(self, x: Numbers) -> list[Value]:
        values = listed(x, "Dropout")
        values = vector(values, len(values), "Dropout")
        if not self.training or self.p == 0.0:
            return values
        kept = (self.rng.random(len(values)) >= self.p).tolist()
        scale = 1.0 / (1.0 - self.p) if self.p < 1.0 else 0.0
        return [v * (scale if keep else 0.0) for v, keep in zip(values, kept, strict=True)]

    @property
    def eager_because(self) -> str:
        return "Dropout draws anew for each example" if self.training and self.p else ""

    def settings(self) -> dict[str, Any]:
        return {"p": self.p}


Image = list[list[list[Value]]]


class Conv2d(Module):
    """The same small weighted sum at every place of an image: a layer whose neurons share their weights.

    The input has shape (channels, height, width), the output (out_channels, h, w) with
    h = (height + 2 padding - kernel_size) // stride + 1. `weight` has shape (out, in, kernel, kernel).

    >>> blur = Conv2d(1, 1, 2, bias=False)
    >>> blur.load_state_dict({"weight": [[[[0.25, 0.25], [0.25, 0.25]]]]})
    >>> blur([[[1, 3], [5, 7]]])[0][0][0].data
    4.0
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
        bias: bool = True,
        *,
        init: str = "auto",
        rng: Seed = None,
    ) -> None:
        self.in_channels = size(in_channels, "Conv2d", "in_channels")
        self.out_channels = size(out_channels, "Conv2d", "out_channels")
        self.kernel_size = size(kernel_size, "Conv2d", "kernel_size")
        self.stride, self.padding = size(stride, "Conv2d", "stride"), size(padding, "Conv2d", "padding", 0)
        shape = (self.out_channels, self.in_channels, self.kernel_size, self.kernel_size)
        self.weight = initial(shape, init, "relu", rng, "Conv2d")
        self.bias = Weights.filled((self.out_channels,), 0.0) if flag(bias, "Conv2d", "bias") else None

    def __call__(self, x: Numbers) -> Image:
        padded = pad(image(x, "Conv2d", self.in_channels), self.padding)
        patches = windows(padded, self.kernel_size, self.stride, "Conv2d")
        biases: Sequence[Value | float] = (
            self.bias.values if self.bias is not None else [0.0] * self.out_channels
        )
        return [
            [[dot(kernel, [v for part in patch for v in part]) + b for patch in row] for row in patches]
            for kernel, b in zip(self.weight.rows, biases, strict=True)
        ]

    def settings(self) -> dict[str, Any]:
        names = ("in_channels", "out_channels", "kernel_size", "stride", "padding")
        return {name: getattr(self, name) for name in names} | {"bias": self.bias is not None}


class _Pool(Module):
    """One number for every window, channel by channel."""

    def __init__(self, kernel_size: int, stride: int | None = None) -> None:
        who = type(self).__name__
        self.kernel_size = size(kernel_size, who, "kernel_size")
        self.stride = self.kernel_size if stride is None else size(stride, who, "stride")

    def _pooled(self, window: list[Value]) -> Value:
        raise NotImplementedError

    def __call__(self, x: Numbers) -> Image:
        channels = image(x, type(self).__name__)
        patches = windows(channels, self.kernel_size, self.stride, type(self).__name__)
        return [[[self._pooled(patch[c]) for patch in row] for row in patches] for c in range(len(channels))]

    def settings(self) -> dict[str, Any]:
        return {"kernel_size": self.kernel_size, "stride": self.stride}


class MaxPool2d(_Pool):
    """The largest number of every window, channel by channel. The gradient goes to the first of equals."""

    def _pooled(self, window: list[Value]) -> Value:
        return first_largest(window)


class AvgPool2d(_Pool):
    """The mean of every window, channel by channel."""

    def _pooled(self, window: list[Value]) -> Value:
        average: Value = mean(window)
        return average


def first_largest(window: list[Value]) -> Value:
    """The largest of several numbers, whose gradient goes to the first that attains it, as in PyTorch.

    `max` shares it out among equals; without any, that is the same.
    """
    top: Value = largest(window)
    if current() is None and sum(v.data == top.data for v in window) < 2:
        return top
    chosen = top
    for v in reversed(window):
        chosen = where(equal(v, top), v, chosen)
    return chosen


def image(x: Any, who: str, channels: int | None = None) -> Image:
    """Nested lists of numbers as nested lists of `Value`s, rectangular and of that many channels."""
    x = x.tolist() if hasattr(x, "tolist") else x
    if not (isinstance(x, (list, tuple)) and x and all(isinstance(c, (list, tuple)) and c for c in x)):
        raise DataValueError(f"{who}: not an image: got {brief(x)}; expected channels of rows of numbers.")
    if channels is not None and len(x) != channels:
        raise DataValueError(f"{who}: wrong number of channels: expected {channels}, got {len(x)}.")
    shapes = {(len(c), len(row) if isinstance(row, (list, tuple)) else -1) for c in x for row in c}
    if len(shapes) != 1 or -1 in next(iter(shapes)):
        raise DataValueError(
            f"{who}: not a rectangular image; expected channels of one shape, rows of one length."
        )
    width = len(x[0][0])
    return [[vector(list(row), width, who) for row in channel] for channel in x]


def pad(channels: Image, padding: int) -> Image:
    """Zeros on all four sides."""
    if not padding:
        return channels
    zero = Value(0.0, requires_grad=False)
    side, width = [zero] * padding, len(channels[0][0]) + 2 * padding
    border = [[zero] * width for _ in range(padding)]
    return [[*border, *(side + row + side for row in channel), *border] for channel in channels]


def windows(channels: Image, kernel: int, stride: int, who: str) -> list[list[list[list[Value]]]]:
    """For each place of a kernel, and each channel, the numbers under it."""
    height, width = len(channels[0]), len(channels[0][0])
    if min(height, width) < kernel:
        raise DataValueError(
            f"{who}: the image is {height} × {width}; expected at least {kernel} × {kernel}."
        )
    return [
        [
            [[v for row in c[i : i + kernel] for v in row[j : j + kernel]] for c in channels]
            for j in range(0, width - kernel + 1, stride)
        ]
        for i in range(0, height - kernel + 1, stride)
    ]
