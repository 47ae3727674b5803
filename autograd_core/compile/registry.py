"""Generated source that tracebacks and debuggers can show, and the functions that it calls."""

from __future__ import annotations

import linecache
from itertools import count
from types import CodeType
from typing import Any

import numpy as np

from ..operation import TABLE, Operation

_serial = count(1).__next__


def registered(source: str, what: str) -> CodeType:
    """The compiled source, known to `linecache` under a name of its own."""
    name = f"<autograd_core {what} {_serial()}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    return compile(source, name, "exec")


def array_functions() -> dict[str, Any]:
    """What the names in a NumPy program mean: each row on arrays, a variadic one on a sequence of them."""
    return {name: _node(row) for name, row in TABLE.items()} | {"np": np, "inf": np.inf, "nan": np.nan}


def _node(row: Operation) -> Any:
    """For a row such as softmax, whose array form gives all results: the node's is the first."""
    return row.array if row.vector is None else lambda xs: row.array(xs)[0]
