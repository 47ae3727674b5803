"""The arrays of a run: the names that the generated passes use, and the buffers behind them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType
from typing import Any

from ...base.importing import np
from ..emit.expressions import array_functions
from ..front.tape_and_builder import CONSTANT
from .layout import BATCH, BATCHED, SHARED, Access, Layout
from .native_statements import in_machine


@dataclass(frozen=True, eq=False)
class View:
    """An operand that has a name, in the buffer of values ("V") or adjoints ("G").

    `lifted` gives an operand that all examples share an axis of length 1 for them.
    """

    buffer: str
    access: Access
    lifted: bool


class Bindings:
    """The names in an array program, each assigned once."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.views: dict[str, View] = {}
        self.constants: dict[str, Any] = {}
        self.scratch: dict[str, tuple[int, ...]] = {}
        self._names: dict[Any, str] = {}
        self._free: dict[tuple[int, ...], list[str]] = {}
        self._lent: list[str] = []

    def view(self, buffer: str, access: Access, lifted: bool) -> str:
        """Return the name of a view."""
        return self._named(
            buffer.lower(), (buffer, access.key, lifted), self.views, View(buffer, access, lifted)
        )

    def constant(self, number: Any) -> str:
        """Return the name of a constant array or index."""
        return self._named("k", (number.tobytes(), number.shape, str(number.dtype)), self.constants, number)

    def gathered(self, access: Access, shape: tuple[int, ...]) -> tuple[str, bool]:
        """Return the name of the array that an operand is gathered into, and whether it is new."""
        key = ("take", access.key, shape)
        new = key not in self._names
        return self._named("t", key, self.scratch, shape), new

    def lasting(self, key: tuple[Any, ...], shape: tuple[int, ...]) -> str:
        """Return the name of an array that is kept from the forward to the backward pass."""
        return self._named("e", ("lasting", *key), self.scratch, shape)

    def temporary(self, shape: tuple[int, ...]) -> str:
        """Return the name of an array to compute in, which `release` frees."""
        free = self._free.setdefault(shape, [])
        if not free:
            free.append(self._named("s", ("scratch", len(self.scratch)), self.scratch, shape))
        name = free.pop()
        self._lent.append(name)
        return name

    def release(self) -> None:
        """Release all temporaries."""
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
    """The arrays of one run, not shared between threads.

    Arrays that all examples share may belong to another workspace, for a batch of another size.
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
        self.forward: Callable[[], bool | None]
        self.backward: Callable[[float], bool | None]
        self.by_numpy = True
        """Whether the two call NumPy. C needs no `errstate`: it returns whether a number underflows."""
        found = in_machine(names, forward, backward)
        if found is not None:
            self.forward, self.backward, self.by_numpy = found
            return
        exec(forward, names)
        exec(backward, names)
        self.forward, self.backward = names["forward"], names["backward"]

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
