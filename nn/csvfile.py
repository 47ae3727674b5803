"""Tables of numbers from CSV files."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from typing import Any

from autograd_core import DataValueError

from .checks import known
from .lazy import np


def read_csv(
    path: str | os.PathLike[str], target: str, columns: Sequence[str] | None = None
) -> tuple[Any, Any]:
    """(x, y) from a CSV file whose first line names the columns: y is `target`, x all others or `columns`.

    It reads UTF-8, with or without a byte order mark, lines that end in LF or CRLF, and numbers with a point.
    """
    name = os.fspath(path)
    try:
        with open(name, encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            header = [cell.strip() for cell in next(rows, [])]
            known(target, header, f"read_csv: {name!r}", "column")
            chosen = list(columns) if columns is not None else [c for c in header if c != target]
            places = [
                header.index(known(c, header, f"read_csv: {name!r}", "column")) for c in [*chosen, target]
            ]
            table = [_numbers(row, places, header, name, rows.line_num) for row in rows if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataValueError(f"read_csv: {name!r} is no CSV file in UTF-8: {error}.") from None
    if not table:
        raise DataValueError(f"read_csv: {name!r} has no rows below its header; expected at least one.")
    array = np.array(table)
    return array[:, :-1], array[:, -1]


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
