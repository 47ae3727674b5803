"""`course`: five lessons of 45 minutes along five lectures, as files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from autograd_core import parse
from autograd_core.base import write_whole

from ...stepper.stepper import stepper
from ..formats import FORMATS, Sheet, sheet, write
from ..language import language
from ..phrases import Say
from ..problem import NumberQuestion
from .slides import slides
from .worksheet import worksheet


@dataclass(frozen=True)
class Lesson:
    """A lesson: its folder, its function and point, and the kinds of its problems."""

    folder: str
    title: Say
    program: str
    values: dict[str, float]
    class_kinds: tuple[str, ...]
    home_kinds: tuple[str, ...]
    level: int


LESSONS = (
    Lesson("1-two-passes", Say("Forward and backward pass"),
           "t = x**2; u1 = sin(t); u2 = 3*t; u = u1 + u2; J = cos(u)", {"x": 2.0},
           ("forward", "paths"), ("local", "chain", "backward", "paths"), 1),
    Lesson("2-error-signals", Say("Error signals of a neuron"),
           "s = w*x + b; y = sigmoid(s); L = 0.5*(y - t)**2", {"w": 0.5, "x": 2.0, "b": -1.0, "t": 1.0},
           ("neuron",), ("chain", "neuron", "neuron", "bug"), 2),
    Lesson("3-layers", Say("Layers, and what they share"),
           "a1 = w11*x1 + w12*x2; h1 = relu(a1); a2 = w21*x1 + w22*x2; h2 = relu(a2); y = v1*h1 + v2*h2",
           {"w11": 1.0, "x1": 2.0, "w12": -1.0, "x2": 1.0, "w21": 0.5, "w22": 1.0, "v1": 2.0, "v2": -1.0},
           ("network",), ("network", "kink", "backward"), 1),
    Lesson("4-orders-and-costs", Say("Orders and costs"),
           "u = x*y; v = z*w; s = u + v; J = s*x", {"x": 2.0, "y": 3.0, "z": -1.0, "w": 4.0},
           ("order", "modes"), ("order", "modes", "bug", "kink"), 2),
    Lesson("5-networks-that-learn", Say("Networks that learn"),
           "a = w*x + b; h = relu(a); y = v*h + c; L = 0.5*(y - t)**2",
           {"w": 1.0, "x": 2.0, "b": -1.0, "v": 2.0, "c": 0.5, "t": 2.0},
           ("network", "kink"), ("network", "neuron", "bug", "order"), 2),
)  # fmt: skip
"""The lessons, along the lectures of CMU, ShanghaiTech, Penn, McMaster and Hull."""

ELSEWHERE = "At {node}: {reason}"

MINUTES = (
    (5, Say("A question on the board: what happens to the output if one input changes a little?")),
    (
        15,
        Say(
            "Slides: the forward pass, then the backward pass, one row at a time. Ask for each number first."
        ),
    ),
    (10, Say("The worksheet, in pairs; compare with the live page.")),
    (10, Say("The problems of the hand-out, alone; the page names the mistake behind a wrong answer.")),
    (5, Say("What went wrong most often, and the homework.")),
)


def course(folder: str | os.PathLike[str], *, lang: str = "en", seed: int = 1) -> list[Path]:
    """Write a course into a folder and return its files.

    Each lesson has a plan, slides, a live page, a worksheet, a hand-out, a page for practice and homework.
    The same seed gives the same problems. Raises `DataValueError` for an unknown language, `OSError` if a
    file cannot be written.
    """
    language(lang)
    written: list[Path] = []
    for lesson in LESSONS:
        target = Path(folder, lesson.folder)
        target.mkdir(parents=True, exist_ok=True)
        for name, content in _files(lesson, lang, seed).items():
            write_whole(target / name, content, "course")
            written.append(target / name)
    return written


def _files(lesson: Lesson, lang: str, seed: int) -> dict[str, bytes]:
    output = parse(lesson.program, lesson.values)
    made = {
        "slides.tex": slides(output, "beamer", lang=lang),
        "slides.html": slides(output, "html", lang=lang),
        "live.html": stepper(output).html,
        "worksheet.html": worksheet(output, "html", lang=lang),
        "worksheet-key.html": worksheet(output, "html", blank=(), lang=lang),
    }
    files = {name: text.encode() for name, text in made.items()}
    in_class = _sheet(lesson, lesson.class_kinds, seed, lang)
    at_home = _sheet(lesson, lesson.home_kinds, seed + 100, lang)
    wanted = (("handout", in_class, ("html", "latex")), ("homework", at_home, ("html", "latex", "moodle")))
    for name, of, formats in wanted:
        for format in formats:
            for file in write(of, format):
                files[f"{name}{'-key' if file.key else ''}{FORMATS[format][0]}"] = file.content
    files["practice.html"] = write(in_class, "page")[0].content
    files["plan.md"] = _plan(lesson, in_class, at_home).encode()
    return files


def _sheet(lesson: Lesson, kinds: tuple[str, ...], seed: int, lang: str) -> Sheet:
    title = language(lang).text(lesson.title)
    return sheet(seed, len(kinds), kinds=kinds, level=lesson.level, lang=lang, title=title)


def _plan(lesson: Lesson, in_class: Sheet, at_home: Sheet) -> str:
    """Return the teacher's plan: minutes, and the mistakes behind the wrong answers of these problems."""
    spoken = in_class.language
    lines = [f"# {spoken.text(lesson.title)}", "", f"`{lesson.program}`", ""]
    for minutes, what in MINUTES:
        lines.append(f"- {spoken.text(Say('{n} min', n=str(minutes)))}: {spoken.text(what)}")
    lines += ["", f"## {spoken.text(Say('What students usually get wrong'))}", ""]
    problems = [problem for of in (in_class, at_home) for problem in of.variants[0]]
    questions = [question for problem in problems for question in problem.questions]
    wrong = [w for question in questions if isinstance(question, NumberQuestion) for w in question.wrong]
    # A reason with its place is about one problem only.
    reasons = dict.fromkeys([spoken.text(w.reason) for w in wrong if w.reason.template != ELSEWHERE])
    return "\n".join([*lines, *[f"- {reason}" for reason in reasons], ""])
