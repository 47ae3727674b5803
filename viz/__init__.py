"""Graphs made visible: drawings, pictures in files, tables, and pages to step through."""

from .dot import draw_dot
from .errors import OutputError, RenderError
from .render import render
from .stepper import Stepper, stepper

__all__ = ["OutputError", "RenderError", "Stepper", "draw_dot", "render", "stepper"]
