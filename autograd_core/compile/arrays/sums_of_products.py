"""Find sums of products, however they are written.

A chain of additions is one sum, whether it came from `sum()`, from a loop that starts at 0 or at the bias, or
from `dot`; a product that only the sum uses is part of it. What is left are fewer and larger nodes: each sum
is a list of terms `a·b` or `a`, every other node keeps its arguments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from ...base.importing import np
from ...kernel import table
from ..front.tape import CONSTANT, Ints, Tape

if TYPE_CHECKING:
    from numpy.typing import NDArray

Mask: TypeAlias = "NDArray[np.bool_]"
NOTHING = -1


@dataclass(frozen=True, eq=False)
class Sums:
    """The tape's nodes with the additions gathered.

    `kept` marks the nodes that remain; of them `is_sum` those that are sums. Term t belongs to the sum
    `root[t]` and is `first[t] * second[t]`, or `first[t]` alone where `second[t]` is `NOTHING`; terms stand
    in the order of their sums. `source[e] -> target[e]` are the edges between remaining nodes.
    """

    kept: Mask
    is_sum: Mask
    root: Ints
    first: Ints
    second: Ints
    source: Ints
    target: Ints


def merged_constants(tape: Tape, batched: Mask) -> Ints:
    """For each argument in the tape the node to take for it: of equal constants always the same one."""
    representative = np.arange(len(tape))
    for kind in (~batched, batched):
        constants = np.flatnonzero((tape.code == CONSTANT) & kind)
        bits = tape.number[constants].view(np.int64)
        _, first, inverse = np.unique(bits, return_index=True, return_inverse=True)
        representative[constants] = constants[first][inverse]
    return representative[tape.args]


def gathered(tape: Tape, args: Ints, batched: Mask) -> Sums:
    """Gather the additions of a tape.

    What is the same for all examples is not taken into a sum that is not: it is computed once. Products of
    two factors of each example are not taken into a sum beside products of one: a sum has one matrix product.
    """
    n = len(tape)
    sizes = np.diff(tape.start)
    target = np.repeat(np.arange(n), sizes)
    adds = (tape.code == tape.code_of(table.add)) | (tape.code == tape.code_of(table.sum))
    dots = tape.code == tape.code_of(table.dot)
    uses = np.bincount(args, minlength=n) + np.bincount(tape.outputs, minlength=n)
    consumer = np.zeros(n, np.int64)
    consumer[args] = target
    inner = (uses == 1) & adds[consumer] & (batched == batched[consumer])
    absorbed = inner & (adds | dots)
    product = inner & (tape.code == tape.code_of(table.mul))
    owner = _roots(np.where(absorbed, consumer, np.arange(n)))
    root = np.where(product, owner[consumer], owner)
    apart = _apart(tape, args, np.flatnonzero((product | (absorbed & dots)) & batched), root, batched)
    product, absorbed = product & ~apart, absorbed & ~apart
    owner = np.where(apart, np.arange(n), owner)
    root, first, second = _terms(tape, args, target, adds, dots, absorbed, product, owner)
    is_sum = (adds | dots) & ~absorbed
    plain = ~(is_sum | absorbed | product)[target]
    paired = second != NOTHING
    return Sums(
        ~(absorbed | product), is_sum, root, first, second,
        np.concatenate([args[plain], first, second[paired]]),
        np.concatenate([target[plain], root, root[paired]]),
    )  # fmt: skip


def _apart(tape: Tape, args: Ints, products: Ints, root: Ints, batched: Mask) -> Mask:
    """Those products of two factors of each example in whose sum there are some of one."""
    start = tape.start[products]
    half = (tape.start[products + 1] - start) // 2  # Of a product of vectors, too.
    both = batched[args[start]] & batched[args[start + half]]
    mixed, found = np.zeros(len(tape), bool), np.zeros(len(tape), bool)
    mixed[root[products[~both]]] = True
    found[products[both & mixed[root[products]]]] = True
    return found


def _roots(parent: Ints) -> Ints:
    """The end of each node's chain of parents, by pointer jumping."""
    while True:
        further = parent[parent]
        if np.array_equal(further, parent):
            return parent
        parent = further


def _terms(
    tape: Tape, args: Ints, target: Ints, adds: Mask, dots: Mask, absorbed: Mask, product: Mask, owner: Ints
) -> tuple[Ints, Ints, Ints]:
    edge = np.flatnonzero(adds[target] & ~absorbed[args])
    first, second = args[edge].copy(), np.full(len(edge), NOTHING)
    pairs = np.flatnonzero(product[first])
    where = tape.start[first[pairs]]
    first[pairs], second[pairs] = args[where], args[where + 1]
    root = owner[target[edge]]
    dot = np.flatnonzero(dots[target])
    if len(dot):
        half = np.diff(tape.start)[target[dot]] // 2
        dot, half = dot[leading := dot - tape.start[target[dot]] < half], half[leading]
        first = np.concatenate([first, args[dot]])
        second = np.concatenate([second, args[dot + half]])
        root = np.concatenate([root, owner[target[dot]]])
    order = np.argsort(root, kind="stable")
    return root[order], first[order], second[order]
