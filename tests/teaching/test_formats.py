"""Sheets in every format: read again by other readers, keys apart from hand-outs, LaTeX compiled."""

import base64
import io
import json
import re
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import replace

import pytest

from autograd_core.errors import AutogradError
from autograd_core.languages import LANGUAGES
from tests import latex
from tests.teaching.readers import Cloze, Gift, QtiItem
from viz.teaching import KINDS
from viz.teaching.formats import FORMATS, Sheet, sheet, write
from viz.teaching.formats.quiz_page import digest
from viz.teaching.problem import ChoiceQuestion, NumberQuestion, Wrong
from viz.teaching.text_parts import Say

EVERY = sheet(7, len(KINDS), variants=2, level=2)
ON_PAPER = ("latex", "html", "markdown", "json")


def handout(of, format):
    return next(file.content.decode() for file in write(of, format) if not file.key)


def key(of, format):
    return next(file.content.decode() for file in write(of, format) if file.key)


def with_other_answers(question):
    if isinstance(question, ChoiceQuestion):
        reasons = [None if i == len(question.options) - 1 else Say("x") for i in range(len(question.options))]
        options = [replace(option, reason=why) for option, why in zip(question.options, reasons, strict=True)]
        return replace(question, options=tuple(options))
    return replace(question, answer=98765.4321, wrong=(Wrong(12345.6789, Say("x")),))


@pytest.mark.slow
@pytest.mark.parametrize("format", ON_PAPER)
@pytest.mark.parametrize("choices", [False, True])
def test_a_handout_does_not_depend_on_the_answers(format, choices):
    plain = sheet(7, len(KINDS), variants=2, choices=choices)
    changed = [
        tuple(
            replace(p, questions=tuple(map(with_other_answers, p.questions)), solution=(Say("x"),))
            for p in variant
        )
        for variant in plain.variants
    ]
    other = Sheet(plain.title, plain.language, tuple(changed))
    assert handout(other, format) == handout(plain, format)
    assert key(other, format) != key(plain, format)


@pytest.mark.parametrize("format", ON_PAPER[:3])
def test_a_key_has_every_answer_in_its_table(format):
    text = re.sub(r"</?m\w+>", "", key(EVERY, format)).replace("−", "-")
    for variant in EVERY.variants:
        for question in [
            q for problem in variant for q in problem.questions if isinstance(q, NumberQuestion)
        ]:
            assert f"{round(question.answer, 4) + 0.0:.10g}" in text


def test_variants_have_the_same_questions_and_other_numbers():
    first, second = EVERY.variants
    for one, other in zip(first, second, strict=True):
        assert (one.kind, len(one.questions)) == (other.kind, len(other.questions))
    assert [p.points for p in first] == [p.points for p in second]
    assert [p.values for p in first] != [p.values for p in second]


def test_json_has_the_answers_in_the_key_only():
    student, teacher = json.loads(handout(EVERY, "json")), json.loads(key(EVERY, "json"))
    asked = [q for variant in student["variants"] for p in variant["problems"] for q in p["questions"]]
    known = [q for variant in teacher["variants"] for p in variant["problems"] for q in p["questions"]]
    answers = [q.answer for variant in EVERY.variants for p in variant for q in p.questions]
    assert [q.get("answer") for q in asked] == [None] * len(answers)
    assert [q["answer"] for q in known] == answers


def test_moodle_marks_right_answers_right_and_names_mistakes():
    root = ET.fromstring(handout(EVERY, "moodle"))
    problems = [p for variant in EVERY.variants for p in variant]
    found = [q for q in root.findall("question") if q.get("type") != "category"]
    assert len(root.findall("question")) - len(found) == 2
    assert {q.get("type") for q in found} == {"numerical", "multichoice", "cloze"}
    for problem, question in zip(problems, found, strict=True):
        assert question.find("idnumber").text == f"{problem.id}-en"
        check_moodle(problem, question)


def check_moodle(problem, question):
    if question.get("type") != "cloze":
        answers = [(a.get("fraction"), a.find("text").text) for a in question.findall("answer")]
        asked = problem.questions[0]
        count = len(asked.options) if isinstance(asked, ChoiceQuestion) else 1 + len(asked.wrong)
        assert [fraction for fraction, _ in answers].count("100") == 1
        assert len(answers) == count
        if isinstance(asked, NumberQuestion):
            assert float(answers[0][1]) == asked.answer
        return
    cloze = Cloze(question.find("questiontext/text").text)
    assert len(cloze.questions) == len(problem.questions)
    numbers = [q for q in problem.questions if isinstance(q, NumberQuestion)]
    places = [i for i, (kind, _) in enumerate(cloze.questions) if kind == "NUMERICAL"]
    for i, asked in zip(places, numbers, strict=True):
        assert cloze.mark(i, asked.answer)[0] == 1.0
        assert cloze.mark(i, asked.answer + 3 * asked.tolerance)[0] == 0.0
        for wrong in asked.wrong:
            grade, feedback = cloze.mark(i, wrong.value)
            assert grade == 0.0
            assert feedback == EVERY.language.text(wrong.reason).replace("&", "&amp;")


def test_moodle_shows_graphs_without_what_is_asked():
    """Every picture is in its question, with the function's names and constants and no other number."""
    made = sheet(7, len(KINDS), level=2, lang="de")
    found = [
        q
        for q in ET.fromstring(handout(made, "moodle")).findall("question")
        if q.find("idnumber") is not None
    ]
    pictured = 0
    for problem, question in zip(made.variants[0], found, strict=True):
        files = {file.get("name"): file for file in question.findall("questiontext/file")}
        shown = re.findall(
            r'<img src="@@PLUGINFILE@@/([^"]+)" alt="([^"]+)">', question.find("questiontext/text").text
        )
        assert [name for name, _ in shown] == list(files)
        for name, said in shown:
            assert said.startswith("Der Graph von ")
            assert (files[name].get("path"), files[name].get("encoding")) == ("/", "base64")
            check_drawing(problem, base64.b64decode(files[name].text, validate=True))
            pictured += 1
    assert pictured == 5


def check_drawing(problem, svg):
    root = ET.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    _, _, width, height = map(float, root.get("viewBox").split())
    assert width > 50
    assert height > 20
    texts = {text.text for text in root.iter("{http://www.w3.org/2000/svg}text") if text.text}
    names = set(re.findall(r"[A-Za-z]\w*", problem.program))
    numbers = set(re.findall(r"[\d.]+", re.sub(r"[A-Za-z]\w*", "", problem.program)))
    assert {text for text in texts if re.search(r"\d", text)} <= {n.replace(".", ",") for n in numbers}
    assert {re.sub(r"\d", "", name) for name in names} <= {re.sub(r"[\d₀-₉]", "", text) for text in texts} | {
        ""
    }


def test_gift_marks_right_answers_right_and_names_mistakes():
    found = Gift.all(handout(EVERY, "gift"))
    asked = [q for variant in EVERY.variants for p in variant for q in p.questions]
    assert len({question.title for question in found}) == len(found)
    for question, wanted in zip(found, asked, strict=True):
        assert question.numeric == isinstance(wanted, NumberQuestion)
        if isinstance(wanted, NumberQuestion):
            assert question.mark(wanted.answer)[0] == 1.0
            for wrong in wanted.wrong:
                assert question.mark(wrong.value) == (0.0, EVERY.language.text(wrong.reason))
        else:
            assert [grade for _, grade, _ in question.answers].index(1.0) == wanted.answer


def test_a_qti_package_scores_as_it_says():
    with zipfile.ZipFile(io.BytesIO(write(EVERY, "qti")[0].content)) as package:
        names = package.namelist()
        listed = re.findall(r'<file href="([^"]+)"', package.read("imsmanifest.xml").decode())
        assert sorted(["imsmanifest.xml", *listed]) == sorted(names)
        for problem in [p for variant in EVERY.variants for p in variant]:
            check_qti(problem, QtiItem(package.read(f"items/{problem.id}.xml")))


def check_qti(problem, item):
    assert sorted(item.asked) == sorted(item.right)
    assert item.mark(item.right)[0] == problem.points
    for k, question in enumerate(problem.questions):
        if isinstance(question, NumberQuestion):
            for wrong in question.wrong:
                score, shown = item.mark(item.right | {f"R{k}": str(wrong.value)})
                assert score == problem.points - 1
                assert sum("Right." not in text for text in shown) == 1


CP, ADL = "{http://www.imsproject.org/xsd/imscp_rootv1p1p2}", "{http://www.adlnet.org/xsd/adlcp_rootv1p2}"


def test_a_scorm_package_has_what_the_specification_requires():
    """The content aggregation model of SCORM 1.2: one item that leads to one SCO, whose files are listed."""
    with zipfile.ZipFile(io.BytesIO(write(EVERY, "scorm")[0].content)) as package:
        root = ET.fromstring(package.read("imsmanifest.xml"))
        names, html = package.namelist(), package.read("index.html").decode()
    assert root.tag == f"{CP}manifest"
    assert [child.tag for child in root] == [f"{CP}metadata", f"{CP}organizations", f"{CP}resources"]
    assert [child.text for child in root[0]] == ["ADL SCORM", "1.2"]
    (organization,) = root[1]
    assert root[1].get("default") == organization.get("identifier")
    title, item = organization
    (resource,) = root[2]
    assert title.text == item.find(f"{CP}title").text == "Problems on backpropagation"
    assert item.get("identifierref") == resource.get("identifier")
    assert (resource.get("type"), resource.get(f"{ADL}scormtype")) == ("webcontent", "sco")
    assert [resource.get("href"), *names[:1]] == ["index.html", "imsmanifest.xml"]
    assert [file.get("href") for file in resource] == names[1:]
    assert "marks your answers in the browser" in html
    assert "http" not in html.replace("http://www.w3.org", "")


@pytest.mark.parametrize("format", ["qti", "scorm"])
def test_packages_are_the_same_every_time(format):
    assert write(EVERY, format) == write(EVERY, format)


@pytest.mark.parametrize("choices", [False, True])
def test_a_page_holds_digests_only(choices):
    made = sheet(7, len(KINDS), level=2, choices=choices)
    text = handout(made, "page")
    data = json.loads(re.search(r'id="data">(.*?)</script>', text)[1])
    assert len(data["questions"]) == sum(p.points for p in made.variants[0])
    for question in data["questions"].values():
        assert set(question) <= {"asked", "salt", "grid", "right", "wrong"}
        assert all(
            re.fullmatch("[0-9a-f]{16}", code)
            for code in [*question["right"], *[w[0] for w in question["wrong"]]]
        )


def test_the_digest_depends_on_every_character():
    assert len({digest(text) for text in ("a/1", "a/2", "b/1", "a/-1", "", "a/11")}) == 6


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "de", "fr", "es", "pt"])
def test_handouts_and_keys_compile(tmp_path, lang):
    """Nothing is wider or higher than the page, in any language."""
    made = sheet(7, len(KINDS), variants=1, level=2, lang=lang)
    for text in (handout(made, "latex"), key(made, "latex")):
        assert latex.compiled(text, tmp_path).stat().st_size > 20_000
        assert "Overfull" not in (tmp_path / "page.log").read_text("utf-8", "replace")


@pytest.mark.slow
def test_no_problem_is_torn_across_pages(tmp_path):
    """Labels before the title and behind the last blank of each problem are on the same page."""
    made = sheet(7, len(KINDS), variants=2, level=2, lang="de")
    begin, end = r"\begin{unbroken}", r"\end{unbroken}"
    head, body = handout(made, "latex").split(r"\begin{document}")
    assert body.count(begin) == body.count(r"\subsection*") == 2 * len(KINDS)
    count = iter(range(1000))
    body = re.sub(re.escape(begin), lambda found: f"{found[0]}\\label{{a{next(count)}}}", body)
    count = iter(range(1000))
    body = re.sub(re.escape(end), lambda found: f"\\label{{b{next(count)}}}{found[0]}", body)
    latex.compiled(rf"{head}\begin{{document}}{body}", tmp_path)
    labels = re.findall(r"newlabel\{([ab]\d+)\}\{\{\}\{(\d+)\}", (tmp_path / "page.aux").read_text("utf-8"))
    pages = dict(labels)
    assert len(pages) == 4 * len(KINDS)
    assert all(pages[f"a{i}"] == pages[f"b{i}"] for i in range(2 * len(KINDS)))
    assert len(set(pages.values())) > 4


@pytest.mark.slow
def test_the_table_of_a_key_has_all_variants(tmp_path):
    """Those of 26 variants stand in several tables, which fit the page."""
    made = sheet(1, 1, variants=26, kinds=["forward"], level=3)
    tables = key(made, "latex").partition(r"\clearpage")[0]
    latex.compiled(tables + r"\end{document}", tmp_path)
    assert "Overfull" not in (tmp_path / "page.log").read_text("utf-8", "replace")
    assert "".join(re.findall(r"textbf\{([A-Z])\}", tables)) == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for variant in made.variants:
        assert f"{round(variant[0].questions[0].answer, 4):.10g}" in tables


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("format", FORMATS)
def test_every_format_exists_in_every_language(format, lang):
    made = sheet(3, 3, kinds=["paths", "order", "kink"], level=2, lang=lang)
    assert all(file.content for file in write(made, format))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: sheet(0, 1, variants=27), "too many variants"),
        (lambda: sheet(0, 1, kinds="chain"), "not a list of kinds"),
        (lambda: sheet(0, 1, lang="xx"), "not a known language"),
        (lambda: sheet(0, 0), "n = 0"),
        (lambda: write(EVERY, "docx"), "unknown format"),
    ],
)
def test_wrong_arguments_are_refused(call, said):
    with pytest.raises(AutogradError, match=said):
        call()
