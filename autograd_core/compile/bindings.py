"""What the names in an array program stand for, and the arrays behind them for a given size of batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType
from typing import Any

import numpy as np

from .layout import BATCHED, SHARED, Access, Layout
from .registry import array_functions
from .tape import CONSTANT

BATCH = 0
"""In a shape: the number of examples, not known before the call."""


@dataclass(frozen=True, eq=False)
class View:
    """A name for an operand in the buffer of values ("V") or of adjoints ("G").

    `lifted` gives what is the same for all examples an axis of length 1 for them.
    """

    buffer: str
    access: Access
    lifted: bool


class Bindings:
    """Names of an array program, each given once."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.views: dict[str, View] = {}
        self.constants: dict[str, Any] = {}
        self.scratch: dict[str, tuple[int, ...]] = {}
        self._names: dict[Any, str] = {}
        self._free: dict[tuple[int, ...], list[str]] = {}
        self._lent: list[str] = []

    def view(self, buffer: str, access: Access, lifted: bool) -> str:
        """The name of a view."""
        return self._named(
            buffer.lower(), (buffer, access.key, lifted), self.views, View(buffer, access, lifted)
        )

    def constant(self, number: Any) -> str:
        """The name of a constant array, or of an index."""
        return self._named("k", (number.tobytes(), number.shape, str(number.dtype)), self.constants, number)

    def gathered(self, access: Access, shape: tuple[int, ...]) -> tuple[str, bool]:
        """The name of the array into which an operand is gathered, and whether it is new."""
        key = ("take", access.key, shape)
        new = key not in self._names
        return self._named("t", key, self.scratch, shape), new

    def lasting(self, key: tuple[Any, ...], shape: tuple[int, ...]) -> str:
        """The name of an array whose numbers are kept from the forward to the backward pass."""
        return self._named("e", ("lasting", *key), self.scratch, shape)

    def temporary(self, shape: tuple[int, ...]) -> str:
        """The name of an array to compute in, free again after `release`."""
        free = self._free.setdefault(shape, [])
        if not free:
            free.append(self._named("s", ("scratch", len(self.scratch)), self.scratch, shape))
        name = free.pop()
        self._lent.append(name)
        return name

    def release(self) -> None:
        """Takes all temporaries back."""
        for name in self._lent:
            self._free[self.scratch[name]].append(name)
        self._lent.clear()

    def _named(self, letter: str, key: Any, table: dict[str, Any], thing: Any) -> str:
        if key not in self._names:
            name = f"{letter}{len(self._names)}"
            self._names[key] = name
            table[name] = thing
        return self._names[key]


class Workspace:
    """The arrays of one run: not to be shared by threads.

    Those that are the same for all examples may be another workspace's, for a batch of another size.
    """

    def __init__(
        self,
        bindings: Bindings,
        forward: CodeType,
        backward: CodeType,
        batch: int | None,
        sibling: Workspace | None = None,
    ) -> None:
        layout = bindings.layout
        sizes = layout.size
        self.values = {SHARED: np.zeros(sizes[SHARED]), BATCHED: np.zeros((sizes[BATCHED], batch or 0))}
        self.adjoints = {space: np.zeros_like(array) for space, array in self.values.items()}
        if sibling is not None:
            self.values[SHARED], self.adjoints[SHARED] = sibling.values[SHARED], sibling.adjoints[SHARED]
        constants = np.flatnonzero((layout.tape.code == CONSTANT) & (layout.position >= 0))
        for space, array in self.values.items():
            those = constants[layout.space[constants] == space]
            array[layout.position[those]] = layout.tape.number[those].reshape(-1, *[1] * space)
        names = array_functions(forward, backward)
        names |= {"V0": self.values[SHARED], "V1": self.values[BATCHED]}
        names |= {"G0": self.adjoints[SHARED], "G1": self.adjoints[BATCHED]}
        names |= bindings.constants
        for name, view in bindings.views.items():
            names[name] = self._view(view)
        for name, shape in bindings.scratch.items():
            names[name] = np.empty([batch if n == BATCH else n for n in shape])
        exec(forward, names)
        exec(backward, names)
        self.forward: Callable[[], None] = names["forward"]
        self.backward: Callable[[float], None] = names["backward"]

    def _view(self, view: View) -> Any:
        access = view.access
        buffer = (self.values if view.buffer == "V" else self.adjoints)[access.space]
        step = buffer.strides[0]
        shape, strides = access.shape, tuple(step * s for s in access.strides or ())
        if access.space == BATCHED:
            shape, strides = (*shape, buffer.shape[1]), (*strides, buffer.strides[1])
        elif view.lifted:
            shape, strides = (*shape, 1), (*strides, 0)
        offset = access.base * step
        return np.ndarray(shape, np.float64, buffer.data if buffer.size else bytearray(8), offset, strides)
