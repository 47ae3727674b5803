"""A graph drawn to a file or to bytes, for the command line."""

from __future__ import annotations

from pathlib import Path

from autograd_core import Value

from .dot import draw_dot
from .errors import OutputError
from .render import render

_MARKS = (b"<svg", b'class="graph"', b'class="node"')


def draw_to_file(output: Value, path: str, asked: bool) -> Path:
    """Draw the graph to a file.

    A drawing that nobody `asked` for takes the place of an older drawing only, never of another file.
    Raises `DataValueError`, `OutputError`, `RenderError`.
    """
    if not asked and not _may_be_replaced(Path(path)):
        raise OutputError(f"{path} exists and is none of our drawings; --graph FILE names another file.")
    return render(output, path)


def drawing(output: Value) -> bytes:
    """Return the graph as SVG."""
    return bytes(draw_dot(output).pipe(format="svg"))


def _may_be_replaced(path: Path) -> bool:
    try:
        with open(path, "rb") as file:
            content = file.read(100_000)
    except OSError:
        return True  # It is not there, or writing will say what is wrong.
    return not content or all(mark in content for mark in _MARKS)
