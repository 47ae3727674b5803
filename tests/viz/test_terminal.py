"""Stepping in a terminal: keys, ends, a pipe, a pseudo-terminal, and the command line."""

import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path

import pytest

from autograd_core import Value, maximum, steps
from autograd_core.base import width
from viz.cli.command import main
from viz.cli.terminal_stepper import Reader, graph, interactive, told

from .lecture import example

ROOT = Path(__file__).parents[2]
FUNCTION = "t = x**2; u1 = sin(t); u2 = 3*t; u = u1 + u2; J = cos(u)"


def test_f16_keys_move_and_stop_at_both_ends():
    reader = Reader(steps(example()))
    assert reader.press("b")
    assert reader.at == 0
    for _ in range(20):
        reader.press("n")
    assert reader.at == 13
    reader.press("g")
    assert reader.at == 0
    reader.press("G")
    assert reader.at == 13
    reader.press("x")
    assert reader.at == 13
    assert not reader.press("q")


def test_space_takes_what_a_node_sends_together():
    reader = Reader(steps(example()))
    reader.at = 8
    reader.press(" ")
    assert reader.at == 10


def test_the_second_path_is_told():
    step = steps(example())[11]
    assert told(step, "J") == (
        "∂J/∂t += ∂J/∂u₁ · cos t = 2.908 + 0.9695 · (−0.6536) = 2.275   path 2: gradients add"
    )


def test_a_negative_factor_stands_in_brackets_and_names_are_those_of_the_formulas():
    told_all = [told(step, "J") for step in steps(example())]
    assert "∂J/∂u += ∂J/∂J · (−sin u) = 1 · 0.9695 = 0.9695" in told_all
    assert not [text for text in told_all if "· −" in text or "u1" in text]


WIDTHS = {
    "lecture": example,
    "long names": lambda: Value(2.0, "a_rather_long_name") * Value(3.0, "another_long_name"),
    "tie": lambda: maximum(Value(1.0, "x"), Value(1.0, "y")) * 3.0,
}  # fmt: skip


@pytest.mark.parametrize("name", WIDTHS)
@pytest.mark.parametrize("columns", [60, 80, 100, 120])
def test_the_table_fits_the_width(name, columns, monkeypatch, capsys):
    table = steps(WIDTHS[name]())
    assert max(map(width, table.to_text(width=columns).splitlines())) <= columns
    plain = table.to_text(width=columns)
    colored = table.to_text(width=columns, color=True)
    assert re.sub("\x1b\\[[0-9]+m", "", colored) == plain
    assert len(re.findall("\x1b\\[31m", colored)) == len(table.backward)
    assert len(re.findall("\x1b\\[32m", colored)) >= 1


def test_the_command_keeps_to_columns_also_into_a_pipe():
    command = [sys.executable, "-m", "viz", "step", FUNCTION, "x=2", "--no-graph"]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "COLUMNS": "80"}
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, env=environment)
    lines = answer.stdout.decode().splitlines()
    assert max(map(width, lines)) <= 80
    assert "⊕ another path: gradients add" in lines
    assert b"\x1b" not in answer.stdout


@pytest.mark.parametrize(("variable", "colors"), [("NOTHING", True), ("NO_COLOR", False)])
def test_a_terminal_has_colors_unless_it_wants_none(variable, colors):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "viz", "step", FUNCTION, "x=2", "--no-graph"]
    environment = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS")}
    environment |= {"TERM": "xterm", variable: "1"}
    process = subprocess.Popen(command, cwd=ROOT, stdin=theirs, stdout=theirs, env=environment)
    os.close(theirs)
    seen = b""
    while select.select([ours], [], [], 20)[0]:
        try:
            seen += os.read(ours, 4096)
        except OSError:
            break
    assert process.wait(20) == 0
    os.close(ours)
    assert (b"\x1b[31m" in seen and b"\x1b[32m" in seen) is colors


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_the_screen_has_the_graph_above_and_the_step_in_three_lines(columns):
    reader = Reader(steps(example()))
    for at in range(14):
        reader.at = at
        lines = reader.screen(columns, 40, color=False)
        assert max(map(width, lines)) <= columns
        assert len(lines) <= 40
        assert sum("┃" in line for line in lines) == (3 if at else 0), "the present node stands out"
    reader.at = 12
    lines = reader.screen(columns, 40, color=False)
    assert any("▸ −0.7568" in line for line in lines)
    assert lines[-3:] == ["  = 2.908 + 0.9695 · (−0.6536)", "  = 2.275", "  path 2: gradients add"]
    assert len(reader.screen(columns, 12, color=False)) <= 12


@pytest.mark.parametrize("lang", ["en", "ja", "zh"])
@pytest.mark.parametrize("columns", [20, 39, 40])
def test_no_line_is_wider_than_the_screen_in_any_script(lang, columns):
    x = Value(2.0, "损失率")
    y = (x * x).sin()
    y.label = "e\u0301结果"
    reader = Reader(steps(y), lang)
    for _ in range(len(reader.steps) + 1):
        assert max(map(width, reader.screen(columns, 30, False))) <= columns
        reader.press("n")


def test_boxes_have_straight_sides_around_wide_letters():
    x = Value(2.0, "损失率")
    lines = graph(steps((x * x).sin()), 3, 90)
    assert [width(line) for line in lines[:5]] == 5 * [width(lines[0])]
    painted = [re.sub("\x1b\\[\\d*m", "", line) for line in graph(steps((x * x).sin()), 3, 90, color=True)]
    assert painted == lines


def test_a_session_of_keys(capsys):
    keys = iter("nnbq")
    interactive(steps(example()), lambda: next(keys))
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition("]")[0] for line in lines[1:]] == ["[0/13", "[1/13", "[2/13", "[1/13"]


def test_into_a_pipe_it_prints_every_step():
    command = [sys.executable, "-m", "viz", "step", "sin(x)*x", "x=2", "--interactive"]
    answer = subprocess.run(
        command, cwd=ROOT, capture_output=True, check=True, stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert len(answer.stdout.splitlines()) == 8
    assert answer.stderr == b""


def test_with_real_keys_in_a_real_terminal():
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "viz", "step", "sin(x)*x", "x=2", "-i"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = b""

    def wait_for(text):
        nonlocal seen
        while text not in seen:
            seen += os.read(ours, 4096)

    wait_for(b"[0/7]")
    os.write(ours, b"\x1b[C")
    wait_for(b"[1/7]")
    os.write(ours, b"\x1b[F")
    wait_for(b"[7/7]")
    os.write(ours, b"q")
    assert process.wait() == 0
    os.close(ours)


def test_the_command_writes_a_page(tmp_path, capsys):
    page = tmp_path / "j.html"
    assert main(["step", "sin(x)*x", "x=2", "--html", str(page)]) == 0
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert str(page) in capsys.readouterr().err
    assert main(["step", "x", "x=2", "--html", str(tmp_path / "no" / "j.html")]) == 1
    assert "no folder" in capsys.readouterr().err
