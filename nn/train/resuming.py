"""Save and restore the state of callbacks with the model, so that a run can be resumed.

A file has a table for each callback: its kind, and what its `state_dict` gives. The weights that it keeps are
arrays of the file, named after its place and the model's names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from autograd_core import DataError, DataValueError
from autograd_core.base import elements, np

from ..checks import brief
from ..io.saved_settings import fits_one, known_kinds
from .callbacks import WATCHING, Callback, Watching

if TYPE_CHECKING:
    from ..modules.module import Module

Array = Any
State = dict[str, Any]

KEPT = "callbacks."
"""How the names of the weights begin that callbacks keep."""


def states_of(callbacks: Iterable[Callback]) -> tuple[list[State], dict[str, Array]]:
    """What the callbacks know, and the weights that they keep, by the names in the file."""
    states: list[State] = []
    arrays: dict[str, Array] = {}
    for callback in elements(callbacks, "save", "callbacks", "callbacks"):
        if not isinstance(callback, Callback):
            raise DataError(f"save: not a callback: got {brief(callback)}; expected such as EarlyStopping().")
        state = callback.state_dict()
        if not state:
            continue
        kept = state.pop("weights", {})
        arrays |= {f"{KEPT}{len(states)}.{name}": np.array(x, order="C") for name, x in kept.items()}
        states.append({"kind": type(callback).__name__, **state})
    return states, arrays


def check(states: Any, kept: Mapping[str, Any], weights: Mapping[str, Any], who: str) -> None:
    """Raise an `AutogradError` for anything that `states_of` would not have returned for such weights."""
    if not isinstance(states, list) or not all(isinstance(state, dict) for state in states):
        raise DataValueError(f"{who}: callbacks = {brief(states)}; expected a list of tables.")
    for state in states:
        kind = state.get("kind")
        if not isinstance(kind, str) or "weights" in state:
            raise DataValueError(f"{who}: a callback {brief(state)}; expected its kind and state.")
        fits_one(known_kinds(kind, Callback, who, "callback"), partial(_check_as, state, who))
    for name, shape in kept.items():
        i, _, key = name.removeprefix(KEPT).partition(".")
        if not (i.isascii() and i.isdigit()) or str(int(i[:9])) != i or int(i) >= len(states):
            raise DataValueError(f"{who}: an array {brief(name)}; expected {KEPT}i with i < {len(states)}.")
        if shape != weights.get(key):
            raise DataValueError(
                f"{who}: an array {brief(name)} of shape {shape}; expected one of weights of the model."
            )


def _check_as(state: State, who: str, kind: type[Callback]) -> None:
    """Raise unless a callback of that class may leave such a state; what a user's own may, nobody knows."""
    if kind.state_dict in (Callback.state_dict, Watching.state_dict):
        raise DataValueError(f"{who}: a {kind.__name__} has no state; got {brief(state)}.")
    for ours in WATCHING:
        if kind.state_dict is ours.state_dict:
            WATCHING[ours]().load_state_dict({name: x for name, x in state.items() if name != "kind"})


def leave(model: Module, facts: State, arrays: Mapping[str, Array]) -> None:
    """Record with the model where its run stopped, for a `fit` that resumes from that epoch."""
    states = [dict(state) for state in facts.get("callbacks", ())]
    for name, array in arrays.items():
        if name.startswith(KEPT):
            i, _, key = name.removeprefix(KEPT).partition(".")
            states[int(i)].setdefault("weights", {})[key] = array
    vars(model)["_left_off"] = (facts["epoch"], states)


def resume(model: Module, callbacks: Sequence[Callback], epoch: int) -> None:
    """Restore the callbacks' state, if the model was loaded as it was before that epoch."""
    left, states = vars(model).pop("_left_off", (0, []))
    if not epoch or left != epoch:
        return
    waiting = list(callbacks)
    for state in states:
        known = {name: x for name, x in state.items() if name != "kind"}
        for callback in waiting:
            if type(callback).__name__ == state["kind"] and callback.resumes(known):
                callback.load_state_dict(known)
                waiting.remove(callback)
                break
