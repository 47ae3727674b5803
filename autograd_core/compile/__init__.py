"""Compile graphs of scalars into programs that run at the speed of array code.

Most users need only `compile`. The other names are building blocks of training loops such as `nn.fit`, which
turn the recorded loss or outputs of one example into a program for batches.
"""

from typing import TYPE_CHECKING, Any

from ..base.importing import imported
from .api import compile

if TYPE_CHECKING:
    from .front.array_leaves import Block
    from .front.trace import Recording
    from .training import OutputProgram, TrainingProgram

__all__ = ["Block", "OutputProgram", "Recording", "TrainingProgram", "compile"]

_ROOMS = {"Block": "front.array_leaves", "Recording": "front.trace"}


if not TYPE_CHECKING:  # Type checkers know only the names above.

    def __getattr__(name: str) -> Any:
        """Import the other public names on first use, because most programs never need them."""
        if name not in __all__:
            raise AttributeError(f"module 'autograd_core.compile' has no attribute {name!r}")
        return getattr(imported(f"{__name__}.{_ROOMS.get(name, 'training')}"), name)
