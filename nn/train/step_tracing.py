"""Record one example of a training step, to compile it for batches."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from traceback import walk_tb
from typing import Any

from autograd_core import AutogradError, TraceError, Value, dot
from autograd_core.base import contained, np, restoring
from autograd_core.compile import Block, Recording, TrainingProgram

from ..losses.criteria import Loss
from ..losses.functions import flat
from ..modules.compose import Function
from ..modules.module import Module
from ..modules.parameter import Buffer, Weights
from ..modules.tracing_context import ExampleTrace, OneHot, tracing
from ..optim.lbfgs import LBFGS
from ..optim.optimizer import Optimizer
from .step import EagerStep, batch_weights, checked, joins_examples

Array = Any


class Places:
    """All weights in one row: first the optimizer's, then the model's others.

    `moved` and `rest` are pairs of weights and their slice.
    """

    def __init__(self, model: Module, moved: Iterable[Weights] = ()) -> None:
        self.count = 0
        self.rest: list[tuple[Weights, slice]] = []
        self.moved = [(weights, self._next(weights)) for weights in moved]
        self.end = self.count
        self.model = list(model.weights().values())
        self.starts = {id(weights): part.start for weights, part in self.moved}
        known = self.values()
        for weights in self.model:
            if id(weights) not in self.starts:
                self._find(weights, known)

    def _next(self, weights: Weights) -> slice:
        self.count += len(weights)
        return slice(self.count - len(weights), self.count)

    def _find(self, weights: Weights, known: dict[Value, int]) -> None:
        """Find the place of weights among the optimizer's `Value`s, or append them."""
        found = [known.get(v, -1) for v in weights.values] if weights.materialized else []
        first = found[0] if found else -1
        if first >= 0 and found == list(range(first, first + len(found))):
            self.starts[id(weights)] = found[0]
        elif any(place >= 0 for place in found):
            raise TraceError("the optimizer has only part of an array of weights, or in a different order")
        else:
            part = self._next(weights)
            self.rest.append((weights, part))
            self.starts[id(weights)] = part.start

    def values(self) -> dict[Value, int]:
        """Return the place of every weight that exists as a `Value`."""
        known: dict[Value, int] = {}
        for weights, part in [*self.moved, *self.rest]:
            if weights.materialized:
                known |= zip(weights.values, range(part.start, part.stop), strict=True)
        for weights in self.model:
            if weights.materialized:
                start = self.starts.get(id(weights), -1)
                if start >= 0:
                    known |= zip(weights.values, range(start, start + len(weights)), strict=True)
        return known

    def read(self, into: Array) -> None:
        """Copy all weights to a row."""
        for weights, part in [*self.moved, *self.rest]:
            into[part] = weights.array.ravel()

    def mask(self) -> Array:
        """Return, for each weight, whether it takes a gradient."""
        return np.concatenate([weights.mask.ravel() for weights, _ in [*self.moved, *self.rest]])

    def parts(self, row: Array) -> list[Array]:
        """Return the optimizer's part of a row, as views in the shapes of its weights."""
        return [row[part].reshape(weights.shape) for weights, part in self.moved]


def weight_count(model: Module) -> int:
    """Return the number of weights of a model."""
    return sum(len(weights) for weights in model.weights().values())


def overlap(weights: Iterable[Weights]) -> bool:
    """Whether a `Value` is in two places."""
    values = [v for each in weights if each.materialized for v in each.values]
    return len(set(values)) < len(values)


LARGE = 50_000
"""A model with more weights is checked without creating a node for each."""


class Recorder:
    """Turns a training step into a `TrainingProgram`, or raises a `TraceError` that says why not."""

    def __init__(self, step: EagerStep, x: Array, y: Array, weighted: bool = False, batch: int = 1) -> None:
        self.step, self.x, self.y = step, x, y
        self.joined = batch if joins_examples(step.model) else 1
        """How many examples are recorded together: the batch, if a module joins its examples."""
        self.statistics: list[tuple[Any, int]] = []
        """The modules that keep statistics of a batch, and how many numbers each."""
        self.weighted = weighted or self.joined > 1 or not isinstance(batch_weights(step.loss, y), float)
        """Whether each example's weight is an input of the program, its last."""
        self.classes = 0
        """The number of classes, if a target is the index of one."""
        self._last: tuple[Any, ...] = (None,) * 4
        self._share: Any = 1.0
        refuse_what_cannot_be_traced(step.model)
        if type(step.optimizer).step not in (Optimizer.step, LBFGS.step):
            raise TraceError(f"{type(step.optimizer).__name__} overrides step()")
        self.places = Places(step.model, step.optimizer.weights)
        if overlap([*step.optimizer.weights]) or overlap(self.places.model):
            raise TraceError("some weights are in two arrays")

    @contained
    def program(self) -> TrainingProgram:
        """Return the program of the loss and its gradient."""

        def once() -> Recording:
            return self.record(self.x[: self.joined], self.y[: self.joined])

        def elsewhere() -> Recording:
            return nearby(
                self.places, lambda move: self.record(move(self.x[-self.joined :]), self.y[-self.joined :])
            )

        again = None if self.all_ours() else elsewhere
        with np.errstate(all="ignore"):
            return TrainingProgram(once, again, self.places.count, self.places.mask())

    def all_ours(self) -> bool:
        """Whether all recorded code is known to do the same for every example."""
        step = self.step
        return same_at_every_example([*step.model.modules(), step.loss, *filter(None, [step.regularizer])])

    def record(self, rows: Array, targets: Array) -> Recording:
        """Record the graph of one example, or of a batch whose examples are joined."""
        nested_rows, xs = leaves(rows)
        with tracing(blocks(self.places.model)) as trace:
            model = self.step.model
            predictions = (
                [model(x) for x in nested_rows] if self.joined == 1 else model.forward_batch(nested_rows)
            )
            pairs = [self.target(p, t) for p, t in zip(predictions, targets, strict=True)]
            ys = [number for _, each in pairs for number in each]
            losses = [checked(self.step.loss(p, y)) for p, (y, _) in zip(predictions, pairs, strict=True)]
            if not all(loss.parents for loss in losses):
                raise TraceError("the loss depends on no parameter")
            share: list[Value] = [Number(1.0) for _ in losses] if self.weighted else []
            loss = dot(share, losses) if share else losses[0]
            regularizer = self.step.regularizer
            penalty = None if regularizer is None else regularizer(self.step.model)
        starts = self.places.starts
        known = [(starts[identity], block) for identity, block in trace.blocks.items()]
        outputs = [loss, *([] if penalty is None else [penalty]), *[y for y, _, _ in trace.bounded]]
        limits = [(low, high) for _, low, high in trace.bounded]
        self.statistics = [(module, len(numbers)) for module, numbers in trace.statistics]
        for _, numbers in trace.statistics:
            outputs += numbers
            limits += [(-math.inf, math.inf)] * len(numbers)
        inputs = [*xs, *ys, *share]
        return Recording(outputs, inputs, known, self.places.values(), penalty is not None, limits)

    def target(self, prediction: Any, target: Array) -> tuple[Any, list[Value]]:
        """Return the target as the loss takes it, and its nodes."""
        loss = self.step.loss
        if isinstance(loss, Loss) and loss.takes_classes and target.size == 1:
            self.classes = len(flat(prediction, "fit"))
            k = int(target.flat[0])
            hot = OneHot([Value(float(i == k)) for i in range(self.classes)])
            return hot, list(hot)
        y, ys = leaves(target)
        return (y[0] if isinstance(y, list) and len(y) == 1 else y), ys

    def write(self, program: TrainingProgram, x: Array, y: Array, weights: Array | None) -> Any:
        """Pass a batch to the program; return its examples' weights."""
        n = self.joined
        inputs = program.inputs(len(x) // n)
        batch = (x, y, weights, inputs.base)  # Arrays that are never written to.
        if all([a is b for a, b in zip(self._last, batch, strict=True)]):
            return self._share
        self._last = (None, None, None, None)  # Until all of it is there.
        share = batch_weights(self.step.loss, y, weights)
        if self.weighted:
            inputs[-n:], inputs = np.broadcast_to(share, len(x)).reshape(-1, n).T, inputs[:-n]
        width = self.x[0].size * n
        inputs[:width] = x.reshape(-1, width).T
        inputs[width:] = self.targets(y).reshape(inputs.shape[1], -1).T
        self._last, self._share = batch, share
        return share

    def note(self, program: TrainingProgram) -> None:
        """Pass a batch's statistics to the modules that keep them, and the updated ones to the program."""
        if not self.statistics:
            return
        kept = sum(count for _, count in self.statistics)
        numbers = [float(np.ravel(y)[0]) for y in program.noted[len(program.noted) - kept :]]
        for module, count in self.statistics:
            module._move(numbers[: count // 2], numbers[count // 2 : count], self.joined)
            numbers = numbers[count:]
        for weights, part in self.places.rest:
            if isinstance(weights, Buffer):
                program.weights[part] = weights.array.ravel()

    def targets(self, y: Array) -> Array:
        """Return targets as rows of numbers for the program: a class is 1 at its index, 0 elsewhere."""
        if not self.classes:
            return y.reshape(len(y), -1)
        hot = np.zeros((len(y), self.classes))
        k = y.reshape(-1).astype(np.int64)
        some = np.flatnonzero(k != getattr(self.step.loss, "ignore_index", -1))
        hot[some, k[some]] = 1.0
        return hot


def same_at_every_example(things: Iterable[Any]) -> bool:
    """Whether all modules, losses and regularizers are from this package."""
    return all(type(x).__module__.startswith("nn.") and not isinstance(x, Function) for x in things)


def blocks(of: Iterable[Weights]) -> ExampleTrace:
    """Return a trace with blocks for weights that are entirely trainable or entirely frozen."""
    whole = [w for w in of if w.mask.all() == w.mask.any()]
    return ExampleTrace({id(w): Block(w.array, requires_grad=w.trainable) for w in whole})


def is_large(model: Module) -> bool:
    """Whether a node for each weight would be too many, and none exists yet."""
    found = model.weights().values()
    return sum(map(len, found)) > LARGE and not any(weights.materialized for weights in found)


STAYS_EAGER = (AutogradError, FloatingPointError, MemoryError)
"""Errors that mean that something cannot be compiled or computed by a program."""

OURS, LIBRARIES = {"autograd_core", "nn"}, {"numpy", *sys.stdlib_module_names} - {"__main__"}


def raise_mistakes(error: Exception) -> None:
    """Raise the error again if it is a bug in this package, not in the user's code.

    The user's code is responsible if it raises the error, or calls a library that does: a module may work
    only on floats, and is then trained eagerly.
    """
    if isinstance(error, STAYS_EAGER):
        return
    frames = [frame.f_globals.get("__name__") or "" for frame, _ in walk_tb(error.__traceback__)]
    homes = [name.partition(".")[0] for name in frames]
    if next(home for home in reversed(homes) if home not in LIBRARIES) in OURS:
        raise error


def refuse_what_cannot_be_traced(model: Module) -> None:
    """Raise a `TraceError` if a module draws random numbers or inspects numbers."""
    for module in model.modules():
        if module.eager_because:
            raise TraceError(module.eager_because)


class Number(Value):
    """A number of a traced example: unlike a `Value`, it must not be compared with a number."""

    __slots__ = ()
    __hash__ = Value.__hash__

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Value):
            return self is other
        raise TraceError(
            f"a number of the example is compared with {other!r}, which would be decided once for all of them"
        )


def leaves(row: Array) -> tuple[Any, list[Value]]:
    """Return an array as nested lists of new leaves, and the leaves in a row."""
    values: list[Value] = [Number(x) for x in row.ravel().tolist()]
    return nested(values, row.shape), values


def nested(values: list[Value], shape: tuple[int, ...]) -> Any:
    """Arrange a row of nodes in the shape of an array."""
    if not shape:
        return values[0]
    step = len(values) // shape[0]
    return [nested(values[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])]


Move = Callable[[Array], Array]

MOVES: tuple[Move, ...] = (
    lambda numbers: 1.0009765625 * numbers + 0.0078125,
    lambda numbers: 0.9990234375 * numbers - 0.0078125,
    lambda numbers: numbers + (0.4140625 - numbers) * 0.0078125,
)
"""Ways to change all numbers a little, even 0 and 1: up, down, and into the interval from 0 to 1."""


def nearby(places: Places, record: Callable[[Move], Recording]) -> Recording:
    """Record with all numbers changed a little, to detect a step that depends on their values.

    A user's code may accept only a range of numbers, so several changes are tried.
    """
    for move in MOVES[:-1]:
        with suppress(ValueError, ArithmeticError, AssertionError), nudged(places, move):
            return record(move)
    with nudged(places, MOVES[-1]):
        return record(MOVES[-1])


@restoring
def nudged(places: Places, move: Move) -> Iterator[None]:
    """Change all weights a little inside the block."""
    arrays = [(weights, weights.array) for weights, _ in [*places.moved, *places.rest]]
    try:
        for weights, array in arrays:
            weights.assign(move(array))
        yield
    finally:
        try:
            _assign(arrays)
        except KeyboardInterrupt:  # While restoring.
            _assign(arrays)
            raise


def _assign(arrays: Iterable[tuple[Weights, Array]]) -> None:
    for weights, array in arrays:
        weights.assign(array)
