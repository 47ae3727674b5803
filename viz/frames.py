"""The boxes of a drawing in the frames of their scopes: Graphviz's clusters, one in another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import graphviz

from autograd_core import Value
from autograd_core.scopes import Scope
from autograd_core.text import shorten, visible

from .boxes import Look, box_picture, name_in, node_picture, text, title
from .folding import Box, Folding

GROUNDS = {False: ("#f7f8fb", "#eff1f6", "#e7eaf1"), True: ("#23262f", "#292d37", "#30343f")}
"""What a frame is filled with, by its depth; the second in a dark theme."""


class Place(NamedTuple):
    """A box, and where it stands among the others."""

    box: Box
    at: int


def add_boxes(
    drawing: graphviz.Digraph, folding: Folding, ids: Sequence[str], look: Look, marked: set[Value]
) -> None:
    """Write each box into the frames of its scopes, every frame where its first box comes."""
    inside, outputs = _contents(folding), _outputs(folding)
    if not look.beside:  # Graphviz sets what comes first in a frame below what comes next.
        inside = {scope: things[::-1] if scope else things for scope, things in inside.items()}
    stack: list[tuple[graphviz.Digraph, Iterator[Place | Scope]]] = [(drawing, iter(inside[None]))]
    frames = 0
    while stack:
        target, things = stack[-1]
        thing = next(things, None)
        if thing is None:
            stack.pop()
            if stack:
                stack[-1][0].subgraph(target)
        elif isinstance(thing, Scope):
            frame = graphviz.Digraph(name=f"cluster_{frames}", graph_attr=_frame(thing, look))
            frames += 1
            stack.append((frame, iter(inside[thing])))
        else:
            bold = look.of(not marked.isdisjoint(thing.box.nodes))
            _add_box(target, ids[thing.at], thing.box, outputs[thing.at], bold)


def _contents(folding: Folding) -> dict[Scope | None, list[Place | Scope]]:
    """What stands directly in each scope, in order: boxes and further scopes."""
    inside: dict[Scope | None, list[Place | Scope]] = {None: []}
    for i, box in enumerate(folding.boxes):
        outer: Scope | None = None
        for scope in box.scope.chain if box.scope is not None else ():
            if scope not in inside:
                inside[scope] = []
                inside[outer].append(scope)
            outer = scope
        inside[box.scope].append(Place(box, i))
    return inside


def _outputs(folding: Folding) -> list[list[Value]]:
    """For each box those of its nodes that are used outside of it, or nowhere."""
    used: dict[Value, bool] = {}
    place_of = folding.places.get
    for here, box in enumerate(folding.boxes):
        for node in box.nodes:
            for parent in node.parents:
                used[parent] = used.get(parent, False) or place_of(parent) != here
    return [[node for node in box.nodes if used.get(node, True)] for box in folding.boxes]


def _frame(scope: Scope, look: Look) -> dict[str, str]:
    return {
        "label": f"<{text(shorten(visible(scope.name)))}>", "labelloc": "t", "labeljust": "l",
        "fontname": "Helvetica", "fontsize": "10", "fontcolor": look.quiet, "style": "rounded,filled",
        "margin": "8", "color": "#4a5060" if look.dark else "#c9cedb",
        "fillcolor": GROUNDS[look.dark][min(len(scope.chain), 3) - 1],
    }  # fmt: skip


def _add_box(
    target: graphviz.Digraph, identifier: str, box: Box, outputs: Sequence[Value], look: Look
) -> None:
    if box.single:
        whole = visible(box.nodes[0].label)
        short = shorten(name_in(box.nodes[0], box.scope))
        picture = node_picture(box.nodes[0], short, look)
    else:
        whole, short = visible((box.scope.path + "/" if box.scope else "") + title(box)), ""
        picture = box_picture(box, outputs or box.nodes, look)
    # Graphviz takes the backslashes of a label apart once, those of a tooltip twice.
    tooltip = {} if short == whole else {"tooltip": text(whole.replace("\\", "\\\\"))}
    target.node(identifier, label=f"<{picture}>", **tooltip)
