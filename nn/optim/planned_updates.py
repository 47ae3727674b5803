"""Explain what an optimizer's step would do to each weight, by running its rule on graph nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from math import isclose, isnan
from numbers import Real
from typing import TYPE_CHECKING, Any

from autograd_core import DataError, Value, errstate, recording
from autograd_core.base import contained, np
from autograd_core.steps import PlannedUpdate, UpdateTerm

if TYPE_CHECKING:
    from ..modules.parameter import Weights
    from .optimizer import Optimizer, State

SAME = 1e-9
"""The largest relative difference allowed between a step's number and its formula's."""


def planned(optimizer: Optimizer, gradients: Mapping[Value, float]) -> Iterator[PlannedUpdate]:
    """Yield what a step with these gradients would do to each weight, without changing it.

    A weight without a gradient counts as one that no backward pass has reached.
    """
    if optimizer.joint:
        raise DataError(
            f"{type(optimizer).__name__}.planned: a step evaluates the loss at several points; expected an "
            "optimizer that needs one gradient, such as SGD or Adam."
        )
    for mover, weights, state in zip(optimizer.movers, optimizer.weights, optimizer.state, strict=True):
        if weights.materialized:
            yield from _of_array(mover, weights, state, gradients)


def _of_array(
    optimizer: Optimizer, weights: Weights, state: State, gradients: Mapping[Value, float]
) -> Iterator[PlannedUpdate]:
    values, shape = weights.values, weights.shape
    known = np.array([v in gradients for v in values], bool).reshape(shape)
    live = np.reshape(weights._together(known), shape) & weights.mask
    g = np.array([gradients.get(v, 0.0) for v in values]).reshape(shape)
    after, fresh = _moved(optimizer, weights.array.copy(), g, live, state)
    for k in np.flatnonzero(live).tolist():
        parts = {name: _part(x, k, shape) for name, x in fresh.items() if name != "step"}
        numbers = {name: x for name, x in parts.items() if isinstance(x, float)}
        before = {name: _part(x, k, shape) for name, x in state.items()}
        numbers[""] = float(np.ravel(after)[k])
        yield _explained(optimizer, values[k], float(np.ravel(g)[k]), before, numbers)


@contained
def _moved(optimizer: Optimizer, w: Any, g: Any, live: Any, state: State) -> tuple[Any, State]:
    with np.errstate(all="ignore"):
        return optimizer._moved(w, g, live, state)


def _part(x: Any, k: int, shape: tuple[int, ...]) -> Any:
    """Return the state of one number; other data, such as text, is the same for all."""
    part = np.ravel(x)[k] if getattr(x, "shape", None) == shape else x
    part = part.item() if isinstance(part, np.ndarray) and part.size == 1 else part
    return float(part) if isinstance(part, (Real, np.bool_)) else part


@contained
def _explained(
    optimizer: Optimizer,
    weight: Value,
    gradient: float,
    state: Mapping[str, Any],
    numbers: dict[str, float],
) -> PlannedUpdate:
    """Run the rule on nodes, and use its graph if it gives the step's numbers."""
    w, g = Value(weight.data, "w"), Value(gradient, "g")
    state = deepcopy(dict(state))  # A rule may write to it.
    kept: dict[str, Any] = {name: Value(x) if isinstance(x, float) else x for name, x in state.items()}
    kept["step"] = int(state.get("step", 0)) + 1
    found: dict[str, Any] = {}
    with recording() as record, errstate(all="ignore"), np.errstate(all="ignore"):
        try:
            found[""] = optimizer.rule(w, -g if optimizer.maximize else g, kept)
            found |= kept
        except Exception:  # A user's rule may need arrays; then only the numbers are known.
            found = {}
    nodes = {name: _node(found.get(name), x) for name, x in numbers.items()}
    terms = [UpdateTerm(name, x, nodes[name]) for name, x in numbers.items()]
    return PlannedUpdate(weight, w, g, terms, bool(record.comparisons))


def _node(found: Any, number: float) -> Value | None:
    """Return the rule's result as a node, or None if it is not the step's number."""
    made = np.asarray(found, dtype=object)
    x = made.item() if made.size == 1 else None
    if not isinstance(x, Value):
        return None
    same = isclose(x.data, number, rel_tol=SAME) or (isnan(x.data) and isnan(number))
    return x if same else None
