"""Material for a lesson: worksheets and slides of a function's steps, and a course along five lectures."""

from .course import course
from .slides import slides
from .steps_worksheet import worksheet

__all__ = ["course", "slides", "worksheet"]
