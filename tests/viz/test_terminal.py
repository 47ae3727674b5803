"""Stepping in a terminal: keys, ends, a pipe, a pseudo-terminal, and the command line."""

import os
import pty
import subprocess
import sys
from pathlib import Path

from autograd_core import steps
from viz.cli.command import main
from viz.cli.terminal import Reader, interactive, told

from .lecture import example

ROOT = Path(__file__).parents[2]


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
        "∂J/∂t += ∂J/∂u1 · cos t = 2.9085 + 0.9695 · (cos t = -0.65364) = 2.2748   path 2: gradients add"
    )


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
