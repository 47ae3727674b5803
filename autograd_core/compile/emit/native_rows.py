"""Emit the native engine's code for the rows: `autograd_core/native/rows_emitted.c`.

`python -m autograd_core.compile.emit` writes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from ... import native
from ...operations import table as ops
from ...operations.operation import TABLE, Operation
from ..front.tape_and_builder import Builder, Term
from .expressions import helpers, is_in_c, number_in_python, written
from .whole_programs import in_c

PATH = Path(native.__file__).with_name("rows_emitted.c")

LEFT_TO_PYTHON = {ops.pow}
"""Rows whose derivatives test if an argument is a plain number, which C would have to do as well."""
OF_ANY_NUMBER = ("sum", "mean", "dot")
"""Rows with any number of arguments; their derivatives, which have loops, are in `native/sequences.h`."""

HEAD = """\
/* Emitted from the table of operations by `python -m autograd_core.compile.emit`. Do not edit. */

#include "engine.h"
#include "sequences.h"

"""


def emitted() -> str:
    """Return the rows that C can compute with the Python kernel's bits, as C source."""
    fixed = [row for row in TABLE.values() if _is_fixed(row)]
    functions = [function for row in fixed for function in _functions(row)]
    functions += [_free_value(TABLE[name]) for name in OF_ANY_NUMBER]
    needed = helpers("c", [line for function in functions for line in function.splitlines()])
    # A function of `math` that differs from C's.
    text = re.sub(r"\bhypot\(", "python_hypot(", needed + "\n" + "\n".join(functions))
    rows = "".join(_fixed_entry(row) for row in fixed)
    free = "".join(_free_entry(TABLE[name]) for name in OF_ANY_NUMBER)
    return (
        f"{HEAD}{text}\n"
        f"const FixedRow fixed_rows[] = {{\n{rows}    {{NULL, 0, 0, 0, {{0, 0}}, NULL, NULL}},\n}};\n\n"
        f"const FreeRow free_rows[] = {{\n{free}    {{NULL, 0, NULL, NULL}},\n}};\n"
    )


def _is_fixed(row: Operation) -> bool:
    special = not is_in_c(row) or row.arity is None or row.selects or row.outside is not None
    return not special and row not in LEFT_TO_PYTHON


def _functions(row: Operation) -> tuple[str, str]:
    builder = Builder(exact=True)
    places = [builder.input() for _ in row.names]
    y = builder.input()
    names = {place: f"x[{k}]" for k, place in enumerate(places)} | {y: "y"}
    args = [builder.term(place) for place in places]
    slopes = row.local_derivatives(args, builder.term(y))
    value = in_c(written(row, "c", list(names.values())[:-1]))
    lines = _statements(builder, names, slopes)
    return (
        f"static double value_{row.name}(const double *x) {{ return {value}; }}\n",
        f"static void slopes_of_{row.name}(const double *x, double y, double *d)\n{{\n{lines}}}\n",
    )


def _statements(builder: Builder, names: dict[int, str], slopes: Sequence[Term]) -> str:
    ends = [builder.place(slope) for slope in slopes]
    lines = assigned(builder, names, ends)
    lines += [f"d[{k}] = {spelled(builder, names, place)};" for k, place in enumerate(ends)]
    used = "".join([f"    {line}\n" for line in lines])
    unused = [name for name in ("x", "y") if not re.search(rf"(?<!\w){name}\b", used)]
    return "".join(f"    (void){name};\n" for name in unused) + used


def assigned(builder: Builder, names: dict[int, str], ends: Sequence[int]) -> list[str]:
    """Return the C statements that compute everything the ends need; add their variables to `names`."""
    lines: list[str] = []
    for place in builder.needed(ends):
        row = builder.rows[place]
        if row is not None:
            names[place] = f"v{len(lines)}"
            lines.append(f"double {names[place]} = {called(builder, names, place, row)};")
    return lines


def called(builder: Builder, names: Mapping[int, str], place: int, row: Operation) -> str:
    """Return the call of a row with its arguments."""
    return in_c(written(row, "c", [spelled(builder, names, i) for i in builder.args[place]]))


def spelled(builder: Builder, names: Mapping[int, str], place: int) -> str:
    """Write a number, or the name of the node at a place."""
    number = builder.numbers[place]
    return names[place] if number is None else in_c(number_in_python(number))


def _fixed_entry(row: Operation) -> str:
    standard = ", ".join(map(number_in_python, row.defaults)) or "0"
    return (
        f'    {{"{row.name}", {row.arity}, {int(row.leaves_range)}, {len(row.defaults)}, {{{standard}}}, '
        f"value_{row.name}, slopes_of_{row.name}}},\n"
    )


def _free_entry(row: Operation) -> str:
    return f'    {{"{row.name}", {row.sequences}, value_{row.name}, slopes_of_{row.name}}},\n'


def _free_value(row: Operation) -> str:
    return f"static double value_{row.name}(int n, const double *x) {{ return {row.name}(n, x); }}\n"
