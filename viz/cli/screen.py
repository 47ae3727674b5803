"""Draw a function's graph with characters: boxes, lines between them, the present step marked."""

from __future__ import annotations

import re

from autograd_core.base import width
from autograd_core.formulas import Text
from autograd_core.steps import Contribution, Forward, Seed, Steps

from ..drawing.boxes import number
from ..render.placement import Room, place

ACROSS, DOWN = 8.0, 16.0
"""How many points a character is wide and high where boxes are placed."""
GREEN, RED, BOLD, PLAIN = "\x1b[32m", "\x1b[31m", "\x1b[1m", "\x1b[0m"
LEFT, RIGHT, UP, BELOW = 1, 2, 4, 8
WIRES = {
    LEFT: "─", RIGHT: "─", LEFT | RIGHT: "─", UP: "│", BELOW: "│", UP | BELOW: "│",
    RIGHT | BELOW: "╭", LEFT | BELOW: "╮", RIGHT | UP: "╰", LEFT | UP: "╯",
    LEFT | RIGHT | BELOW: "┬", LEFT | RIGHT | UP: "┴", UP | BELOW | RIGHT: "├", UP | BELOW | LEFT: "┤",
    LEFT | RIGHT | UP | BELOW: "┼",
}  # fmt: skip


def pretty(name: str) -> str:
    """Return a name as formulas write it: u₁ for u1."""
    return Text().name(name).text


class Canvas:
    """Characters in rows and columns, each with a color."""

    def __init__(self, columns: int, rows: int) -> None:
        self.cells = [[" "] * columns for _ in range(rows)]
        self.colors = [[""] * columns for _ in range(rows)]
        self.wires: dict[tuple[int, int], int] = {}

    def write(self, row: int, column: int, text: str, color: str = "") -> None:
        """Write a text of characters that are one column wide."""
        for k, character in enumerate(text):
            if 0 <= row < len(self.cells) and 0 <= column + k < len(self.cells[0]):
                self.cells[row][column + k] = character
                self.colors[row][column + k] = color

    def wire(self, row: int, column: int, to_row: int, to_column: int) -> None:
        """Draw a line to the right or left, or up or down."""
        while (row, column) != (to_row, to_column):
            if row == to_row:
                step = (0, 1 if to_column > column else -1)
                out, into = (RIGHT, LEFT) if step[1] > 0 else (LEFT, RIGHT)
            else:
                step = (1 if to_row > row else -1, 0)
                out, into = (BELOW, UP) if step[0] > 0 else (UP, BELOW)
            self.wires[row, column] = self.wires.get((row, column), 0) | out
            row, column = row + step[0], column + step[1]
            self.wires[row, column] = self.wires.get((row, column), 0) | into

    def lines(self, color: bool) -> list[str]:
        """Return the rows as text."""
        for (row, column), directions in self.wires.items():
            if 0 <= row < len(self.cells) and 0 <= column < len(self.cells[0]):
                self.cells[row][column] = WIRES[directions]
        found = []
        for characters, colors in zip(self.cells, self.colors, strict=True):
            parts = [
                f"{code}{character}{PLAIN}" if color and code and character != " " else character
                for character, code in zip(characters, colors, strict=True)
            ]
            found.append("".join(parts).rstrip())
        return found


def graph(steps: Steps, at: int, columns: int, color: bool = False) -> list[str]:
    r"""Return the graph after `at` steps in lines of at most so many characters; none where it has no room.

    >>> from autograd_core import Value, steps
    >>> print("\n".join(graph(steps(Value(2.0, "x").exp()), 1, 40)))
    ╭───────────╮   ╭───────────╮
    ┃ x         ┃   │ J = exp x │
    ┃ ▸ 2       ┃───│ ▸ ·       │
    ┃ ◂ –       ┃   │ ◂ –       │
    ╰───────────╯   ╰───────────╯
    """
    nodes = steps.forward
    places = {step.name: i for i, step in enumerate(nodes)}
    values, gradients, now = _state(steps, at)
    names = [pretty(step.name) for step in nodes]
    titles = [
        f"{name} = {step.formula}" if step.arguments else name
        for name, step in zip(names, nodes, strict=True)
    ]
    wide = [max(13, width(title) + 4) for title in titles]
    edges = [(places[name], i) for i, step in enumerate(nodes) for name in step.arguments if name in places]
    room = Room(3 * ACROSS, (ACROSS, DOWN), columns * ACROSS, columns * ACROSS, 1e9, 0.0)
    placed = place([(w * ACROSS, 5 * DOWN) for w in wide], edges, room=room)
    canvas = Canvas(round(placed.width / ACROSS), round(placed.height / DOWN) + 1)
    if len(canvas.cells[0]) > columns:
        return []
    for path in placed.paths:
        _draw(canvas, path)
    for i, (step, (x, y)) in enumerate(zip(nodes, placed.nodes, strict=True)):
        row, column = round(y / DOWN - 2.5), round(x / ACROSS - wide[i] / 2)
        value, grad = values.get(step.name, "·"), gradients.get(step.name, "–")
        bar, code = ("┃", BOLD) if step.name in now else ("│", "")
        canvas.write(row, column, f"╭{'─' * (wide[i] - 2)}╮", code)
        canvas.write(row + 4, column, f"╰{'─' * (wide[i] - 2)}╯", code)
        texts = ((titles[i], code), (f"▸ {value}", GREEN), (f"◂ {grad}", RED))
        for k, (text, tint) in enumerate(texts, start=1):
            canvas.write(row + k, column, bar + " " * (wide[i] - 2) + bar, code)
            canvas.write(row + k, column + 2, text, tint)
        for gap in [key for key in canvas.wires if _inside(key, row, column, wide[i])]:
            del canvas.wires[gap]
    return canvas.lines(color)


def _inside(at: tuple[int, int], row: int, column: int, wide: int) -> bool:
    return row <= at[0] < row + 5 and column <= at[1] < column + wide


def _draw(canvas: Canvas, path: str) -> None:
    """Draw a path of straight pieces and curves, the latter with two corners."""
    at = (0, 0)
    for letter, rest in re.findall("([MLC])([^MLC]+)", path):
        points = [tuple(map(float, pair.split(","))) for pair in rest.split()]
        cells = [(round(y / DOWN - 0.5), round(x / ACROSS)) for x, y in points]
        if letter == "C":
            cells = [(at[0], cells[0][1]), (cells[2][0], cells[0][1]), cells[2]]
        for cell in cells if letter != "M" else ():
            canvas.wire(*at, *cell)
            at = cell
        at = cells[-1]


def _state(steps: Steps, at: int) -> tuple[dict[str, str], dict[str, str], set[str]]:
    """Return values and gradients after `at` steps, as text, and what the last one is about."""
    values: dict[str, str] = {}
    gradients: dict[str, str] = {}
    now: set[str] = set()
    for n, step in enumerate(steps[:at], start=1):
        if isinstance(step, Forward):
            values[step.name] = number(step.value)
        elif isinstance(step, Seed):
            gradients[step.name] = number(step.gradient)
        elif isinstance(step, Contribution):
            gradients[step.target] = number(step.after)
        if n == at:
            now = {step.target if isinstance(step, Contribution) else step.name}
    return values, gradients, now
