"""Sparse Jacobians: their patterns from the graph, and columns that share a sweep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..base import imported
from ..kernel.backward import adjoints
from ..kernel.value import Value
from .forward_mode import tangents as tangents_of
from .reverse_mode import nodes_since


@dataclass(frozen=True)
class SparseMatrix:
    """A matrix as entries: `values[k]` at `rows[k]`, `columns[k]`, ordered by row and column.

    The result of `jacobian` and `hessian` with `sparse=True` if SciPy is not installed.
    """

    rows: list[int]
    columns: list[int]
    values: list[float]
    shape: tuple[int, int]

    @property
    def nnz(self) -> int:
        """The number of entries that the graph allows to differ from 0."""
        return len(self.values)


def pattern(inputs: Sequence[Value], outputs: Sequence[Value]) -> list[list[int]]:
    """Return for each output the positions of the inputs that lead to it in the graph, in order."""
    place = {x: j for j, x in enumerate(inputs)}
    order = nodes_since(min([x.index for x in inputs], default=0), outputs)
    waiting = dict.fromkeys(order, 0)
    for node in order:
        for parent in node.parents:
            if parent in waiting:
                waiting[parent] += 1
    kept = frozenset(outputs)
    reached: dict[Value, frozenset[int]] = {}
    for node in order:
        if node in place:
            reached[node] = frozenset([place[node]])
        else:
            reached[node] = _union([reached[p] for p in node.parents if p in waiting and p.requires_grad])
        for parent in node.parents:
            if parent in waiting:
                waiting[parent] -= 1
                if not waiting[parent] and parent not in kept:
                    del reached[parent]  # Otherwise the sets of a long graph would fill the memory.
    return [sorted(reached.get(y, ())) for y in outputs]


def _union(sets: Sequence[frozenset[int]]) -> frozenset[int]:
    largest = max(sets, key=len, default=frozenset())
    return largest if all([s <= largest for s in sets]) else largest.union(*sets)


def column_colors(rows: Sequence[Sequence[int]], columns: int) -> list[int]:
    """Color the columns of a pattern greedily, so that columns with a common row differ.

    >>> column_colors([[0, 1], [1, 2], [2, 3]], 4)
    [0, 1, 0, 1]
    """
    meets: list[list[int]] = [[] for _ in range(columns)]
    for i, row in enumerate(rows):
        for j in row:
            meets[j].append(i)
    color = [-1] * columns
    for j in range(columns):
        taken = {color[k] for i in meets[j] for k in rows[i]}
        color[j] = next(c for c in range(columns) if c not in taken)
    return color


def transposed(rows: Sequence[Sequence[int]], columns: int) -> list[list[int]]:
    """Return the pattern of the transposed matrix."""
    result: list[list[int]] = [[] for _ in range(columns)]
    for i, row in enumerate(rows):
        for j in row:
            result[j].append(i)
    return result


def sparse_jacobian(inputs: Sequence[Value], outputs: Sequence[Value]) -> Any:
    """Return the Jacobian of recorded outputs as a SciPy sparse array, or else as a `SparseMatrix`."""
    rows = pattern(inputs, outputs)
    by_column = column_colors(rows, len(inputs))
    by_row = column_colors(transposed(rows, len(inputs)), len(outputs))
    forward = len(set(by_column)) <= len(set(by_row))
    sweep, color = (_forward, by_column) if forward else (_reverse, by_row)
    swept = [sweep(inputs, outputs, _members(color, c)) for c in sorted(set(color))]
    places = [(i, j) for i, row in enumerate(rows) for j in row]
    values = [swept[color[j]][i] if forward else swept[color[i]][j] for i, j in places]
    at = [list(axis) for axis in zip(*places, strict=True)] or [[], []]
    return _as_scipy(SparseMatrix(at[0], at[1], values, (len(outputs), len(inputs))))


def _as_scipy(matrix: SparseMatrix) -> Any:
    try:
        scipy_sparse = imported("scipy.sparse")
    except ImportError:
        return matrix
    return scipy_sparse.csr_array((matrix.values, (matrix.rows, matrix.columns)), shape=matrix.shape)


def _members(color: Sequence[int], chosen: int) -> list[int]:
    return [j for j, c in enumerate(color) if c == chosen]


def _forward(inputs: Sequence[Value], outputs: Sequence[Value], chosen: Sequence[int]) -> list[float]:
    tangent = tangents_of(outputs, {inputs[j]: 1.0 for j in chosen})
    return [tangent.get(y, 0.0) for y in outputs]


def _reverse(inputs: Sequence[Value], outputs: Sequence[Value], chosen: Sequence[int]) -> list[float]:
    seeds: dict[Value, float] = {}
    for i in chosen:
        seeds[outputs[i]] = 1.0
    return adjoints(seeds, inputs)
