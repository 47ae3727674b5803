"""Problems as Jupyter notebooks: cells that check themselves, and for teachers hidden tests for nbgrader."""

from __future__ import annotations

import json
from typing import Any

from autograd_core.exercises import key

from ..language import Language
from ..phrases import Say, Several
from ..problem import ChoiceQuestion, NumberQuestion, Problem, Question
from .grading import digest
from .markup import LETTERS, Markup
from .moodle import plain
from .problem_sheet import Sheet

CONCEALED = Say(
    "Put your answers in place of the three dots and run the cell. It holds the right ones only as digests, "
    "which conceals them but does not keep them secret."
)
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


class CellMarkup(Markup):
    """Markdown with formulas in LaTeX, which Jupyter shows."""

    notation = "latex"

    def math(self, form: str) -> str:
        # A bar would end the cell of a table.
        return f"${form.strip().replace('−', '-').replace('|', chr(92) + 'vert ')}$"


def notebook(sheet: Sheet, solved: bool) -> str:
    """Return the notebook: for students, or `solved`, as the source of an assignment of nbgrader.

    A problem has a cell for its answers and, for each question, a locked cell of one point that says whether
    the answer is right. In the solved notebook nbgrader finds solutions and hidden tests between its marks,
    and takes them away in the students' version.
    """
    markup = CellMarkup(sheet.language, lambda blank: f"**({LETTERS[blank.question or 0]})**")
    cells = [_text("note", markup.inline(CONCEALED))]
    cells.append(_code("import", "from autograd_core.exercises import Exercise", {}))
    for name, variant in sheet.named():
        cells.append(_text(f"variant-{name}", f"# {markup.escaped(sheet.heading(name))}"))
        for i, problem in enumerate(variant, start=1):
            cells += _problem(markup, f"{name}{i}", i, problem, solved)
    made = {"cells": cells, "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def _problem(markup: CellMarkup, id: str, i: int, problem: Problem, solved: bool) -> list[dict[str, Any]]:
    points = Several("{n} point", "{n} points", problem.points)
    title = Say("{i}. {title} ({points})", i=str(i), title=problem.title, points=points)
    parts = [markup.heading(2, markup.inline(title)), *[markup.paragraph(part) for part in problem.text]]
    for question in problem.questions:
        if isinstance(question, ChoiceQuestion):
            parts.append(markup.sentence(markup.inline(question.asked)))
            parts.append(markup.choices([markup.inline(option.shown) for option in question.options]))
    questions = [(f"{id}{LETTERS[k]}", question) for k, question in enumerate(problem.questions)]
    lines = [f"{name} = ...  # {_asked(markup.language, question)}" for name, question in questions]
    if solved:
        answers = [f"{name} = {_answer(question)}" for name, question in questions]
        lines += ["### BEGIN SOLUTION", *answers, "### END SOLUTION"]
    cells = [_text(id, "\n".join(parts)), _code(f"{id}-answers", "\n".join(lines), _grading(solution=True))]
    for name, question in questions:
        check = _check(markup.language, name, problem, question)
        if solved:
            check += f"\n### BEGIN HIDDEN TESTS\n{_test(name, question)}\n### END HIDDEN TESTS"
        cells.append(_code(name, check, _grading(solution=False)))
    return cells


def _asked(language: Language, question: Question) -> str:
    if isinstance(question, NumberQuestion):
        return language.text(question.asked)
    return ", ".join([repr(letter) for letter in LETTERS[: len(question.options)]])


def _answer(question: Question) -> str:
    if isinstance(question, NumberQuestion):
        return plain(question.answer)
    return repr(LETTERS[question.answer])


def _check(language: Language, name: str, problem: Problem, question: Question) -> str:
    """Return the code that says whether an answer is right, from digests."""
    # Whoever knows the problem's id can make it again, with its answers.
    salt, grid = digest(f"{name}/{problem.id}"), None
    wrong: list[tuple[float | str, str]]
    right: float | str
    if isinstance(question, NumberQuestion):
        grid, right = question.grid, question.answer
        wrong = [(w.value, language.text(w.reason)) for w in question.wrong]
    else:
        right = LETTERS[question.answer]
        wrong = [
            (LETTERS[i], language.text(option.reason))
            for i, option in enumerate(question.options)
            if option.reason
        ]
    mistakes = sorted([(key(salt, [value], grid), said) for value, said in wrong])
    lines = "".join([f"        {code!r}: {said!r},\n" for code, said in mistakes])
    known = f"{{\n{lines}    }}" if lines else "{}"
    near = "" if grid is None else f"    grid={grid!r},\n"
    return f"Exercise(\n    {key(salt, [right], grid)!r},\n{near}    mistakes={known},\n)({name})"


def _test(name: str, question: Question) -> str:
    if isinstance(question, NumberQuestion):
        return f"assert abs(float({name}) - ({plain(question.answer)})) <= {plain(question.tolerance)}"
    return f"assert {name} == {_answer(question)}"


def _grading(solution: bool) -> dict[str, Any]:
    """Return what nbgrader reads of a cell: an answer, or a test of one point."""
    marks = {"schema_version": 3, "solution": solution, "grade": not solution, "locked": not solution}
    return marks | {"task": False} | ({} if solution else {"points": 1})


def _text(id: str, text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": id, "metadata": {}, "source": text.rstrip()}


def _code(id: str, text: str, grading: dict[str, Any]) -> dict[str, Any]:
    metadata = {"nbgrader": grading | {"grade_id": id, "cell_type": "code"}} if grading else {}
    made = {"cell_type": "code", "id": id, "metadata": metadata, "source": text}
    return made | {"execution_count": None, "outputs": []}
