"""Tables of numbers from CSV files."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from autograd_core import DataError, DataValueError

from .checks import brief, known
from .lazy import np


def read_csv(
    path: str | os.PathLike[str], target: str, columns: Sequence[str] | None = None
) -> tuple[Any, Any]:
    """(x, y) from a CSV file whose first line names the columns: y is `target`, x all others or `columns`.

    A column that is taken must have a name of its own. It reads UTF-8, with or without a byte order mark,
    lines that end in LF or CRLF, and numbers with a point.
    """
    name = os.fspath(path)
    try:
        with open(name, encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            header = [cell.strip() for cell in next(rows, [])]
            places = _places(header, target, columns, f"read_csv: {name!r}")
            table = [_numbers(row, places, header, name, rows.line_num) for row in rows if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataValueError(f"read_csv: {name!r} is no CSV file in UTF-8: {error}.") from None
    if not table:
        raise DataValueError(f"read_csv: {name!r} has no rows below its header; expected at least one.")
    array = np.array(table)
    return array[:, :-1], array[:, -1]


def _places(header: list[str], target: str, columns: Sequence[str] | None, who: str) -> list[int]:
    """Where the columns of x stand, and last that of y."""
    known(target, header, who, "column")
    if columns is not None and (isinstance(columns, str) or not isinstance(columns, Iterable)):
        raise DataError(f"{who}: columns = {brief(columns)}; expected a list of names.")
    chosen = [c for c in header if c != target] if columns is None else list(columns)
    if not chosen:
        raise DataValueError(f"{who}: no columns besides {target!r}; expected at least one for x.")
    there, taken = Counter(header), Counter([*chosen, target])
    for column in [*chosen, target]:
        if column not in there:
            known(column, header, who, "column")
        if not column:
            place = header.index(column) + 1
            raise DataValueError(f"{who}: column {place} has no name. Say which to take: columns=[...].")
        if there[column] > 1:
            raise DataValueError(
                f"{who}: {there[column]} columns are called {brief(column)}; expected a name of its "
                "own for each that is taken. Rename them, or say which to take: columns=[...]."
            )
        if taken[column] > 1:
            raise DataValueError(f"{who}: column {brief(column)} is taken twice; expected each once.")
    places = {column: place for place, column in enumerate(header)}
    return [places[column] for column in [*chosen, target]]


def _numbers(row: list[str], places: list[int], header: list[str], name: str, line: int) -> list[float]:
    if len(row) != len(header):
        raise DataValueError(
            f"read_csv: {name!r}, line {line}: {len(row)} cells; expected {len(header)}, as in the header. "
            "A decimal comma would split a number in two."
        )
    numbers = []
    for place in places:
        try:
            number = float(row[place])
        except ValueError:
            number = float("nan")
        if number - number != 0.0:
            raise DataValueError(
                f"read_csv: {name!r}, line {line}, column {header[place]!r}: got {row[place][:40]!r}; "
                "expected a finite number."
            )
        numbers.append(number)
    return numbers
