"""`course`: five lessons of 45 minutes along five lectures, as files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from autograd_core import Value, parse, steps
from autograd_core.base import write_whole

from ...stepper.stepper import stepper
from ..formats import FORMATS, Sheet, sheet, write
from ..formats.markup import Html, Markup
from ..formats.scorm import REPORTED, quiz_package
from ..language import language
from ..problem import NumberQuestion, Wrong
from ..text_parts import Inline, Say, join, number, slope
from ..text_parts import name as named
from .lesson_plans import FILES, LESSONS, MINUTES, Lesson
from .slides import slides
from .steps_worksheet import point_of, title_of, worksheet

ELSEWHERE = "At {node}: {reason}"
MOST_MISTAKES = 8
TITLE = Say("Backpropagation in five lessons")


class CourseFiles(NamedTuple):
    """The files of a course that were written, and those that were kept because they hold something else."""

    written: list[Path]
    kept: list[Path]


def course(
    folder: str | os.PathLike[str], *, lang: str = "en", seed: int = 1, force: bool = False
) -> CourseFiles:
    """Write a course into a folder and return its files.

    Each lesson has a plan, slides, a live page, a worksheet, a hand-out, a page for practice and homework;
    `index.html` leads to the plans. The same seed gives the same problems. A file that is there and holds
    anything else, such as a teacher's changes or problems of another seed, is kept unless `force` says to
    overwrite it. Raises `DataValueError` for an unknown language, `OSError` if a file cannot be written.
    """
    html = Html(language(lang), lambda blank: "")
    links = [
        [f'<a href="{lesson.folder}/plan.html">{html.inline(lesson.title)}</a>', lesson.lecture]
        for lesson in LESSONS
    ]
    index = html.document(
        html.language.text(TITLE), [html.heading(1, html.inline(TITLE)) + html.lines(links)]
    )
    contents = {Path("index.html"): index.encode()}
    for lesson in LESSONS:
        for name, content in _files(lesson, lang, seed).items():
            contents[Path(lesson.folder, name)] = content
    files = CourseFiles([], [])
    for inside, content in contents.items():
        path = Path(folder, inside)
        if not force and path.exists() and path.read_bytes() != content:
            files.kept.append(path)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content, "course")
        files.written.append(path)
    return files


def _files(lesson: Lesson, lang: str, seed: int) -> dict[str, bytes]:
    output = _function(lesson)
    made = {
        "slides.tex": slides(output, "beamer", lang=lang),
        "slides.html": slides(output, "html", lang=lang),
        "live.html": stepper(output, lang=lang).html,
        "worksheet.html": worksheet(output, "html", lang=lang),
        "worksheet-key.html": worksheet(output, "html", blank=(), lang=lang),
        "plan.html": plan(lesson, Html(language(lang), lambda blank: ""), seed),
    }
    files = {name: text.encode() for name, text in made.items()}
    in_class, at_home = _sheets(lesson, lang, seed)
    wanted = (("handout", in_class, ("html", "latex")), ("homework", at_home, ("html", "latex", "moodle")))
    for name, of, formats in wanted:
        for format in formats:
            for file in write(of, format):
                files[f"{name}{'-key' if file.key else ''}{FORMATS[format][0]}"] = file.content
    files["practice.html"] = write(in_class, "page")[0].content
    spoken = in_class.language
    files["quiz.zip"] = quiz_package(made["live.html"], in_class.heading("A"), lang, spoken.text(REPORTED))
    return files


def _function(lesson: Lesson) -> Value:
    return parse(lesson.program, lesson.values)


@cache
def _sheets(lesson: Lesson, lang: str, seed: int) -> tuple[Sheet, Sheet]:
    """Return the problems in class and those at home."""
    title = language(lang).text(lesson.title)
    kinds = ((seed, lesson.class_kinds), (seed + 100, lesson.home_kinds))
    in_class, at_home = [
        sheet(seed, len(kinds), kinds=kinds, level=lesson.level, lang=lang, title=title)
        for seed, kinds in kinds
    ]
    return in_class, at_home


def plan(lesson: Lesson, markup: Markup, seed: int = 1) -> str:
    """Return the teacher's plan: aims, minutes, results, the usual mistakes, and the files."""
    table = steps(_function(lesson))
    J = table.output
    results = [join(named(J), "=", number(table.forward[-1].value))]
    results += [join(slope(J, x), "=", number(table.gradients[x])) for x in table.inputs]
    minutes = [(str(n), what) for n, what in ((5, lesson.board), *MINUTES)]
    parts = [
        markup.heading(1, markup.inline(lesson.title)),
        markup.sentence(markup.inline(Say("Along the lecture {lecture}.", lecture=lesson.lecture))),
        markup.heading(2, markup.inline(Say("Aims"))),
        _bullets(markup, lesson.aims),
        markup.heading(2, markup.inline(Say("The function, and its results"))),
        _bullets(markup, [title_of(table), point_of(table), *results]),
        markup.heading(2, markup.inline(Say("The 45 minutes"))),
        _bullets(markup, [Say("{n} min: {what}", n=n, what=what) for n, what in minutes]),
        markup.heading(2, markup.inline(Say("What students usually get wrong"))),
        _bullets(markup, _mistakes(lesson, markup.language.code, seed)),
        markup.heading(2, markup.inline(Say("Files"))),
        markup.lines([[_links(markup, names) + ":", markup.inline(what)] for names, what in FILES]),
    ]
    return markup.document(markup.language.text(lesson.title), ["\n".join(parts)])


def _bullets(markup: Markup, lines: Iterable[Inline]) -> str:
    return markup.lines([[markup.inline(line)] for line in lines])


def _links(markup: Markup, names: str) -> str:
    if isinstance(markup, Html):
        return ", ".join([f'<a href="{name}">{name}</a>' for name in names.split()])
    return ", ".join([f"`{name}`" for name in names.split()])


def _mistakes(lesson: Lesson, lang: str, seed: int) -> list[Inline]:
    """Return the mistakes behind wrong answers to most questions of these problems, each with an example."""
    problems = [problem for of in _sheets(lesson, lang, seed) for problem in of.variants[0]]
    questions = [question for problem in problems for question in problem.questions]
    found = [
        (wrong, question)
        for question in questions
        if isinstance(question, NumberQuestion)
        for wrong in question.wrong
        if wrong.reason.template != ELSEWHERE  # A reason with its place is about one problem only.
    ]
    first: dict[Say, tuple[Wrong, NumberQuestion]] = {}
    for wrong, question in found:
        first.setdefault(wrong.reason, (wrong, question))
    count = Counter([wrong.reason for wrong, _ in found])
    return [
        Say("{reason} For example {asked} = {wrong} instead of {right}.", reason=reason,
            asked=first[reason][1].asked, wrong=number(first[reason][0].value),
            right=number(first[reason][1].answer))
        for reason, _ in count.most_common(MOST_MISTAKES)
    ]  # fmt: skip
