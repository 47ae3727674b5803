"""Worksheets, slides and the course: numbers, blanks, overlays, and every file in its place."""

import re
import shutil
import subprocess

import pytest

from autograd_core import Value, parse, steps
from autograd_core.errors import AutogradError
from tests import latex
from viz.cli.command import main
from viz.teaching.materials import course, slides, worksheet
from viz.teaching.materials.course import LESSONS
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


@pytest.mark.slow
def test_a_course_has_every_file_of_every_lesson(tmp_path):
    written = course(tmp_path, lang="de")
    assert sorted(tmp_path.rglob("*.*")) == sorted(written)
    folders = {path.parent.name for path in written}
    assert folders == {lesson.folder for lesson in LESSONS}
    for lesson in LESSONS:
        names = {path.name for path in written if path.parent.name == lesson.folder}
        assert {
            "plan.md",
            "slides.tex",
            "slides.html",
            "live.html",
            "handout.html",
            "handout-key.html",
        } <= names
        assert {
            "homework.tex",
            "homework-key.tex",
            "homework.xml",
            "practice.html",
            "worksheet.html",
        } <= names
        minutes = re.findall(r"^- (\d+) min", (tmp_path / lesson.folder / "plan.md").read_text("utf-8"), re.M)
        assert sum(map(int, minutes)) == 45


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
