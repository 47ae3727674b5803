"""The operators `+ - * / **` of `Value`: one short function each, with its formula written out.

Most of a graph is made by an operator between two nodes, or a node and a plain number. The functions made
here do that without a call into the table; a test holds each of them to its row, bit for bit. Everything
unusual (a pole, a NaN, overflow, a mode such as `no_grad`, a parent without a gradient) goes by the row.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import Any, NamedTuple

from . import table
from .operation import Operation


class Operator(NamedTuple):
    """The value and the local derivatives as expressions of `a`, `b` and the value `y`.

    `where` says at which arguments they hold.
    """

    method: str
    row: Operation
    y: str
    da: str
    db: str
    where: str = "True"


OPERATORS = (
    Operator("add", table.add, "a + b", "1.0", "1.0"),
    Operator("sub", table.sub, "a - b", "1.0", "-1.0"),
    Operator("mul", table.mul, "a * b", "b", "a"),
    Operator("truediv", table.div, "a / b", "1.0 / b", "-y / b", where="b"),
)
# With a variable exponent there is a case for each boundary of the domain, and only the row knows them.
WHOLE = "modulo is None and (a > 0.0 or b >= 1.0 and b % 1.0 == 0.0)"
POWER = Operator("pow", table.pow, "a**b", "b * a ** (b - 1.0)", "", where=WHOLE)

NODE = """\
            if {where}:
                y = {y}
                if not (y - y or modes.unusual):
                    node = new(Value)
                    node._data = y
                    node._grad = zero
                    node._row = row
                    node._a = {_a}
                    node._b = {_b}
                    node._da = {_da}
                    node._db = {_db}
                    node._label = ""
                    node._index = next_index()
                    node._requires_grad = True
                    return node
"""
WITH_NODE = (
    """\
        if type(other) is Value and self._requires_grad and other._requires_grad:
            a, b = self._data, other._data
"""
    + NODE
)
WITH_NUMBER = (
    """\
        if (type(other) is float or type(other) is int) and self._requires_grad:
            {numbers}
"""
    + NODE
)
METHOD = """\
def __{name}__(self, other{modulo}):
    try:
{cases}    except OverflowError:
        pass  # An integer too large for a float, or a power: the row has the words for it.
    return operate(row, {args})
"""


def sources(operator: Operator) -> dict[str, str]:
    """The text of the methods `x + other` and, for a number on the left, `other + x`."""
    name, _, y, da, db, where = operator
    formula = {"y": y, "where": where}
    right = WITH_NUMBER.format(
        numbers="a, b = self._data, other", _a="self", _b="None", _da=da, _db="other", **formula
    )
    if not db:
        args = "self, other, modulo"
        return {name: METHOD.format(name=name, modulo=", modulo=None", cases=right, args=args)}
    left = WITH_NUMBER.format(
        numbers="a, b = other, self._data", _a="self", _b="None", _da=db, _db="(other,)", **formula
    )
    nodes = WITH_NODE.format(_a="self", _b="other", _da=da, _db=db, **formula)
    return {
        name: METHOD.format(name=name, modulo="", cases=nodes + right, args="self, other"),
        f"r{name}": METHOD.format(name=f"r{name}", modulo="", cases=left, args="other, self"),
    }


def methods(names: dict[str, Any]) -> dict[str, Callable[..., Any]]:
    """The methods `__add__`, `__radd__`, ... for the class `names["Value"]`.

    Their source is registered with `linecache`, so that tracebacks and debuggers show it.
    """
    made: dict[str, Callable[..., Any]] = {}
    for operator in (*OPERATORS, POWER):
        for name, source in sources(operator).items():
            file = f"<autograd_core operator {name}>"
            linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
            namespace = {**names, "row": operator.row}
            exec(compile(source, file, "exec"), namespace)
            made[f"__{name}__"] = namespace[f"__{name}__"]
    return made
