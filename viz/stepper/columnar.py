"""Write many similar records as tables: a column for each property, and repeated values once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Json = dict[str, Any]

ABSENT = -1
"""In a column of shared values: the record does not have this property."""


class Shared:
    """Values of any kind, each written once; `values` is in the order of first use.

    >>> shared = Shared()
    >>> [shared.place(x) for x in ("sin", 0.5, "sin", [1, 2], [1, 2])], shared.values
    ([0, 1, 0, 2, 2], ['sin', 0.5, [1, 2]])
    """

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._places: dict[str, int] = {}

    def place(self, value: Any) -> int:
        """Return the position of a value, adding it if it is new."""
        key = repr(value)  # Distinguishes 0 from -0, and 1 from True.
        if key not in self._places:
            self._places[key] = len(self.values)
            self.values.append(value)
        return self._places[key]

    def table(self, records: Sequence[Mapping[str, Any]]) -> Json:
        """Return records as columns: whole numbers unchanged, everything else by position.

        >>> shared = Shared()
        >>> shared.table([{"i": 0, "t": "x"}, {"i": 1, "t": "y", "op": "sin"}])
        {'count': 2, 'plain': {'i': [0, 1]}, 'shared': {'t': [0, 1], 'op': [-1, 2]}}
        """
        keys = dict.fromkeys([key for record in records for key in record])
        columns = {key: [record.get(key) for record in records] for key in keys}
        whole = {key for key, column in columns.items() if all([type(x) is int for x in column])}
        return {
            "count": len(records),
            "plain": {key: columns[key] for key in columns if key in whole},
            "shared": {key: self._column(key, records) for key in columns if key not in whole},
        }

    def _column(self, key: str, records: Iterable[Mapping[str, Any]]) -> list[int]:
        return [self.place(record[key]) if key in record else ABSENT for record in records]


def tabled(data: Json) -> Json:
    """Return a page's data with its nodes, edges and steps as tables; the page's script reverses this."""
    shared = Shared()
    steps = {mode: shared.table(records) for mode, records in data["steps"].items()}
    tables = {"nodes": shared.table(data["nodes"]), "edges": shared.table(data["edges"]), "steps": steps}
    if "nested" in data:
        boxes = [
            {**box, "inside": {key: shared.place(part) for key, part in box["inside"].items()}}
            if "inside" in box
            else box
            for box in data["nested"]["boxes"]
        ]
        tables["nested"] = data["nested"] | {"boxes": shared.table(boxes)}
    return data | tables | {"shared": shared.values}
