"""What a problem consists of: text, tables with blanks, questions, answers, wrong answers with reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import ceil, log2
from random import Random
from typing import Any

from autograd_core.base import counted

from .text_parts import Inline, Math, Say, number

RELATIVE, ABSOLUTE = 0.005, 0.0005
"""How far a right answer may be off: people round to three digits."""

APART = 3.0
"""How many tolerances lie at least between a right and a wrong answer."""

MOST_WRONG, LARGEST_WRONG = 4, 1000.0

RIGHT_TOTAL = ("right total",)
"""What is asked for in place of a wrong line's number. Options for it would tell which line is wrong."""


@dataclass(frozen=True, slots=True)
class Blank:
    """A place in a table for the answer to the question with this index, or to write what nobody checks."""

    question: int | None = None


CellContent = Inline | Blank


@dataclass(frozen=True, slots=True)
class CellTable:
    """A table; without a head, a list of equations."""

    head: tuple[Inline, ...]
    rows: tuple[tuple[CellContent, ...], ...]


Paragraph = Say | CellTable
"""A sentence or a table, as a paragraph of its own."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A wrong answer, and the misconception that leads to it."""

    value: float
    reason: Say


@dataclass(frozen=True, slots=True)
class NumberQuestion:
    """A question whose answer is a number.

    `what` says the same for programs: ("value", "u"), ("gradient", "J", "x"), ("local", "u", "x"), …
    """

    asked: Inline
    answer: float
    what: tuple[str, ...]
    wrong: tuple[Wrong, ...] = ()

    @property
    def tolerance(self) -> float:
        """How far an answer may be from the right one.

        >>> NumberQuestion(number(0.0), -12.0, ("value", "u")).tolerance
        0.06
        """
        return max(ABSOLUTE, RELATIVE * abs(self.answer))

    @property
    def grid(self) -> float:
        """The grid for digests of answers: at least the tolerance, and a power of 2.

        An answer is right at a neighbor's place, too, so that it may be up to 1.5 times this off. The
        tolerance itself, a part of the answer, would tell the answer.

        >>> NumberQuestion(number(0.0), -12.0, ("value", "u")).grid
        0.0625
        """
        return 2.0 ** ceil(log2(self.tolerance))


@dataclass(frozen=True, slots=True)
class Option:
    """One of several answers to choose from; only the right one has no `reason` why it is wrong."""

    shown: Say | Math
    reason: Say | None = None


@dataclass(frozen=True, slots=True)
class ChoiceQuestion:
    """A question with options, one of which is right."""

    asked: Say
    options: tuple[Option, ...]
    what: tuple[str, ...]

    @property
    def answer(self) -> int:
        """The index of the right option."""
        return [option.reason is None for option in self.options].index(True)


Question = NumberQuestion | ChoiceQuestion


@dataclass(frozen=True, repr=False)
class Problem:
    """A problem with its questions, answers and solution, in no language yet.

    `program` is the function as `parse` reads it, and `values` are its inputs; `facts` holds what else the
    problem states, for programs that check it.
    """

    kind: str
    title: Say
    text: tuple[Paragraph, ...]
    questions: tuple[Question, ...]
    solution: tuple[Paragraph, ...]
    program: str
    values: dict[str, float]
    facts: dict[str, Any] = field(default_factory=dict)
    level: int = 1
    seed: int = 0
    number: int = 0
    variant: int = 0

    def __repr__(self) -> str:
        return f"<Problem {self.id}: {self.title.template}, {counted(self.points, 'question')}>"

    @property
    def id(self) -> str:
        """A name that is unique among problems.

        It tells kind, level, seed, number and variant, from which the problem can be made again.
        """
        return f"{self.kind}-{self.level}-{self.seed}-{self.number}-{self.variant}"

    @property
    def points(self) -> int:
        """One point a question."""
        return len(self.questions)

    @property
    def answers(self) -> tuple[float, ...]:
        """The right answers: numbers, and indices of options."""
        return tuple([round(question.answer, 6) for question in self.questions])

    def with_choices(self) -> Problem:
        """Return the problem with its numbers to choose from a list, where enough wrong ones are known."""
        random = Random(f"options of {self.id}")
        return replace(
            self, questions=tuple([_with_options(question, random) for question in self.questions])
        )


def _with_options(question: Question, random: Random) -> Question:
    if isinstance(question, ChoiceQuestion) or len(question.wrong) < 2 or question.what == RIGHT_TOTAL:
        return question
    options = [Option(number(question.answer))]
    options += [Option(number(wrong.value), wrong.reason) for wrong in question.wrong[:3]]
    random.shuffle(options)
    return ChoiceQuestion(Say("{asked} = ?", asked=question.asked), tuple(options), question.what)


def numeric(asked: Inline, answer: float, what: tuple[str, ...], wrong: Iterable[Wrong]) -> NumberQuestion:
    """Make a question, with those wrong answers that differ from the right one and from each other."""
    question = NumberQuestion(asked, answer + 0.0, what)
    kept: list[Wrong] = []
    for candidate in wrong:
        known = [answer, *[other.value for other in kept]]
        room = APART * max(question.tolerance, RELATIVE * abs(candidate.value))
        if (
            len(kept) < MOST_WRONG
            and abs(candidate.value) <= LARGEST_WRONG
            and all(abs(candidate.value - x) > room for x in known)
        ):
            kept.append(Wrong(candidate.value + 0.0, candidate.reason))
    return replace(question, wrong=tuple(kept))


def shuffled(options: Sequence[Option], random: Random) -> tuple[Option, ...]:
    """Return the options in another order."""
    mixed = list(options)
    random.shuffle(mixed)
    return tuple(mixed)


def say_all(paragraphs: Iterable[Paragraph], do: Callable[[Say], Any]) -> None:
    """Call `do` with every sentence of the paragraphs, and with the sentences inside them."""
    for paragraph in paragraphs:
        cells = [paragraph] if isinstance(paragraph, Say) else [*paragraph.head, *sum(paragraph.rows, ())]
        for cell in cells:
            if isinstance(cell, Say):
                do(cell)
                say_all([part for part in cell.fields.values() if isinstance(part, Say)], do)
