"""`Block`: an array of numbers that scalar code uses without creating a node for each of them.

A layer of 400,000 weights would need 400,000 leaves and as many local derivatives, although a program only
needs to know that each row of weights is multiplied by the same inputs. So a row of a block is one leaf of
the graph and a range of inputs on the tape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...base.importing import np
from ...base.reals import brief
from ...errors import DataError, DataValueError
from ...kernel.value import Value, node_of
from ...operations import table
from ..arrays.structure import spans
from .tape_and_builder import INPUT, Floats, Ints, Tape, capture


class Block:
    """An array of leaves: `items` returns single ones, `dots` the products of its rows with a vector.

    The results work with `backward()`, after which `gradient` has the gradients as an array, and with the
    programs of this package. Nothing else works: a row's leaf holds 0.0, and a product's slopes by the row
    are not those of one number.

    Raises `DataError` if a row is multiplied by anything but `Value`s, and `DataValueError` for another
    length.

    >>> block = Block([[1.0, 2.0], [3.0, 4.0]])
    >>> first, second = block.dots([Value(10.0), Value(1.0)])
    >>> (first * second).backward()
    >>> first.data, block.gradient.tolist()
    (12.0, [[340.0, 34.0], [120.0, 12.0]])
    """

    def __init__(self, numbers: Any, *, requires_grad: bool = True) -> None:
        self.numbers: Floats = np.asarray(numbers, np.float64)
        self.requires_grad = requires_grad
        self.leaves: dict[Value, tuple[int, int]] = {}
        self._items: list[Value] = []
        self._rows: list[Value] = []
        self._squares: list[Value] = []
        self._products: list[tuple[list[Value], Floats]] = []

    @property
    def items(self) -> list[Value]:
        """A leaf for each number, row by row."""
        if not self._items and self.numbers.size:
            self._items = [self._leaf(x, i, i + 1) for i, x in enumerate(self.numbers.ravel().tolist())]
        return self._items

    def dots(self, x: Sequence[Value]) -> list[Value]:
        """Return the node Σ_j w_ij x_j for each row i of the block; a block with one axis is one row."""
        if not self.numbers.ndim or not all(isinstance(v, Value) for v in x):
            raise DataError(
                f"Block.dots: a block of shape {self.numbers.shape} times {brief(x)}; expected rows, and a "
                "list of Values."
            )
        width = self.numbers.shape[-1]
        if len(x) != width:
            raise DataValueError(f"Block.dots: {len(x)} numbers for rows of {width}; expected as many.")
        rows = self.numbers.reshape(-1, width)
        if not self._rows:
            self._rows = [self._leaf(0.0, i * width, (i + 1) * width) for i in range(len(rows))]
        at = np.array([v.data for v in x])
        # A row's leaf gets no gradient from the sweep: its gradient is the product's times x.
        needs = [self.requires_grad, *[v.requires_grad for v in x]]
        slopes = np.where(needs[1:], rows, 0.0)
        nodes = [
            node_of(table.dot, y, (leaf, *x), (0.0, *row), needs)
            for leaf, y, row in zip(self._rows, (rows @ at).tolist(), slopes.tolist(), strict=True)
        ]
        self._products.append((nodes, at))
        return nodes

    def square(self) -> Value:
        """Return the node Σ w² over all numbers."""
        leaf = self._leaf(0.0, 0, self.numbers.size)
        y = float(np.vdot(self.numbers, self.numbers))
        node = node_of(table.dot, y, (leaf, leaf), (0.0, 0.0), [self.requires_grad] * 2)
        self._squares.append(node)
        return node

    @property
    def gradient(self) -> Floats:
        """The gradients from backward passes, in the block's shape."""
        total = np.zeros(self.numbers.size)
        for i, leaf in enumerate(self._items):
            total[i] = leaf.grad
        for node in self._squares:
            total += 2.0 * node.grad * self.numbers.ravel()
        for nodes, at in self._products:
            total += np.outer([node.grad for node in nodes], at).ravel()
        return total.reshape(self.numbers.shape)

    def _leaf(self, x: float, start: int, stop: int) -> Value:
        leaf = Value(x, requires_grad=self.requires_grad)
        self.leaves[leaf] = (start, stop)
        return leaf


def capture_blocks(
    roots: Sequence[Value],
    blocks: Sequence[tuple[int, Block]],
    known: Mapping[Value, int],
    count: int,
) -> Tape:
    """Return the tape of everything that leads to the roots, with `count` inputs, which come first.

    Each block begins at its given place; `known` are leaves that stand for one input each.
    """
    ranges = {leaf: (at, at + 1) for leaf, at in known.items()}
    for base, block in blocks:
        ranges |= {leaf: (base + start, base + stop) for leaf, (start, stop) in block.leaves.items()}
    tape = capture(roots, list(ranges))
    return _widened(tape, np.array(list(ranges.values()), np.int64).reshape(-1, 2), count)


def _widened(tape: Tape, ranges: Ints, count: int) -> Tape:
    """Return the tape with input i replaced by the inputs `ranges[i]` of `count`, which come first."""
    rest = np.setdiff1d(np.arange(len(tape)), tape.inputs)
    first, last = np.empty(len(tape), np.int64), np.empty(len(tape), np.int64)
    first[tape.inputs], last[tape.inputs] = ranges.T
    first[rest] = count + np.arange(len(rest))
    last[rest] = first[rest] + 1
    widths = np.concatenate([[0], np.cumsum((last - first)[tape.args])])
    bounds = widths[tape.start]
    return replace(
        tape,
        code=np.concatenate([np.full(count, INPUT), tape.code[rest]]),
        start=np.concatenate([np.zeros(count, np.int64), bounds[rest], bounds[-1:]]),
        args=spans(first[tape.args], last[tape.args]),
        number=np.concatenate([np.zeros(count), tape.number[rest]]),
        inputs=np.arange(count),
        outputs=first[tape.outputs],
        labels={int(first[i]): label for i, label in tape.labels.items()},
    )
