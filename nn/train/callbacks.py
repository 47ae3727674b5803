"""Callbacks, called before and after every epoch and batch, including the progress bar."""

from __future__ import annotations

import math
import os
import sys
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from autograd_core import DataError, DataValueError

from ..checks import ChecksOptions, brief, flag, known, length, rate, size
from ..io.settings import exact
from ..io.tensors import path_of
from ..modules.parameter import Buffer

if TYPE_CHECKING:
    from .run import Run

Logs = dict[str, float]


class Callback(ChecksOptions):
    """Override the hooks you need. `self.run` has `model`, `optimizer`, `history` and `stop(reason)`.

    >>> class Report(Callback):
    ...     def on_epoch_end(self, epoch, logs):
    ...         print(epoch, logs["loss"])
    """

    run: Run
    looks = True
    """Whether it reads or changes the model or the optimizer."""

    def _listens(self, hook: str) -> bool:
        """Whether it overrides a hook."""
        return getattr(type(self), hook) is not getattr(Callback, hook) or hook in vars(self)

    def state_dict(self) -> dict[str, Any]:
        """Return the state to save for a later run; `weights` has arrays by the names of weights."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Resume with the state of another callback of the same kind."""

    def _resumes(self, state: dict[str, Any]) -> bool:
        """Whether the state belongs to a callback with the same purpose."""
        return True

    def on_train_begin(self) -> None:
        """Called before the first epoch."""

    def on_train_end(self) -> None:
        """Called after the last epoch, however training ended."""

    def on_epoch_begin(self, epoch: int) -> None:
        """Called before each epoch."""

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        """Called after each epoch with its losses and metrics; additions to `logs` go into the history."""

    def on_epoch_done(self, epoch: int) -> None:
        """Called after `on_epoch_end` of all callbacks, when their states can be saved."""

    def on_batch_begin(self, batch: int) -> None:
        """Called before each batch."""

    def on_batch_end(self, batch: int, logs: Logs) -> None:
        """Called after each batch with its loss; the step's gradients are still available."""


class Watching(Callback):
    """A callback that detects when a monitored number improves on its best."""

    def __init__(self, monitor: str, mode: str, min_delta: float = 0.0) -> None:
        who = type(self).__name__
        if not isinstance(monitor, str):
            raise DataError(f"{who}: not a name: monitor = {brief(monitor)}; expected e.g. 'val_loss'.")
        self.monitor = monitor
        self.mode = known(mode, ("auto", "min", "max"), who, "mode")
        if mode == "auto":
            self.mode = "max" if monitor.endswith(("accuracy", "r2")) else "min"
        self.min_delta = rate(min_delta, who, "min_delta")
        self.best = self._worst()

    def _worst(self) -> float:
        return math.inf if self.mode == "min" else -math.inf

    def state_dict(self) -> dict[str, Any]:
        best = None if self.best == self._worst() else self.best
        return {"monitor": self.monitor, "mode": self.mode, "best": best}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        who = f"{type(self).__name__}.load_state_dict"
        if not isinstance(state, dict):
            raise DataError(f"{who}: not a state: got {brief(state)}; expected a result of state_dict().")
        if set(state) - {"weights"} != set(self.state_dict()) - {"weights"}:
            raise DataValueError(f"{who}: {brief(state)}; expected {brief(list(self.state_dict()))}.")
        known(state["mode"], ("min", "max"), who, "mode")
        if not isinstance(state["monitor"], str):
            raise DataValueError(f"{who}: monitor = {brief(state['monitor'])}; expected a name.")
        best, beaten = state["best"], math.inf if state["mode"] == "max" else -math.inf
        if best is not None and best != beaten:
            best = exact(best, who, "best")
        self.best = self._worst() if best is None else best

    def _resumes(self, state: dict[str, Any]) -> bool:
        return (state["monitor"], state["mode"]) == (self.monitor, self.mode)

    def _watched(self, logs: Logs) -> float:
        """Return the monitored number."""
        if not isinstance(logs, Mapping):
            told = f"not a table: logs = {brief(logs)}; expected numbers by name."
            raise DataError(f"{type(self).__name__}: {told}")
        if self.monitor not in logs:
            cure = " Give fit validation_data or validation_split." if self.monitor.startswith("val_") else ""
            raise DataValueError(
                f"{type(self).__name__}: nothing named monitor = {self.monitor!r}; "
                f"expected one of {list(logs)}.{cure}"
            )
        return logs[self.monitor]

    def _improved(self, logs: Logs) -> bool:
        """Return whether the number is a new best, and record it."""
        x = self._watched(logs)
        better = x < self.best - self.min_delta if self.mode == "min" else x > self.best + self.min_delta
        if better:
            self.best = x
        return better


class EarlyStopping(Watching):
    """Stops when the monitored number has not improved for `patience` epochs.

    `restore_best_weights` restores the weights from the end of the best epoch. A run resumed with
    `initial_epoch` continues the count.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0.0,
        patience: int = 0,
        mode: str = "auto",
        restore_best_weights: bool = False,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        self.patience = size(patience, "EarlyStopping", "patience", 0)
        self.restore_best_weights = flag(restore_best_weights, "EarlyStopping", "restore_best_weights")
        self.waited, self.best_epoch = 0, -1
        self._weights: dict[str, Any] = {}

    def state_dict(self) -> dict[str, Any]:
        known = {"waited": self.waited, "best_epoch": self.best_epoch, "weights": dict(self._weights)}
        return super().state_dict() | known

    def load_state_dict(self, state: dict[str, Any]) -> None:
        who = "EarlyStopping.load_state_dict"
        super().load_state_dict(state)
        self.waited = size(state["waited"], who, "waited", 0)
        self.best_epoch = size(state["best_epoch"], who, "best_epoch", -1)
        self._weights = dict(state.get("weights", {})) if self.restore_best_weights else {}

    def on_train_begin(self) -> None:
        if self.run.first_epoch == 0:
            self.best, self.waited, self.best_epoch, self._weights = self._worst(), 0, -1, {}

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        if self._improved(logs):
            self.waited, self.best_epoch = 0, epoch
            if self.restore_best_weights:
                self._weights = self.run.model.state_dict()
            return
        self.waited += 1
        if self.waited >= max(self.patience, 1):
            self.run.stop(f"early: {self.monitor} has not improved since epoch {self.best_epoch}")

    def on_train_end(self) -> None:
        if self._weights:
            self.run.model.load_state_dict(self._weights)


class Checkpoint(Watching):
    """Saves the model after each epoch, or, with `save_best_only`, when the monitored number has improved.

    `{epoch}` in the path becomes the epoch's number. The states of the optimizer and callbacks and the epoch
    are saved too, so `load_into` and `fit(initial_epoch=...)` resume without a difference, even in the best
    number so far.
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        save_best_only: bool = False,
        mode: str = "auto",
    ) -> None:
        super().__init__(monitor, mode)
        self.filepath = path_of(filepath, "Checkpoint")
        self.save_best_only = flag(save_best_only, "Checkpoint", "save_best_only")
        self._due = True

    def _resumes(self, state: dict[str, Any]) -> bool:
        return super()._resumes(state) and state["save_best_only"] == self.save_best_only

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"save_best_only": self.save_best_only}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        flag(state["save_best_only"], "Checkpoint.load_state_dict", "save_best_only")

    def on_train_begin(self) -> None:
        if self.save_best_only and self.run.first_epoch and self.best == self._worst():
            self._take_over()

    def _take_over(self) -> None:
        """Take over the best number from a file that an earlier run may have left."""
        from ..io.model_files import callbacks_in

        for state in callbacks_in(self.filepath):
            if state["kind"] == type(self).__name__ and self._resumes(state) and state["best"] is not None:
                self.best = state["best"]

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        self._due = not self.save_best_only or self._improved(logs)

    def on_epoch_done(self, epoch: int) -> None:
        from ..io.model_files import save

        if self._due:
            epoch = size(epoch, "Checkpoint.on_epoch_done", "epoch", 0)
            path = self.filepath.replace("{epoch}", str(epoch))
            save(
                self.run.model,
                path,
                optimizer=self.run.optimizer,
                schedule=self.run.schedule,
                callbacks=self.run.callbacks,
                epoch=epoch + 1,
            )


WATCHING: dict[type[Watching], Callable[[], Watching]] = {
    EarlyStopping: EarlyStopping,
    Checkpoint: lambda: Checkpoint("model.safetensors"),
}
"""Creates a callback of each kind, to check the state in a file."""


class GradientStatistics(Callback):
    """Records, after each epoch, the root mean square gradient of each weight array in the last batch.

    `norms["layers.0.weight"]` is a list over epochs. Numbers that shrink towards the first layer indicate
    vanishing gradients; numbers that grow from epoch to epoch indicate exploding gradients.
    """

    def __init__(self) -> None:
        self.norms: dict[str, list[float]] = {}

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        for name, weights in self.run.model.weights().items():
            if isinstance(weights, Buffer):
                continue
            scale, norm = length([weights.gradient])
            self.norms.setdefault(name, []).append(scale * (norm / math.sqrt(len(weights))))


class Progress(Callback):
    """A progress bar over epochs that shows the losses or, with `lines`, a line of text for each epoch."""

    looks = False

    def __init__(self, first: int, epochs: int, lines: bool) -> None:
        self.first, self.epochs, self.lines = first, epochs, lines
        self.bar: Any = None

    def on_train_begin(self) -> None:
        if not self.lines:
            self.bar = bar(total=self.epochs, initial=self.first, unit="epoch")

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        if self.lines:
            text = ", ".join(f"{name} {value:.6g}" for name, value in logs.items())
            runner = f" ({self.run.history.runner})" if epoch == self.first else ""
            line = f"epoch {epoch + 1}/{self.epochs}: {text}{runner}"
            print(line, file=sys.stderr, flush=True)  # noqa: T201
        else:
            self.bar.set_description("compiled" if self.run.history.compiled else "eager", refresh=False)
            self.bar.set_postfix({name: f"{value:.4g}" for name, value in logs.items()}, refresh=False)
            self.bar.update()

    def on_train_end(self) -> None:
        if self.bar is not None:
            self.bar.close()


def bar(**options: Any) -> Any:
    """Return a tqdm bar; in a notebook without widgets the plain one, without tqdm's warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm

        return tqdm(**options)


def progress(verbose: Any, first: int, epochs: int) -> list[Callback]:
    """Return the callbacks for `verbose`: 0 none, 1 bar, 2 line per epoch, "auto" bar if on a terminal."""
    if not isinstance(verbose, (bool, int, str)) or verbose not in (0, 1, 2, "auto"):
        raise DataValueError(f"fit: verbose = {brief(verbose)}; expected 'auto', 0, 1 or 2.")
    if verbose == "auto":
        stream = sys.stderr
        looked_at = "ipykernel" in sys.modules or (stream is not None and stream.isatty())
        verbose = 1 if looked_at and epochs - first > 1 else 0
    return [Progress(first, epochs, lines=verbose == 2)] if verbose else []
