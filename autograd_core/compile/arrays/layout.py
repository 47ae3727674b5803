"""Lay out node values in arrays, and describe how operands read them for a given batch size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType
from typing import Any

from ...base.importing import np
from ...errors import TraceError
from ..emit.expressions import array_functions
from ..front.tape import CONSTANT, Ints, Tape
from .recorder import in_machine

SHARED, BATCHED = 0, 1


@dataclass(frozen=True, eq=False)
class Access:
    """An operand: numbers from a buffer in a shape that broadcasts to the operation's.

    Exactly one of three holds: it is a constant (`constant` is a float or an array), a view (`base`,
    `strides`), or a gather (`index`).
    """

    space: int
    shape: tuple[int, ...]
    constant: Any = None
    base: int = 0
    strides: tuple[int, ...] | None = None
    index: Ints | None = None
    distinct: bool = True

    @property
    def key(self) -> tuple[Any, ...]:
        """A key that is equal for accesses that read the same."""
        index = None if self.index is None else self.index.tobytes()
        return (self.space, self.shape, self.base, self.strides, index)

    @property
    def positions(self) -> Ints:
        """The positions that it reads, in its shape."""
        if self.index is not None:
            return self.index
        result = np.full(self.shape, self.base)
        for axis, stride in enumerate(self.strides or ()):
            steps = np.arange(self.shape[axis]) * stride
            result = result + steps.reshape([-1 if i == axis else 1 for i in range(len(self.shape))])
        return result


class Layout:
    """The position of each node in the buffer of its space: inputs first, then the groups in order."""

    def __init__(self, tape: Tape, batched: Any) -> None:
        self.tape = tape
        self.space = np.asarray(batched).astype(np.int64)
        self.position = np.full(len(tape), -1)
        self.size = [0, 0]
        self.regions: dict[tuple[int, int], tuple[int, ...]] = {}
        for space in (SHARED, BATCHED):
            self.place(tape.inputs[self.space[tape.inputs] == space])

    def place(self, members: Ints) -> tuple[int, int]:
        """Assign the next positions to a group of nodes in one space, and remember its shape."""
        if not members.size:
            return SHARED, self.size[SHARED]
        space = int(self.space[members.flat[0]])
        base = self.size[space]
        self.position[members.ravel()] = base + np.arange(members.size)
        self.size[space] += members.size
        self.regions[space, base] = members.shape
        return space, base

    def access(self, nodes: Ints, whole: bool = False) -> Access:
        """Return how to read those nodes in that shape; constant axes are cut to length 1, unless `whole`."""
        cut = _as_it_is if whole else _without_repeats
        if bool((self.tape.code[nodes] == CONSTANT).all()):
            number = cut(self.tape.number[nodes])
            constant = (
                float(number.flat[0]) if number.size == 1 and not whole else np.ascontiguousarray(number)
            )
            return Access(SHARED, number.shape, constant=constant)
        self._place_constants(nodes)
        space = int(self.space[nodes.flat[0]])
        if bool((self.space[nodes] != space).any()):
            raise TraceError("compile: a sum of products mixes factors of each example with factors of all.")
        position = cut(self.position[nodes])
        strides = _strides(position)
        if strides is not None:
            return Access(space, position.shape, base=int(position.flat[0]), strides=strides)
        distinct = len(np.unique(position)) == position.size
        return Access(space, position.shape, index=np.ascontiguousarray(position), distinct=distinct)

    def _place_constants(self, nodes: Ints) -> None:
        """Assign positions to constants among other nodes."""
        missing = np.unique(nodes[self.position[nodes] < 0])
        for space in (SHARED, BATCHED):
            self.place(missing[self.space[missing] == space])


def _as_it_is(table: Any) -> Any:
    return table


def _without_repeats(table: Any) -> Any:
    """Return the table with every axis along which it is constant cut to length 1."""
    for axis in range(table.ndim):
        one = table.take([0], axis=axis)
        if table.shape[axis] > 1 and bool((table == one).all()):
            table = one
    return table


def _strides(position: Ints) -> tuple[int, ...] | None:
    """Return the strides, in elements, if positions are evenly spaced along each axis and distinct."""
    base = int(position.flat[0])
    strides = []
    expected: Any = base
    for axis, n in enumerate(position.shape):
        stride = int(position.take(1, axis=axis).flat[0]) - base if n > 1 else 0
        strides.append(stride)
        steps = np.arange(n) * stride
        expected = expected + steps.reshape([-1 if i == axis else 1 for i in range(position.ndim)])
    if not np.array_equal(np.broadcast_to(expected, position.shape), position):
        return None
    reach = 0
    for stride, n in sorted((abs(s), n) for s, n in zip(strides, position.shape, strict=True) if n > 1):
        if stride <= reach:
            return None
        reach += stride * (n - 1)
    return tuple(strides)


BATCH = 0
"""In a shape, stands for the number of examples, which is not known before the call."""


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
