"""Emit the tape machine's code for the rows: `autograd_core/native/tape_emitted.h`.

`python -m autograd_core.compile.emit` writes it.

Each row becomes a case of the forward pass and one of the reverse pass, written for lanes: `y`, `A`, `B` and
`C` are the result and arguments of the examples that run side by side, `d` the local derivatives.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import product
from pathlib import Path

from ... import native
from ...operations import table as ops
from ...operations.operation import TABLE, Operation
from ..front.gradient import vanishing
from ..front.tape_and_builder import Builder
from ..runners.native_tape import FIRST
from .expressions import helpers, is_in_c, number_in_python, written
from .native_rows import OF_ANY_NUMBER, assigned, called, spelled
from .whole_programs import in_c

PATH = Path(native.__file__).with_name("tape_emitted.h")

CHEAP = {ops.add, ops.sub}
"""Rows whose derivatives cost nothing, so that none is left out."""
BY_HAND = "mean softmax_of_all norm unit"
"""The functions of the library that `native/tape_passes.h` and `native/tape_sequences.h` need."""

NOT_FINITE = (math.inf, -math.inf, math.nan)
TRIED = (*NOT_FINITE, 0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.5, 3.0, 1e-300, -1e-300, 1e300, -1e300)
"""Values of the other arguments while one is tested."""

LETTERS = ("A", "B", "C")

TEMPLATE = """\
/* Emitted from the table of operations by `python -m autograd_core.compile.emit`. Do not edit. */

#if defined SECTION_ROWS

{helpers}
enum {{
{codes}    OPERATIONS,
}};

static const OperationInfo operations[OPERATIONS] = {{
{entries}}};

#elif defined SECTION_FORWARD

{forward}
#elif defined SECTION_REVERSE

{reverse}
/* Each reverse pass has its own. */
#undef SLOPE
#undef PULL
#undef PULL_TAKEN
#undef DOUBT
#undef DOUBT_VALUE
#undef REVERSE_SUM
#undef REVERSE_MEAN
#undef REVERSE_DOT
#undef REVERSE_OF_MANY

#endif
"""


def emitted() -> str:
    """Return the rows that the machine can run, as C source."""
    fixed = [row for row in TABLE.values() if is_in_c(row) and row.arity is not None]
    free = [row for row in TABLE.values() if row.built_in and row.arity is None]
    names = [name for row in fixed for name in _names(row)] + [row.name for row in free]
    forward = [_forward(row) for row in fixed] + [f"case OP_{row.name}: FORWARD_{_kind(row)}" for row in free]
    reverse = [part for row in fixed for part in _reverses(row)]
    reverse += [f"case OP_{row.name}: REVERSE_{_kind(row)}" for row in free]
    library = helpers("c", [*forward, *reverse, BY_HAND])
    entries = [_entry(row, name) for row in [*fixed, *free] for name in _names(row)]
    return TEMPLATE.format(
        helpers=library, codes="".join(f"    OP_{name},\n" for name in names), entries="".join(entries),
        forward="\n".join(forward) + "\n", reverse="\n".join(reverse) + "\n",
    )  # fmt: skip


def _names(row: Operation) -> list[str]:
    return [row.name, f"{row.name}{FIRST}"] if _has_variant(row) else [row.name]


def _has_variant(row: Operation) -> bool:
    return (row.arity or 0) > 1 and row not in CHEAP and not row.selects


def _kind(row: Operation) -> str:
    """Return the macro for a row with any number of arguments; sums have special ones."""
    return row.name.upper() if row in (ops.sum, ops.dot, ops.mean) else f"OF_MANY({row.name})"


def _entry(row: Operation, name: str) -> str:
    facts = row.arity or 0, row.sequences, int(row.leaves_range), int(_keeps_bits(row)), _passes_on(row)
    return f'    {{"{name}", {", ".join(map(str, facts))}}},\n'


def _keeps_bits(row: Operation) -> bool:
    """Whether C gives the Python kernel's bits; it does not if Python's `hypot` is needed."""
    if row.arity is None:
        return row.name in OF_ANY_NUMBER
    lines = [*_lines_of(row, row.arity), _value(row)]
    return row.outside is None and not re.search(r"\bhypot\(", helpers("c", lines) + "".join(lines))


def _passes_on(row: Operation) -> int:
    """Return in bit k whether the result is nonfinite whenever argument k is; bit 0 covers all of many."""
    count = row.arity or 2 * row.sequences
    found = sum(2**k for k in range(count) if not _ignores(row, count, k))
    return found if row.arity is not None else int(found == 2**count - 1)


def _ignores(row: Operation, count: int, place: int) -> bool:
    """Whether the row may return a number although its argument at that place is infinite or NaN."""
    tried = [NOT_FINITE if k == place else TRIED for k in range(count)]
    return any(math.isfinite(row.value_at(numbers)) for numbers in product(*tried))


def _value(row: Operation) -> str:
    args = [f"{letter}[l]" for letter in LETTERS[: row.arity]]
    value = in_c(written(row, "c", args))
    return value if row.outside is None else f"{_outside(row, args)} ? NAN : {value}"


def _outside(row: Operation, args: list[str]) -> str:
    """Return the condition under which the result is undefined although it is finite."""
    builder = Builder(exact=True)
    places = [builder.input() for _ in args]
    test = row.outside(*map(builder.term, places)) if row.outside is not None else 0.0
    names = dict(zip(places, args, strict=True))
    for place in builder.needed([builder.place(test)]):
        made = builder.rows[place]
        if made is not None:
            names[place] = f"({called(builder, names, place, made)})"
    return f"{names[builder.place(test)]} != 0.0"


def _forward(row: Operation) -> str:
    labels = " ".join(f"case OP_{name}:" for name in _names(row))
    return f"{labels} EACH y[l] = {_value(row)}; break;"


def _lines_of(row: Operation, count: int) -> list[str]:
    """Return the statements for the first `count` local derivatives in one lane."""
    builder = Builder(exact=True)
    places = [builder.input() for _ in row.names]
    y = builder.input()
    names = {place: f"{letter}[l]" for place, letter in zip(places, LETTERS, strict=False)} | {y: "y[l]"}
    needs = [k < count for k in range(len(places))]
    terms = [builder.term(place) for place in places]
    slopes = row.by_each(row.partials, terms, builder.term(y), needs)[:count]
    ends = [builder.place(slope) for slope in slopes]
    lines = assigned(builder, names, ends)
    return lines + [f"d[{k}][l] = {spelled(builder, names, place)};" for k, place in enumerate(ends)]


def _reverses(row: Operation) -> list[str]:
    count = row.arity or 1
    cases = [_reverse(row, row.name, count)]
    return [*cases, _reverse(row, f"{row.name}{FIRST}", 1)] if _has_variant(row) else cases


def _reverse(row: Operation, name: str, count: int) -> str:
    lines, pulled = _lines_of(row, count), list(range(count))
    if row.selects:  # No gradient flows into a branch that is never taken.
        lines = [line for line in lines if not line.endswith("= 0.0;")]
        pulled = [k for k in pulled if any(line.startswith(f"d[{k}]") for line in lines)]
    if not pulled:
        return f"case OP_{name}: break;"
    if not row.selects and (len(lines) == len(pulled) or len(pulled) == 1):
        return f"case OP_{name}:\n{_added_at_once(lines, pulled)}{_doubts(row, pulled)}\n    break;"
    pull = "PULL_TAKEN" if row.selects else "PULL"
    pulls = "".join(f" {pull}({k}, G{LETTERS[k]})" for k in pulled)
    body = "\n        ".join(lines)
    return f"case OP_{name}:\n    EACH {{\n        {body}\n    }}{_doubts(row, pulled)}{pulls}\n    break;"


def _added_at_once(lines: Sequence[str], pulled: Sequence[int]) -> str:
    """Return loops that store no derivatives: one for each target, because two may be the same."""
    *before, _ = lines if len(pulled) == 1 else [""]
    loops = []
    for k, line in zip(pulled, lines[-len(pulled) :], strict=True):
        slope = line.removeprefix(f"d[{k}][l] = ").removesuffix(";")
        loops.append(" ".join(["    EACH {", *before, f"SLOPE({k}, G{LETTERS[k]}, {slope})", "}"]))
    return "\n".join(loops)


def _doubts(row: Operation, pulled: Sequence[int]) -> str:
    """Return tests for local derivatives beyond the range of floats."""
    if not row.leaves_range:
        return ""
    may, limit = vanishing(row, row.arity or 1), in_c(number_in_python(row.limit))
    doubts = "".join(f" DOUBT({row.arity}, {k}, {int(may[k])}, {limit})" for k in pulled)
    return f"{doubts} DOUBT_VALUE" if row is ops.square else doubts
