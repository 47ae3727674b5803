"""Export graphs to other tools: networkx, Mermaid, SymPy."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from ..base.floats import SELU_ALPHA, SELU_SCALE
from ..base.importing import extra, imported
from ..base.text import visible
from ..errors import GraphError
from ..kernel.value import Value
from .names import names

if TYPE_CHECKING:
    from .graph import Graph

LONGEST_LABEL = 60
DEEPEST_FORMULA = 200
SAME_NAMES = (
    *("exp", "log", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh"),
    *("asinh", "acosh", "atanh", "sech", "erf", "erfc"),
)
PLAIN = " .,:=+-*/_"


def to_networkx(graph: Graph) -> Any:
    """A `networkx.MultiDiGraph`: nodes by id with data, grad, label, op; edges by slot with partial.

    >>> from autograd_core import Graph
    >>> x = Value(3.0, "x")
    >>> list(Graph(x * x).to_networkx().edges(data="partial", keys=True))
    [('n0', 'n1', 0, 3.0), ('n0', 'n1', 1, 3.0)]
    """
    drawn = extra("networkx", "networkx", "to_networkx").MultiDiGraph()
    ids = {node: f"n{i}" for i, node in enumerate(graph.nodes)}
    for node, key in ids.items():
        op = node.op.name if node.op is not None else ""  # The writers of GML and GraphML refuse None.
        facts = {"data": node.data, "grad": node.grad, "label": visible(node.label), "op": op}
        drawn.add_node(key, requires_grad=node.requires_grad, **facts)
    for edge in graph.edges:
        drawn.add_edge(ids[edge.parent], ids[edge.child], key=edge.slot, partial=edge.partial)
    return drawn


def to_mermaid(graph: Graph) -> str:
    """A Mermaid flowchart by the conventions of a computation graph: rectangles, edges without labels.

    A box holds the variable's name and the function, or the number of a leaf; constants are dashed.

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
    """The text with all but letters, digits and harmless marks as Mermaid's entity codes."""
    return "".join([c if c in PLAIN or c.isalnum() else _entity(c) for c in text])


def _entity(c: str) -> str:
    return f"#{ord(c) if c.isprintable() else 0xFFFD};"


def to_sympy(graph: Graph, output: Value) -> Any:
    """The formula of a node as a SymPy expression, in which a leaf with a label is a symbol.

    A constant without a label is its number (whole numbers exactly); an operation of the user's own is an
    undefined function. Raises `GraphError` beyond 200 levels: SymPy works by recursion.

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
    rows = _sympy_functions(sympy)
    made: dict[Value, Any] = {}
    for node in part.nodes:
        arguments = [made[parent] for parent in part.parents(node)]
        if not arguments:
            made[node] = _leaf(sympy, node, called[node])
        else:
            name = node.op.name
            made[node] = rows.get(name, sympy.Function(name))(*arguments)
    return made[output]


def _leaf(sympy: Any, node: Value, name: str) -> Any:
    if node.label or node.requires_grad:
        return sympy.Symbol(name)
    whole = node.data == int(node.data) if abs(node.data) < 2**53 else False
    return sympy.Integer(int(node.data)) if whole else sympy.Float(node.data, precision=53)


@cache
def _real_functions() -> dict[str, Any]:
    """Functions of real numbers whose derivatives SymPy knows for real symbols only.

    A symbol that is declared real would be another one than that of its name, as in `.diff("x")`.
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


def _sympy_functions(s: Any) -> dict[str, Callable[..., Any]]:
    """The operations that SymPy calls otherwise, or has to be told of."""
    half, one = s.Rational(1, 2), s.Integer(1)
    real = _real_functions()
    root_two = s.sqrt(2)

    def sigmoid(x: Any) -> Any:
        return one / (one + s.exp(-x))

    def softplus(x: Any) -> Any:
        return s.log(one + s.exp(x))

    def ndtr(x: Any) -> Any:
        return half * (one + s.erf(x / root_two))

    def gate(x: Any) -> Any:
        return sigmoid(2 * s.sqrt(2 / s.pi) * (x + s.Rational(44715, 10**6) * x**3))

    def elu(x: Any, alpha: Any) -> Any:
        return s.Piecewise((x, x > 0), (alpha * (s.exp(x) - one), True))

    def huber(x: Any, delta: Any) -> Any:
        size = real["abs"](x)
        return s.Piecewise((half * x**2, size <= delta), (delta * (size - half * delta), True))

    def step(condition: Any) -> Any:
        return s.Piecewise((one, condition), (s.Integer(0), True))

    def mean(*xs: Any) -> Any:
        return s.Add(*xs) / len(xs)

    def dot(*xs: Any) -> Any:
        half_way = len(xs) // 2
        return s.Add(*[a * b for a, b in zip(xs[:half_way], xs[half_way:], strict=True)])

    def logsumexp(*xs: Any) -> Any:
        return s.log(s.Add(*map(s.exp, xs)))

    same = {row: getattr(s, row) for row in SAME_NAMES}
    return (
        same
        | real
        | {
            "add": lambda a, b: a + b,
            "sub": lambda a, b: a - b,
            "mul": lambda a, b: a * b,
            "div": lambda a, b: a / b,
            "divide_no_nan": lambda a, b: s.Piecewise((s.Integer(0), s.Eq(b, 0)), (a / b, True)),
            "neg": lambda x: -x,
            "pow": lambda a, b: a**b,
            "square": lambda x: x**2,
            "reciprocal": lambda x: one / x,
            "cbrt": lambda x: real["sign"](x) * real["abs"](x) ** s.Rational(1, 3),
            "hypot": lambda a, b: s.sqrt(a**2 + b**2),
            "direction": lambda a, b: a / s.sqrt(a**2 + b**2),
            "inversion": lambda a, b: a / (a**2 + b**2),
            "difference_of_squares": lambda a, b: a**2 - b**2,
            "expm1": lambda x: s.exp(x) - one,
            "exp2": lambda x: 2**x,
            "log1p": lambda x: s.log(one + x),
            "log2": lambda x: s.log(x) / s.log(2),
            "log10": lambda x: s.log(x) / s.log(10),
            "logaddexp": logsumexp,
            "xlogy": lambda x, y: x * s.log(y),
            "gaussian": lambda x, scale: s.exp(-scale * x**2),
            "ndtr": ndtr,
            "sigmoid": sigmoid,
            "logsigmoid": lambda x: -softplus(-x),
            "softplus": softplus,
            "relu": lambda x: s.Max(x, 0),
            "leaky_relu": lambda x, slope: s.Piecewise((x, x > 0), (slope * x, True)),
            "elu": elu,
            "selu": lambda x: s.Float(repr(SELU_SCALE)) * elu(x, s.Float(repr(SELU_ALPHA))),
            "gelu": lambda x: x * ndtr(x),
            "gelu_gate": gate,
            "gelu_bell": lambda x: gate(x) * gate(-x),
            "gelu_tanh": lambda x: x * gate(x),
            "silu": lambda x: x * sigmoid(x),
            "mish": lambda x: x * s.tanh(softplus(x)),
            "softsign": lambda x: x / (one + real["abs"](x)),
            "huber": huber,
            "maximum": s.Max,
            "minimum": s.Min,
            "clip": lambda x, low, high: s.Min(s.Max(x, low), high),
            "where": lambda c, a, b: s.Piecewise((a, s.Ne(c, 0)), (b, True)),
            "equal": lambda a, b: step(s.Eq(a, b)),
            "heaviside": lambda x, at_zero: s.Piecewise((at_zero, s.Eq(x, 0)), (step(x > 0), True)),
            "sum": s.Add,
            "mean": mean,
            "prod": s.Mul,
            "dot": dot,
            "norm": lambda *xs: s.sqrt(s.Add(*[x**2 for x in xs])),
            "unit": lambda x, *others: x / s.sqrt(s.Add(x**2, *[other**2 for other in others])),
            "max": s.Max,
            "min": s.Min,
            "logsumexp": logsumexp,
            "softmax": lambda x, *others: s.exp(x) / s.Add(s.exp(x), *map(s.exp, others)),
            "log_softmax": lambda x, *others: x - logsumexp(x, *others),
        }
    )
