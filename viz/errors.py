"""The exceptions raised when a graph cannot be drawn or a picture cannot be written.

AutogradError
├── RenderError        RuntimeError   no program could draw the graph: none is installed or works
│   ├── LayoutTimeout                 it would take too long
│   └── NoLayoutProgram               none is installed
└── OutputError        OSError        the file cannot be written
"""

from autograd_core.errors import AutogradError


class RenderError(AutogradError, RuntimeError):
    """No layout program could draw the graph; the message has the error of each."""


class LayoutTimeout(RenderError):
    """A program took too long to lay out a graph."""


class NoLayoutProgram(RenderError):
    """No layout program is installed; an SVG from `draw_dot` needs none."""


class OutputError(AutogradError, OSError):
    """A file cannot be written; an existing file at its path is unchanged."""
