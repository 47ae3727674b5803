"""Apply the rewriting rules to a whole tape at once, with NumPy.

Only rules with a constant are applied, because all matches can be found at once: each kind of node with such
a constant is tried on one symbol. In a graph of many similar parts, only constants that belong to the
formula, such as exponents, are considered: an example whose data happens to be 1 must keep the form of the
others, or a matrix product would be split to save one product. Equal nodes are not shared, for the same
reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import isfinite
from typing import Any

from ...base.importing import np
from ...operations.operation import Operation
from ..arrays.structure import constants_tell
from .tape_and_builder import CONSTANT, FOLDED, Builder, Ints, Tape

Fired = dict[Any, int]
"""How often each rule was applied."""

SMALL = 4.0
"""The largest number in any rule."""


def simplified(tape: Tape, exact: bool, alike: bool) -> tuple[Tape, Fired]:
    """Return a tape with the same values, whose parts stay `alike`, and the counts of applied rules.

    If `exact`, only constants are folded: replacing a node by another would change the order of gradient
    sums.
    """
    fired: Fired = {}
    simpler = _folded(tape, fired)
    if not exact:
        simpler = _without_idle_numbers(simpler, alike, fired)
    return (_alive(simpler) if fired else tape), fired


def written_out(tape: Tape, exact: bool) -> tuple[Tape, Fired]:
    """Do the same with all rules, node by node, which takes longer; equal nodes are shared as well.

    Arguments dropped by a rule are still computed, because they may be undefined.
    """
    builder = Builder(exact)
    here = builder.load(tape)
    inputs, outputs = ([here[i] for i in places.tolist()] for places in (tape.inputs, tape.outputs))
    found = builder.tape(inputs, [*outputs, *[x.place for x in builder.dropped]])
    return replace(found, outputs=found.outputs[: len(outputs)]), dict(builder.fired)


def _folded(tape: Tape, fired: Fired) -> Tape:
    """Fold results of constants, except infinite or undefined ones, which are errors when run."""
    target = np.repeat(np.arange(len(tape)), np.diff(tape.start))
    varies = tape.code < 0
    varies[target[tape.code[tape.args] != CONSTANT]] = True
    if varies.all():
        return tape
    code, number = tape.code.tolist(), tape.number.tolist()
    for i, row, args in tape.nodes():
        if row is not None and all([code[j] == CONSTANT for j in args]):
            y = row.value_at(tuple([number[j] for j in args]))
            if isfinite(y):
                code[i], number[i] = CONSTANT, y
                fired[FOLDED] = fired.get(FOLDED, 0) + 1
    return _with_arguments(
        replace(tape, code=np.array(code, np.int64), number=np.array(number, np.float64)),
        np.repeat(np.array(code, np.int64), np.diff(tape.start)) != CONSTANT,
    )


def _without_idle_numbers(tape: Tape, alike: bool, fired: Fired) -> Tape:
    """Replace x*1 and the like by x, and x**2 by `square(x)`."""
    alias, code, rows = np.arange(len(tape)), tape.code.copy(), list(tape.rows)
    kept = np.ones(len(tape.args), bool)
    for nodes, row, number_first, number in _kinds(tape, alike):
        x = tape.args[tape.start[nodes] + number_first]
        builder, result = _tried(row, number_first, number)
        if result == 0:
            alias[nodes] = x
        elif builder.args[result] == (0,) and (new := builder.rows[result]) is not None:
            rows += [new] if new not in rows else []
            code[nodes] = rows.index(new)
            kept[tape.start[nodes] + (not number_first)] = False
        else:
            continue
        for rule in builder.fired:
            fired[rule] = fired.get(rule, 0) + len(nodes)
    while not np.array_equal(alias, alias[alias]):
        alias = alias[alias]
    tape = replace(tape, code=code, rows=tuple(rows), args=alias[tape.args], outputs=alias[tape.outputs])
    return _with_arguments(tape, kept)


def _tried(row: Operation, number_first: bool, number: float) -> tuple[Builder, int]:
    """Apply the rules to the row at a symbol, which is at place 0, and that number."""
    builder = Builder()
    x = builder.term(builder.input())
    result = builder.apply(row, (number, x) if number_first else (x, number))
    return builder, builder.place(result)


def _kinds(tape: Tape, alike: bool) -> Iterator[tuple[Ints, Operation, bool, float]]:
    """Yield the nodes with two arguments, one a small number, grouped by row, side and number."""
    wanted = [row.arity == 2 and (not alike or constants_tell(row)) for row in tape.rows]
    nodes = np.flatnonzero(np.array([*wanted, False, False])[tape.code])
    whole = tape.number == np.rint(tape.number)
    constant = (tape.code == CONSTANT) & (np.abs(tape.number) <= SMALL) & whole
    for number_first in (False, True):
        argument = tape.args[tape.start[nodes] + (not number_first)]
        other = tape.args[tape.start[nodes] + number_first]
        those = np.flatnonzero(constant[argument] & (tape.code[other] != CONSTANT))
        numbers = tape.number[argument[those]]
        keys = tape.code[nodes[those]] * 32 + numbers.astype(np.int64) * 2 + np.signbit(numbers)
        order = np.argsort(keys, kind="stable")
        for part in np.split(order, np.flatnonzero(np.diff(keys[order])) + 1):
            if len(part):
                members = nodes[those[part]]
                yield members, tape.rows[tape.code[members[0]]], number_first, float(numbers[part[0]])


def _with_arguments(tape: Tape, kept: Any) -> Tape:
    """Return the tape with only those arguments."""
    before = np.concatenate([[0], np.cumsum(kept)])
    return replace(tape, args=tape.args[kept], start=before[tape.start])


def _alive(tape: Tape) -> Tape:
    """Return the tape without nodes that lead to no output."""
    alive = np.zeros(len(tape), bool)
    alive[tape.inputs] = alive[tape.outputs] = True
    marks, start, args = alive.tolist(), tape.start.tolist(), tape.args.tolist()
    for i in range(len(tape) - 1, -1, -1):
        if marks[i]:
            for j in args[start[i] : start[i + 1]]:
                marks[j] = True
    alive[:] = marks
    place = np.cumsum(alive) - 1
    tape = _with_arguments(tape, np.repeat(alive, np.diff(tape.start)))
    return replace(
        tape,
        code=tape.code[alive],
        number=tape.number[alive],
        start=np.concatenate([[0], np.cumsum(np.diff(tape.start)[alive])]),
        args=place[tape.args],
        inputs=place[tape.inputs],
        outputs=place[tape.outputs],
        labels={int(place[i]): label for i, label in tape.labels.items() if alive[i]},
    )
