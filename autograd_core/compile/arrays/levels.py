"""Compute each node's level and signature: what can run at the same time, and what is alike.

A node's level is the length of the longest way to it from a leaf. Its signature is a hash of the whole
expression above it in which leaves of one kind are the same: value numbering of structure. Nodes of equal
signature are instances of one formula.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from ...base.importing import np
from ...kernel import table
from ...kernel.operation import Operation
from ..emit.expressions import symbol_of
from ..front.tape import CONSTANT, INPUT, Ints, Tape
from .sums_of_products import NOTHING, Mask, Sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

Hashes: TypeAlias = "NDArray[np.uint64]"


def levels(sums: Sums, limit: int) -> Ints | None:
    """The level of each remaining node (-1 for the others), or None if there are more than `limit`."""
    n = len(sums.kept)
    order = np.argsort(sums.source, kind="stable")
    target = sums.target[order]
    first = begins(sums.source, n)
    waiting = np.bincount(sums.target, minlength=n)
    level = np.full(n, -1)
    front = np.flatnonzero(sums.kept & (waiting == 0))
    for depth in range(limit + 1):
        level[front] = depth
        reached = target[spans(first[front], first[front + 1])]
        if not len(reached):
            return level
        nodes, counts = _counted(reached, n)
        waiting[nodes] -= counts
        front = nodes[waiting[nodes] == 0]
    return None


def begins(owner: Ints, count: int) -> Ints:
    """Where the things of each of so many owners begin, when they are sorted by owner; and where all end."""
    return np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=count))])


def _counted(nodes: Ints, count: int) -> tuple[Ints, Ints]:
    """The different ones among many of so many nodes, and how often each is there."""
    if 8 * len(nodes) < count:
        return np.unique(nodes, return_counts=True)
    counts = np.bincount(nodes)
    different = np.flatnonzero(counts)
    return different, counts[different]


def spans(start: Ints, stop: Ints) -> Ints:
    """The ranges start[i]:stop[i], one after the other, as one index array."""
    sizes = stop - start
    total = int(sizes.sum())
    if not total:
        return np.zeros(0, np.int64)
    begin = np.repeat(start - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes)
    return begin + np.arange(total)


def mixed(x: Hashes) -> Hashes:
    """Scramble 64 bits (the finalizer of SplitMix64)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def signatures(tape: Tape, args: Ints, sums: Sums, level: Ints, batched: Mask) -> Hashes:
    """The signature of each remaining node: nodes of different spaces never have the same."""
    salt = np.array([*[hash_of(f"row {symbol_of(row)}") for row in tape.rows], 0, 0], np.uint64)
    signature = np.zeros(len(tape), np.uint64)
    signature[tape.code == CONSTANT] = hash_of("constant")
    signature[tape.code == INPUT] = hash_of("input")
    mark = np.where(batched, np.uint64(hash_of("batched")), np.uint64(0))
    signature[tape.code < 0] += mark[tape.code < 0]
    bits = mixed(tape.number.view(np.uint64) + np.uint64(hash_of("number")))
    first_term = begins(sums.root, len(tape))
    telling = np.array([*[constants_tell(row) for row in tape.rows], False, False])
    commutes = tape.code_of(table.mul)
    for nodes in by_level(level)[1:]:
        those = nodes[sums.is_sum[nodes]]
        if len(those):
            found = _of_sums(sums, signature, first_term[those], first_term[those + 1])
            signature[those] = mixed(found + mark[those])
        others = nodes[~sums.is_sum[nodes]]
        if len(others):
            code, start = tape.code[others], tape.start[others]
            sizes = tape.start[others + 1] - start
            edges = spans(start, start + sizes)
            begin = np.concatenate([[0], np.cumsum(sizes)[:-1]])
            place = np.arange(len(edges)) - np.repeat(begin, sizes) + 1
            place[np.repeat(code == commutes, sizes)] = 1
            above = signature[args[edges]]
            by_value = np.repeat(telling[code], sizes) & (tape.code[args[edges]] == CONSTANT)
            above = np.where(by_value, bits[args[edges]], above)
            messages = mixed(above + place.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
            signature[others] = mixed(np.add.reduceat(messages, begin) + salt[code] + mark[others])
    return signature


def _of_sums(sums: Sums, signature: Hashes, start: Ints, stop: Ints) -> Hashes:
    terms = spans(start, stop)
    sizes = stop - start
    messages = term_classes(sums, signature, terms)
    return mixed(np.add.reduceat(messages, np.concatenate([[0], np.cumsum(sizes)[:-1]])) + np.uint64(17))


def term_classes(sums: Sums, signature: Hashes, terms: Ints) -> Hashes:
    """A hash of each term in which the order of the two factors makes no difference."""
    one = mixed(signature[sums.first[terms]] + np.uint64(5))
    pair = sums.second[terms] != NOTHING
    two = np.where(pair, mixed(signature[sums.second[terms]] + np.uint64(5)), np.uint64(11))
    return mixed(one + two)


def by_level(level: Ints) -> list[Ints]:
    """The nodes of each level, in order."""
    order = np.argsort(level, kind="stable")
    bounds = np.searchsorted(level[order], np.arange(int(level.max(initial=0)) + 2))
    return [order[a:b] for a, b in pairwise(bounds)]


def constants_tell(row: Operation) -> bool:
    """Whether a constant argument is part of the formula, like an exponent, rather than data."""
    return row.parametric or bool(row.defaults)


def hash_of(text: str) -> int:
    """A hash of a text that is the same in every process."""
    number = 0xCBF29CE484222325
    for byte in text.encode():
        number = (number ^ byte) * 0x100000001B3 % 2**64
    return number
