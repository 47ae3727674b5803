"""What `fit` gives back: the losses and metrics of every epoch, and how training ended."""

from __future__ import annotations

from dataclasses import dataclass, field

from .checks import counted


@dataclass
class History:
    """`history["loss"][i]` is the mean loss of epoch `epoch[i]`, over its batches as they were trained.

    With validation data there are `val_loss` and `val_...` for each metric. `stopped` says why training
    ended before its last epoch; it is empty where it did not. `compiled` says whether the last step ran as a
    program, and `runner` why, if it did not.
    """

    history: dict[str, list[float]] = field(default_factory=dict)
    epoch: list[int] = field(default_factory=list)
    stopped: str = ""
    compiled: bool = False
    runner: str = ""

    def add(self, epoch: int, logs: dict[str, float]) -> None:
        """Notes one epoch."""
        self.epoch.append(epoch)
        self.note(logs)

    def note(self, logs: dict[str, float]) -> None:
        """Notes more about the last epoch."""
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {values[-1]:.6g}" for name, values in self.history.items())
        runner = " (compiled)" if self.compiled else ""
        return f"History of {counted(len(self.epoch), 'epoch')}{runner}" + (f": {last}" if last else "")
