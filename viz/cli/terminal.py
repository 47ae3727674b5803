"""Step through a function in a terminal, forward and back with keys."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable

from autograd_core.steps import Contribution, Forward, Seed, Steps

from ..drawing.boxes import number
from .options import colored, columns, shows
from .screen import graph, pretty

Step = Forward | Seed | Contribution

HELP = "→ or n: next   ← or b: back   space: next node   Home or g: first   End or G: last   q: quit"
ASCII = str.maketrans({"→": ">", "←": "<", "·": "*", "−": "-", "∂": "d", "…": "..."})
_ARROWS = {"C": "n", "D": "b", "H": "g", "F": "G", "1": "g", "4": "G"}


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

    def __init__(self, steps: Steps) -> None:
        self.steps = steps
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
        """Return the number of steps to the end of what the next node sends."""
        ahead = self.at + 1
        while ahead < len(self.steps) and _sender(self.steps[ahead]) == _sender(self.steps[ahead - 1]) != "":
            ahead += 1
        return ahead - self.at

    def tell(self) -> str:
        """Return the step in one line."""
        place = f"[{self.at}/{len(self.steps)}]"
        if self.at == 0:
            at = ", ".join([f"{pretty(name)} = {number(x)}" for name, x in self.steps.inputs.items()])
            return f"{place} {pretty(self.steps.output)} = {self.steps.formula()}" + (
                f"   at {at}" if at else ""
            )
        return f"{place} {told(self.steps[self.at - 1], self.steps.output)}"

    def screen(self, columns: int, rows: int, color: bool) -> list[str]:
        """Return what a full screen shows: the keys, the graph, and the step in three lines."""
        lines = graph(self.steps, self.at, columns, color)
        if len(lines) > rows - 6:  # What has no room: the part around the present step, which is bold.
            marked = [n for n, line in enumerate(lines) if "┃" in line]
            top = max(0, min(len(lines) - (rows - 6), (marked[0] if marked else 0) - (rows - 6) // 2))
            lines = lines[top : top + max(0, rows - 6)]
        first, *others = self.tell().replace("   path", "\n  path").replace(" = ", "\n  = ", 2).split("\n")
        told = [first, *others] if self.at else [self.tell()]
        return [HELP[:columns], *lines, "", *[line[:columns] for line in told[:4]]]


def _sender(step: Step) -> str:
    return step.source if isinstance(step, Contribution) else ""


def told(step: Step, output: str) -> str:
    """Describe a step: symbols, numbers inserted, result."""
    if isinstance(step, Forward):
        name, value = pretty(step.name), number(step.value)
        return f"{name} = {value}" if not step.arguments else f"{name} = {step.formula} = {value}"
    if isinstance(step, Seed):
        return f"∂{pretty(output)}/∂{pretty(step.name)} = {number(step.gradient)}"
    before = f"{number(step.before)} + " if step.adds else ""
    tail = f"   path {step.path}: gradients add" if step.adds else ""
    local = f"({number(step.local)})" if step.local < 0 else number(step.local)
    symbols = f"∂{pretty(output)}/∂{pretty(step.target)} += ∂{pretty(output)}/∂{pretty(step.source)}"
    numbers = f"{before}{number(step.incoming)} · {local} = {number(step.after)}"
    factor = step.factor_in("text")
    return f"{symbols} · {f'({factor})' if factor.startswith('−') else factor} = {numbers}{tail}"


def interactive(steps: Steps, read: Callable[[], str] | None = None) -> None:
    """Let the reader step through with keys; `read` returns one key at a time, by default from the terminal.

    In a terminal the screen shows the graph above and the step below; elsewhere each step is a line. If
    standard input is not a terminal, every step is printed, one per line.
    """
    reader = Reader(steps)
    plain = not shows(HELP)
    if read is None and not (sys.stdin is not None and sys.stdin.isatty()):
        for _ in range(len(steps) + 1):
            _write(reader.tell(), plain)
            reader.press("n")
        return
    if read is None and sys.stdout is not None and sys.stdout.isatty() and not plain:
        _full_screen(reader)
        return
    _write(HELP, plain)
    _write(reader.tell(), plain)
    while True:
        before = reader.at
        if not reader.press((read or read_key)()):
            return
        if reader.at != before:
            _write(reader.tell(), plain)


def _full_screen(reader: Reader) -> None:
    """Show each step on a screen of its own, which is taken away at the end."""
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
