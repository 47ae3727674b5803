"""A model drawn as a neural network diagram: circles and weights, no intercepts, no loss.

The other drawing of a model, the computation graph with every parameter a node, is `draw_dot`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite
from typing import Any

import graphviz

from autograd_core.errors import DataError, DataValueError
from autograd_core.text import shorten, visible

from .dot import DIRECTIONS
from .drawing import Drawing
from .numbers import number

MOST_IN_A_LAYER = 10
"""How many circles of a layer are drawn; a larger layer is folded around an ellipsis."""
MOST_LABELS = 40
"""Up to how many edges carry their weights; on more, numbers would cover each other."""

POSITIVE, NEGATIVE = "#0b6b45", "#b02a1c"


def draw_network(
    model: Any, rankdir: str = "LR", inputs: Sequence[str] = (), outputs: Sequence[str] = ()
) -> graphviz.Digraph:
    """Return the network diagram of a model that has `layers`, each with `neurons` of weights `w`.

    A column is a layer; a circle is an input or a unit, labelled with its variable; an edge is a weight: its
    number where there is room, its size as the line's thickness, a negative one dashed. `inputs` and
    `outputs` name the first and the last column. Raises `DataError` for what has no such layers.

    >>> from nn import MLP
    >>> print(draw_network(MLP(2, [3, 1], rng=0)).source.count("penwidth"))
    9
    """
    weights = _weights(model)
    if rankdir not in DIRECTIONS:
        known = ", ".join(DIRECTIONS)
        raise DataValueError(f"draw_network: unknown direction: {rankdir = }; expected one of {known}.")
    sizes = [len(weights[0][0]), *[len(layer) for layer in weights]]
    names = [_names("x", sizes[0], inputs, "inputs")]
    for k, size in enumerate(sizes[1:-1], start=1):
        names.append(_names("h" if len(sizes) == 3 else f"h{k}_", size, (), ""))
    names.append(_names("y", sizes[-1], outputs, "outputs"))
    font = {"fontname": "Helvetica", "fontsize": "11"}
    drawing = Drawing(
        graph_attr={"rankdir": rankdir, "nodesep": "0.25", "ranksep": "1.1", "splines": "line"},
        node_attr={"shape": "circle", "fixedsize": "true", "width": "0.5"} | font,
        edge_attr={"arrowsize": "0.5", "fontsize": "9", "fontname": "Helvetica"},
    )
    kept = [_kept(size) for size in sizes]
    for column, places in enumerate(kept):
        _add_column(drawing, column, places, sizes[column], names[column])
    finite = [abs(w) for layer in weights for row in layer for w in row if isfinite(w)]
    largest = max(finite, default=1.0) or 1.0
    labelled = sum([len(a) * len(b) for a, b in pairwise(kept)]) <= MOST_LABELS
    for column, layer in enumerate(weights):
        for j in kept[column + 1]:
            for i in kept[column]:
                ends = f"l{column}_{i}", f"l{column + 1}_{j}"
                _add_edge(drawing, *ends, layer[j][i], largest, labelled)
    return drawing


def _weights(model: Any) -> list[list[list[float]]]:
    """Return, for each layer and each of its neurons, the weights as numbers."""
    layers = getattr(model, "layers", None) or ([model] if hasattr(model, "neurons") else [])
    try:
        weights = [[[float(w.data) for w in neuron.w] for neuron in layer.neurons] for layer in layers]
    except (AttributeError, TypeError):
        weights = []
    if not weights or not all(layer and all(layer) for layer in weights):
        raise DataError(
            f"draw_network: no network: got {shorten(repr(model))}; expected a model of layers of neurons, "
            "as nn.MLP. draw_dot draws the computation graph of anything."
        )
    return weights


def _names(letter: str, size: int, given: Sequence[str], what: str) -> list[str]:
    if given and len(given) != size:
        raise DataValueError(f"draw_network: {len(given)} names in {what}; expected {size}.")
    if given:
        return [shorten(visible(name), 8) for name in given]
    return [letter + str(i) for i in range(1, size + 1)] if size > 1 or letter != "y" else ["y"]


def _kept(size: int) -> list[int]:
    """Return which units of a layer are drawn: all, or the first ones and the last."""
    return list(range(size)) if size <= MOST_IN_A_LAYER else [*range(MOST_IN_A_LAYER - 2), size - 1]


def _add_column(
    drawing: Drawing, column: int, places: Sequence[int], size: int, names: Sequence[str]
) -> None:
    with drawing.subgraph() as rank:
        rank.attr(rank="same")
        before = None
        for i in places:
            if before is not None and i != before + 1:
                label = graphviz.escape(f"… {i - before - 1} more")
                more = f"l{column}_more"
                rank.node(more, label=label, shape="plaintext", fixedsize="false", width="0")
                # Edges inside a column, unseen, keep it in its order.
                rank.edge(f"l{column}_{before}", more, style="invis")
                rank.edge(more, f"l{column}_{i}", style="invis")
            elif before is not None:
                rank.edge(f"l{column}_{before}", f"l{column}_{i}", style="invis")
            rank.node(f"l{column}_{i}", label=graphviz.escape(names[i]), tooltip=f"unit {i + 1} of {size}")
            before = i


def _add_edge(
    drawing: Drawing, tail: str, head: str, weight: float, largest: float, labelled: bool
) -> None:
    share = abs(weight) / largest if abs(weight) <= largest else 1.0
    drawing.edge(
        tail, head,
        color=NEGATIVE if weight < 0 else POSITIVE,
        style="dashed" if weight < 0 else "solid",
        penwidth=f"{0.4 + 2.2 * share:.2f}",
        tooltip=number(weight),
        **({"label": f"{weight:.3g}", "labelfloat": "true"} if labelled else {}),
    )  # fmt: skip
