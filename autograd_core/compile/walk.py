"""The walk from the roots of a graph up to its leaves, which reads each node's slots once.

Most of the time of a compilation is spent here, so plain numbers are not made nodes first (`Value.parents`
would do that): they are put in the places that are kept free for them in the order of creation.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..operation import Operation
from ..value import Value, turn


@dataclass(eq=False)
class Walk:
    """What was met: of each node its age, its operation and how many arguments it has, and all their ages.

    A leaf, and a plain number, has an age and a number.
    """

    ages: array[int] = field(default_factory=lambda: array("q"))
    rows: list[Operation | None] = field(default_factory=list)
    sizes: array[int] = field(default_factory=lambda: array("q"))
    arguments: array[int] = field(default_factory=lambda: array("q"))
    leaves: list[Value] = field(default_factory=list)
    number_ages: list[int] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)
    labels: list[tuple[int, str]] = field(default_factory=list)


def walked(roots: Sequence[Value], inputs: Sequence[Value]) -> Walk:
    """Everything that leads to the roots, as far as the inputs, reached or not."""
    walk = Walk()
    for node in inputs:
        _note(walk, node, None)
        walk.sizes.append(0)
    with turn:  # Another thread may be bringing a node to its general form.
        _walk(walk, roots, set(inputs))
    return walk


def _walk(walk: Walk, roots: Sequence[Value], ends: set[Value]) -> None:
    seen = ends | set(roots)
    nodes = [root for root in dict.fromkeys(roots) if root not in ends]
    see, enqueue, size, argument = seen.add, nodes.append, walk.sizes.append, walk.arguments.append
    age, operation = walk.ages.append, walk.rows.append
    # Whatever is asked of a node is asked now: when it comes up again, it has left the processor's cache.
    for node in nodes:  # The list grows while it is walked.
        a, b = node._a, node._b
        age(node._index)
        operation(node._row)
        if node._label and node.label:
            walk.labels.append((node._index, node.label))
        if b is not None:
            size(2)
            argument(a._index)
            argument(b._index)
            if a not in seen:
                see(a)
                enqueue(a)
            if b not in seen:
                see(b)
                enqueue(b)
        elif a is None:
            size(0)
            walk.leaves.append(node)
        else:
            parents = _arguments(node)
            size(len(parents))
            walk.arguments.extend(_ages(walk, node, parents))
            for parent in parents:
                if type(parent) is not float and parent not in seen:
                    see(parent)
                    enqueue(parent)


def _note(walk: Walk, node: Value, row: Operation | None) -> None:
    walk.ages.append(node._index)
    walk.rows.append(row)
    if node.label:
        walk.labels.append((node._index, node.label))


def _arguments(node: Value) -> Sequence[Any]:
    """The arguments of a node that does not have two parents: nodes and plain numbers."""
    a, db = node._a, node._db
    if type(a) is tuple:
        return a if db is None else db[0]
    if db is None:
        return (a,)
    return (float(db[0]), a) if type(db) is tuple else (a, float(db))


def _ages(walk: Walk, node: Value, parents: Sequence[Any]) -> list[int]:
    if float not in map(type, parents):
        return [parent._index for parent in parents]
    free = iter(range(node._index - 1, 0, -2))
    ages = []
    for parent in reversed(parents):
        if type(parent) is float:
            ages.append(next(free))
            walk.number_ages.append(ages[-1])
            walk.numbers.append(parent)
        else:
            ages.append(parent._index)
    return ages[::-1]
