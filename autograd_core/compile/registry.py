"""Generated source that tracebacks and debuggers can show."""

from __future__ import annotations

import linecache
from itertools import count
from types import CodeType

_serial = count(1).__next__


def registered(source: str, what: str) -> CodeType:
    """The compiled source, known to `linecache` under a name of its own."""
    name = f"<autograd_core {what} {_serial()}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    return compile(source, name, "exec")
