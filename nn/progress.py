"""The progress bar: tqdm's, in a terminal or a notebook; plain lines in a log file."""

from __future__ import annotations

import sys
import warnings
from typing import Any

from .callbacks import Callback, Logs


class Progress(Callback):
    """A bar over epochs that shows the losses, or, with `lines`, one line of text for each epoch."""

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
    """tqdm's bar for where we are. A notebook without widgets gets the plain one, without tqdm's warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm

        return tqdm(**options)


def progress(verbose: Any, first: int, epochs: int) -> list[Callback]:
    """The callbacks for `verbose`: 0 none, 1 a bar, 2 a line an epoch, "auto" a bar if someone looks on."""
    if verbose == "auto":
        stream = sys.stderr
        looked_at = "ipykernel" in sys.modules or (stream is not None and stream.isatty())
        verbose = 1 if looked_at and epochs - first > 1 else 0
    return [Progress(first, epochs, lines=verbose == 2)] if verbose else []
