"""Name the nodes of a network as in textbooks: s and z, a unit's sum without and with its bias, a, ŷ.

A unit is recognized by its weights: `dot` of one row of a weight matrix, plus the bias with the same number,
then an activation. So copies and graphs read from a file get the same names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..kernel.value import Value

_WEIGHT = re.compile(r"(?P<layer>(?:\w+\.)*)weight\[(?:(?P<at>\d+), )?(?P<input>\d+)\]")


@dataclass
class Unit:
    """The nodes of one unit: its sum of products, the sum with its bias, and its activation."""

    layer: str
    number: str
    sum: Value
    total: Value
    output: Value

    def name(self, letter: str) -> str:
        """Return a name such as `layers.0.z[2]`, which formulas show as z⁽¹⁾₃; without a layer z3."""
        if self.layer:
            return f"{self.layer}{letter}[{self.number or 0}]"
        return letter + (str(int(self.number) + 1) if self.number else "")


def unit_names(nodes: Iterable[Value]) -> dict[Value, str]:
    """Return the names of the nodes of units, given in topological order.

    The outputs of the last layer are ŷ, or ŷ₁, ŷ₂, … If a unit was called several times, no unit is named,
    because the names would be ambiguous.
    """
    units = _units(nodes)
    if units is None:
        return {}
    names: dict[Value, str] = {}
    for unit in units:
        if unit.sum is not unit.total:
            names[unit.sum] = unit.name("s")
        names[unit.total] = unit.name("z")
        if unit.output is not unit.total:
            names[unit.output] = unit.name("a")
    last = [unit for unit in units if unit.layer == units[-1].layer]
    for k, unit in enumerate(last, start=1):
        names[unit.output] = "yhat" if len(last) == 1 else f"yhat{k}"
    return names


def _units(nodes: Iterable[Value]) -> list[Unit] | None:
    """Return the units in order, or None if one was called twice."""
    units: dict[tuple[str, str], Unit] = {}
    by_node: dict[Value, Unit] = {}
    for node in nodes:
        row = node.op
        if row is None:
            continue
        if row.name == "dot" and (place := _weights(node)):
            if place in units:
                return None
            units[place] = by_node[node] = Unit(*place, node, node, node)
        elif row.name == "add":
            for total, bias in (node.parents, node.parents[::-1]):
                unit = by_node.get(total)
                if unit is not None and unit.output is total and bias.label == _bias(unit):
                    unit.total = unit.output = node
                    by_node[node] = unit
        elif row.module and len(node.parents) == 1:
            unit = by_node.get(node.parents[0])
            if unit is not None and unit.output is unit.total:
                unit.output = node
    return list(units.values())


def _weights(node: Value) -> tuple[str, str] | None:
    """Return the layer and number of the unit whose weights are the first half of the arguments."""
    places = [_WEIGHT.fullmatch(parent.label) for parent in node.parents[: len(node.parents) // 2]]
    found = {(place["layer"], place["at"] or "") if place else None for place in places}
    numbers = [int(place["input"]) for place in places if place]
    return found.pop() if len(found) == 1 and numbers == list(range(len(places))) else None


def _bias(unit: Unit) -> str:
    return f"{unit.layer}bias" + (f"[{unit.number}]" if unit.number else "")
