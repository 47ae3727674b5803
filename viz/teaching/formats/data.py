"""Problems as JSON: for students without answers, for teachers with them."""

from __future__ import annotations

import json
from typing import Any

from ..language import Language
from ..problem import Blank, CellContent, NumberQuestion, Paragraph, Problem, Question
from ..sheet import Sheet
from ..text_parts import Inline, Say


def data(sheet: Sheet, answers: bool) -> str:
    """Return the sheet as JSON."""
    made = {
        "title": sheet.language.text(sheet.title),
        "language": sheet.language.code,
        "variants": [
            {"name": name, "problems": [_problem(sheet.language, problem, answers) for problem in variant]}
            for name, variant in sheet.named()
        ],
    }
    return json.dumps(made, ensure_ascii=False, indent=2) + "\n"


def _problem(language: Language, problem: Problem, answers: bool) -> dict[str, Any]:
    # Whoever knows a problem's id can make it again, with its answers.
    told: dict[str, Any] = {"id": problem.id} if answers else {}
    told |= {
        "kind": problem.kind,
        "level": problem.level,
        "title": language.text(problem.title),
        "text": [_paragraph(language, part) for part in problem.text],
        "function": problem.program,
        "inputs": problem.values,
        "questions": [_question(language, question, answers) for question in problem.questions],
    }
    if problem.facts and answers:
        told["facts"] = problem.facts
    if answers:
        told["solution"] = [_paragraph(language, part) for part in problem.solution]
    return told


def _paragraph(language: Language, paragraph: Paragraph) -> Any:
    if isinstance(paragraph, Say):
        return language.text(paragraph)
    rows = [[_cell(language, content) for content in row] for row in paragraph.rows]
    return {"head": [language.text(title) for title in paragraph.head], "rows": rows}


def _cell(language: Language, content: CellContent) -> Any:
    return {"blank": content.question} if isinstance(content, Blank) else language.text(content)


def _question(language: Language, question: Question, answers: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"asked": language.text(question.asked), "what": list(question.what)}
    if isinstance(question, NumberQuestion):
        if answers:
            told |= {"answer": question.answer, "tolerance": question.tolerance}
            told["mistakes"] = [{"value": w.value, "reason": language.text(w.reason)} for w in question.wrong]
        return told
    told["options"] = [language.text(option.shown) for option in question.options]
    if answers:
        told["answer"] = question.answer
        reasons: list[Inline | None] = [option.reason for option in question.options]
        told["reasons"] = [reason and language.text(reason) for reason in reasons]
    return told
