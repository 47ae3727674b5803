"""Recognize matrix products: sums of products whose operands pair every row with every column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...base.importing import np
from ..front.tape import Ints
from .levels import Hashes, mixed


@dataclass(frozen=True, eq=False)
class Grid:
    """`members` of shape (N, R, C): N blocks, in each the sum over k of `left[n, r, k] * right[n, c, k]`.

    Entries are places in a table of sums; `left` and `right` hold nodes.
    """

    members: Ints
    left: Ints
    right: Ints


def grids(first: Ints, second: Ints, classes: Hashes) -> list[Grid]:
    """Grids that cover all the sums `Σ_k first[s, k] * second[s, k]`, in as few blocks as can be found.

    The products of a sum may come in any order. Within a class of products they are sorted by the second
    factor, and, should that show no structure, by the first: thus rows that were written down in an order of
    their own are recognized all the same.
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
    """Tables with each row in the order of the keys, the last of which counts most; often they are."""
    if all((key == key[:, :1]).all() for key in keys[1:]) and (keys[0][:, 1:] >= keys[0][:, :-1]).all():
        return tables
    order = np.lexsort(keys, axis=-1)
    return [np.take_along_axis(table, order, 1) for table in tables]


def _rows(found: list[Grid]) -> int:
    """How many operand vectors are read in all: fewer means more sharing."""
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
    """The connected parts of rows and columns; parts of the same form become blocks of one grid."""
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
    """For each row the first row of its connected part.

    In each round every part that touches one with a smaller first row joins it, so few rounds are needed,
    however long the way from one end of a part to the other.
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
    """For each row of a table the number of its kind, and a row of each kind."""
    salt = mixed(np.arange(1, table.shape[1] + 1, dtype=np.uint64))
    hashes = mixed(table.astype(np.uint64) + salt).sum(axis=1, dtype=np.uint64)
    _, first, kind = np.unique(hashes, return_index=True, return_inverse=True)
    # Kinds in the order in which they first appear keep the order in which the program was written.
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[kind], np.sort(first)
