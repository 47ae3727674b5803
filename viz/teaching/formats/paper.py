"""Hand-outs and keys on paper: Markdown, HTML for print, LaTeX."""

from __future__ import annotations

from ..problem import Blank, NumberQuestion, Problem, Question
from ..sheet import Sheet
from ..text_parts import Inline, Say, Several, number
from .markup import LETTERS, Html, LatexMarkup, Markup

MARKUPS: dict[str, type[Markup]] = {"markdown": Markup, "html": Html, "latex": LatexMarkup}


def handout(sheet: Sheet, format: str) -> str:
    """Return what students get: no answer, no solution."""
    made = MARKUPS[format]
    blank = made(sheet.language, lambda blank: "")
    markup = made(sheet.language, lambda _: blank.blank())
    sections = []
    for name, variant in sheet.named():
        parts = [markup.heading(1, markup.escaped(sheet.heading(name))), _fields(markup, variant)]
        for i, problem in enumerate(variant, start=1):
            whole = [_heading(markup, i, problem), *[markup.paragraph(part) for part in problem.text]]
            whole += [_asked(markup, question) for question in problem.questions]
            parts.append(markup.unbroken(whole))
        sections.append("\n".join(parts))
    return markup.document(sheet.language.text(sheet.title), sections)


def _fields(markup: Markup, variant: tuple[Problem, ...]) -> str:
    points = sum(problem.points for problem in variant)
    labels = [Say("Name"), Say("Date"), Say("Points (of {n})", n=str(points))]
    if isinstance(markup, Html):
        spans = "".join([f"<span>{markup.inline(label)}</span>" for label in labels])
        return f'<div class="fields">{spans}</div>'
    return markup.sentence(" ".join([f"{markup.inline(label)}: {markup.blank()}" for label in labels]))


def _heading(markup: Markup, i: int, problem: Problem) -> str:
    points = Several("{n} point", "{n} points", problem.points)
    return markup.heading(
        2, markup.inline(Say("{i}. {title} ({points})", i=str(i), title=problem.title, points=points))
    )


def _asked(markup: Markup, question: Question) -> str:
    if isinstance(question, NumberQuestion):
        return ""
    options = [markup.inline(option.shown) for option in question.options]
    return markup.sentence(markup.inline(question.asked)) + markup.choices(options)


def key(sheet: Sheet, format: str) -> str:
    """Return the teacher's key: all answers, then the solutions and typical mistakes of each variant."""
    made = MARKUPS[format]
    markup = made(sheet.language, lambda blank: "")
    title = sheet.language.text(Say("Key: {title}", title=sheet.title))
    names = [name for name, _ in sheet.named()]
    tables = [_table(markup, sheet, names[i : i + WIDEST]) for i in range(0, len(names), WIDEST)]
    sections = [markup.heading(1, markup.escaped(title)) + "\n" + "\n".join(tables)]
    for name, variant in sheet.named():
        parts = [markup.heading(1, markup.escaped(sheet.heading(name)))]
        for i, problem in enumerate(variant, start=1):
            filled = made(sheet.language, lambda blank, problem=problem: _answer(markup, problem, blank))  # type: ignore[misc]
            stated = [_heading(markup, i, problem), *[filled.paragraph(part) for part in problem.text]]
            stated += [_answered(markup, question) for question in problem.questions]
            solved = [markup.sentence(markup.inline(Say("Solution:")))]
            solved += [markup.paragraph(part) for part in problem.solution]
            parts += [markup.unbroken(stated), markup.unbroken(solved), _mistakes(markup, problem)]
        sections.append("\n".join(parts))
    return markup.document(title, sections)


def answer_of(question: Question) -> Inline:
    """Return the right answer: a number, or the option's letter."""
    if isinstance(question, NumberQuestion):
        return number(question.answer)
    return LETTERS[question.answer]


WIDEST = 6
"""The most variants side by side in the table of a key."""


def _table(markup: Markup, sheet: Sheet, names: list[str]) -> str:
    """Return the answers of the variants with these names."""
    head: list[Inline] = [Say("problem"), Say("question"), *names]
    shown = [variant for name, variant in sheet.named() if name in names]
    rows: list[list[str]] = []
    for i, alike in enumerate(zip(*shown, strict=True), start=1):
        for k in range(max(len(problem.questions) for problem in alike)):
            answers: list[Inline] = [
                answer_of(problem.questions[k]) if k < len(problem.questions) else "" for problem in alike
            ]
            rows.append([markup.inline(cell) for cell in (str(i), str(k + 1), *answers)])
    return markup.table([markup.inline(title) for title in head], rows)


def _answer(markup: Markup, problem: Problem, blank: Blank) -> str:
    if blank.question is None:
        return ""
    return markup.inline(answer_of(problem.questions[blank.question]))


def _answered(markup: Markup, question: Question) -> str:
    if isinstance(question, NumberQuestion):
        return ""
    shown = [
        markup.inline(option.shown) + (" ✓" if option.reason is None else "") for option in question.options
    ]
    if isinstance(markup, LatexMarkup):
        shown = [text.replace("✓", r"$\leftarrow$") for text in shown]
    return markup.sentence(markup.inline(question.asked)) + markup.choices(shown)


def _mistakes(markup: Markup, problem: Problem) -> str:
    rows: list[tuple[Inline, Inline, Inline]] = []
    for question in problem.questions:
        if isinstance(question, NumberQuestion):
            rows += [(number(w.value), question.asked, w.reason) for w in question.wrong]
        else:
            rows += [
                (LETTERS[i], option.shown, option.reason)
                for i, option in enumerate(question.options)
                if option.reason
            ]
    if not rows:
        return ""
    head = [markup.inline(title) for title in (Say("wrong answer"), Say("to"), Say("mistake"))]
    cells = [
        [markup.inline(value), _lines(markup, asked, 3.6), _lines(markup, reason, 8.5)]
        for value, asked, reason in rows
    ]
    title = markup.sentence(markup.inline(Say("Typical mistakes:")))
    return markup.unbroken([title, markup.table(head, cells)])


def _lines(markup: Markup, part: Inline, centimeters: float) -> str:
    """Return a cell in which words may take several lines, which LaTeX has to be told."""
    text = markup.inline(part)
    if isinstance(markup, LatexMarkup) and isinstance(part, Say):
        return rf"\parbox[t]{{{centimeters}cm}}{{\raggedright {text}\strut}}"
    return text
