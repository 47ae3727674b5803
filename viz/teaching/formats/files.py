"""`write`: a sheet as files, one or two of a format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autograd_core.base import shorten
from autograd_core.errors import DataValueError

from ..sheet import Sheet, sheet
from . import data, moodle, notebook, paper, qti, scorm
from . import quiz_page as grading


@dataclass(frozen=True, slots=True)
class File:
    """What a file holds, and whether it is the teacher's `key`."""

    content: bytes
    key: bool = False


def _on_paper(format: str) -> Callable[[Sheet], list[File]]:
    return lambda sheet: [
        File(paper.handout(sheet, format).encode()),
        File(paper.key(sheet, format).encode(), key=True),
    ]


FORMATS: dict[str, tuple[str, Callable[[Sheet], list[File]]]] = {
    "latex": (".tex", _on_paper("latex")),
    "html": (".html", _on_paper("html")),
    "markdown": (".md", _on_paper("markdown")),
    "json": (".json", lambda sheet: [
        File(data.data(sheet, answers=False).encode()),
        File(data.data(sheet, answers=True).encode(), key=True),
    ]),
    "notebook": (".ipynb", lambda sheet: [
        File(notebook.notebook(sheet, solved=False).encode()),
        File(notebook.notebook(sheet, solved=True).encode(), key=True),
    ]),
    "otter": (".ipynb", lambda sheet: [
        File(notebook.notebook(sheet, solved=False).encode()),
        File(notebook.otter(sheet).encode(), key=True),
    ]),
    "page": (".html", lambda sheet: [File(grading.page_of(sheet).encode())]),
    "moodle": (".xml", lambda sheet: [File(moodle.moodle(sheet).encode())]),
    "gift": (".txt", lambda sheet: [File(moodle.gift(sheet).encode())]),
    "qti": (".zip", lambda sheet: [File(qti.package(sheet))]),
    "scorm": (".zip", lambda sheet: [File(scorm.package(sheet))]),
}  # fmt: skip
"""The formats: the usual ending of a file, and what writes them."""


def write(sheet: Sheet, format: str) -> list[File]:
    """Return the files of a format: for "latex", "html", "markdown", "json", "notebook" and "otter" a
    hand-out, then its key, which for a notebook is the source of an assignment of nbgrader, or of Otter.

    "page" is a page that grades itself; "moodle" (XML), "gift" and "qti" (a zip of QTI 2.1) are for learning
    platforms, and for teachers: they hold the answers. "scorm" is the page as a package of SCORM 1.2, which
    reports to a platform. Raises `DataValueError` for an unknown format.
    """
    if not isinstance(format, str) or format not in FORMATS:
        known = ", ".join([repr(known) for known in FORMATS])
        raise DataValueError(f"write: unknown format: {shorten(repr(format))}; expected one of {known}.")
    return FORMATS[format][1](sheet)


__all__ = ["FORMATS", "File", "Sheet", "sheet", "write"]
