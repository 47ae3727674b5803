"""A mutant: one replacement in one file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Mutant:
    """In `file` the text `old`, which occurs once, becomes `new`; then the `tests` should fail.

    `equivalent` says why no test can fail.
    """

    file: str
    old: str
    new: str
    tests: str
    equivalent: str = ""

    def __str__(self) -> str:
        return f"{self.file}: {self.old!r} -> {self.new!r} (tests: {self.tests})"

    def text(self, root: Path) -> str:
        """Return the mutated file of a tree. Raises `ValueError` if it does not have the old text."""
        file = root / self.file
        source = file.read_text(encoding="utf-8") if file.exists() else ""
        if (count := source.count(self.old)) != 1:
            raise ValueError(f"{self.file}: {self.old!r} stands there {count} times; expected once.")
        return source.replace(self.old, self.new)


def mutants(file: str, tests: str, *pairs: tuple[str, str] | tuple[str, str, str]) -> list[Mutant]:
    """Return mutants of one file; a third text names the tests of a mutant that has its own."""
    return [Mutant(file, old, new, own[0] if own else tests) for old, new, *own in pairs]


def values(name: str) -> str:
    """Return the tests of a row's value."""
    tests = "tests/test_operations.py::test_value"
    return f"'{tests}[{name}]' '{tests}s_on_arrays[{name}]'"


def slopes(name: str) -> str:
    """Return the test of a row's local derivatives."""
    return f"'tests/test_operations.py::test_local_derivatives[{name}]'"
