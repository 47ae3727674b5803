"""Visualize graphs: drawings, pictures in files, tables, and pages to step through.

A package of the distribution autograd-core.
"""

from .display import register as _register
from .drawing.dot import draw_dot
from .drawing.network import draw_network
from .errors import OutputError, RenderError
from .render.render import render
from .stepper.stepper import Stepper, stepper

__all__ = ["OutputError", "RenderError", "Stepper", "draw_dot", "draw_network", "render", "stepper"]

_register()


def __dir__() -> list[str]:
    """Return the public names for completion, without the modules of the package."""
    return sorted([*__all__, *{"plots"}.intersection(globals())])
