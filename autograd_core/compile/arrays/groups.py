"""Group nodes with the same formula, so that the array program computes each group in one call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import inf
from typing import TypeAlias

from ...base.importing import np
from ...operations import table
from ...operations import table as ops
from ...operations.operation import Operation
from ..front.tape_and_builder import CONSTANT, Ints, Tape
from .layout import Access, Layout
from .structure import (
    NOTHING,
    Hashes,
    Mask,
    Sums,
    begins,
    by_level,
    gathered,
    grids,
    in_order,
    levels,
    merged_constants,
    signatures,
    spans,
    term_classes,
)

MANY = 30
"""With at least this many arguments, NumPy examines them faster than Python."""


def lifted(tape: Tape, batched_inputs: Mask | None, sums: bool = True) -> tuple[Tape, Mask]:
    """Return the tape, and which of its nodes have a value for each example of the batch.

    The arguments of a variadic row are read as one array, so either all or none may have one: shared
    arguments among others are copied first. If `sums` are gathered, the terms of one are read one by one, and
    the factors of a product of vectors as two arrays.
    """
    if batched_inputs is None or not batched_inputs.any():
        return tape, np.zeros(len(tape), bool)
    batched = reached(tape, tape.inputs[batched_inputs])
    edges = _mixed(tape, batched, sums)
    return _with_copies(tape, batched, edges) if len(edges) else (tape, batched)


def _mixed(tape: Tape, batched: Mask, sums: bool) -> Ints:
    """Return the shared arguments that are read in one array with others that are not."""
    variadic = np.array(
        [*[row.arity is None and not (sums and row is table.sum) for row in tape.rows], False]
    )
    nodes = np.flatnonzero((tape.code >= 0) & variadic[tape.code] & batched)
    start, stop = tape.start[nodes], tape.start[nodes + 1]
    if sums:
        two = tape.code[nodes] == tape.code_of(table.dot)
        middle = (start[two] + stop[two]) // 2
        start, stop = np.append(start, middle), np.append(stop, stop[two])
        stop[: len(nodes)][two] = middle
    before = np.concatenate([[0], np.cumsum(batched[tape.args])])
    count = before[stop] - before[start]
    mixed = (count > 0) & (count < stop - start) if sums else count < stop - start
    edges = spans(start[mixed], stop[mixed])
    return edges[~batched[tape.args[edges]]]


def _with_copies(tape: Tape, batched: Mask, edges: Ints) -> tuple[Tape, Mask]:
    """Return the tape with copies in place of those arguments: x·1, or another constant."""
    n, nodes = len(tape), np.unique(tape.args[edges])
    constant = tape.code[nodes] == CONSTANT
    one = n + len(nodes)
    rows = tape.rows if table.mul in tape.rows else (*tape.rows, table.mul)
    copy = np.full(n, -1)
    copy[nodes] = n + np.arange(len(nodes))
    args = tape.args.copy()
    args[edges] = copy[args[edges]]
    sources = nodes[~constant]
    longer = replace(
        tape,
        rows=rows,
        code=np.concatenate([tape.code, np.where(constant, CONSTANT, rows.index(table.mul)), [CONSTANT]]),
        number=np.concatenate([tape.number, tape.number[nodes], [1.0]]),
        args=np.concatenate([args, np.stack([sources, np.full(len(sources), one)], axis=1).ravel()]),
        start=np.concatenate([tape.start, tape.start[-1] + np.cumsum([*np.where(constant, 0, 2), 0])]),
    )
    # As in every tape, a copy comes after its source and before its readers; that of a leaf comes first.
    after = np.where(tape.code[nodes] < 0, -1.0, nodes + 0.5)
    order = np.argsort(np.concatenate([np.arange(n), after, [-2.0]]), kind="stable")
    return reordered(longer, order), np.concatenate([batched, np.ones(len(nodes), bool), [False]])[order]


def reordered(tape: Tape, order: Ints) -> Tape:
    """Return the tape with its nodes in that order."""
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
    """Return which nodes depend on some of the sources, including these."""
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


SumMembers: TypeAlias = "tuple[Ints, Ints | None, Ints | None]"
"""The members of a sum group, and the nodes of its two factors if it is a product."""

STRUCTURE = 0.125
"""A graph with more formulas per node is considered to have no structure."""
NARROW = 16
"""So is a graph with fewer operations per level."""


@dataclass(eq=False)
class Group:
    """Nodes with one formula, in the order of the buffer.

    Either `row` is applied to `operands` element by element, or the group is a sum: of the matrix product
    `left · rightᵀ` or the product of the `pair`, if any, of `operands`, and of `totals`, each summed along
    its last axis (which has that many terms, although it may be stored with length 1). The first axis of a
    `whole` group has all results of a call, each at the position of its operand.
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
    tape: Tape,
    batched_inputs: Mask | None = None,
    limit: int = 2000,
    gather: bool = False,
    most: float = inf,
) -> Analysis | None:
    """Return a tape's groups; None for a long chain, or if few nodes are alike and `gather` is not set.

    Also returns None if there are more than `most` groups, one per level and signature.
    """
    tape, batched = lifted(tape, batched_inputs)
    args = merged_constants(tape, batched)
    sums = gathered(tape, args, batched)
    narrow = limit if gather else min(limit, max(64, tape.operations // NARROW))
    level = levels(sums, int(min(narrow, most)))
    if level is None:
        return None
    results = np.count_nonzero(sums.kept & (level > 0))
    few = most if gather else min(most, STRUCTURE * results + 1)
    alike = signatures(tape, args, sums, level, batched, few)
    if alike is None:
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
    if row is ops.mul:  # The formula is the same in either order.
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
    """Return the operand that a group is ordered by: the most distinct nodes, results before leaves."""
    weights = [
        (len(np.unique(column)), bool((tape.code[column] >= 0).all()), -j) for j, column in enumerate(columns)
    ]
    return max(range(len(columns)), key=weights.__getitem__)


def _arranged(layout: Layout, lead: Ints) -> tuple[Ints, tuple[int, ...]]:
    """Return an order of the members that makes the lead contiguous, and the shape of its range."""
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
        blocks: list[SumMembers] = [(arrangement.reshape(shape), None, None)]
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
    """Return the order of factors: shared ones first, then by kind, by number of uses, by age."""
    # The kind is the same for all instances of a product. So is the formula, but that would put weights on
    # the left of one product and on the right of the next.
    kinds = np.minimum(tape.code, 0) - CONSTANT
    uses = np.minimum(np.bincount(tape.args, minlength=len(tape)), 2**29)
    rank: Ints = (batched.astype(np.int64) << 62) + (kinds << 60) + (uses << 31) + np.arange(len(tape))
    return rank


def _oriented(rank: Ints, first: Ints, second: Ints) -> tuple[Ints, Ints]:
    """Return the factors of each product in that order."""
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
        # The axis of blocks is dropped if it has length 1 in the members.
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
    """Return the totals that vary, and the sum of those that are constant."""
    varying, constants = [], []
    for access, count in totals:
        if access.constant is None:
            varying.append((access, count))
        else:
            numbers = np.broadcast_to(access.constant, (*access.shape[:-1], count)).sum(axis=-1)
            number = float(numbers.flat[0]) if numbers.size == 1 else numbers
            constants.append(Access(access.space, numbers.shape, constant=number))
    return varying, constants


def calls(row: Operation, columns: Ints) -> Ints | None:
    """Return the positions of nodes with those arguments, a column for each complete call, or None."""
    count = columns.shape[1]
    if not row.exponentials or len(columns) % count:
        return None
    arguments = np.sort(columns, axis=1)
    places = np.lexsort([columns[:, 0], *arguments.T[::-1]]).reshape(-1, count)
    alike = (arguments[places] == arguments[places[:, :1]]).all()
    complete = np.array_equal(columns[places, 0], arguments[places[:, 0]])
    return places.T if alike and complete else None


def softmax(x: str, y: str, spare: Callable[[], str]) -> list[str]:
    """y_j = e^(x_j - m) / Σ e^(x_i - m), for the largest x = m."""
    m = spare()
    return [
        f"np.maximum.reduce({x}, axis=0, out={m})",
        f"np.exp(np.subtract({x}, {m}, out={y}), out={y})",
        f"np.divide({y}, np.add.reduce({y}, axis=0, out={m}), out={y})",
    ]


def exponentials(
    x: str, m: str, e: str, total: str, largest: str, spare: Callable[[], str]
) -> tuple[list[str], str]:
    """Compute the largest x = m, e = e^(x - m) and their sum; return an expression for its logarithm.

    The largest x's term 1 is left to log1p, which keeps the digits of the others.
    """
    rest, ties = spare(), spare()
    lines = [
        f"np.maximum.reduce({x}, axis=0, out={m})",
        f"np.exp(np.subtract({x}, {m}, out={e}), out={e})",
        f"np.add.reduce({e}, axis=0, out={total})",
        f"np.equal({x}, {m}, out={largest})",
        f"np.subtract(np.add.reduce({largest}, axis=0, out={ties}), 1.0, out={ties})",
        f"np.add.reduce(np.subtract({e}, {largest}, out={largest}), axis=0, out={rest})",
    ]
    return lines, f"np.log1p(np.add({rest}, {ties}, out={rest}), out={rest})"


def slopes_of_softmax(g: str, y: str, spare: Callable[[], str], wide: str) -> list[str]:
    """Compute g_i - Σ g_j y_j into `wide`, which times y_i is the adjoint of x_i."""
    s = spare()
    return [
        f"np.add.reduce(np.multiply({g}, {y}, out={wide}), axis=0, out={s})",
        f"np.subtract({g}, {s}, out={wide})",
    ]


def slopes_of_log_softmax(g: str, e: str, total: str, spare: Callable[[], str], wide: str) -> list[str]:
    """Compute e_i / Σ e_j · Σ g_j into `wide`, which is subtracted from g_i for the adjoint of x_i."""
    s = spare()
    return [
        f"np.divide(np.add.reduce({g}, axis=0, out={s}), {total}, out={s})",
        f"np.multiply({e}, {s}, out={wide})",
    ]
