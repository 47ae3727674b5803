"""One repeated step as source: a loop forward that keeps what the derivatives need, and a loop backward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from .builder import Builder, Symbol, Term
from .derivative import descendants, sweep
from .inline import Inliner
from .repeats import Operand, Repeat
from .tape import CONSTANT, Ints, Tape
from .templates import number_in_python
from .undefined import overlooked_results
from .vector_calls import VectorCall, vector_calls

FORWARD = """\
def forward({parameters}):
{begin}    for {each}:
{body}    return ({kept}), ({carried})
"""

BACKWARD = """\
def backward({parameters}):
{begin}    for {each}:
{body}    return ({fixed}), ({carried}), ({columns})
"""


@dataclass(frozen=True, eq=False)
class Emitted:
    """Nodes to write in Python, as the inliner takes them."""

    builder: Builder
    outputs: Sequence[int]
    forward: Sequence[int]
    names: dict[int, str]
    gradient: Sequence[int] = ()
    watched: Sequence[int] = ()
    backward: Sequence[int] = ()

    @cached_property
    def calls(self) -> dict[int, VectorCall]:
        """The call of softmax to which a node belongs."""
        return vector_calls(self.builder, self.forward)

    def spelled(self, place: int) -> str:
        """A node as an argument: its name, or the literal of its number."""
        number = self.builder.numbers[place]
        return self.names[place] if number is None else number_in_python(number)

    def body(self) -> str:
        """The statements."""
        lines = [f"        {name} = {x}\n" for name, x in Inliner(self).statements(self.forward)]
        names = [self.names[i] for i in self.watched]
        return "".join([*lines, *[f"        if {x} != {x}: raise ArithmeticError\n" for x in names]])


class LoopSource:
    """The two functions of a repeated step.

    `fixed` are the nodes that all steps read, `columns` those of which each step reads its own, `carried`
    the operations whose results the next step reads; `kept` are the places of values that the loop forward
    gives as lists, among them those of the operations that are `listed`, because they are read elsewhere: on
    the way back their adjoints come in as lists.
    """

    def __init__(self, tape: Tape, repeat: Repeat, listed: Sequence[int]) -> None:
        self.tape, self.repeat, self.listed = tape, repeat, listed
        self.builder = Builder()
        self.names: dict[int, str] = {}
        self._places: dict[tuple[int, bool, bytes], int] = {}
        self.fixed: dict[int, int] = {}
        self.columns: dict[int, Ints] = {}
        self.carried: dict[int, int] = {}
        self.slots = self._slots()
        self._last = len(self.builder.rows)
        self._gradient()
        self.kept = sorted({*self._reads(), *[self.slots[j] for j in listed]} & {*self._inner()})
        self.forward, self.backward = self._forward_source(), self._backward_source()

    def _slots(self) -> list[int]:
        terms: list[Term] = []
        for row, operands in zip(self.repeat.rows, self.repeat.operands, strict=True):
            terms.append(self.builder.apply(row, [self._term(operand, terms) for operand in operands]))
        return [self.builder.place(term) for term in terms]

    def _term(self, operand: Operand, terms: list[Term]) -> Term:
        if operand.nodes is None and not operand.before:
            return terms[operand.slot]
        if operand.nodes is not None and len(operand.nodes) == 1:
            node = int(operand.nodes[0])
            if self.tape.code[node] == CONSTANT:
                return float(self.tape.number[node])
        if operand.key not in self._places:
            place = self._places[operand.key] = self.builder.input()
            if operand.nodes is None:
                self.carried[operand.slot], self.names[place] = place, f"x{place}"
            elif len(operand.nodes) == 1:
                self.fixed[place], self.names[place] = int(operand.nodes[0]), f"c{place}"
            else:
                self.columns[place], self.names[place] = operand.nodes, f"k{place}"
        return Symbol(self.builder, self._places[operand.key])

    def varying(self, place: int) -> bool:
        """Whether a gradient can flow into a column: it is not all constants."""
        return bool((self.tape.code[self.columns[place]] != CONSTANT).any())

    def _gradient(self) -> None:
        """The adjoints of everything that comes into the step, from those of its results."""
        builder = self.builder
        incoming = [*self.fixed, *self.carried.values(), *filter(self.varying, self.columns)]
        active = descendants(builder, incoming)
        self.seeds: dict[int, int] = {}
        adjoint: dict[int, Term] = {}
        for letter, slots in (("e", self.listed), ("a", self.carried)):
            for j in slots:
                seed = builder.input()
                self.names[seed] = f"{letter}{seed}"
                self.seeds[seed] = j
                place, g = self.slots[j], Symbol(builder, seed)
                adjoint[place] = adjoint[place] + g if place in adjoint else g
        sweep(builder, adjoint, self._last - 1, active)
        zero = builder.constant(0.0)
        self.results = {i: builder.place(adjoint[i]) if i in adjoint else zero for i in incoming}
        self._behind = [
            i for i in builder.needed([*self.results.values()])
            if i >= self._last and builder.rows[i] is not None
        ]  # fmt: skip

    def _inner(self) -> list[int]:
        """What is only known inside a step: results, and what comes from the step before."""
        results = [i for i in range(self._last) if self.builder.rows[i] is not None]
        return [*results, *self.carried.values()]

    def _reads(self) -> list[int]:
        return [*self.results.values(), *[j for i in self._behind for j in self.builder.args[i]]]

    def _named(self, places: Sequence[int]) -> list[str]:
        self.names |= {i: self.names.get(i, f"v{i}") for i in places}
        return [self.names[i] for i in places]

    def _forward_source(self) -> str:
        onward = [self.slots[j] for j in self.carried]
        needed = [i for i in self.builder.needed([*self.kept, *onward]) if self.builder.rows[i] is not None]
        self._named(needed)
        watched = overlooked_results(self.builder, needed)
        emitted = Emitted(self.builder, [*self.kept, *onward], needed, self.names, watched=watched)
        kept = self._named(self.kept)
        fixed = [self.names[i] for i in self.fixed]
        columns = [self.names[i] for i in self.columns]
        carried = [self.names[i] for i in self.carried.values()]
        body = emitted.body() + "".join(f"        keep_{x}({x})\n" for x in kept)
        if carried:
            body += f"        {', '.join(carried)} = {', '.join(map(emitted.spelled, onward))}\n"
        return FORWARD.format(
            parameters=_listed(["steps", *fixed, *carried, *[f"{x}s" for x in columns]]),
            begin="".join(f"    {x}s = []\n    keep_{x} = {x}s.append\n" for x in kept),
            each=_each(columns, [f"{x}s" for x in columns]),
            body=body, kept=_listed([f"{x}s" for x in kept]), carried=_listed(carried),
        )  # fmt: skip

    def _backward_source(self) -> str:
        self._named(self._behind)
        emitted = Emitted(self.builder, list(self.results.values()), self._behind, self.names)
        lists = [*self._named(self.kept), *[self.names[i] for i in self.columns]]
        lists += [self.names[seed] for seed, j in self.seeds.items() if self.names[seed][0] == "e"]
        carried = [self.names[seed] for seed in self.seeds if self.names[seed][0] == "a"]
        columns = [i for i in self.columns if i in self.results]
        body = emitted.body()
        result = {i: emitted.spelled(place) for i, place in self.results.items()}
        body += "".join(f"        d_{self.names[i]} += {result[i]}\n" for i in self.fixed)
        body += "".join(f"        put_{self.names[i]}({result[i]})\n" for i in columns)
        if carried:
            body += f"        {', '.join(carried)} = {', '.join(result[i] for i in self.carried.values())}\n"
        begin = [f"    d_{self.names[i]} = 0.0\n" for i in self.fixed]
        begin += [f"    d_{x} = []\n    put_{x} = d_{x}.append\n" for x in (self.names[i] for i in columns)]
        fixed = [self.names[i] for i in self.fixed]
        return BACKWARD.format(
            parameters=_listed(["steps", *fixed, *carried, *[f"{x}s" for x in lists]]),
            begin="".join(begin), each=_each(lists, [f"reversed({x}s)" for x in lists]),
            body=body or "        pass\n", fixed=_listed([f"d_{x}" for x in fixed]),
            carried=_listed(carried), columns=_listed([f"d_{self.names[i]}" for i in columns]),
        )  # fmt: skip


def _listed(names: Sequence[str]) -> str:
    return "".join(f"{name}, " for name in names).rstrip()


def _each(names: Sequence[str], lists: Sequence[str]) -> str:
    if not names:
        return "_ in steps"
    if len(names) == 1:
        return f"{names[0]} in {lists[0]}"
    return f"{', '.join(names)} in zip({', '.join(lists)})"
