"""Reverse mode on recorded graphs: gradients as numbers, or as nodes, which can be differentiated again."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import compress
from operator import attrgetter
from typing import Any, Literal, overload

from ..base.modes import building, errstate
from ..base.reals import brief, elements, flag
from ..errors import DataError, GraphError
from ..kernel.backward import adjoints
from ..kernel.stale_values import outdated
from ..kernel.value import Value, row_of
from ..native import in_c
from ..operations import table as ops
from ..operations.operation import Operation
from .rewriting import Simplifier, Term, as_term, past_kink
from .traced_partials import KINKED, for_the_native_engine, plain_rows, slopes_with


def gradient_nodes(seeds: Mapping[Value, float], targets: Sequence[Value]) -> list[Value]:
    """Return the node of each target's gradient; a target that does not reach the seeds gets a constant 0.

    Raises the errors of `backward` if a gradient is not a number.
    """
    numbers = adjoints(seeds, targets)  # Raise if a gradient is not a number, before a node is created.
    simplifier = Simplifier()
    nodes = _nodes(simplifier, seeds, targets, both_branches=True)
    if simplifier.is_lost(numbers):
        return _nodes(Simplifier(), seeds, targets, both_branches=False)
    return nodes


def _nodes(
    simplifier: Simplifier, seeds: Mapping[Value, float], targets: Sequence[Value], both_branches: bool
) -> list[Value]:
    """Return the nodes of the gradients, with `both_branches` of every `where` or only the one it took."""
    adjoint: dict[Value, Term] = dict.fromkeys(targets, 0.0)
    with errstate(all="ignore"), building(simplifier.build):
        if in_c is None or not in_c.gradient_terms(
            simplifier, seeds, adjoint, for_the_native_engine(), _refuse_changed, _sent, both_branches
        ):
            _find_terms(simplifier, seeds, adjoint, both_branches)
    return [simplifier.as_node(adjoint[x]) for x in targets]


def _find_terms(
    simplifier: Simplifier, seeds: Mapping[Value, float], adjoint: dict[Value, Term], both_branches: bool
) -> None:
    """Fill in the term of each target that the seeds reach."""
    order, wanted = _prepared(seeds, adjoint, simplifier)
    # The terms of each node so far; a single one is not in a list, because most nodes have only one.
    shares: dict[Value, Term | list[Term]] = {node: seed for node, seed in seeds.items() if node in wanted}
    for node in reversed(order):
        terms = shares.pop(node, None)
        if terms is None:
            continue
        g = simplifier.total(terms) if isinstance(terms, list) else terms
        if node in adjoint:
            adjoint[node] = g
        for parent, share in _sent(simplifier, node, g, wanted, adjoint, both_branches):
            before = shares.get(parent)
            if before is None:
                shares[parent] = share
            elif isinstance(before, list):
                before.append(share)
            else:
                shares[parent] = [before, share]


def _sent(
    simplifier: Simplifier,
    node: Value,
    g: Term,
    wanted: set[Value],
    targets: Container[Value],
    both_branches: bool,
) -> list[tuple[Value, Term]]:
    """Return the term times the slope for each wanted parent of a node or, past a kink, for its parents."""
    sent = []
    for parent, slope in slopes_of_edges(simplifier, node, wanted, targets, both_branches):
        share = simplifier.product(g, slope if type(slope) is float else _term(slope))
        if both_branches and type(slope) is not float and node._row.selects:  # type: ignore[union-attr]
            share = _term(ops.where(slope, share, 0.0))
            simplifier.selects = True
        sent.append((parent, share))
    return sent


def slopes_of_edges(
    simplifier: Simplifier,
    node: Value,
    wanted: set[Value],
    targets: Container[Value],
    both_branches: bool,
) -> Iterable[tuple[Value, Any]]:
    """Return the wanted parents of a node and the local derivatives, or those past a kink."""
    op: Operation | None = node.op
    if op is None:
        return ()
    if op in plain_rows() and None not in (node._da, node._db):  # Most nodes have two such parents.
        a, b = node._a, node._b
        if a in wanted and b in wanted and not (a._row is b._row and a._row in KINKED):
            f, g = op.partials
            return (a, f(a, b, node)), (b, g(a, b, node))
    parents = node.parents
    terms = [parent if parent._requires_grad else parent._number for parent in parents]
    if (op.over_argument or op is ops.mul) and parents[0] not in targets:
        smooth = past_kink(op, terms, node)
        if smooth is not None:
            return [(p, d) for p, d in smooth if p in wanted]
    slopes = slopes_with(simplifier, op, terms, node, [p in wanted for p in parents])
    pairs: Iterable[tuple[Value, Any]] = zip(parents, slopes, strict=True)
    if op.selects:  # A constant condition has chosen one branch for good: the other's slope is 0.0.
        pairs = compress(pairs, [d != 0.0 for d in slopes] if both_branches else node.partials)
    return [(p, d) for p, d in pairs if p in wanted]


def _term(slope: Any) -> Term:
    return as_term(slope) if isinstance(slope, Value) else float(slope)


def _prepared(
    seeds: Iterable[Value], targets: Iterable[Value], simplifier: Simplifier
) -> tuple[list[Value], set[Value]]:
    """Return the order of all nodes, and those through which a target reaches the output: the book's G′.

    Nodes older than all targets are left out. The simplifier learns the nodes. Raises `GraphError` if
    a leaf has changed since the forward pass.
    """
    wanted = {target for target in targets if target._requires_grad}
    order = nodes_since(min([target.index for target in wanted], default=0), seeds) if wanted else []
    for node in order:
        parents = node.parents
        if parents:
            if node._row not in (ops.add, ops.mul):  # Common, but rarely rebuilt by slopes.
                simplifier.know(node, parents)
            if not wanted.isdisjoint(parents) and node._requires_grad:
                wanted.add(node)
            for parent in parents:
                if parent._row is None:
                    _refuse_changed(node)
                    break
    return order, wanted


def _refuse_changed(node: Value) -> None:
    if (y := outdated(node, node.parents)) is not None:
        raise GraphError(
            f"gradients: a leaf has changed since {row_of(node).name} = {node.data!r} was computed (now it "
            f"would be {y!r}); expected the graph as it was. Compute the function again first."
        )


@overload
def gradients(y: Value | Sequence[Value], xs: Value, create_graph: Literal[False] = False) -> float: ...
@overload
def gradients(y: Value | Sequence[Value], xs: Value, create_graph: Literal[True]) -> Value: ...
@overload
def gradients(
    y: Value | Sequence[Value], xs: Sequence[Value], create_graph: Literal[False] = False
) -> list[float]: ...
@overload
def gradients(
    y: Value | Sequence[Value], xs: Sequence[Value], create_graph: Literal[True]
) -> list[Value]: ...


def gradients(y: Value | Sequence[Value], xs: Value | Sequence[Value], create_graph: bool = False) -> Any:
    """Return dy/dx for each x of `xs` (the sum for several y, each counted as often as given); leave `.grad`
    alone.

    `xs` is a `Value` or a sequence of them, leaves or results; the answer has the same form. It
    holds floats or, with `create_graph=True`, `Value`s that can be differentiated again. An x that does
    not reach y has gradient 0.

    >>> x = Value(2.0)
    >>> t = x**3
    >>> gradients(t, [x, t])
    [12.0, 1.0]
    >>> gradients([t, t], x)
    24.0
    >>> dy, = gradients(t, [x], create_graph=True)
    >>> gradients(dy, x)
    12.0
    """
    with_graph = flag(create_graph, "gradients", "create_graph")
    seeds: dict[Value, float] = {}
    for root in _values([y] if isinstance(y, Value) else y, "y"):
        seeds[root] = seeds.get(root, 0.0) + 1.0
    targets = _values([xs] if isinstance(xs, Value) else xs, "xs")
    found = gradient_nodes(seeds, targets) if with_graph else adjoints(seeds, targets)
    return found[0] if isinstance(xs, Value) else found


def _values(xs: Any, name: str) -> list[Value]:
    values: list[Value] = elements(xs, "gradients", name, "Values", "not a Value")
    for i, x in enumerate(values):
        if not isinstance(x, Value):
            raise DataError(f"gradients: {name}[{i}] is not a Value: got {brief(x)}; expected Values.")
    return values


def nodes_since(start: int, roots: Iterable[Value]) -> list[Value]:
    """Return the nodes that lead to the roots and are not older than number `start`, parents first."""
    seen = {root for root in roots if root._index >= start}
    nodes = list(seen)
    see, enqueue = seen.add, nodes.append
    for node in nodes:  # The list grows during the loop.
        for parent in node.parents:
            if parent not in seen and parent._index >= start:
                see(parent)
                enqueue(parent)
    nodes.sort(key=attrgetter("_index"))
    return nodes


def reaches_older(start: int, nodes: list[Value]) -> bool:
    """Whether one of these nodes, or of those with a gradient that lead to them, is older than `start`."""
    seen = set(nodes)
    for node in nodes:  # The list grows during the loop.
        if node._index < start:
            return True
        for parent in node.parents:
            if parent._requires_grad and parent not in seen:
                seen.add(parent)
                nodes.append(parent)
    return False


def slopes_of(node: Value) -> Any:
    """Return the local derivatives by position, written with the arguments: inside `building`, as nodes."""
    op = row_of(node)
    arguments = [p if p.requires_grad else p.data for p in node.parents]
    if op.arity is not None:
        return lambda i: op.partials[i](*arguments, node)
    slopes = op.partials[0](tuple(arguments), node)
    return lambda i: slopes[i]
