"""Programs for batches, from the graph of one example: `TrainingProgram` and `OutputProgram`."""

from __future__ import annotations

import numpy as np

from ..errors import TraceError
from .array_program import ArrayProgram
from .batch_gradient import BatchGradient
from .example import Record, recorded
from .groups import analysed
from .sums import Mask
from .tape import Floats


class TrainingProgram(BatchGradient):
    """The loss of a batch and its gradient, from the graph of one example.

    >>> from autograd_core import Value
    >>> from autograd_core.compile import Block, Recording
    >>> def record(number=3.0):
    ...     w, x = Block([number]), Value(2.0)
    ...     return Recording([w.items[0] * x], [x], [(0, w)])
    >>> program = TrainingProgram(record, record, 1)
    >>> program.weights[:] = 3.0
    >>> program.inputs(4)[:] = [1.0, 2.0, 3.0, 4.0]
    >>> program.value_and_gradient(4, 0.25), program.gradient.tolist()
    (7.5, [2.5])
    """

    def __init__(
        self, record: Record, record_elsewhere: Record | None, count: int, wanted: Mask | None = None
    ) -> None:
        """See `example.recorded`; raises `TraceError` where the graph is one long chain, too."""
        first, tape = recorded(record, record_elsewhere, count, "the loss of one example")
        super().__init__(tape, count, wanted, first.has_penalty, first.limits)


class OutputProgram:
    """The outputs for a batch, from the graph of one example: an array of shape (examples, outputs).

    >>> from autograd_core import Value
    >>> from autograd_core.compile import Recording
    >>> def record():
    ...     w, x = Value(3.0), Value(2.0)
    ...     return Recording([w * x, x + 1], [x], known={w: 0})
    >>> OutputProgram(record, record, 1)([3.0], [[1.0], [2.0]]).tolist()
    [[3.0, 2.0], [6.0, 3.0]]
    """

    def __init__(self, record: Record, record_elsewhere: Record | None, count: int) -> None:
        """See `example.recorded`; raises `TraceError` where the graph is one long chain, too."""
        _, tape = recorded(record, record_elsewhere, count, "the outputs for one example")
        analysis = analysed(tape, np.arange(len(tape.inputs)) >= count, gather=True)
        if analysis is None:
            raise TraceError("compile: the outputs are one long chain, each node of which waits for another.")
        self._program = ArrayProgram(analysis)

    def __call__(self, weights: Floats, examples: Floats) -> Floats:
        """Raises `FloatingPointError` where a value is undefined."""
        outputs = self._program.values(np.asarray(weights), np.asarray(examples))
        table = np.stack([np.broadcast_to(y, len(examples)) for y in outputs], axis=1)
        if np.isnan(table).any():  # A matrix product does not tell when it multiplies an infinity by zero.
            raise FloatingPointError("an output is undefined")
        return table
