"""Re-export the algorithms of the lectures under the name that courses use."""

from .steps.algorithms import (
    Comparison,
    Result,
    Step,
    build_grad,
    compare,
    differences,
    forward,
    pull,
    push,
)

__all__ = [
    "Comparison",
    "Result",
    "Step",
    "build_grad",
    "compare",
    "differences",
    "forward",
    "pull",
    "push",
]
