"""Run the code blocks of a Markdown page from top to bottom in one namespace.

* `python`: run; the comments after `print(...)  # `, or a `text` block right below, are the expected output
  ("..." stands for anything);
* `pycon`: a session, checked as a doctest;
* `sh`: lines that begin with `autograd-core` are run; a `text` block right below is the expected output;
* all others are only for reading, and so are generated parts, whose examples are doctests.

A block that imports a package which is not installed is skipped.
"""

from __future__ import annotations

import ast
import contextlib
import doctest
import importlib.util
import io
import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograd_core.errors import MissingExtraError

ROOT = Path(__file__).resolve().parent.parent
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
RUN = ("python", "pycon", "sh")
GENERATED = re.compile(r"^<!-- generated: .*?^<!-- /generated -->", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block and its position."""

    page: Path
    line: int
    language: str
    text: str
    after: str
    """The content of a `text` block right below."""

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """Return all fenced blocks of a page, except in its generated parts."""
    text = GENERATED.sub(lambda part: "\n" * part[0].count("\n"), page.read_text(encoding="utf-8"))
    found = list(re.finditer(r"^( *)(```+)([^\n`]*)\n(.*?)^\1\2 *$", text, re.DOTALL | re.MULTILINE))
    result = []
    for i, match in enumerate(found):
        following = found[i + 1] if i + 1 < len(found) else None
        near = following is not None and not text[match.end() : following.start()].strip()
        is_output = following is not None and near and following[3].strip() == "text"
        output = textwrap.dedent(following[4]) if following is not None and is_output else ""
        language = match[3].split()[0] if match[3].strip() else ""
        line = text[: match.start(4)].count("\n") + 1
        result.append(Block(page, line, language, textwrap.dedent(match[4]), output))
    return result


def missing(source: str) -> str:
    """Return the first package that a program imports and that is not installed, or an empty text."""
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        for name in names:
            if importlib.util.find_spec(name.split(".")[0]) is None:
                return name.split(".")[0]
    return ""


def run_page(page: Path) -> list[str]:
    """Run the blocks of a page and return those that were skipped, with the reason."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    left_out = []
    for block in blocks(page):
        if block.language not in RUN:
            continue
        absent = missing(source_of(block))
        if absent:
            left_out.append(f"{block}: {absent} is not installed")
            continue
        try:
            if block.language == "pycon":
                run_session(block, namespace)
            elif block.language == "sh":
                run_commands(block)
            else:
                run_program(block, namespace)
        except MissingExtraError as error:
            left_out.append(f"{block}: {error}")
    return left_out


def source_of(block: Block) -> str:
    """Return the Python code in a block."""
    if block.language == "sh":
        return ""
    if block.language == "pycon":
        return "".join(example.source for example in doctest.DocTestParser().get_examples(block.text))
    return block.text


def run_program(block: Block, namespace: dict[str, Any]) -> None:
    """Run a program and compare its output with the expected one."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile("\n" * block.line + block.text, str(block.page), "exec"), namespace)
    said = list(expected_output(block.text))
    if not said and block.after:
        assert matches(block.after, printed.getvalue()), f"{block} printed\n{printed.getvalue()}"
    if said:
        assert matches("\n".join(said), printed.getvalue()), f"{block} printed\n{printed.getvalue()}"


def expected_output(program: str) -> Iterator[str]:
    """Yield the comments after `print(...)`."""
    for line in program.splitlines():
        if re.match(r"\s*print\(|\)  # ", line) and "  # " in line:
            yield line.partition("  # ")[2]


def matches(expected: str, printed: str) -> bool:
    """Compare printed text with the expected text, as a doctest does."""
    return doctest.OutputChecker().check_output(expected.rstrip() + "\n", printed.rstrip() + "\n", FLAGS)


def run_session(block: Block, namespace: dict[str, Any]) -> None:
    """Run a session and compare every answer."""
    test = doctest.DocTestParser().get_doctest(block.text, namespace, str(block), str(block.page), block.line)
    test.globs = namespace
    report = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=FLAGS, verbose=False)
    runner.run(test, out=report.write, clear_globs=False)
    assert not runner.failures, report.getvalue()


def run_commands(block: Block) -> None:
    """Run the command lines of this project."""
    from viz.cli.command import main

    printed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    for line in block.text.replace("\\\n", "").splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["autograd-core"]:
            with contextlib.redirect_stdout(printed):
                assert main(words[1:]) == 0, line
    printed.flush()
    shown = printed.buffer.getvalue().decode()
    if block.after and shown:
        assert matches(block.after, shown), f"{block} printed\n{shown}"
