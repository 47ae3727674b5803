"""A mutant: one text of one file that becomes another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Mutant:
    """In `file` the text `old`, which stands there once, becomes `new`; the `tests` should fail then.

    `equivalent` tells why no test can.
    """

    file: str
    old: str
    new: str
    tests: str
    equivalent: str = ""

    def __str__(self) -> str:
        return f"{self.file}: {self.old!r} -> {self.new!r} (tests: {self.tests})"

    def text(self, root: Path) -> str:
        """The file of that tree with the mutant in it. Raises `ValueError` if the old text is not there."""
        file = root / self.file
        source = file.read_text(encoding="utf-8") if file.exists() else ""
        if (count := source.count(self.old)) != 1:
            raise ValueError(f"{self.file}: {self.old!r} stands there {count} times; expected once.")
        return source.replace(self.old, self.new)


def mutants(file: str, tests: str, *pairs: tuple[str, str] | tuple[str, str, str]) -> list[Mutant]:
    """Mutants of one file; a third text names the tests of one that has tests of its own."""
    return [Mutant(file, old, new, own[0] if own else tests) for old, new, *own in pairs]


def values(name: str) -> str:
    """The tests of a row's value."""
    tests = "tests/test_operations.py::test_value"
    return f"'{tests}[{name}]' '{tests}s_on_arrays[{name}]'"


def slopes(name: str) -> str:
    """The test of a row's local derivatives."""
    return f"'tests/test_operations.py::test_local_derivatives[{name}]'"
