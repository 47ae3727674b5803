"""Name operations in generated Python; different operations of the same name get different symbols."""

from __future__ import annotations

from itertools import count
from weakref import WeakKeyDictionary, WeakValueDictionary

from ...kernel import table as ops
from ...kernel.operation import TABLE, Operation

_symbols: WeakKeyDictionary[Operation, str] = WeakKeyDictionary()
_rows: WeakValueDictionary[str, Operation] = WeakValueDictionary()
_serial = count(1).__next__


def is_built_in(row: Operation) -> bool:
    """Whether the row is one of the package's own table."""
    return getattr(ops, row.name, None) is row


def symbol_of(row: Operation) -> str:
    """The row's name; of a row of the user's own, one that no other row and no variable has."""
    if is_built_in(row):
        return row.name
    if row not in _symbols:
        _symbols[row] = f"_{row.name}_{_serial()}"
        _rows[_symbols[row]] = row
    return _symbols[row]


def rows_by_symbol() -> dict[str, Operation]:
    """All rows that a generated program may mean."""
    return {row.name: row for row in TABLE.values() if is_built_in(row)} | dict(_rows)
