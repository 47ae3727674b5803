"""Display nodes, graphs and models in notebooks.

The core knows nothing about notebooks: importing `viz` registers these displays with IPython.
"""

from __future__ import annotations

import sys
from typing import Any

from autograd_core import Value
from autograd_core.graph import Changes, Graph

from .drawing.dot import draw_dot
from .drawing.network import draw_network

LARGEST = 20_000
"""The most nodes of a graph that is drawn automatically, folded."""

Bundle = dict[str, str]


def of_value(node: Value, *arguments: Any, **options: Any) -> Bundle:
    """Return what a notebook shows for a node: its text, and its graph as a picture unless it is large."""
    return _bundle(repr(node), lambda: draw_dot(node) if len(Graph(node)) <= LARGEST else None)


def of_graph(graph: Graph, *arguments: Any, **options: Any) -> Bundle:
    """Return what a notebook shows for a graph: its listing, and a picture unless it is large."""
    drawn = len(graph) <= LARGEST and len(graph.outputs) == 1
    return _bundle(str(graph), lambda: draw_dot(graph.outputs[0]) if drawn else None)


def of_changes(changes: Changes, *arguments: Any, **options: Any) -> Bundle:
    """Return what a notebook shows for the differences of two graphs: their table and their drawing."""
    return _bundle(str(changes), lambda: draw_dot(changes))


def of_model(model: Any, *arguments: Any, **options: Any) -> Bundle:
    """Return what a notebook shows for a model: its text, and the network diagram if it has one."""
    return _bundle(repr(model), lambda: draw_network(model))


def _bundle(text: str, draw: Any) -> Bundle:
    try:
        drawing = draw()
        if drawing is not None:
            return {"text/plain": text, "image/svg+xml": drawing.picture("svg", time_limit=10.0).decode()}
    except Exception:
        # A display must never raise: there is always the text.
        pass
    return {"text/plain": text}


def register() -> None:
    """Register these displays with a running IPython; without one, do nothing."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return
    formatter = shell.display_formatter.mimebundle_formatter
    formatter.for_type(Value, of_value)
    formatter.for_type(Graph, of_graph)
    formatter.for_type(Changes, of_changes)
    formatter.for_type_by_name("nn.modules.module", "Module", of_model)
