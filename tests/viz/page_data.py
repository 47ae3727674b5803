"""Read the data of a stepper's page."""

import json
import re


def data_of(html):
    """Return the page's data, with its tables as records."""
    data = json.loads(re.search(r'id="data">(.*?)</script>', html, re.DOTALL)[1])
    for name in ("nodes", "edges"):
        data[name] = _records(data[name], data["shared"])
    data["steps"] = {mode: _records(table, data["shared"]) for mode, table in data["steps"].items()}
    return data


def _records(table, shared):
    rows = [{key: column[n] for key, column in table["plain"].items()} for n in range(table["count"])]
    for key, column in table["shared"].items():
        for row, place in zip(rows, column, strict=True):
            row |= {key: shared[place]} if place >= 0 else {}
    return rows
