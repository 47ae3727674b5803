"""A DOT drawing, laid out by an available program, and folded if the layout takes too long."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import graphviz

from autograd_core.base import counted

from ..errors import LayoutTimeout, NoLayoutProgram, RenderError
from ..render.layout import TIME_LIMIT, layout, working_program

if TYPE_CHECKING:
    from .digraph import FORMATS, Digraph, escape
else:
    from graphviz import FORMATS, Digraph, escape
__all__ = ["FORMATS", "Digraph", "Drawing", "escape"]


class Drawing(Digraph):
    """A `graphviz.Digraph` that is laid out by any available program."""

    folded: Callable[[], Drawing] | None = None
    """Makes the drawing that replaces this one if the layout takes too long."""

    without_layout: Callable[[], str] | None = None
    """Makes a plainer SVG if no layout program is installed."""

    def picture(self, output: str, engine: str | None = None, time_limit: float = TIME_LIMIT) -> bytes:
        """Return the picture, folded if the layout takes too long. Raises `RenderError`."""
        try:
            return layout(self.source, output, engine=engine or self.engine, time_limit=time_limit)
        except LayoutTimeout:
            if self.folded is None:
                raise
            return self.folded().picture(output, engine, time_limit)
        except NoLayoutProgram:
            if self.without_layout is None or output != "svg":
                raise
            return self.without_layout().encode()

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
            output = ":".join(part for part in (format or self.format, renderer, formatter) if part)
            picture = self.picture(output, engine)
            return picture.decode(encoding) if encoding else picture

        def render(self, *arguments: Any, **options: Any) -> str:
            """Write source and picture as `graphviz.Digraph.render` does. Raises `RenderError`."""
            graphviz.backend.dot_command.DOT_BINARY = working_program()
            try:
                return str(super().render(*arguments, **options))
            except (graphviz.ExecutableNotFound, graphviz.CalledProcessError) as fault:
                raise RenderError(f"render: {fault}") from fault

    def __repr__(self) -> str:
        edges = sum("->" in line for line in self.body)
        return f"<drawing with {counted(edges, 'edge')}: .view() opens it, .render('graph') writes it>"

    def _repr_mimebundle_(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        # A notebook cell must show something on any machine: the source, if there is no picture.
        try:
            return dict(super()._repr_mimebundle_(*arguments, **options))
        except RenderError as fault:
            return {"text/plain": f"{fault}\n\n{self.source}"}
