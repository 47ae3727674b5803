"""`Weights`: an array of trainable numbers, seen by scalar code as `Value`s and by array code as one array.

A model of 669,706 parameters is 5 MB as arrays and 120 MB as `Value`s. So the numbers start as one NumPy
array, and `Value`s are created when scalar code first asks for them. The numbers always have exactly one
owner: at first the array; from then on the `Value`s, from which `array` is gathered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from math import prod
from typing import TYPE_CHECKING, Any, NoReturn

from autograd_core import DataError, DataValueError, Value
from autograd_core.base import elements, floats_of, np, real, restoring, shown, whole_number
from autograd_core.graph import Origin, name_parameter, own
from autograd_core.kernel import hooked

from ..checks import ChecksOptions
from .tracing_context import block_of

if TYPE_CHECKING:
    from ..types import Array, ArrayLike, Floats, Mask


class Weights(ChecksOptions):
    """An array of trainable float64 numbers.

    >>> weights = Weights([[1.0, 2.0], [3.0, 4.0]])
    >>> weights.values[2].data = 5.0
    >>> weights.array.tolist()
    [[1.0, 2.0], [5.0, 4.0]]
    """

    __slots__ = (
        "_apart", "_array", "_gradient", "_name", "_origin", "_rows", "_trainable", "_values", "shape"
    )  # fmt: skip

    def __init__(self, numbers: ArrayLike) -> None:
        array = _read_only(numbers)
        self.shape: tuple[int, ...] = array.shape
        self._array: Array | None = array
        self._gradient: Array | None = None
        self._values: list[Value] | None = None
        self._rows: list[list[Value]] | None = None
        self._apart: Array | None = None
        self._trainable = True
        self._name = ""
        self._origin: Origin | None = None

    @classmethod
    def filled(cls, shape: tuple[int, ...], number: float) -> Weights:
        """Create weights that all equal one number."""
        left = _allowance.get()
        if left is None:
            whole = elements(shape, "Weights.filled", "shape", "a tuple of sizes")
            axes = [whole_number(n, "Weights.filled", f"shape[{i}]", 0) for i, n in enumerate(whole)]
            return cls(np.full(axes, real(number, "Weights.filled: number")))
        left.spend(shape)
        weights = cls(number)
        weights.shape, weights._array = shape, np.broadcast_to(weights.array, shape)
        return weights

    @classmethod
    def around(cls, values: Sequence[Value], shape: tuple[int, ...] | None = None) -> Weights:
        """Create weights from existing `Value`s."""
        values = elements(values, "Weights.around", "values", "Values")
        if not {*map(type, values)} <= {Value} and not all(isinstance(v, Value) for v in values):
            raise DataError(f"Weights.around: not Values: got {shown(values)}; expected Values.")
        if shape is not None and (not isinstance(shape, tuple) or prod(shape) != len(values)):
            raise DataValueError(
                f"Weights.around: wrong shape: got {shown(shape)}; expected one for {len(values)} numbers."
            )
        weights = cls.__new__(cls)
        weights.shape = (len(values),) if shape is None else shape
        weights._array = weights._gradient = weights._rows = weights._apart = None
        weights._values = values
        weights._trainable = True
        weights._name, weights._origin = "", None
        return weights

    @classmethod
    def apart(cls, values: Sequence[Value]) -> Weights:
        """Create weights from `Value`s that are `reached` separately unless they are of one array."""
        weights = cls.around(values)
        values = weights.values
        arrays = [v._label if isinstance(v._label, Origin) else v for v in values]
        weights._apart = np.unique([id(array) for array in arrays], return_inverse=True)[1]
        return weights

    @property
    def values(self) -> list[Value]:
        """One `Value` for each number, row by row; created on first access and never replaced."""
        if self._values is None:
            numbers = self.array.ravel().tolist()
            values = [Value(x, requires_grad=self._trainable) for x in numbers]
            if self._gradient is not None:
                _set_gradients(values, self._gradient)
            self._origin = own(values, self.shape)
            self._origin.name = self._name
            self._values, self._array, self._gradient = values, None, None
        return self._values

    @values.setter
    def values(self, numbers: NoReturn) -> None:
        _refuse_setting("values")

    def _called(self, name: str) -> None:
        """Name the numbers, unless they have a longer name that ends in this one, from a larger model."""
        if self._name.endswith(name):
            return
        self._name = name
        if self._origin is not None:
            self._origin.name = name
        if self._values and self._values[0]._label is not self._origin:
            # Values created by the user, or copies, which belong to no array.
            for index, value in zip(self.names(), self._values, strict=True):
                name_parameter(value, name + index)

    @property
    def materialized(self) -> bool:
        """Whether the numbers are stored as `Value`s."""
        return self._values is not None

    @property
    def rows(self) -> list[list[Value]]:
        """The `Value`s of a matrix as a list for each row."""
        if self._rows is None:
            width = prod(self.shape[1:])
            self._rows = [self.values[i : i + width] for i in range(0, len(self), width)]
        return self._rows

    @property
    def array(self) -> Floats:
        """The numbers as a read-only float64 array; `assign` changes them."""
        if self._array is not None:
            return self._array
        return _gathered([v.data for v in self.values], self.shape)

    @array.setter
    def array(self, numbers: NoReturn) -> None:
        _refuse_setting("array")

    def assign(self, numbers: ArrayLike) -> None:
        """Set all numbers from an array of the same shape."""
        array = _read_only(numbers, "Weights.assign")
        if array.shape != self.shape:
            raise DataValueError(f"Weights.assign: wrong shape: got {array.shape}; expected {self.shape}.")
        if self._values is None:
            self._array = array
            return
        for v, x in zip(self._values, array.ravel().tolist(), strict=True):
            v.data = x

    @property
    def gradient(self) -> Floats:
        """The gradients as a read-only array, zeros before any backward pass. It can be set as a whole."""
        if self._values is not None:
            return _gathered([v.grad for v in self._values], self.shape)
        return np.broadcast_to(0.0, self.shape) if self._gradient is None else self._gradient

    @gradient.setter
    def gradient(self, numbers: ArrayLike) -> None:
        array = _read_only(self._broadcast(floats_of(numbers, "Weights.gradient"), "gradient"))
        if self._values is None:
            self._gradient = array
        else:
            _set_gradients(self._values, array)

    def _broadcast(self, array: Any, name: str) -> Array:
        try:
            return np.broadcast_to(array, self.shape)
        except ValueError:
            raise DataValueError(
                f"Weights.{name}: wrong shape: got {array.shape}, which cannot be broadcast to {self.shape}."
            ) from None

    def _set_gradient(self, numbers: ArrayLike, reached: Mask) -> None:
        """Set the gradients of the numbers that are `reached`, and clear those of the others."""
        self.zero_grad()
        if self._values is None and reached.any():
            self._gradient = np.array(numbers)
        elif self._values is not None:
            some = np.flatnonzero(reached)
            _set_gradients([self._values[i] for i in some], np.ravel(numbers)[some])

    @property
    def reached(self) -> Mask:
        """For each number, whether a backward pass has reached it or another number of its array."""
        if self._values is None:
            return np.full(self.shape, self._gradient is not None)
        return self._together(np.array([v.reached for v in self._values], dtype=bool))

    @property
    def hooked(self) -> bool:
        """Whether one of the numbers has a hook (see `Value.register_hook`)."""
        return self._values is not None and any(map(hooked, self._values))

    def _together(self, reached: Mask) -> Mask:
        """Extend what is reached to all numbers of an array, as in PyTorch."""
        if self._apart is None or not len(self):
            return np.full(self.shape, reached.any())
        found: Array = np.bincount(self._apart, reached.ravel())[self._apart] > 0
        return found

    def zero_grad(self) -> None:
        """Set every gradient to 0, as if no backward pass had reached it."""
        self._gradient = None
        for v in self._values or ():
            v.zero_grad()

    @property
    def trainable(self) -> bool:
        """Whether any of the numbers takes a gradient. Setting it freezes or unfreezes all of them."""
        return self._trainable if self._values is None else any(v.requires_grad for v in self._values)

    @trainable.setter
    def trainable(self, trainable: bool) -> None:
        self._trainable = trainable
        for v in self._values or ():
            v.requires_grad = trainable

    @property
    def mask(self) -> Mask:
        """For each number, whether it takes a gradient, as a read-only array. It can be set as a whole."""
        if self._values is None:
            return np.broadcast_to(self._trainable, self.shape)
        return _gathered([v.requires_grad for v in self._values], self.shape, bool)

    @mask.setter
    def mask(self, trainable: ArrayLike) -> None:
        mask = self._broadcast(floats_of(trainable, "Weights.mask").astype(bool), "mask")
        if mask.all() or not mask.any():
            self.trainable = bool(mask.any())
            return
        for v, takes in zip(self.values, mask.ravel().tolist(), strict=True):
            v.requires_grad = takes

    @property
    def identity(self) -> int:
        """An id that two `Weights` share if and only if they have the same numbers."""
        return id(self._values[0]) if self._values else id(self)

    @property
    def identities(self) -> set[int]:
        """Ids that intersect for two `Weights` if they share some numbers."""
        return {id(self), *(id(v) for v in self._values or ())}

    def __len__(self) -> int:
        return prod(self.shape)

    def __repr__(self) -> str:
        return f"Weights of shape {self.shape}"

    def names(self) -> list[str]:
        """Return the index of each number as text, such as `[0, 3]`; empty for a single number."""
        if not self.shape:
            return [""]
        return [str(list(index)) for index in np.ndindex(self.shape)]


def items_of(weights: Weights) -> list[Value]:
    """Return a node for each number: the weights' `Value`s or, while tracing, those of their block."""
    block = block_of(weights)
    return weights.values if block is None else block.items


class Buffer(Weights):
    """Statistics that a module keeps of its inputs: saved with its weights, never trained."""

    __slots__ = ()

    def __init__(self, numbers: ArrayLike) -> None:
        super().__init__(numbers)
        self._trainable = False

    @property
    def trainable(self) -> bool:
        """False; setting it changes nothing."""
        return False

    @trainable.setter
    def trainable(self, trainable: bool) -> None:
        pass

    @property
    def mask(self) -> Mask:
        """False for each number; setting it changes nothing."""
        return np.broadcast_to(False, self.shape)

    @mask.setter
    def mask(self, trainable: ArrayLike) -> None:
        pass


class _Allowance:
    """How many more arrays, and numbers in them, may be created."""

    def __init__(self, arrays: int, numbers: int) -> None:
        self.arrays, self.numbers = arrays, numbers

    def spend(self, shape: tuple[int, ...]) -> None:
        self.arrays, self.numbers = self.arrays - 1, self.numbers - prod(shape)
        if self.arrays < 0 or self.numbers < 0:
            raise DataValueError(f"Weights: shape {shape} needs more numbers than the file has.")


_allowance: ContextVar[_Allowance | None] = ContextVar("allowance", default=None)


@restoring
def allowance(arrays: int, numbers: int) -> Iterator[None]:
    """Limit the arrays of weights, and the numbers in them, that may be created inside the block.

    They use no memory until filled from a file, so a file's claims cannot exhaust it.
    """
    before = _allowance.get()
    try:
        _allowance.set(_Allowance(arrays, numbers))
        yield
    finally:
        _allowance.set(before)


def within_allowance() -> bool:
    """Whether weights are being created for a file's numbers, so random ones need not be drawn."""
    return _allowance.get() is not None


def _refuse_setting(name: str) -> NoReturn:
    raise DataError(f"Weights.{name}: cannot be set; expected assign(numbers).")


def _read_only(numbers: Any, who: str = "Weights") -> Array:
    """Return a read-only float64 copy: writing to it would not change weights stored as `Value`s."""
    array = np.array(floats_of(numbers, who), order="C")
    array.flags.writeable = False
    return array


def _gathered(numbers: list[Any], shape: tuple[int, ...], dtype: type = float) -> Array:
    """Return data of `Value`s as a read-only array: writing to it would not change them."""
    array: Array = np.array(numbers, dtype=dtype).reshape(shape)
    array.flags.writeable = False
    return array


def _set_gradients(values: Sequence[Value], gradients: Array) -> None:
    for v, g in zip(values, gradients.ravel().tolist(), strict=True):
        v.grad = g
