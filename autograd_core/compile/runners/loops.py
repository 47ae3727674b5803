"""The runner for long chains: repeated steps become loops in generated Python; the rest is interpreted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ...base.importing import np
from ..emit.expressions import float_functions, number_in_python, registered
from ..emit.straight_line import Inliner
from ..front.gradient import Doubt, VectorCall, descendants, sweep, vector_calls
from ..front.tape import CONSTANT, Builder, Floats, Ints, Symbol, Tape, Term
from ..front.undefined import Underflow, overlooked_results
from .interpreter import Interpreter
from .repeated_steps import Repeat, StepOperand, repeats

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
class NodesToEmit:
    """Nodes to write in Python, as the inliner takes them."""

    builder: Builder
    outputs: Sequence[int]
    forward: Sequence[int]
    names: dict[int, str]
    gradient: Sequence[int] = ()
    watched: Sequence[int] = ()
    backward: Sequence[int] = ()
    doubts: Sequence[Doubt] = ()

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

    def _term(self, operand: StepOperand, terms: list[Term]) -> Term:
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
        emitted = NodesToEmit(self.builder, [*self.kept, *onward], needed, self.names, watched=watched)
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
        emitted = NodesToEmit(self.builder, list(self.results.values()), self._behind, self.names)
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


FAULTS = (ValueError, ArithmeticError)
"""What the functions of `math` raise where a value is undefined or infinite."""


class Loop:
    """A stretch of repeated steps, run over the lists of all values and of all adjoints."""

    def __init__(self, tape: Tape, repeat: Repeat, elsewhere: Any) -> None:
        nodes = repeat.nodes
        used = elsewhere[nodes]
        carried = {operand.slot for args in repeat.operands for operand in args if operand.before}
        seen = np.flatnonzero(used.any(axis=0)).tolist()
        # What is read elsewhere in the last step only can begin the sweep.
        self._at_end = {j for j in seen if j in carried and not used[:-1, j].any()}
        self.listed = [j for j in seen if j not in self._at_end]
        self.source = LoopSource(tape, repeat, self.listed)
        self.steps = range(len(nodes))
        self._last = nodes[-1].tolist()
        self._nodes = {j: nodes[:, j].tolist() for j in self.listed}
        self._columns = [column.tolist() for column in self.source.columns.values()]
        self._pulled = [
            column.tolist()[::-1] for i, column in self.source.columns.items() if self.source.varying(i)
        ]
        self._first = [repeat.first[j] for j in self.source.carried]
        self._forward, self._backward = (_function(self.source, name) for name in ("forward", "backward"))

    def forward(self, v: list[float]) -> tuple[list[float], ...]:
        """Write values that are read elsewhere into v; return those that the reverse pass needs."""
        source = self.source
        kept, carried = self._forward(
            self.steps, *[v[i] for i in source.fixed.values()], *[v[i] for i in self._first],
            *[[v[i] for i in column] for column in self._columns],
        )  # fmt: skip
        for j, y in zip(source.carried, carried, strict=True):
            v[self._last[j]] = y
        lists = dict(zip(source.kept, kept, strict=True))
        for j in self.listed:
            place = source.slots[j]
            for i, y in zip(self._nodes[j], lists.get(place) or self._known(v, j), strict=True):
                v[i] = y
        return kept  # type: ignore[no-any-return]

    def _known(self, v: list[float], j: int) -> list[float]:
        """The results of an operation that is just a number, or what came into the step."""
        source, place = self.source, self.source.slots[j]
        if place in source.columns:
            return [v[i] for i in source.columns[place].tolist()]
        number = source.builder.numbers[place]
        return [v[source.fixed[place]] if number is None else number] * len(self.steps)

    def backward(self, v: list[float], g: list[float], kept: tuple[list[float], ...]) -> None:
        """Add to the adjoints in g of everything that the steps read."""
        source = self.source
        begin = [g[self._last[j]] if j in self._at_end else 0.0 for j in source.carried]
        fixed, carried, columns = self._backward(
            self.steps, *[v[i] for i in source.fixed.values()], *begin, *kept,
            *[[v[i] for i in column] for column in self._columns],
            *[[g[i] for i in self._nodes[j]] for j in self.listed],
        )  # fmt: skip
        for i, d in zip([*source.fixed.values(), *self._first], [*fixed, *carried], strict=True):
            g[i] += d
        for column, slopes in zip(self._pulled, columns, strict=True):
            for i, d in zip(column, slopes, strict=True):
                g[i] += d


class LoopRunner:
    """Values and gradients of a tape in parts. Raises one of `FAULTS` where a value is undefined."""

    def __init__(self, tape: Tape, parts: Sequence[Any]) -> None:
        self.tape = tape
        walked = Interpreter(tape, np.zeros(0, np.int64))
        self._inputs, self._outputs = tape.inputs.tolist(), tape.outputs.tolist()
        self._numbers = tape.number.tolist()
        self.loops: list[Loop] = []
        self._parts: list[Loop | tuple[Interpreter, list[Any]]] = []
        for part in parts:
            if isinstance(part, Repeat):
                self.loops.append(Loop(tape, part, _read_elsewhere(tape, part)))
                self._parts.append(self.loops[-1])
            else:
                self._parts.append((walked, walked.steps_of(part)))

    @property
    def source(self) -> str:
        """The loops as text."""
        return "\n".join(f"{loop.source.forward}\n{loop.source.backward}" for loop in self.loops)

    def values(self, numbers: Sequence[float] | Floats) -> list[float]:
        """The outputs."""
        v, _ = self._forward(numbers)
        return [v[i] for i in self._outputs]

    def value_and_grad(
        self, numbers: Sequence[float] | Floats, underflow: Underflow | None = None
    ) -> tuple[float, list[float]]:
        """The first output and its gradient. Whether something underflows on the way it cannot tell."""
        if underflow is not None:
            underflow.seen = True
        v, memory = self._forward(numbers)
        g = [0.0] * len(v)
        g[self._outputs[0]] = 1.0
        for part, kept in zip(reversed(self._parts), reversed(memory), strict=True):
            if isinstance(part, Loop):
                part.backward(v, g, kept)
            else:
                part[0].pull(v, g, part[1])
        return v[self._outputs[0]], [float(g[i]) for i in self._inputs]

    def _forward(self, numbers: Sequence[float] | Floats) -> tuple[list[float], list[Any]]:
        v: list[float] = list(self._numbers)
        for i, x in zip(self._inputs, numbers, strict=True):
            v[i] = float(x)
        memory: list[Any] = []
        for part in self._parts:
            if isinstance(part, Loop):
                memory.append(part.forward(v))
            else:
                memory.append(None)
                part[0].push(v, part[1])
        return v, memory


def loops(tape: Tape) -> LoopRunner | None:
    """The runner of a tape most of which is repeated steps; None for any other."""
    parts = repeats(tape)
    repeated = sum(part.nodes.size for part in parts if isinstance(part, Repeat))
    return LoopRunner(tape, parts) if 2 * repeated > tape.operations else None


def _read_elsewhere(tape: Tape, repeat: Repeat) -> Any:
    """Which nodes are outputs, or read by a node outside the loop."""
    inside = np.zeros(len(tape), bool)
    inside[repeat.nodes] = True
    target = np.repeat(np.arange(len(tape)), np.diff(tape.start))
    found = np.zeros(len(tape), bool)
    found[tape.args[~inside[target]]] = True
    found[tape.outputs] = True
    return found


def _function(source: LoopSource, name: str) -> Callable[..., Any]:
    code = registered(getattr(source, name), "loop")
    namespace = float_functions()
    exec(code, namespace)
    return namespace[name]  # type: ignore[no-any-return]
