"""Lay out node values in arrays, and describe how operands read them for a given batch size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...base.importing import np
from ...errors import TraceError
from ..front.tape_and_builder import CONSTANT, Ints, Tape

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
