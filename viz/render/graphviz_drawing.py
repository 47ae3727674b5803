"""Lay out graphs with Graphviz's `dot` if a working one is installed, else with `graphviz-pure`.

Source and picture are passed through standard input and output, so command lines never contain paths or
labels.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import graphviz

from autograd_core.base import counted, shorten, shown

from ..errors import LayoutTimeout, NoLayoutProgram, RenderError

NOT_INSTALLED = "not installed"

TIME_LIMIT = 20.0
"""The most seconds for a layout."""

in_process: Callable[[str, str, str], str] | None = None
"""Lays out a source in a format with an engine if no program can be started, as in a browser."""

PROBE_TIME_LIMIT = 5.0
"""The most seconds for a graph of one node, which tests whether a program works."""


def layout(source: str, format: str, *, engine: str = "dot", time_limit: float = TIME_LIMIT) -> bytes:
    """Draw a DOT source in a format.

    Raises `RenderError` with the answer of each program if none can do it in time.

    >>> layout("digraph { a -> b }", "svg").count(b'class="node"')
    2
    """
    if in_process is not None:
        return in_process(source, format, engine).encode()
    answers = []
    for name, program, flaw in _programs():
        if program is None or flaw:
            answers.append(f"{name}: {flaw}")
            continue
        try:
            return _run(program, source, format, engine, time_limit)
        except subprocess.TimeoutExpired:
            raise LayoutTimeout(
                f"render: {name} took longer than {time_limit:g} s over {_size(source)}. "
                "Let draw_dot fold the graph, draw a part of it, or write a .dot file."
            ) from None
        except OSError as fault:
            answers.append(f"{name}: {fault}")
    raise _no_program(f"no program here could write {format}", answers)


def working_program() -> str:
    """Return the path of the first program that works. Raises `RenderError` if none does."""
    answers = []
    for name, program, flaw in _programs():
        if program is not None and not flaw:
            return program
        answers.append(f"{name}: {flaw}")
    raise _no_program("no program here can draw a graph", answers)


def _no_program(what: str, answers: list[str]) -> RenderError:
    cure = (
        "Install Graphviz, which writes every format,"
        if _graphviz_pure()
        else "Install Graphviz, or graphviz-pure with pip (svg and png),"
    )
    said = f"render: {what}: {'; '.join(answers)}. {cure}"
    if all([answer.endswith(f": {NOT_INSTALLED}") for answer in answers]):
        return NoLayoutProgram(f"{said} or write an .svg or a .dot file, which need none.")
    return RenderError(f"{said} or write a .dot file, which needs no program.")


def _programs() -> list[tuple[str, str | None, str]]:
    """Return each program's name, its path, and what is wrong with it ("" if nothing is)."""
    dot, pure = shutil.which("dot"), _graphviz_pure()
    return [
        ("dot", dot, _flaw(dot, os.stat(dot).st_mtime_ns) if dot else NOT_INSTALLED),
        ("graphviz-pure", pure, "" if pure else NOT_INSTALLED),
    ]


def _graphviz_pure() -> str | None:
    """Return the path of graphviz-pure's program, which need not be on PATH, or None."""
    try:
        files = metadata.files("graphviz-pure") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        path = Path(str(file.locate()))
        if path.stem == "graphviz-pure" and os.access(path, os.X_OK) and path.is_file():
            return str(path.resolve())
    return shutil.which("graphviz-pure")


@functools.lru_cache(maxsize=8)
def _flaw(program: str, changed_at: int) -> str:
    """Return what is wrong with a program named `dot`: it may fail, hang, lack SVG or be unrelated.

    The answer is cached until the file changes, so a program that hangs costs time only once.
    """
    try:
        picture = _run(program, "digraph { a }", "svg", "dot", PROBE_TIME_LIMIT)
    except subprocess.TimeoutExpired:
        return f"{program}: no answer within {PROBE_TIME_LIMIT:g} s"
    except OSError as fault:
        return f"{program}: {fault}"
    return "" if b"<svg" in picture else f"{program}: wrote no SVG; it may be another program of that name"


def _run(program: str, source: str, format: str, engine: str, time_limit: float) -> bytes:
    """Run one program. Raises `OSError` with its message if it fails, `TimeoutExpired` if it hangs."""
    command = [program, f"-K{engine}", f"-T{format}"]
    answer = subprocess.run(
        command, input=source.encode(), capture_output=True, timeout=time_limit, check=False
    )
    if answer.returncode != 0 or not answer.stdout:
        message = shorten(answer.stderr.decode(errors="replace").strip().partition("\n")[0], 200)
        raise OSError(f"failed with status {answer.returncode}: {message or 'no output'}")
    return answer.stdout


def _size(source: str) -> str:
    return f"{len(source.splitlines())} lines of DOT"


if TYPE_CHECKING:
    from ..drawing.digraph import FORMATS, Digraph, escape
else:
    from graphviz import FORMATS, Digraph, escape
__all__ = ["FORMATS", "Digraph", "Drawing", "escape"]


class Drawing(Digraph):
    """A `graphviz.Digraph` that is laid out by any available program."""

    folded: Callable[[], Drawing] | None = None
    """Makes the drawing that replaces this one if the layout takes too long."""

    own_svg: Callable[[], str] | None = None
    """Makes the SVG, which needs no layout program."""

    written: str = ""
    """The source that `own_svg` draws; after a change to it, a layout program is needed."""

    is_large = False
    """Whether a layout program, if there is one, is faster than `own_svg`."""

    scale = 2.0
    """How many pixels of a PNG represent one at 96 dpi."""

    def picture(self, output: str, engine: str | None = None, time_limit: float = TIME_LIMIT) -> bytes:
        """Return the picture, folded if the layout takes too long. Raises `RenderError`."""
        for name, word in (("output", output), ("engine", engine or self.engine)):
            if not isinstance(word, str):
                raise RenderError(
                    f"render: not a name: {name} = {shown(word)}; expected e.g. 'svg' or 'dot'."
                )
        own = self._own(output, engine)
        if own is not None and not self.is_large:
            return own().encode()
        try:
            return layout(self._scaled(output), output, engine=engine or self.engine, time_limit=time_limit)
        except LayoutTimeout:
            if self.folded is None:
                raise
            return self.folded().picture(output, engine, time_limit)
        except NoLayoutProgram:
            if own is None:
                raise
            return own().encode()

    def _own(self, output: str, engine: str | None = None) -> Callable[[], str] | None:
        """Return the function that draws without a layout program, if possible."""
        as_written = output == "svg" and (engine or self.engine) == "dot" and self.source == self.written
        return self.own_svg if as_written else None

    def _scaled(self, output: str) -> str:
        """Return the source with the resolution of a picture in pixels."""
        if output != "png":
            return str(self.source)
        return str(self.source).replace("{", f"{{\n\tgraph [dpi={96 * self.scale:g}]", 1)

    if not TYPE_CHECKING:  # Both have the types of `Digraph`.

        def pipe(
            self,
            format: str | None = None,
            renderer: str | None = None,
            formatter: str | None = None,
            neato_no_op: bool | int | None = None,
            quiet: bool = False,
            *,
            engine: str | None = None,
            encoding: str | None = None,
        ) -> bytes | str:
            """Return the picture as bytes, or as text if an encoding is given. Raises `RenderError`."""
            parts = (self.format if format is None else format, renderer, formatter)
            output = ":".join(
                part if isinstance(part, str) else shown(part) for part in parts if part is not None
            )
            picture = self.picture(output, engine)
            return picture.decode(encoding) if encoding else picture

        def render(self, *arguments: Any, **options: Any) -> str:
            """Write source and picture as `graphviz.Digraph.render` does. Raises `RenderError`.

            An SVG that needs no layout program is written alone, without its source.
            """
            outfile = options.get("outfile")
            if isinstance(outfile, str | os.PathLike) and str(outfile).endswith(".svg") and self._own("svg"):
                Path(outfile).write_bytes(self.picture("svg"))
                return str(outfile)
            graphviz.backend.dot_command.DOT_BINARY = working_program()
            try:
                return str(super().render(*arguments, **options))
            except (graphviz.ExecutableNotFound, graphviz.CalledProcessError) as fault:
                raise RenderError(f"render: {fault}") from fault

    def __repr__(self) -> str:
        edges = sum("->" in line for line in self.body)
        return f"<drawing with {counted(edges, 'edge')}: .view() opens it, .render('graph') writes it>"

    def _repr_mimebundle_(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        # A notebook cell must always show something: the source, if there is no picture.
        try:
            return dict(super()._repr_mimebundle_(*arguments, **options))
        except RenderError as fault:
            return {"text/plain": f"{fault}\n\n{self.source}"}
