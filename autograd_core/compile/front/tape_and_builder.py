"""The tape: a graph stored as parallel arrays, in topological order."""

from __future__ import annotations

import gc
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import isfinite
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from ...base.importing import np
from ...base.reals import brief, elements, real
from ...base.restoring import restoring
from ...calculus.rewriting import ALONE, DEFAULT, EXACT, Rule
from ...errors import DataError, OperationError
from ...kernel.apply import Operators
from ...kernel.value import Value
from ...native import in_c
from ...operations.operation import Operation

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(eq=False)
class Walk:
    """The visited nodes: each one's index, operation and number of arguments, and the arguments' indices."""

    ages: array[int] = field(default_factory=lambda: array("q"))
    rows: list[Operation | None] = field(default_factory=list)
    sizes: array[int] = field(default_factory=lambda: array("q"))
    arguments: array[int] = field(default_factory=lambda: array("q"))
    leaves: list[Value] = field(default_factory=list)
    labels: list[tuple[int, str]] = field(default_factory=list)


def walked(roots: Sequence[Value], inputs: Sequence[Value]) -> Walk:
    """Walk everything that leads to the roots, back to the inputs, which are included even if not reached."""
    walk = Walk()
    for node in inputs:
        _note(walk, node, None)
        walk.sizes.append(0)
    _walk(walk, roots, set(inputs))
    return walk


def _walk(walk: Walk, roots: Sequence[Value], ends: set[Value]) -> None:
    seen = ends | set(roots)
    nodes = [root for root in dict.fromkeys(roots) if root not in ends]
    see, enqueue, size, argument = seen.add, nodes.append, walk.sizes.append, walk.arguments.append
    age, operation = walk.ages.append, walk.rows.append
    # Read everything about a node now: by its next use, it will have left the processor's cache.
    for node in nodes:  # The list grows during the loop.
        age(node._index)
        operation(node._row)
        if node._label and node.label:
            walk.labels.append((node._index, node.label))
        parents = node.parents
        size(len(parents))
        if not parents:
            walk.leaves.append(node)
        for parent in parents:
            argument(parent._index)
            if parent not in seen:
                see(parent)
                enqueue(parent)


def _note(walk: Walk, node: Value, row: Operation | None) -> None:
    walk.ages.append(node._index)
    walk.rows.append(row)
    if node.label:
        walk.labels.append((node._index, node.label))


_index, _number = attrgetter("_index"), attrgetter("_number")

Ints: TypeAlias = "NDArray[np.int64]"
Floats: TypeAlias = "NDArray[np.float64]"

INPUT, CONSTANT = -1, -2


@dataclass(frozen=True, eq=False)
class Tape:
    """A graph of n nodes: their operations and the places of their arguments.

    `code[i]` is the index of node i's operation in `rows`, or `INPUT`, or `CONSTANT` with the value
    `number[i]`. The arguments of node i are `args[start[i]:start[i + 1]]`, each smaller than i or an input.
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
        """The number of nodes that are results of an operation."""
        return int(np.count_nonzero(self.code >= 0))

    def code_of(self, row: Operation) -> int:
        """Return the code of a row in this tape, or a number that no node has if it is not used."""
        return self.rows.index(row) if row in self.rows else len(self.rows)

    def nodes(self) -> Iterator[tuple[int, Operation | None, list[int]]]:
        """Yield for each node in order its place, its row (None for a leaf) and its arguments' places."""
        args, start = self.args.tolist(), self.start.tolist()
        for i, code in enumerate(self.code.tolist()):
            yield i, self.rows[code] if code >= 0 else None, args[start[i] : start[i + 1]]


@restoring
def no_collector() -> Iterator[None]:
    """Pause the garbage collector, which would take half the time although nothing becomes garbage."""
    collecting = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if collecting:
            gc.enable()


def capture(roots: Sequence[Value], inputs: Sequence[Value] | None = None) -> Tape:
    """Return the tape of everything that leads to the roots.

    The `inputs` are the program's inputs, in order; by default, all leaves that need a gradient, in the order
    of creation. Every other leaf is a constant: its number is baked in.

    >>> x = Value(3.0)
    >>> tape = capture([x * x + 1])
    >>> len(tape), tape.inputs.tolist(), [row.name for row in tape.rows]
    (4, [0], ['mul', 'add'])
    """
    _refuse_other_than_values(roots, "root")
    ends = None if inputs is None else _checked_inputs(inputs)
    parts = None if in_c is None else in_c.captured(tuple(roots), None if ends is None else tuple(ends))
    if parts is None:
        return _captured(roots, ends)
    rows, *arrays, labels = parts
    code, start, args, position, outputs = [np.frombuffer(arrays[i], np.int64) for i in (0, 1, 2, 4, 5)]
    return Tape(tuple(rows), code, start, args, np.frombuffer(arrays[3]), position, outputs, labels)


def _captured(roots: Sequence[Value], inputs: Sequence[Value] | None) -> Tape:
    with no_collector():
        walk = walked(roots, inputs or ())
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
    number[places(list(map(_index, walk.leaves)))] = list(map(_number, walk.leaves))
    number[position] = 0.0
    labeled = places([age for age, _ in walk.labels]).tolist()
    labels = dict(sorted(zip(labeled, [label for _, label in walk.labels], strict=True)))
    return Tape(rows, code, start, args, number, position, places(list(map(_index, roots))), labels)


def _ordered(walk: Walk) -> tuple[Ints, Callable[[Sequence[int]], Ints]]:
    """Return the nodes in the order of creation, and a function from nodes' indices to their places."""
    ages = np.array(walk.ages, np.int64)
    order = np.argsort(ages, kind="stable")
    ranked = ages[order]
    if not len(ages) or ranked[-1] - ranked[0] > 16 * len(ages):
        return order, lambda wanted: np.searchsorted(ranked, np.array(wanted, np.int64))
    table = np.zeros(ranked[-1] - ranked[0] + 1, np.int64)
    table[ranked - ranked[0]] = np.arange(len(ages))
    return order, lambda wanted: table[np.array(wanted, np.int64) - ranked[0]]


def _codes(walk: Walk, order: Ints, inputs: Ints) -> tuple[tuple[Operation, ...], Ints]:
    """Return the rows in the order of their first appearance, and the code of each node."""
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


def _checked_inputs(inputs: Sequence[Value]) -> Sequence[Value]:
    inputs = elements(inputs, "compile", "inputs", "Values")
    _refuse_other_than_values(inputs, "input")
    if len(set(inputs)) != len(inputs):
        raise DataError("compile: a repeated input in inputs; expected each Value once.")
    return inputs


def _refuse_other_than_values(nodes: Any, what: str) -> None:
    for i, node in enumerate(nodes):
        if not isinstance(node, Value):
            raise DataError(
                f"compile: {what} {i + 1} is not a Value: got {brief(node)}; expected a node of a graph."
            )


Term = Any
"""A symbol, or a float if the value is known."""

FOLDED, SHARED = "constants folded", "equal nodes shared"
"""Simplifications without a rule. Infinite or undefined results are not folded: they are errors when run."""


class Symbol(Operators):
    """A node of a `Builder`, with Python's operators."""

    __slots__ = ("builder", "place")

    def __init__(self, builder: Builder, place: int) -> None:
        self.builder = builder
        self.place = place

    @property
    def op(self) -> Operation | None:
        return self.builder.rows[self.place]

    @property
    def parents(self) -> tuple[Term, ...]:
        return tuple(map(self.builder.term, self.builder.args[self.place]))

    @staticmethod
    def __apply_operation__(row: Operation, args: Sequence[Any]) -> Term:
        builder = next(x.builder for x in args if isinstance(x, Symbol))
        return builder.apply(row, args)


class Builder:
    """Collects nodes with their rows and arguments, each only once."""

    def __init__(self, exact: bool = False, alone: bool = False) -> None:
        self.exact = exact
        self.rows: list[Operation | None] = []
        self.args: list[tuple[int, ...]] = []
        self.numbers: list[float | None] = []
        self.labels: dict[int, str] = {}
        self._known: dict[Any, int] = {}
        self._rules = EXACT if exact else ALONE if alone else DEFAULT
        self.dropped: list[Symbol] = []
        """Arguments that a rule dropped: they may be undefined."""
        self.fired: dict[Rule | str, int] = {}
        """The number of times each rule was applied, constants were folded and nodes were shared."""

    def term(self, place: int) -> Term:
        """Return the node in a form that the table's functions accept."""
        number = self.numbers[place]
        return Symbol(self, place) if number is None else number

    def row(self, place: int) -> Operation:
        """Return the row of a node that is a result."""
        row = self.rows[place]
        if row is None:
            raise OperationError(f"compile: node {place} is a leaf; expected the result of an operation.")
        return row

    def place(self, term: Term) -> int:
        """Return the place of a term's node."""
        return term.place if isinstance(term, Symbol) else self.constant(real(term, "compile"))

    def input(self, label: str = "") -> int:
        """Add an input; return its place."""
        return self._append(None, (), None, label)

    def constant(self, number: float) -> int:
        """Return the place of a number's node."""
        key = number.hex()
        if key not in self._known:
            self._known[key] = self._append(None, (), number, "")
        return self._known[key]

    def apply(self, row: Operation, args: Sequence[Any]) -> Term:
        """Apply the row to terms; return a number if all are, a simpler term by a rule, or a node."""
        terms: list[Term] = [x if isinstance(x, Symbol) else real(x, row.name) for x in args]
        if not any([isinstance(x, Symbol) for x in terms]):
            y = row.value_at(terms)
            if isfinite(y):
                return self._counted(FOLDED, y)
        for rule in self._rules.get(row, ()):
            simpler = rule.replace(*terms)
            if simpler is not None:
                if rule.drops:
                    self.dropped += [x for x in terms if isinstance(x, Symbol) and x is not simpler]
                return self._counted(rule, simpler)
        places = tuple([self.place(x) for x in terms])
        key = self._key(row, places)
        if key in self._known:
            return self._counted(SHARED, Symbol(self, self._known[key]))
        self._known[key] = self._append(row, places, None, "")
        return Symbol(self, self._known[key])

    def _key(self, row: Operation, places: tuple[int, ...]) -> tuple[Operation, tuple[int, ...]]:
        """Return a key that equal calls share: all arguments of a vector but the first may be in any order.

        A softmax sums exactly, so its bits do not depend on the order.
        """
        any_order = row.exponentials or (row.vector is not None and not self.exact)
        return row, (places[0], *sorted(places[1:])) if any_order else places

    def _counted(self, what: Rule | str, term: Term) -> Term:
        self.fired[what] = self.fired.get(what, 0) + 1
        return term

    def know(self, row: Operation, args: Sequence[Term], place: int) -> None:
        """Record that the node at that place holds the row's value at those terms."""
        self._known[self._key(row, tuple([self.place(x) for x in args]))] = place

    def load(self, tape: Tape) -> list[int]:
        """Add a whole tape; return the new place of each of its nodes."""
        here: list[int] = []
        number, code = tape.number.tolist(), tape.code.tolist()
        inputs = {i: self.input(tape.labels.get(i, "")) for i in tape.inputs.tolist()}
        for i, row, args in tape.nodes():
            if code[i] == INPUT:
                here.append(inputs[i])
            elif code[i] == CONSTANT or row is None:
                here.append(self.constant(number[i]))
            else:
                here.append(self._loaded(row, tuple([here[j] for j in args])))
            if i in tape.labels:
                self.labels.setdefault(here[-1], tape.labels[i])
        return here

    def _loaded(self, row: Operation, args: tuple[int, ...]) -> int:
        terms = [self.term(i) for i in args]
        if not self.exact or not any([isinstance(x, Symbol) for x in terms]):
            return self.place(self.apply(row, terms))
        # Two equal nodes stay separate: their gradients are summed in a different order than those of one.
        place = self._append(row, args, None, "")
        self._known.setdefault(self._key(row, args), place)
        return place

    def needed(self, wanted: Sequence[int]) -> list[int]:
        """Return the nodes that lead to the wanted ones, in order; all others are dead code."""
        alive = set(wanted)
        for i in range(len(self.rows) - 1, -1, -1):
            if i in alive:
                alive.update(self.args[i])
        return sorted(alive)

    def tape(self, inputs: Sequence[int], outputs: Sequence[int]) -> Tape:
        """Return the tape of everything that leads to those nodes."""
        order = self.needed([*inputs, *outputs])
        place = {node: i for i, node in enumerate(order)}
        rows = tuple(dict.fromkeys([row for i in order if (row := self.rows[i]) is not None]))
        codes = {row: i for i, row in enumerate(rows)}
        kinds = [CONSTANT if self.numbers[i] is not None else INPUT for i in order]
        code = [
            kind if (row := self.rows[i]) is None else codes[row]
            for i, kind in zip(order, kinds, strict=True)
        ]
        sizes = [len(self.args[i]) for i in order]
        return Tape(
            rows,
            np.array(code, np.int64),
            np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            np.array([place[j] for i in order for j in self.args[i]], np.int64),
            np.array([0.0 if (x := self.numbers[i]) is None else x for i in order], np.float64),
            np.array([place[i] for i in inputs], np.int64),
            np.array([place[i] for i in outputs], np.int64),
            {place[i]: label for i, label in self.labels.items() if i in place},
        )

    def _append(self, row: Operation | None, args: tuple[int, ...], number: float | None, label: str) -> int:
        self.rows.append(row)
        self.args.append(args)
        self.numbers.append(number)
        if label:
            self.labels[len(self.rows) - 1] = label
        return len(self.rows) - 1
