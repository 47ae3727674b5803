"""Groups of alike nodes, each with its operands: what the array program computes at one stroke."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .. import ops
from ..operation import Operation
from .grids import grids, in_order
from .layout import Access, Layout
from .levels import Hashes, begins, by_level, levels, signatures, spans, term_classes
from .lifting import lifted
from .softmaxes import calls
from .sums import NOTHING, Mask, Sums, gathered, merged_constants
from .tape import CONSTANT, Ints, Tape

Block = tuple[Ints, Ints | None, Ints | None]
"""The members of a sum group, and the nodes of its two factors if it is a product."""

STRUCTURE = 0.125
"""A graph with more formulas than that for a node is taken to have no structure."""
NARROW = 16
"""So is one with fewer operations a level than that."""


@dataclass(eq=False)
class Group:
    """Nodes of one formula, in the order in which they lie in the buffer.

    Either `row` is applied to `operands` element by element, or the group is a sum: of the matrix product
    `left · rightᵀ` or the product of the `pair` where there is one, of `operands`, and of `totals`, each
    summed along its last axis (which has that many terms, though it may be cut down to one). A `whole` group
    has along its first axis all the results of a call, each at the place of the operand that belongs to it.
    """

    members: Ints
    row: Operation | None = None
    operands: list[Access] = field(default_factory=list)
    left: Access | None = None
    right: Access | None = None
    pair: tuple[Access, Access] | None = None
    totals: list[tuple[Access, int]] = field(default_factory=list)
    base: int = 0
    space: int = 0
    whole: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.members.shape)


@dataclass(eq=False)
class Analysis:
    """A tape laid out in groups."""

    tape: Tape
    layout: Layout
    groups: list[Group]
    depth: int


def analysed(
    tape: Tape, batched_inputs: Mask | None = None, limit: int = 2000, gather: bool = False
) -> Analysis | None:
    """The groups of a tape; None if it is one long chain, or if few are alike and `gather` is not set."""
    tape, batched = lifted(tape, batched_inputs)
    args = merged_constants(tape, batched)
    sums = gathered(tape, args, batched)
    level = levels(sums, limit if gather else min(limit, max(64, tape.operations // NARROW)))
    if level is None:
        return None
    alike = signatures(tape, args, sums, level, batched)
    kept = np.flatnonzero(sums.kept & (level > 0))
    if not gather and len(np.unique(alike[kept])) > STRUCTURE * len(kept) + 1:
        return None
    layout = Layout(tape, batched)
    groups: list[Group] = []
    first_term, rank = begins(sums.root, len(tape)), _rank(tape, batched)
    for nodes in by_level(level)[1:]:
        order = nodes[np.argsort(alike[nodes], kind="stable")]
        bounds = np.flatnonzero(np.diff(alike[order])) + 1
        for members in np.split(order, bounds):
            if sums.is_sum[members[0]]:
                groups += _sum_groups(sums, layout, alike, members, first_term, rank)
            else:
                groups.append(_row_group(tape, args, layout, members))
    return Analysis(tape, layout, groups, int(level.max(initial=0)))


def _row_group(tape: Tape, args: Ints, layout: Layout, members: Ints) -> Group:
    row = tape.rows[tape.code[members[0]]]
    count = int(tape.start[members[0] + 1] - tape.start[members[0]])
    columns = args[tape.start[members][:, None] + np.arange(count)]
    if row is ops.mul:  # Written either way round it is the same formula.
        columns = np.take_along_axis(columns, np.argsort(layout.space[columns], axis=1, kind="stable"), 1)
    together = calls(row, columns)
    if together is not None:
        table = together[:, 0] if together.shape[1] == 1 else together
        group = Group(members[table], row, [layout.access(columns[table, 0], whole=True)], whole=True)
        group.space, group.base = layout.place(group.members)
        return group
    lead = _lead(tape, layout, columns.T)
    order, shape = _arranged(layout, columns[:, lead])
    members = members[order].reshape(shape)
    nodes = [columns[order, j].reshape(shape) for j in range(count)]
    if row.arity is None:
        operands = [layout.access(np.stack(nodes), whole=True)]
    else:
        operands = [layout.access(table) for table in nodes]
    group = Group(members, row, operands)
    group.space, group.base = layout.place(members)
    return group


def _lead(tape: Tape, layout: Layout, columns: Ints) -> int:
    """The operand by which a group is put in order: most different nodes, results before leaves."""
    weights = [
        (len(np.unique(column)), bool((tape.code[column] >= 0).all()), -j) for j, column in enumerate(columns)
    ]
    return max(range(len(columns)), key=weights.__getitem__)


def _arranged(layout: Layout, lead: Ints) -> tuple[Ints, tuple[int, ...]]:
    """An order of the members in which the lead is contiguous, and the shape of what it covers."""
    position = np.where(layout.position[lead] < 0, lead, layout.position[lead])
    order = np.argsort(position, kind="stable")
    shape = layout.regions.get((int(layout.space[lead[0]]), int(position[order[0]])), ())
    covers = position[order[-1]] - position[order[0]] == len(lead) - 1 and len(np.unique(position)) == len(
        lead
    )
    return order, shape if covers and int(np.prod(shape)) == len(lead) else (len(lead),)


def _sum_groups(
    sums: Sums, layout: Layout, alike: Hashes, members: Ints, first_term: Ints, rank: Ints
) -> list[Group]:
    count = int(first_term[members[0] + 1] - first_term[members[0]])
    terms = spans(first_term[members], first_term[members + 1])
    classes = term_classes(sums, alike, terms).reshape(len(members), count)
    first = sums.first[terms].reshape(len(members), count)
    second = sums.second[terms].reshape(len(members), count)
    keys = [layout.position[first], classes, second == NOTHING]
    first, second, classes = in_order([first, second, classes], keys)
    products = int(np.count_nonzero(second[0] != NOTHING))
    plain = first[:, products:]
    bounds = np.flatnonzero(np.diff(classes[0, products:])) + 1
    columns = [part for part in np.split(np.arange(plain.shape[1]), bounds) if len(part)]
    if not products:
        arrangement, shape = _arranged(layout, plain[:, _lead(layout.tape, layout, plain.T)])
        blocks: list[Block] = [(arrangement.reshape(shape), None, None)]
    else:
        a, b = _oriented(rank, first[:, :products], second[:, :products])
        blocks = [
            (_squeezed(grid.members), grid.left, grid.right) for grid in grids(a, b, classes[:, :products])
        ]
        if products == 1 and (len(blocks) > 1 or min(blocks[0][0].shape) == 1):
            lead = (a, b)[_lead(layout.tape, layout, np.concatenate([a, b], axis=1).T)][:, 0]
            arrangement, shape = _arranged(layout, lead)
            blocks = [(arrangement.reshape(shape), a, b)]
    return [_sum_group(layout, members, plain, columns, *block) for block in blocks]


def _squeezed(members: Ints) -> Ints:
    return members[0] if members.shape[0] == 1 else members


def _rank(tape: Tape, batched: Mask) -> Ints:
    """The order of factors: those of all examples first, then by kind, by how often they are used, by age."""
    # The kind is the same for all instances of a product; its formula would be, too, but would put weights
    # on the left of one product and on the right of the next.
    kinds = np.minimum(tape.code, 0) - CONSTANT
    uses = np.minimum(np.bincount(tape.args, minlength=len(tape)), 2**29)
    rank: Ints = (batched.astype(np.int64) << 62) + (kinds << 60) + (uses << 31) + np.arange(len(tape))
    return rank


def _oriented(rank: Ints, first: Ints, second: Ints) -> tuple[Ints, Ints]:
    """The factors of each product in that order."""
    swap = rank[first] > rank[second]
    return np.where(swap, second, first), np.where(swap, first, second)


def _sum_group(
    layout: Layout, members: Ints, plain: Ints, columns: list[Ints], rows: Ints,
    left: Ints | None, right: Ints | None,
) -> Group:  # fmt: skip
    group = Group(members[rows])
    if left is not None and right is not None and left.ndim == 2:
        group.pair = layout.access(left[rows, 0]), layout.access(right[rows, 0])
    elif left is not None and right is not None:
        # Blocks are dropped together with the axis of length 1 in the members.
        group.left = layout.access(left if rows.ndim == 3 else left[0], whole=True)
        group.right = layout.access(right if rows.ndim == 3 else right[0], whole=True)
    for column in columns:
        nodes = plain[rows][..., column]
        if len(column) == 1:
            group.operands.append(layout.access(nodes[..., 0]))
        else:
            group.totals.append((layout.access(nodes), len(column)))
    group.totals, constants = _parted(group.totals)
    group.operands += constants
    group.space, group.base = layout.place(group.members)
    return group


def _parted(totals: list[tuple[Access, int]]) -> tuple[list[tuple[Access, int]], list[Access]]:
    """The totals that vary, and those of constants alone, added up."""
    varying, constants = [], []
    for access, count in totals:
        if access.constant is None:
            varying.append((access, count))
        else:
            numbers = np.broadcast_to(access.constant, (*access.shape[:-1], count)).sum(axis=-1)
            number = float(numbers.flat[0]) if numbers.size == 1 else numbers
            constants.append(Access(access.space, numbers.shape, constant=number))
    return varying, constants
