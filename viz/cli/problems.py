"""The commands `problems` (sheets with keys, question banks) and `course` (the files of five lessons)."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from autograd_core import Value
from autograd_core.base import shorten, visible
from autograd_core.languages import Catalog, catalog_of

from ..render.render import write_all
from ..teaching.formats import FORMATS, File, sheet, write
from ..teaching.materials import course, slides, worksheet
from ..teaching.problem_kinds import KINDS, LEVELS, MOST_VARIANTS
from .options_and_output import (
    NAMED,
    OPERAND,
    PROGRAM,
    Parser,
    UsageError,
    add_language,
    of_the_ending,
    of_the_shell,
    print_bytes,
    say,
    version_text,
)

EXAMPLES = """\
examples:
  autograd-core problems --n 6 --variants 4 --seed 7 -o sheet.tex
  autograd-core problems --kinds backward,network --level 2 --lang de --format moodle -o bank.xml
  autograd-core problems --kinds paths --n 3 --format page -o quiz.html
  autograd-core problems --n 6 --seed 7 --format scorm -o quiz.zip
  autograd-core problems --n 1 --kinds bug --format markdown

The same seed gives the same problems; every variant (26 at most) has the same problems with other numbers
and other answers. The formats latex, html, markdown, json, notebook and otter write two files: the hand-out,
and its key beside it (sheet-key.tex, or --key FILE), which also tells what typical mistakes lead to; the key
of a notebook is the source of an assignment of nbgrader, with otter one of Otter Assign. page marks itself in
the browser; scorm is that page as a package of SCORM 1.2, which reports score and answers to a learning
platform; moodle (XML), gift and qti (a zip of QTI 2.1) are for learning platforms and hold the answers. The
ending of -o FILE sets the format (.tex, .html, .md, .json, .ipynb, .xml, .txt, .zip) unless --format does;
without -o the hand-out goes to standard output.
"""
COURSE_EXAMPLES = """\
examples:
  autograd-core course -o course
  autograd-core course --lang de --seed 3 -o kurs

There is a folder for each of five lessons of 45 minutes: the plan with aims and what students usually get
wrong, slides (Beamer, and a page), a live page to step through, a worksheet, a hand-out, a page for practice,
and homework (also for Moodle), all with keys. index.html leads to the plans. A file that is already there
with other contents, such as your changes, is kept and listed; --force overwrites it.
"""
ENDINGS = {ending: name for name, (ending, _) in reversed(FORMATS.items())}


def problems_parser() -> Parser:
    """Return the parser of the command's options."""
    description = "Write problems on backpropagation, in variants, with keys."
    parser = Parser(f"{PROGRAM} problems", description, EXAMPLES)
    add = parser.add_argument
    add("--n", type=_whole, default=6, metavar="N", help="problems in a variant (default: 6)")
    add(
        "--variants",
        type=_whole,
        default=1,
        metavar="N",
        help=f"variants, named A to Z: at most {MOST_VARIANTS} (default: 1)",
    )
    add("--seed", type=_whole, default=0, metavar="N", help="which problems (default: 0)")
    add(
        "--level",
        type=_whole,
        choices=LEVELS,
        default=1,
        metavar="N",
        help=f"{', '.join(map(str, LEVELS))}: 3 needs a calculator",
    )
    add(
        "--kinds",
        type=_kinds,
        default=[],
        metavar="KIND,…",
        help=f"of {', '.join(KINDS)} (default: all, in turn)",
    )
    add("--choices", action="store_true", help="numbers are chosen from a list, not typed")
    add_language(parser, default="that of the shell")
    add("--title", default="", help="the heading")
    add("--format", choices=FORMATS, default=None, help="the format (default: latex, or that of the ending)")
    add("-o", "--output", metavar="FILE", help="write to a file; - is standard output")
    add("--key", metavar="FILE", help="where the key goes")
    add("--version", action="version", version=version_text())
    return parser


def _whole(text: str) -> int:
    text = text.removeprefix(OPERAND)
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"{visible(shorten(text))!r} is not a whole number")
    return int(text)


def _kinds(text: str) -> list[str]:
    chosen = [kind.strip() for kind in text.removeprefix(OPERAND).split(",")]
    for kind in chosen:
        if kind not in KINDS:
            known = ", ".join(KINDS)
            raise argparse.ArgumentTypeError(
                f"unknown kind {visible(shorten(kind))!r}; expected some of {known}"
            )
    return chosen


def problems_command(options: argparse.Namespace) -> int:
    """Write the files that the options ask for."""
    format = _format_of(options)
    if options.n < 1 or options.variants < 1:
        raise UsageError(f"--n and --variants are at least 1. See {PROGRAM} problems --help")
    if options.variants > MOST_VARIANTS:
        raise UsageError(
            f"--variants {options.variants} is too many: they are named A to Z, so at most {MOST_VARIANTS}"
        )
    made = sheet(
        options.seed,
        options.n,
        variants=options.variants,
        kinds=options.kinds,
        level=options.level,
        choices=options.choices,
        lang=options.lang or of_the_shell(),
        title=options.title,
    )
    files = write(made, format)
    if options.key is not None and not any(file.key for file in files):
        raise UsageError(f"--key: the format {format} has no key of its own: it holds the answers")
    to_screen = options.output in (None, "-")
    writing = [(path, file.content, who) for file in files for path, who in _paths(file, options, to_screen)]
    write_all(writing)
    spoken = _spoken(options)
    for path, _, who in writing:
        say(spoken.say("written: {path}", path=path) if who == "-o" else spoken.say("key: {path}", path=path))
    for file in files if to_screen else []:
        if not file.key:
            print_bytes(file.content)
    return 0


def _format_of(options: argparse.Namespace) -> str:
    """Return the requested format, or that of both files' endings. Raises `UsageError`."""
    if options.format is not None:
        return str(options.format)
    output = None if options.output == "-" else options.output
    format = of_the_ending(output or options.key, ENDINGS, "latex", NAMED)
    if of_the_ending(options.key, ENDINGS, format, NAMED) != format:
        raise UsageError(f"--key: {visible(shorten(options.key))!r} has not the ending of -o FILE")
    return format


def _paths(file: File, options: argparse.Namespace, to_screen: bool) -> Iterator[tuple[Path, str]]:
    """Yield where to write a file, if anywhere, and the option that says so."""
    if not file.key and not to_screen:
        yield Path(options.output), "-o"
    elif file.key and (options.key is not None or not to_screen):
        yield Path(options.key or _beside(Path(options.output))), "--key"


def _spoken(options: argparse.Namespace) -> Catalog:
    return catalog_of(options.lang or of_the_shell())


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.stem}-key{path.suffix}")


SLIDES = {".html": "html", ".tex": "beamer"}
WORKSHEETS = {".html": "html", ".tex": "latex", ".md": "markdown"}


def materials(output: Value, options: argparse.Namespace) -> Iterator[tuple[str, str, str]]:
    """Yield the slides and the worksheet that the options of `step` ask for: file name, text and option."""
    lang = options.lang or of_the_shell()
    if options.slides is not None:
        format = of_the_ending(options.slides, SLIDES)
        yield options.slides, slides(output, format, lang=lang), "--slides"
    if options.worksheet is not None:
        format = of_the_ending(options.worksheet, WORKSHEETS)
        yield options.worksheet, worksheet(output, format, key=True, lang=lang), "--worksheet"


MOST_LISTED = 12
"""The most files that are listed by name."""


def course_parser() -> Parser:
    """Return the parser of the command `course`."""
    description = "Write the files of a course of five lessons on backpropagation."
    parser = Parser(f"{PROGRAM} course", description, COURSE_EXAMPLES)
    parser.add_argument("-o", "--output", metavar="FOLDER", required=True, help="where to write them")
    add_language(parser, default="that of the shell")
    parser.add_argument("--seed", type=_whole, default=1, metavar="N", help="which problems (default: 1)")
    parser.add_argument("--force", action="store_true", help="overwrite files that have been changed")
    parser.add_argument("--version", action="version", version=version_text())
    return parser


def course_command(options: argparse.Namespace) -> int:
    """Write the course, and list the files that were kept."""
    lang = options.lang or of_the_shell()
    written, kept = course(options.output, lang=lang, seed=options.seed, force=options.force)
    spoken, folder = catalog_of(lang), options.output
    say(
        spoken.count(
            "written: {n} file in {folder}", "written: {n} files in {folder}", len(written), folder=folder
        )
    )
    for path in kept[:MOST_LISTED]:
        say(spoken.say("kept: {path}", path=path))
    if len(kept) > MOST_LISTED:
        say(spoken.count("kept: {n} more", "kept: {n} more", len(kept) - MOST_LISTED))
    if kept:
        say(spoken.say("What was kept differs from what would be written; --force overwrites it."))
    return 0
