"""Convolution and pooling on images, which are nested lists: channels of rows of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autograd_core import DataValueError, Value, dot, equal, where
from autograd_core import max as largest

from ..checks import brief, flag, size, vector
from .init import initial
from .module import Module
from .tracing import current
from .weights import Weights

if TYPE_CHECKING:
    from ..types import Numbers, Seed

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


class MaxPool2d(Module):
    """The largest number of every window, channel by channel. The gradient goes to the first of equals."""

    def __init__(self, kernel_size: int, stride: int | None = None) -> None:
        self.kernel_size = size(kernel_size, "MaxPool2d", "kernel_size")
        self.stride = self.kernel_size if stride is None else size(stride, "MaxPool2d", "stride")

    def __call__(self, x: Numbers) -> Image:
        channels = image(x, "MaxPool2d")
        patches = windows(channels, self.kernel_size, self.stride, "MaxPool2d")
        return [[[first_largest(patch[c]) for patch in row] for row in patches] for c in range(len(channels))]

    def settings(self) -> dict[str, Any]:
        return {"kernel_size": self.kernel_size, "stride": self.stride}


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
