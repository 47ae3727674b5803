"""Frames around the boxes of a layer and of its units, if they contain nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from autograd_core.graph import Scope

from .columns import Ends, Groups, zones_of
from .edge_labels import Point
from .placement import Placement

PADDING, TITLE = 9.0, 16.0
"""The distance between a frame and its boxes, and the height of its title."""


class Frame(NamedTuple):
    """A rectangle around boxes: its position, its title, and its nesting depth."""

    left: float
    top: float
    right: float
    bottom: float
    title: str
    depth: int


def groups_of(scopes: Sequence[Scope | None], edges: Sequence[Ends]) -> Groups | None:
    """Return the columns of layers and the order of their units, or None if there are no layers."""
    depth = _depth(scopes)
    layers = [_at(scope, depth) for scope in scopes]
    if not any(layers):
        return None
    zones = zones_of(len(scopes), edges, layers)
    if not zones:
        return None
    order: dict[Scope, int] = {}
    bands = [order.setdefault(scope, len(order)) if scope is not None else -1 for scope in scopes]
    return Groups(zones, bands)


def _depth(scopes: Sequence[Scope | None]) -> int:
    """Return how many scopes are around all others: a model around its layers."""
    chains = [scope.chain for scope in scopes if scope is not None]
    depth = 0
    while True:
        longer = [chain for chain in chains if len(chain) > depth]
        if len({chain[depth] for chain in longer}) != 1 or not [c for c in longer if len(c) > depth + 1]:
            return depth
        depth += 1


def _at(scope: Scope | None, depth: int) -> Scope | None:
    return scope.chain[depth] if scope is not None and len(scope.chain) > depth else None


def frames_of(
    scopes: Sequence[Scope | None],
    placement: Placement,
    sizes: Sequence[Point],
    title_of: Callable[[Scope], str],
    heading: float = TITLE,
) -> list[Frame]:
    """Return the frames of scopes that contain several boxes and nothing else, outer ones first.

    `heading` is the height of a title.
    """
    inside: dict[Scope, list[int]] = {}
    for i, scope in enumerate(scopes):
        for part in scope.chain if scope is not None else ():
            inside.setdefault(part, []).append(i)
    found: list[Frame] = []
    for scope, members in sorted(inside.items(), key=lambda item: len(item[0].chain)):
        if len(members) > 1:
            deepest = max([len(one.chain) for i in members if (one := scopes[i]) is not None])
            around = 1 + deepest - len(scope.chain)
            found += _around(
                members, placement, sizes, (around, len(scope.chain) - 1, heading), title_of(scope)
            )
    return [frame for frame in found if not any([_cuts(frame, other) for other in found])]


def with_room(placement: Placement, frames: Sequence[Frame], around: float) -> tuple[Placement, list[Frame]]:
    """Move both and enlarge the placement, so that the frames are inside the picture."""
    dx = -min([0.0, *[frame.left - around for frame in frames]])
    dy = -min([0.0, *[frame.top - around for frame in frames]])
    width = max([placement.width, *[frame.right + around for frame in frames]]) + dx
    height = max([placement.height, *[frame.bottom + around for frame in frames]]) + dy
    moved = [frame._replace(left=frame.left + dx, right=frame.right + dx) for frame in frames]
    return (
        replace(
            placement,
            width=round(width, 1),
            height=round(height, 1),
            nodes=[(round(x + dx, 1), round(y + dy, 1)) for x, y in placement.nodes],
            labels=[(round(x + dx, 1), round(y + dy, 1)) for x, y in placement.labels],
            paths=[
                _PAIR.sub(lambda pair: f"{float(pair[1]) + dx:.1f},{float(pair[2]) + dy:.1f}", path)
                for path in placement.paths
            ],
        ),
        [frame._replace(top=frame.top + dy, bottom=frame.bottom + dy) for frame in moved],
    )


_PAIR = re.compile(r"(-?[\d.]+),(-?[\d.]+)")


def _around(
    members: Sequence[int],
    placement: Placement,
    sizes: Sequence[Point],
    levels: tuple[int, int, float],
    title: str,
) -> list[Frame]:
    """Return the frame of a scope, one for each row of columns; none if another box is inside."""
    around, depth, heading = levels
    rows: dict[int, list[int]] = {}
    for i in members:
        rows.setdefault(placement.rows[i], []).append(i)
    frames = []
    for boxes in rows.values():
        corners = [(placement.nodes[i], sizes[i]) for i in boxes]
        left = min([x - w / 2 for (x, _), (w, _) in corners]) - PADDING * around
        right = max([x + w / 2 for (x, _), (w, _) in corners]) + PADDING * around
        top = min([y - h / 2 for (_, y), (_, h) in corners]) - (PADDING + heading) * around + PADDING
        bottom = max([y + h / 2 for (_, y), (_, h) in corners]) + PADDING * around
        frame = Frame(left, top, right, bottom, title, depth)
        own = set(boxes)
        others = [i for i in range(len(sizes)) if i not in own]
        if any([_holds(frame, placement.nodes[i], sizes[i]) for i in others]):
            return []
        frames.append(frame)
    return frames


def _holds(frame: Frame, at: Point, size: Point) -> bool:
    return (
        frame.left < at[0] + size[0] / 2
        and at[0] - size[0] / 2 < frame.right
        and frame.top < at[1] + size[1] / 2
        and at[1] - size[1] / 2 < frame.bottom
    )


def _cuts(frame: Frame, other: Frame) -> bool:
    """Whether another frame, not an inner or outer one, overlaps this one."""
    if frame is other or frame.depth < other.depth:
        return False
    apart = (
        frame.right <= other.left
        or other.right <= frame.left
        or frame.bottom <= other.top
        or other.bottom <= frame.top
    )
    within = (
        other.left <= frame.left
        and frame.right <= other.right
        and other.top <= frame.top
        and frame.bottom <= other.bottom
    )
    return not apart and not (within and other.depth < frame.depth)
