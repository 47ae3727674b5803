"""Compiling graphs: from scalars written by hand to the speed of matrices.

`compile` is what most need. The other names are what a training loop builds on, such as `nn.fit`: the loss
of one example, or its outputs, recorded once, become a program for batches.
"""

from typing import TYPE_CHECKING, Any

from ..base.importing import imported
from .api import compile

if TYPE_CHECKING:
    from .front.blocks import Block
    from .front.trace import Recording
    from .training.programs import OutputProgram, TrainingProgram

__all__ = ["Block", "OutputProgram", "Recording", "TrainingProgram", "compile"]

_ROOMS = {"Block": "front.blocks", "Recording": "front.trace"}


def __getattr__(name: str) -> Any:
    """The rest of the public names: `import autograd_core` does without NumPy."""
    if name not in __all__:
        raise AttributeError(f"module 'autograd_core.compile' has no attribute {name!r}")
    return getattr(imported(f"{__name__}.{_ROOMS.get(name, 'training.programs')}"), name)
