"""Find repeated steps: stretches of a tape in which the same few operations recur.

A recurrence written as a loop is captured step by step. Where the steps are alike, each operand is, in every
step, one of four: a result of the same step, the result of a step before, the same node for all steps, or a
node from before the loop that is another one in each step. Then the steps can be a loop again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...base.importing import np
from ...kernel.operation import Operation
from ..front.tape import Ints, Tape

LONGEST_STEP = 48
"""So many operations are tried for a step."""
FEWEST = 32
"""A stretch of fewer repetitions is not worth a loop."""
MOST = 32
"""Into so many parts a tape is cut: each is looked for in all that is left."""


@dataclass(frozen=True, eq=False)
class StepOperand:
    """What an argument reads: `slot`, of this step or of the one before; else `nodes`, one or one a step."""

    slot: int = -1
    before: bool = False
    nodes: Ints | None = None

    @property
    def key(self) -> tuple[int, bool, bytes]:
        """Equal for operands that read the same."""
        return self.slot, self.before, b"" if self.nodes is None else self.nodes.tobytes()


@dataclass(frozen=True, eq=False)
class Repeat:
    """`nodes[t, j]` is the result of operation j in step t; `first` are the nodes that step 0 reads as those
    of the step before."""

    nodes: Ints
    rows: list[Operation]
    operands: list[list[StepOperand]]
    first: dict[int, int]


def repeats(tape: Tape) -> list[Ints | Repeat]:
    """The results of a tape in order: single ones, and stretches that repeat."""
    results = np.flatnonzero(tape.code >= 0)
    rank = np.full(len(tape), -1)
    rank[results] = np.arange(len(results))
    kind = tape.code[results] * (int(np.diff(tape.start).max(initial=0)) + 1) + np.diff(tape.start)[results]
    parts: list[Ints | Repeat] = []
    rest = [(0, len(results))] if len(results) else []
    while rest:
        a, b = rest.pop()
        found = _found(tape, results, rank, kind, a, b) if len(parts) < MOST else None
        if found is None:
            parts.append(results[a:b])
            continue
        begin, repeat = found
        end = begin + repeat.nodes.size
        parts.append(repeat)
        rest += [(x, y) for x, y in ((a, begin), (end, b)) if y > x]
    return sorted(parts, key=lambda part: int((part if isinstance(part, np.ndarray) else part.nodes).flat[0]))


def _found(tape: Tape, results: Ints, rank: Ints, kind: Ints, a: int, b: int) -> tuple[int, Repeat] | None:
    """The longest stretch between two places that repeats."""
    for begin, period, count in _periods(kind[a:b]):
        nodes = results[a + begin : a + begin + period * count].reshape(count, period)
        repeat = _read(tape, rank, nodes)
        if repeat is not None:
            return a + begin, repeat
    return None


def _periods(kind: Ints) -> Iterator[tuple[int, int, int]]:
    """Where operations repeat: begin, period and count; those first that leave the least over."""
    found = []
    for period in range(1, min(LONGEST_STEP, len(kind) // FEWEST) + 1):
        differs = np.flatnonzero(kind[period:] != kind[:-period])
        bounds = np.concatenate([[-1], differs, [len(kind) - period]])
        longest = int(np.argmax(np.diff(bounds)))
        count = (int(bounds[longest + 1] - bounds[longest]) - 1 + period) // period
        if count >= FEWEST:
            found.append((-count * period // 16, period, int(bounds[longest]) + 1, count))
    for _, period, begin, count in sorted(found):
        yield begin, period, count


def _read(tape: Tape, rank: Ints, nodes: Ints) -> Repeat | None:
    """The steps with their operands; None if an operand is none of the four."""
    period = nodes.shape[1]
    rows, operands, first = [], [], dict[int, int]()
    for j in range(period):
        sizes = tape.start[nodes[0, j] + 1] - tape.start[nodes[0, j]]
        args = []
        for k in range(int(sizes)):
            read = tape.args[tape.start[nodes[:, j]] + k]
            operand = _operand(rank, nodes, j, read)
            if operand is None:
                return None
            if operand.before and first.setdefault(operand.slot, int(read[0])) != read[0]:
                return None
            args.append(operand)
        rows.append(tape.rows[tape.code[nodes[0, j]]])
        operands.append(args)
    return Repeat(nodes, rows, operands, first)


def _operand(rank: Ints, nodes: Ints, j: int, read: Ints) -> StepOperand | None:
    if bool((read == read[0]).all()):
        inside = rank[read[0]] >= rank[nodes[0, 0]]
        return None if inside else StepOperand(nodes=read[:1])
    lag = rank[nodes[:, j]] - rank[read]
    period = nodes.shape[1]
    if bool((rank[read[1:]] >= 0).all()) and bool((lag[1:] == lag[1]).all()):
        slot = j - int(lag[1])
        if slot >= 0:
            return StepOperand(slot) if lag[0] == lag[1] and rank[read[0]] >= 0 else None
        if slot >= -period and rank[read[0]] < rank[nodes[0, 0]]:
            return StepOperand(slot + period, before=True)
    if bool((rank[read] < rank[nodes[0, 0]]).all()):
        return StepOperand(nodes=read)
    return None
