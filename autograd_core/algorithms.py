"""The algorithms of the lectures: five ways to compute the same gradient, with their steps and work.

`push` and `pull` are two ways to write backpropagation, `build_grad` is the *Deep Learning* book's
algorithm, whose result is a graph, `forward` carries tangents, `differences` evaluates the function nearby;
`compare` puts them in one table. They are written to be read; use `backward()` in programs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .base.modes import building, errstate
from .base.reals import brief, elements, shown
from .base.text import columns
from .calculus.reverse_mode import slopes_of
from .calculus.rewriting import Simplifier
from .errors import DataError
from .graph.graph import Edge, Graph
from .kernel.contributions import contributions, flows, pulled, pushed
from .kernel.stale_values import values_at
from .kernel.value import Value, constant

__all__ = [
    "Comparison",
    "Result",
    "Step",
    "build_grad",
    "compare",
    "differences",
    "forward",
    "pull",
    "push",
]

STEP = 2.0**-17  # near the cube root of a float's precision, where a central difference is most accurate

# What a step sums, with placeholders for the names of its target (t) and its source (s).
CHAIN_RULE = "dJ/d{t} += dJ/d{s} * d{s}/d{t}"
TABLE_ENTRY = "grad_table[{t}] += grad_table[{s}] * d{s}/d{t}"
TANGENT = "{t}' += d{t}/d{s} * {s}'"
DIFFERENCE = "dJ/d{t} ~ (J(+h) - J(-h)) * 1/2h"


@dataclass(frozen=True)
class Step:
    """One contribution: `amount`, the product of the `factors`, raises the sum of `target` to `total`.

    `formula` describes the addition, with the names of the target and the source.
    """

    target: Value
    source: Value
    factors: tuple[float, ...]
    amount: float
    total: float
    formula: str


@dataclass
class Result:
    """The result of an algorithm: the gradient by each target, the steps, the work and the memory.

    `evaluations` counts evaluations of single operations, `memory` the numbers stored beside the graph's.
    """

    algorithm: str
    graph: Graph
    gradients: dict[Value, float]
    steps: list[Step] = field(default_factory=list)
    multiplications: int = 0
    additions: int = 0
    evaluations: int = 0
    memory: int = 0
    grad_table: dict[Value, Value] = field(default_factory=dict)

    @property
    def work(self) -> int:
        """The total arithmetic."""
        return self.multiplications + self.additions + self.evaluations

    def add(self, step: Step) -> None:
        """Record a step, which is one multiplication and one addition."""
        self.steps.append(step)
        self.multiplications += 1
        self.additions += 1

    def __str__(self) -> str:
        called = self.graph.names()
        return "\n".join([f"{self.algorithm}: {self._counts()}", *[_line(s, called) for s in self.steps]])

    def _counts(self) -> str:
        return (
            f"{self.multiplications} multiplications, {self.additions} additions, "
            f"{self.evaluations} evaluations of operations, {self.memory} numbers kept"
        )


def _line(step: Step, called: dict[Value, str]) -> str:
    left = step.formula.format(t=called.get(step.target, "?"), s=called.get(step.source, "?"))
    product = " * ".join([f"{factor:.6g}" for factor in step.factors])
    return f"  {left} = {product} = {step.amount:.6g}   (now {step.total:.6g})"


def push(J: Value, targets: Sequence[Value] | None = None) -> Result:
    """Run backpropagation in which each node pushes to its parents: `dJ/dv += dJ/du * du/dv`, starting at 0.

    >>> x = Value(3.0, "x")
    >>> print(push(x * x))
    push: 2 multiplications, 2 additions, 0 evaluations of operations, 2 numbers kept
      dJ/dx += dJ/dJ * dJ/dx = 1 * 3 = 3   (now 3)
      dJ/dx += dJ/dJ * dJ/dx = 1 * 3 = 3   (now 6)
    """
    return _propagated("push", pushed, J, targets)


def pull(J: Value, targets: Sequence[Value] | None = None) -> Result:
    """Run backpropagation in which each node pulls from its consumers: `dJ/dv = Σ dJ/du * du/dv`."""
    return _propagated("pull", pulled, J, targets)


def _propagated(name: str, edges: Callable[..., Any], J: Value, targets: Sequence[Value] | None) -> Result:
    result = _begin(name, J, targets)
    part = _pruned(result.graph, J, result.gradients)
    adjoint = {node: float(node is J) for node in part}
    for c in contributions(edges(list(part)[::-1], part), adjoint):
        amount = c.incoming * c.local
        result.add(Step(c.parent, c.node, (c.incoming, c.local), amount, c.after, CHAIN_RULE))
    return _end(result, adjoint)


def build_grad(J: Value, targets: Sequence[Value] | None = None) -> Result:
    """Run the book's `build_grad`, which inserts the gradient's own nodes into the graph.

    The graph is pruned to G′: the nodes that descend from the targets and lead to J. The recursion over
    consumers is memoized in the `grad_table` and uses an explicit stack. The entries of the table can be
    differentiated again.

    Source: Goodfellow, Bengio and Courville, *Deep Learning*, algorithms 6.5 and 6.6.
    """
    result = _begin("build_grad", J, targets)
    edges_from = _edges_from(_pruned(result.graph, J, result.gradients))
    table = result.grad_table
    if J in edges_from:
        table[J] = constant(1.0)
    slopes: dict[Value, Callable[[int], Any]] = {}
    with errstate(all="ignore"), building(Simplifier(result.graph.nodes).build):
        waiting = [target for target in result.gradients if target in edges_from]
        while waiting:
            missing = [edge.child for edge in edges_from[waiting[-1]] if edge.child not in table]
            waiting += missing
            if not missing and (node := waiting.pop()) not in table:
                table[node] = _summed(result, node, edges_from[node], slopes)
    inserted = Graph(list(table.values())) if table else ()
    result.evaluations = sum(node.op is not None and node not in result.graph for node in inserted)
    result.multiplications = result.additions = 0  # They are counted as evaluations.
    return _end(result, {node: g.data for node, g in table.items()}, len(table) + result.evaluations)


def _summed(
    result: Result, node: Value, edges: Sequence[Edge], slopes: dict[Value, Callable[[int], Any]]
) -> Value:
    """Build the node that sums the chain rule's contributions of all consumers."""
    total: Any = None
    for edge in edges:
        if edge.child not in slopes:
            slopes[edge.child] = slopes_of(edge.child)
        slope = slopes[edge.child](edge.slot)
        g = result.grad_table[edge.child]
        amount = g * slope
        total = amount if total is None else total + amount
        factors = (g.data, getattr(slope, "data", slope))
        result.add(Step(node, edge.child, factors, amount.data, total.data, TABLE_ENTRY))
    return constant(0.0) if total is None else total


def forward(J: Value, targets: Sequence[Value] | None = None) -> Result:
    """Run forward mode, one pass for each target: `u' = Σ du/dv * v'`, with tangent 1 at the target."""
    result = _begin("forward", J, targets)
    found: dict[Value, float] = {}
    for target in result.gradients:
        edges_into = _pruned(result.graph, J, [target])
        tangent = dict.fromkeys(edges_into, 0.0) | {target: 1.0}
        for edge in [edge for edges in edges_into.values() for edge in edges]:
            v = tangent[edge.parent]
            tangent[edge.child] += edge.partial * v
            factors, total = (edge.partial, v), tangent[edge.child]
            result.add(Step(edge.child, edge.parent, factors, edge.partial * v, total, TANGENT))
        found[target] = tangent[J] if edges_into else 0.0
        result.memory = max(result.memory, len(tangent))
    return _end(result, found, result.memory)


def differences(J: Value, targets: Sequence[Value] | None = None) -> Result:
    """Compute central differences, `(J(x+h) - J(x-h)) / 2h`: two evaluations per target, no derivatives."""
    result = _begin("differences", J, targets)
    found: dict[Value, float] = {}
    for target in result.gradients:
        part = list(_pruned(result.graph, J, [target]))
        h = STEP * max(1.0, abs(target.data))
        above, below = (_evaluated(result, part, target, J, target.data + s) for s in (h, -h))
        found[target] = slope = (above - below) / (2.0 * h)
        result.add(Step(target, J, (above - below, 0.5 / h), slope, slope, DIFFERENCE))
        result.memory = max(result.memory, len(part))
    return _end(result, found, result.memory)


def _evaluated(result: Result, part: Sequence[Value], target: Value, J: Value, x: float) -> float:
    """Return J with the target at x, by recomputing the operations between them."""
    moved = {target: x} if part else {}
    data = values_at(part, dict(moved))
    result.evaluations += len(data) - len(moved)
    return data.get(J, J.data)


ALGORITHMS = (push, pull, build_grad, forward, differences)


@dataclass
class Comparison:
    """The results of all algorithms; `print` shows them as a table."""

    results: list[Result]

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    def error(self, result: Result) -> float:
        """Return the largest difference from `push`, relative to the largest gradient."""
        right = self.results[0].gradients
        if not isinstance(result, Result) or not right.keys() <= result.gradients.keys():
            raise DataError(
                f"Comparison.error: not a result: got {shown(result)}; expected one of `results`."
            )
        scale = max([abs(g) for g in right.values()], default=0.0) or 1.0
        return max([abs(result.gradients[x] - g) / scale for x, g in right.items()], default=0.0)

    def __str__(self) -> str:
        called = self.results[0].graph.names()
        targets = list(self.results[0].gradients)
        # A table with more than four columns of gradients is not readable.
        names = [f"dJ/d{called.get(x, '?')}" for x in targets[:4]]
        head = ["algorithm", *names, "multiply", "add", "evaluate", "memory", "error"]
        rows = [
            [r.algorithm, *(f"{r.gradients[x]:.10g}" for x in targets[:4])]
            + [str(n) for n in (r.multiplications, r.additions, r.evaluations, r.memory)]
            + [f"{self.error(r):.1e}"]
            for r in self.results
        ]
        more = [f"({len(targets) - 4} more targets)"] if len(targets) > 4 else []
        return "\n".join([*columns([head, *rows]), *more])


def compare(J: Value, targets: Sequence[Value] | None = None) -> Comparison:
    """Compare all five algorithms on one graph: gradient, work, memory and error.

    >>> x = Value(2.0, "x")
    >>> t = x**2
    >>> print(compare((t.sin() + 3 * t).cos()))
    algorithm          dJ/dx  multiply  add  evaluate  memory    error
    push         9.099148545         6    6         0       6  0.0e+00
    pull         9.099148545         6    6         0       6  0.0e+00
    build_grad   9.099148545         0    0         8      14  0.0e+00
    forward      9.099148545         6    6         0       6  0.0e+00
    differences  9.099148512         1    1        10       6  3.7e-09
    """
    return Comparison([algorithm(J, targets) for algorithm in ALGORITHMS])


def _begin(name: str, J: Any, targets: Any) -> Result:
    """Return an empty result for these targets, by default the inputs."""
    if not isinstance(J, Value):
        raise DataError(f"{name}: not an output: got {brief(J)}; expected one Value.")
    graph = Graph(J)
    if targets is None:
        wanted = graph.inputs
    else:
        one = isinstance(targets, Value)
        wanted = [targets] if one else elements(targets, name, "targets", "Values")
    for target in wanted:
        if not isinstance(target, Value):
            raise DataError(f"{name}: not a target: got {brief(target)}; expected a Value.")
    return Result(name, graph, dict.fromkeys(wanted, 0.0))


def _end(result: Result, found: dict[Value, float], memory: int | None = None) -> Result:
    result.gradients = {target: found.get(target, 0.0) for target in result.gradients}
    result.memory = len(found) if memory is None else memory
    return result


def _pruned(graph: Graph, J: Value, targets: Iterable[Value]) -> dict[Value, list[Edge]]:
    """Return G′, the nodes that descend from the targets and lead to J, in order, with their incoming edges.

    It has only edges along which derivatives flow: none from a constant or into a branch not taken.
    """
    part = graph.prune(J, [target for target in targets if target in graph and target.requires_grad])
    leading = set(part.outputs)
    edges: dict[Value, list[Edge]] = {}
    for node in reversed(part.nodes):
        if node in leading:
            into = part.edges_into(node)
            edges[node] = [e for e in into if e.parent.requires_grad and flows(node, e.partial)]
            leading.update(edge.parent for edge in edges[node])
    return dict(reversed(edges.items()))


def _edges_from(edges_into: dict[Value, list[Edge]]) -> dict[Value, list[Edge]]:
    """Group the same edges by their source; the consumers created last come first."""
    edges_from: dict[Value, list[Edge]] = {node: [] for node in edges_into}
    for child in reversed(edges_into):
        for edge in edges_into[child]:
            edges_from[edge.parent].append(edge)
    return edges_from
