"""The command `autograd-core`: compute, differentiate and draw a function from the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from autograd_core import Graph, Value, parse, steps
from autograd_core.base import imported, shorten, visible
from autograd_core.errors import AutogradError, ExpressionError
from autograd_core.formulas import MOST_CHARACTERS, SUM
from autograd_core.languages import Catalog, catalog_of
from autograd_core.steps import Steps

from ..drawing.dot import draw_dot
from ..errors import OutputError
from ..render.render import pictured, render, write_all
from ..stepper.stepper import stepper
from .options_and_output import (
    GRAPH,
    OPERAND,
    PROGRAM,
    STEP_EXAMPLES,
    Parser,
    UsageError,
    abandon_output,
    colored,
    columns,
    draw_parser,
    format_of,
    number_of,
    of_the_shell,
    print_bytes,
    print_text,
    protected,
    say,
    shows,
    step_parser,
    text_file,
    values_of,
    version_text,
)
from .terminal_stepper import interactive

_MARKS = (b"<svg", b'class="graph"', b'class="node"')


def draw_to_file(output: Value, path: str, asked: bool) -> Path:
    """Draw the graph to a file.

    A drawing that was not `asked` for replaces only an older drawing, never another file.
    Raises `DataValueError`, `OutputError`, `RenderError`.
    """
    if not asked and not _may_be_replaced(Path(path)):
        raise OutputError(f"{path} exists and is not one of our drawings; choose another with --graph FILE.")
    return render(output, path)


def drawing(output: Value) -> bytes:
    """Return the graph as SVG."""
    return draw_dot(output).pipe(format="svg")


def _may_be_replaced(path: Path) -> bool:
    try:
        with open(path, "rb") as file:
            content = file.read(100_000)
    except OSError:
        return True  # The file does not exist, or writing will report the error.
    return not content or all(mark in content for mark in _MARKS)


_SPECIAL = "∂₁²·−✓…√"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    name = f"{PROGRAM} {words[0]}" if words and words[0] in COMMANDS else PROGRAM
    try:
        return _run(words)
    except KeyboardInterrupt:
        say(f"{name}: interrupted")
        return 130
    except BrokenPipeError:
        abandon_output()
        return 1
    except (UsageError, ExpressionError) as fault:
        say(f"{name}: {_told(fault)}")
        return 2
    except (AutogradError, OSError, RecursionError, MemoryError) as fault:
        abandon_output()
        say(f"{name}: {_told(fault)}")
        return 1
    except SystemExit as end:  # argparse has printed the help or the version.
        return end.code if isinstance(end.code, int) else 0


def _run(words: list[str]) -> int:
    if words and words[0] in COMMANDS:
        parser, command = COMMANDS[words[0]]
        operands = protected(words[1:])
        options = parser().parse_intermixed_args(operands)
        for key, given in vars(options).items():
            if isinstance(given, str):
                setattr(options, key, given.removeprefix(OPERAND))
        options.values = [given.removeprefix(OPERAND) for given in getattr(options, "values", ())]
        status = command(options)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    _top_parser().parse_args(words[:1])
    return 0


def _top_parser() -> Parser:
    parser = Parser(
        PROGRAM,
        "Compute and differentiate a function step by step, and draw its graph.",
        f"{PROGRAM} COMMAND --help says more, with examples.\n\n{STEP_EXAMPLES.splitlines()[1]}",
    )
    parser.add_argument("--version", action="version", version=version_text())
    parser.add_argument(
        "command", type=_unknown_command, metavar=f"{{{','.join(COMMANDS)}}}", help="what to do"
    )
    return parser


def _unknown_command(word: str) -> str:
    near = get_close_matches(word, COMMANDS, n=1)
    hint = f" Did you mean {near[0]} ?" if near else ""
    raise UsageError(
        f"unknown command {visible(shorten(word))!r}; expected one of {', '.join(COMMANDS)}.{hint} "
        f"See {PROGRAM} --help"
    )


def _teaching() -> Any:
    return imported("viz.cli.problems")


def _step(options: argparse.Namespace) -> int:
    format = format_of(options)
    output = _parsed(options)
    optimizer = _optimizer(options, output)
    spoken = catalog_of(options.lang or of_the_shell())
    files, told = _pages(output, options, optimizer, spoken)
    shown_otherwise = options.interactive or bool(files)
    if shown_otherwise and options.output is None and options.graph is None:
        text = None
    else:
        to_screen = options.output in (None, "-")
        write = _on_screen if to_screen and format == "text" else WRITERS[format]
        text = write(steps(output, options.method, optimizer=optimizer), options.precision, spoken.code)
        if not to_screen:
            files.append(text_file(options.output, text))
    asked = options.graph is not None and not options.no_graph
    if asked:
        output.backward()
        files.append((*pictured(output, options.graph), "--graph"))
        told.append(spoken.say("graph: {path}", path=options.graph))
    write_all(files)
    if text is not None and to_screen:
        print_text(text)
    for line in told:
        say(line)
    if options.interactive:
        interactive(steps(output, options.method, optimizer=optimizer), lang=spoken.code)
    if text is not None and format == "text" and to_screen and not asked and not options.no_graph:
        _draw_beside(output, spoken)
    return 0


def _pages(
    output: Value, options: argparse.Namespace, optimizer: Any, spoken: Catalog
) -> tuple[list[tuple[Path, bytes, str]], list[str]]:
    """Return the files of the page, the slides and the worksheet, and what to say of them."""
    files, told = [], []
    if options.html is not None:
        page = stepper(output, optimizer=optimizer, lang=options.lang)
        files += [(*file, "--html") for file in page._files(Path(options.html)).items()]
        told.append(spoken.say("page: {path}", path=options.html))
    if options.slides is not None or options.worksheet is not None:
        for path, text, option in _teaching().materials(output, options):
            files.append((Path(path), text.encode(), option))
            told.append(spoken.say("written: {path}", path=path))
    return files, told


def _draw_beside(output: Value, spoken: Catalog) -> None:
    """Draw the graph that nobody asked for; if that fails, say why."""
    output.backward()
    try:
        say(spoken.say("graph: {path}", path=draw_to_file(output, GRAPH, asked=False)))
    except AutogradError as fault:
        say(spoken.say("graph: not drawn: {reason}", reason=fault))


def _optimizer(options: argparse.Namespace, output: Value) -> Any:
    """Return the named optimizer over all inputs, or None without a name. Raises `UsageError`."""
    if options.optimizer is None:
        if options.lr is not None:
            raise UsageError("--lr is that of an optimizer; name it, such as --optimizer sgd")
        return None
    optimizers = imported("nn.optim").OPTIMIZERS.items()
    known = {name: kind for name, kind in optimizers if not kind.joint}
    wanted = options.optimizer.lower().replace("_", "")
    named = next((name for name in known if name.replace("_", "") == wanted), None)
    if named is None:
        raise UsageError(
            f"unknown optimizer {visible(shorten(options.optimizer))!r}; expected one of {', '.join(known)}"
        )
    inputs = Graph(output).inputs
    if not inputs:
        raise UsageError("--optimizer needs an input to change, such as w=2")
    return known[named](inputs, **({} if options.lr is None else {"lr": number_of("--lr", options.lr)}))


def _draw(options: argparse.Namespace) -> int:
    output = _parsed(options)
    output.backward()
    if options.output == "-":
        print_bytes(drawing(output))
    else:
        drawn = draw_to_file(output, options.output, asked=True)
        say(catalog_of(of_the_shell()).say("graph: {path}", path=drawn))
    return 0


def _parsed(options: argparse.Namespace) -> Value:
    return function_of(_standard_input() if options.expression == "-" else options.expression, options.values)


def function_of(text: str, values: Sequence[str]) -> Value:
    """Return an expression's output at values such as `x=2`. Raises `UsageError`, `ExpressionError`."""
    output = parse(text, values_of(values))
    if output.op is not None and output.op.notation.precedence < SUM:
        raise UsageError(
            "a comparison is 1 or 0, so there is no function to differentiate. For an equation a == b write "
            "a - b; to name a result, one = sign"
        )
    return output


def _standard_input() -> str:
    if sys.stdin is None:
        raise UsageError("standard input is closed")
    content = sys.stdin.buffer.read(4 * MOST_CHARACTERS + 1)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        if len(content) > 4 * MOST_CHARACTERS:
            raise UsageError(f"standard input is too long: more than {MOST_CHARACTERS} characters") from None
        raise UsageError(f"standard input is not UTF-8 text: byte {fault.start + 1}") from None


def _text(table: Steps, precision: int, lang: str) -> str:
    return table.to_text(ascii=not shows(_SPECIAL), precision=precision, lang=lang)


def _on_screen(table: Steps, precision: int, lang: str) -> str:
    plain = not shows(_SPECIAL)
    return table.to_text(ascii=plain, precision=precision, width=columns(), color=colored(), lang=lang)


WRITERS: dict[str, Callable[[Steps, int, str], str]] = {
    "text": _text,
    "markdown": lambda table, precision, lang: table.to_markdown(precision=precision, lang=lang),
    "latex": lambda table, precision, lang: table.to_latex(precision=precision, lang=lang),
    "json": lambda table, precision, lang: table.to_json(),
}
COMMANDS: dict[str, tuple[Callable[[], Parser], Callable[[argparse.Namespace], int]]] = {
    "step": (step_parser, _step),
    "draw": (draw_parser, _draw),
    # Imported only then, because they take a tenth of the startup time.
    "problems": (
        lambda: _teaching().problems_parser(),
        lambda options: _teaching().problems_command(options),
    ),
    "course": (lambda: _teaching().course_parser(), lambda options: _teaching().course_command(options)),
}


def _told(fault: BaseException) -> str:
    """Return the error as one line, and for an expression the position below it."""
    if isinstance(fault, ExpressionError):
        return str(fault).removeprefix("expression: ")
    text = getattr(fault, "strerror", None) or str(fault) or type(fault).__name__
    return " ".join(text.split())
