"""Export graphs to other tools: networkx, Mermaid, SymPy."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial, reduce
from sys import float_info
from typing import TYPE_CHECKING, Any

from ..base.importing import extra, imported
from ..base.reals import brief
from ..base.text import visible
from ..errors import GraphError
from ..kernel.value import Value, row_of
from ..operations import table as ops
from ..operations.foreign_forms import filled
from ..operations.operation import TABLE, Operation
from .names import names

if TYPE_CHECKING:
    from .graph import Graph

LONGEST_LABEL = 60
DEEPEST_FORMULA = 200
PLAIN = " .,:=+-*/_"


def to_networkx(graph: Graph) -> Any:
    """Return a `networkx.MultiDiGraph`: nodes by id with data, grad, label, op; edges by slot with partial.

    >>> from autograd_core import Graph
    >>> x = Value(3.0, "x")
    >>> list(Graph(x * x).to_networkx().edges(data="partial", keys=True))
    [('n0', 'n1', 0, 3.0), ('n0', 'n1', 1, 3.0)]
    """
    drawn = extra("networkx", "networkx", "to_networkx").MultiDiGraph()
    ids = {node: f"n{i}" for i, node in enumerate(graph.nodes)}
    for node, key in ids.items():
        op = node.op.name if node.op is not None else ""  # The writers of GML and GraphML reject None.
        facts = {"data": node.data, "grad": node.grad, "label": visible(node.label), "op": op}
        drawn.add_node(key, requires_grad=node.requires_grad, **facts)
    for edge in graph.edges:
        drawn.add_edge(ids[edge.parent], ids[edge.child], key=edge.slot, partial=edge.partial)
    return drawn


def to_mermaid(graph: Graph) -> str:
    """Return a Mermaid flowchart in the style of a computation graph: rectangles, edges without labels.

    A box has the variable's name and the function, or the number of a leaf; constants are dashed.

    >>> from autograd_core import Graph
    >>> x = Value(3.0, "x")
    >>> print(Graph(2 * x).to_mermaid())
    flowchart LR
        n0["x = 3.0"]
        n1["2.0"]:::constant
        n2["mul"]
        n1 --> n2
        n0 --> n2
        classDef constant stroke-dasharray: 4 3
    """
    constants = set(graph.constants)
    lines = ["flowchart LR"]
    for i, node in enumerate(graph.nodes):
        style = ":::constant" if node in constants else ""
        lines.append(f'    n{i}["{_escaped(_box(node))}"]{style}')
    places = graph.places
    lines += [f"    n{places[edge.parent]} --> n{places[edge.child]}" for edge in graph.edges]
    return "\n".join([*lines, "    classDef constant stroke-dasharray: 4 3"])


def _box(node: Value) -> str:
    inside = repr(node.data) if node.op is None else node.op.name
    label = node.label if len(node.label) <= LONGEST_LABEL else node.label[: LONGEST_LABEL - 3] + "..."
    between = " = " if node.op is None else ": "
    return f"{label}{between}{inside}" if label else inside


def _escaped(text: str) -> str:
    """Escape everything but letters, digits and harmless marks as Mermaid's entity codes."""
    return "".join([c if c in PLAIN or c.isalnum() else _entity(c) for c in text])


def _entity(c: str) -> str:
    return f"#{ord(c) if c.isprintable() else 0xFFFD};"


def to_sympy(graph: Graph, output: Value) -> Any:
    """Return the formula of a node as a SymPy expression; a leaf with a label is a symbol.

    A constant without a label is its number (whole numbers exactly); a user-defined operation is an
    undefined function. Raises `GraphError` beyond 200 levels, because SymPy is recursive.

    >>> from autograd_core import Graph, log
    >>> x = Value(3.0, "x")
    >>> formula = Graph(x**2 * log(x)).to_sympy()
    >>> formula, formula.diff("x")
    (x**2*log(x), 2*x*log(x) + x)
    """
    sympy = extra("sympy", "sympy", "to_sympy")
    part = graph.prune(output, graph.leaves)
    if part.depth > DEEPEST_FORMULA:
        raise GraphError(
            f"to_sympy: too deep: {part.depth} levels; expected at most {DEEPEST_FORMULA}. "
            "Take a part of it: to_sympy of an inner node."
        )
    called = names(graph)
    made: dict[Value, Any] = {}
    for node in part.nodes:
        arguments = [made[parent] for parent in part.parents(node)]
        if not arguments:
            made[node] = _leaf(sympy, node, called[node])
        else:
            made[node] = _in_sympy(row_of(node), *arguments)
    return made[output]


def _leaf(sympy: Any, node: Value, name: str) -> Any:
    if node.label or node.requires_grad:
        return sympy.Symbol(name)
    whole = node.data == int(node.data) if abs(node.data) < 2**53 else False
    return sympy.Integer(int(node.data)) if whole else sympy.Float(node.data, precision=53)


@cache
def _real_functions() -> dict[str, Any]:
    """Return functions of real numbers that SymPy can differentiate only for real symbols.

    Symbols cannot be declared real, because they would differ from plain ones with the same name, as in
    `.diff("x")`.
    """
    s = imported("sympy")

    def slope_of_abs(self: Any, x: Any) -> Any:
        return self.args[0].diff(x) * made["sign"](self.args[0])

    def constant_in_pieces(self: Any, x: Any) -> Any:
        return s.Integer(0)

    def function(name: str, base: Any, slope: Callable[..., Any]) -> Any:
        def reduced(self: Any, protocol: int) -> tuple[Any, ...]:
            return _real_function, (name, *self.args)

        members = {"_eval_derivative": slope, "__reduce_ex__": reduced}
        return type(name.replace("abs", "Abs"), (base,), members)

    steps = {"sign": s.sign, "floor": s.floor, "round": s.Function}
    made = {name: function(name, base, constant_in_pieces) for name, base in steps.items()}
    made["abs"] = function("abs", s.Abs, slope_of_abs)
    return made


def _real_function(name: str, x: Any) -> Any:
    return _real_functions()[name](x)


@cache
def _sympy_names() -> dict[str, Any]:
    """Return the meanings of names in the forms: other rows, SymPy's functions, and those of real numbers."""
    rows = {row.name: partial(_in_sympy, row) for row in TABLE.values() if row.built_in}
    return {**rows, **vars(imported("sympy")), **_real_functions()}


def _in_sympy(row: Operation, *args: Any) -> Any:
    if "sympy" not in row.forms:
        return imported("sympy").Function(row.name)(*args)
    given = {f"x{i}": x for i, x in enumerate(args)}
    return eval(filled(row.forms["sympy"], list(given)), _sympy_names(), given)


def from_sympy(expression: Any, symbols: Any) -> Callable[..., Any]:
    """Return a SymPy expression as a function of its symbols, in the order given, for Values and floats.

    Raises `GraphError` for functions that have no row here, and for anything that is not real arithmetic,
    such as an integral.

    >>> import sympy
    >>> from autograd_core import grad
    >>> x, y = sympy.symbols("x y")
    >>> f = from_sympy(sympy.sin(x) * y + sympy.sqrt(x), (x, y))
    >>> grad(f)(4.0, 2.0)
    -1.057287241727...
    """
    s = extra("sympy", "sympy", "from_sympy")
    symbols = list(symbols) if isinstance(symbols, (tuple, list)) else [symbols]
    if not isinstance(expression, s.Expr):
        raise GraphError(f"from_sympy: not an expression of SymPy: argument 1 = {brief(expression)}.")
    if wrong := [symbol for symbol in symbols if not isinstance(symbol, s.Symbol)]:
        raise GraphError(f"from_sympy: not a symbol of SymPy: got {brief(wrong[0])}; expected all inputs.")
    called = [symbol.name for symbol in symbols]
    if twice := sorted({name for name in called if called.count(name) > 1}):
        raise GraphError(f"from_sympy: several symbols called {', '.join(twice)}; expected each once.")
    if missing := sorted(map(str, expression.free_symbols - set(symbols))):
        raise GraphError(f"from_sympy: {', '.join(missing)}: not among the symbols; expected all.")
    known = {name: _folded(row) for row in TABLE.values() for name in _names_in_sympy(row)}
    known |= {"Abs": known[ops.abs.name], "ceiling": known[ops.ceil.name]}
    used = {each.func.__name__ for each in expression.atoms(s.Function, s.Max, s.Min)}
    if unknown := sorted(used - known.keys()):
        raise GraphError(f"from_sympy: no row for {', '.join(unknown)}; expected functions of the table.")
    for part in s.preorder_traversal(expression):
        _refuse_no_arithmetic(s, part)
    found: Callable[..., Any] = s.lambdify(symbols, expression, modules=[known, "math"], cse=True)
    return found


def _refuse_no_arithmetic(s: Any, part: Any) -> None:
    """Raise for parts that are not real arithmetic, such as an integral or an imaginary number."""
    arithmetic = (s.Symbol, s.Number, s.NumberSymbol, s.Add, s.Mul, s.Pow, s.Function, s.Max, s.Min)
    if part is s.nan or (part.is_extended_real is False and not part.free_symbols):
        raise GraphError(f"from_sympy: not a real number: {part} in the expression; expected real numbers.")
    if not isinstance(part, arithmetic):
        raise GraphError(
            f"from_sympy: not arithmetic: {type(part).__name__} in the expression; expected sums, products, "
            "powers and functions. If .doit() evaluates it, pass the result of that."
        )
    if isinstance(part, s.Number) and part.is_finite and abs(part) > float_info.max:
        raise GraphError(
            f"from_sympy: too large for a float: {brief(part)}; expected numbers of at most 1.8e308."
        )


def _names_in_sympy(row: Operation) -> list[str]:
    """Return the names of the row: its own, NumPy's and SymPy's."""
    form = re.fullmatch(r"(\w+)\(\{(?:0|list)\}\)", row.forms.get("sympy", ""))
    return [row.name, row.ufunc or row.name, form[1] if form else row.name]


def _folded(row: Operation) -> Callable[..., Any]:
    """Return the row, applied repeatedly if there are more than two arguments, as for SymPy's Max."""
    if row.arity != 2:
        return row
    return lambda *xs: reduce(row, xs)
