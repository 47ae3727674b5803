"""The runner for graphs with repeated structure: NumPy calls on groups of nodes in preallocated arrays."""

from __future__ import annotations

import threading
from typing import Any

from ...base.importing import np
from ...base.restoring import contained
from ..arrays.forward_pass import ForwardPass
from ..arrays.groups import Analysis
from ..arrays.layout import BATCHED, SHARED
from ..arrays.reverse_pass import ReversePass
from ..arrays.structure import Mask
from ..arrays.workspace import Workspace
from ..emit.expressions import registered
from ..front.floating_point_status import Underflow
from ..front.tape_and_builder import Floats

FAULTS: Any = {"divide": "raise", "invalid": "raise", "over": "ignore", "under": "call"}
"""NumPy raises at a pole or an undefined value, and the careful path then finds the cause.

It reports underflow to an `Underflow`.
"""


class ArrayProgram:
    """A forward and a backward function over groups of nodes, for one point or a batch of points.

    The gradient is that of the first output or, with `seeds`, of the sum of the nodes they name, each times
    its seed; it is computed with respect to the `wanted` inputs, or all.
    """

    def __init__(
        self, analysis: Analysis, wanted: Mask | None = None, seeds: dict[int, str] | None = None
    ) -> None:
        self.analysis = analysis
        forward_pass = ForwardPass(analysis)
        forward = _function("forward()", forward_pass.forward())
        tape = analysis.tape
        seeds = seeds or {int(tape.outputs[0]): seed(analysis)}
        backward = _function("backward(seed)", ReversePass(forward_pass, wanted).backward(seeds))
        self.source = f"{forward}\n\n{backward}"
        self.bindings = forward_pass.bindings
        self._codes = registered(forward, "arrays"), registered(backward, "arrays")
        self._spaces = threading.local()
        space = analysis.layout.space
        self._count = int(np.count_nonzero(space[tape.inputs] == BATCHED))
        self.outputs = [
            (int(space[i]), int(analysis.layout.position[i]), float(tape.number[i]))
            for i in tape.outputs.tolist()
        ]

    def workspace(self, batch: int | None) -> Workspace:
        """Return this thread's arrays for a batch of that size."""
        kept: dict[Any, Workspace] = self._spaces.__dict__
        if batch not in kept:
            if len(kept) > 4:
                kept.clear()
            kept[batch] = self.new_workspace(batch)
        return kept[batch]

    def new_workspace(self, batch: int | None, sibling: Workspace | None = None) -> Workspace:
        """Make arrays for a batch of that size; those that all examples share may be another workspace's."""
        return Workspace(self.bindings, *self._codes, batch, sibling)

    def values(self, shared: Floats, batched: Floats | None = None) -> list[Any]:
        """Return the outputs: numbers, or an array over the batch for each one that depends on it."""
        space = self.forward(shared, batched)
        return [self.output(space, *output) for output in self.outputs]

    def value_and_grad(
        self, shared: Floats, batched: Floats | None = None, underflow: Underflow | None = None
    ) -> tuple[Any, Floats, Floats]:
        """Return the first output, and its gradients by shared inputs (summed over the batch) and batched."""
        space = self._filled(shared, batched)
        run(space, underflow or Underflow(), 1.0)
        one, each = space.adjoints[SHARED][: len(shared)], space.adjoints[BATCHED][: self._count]
        return self.output(space, *self.outputs[0]), one.copy(), each.T.copy()

    def forward(
        self, shared: Floats, batched: Floats | None = None, underflow: Underflow | None = None
    ) -> Workspace:
        """Compute all values; `batched` has a row for each example."""
        space = self._filled(shared, batched)
        run(space, underflow or Underflow())
        return space

    def _filled(self, shared: Floats, batched: Floats | None) -> Workspace:
        space = self.workspace(None if batched is None else len(batched))
        space.values[SHARED][: len(shared)] = shared
        if batched is not None:
            space.values[BATCHED][: batched.shape[1]] = batched.T
        return space

    @staticmethod
    def output(workspace: Workspace, space: int, position: int, number: float) -> Any:
        """Return an output: a number, or an array over the batch."""
        if position < 0:
            return number
        y = workspace.values[space][position]
        return y.copy() if space == BATCHED else float(y)


def run(space: Workspace, underflow: Underflow, *seeds: float) -> None:
    """Compute all values, and for a seed the adjoints; note whether a number underflows."""
    (_by_numpy if space.by_numpy else _passes)(space, underflow, *seeds)


def _passes(space: Workspace, underflow: Underflow, *seeds: float) -> None:
    underflow.note(space.forward(), *map(space.backward, seeds))


@contained
def _by_numpy(space: Workspace, underflow: Underflow, *seeds: float) -> None:
    with np.errstate(**FAULTS, call=underflow):
        _passes(space, underflow, *seeds)


def seed(analysis: Analysis) -> str:
    """Return the adjoint of the first output, or of its sum over the batch if all examples share it."""
    layout, tape = analysis.layout, analysis.tape
    many = bool((layout.space[tape.inputs] == BATCHED).any())
    return "seed * V1.shape[1]" if many and layout.space[tape.outputs[0]] == SHARED else "seed"


def _function(head: str, lines: list[str]) -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"def {head}:\n{body}    return None\n"
