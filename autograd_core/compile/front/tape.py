"""The tape: a graph stored as parallel arrays, in topological order."""

from __future__ import annotations

import gc
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from ...base.importing import np
from ...base.reals import brief, elements
from ...base.restoring import restoring
from ...errors import DataError
from ...kernel.operation import Operation
from ...kernel.value import Value, turn

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(eq=False)
class Walk:
    """What was met: of each node its age, its operation and how many arguments it has, and all their ages.

    A leaf, and a plain number, has an age and a number.
    """

    ages: array[int] = field(default_factory=lambda: array("q"))
    rows: list[Operation | None] = field(default_factory=list)
    sizes: array[int] = field(default_factory=lambda: array("q"))
    arguments: array[int] = field(default_factory=lambda: array("q"))
    leaves: list[Value] = field(default_factory=list)
    number_ages: list[int] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)
    labels: list[tuple[int, str]] = field(default_factory=list)


def walked(roots: Sequence[Value], inputs: Sequence[Value]) -> Walk:
    """Everything that leads to the roots, as far as the inputs, reached or not."""
    walk = Walk()
    for node in inputs:
        _note(walk, node, None)
        walk.sizes.append(0)
    with turn:  # Another thread may be bringing a node to its general form.
        _walk(walk, roots, set(inputs))
    return walk


def _walk(walk: Walk, roots: Sequence[Value], ends: set[Value]) -> None:
    seen = ends | set(roots)
    nodes = [root for root in dict.fromkeys(roots) if root not in ends]
    see, enqueue, size, argument = seen.add, nodes.append, walk.sizes.append, walk.arguments.append
    age, operation = walk.ages.append, walk.rows.append
    # Whatever is asked of a node is asked now: when it comes up again, it has left the processor's cache.
    for node in nodes:  # The list grows while it is walked.
        a, b = node._a, node._b
        age(node._index)
        operation(node._row)
        if node._label and node.label:
            walk.labels.append((node._index, node.label))
        if b is not None:
            size(2)
            argument(a._index)
            argument(b._index)
            if a not in seen:
                see(a)
                enqueue(a)
            if b not in seen:
                see(b)
                enqueue(b)
        elif a is None:
            size(0)
            walk.leaves.append(node)
        else:
            parents = _arguments(node)
            size(len(parents))
            walk.arguments.extend(_ages(walk, node, parents))
            for parent in parents:
                if type(parent) is not float and parent not in seen:
                    see(parent)
                    enqueue(parent)


def _note(walk: Walk, node: Value, row: Operation | None) -> None:
    walk.ages.append(node._index)
    walk.rows.append(row)
    if node.label:
        walk.labels.append((node._index, node.label))


def _arguments(node: Value) -> Sequence[Any]:
    """The arguments of a node that does not have two parents: nodes and plain numbers."""
    a, db = node._a, node._db
    if type(a) is tuple:
        return a if db is None else db[0]
    if db is None:
        return (a,)
    return (float(db[0]), a) if type(db) is tuple else (a, float(db))


def _ages(walk: Walk, node: Value, parents: Sequence[Any]) -> list[int]:
    if float not in map(type, parents):
        return [parent._index for parent in parents]
    free = iter(range(node._index - 1, 0, -2))
    ages = []
    for parent in reversed(parents):
        if type(parent) is float:
            ages.append(next(free))
            walk.number_ages.append(ages[-1])
            walk.numbers.append(parent)
        else:
            ages.append(parent._index)
    return ages[::-1]


_index, _data = attrgetter("_index"), attrgetter("_data")

Ints: TypeAlias = "NDArray[np.int64]"
Floats: TypeAlias = "NDArray[np.float64]"

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


@restoring
def no_collector() -> Iterator[None]:
    """Where all that is made lives on, looking for garbage would take half the time."""
    collecting = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if collecting:
            gc.enable()


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
    with no_collector():
        walk = walked(roots, _checked_inputs(inputs))
    order, places = _ordered(walk)
    count = len(order)
    sizes = np.zeros(count, np.int64)
    sizes[: len(walk.sizes)] = walk.sizes
    start = np.zeros(count + 1, np.int64)
    np.cumsum(sizes[order], out=start[1:])
    begin = np.cumsum(sizes) - sizes
    edges = np.repeat(begin[order] - start[:-1], sizes[order]) + np.arange(len(walk.arguments))
    args = places(walk.arguments)[edges]
    if inputs is None:
        inputs = sorted([leaf for leaf in walk.leaves if leaf._requires_grad], key=_index)
    position = places(list(map(_index, inputs)))
    rows, code = _codes(walk, order, position)
    number = np.zeros(count)
    number[places(list(map(_index, walk.leaves)))] = list(map(_data, walk.leaves))
    number[places(walk.number_ages)] = walk.numbers
    number[position] = 0.0
    labeled = places([age for age, _ in walk.labels]).tolist()
    labels = dict(sorted(zip(labeled, [label for _, label in walk.labels], strict=True)))
    return Tape(rows, code, start, args, number, position, places(list(map(_index, roots))), labels)


def _ordered(walk: Walk) -> tuple[Ints, Callable[[Sequence[int]], Ints]]:
    """The nodes in the order of creation, and the function that gives the places of nodes of those ages."""
    ages = np.concatenate([np.array(walk.ages, np.int64), np.array(walk.number_ages, np.int64)])
    order = np.argsort(ages, kind="stable")
    ranked = ages[order]
    if not len(ages) or ranked[-1] - ranked[0] > 16 * len(ages):
        return order, lambda wanted: np.searchsorted(ranked, np.array(wanted, np.int64))
    table = np.zeros(ranked[-1] - ranked[0] + 1, np.int64)
    table[ranked - ranked[0]] = np.arange(len(ages))
    return order, lambda wanted: table[np.array(wanted, np.int64) - ranked[0]]


def _codes(walk: Walk, order: Ints, inputs: Ints) -> tuple[tuple[Operation, ...], Ints]:
    """The rows in the order in which they first appear, and the code of each node."""
    rows = [row for row in dict.fromkeys(walk.rows) if row is not None]
    codes = {row: i for i, row in enumerate(rows)} | {None: CONSTANT}
    code = np.full(len(order), CONSTANT)
    code[: len(walk.rows)] = np.fromiter(map(codes.__getitem__, walk.rows), np.int64, len(walk.rows))
    code = code[order]
    code[inputs] = INPUT
    found, first = np.unique(code, return_index=True)
    used = found[np.argsort(first)]
    used = used[used >= 0]
    rank = np.zeros(len(rows) + 2, np.int64)
    rank[[INPUT, CONSTANT]] = INPUT, CONSTANT
    rank[used] = np.arange(len(used))
    return tuple([rows[i] for i in used.tolist()]), rank[code]


def _checked_inputs(inputs: Sequence[Value] | None) -> Sequence[Value]:
    inputs = () if inputs is None else elements(inputs, "compile", "inputs", "Values")
    _refuse_other_than_values(inputs, "input")
    if len(set(inputs)) != len(inputs):
        raise DataError("compile: an input stands twice in inputs; expected each Value once.")
    return inputs


def _refuse_other_than_values(nodes: Any, what: str) -> None:
    for i, node in enumerate(nodes):
        if not isinstance(node, Value):
            raise DataError(
                f"compile: {what} {i + 1} is not a Value: got {brief(node)}; expected a node of a graph."
            )
