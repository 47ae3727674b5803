"""The tape: a graph as a struct of arrays, in which the order of creation is a topological order."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError
from ..operation import Operation
from ..reals import brief
from ..value import Value

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

INPUT, CONSTANT = -1, -2


@dataclass(frozen=True, eq=False)
class Tape:
    """A graph of n nodes: what each is, and where its arguments stand.

    `code[i]` is the place in `rows` of node i's operation, or `INPUT`, or `CONSTANT`, whose value is then
    `number[i]`. The arguments of node i are `args[start[i]:start[i + 1]]`, all smaller than i or an input.
    """

    rows: tuple[Operation, ...]
    code: Ints
    start: Ints
    args: Ints
    number: Floats
    inputs: Ints
    outputs: Ints
    labels: dict[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.code)

    @property
    def operations(self) -> int:
        """How many nodes are results of an operation."""
        return int(np.count_nonzero(self.code >= 0))

    def code_of(self, row: Operation) -> int:
        """The code of a row in this tape; a number that no node has if the tape does not use it."""
        return self.rows.index(row) if row in self.rows else len(self.rows)

    def nodes(self) -> Iterator[tuple[int, Operation | None, list[int]]]:
        """Each node in order: its place, its row (None for a leaf) and the places of its arguments."""
        args, start = self.args.tolist(), self.start.tolist()
        for i, code in enumerate(self.code.tolist()):
            yield i, self.rows[code] if code >= 0 else None, args[start[i] : start[i + 1]]


def capture(roots: Sequence[Value], inputs: Sequence[Value] | None = None) -> Tape:
    """The tape of everything that leads to the roots.

    The `inputs` are what the program will ask for, in that order; without them, all leaves that need a
    gradient, in the order of creation. Every other leaf is a constant: its number is baked in.

    >>> x = Value(3.0)
    >>> tape = capture([x * x + 1])
    >>> len(tape), tape.inputs.tolist(), [row.name for row in tape.rows]
    (4, [0], ['mul', 'add'])
    """
    _refuse_other_than_values(roots, "root")
    collecting = gc.isenabled()
    gc.disable()  # All that is made here lives on: looking for garbage would take half the time.
    try:
        order, parents = _ancestors(roots, _checked_inputs(inputs))
    finally:
        if collecting:
            gc.enable()
    if inputs is None:
        inputs = [node for node in order if node.op is None and node.requires_grad]
    place = dict(zip(order, range(len(order)), strict=True))
    ends = set(inputs)
    operations = [None if node in ends else node.op for node in order]
    rows = tuple(row for row in dict.fromkeys(operations) if row is not None)
    codes = {row: i for i, row in enumerate(rows)} | {None: CONSTANT}
    code = np.fromiter(map(codes.__getitem__, operations), np.int64, len(order))
    position = np.fromiter(map(place.__getitem__, inputs), np.int64, len(inputs))
    code[position] = INPUT
    start = np.zeros(len(order) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, parents), np.int64, len(order)), out=start[1:])
    args = np.fromiter(map(place.__getitem__, chain.from_iterable(parents)), np.int64, int(start[-1]))
    number = np.fromiter(map(attrgetter("_data"), order), np.float64, len(order))
    number[code != CONSTANT] = 0.0
    labels = {place[node]: node.label for node in order if node.label}
    outputs = np.array([place[root] for root in roots], np.int64)
    return Tape(rows, code, start, args, number, position, outputs, labels)


def _ancestors(
    roots: Sequence[Value], inputs: Sequence[Value]
) -> tuple[list[Value], list[tuple[Value, ...]]]:
    """All nodes up to the inputs, reached or not, in the order of creation, and the parents of each."""
    ends = set(inputs)
    seen = ends | set(roots)
    nodes = [root for root in dict.fromkeys(roots) if root not in ends]
    parents: list[tuple[Value, ...]] = []
    for node in nodes:  # The list grows while it is walked.
        above = node.parents
        parents.append(above)
        for parent in above:
            if parent not in seen:
                seen.add(parent)
                nodes.append(parent)
    nodes.extend(inputs)
    parents.extend([()] * len(inputs))
    age = np.fromiter(map(attrgetter("_index"), nodes), np.int64, len(nodes))
    order = np.argsort(age, kind="stable").tolist()
    return [nodes[i] for i in order], [parents[i] for i in order]


def _checked_inputs(inputs: Sequence[Value] | None) -> Sequence[Value]:
    inputs = () if inputs is None else inputs
    _refuse_other_than_values(inputs, "input")
    if len(set(inputs)) != len(inputs):
        raise DataError("compile: an input stands twice in inputs; expected each Value once.")
    return inputs


def _refuse_other_than_values(nodes: Any, what: str) -> None:
    for i, node in enumerate(nodes):
        if not isinstance(node, Value):
            raise DataError(
                f"compile: {what} {i + 1} is no Value: got {brief(node)}; expected a node of a graph."
            )
