"""The runner for long chains: repeated steps as loops in generated Python, what is between them walked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .interpreter import Interpreter
from .loop_source import LoopSource
from .registry import float_functions, registered
from .repeats import Repeat, repeats
from .tape import Floats, Tape

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
        """Puts the values into v that are read elsewhere; gives those that the way back needs."""
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
        """The results of an operation that is no more than a number, or what came into the step."""
        source, place = self.source, self.source.slots[j]
        if place in source.columns:
            return [v[i] for i in source.columns[place].tolist()]
        number = source.builder.numbers[place]
        return [v[source.fixed[place]] if number is None else number] * len(self.steps)

    def backward(self, v: list[float], g: list[float], kept: tuple[list[float], ...]) -> None:
        """Adds to the adjoints in g of everything that the steps read."""
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

    def value_and_grad(self, numbers: Sequence[float] | Floats) -> tuple[float, list[float]]:
        """The first output and its gradient."""
        v, memory = self._forward(numbers)
        g = [0.0] * len(v)
        g[self._outputs[0]] = 1.0
        for part, kept in zip(reversed(self._parts), reversed(memory), strict=True):
            if isinstance(part, Loop):
                part.backward(v, g, kept)
            else:
                part[0].pull(v, g, part[1])
        return v[self._outputs[0]], [g[i] for i in self._inputs]

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
