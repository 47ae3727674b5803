"""The runner for large graphs without repeated structure: level by level, into preallocated arrays."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import Any

from ...base.importing import np
from ...base.restoring import contained
from ...kernel import table
from ...kernel.operation import TINY, Operation
from ..emit.expressions import on_arrays
from ..front.gradient import constant_slopes, vanishing
from ..front.tape import CONSTANT, Floats, Ints, Tape
from ..front.undefined import Underflow

WIDE = 24
"""A graph with fewer nodes a level than that is rather walked node by node."""


@dataclass(frozen=True, eq=False)
class RowCall:
    """Nodes `first:last`, of one row and `count` arguments each, whose operands begin at `operands`."""

    row: Operation
    count: int
    first: int
    last: int
    operands: int


class LevelSchedule:
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

    def _calls(self) -> list[RowCall]:
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
            RowCall(tape.rows[row], count, n + a, n + b, edge)
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

    def _levels(self) -> list[tuple[int, int, int, int, list[RowCall]]]:
        """Of each level the nodes, the operands and the calls."""
        found: dict[int, list[RowCall]] = {}
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
        found: dict[tuple[Operation, int], list[RowCall]] = {}
        for call in self.calls:
            found.setdefault((call.row, call.count), []).append(call)
        return {key: _positions(calls) for key, calls in found.items()}

    @cached_property
    def vanishing(self) -> list[tuple[tuple[list[Ints], Ints], list[int], float]]:
        """Of each kind with slopes that can underflow: where its numbers are, which slopes, and its `limit`.

        Slope -1 is the value of a square.
        """
        found = []
        for (row, count), places in self.kinds.items():
            slots = [k for k, vanishes in enumerate(vanishing(row, count)) if vanishes]
            slots += [-1] * (row is table.square)
            if slots:
                found.append((places, slots, row.limit))
        return found

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


def _positions(calls: list[RowCall]) -> tuple[list[Ints], Ints]:
    widths = [call.last - call.first for call in calls]
    operands = [
        np.concatenate([np.arange(w) + call.operands + j * w for call, w in zip(calls, widths, strict=True)])
        for j in range(calls[0].count)
    ]
    return operands, np.concatenate([np.arange(call.first, call.last) for call in calls])


def scheduled(tape: Tape) -> LevelSchedule | None:
    """The level schedule of a tape; None if its levels are narrow."""
    level = tape_levels(tape)
    depth = int(level.max(initial=0))
    return LevelSchedule(tape, level) if depth and tape.operations >= WIDE * depth else None


def tape_levels(tape: Tape) -> Ints:
    """The length of the longest way to each node from a leaf."""
    level = [0] * len(tape)
    for i, row, args in tape.nodes():
        if row is not None:
            level[i] = 1 + max([level[j] for j in args])
    return np.array(level, np.int64)


NUMBERS = 2**22
"""So many operands at a time: a batch is cut into pieces of that size."""

Action = Callable[[], Any]

QUIET: Any = {"divide": "ignore", "invalid": "ignore", "over": "ignore", "under": "call"}


class LevelProgram:
    """Values and gradients by a level schedule, at one point or for a batch.

    Raises `FloatingPointError` where a number on the way is undefined, or infinite though its arguments are
    not: the careful path then finds out what it was.
    """

    def __init__(self, schedule: LevelSchedule, is_batched: Any) -> None:
        self.schedule = schedule
        self.is_batched = np.asarray(is_batched)
        self.outputs = schedule.position[schedule.tape.outputs]
        self._spaces = threading.local()

    @property
    def source(self) -> str:
        """The schedule in words: a level a line."""
        lines = [
            f"# level {k}: {', '.join(f'{call.last - call.first} {call.row.name}' for call in calls)}\n"
            for k, (*_, calls) in enumerate(self.schedule.levels, start=1)
        ]
        return "".join(lines)

    def values(self, shared: Floats, batched: Floats | None = None) -> list[Any]:
        """The outputs: numbers, or arrays over the batch."""
        parts = [space.forward(*part) for space, part in self._parts(shared, batched)]
        if batched is None:
            return [float(y) for y in parts[0]]
        return [np.concatenate(column) for column in zip(*parts, strict=True)]

    def value_and_grad(
        self, shared: Floats, batched: Floats | None = None, underflow: Underflow | None = None
    ) -> tuple[Any, Floats, Floats]:
        """The first output, its gradient by the shared inputs (summed over the batch), and by the batched."""
        values, slopes = [], []
        for space, part in self._parts(shared, batched):
            values.append(space.forward(*part, underflow)[0])
            slopes.append(space.backward(underflow))
        if batched is None:
            return float(values[0]), slopes[0], np.zeros((0, 0))
        whole = np.concatenate(slopes, axis=1)
        return np.concatenate(values), whole[~self.is_batched].sum(axis=1), whole[self.is_batched].T.copy()

    def doubtful(self, shared: Floats, batched: Floats | None = None) -> bool:
        """Whether a local derivative underflows there, so that the eager engine may have another gradient."""
        if not any(self.schedule.vanishing):
            return False
        for space, part in self._parts(shared, batched):
            space.forward(*part)
            space.backward()
            if space.doubtful():
                return True
        return False

    def _parts(self, shared: Floats, batched: Floats | None) -> Iterator[tuple[Space, tuple[Any, Any]]]:
        if batched is None:
            yield self._space(None), (shared, None)
            return
        lanes = max(1, NUMBERS // max(len(self.schedule.operand), 1))
        for begin in range(0, len(batched), lanes):
            part = batched[begin : begin + lanes]
            yield self._space(len(part)), (shared, part)

    def _space(self, lanes: int | None) -> Space:
        """This thread's arrays for so many examples."""
        kept: dict[int | None, Space] = self._spaces.__dict__.setdefault("kept", {})
        if lanes not in kept:
            if len(kept) > 2:
                kept.clear()
            kept[lanes] = Space(self, lanes)
        return kept[lanes]


class Space:
    """The arrays of one run, not to be shared by threads: values, operands, slopes, messages and adjoints."""

    def __init__(self, program: LevelProgram, lanes: int | None) -> None:
        plan = self.plan = program.schedule
        self.program = program
        more = () if lanes is None else (lanes,)
        n, edges = len(plan.tape), len(plan.operand)
        self.values = np.zeros((n, *more))
        self.operands = np.empty((edges, *more))
        self.slopes = np.zeros((edges + 2, *more))
        self.slopes[-1] = 1.0
        self.adjoints = np.zeros((n + 1, *more))
        constants = plan.leaves[len(plan.tape.inputs) :]
        self.values[plan.position[constants]] = plan.tape.number[constants].reshape(-1, *[1] * len(more))
        self._forward = self._forward_steps()
        self._slopes = self._slope_steps()
        self._backward = self._backward_steps()

    @contained
    def forward(self, shared: Floats, batched: Floats | None, underflow: Underflow | None = None) -> Any:
        """The outputs."""
        inputs = self.values[: len(self.program.is_batched)]
        if batched is None:
            inputs[:] = shared
        else:
            inputs[~self.program.is_batched] = shared[:, None]
            inputs[self.program.is_batched] = batched.T
        take = self.values.take
        with np.errstate(**QUIET, call=underflow or Underflow()):
            for index, out, steps in self._forward:
                take(index, 0, out, "clip")
                for step in steps:
                    step()
        if not np.isfinite(self.values).all():
            self._refuse_faults()
        return self.values[self.program.outputs]

    def _refuse_faults(self) -> None:
        """Let pass what is infinite because an argument is, as a masked logit of -inf."""
        if np.isnan(self.values).any():
            raise FloatingPointError("a number on the way is undefined")
        for call in self.plan.calls:
            args, out = self._arrays_of(call)
            if (np.isinf(out) & np.isfinite(args).all(axis=0)).any():
                raise FloatingPointError(f"{call.row.name} is infinite")

    @contained
    def backward(self, underflow: Underflow | None = None) -> Floats:
        """The gradient of the first output by all inputs."""
        edge, _, _ = self.plan.messages
        count = len(self.program.is_batched)
        with np.errstate(**QUIET, call=underflow or Underflow()):
            for step in self._slopes:
                step()
            weights = self.slopes.take(edge, 0)
            self.adjoints[-1] = 1.0
            take, reduceat, multiply = self.adjoints.take, np.add.reduceat, np.multiply
            for index, first, last, starts, out in self._backward:
                message = take(index, 0, None, "clip")
                reduceat(multiply(weights[first:last], message, message), starts, 0, None, out)
        gradient = self.adjoints[:count].copy()
        if not np.isfinite(gradient).all():
            raise FloatingPointError("a slope is infinite or undefined")
        return gradient

    def doubtful(self) -> bool:
        """Whether a slope that can underflow is tiny, though none of the numbers that it is made of is 0."""
        for (operands, nodes), slots, limit in self.plan.vanishing:
            xs, y = [self.operands.take(index, 0) for index in operands], self.values.take(nodes, 0)
            whole = np.logical_and.reduce([(x != 0.0) & (np.abs(x) < limit) for x in xs])
            for d in [self.slopes.take(operands[k], 0) if k >= 0 else y for k in slots]:
                if (whole & (np.abs(d) < TINY)).any():
                    return True
        return False

    def _forward_steps(self) -> list[tuple[Any, Any, list[Action]]]:
        plan = self.plan
        return [
            (plan.operand[a:b], self.operands[a:b], [self._step(call) for call in calls])
            for _, _, a, b, calls in plan.levels
        ]

    def _arrays_of(self, call: RowCall) -> tuple[Any, Any]:
        """The operands of a call, argument by argument, and its results."""
        width = call.last - call.first
        table = self.operands[call.operands : call.operands + call.count * width]
        return table.reshape(call.count, width, *table.shape[1:]), self.values[call.first : call.last]

    def _step(self, call: RowCall) -> Action:
        args, out = self._arrays_of(call)
        row = call.row
        if row.ufunc is not None and row.outside is None:
            return partial(getattr(np, row.ufunc), *args, out=out)
        return partial(_computed, row, args, out)

    def _slope_steps(self) -> list[Action]:
        steps: list[Action] = []
        for (row, count), (operands, nodes) in self.plan.kinds.items():
            constant = constant_slopes(row, count)
            for index, slope in zip(operands, constant, strict=True):
                if slope is not None:
                    self.slopes[index] = slope
            if None in constant:
                steps.append(partial(self._compute, row, operands, nodes))
        return steps

    def _compute(self, row: Operation, operands: list[Any], nodes: Any) -> None:
        xs, y = [self.operands.take(index, 0) for index in operands], self.values.take(nodes, 0)
        slopes = row.by_each(row.array_slopes, xs, y)
        for index, slope in zip(operands, slopes, strict=True):
            self.slopes[index] = slope

    def _backward_steps(self) -> list[tuple[Any, int, int, Any, Any]]:
        plan = self.plan
        _, child, begin = plan.messages
        inputs = len(plan.tape.inputs)
        blocks = [(first, last) for first, last, *_ in reversed(plan.levels)] + [(0, inputs)]
        steps = []
        for first, last in blocks:
            a, b = int(begin[first]), int(begin[last])
            if b > a:
                starts = begin[first:last] - a
                steps.append((child[a:b], a, b, starts, self.adjoints[first:last]))
        return steps


def _computed(row: Operation, args: Any, out: Any) -> None:
    """A row that is not a single function of NumPy."""
    if row.arity is not None:
        out[...] = on_arrays(row, *args)
    else:
        out[...] = row.array(args) if row.vector is None else row.array(args)[0]
