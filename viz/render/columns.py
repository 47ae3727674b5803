"""Assign boxes to columns: one column for each depth, and separate columns for each layer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

Ends = tuple[int, int]

BETWEEN = 20.0
"""The distance between boxes in a column."""


@dataclass(frozen=True)
class Groups:
    """For each box, its zone, a range of columns from left to right, and its band, or -1."""

    zones: Sequence[int]
    bands: Sequence[int]


def zones_of(count: int, edges: Sequence[Ends], layers: Sequence[Hashable | None]) -> list[int]:
    """Return the zone of each box, with odd numbers for layers, given each box's layer or None.

    Zones do not decrease along edges. If a layer is both before and after another, there are no zones.

    >>> zones_of(4, [(0, 1), (1, 2), (2, 3)], [None, "first", "first", None])
    [0, 1, 1, 2]
    """
    group = {i: ("box", i) if layer is None else ("layer", layer) for i, layer in enumerate(layers)}
    after: dict[Hashable, set[Hashable]] = defaultdict(set)
    waiting: dict[Hashable, int] = dict.fromkeys(group.values(), 0)
    for a, b in edges:
        if group[a] != group[b] and group[b] not in after[group[a]]:
            after[group[a]].add(group[b])
            waiting[group[b]] += 1
    ready = [one for one, count_before in waiting.items() if not count_before]
    zone: dict[Hashable, int] = dict.fromkeys(group.values(), 0)
    done = 0
    while ready:
        one = ready.pop()
        done += 1
        odd = one[0] == "layer"  # type: ignore[index]
        zone[one] += zone[one] % 2 != odd
        for other in after[one]:
            zone[other] = max(zone[other], zone[one] + odd)
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    if done < len(waiting):
        return []
    found = [zone[group[i]] for i in range(count)]
    return _late(found, edges, layers)


def _late(zones: list[int], edges: Sequence[Ends], layers: Sequence[Hashable | None]) -> list[int]:
    """Move boxes without arguments to the zone just before their first consumer's."""
    inner = {b for _, b in edges}
    first: dict[int, int] = {}
    for a, b in edges:
        first[a] = min(first.get(a, zones[b]), zones[b])
    return [
        first[i] - first[i] % 2 if i in first and i not in inner and layers[i] is None else zone
        for i, zone in enumerate(zones)
    ]


def column_of(
    edges: Sequence[Ends], heights: Sequence[float], most: float, zones: Sequence[int] = ()
) -> list[int]:
    """Return the column of each box: after its arguments; leaves just before their first use."""
    inner = {b for _, b in edges}
    zones = zones or [0] * len(heights)
    within: dict[int, list[Ends]] = defaultdict(list)
    for a, b in edges:
        if zones[a] == zones[b]:
            within[zones[a]].append((a, b))
    found = [0] * len(heights)
    start = 0
    for zone in sorted(set(zones)):
        here = [i for i, other in enumerate(zones) if other == zone]
        levels = _divided(_levels(here, within[zone], inner), inner, heights, most)
        for i, level in levels.items():
            found[i] = start + level
        start += max(levels.values()) + 1
    return found


def _levels(here: Sequence[int], edges: Sequence[Ends], inner: set[int]) -> dict[int, int]:
    levels = dict.fromkeys(here, 0)
    first_use: dict[int, int] = {}
    for a, b in sorted(edges, key=lambda edge: edge[1]):
        levels[b] = max(levels[b], levels[a] + 1)
    for a, b in edges:
        first_use[a] = min(first_use.get(a, levels[b]), levels[b])
    return {i: first_use.get(i, level + 1) - 1 if i not in inner else level for i, level in levels.items()}


def _divided(
    levels: dict[int, int], inner: set[int], heights: Sequence[float], most: float
) -> dict[int, int]:
    """Distribute the leaves of columns that are too tall over several columns."""
    inserted = 0
    found = dict(levels)
    for level in range(max(levels.values()) + 1):
        here = [i for i, at in levels.items() if at == level]
        leaves = [i for i in here if i not in inner]
        tall = sum([heights[i] + BETWEEN for i in here])
        parts = min(int(tall // most) + 1, max(1, len(leaves) // 3))
        for i in here:
            found[i] = level + inserted + parts - 1
        for k, i in enumerate(leaves):
            found[i] -= k % parts
        inserted += parts - 1
    return found
