"""Write graphs in JavaScript, for computations on the stepper page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from autograd_core import Value, errstate, gradients
from autograd_core.compile.emit import helpers, number_in_python
from autograd_core.compile.emit import written as expression
from autograd_core.compile.front import Builder
from autograd_core.errors import AutogradError, OperationError
from autograd_core.graph import Graph, topological_order
from autograd_core.operations import TABLE, Operation

HIGHEST = 4
"""The highest order of the Taylor polynomials on an edge's card."""

LONGEST = 120
"""The most nodes of a derivative."""

MOST_ARGUMENTS = 8
"""The most arguments of an operation whose polynomials the page can compute."""


def literal(x: float) -> str:
    """Return a literal that JavaScript reads as the same float."""
    return number_in_python(x).replace("inf", "Infinity").replace("nan", "NaN")


def body_of(roots: Sequence[Value], leaves: Mapping[Value, str]) -> str:
    """Return the body of a function that computes the roots from named leaves, one statement per node.

    Raises `OperationError` if an operation has no form in JavaScript.
    """
    names = dict(leaves)
    statements: list[str] = []
    for node in topological_order(*roots):
        if node.op is not None:
            computed = expression(node.op, "javascript", [names[parent] for parent in node.parents])
            names[node] = f"v{len(statements)}"
            statements.append(f"const {names[node]} = {computed};")
        else:
            names.setdefault(node, literal(node.data))
    return f"{{ {' '.join([*statements, ''])}return [{', '.join([names[root] for root in roots])}]; }}"


class HigherDerivatives:
    """Functions for the derivatives of orders 2, 3, ... of operations by one argument.

    Constants become fixed numbers. The functions are the table's local derivatives, differentiated again, up
    to the order at which they are too long.

    >>> x = Value(2.0)
    >>> found = HigherDerivatives()
    >>> found.of(x**3.0, 0), found.of(x.exp(), 0), found.of(x**3.0, 0)
    (0, 1, 0)
    >>> print(found.source)
    [a => { const v0 = 2.0 * a[0]; const v1 = 3.0 * v0; return [v1, 6.0, 0.0]; },
    a => { const v0 = Math.exp(a[0]); return [v0, v0, v0]; }]
    """

    def __init__(self) -> None:
        self._places: dict[tuple[object, ...], int | None] = {}
        self._written: list[str] = []

    @property
    def source(self) -> str:
        """All functions as an array literal."""
        return "[" + ",\n".join(self._written) + "]"

    def of(self, node: Value, slot: int) -> int | None:
        """Return the index of the function for a node and one of its arguments, if any."""
        op, parents = node.op, node.parents
        if op is None or len(parents) > MOST_ARGUMENTS or not parents[slot].requires_grad:
            return None
        fixed = [None if parent.requires_grad else parent.data.hex() for parent in parents]
        key = (op, slot, *fixed)
        if key not in self._places:
            # A user-defined row may read numbers that change from page to page.
            derived = _derivatives if op.built_in else _derivatives.__wrapped__
            body = derived(op, slot, point_of(node))
            self._places[key] = len(self._written) if body else None
            self._written += [body] * bool(body)
        return self._places[key]


Point = tuple[tuple[str, bool], ...]
"""The arguments of a node as a key: each number exactly, and whether it has a gradient."""


def point_of(node: Value) -> Point:
    """Return where a node's operation was evaluated."""
    return tuple([(parent.data.hex(), parent.requires_grad) for parent in node.parents])


# While an expression is typed, most of its parts stay the same.
@lru_cache(maxsize=1024)
def _derivatives(op: Operation, slot: int, point: Point) -> str:
    arguments = [Value(float.fromhex(x), requires_grad=varies) for x, varies in point]
    names = {x: f"a[{i}]" for i, x in enumerate(arguments) if x.requires_grad}
    orders: list[Value] = []
    try:
        with errstate(all="ignore"):
            y = op(*arguments)
            for _ in range(HIGHEST):
                y = gradients(y, arguments[slot], create_graph=True)
                if len(topological_order(y)) > LONGEST:
                    break
                orders.append(y)
        return f"a => {body_of(orders[1:], names)}" if orders[1:] else ""
    except (AutogradError, AttributeError, TypeError):
        return ""  # A user-defined row whose derivatives take only floats.


LONGEST_MEMBER = 64
"""The most arguments of an operation that the page can compute."""


def library(*programs: str) -> str:
    """Return the helper functions that programs call.

    >>> print(library("a => softsign(a[0])"), end="")
    const softsign = (x) => (Math.abs(x) === Infinity ? Math.sign(x) : x / (1 + Math.abs(x)));
    """
    return helpers("javascript", programs)


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
        if (row := node.op) is not None and TABLE.get(row.name) == row and n <= LONGEST_MEMBER:
            used[row, n] = None
    lines = [_member(row, n) for row, n in used]
    return "\n".join(["{", *filter(None, lines), "}"])


def _member(row: Operation, n: int) -> str:
    try:
        return _written_member(row, n)
    except OperationError:
        return ""


def _written_member(row: Operation, n: int) -> str:
    value = expression(row, "javascript", [f"a[{i}]" for i in range(n)])
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
            computed = expression(operation, "javascript", [names[i] for i in builder.args[place]])
            names[place] = f"v{place}"
            statements.append(f"const v{place} = {computed};")
        elif number is not None:
            names[place] = literal(number)
    body = [*statements, f"return [{_listed([names[place] for place in places])}];"]
    return f"(a, y) => {{ {' '.join(body)} }}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
