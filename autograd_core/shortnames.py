"""Names for all nodes of a graph: their labels where they have some, else short ones that clash with none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, count

from .text import shorten, visible
from .value import Value


def names_of(
    nodes: Iterable[Value], output: Value | None = None, constants: bool = False
) -> dict[Value, str]:
    """A name of its own for each node; of constants without a label, only if `constants` asks for them.

    A label that several nodes bear is numbered from the second on. Nodes without a label are called v1, v2,
    ... in their order (constants c1, c2, ...), and the output J, if these names are free.

    >>> x = Value(2.0, label="x")
    >>> t = x * x
    >>> list(names_of([x, t, t + x], t).values())
    ['x', 'J', 'v1']
    """
    nodes = list(nodes)
    labels = {node: shorten(visible(node.label)) for node in nodes if node.label}
    taken = set(labels.values())
    numbers: dict[str, Iterator[int]] = {}
    names: dict[Value, str] = {}
    for node, label in labels.items():
        if label not in numbers:
            numbers[label] = count(2)
            names[node] = label
        else:
            names[node] = _next((f"{label}_{i}" for i in numbers[label]), taken)
    fresh = (f"v{i}" for i in count(1))
    for node in nodes:
        if node not in names and (node.requires_grad or not node.is_leaf or node is output):
            names[node] = _next(chain("J" if node is output else "", fresh), taken)
    numbered = (f"c{i}" for i in count(1))
    for node in nodes if constants else ():
        if node not in names:
            names[node] = _next(numbered, taken)
    return {node: names[node] for node in nodes if node in names}


def _next(candidates: Iterable[str], taken: set[str]) -> str:
    """The first candidate that is free, which is taken from then on."""
    name = next(name for name in candidates if name not in taken)
    taken.add(name)
    return name
