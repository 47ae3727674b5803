"""The Python side of the playground: the page that steps through an expression, and a few lines of code run.

The browser's worker imports it in Pyodide, the tests in CPython.
"""

import ast
import io
import linecache
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

from autograd_core import Graph, Value
from autograd_core.errors import AutogradError, DomainError, ExpressionError
from autograd_core.formulas import inputs_of
from viz import Stepper, stepper
from viz.cli.command import function_of
from viz.cli.options_and_output import UsageError
from viz.display import of_graph, of_value
from viz.palette import ACCENT, COLORS
from viz.render import graphviz_drawing

NAME = "<playground>"
"""The file name of the code in a traceback."""

DEFAULTS = ("2", "0.5")
"""Initial values of inputs; the second is used if the function is undefined at the first."""

MOST_CHARACTERS = 1_000_000
"""The most characters of one displayed object, and of all text that one run prints."""

MOST_AT_ONCE = 500
"""The most lines of a run that are sent one by one; later ones are sent together, every 50 ms."""

Told = dict[str, Any]
_state: dict[str, Callable[[Told], None]] = {"tell": lambda told: None}


def picture(text: str, given: Iterable[Sequence[str]]) -> Told:
    """Return an expression's inputs with their values, and its page or the error, which shows the position.

    `given` has the names of inputs and the texts in their fields; an input without one gets a default.
    """
    typed, inputs = dict(given), None
    try:
        names = inputs_of(text)
        for default in DEFAULTS:
            inputs = [[name, typed.get(name, default)] for name in names]
            try:
                output = function_of(text, [f"{name}={value}" for name, value in inputs])
                break
            except ExpressionError as fault:
                undefined = isinstance(fault.__cause__, DomainError)
                if not undefined or default == DEFAULTS[-1] or set(names) <= set(typed):
                    raise
        return {"inputs": inputs, "page": stepper(output).html, "error": ""}
    except (UsageError, AutogradError) as fault:
        return {"inputs": inputs, "page": "", "error": str(fault).removeprefix("expression: ")}


def run(code: str, tell: Callable[[Told], None]) -> None:
    """Run code in its own namespace; report what it prints and displays, its last expression, its error."""
    _state["tell"] = tell
    _printed.begin()
    _curves.clear()
    _drawn[0] = 0.0
    linecache.cache[NAME] = (len(code), None, code.splitlines(keepends=True), NAME)
    out, err = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = Writer("text"), Writer("warning")
    try:
        _execute(code, {"__name__": "__main__", "display": display, "plot": plot})
    except BaseException as fault:
        _redraw()
        _tell({"kind": "error", **_error(fault)})
    finally:
        _redraw()
        _printed.flush()
        sys.stdout, sys.stderr = out, err


def _execute(code: str, names: dict[str, Any]) -> None:
    tree = ast.parse(code, NAME)
    last = tree.body[-1] if tree.body else None
    shown = isinstance(last, ast.Expr) and not code.rstrip().endswith(";")
    if shown:
        tree.body.pop()
    exec(compile(tree, NAME, "exec"), names)
    if shown:
        result = eval(compile(ast.Expression(last.value), NAME, "eval"), names)
        if result is not None:
            display(result)


def display(*things: Any) -> None:
    """Show objects as a notebook does."""
    for thing in things:
        _tell({"kind": "show", **bundle(thing)})


def _tell(told: Told) -> None:
    """Send a message, after all text printed before it."""
    _printed.flush()
    _state["tell"](told)


def bundle(thing: Any) -> Told:
    """Return an object in its richest form: the stepper's page, SVG, HTML or text."""
    try:
        found = _rich(thing)
    except Exception as fault:  # A display must never raise.
        found = {"text": f"{type(fault).__name__}: {fault}"}
    if sum(len(str(part)) for part in found.values()) > MOST_CHARACTERS:
        return {"text": f"{type(thing).__name__}: too large to be shown here"}
    return found


def _rich(thing: Any) -> Told:
    if isinstance(thing, Stepper):
        return {"page": thing.html}
    if isinstance(thing, Value | Graph):
        mime = of_value(thing) if isinstance(thing, Value) else of_graph(thing)
    else:
        mime = _mime_of(thing)
    if svg := mime.get("image/svg+xml"):
        return {"svg": svg, "text": mime.get("text/plain", "")}
    if html := mime.get("text/html"):
        return {"html": html}
    return {"text": mime.get("text/plain") or repr(thing)}


def _mime_of(thing: Any) -> Mapping[str, Any]:
    maker = getattr(thing, "_repr_mimebundle_", None)
    if maker is not None and not isinstance(thing, type):
        return maker()
    found = {}
    for mime, name in (("image/svg+xml", "_repr_svg_"), ("text/html", "_repr_html_")):
        maker = getattr(thing, name, None)
        if maker is not None and not isinstance(thing, type) and (made := maker()):
            found[mime] = made
    return found


def _error(fault: BaseException) -> Told:
    """Return the error as text, with only the frames of the user's code, and its line."""
    frames = traceback.extract_tb(fault.__traceback__)
    own = [frame for frame in frames if frame.filename == NAME]
    line = own[-1].lineno if own else getattr(fault, "lineno", None)
    if isinstance(fault, SyntaxError) and fault.filename == NAME:
        line, own = fault.lineno, []
    lines = [f"line {frame.lineno}: {frame.line}\n" for frame in own]
    text = "".join([*lines, *traceback.format_exception_only(fault)])
    missing = isinstance(fault, ImportError) and "numpy" in str(fault)
    return {"text": text.rstrip(), "line": line, "missing": missing}


class Printed:
    """The unsent text of a run, from either output, in order."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Start a new run."""
        self.kind, self.waiting, self.total, self.count, self.at = "", "", 0, 0, time.monotonic()

    def add(self, kind: str, text: str) -> None:
        """Add text; send it at the end of a line, or if some time has passed."""
        if kind != self.kind:
            self.flush()
        self.kind, self.total = kind, self.total + len(text)
        if self.total - len(text) <= MOST_CHARACTERS:
            self.waiting += text
            if self.total > MOST_CHARACTERS:
                self.waiting += "\n… The rest is not shown.\n"
        if (self.count < MOST_AT_ONCE and text.endswith("\n")) or time.monotonic() - self.at > 0.05:
            self.flush()

    def flush(self) -> None:
        """Send the waiting text."""
        waiting, self.waiting = self.waiting, ""
        if waiting:
            self.count, self.at = self.count + 1, time.monotonic()
            _state["tell"]({"kind": self.kind, "text": waiting})


_printed = Printed()


class Writer(io.TextIOBase):
    """An output stream of the running code."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def writable(self) -> bool:
        """Whether this is an output."""
        return True

    def write(self, text: str) -> int:
        """Add text."""
        _printed.add(self.kind, text)
        return len(text)

    def flush(self) -> None:
        """Send the waiting text."""
        _printed.flush()


_curves: dict[str, Sequence[float]] = {}
_drawn = [0.0]


def plot(numbers: Sequence[float], label: str = "loss") -> None:
    """Draw a curve of numbers, such as losses; it replaces an earlier one with the same label.

    It may be called after every step: it is drawn at most ten times a second, and at the end.
    """
    _curves[label] = numbers
    if time.monotonic() - _drawn[0] > 0.1:
        _redraw()


def _redraw() -> None:
    for label, numbers in _curves.items():
        _tell({"kind": "show", "place": label, **bundle(Curve(list(numbers), label))})
    _curves.clear()
    _drawn[0] = time.monotonic()


class Curve:
    """A curve through numbers, as SVG."""

    def __init__(self, numbers: Sequence[float], label: str = "") -> None:
        self.numbers, self.label = [float(x) for x in numbers], label

    def _repr_svg_(self) -> str:
        finite = [x for x in self.numbers if abs(x) < float("inf")]
        low, high = min([0.0, *finite]), max([*finite, 1e-12])
        last = max(1, len(self.numbers) - 1)
        points = " ".join(
            f"{56 + 520 * i / last:.1f},{200 - 180 * (x - low) / (high - low):.1f}"
            for i, x in enumerate(self.numbers)
            if abs(x) < float("inf")
        )
        told = (
            f"{self.label} after {len(self.numbers)}: {self.numbers[-1]:.4g}" if self.numbers else self.label
        )
        dark = COLORS["accent"][1]
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 236" width="600" height="236" '
            'font-family="system-ui, sans-serif" font-size="14">'
            f"<style>text{{fill:#1f2430}}path{{stroke:#8d93a1}}polyline{{stroke:{ACCENT}}}"
            f"@media(prefers-color-scheme:dark){{text{{fill:#e8e9ee}}polyline{{stroke:{dark}}}}}</style>"
            '<path d="M56 20V200H576" fill="none"/>'
            f'<text x="50" y="26" text-anchor="end">{high:.3g}</text>'
            f'<text x="50" y="204" text-anchor="end">{low:.3g}</text>'
            f'<text x="576" y="222" text-anchor="end">{len(self.numbers)}</text>'
            f'<text x="64" y="16">{escape(told)}</text>'
            f'<polyline points="{points}" fill="none" stroke-width="2"/></svg>'
        )

    def __repr__(self) -> str:
        return f"<curve of {len(self.numbers)} numbers>"


def lay_out_with(function: Callable[[str, str, str], str]) -> None:
    """Let `draw_dot` and `render` lay out graphs with a function of the page."""
    graphviz_drawing.in_process = function
