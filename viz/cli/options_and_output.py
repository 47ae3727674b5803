"""Parse and validate the command line's options and operands."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import NoReturn

from autograd_core.base import shorten, visible
from autograd_core.errors import AutogradError
from autograd_core.formulas import check_name, parse
from autograd_core.languages import LANGUAGES
from autograd_core.native import which_engine

PROGRAM = "autograd-core"
GRAPH = "graph.svg"
FORMATS = ("text", "markdown", "latex", "json")
ENDINGS = {".txt": "text", ".md": "markdown", ".tex": "latex", ".json": "json"}

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
# Marks an argument that begins with - but is not an option, so that argparse treats it as
# an operand. No argument of a process can contain it.
OPERAND = "\0"


STEP_EXAMPLES = """\
examples:
  autograd-core step "cos(sin(x**2) + 3*x**2)" x=2
  autograd-core step "t = x**2; u1 = sin(t); u2 = 3*t; u = u1 + u2; J = cos(u)" x=2
  autograd-core step "(3*w - 1)**2" w=2 --optimizer sgd --lr 0.1
  autograd-core step "w*x + b" w=0.5 x=2 b=-1 --method pull --precision 8
  autograd-core step "-x**2" x=3 --format latex -o steps.tex
  autograd-core step "x*exp(y)" x=2 y=0 --html steps.html
  autograd-core step "u = x*y; J = u + x" x=2 y=3 --slides slides.html --worksheet sheet.tex
  autograd-core step - x=2 --format json < function.txt

EXPR is one expression, or several assignments separated by ; or newlines, the last of which is the output.
Powers are written **, products *; the functions are those of autograd_core, the constants pi and e.
Equal parts are computed once. EXPR - reads standard input. Put -- before an EXPR that looks like an option.
The table goes to standard output and the graph to graph.svg in the current folder, where it replaces an
older drawing, but no other file; with -o or a format other than text, the graph is drawn only if --graph
names a file. The ending of -o FILE (.txt, .md, .tex, .json) sets the format unless --format does. That of
--html FILE may also be .svg, .gif or .mp4: an animation of all steps; step-*.svg is a picture of each.
"""
DRAW_EXAMPLES = """\
examples:
  autograd-core draw "cos(sin(x**2) + 3*x**2)" x=2 -o graph.svg
  autograd-core draw "y = 1/(1 + exp(-(w*x + b)))" w=0.5 x=2 b=-1 -o neuron.png

The ending of FILE sets the format: .svg, .png, .dot, .tex (TikZ), and .pdf where Graphviz is installed.
"""


class UsageError(Exception):
    """A command line that cannot be understood."""


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, and whose help ends with examples."""

    def __init__(self, prog: str, description: str, examples: str) -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=examples,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        """Raise `UsageError`."""
        raise UsageError(f"{message.replace(OPERAND, '')}. See {self.prog} --help")


def _parser(command: str, description: str, examples: str) -> Parser:
    parser = Parser(f"{PROGRAM} {command}", description, examples)
    parser.add_argument("expression", metavar="EXPR", help="an expression or several assignments")
    help = "the inputs' values, as x=2 or b=-1.5"
    parser.add_argument("values", metavar="NAME=NUMBER", nargs="*", help=help)
    parser.add_argument("--version", action="version", version=version_text())
    return parser


def step_parser() -> Parser:
    parser = _parser("step", "Show every step of computing and differentiating a function.", STEP_EXAMPLES)
    add = parser.add_argument
    help = "format of the table (default: text, or that of the ending of -o FILE)"
    add("--format", choices=FORMATS, help=help)
    add("--method", choices=("push", "pull"), default="push", help="the backward algorithm (default: push)")
    add("--precision", type=_precision, default=4, metavar="N", help="decimals in the table (default: 4)")
    add("-o", "--output", metavar="FILE", help="write the table to a file; - is standard output")
    add("--html", metavar="FILE", help="write a page to step through, which opens in any browser")
    add("--slides", metavar="FILE", help="write slides of 16:9, a step at a time: .html, or .tex (Beamer)")
    help = "write a worksheet with blanks, and its key on the back: .html, .tex or .md"
    add("--worksheet", metavar="FILE", help=help)
    add("-i", "--interactive", action="store_true", help="step through with keys in the terminal")
    add("--optimizer", metavar="NAME", help="go on with an optimizer's step for every input: sgd, adam, ...")
    add("--lr", metavar="RATE", help="the optimizer's learning rate (default: its own)")
    add_language(parser)
    add("--graph", metavar="FILE", help=f"draw the graph to this file (default: {GRAPH})")
    add("--no-graph", action="store_true", help="draw no graph")
    return parser


def add_language(parser: Parser, default: str = "that of the shell; a page: that of the browser") -> None:
    """Add the option --lang, which also takes the code of a country's language, such as pt-BR."""
    help = f"the language (default: {default})"
    parser.add_argument("--lang", type=_language, choices=LANGUAGES, default=None, help=help)


def _language(code: str) -> str:
    """Return the language of a code such as de_AT, or the code itself if it names none."""
    language = re.split("[-_]", code)[0].lower()
    return language if language in LANGUAGES else code


def format_of(options: argparse.Namespace) -> str:
    """Return the requested format, or that of the file's extension. Raises `UsageError`."""
    ending = Path(options.output or "").suffix.lower()
    if options.format is None and ending in (".html", ".htm"):
        file = visible(shorten(options.output))
        raise UsageError(f"{file!r} is a page: write --html FILE in place of -o FILE")
    return str(options.format or of_the_ending(options.output, ENDINGS, "text", NAMED))


NAMED = ". Or name the format with --format"


def of_the_ending(file: str | None, endings: Mapping[str, str], default: str = "", cure: str = "") -> str:
    """Return the format of a file's extension, or `default` without one. Raises `UsageError`."""
    path = Path(file or "")
    ending = path.suffix.lower()
    if default and not ending:
        return default
    if ending not in endings:
        fault = "an unknown ending" if ending else "no ending"
        known = ", ".join(endings)
        raise UsageError(f"{visible(shorten(path.name))!r} has {fault}; expected one of {known}{cure}")
    return endings[ending]


def draw_parser() -> Parser:
    parser = _parser("draw", "Draw the graph of a function, with values and gradients.", DRAW_EXAMPLES)
    help = f"where to draw it (default: {GRAPH}); - is standard output"
    parser.add_argument("-o", "--output", metavar="FILE", default=GRAPH, help=help)
    return parser


def _precision(text: str) -> int:
    text = text.removeprefix(OPERAND)
    if not re.fullmatch(r"1?\d", text, re.ASCII) or int(text) > 17:
        raise argparse.ArgumentTypeError(f"{visible(shorten(text))!r} is not a whole number from 0 to 17")
    return int(text)


def protected(words: list[str]) -> list[str]:
    """Mark the words that begin with - but are formulas, such as -x**2, as operands."""
    if "--" in words:
        place = words.index("--")
        return [*protected(words[:place]), *[OPERAND + word for word in words[place + 1 :]]]
    result = []
    for word in words:
        option = word in ("-", "-h", "-i", "-o", "--n") or re.fullmatch(
            r"--[a-z][a-z-]+(=.*)?", word, re.DOTALL
        )
        result.append(OPERAND + word if word.startswith("-") and not option else word)
    return result


def values_of(words: Sequence[str]) -> dict[str, float]:
    """Return the inputs' values by name. Raises `UsageError`, `ExpressionError`."""
    values: dict[str, float] = {}
    for place, word in enumerate(words):
        name, equals, text = word.partition("=")
        if not equals:
            raise UsageError(f"{visible(shorten(word))!r} is not NAME=NUMBER. {_cure(words[place:])}")
        check_name(name)
        if name in values:
            raise UsageError(f"{name} is given twice")
        values[name] = number_of(name, text)
    return values


def _cure(words: Sequence[str]) -> str:
    """Return the remedy for words that are not NAME=NUMBER, for example with blanks: x = 2 or x 2."""
    parts = " ".join(words[:3]).replace("=", " ").split()
    if len(parts) >= 2 and parts[0].isidentifier() and NUMBER.fullmatch(parts[1]):
        return f"Write {parts[0]}={parts[1]}, without blanks around the ="
    return "Put quotes around the expression"


def _meant(text: str) -> str:
    """Return the number that was probably meant, or "": 1,5 is 1.5, and 1/3 and pi are evaluated."""
    plain = text.replace(",", ".").replace("−", "-").strip()
    if NUMBER.fullmatch(plain):
        return plain
    try:
        return repr(parse(text, {}).item()) if len(text) <= 40 else ""
    except AutogradError:
        return ""


def number_of(name: str, text: str) -> float:
    """Return the number of an input or an option. Raises `UsageError`."""
    if not NUMBER.fullmatch(text):
        plain = _meant(text)
        hint = f" Did you mean {name}={plain} ?" if plain else ""
        shown = visible(shorten(text))
        raise UsageError(f"{name} = {shown!r} is not a number; expected one such as 2 or -1.5e3.{hint}")
    number = float(text)
    if number in (float("inf"), -float("inf")):
        raise UsageError(f"{name} = {shorten(text)} is too large for a float; the largest is 1.8e308")
    return number


def version_text() -> str:
    """Return what `--version` prints: the installed version, and the engine that runs."""
    return f"{PROGRAM} {version()} ({which_engine()})"


def version() -> str:
    """Return the installed version."""
    try:
        return metadata.version(PROGRAM)
    except metadata.PackageNotFoundError:
        return "(not installed)"


def shows(text: str) -> bool:
    """Whether standard output can show these characters."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


NARROWEST = 20
"""A terminal that reports fewer columns is not believed."""


def columns() -> int | None:
    """Return the width of standard output in characters, or None if unknown."""
    given = os.environ.get("COLUMNS", "")
    if given.isdigit() and int(given) > 0:
        return int(given) if int(given) >= NARROWEST else None
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except (AttributeError, OSError, ValueError):
        return None


def colored() -> bool:
    """Whether standard output is a terminal and should show colors, which NO_COLOR disables."""
    return (
        sys.stdout is not None
        and sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )


def print_text(text: str) -> None:
    """Print to standard output, escaping characters that it cannot show."""
    if sys.stdout is None:
        raise OSError("standard output is closed")
    if not shows(text):
        encoding = sys.stdout.encoding or "ascii"
        # JSON has the same escapes.
        text = text.encode(encoding, "backslashreplace").decode(encoding)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def print_bytes(content: bytes) -> None:
    """Write bytes to standard output unchanged."""
    if sys.stdout is None:
        raise OSError("standard output is closed")
    sys.stdout.buffer.write(content)
    sys.stdout.flush()


def text_file(path: str, text: str) -> tuple[Path, bytes, str]:
    """Return a text file to write."""
    return Path(path), (text + "\n").encode("utf-8", "backslashreplace"), "-o"


def say(text: str) -> None:
    """Write a line to standard error, if there is one."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        pass


def abandon_output() -> None:
    """Discard the buffers; otherwise Python itself would report an error at exit."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (AttributeError, OSError, ValueError):
        pass


def of_the_shell() -> str:
    """Return the code of the language requested by the shell's variables, or "en".

    LANGUAGE takes precedence, but is ignored if the locale is C or POSIX, as in gettext.
    """
    locale = next(filter(None, [os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG")]), "")
    if re.fullmatch(r"(C|POSIX)(\..*)?", locale):
        return "en"
    for wanted in [*os.environ.get("LANGUAGE", "").split(":"), locale]:
        if wanted[:2] in LANGUAGES:
            return wanted[:2]
    return "en"
