"""`render`: write a picture of a graph to a file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Unpack

from autograd_core import Value
from autograd_core.base import shorten, visible
from autograd_core.base import write_all as write
from autograd_core.errors import DataError, DataValueError
from autograd_core.graph import Changes

from ..drawing.dot import DrawOptions, draw_dot
from ..errors import OutputError
from .tikz import tikz

FORMATS = ("svg", "png", "pdf", "dot", "tex")


def render(
    root: Value | Changes,
    path: str | os.PathLike[str],
    rankdir: str = "LR",
    *,
    scale: float = 2.0,
    **options: Unpack[DrawOptions],
) -> Path:
    """Draw the graph that ends in `root` to a file and return the file's path.

    The extension sets the format: `.svg`, `.png`, `.dot` and `.tex` (TikZ, to include in a LaTeX document)
    always, `.pdf` if Graphviz itself is installed. The file is written atomically. A PNG has `scale`
    times 96 dots per inch. The other options are those of `draw_dot`. Raises `DataValueError` for an unknown
    format or scale, `RenderError` if no program can draw it, `OutputError` if the file cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     render(Value(2.0, "x").exp(), Path(folder, "graph.svg")).name
    'graph.svg'
    """
    target, picture = pictured(root, path, rankdir, scale, **options)
    write_whole(target, picture, "render")
    return target


def pictured(
    root: Value | Changes,
    path: str | os.PathLike[str],
    rankdir: str = "LR",
    scale: float = 2.0,
    **options: Unpack[DrawOptions],
) -> tuple[Path, bytes]:
    """Return the path and the content of the file that `render` writes."""
    if not isinstance(path, str | os.PathLike):
        raise DataError(f"render: not a path: argument 2 = {path!r}; expected a str or a pathlib.Path.")
    target = Path(os.fsdecode(path))
    format = format_of(target, FORMATS, "render")
    if not isinstance(scale, int | float) or isinstance(scale, bool) or not 0.1 <= scale <= 10:
        raise DataValueError(f"render: not a valid size: {scale = !r}; expected a number from 0.1 to 10.")
    drawing = draw_dot(root, format="svg" if format == "tex" else format, rankdir=rankdir, **options)
    drawing.scale = scale
    _check_folder(target)
    if format == "dot":
        return target, drawing.source.encode()
    if format == "tex":
        return target, tikz(drawing.picture("svg").decode()).encode()
    return target, drawing.picture(format)


def _check_folder(target: Path) -> None:
    """Raise before the layout, which may take a while, if the file cannot be written."""
    try:
        if target.parent.is_dir():
            return
    except ValueError:
        pass
    raise OutputError(f"render: cannot write {str(target)!r}: no such folder. Create it first.")


def format_of(target: Path, formats: Iterable[str], who: str) -> str:
    """Return a file's extension in lower case, its format. Raises `DataValueError` for others.

    >>> format_of(Path("graph.SVG"), ("svg", "png"), "render")
    'svg'
    """
    format, known = target.suffix.removeprefix(".").lower(), list(formats)
    if format not in known:
        fault = (
            f"unknown format {visible(shorten(format))!r} of"
            if format
            else "no ending, which is the format, in"
        )
        file = visible(shorten(target.name))
        raise DataValueError(f"{who}: {fault} {file!r}; expected one of {', '.join(known)}.")
    return format


def write_whole(path: Path, content: bytes, who: str) -> None:
    """Write the content to the path in one step, in the name of `who`. Raises `OutputError`."""
    write_all([(path, content, who)])


def write_all(files: Iterable[tuple[Path, bytes, str]]) -> None:
    """Write all files, each in the name of someone, or none of them. Raises `OutputError`."""
    try:
        write(files)
    except OSError as fault:
        raise OutputError(fault.strerror) from fault
