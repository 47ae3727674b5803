"""The careful path: evaluate the tape with the eager engine, for its errors and its special points.

A generated program is fast because it does not check for poles, overflow and NaN as it goes. Where one
occurs, the point is evaluated again here, so the value or the error is that of the eager engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...base.importing import np
from ...base.modes import no_grad
from ...calculus.gradients import gradients
from ...graph.replay import again
from ...kernel.value import Value
from ..call_forms import in_order
from ..front.tape import Floats, Tape


def replay(tape: Tape, numbers: Sequence[Any], count: int | None = None) -> tuple[list[Value], list[Value]]:
    """The inputs and the outputs as nodes of a new graph there; inputs behind `count` are constants."""
    places = list(zip(tape.inputs.tolist(), numbers, strict=True))
    inputs = [Value(x, tape.labels.get(i, "")) for i, x in places[:count]]
    if count is not None:
        inputs += [Value(x, tape.labels.get(i, ""), requires_grad=False) for i, x in places[count:]]
    nodes = dict(zip(tape.inputs.tolist(), inputs, strict=True))
    for i, row, args in tape.nodes():
        if row is not None:
            again(nodes, i, row, args, tape.labels.get(i, ""))
        elif i not in nodes:
            nodes[i] = Value(float(tape.number[i]), tape.labels.get(i, ""), requires_grad=False)
    return inputs, [nodes[i] for i in tape.outputs.tolist()]


def careful_value(tape: Tape, numbers: Sequence[Any]) -> list[float]:
    """The outputs at that point, or the eager engine's error."""
    with no_grad():  # At a point where a local derivative is undefined the value may not be.
        return [output.data for output in replay(tape, numbers)[1]]


def careful_gradient(
    tape: Tape, numbers: Sequence[Any], count: int | None = None
) -> tuple[float, list[float]]:
    """The output and its gradient at that point, or the eager engine's error.

    With `count`, the gradient by so many inputs alone; the others are constants.
    """
    inputs, (output,) = replay(tape, numbers, count)
    return output.data, gradients(output, inputs[:count])


def careful_descent(tape: Tape, weights: Floats, rows: Sequence[Sequence[float]]) -> tuple[float, Floats]:
    """The sum of the output over examples, and its gradient by the weights, which come first."""
    found = [careful_gradient(tape, [*weights.tolist(), *row], len(weights)) for row in rows]
    values, slopes = zip(*found, strict=True)
    return float(in_order(np.array(values))), in_order(np.array(slopes))
