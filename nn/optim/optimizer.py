"""`Optimizer` and SGD: update weights by their gradients.

Each optimizer has one rule, `rule(w, g, state) -> new w`, on arrays of any shape: `w` the weights, `g` their
gradients, `state` what persists between steps. Rules, names and defaults are PyTorch's.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from typing import TYPE_CHECKING, Any, ClassVar

from autograd_core import DataError, DataValueError, Value
from autograd_core.base import contained, elements, np, real
from autograd_core.steps import PlannedUpdate

from ..checks import ChecksOptions, brief, flag, known, rate, size
from ..errors import TrainingWarning
from ..io.settings import checked_settings
from ..modules.module import Module
from ..modules.parameter import Buffer, Weights
from .planned_updates import planned

if TYPE_CHECKING:
    from ..types import Parameters

Array = Any
State = dict[str, Any]


class Optimizer(ChecksOptions):
    """Updates parameters in `step()`, using the gradients from a backward pass.

    `parameters` is a list of `Value`s, such as `model.parameters()`, or the model itself, whose weights are
    then updated array by array. Frozen parameters, and those that no backward pass has reached since
    `zero_grad()`, keep their numbers and state; a gradient of 0 counts as reached, so momentum and weight
    decay still apply. `maximize` ascends instead.

    Parameters with separate settings are given as groups, which `param_groups` then lists:

    >>> from nn import MLP, SGD
    >>> model = MLP(2, [3, 1])
    >>> optimizer = SGD([{"params": model.layers[0], "lr": 0.5}, {"params": model.layers[1]}], lr=0.1)
    >>> [group.lr for group in optimizer.param_groups]
    [0.5, 0.1]

    The optimizer's `lr` is then only the initial value for groups without one: set the rate of each group.
    """

    SETTINGS: ClassVar[tuple[str, ...]] = ("lr",)
    REMEMBERS: ClassVar[tuple[str, ...] | None] = None
    """The names that `rule` may use in `state`; None allows any."""
    joint = False
    """Whether a step evaluates the loss at several points, so that `step` takes a function."""
    weight_decay = 0.0

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "rule" in vars(cls) and "REMEMBERS" not in vars(cls):
            cls.REMEMBERS = None

    def __init__(self, parameters: Parameters, lr: float, maximize: bool = False) -> None:
        self.groups: list[Optimizer] = []
        self._of_another = False
        self.lr, self.maximize = self._rate(lr, "lr"), flag(maximize, type(self).__name__, "maximize")
        self.initial_lr: float | None = None  # The rate when a schedule first used it.
        self.weights: list[Weights]
        if isinstance(parameters, (list, tuple)) and any(isinstance(each, dict) for each in parameters):
            self.groups = [self._group(i, each) for i, each in enumerate(parameters)]
            self.weights = [weights for group in self.groups for weights in group.weights]
            refuse_shared(self.groups, type(self).__name__)
        else:
            self.weights = gathered(parameters, type(self).__name__)
        self.steps = 0
        self.state: list[State] = [{} for _ in self.weights]

    def _group(self, i: int, group: Any) -> Optimizer:
        """Create an optimizer of the same kind for a group, with its settings and the common ones."""
        who = f"{type(self).__name__}: group {i}"
        if not isinstance(group, dict) or "params" not in group:
            raise DataError(f"{who}: got {brief(group)}; expected e.g. {{'params': ..., 'lr': 0.1}}.")
        for name in group:
            known(name, ("params", *self.SETTINGS), who, "setting")
        if late := [name for name in self.SETTINGS if not hasattr(self, name)]:
            raise DataError(
                f"{who}: the optimizer has no {late[0]} yet; expected all settings before creating groups. "
                "Set it before super().__init__()."
            )
        settings = self.settings | group
        made = type(self)(settings.pop("params"), **settings)
        made._of_another = True
        return made

    @property
    def lr(self) -> float:
        """The learning rate; with groups, the initial rate of groups without one, which cannot be set."""
        return self._lr

    @lr.setter
    def lr(self, lr: float) -> None:
        if getattr(self, "groups", None):
            raise DataError(
                f"{type(self).__name__}.lr: each group of parameters has its own rate; expected e.g. "
                "`for group in optimizer.param_groups: group.lr = 0.1`."
            )
        self._lr = lr

    def _set(self, settings: Mapping[str, Any]) -> None:
        """Set settings by name, the common rate of groups too."""
        for name, value in settings.items():
            setattr(self, "_lr" if name == "lr" else name, value)

    def _refuse_group(self, who: str) -> None:
        if self._of_another:
            raise DataError(f"{who}: one group of an optimizer; expected a step of all groups at once.")

    @property
    def param_groups(self) -> list[Optimizer]:
        """The parameter groups, each an optimizer with its own settings; without groups, itself."""
        return self.groups or [self]

    @property
    def movers(self) -> list[Optimizer]:
        """The group of each array of weights."""
        return [group for group in self.param_groups for _ in group.weights]

    def rule(self, w: Array, g: Array, state: State) -> Array:
        """Return the new weights, and update `state`; `state["step"]` starts at 1."""
        raise NotImplementedError

    @contained
    def step(self) -> None:
        """Take one step: either all parameters change or, if anything fails, none."""
        self._refuse_group(f"{type(self).__name__}.step")
        live = [weights.reached & weights.mask for weights in self.weights]
        if not any(some.any() for some in live):
            return
        before = [weights.array for weights in self.weights]
        # Copies, because a rule may write to them.
        copies = [(w.copy(), each.gradient.copy()) for w, each in zip(before, self.weights, strict=True)]
        with np.errstate(all="ignore"):
            moved = [
                mover._moved(w, g, some, state)
                for mover, (w, g), some, state in zip(self.movers, copies, live, self.state, strict=True)
            ]
        try:
            assign_arrays(self.weights, [after for after, _ in moved])
            self.steps, self.state = self.steps + 1, [state for _, state in moved]
        except BaseException:
            assign_arrays(self.weights, before)
            raise

    def _moved(self, w: Array, g: Array, live: Array, state: State) -> tuple[Array, State]:
        """Return the weights and the state after one step of the `live` numbers."""
        if not live.any():
            return w, state
        g, taken = -g if self.maximize else g, state.get("step", 0)
        state = deepcopy(state)  # A rule may write to it.
        if not live.all() or isinstance(taken, np.ndarray):
            return self._moved_apart(w, g, live, state)
        state = {**state, "step": taken + 1}
        return self.rule(w, g, state), state

    def _moved_apart(self, w: Array, g: Array, live: Array, state: State) -> tuple[Array, State]:
        """Do the same if not all are live: numbers with equal step counts are updated together."""
        taken = np.broadcast_to(state.get("step", 0), w.shape)
        after: Array = w.copy()
        fresh: State = {name: np.array(x) for name, x in state.items()}
        for count in np.unique(taken[live]).tolist():
            some = live & (taken == count)
            part = {name: _some_of(x, some) for name, x in state.items() if count and name != "step"}
            part["step"] = count + 1
            after[some] = self.rule(w[some], g[some], part)
            for name, x in part.items():
                if np.shape(x) != (np.count_nonzero(some),):
                    fresh[name] = x
                    continue
                if name not in fresh or np.shape(fresh[name]) != w.shape:
                    fresh[name] = np.zeros(w.shape)
                fresh[name][some] = x
        fresh["step"] = counts(taken + live)
        return after, fresh

    def _move(self, w: Array, g: Array, state: State, spare: Array) -> None:
        """Apply the rule to the weights in place. `spare` is a scratch array of their shape."""
        np.copyto(w, self.rule(w, g, state))

    @property
    def _descends(self) -> bool:
        """Whether a step is w - lr g, and nothing is remembered."""
        return False

    def _decaying(self, w: Array, g: Array) -> Array:
        """Return the gradient of the loss plus weight_decay/2 · w²."""
        return g + self.weight_decay * w if self.weight_decay else g

    def planned(self, gradients: Mapping[Value, float]) -> Iterator[PlannedUpdate]:
        """Yield what `step()` would do with these gradients, for `steps(J, optimizer=...)` to show."""
        who = f"{type(self).__name__}.planned"
        if not isinstance(gradients, Mapping) or not all(isinstance(w, Value) for w in gradients):
            raise DataError(f"{who}: not gradients: got {brief(gradients)}; expected numbers by Values.")
        return planned(self, {w: real(g, f"{who}: a gradient") for w, g in gradients.items()})

    @property
    def settings(self) -> dict[str, Any]:
        """The settings by name."""
        return {name: getattr(self, name) for name in self.SETTINGS}

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        for weights in self.weights:
            weights.zero_grad()

    def state_dict(self) -> dict[str, Any]:
        """Return all that a later run needs to continue exactly: kind, settings, steps, state."""
        groups = [{**each.settings, "initial_lr": each.initial_lr} for each in self.groups]
        return {
            "kind": type(self).__name__,
            "settings": self.settings,
            **({"groups": groups} if groups else {}),
            "steps": self.steps,
            "arrays": len(self.weights),
            "state": [
                {
                    name: np.array(x, order="C")
                    for name, x in {"step": 0, **remembered}.items()
                    if name != "step" or np.any(x != self.steps)
                }
                for remembered in self.state
            ],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Resume where another optimizer of the same kind, over the same shapes, stopped."""
        who = f"{type(self).__name__}.load_state_dict"
        if not isinstance(state, dict) or not isinstance(arrays := state.get("state", []), list):
            raise DataError(f"{who}: not a state: got {brief(state)}; expected a result of state_dict().")
        kind, count = state.get("kind"), state.get("arrays", len(arrays))
        same = isinstance(kind, str) and kind == type(self).__name__ and isinstance(count, int)
        if not same or not count == len(arrays) == len(self.weights):
            raise DataValueError(
                f"{who}: the state belongs to {brief(kind)} over {brief(count)} arrays; "
                f"expected {type(self).__name__} over {len(self.weights)}."
            )
        if unknown := set(state) - {"kind", "settings", "groups", "steps", "arrays", "state"}:
            raise DataValueError(f"{who}: unknown keys {brief(sorted(unknown, key=str))}.")
        fresh = [self._checked_part(i, part, who) for i, part in enumerate(arrays)]
        settings = checked_settings(
            type(self), self.weights, state.get("settings"), self.SETTINGS, who, like=self
        )
        steps = size(state.get("steps"), who, "steps", 0)
        for part in fresh:
            taken = part.get("step", 0.0)
            if not np.all((np.floor(taken) == taken) & (taken >= 0) & (taken < 2.0**53)):
                raise DataValueError(f"{who}: steps = {brief(taken)}; expected whole numbers from 0.")
        groups = checked_groups(type(self), state.get("groups", []), who, self.groups)
        for each, values in zip([self, *self.groups], [settings, *groups], strict=True):
            each._set(values)
        self.steps = steps
        self.state = [{**part, "step": counts(part.get("step", steps))} for part in fresh]

    def _checked_part(self, i: int, part: Any, who: str) -> dict[str, Array]:
        """Return the state of weights `i`, which is arrays of numbers by name."""
        if not isinstance(part, dict):
            raise DataError(f"{who}: state {i} = {brief(part)}; expected arrays by name.")
        fresh = {}
        for name, x in part.items():
            array = None
            with suppress(TypeError, ValueError):  # For example, lists of different lengths.
                array = np.asarray(x)
            if array is None or array.dtype.kind not in "fiub":
                raise DataValueError(f"{who}: {brief(name)} = {brief(x)}; expected numbers.")
            self._refuse_array(i, name, array.shape, who)
            fresh[name] = np.array(array, np.float64, order="C")
        return fresh

    def _refuse_array(self, i: int, name: str, shape: tuple[int, ...], who: str) -> None:
        """Raise unless an array of state has a name that the rule uses and the shape of weights `i`."""
        if self.REMEMBERS is not None and name not in (*self.REMEMBERS, "step"):
            raise DataValueError(
                f"{who}: unknown array {brief(name)}; expected one of {', '.join(self.REMEMBERS)}."
            )
        if shape not in ((), self.weights[i].shape):
            raise DataValueError(
                f"{who}: wrong shape of {brief(name)}: got {shape}; expected {self.weights[i].shape}."
            )

    def _rate(self, x: Any, name: str, high: float = math.inf, low: float = 0.0, **ends: bool) -> float:
        return rate(x, type(self).__name__, name, low, high, **ends)

    def _pair(self, x: Any, name: str, such_as: str) -> tuple[Any, Any]:
        if not isinstance(x, (tuple, list)) or len(x) != 2:
            raise DataValueError(f"{type(self).__name__}: {name} = {brief(x)}; expected e.g. {such_as}.")
        return x[0], x[1]

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={x!r}" for name, x in self.settings.items())
        rates = f", groups with lr={[group.lr for group in self.groups]}" if self.groups else ""
        return f"{type(self).__name__}({settings}{rates})"


def refuse_shared(groups: Sequence[Optimizer], who: str) -> None:
    """Raise if a parameter is in two groups, since it would be moved twice."""
    found: set[Any] = set()
    for i, group in enumerate(groups):
        mine = {identity for weights in group.weights for identity in weights.identities}
        if found & mine:
            raise DataValueError(f"{who}: group {i}: a parameter is in two groups; expected one.")
        found |= mine


def checked_groups(
    kind: type[Optimizer], groups: Any, who: str, like: Sequence[Optimizer] | None = None
) -> list[dict[str, Any]]:
    """Return the group settings of a state after the constructor's checks."""
    count = None if like is None else len(like)
    if not isinstance(groups, list) or count not in (None, len(groups)):
        raise DataValueError(f"{who}: groups = {brief(groups)}; expected {brief(count)}.")
    found = []
    for i, group in enumerate(groups):
        if not isinstance(group, dict):
            raise DataValueError(f"{who}: group {i} = {brief(group)}; expected settings.")
        settings = {name: x for name, x in group.items() if name != "initial_lr"}
        weights = [Weights(0.0)] if like is None else like[i].weights
        checked = checked_settings(kind, weights, settings, kind.SETTINGS, who)
        first = group.get("initial_lr")
        found.append(checked | {"initial_lr": None if first is None else rate(first, who, "initial_lr")})
    return found


def gathered(parameters: Parameters, who: str) -> list[Weights]:
    """Return the weights to update: a model's, or one array of all `Value`s in a list."""
    if isinstance(parameters, Module):
        weights = [each for each in parameters.weights().values() if not isinstance(each, Buffer)]
        if not weights:
            raise DataValueError(f"{who}: the model has no parameters; expected at least one.")
        return weights
    if isinstance(parameters, (Value, dict)):
        raise DataError(f"{who}: not parameters: got {brief(parameters)}; expected model.parameters().")
    things = elements(parameters, who, "got", "model.parameters()", "not parameters")
    if not things:
        raise DataValueError(
            f"{who}: no parameters; expected at least one. A generator can be used only once."
        )
    if all(isinstance(thing, Weights) for thing in things):
        return things
    for i, thing in enumerate(things):
        if not (isinstance(thing, Value) and thing.is_leaf):
            raise DataError(f"{who}: parameter {i} is {brief(thing)}; expected a leaf Value.")
    values = list(dict.fromkeys(things))
    if len(values) < len(things):
        warnings.warn(f"{who}: a parameter is given twice; expected once.", TrainingWarning, stacklevel=4)
    return [Weights.apart(values)]


def counts(taken: Any) -> Any:
    """Return the steps taken by each number, as a single number if all are equal."""
    least, most = int(np.min(taken, initial=2**53)), int(np.max(taken, initial=0))
    return most if least >= most else np.array(taken, dtype=np.int64)


def _some_of(x: Any, some: Array) -> Any:
    """Return the state of some numbers."""
    return np.asarray(x)[some] if np.shape(x) == some.shape else x


def assign_arrays(weights: list[Weights], arrays: list[Array]) -> None:
    """Give each of the weights its array."""
    for each, array in zip(weights, arrays, strict=True):
        each.assign(array)
