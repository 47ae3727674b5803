"""Find the structure of a tape: sums of products, nodes that can run together, and equal formulas.

A node's level is the length of the longest path to it from a leaf. Its signature is a hash of the whole
expression that leads to it, where leaves of one kind are equal: value numbering of structure. Nodes with
equal signatures are instances of one formula. Sums of products with equal signatures may be a matrix product.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, Any, TypeAlias

from ...base.importing import np
from ...native import in_c
from ...operations import table
from ...operations.operation import Operation
from ..emit.expressions import symbol_of
from ..front.tape_and_builder import CONSTANT, INPUT, Ints, Tape

if TYPE_CHECKING:
    from numpy.typing import NDArray

Mask: TypeAlias = "NDArray[np.bool_]"
NOTHING = -1


@dataclass(frozen=True, eq=False)
class Sums:
    """The tape's nodes with additions gathered into sums.

    `kept` marks the nodes that remain, and `is_sum` the sums among them. Term t belongs to the sum `root[t]`
    and is `first[t] * second[t]`, or just `first[t]` if `second[t]` is `NOTHING`; terms are in the order of
    their sums. `source[e] -> target[e]` are the edges between remaining nodes.
    """

    kept: Mask
    is_sum: Mask
    root: Ints
    first: Ints
    second: Ints
    source: Ints
    target: Ints


def merged_constants(tape: Tape, batched: Mask) -> Ints:
    """Return the node to use for each argument in the tape: one node for all equal constants."""
    representative = np.arange(len(tape))
    for kind in (~batched, batched):
        constants = np.flatnonzero((tape.code == CONSTANT) & kind)
        bits = tape.number[constants].view(np.int64)
        _, first, inverse = np.unique(bits, return_index=True, return_inverse=True)
        representative[constants] = constants[first][inverse]
    return representative[tape.args]


def gathered(tape: Tape, args: Ints, batched: Mask) -> Sums:
    """Gather the additions of a tape.

    A part that is shared by all examples is not merged into a sum that is not, so that it is computed once.
    Products with two factors from each example are not merged with products with one, because a sum has one
    matrix product.
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
    """Return the products with two factors from each example whose sum also has some with one."""
    start = tape.start[products]
    half = (tape.start[products + 1] - start) // 2  # Also for a product of vectors.
    both = batched[args[start]] & batched[args[start + half]]
    mixed, found = np.zeros(len(tape), bool), np.zeros(len(tape), bool)
    mixed[root[products[~both]]] = True
    found[products[both & mixed[root[products]]]] = True
    return found


def _roots(parent: Ints) -> Ints:
    """Return the end of each node's chain of parents, by pointer jumping."""
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


@dataclass(frozen=True, eq=False)
class Grid:
    """`members` of shape (N, R, C): N blocks with the sums over k of `left[n, r, k] * right[n, c, k]`.

    Its entries are positions in a table of sums; `left` and `right` hold nodes.
    """

    members: Ints
    left: Ints
    right: Ints


def grids(first: Ints, second: Ints, classes: Hashes) -> list[Grid]:
    """Return grids that cover all sums `Σ_k first[s, k] * second[s, k]`, in as few blocks as possible.

    The products of a sum may be in any order. Within a class of products they are sorted by the second factor
    or, if that shows no structure, by the first, so that rows written in different orders are recognized,
    too.
    """
    best: list[Grid] = []
    for key in (second, first):
        found = _blocks(*in_order([first, second], [key, classes]))
        if not best or len(found) < len(best) or _rows(found) < _rows(best):
            best = found
        if len(best) == 1 and best[0].members.shape[0] == 1:
            break
    return best


def in_order(tables: list[Any], keys: list[Any]) -> list[Any]:
    """Return tables with each row sorted by the keys, the last of which counts most; often no row changes."""
    if all((key == key[:, :1]).all() for key in keys[1:]) and (keys[0][:, 1:] >= keys[0][:, :-1]).all():
        return tables
    order = np.lexsort(keys, axis=-1)
    return [np.take_along_axis(table, order, 1) for table in tables]


def _rows(found: list[Grid]) -> int:
    """Return the total number of operand vectors read: fewer means more sharing."""
    return sum(grid.left.shape[0] * (grid.left.shape[1] + grid.right.shape[1]) for grid in found)


def _blocks(first: Ints, second: Ints) -> list[Grid]:
    r, rows = _distinct(first)
    c, columns = _distinct(second)
    if len(rows) * len(columns) == len(first) == len(np.unique(r * len(columns) + c)):
        members = np.empty((1, len(rows), len(columns)), np.int64)
        members[0, r, c] = np.arange(len(first))
        return [Grid(members, first[rows][None], second[columns][None])]
    return _components(first, second, r, c, rows, columns)


def _components(first: Ints, second: Ints, r: Ints, c: Ints, rows: Ints, columns: Ints) -> list[Grid]:
    """Find the connected parts of rows and columns; parts of the same form become blocks of one grid."""
    names, part_of_row = np.unique(connected_parts(r, c, len(rows), len(columns)), return_inverse=True)
    part = part_of_row[r]
    heights = np.bincount(part_of_row, minlength=len(names))
    widths = np.bincount(part[np.unique(c, return_index=True)[1]], minlength=len(names))
    cells = np.bincount(part, minlength=len(names))
    distinct = np.bincount(part[np.unique(r * len(columns) + c, return_index=True)[1]], minlength=len(names))
    full = (cells == heights * widths) & (distinct == cells)
    result = []
    forms = heights * (int(widths.max()) + 1) + widths
    for form in np.unique(forms[full]):
        those = np.flatnonzero(full & (forms == form))
        result.append(_stacked(first, second, r, c, part, those))
    scattered = np.flatnonzero(~full[part])
    if len(scattered):
        result.append(Grid(scattered[:, None, None], first[scattered][:, None], second[scattered][:, None]))
    return result


def connected_parts(r: Ints, c: Ints, rows: int, columns: int) -> Ints:
    """Return for each row the first row of its connected part.

    In each round every part joins an adjacent one with a smaller first row, so few rounds are needed, however
    long the path from one end of a part to the other.
    """
    first = np.arange(rows + columns)
    while True:
        one, other = first[r], first[rows + c]
        if np.array_equal(one, other):
            return first[:rows]
        np.minimum.at(first, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(first, onward := first[first]):
            first = onward


def _stacked(first: Ints, second: Ints, r: Ints, c: Ints, part: Ints, those: Ints) -> Grid:
    chosen = np.flatnonzero(np.isin(part, those))
    order = chosen[np.lexsort((c[chosen], r[chosen], part[chosen]))]
    height = len(np.unique(r[chosen])) // len(those)
    members = order.reshape(len(those), height, -1)
    return Grid(members, first[members[:, :, 0]], second[members[:, 0, :]])


def _distinct(table: Ints) -> tuple[Ints, Ints]:
    """Return for each row of a table the number of its kind, and one row of each kind."""
    salt = mixed(np.arange(1, table.shape[1] + 1, dtype=np.uint64))
    hashes = mixed(table.astype(np.uint64) + salt).sum(axis=1, dtype=np.uint64)
    _, first, kind = np.unique(hashes, return_index=True, return_inverse=True)
    # Numbering kinds by first appearance keeps the order of the program.
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[kind], np.sort(first)


Hashes: TypeAlias = "NDArray[np.uint64]"


def levels(sums: Sums, limit: int) -> Ints | None:
    """Return the level of each remaining node (-1 for the others), or None for more than `limit` levels."""
    n = len(sums.kept)
    if in_c is not None:
        found = in_c.levels(
            sums.kept, np.ascontiguousarray(sums.source), np.ascontiguousarray(sums.target), limit
        )
        return None if found is None else np.frombuffer(found, np.int64)
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
    """Return where each owner's items begin, if sorted by owner, and where the last ones end."""
    return np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=count))])


def _counted(nodes: Ints, count: int) -> tuple[Ints, Ints]:
    """Return the distinct nodes in an array, and the number of times each occurs."""
    if 8 * len(nodes) < count:
        return np.unique(nodes, return_counts=True)
    counts = np.bincount(nodes)
    different = np.flatnonzero(counts)
    return different, counts[different]


def spans(start: Ints, stop: Ints) -> Ints:
    """Return the concatenated ranges start[i]:stop[i] as an index array."""
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


def signatures(
    tape: Tape, args: Ints, sums: Sums, level: Ints, batched: Mask, most: float = inf
) -> Hashes | None:
    """Return the signature of each remaining node; it differs for nodes of different spaces.

    Returns None if there are more than `most` for results, whose signatures differ between levels.
    """
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
        most -= len(np.unique(signature[nodes]))
        if most < 0:
            return None
    return signature


def _of_sums(sums: Sums, signature: Hashes, start: Ints, stop: Ints) -> Hashes:
    terms = spans(start, stop)
    sizes = stop - start
    messages = term_classes(sums, signature, terms)
    return mixed(np.add.reduceat(messages, np.concatenate([[0], np.cumsum(sizes)[:-1]])) + np.uint64(17))


def term_classes(sums: Sums, signature: Hashes, terms: Ints) -> Hashes:
    """Return a hash of each term that does not depend on the order of its two factors."""
    one = mixed(signature[sums.first[terms]] + np.uint64(5))
    pair = sums.second[terms] != NOTHING
    two = np.where(pair, mixed(signature[sums.second[terms]] + np.uint64(5)), np.uint64(11))
    return mixed(one + two)


def by_level(level: Ints) -> list[Ints]:
    """Return the nodes of each level, in order."""
    order = np.argsort(level, kind="stable")
    bounds = np.searchsorted(level[order], np.arange(int(level.max(initial=0)) + 2))
    return [order[a:b] for a, b in pairwise(bounds)]


def constants_tell(row: Operation) -> bool:
    """Whether a constant argument is part of the formula, like an exponent, rather than data."""
    return row.parametric or bool(row.defaults)


def hash_of(text: str) -> int:
    """Return a hash of a text that is the same in every process."""
    number = 0xCBF29CE484222325
    for byte in text.encode():
        number = (number ^ byte) * 0x100000001B3 % 2**64
    return number
