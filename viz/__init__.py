"""Graphs made visible: drawings, pictures in files, tables."""

from .dot import draw_dot
from .errors import OutputError, RenderError
from .render import render

__all__ = ["OutputError", "RenderError", "draw_dot", "render"]
