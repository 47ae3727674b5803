"""The plan of a level schedule: where the nodes, operands and messages of a graph without structure lie.

Nodes of one level wait for none of each other, so a level is computed by one gather of all operands and one
call for each kind of operation in it. Nodes lie in the order (level, kind), operands in the order (level,
kind, argument, node). On the way back a node's adjoint is the sum of its consumers' messages, which are
gathered by consumer: nothing is scattered.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from ..operation import Operation
from .tape import CONSTANT, Ints, Tape

WIDE = 24
"""A graph with fewer nodes a level than that is rather walked node by node."""


@dataclass(frozen=True, eq=False)
class Call:
    """Nodes `first:last`, of one row and `count` arguments each, whose operands begin at `operands`."""

    row: Operation
    count: int
    first: int
    last: int
    operands: int


class Schedule:
    """A tape in levels. Positions: inputs, constants, then results by level."""

    def __init__(self, tape: Tape, level: Ints) -> None:
        self.tape = tape
        self.level = level
        results = np.flatnonzero(tape.code >= 0)
        sizes = np.diff(tape.start)[results]
        kind = tape.code[results] * (int(sizes.max(initial=0)) + 1) + sizes
        self.nodes = results[np.lexsort((results, kind, level[results]))]
        self.leaves = np.concatenate([tape.inputs, np.flatnonzero(tape.code == CONSTANT)])
        self.position = np.empty(len(tape), np.int64)
        self.position[np.concatenate([self.leaves, self.nodes])] = np.arange(len(tape))
        self.sizes = np.diff(tape.start)[self.nodes]
        self.calls = self._calls()
        self.operand = self._operands()
        self.levels = self._levels()

    def _calls(self) -> list[Call]:
        tape, nodes = self.tape, self.nodes
        key = np.stack([self.level[nodes], tape.code[nodes], self.sizes])
        bounds = np.flatnonzero((np.diff(key, axis=1) != 0).any(axis=0)) + 1
        starts = np.unique(np.concatenate([[0], bounds, [len(nodes)]]))  # Without nodes: 0.
        before = np.concatenate([[0], np.cumsum(self.sizes)])
        self._group = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        self._starts, self._before = starts, before
        n = len(self.leaves)
        rows, counts = tape.code[nodes[starts[:-1]]].tolist(), self.sizes[starts[:-1]].tolist()
        edges = before[starts[:-1]].tolist()
        return [
            Call(tape.rows[row], count, n + a, n + b, edge)
            for row, count, (a, b), edge in zip(rows, counts, pairwise(starts.tolist()), edges, strict=True)
        ]

    def _operands(self) -> Ints:
        """The position read by each operand, and beside it (`child`) that of the node that reads it."""
        nodes, sizes, starts = self.nodes, self.sizes, self._starts
        rank = np.repeat(np.arange(len(nodes)), sizes)
        argument = np.arange(len(rank)) - self._before[rank]
        group = self._group[rank]
        place = self._before[starts[group]] + argument * np.diff(starts)[group] + rank - starts[group]
        operand = np.empty(len(rank), np.int64)
        operand[place] = self.position[self.tape.args[self.tape.start[nodes][rank] + argument]]
        self.child = np.empty(len(rank), np.int64)
        self.child[place] = rank + len(self.leaves)
        return operand

    def _levels(self) -> list[tuple[int, int, int, int, list[Call]]]:
        """Of each level the nodes, the operands and the calls."""
        found: dict[int, list[Call]] = {}
        ranks = self.level[self.nodes].tolist()
        for call in self.calls:
            found.setdefault(ranks[call.first - len(self.leaves)], []).append(call)
        return [
            (calls[0].first, calls[-1].last, calls[0].operands,
             calls[-1].operands + calls[-1].count * (calls[-1].last - calls[-1].first), calls)
            for calls in found.values()
        ]  # fmt: skip

    @cached_property
    def kinds(self) -> dict[tuple[Operation, int], tuple[list[Ints], Ints]]:
        """Of each row and number of arguments the operands, argument by argument, and the nodes."""
        found: dict[tuple[Operation, int], list[Call]] = {}
        for call in self.calls:
            found.setdefault((call.row, call.count), []).append(call)
        return {key: _positions(calls) for key, calls in found.items()}

    @cached_property
    def messages(self) -> tuple[Ints, Ints, Ints]:
        """The operands in the order of what they read, the nodes that read, and where each node's begin.

        Beyond the last operand stand the slope 0, which a node gets that nobody reads, and the slope 1, which
        is the seed of the output; beyond the last node stands the adjoint 1 of their reader.
        """
        n, nothing, seed = len(self.tape), len(self.operand), len(self.operand) + 1
        active = np.ones(n, bool)
        active[len(self.tape.inputs) : len(self.leaves)] = False
        output = self.position[self.tape.outputs[:1]]
        edges = np.flatnonzero(active[self.operand])
        lonely = np.setdiff1d(np.flatnonzero(active), np.concatenate([self.operand[edges], output]))
        output = output[active[output]]
        target = np.concatenate([self.operand[edges], lonely, output])
        order = np.argsort(target, kind="stable")
        edge = np.concatenate([edges, np.full(len(lonely), nothing), np.full(len(output), seed)])
        child = np.concatenate([self.child[edges], np.full(len(lonely) + len(output), n)])
        return edge[order], child[order], np.searchsorted(target[order], np.arange(n + 1))


def _positions(calls: list[Call]) -> tuple[list[Ints], Ints]:
    widths = [call.last - call.first for call in calls]
    operands = [
        np.concatenate([np.arange(w) + call.operands + j * w for call, w in zip(calls, widths, strict=True)])
        for j in range(calls[0].count)
    ]
    return operands, np.concatenate([np.arange(call.first, call.last) for call in calls])


def scheduled(tape: Tape) -> Schedule | None:
    """The level schedule of a tape; None if its levels are narrow."""
    level = tape_levels(tape)
    depth = int(level.max(initial=0))
    return Schedule(tape, level) if depth and tape.operations >= WIDE * depth else None


def tape_levels(tape: Tape) -> Ints:
    """The length of the longest way to each node from a leaf."""
    level = [0] * len(tape)
    for i, row, args in tape.nodes():
        if row is not None:
            level[i] = 1 + max([level[j] for j in args])
    return np.array(level, np.int64)
