"""Generate the parts of the documentation that come from the packages, and the pictures of the pages.

    python docs/generated.py        write them to the pages

The pages in the repository have them as plain Markdown for code hosts. When the documentation is built,
autodoc and MathML replace them.
"""

from __future__ import annotations

import builtins
import importlib
import inspect
import os
import re
import shutil
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir
from functools import cached_property, partial
from html import escape
from pathlib import Path
from types import MemberDescriptorType
from typing import Any

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

from autograd_core import TABLE, Value, derivative_formula, errstate, formula  # noqa: E402
from autograd_core.native import in_c  # noqa: E402
from autograd_core.operations.operation import Operation  # noqa: E402

GROUPS = {
    "Arithmetic and powers": (
        "add sub mul div neg pow square reciprocal sqrt rsqrt cbrt hypot fmod remainder lerp"
    ),
    "Exponentials and logarithms": "exp expm1 exp2 log log1p log2 log10 logaddexp logaddexp2 xlogy logit",
    "Circular and hyperbolic functions": (
        "sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh deg2rad rad2deg"
    ),
    "Activations": (
        "sigmoid logsigmoid softplus relu leaky_relu relu6 elu celu selu gelu gelu_tanh silu mish softsign "
        "hardtanh hardsigmoid hardswish hardshrink softshrink threshold"
    ),
    "Kinks, choices and steps": (
        "abs sign copysign floor ceil trunc round maximum minimum fmax fmin clip where"
    ),
    "Special functions": (
        "gamma lgamma digamma polygamma beta betaln erfinv ndtri log_ndtr expi sinc zeta j0 j1 y0 y1 i0 i1 "
        "i0e i1e"
    ),
    "Any number of arguments": "sum mean prod dot norm max min logsumexp softmax log_softmax",
}
"""The reading order of the table; any other row is listed under "Helpers of the derivatives"."""

LEFT_TO_ROWS = {"TABLE", *TABLE}
OTHER_NAMES = {row.ufunc for row in TABLE.values() if row.ufunc}
"""NumPy's names of the rows, which are methods too."""
MARKUP = re.compile(r"(`+[^`]+`+|\*\*\w[^*]*\*\*|(?<!\w)\*\w[^*]*\w\*(?!\w))|([*_<])")
"""Code, bold or italics in a docstring; or a single literal mark."""


def operations(notation: str = "text") -> str:
    """Return the table of operations as Markdown, with formulas as text or in MathML."""
    grouped = {title: names.split() for title, names in GROUPS.items()}
    own = [name for name, row in TABLE.items() if row.built_in]  # Not those defined by an example.
    others = [name for name in own if not any(name in names for names in grouped.values())]
    sections = [*grouped.items(), ("Helpers of the derivatives", others)]
    return "\n\n".join(
        _section(title, [TABLE[name] for name in names], notation) for title, names in sections
    )


def _section(title: str, rows: Sequence[Operation], notation: str) -> str:
    lines = [
        f"## {title}",
        "",
        "| operation | written | local derivatives | domain | NumPy |",
        "|---|---|---|---|---|",
        *(_row(row, notation) for row in rows),
    ]
    return "\n".join(lines)


def _row(row: Operation, notation: str) -> str:
    node = example(row)
    count = len(node.parents) if row.arity is None else row.arity
    slopes = [_cell(derivative_formula(node, slot, notation), notation) for slot in range(count)]
    ufunc = f"`numpy.{row.ufunc}`" if row.ufunc else ""
    domain = escape(row.domain).replace("|", "&#124;")
    written = _cell(formula(node, notation), notation)
    return f"| `{signature(row)}` | {written} | {', '.join(slopes)} | {domain} | {ufunc} |"


def _cell(text: str, notation: str) -> str:
    """Return a formula for the cell of a Markdown table."""
    if notation == "text":
        return f"<code>{escape(text)}</code>".replace("|", "&#124;").replace("*", "&#42;")
    return text.replace("\n", "").replace("|", "&#124;")


def signature(row: Operation) -> str:
    """Return the shortest call of a row."""
    if row.arity is None:
        return f"{row.name}({', '.join(['xs', 'ys'][: row.sequences])})"
    return row.signature


def example(row: Operation) -> Value:
    """Apply a row to labeled leaves, at a point in most domains."""
    if row.arity is None:
        leaves = [Value(0.25 + i / 4, f"x{i + 1}") for i in range(3)]
        if row.sequences == 2:
            result = row(leaves, [Value(0.5 + i / 4, f"y{i + 1}") for i in range(3)])
        else:
            result = row(leaves)
        return result[0] if isinstance(result, list) else result
    with errstate(all="ignore"):
        return row(*(Value(0.25 + i / 4, name) for i, name in enumerate(row.names)))


def public(package: str) -> Iterator[tuple[str, Any]]:
    """Yield the functions, classes and modules that a package offers, except the rows of the table."""
    module = importlib.import_module(package)
    own = [name for name, thing in vars(module).items() if getattr(thing, "__module__", "") == package]
    offered = getattr(module, "__all__", [name for name in own if not name.startswith("_")])
    for name in dict.fromkeys([*offered, *[name for name in dir(module) if hasattr(builtins, name)]]):
        thing = getattr(module, name)
        if name not in LEFT_TO_ROWS and (callable(thing) or inspect.ismodule(thing)):
            yield name, thing


def in_markdown(package: str) -> str:
    """Return the signatures and docstrings of a package as Markdown."""
    return "\n\n".join(_entry(f"{package}.{name}", thing) for name, thing in public(package))


def _entry(name: str, thing: Any) -> str:
    parts = [f"### `{name.rpartition('.')[2]}`"]
    if inspect.isclass(thing) and issubclass(thing, BaseException):
        parts[0] += f" ({', '.join(f'`{base.__name__}`' for base in thing.__bases__)})"
    elif callable(thing):
        parts.append(f"```python\n{textwrap.fill(_call(name, thing), 100, subsequent_indent='    ')}\n```")
    parts.append(to_markdown(inspect.getdoc(thing) or ""))
    if inspect.isclass(thing):
        parts.append("\n".join(_members(thing)))
    return "\n\n".join(filter(None, parts))


def _call(name: str, thing: Any) -> str:
    """Return a function's signature without annotations."""
    try:
        parameters = inspect.signature(thing).parameters.values()
    except ValueError:
        return name
    shown = [each.replace(annotation=inspect.Parameter.empty) for each in parameters]
    # The default of an option may be an object whose address differs from run to run.
    return re.sub(r"<([\w ]+) at 0x\w+>", r"<\1>", name + str(inspect.Signature(shown)))


def _members(thing: type) -> Iterator[str]:
    """Yield a line for each public method and property that a class itself defines."""
    in_python = in_c.in_python if in_c is not None and thing is Value else {}
    for name, member in vars(thing).items():
        member = in_python.get(name, member)  # The docstrings of compiled members are there.
        function = getattr(member, "__func__", member)
        text = inspect.getdoc(function) or ""
        is_alias = getattr(function, "__name__", name) != name or name in OTHER_NAMES
        if name.startswith("_") or name in TABLE or is_alias or not text:
            continue
        is_method = inspect.isfunction(function)
        if is_method or isinstance(member, property | cached_property | MemberDescriptorType):
            call = _call(name, function) if is_method else name
            yield f"* `{re.sub(r'[(](self|cls|model)(, )?', '(', call)}`: {text.splitlines()[0]}"


def to_markdown(docstring: str) -> str:
    """Return a docstring with its examples and its indented lines as code blocks."""
    parts = []
    for paragraph in re.split(r"\n\s*\n", docstring.strip("\n")):
        if paragraph.lstrip().startswith(">>>"):
            parts.append(f"```pycon\n{textwrap.dedent(paragraph)}\n```")
        elif paragraph.startswith(" "):
            parts.append(f"```text\n{textwrap.dedent(paragraph)}\n```")
        else:
            parts.append(MARKUP.sub(lambda found: found[1] or f"\\{found[2]}", paragraph))
    return "\n\n".join(parts)


def _directive(package: str, name: str, thing: Any) -> str:
    if inspect.ismodule(thing):
        return f".. automodule:: {package}.{name}\n   :members:\n"
    if inspect.isclass(thing):
        return f".. autoclass:: {package}.{name}\n   :members:\n   :show-inheritance:\n"
    return f".. autofunction:: {package}.{name}\n"


def for_autodoc(package: str) -> str:
    """Return what a package offers as a block of directives for autodoc."""
    names = "\n".join(_directive(package, name, thing) for name, thing in public(package))
    return f"```{{eval-rst}}\n{names}\n```"


def readable(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Convert a docstring, which is written for reading as plain text, to reStructuredText."""
    del app, what, name, obj, options
    lines[:] = to_rst(lines)


def to_rst(lines: Sequence[str]) -> list[str]:
    """Escape the marks in paragraphs; keep examples and indented lines unchanged."""
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
    """Convert a paragraph of prose: text in backticks is code, all other marks are literal."""
    parts = re.split(r"(`+[^`]+`+)", text)
    code = ["``" + " ".join(part.strip("`").split()) + "``" for part in parts[1::2]]
    prose = [_escaped(part) for part in parts[::2]]
    # Code ends only before a space; an escaped one is not shown.
    joined = prose[0]
    for literal, after in zip(code, prose[1:], strict=True):
        joined += f"\\ {literal}\\ {after}"
    return joined


def _escaped(text: str) -> str:
    """Escape all marks in prose except those that begin a list item."""
    return re.sub(r"(?!^[*-] )([*_|\\`])", r"\\\1", text, flags=re.MULTILINE)


def errors() -> str:
    """Return the exception trees of the packages as drawn in their docstrings."""
    modules = [importlib.import_module(f"{package}.errors") for package in ("autograd_core", "nn", "viz")]
    return "\n\n".join(f"```text\n{inspect.getdoc(module)}\n```" for module in modules)


def lesson(n: int) -> str:
    """Return the plan of a lesson, as `autograd-core course` writes it."""
    from viz.teaching.formats.markup import Markup
    from viz.teaching.language import language
    from viz.teaching.materials.course import plan
    from viz.teaching.materials.lesson_plans import LESSONS

    return plan(LESSONS[n - 1], Markup(language("en"), lambda blank: ""))


PACKAGES = (
    "autograd_core",
    "autograd_core.algorithms",
    "autograd_core.exercises",
    "autograd_core.compile",
    "nn",
    "nn.data",
    "nn.sklearn",
    "viz",
    "viz.plots",
)
Parts = dict[str, Callable[[], str]]
LESSONS: Parts = {f"lesson.{n}": partial(lesson, n) for n in range(1, 6)}
ON_THE_PAGES: Parts = {
    "operations": operations,
    "errors": errors,
    **LESSONS,
    **{package: partial(in_markdown, package) for package in PACKAGES},
}
"""The contents, in the repository, between `<!-- generated: name -->` and `<!-- /generated -->`."""
WHEN_BUILT: Parts = {
    "operations": partial(operations, "mathml"),
    "errors": errors,
    **LESSONS,
    **{package: partial(for_autodoc, package) for package in PACKAGES},
}
"""Their replacements when the documentation is built."""


def filled(text: str, parts: Parts) -> str:
    """Return a page with its generated parts updated."""
    return re.sub(
        r"(<!-- generated: ([\w.]+) -->\n).*?(<!-- /generated -->)",
        lambda found: f"{found[1]}\n{parts[found[2]]()}\n\n{found[3]}",
        text,
        flags=re.DOTALL,
    )


def pictures(page: Path) -> list[str]:
    """Return the names of the pictures on a page."""
    text = page.read_text(encoding="utf-8")
    return [Path(name).name for name in re.findall(r"!\[[^]]*\]\(([^)]+)\)", text)]


def write_picture(source: Path, target: Path) -> None:
    """Copy a picture; an SVG also gets the colors of a dark theme."""
    if source.suffix != ".svg":
        shutil.copyfile(source, target)
        return
    target.write_text(in_both_themes(source.read_text(encoding="utf-8")), encoding="utf-8")


def in_both_themes(svg: str) -> str:
    """Add a style to a drawing that replaces its colors if the reader's theme is dark."""
    from viz.drawing.boxes import FRAME, GROUNDS, TINTS
    from viz.drawing.plain_svg import COLORS as INKS
    from viz.palette import COLORS

    pairs = [*COLORS.values(), *zip(FRAME[False], FRAME[True], strict=True)]
    pairs += [*zip(GROUNDS[False], GROUNDS[True], strict=True), *zip(TINTS[False], TINTS[True], strict=True)]
    (paper, ink, line), (dark_paper, dark_ink, dark_line) = INKS[False], INKS[True]
    rules = [f'[{key}="{light}"]{{{key}:{dark}}}' for light, dark in pairs for key in ("fill", "stroke")]
    rules += [f'[fill="{paper}"]{{fill:{dark_paper}}}', f'text[fill="{ink}"]{{fill:{dark_ink}}}']
    rules += [f'[stroke="{line}"]{{stroke:{dark_line}}}']
    style = f"<style>@media (prefers-color-scheme: dark) {{{''.join(rules)}}}</style>"
    return svg.replace('<g class="graph">', f'{style}<g class="graph">', 1)


def main() -> None:
    """Write the generated parts of all pages, and the pictures that the code on the pages draws."""
    from tests.markdown import run_page

    os.environ.setdefault("MPLBACKEND", "agg")
    for page in sorted(DOCS.rglob("*.md")):
        page.write_text(filled(page.read_text(encoding="utf-8"), ON_THE_PAGES), encoding="utf-8")
        if not pictures(page):
            continue
        with tempfile.TemporaryDirectory() as folder, chdir(folder):
            run_page(page)
            for name in pictures(page):
                if Path(name).exists():
                    write_picture(Path(name), DOCS / "images" / name)


if __name__ == "__main__":
    main()
