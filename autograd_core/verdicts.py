"""What a gradient check has found: a table, and what makes it fail."""

from __future__ import annotations

from dataclasses import dataclass, field

from .errors import AutogradError
from .text import counted

SHOWN = 40


class CheckError(AutogradError, AssertionError):
    """A gradient check that failed; its text is the report, which is also its `report`."""

    def __init__(self, report: Report) -> None:
        super().__init__(str(report))
        self.report = report


@dataclass(frozen=True)
class Entry:
    """One derivative: of which output by which input, both numbers, and the verdict."""

    input: str
    output: str
    analytic: float
    numeric: float
    error: float
    verdict: str

    @property
    def ok(self) -> bool:
        """Whether the analytic derivative is right, as far as differences can tell."""
        return not self.verdict.startswith("WRONG")


@dataclass(repr=False)
class Report:
    """What a check has found: a table of `entries`, the `faults` that make it fail, and `notes`."""

    name: str
    entries: list[Entry] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults and all(entry.ok for entry in self.entries)

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        wrong = sum(not entry.ok for entry in self.entries)
        verdict = "passed" if self.ok else f"FAILED, {wrong} wrong" if wrong else "FAILED"
        lines = [f"{self.name}: {counted(len(self.entries), 'derivative')}, {verdict}", *self._table()]
        return "\n".join([*lines, *self.faults, *[f"note: {note}" for note in self.notes]])

    __repr__ = __str__  # The answer at an interactive prompt.

    def _table(self) -> list[str]:
        if not self.entries:
            return []
        # The wrong ones first: a long table is cut.
        shown = sorted(self.entries, key=lambda entry: entry.ok)[:SHOWN]
        several = len({entry.output for entry in self.entries}) > 1
        names = [f"∂{e.output}/∂{e.input}" if several else e.input for e in shown]
        width = max(len("input"), *map(len, names))
        head = f"{'input':<{width}}  {'analytic':>22}  {'numeric':>22}  {'error':>8}  verdict"
        rows = [
            f"{name:<{width}}  {e.analytic:>22.15g}  {e.numeric:>22.15g}  {e.error:>8.1e}  {e.verdict}"
            for name, e in zip(names, shown, strict=True)
        ]
        rest = len(self.entries) - len(shown)
        return [head, *rows, *([f"... and {rest} more, which are right"] if rest else [])]
