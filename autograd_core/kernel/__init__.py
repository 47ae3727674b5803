"""The engine itself: `Value`, how an operation is recorded, the order of nodes, and the reverse sweep."""

from .backward import backward_is_watched, watching_backward
from .hooks import hooked
from .value import Value

__all__ = [
    "Value",
    "backward_is_watched",
    "hooked",
    "watching_backward",
]
