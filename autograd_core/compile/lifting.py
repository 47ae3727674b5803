"""Batches: which nodes differ from one example to the next."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .. import ops
from .sums import Mask
from .tape import CONSTANT, Ints, Tape


def lifted(tape: Tape, batched_inputs: Mask | None) -> tuple[Tape, Mask]:
    """The tape and which of its nodes have a value for each example of the batch.

    The arguments of a row that takes any number of them are read as one array, so there they all must have:
    those that are shared are copied first.
    """
    batched = _reach(tape, batched_inputs)
    if not batched.any():
        return tape, batched
    target = np.repeat(np.arange(len(tape)), np.diff(tape.start))
    variadic = np.array([*[row.arity is None for row in tape.rows], False])
    edges = np.flatnonzero((tape.code[target] >= 0) & variadic[tape.code[target]] & batched[target])
    edges = edges[~batched[tape.args[edges]]]
    return _with_copies(tape, batched, edges) if len(edges) else (tape, batched)


def _with_copies(tape: Tape, batched: Mask, edges: Ints) -> tuple[Tape, Mask]:
    """The tape in which those arguments are copies: x·1, or another constant."""
    n, nodes = len(tape), np.unique(tape.args[edges])
    constant = tape.code[nodes] == CONSTANT
    one = n + len(nodes)
    rows = tape.rows if ops.mul in tape.rows else (*tape.rows, ops.mul)
    copy = np.full(n, -1)
    copy[nodes] = n + np.arange(len(nodes))
    args = tape.args.copy()
    args[edges] = copy[args[edges]]
    sources = nodes[~constant]
    longer = replace(
        tape,
        rows=rows,
        code=np.concatenate([tape.code, np.where(constant, CONSTANT, rows.index(ops.mul)), [CONSTANT]]),
        number=np.concatenate([tape.number, tape.number[nodes], [1.0]]),
        args=np.concatenate([args, np.stack([sources, np.full(len(sources), one)], axis=1).ravel()]),
        start=np.concatenate([tape.start, tape.start[-1] + np.cumsum([*np.where(constant, 0, 2), 0])]),
    )
    return longer, np.concatenate([batched, np.ones(len(nodes), bool), [False]])


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
