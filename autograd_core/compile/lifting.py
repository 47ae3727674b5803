"""Batches: which nodes differ from one example to the next."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np

from .. import ops
from .levels import spans
from .sums import Mask
from .tape import CONSTANT, Ints, Tape


def lifted(tape: Tape, batched_inputs: Mask | None, sums: bool = True) -> tuple[Tape, Mask]:
    """The tape and which of its nodes have a value for each example of the batch.

    The arguments of a row that takes any number of them are read as one array, so there they all must have:
    those that are shared are copied first. Where `sums` are gathered, the terms of one are read term by term,
    and the factors of a product of vectors as two arrays.
    """
    if batched_inputs is None or not batched_inputs.any():
        return tape, np.zeros(len(tape), bool)
    batched = reached(tape, tape.inputs[batched_inputs])
    target = np.repeat(np.arange(len(tape)), np.diff(tape.start))
    variadic = np.array([*[row.arity is None and not (sums and row is ops.sum) for row in tape.rows], False])
    edges = np.flatnonzero((tape.code[target] >= 0) & variadic[tape.code[target]] & batched[target])
    if sums:
        edges = edges[_beside_batched(tape, batched, target)[edges]]
    edges = edges[~batched[tape.args[edges]]]
    return _with_copies(tape, batched, edges) if len(edges) else (tape, batched)


def _beside_batched(tape: Tape, batched: Mask, target: Ints) -> Mask:
    """For each argument, whether it is read in one array with some that differ from example to example."""
    size = np.diff(tape.start)[target]
    second = 2 * (np.arange(len(target)) - tape.start[target]) >= size
    array = 2 * target + (second & (tape.code[target] == tape.code_of(ops.dot)))
    found: Mask = np.bincount(array, batched[tape.args], 2 * len(tape))[array] > 0
    return found


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


def reached(tape: Tape, sources: Ints) -> Mask:
    """Which nodes depend on some of the sources, which are among them."""
    marks = bytearray(len(tape))
    for i in sources.tolist():
        marks[i] = 1
    mark = marks.__getitem__
    nodes = np.flatnonzero(tape.code >= 0)
    start, stop = tape.start[nodes], tape.start[nodes + 1]
    args = iter(tape.args[spans(start, stop)].tolist())
    for i, count in zip(nodes.tolist(), (stop - start).tolist(), strict=True):
        if any(list(map(mark, islice(args, count)))):
            marks[i] = 1
    return np.frombuffer(marks, np.uint8).astype(bool)
