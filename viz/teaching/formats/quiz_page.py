"""A page that marks its answers in the browser and names the mistake behind a wrong one."""

from __future__ import annotations

import json
from functools import cache
from html import escape
from importlib import resources
from math import floor
from typing import Any

from ..language import Language
from ..problem import Blank, ChoiceQuestion, NumberQuestion, Problem, Question
from ..sheet import Sheet
from ..text_parts import Say, Several
from .markup import Html, page

STYLE = """\
input[type=text] { font: inherit; width: 6em; padding: .1em .3em }
[data-verdict] { margin-left: .6em; font-size: .9em }
.right { color: #0a6b2d } .right::before { content: "✓ " }
.wrong { color: #a3141e } .wrong::before { content: "✗ " }
pre { white-space: pre-wrap; border: 1px solid #888; padding: .5em }
.bar { position: sticky; top: 0; background: #fff; border-bottom: 1px solid #888; padding: .5em 0;
  display: flex; gap: 1em; flex-wrap: wrap; align-items: center }
fieldset { border: 1px solid #888; margin: .5em 0 }
legend { padding: 0 .4em } fieldset label { display: block; padding: .15em 0 }
@media print { .bar { position: static } #save, #as-text { display: none } }
"""
SCORE = Say(
    "{right} of {total} right, {first} at the first try.", right="{right}", total="{total}", first="{first}"
)
CONCEALED = Say(
    "This page marks your answers in the browser. It holds them only as digests, which conceals them but "
    "does not keep them secret; a score that counts needs a learning platform."
)


def page_of(sheet: Sheet, note: Say = CONCEALED, more: str = "") -> str:
    """Return the page, with a choice of the variant if there are several, a note and more of a script."""
    language = sheet.language
    html = Html(language, lambda blank: "")
    questions: dict[str, Any] = {}
    sections = []
    for name, variant in sheet.named():
        parts = []
        for i, problem in enumerate(variant, start=1):
            parts.append(_problem(language, f"{name}{i}", i, problem))
            questions |= {
                f"{name}{i}-{k}": _data(language, f"{sheet.heading(name)}/{problem.id}/{k}", question)
                for k, question in enumerate(problem.questions)
            }
        sections.append(f'<section data-variant="{name}">{"".join(parts)}</section>')
    title = language.text(sheet.title)
    end = f'<p class="note">{html.inline(note)}</p>'
    body = f"<h1>{escape(title)}</h1>{_bar(html, sheet)}{''.join(sections)}{end}"
    said = {
        "right": Say("Right."),
        "wrong": Say("Not yet."),
        "number": Say("Please type a number."),
        "score": SCORE,
    }
    data = {"questions": questions, "say": {name: language.text(text) for name, text in said.items()}}
    block = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    body += f'<script type="application/json" id="data">{block}</script>'
    return page(language.code, title, body, STYLE, _script() + more)


@cache
def _script() -> str:
    return resources.files(__package__).joinpath("grading.js").read_text(encoding="utf-8")


def _bar(html: Html, sheet: Sheet) -> str:
    name, variant, save, show = [
        html.inline(text)
        for text in (Say("Name"), Say("Variant"), Say("Save the results"), Say("Show the results as text"))
    ]
    options = "".join([f"<option>{name}</option>" for name, _ in sheet.named()])
    choice = f'<label>{variant} <select id="variant">{options}</select></label>'
    return (
        f'<div class="bar"><label>{name} <input type="text" id="name"></label>'
        f'{choice if len(sheet.variants) > 1 else ""}<output id="score" aria-live="polite"></output>'
        f'<button type="button" id="save">{save}</button>'
        f'<button type="button" id="as-text">{show}</button></div><pre id="text" tabindex="0" hidden></pre>'
    )


def _problem(language: Language, id: str, i: int, problem: Problem) -> str:
    html = Html(language, lambda blank: _field(language, id, problem, blank))
    points = Several("{n} point", "{n} points", problem.points)
    heading = Say("{i}. {title} ({points})", i=str(i), title=problem.title, points=points)
    parts = [html.heading(2, html.inline(heading)), *[html.paragraph(part) for part in problem.text]]
    parts += [
        _choice(html, f"{id}-{k}", question)
        for k, question in enumerate(problem.questions)
        if isinstance(question, ChoiceQuestion)
    ]
    return "".join(parts)


def _field(language: Language, id: str, problem: Problem, blank: Blank) -> str:
    if blank.question is None:
        return '<span class="blank"></span>'
    question = problem.questions[blank.question]
    if isinstance(question, ChoiceQuestion):
        return ""
    label = escape(language.text(question.asked))
    at = f"{id}-{blank.question}"
    return (
        f'<input type="text" inputmode="decimal" data-question="{at}" aria-label="{label}">'
        f'<span data-verdict="{at}" role="status"></span>'
    )


def _choice(html: Html, id: str, question: ChoiceQuestion) -> str:
    labels = [
        f'<label><input type="radio" name="{id}" value="{i}"> {html.inline(option.shown)}</label>'
        for i, option in enumerate(question.options)
    ]
    return (
        f'<fieldset data-question="{id}"><legend>{html.inline(question.asked)}</legend>{"".join(labels)}'
        f'<span data-verdict="{id}" role="status"></span></fieldset>'
    )


def digest(text: str) -> str:
    """Return the digest that grading.js computes of a text.

    >>> digest("salt/3")
    '2f53e79ba48eb236'
    """
    a, b = 0x811C9DC5, 0x9DC5811C
    for byte in text.encode():
        a = (a ^ byte) * 0x01000193 & 0xFFFFFFFF
        b = (b ^ byte) * 0x01000197 & 0xFFFFFFFF
        b ^= b >> 13
    return f"{a:08x}{b:08x}"


def _data(language: Language, salt: str, question: Question) -> dict[str, Any]:
    """Return a question for the script: digests of the right answer and of wrong ones, with their reasons."""
    asked = language.text(question.asked)
    salt = digest(salt)
    if isinstance(question, NumberQuestion):
        grid = question.grid
        right = digest(f"{salt}/{_place(question.answer, grid)}")
        wrong = [[digest(f"{salt}/{_place(w.value, grid)}"), language.text(w.reason)] for w in question.wrong]
        return {"asked": asked, "salt": salt, "grid": grid, "right": [right], "wrong": wrong}
    marked = [(digest(f"{salt}/{i}"), option.reason) for i, option in enumerate(question.options)]
    wrong = sorted([[code, language.text(reason)] for code, reason in marked if reason])
    return {"asked": asked, "salt": salt, "right": [marked[question.answer][0]], "wrong": wrong}


def _place(x: float, grid: float) -> int:
    return floor(x / grid + 0.5)
