"""Give hints about probable faults in a graph or its numbers.

| kind | meaning |
|---|---|
| not a number | the first node, in the order of creation, whose data or local derivative is NaN or infinite |
| unused | a parameter that the outputs do not depend on, or a leaf that no gradient reaches |
| dead relu | a relu or another rectifier whose argument is so low that no gradient passes |
| saturated | a sigmoid or tanh so far from 0 that its slope is below 0.001 |
| left-over gradient | gradients that are not those of one backward pass over this graph |
| changed leaf | a leaf whose data has changed since the forward pass |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import isclose, isfinite
from typing import TYPE_CHECKING

from ..base.modes import errstate
from ..errors import DomainError
from ..kernel.backward import adjoints
from ..kernel.stale_values import changed_leaves
from ..kernel.value import Value, row_of
from .names import names

if TYPE_CHECKING:
    from .graph import Graph

FLAT = 1e-3
MOST_NAMED = 4


@dataclass(frozen=True, eq=False)
class Hint:
    """One kind of fault, the nodes affected, and a message with a remedy."""

    kind: str
    nodes: tuple[Value, ...] = field(repr=False)
    message: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"


def lint(graph: Graph) -> list[Hint]:
    """Return all hints, in the order of the table above; none if nothing looks wrong.

    Some need more than the graph: parameters must be named (`Graph(J, parameters=...)`), and the
    source line of a NaN is known if the graph was built inside `recording()`.

    >>> from autograd_core import Graph, relu
    >>> x = Value(-2.0, "x")
    >>> print(*Graph(relu(x)).lint(), sep=chr(10))
    unused: no gradient reaches x. Is it cut off by a relu, floor, where or a factor 0?
    dead relu: 1 of 1 relu passes no gradient: J (x = -2.0). If it is so for all data, lower the ...
    """
    called = names(graph)
    hints: list[Hint] = []
    for check in CHECKS:
        hints += check(graph, called)
    return hints


Names = dict[Value, str]


def _not_a_number(graph: Graph, called: Names) -> Iterator[Hint]:
    for node in graph.nodes:
        if isfinite(node.data) and all(map(isfinite, node.partials)):
            continue
        line = graph.record.line(node) if graph.record is not None else None
        made = f" Made at {line}." if line else " Build it inside recording() to see the line that made it."
        if node.op is None:
            yield Hint("not a number", (node,), f"the leaf {called[node]} is {node.data!r}. Fix the data.")
        else:
            what = f"= {node.data!r}" if not isfinite(node.data) else f"has the slopes {_cut(node.partials)}"
            arguments = _cut([f"{called[p]} = {p.data!r}" for p in node.parents])
            call = f"the first is {called[node]} = {node.op.name}({arguments})"
            yield Hint("not a number", (node,), f"{call}, which {what}.{made}".replace("which =", "which is"))
        return


def _unused(graph: Graph, called: Names) -> Iterator[Hint]:
    absent = [leaf for leaf in graph.named_parameters if leaf not in graph]
    if absent:
        text = _cut([leaf.label or repr(leaf) for leaf in absent])
        parameters = "the parameters" if len(absent) > 1 else "the parameter"
        yield Hint("unused", tuple(absent), f"the outputs do not depend on {parameters} {text}.")
    adjoint = _gradients(graph, dict.fromkeys(graph.outputs, 1.0))
    if adjoint is None:
        return
    cut_off = [x for x, gradient in adjoint.items() if x.requires_grad and not gradient]
    if cut_off:
        text = _cut([called[x] for x in cut_off])
        what = "Is it cut off by a relu, floor, where or a factor 0?"
        yield Hint("unused", tuple(cut_off), f"no gradient reaches {text}. {what}")


def _dead_relus(graph: Graph, called: Names) -> Iterator[Hint]:
    rectifiers = [node for node in graph.nodes if node.op is not None and node.op.rectifies]
    dead = [
        node
        for node in rectifiers
        if not row_of(node).slopes_at([p.data for p in node.parents], node.data)[0]
    ]
    if dead:
        text = _cut([f"{called[node]} (x = {node.parents[0].data!r})" for node in dead])
        names = {row_of(node).name for node in rectifiers}
        word = names.pop() if len(names) == 1 else "rectifier"
        some = f"1 {word} passes" if len(rectifiers) == 1 else f"{len(rectifiers)} {word}s pass"
        yield Hint(
            "dead relu",
            tuple(dead),
            f"{len(dead)} of {some} no gradient: {text}. If it is so "
            "for all data, lower the learning rate, raise the bias, or use leaky_relu.",
        )


def _saturated(graph: Graph, called: Names) -> Iterator[Hint]:
    nodes = [node for node in graph.nodes if node.op is not None and node.op.saturates]
    flat = [node for node in nodes if abs(node.partials[0]) < FLAT]
    if flat:
        text = _cut([f"{called[node]} ({row_of(node).name} of {node.parents[0].data:.3g})" for node in flat])
        yield Hint(
            "saturated",
            tuple(flat),
            f"{len(flat)} of {len(nodes)} have a slope below {FLAT}: {text}. "
            "Scale the inputs or the initial weights down; for a loss, use the logits.",
        )


def _left_over(graph: Graph, called: Names) -> Iterator[Hint]:
    seeds = {node: node.grad for node in graph.outputs}
    if any([grad not in (0.0, 1.0) for grad in seeds.values()]):
        text = _cut([f"{called[node]}.grad = {grad!r}" for node, grad in seeds.items()])
        yield Hint(
            "left-over gradient",
            tuple(seeds),
            f"{text}, not 1: backward() ran more than once, or with another gradient. Gradients add up; "
            "set them to 0 between passes.",
        )
    adjoint = _gradients(graph, seeds)
    old = {x: g for x, g in (adjoint or {}).items() if not isclose(x.grad, g, rel_tol=1e-9)}
    if old:
        text = _cut([f"{called[x]}.grad = {x.grad:.5g} for {g:.5g}" for x, g in old.items()])
        yield Hint(
            "left-over gradient",
            tuple(old),
            f"{text}: some of it is from another backward pass. Set gradients to 0 before backward().",
        )


def _changed(graph: Graph, called: Names) -> Iterator[Hint]:
    changed = changed_leaves(graph.nodes)
    if changed:
        text = _cut([f"{called.get(leaf, leaf.label)} (now {leaf.data!r})" for leaf in changed])
        yield Hint(
            "changed leaf",
            tuple(changed),
            f"since the forward pass: {text}. backward() uses the old numbers; compute the outputs again, "
            "or use graph.replay().",
        )


CHECKS: Sequence[Callable[[Graph, Names], Iterator[Hint]]] = (
    _not_a_number,
    _unused,
    _dead_relus,
    _saturated,
    _left_over,
    _changed,
)


def _gradients(graph: Graph, seeds: dict[Value, float]) -> dict[Value, float] | None:
    """Return the gradients of the outputs, or None if they are not numbers, which another hint covers."""
    leaves = [*graph.inputs, *graph.parameters]
    try:
        with errstate(all="ignore"):
            return dict(zip(leaves, adjoints(seeds, leaves), strict=True))
    except DomainError:
        return None


def _cut(items: Sequence[object]) -> str:
    """Return the first few of a list, as text of bounded length."""
    more = f" and {len(items) - MOST_NAMED} more" if len(items) > MOST_NAMED else ""
    return ", ".join([str(item)[:80] for item in items[:MOST_NAMED]]) + more
