"""The five lessons: their functions, aims, minutes, kinds of problems, and the files of each."""

from __future__ import annotations

from dataclasses import dataclass

from ..text_parts import Say


@dataclass(frozen=True, eq=False)
class Lesson:
    """A lesson: its folder, its lecture, its function and point, and the kinds of its problems."""

    folder: str
    title: Say
    lecture: str
    program: str
    values: dict[str, float]
    class_kinds: tuple[str, ...]
    home_kinds: tuple[str, ...]
    level: int
    aims: tuple[Say, ...]
    board: Say


LESSONS = (
    Lesson("1-two-passes", Say("Forward and backward pass"), "CMU 10-301/601, C1–C5",
           "t = x**2; u1 = sin(t); u2 = 3*t; u = u1 + u2; J = cos(u)", {"x": 2.0},
           ("forward", "paths"), ("local", "chain", "backward", "paths"), 1,
           (Say("Split a function into steps and compute their values in order."),
            Say("Fill in the backward column, one line for each edge."),
            Say("Explain why the contributions of two paths add up.")),
           Say("x changes by 0.001: by how much does J change, and through which steps?")),
    Lesson("2-error-signals", Say("Error signals of a neuron"), "ShanghaiTech CS182, S1–S3",
           "s = w*x + b; y = sigmoid(s); L = 0.5*(y - t)**2", {"w": 0.5, "x": 2.0, "b": -1.0, "t": 1.0},
           ("neuron",), ("chain", "neuron", "neuron", "bug"), 2,
           (Say("Compute a neuron's output and loss."),
            Say("Pass the error signal from the loss to the weight and the bias."),
            Say("Tell from the sign of a gradient which way a weight should move.")),
           Say("The output is too small: should the weight grow or shrink, and what does that depend on?")),
    Lesson("3-layers", Say("Layers, and what they share"), "Penn CIS 4190/5190, P1–P3",
           "a1 = w11*x1 + w12*x2; h1 = relu(a1); a2 = w21*x1 + w22*x2; h2 = relu(a2); y = v1*h1 + v2*h2",
           {"w11": 1.0, "x1": 2.0, "w12": -1.0, "x2": 1.0, "w21": 0.5, "w22": 1.0, "v1": 2.0, "v2": -1.0},
           ("network",), ("network", "kink", "backward"), 1,
           (Say("Compute a layered network forward, neuron by neuron."),
            Say("Reuse the error signal of a layer for all weights below it."),
            Say("Say where a rectifier passes no gradient.")),
           Say("Two weights lead into the same neuron: which part of their gradients is the same?")),
    Lesson("4-orders-and-costs", Say("Orders and costs"), "McMaster 4AL3, M1–M3",
           "u = x*y; v = z*w; s = u + v; J = s*x", {"x": 2.0, "y": 3.0, "z": -1.0, "w": 4.0},
           ("order", "modes"), ("order", "modes", "bug", "kink"), 2,
           (Say("Tell a topological order from one that is not."),
            Say("Count the work of forward mode, reverse mode and differences."),
            Say("Find the wrong line of a backward pass.")),
           Say("A function has a million inputs: how many passes does its gradient take?")),
    Lesson("5-networks-that-learn", Say("Networks that learn"), "Hull, lecture 2, H1–H3",
           "a = w*x + b; h = relu(a); y = v*h + c; L = 0.5*(y - t)**2",
           {"w": 1.0, "x": 2.0, "b": -1.0, "v": 2.0, "c": 0.5, "t": 2.0},
           ("network", "kink"), ("network", "neuron", "bug", "order"), 2,
           (Say("Compute all gradients of a small network with its loss."),
            Say("Update the weights with the gradients of the old ones."),
            Say("Say what happens to the loss if the learning rate is too large.")),
           Say("All gradients are known: in which order are the weights updated, and does it matter?")),
)  # fmt: skip
"""The lessons, along the lectures of CMU, ShanghaiTech, Penn, McMaster and Hull."""

MINUTES = (
    (15, Say("Slides: the forward pass, then the backward pass, one row at a time. "
             "Ask for each number first.")),
    (10, Say("The worksheet, in pairs; compare with the live page.")),
    (10, Say("The problems of the hand-out, alone; the page names the mistake behind a wrong answer.")),
    (5, Say("What went wrong most often, and the homework.")),
)  # fmt: skip
"""What follows the five minutes of the question on the board."""

FILES = (
    ("slides.html slides.tex", Say("slides, one row at a time (the arrow keys; Beamer)")),
    ("live.html", Say("the live page: step through the function, and a quiz (key Q)")),
    ("quiz.zip", Say("the quiz of the live page for learning platforms (SCORM 1.2)")),
    ("worksheet.html", Say("the worksheet with blanks")),
    ("handout.html handout.tex", Say("the hand-out")),
    ("practice.html", Say("the page that marks the hand-out's problems")),
    ("homework.html homework.tex", Say("the homework")),
    ("homework.xml", Say("the homework as a question bank for Moodle, with answers")),
    ("worksheet-key.html handout-key.html handout-key.tex homework-key.html homework-key.tex",
     Say("the keys, for teachers")),
)  # fmt: skip
"""The files beside a plan, and what each is."""
