"""The type stubs of everything generated from the table's rows, for type checkers and editors.

    python -m tests.stubs write   write them

They contain the functions and methods of the rows, the modules of nn generated from rows, and the public
names of packages that import such names with a star.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterator
from importlib import import_module
from inspect import Parameter, signature
from textwrap import fill
from types import ModuleType

from autograd_core import TABLE, Value
from autograd_core.operations import Operation
from nn.modules import activations

from .test_house import ROOT

ROWS = {row.name: row for row in TABLE.values() if row.built_in}
WRITTEN = "\n\nWritten by `python -m tests.stubs write`.\n"


def stubs() -> dict[str, str]:
    """Return each stub's text by the file's name."""
    return {
        "autograd_core/kernel/signatures.pyi": signatures(),
        "autograd_core/__init__.pyi": package("autograd_core"),
        "nn/modules/row_activations.pyi": row_activations(),
        "nn/__init__.pyi": package("nn"),
    }


def signatures() -> str:
    """Return the classes of rows by their arguments, and the rows as methods of `Value`."""
    kinds = {_kind(row): row for row in reversed(ROWS.values())}
    lines = [
        f'"""The rows of the table, as functions and as methods of `Value`.{WRITTEN}"""',
        "",
        "from collections.abc import Iterable",
        "from decimal import Decimal",
        "from fractions import Fraction",
        "from typing import Any, TypeAlias, overload",
        "",
        "import numpy as np",
        "from numpy.typing import NDArray",
        "",
        "from ..operations.operation import Operation",
        "from .value import Value",
        "",
        "Array: TypeAlias = NDArray[Any]",
        "Real: TypeAlias = float | np.integer[Any] | np.floating[Any] | Fraction | Decimal",
        "Operand: TypeAlias = Value | Real",
    ]
    for kind, row in sorted(kinds.items()):
        lines += ["", f"class {kind}(Operation):"]
        for call in _of_sequences(row) if row.arity is None else _of_arguments(row):
            # Arguments typed as floats may contain `Value`s; then their overload counts.
            overlaps = row.arity is None and "float" in call
            ignored = "  # type: ignore[overload-overlap]" if overlaps else ""
            lines += ["    @overload", f"    def __call__(self, {call}: ...{ignored}"]
    lines += ["", "class RowMethods:"]
    for name, member in sorted(vars(Value).items(), key=lambda item: item[0]):
        row = getattr(member, "row", member)
        if isinstance(row, Operation) and ROWS.get(row.name) is row:
            lines.append(f"    def {name}({_of_method(row)}: ...")
    return "\n".join(lines) + "\n"


def _kind(row: Operation) -> str:
    """Return the name of the class of rows with the same signature."""
    names = [f"{name}_optional" if name in _defaults(row) else name for name in row.names]
    return "_".join(["Row", *names, *["ys"] * (row.sequences - 1), *["list"] * (row.vector is not None)])


def _defaults(row: Operation) -> dict[str, float]:
    required = len(row.names) - len(row.defaults)
    return dict(zip(row.names[required:], row.defaults, strict=True))


def _of_arguments(row: Operation) -> Iterator[str]:
    """Return the overloads: a `Value` in each position, an array in each position, and numbers only."""
    places = [(kind, i) for kind in ("Value", "Array") for i in range(len(row.names))]
    for kind, place in [*places, ("float", -1)]:
        other = {"Value": "Operand", "Array": "Array | Operand", "float": "Real"}[kind]
        parts = [
            f"{name}: {kind if i == place else other}"
            # Only arguments after the last required one can be left out.
            + (f" = {_defaults(row)[name]!r}" if name in _defaults(row) and i > place else "")
            for i, name in enumerate(row.names)
        ]
        yield f"{', '.join(parts)}) -> {kind}"


def _of_sequences(row: Operation) -> Iterator[str]:
    """Return the overloads: sequences of numbers or `Value`s, or all of them as arguments."""
    for kind, result in (("float", "float"), ("Operand", "Value")):
        result = result if row.vector is None else f"list[{result}]"
        lists = [f"{name}: Iterable[{kind}]" for name in ("xs", "ys")[: row.sequences]]
        yield f"{', '.join(lists)}, /) -> {result}"
        yield f"*xs: {kind}) -> {result}"
    if row.sequences == 1:
        keeps = ", keepdims: bool = ..." if row.vector is None else ""
        yield f"xs: Iterable[Any], /, *, axis: int | tuple[int, ...] | None{keeps}) -> Any"


def _of_method(row: Operation) -> str:
    result = "Value" if row.vector is None else "list[Value]"
    if row.arity is None:
        return f"self, *xs: Operand) -> {result}"
    default = {name: f" = {x!r}" for name, x in _defaults(row).items()}
    others = [f"{name}: Operand{default.get(name, '')}" for name in row.names[1:]]
    return f"{', '.join(['self', *others])}) -> {result}"


def row_activations() -> str:
    """Return the modules of nn that are generated from a row."""
    lines = [f'"""The modules that are made from rows of the table.{WRITTEN}"""', ""]
    lines += ["from .activations import Activation"]
    for kind in made_from_rows():
        parameters = [p for p in signature(kind.__init__).parameters.values() if p.name != "self"]
        given = "".join([f", {_parameter(p)}" for p in parameters])
        lines += ["", f"class {kind.__name__}(Activation):"]
        lines += [f"    {p.name}: float" for p in parameters]
        lines += [f"    def __init__(self{given}) -> None: ..."]
    return "\n".join(lines) + "\n"


def made_from_rows() -> list[type]:
    """Return the modules of nn that are made from rows."""
    kinds = [vars(activations)[row.module] for row in activations.ACTIVATIONS]
    return [kind for kind in kinds if isinstance(vars(kind).get("function"), Operation)]


def _parameter(parameter: Parameter) -> str:
    default = "" if parameter.default is Parameter.empty else f" = {parameter.default!r}"
    return f"{parameter.name}: float{default}"


def package(name: str) -> str:
    """Return a package's public names, each imported from its module, and its rows."""
    module = import_module(name)
    tree = ast.parse((ROOT / name / "__init__.py").read_text(encoding="utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    lines = [f'"""{(ast.get_docstring(tree) or "").partition(chr(10))[0]}{WRITTEN}"""', ""]
    rows = {name: row for name, row in ROWS.items() if vars(module).get(name) is row}
    for node in imports:
        home = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name == "*":
                lines += _starred(home, import_module(home, name), rows)
            elif not (alias.asname or alias.name).startswith("_"):
                lines.append(f"from {home} import {alias.name} as {alias.asname or alias.name}")
    if rows:
        kinds = sorted({_kind(row) for row in rows.values()})
        lines += [f"from .kernel.signatures import {kind} as _{kind}" for kind in kinds]
        lines += ["", *[f"{row}: _{_kind(thing)}" for row, thing in rows.items()]]
    known = set(module.__all__) - set(dir(builtins))
    listed = fill(repr(sorted(known)).strip("[]"), 105, initial_indent="    ", subsequent_indent="    ")
    return "\n".join([*lines, "", "__all__ = [", listed, "]"]) + "\n"


def _starred(home: str, module: ModuleType, rows: dict[str, Operation]) -> list[str]:
    made = {kind.__name__ for kind in made_from_rows()} if module is activations else set()
    names = [name for name in module.__all__ if name not in rows]
    homes = [home.replace("activations", "row_activations") if name in made else home for name in names]
    return [f"from {home} import {name} as {name}" for home, name in zip(homes, names, strict=True)]


if __name__ == "__main__":
    for path, text in stubs().items():
        if sys.argv[1:] == ["write"]:
            (ROOT / path).write_text(text, encoding="utf-8")
        else:
            print(text)
