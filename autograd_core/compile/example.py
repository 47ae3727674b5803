"""`Recording`: what one example's graph computes, and the tape that it makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..modes import errstate
from ..value import Value
from .blocks import Block, capture_blocks
from .tape import Tape, no_collector
from .trace import refuse_if_different, refusing_branches


@dataclass
class Recording:
    """The graph of one example.

    `outputs` is what is to be computed and `inputs` the numbers of the example; `blocks` and `known` say
    which leaves are weights, and where among all weights they stand. For training the first output is the
    loss; with `has_penalty` the next is what the weights cost by themselves; the others have `limits` between
    which they must lie, at every example.
    """

    outputs: Sequence[Value]
    inputs: Sequence[Value]
    blocks: Sequence[tuple[int, Block]] = ()
    known: Mapping[Value, int] = field(default_factory=dict)
    has_penalty: bool = False
    limits: Sequence[tuple[float, float]] = ()


Record = Callable[[], Recording]


def recorded(
    record: Record, record_elsewhere: Record | None, count: int, name: str
) -> tuple[Recording, Tape]:
    """Runs both, which must do the same at different examples; `count` is the number of all weights.

    `name` is what an error calls it.

    Without `record_elsewhere` it is known that what is recorded does the same at every example.
    Raises `TraceError` where they do not.
    """
    # A fault at one example is none of the program's.
    with errstate(all="ignore"), no_collector(), refusing_branches(of_constants=True):
        first = record()
        tape = _tape(first, count)
        if record_elsewhere is not None:
            refuse_if_different(name, tape, _tape(record_elsewhere(), count))
    return first, tape


def _tape(recording: Recording, count: int) -> Tape:
    inputs = {x: count + i for i, x in enumerate(recording.inputs)}
    return capture_blocks(
        recording.outputs, recording.blocks, {**recording.known, **inputs}, count + len(recording.inputs)
    )
