"""A training run: its history, what callbacks see, and the checks for divergence."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, overload

from autograd_core import DataError, DataValueError, DomainError, RangeError, Value, errstate
from autograd_core.base import called, elements, item, np

from ..checks import brief, checking_options, counted, known, seeded
from ..errors import DivergenceWarning
from ..io.settings import fits_one, known_kinds
from ..modules.layers import Dropout
from ..modules.module import Module
from ..modules.parameter import Buffer
from ..optim.optimizer import Optimizer
from .callbacks import WATCHING, Callback, Logs, Watching
from .step import TrainingStep, as_example, as_target

if TYPE_CHECKING:
    from .film import Film

Array = Any


def first_fault(model: Module, loss: Any, x: Array, y: Array) -> str:
    """Describe where a batch first produces a number that is not finite."""
    for name, weights in model.weights().items():
        if not np.isfinite(weights.array).all():
            return f"weights {name!r} are not finite"
    with errstate(all="ignore"):
        outputs = model.forward_batch([as_example(row) for row in x])
    for i, (output, target) in enumerate(zip(outputs, y, strict=True)):
        with errstate(all="ignore"):
            value = loss(output, as_target(target))
        if not np.isfinite(value.data):
            return f"example {i} of the batch: {_culprit(model, value)}"
    return "the gradients are not finite"


def _culprit(model: Module, loss: Value) -> str:
    order = ancestors(loss)
    bad = next(node for node in order if not np.isfinite(node.data))
    owner = {id(value): name for name, weights in model.weights().items() for value in weights.values}
    near = next((owner[id(node)] for node in reversed(ancestors(bad)) if id(node) in owner), "")
    place = f", just after {near!r}" if near else ""
    return f"the first bad node is {bad.op.name if bad.op else 'an input'} = {bad.data}{place}"


def ancestors(node: Value) -> list[Value]:
    """Return a node and its ancestors, in the order of creation."""
    found = {node: None}
    waiting = [node]
    while waiting:
        for parent in waiting.pop().parents:
            if parent not in found:
                found[parent] = None
                waiting.append(parent)
    return sorted(found, key=lambda each: each.index)


@checking_options
@dataclass
class History:
    """`history["loss"][i]` is the mean loss in epoch `epoch[i]`, over its batches as they were trained.

    `history[-1]` has all numbers of the last epoch by name; `len(history)` is the number of epochs.

    With validation data there are also `val_loss` and `val_...` for each metric. `stopped` says why training
    ended early; it is empty if it did not. `compiled` says whether the last step ran as a program, and
    `runner` why not.
    """

    history: dict[str, list[float]] = field(default_factory=dict)
    epoch: list[int] = field(default_factory=list)
    stopped: str = ""
    compiled: bool = False
    runner: str = ""
    film: Film | None = None
    """The film recorded by `fit(record=True)`."""

    def _add(self, epoch: int, logs: dict[str, float]) -> None:
        """Record one epoch."""
        self.epoch.append(epoch)
        self._note(logs)

    def _note(self, logs: dict[str, float]) -> None:
        """Add numbers to the last epoch."""
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)

    @overload
    def __getitem__(self, place: str) -> list[float]: ...
    @overload
    def __getitem__(self, place: int) -> dict[str, float]: ...
    @overload
    def __getitem__(self, place: slice) -> list[dict[str, float]]: ...
    def __getitem__(
        self, place: str | int | slice
    ) -> list[float] | dict[str, float] | list[dict[str, float]]:
        """Return the numbers under a name, one per epoch, or the numbers of one or more epochs by name."""
        if not self.history and not isinstance(place, slice):
            reason = self.stopped or "no epoch has ended yet"
            raise DataValueError(f"History: got {brief(place)} of no epoch: {reason}.")
        if isinstance(place, str):
            return self.history[known(place, self.history, "History", "name")]
        expected = "a name, such as 'loss', or the index of an epoch"
        found = item(range(len(self)), place, "History", "epoch", "no such entry", expected)
        return [self._of(i) for i in found] if isinstance(found, range) else self._of(found)

    def _of(self, i: int) -> dict[str, float]:
        return {name: numbers[i] for name, numbers in self.history.items() if i < len(numbers)}

    def __len__(self) -> int:
        return len(self.epoch)

    def __iter__(self) -> Iterator[dict[str, float]]:
        return map(self._of, range(len(self)))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self.history

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {values[-1]:.6g}" for name, values in self.history.items())
        runner = " (compiled)" if self.compiled else ""
        return f"History of {counted(len(self.epoch), 'epoch')}{runner}" + (f": {last}" if last else "")


EXPLODED = 1000.0
"""A loss above 1 that exceeds the first epoch's loss by this factor causes a warning."""


@dataclass(frozen=True)
class Order:
    """The order of the examples, which depends only on the seed and the epoch's number."""

    batch: int
    shuffle: bool
    seed: int
    least: int = 1
    """A last batch with fewer examples is joined with the previous one."""

    def batches(self, epoch: int, count: int) -> Iterator[Array]:
        """Return the indices of each batch of an epoch: every example once; the last batch may be shorter."""
        starts = list(range(0, count, self.batch))
        if len(starts) > 1 and count - starts[-1] < self.least:
            starts.pop()
        parts = (slice(*ends) for ends in zip(starts, [*starts[1:], count], strict=True))
        if not self.shuffle:
            return parts
        places = seeded([self.seed, epoch]).permutation(count)
        return (places[part] for part in parts)

    def give_to(self, droppers: list[Dropout], epoch: int) -> None:
        """Give a generator to every dropout created without one."""
        for i, module in enumerate(droppers):
            module.rng = seeded([self.seed, epoch, i])


@dataclass
class Run:
    """A training run, as callbacks see it."""

    model: Module
    optimizer: Optimizer
    loss: Callable[[Any, Any], Any]
    step: TrainingStep
    schedule: Any = None
    sample_weight: Array | None = None
    constraint: Callable[[Module], None] | None = None
    callbacks: list[Callback] = field(default_factory=list)
    history: History = field(default_factory=History)
    first_epoch: int = 0
    steps: int = 0
    last_finite: list[Array] = field(default_factory=list)
    """The weights of the last step whose loss was finite."""
    last_loss: float | None = None
    """The loss of that step."""
    _batches: list[tuple[Array, ...]] = field(default_factory=list, repr=False)
    _droppers: list[Dropout] | None = field(default=None, repr=False)

    def stop(self, reason: str) -> None:
        """Stop training after this epoch (or, on divergence, at once)."""
        self.history.stopped = self.history.stopped or reason

    def tell(self, hook: str, *news: Any) -> None:
        """Call a hook of every callback."""
        listening = [callback for callback in self.callbacks if callback._listens(hook)]
        if any(callback.looks for callback in listening):
            self.step.hand_over(for_change=True)
        for callback in listening:
            getattr(callback, hook)(*news)

    def epoch(self, epoch: int, order: Order, x: Array, y: Array) -> Logs | None:
        """Pass over the examples; return the mean loss, or None on divergence."""
        order.give_to(self.droppers(), epoch)
        total = 0.0
        for number, (some, *more) in enumerate(self.batches(epoch, order, x, y)):
            self.tell("on_batch_begin", number)
            value = self.guarded_step((some, *more), (epoch, number))
            if value is None:
                return None
            self.tell("on_batch_end", number, {"loss": value})
            total += value * (len(some) / len(x))
        return {"loss": total}

    def batches(self, epoch: int, order: Order, x: Array, y: Array) -> Iterable[tuple[Array, ...]]:
        """Return examples, targets and weights of each batch; the same arrays every epoch if unshuffled."""
        arrays = (x, y) if self.sample_weight is None else (x, y, self.sample_weight)
        if order.shuffle:
            return (tuple([each[chosen] for each in arrays]) for chosen in order.batches(epoch, len(x)))
        if not self._batches:
            self._batches = [
                tuple([each[chosen] for each in arrays]) for chosen in order.batches(epoch, len(x))
            ]
        return self._batches

    def droppers(self) -> list[Dropout]:
        """Return the dropouts created without a generator; search again if a callback may add some."""
        if self._droppers is None or any(callback.looks for callback in self.callbacks):
            self._droppers = [m for m in self.model.modules() if isinstance(m, Dropout) and not m.own_rng]
        return self._droppers

    @cached_property
    def buffers(self) -> list[Buffer]:
        """The statistics that modules keep of batches."""
        return [weights for weights in self.model.weights().values() if isinstance(weights, Buffer)]

    def guarded_step(self, batch: tuple[Array, ...], where: tuple[int, int]) -> float | None:
        """Take a step; on divergence, restore the last weights whose loss was finite and return None."""
        before, noted = self.step.keep(), [(each, each.array) for each in self.buffers]
        kept, fault, value = self.last_finite or before, "", math.nan
        try:
            value = self.step(*batch)
        except (DomainError, RangeError) as error:
            if self.steps == 0:
                raise
            fault = str(error)
        else:
            if not math.isfinite(value):
                fault = f"the loss is {value}"
            elif not self.step.finite():
                kept, fault = before, "the step made a weight infinite or nan"
        if fault:
            self.step.hand_over(for_change=True)
            self.diverged(kept, batch[0], batch[1], "epoch {}, batch {}".format(*where), fault)
            for buffer, array in noted:
                buffer.assign(array)
            return None
        if self.constraint is not None:
            self.step.hand_over(for_change=True)
            called("fit: constraint", self.constraint, self.model)
        self.steps, self.last_finite, self.last_loss = self.steps + 1, before, value
        return value

    def look_back(self) -> None:
        """Warn about a loss that exploded without stopping the training."""
        losses = self.history.history.get("loss", [])
        if self.history.stopped or not losses or losses[0] == 0.0:
            return
        if not losses[-1] > max(EXPLODED * losses[0], 1.0):
            return
        warnings.warn(
            f"fit: the loss explodes: {losses[0]:.3g} in the first epoch, {losses[-1]:.3g} in the last. "
            f"Use a smaller learning rate than {self.optimizer.lr:g}, or clip_norm=1.0.",
            DivergenceWarning,
            stacklevel=5,
        )

    def diverged(self, kept: list[Array], x: Array, y: Array, where: str, fault: str) -> None:
        """Restore finite weights; report what happened and where."""
        place = first_fault(self.model, self.loss, x, y)
        for weights, array in zip(self.optimizer.weights, kept, strict=True):
            weights.assign(array)
        last = "" if self.last_loss is None else f"; the loss of the step before was {self.last_loss:.6g}"
        message = f"training diverged at {where} (step {self.steps}): {fault}; {place}{last}"
        self.stop(message)
        warnings.warn(
            f"fit: {message}. The model keeps the last weights whose loss was finite. "
            f"Use a smaller learning rate than {self.optimizer.lr}, or clip_norm=1.0.",
            DivergenceWarning,
            stacklevel=6,
        )


State = dict[str, Any]

KEPT = "callbacks."
"""The prefix of the names of weights kept by callbacks."""


def states_of(callbacks: Iterable[Callback]) -> tuple[list[State], dict[str, Array]]:
    """Return the callbacks' states, and the weights that they keep by their names in the file."""
    states: list[State] = []
    arrays: dict[str, Array] = {}
    for callback in elements(callbacks, "save", "callbacks", "callbacks"):
        if not isinstance(callback, Callback):
            raise DataError(f"save: not a callback: got {brief(callback)}; expected e.g. EarlyStopping().")
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
            raise DataValueError(f"{who}: callback {brief(state)}; expected its kind and state.")
        fits_one(known_kinds(kind, Callback, who, "callback"), partial(_check_as, state, who))
    for name, shape in kept.items():
        i, _, key = name.removeprefix(KEPT).partition(".")
        if not (i.isascii() and i.isdigit()) or str(int(i[:9])) != i or int(i) >= len(states):
            raise DataValueError(f"{who}: an array {brief(name)}; expected {KEPT}i with i < {len(states)}.")
        if shape != weights.get(key):
            raise DataValueError(
                f"{who}: an array {brief(name)} of shape {shape}; expected weights of the model."
            )


def _check_as(state: State, who: str, kind: type[Callback]) -> None:
    """Raise unless a callback of a class may have such a state; a user's class may have any."""
    if kind.state_dict in (Callback.state_dict, Watching.state_dict):
        raise DataValueError(f"{who}: a {kind.__name__} has no state; got {brief(state)}.")
    for ours in WATCHING:
        if kind.state_dict is ours.state_dict:
            WATCHING[ours]().load_state_dict({name: x for name, x in state.items() if name != "kind"})


def leave(model: Module, facts: State, arrays: Mapping[str, Array]) -> None:
    """Record in the model where its run stopped, so that `fit` can resume from that epoch."""
    states = [dict(state) for state in facts.get("callbacks", ())]
    for name, array in arrays.items():
        if name.startswith(KEPT):
            i, _, key = name.removeprefix(KEPT).partition(".")
            states[int(i)].setdefault("weights", {})[key] = array
    vars(model)["_left_off"] = (facts["epoch"], states)


def resume(model: Module, callbacks: Sequence[Callback], epoch: int) -> None:
    """Restore the callbacks' state if the model was loaded from before this epoch."""
    left, states = vars(model).pop("_left_off", (0, []))
    if not epoch or left != epoch:
        return
    waiting = list(callbacks)
    for state in states:
        known = {name: x for name, x in state.items() if name != "kind"}
        for callback in waiting:
            if type(callback).__name__ == state["kind"] and callback._resumes(known):
                callback.load_state_dict(known)
                waiting.remove(callback)
                break
