"""Question banks for Moodle: Moodle XML, with Cloze questions for tables, and GIFT."""

from __future__ import annotations

import re
from base64 import b64encode
from html import escape

from autograd_core import parse
from autograd_core.base import short

from ...drawing.dot import draw_dot
from ..language import Language
from ..problem import Blank, ChoiceQuestion, NumberQuestion, Option, Problem, Question
from ..sheet import Sheet
from ..text_parts import Say
from ..text_parts import name as named
from .markup import LETTERS, Html, MoodleHtml, PlainHtml

RIGHT = Say("Right.")
PICTURED = ("forward", "backward", "paths", "bug", "order")
"""The kinds of problems whose graph is drawn: their text names every node of it."""
PICTURE = "graph.svg"


def plain(x: float) -> str:
    """Return a number as platforms read it: with a point, an ASCII minus and no exponent.

    >>> plain(-0.25), plain(1e-7), plain(12.0)
    ('-0.25', '0.0000001', '12')
    """
    text = short(x, 12)
    return text if "e" not in text else f"{x:.12f}".rstrip("0")


def moodle(sheet: Sheet) -> str:
    """Return Moodle XML: a category for each variant, and a question for each problem."""
    parts = ['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>"]
    for name, variant in sheet.named():
        category = escape(f"$course$/top/{sheet.heading(name).replace('/', '//')}")
        parts.append(f'<question type="category"><category><text>{category}</text></category></question>')
        parts += [_question(sheet.language, problem, i) for i, problem in enumerate(variant, start=1)]
    return "\n".join([*parts, "</quiz>", ""])


def _question(language: Language, problem: Problem, i: int) -> str:
    html = MoodleHtml(language, lambda blank: "")
    only = problem.questions[0] if len(problem.questions) == 1 else None
    title = f"{i}. {language.text(problem.title)} ({problem.id})"
    solution = "".join([html.paragraph(part) for part in problem.solution])
    if isinstance(only, NumberQuestion):
        kind, details = "numerical", _numerical(html, only)
        gap = MoodleHtml(language, lambda blank: "____")
        text = "".join([gap.paragraph(part) for part in problem.text])
    elif only is not None:
        kind, details = "multichoice", _multichoice(html, only)
        text = "".join([html.paragraph(part) for part in problem.text]) + html.sentence(
            html.inline(only.asked)
        )
    else:
        kind, details, text = "cloze", "", _cloze(language, problem)
    picture, file = _picture(language, problem) if problem.kind in PICTURED else ("", "")
    return (
        f'<question type="{kind}">\n<name><text>{escape(title)}</text></name>\n'
        f'<questiontext format="html"><text>{_cdata(picture + text)}</text>{file}</questiontext>\n'
        f'<generalfeedback format="html"><text>{_cdata(solution)}</text></generalfeedback>\n'
        f"<penalty>0.1</penalty>\n<hidden>0</hidden>\n<idnumber>{problem.id}-{language.code}</idnumber>\n"
        f"{details}</question>"
    )


def _picture(language: Language, problem: Problem) -> tuple[str, str]:
    """Return the image of a problem's graph, without numbers that are asked, and its file."""
    J = parse(problem.program, problem.values)
    drawing = language.drawing(draw_dot(J, show=()).pipe(format="svg").decode())
    said = escape(language.text(Say("The graph of {function}", function=named(J.label))))
    image = f'<p><img src="@@PLUGINFILE@@/{PICTURE}" alt="{said}"></p>'
    content = b64encode(drawing.encode()).decode()
    return image, f'<file name="{PICTURE}" path="/" encoding="base64">{content}</file>'


def _cdata(html: str) -> str:
    return f"<![CDATA[{html.replace(']]>', ']]&gt;')}]]>"


def _answer(fraction: int, text: str, feedback: str, tolerance: str = "") -> str:
    return (
        f'<answer fraction="{fraction}" format="moodle_auto_format"><text>{escape(text)}</text>'
        f'<feedback format="html"><text>{_cdata(feedback)}</text></feedback>{tolerance}</answer>\n'
    )


def _numerical(html: Html, question: NumberQuestion) -> str:
    def tolerance(x: float) -> str:
        return f"<tolerance>{plain(x)}</tolerance>"

    right = _answer(100, plain(question.answer), html.inline(RIGHT), tolerance(question.tolerance))
    wrong = [
        _answer(0, plain(w.value), html.inline(w.reason), tolerance(question.tolerance))
        for w in question.wrong
    ]
    return "<defaultgrade>1</defaultgrade>\n" + right + "".join(wrong)


def _multichoice(html: Html, question: ChoiceQuestion) -> str:
    def answer(option: Option) -> str:
        shown, told = _cdata(html.inline(option.shown)), _cdata(html.inline(option.reason or RIGHT))
        feedback = f'<feedback format="html"><text>{told}</text></feedback>'
        fraction = 0 if option.reason else 100
        return f'<answer fraction="{fraction}" format="html"><text>{shown}</text>{feedback}</answer>\n'

    settings = "<single>true</single>\n<shuffleanswers>1</shuffleanswers>\n"
    settings += "<answernumbering>abc</answernumbering>\n"
    return "<defaultgrade>1</defaultgrade>\n" + settings + "".join(map(answer, question.options))


def _cloze(language: Language, problem: Problem) -> str:
    """Return the text with each blank as a question in braces."""
    html = MoodleHtml(language, lambda blank: _gap(language, problem, blank))
    parts = [html.paragraph(part) for part in problem.text]
    parts += [
        html.sentence(f"{html.inline(question.asked)} {_cloze_question(language, question)}")
        for question in problem.questions
        if isinstance(question, ChoiceQuestion) and "= ?" not in question.asked.template
    ]
    return "".join(parts)


def _gap(language: Language, problem: Problem, blank: Blank) -> str:
    return "" if blank.question is None else _cloze_question(language, problem.questions[blank.question])


def _cloze_question(language: Language, question: Question) -> str:
    """Return a question as Cloze text, such as `{1:NUMERICAL:=2:0.01#feedback~%0%3:0.01#feedback}`."""
    if isinstance(question, NumberQuestion):
        tolerance = plain(question.tolerance)
        answers = [f"={plain(question.answer)}:{tolerance}#{_in_cloze(language.text(RIGHT))}"]
        answers += [
            f"%0%{plain(w.value)}:{tolerance}#{_in_cloze(language.text(w.reason))}" for w in question.wrong
        ]
        return f"{{1:NUMERICAL:{'~'.join(answers)}}}"
    answers = [
        f"{'' if option.reason else '='}{_in_cloze(language.text(option.shown))}"
        f"#{_in_cloze(language.text(option.reason or RIGHT))}"
        for option in question.options
    ]
    return f"{{1:MULTICHOICE_VS:{'~'.join(answers)}}}"


def _in_cloze(text: str) -> str:
    return escape(re.sub(r'([}#~/"\\])', r"\\\1", text), quote=False)


def gift(sheet: Sheet) -> str:
    """Return GIFT: a category for each variant, and a question for each number or choice that is asked."""
    parts = []
    for name, variant in sheet.named():
        parts.append(f"$CATEGORY: $course$/top/{sheet.heading(name).replace('/', '//')}\n")
        for i, problem in enumerate(variant, start=1):
            parts += [_gift(sheet.language, problem, i, k) for k in range(len(problem.questions))]
    return "\n".join(parts)


def _gift(language: Language, problem: Problem, i: int, k: int) -> str:
    question = problem.questions[k]
    html = PlainHtml(language, lambda blank: f"<b>[{LETTERS[blank.question or 0]}]</b>")
    text = "".join([html.paragraph(part) for part in problem.text])
    asked = html.inline(question.asked)
    if isinstance(question, NumberQuestion):
        asked = f"<b>[{LETTERS[k]}]</b> {asked} ="
    title = f"{i}{LETTERS[k]}. {language.text(problem.title)} ({problem.id})"
    answers = _gift_numbers(language, question) if isinstance(question, NumberQuestion) else [
        _gift_option(language, option) for option in question.options
    ]  # fmt: skip
    kind = "#" if isinstance(question, NumberQuestion) else ""
    body = "\n".join([f"\t{answer}" for answer in answers])
    return f"::{_in_gift(title)}::[html]{_in_gift(text + html.sentence(asked))}{{{kind}\n{body}\n}}\n"


def _gift_numbers(language: Language, question: NumberQuestion) -> list[str]:
    tolerance = plain(question.tolerance)
    answers = [f"={plain(question.answer)}:{tolerance}#{_in_gift(language.text(RIGHT))}"]
    return answers + [
        f"=%0%{plain(w.value)}:{tolerance}#{_in_gift(language.text(w.reason))}" for w in question.wrong
    ]


def _gift_option(language: Language, option: Option) -> str:
    html = PlainHtml(language, lambda blank: "")
    sign = "~" if option.reason else "="
    return f"{sign}{_in_gift(html.inline(option.shown))}#{_in_gift(language.text(option.reason or RIGHT))}"


def _in_gift(text: str) -> str:
    return re.sub(r"([\\~=#{}:])", r"\\\1", text.replace("\n", " "))
