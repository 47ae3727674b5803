"""Build a tape: share equal nodes, fold constants, apply the rewriting rules.

A `Symbol` stands for a node that has no number yet. The functions of the table build on symbols as they
compute on floats, so the derivative of a row is read here from the same line as everywhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from ...base.importing import np
from ...base.reals import real
from ...calculus.rewriting_rules import ALONE, DEFAULT, EXACT, Rule
from ...errors import OperationError
from ...kernel.apply import Operators
from ...kernel.operation import Operation
from .tape import CONSTANT, INPUT, Tape

Term = Any
"""A symbol, or a float where the value is known."""

FOLDED, SHARED = "constants folded", "equal nodes shared"
"""What is done without a rule. What is infinite or undefined is not folded: running it is an error."""


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
    """Nodes with their rows and arguments, each only once."""

    def __init__(self, exact: bool = False, alone: bool = False) -> None:
        self.exact = exact
        self.rows: list[Operation | None] = []
        self.args: list[tuple[int, ...]] = []
        self.numbers: list[float | None] = []
        self.labels: dict[int, str] = {}
        self._known: dict[Any, int] = {}
        self._rules = EXACT if exact else ALONE if alone else DEFAULT
        self.dropped: list[Symbol] = []
        """Arguments that a rule did away with: they may be undefined."""
        self.fired: dict[Rule | str, int] = {}
        """How often each rule was applied, constants were folded and nodes shared."""

    def term(self, place: int) -> Term:
        """The node as the table's functions take it."""
        number = self.numbers[place]
        return Symbol(self, place) if number is None else number

    def row(self, place: int) -> Operation:
        """The row of a node that is a result."""
        row = self.rows[place]
        if row is None:
            raise OperationError(f"compile: node {place} is a leaf; expected the result of an operation.")
        return row

    def place(self, term: Term) -> int:
        """The node of a term."""
        return term.place if isinstance(term, Symbol) else self.constant(real(term, "compile"))

    def input(self, label: str = "") -> int:
        """A new input."""
        return self._append(None, (), None, label)

    def constant(self, number: float) -> int:
        """The node of a number."""
        key = number.hex()
        if key not in self._known:
            self._known[key] = self._append(None, (), number, "")
        return self._known[key]

    def apply(self, row: Operation, args: Sequence[Any]) -> Term:
        """The row applied to terms: a number if all are, a simpler term if a rule gives one, or a node."""
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
        key = (row, places)
        if key in self._known:
            return self._counted(SHARED, Symbol(self, self._known[key]))
        self._known[key] = self._append(row, places, None, "")
        return Symbol(self, self._known[key])

    def _counted(self, what: Rule | str, term: Term) -> Term:
        self.fired[what] = self.fired.get(what, 0) + 1
        return term

    def know(self, row: Operation, args: Sequence[Term], place: int) -> None:
        """Record that the node at that place holds the row's value at those terms."""
        self._known[row, tuple([self.place(x) for x in args])] = place

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
        # Two equal nodes stay two: their gradients are summed in another order than those of one.
        place = self._append(row, args, None, "")
        self._known.setdefault((row, args), place)
        return place

    def needed(self, wanted: Sequence[int]) -> list[int]:
        """The nodes that lead to the wanted ones, in order: all others are dead code."""
        alive = set(wanted)
        for i in range(len(self.rows) - 1, -1, -1):
            if i in alive:
                alive.update(self.args[i])
        return sorted(alive)

    def tape(self, inputs: Sequence[int], outputs: Sequence[int]) -> Tape:
        """The tape of what leads to those nodes."""
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
