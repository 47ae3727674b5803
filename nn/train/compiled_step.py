"""`CompiledStep`: a training step that runs as one program, recorded again when its settings change."""

from __future__ import annotations

import io
import math
import pickle
from collections.abc import Iterable
from contextlib import suppress
from enum import Enum
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from autograd_core import DataValueError, DomainError, RangeError, TraceError, Value
from autograd_core.base import contained, np
from autograd_core.compile import TrainingProgram
from autograd_core.kernel import backward_is_watched

from ..checks import brief, length
from ..modules.module import Module
from ..modules.parameter import Buffer, Weights
from ..modules.tracing_context import tracing
from ..optim.clipping import shortening
from ..optim.lbfgs import Evaluation
from .fused_update import OptimizerUpdate
from .step import EagerStep
from .step_tracing import Recorder, blocks, is_large, raise_mistakes, weight_count

BY_IDENTITY = (Module, Weights, Value, FunctionType, BuiltinFunctionType, ModuleType, type)
"""Types compared by identity; the contents of modules are compared one by one."""

BOOKKEEPING = ("_left_off", "_loss", "_part", "_sign")
"""Attributes of every module that do not affect its output."""


class Settings:
    """All attributes of a step's modules, loss and regularizer, even private ones, and what is frozen.

    What cannot be pickled counts as changed. Whether backward passes are watched is a setting, too.
    """

    def __init__(self, step: EagerStep) -> None:
        weights = [*step.model.weights().values(), *step.optimizer.weights]
        self.content = b""
        self.masks = [each.mask.tobytes() for each in weights]
        self.hooked = any(each.hooked for each in weights)
        self.watched = backward_is_watched()
        self.held: list[Any] = []
        try:
            self.content = self._pickled([step.loss, step.regularizer], step.model.modules(), weights)
        except Exception:  # Whatever an object raises that cannot be pickled.
            self.content = b""

    def _pickled(self, others: list[Any], modules: list[Module], weights: Iterable[Weights]) -> bytes:
        """Pickle each object, then the modules that only private attributes refer to."""
        file = io.BytesIO()
        pickler = _Pickler(file, weights)
        pickler.dump(others)
        for module in modules:
            pickler.hold(module)
        for module in pickler.modules:
            pickler.dump({name: x for name, x in vars(module).items() if name not in BOOKKEEPING})
        self.held = pickler.held
        return file.getvalue()

    def same(self, other: Settings) -> bool:
        """Whether nothing has changed."""
        return (
            bool(self.content)
            and (self.content, self.masks) == (other.content, other.masks)
            and (self.hooked, self.watched) == (other.hooked, other.watched)
            and len(self.held) == len(other.held)
            and all(a is b for a, b in zip(self.held, other.held, strict=True))
        )


class _Pickler(pickle.Pickler):
    """Collects objects compared by identity in `held`, and pickles their index there instead."""

    def __init__(self, file: io.BytesIO, weights: Iterable[Weights]) -> None:
        super().__init__(file)
        self.held: list[Any] = []
        self.modules: list[Module] = []
        self._places: dict[int, int] = {}
        self._moving = {identity for each in weights for identity in each.identities}

    def hold(self, thing: Any) -> int:
        """Return the index of an object among those held."""
        place = self._places.setdefault(id(thing), len(self.held))
        if place == len(self.held):
            self.held.append(thing)
            if isinstance(thing, Module):
                self.modules.append(thing)
        return place

    def persistent_id(self, thing: Any) -> Any:
        if isinstance(thing, np.random.Generator):
            return "generator"  # A step that draws is not compiled; `fit` gives dropouts new ones.
        if not isinstance(thing, BY_IDENTITY):
            return None
        constant: Any = None
        if isinstance(thing, Value) and id(thing) not in self._moving:
            constant = thing.data
        if isinstance(thing, Weights) and not self._moves(thing):
            constant = thing.array.tobytes()
        return self.hold(thing), constant

    def _moves(self, weights: Weights) -> bool:
        """Whether training updates all of them: a neuron's `Weights` are part of its layer's."""
        values = weights.identities - {id(weights)}
        return id(weights) in self._moving or (bool(values) and values <= self._moving)


Array = Any

RELATIVE, ABSOLUTE = 1e-8, 1e-11
"""How far the program's loss and gradient may be from the eager engine's: it sums in another order."""

WORK = 1000
"""Up to this number of weights times examples, compiling costs more than it saves."""

CHECKED = 10_000
"""About how many weights and nodes to compute eagerly to check the first batch (at least one example)."""


class Holder(Enum):
    """Where the current weights are."""

    MODEL = "in the model: the program must read them before its next step"
    BOTH = "in both: unchanged since the program read them or copied them back"
    PROGRAM = "in the program, which has updated them: the model's are stale"
    EAGER = "in the model for good: the program has been given up"


class CompiledStep:
    """Replaces an `EagerStep`, and falls back on it for what the program cannot do.

    Between steps the weights live in the program. `hand_over` copies them back to the model before anything
    reads them. `holder` says where they are.
    """

    def __init__(
        self,
        eager: EagerStep,
        x: Array,
        y: Array,
        weighted: bool = False,
        required: bool = False,
        batch: int = 1,
    ) -> None:
        self.eager, self.x, self.y, self.weighted, self.required = eager, x, y, weighted, required
        self.batch = batch
        self.holder, self.runner = Holder.MODEL, "compiled: one program for all examples of a batch"
        self._build()

    def _build(self) -> None:
        self._checked, before = False, Settings(self.eager)
        if before.hooked:
            raise TraceError("a weight has a hook")
        if before.watched:
            raise TraceError("its backward passes are watched, as by a film")
        self.recorder = Recorder(self.eager, self.x, self.y, self.weighted, self.batch)
        self.program: TrainingProgram = self.recorder.program()
        self.settings = Settings(self.eager)
        if before.content and not before.same(self.settings):
            raise TraceError("it changes its own attributes when called")
        self.places, end = self.recorder.places, self.recorder.places.end
        self.w, self.g = self.program.weights[:end], self.program.gradient[:end]
        self._weights, self._gradients = self.places.parts(self.w), self.places.parts(self.g)
        self._move = OptimizerUpdate(self.eager.optimizer, self.places, self.program)
        self._kept = [(row, self.places.parts(row)) for row in (np.empty(end), np.empty(end))]
        self._spare: Array = np.empty(end)
        self._before: Array = self._spare

    def __call__(self, x: Array, y: Array, weights: Array | None = None) -> float:
        """Train on one batch; return its loss before the update."""
        if self.ready() and len(x) % self.recorder.joined:  # A last, shorter batch of joined examples.
            return self._eagerly(x, y, weights)
        if not self._checked and self.holder is not Holder.EAGER:
            self._check(x, y, weights)
        if self.holder is Holder.EAGER:
            return self.eager(x, y, weights)
        value, moved = math.nan, False
        try:
            value = self._value_and_gradient(x, y, weights)
            moved = math.isfinite(value) and self._moved(self._evaluation(value, x, y, weights))
        except FloatingPointError:  # It may also occur when an optimizer evaluates the loss again.
            pass
        return value if moved else self._eagerly(x, y, weights)

    def _value_and_gradient(self, x: Array, y: Array, weights: Array | None = None) -> float:
        share = self.recorder.write(self.program, x, y, weights)
        count = len(x) // self.recorder.joined
        value = self.program.value_and_gradient(count, 1.0 if self.recorder.weighted else share)
        self.recorder.note(self.program)
        if self._move.frozen is not None:
            self.g[self._move.frozen] = 0.0
        return value

    def _evaluation(self, value: float, x: Array, y: Array, weights: Array | None) -> Evaluation:
        """Return a function from weights to loss and gradient; the first call returns the known ones."""
        known = [value]

        def evaluate(row: Array) -> tuple[float, Array]:
            if known:
                return known.pop(), self.g
            np.copyto(self.w, row)
            found = self._value_and_gradient(x, y, weights)
            if not math.isfinite(found):
                raise FloatingPointError("the loss is not finite")
            if self.eager.clip_norm is not None:
                self._clip(self.eager.clip_norm)
            return found, self.g

        return evaluate

    def _moved(self, evaluate: Evaluation) -> bool:
        """Take one optimizer step; if it would make a weight infinite or nan, take none and return False."""
        self.holder = Holder.PROGRAM
        if self.eager.clip_norm is not None:
            self._clip(self.eager.clip_norm)
        before, self._before = self._before, self._spare
        if not self._move.idle:
            return self._move(before, evaluate)
        np.copyto(before, self.w)
        return True

    @contained
    def _clip(self, limit: float) -> None:
        factor = shortening(length([self.g]), limit)
        if factor < 1.0:
            np.multiply(self.g, factor, out=self.g)

    def _eagerly(self, x: Array, y: Array, weights: Array | None) -> float:
        """Train eagerly on a shorter batch, or on one whose infinite or nan number is to be reported."""
        np.copyto(self._before, self.w)
        self._before = self._spare
        self.hand_over(for_change=True)
        return self.eager(x, y, weights)

    def keep(self) -> list[Array]:
        """Return the weights to restore if one of the next two steps fails; the next step writes them."""
        if self.holder in (Holder.MODEL, Holder.EAGER):
            return self.eager.keep()
        self._kept.reverse()
        self._before, kept = self._kept[0]
        return kept

    def finite(self) -> bool:
        """Whether all weights are finite."""
        return self.holder in (Holder.BOTH, Holder.PROGRAM) or self.eager.finite()

    @property
    def compiled(self) -> bool:
        """Whether it trains with the program."""
        return self.holder is not Holder.EAGER

    def ready(self) -> bool:
        """Return whether the program has the current weights, reading them if necessary."""
        if self.holder is Holder.MODEL:
            self._take_over()
        return self.holder is not Holder.EAGER

    def hand_over(self, for_change: bool = False) -> None:
        """Copy weights and gradients back to the model; `for_change` if the caller may change them."""
        if self.holder is Holder.PROGRAM:
            for (weights, _), array, gradient, live in zip(
                self.places.moved, self._weights, self._gradients, self._move.live, strict=True
            ):
                weights.assign(array)
                weights._set_gradient(gradient, live)
            self._move.hand_over()
            self.holder = Holder.BOTH
        if for_change and self.holder is Holder.BOTH:
            self.holder = Holder.MODEL

    def _take_over(self) -> None:
        """Read the weights from the model, and record again if settings have changed."""
        if not self.settings.same(Settings(self.eager)):
            try:
                self._build()
            except Exception as error:  # Whatever a user's module raises while recorded.
                raise_mistakes(error)
                self.give_up(error)
                return
        self.places.read(self.program.weights)
        self._move.take_over()
        self.holder = Holder.BOTH

    def give_up(self, why: object) -> None:
        """Continue eagerly."""
        self.holder, self.runner = Holder.EAGER, f"eager: {text_of(why)}"
        if self.required:
            raise refusal(text_of(why))

    def _check(self, x: Array, y: Array, weights: Array | None) -> None:
        """Compare the first batch, or the beginning of a large one, with the eager engine.

        If code from outside this package runs, compare examples with other targets, too.
        """
        self._checked = True
        joined = self.recorder.joined
        count = max(1, CHECKED // (weight_count(self.eager.model) + 1)) if joined == 1 else joined
        kept = [(each, each.array) for each in self.places.model if isinstance(each, Buffer)]
        self._compare(x[:count], y[:count], None if weights is None else weights[:count])
        for each, array in kept:
            each.assign(array)
        if self.holder is not Holder.EAGER and not self.recorder.all_ours() and joined == 1:
            different = np.unique(self.y, axis=0, return_index=True)[1][:count]
            # Training reports these errors if it reaches the examples.
            with suppress(DomainError, RangeError, DataValueError):
                self._compare(self.x[different], self.y[different])

    def _compare(self, x: Array, y: Array, weights: Array | None = None) -> None:
        wanted, expected = eager_gradients(self.recorder, x, y, weights)
        try:
            value, problem = self._value_and_gradient(x, y, weights), ""
        except FloatingPointError:
            return
        if not math.isclose(value, wanted, rel_tol=RELATIVE, abs_tol=ABSOLUTE):
            problem = f"the loss is {value!r} but should be {wanted!r}"
        elif not np.allclose(self.g, expected, RELATIVE, ABSOLUTE * (1.0 + np.abs(expected).max())):
            problem = "the gradient differs"
        if problem:
            self.give_up(f"the program differs from the eager engine on the first batch: {problem}")


def eager_gradients(recorder: Recorder, x: Array, y: Array, weights: Array | None) -> tuple[float, Array]:
    """Compute loss and gradient eagerly; for a large model in blocks, added to the weights' gradients."""
    step, places = recorder.step, recorder.places
    if is_large(step.model):
        with tracing(blocks(places.model)) as trace:
            value = step.gradients(x, y, weights)
        for each in places.model:
            if id(each) in trace.blocks:
                each.gradient = each.gradient + trace.blocks[id(each)].gradient
    else:
        value = step.gradients(x, y, weights)
    gradient = np.concatenate([each.gradient.ravel() for each, _ in places.moved])
    return value, np.where(places.mask()[: places.end], gradient, 0.0)


def compiled_step(
    eager: EagerStep, x: Array, y: Array, compile: Any, weighted: bool = False, batch: int = 1
) -> EagerStep | CompiledStep:
    """Return the step for `fit(compile=...)`."""
    if not (isinstance(compile, bool) or (isinstance(compile, str) and compile == "auto")):
        raise DataValueError(f"fit: compile = {brief(compile)}; expected 'auto', True or False.")
    work = weight_count(eager.model) * len(x)
    reason = "compile=False" if compile is False else ""
    if compile == "auto" and work <= WORK:
        reason = f"so little work ({work} weights times examples) that compiling costs more than it saves"
    if not reason:
        try:
            return CompiledStep(eager, x, y, weighted, required=compile is True, batch=batch)
        except Exception as error:  # Whatever a user's module raises while recorded.
            raise_mistakes(error)
            reason = text_of(error)
    if compile is True:
        raise refusal(reason)
    eager.runner = f"eager: {reason}"
    return eager


def text_of(error: object) -> str:
    """Return an error as a reason, without the compiler's name and the period."""
    return str(error).removeprefix("compile: ").removesuffix(".") or type(error).__name__


def refusal(reason: str) -> TraceError:
    """Return the error for `compile=True`."""
    return TraceError(f"fit: compile=True, but the step cannot be compiled: {reason}. Use 'auto'.")
