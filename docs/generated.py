"""The parts of the documentation that are made out of the packages themselves, when it is built."""

from __future__ import annotations

import builtins
import importlib
import inspect
import re
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from autograd_core import TABLE, Value, derivative_formula, errstate, formula
from autograd_core.kernel.operation import Operation

GROUPS = {
    "Arithmetic and powers": "add sub mul div neg pow square reciprocal sqrt cbrt hypot",
    "Exponentials and logarithms": "exp expm1 exp2 log log1p log2 log10 logaddexp xlogy",
    "Circular and hyperbolic functions": (
        "sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh"
    ),
    "Activations": ("sigmoid logsigmoid softplus relu leaky_relu elu selu gelu gelu_tanh silu mish softsign"),
    "Kinks, choices and steps": "abs sign floor round maximum minimum clip where",
    "Any number of arguments": "sum mean prod dot norm max min logsumexp softmax log_softmax",
}
"""The reading order of the table; a row of none of these stands under "Helpers of the derivatives"."""

LEFT_TO_ROWS = {"TABLE", *TABLE}


def operations() -> str:
    """The table of operations as Markdown with formulas in MathML."""
    grouped = {title: names.split() for title, names in GROUPS.items()}
    others = [name for name in TABLE if not any(name in names for names in grouped.values())]
    sections = [*grouped.items(), ("Helpers of the derivatives", others)]
    return "\n\n".join(_section(title, [TABLE[name] for name in names]) for title, names in sections)


def _section(title: str, rows: Sequence[Operation]) -> str:
    lines = [
        f"## {title}",
        "",
        "| operation | written | local derivatives | domain | NumPy |",
        "|---|---|---|---|---|",
        *map(_row, rows),
    ]
    return "\n".join(lines)


def _row(row: Operation) -> str:
    node = example(row)
    slopes = [_cell(slope) for slope in _slopes(row, node)]
    ufunc = f"`numpy.{row.ufunc}`" if row.ufunc else ""
    domain = escape(row.domain).replace("|", "&#124;")
    written = _cell(formula(node, "mathml"))
    return f"| `{signature(row)}` | {written} | {', '.join(slopes)} | {domain} | {ufunc} |"


def _cell(mathml: str) -> str:
    """A formula that may stand in a cell of a Markdown table."""
    return mathml.replace("\n", "").replace("|", "&#124;")


def signature(row: Operation) -> str:
    """How a row is called, as short as can be."""
    if row.arity is None:
        return f"{row.name}({', '.join(['xs', 'ys'][: row.sequences])})"
    return row.signature


def example(row: Operation) -> Value:
    """The operation of labeled leaves, at a point that lies in most domains."""
    if row.arity is None:
        leaves = [Value(0.25 + i / 4, f"x{i + 1}") for i in range(3)]
        if row.sequences == 2:
            result = row(leaves, [Value(0.5 + i / 4, f"y{i + 1}") for i in range(3)])
        else:
            result = row(leaves)
        return result[0] if isinstance(result, list) else result
    with errstate(all="ignore"):
        return row(*(Value(0.25 + i / 4, name) for i, name in enumerate(row.names)))


def _slopes(row: Operation, node: Value) -> list[str]:
    count = len(node.parents) if row.arity is None else row.arity
    return [derivative_formula(node, slot, "mathml") for slot in range(count)]


def public_names(package: str, show: Callable[[Any], bool]) -> str:
    """Directives for what a package offers, the rows of the table aside."""
    module = importlib.import_module(package)
    offered = [*module.__all__, *[name for name in dir(module) if hasattr(builtins, name)]]
    names = [
        name for name in dict.fromkeys(offered) if name not in LEFT_TO_ROWS and show(getattr(module, name))
    ]
    return "\n".join(_directive(package, name, getattr(module, name)) for name in names)


def _directive(package: str, name: str, thing: Any) -> str:
    if inspect.ismodule(thing):
        return f".. automodule:: {package}.{name}\n   :members:\n"
    if inspect.isclass(thing):
        return f".. autoclass:: {package}.{name}\n   :members:\n   :show-inheritance:\n"
    return f".. autofunction:: {package}.{name}\n"


def reference(package: str) -> str:
    """What a package offers, as a block that Sphinx's autodoc fills in."""
    names = public_names(package, lambda thing: callable(thing) or inspect.ismodule(thing))
    return f"```{{eval-rst}}\n{names}\n```"


def readable(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Docstrings are written to be read as they are; here they become reStructuredText."""
    del app, what, name, obj, options
    lines[:] = to_rst(lines)


def to_rst(lines: Sequence[str]) -> list[str]:
    """Paragraphs with their marks taken literally, examples and indented lines as they stand."""
    paragraphs = re.split(r"\n\s*\n", "\n".join(lines).strip("\n"))
    result: list[str] = []
    before_is_code = False
    for paragraph in paragraphs:
        is_example, is_code = paragraph.lstrip().startswith(">>>"), paragraph.startswith(" ")
        if is_code and not is_example and not before_is_code:
            result += ["::", ""]
        result += [*(paragraph if is_example or is_code else _literal(paragraph)).splitlines(), ""]
        before_is_code = is_code and not is_example
    return result


def _literal(text: str) -> str:
    """A paragraph of prose: what stands in backticks is code, and no other mark means anything."""
    parts = re.split(r"(`+[^`]+`+)", text)
    code = ["``" + " ".join(part.strip("`").split()) + "``" for part in parts[1::2]]
    prose = [_escaped(part) for part in parts[::2]]
    # Code ends only before a space; an escaped one is not shown.
    joined = prose[0]
    for literal, after in zip(code, prose[1:], strict=True):
        joined += f"\\ {literal}\\ {after}"
    return joined


def _escaped(text: str) -> str:
    """Prose whose marks mean nothing, except those that begin the item of a list."""
    return re.sub(r"(?!^[*-] )([*_|\\`])", r"\\\1", text, flags=re.MULTILINE)


def errors() -> str:
    """The exception tree as its own docstring draws it."""
    return f"```text\n{inspect.getdoc(importlib.import_module('autograd_core.errors'))}\n```"


def notebooks_index(notebooks: Sequence[Path]) -> str:
    """The page that lists the notebooks."""
    names = "\n".join(path.stem for path in notebooks)
    return (
        "# Notebooks\n\n"
        "They are stored with their outputs in `notebooks/`, each with a plain Python twin, and run from top "
        "to bottom in\nthe tests. Each ends with exercises whose answers the notebook checks.\n\n"
        f"```{{toctree}}\n:maxdepth: 1\n\n{names}\n```\n"
    )


MARKERS: dict[str, Callable[[], str]] = {
    "<!-- generated: operations -->": operations,
    "<!-- generated: autograd_core -->": lambda: reference("autograd_core"),
    "<!-- generated: compile -->": lambda: reference("autograd_core.compile"),
    "<!-- generated: nn -->": lambda: reference("nn"),
    "<!-- generated: viz -->": lambda: reference("viz"),
    "<!-- generated: errors -->": errors,
}
