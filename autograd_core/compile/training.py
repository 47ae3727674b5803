"""`TrainingProgram`: the loss of a batch and its gradient by the weights, from the graph of one example."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from ..modes import errstate
from ..value import Value
from .batch_gradient import BatchGradient
from .blocks import Block, capture_blocks
from .sums import Mask
from .tape import Tape
from .trace import refuse_if_different, refusing_branches


@dataclass
class Recording:
    """The graph of one example.

    `inputs` are the numbers of the example. `blocks` and `known` say which leaves are weights, and where
    among all weights they stand. `penalty` is what the weights cost by themselves. Each of `bounded` must lie
    between its two limits, at every example.
    """

    loss: Value
    inputs: Sequence[Value]
    blocks: Sequence[tuple[int, Block]] = ()
    known: Mapping[Value, int] = field(default_factory=dict)
    penalty: Value | None = None
    bounded: Sequence[tuple[Value, float, float]] = ()


class TrainingProgram(BatchGradient):
    """The loss of a batch and its gradient, from the graph of one example.

    >>> def record(number=3.0):
    ...     w, x = Block([number]), Value(2.0)
    ...     return Recording(w.items[0] * x, [x], [(0, w)])
    >>> program = TrainingProgram(record, record, 1)
    >>> program.weights[:] = 3.0
    >>> program.inputs(4)[:] = [1.0, 2.0, 3.0, 4.0]
    >>> program.value_and_gradient(4, 0.25), program.gradient.tolist()
    (7.5, [2.5])
    """

    def __init__(
        self,
        record: Callable[[], Recording],
        record_elsewhere: Callable[[], Recording] | None,
        count: int,
        wanted: Mask | None = None,
    ) -> None:
        """Runs both, which must do the same at different examples; `count` is the number of all weights.

        Without `record_elsewhere` it is known that what is recorded does the same at every example.
        Raises `TraceError` where they do not, and where the graph is one long chain.
        """
        # A fault at one example is none of the program's. All that is made here lives on, so that looking for
        # garbage would take half the time.
        with errstate(all="ignore"), _no_collector():
            first = _recorded(record)
            tape = _tape(first, count)
            if record_elsewhere is not None:
                refuse_if_different(record, tape, _tape(_recorded(record_elsewhere), count))
            limits = [(low, high) for _, low, high in first.bounded]
            super().__init__(tape, count, wanted, first.penalty is not None, limits)


@contextmanager
def _no_collector() -> Iterator[None]:
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _recorded(record: Callable[[], Recording]) -> Recording:
    with refusing_branches():
        return record()


def _tape(recording: Recording, count: int) -> Tape:
    roots = [recording.loss, *([] if recording.penalty is None else [recording.penalty])]
    roots += [node for node, _, _ in recording.bounded]
    inputs = {x: count + i for i, x in enumerate(recording.inputs)}
    return capture_blocks(
        roots, recording.blocks, {**recording.known, **inputs}, count + len(recording.inputs)
    )
