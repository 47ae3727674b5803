"""A graph drawn to a file or to bytes, for the command line."""

from __future__ import annotations

from pathlib import Path

from autograd_core import Value
from autograd_core.errors import DataValueError
from autograd_core.graph import Graph

from .dot import draw_dot
from .errors import OutputError
from .render import render

MOST_NODES = 300
"""Up to how many nodes a graph is drawn without being asked for."""

_MARKS = (b"<svg", b'class="graph"', b"<title>n0</title>")


def draw_to_file(output: Value, path: str, asked: bool) -> Path:
    """Draw the graph to a file.

    A drawing that nobody `asked` for is not begun if it may take long, and takes the place of an older
    drawing only, never of another file. Raises `DataValueError`, `OutputError`, `RenderError`.
    """
    if not asked:
        count = len(Graph(output))
        if count > MOST_NODES:
            raise DataValueError(f"{count} nodes may take long; --graph {path} draws them all the same.")
        if not _may_be_replaced(Path(path)):
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
