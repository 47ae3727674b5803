"""Emit a graph's operations as JavaScript: values and local derivatives, from the table's rows."""

from __future__ import annotations

import json
from collections.abc import Iterable

from autograd_core.compile.emit import library as pieces
from autograd_core.compile.emit import number_in_python, written
from autograd_core.compile.front import Builder
from autograd_core.errors import OperationError
from autograd_core.graph import Graph
from autograd_core.kernel import TABLE, Operation

MOST_ARGUMENTS = 64
"""The most arguments of an operation that the page can compute."""


def library() -> str:
    """Return the helper functions that the operations call."""
    return "\n".join(pieces("javascript").values())


def program(graph: Graph) -> str:
    """Return an object literal with `f`, the value, and `d`, all local derivatives, of each operation in use.

    `p` has the derivatives as formulas show them, if they differ.
    A key is the operation's name and its number of arguments. Operations that are not in the table,
    have no form in JavaScript, or have too many arguments are left out.

    >>> from autograd_core import Value
    >>> print(program(Graph(Value(2.0).sin())))
    {
    "sin:1": {f: a => Math.sin(a[0]), d: (a, y) => { const v2 = Math.cos(a[0]); return [v2]; }},
    }
    """
    used: dict[tuple[Operation, int], None] = {}
    for node in graph.nodes:
        n = len(node.parents)
        if (row := node.op) is not None and TABLE.get(row.name) == row and n <= MOST_ARGUMENTS:
            used[row, n] = None
    lines = [_member(row, n) for row, n in used]
    return "\n".join(["{", *filter(None, lines), "}"])


def _member(row: Operation, n: int) -> str:
    try:
        return _written_member(row, n)
    except OperationError:
        return ""


def _written_member(row: Operation, n: int) -> str:
    value = written(row, "javascript", [f"a[{i}]" for i in range(n)])
    printed = f", p: {_slopes(row.as_printed, n)}" if row.printed else ""
    return f"{json.dumps(f'{row.name}:{n}')}: {{f: a => {value}, d: {_slopes(row, n)}{printed}}},"


def _slopes(row: Operation, n: int) -> str:
    """Return a function for the row's local derivatives, run on symbols, one statement per node."""
    builder = Builder()
    inputs = [builder.input() for _ in range(n + 1)]
    *args, y = [builder.term(place) for place in inputs]
    places = [builder.place(slope) for slope in row.local_derivatives(args, y)]
    names = {place: f"a[{i}]" for i, place in enumerate(inputs[:-1])} | {inputs[-1]: "y"}
    statements = []
    for place in builder.needed(places):
        operation, number = builder.rows[place], builder.numbers[place]
        if operation is not None:
            expression = written(operation, "javascript", [names[i] for i in builder.args[place]])
            names[place] = f"v{place}"
            statements.append(f"const v{place} = {expression};")
        elif number is not None:
            names[place] = literal(number)
    body = [*statements, f"return [{_listed([names[place] for place in places])}];"]
    return f"(a, y) => {{ {' '.join(body)} }}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def literal(x: float) -> str:
    """Return a literal that JavaScript reads as the same float."""
    return number_in_python(x).replace("inf", "Infinity").replace("nan", "NaN")
