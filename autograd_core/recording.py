"""What a graph cannot show of the run that built it: the branches taken, and the lines of the program."""

from __future__ import annotations

import linecache
import operator
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any, Self

from . import modes
from .apply import apply
from .operation import Operation
from .restoring import Block
from .value import Value, constant

TESTS: dict[str, Callable[[float, float], bool]] = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "bool": operator.ne,
}
"""The comparisons that a program can make, by the names under which they are recorded."""
SYMBOLS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "bool": "!="}


@dataclass(frozen=True, eq=False)
class Comparison:
    """A look that the program took at two numbers: `test` is a key of `TESTS`; a truth value is `a != 0`."""

    outcome: bool
    test: str
    a: Value
    b: Value

    def __str__(self) -> str:
        return f"{_named(self.a)} {SYMBOLS[self.test]} {_named(self.b)} is {self.outcome}"

    def at(self, a: Value, b: Value) -> Comparison:
        """The same test of other numbers."""
        return replace(self, outcome=TESTS[self.test](a.data, b.data), a=a, b=b)


class recording(Block["recording"]):
    """Notes, inside a `with` block, the outcome of every comparison and the source line of every operation.

    Give it to the `Graph` of what was computed: `replay` then reports a comparison that would turn out
    otherwise, and `lint` names the line at fault. Operations are several times slower inside.

    >>> from autograd_core import Graph, Value
    >>> x = Value(2.0, "x")
    >>> with recording() as record:
    ...     y = x * x if x > 0 else -x
    >>> [str(comparison) for comparison in record.comparisons]
    ['x > 0.0 is True']
    >>> Graph(y, record=record).replay(x=-1.0)
    Traceback (most recent call last):
    autograd_core.errors.GraphError: replay: another branch: x > 0.0 is False, and was True (x = 2.0) when ...
    """

    def __init__(self) -> None:
        super().__init__()
        self.comparisons: list[Comparison] = []
        self._lines: dict[Value, tuple[str, int]] = {}

    def _changing(self) -> Iterator[Self]:
        with modes.building(self._build, self._compare):
            yield self

    def line(self, node: Value) -> str | None:
        """Where that node was made, as `file:line: source`; None for a leaf, or if it was made elsewhere."""
        if node not in self._lines:
            return None
        name, number = self._lines[node]
        source = linecache.getline(name, number).strip()
        return f"{name}:{number}: {source}" if source else f"{name}:{number}"

    def _compare(self, outcome: bool, test: str, a: Value, b: Any) -> None:
        b = b if isinstance(b, Value) else constant(float(b))
        self.comparisons.append(Comparison(outcome, test, a, b))

    def _build(self, op: Operation, nodes: Sequence[Value]) -> Any:
        with modes.building():
            node = apply(op, nodes)
        frame = _frame_of_user()
        if frame is not None and not node.is_leaf:
            self._lines[node] = (frame.f_code.co_filename, frame.f_lineno)
        return node


def _frame_of_user() -> FrameType | None:
    """The innermost frame outside this package."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == __package__:
        frame = frame.f_back
    return frame


def _named(node: Value) -> str:
    return node.label if node.label else repr(node.data)
