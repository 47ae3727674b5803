"""Batches: which nodes differ from one example to the next."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .. import ops
from .levels import spans
from .sums import Mask
from .tape import CONSTANT, Ints, Tape

MANY = 30
"""From so many arguments on, NumPy looks at them faster than Python."""


def lifted(tape: Tape, batched_inputs: Mask | None, sums: bool = True) -> tuple[Tape, Mask]:
    """The tape and which of its nodes have a value for each example of the batch.

    The arguments of a row that takes any number of them are read as one array, so there they all must have:
    those that are shared are copied first. Where `sums` are gathered, the terms of one are read term by term,
    and the factors of a product of vectors as two arrays.
    """
    if batched_inputs is None or not batched_inputs.any():
        return tape, np.zeros(len(tape), bool)
    batched = reached(tape, tape.inputs[batched_inputs])
    edges = _mixed(tape, batched, sums)
    return _with_copies(tape, batched, edges) if len(edges) else (tape, batched)


def _mixed(tape: Tape, batched: Mask, sums: bool) -> Ints:
    """The arguments that are shared where others, read in one array with them, are not."""
    variadic = np.array([*[row.arity is None and not (sums and row is ops.sum) for row in tape.rows], False])
    nodes = np.flatnonzero((tape.code >= 0) & variadic[tape.code] & batched)
    start, stop = tape.start[nodes], tape.start[nodes + 1]
    if sums:
        two = tape.code[nodes] == tape.code_of(ops.dot)
        middle = (start[two] + stop[two]) // 2
        start, stop = np.append(start, middle), np.append(stop, stop[two])
        stop[: len(nodes)][two] = middle
    before = np.concatenate([[0], np.cumsum(batched[tape.args])])
    count = before[stop] - before[start]
    mixed = (count > 0) & (count < stop - start) if sums else count < stop - start
    edges = spans(start[mixed], stop[mixed])
    return edges[~batched[tape.args[edges]]]


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
    # A copy stands behind its source and before whoever reads it, as in every tape; that of a leaf in front.
    after = np.where(tape.code[nodes] < 0, -1.0, nodes + 0.5)
    order = np.argsort(np.concatenate([np.arange(n), after, [-2.0]]), kind="stable")
    return reordered(longer, order), np.concatenate([batched, np.ones(len(nodes), bool), [False]])[order]


def reordered(tape: Tape, order: Ints) -> Tape:
    """The tape with its nodes in that order."""
    place = np.empty(len(tape), np.int64)
    place[order] = np.arange(len(tape))
    sizes = np.diff(tape.start)[order]
    edges = spans(tape.start[order], tape.start[order] + sizes)
    return replace(
        tape,
        code=tape.code[order],
        number=tape.number[order],
        args=place[tape.args[edges]],
        start=np.concatenate([[0], np.cumsum(sizes)]),
        inputs=place[tape.inputs],
        outputs=place[tape.outputs],
        labels={int(place[i]): label for i, label in tape.labels.items()},
    )


def reached(tape: Tape, sources: Ints) -> Mask:
    """Which nodes depend on some of the sources, which are among them."""
    marks = np.zeros(len(tape), bool)
    marks[sources] = True
    mark = marks.data.__getitem__
    nodes = np.flatnonzero(tape.code >= 0)
    for i, start, stop in zip(
        nodes.tolist(), tape.start[nodes].tolist(), tape.start[nodes + 1].tolist(), strict=True
    ):
        args = tape.args[start:stop]
        if bool(marks[args].any()) if stop - start > MANY else any(map(mark, args.tolist())):
            marks[i] = True
    return marks
