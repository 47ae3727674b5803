"""Problems as Jupyter notebooks: cells that check themselves, with hidden tests for nbgrader or Otter."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from autograd_core.exercises import key

from ..language import Language
from ..problem import ChoiceQuestion, NumberQuestion, Problem, Question
from ..sheet import Sheet
from ..text_parts import Say, Several
from .markup import LETTERS, Markup
from .moodle import plain
from .quiz_page import digest

CONCEALED = Say(
    "Put your answers in place of the three dots and run the cell. It holds the right ones only as digests, "
    "which conceals them but does not keep them secret."
)
JsonCell = dict[str, Any]
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
    return _written(sheet, partial(_problem, solved=solved))


def otter(sheet: Sheet) -> str:
    """Return the teacher's notebook in the format of Otter Assign.

    A problem is a question. Each of its numbers and choices has a public test, which names mistakes from
    digests, and a hidden one of one point.
    """
    first = _raw("config", "# ASSIGNMENT CONFIG\ninit_cell: true")
    return _written(sheet, _otter_problem, [first])


def _written(
    sheet: Sheet,
    write: Callable[[CellMarkup, str, int, Problem], list[JsonCell]],
    first: Sequence[JsonCell] = (),
) -> str:
    markup = CellMarkup(sheet.language, lambda blank: f"**({LETTERS[blank.question or 0]})**")
    cells = [*first, _text("note", markup.inline(CONCEALED))]
    cells.append(_code("import", "from autograd_core.exercises import Exercise", {}))
    for name, variant in sheet.named():
        cells.append(_text(f"variant-{name}", f"# {markup.escaped(sheet.heading(name))}"))
        for i, problem in enumerate(variant, start=1):
            cells += write(markup, f"{name}{i}", i, problem)
    made = {"cells": cells, "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def _stated(markup: CellMarkup, id: str, i: int, problem: Problem) -> JsonCell:
    """Return the cell with the problem's text and options."""
    points = Several("{n} point", "{n} points", problem.points)
    title = Say("{i}. {title} ({points})", i=str(i), title=problem.title, points=points)
    parts = [markup.heading(2, markup.inline(title)), *[markup.paragraph(part) for part in problem.text]]
    for question in problem.questions:
        if isinstance(question, ChoiceQuestion):
            parts.append(markup.sentence(markup.inline(question.asked)))
            parts.append(markup.choices([markup.inline(option.shown) for option in question.options]))
    return _text(id, "\n".join(parts))


def _named(id: str, problem: Problem) -> list[tuple[str, Question]]:
    """Return the questions with the variables that their answers are put into."""
    return [(f"{id}{LETTERS[k]}", question) for k, question in enumerate(problem.questions)]


def _problem(markup: CellMarkup, id: str, i: int, problem: Problem, solved: bool) -> list[JsonCell]:
    questions = _named(id, problem)
    lines = [f"{name} = ...  # {_asked(markup.language, question)}" for name, question in questions]
    if solved:
        answers = [f"{name} = {_answer(question)}" for name, question in questions]
        lines += ["### BEGIN SOLUTION", *answers, "### END SOLUTION"]
    answer = _code(f"{id}-answers", "\n".join(lines), _grading(solution=True))
    cells = [_stated(markup, id, i, problem), answer]
    for name, question in questions:
        check = _check(markup.language, name, problem, question)
        if solved:
            check += f"\n### BEGIN HIDDEN TESTS\n{_test(name, question)}\n### END HIDDEN TESTS"
        cells.append(_code(name, check, _grading(solution=False)))
    return cells


def _otter_problem(markup: CellMarkup, id: str, i: int, problem: Problem) -> list[JsonCell]:
    questions = _named(id, problem)
    lines = [
        f"# {_asked(markup.language, question)}\n{name} = {_answer(question)} # SOLUTION"
        for name, question in questions
    ]
    cells = [
        _raw(f"{id}-begin", f"# BEGIN QUESTION\nname: {id}"),
        _stated(markup, id, i, problem),
        _raw(f"{id}-solution", "# BEGIN SOLUTION"),
        _code(f"{id}-answers", "\n".join(lines), {}),
        _raw(f"{id}-solved", "# END SOLUTION"),
        _raw(f"{id}-tests", "# BEGIN TESTS"),
    ]
    for name, question in questions:
        check = _code(name, _tested(0, _check(markup.language, name, problem, question)), {})
        check["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "right\n"}]
        cells += [check, _code(f"{name}-hidden", _tested(1, _test(name, question)), {})]
    return [*cells, _raw(f"{id}-tested", "# END TESTS"), _raw(f"{id}-end", "# END QUESTION")]


def _tested(points: int, code: str) -> str:
    """Return the code of a test for Otter: one that gives points is hidden."""
    hidden = str(points > 0).lower()
    config = f'""" # BEGIN TEST CONFIG\npoints: {points}\nhidden: {hidden}\n""" # END TEST CONFIG'
    return f"{config}\n{code}"


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


def _raw(id: str, text: str) -> JsonCell:
    return {"cell_type": "raw", "id": id, "metadata": {}, "source": text}


def _text(id: str, text: str) -> JsonCell:
    return {"cell_type": "markdown", "id": id, "metadata": {}, "source": text.rstrip()}


def _code(id: str, text: str, grading: dict[str, Any]) -> JsonCell:
    metadata = {"nbgrader": grading | {"grade_id": id, "cell_type": "code"}} if grading else {}
    made = {"cell_type": "code", "id": id, "metadata": metadata, "source": text}
    return made | {"execution_count": None, "outputs": []}
