"""Draw a model as a neural network diagram: units, weights, and how an error propagates back along them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from autograd_core import Value
from autograd_core.base import elements, flag, shorten, shown, visible
from autograd_core.errors import DataError, DataValueError
from autograd_core.formulas import Text
from autograd_core.graph import topological_order

from ..render.graphviz_drawing import Drawing, escape
from .boxes import number
from .dot import DIRECTIONS
from .network_svg import Network, network_svg
from .plain_svg import COLORS as INKS


class Sharing(NamedTuple):
    """The gradient at each unit of each column, inputs first, and the share on each weight's edge."""

    units: list[list[float]]
    shares: list[list[list[float]]]


def sharing(model: Any, error: Any) -> Sharing:
    """Read the errors of one example from `error`, a node computed from its output: see `draw_network`.

    A weight w from h to a sum s carries the share ∂J/∂s · w back to h, and the shares add up to ∂J/∂h.
    Raises `DataError` if it is not a node, `DataValueError` if the model was not called exactly once.
    """
    if not isinstance(error, Value):
        raise DataError(f"draw_network: not a node: error = {shorten(repr(error))}; expected a Value.")
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
    """Return the weights into each unit of a layer, which has neurons or a matrix."""
    if hasattr(layer, "neurons"):
        return [neuron.w for neuron in layer.neurons]
    rows: list[list[Value]] = layer.weight.rows
    return rows


def _only(sums: list[Value]) -> Value:
    if len(sums) != 1 or sums[0].op is None or sums[0].op.name != "dot":
        raise DataValueError(
            f"draw_network: the model was called {len(sums)} times in the graph of the error; expected once. "
            "Use the loss of one example, without a regularizer."
        )
    return sums[0]


def _output(total: Value, layer: Any, users: dict[Value, list[Value]]) -> Value:
    """Return a unit's output: after the sum, the optional bias and the optional activation."""
    unit = layer.neurons[0] if hasattr(layer, "neurons") else layer
    activated = getattr(unit, "activation", "identity") != "identity"
    steps = (getattr(unit, "bias", True) is not None) + activated
    for _ in range(steps):
        following = users.get(total, [])
        total = following[0] if len(following) == 1 else total
    return total


_TEXT = Text()
MOST_IN_A_LAYER = 10
"""The most circles of a layer; a larger layer is abbreviated with an ellipsis."""
MOST_LABELS = 24
"""The most edges that show their weights; with more, numbers would overlap."""


def draw_network(
    model: Any,
    rankdir: str = "LR",
    inputs: Sequence[str] = (),
    outputs: Sequence[str] = (),
    *,
    error: Value | None = None,
    dark: bool = False,
) -> Drawing:
    """Return the network diagram of a model that has `layers`, each with `neurons` of weights `w`.

    A column is a layer; a circle is an input or a unit, labeled with its variable; an edge is a weight, with
    its number if there is room, its size as the line's thickness, dashed if negative. `inputs` and
    `outputs` name the first and the last column. In the SVG, a layer of more than 10 units is a column of
    bars between heat maps of the weights, in which a larger weight is darker and a negative one has a bar;
    other formats abbreviate it with an ellipsis.

    With `error`, a node computed from one call of the model, after its `backward()`, the diagram shows how
    the error is distributed on the way back: the gradient at each unit and, on each edge, which then points
    back, the weight's share (none for inputs that are plain numbers).

    Raises `DataError` if the model has no such layers.

    >>> from nn import MLP
    >>> print(draw_network(MLP(2, [3, 1], rng=0)).source.count("penwidth"))
    9
    """
    weights, units = _weights(model), None
    if error is not None:
        units, weights = sharing(model, error)
    if not isinstance(rankdir, str) or rankdir not in DIRECTIONS:
        known = ", ".join(DIRECTIONS)
        raise DataValueError(
            f"draw_network: unknown direction: rankdir = {shown(rankdir)}; expected one of {known}."
        )
    flag(dark, "draw_network", "dark")
    sizes = [len(weights[0][0]), *[len(layer) for layer in weights]]
    names = [_names("x", sizes[0], inputs, "inputs")]
    names += [[_TEXT.name(f"{k}.a[{i}]").text for i in range(size)] for k, size in enumerate(sizes[1:-1])]
    names.append(_names("yhat", sizes[-1], outputs, "outputs"))
    network = Network(names, weights, units, rankdir, _labeled(sizes), dark)
    drawing = _dot(network, sizes)
    drawing.own_svg = lambda: network_svg(network)
    drawing.written = drawing.source
    return drawing


def _labeled(sizes: Sequence[int]) -> bool:
    """Whether the edges have room for their numbers."""
    kept = [len(_kept(size)) for size in sizes]
    return sum([a * b for a, b in pairwise(kept)]) <= MOST_LABELS


def _dot(network: Network, sizes: Sequence[int]) -> Drawing:
    """Write the diagram for Graphviz."""
    paper, ink, line = INKS[network.dark]
    font = {"fontname": "Helvetica", "fontsize": "11", "fontcolor": ink}
    circle = {"shape": "circle", "fixedsize": "true", "width": "0.5", "style": "filled", "fillcolor": paper}
    drawing = Drawing(
        graph_attr={
            "rankdir": network.rankdir, "nodesep": "0.3", "ranksep": "1.5", "splines": "line",
            "outputorder": "edgesfirst", "bgcolor": paper,
        },
        node_attr=circle | font | {"color": line},
        edge_attr={"arrowsize": "0.5", "fontsize": "9", "fontname": "Helvetica"},
    )  # fmt: skip
    kept = [_kept(size) for size in sizes]
    if network.labeled:
        drawing.attr(nodesep="0.6")
    if network.gradients is not None:
        drawing.attr("node", width="0.7")
        drawing.attr("edge", dir="back")
    for column, places in enumerate(kept):
        texts = network.names[column]
        if network.gradients is not None:
            numbers = network.gradients[column]
            texts = [f"{name}\n{number(x)}" for name, x in zip(texts, numbers, strict=True)]
        _add_column(drawing, column, places, sizes[column], texts)
    for column, layer in enumerate(network.weights):
        for j in kept[column + 1]:
            for i in kept[column]:
                ends = f"l{column}_{i}", f"l{column + 1}_{j}"
                _add_edge(drawing, *ends, layer[j][i], network)
    return drawing


def _weights(model: Any) -> list[list[list[float]]]:
    """Return, for each layer and each of its neurons, the weights as numbers."""
    layers = getattr(model, "layers", None) or ([model] if hasattr(model, "neurons") else [])
    try:
        weights = [_weights_of(layer) for layer in layers]
    except (AttributeError, TypeError):
        weights = []
    if not weights or not all(layer and all(layer) for layer in weights):
        raise DataError(
            f"draw_network: not a network: got {shorten(repr(model))}; expected a model made of layers, "
            "such as nn.MLP. draw_dot draws the computation graph of anything."
        )
    return weights


def _weights_of(layer: Any) -> list[list[float]]:
    array = getattr(getattr(layer, "weight", None), "array", None)
    if array is not None and array.ndim == 2:  # Read the array, so that a large layer does not become nodes.
        return [[float(w) for w in row] for row in array]
    return [[float(w.data) for w in neuron.w] for neuron in layer.neurons]


def _names(letter: str, size: int, given: Sequence[str], what: str) -> list[str]:
    given = elements(given, "draw_network", what, "names")
    if not all([isinstance(name, str) for name in given]):
        raise DataError(f"draw_network: not names: {what} = {shown(given)}; expected texts.")
    if given and len(given) != size:
        raise DataValueError(f"draw_network: {len(given)} names in {what}; expected {size}.")
    if given:
        return [shorten(visible(name), 8) for name in given]
    plain = size == 1 and letter != "x"
    return [_TEXT.name(letter + ("" if plain else str(i))).text for i in range(1, size + 1)]


def _kept(size: int) -> list[int]:
    """Return the units of a layer that are drawn: all, or the first ones and the last."""
    return list(range(size)) if size <= MOST_IN_A_LAYER else [*range(MOST_IN_A_LAYER - 2), size - 1]


def _add_column(
    drawing: Drawing, column: int, places: Sequence[int], size: int, names: Sequence[str]
) -> None:
    with drawing.subgraph() as rank:
        rank.attr(rank="same")
        before = None
        for i in places:
            if before is not None and i != before + 1:
                more = f"l{column}_more"
                label = escape(f"…\n{i - before - 1:,} more")
                size_of_text = {"fixedsize": "false", "width": "0", "height": "0", "margin": "0"}
                rank.node(more, label=label, shape="plaintext", **size_of_text)
                # Invisible edges inside a column keep its order.
                rank.edge(f"l{column}_{before}", more, style="invis")
                rank.edge(more, f"l{column}_{i}", style="invis")
            elif before is not None:
                rank.edge(f"l{column}_{before}", f"l{column}_{i}", style="invis")
            small = {"fontsize": "8"} if max(map(len, names[i].split("\n"))) > 4 else {}
            label = escape(names[i])
            rank.node(f"l{column}_{i}", label=label, tooltip=f"unit {i + 1} of {size}", **small)
            before = i


def _weight(weight: float, paper: str) -> str:
    """Write the number on a background, so that no line crosses it out."""
    ground = f'<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0" BGCOLOR="{paper}">'
    return f"<{ground}<TR><TD>{number(weight)}</TD></TR></TABLE>>"


def _add_edge(drawing: Drawing, tail: str, head: str, weight: float, network: Network) -> None:
    labeled, largest, paper = network.labeled, network.largest, INKS[network.dark][0]
    share = abs(weight) / largest if abs(weight) <= largest else 1.0
    near = {"taillabel": _weight(weight, paper), "labeldistance": "3.2", "labelangle": "0"}
    drawing.edge(
        tail, head,
        # Translucent where lines overlap.
        color=network.color + ("" if labeled else "90"),
        fontcolor=network.color,
        style="dashed" if weight < 0 else "solid",
        penwidth=f"{0.4 + (2.2 if labeled else 1.4) * share:.2f}",
        tooltip=number(weight),
        # Near its unit, before lines cross.
        **(near if labeled else {}),
    )  # fmt: skip
