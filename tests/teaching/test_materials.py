"""Worksheets, slides and the course: numbers, blanks, overlays, and every file in its place."""

import re
import shutil

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
from viz.teaching.materials.lesson_plans import LESSONS
from viz.teaching.materials.slides import PASSES
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


def test_a_worksheet_tells_no_answer_by_itself():
    """Of its numbers all are given: the input, the formulas' own, and the seed."""
    cells = re.findall(r"(?<=\| )[^|\n]*(?= \|)", worksheet(function(), "markdown"))
    numbers = [float(x.replace("−", "-")) for cell in cells for x in re.findall(r"−?\d+\.\d+", cell)]
    assert numbers == []


@pytest.mark.parametrize("format", FORMATS)
def test_a_key_stands_on_the_back(format):
    """The first page has the blanks and none of the answers, the second all of them."""
    text = worksheet(function(), format, blank=COLUMNS, key=True, lang="de")
    front, back = text.split({"latex": "\\clearpage", "html": "</section>", "markdown": "---\n\n"}[format], 1)
    blank = {"latex": "underline", "html": 'class="blank"', "markdown": r"\_\_\_\_\_\_"}[format]
    assert "Lösungen" in back
    assert (front.count(blank), back.count(blank)) == (5 + 3 * 6, 0)
    comma = "{,}" if format == "latex" else ","
    for number in ("11.2432", "2.9085", "2.2748", "9.0991"):
        assert number.replace(".", comma) in back
        assert number.replace(".", comma) not in front


def test_a_deck_has_a_slide_for_each_step_and_one_more():
    text = slides(function(), "html")
    assert text.count("<section") == len(steps(function())) + 1
    assert "http" not in text.replace("http-equiv", "").replace('xmlns="http://www.w3.org/2000/svg"', "")


def test_a_slide_has_the_picture_after_its_step():
    """Row and picture show the same number, in the language's notation; a large graph has no picture."""
    text = slides(function(), "html", lang="de")
    pages = text.split("<section")[2:]
    for step, page in zip(steps(function()), pages, strict=True):
        shown = re.findall(r'<text class="[vg]"[^>]*>([^<]+)</text>', page)
        number = short(getattr(step, "value", None) or getattr(step, "after", 1.0))
        assert number.replace("-", "−").replace(".", ",") in shown
        assert re.search(r'<tr class="last"><td>(\d+)', page)[1] == str(step.number)
    x = Value(1.0, "x")
    for _ in range(30):
        x = x.sin()
    assert "<svg" not in slides(x, "html")


def short(x):
    return f"{x:.4g}"


@pytest.mark.parametrize(
    ("passes", "titles"), [(["forward"], [0]), (["backward"], [1]), (list(PASSES), [0, 1])]
)
def test_each_pass_has_slides_of_its_own(passes, titles):
    names = ["Forward pass", "Backward pass"]
    sizes = [len(steps(function()).forward), len(steps(function()).backward)]
    count = sum(sizes[i] for i in titles)
    deck, beamer = [slides(function(), format, passes=passes) for format in ("html", "beamer")]
    assert re.findall(r"<h2>([^<]+)</h2>", deck) == [names[i] for i in titles for _ in range(sizes[i])]
    assert re.findall(r'<a href="#(\d+)">([^<]+)</a>', deck) == [
        (str(2 + sum(sizes[k] for k in titles if k < i)), names[i]) for i in titles
    ]
    assert re.findall(r"\\section\{([^}]+)\}", beamer) == [names[i] for i in titles]
    assert len(set(re.findall(r"uncover<\d+->\{(\d+)\}", beamer))) == count


def test_beamer_uncovers_a_row_at_a_time():
    text = slides(function(), "beamer")
    assert "aspectratio=169" in text
    assert re.findall(r"uncover<(\d)->\{(\d+)\}", text)[:6] == [(str(k), str(k)) for k in range(1, 7)]


@pytest.mark.slow
def test_beamer_compiles_and_nothing_sticks_out(tmp_path):
    """A long formula and a wide table are made smaller: TeX finds no line that is too wide."""
    names = ["temperature_inside", "temperature_outside", "conductivity_of_the_wall", "thickness_of_the_wall"]
    inside, outside, conductivity, thickness = names
    wide = parse(f"J = {conductivity}*({inside} - {outside})*exp({conductivity})/{thickness}",
                 dict(zip(names, [21.5, -4.25, 0.75, 0.25], strict=True)))  # fmt: skip
    assert latex.compiled(slides(wide, "beamer", lang="de"), tmp_path).stat().st_size > 10_000
    log = (tmp_path / "page.log").read_text("utf-8", "replace")
    assert "Overfull" not in log
    assert f"({len(steps(wide)) + 1} pages" in log


@pytest.mark.slow
def test_a_worksheet_and_its_key_are_two_pages(tmp_path):
    latex.compiled(worksheet(function(), "latex", key=True), tmp_path)
    assert "(2 pages" in (tmp_path / "page.log").read_text("utf-8", "replace")


def test_the_command_writes_slides_and_a_worksheet(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("LANGUAGE", "en")
    deck, sheet = tmp_path / "slides.html", tmp_path / "sheet.md"
    words = [PROGRAM, "x=2", "--slides", str(deck), "--worksheet", str(sheet)]
    assert main(["step", *words]) == 0
    assert deck.read_text("utf-8") == slides(function(), "html")
    assert sheet.read_text("utf-8") == worksheet(function(), "markdown", key=True)
    assert capsys.readouterr() == ("", f"written: {deck}\nwritten: {sheet}\n")


@pytest.fixture(scope="module")
def german(tmp_path_factory):
    """Return the folder of the course, and the names of each lesson's files."""
    folder = tmp_path_factory.mktemp("course")
    written, kept = course(folder, lang="de")
    assert kept == []
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
    values, contributions = len(results.forward) - len(lesson.values), len(results.backward) - 1
    assert given.count('class="blank"') == values + 2 * contributions
    assert key.count('class="blank"') == 0
    for name in ("handout", "homework"):
        for ending in (".html", ".tex"):
            student, teacher = [(folder / f"{name}{x}{ending}").read_text("utf-8") for x in ("", "-key")]
            assert "Lösung" in teacher
            assert "Lösung" not in student
            assert "Typische Fehler" not in student


@pytest.mark.slow
def test_what_a_teacher_has_changed_is_kept_and_listed(german, tmp_path, capsys):
    folder = tmp_path / "kurs"
    shutil.copytree(german, folder)
    mine, gone = folder / LESSONS[0].folder / "plan.html", folder / LESSONS[1].folder / "homework.tex"
    original = {path: path.read_bytes() for path in (mine, gone)}
    mine.write_text("my own plan")
    gone.unlink()
    words = ["course", "--lang", "de", "-o", str(folder)]
    assert main(words) == 0
    assert (mine.read_text(), gone.read_bytes()) == ("my own plan", original[gone])
    told = capsys.readouterr().err.splitlines()
    assert told[1:] == [
        f"behalten: {mine}",
        "Was behalten wurde, weicht von dem ab, was geschrieben würde; --force überschreibt es.",
    ]
    assert main([*words, "--force"]) == 0
    assert mine.read_bytes() == original[mine]
    assert "behalten" not in capsys.readouterr().err


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
    assert main(["problems", "--variants", "27"]) == 2
    assert "--variants 27 is too many: they are named A to Z, so at most 26" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: worksheet(Value(1.0), "docx"), "unknown format"),
        (lambda: worksheet(Value(1.0), blank=["grad"]), "unknown column"),
        (lambda: slides(Value(1.0), "pptx"), "unknown format"),
        (lambda: slides(1.0), "not a single output"),
        (lambda: slides(Value(1.0), passes="forward"), "unknown pass"),
        (lambda: slides(Value(1.0), passes=["pull"]), "unknown pass"),
        (lambda: course("x", lang="xx"), "not a known language"),
    ],
)
def test_wrong_arguments_are_refused(call, said):
    with pytest.raises(AutogradError, match=said):
        call()
