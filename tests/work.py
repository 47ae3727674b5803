"""Count an action's work in calls: unlike its time, the count does not depend on how busy the machine is."""

from __future__ import annotations

import sys


class Work:
    """The number of calls in a block, of functions in Python and in C, in its thread.

    >>> with Work() as work:
    ...     sum(abs(x) for x in (1, -2))
    3
    >>> 5 <= work.calls <= 9
    True
    """

    calls = 0

    def __enter__(self) -> Work:
        self.before = sys.getprofile()
        sys.setprofile(self.count)
        return self

    def count(self, frame: object, event: str, arg: object) -> None:
        self.calls += event in ("call", "c_call")

    def __exit__(self, *error: object) -> None:
        sys.setprofile(self.before)
