"""The documentation and the README are correct: code, output, links, tables, pages."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from math import inf, isnan, nan
from pathlib import Path

import pytest

import autograd_core
import nn
import viz
from autograd_core import TABLE, errstate
from benchmarks import measure
from benchmarks import page as benchmark_page

from . import test_conventions as conventions
from .markdown import ROOT, blocks, expected_output, run_page

DOCS = ROOT / "docs"
sys.path.append(str(DOCS))
import generated  # noqa: E402

BUILT = ("notebooks", "_build")
PAGES = sorted(page for page in DOCS.rglob("*.md") if page.relative_to(DOCS).parts[0] not in BUILT)
TOP = [*sorted(ROOT.glob("*.md")), ROOT / "llms.txt", ROOT / "notebooks" / "README.md"]

LECTURE_ROWS = [
    *(f"C{i}" for i in range(1, 11)),
    *(f"S{i}" for i in range(1, 8)),
    *(f"P{i}" for i in range(1, 5)),
    *(f"M{i}" for i in range(1, 8)),
    *(f"H{i}" for i in range(1, 7)),
]


def test_the_page_of_errors_has_all_exceptions() -> None:
    page = (DOCS / "reference" / "errors.md").read_text(encoding="utf-8")
    packages = tuple(package.__name__ for package in (autograd_core, nn, viz))
    kinds: list[type[BaseException]] = [autograd_core.AutogradError]
    for kind in kinds:
        kinds += [each for each in kind.__subclasses__() if each.__module__.startswith(packages)]
    assert {viz.OutputError, viz.RenderError, nn.ModelFileError} < set(kinds)
    assert [kind.__name__ for kind in kinds if not re.search(rf"\b{kind.__name__}\b", page)] == []


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=name_of)
def test_every_code_block_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    table, methods = dict(TABLE), set(vars(autograd_core.Value))
    try:
        left_out = run_page(page)
    finally:  # A page may show how a row is added.
        for name in set(TABLE) - set(table):
            del TABLE[name]
        for name in set(vars(autograd_core.Value)) - methods:
            delattr(autograd_core.Value, name)
    if left_out:
        print("left out:", *left_out, sep="\n  ")
    for name in generated.pictures(page):
        if Path(name).exists() and name.endswith(".svg"):
            assert words(Path(name)) == words(DOCS / "images" / name), "run `python docs/generated.py`"


def words(picture: Path) -> list[str]:
    """The texts in a picture: its shapes depend on the program that lays it out."""
    return sorted(re.findall(r"<text[^>]*>([^<]*)</text>", picture.read_text(encoding="utf-8")))


def test_every_picture_of_a_graph_is_drawn_by_the_page_that_shows_it():
    by_hand = {"stepper.png", "steps.svg", "growth.svg"}
    shown = {name: page for page in [ROOT / "README.md", *PAGES] for name in generated.pictures(page)}
    assert {path.name for path in (DOCS / "images").iterdir()} == set(shown)
    text = {name: page.read_text(encoding="utf-8").replace(f"/{name})", "") for name, page in shown.items()}
    assert {name for name in shown if name not in text[name]} == by_hand


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_generated_parts_are_current(page):
    text = page.read_text(encoding="utf-8")
    assert text == generated.filled(text, generated.ON_THE_PAGES), "run `python docs/generated.py`"


RAW = {
    "a directive": r"^(```+|:::+)\{",
    "a role": r"(?<![`\w])\{[a-z][\w:]*\}`[^`]",
    "a label": r"^\([\w-]+\)=$",
    "front matter": r"\A---$",
    "a definition list": r"^: ",
    "MathML": "<math",
}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_has_no_markup_that_only_sphinx_understands(page):
    text = re.sub(r"^```\w.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    assert [name for name, pattern in RAW.items() if re.search(pattern, text, re.MULTILINE)] == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.parent.name != "reference"], ids=name_of)
def test_what_a_page_prints_is_shown(page):
    """A reader on a code host sees what a block prints: in comments, or in a `text` block below it."""
    silent = [
        str(block)
        for block in blocks(page)
        if block.language == "python" and re.search(r"^ *print\(", block.text, re.MULTILINE)
        if not block.after and not list(expected_output(block.text))
    ]
    assert silent == []


def anchors(page: Path) -> set[str]:
    """The anchors of a page."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [*TOP, *PAGES], ids=name_of)
def test_links_inside_the_repository_lead_somewhere(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    dead = []
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", text)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        has_anchor = not anchor or there.suffix != ".md" or anchor in anchors(there)
        if not (there.exists() and has_anchor):
            dead.append(target)
    assert dead == []


def test_every_page_is_listed_in_an_index():
    listed = {DOCS / "index.md"}
    for page in [*PAGES, ROOT / "notebooks" / "README.md"]:
        if page.stem in ("index", "README"):
            items = re.findall(r"^\* .*?\]\(([^)]+)\)", page.read_text(encoding="utf-8"), re.MULTILINE)
            listed |= {(page.parent / item).resolve() for item in items}
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert [name_of(page) for page in [*PAGES, *notebooks] if page not in listed] == []


def test_every_lecture_row_has_its_line():
    text = (DOCS / "lectures.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([CSPMH]\d+) \|", text, re.MULTILINE)
    assert sorted(rows) == sorted(LECTURE_ROWS)


NAMED = re.compile(r"`((?:autograd_core|nn|viz|tests|docs|benchmarks|notebooks)/[\w/.-]*)`")


@pytest.mark.parametrize("page", [*TOP, *PAGES], ids=name_of)
def test_files_that_a_page_names_exist(page):
    named = NAMED.findall(page.read_text(encoding="utf-8"))
    assert named or page.name != "lectures.md"
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_table_of_operations_has_every_row():
    table = generated.operations()
    assert [name for name in TABLE if f"| `{name}(" not in table] == []
    assert sum(len(names.split()) for names in generated.GROUPS.values()) == len(
        {name for names in generated.GROUPS.values() for name in names.split()} & set(TABLE)
    )


def number(text: str) -> float:
    return {"inf": inf, "-inf": -inf, "nan": nan}.get(text) or float(text)


def same(shown: str, is_: float) -> bool:
    """Whether a number on the page, which has six digits, is this one."""
    x = number(shown)
    return (isnan(x) and isnan(is_)) or x == is_ or abs(x - is_) <= 1e-5 * abs(is_)


CONVENTION = re.compile(r"^\| (\d+) \| `([^`]+)` \| ([^|]*) \|(?:[^|]*\|){3} ([^|]*) \|", re.MULTILINE)


def conventions_page() -> dict[int, tuple[str, str, str]]:
    found = CONVENTION.findall((DOCS / "conventions.md").read_text(encoding="utf-8"))
    return {int(row): (expression, point, adopted) for row, expression, point, adopted in found}


def test_the_conventions_page_has_every_row():
    assert sorted(conventions_page()) == sorted(row.number for row in conventions.ROWS)


@pytest.mark.parametrize("row", conventions.ROWS, ids=str)
def test_the_conventions_page_says_what_happens(row):
    expression, _, adopted = conventions_page()[row.number]
    assert expression == row.expression
    assert ("**E**" in adopted) == (row.raises == "forward")
    value, _, slopes = adopted.replace("**E**", "").partition(";")
    with errstate(all="ignore"):
        y, leaves = row.build()
        y.backward()
    assert same(value.strip(), y.data)
    shown = [slope.strip() for slope in slopes.split("[")[0].split(",")]
    assert all(same(text, leaf.grad) for text, leaf in zip(shown, leaves, strict=True))


def test_the_readmes_figures_are_those_of_the_newest_results():
    path = benchmark_page.newest()
    whole = json.loads(path.read_text(encoding="utf-8"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = readme.partition(benchmark_page.MARKS[0])[2].partition(benchmark_page.MARKS[1])[0].strip()
    assert told == benchmark_page.figures(path.stem, whole)
    assert "failed" not in [key for found in whole["benchmarks"].values() for key in found]


def test_the_benchmark_page_is_that_of_the_newest_results():
    path = benchmark_page.newest()
    whole = json.loads(path.read_text(encoding="utf-8"))
    written = benchmark_page.text(path.stem, whole, benchmark_page.PLOT.exists())
    assert benchmark_page.PAGE.read_text(encoding="utf-8") == written


@pytest.mark.slow
def test_the_documentation_builds_without_a_warning(tmp_path):
    if "CI" not in os.environ:
        pytest.importorskip("myst_nb")
        pytest.importorskip("furo")
    source = tmp_path / "repository"
    shutil.copytree(
        ROOT, source, ignore=shutil.ignore_patterns(".*", "__pycache__", "_build", "results.old", "build")
    )
    options = ["-W", "--keep-going", "-q", "-D", "playground=playground/", "-b", "html"]
    command = [sys.executable, "-m", "sphinx", *options, "docs", str(tmp_path / "html")]
    answer = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    warnings = [line for line in answer.stderr.splitlines() if "WARNING: " in line or "ERROR: " in line]
    assert (answer.returncode, warnings) == (0, []), answer.stderr
    assert (tmp_path / "html" / "live" / "lecture.html").exists()
    for page in ("index", "tutorial", "explanation/reverse-mode", "howto/step"):
        text = (tmp_path / "html" / f"{page}.html").read_text(encoding="utf-8")
        assert "live/lecture.html#step=" in text
        assert page != "index" or text.count(">Try it</a>") == 1, "a command"
        assert f'href="{"../" * page.count("/")}playground/#' in text
    for page in (tmp_path / "html").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert text.count(">Try it</a>") >= text.count('class="highlight-python'), page
        scripts = re.findall(r'<script[^>]*src="([^"]*)"', text)
        assert not [name for name in scripts if "mathjax" in name.lower()], "formulas need no network"
    assert "<mfrac>" in (tmp_path / "html" / "explanation" / "reverse-mode.html").read_text(encoding="utf-8")


def test_the_pictures_of_the_pages_are_dark_in_a_dark_theme():
    for path in sorted((ROOT / "docs" / "images").glob("*.svg")):
        text = path.read_text(encoding="utf-8")
        if 'class="graph"' in text:
            assert "prefers-color-scheme: dark" in text, path.name


def test_a_ratio_lies_between_its_quartiles():
    spent = iter([0.3, 0.1, 0.5, 0.2, 0.2, 0.1, 0.9, 0.15, 0.4, 0.4] * 3)
    clock = [0.0]

    def take():
        clock[0] += next(spent)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measure.time, "process_time", lambda: clock[0])
        patch.setattr(measure.gc, "collect", lambda: 0)  # A collection takes seconds late in a long run.
        found = measure.ratio(take, take, 1, 11)
    assert found.low <= found.median <= found.high
    assert f"{found.median:.2f} x (quartiles {found.low:.2f} to {found.high:.2f})" in str(found)


def test_a_readme_figure_says_which_side_is_slower():
    noted = {"slow_seconds": 2.0, "fast_seconds": 1.0, "median": 1.5, "low": 1.4, "high": 1.6}
    whole = {
        "machine": {"processor": "a processor", "python": "3.11", "cores": 8},
        "benchmarks": {
            "fit_wide": {"results": {"over NumPy": noted}},
            "engine": {"results": {"tiny": noted}},
        },
    }
    tiny, wide = benchmark_page.figures("2026-01-01", whole).splitlines()[-2:]
    assert "| 1.50 | 1.40 to 1.60 |" in tiny
    assert "0.67 (ours is slower)" in wide
    assert "median" in benchmark_page.figures("2026-01-01", whole)


def test_a_benchmark_measures_in_a_process_of_its_own():
    assert measure.alone(os.getpid) not in (os.getpid(), measure.alone(os.getpid))
