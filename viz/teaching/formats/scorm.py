"""Packages of SCORM 1.2: a page that marks its answers and reports them to a learning platform."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from html import escape
from importlib import resources

from ..sheet import Sheet
from ..text_parts import Say
from .markup import page
from .quiz_page import digest, page_of

CP = "http://www.imsproject.org/xsd/imscp_rootv1p1p2"
ADL = "http://www.adlnet.org/xsd/adlcp_rootv1p2"
DATE = (2020, 1, 1, 0, 0, 0)
"""The date of the files in a package, so that the same sheet gives the same bytes."""

REPORTED = Say(
    "This page marks your answers in the browser and reports score and answers to the learning platform. "
    "Both can be forged there: the score is for practice."
)
FRAME = """\
body { margin: 0; max-width: none; padding: 0 } iframe { width: 100vw; height: calc(100vh - 3em); border: 0 }
p.note { margin: .5em 1em }
"""


def package(sheet: Sheet) -> bytes:
    """Return the zip of a sheet's page."""
    return _packed(sheet.language.text(sheet.title), {"index.html": page_of(sheet, REPORTED, script())})


def quiz_package(html: str, title: str, code: str, note: str) -> bytes:
    """Return the zip of a stepper's page whose quiz is reported, with a note below it."""
    body = (
        f'<iframe src="quiz.html#quiz=1" title="{escape(title)}"></iframe><p class="note">{escape(note)}</p>'
    )
    return _packed(title, {"index.html": page(code, title, body, FRAME, script()), "quiz.html": html})


@cache
def script() -> str:
    """Return the script that reports to the platform."""
    return resources.files(__package__).joinpath("scorm.js").read_text(encoding="utf-8")


def zipped(files: dict[str, str]) -> bytes:
    """Return the zip of these files, the same for the same texts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as zip:
        for path, text in files.items():
            zip.writestr(zipfile.ZipInfo(path, DATE), text, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _packed(title: str, files: dict[str, str]) -> bytes:
    shown = f"<title>{escape(title[:200])}</title>"
    listed = "".join([f'<file href="{path}"/>' for path in files])
    manifest = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<manifest xmlns="{CP}" xmlns:adlcp="{ADL}" version="1.0" '
        f'identifier="autograd-core-{digest("".join(files.values()))}">\n'
        "<metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>\n"
        f'<organizations default="all"><organization identifier="all">{shown}'
        f'<item identifier="item" identifierref="page">{shown}</item></organization></organizations>\n'
        '<resources><resource identifier="page" type="webcontent" adlcp:scormtype="sco" href="index.html">'
        f"{listed}</resource></resources>\n</manifest>\n"
    )
    return zipped({"imsmanifest.xml": manifest, **files})
