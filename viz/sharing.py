"""How an error is shared out along a network's weights on the way back, read off a graph."""

from __future__ import annotations

from typing import Any, NamedTuple

from autograd_core import Value
from autograd_core.errors import DataError, DataValueError
from autograd_core.graph import topological_order
from autograd_core.text import shorten


class Sharing(NamedTuple):
    """The gradient at each unit of each column, inputs first; what each weight's edge brings back."""

    units: list[list[float]]
    shares: list[list[list[float]]]


def sharing(model: Any, error: Any) -> Sharing:
    """Read the errors of one example, of whose output `error` is computed: see `draw_network`.

    A weight w from h to a sum s brings the share ∂J/∂s · w back to h, and the shares add up to ∂J/∂h.
    Raises `DataError` for what is no node, `DataValueError` where the model was not called exactly once.
    """
    if not isinstance(error, Value):
        raise DataError(f"draw_network: no node: error = {shorten(repr(error))}; expected a Value.")
    users: dict[Value, list[Value]] = {}
    for node in topological_order(error):
        for parent in dict.fromkeys(node.parents):
            users.setdefault(parent, []).append(node)
    layers = getattr(model, "layers", None) or [model]
    units: list[list[float]] = []
    shares: list[list[list[float]]] = []
    for layer in layers:
        rows = _rows(layer)
        sums = [_only(users.get(row[0], [])) for row in rows]
        count = len(rows[0])
        units.append([x.grad for x in sums[0].parents[count:]])
        shares.append([[s.grad * d for d in s.partials[count:]] for s in sums])
    units.append([_output(s, layers[-1], users).grad for s in sums])
    return Sharing(units, shares)


def _rows(layer: Any) -> list[list[Value]]:
    """The weights into each unit of a layer of neurons, or of one that has a matrix of them."""
    if hasattr(layer, "neurons"):
        return [neuron.w for neuron in layer.neurons]
    rows: list[list[Value]] = layer.weight.rows
    return rows


def _only(sums: list[Value]) -> Value:
    if len(sums) != 1 or sums[0].op is None or sums[0].op.name != "dot":
        raise DataValueError(
            f"draw_network: the model was called {len(sums)} times in the graph of the error; expected once. "
            "Take the loss of one example, without a regulariser."
        )
    return sums[0]


def _output(total: Value, layer: Any, users: dict[Value, list[Value]]) -> Value:
    """A unit's output: after the sum, the bias if there is one, and the activation if there is one."""
    unit = layer.neurons[0] if hasattr(layer, "neurons") else layer
    activated = getattr(unit, "activation", "identity") != "identity"
    steps = (getattr(unit, "bias", True) is not None) + activated
    for _ in range(steps):
        following = users.get(total, [])
        total = following[0] if len(following) == 1 else total
    return total
