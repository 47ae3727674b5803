"""The notebooks are stored with outputs, equal to their sources, and run to the end."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("jupytext", reason="needs the extra `notebooks`")
pytest.importorskip("nbclient", reason="needs the extra `notebooks`")
pytest.importorskip("matplotlib", reason="needs the extra `notebooks`")
import nbformat
import numpy as np

from autograd_core import exercises, sigmoid

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
PACKAGES = ("autograd_core", "nn", "viz")


def module(name: str) -> Any:
    specification = importlib.util.spec_from_file_location(f"notebooks_{name}", FOLDER / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    found = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = found
    specification.loader.exec_module(found)
    return found


build = module("build")
SOURCES = [pytest.param(path, id=path.stem) for path in build.sources()]


def stored(source: Path) -> Any:
    return nbformat.read(source.with_suffix(".ipynb"), as_version=4)


def printed(cell: Any) -> str:
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def check_answers(notebook: Any) -> None:
    """Check that there are three unanswered questions, each with its hidden answer below."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    open_questions = [cell for cell in cells if re.search(r"^exercise_\d\(\.\.\.\)", cell.source, re.M)]
    solutions = [cell for cell in cells if "solution" in cell.metadata.get("tags", ())]
    assert len(open_questions) == len(solutions) == 3
    for cell in open_questions:
        assert printed(cell) == "not yet: put your answer in place of the three dots\n"
    for cell in solutions:
        assert cell.metadata["jupyter"]["source_hidden"]
        assert printed(cell) == "right\n", cell.source


def test_every_notebook_has_a_source():
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == {path.stem for path in build.sources()}


@pytest.mark.parametrize("source", SOURCES)
def test_stored_cells_are_those_of_the_source(source):
    expected, found = build.read(source), stored(source)
    assert [cell.cell_type for cell in found.cells] == [cell.cell_type for cell in expected.cells]
    for left, right in zip(found.cells, expected.cells, strict=True):
        assert left.source == right.source
        assert left.metadata == right.metadata


@pytest.mark.parametrize("source", SOURCES)
def test_what_it_imports_exists(source):
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] in PACKAGES:
            exec(ast.unparse(node), {})


@pytest.mark.parametrize("source", SOURCES)
def test_stored_outputs_are_those_of_one_whole_run(source):
    cells = [cell for cell in stored(source).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert outputs
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output.text for output in outputs if output.get("name") == "stderr"]


@pytest.mark.parametrize("source", SOURCES)
def test_begins_with_what_the_reader_will_be_able_to_do_and_ends_with_exercises(source):
    notebook = stored(source)
    first = notebook.cells[0].source
    assert first.startswith("# ")
    assert "After this notebook you can" in first
    assert any(cell.source.startswith("## Exercises") for cell in notebook.cells)
    check_answers(notebook)


@pytest.mark.parametrize("source", SOURCES)
def test_each_opens_on_hosted_services_from_the_repository(source):
    repository = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text(encoding="utf-8"))
    place = repository["project"]["urls"]["Source"].removeprefix("https://github.com/")
    links, install = stored(source).cells[1:3]
    assert re.findall(r"\]\((.*?)\)", links.source) == [
        f"https://colab.research.google.com/github/{place}/blob/main/notebooks/{source.stem}.ipynb",
        f"https://mybinder.org/v2/gh/{place}/main?labpath=notebooks/{source.stem}.ipynb",
    ]
    assert f"git+https://github.com/{place}" in install.source
    assert not install.outputs


class Hosted:
    """Records what the first cell does, on a machine with or without the packages."""

    def __init__(self, monkeypatch: Any, there: bool) -> None:
        self.did: list[Any] = []
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if there else None)
        monkeypatch.setattr("subprocess.run", lambda command, check: self.did.append(command))


def test_the_first_cell_does_nothing_here_and_installs_what_a_hosted_notebook_lacks(monkeypatch):
    install = stored(build.sources()[0]).cells[2].source
    here = Hosted(monkeypatch, there=True)
    exec(install, {})
    assert here.did == []
    elsewhere = Hosted(monkeypatch, there=False)
    exec(install, {})
    (pip,) = elsewhere.did
    assert pip[1:3] == ["-m", "pip"]
    assert pip[-1].startswith("autograd-core[notebooks] @ git+https://")


@pytest.mark.parametrize("source", SOURCES)
def test_nothing_in_the_outputs_tells_where_it_ran(source):
    text = source.with_suffix(".ipynb").read_text(encoding="utf-8")
    assert str(Path.home()) + os.sep not in text
    assert str(FOLDER.parent) not in text
    assert "/tmp/" not in text


@pytest.mark.slow
@pytest.mark.parametrize("source", SOURCES)
def test_runs_to_the_end(source):
    check_answers(build.run(build.read(source)))


def judged(question: Any, answers: Sequence[Any], capsys: Any) -> list[bool]:
    for answer in answers:
        question(answer)
    said = capsys.readouterr().out.splitlines()
    assert all(line == "right" or line.startswith("not yet: ") for line in said)
    return [line == "right" for line in said]


def test_exercises_judge_answers(capsys):
    question = exercises.Exercise(exercises.key("salt", [1.0, 2.0], 0.001), grid=0.001)
    answers = (..., (1, 2.0001), np.array([1.0, 2.0]), [1.0], [2.0, 1.0], 7, None, "1, 2", [1.0, 2.1], [])
    assert judged(question, answers, capsys) == [False, True, True, *[False] * 7]


@pytest.mark.parametrize("right", [0.0, 0.25**10, -1.2, 0.0005, 2.302585, 1234.5678])
@pytest.mark.parametrize("grid", [0.001, 1e-9, 1.0])
def test_an_answer_is_right_within_its_stated_tolerance(right, grid, capsys):
    question = exercises.Exercise(exercises.key("salt", [right], grid), grid=grid)
    near = [right, right + 0.99 * grid, right - 0.99 * grid]
    far = [right + 2.01 * grid, right - 2.01 * grid, right + 100 * grid, float("nan"), float("inf")]
    assert judged(question, [*near, *far], capsys) == [True] * 3 + [False] * 5


def test_a_whole_number_has_no_neighbors(capsys):
    question = exercises.Exercise(exercises.key("salt", [4]))
    assert judged(question, [4, 4.0, np.int64(4), 3, 5, 4.4, "4.5"], capsys) == [True] * 3 + [False] * 4


def test_a_known_mistake_is_named(capsys):
    mistakes = {exercises.key("salt", [-2.5], 0.01): "the sign is wrong"}
    question = exercises.Exercise(exercises.key("salt", [2.5], 0.01), grid=0.01, mistakes=mistakes)
    assert judged(question, [2.5, 2.495], capsys) == [True, True]
    for answer in (-2.5, -2.505, 7, None):
        question(answer)
    said = capsys.readouterr().out.splitlines()
    assert said[:3] == [*["not yet: the sign is wrong"] * 2, "not yet: 7 is not it"]
    assert said[3].startswith("not yet: TypeError")


def test_a_letter_is_judged_as_a_text(capsys):
    question = exercises.Exercise(exercises.key("salt", ["b"]))
    assert judged(question, ["b", " b", "a", "", 1, ["b"], ["b", "b"]], capsys) == [
        *[True, True, False, False, False, True, False]
    ]


def test_keys_are_made_on_the_command_line_outside_the_repository(tmp_path):
    command = [sys.executable, "-m", "autograd_core.exercises", "06.1", "0.001", "0.1"]
    there = os.environ | {"PYTHONPATH": str(FOLDER.parent)}
    answer = subprocess.run(command, cwd=tmp_path, env=there, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == exercises.key("06.1", [0.1], 0.001)


def test_a_function_is_judged_by_its_values(capsys):
    question = exercises.Exercise(exercises.key("salt", [0, 1, 4]), at=(0, 1, 2))
    answers = [lambda n: n**2, lambda n: 2 * n, lambda n: n / 0, 3]
    assert judged(question, answers, capsys) == [True, False, False, False]


@pytest.mark.parametrize("source", SOURCES)
def test_no_question_shows_its_answer(source):
    """A question has a key with a salt of its own, or a function that tests the answer."""
    calls = [
        node.value
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        if ast.unparse(node.value.func) == "Exercise"
    ]
    assert len(calls) == 3
    for number, call in enumerate(calls, start=1):
        (right,) = call.args
        if isinstance(right, ast.Constant):
            assert re.fullmatch(rf"{source.stem[:2]}\.{number}:[0-9a-f]{{12}}(,[0-9a-f]{{12}})*", right.value)
        else:
            assert isinstance(right, (ast.Lambda, ast.Name))


SLOPES = ["sigmoid(s)*sigmoid(-s)", "sigmoid(s)·(1 − sigmoid s)", "exp(-s)/(1 + exp(-s))^2", "2s", "sin s"]


def test_a_formula_is_right_in_every_spelling(capsys):
    cells = [cell.source for cell in build.read(FOLDER / "04_drawing.py").cells]
    question = next(source for source in cells if "exercise_3 = " in source)
    names = {"Exercise": exercises.Exercise, "sigmoid": sigmoid}
    exec(question, names)
    capsys.readouterr()
    assert judged(names["exercise_3"], SLOPES, capsys) == [True, True, True, False, False]
