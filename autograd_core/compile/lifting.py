"""Batches: which nodes differ from one example to the next."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .. import ops
from .sums import Mask
from .tape import CONSTANT, INPUT, Ints, Tape


def lifted(tape: Tape, batched_inputs: Mask | None) -> tuple[Tape, Mask]:
    """The tape and which of its nodes have a value for each example of the batch.

    The arguments of a row that takes any number of them are read as one array, so there they all must have:
    a constant or a result simply gets one for each example, a shared input is copied first.
    """
    batched = _reach(tape, batched_inputs)
    if not batched.any():
        return tape, batched
    target = np.repeat(np.arange(len(tape)), np.diff(tape.start))
    variadic = np.array([*[row.arity is None for row in tape.rows], False])
    edges = np.flatnonzero((tape.code[target] >= 0) & variadic[tape.code[target]] & batched[target])
    edges = edges[~batched[tape.args[edges]]]
    nodes = np.unique(tape.args[edges])
    inputs = nodes[tape.code[nodes] == INPUT]
    batched[nodes[tape.code[nodes] != INPUT]] = True
    return _with_copies(tape, batched, inputs, edges) if len(inputs) else (tape, batched)


def _with_copies(tape: Tape, batched: Mask, inputs: Ints, edges: Ints) -> tuple[Tape, Mask]:
    n, m = len(tape), len(inputs)
    rows = tape.rows if ops.mul in tape.rows else (*tape.rows, ops.mul)
    copy = np.full(n, -1)
    copy[inputs] = n + 1 + np.arange(m)
    args = tape.args.copy()
    moved = edges[copy[args[edges]] >= 0]
    args[moved] = copy[args[moved]]
    longer = replace(
        tape,
        rows=rows,
        code=np.concatenate([tape.code, [CONSTANT], np.full(m, rows.index(ops.mul))]),
        number=np.concatenate([tape.number, [1.0], np.zeros(m)]),
        args=np.concatenate([args, np.stack([inputs, np.full(m, n)], axis=1).ravel()]),
        start=np.concatenate([tape.start, tape.start[-1] + 2 * np.arange(m + 1)]),
    )
    return longer, np.concatenate([batched, [False], np.ones(m, bool)])


def _reach(tape: Tape, batched_inputs: Mask | None) -> Mask:
    batched = np.zeros(len(tape), bool)
    if batched_inputs is not None and batched_inputs.any():
        marks = batched.tolist()
        for i in tape.inputs[batched_inputs].tolist():
            marks[i] = True
        for i, _, args in tape.nodes():
            if not marks[i] and any([marks[j] for j in args]):
                marks[i] = True
        batched[:] = marks
    return batched
