"""Convolutions and pooling for images (channels, height, width) and sequences (channels, length)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from autograd_core import DataValueError, Value, dot, equal, mean, where
from autograd_core import max as largest

from ..checks import brief, flag, known, size, vector
from .init import initial
from .module import Module
from .parameter import Weights
from .tracing_context import current

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..types import Numbers, Seed

Image = list[list[list[Value]]]
Sizes = int | tuple[int, ...]
Signals = list[list[Value]]
Pair = tuple[int, int]
OutputT = TypeVar("OutputT")


class _OfImages(Module, Generic[OutputT]):
    """A layer for images or, with one axis, for sequences, which are images with one row."""

    axes = 2

    def _image(self, x: Any, channels: int | None = None) -> Image:
        who = type(self).__name__
        if self.axes == 2:
            return image(x, who, channels)
        x = x.tolist() if hasattr(x, "tolist") else x
        if not (isinstance(x, (list, tuple)) and x and all(isinstance(c, (list, tuple)) and c for c in x)):
            raise DataValueError(f"{who}: not a sequence: got {brief(x)}; expected channels of numbers.")
        return image([[channel] for channel in x], who, channels)

    def _pair(self, sizes: Sizes, of_one_row: int = 1) -> Pair:
        """Return a size for rows and one for columns."""
        if isinstance(sizes, int):
            return (sizes if self.axes == 2 else of_one_row), sizes
        return sizes[0], sizes[1]

    def _sizes(self, x: Any, name: str, at_least: int = 1) -> Sizes:
        """Return one number for all axes, or one for each."""
        who = type(self).__name__
        if not isinstance(x, (tuple, list)) or len(x) != self.axes:
            return size(x, who, name, at_least)
        each = tuple(size(n, who, f"{name}[{i}]", at_least) for i, n in enumerate(x))
        return each[0] if len(set(each)) == 1 else each

    def _windows(self, channels: Image, kernel: Sizes, stride: Sizes, dilation: Sizes = 1) -> Any:
        """Return, for each position of the kernel and each channel, the numbers under it."""
        found, starts = (len(channels[0]), len(channels[0][0])), []
        steps = [self._pair(sizes) for sizes in (kernel, stride, dilation)]
        reach = [d * (k - 1) + 1 for k, _, d in zip(*steps, strict=True)]
        if any(n < needed for n, needed in zip(found, reach, strict=True)):
            got, expected = (" × ".join(map(str, x[-self.axes :])) for x in (found, reach))
            raise DataValueError(
                f"{type(self).__name__}: too small: got {got}; expected at least {expected}."
            )
        for n, needed, (_, step, d) in zip(found, reach, zip(*steps, strict=True), strict=True):
            starts.append([range(i, i + needed, d) for i in range(0, n - needed + 1, step)])
        return [
            [[[c[i][j] for i in rows for j in columns] for c in channels] for columns in starts[1]]
            for rows in starts[0]
        ]

    def _outputs(self, channels: Image) -> OutputT:
        found: Any = channels if self.axes == 2 else [rows[0] for rows in channels]
        return found  # type: ignore[no-any-return]


class _Convolution(_OfImages[OutputT]):
    """A layer whose neurons share their weights: one weighted sum at every position."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes | str = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        init: str = "auto",
        rng: Seed = None,
    ) -> None:
        who = type(self).__name__
        self.in_channels = size(in_channels, who, "in_channels")
        self.out_channels = size(out_channels, who, "out_channels")
        self.kernel_size, self.stride = self._sizes(kernel_size, "kernel_size"), self._sizes(stride, "stride")
        named = isinstance(padding, str)
        self.padding: Sizes | str = (
            known(padding, ("same", "valid"), who, "padding") if named else self._sizes(padding, "padding", 0)
        )
        self.dilation, self.groups = self._sizes(dilation, "dilation"), size(groups, who, "groups")
        if self.padding == "same" and self.stride != 1:
            raise DataValueError(f"{who}: padding = 'same' with stride = {stride}; expected a stride of 1.")
        if self.in_channels % self.groups or self.out_channels % self.groups:
            raise DataValueError(
                f"{who}: groups = {groups}; expected a divisor of in_channels = {in_channels} and of "
                f"out_channels = {out_channels}."
            )
        kernel = self._pair(self.kernel_size)[-self.axes :]
        shape = (self.out_channels, self.in_channels // self.groups, *kernel)
        self.weight = initial(shape, init, "relu", rng, who)
        self.bias = Weights.filled((self.out_channels,), 0.0) if flag(bias, who, "bias") else None

    def __call__(self, x: Numbers) -> OutputT:
        padded = pad(self._image(x, self.in_channels), self._sides())
        patches = self._windows(padded, self.kernel_size, self.stride, self.dilation)
        biases: Sequence[Value | float] = (
            self.bias.values if self.bias is not None else [0.0] * self.out_channels
        )
        n = self.in_channels // self.groups
        seen = [
            [[[v for part in patch[i : i + n] for v in part] for patch in row] for row in patches]
            for i in range(0, self.in_channels, n)
        ]
        each = self.out_channels // self.groups
        return self._outputs([
            [[dot(kernel, patch) + b for patch in row] for row in seen[k // each]]
            for k, (kernel, b) in enumerate(zip(self.weight.rows, biases, strict=True))
        ])  # fmt: skip

    def _sides(self) -> tuple[Pair, Pair]:
        """Return how many zeros to pad before and after, along rows and columns."""
        if isinstance(self.padding, str):
            same = self.padding == "same"
            steps = zip(self._pair(self.kernel_size), self._pair(self.dilation), strict=True)
            rows, columns = (d * (k - 1) * same for k, d in steps)
            return (rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2)
        rows, columns = self._pair(self.padding, 0)
        return (rows, rows), (columns, columns)

    def settings(self) -> dict[str, Any]:
        names = ["in_channels", "out_channels", "kernel_size", "stride", "padding"]
        names += [name for name in ("dilation", "groups") if getattr(self, name) != 1]
        return {name: getattr(self, name) for name in names} | {"bias": self.bias is not None}


class Conv2d(_Convolution[Image]):
    """The same small weighted sum at every position of an image: a layer whose neurons share their weights.

    The input has shape (channels, height, width), the output (out_channels, h, w) with
    h = (height + 2 padding - dilation (kernel_size - 1) - 1) // stride + 1. Each size is a number or a pair;
    `padding="same"` keeps height and width, "valid" is 0. Each of the `groups` sees its part of the channels.
    `weight` has shape (out, in / groups, kernel, kernel).

    >>> blur = Conv2d(1, 1, 2, bias=False)
    >>> blur.load_state_dict({"weight": [[[[0.25, 0.25], [0.25, 0.25]]]]})
    >>> blur([[[1, 3], [5, 7]]])[0][0][0].data
    4.0
    """


class Conv1d(_Convolution[Signals]):
    """The same small weighted sum at every position of a sequence of shape (channels, length).

    Options are those of `Conv2d`, with a number for each size. `weight` is (out, in / groups, kernel).

    >>> slope = Conv1d(1, 1, 2, bias=False)
    >>> slope.load_state_dict({"weight": [[[-1.0, 1.0]]]})
    >>> [y.data for y in slope([[1, 4, 9]])[0]]
    [3.0, 5.0]
    """

    axes = 1


class _Pool(_OfImages[OutputT]):
    """One number for every window, channel by channel."""

    def __init__(self, kernel_size: Sizes, stride: Sizes | None = None) -> None:
        self.kernel_size = self._sizes(kernel_size, "kernel_size")
        self.stride = self.kernel_size if stride is None else self._sizes(stride, "stride")

    def _pooled(self, window: list[Value]) -> Value:
        raise NotImplementedError

    def __call__(self, x: Numbers) -> OutputT:
        channels = self._image(x)
        patches = self._windows(channels, self.kernel_size, self.stride)
        pooled = [
            [[self._pooled(patch[c]) for patch in row] for row in patches] for c in range(len(channels))
        ]
        return self._outputs(pooled)

    def settings(self) -> dict[str, Any]:
        return {"kernel_size": self.kernel_size, "stride": self.stride}


class _MaxPool(_Pool[OutputT]):
    def _pooled(self, window: list[Value]) -> Value:
        return first_largest(window)


class _AvgPool(_Pool[OutputT]):
    def _pooled(self, window: list[Value]) -> Value:
        average: Value = mean(window)
        return average


class MaxPool2d(_MaxPool[Image]):
    """The largest number of every window, channel by channel. The gradient goes to the first, if tied."""


class AvgPool2d(_AvgPool[Image]):
    """The mean of every window, channel by channel."""


class MaxPool1d(_MaxPool[Signals]):
    """The largest number of every window of a sequence, channel by channel."""

    axes = 1


class AvgPool1d(_AvgPool[Signals]):
    """The mean of every window of a sequence, channel by channel."""

    axes = 1


def first_largest(window: list[Value]) -> Value:
    """Return the largest of several numbers, whose gradient goes to the first if tied, as in PyTorch.

    `max` divides the gradient among tied numbers; without ties the two agree.
    """
    top: Value = largest(window)
    if current() is None and sum(v.data == top.data for v in window) < 2:
        return top
    chosen = top
    for v in reversed(window):
        chosen = where(equal(v, top), v, chosen)
    return chosen


def image(x: Any, who: str, channels: int | None = None) -> Image:
    """Convert nested lists of numbers to `Value`s; check the shape and the number of channels."""
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


def pad(channels: Image, sides: tuple[Pair, Pair]) -> Image:
    """Pad with zeros on all four sides: above and below, left and right."""
    (above, below), (left, right) = sides
    if not (above or below or left or right):
        return channels
    zero = Value(0.0, requires_grad=False)
    empty = [zero] * (left + len(channels[0][0]) + right)
    return [
        [*[empty] * above, *([zero] * left + row + [zero] * right for row in channel), *[empty] * below]
        for channel in channels
    ]
