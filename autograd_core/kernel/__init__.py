"""The engine itself: the table of operations, `Value`, and the reverse sweep."""

from .backward import backward_is_watched, watching_backward
from .extending.hooks import hooked
from .operation import TABLE, Operation
from .value import Value

__all__ = [
    "Operation",
    "TABLE",
    "Value",
    "backward_is_watched",
    "hooked",
    "watching_backward",
]
