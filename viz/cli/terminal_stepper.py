"""Step through a function in a terminal, forward and back with keys."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from itertools import accumulate

from autograd_core.base import width
from autograd_core.formulas import Text
from autograd_core.languages import Catalog, catalog_of
from autograd_core.steps import Contribution, Forward, Seed, StepRecord, Steps, WeightUpdate

from ..drawing.boxes import number
from ..render.placement import Room, place
from .options_and_output import colored, columns, shows

GAP = "   "
"""The separator before a note at the end of a line, which a full screen shows on a separate line."""
ENGLISH = catalog_of("en")
ASCII = str.maketrans({"→": "->", "←": "<-", "·": "*", "−": "-", "∂": "d", "…": "..."})
_ARROWS = {"C": "n", "D": "b", "H": "g", "F": "G", "1": "g", "4": "G"}


def keys(spoken: Catalog) -> str:
    """Return the line that says what the keys do."""
    return spoken.say(
        "→ or n: next   ← or b: back   space: next node   Home or g: first   End or G: last   q: quit"
    )


class Reader:
    """A reader's position in a sequence of steps: after `at` of them.

    >>> from autograd_core import Value, steps
    >>> x = Value(2.0, "x")
    >>> reader = Reader(steps(x * x))
    >>> reader.press("n"), reader.press("n")
    (True, True)
    >>> reader.tell()
    '[2/5] J = x·x = 4'
    """

    def __init__(self, steps: Steps, lang: str = "en") -> None:
        self.steps = steps
        self.spoken = catalog_of(lang)
        self.at = 0

    def press(self, key: str) -> bool:
        """Handle a key; return False if it ends the reading. Unknown keys do nothing."""
        if key in ("q", "\x03", "\x04", ""):
            return False
        moves = {"n": 1, "\r": 1, "\n": 1, "l": 1, "b": -1, "h": -1, "g": -self.at, "G": len(self.steps)}
        step = self._to_next_node() if key == " " else moves.get(key, 0)
        self.at = min(max(self.at + step, 0), len(self.steps))
        return True

    def _to_next_node(self) -> int:
        """Return the number of steps to the end of the next node's contributions."""
        ahead = self.at + 1
        while ahead < len(self.steps) and _sender(self.steps[ahead]) == _sender(self.steps[ahead - 1]) != "":
            ahead += 1
        return ahead - self.at

    def tell(self) -> str:
        """Return the step in one line."""
        place = f"[{self.at}/{len(self.steps)}]"
        if self.at == 0:
            spoken = self.spoken
            points = [f"{pretty(name)} = {number(x)}" for name, x in self.steps.inputs.items()]
            inputs = spoken.listed(*[spoken.decimal(point) for point in points])
            at = GAP + spoken.say("at {inputs}", inputs=inputs) if points else ""
            return f"{place} {pretty(self.steps.output)} = {spoken.decimal(self.steps.formula())}{at}"
        return f"{place} {told(self.steps[self.at - 1], self.steps.output, self.spoken)}"

    def screen(self, columns: int, rows: int, color: bool) -> list[str]:
        """Return what a full screen shows: the keys, the graph, and the step in three lines."""
        lines = graph(self.steps, self.at, columns, color, self.spoken)
        if len(lines) > rows - 6:  # Too tall: show the part around the current step, which is bold.
            marked = [n for n, line in enumerate(lines) if "┃" in line]
            top = max(0, min(len(lines) - (rows - 6), (marked[0] if marked else 0) - (rows - 6) // 2))
            lines = lines[top : top + max(0, rows - 6)]
        first, *others = self.tell().replace(GAP, "\n  ").replace(" = ", "\n  = ", 2).split("\n")
        told = [first, *others] if self.at else [self.tell()]
        return [cut(keys(self.spoken), columns), *lines, "", *[cut(line, columns) for line in told[:4]]]


def _sender(step: StepRecord) -> str:
    return step.source if isinstance(step, Contribution) else ""


def told(step: StepRecord, output: str, spoken: Catalog = ENGLISH) -> str:
    """Describe a step: symbols, numbers inserted, result."""
    return spoken.decimal(_formulas(step, output, spoken))


def _formulas(step: StepRecord, output: str, spoken: Catalog) -> str:
    if isinstance(step, Forward):
        name, value = pretty(step.name), number(step.value)
        return f"{name} = {value}" if not step.arguments else f"{name} = {step.formula} = {value}"
    if isinstance(step, Seed):
        return f"∂{pretty(output)}/∂{pretty(step.name)} = {number(step.gradient)}"
    if isinstance(step, WeightUpdate):
        name = pretty(step.name)
        means = [(spoken.say("{mean} of", mean=mean.name), number(mean.value)) for mean in step.means]
        kept = "; ".join([f"{of} {name} = {value}" for of, value in means])
        return f"{name} ← {step.formula} = {number(step.after)}" + (f"{GAP}({kept})" if kept else "")
    before = f"{number(step.before)} + " if step.adds else ""
    tail = GAP + spoken.say("path {n}: gradients add", n=step.path) if step.adds else ""
    local = f"({number(step.local)})" if step.local < 0 else number(step.local)
    symbols = f"∂{pretty(output)}/∂{pretty(step.target)} += ∂{pretty(output)}/∂{pretty(step.source)}"
    numbers = f"{before}{number(step.incoming)} · {local} = {number(step.after)}"
    factor = step.factor_in("text")
    return f"{symbols} · {f'({factor})' if factor.startswith('−') else factor} = {numbers}{tail}"


def interactive(steps: Steps, read: Callable[[], str] | None = None, lang: str = "en") -> None:
    """Let the reader step through with keys; `read` returns one key at a time, by default from the terminal.

    In a terminal the screen shows the graph above and the step below; elsewhere each step is a line. If
    standard input is not a terminal, every step is printed, one per line. In plain ASCII it is English.
    """
    plain = not shows(keys(catalog_of(lang)))
    reader = Reader(steps, "en" if plain else lang)
    if read is None and not (sys.stdin is not None and sys.stdin.isatty()):
        for _ in range(len(steps) + 1):
            _write(reader.tell(), plain)
            reader.press("n")
        return
    if read is None and sys.stdout is not None and sys.stdout.isatty() and not plain:
        _full_screen(reader)
        return
    _write(keys(reader.spoken), plain)
    _write(reader.tell(), plain)
    while True:
        before = reader.at
        if not reader.press((read or read_key)()):
            return
        if reader.at != before:
            _write(reader.tell(), plain)


def _full_screen(reader: Reader) -> None:
    """Show each step on a separate screen, which is removed at the end."""
    sys.stdout.write("\x1b[?1049h\x1b[?25l")
    try:
        while True:
            size = shutil.get_terminal_size()
            lines = reader.screen(columns() or size.columns, size.lines, colored())
            sys.stdout.write("\x1b[H\x1b[2J" + "\r\n".join(lines))
            sys.stdout.flush()
            if not reader.press(read_key()):
                return
    finally:
        sys.stdout.write("\x1b[?25h\x1b[?1049l")
        sys.stdout.flush()


def _write(text: str, plain: bool) -> None:
    if plain:
        text = text.translate(ASCII).encode("ascii", "backslashreplace").decode()
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def read_key() -> str:
    """Wait for a key and return it; arrows, Home and End become the equivalent letters."""
    try:
        import termios
        import tty
    except ImportError:  # Windows
        import msvcrt

        key = str(msvcrt.getwch())  # type: ignore[attr-defined, unused-ignore]
        if key not in ("\x00", "\xe0"):
            return key
        return {"M": "n", "K": "b", "G": "g", "O": "G"}.get(str(msvcrt.getwch()), "?")  # type: ignore[attr-defined, unused-ignore]
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    try:
        tty.setcbreak(terminal, termios.TCSANOW)  # Keys pressed earlier are kept.
        key = sys.stdin.read(1)
        if key != "\x1b":
            return key
        return _ARROWS.get(sys.stdin.read(2)[-1:], "?")
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


ACROSS, DOWN = 8.0, 16.0
"""The width and height of a character, in points, for the placement of boxes."""
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


def cut(text: str, columns: int) -> str:
    """Return the beginning of a text that takes at most this number of columns.

    >>> cut("逆方向", 5), cut("backward", 5)
    ('逆方', 'backw')
    """
    ends = accumulate(map(width, text))
    return "".join([character for character, end in zip(text, ends, strict=True) if end <= columns])


class Canvas:
    """Characters in rows and columns, each with a color. A wide character leaves the next cell empty."""

    def __init__(self, columns: int, rows: int) -> None:
        self.cells = [[" "] * columns for _ in range(rows)]
        self.colors = [[""] * columns for _ in range(rows)]
        self.wires: dict[tuple[int, int], int] = {}

    def write(self, row: int, column: int, text: str, color: str = "") -> None:
        """Write a text, whose characters may be two columns wide, or none."""
        for character, end in zip(text, accumulate(map(width, text)), strict=True):
            at = column + end - max(1, width(character))
            if not (0 <= row < len(self.cells) and 0 <= at < len(self.cells[0])):
                continue
            cells = self.cells[row]
            if width(character) == 0:
                cells[at] += character
                continue
            cells[at : at + width(character)] = [character, *[""] * (width(character) - 1)]
            self.colors[row][at] = color

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
                f"{code}{character}{PLAIN}" if color and code and character.strip() else character
                for character, code in zip(characters, colors, strict=True)
            ]
            found.append("".join(parts).rstrip())
        return found


def graph(steps: Steps, at: int, columns: int, color: bool = False, spoken: Catalog = ENGLISH) -> list[str]:
    r"""Return the graph after `at` steps in lines of bounded length, or nothing if it does not fit.

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
    values, gradients, now = _state(steps, at, spoken)
    names = [pretty(step.name) for step in nodes]
    titles = [
        f"{name} = {spoken.decimal(step.formula)}" if step.arguments else name
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
    """Draw a path of straight pieces and curves; a curve gets two corners."""
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


def _state(steps: Steps, at: int, spoken: Catalog) -> tuple[dict[str, str], dict[str, str], set[str]]:
    """Return values and gradients after `at` steps, as text, and the subject of the last step."""

    def shown(x: float) -> str:
        return spoken.decimal(number(x))

    values: dict[str, str] = {}
    gradients: dict[str, str] = {}
    now: set[str] = set()
    for n, step in enumerate(steps[:at], start=1):
        if isinstance(step, Forward):
            values[step.name] = shown(step.value)
        elif isinstance(step, Seed):
            gradients[step.name] = shown(step.gradient)
        elif isinstance(step, Contribution):
            gradients[step.target] = shown(step.after)
        elif isinstance(step, WeightUpdate):
            values[step.name] = shown(step.after)
        if n == at:
            now = {step.target if isinstance(step, Contribution) else step.name}
    return values, gradients, now
