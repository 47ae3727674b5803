"""Notebooks: the cells check answers, hidden tests hold, and a student's version contains no key."""

import io
import json
import re
import zipfile
from dataclasses import replace
from string import ascii_lowercase

import pytest

from viz.teaching import KINDS
from viz.teaching.formats import FORMATS, Sheet, sheet, write
from viz.teaching.problem import NumberQuestion

nbformat = pytest.importorskip("nbformat", reason="needs the extra notebooks")

MADE = sheet(7, len(KINDS), variants=2, level=2, lang="de")
HIDDEN = re.compile(r"### BEGIN (SOLUTION|HIDDEN TESTS)\n(.*?)\n### END \1\n?", re.DOTALL)


def notebooks(of=MADE):
    student, teacher = write(of, "notebook")
    assert (student.key, teacher.key) == (False, True)
    return [json.loads(file.content) for file in (student, teacher)]


STUDENT, TEACHER = notebooks()


def questions(of=MADE):
    return [
        (f"{name}{i}{ascii_lowercase[k]}", question)
        for name, variant in of.named()
        for i, problem in enumerate(variant, start=1)
        for k, question in enumerate(problem.questions)
    ]


def right(question):
    return question.answer if isinstance(question, NumberQuestion) else ascii_lowercase[question.answer]


def code(notebook):
    return {cell["id"]: cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"}


@pytest.mark.parametrize("notebook", [STUDENT, TEACHER], ids=["student", "teacher"])
def test_it_is_a_notebook_with_marks_for_nbgrader(notebook):
    nbformat.validate(nbformat.from_dict(notebook))
    marks = [cell["metadata"]["nbgrader"] for cell in notebook["cells"] if cell["metadata"]]
    assert len({mark["grade_id"] for mark in marks}) == len(marks)
    assert {mark["schema_version"] for mark in marks} == {3}
    graded = [mark for mark in marks if mark["grade"]]
    assert [mark["grade_id"] for mark in graded] == [name for name, _ in questions()]
    assert all(mark["locked"] and not mark["solution"] and mark["points"] == 1 for mark in graded)
    assert [mark["locked"] for mark in marks if mark["solution"]] == [False] * (2 * len(KINDS))


def test_the_students_version_is_the_teachers_without_what_nbgrader_takes_away():
    kept = {id: HIDDEN.sub("", source).rstrip("\n") for id, source in code(TEACHER).items()}
    assert kept == code(STUDENT)
    assert all(HIDDEN.search(source) for id, source in code(TEACHER).items() if id != "import")


@pytest.mark.parametrize("format", [*FORMATS])
def test_no_students_file_tells_how_to_make_the_problems_again(format):
    student, *teacher = write(MADE, format)
    if teacher or format in ("page", "scorm"):
        text = student.content
        if format == "scorm":
            with zipfile.ZipFile(io.BytesIO(student.content)) as package:
                text = b"".join([package.read(name) for name in package.namelist()])
        assert not [p.id for variant in MADE.variants for p in variant if p.id.encode() in text]


def test_a_students_notebook_tells_of_the_answers_only_digests():
    """With answers of the other sign nothing else changes."""

    def changed(question):
        if not isinstance(question, NumberQuestion):
            return question
        wrong = [replace(w, value=-w.value) for w in question.wrong]
        return replace(question, answer=-question.answer, wrong=tuple(wrong))

    variants = [
        tuple([replace(p, questions=tuple(map(changed, p.questions)), solution=()) for p in variant])
        for variant in MADE.variants
    ]
    other = notebooks(Sheet(MADE.title, MADE.language, tuple(variants)))

    def without_digests(notebook):
        lines = re.sub(r":[0-9a-f]{12}'", ":'", json.dumps(notebook, ensure_ascii=False))
        return sorted(re.split(r"\\n|, *\"", lines))

    assert without_digests(other[0]) == without_digests(STUDENT)
    assert without_digests(other[1]) != without_digests(TEACHER)


def test_the_cells_judge_answers_and_name_mistakes(capsys):
    cells, names = code(STUDENT), {}
    exec(cells["import"], names)
    for name, question in questions():
        options = range(len(question.options)) if not isinstance(question, NumberQuestion) else ()
        wrong = [(w.value, w.reason) for w in getattr(question, "wrong", ())]
        wrong += [
            (ascii_lowercase[i], question.options[i].reason) for i in options if question.options[i].reason
        ]
        said = [*[f"not yet: {MADE.language.text(reason)}" for _, reason in wrong], "right"]
        for answer in [..., *[value for value, _ in wrong], right(question)]:
            names[name] = answer
            exec(cells[name], names)
        assert capsys.readouterr().out.splitlines()[1:] == said


def test_the_hidden_tests_hold_for_solutions_and_for_nothing_else(capsys):
    cells, names = code(TEACHER), {}
    for source in cells.values():
        exec(source, names)
    assert capsys.readouterr().out.splitlines() == ["right"] * len(questions())
    for name, question in questions():
        for answer in ("z", 1e6, ...):
            with pytest.raises((AssertionError, TypeError, ValueError)):
                exec(cells[name], names | {name: answer})
        assert names[name] == right(question)


OTTER = json.loads(write(MADE, "otter")[1].content)
CONFIG = re.compile(
    r'''""" # BEGIN TEST CONFIG\npoints: (\d)\nhidden: (true|false)\n""" # END TEST CONFIG\n.*''', re.DOTALL
)


def test_the_notebook_for_otter_has_the_marks_of_otter_assign():
    """Each question has its solution and, for each answer, a public test and a hidden one of a point."""
    nbformat.validate(nbformat.from_dict(OTTER))
    marks = [cell["source"].splitlines() for cell in OTTER["cells"] if cell["cell_type"] == "raw"]
    assert marks.pop(0) == ["# ASSIGNMENT CONFIG", "init_cell: true"]
    names = [f"{name}{i}" for name, variant in MADE.named() for i in range(1, len(variant) + 1)]
    per_question = ["# BEGIN SOLUTION", "# END SOLUTION", "# BEGIN TESTS", "# END TESTS", "# END QUESTION"]
    assert marks == [
        mark
        for name in names
        for mark in (["# BEGIN QUESTION", f"name: {name}"], *[[line] for line in per_question])
    ]
    tests = [CONFIG.fullmatch(cell["source"]) for cell in OTTER["cells"] if "TEST CONFIG" in cell["source"]]
    assert [(test[1], test[2]) for test in tests] == [("0", "false"), ("1", "true")] * len(questions())


def test_the_tests_for_otter_hold_for_solutions_and_for_nothing_else(capsys):
    names = {}
    for cell in [cell for cell in OTTER["cells"] if cell["cell_type"] == "code"]:
        exec(cell["source"], names)
        assert capsys.readouterr().out == "".join([out["text"] for out in cell["outputs"]])
    hidden = {cell["id"]: cell["source"] for cell in OTTER["cells"] if cell["id"].endswith("-hidden")}
    assert list(hidden) == [f"{name}-hidden" for name, _ in questions()]
    for name, question in questions():
        assert names[name] == right(question)
        for answer in ("z", 1e6, ...):
            with pytest.raises((AssertionError, TypeError, ValueError)):
                exec(hidden[f"{name}-hidden"], names | {name: answer})


def test_the_students_notebook_for_otter_has_no_key_and_the_same_variables():
    """It is that of nbgrader: what Otter tests is what students assign."""
    student = json.loads(write(MADE, "otter")[0].content)
    assert student == STUDENT
    text = json.dumps(student)
    assert all(word not in text for word in ("SOLUTION", "HIDDEN", "assert"))
    sources = "\n".join(code(student).values())
    assert re.findall(r"^(\w+) = \.\.\.", sources, re.M) == [name for name, _ in questions()]
