"""Write steps as a table (plain text, Markdown, LaTeX, HTML) or as data (dicts, JSON)."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

from ..base.reals import whole_number
from ..base.text import for_json, width
from ..check.verdicts import Check
from ..languages import Catalog, catalog_of
from . import update_tables
from .cells import Cells, Left, Right, is_marked
from .check_lines import check_lines
from .records import Contribution, Forward, Records, Seed, StepRecord
from .updates import WeightUpdate

ROWS = 200
"""The most rows of a table that `print` and notebooks show."""

WIDEST = 100
"""The most characters of two columns side by side; wider ones are placed one below the other."""

INPUTS_IN_HEADING = 6
LINES_OF_HEADING = 4
LONGEST_ALIGNED = 60
GAP = "   "
"""What stands between a formula and the point, where a heading that is too wide breaks."""
_IN_ASCII = str.maketrans({"·": "*", "−": "-", "…": "...", "✓": "ok", "✗": "WRONG", "∞": "inf", "⊕": "+"})

GREEN, RED, PLAIN = "\x1b[32m", "\x1b[31m", "\x1b[0m"
"""Terminal codes for the colors of values and gradients, and for the end of either."""


def text(
    steps: Records,
    ascii: bool = False,
    precision: int = 4,
    limit: int | None = None,
    room: int | None = None,
    color: bool = False,
    lang: str = "en",
) -> str:
    """Write the lecture's two columns side by side, in lines of at most `room` characters if it is given."""
    format, spoken = ("ascii", catalog_of("en")) if ascii else ("text", catalog_of(lang))
    cells = Cells(format, precision, spoken)
    rows, omitted = _rows(steps, cells, limit)
    lefts = [left for left, _ in rows if left]
    rights = [right for _, right in rows if right]
    head_left, head_right = _heads(cells)
    left_lines = _left_lines([head_left, *lefts], len(rows) + 1)
    right_lines = _right_lines([head_right, *rights], len(rows) + 1)
    # The notes at the end, which few rows have, may extend further.
    noteless = _right_lines([head_right, *[(*right[:5], "") for right in rights]], 0)
    between = "    "
    across = width(left_lines[0]) + len(between)
    legend: list[str] = []
    if room is not None and across + max(map(width, right_lines)) > room:
        cells = Cells(format, precision, spoken, marked=True)
        rights = [right for _, right in _rows(steps, cells, limit)[0] if right]
        legend = [f"{mark} {meaning}" for mark, meaning in _legend(steps, cells)]
        right_lines = _right_lines([head_right, *rights], len(rows) + 1)
        noteless = right_lines
        between, across = "  ", across - 2
    stacked = across + max(map(width, noteless)) > (room or WIDEST)
    if stacked and room is not None:
        left_lines = [_wrapped(line.rstrip(), room) for line in left_lines]
        right_lines = [_wrapped(line, room) for line in right_lines]
    if color:
        left_lines = _colored(left_lines, [left[3].removeprefix("= ") for left in lefts], GREEN)
        right_lines = _colored(right_lines, [right[4] for right in rights], RED)
    lines = [f"{left}{between}{right}".rstrip() for left, right in zip(left_lines, right_lines, strict=True)]
    if stacked:
        above = [line.rstrip() for line in left_lines[: len(lefts) + 1]]
        below = _cut(right_lines[: len(rights) + 1], len(steps.backward), spoken)
        lines = [*_cut(above, len(steps.forward), spoken), "", *below]
    elif omitted:
        lines = _cut(lines, len(rows) + omitted, spoken)
    foot = [*legend, *check_lines(steps, cells)]
    if room is not None:
        foot = [_wrapped(line, room) for line in foot]
    updates = _updates(steps, cells, limit, room, color)
    everything = "\n".join([_wrapped(_heading(steps, cells), room or WIDEST), *lines, *foot, *updates])
    return _plain_ascii(everything) if ascii else everything


def _updates(steps: Records, cells: Cells, limit: int | None, room: int | None, color: bool) -> list[str]:
    lines = update_tables.text(steps, cells, limit)
    if room is not None:
        lines = [_wrapped(line if width(line) <= room else " ".join(line.split()), room) for line in lines]
    return _colored(lines, [line.split()[-1] for line in lines[1:]], GREEN) if color and lines else lines


def _heads(cells: Cells) -> tuple[Left, Right]:
    forward, backward, grad = cells.heads()
    return ("#", forward, "", ""), ("#", backward, "", "", grad, "")


def _legend(steps: Records, cells: Cells) -> Iterator[tuple[str, str]]:
    """Yield the marks in a table, and what they mean."""
    added = [step for step in steps.backward if isinstance(step, Contribution)]
    if any(is_marked(step, "tie") for step in added):
        yield cells.mark("tie"), cells.spoken.say("a tie: the arguments share the slope")
    if any(is_marked(step, "path") for step in added):
        yield cells.mark("path"), cells.spoken.say("another path: gradients add")


def _colored(lines: Sequence[str], numbers: Sequence[str], code: str) -> list[str]:
    """Return the lines, a head first, with their last numbers in a color of the terminal."""
    found = [lines[0]]
    for line, number in zip(lines[1:], [*numbers, *[""] * (len(lines) - 1 - len(numbers))], strict=True):
        before, this, after = line.rpartition(number) if number else (line, "", "")
        found.append(f"{before}{code}{this}{PLAIN}{after}" if this else line)
    return found


def _cut(lines: list[str], count: int, spoken: Catalog) -> list[str]:
    """Return a column's head and some of its rows, with a note in the middle if rows are left out."""
    if (missing := count + 1 - len(lines)) <= 0:
        return lines
    middle = len(lines) // 2 + 1
    return [*lines[:middle], f" … {_more(missing, spoken, 'to_text()')}", *lines[middle:]]


def _more(missing: int, spoken: Catalog, function: str) -> str:
    return spoken.count(
        "{n} more row; {function} has them all",
        "{n} more rows; {function} has them all",
        missing,
        function=function,
    )


def _wrapped(heading: str, room: int = WIDEST) -> str:
    """Break a heading that is too wide: formula and point on separate lines."""
    if max(map(width, heading.split("\n"))) <= room:
        return heading
    wrapper = textwrap.TextWrapper(
        max(room, 8), subsequent_indent="    ", break_long_words=False, break_on_hyphens=False,
        max_lines=LINES_OF_HEADING, placeholder=" …",
    )  # fmt: skip
    parts = heading.replace(GAP, "\n").split("\n")
    return "\n".join([line for part in parts for line in wrapper.wrap(part)])


def _plain_ascii(text: str) -> str:
    return text.translate(_IN_ASCII).encode("ascii", "backslashreplace").decode("ascii")


def markdown(steps: Records, precision: int = 4, lang: str = "en") -> str:
    """Write a table in Markdown, with escaped labels."""
    cells = Cells("text", precision, catalog_of(lang))
    lines = [_escaped(_heading(steps, cells)), ""]
    forward, backward, grad = cells.heads()
    lines += [f"| # | {forward} | # | {backward} | {grad} | |", "|--:|:--|--:|:--|--:|:--|"]
    for left, right in _rows(steps, cells, None)[0]:
        parts = [*_joined_left(left), *_joined_right(right)]
        lines.append("| " + " | ".join([_escaped(part) for part in parts]) + " |")
    checks = [_escaped(line) + "  " for line in check_lines(steps, cells)]
    return "\n".join([*lines, "", *checks, *update_tables.markdown(steps, cells, _escaped)])


def _escaped(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(["\\" + c if c in "\\`*_{}[]|~$#!" else c for c in text])


def latex(steps: Records, precision: int = 4, lang: str = "en") -> str:
    """Write aligned columns of LaTeX, which need amsmath."""
    cells = Cells("latex", precision, catalog_of(lang), marked=True)
    forward, backward, grad = [cells.note(head) for head in cells.heads()]
    lines = [r"\begin{align*}", rf"\# & \quad {forward} & \# & \quad {backward} & {grad} & \\"]
    for left, right in _rows(steps, cells, None)[0]:
        parts = [*_joined_left(left), *_joined_right(right)]
        for at in (1, 3, 5):
            parts[at] = rf"\quad {parts[at]}" if parts[at] else ""
        lines.append(" & ".join(parts).rstrip() + r" \\")
    lines[-1] = lines[-1].removesuffix(r" \\")
    below = [f"${mark}$ {meaning}" for mark, meaning in _legend(steps, cells)] + check_lines(steps, cells)
    parts = [*lines, r"\end{align*}", "\\\\\n".join(below), *update_tables.latex(steps, cells)]
    return "\n".join(parts).rstrip()


def html(steps: Records, precision: int = 4, limit: int | None = None, lang: str = "en") -> str:
    """Write a table in HTML with formulas in MathML and escaped labels."""
    cells = Cells("mathml", precision, catalog_of(lang))
    forward, backward, grad = cells.heads()
    heads = "".join([f"<th>{name}</th>" for name in ("#", forward, "#", backward, grad, "")])
    lines = ['<table class="steps">', f"<thead><tr>{heads}</tr></thead>", "<tbody>"]
    rows, omitted = _rows(steps, cells, limit)
    for left, right in rows:
        parts = [*_joined_left(left), *_joined_right(right)]
        lines.append("<tr>" + "".join([f"<td>{part}</td>" for part in parts]) + "</tr>")
    lines += ["</tbody>", "</table>"]
    if omitted:
        lines.append(f"<p>… {_more(omitted, cells.spoken, 'to_html()')}</p>")
    lines += [f"<p>{line}</p>" for line in check_lines(steps, cells)]
    return "\n".join([*lines, *update_tables.html(steps, cells, limit)])


def _rows(
    steps: Records, cells: Cells, limit: int | None
) -> tuple[list[tuple[Left | None, Right | None]], int]:
    """Return the rows to show, and how many are left out in the middle."""
    pairs: list[tuple[Any, Any]] = list(zip_longest(steps.forward, steps.backward))
    omitted = 0
    if limit is not None and len(pairs) > limit:
        omitted = len(pairs) - limit
        pairs = pairs[: limit // 2] + pairs[-(limit // 2) :]
    changed = steps.changed
    lefts = [cells.left(a, changed) if a is not None else None for a, _ in pairs]
    rights = [cells.right(b, steps.output) if b is not None else None for _, b in pairs]
    return list(zip(lefts, rights, strict=True)), omitted


def _joined_left(left: Left | None) -> list[str]:
    return [left[0], " ".join([part for part in left[1:] if part])] if left else ["", ""]


def _joined_right(right: Right | None) -> list[str]:
    if not right:
        return ["", "", "", ""]
    return [right[0], f"{right[1]} {right[2].strip()} {right[3]}", right[4], right[5]]


def _left_lines(cells: Sequence[Left], count: int) -> list[str]:
    numbers, names, formulas, values = zip(*cells, strict=True)
    columns = [_right_aligned(numbers, 2), _left_aligned(["", *names[1:]])]
    # A formula that is longer than the rest pushes only its own value to the right.
    usual = max([width(f) for f in formulas[1:] if width(f) <= LONGEST_ALIGNED], default=0)
    columns += [[f + " " * int(usual - width(f)) for f in ("", *formulas[1:])], _equal_signs(values)]
    lines = [f"{a}  {b} {c} {d}" for a, b, c, d in zip(*columns, strict=True)]
    lines[0] = f"{columns[0][0]}  {names[0]}"
    return _padded(lines, count)


def _right_lines(cells: Sequence[Right], count: int) -> list[str]:
    numbers, slopes, signs, products, grads, notes = zip(*cells, strict=True)
    parts = zip(_left_aligned(["", *slopes[1:]]), signs, products, strict=True)
    bodies = [f"{a} {b} {c}" for a, b, c in parts]
    bodies[0] = slopes[0]
    columns = [_right_aligned(numbers, 2), _left_aligned(bodies), _right_aligned(grads)]
    lines = [f"{a}  {b}  {c}  {d}".rstrip() for a, b, c, d in zip(*columns, notes, strict=True)]
    return lines + [""] * (count - len(lines))


def _equal_signs(values: Sequence[str]) -> list[str]:
    """Right-align values after their equals signs; notes such as (constant) stay left-aligned."""
    numbers = _right_aligned([v.removeprefix("= ") if v.startswith("= ") else "" for v in values])
    return [f"= {n}" if v.startswith("= ") else v for v, n in zip(values, numbers, strict=True)]


def _left_aligned(texts: Sequence[str], least: int = 0) -> list[str]:
    widest = max([least, *map(width, texts)])
    return [text + " " * (widest - width(text)) for text in texts]


def _right_aligned(texts: Sequence[str], least: int = 0) -> list[str]:
    widest = max([least, *map(width, texts)])
    return [" " * (widest - width(text)) + text for text in texts]


def _padded(lines: list[str], count: int) -> list[str]:
    return _left_aligned([line.rstrip() for line in lines] + [""] * (count - len(lines)))


def _heading(steps: Records, cells: Cells) -> str:
    inputs, spoken = list(steps.inputs.items()), cells.spoken
    points = [f"{cells.name(name)} = {cells.given(x)}" for name, x in inputs[:INPUTS_IN_HEADING]]
    points += ["…"] * (len(inputs) > INPUTS_IN_HEADING)
    at = ""
    if points and steps.output not in steps.inputs:
        at = GAP + spoken.say("at {inputs}", inputs=spoken.listed(*points))
    heading = f"{cells.name(steps.output)} = {cells.formula(steps.formula(cells.format))}{at}"
    if not (changed := steps.changed):
        return heading
    names = ", ".join([cells.name(name) for name in changed[:INPUTS_IN_HEADING]])
    stale = spoken.say(
        "changed since the forward pass: {names}. The other numbers are the old value's.", names=names
    )
    return f"{heading}\n{stale}"


def plain(steps: Records) -> dict[str, Any]:
    """Convert everything to dicts, lists, strings and numbers."""
    return {
        "output": steps.output,
        "formula": steps.formula("ascii"),
        "method": steps.method,
        "inputs": {name: for_json(x) for name, x in steps.inputs.items()},
        "steps": [_record(step) for step in steps],
        "gradients": {name: for_json(x) for name, x in steps.gradients.items()},
        "checks": [_check(found) for found in steps.checks],
    }


def json_text(steps: Records, indent: int | None) -> str:
    if indent is not None:
        whole_number(indent, "steps", "indent", 0)
    return json.dumps(plain(steps), indent=indent, ensure_ascii=False, allow_nan=False)


def _record(step: StepRecord) -> dict[str, Any]:
    if isinstance(step, Forward):
        return {
            "step": "forward", "number": step.number, "name": step.name, "operation": step.operation,
            "formula": step.formula_in("ascii"), "arguments": list(step.arguments),
            "value": for_json(step.value),
        } | ({} if step.rounding is None else {"rounding": for_json(step.rounding)})  # fmt: skip
    if isinstance(step, WeightUpdate):
        return update_tables.plain(step)
    if isinstance(step, Seed):
        return {"step": "seed", "number": step.number, "name": step.name, "gradient": for_json(step.gradient)}
    return {
        "step": "contribution", "number": step.number, "from": step.source, "to": step.target,
        "slot": step.slot, "incoming": for_json(step.incoming),
        "local_formula": step.local_formula_in("ascii"),
        "local": for_json(step.local), "product": for_json(step.product), "before": for_json(step.before),
        "after": for_json(step.after), "path": step.path, "adds": step.adds,
        **({} if step.hooked is None else {"hooked": for_json(step.hooked)}),
    }  # fmt: skip


def _check(found: Check) -> dict[str, Any]:
    return {
        "input": found.input, "gradient": for_json(found.gradient), "difference": for_json(found.difference),
        "verdict": found.verdict,
    }  # fmt: skip
