"""Sphinx extension: *Try it* links below Python code and `autograd-core step` open them in the playground.

The option `playground` is its address, relative to the root of the documentation or absolute; without it
there are no links: `python -m sphinx -D playground=playground/ -b html docs build/site`.
"""

from __future__ import annotations

import ast
import builtins
import re
import shlex
import symtable
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from docutils import nodes

import autograd_core
import nn
import viz
from docs.playground.links import of_code, of_expression

PYTHON = ("python", "python3", "ipython", "ipython3", "pycon", "py")
SHELL = ("sh", "console", "bash")
PACKAGES = (autograd_core, viz, nn)
GIVEN = {*dir(builtins), "display", "plot"}


def add_links(app: Any, doctree: nodes.document, page: str) -> None:
    """Add a link below each block; a code block includes the blocks above that define what it uses."""
    address = app.config.playground
    if not address or app.builder.format != "html":
        return
    if not re.match(r"[a-z]+:", address):
        address = "../" * page.count("/") + address
    above: list[str] = []
    for block in list(doctree.findall(nodes.literal_block)) + list(doctree.findall(nodes.doctest_block)):
        for fragment in fragments(block, above):
            link = f'<p class="try-it"><a href="{escape(address)}#{fragment}">Try it</a></p>'
            after(block, nodes.raw("", link, format="html"))


def fragments(block: nodes.Element, above: list[str]) -> Iterator[str]:
    """Yield the contents of the addresses of a block's links; code is added to the blocks above."""
    language, text = block.get("language", "pycon"), block.astext()
    if language in SHELL:
        yield from commands(text)
    elif language in PYTHON:
        code = without_prompts(text)
        try:
            ast.parse(code)
        except SyntaxError:  # For example, a signature.
            return
        yield of_code(complete(code, above))
        above.append(code)


def after(block: nodes.Element, link: nodes.Node) -> None:
    """Insert a node after a block, or after the container of it and its caption."""
    while isinstance(block.parent, nodes.container):
        block = block.parent
    block.parent.insert(block.parent.index(block) + 1, link)


def commands(text: str) -> Iterator[str]:
    """Yield the functions that lines such as `autograd-core step "x*x" x=2` step through."""
    for line in text.splitlines():
        found = re.search(r'autograd-core (?:step|draw) (?="|\')', line)
        if found:
            function, *words = shlex.split(line[found.end() :])
            pairs = [word.partition("=") for word in words if re.fullmatch(r"\w+=[-+\w.]+", word)]
            yield of_expression(function, [(name, value) for name, _, value in pairs])


def without_prompts(text: str) -> str:
    """Return the statements of a session, or other text unchanged."""
    if not text.lstrip().startswith(">>>"):
        return text
    lines = [line for line in text.splitlines() if re.match(r"\s*(>>>|\.\.\.)( |$)", line)]
    return "\n".join(re.sub(r"^\s*(>>>|\.\.\.) ?", "", line) for line in lines)


def complete(code: str, above: Sequence[str]) -> str:
    """Return the code with the blocks that it needs, and imports of names that none of them binds."""
    parts = [*needed(code, above), code]
    missing: set[str] = set()
    there: set[str] = set()
    for part in parts:
        missing |= used(part) - there
        there |= bound(part)
    imports = []
    for package in PACKAGES:
        names = sorted(missing & set(package.__all__) - there)
        there |= set(names)
        if names:
            imports.append(f"from {package.__name__} import {', '.join(names)}")
    imports += [f"import {package.__name__}" for package in PACKAGES if package.__name__ in missing - there]
    return "\n\n".join([*(["\n".join(imports)] if imports else []), *(part.strip("\n") for part in parts)])


def needed(code: str, above: Sequence[str]) -> list[str]:
    """Return the blocks that bind what code uses, or change it, for example by `J.backward()`."""
    chosen: set[int] = set()

    def choose(names: set[str], before: int) -> None:
        for i in reversed(range(before)):
            if bound(above[i]) & names:
                names = names - bound(above[i])
                if i not in chosen:
                    chosen.add(i)
                    choose(used(above[i]), i)

    choose(used(code), len(above))
    for i, block in enumerate(above):
        if i not in chosen and changed(block) & {name for j in chosen if j < i for name in bound(above[j])}:
            chosen.add(i)
            choose(used(block), i)
    return [above[i] for i in sorted(chosen)]


def changed(code: str) -> set[str]:
    """Return the names whose methods are called as statements, or whose attributes or items are set."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        called = node.value.func if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else None
        is_set = isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store)
        target = called if isinstance(called, ast.Attribute) else node if is_set else None
        if target is not None:
            found |= {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
    return found


def used(code: str) -> set[str]:
    """Return the names that code takes from elsewhere."""
    found: set[str] = set()
    names: set[str] = set()
    for statement in ast.parse(code).body:
        text = ast.unparse(statement)
        own = found | bound(text) if hasattr(statement, "body") else found
        names |= set(global_names(symtable.symtable(text, "", "exec"))) - own
        if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
            names |= {statement.target.id} - found
        found |= bound(text)
    return names - GIVEN


def global_names(table: symtable.SymbolTable, top: bool = True) -> Iterator[str]:
    """Yield the names that a scope, or one inside it, looks up at the top."""
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (top or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from global_names(child, False)


def bound(code: str) -> set[str]:
    """Return the names that code binds at the top."""
    symbols = symtable.symtable(code, "", "exec").get_symbols()
    return {symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported()}


def setup(app: Any) -> dict[str, bool]:
    """Register the option and the links."""
    app.add_config_value("playground", "", "html")
    app.connect("doctree-resolved", add_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
