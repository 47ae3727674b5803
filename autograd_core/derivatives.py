"""`gradients`: the derivatives of some nodes by others, as numbers or as nodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .backward import adjoints
from .errors import DataError
from .gradient_graph import gradient_nodes
from .reals import brief
from .value import Value


def gradients(y: Value | Sequence[Value], xs: Any, create_graph: bool = False) -> Any:
    """dy/dx for each x of `xs`, of several y their sum (one given twice counts twice); leaves `.grad` alone.

    `xs` is a sequence of `Value`s, leaves or results, or one of them; the answer has the same form. It
    holds floats, or, with `create_graph=True`, `Value`s that can be differentiated again. An x that does
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
    if isinstance(xs, Value):
        return gradients(y, [xs], create_graph)[0]
    seeds: dict[Value, float] = {}
    for root in _values([y] if isinstance(y, Value) else y, "y"):
        seeds[root] = seeds.get(root, 0.0) + 1.0
    targets = _values(xs, "xs")
    return gradient_nodes(seeds, targets) if create_graph else adjoints(seeds, targets)


def _values(xs: Any, name: str) -> list[Value]:
    if isinstance(xs, (str, bytes)) or not hasattr(xs, "__iter__"):
        raise DataError(f"gradients: {name} is no Value: got {brief(xs)}; expected Values.")
    values: list[Value] = list(xs)
    for i, x in enumerate(values):
        if not isinstance(x, Value):
            raise DataError(f"gradients: {name}[{i}] is no Value: got {brief(x)}; expected Values.")
    return values
