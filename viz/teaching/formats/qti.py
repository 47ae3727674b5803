"""A package of QTI 2.1: an assessment test with an item for each problem."""

from __future__ import annotations

from html import escape

from ..language import Language
from ..problem import Blank, ChoiceQuestion, NumberQuestion, Option, Problem, Question
from ..sheet import Sheet
from ..text_parts import Say
from .markup import Html
from .moodle import RIGHT, plain
from .scorm import zipped

QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
PACKAGING = "http://www.imsglobal.org/xsd/imscp_v1p1"
MATHML = "http://www.w3.org/1998/Math/MathML"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


class QtiHtml(Html):
    """The part of XHTML that QTI 2.1 has, with formulas in MathML."""

    lines_tag, head_tag = "<table>", "<th>"

    def math(self, form: str) -> str:
        visible = form.replace("&#x2061;", "").replace("&#x2062;", "")
        return f'<math xmlns="{MATHML}"><mrow>{visible}</mrow></math>'


def package(sheet: Sheet) -> bytes:
    """Return the zip: the manifest, the test with a section for each variant, and the items."""
    items = {problem.id: item(sheet.language, problem) for _, variant in sheet.named() for problem in variant}
    files = {"imsmanifest.xml": _manifest(list(items)), "test.xml": _test(sheet)}
    return zipped(files | {f"items/{id}.xml": text for id, text in items.items()})


def _manifest(ids: list[str]) -> str:
    def resource(id: str, kind: str, path: str, needs: str = "") -> str:
        inside = f'<file href="{path}"/>{needs}'
        return f'<resource identifier="{id}" type="{kind}" href="{path}">{inside}</resource>\n'

    needs = "".join([f'<dependency identifierref="item-{id}"/>' for id in ids])
    resources = resource("test", "imsqti_test_xmlv2p1", "test.xml", needs)
    resources += "".join([resource(f"item-{id}", "imsqti_item_xmlv2p1", f"items/{id}.xml") for id in ids])
    return (
        f'{HEAD}<manifest xmlns="{PACKAGING}" identifier="autograd-core-problems">\n'
        "<metadata><schema>QTIv2.1 Package</schema><schemaversion>1.0.0</schemaversion></metadata>\n"
        f"<organizations/>\n<resources>\n{resources}</resources>\n</manifest>\n"
    )


def _test(sheet: Sheet) -> str:
    def section(name: str, variant: tuple[Problem, ...]) -> str:
        items = [f'<assessmentItemRef identifier="ref-{p.id}" href="items/{p.id}.xml"/>\n' for p in variant]
        title = escape(sheet.heading(name))
        head = f'<assessmentSection identifier="section-{name}" title="{title}" visible="true">\n'
        return f"{head}{''.join(items)}</assessmentSection>\n"

    sections = "".join([section(name, variant) for name, variant in sheet.named()])
    title = escape(sheet.language.text(sheet.title))
    return (
        f'{HEAD}<assessmentTest xmlns="{QTI}" identifier="test" title="{title}">\n'
        '<testPart identifier="part" navigationMode="nonlinear" submissionMode="individual">\n'
        f"{sections}</testPart>\n</assessmentTest>\n"
    )


def item(language: Language, problem: Problem) -> str:
    """Return a problem as an item: every number or choice is an interaction, worth a point."""
    html = QtiHtml(language, lambda blank: _entry(problem, blank))
    body = [html.paragraph(part) for part in problem.text]
    for k, question in enumerate(problem.questions):
        if isinstance(question, ChoiceQuestion):
            body.append(_choice(html, k, question))
    questions = list(enumerate(problem.questions))
    title, rules = escape(language.text(problem.title)), "".join([_processing(k, q) for k, q in questions])
    return (
        f'{HEAD}<assessmentItem xmlns="{QTI}" identifier="{problem.id}" title="{title}" '
        f'adaptive="false" timeDependent="false" xml:lang="{language.code}">\n'
        + "".join([_declaration(k, question) for k, question in questions])
        + _outcome("SCORE", 0)
        + _outcome("MAXSCORE", problem.points)
        + '<outcomeDeclaration identifier="FEEDBACK" cardinality="multiple" baseType="identifier"/>\n'
        f"<itemBody><div>{''.join(body)}</div></itemBody>\n"
        f"<responseProcessing>\n{rules}</responseProcessing>\n"
        + "".join([_feedback(language, k, question) for k, question in questions])
        + "</assessmentItem>\n"
    )


def _outcome(name: str, value: int) -> str:
    return (
        f'<outcomeDeclaration identifier="{name}" cardinality="single" baseType="float">'
        f"<defaultValue><value>{value}</value></defaultValue></outcomeDeclaration>\n"
    )


def _declaration(k: int, question: Question) -> str:
    base = "float" if isinstance(question, NumberQuestion) else "identifier"
    right = plain(question.answer) if isinstance(question, NumberQuestion) else f"O{question.answer}"
    return (
        f'<responseDeclaration identifier="R{k}" cardinality="single" baseType="{base}">'
        f"<correctResponse><value>{right}</value></correctResponse></responseDeclaration>\n"
    )


def _entry(problem: Problem, blank: Blank) -> str:
    if blank.question is None or isinstance(problem.questions[blank.question], ChoiceQuestion):
        return ""
    return f'<textEntryInteraction responseIdentifier="R{blank.question}" expectedLength="8"/>'


def _choice(html: QtiHtml, k: int, question: ChoiceQuestion) -> str:
    options = "".join(
        [
            f'<simpleChoice identifier="O{i}">{html.inline(option.shown)}</simpleChoice>'
            for i, option in enumerate(question.options)
        ]
    )
    return (
        f'<choiceInteraction responseIdentifier="R{k}" shuffle="false" maxChoices="1">'
        f"<prompt>{html.inline(question.asked)}</prompt>{options}</choiceInteraction>"
    )


def _processing(k: int, question: Question) -> str:
    """Return the rule of a question: a point for the right answer, and feedback for a known mistake."""
    if isinstance(question, NumberQuestion):
        tolerance = plain(question.tolerance)
        values = [question.answer, *[w.value for w in question.wrong]]
        tests = [
            f'<equal toleranceMode="absolute" tolerance="{tolerance} {tolerance}">'
            f'<variable identifier="R{k}"/><baseValue baseType="float">{plain(x)}</baseValue></equal>'
            for x in values
        ]
    else:
        order = [question.answer, *[i for i, option in enumerate(question.options) if option.reason]]
        tests = [
            f'<match><variable identifier="R{k}"/><baseValue baseType="identifier">O{i}</baseValue></match>'
            for i in order
        ]
    point = (
        '<setOutcomeValue identifier="SCORE"><sum><variable identifier="SCORE"/>'
        '<baseValue baseType="float">1</baseValue></sum></setOutcomeValue>'
    )
    rules = f"<responseIf>{tests[0]}{point}{_tell(k, 0)}</responseIf>"
    rules += "".join(
        [f"<responseElseIf>{test}{_tell(k, i)}</responseElseIf>" for i, test in enumerate(tests[1:], start=1)]
    )
    return f"<responseCondition>{rules}</responseCondition>\n"


def _tell(k: int, i: int) -> str:
    return (
        '<setOutcomeValue identifier="FEEDBACK"><multiple><variable identifier="FEEDBACK"/>'
        f'<baseValue baseType="identifier">F{k}-{i}</baseValue></multiple></setOutcomeValue>'
    )


def _feedback(language: Language, k: int, question: Question) -> str:
    html = QtiHtml(language, lambda blank: "")
    asked = html.inline(question.asked)
    said: list[Say] = [RIGHT]
    if isinstance(question, NumberQuestion):
        said += [w.reason for w in question.wrong]
    else:
        said += _reasons(question.options)
    return "".join(
        [
            f'<modalFeedback outcomeIdentifier="FEEDBACK" identifier="F{k}-{i}" showHide="show">'
            f"<p>{asked}: {html.inline(text)}</p></modalFeedback>\n"
            for i, text in enumerate(said)
        ]
    )


def _reasons(options: tuple[Option, ...]) -> list[Say]:
    return [option.reason for option in options if option.reason]
