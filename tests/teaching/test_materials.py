"""Worksheets, slides and the course: numbers, blanks, overlays, and every file in its place."""

import re
import shutil
import subprocess

import pytest
from mpmath import mp

from autograd_core import Value, parse, steps
from autograd_core.errors import AutogradError
from tests import latex
from viz.cli.command import main
from viz.teaching.formats.markup import Markup
from viz.teaching.language import language
from viz.teaching.materials import course, slides, worksheet
from viz.teaching.materials.course import plan
from viz.teaching.materials.lessons import LESSONS
from viz.teaching.tables import COLUMNS

PROGRAM, POINT = "t = x**2; u1 = sin(t); u2 = 3*t; u = u1 + u2; J = cos(u)", {"x": 2.0}
FORMATS = ("latex", "html", "markdown")


def function():
    return parse(PROGRAM, POINT)


def test_a_worksheet_without_blanks_has_the_numbers_of_steps():
    text = worksheet(function(), "markdown", blank=())
    table = steps(function())
    shown = re.findall(r"\| (\S+) \|\n", text.replace("−", "-"))
    wanted = [step.value for step in table.forward] + [1.0] + [c.after for c in table.backward[1:]]
    numbers = [float(x) for x in shown if re.fullmatch(r"-?[\d.]+", x)]
    assert numbers == pytest.approx(wanted, abs=6e-5)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("column", COLUMNS)
def test_every_blank_column_is_empty(format, column):
    key, given = worksheet(function(), format, blank=()), worksheet(function(), format, blank=(column,))
    blank = {"latex": "underline", "html": 'class="blank"', "markdown": r"\_\_\_\_\_\_"}[format]
    assert key.count(blank) == 0
    assert given.count(blank) == (5 if column == "values" else 6)


def test_a_deck_has_a_slide_for_each_step_and_one_more():
    text = slides(function(), "html")
    assert text.count("<section>") == len(steps(function())) + 1
    assert "http" not in text.replace("http-equiv", "")


def test_beamer_uncovers_a_row_at_a_time():
    text = slides(function(), "beamer")
    assert "aspectratio=169" in text
    assert re.findall(r"uncover<(\d)->\{(\d+)\}", text)[:6] == [(str(k), str(k)) for k in range(1, 7)]


@pytest.mark.slow
def test_beamer_compiles(tmp_path):
    found = (
        shutil.which("kpsewhich") and subprocess.run(["kpsewhich", "beamer.cls"], capture_output=True).stdout
    )
    if not found:
        pytest.skip("no beamer class")
    assert latex.compiled(slides(function(), "beamer", lang="de"), tmp_path).stat().st_size > 10_000


@pytest.fixture(scope="module")
def german(tmp_path_factory):
    """Return the folder of the course, and the names of each lesson's files."""
    folder = tmp_path_factory.mktemp("course")
    written = course(folder, lang="de")
    assert sorted(folder.rglob("*.*")) == sorted(written)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.folder)
def test_a_lesson_has_every_file_that_its_plan_names(german, lesson):
    folder, text = german / lesson.folder, (german / lesson.folder / "plan.html").read_text("utf-8")
    named = re.findall(r'<a href="([^"]+)">', text)
    assert {path.name for path in folder.iterdir()} == {*named, "plan.html"}
    assert f'href="{lesson.folder}/plan.html"' in (german / "index.html").read_text("utf-8")
    assert sum(map(int, re.findall(r"(\d+) min:", text))) == 45
    assert "What students" not in text


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.folder)
def test_a_plan_has_the_results_that_another_way_gives(german, lesson):
    mp.dps = 30
    names = {name: mp.mpf(str(value)) for name, value in lesson.values.items()}
    J, slopes = mp_results(lesson.program, names)
    text = plan(lesson, Markup(language("en"), lambda blank: ""))
    shown = dict(re.findall(r"^- (\S+) = (−?[\d.]+)$", text, re.M))
    output = lesson.program.split("; ")[-1].split(" = ")[0]
    wanted = {output: J} | {f"∂{output}/∂{written(name)}": slope for name, slope in slopes.items()}
    for name, number in wanted.items():
        assert float(shown[name].replace("−", "-")) == pytest.approx(float(number), abs=6e-5)


def written(name):
    return re.sub(r"\d", lambda digit: chr(ord("₀") + int(digit[0])), name)


def mp_results(program, names):
    functions = {
        "sin": mp.sin,
        "cos": mp.cos,
        "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
        "relu": lambda x: max(x, mp.mpf(0)),
    }

    def value(**point):
        for step in program.split("; "):
            name, formula = step.split(" = ")
            point[name] = eval(formula, functions | point)
        return point[name]

    h = mp.mpf(2) ** -30
    slopes = {
        x: (value(**names | {x: names[x] + h}) - value(**names | {x: names[x] - h})) / (2 * h) for x in names
    }
    return value(**names), slopes


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.folder)
def test_no_answer_is_in_a_file_for_students(german, lesson):
    """What students get does not change with the answers, and the worksheet lacks what its key has."""
    folder = german / lesson.folder
    results = steps(parse(lesson.program, lesson.values))
    key, given = [(folder / name).read_text("utf-8") for name in ("worksheet-key.html", "worksheet.html")]
    assert given.count('class="blank"') == len(results) - len(lesson.values) - 1
    assert key.count('class="blank"') == 0
    for name in ("handout", "homework"):
        for ending in (".html", ".tex"):
            student, teacher = [(folder / f"{name}{x}{ending}").read_text("utf-8") for x in ("", "-key")]
            assert "Lösung" in teacher
            assert "Lösung" not in student
            assert "Typische Fehler" not in student


@pytest.mark.slow
def test_the_homework_of_the_course_compiles(german, tmp_path):
    text = (german / LESSONS[2].folder / "homework.tex").read_text("utf-8")
    assert latex.compiled(text, tmp_path).stat().st_size > 20_000


def test_the_commands_write_files(tmp_path, capsys):
    sheet = tmp_path / "sheet.md"
    assert (
        main(["problems", "--n", "2", "--variants", "2", "--seed", "7", "--lang", "de", "-o", str(sheet)])
        == 0
    )
    assert "Variante B" in sheet.read_text("utf-8")
    assert "Typische Fehler" in (tmp_path / "sheet-key.md").read_text("utf-8")
    assert main(["problems", "--kinds", "x"]) == 2
    assert "unknown kind" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: worksheet(Value(1.0), "docx"), "unknown format"),
        (lambda: worksheet(Value(1.0), blank=["grad"]), "unknown column"),
        (lambda: slides(Value(1.0), "pptx"), "unknown format"),
        (lambda: slides(1.0), "not a single output"),
        (lambda: course("x", lang="xx"), "not a known language"),
    ],
)
def test_wrong_arguments_are_refused(call, said):
    with pytest.raises(AutogradError, match=said):
        call()
