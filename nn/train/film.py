"""`Film`: the weights, gradients and losses of a training run, step by step."""

from __future__ import annotations

import importlib
import json
import math
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd_core import DataError, Value
from autograd_core.base import counted, item, np, restoring, write_whole
from autograd_core.graph import Graph
from autograd_core.kernel import watching_backward

from ..checks import ChecksOptions, brief
from ..errors import TrainingWarning
from ..modules.module import refuse_no_model
from ..optim.optimizer import Optimizer
from .callbacks import Callback, Logs
from .run import EXPLODED
from .step import as_example, as_target

if TYPE_CHECKING:
    from ..modules.module import Module

Array = Any

MOST_NUMBERS = 2_000_000
"""A film with more numbers drops every other step, and then records fewer."""

LARGEST_EXAMPLE = 300
"""The most nodes of a graph kept to step through its backward pass."""

PATIENCE = 20
"""The number of updates after which a weight that has never moved is reported."""

DIGITS = 7
OURS = tuple([str(Path(__file__).parents[2] / package) for package in ("nn", "autograd_core")])


@dataclass(frozen=True, slots=True)
class FilmStep:
    """One update: its number and epoch, and the loss, gradient and weights before it."""

    step: int
    epoch: int
    loss: float
    weights: Array
    gradient: Array
    lr: float
    """The learning rate; nan if the optimizer is not known."""


class Film(ChecksOptions):
    """The frames of a training run. `save("film.html")` writes a page to scrub through them.

    `film[k]` is the k-th frame, whose `weights` and `gradient` are rows of all numbers, in the order of
    `film.names`. `film.last` are the weights after the last update.
    """

    def __init__(self, model: Module, optimizer: Optimizer | None = None) -> None:
        refuse_no_model(model, "film")
        if optimizer is not None and not isinstance(optimizer, Optimizer):
            raise DataError(f"film: not an optimizer: optimizer = {brief(optimizer)}; expected one, or None.")
        self.arrays = dict(model.weights())
        self.names = [f"{name}{place}" for name, array in self.arrays.items() for place in array.names()]
        self.shapes = {name: list(array.shape) for name, array in self.arrays.items()}
        self.optimizer = optimizer
        self.frames: list[FilmStep] = []
        self.last = self.weights()
        self.warnings: dict[str, str] = {}
        """The likely mistakes found, each kind once."""
        self.example: Graph | None = None
        """The graph of one loss, to step through its backward pass."""
        self._every, self._count = 1, 0
        self._moved = np.zeros(len(self.last), bool)

    def __len__(self) -> int:
        return len(self.frames)

    def __getitem__(self, index: int) -> FilmStep:
        found: FilmStep = item(self.frames, index, "Film")
        return found

    def __repr__(self) -> str:
        losses = f", loss {self[0].loss:.4g} to {self[-1].loss:.4g}" if self.frames else ""
        return f"<Film: {counted(self._count, 'step')} of {counted(len(self.names), 'weight')}{losses}>"

    def weights(self) -> Array:
        """Return the current weights of the model, in one row."""
        return self._in_a_row("array")

    def gradient(self) -> Array:
        """Return the current gradients, in one row."""
        return self._in_a_row("gradient")

    def _in_a_row(self, what: str) -> Array:
        arrays = [np.ravel(getattr(array, what)) for array in self.arrays.values()]
        return np.concatenate(arrays or [np.empty(0)])

    def _add(self, epoch: int, loss: float, weights: Array, gradient: Array, after: Array) -> None:
        """Record an update from `weights` to `after`."""
        lr = self.optimizer.param_groups[0].lr if self.optimizer is not None else math.nan
        if self._count % self._every == 0:
            self.frames.append(FilmStep(self._count, epoch, float(loss), weights, gradient, float(lr)))
        self._count += 1
        self._moved |= after != weights
        self.last = after
        if 2 * len(self.names) * len(self.frames) > MOST_NUMBERS:
            self.frames = self.frames[::2]
            self._every *= 2
        self._look()

    def _look(self) -> None:
        """Warn of a loss that explodes, and of weights that never move."""
        first, now = self.frames[0].loss, self.frames[-1].loss
        if not math.isfinite(now) or (now > EXPLODED * abs(first) and now > 1.0):
            self._warn("explodes", f"the loss explodes: from {first:.4g} to {now:.4g}. Use a smaller rate.")
        if self._count == PATIENCE and not self._moved.all() and self._moved.any():
            still = [name for name, moved in zip(self.names, self._moved, strict=True) if not moved]
            named = ", ".join(still[:3]) + (", ..." if len(still) > 3 else "")
            self._warn(
                "still",
                f"{counted(len(still), 'weight')} of {len(self.names)} never moved in {PATIENCE} updates: "
                f"{named}. Is it frozen, unused, or behind a unit that is always 0?",
            )

    def _warn(self, kind: str, text: str) -> None:
        """Warn of a likely mistake at the user's line, each kind once."""
        if kind in self.warnings:
            return
        frame, level = sys._getframe(1), 2
        while frame.f_back is not None and frame.f_code.co_filename.startswith(OURS):
            frame, level = frame.f_back, level + 1
        self.warnings[kind] = f"{text} (line {frame.f_lineno} of {Path(frame.f_code.co_filename).name})"
        warnings.warn(f"film: {text}", TrainingWarning, stacklevel=level)

    def _keep_example(self, root: Value) -> None:
        """Keep the first graph of a loss that is small enough to step through."""
        if self.example is None:
            graph = Graph(root)
            self.example = graph if len(graph) <= LARGEST_EXAMPLE else None

    def to_dict(self) -> dict[str, Any]:
        """Return everything as dicts, lists, strings and numbers; None for numbers that are not finite."""
        return {
            "names": self.names,
            "shapes": self.shapes,
            "optimizer": type(self.optimizer).__name__ if self.optimizer is not None else "",
            "plain": _is_plain(self.optimizer),
            "steps": [frame.step for frame in self.frames],
            "epochs": [frame.epoch for frame in self.frames],
            "losses": _numbers([frame.loss for frame in self.frames]),
            "rates": _numbers([frame.lr for frame in self.frames]),
            "weights": [_numbers(frame.weights) for frame in self.frames] + [_numbers(self.last)],
            "gradients": [_numbers(frame.gradient) for frame in self.frames],
            "warnings": list(self.warnings.values()),
        }

    def save(self, path: str | os.PathLike[str], *, lang: str | None = None) -> Path:
        """Write the film to a file atomically, and return its path: `.html` for a page, `.json` for the data.

        The page speaks the language `lang`, or else that of the reader's browser. Raises `DataError` for any
        other extension or an unknown language, and `viz.OutputError` if the file cannot be written.
        """
        if not isinstance(path, str | os.PathLike):
            raise DataError(f"Film.save: not a path: argument 1 = {brief(path)}; expected a path.")
        target = Path(os.fsdecode(path))
        ending = target.suffix.lower()
        if ending not in (".html", ".json"):
            raise DataError(f"Film.save: unknown extension of {brief(target.name)}; expected .html or .json.")
        if not self.frames:
            likely = "".join([f" {text[0].upper()}{text[1:]}" for text in self.warnings.values()])
            raise DataError(
                f"Film.save: no update was recorded; expected training inside the `with` block.{likely}"
            )
        if ending == ".json":
            write_whole(target, json.dumps(self.to_dict(), separators=(",", ":")).encode(), "Film.save")
        else:
            _pages().save(self, target, lang)
        return target

    def _repr_html_(self) -> str:
        return str(_pages().framed(self)) if self.frames else ""


def _pages() -> Any:
    """Return the drawing package by name, since it is above this one, which cannot import it."""
    return importlib.import_module("viz.film")


def _steps_of(film: Film) -> int:
    """How often the optimizer has taken a step; 0 if it is not known."""
    return film.optimizer.steps if film.optimizer is not None else 0


def _numbers(row: Any) -> list[float | None]:
    return [float(f"{x:.{DIGITS}g}") if math.isfinite(x) else None for x in np.ravel(row).tolist()]


def _is_plain(optimizer: Any) -> bool:
    """Whether an update is just the rate times the gradient."""
    return type(optimizer).__name__ in ("SGD", "GradientDescent", "Descent") and not any(
        getattr(optimizer, name, 0.0) for name in ("momentum", "weight_decay", "nesterov")
    )


class _Loop:
    """Watches a loop; an update shows as changed weights at the start of the next backward pass."""

    def __init__(self, film: Film) -> None:
        self.film = film
        self.weights: Array = None
        """The weights at which gradients have accumulated since the last update; None before any."""
        self.gradient: Array = film.gradient()
        self.losses: list[float] = []
        self.epoch = 0
        self.root: Value | None = None
        self.passes, self.called = 0, False
        self._found = film.gradient(), film._in_a_row("reached")
        """The gradients and the `reached` marks before a pass."""
        self._taken, self._first = _steps_of(film), Value(0.0).index
        self._updated = False
        """Whether there has been an update since the last pass that reached the model."""

    def before(self, root: Value) -> None:
        """Called before a pass: record an update made since the last one."""
        self.called = True
        self._found = self.film.gradient(), self.film._in_a_row("reached")
        if self.weights is not None:
            now = self.film.weights()
            if not np.array_equal(now, self.weights):
                self._updated = True
                self.close(now)

    def after(self, root: Value) -> None:
        """Called after a pass: record its loss, if it reached the model."""
        gradient = self.film.gradient()
        if not self._comes_to_the_model(root, gradient):
            return
        if self._updated:
            self._look(root)
        if self.weights is None:
            self.weights = self.film.weights()
        self.losses.append(root.data)
        self.gradient, self.root, self._updated = gradient, root, False
        self.passes += 1
        self.film._keep_example(root)

    def _comes_to_the_model(self, root: Value, gradient: Array) -> bool:
        """Whether this pass reached a weight, as marks may be left over from an earlier one."""
        before, reached_before = self._found
        reached = self.film._in_a_row("reached")
        if not reached.any():
            return False
        if not np.array_equal(gradient, before, equal_nan=True) or not np.array_equal(
            reached, reached_before
        ):
            return True
        return any(node in self._numbers for node in Graph(root).leaves)

    @property
    def _numbers(self) -> set[Value]:
        """The weights that exist as nodes."""
        return {value for array in self.film.arrays.values() if array.materialized for value in array.values}

    def _look(self, root: Value) -> None:
        """Warn of gradients not set to zero after the last update, and of a graph built before it."""
        left_over, _ = self._found
        if left_over.any() and np.array_equal(left_over, self.gradient):
            self.film._warn(
                "zero_grad",
                "zero_grad() was not called after the last update: the gradients of both steps add up.",
            )
        if self.root is not None and root.index <= self.root.index:
            self.film._warn(
                "reused", "the loss was computed before the last update: its graph has the old weights."
            )

    def end(self) -> None:
        """Record the last update; warn of missing backward passes, or if no weight has changed."""
        self.close(self.film.weights())
        taken, cure = _steps_of(self.film) - self._taken, "Call it on each loss, before step()."
        if taken > self.passes:
            done = f"{self.passes or 'none'} of {counted(taken, 'step')}"
            fault = f"backward() was called before {done}: the others had no gradients, or old ones. {cure}"
            self.film._warn("backward", fault)
        elif not self.called and Value(0.0).index > self._first + 1:  # Something has been computed.
            self.film._warn("backward", f"backward() was never called. {cure}")
        if self.passes > 1 and not len(self.film):
            self.film._warn(
                "still",
                f"no weight has moved in {self.passes} backward passes. Is step() missing, is the rate 0, or "
                "does the optimizer belong to another model?",
            )

    def close(self, now: Array) -> None:
        """Record the update, if there was one."""
        if self.weights is not None and not np.array_equal(now, self.weights):
            loss = sum(self.losses) / len(self.losses)
            self.film._add(self.epoch, loss, self.weights, self.gradient, now)
            self.epoch += 1
        self.weights, self.losses = None, []


@restoring
def film(model: Module, optimizer: Optimizer | None = None) -> Iterator[Film]:
    """Record every backward pass and update of a training loop of your own inside a `with` block.

    Backward passes between two updates count as one step, with the mean of their losses. Given the
    `optimizer`, the page shows its rate as well. Likely mistakes are reported once, with the line, as a
    `TrainingWarning`: gradients not set to zero, a loss computed before the last update, weights that never
    move, a loss that explodes. `fit(..., record=True)` keeps such a film in `history.film`.

    Raises `DataError` if `model` is not a model.

    >>> from nn import MLP, SGD, mse_loss
    >>> model = MLP(1, [1], rng=0)
    >>> optimizer = SGD(model, lr=0.1)
    >>> with film(model, optimizer) as recorded:
    ...     for _ in range(3):
    ...         optimizer.zero_grad()
    ...         mse_loss(model([1.0]), 3.0).backward()
    ...         optimizer.step()
    >>> len(recorded)
    3
    """
    found = Film(model, optimizer)
    loop = _Loop(found)
    handled = sys.exc_info()[1]  # For example, from an `except` around the block.
    try:
        with watching_backward(loop.before, loop.after):
            yield found
    finally:
        if sys.exc_info()[1] is handled:
            loop.end()
        else:  # The block raised; a warning turned into an error must not replace its exception.
            with suppress(Warning):
                loop.close(found.weights())


class FilmCallback(Callback):
    """Records a film during `fit`."""

    def __init__(
        self, model: Module, optimizer: Optimizer, loss: Any, x: Sequence[Any], y: Sequence[Any]
    ) -> None:
        self.film = Film(model, optimizer)
        self.film._keep_example(loss(model(as_example(x[0])), as_target(y[0])))
        self._epoch, self._before = 0, self.film.last

    def on_epoch_begin(self, epoch: int) -> None:
        self._epoch = epoch

    def on_batch_begin(self, batch: int) -> None:
        self._before = self.film.weights()

    def on_batch_end(self, batch: int, logs: Logs) -> None:
        film = self.film
        film._add(self._epoch, logs["loss"], self._before, film.gradient(), film.weights())
