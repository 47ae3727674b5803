"""Write steps as a table (plain text, Markdown, LaTeX, HTML) or as data (dicts, JSON)."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Collection, Sequence
from itertools import zip_longest
from math import isfinite, isnan
from typing import Any

from ..base.reals import whole_number
from ..base.text import counted, fixed, for_json, short, width
from ..check import verdicts
from ..check.verdicts import Check
from ..formulas.formula import writer_of
from . import update_tables
from .records import Contribution, Forward, Records, Seed, StepRecord
from .updates import WeightUpdate

ROWS = 200
"""The most rows of a table that `print` and notebooks show."""

WIDEST = 100
"""The most characters of two columns side by side; wider ones are placed one below the other."""

INPUTS_IN_HEADING = 6
LINES_OF_HEADING = 4
NAMED_INPUTS = 6
LONGEST_ALIGNED = 60
AT = "   at "
_ORDINALS = {2: "second", 3: "third"}
_MARKS = {"tie": r"\ast", "path": r"\oplus"}
_IN_ASCII = str.maketrans({"·": "*", "−": "-", "…": "...", "✓": "ok", "✗": "WRONG", "∞": "inf", "⊕": "+"})

_SHORT = {"tie": ("*", "a tie: the arguments share the slope"), "path": ("⊕", "another path: gradients add")}
GREEN, RED, PLAIN = "\x1b[32m", "\x1b[31m", "\x1b[0m"
"""Codes of a terminal for values and for gradients, and the end of both."""

Left = tuple[str, str, str, str]
Right = tuple[str, str, str, str, str, str]
HEAD_LEFT: Left = ("#", "forward", "", "")
HEAD_RIGHT: Right = ("#", "backward", "", "", "grad", "")


def text(
    steps: Records,
    ascii: bool = False,
    precision: int = 4,
    limit: int | None = None,
    room: int | None = None,
    color: bool = False,
) -> str:
    """Write the lecture's two columns side by side, in lines of at most `room` characters if it is given."""
    cells = Cells("ascii" if ascii else "text", precision)
    rows, omitted = _rows(steps, cells, limit)
    lefts = [left for left, _ in rows if left]
    rights = [right for _, right in rows if right]
    left_lines = _left_lines([HEAD_LEFT, *lefts], len(rows) + 1)
    right_lines = _right_lines([HEAD_RIGHT, *rights], len(rows) + 1)
    # The notes at the end, which few rows have, may extend further.
    noteless = _right_lines([HEAD_RIGHT, *[(*right[:5], "") for right in rights]], 0)
    between = "    "
    across = width(left_lines[0]) + len(between)
    legend: list[str] = []
    if room is not None and across + max(map(width, right_lines)) > room:
        rights, legend = _marked(rights)
        right_lines = _right_lines([HEAD_RIGHT, *rights], len(rows) + 1)
        noteless = right_lines
        between = "  "
        across -= 2
    stacked = across + max(map(width, noteless)) > (room or WIDEST)
    if stacked and room is not None:
        left_lines = [_wrapped(line.rstrip(), room) for line in left_lines]
        right_lines = [_wrapped(line, room) for line in right_lines]
    if color:
        left_lines = _colored(left_lines, [left[3].removeprefix("= ") for left in lefts], GREEN)
        right_lines = _colored(right_lines, [right[4] for right in rights], RED)
    lines = [f"{left}{between}{right}".rstrip() for left, right in zip(left_lines, right_lines, strict=True)]
    if stacked:
        left_lines = _cut([line.rstrip() for line in left_lines[: len(lefts) + 1]], len(steps.forward))
        lines = [*left_lines, "", *_cut(right_lines[: len(rights) + 1], len(steps.backward))]
    elif omitted:
        lines = _cut(lines, len(rows) + omitted)
    foot = [*legend, *_check_lines(steps, cells)]
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


def _marked(rights: Sequence[Right]) -> tuple[list[Right], list[str]]:
    """Return the rows with a mark in place of each note, and what the marks mean."""
    marked: list[Right] = []
    legend: dict[str, str] = {}
    for right in rights:
        marks = [mark for word, (mark, _) in _SHORT.items() if word in right[5]]
        marks += [note for note in right[5].split("; ") if note.startswith("hook")]
        legend |= {mark: meaning for word, (mark, meaning) in _SHORT.items() if word in right[5]}
        marked.append((*right[:5], " ".join(marks)))
    return marked, [f"{mark} {meaning}" for mark, meaning in legend.items()]


def _colored(lines: Sequence[str], numbers: Sequence[str], code: str) -> list[str]:
    """Return the lines, a head first, with their last numbers in a color of the terminal."""
    found = [lines[0]]
    for line, number in zip(lines[1:], [*numbers, *[""] * (len(lines) - 1 - len(numbers))], strict=True):
        before, this, after = line.rpartition(number) if number else (line, "", "")
        found.append(f"{before}{code}{this}{PLAIN}{after}" if this else line)
    return found


def _cut(lines: list[str], count: int) -> list[str]:
    """Return a column with its head and some of its rows, and a note in the middle if rows are left out."""
    if (missing := count + 1 - len(lines)) <= 0:
        return lines
    middle = len(lines) // 2 + 1
    return [*lines[:middle], f" … {missing} more rows; to_text() has them all", *lines[middle:]]


def _wrapped(heading: str, room: int = WIDEST) -> str:
    """Break a heading that is too wide: formula and point on separate lines."""
    if max(map(width, heading.split("\n"))) <= room:
        return heading
    wrapper = textwrap.TextWrapper(
        max(room, 8), subsequent_indent="    ", break_long_words=False, break_on_hyphens=False,
        max_lines=LINES_OF_HEADING, placeholder=" …",
    )  # fmt: skip
    parts = heading.replace(AT, "\n" + AT.strip() + " ").split("\n")
    return "\n".join([line for part in parts for line in wrapper.wrap(part)])


def _plain_ascii(text: str) -> str:
    return text.translate(_IN_ASCII).encode("ascii", "backslashreplace").decode("ascii")


def markdown(steps: Records, precision: int = 4) -> str:
    """Write a table in Markdown, with escaped labels."""
    cells = Cells("text", precision)
    lines = [_escaped(_heading(steps, cells)), ""]
    lines += ["| # | forward | # | backward | grad | |", "|--:|:--|--:|:--|--:|:--|"]
    for left, right in _rows(steps, cells, None)[0]:
        parts = [*_joined_left(left), *_joined_right(right)]
        lines.append("| " + " | ".join([_escaped(part) for part in parts]) + " |")
    checks = [_escaped(line) + "  " for line in _check_lines(steps, cells)]
    return "\n".join([*lines, "", *checks, *update_tables.markdown(steps, cells, _escaped)])


def _escaped(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(["\\" + c if c in "\\`*_{}[]|~$#!" else c for c in text])


def latex(steps: Records, precision: int = 4) -> str:
    """Write aligned columns of LaTeX, which need amsmath."""
    cells = Cells("latex", precision)
    lines = [r"\begin{align*}"]
    lines.append(r"\# & \quad \text{forward} & \# & \quad \text{backward} & \text{grad} & \\")
    for left, right in _rows(steps, cells, None)[0]:
        parts = [*_joined_left(left), *_joined_right(right)]
        # A page is too narrow for the text of a note.
        parts[5] = "".join([mark for word, mark in _MARKS.items() if word in parts[5]])
        for at in (1, 3, 5):
            parts[at] = rf"\quad {parts[at]}" if parts[at] else ""
        lines.append(" & ".join(parts).rstrip() + r" \\")
    lines[-1] = lines[-1].removesuffix(r" \\")
    added = [step for step in steps.backward if isinstance(step, Contribution)]
    below = [r"$\oplus$: another path; gradients add"] * any(step.adds for step in added)
    below += [r"$\ast$: a tie; the arguments share the slope"] * any(step.tie for step in added)
    below += _check_lines(steps, cells)
    parts = [*lines, r"\end{align*}", "\\\\\n".join(below), *update_tables.latex(steps, cells)]
    return "\n".join(parts).rstrip()


def html(steps: Records, precision: int = 4, limit: int | None = None) -> str:
    """Write a table in HTML with formulas in MathML and escaped labels."""
    cells = Cells("mathml", precision)
    heads = "".join([f"<th>{name}</th>" for name in ("#", "forward", "#", "backward", "grad", "")])
    lines = ['<table class="steps">', f"<thead><tr>{heads}</tr></thead>", "<tbody>"]
    rows, omitted = _rows(steps, cells, limit)
    for left, right in rows:
        parts = [*_joined_left(left), *_joined_right(right)]
        lines.append("<tr>" + "".join([f"<td>{part}</td>" for part in parts]) + "</tr>")
    lines += ["</tbody>", "</table>"]
    if omitted:
        lines.append(f"<p>… {omitted} more rows; to_html() has them all</p>")
    lines += [f"<p>{line}</p>" for line in _check_lines(steps, cells)]
    return "\n".join([*lines, *update_tables.html(steps, cells, limit)])


class Cells:
    """Writes the parts of a row in one format."""

    def __init__(self, format: str, precision: int) -> None:
        self.format, self.precision = format, precision
        self.writer = writer_of(format)

    def maths(self, markup: str) -> str:
        return f"<math>{markup}</math>" if self.format == "mathml" else markup

    def number(self, x: float) -> str:
        return self.maths(self.writer.numeral(fixed(x, self.precision)))

    def factor(self, x: float) -> str:
        """Write a number in a product, a whole one without decimals."""
        whole = isfinite(x) and x == int(x) and abs(x) < 1e6
        return self.maths(self.writer.numeral(short(x) if whole else fixed(x, self.precision)))

    def name(self, name: str) -> str:
        return self.maths(self.writer.name(name).text)

    def left(self, step: Forward, changed: Collection[str]) -> Left:
        if step.operation in ("input", "constant"):
            note = self.note("(constant)") if step.operation == "constant" else ""
            note = self.note("(changed since)") if step.name in changed else note
            return str(step.number), self.name(step.name), "= " + self.given(step.value), note
        formula = step.formula_in(self.format)
        value = "= " + self.number(step.value) + self.rounding(step.rounding)
        return str(step.number), self.name(step.name), "= " + formula, value

    def rounding(self, effect: float | None) -> str:
        """Write how much the rounding of a step changes the output."""
        if effect is None:
            return ""
        sign = {"latex": r" \pm ", "ascii": " +- "}.get(self.format, " ± ")
        return sign + self.maths(self.writer.numeral(f"{effect:.0e}"))

    def note(self, words: str) -> str:
        return rf"\text{{{words}}}" if self.format == "latex" else words

    def given(self, x: float) -> str:
        """Write the number of an input, with at least the decimals of the results."""
        before_the_point = len(str(int(abs(x)))) if isfinite(x) and abs(x) < 1e9 else 0
        return self.maths(self.writer.numeral(short(x, max(6, before_the_point + self.precision + 1))))

    def right(self, step: Seed | Contribution, output: str) -> Right:
        if isinstance(step, Seed):
            slope = self.maths(self.writer.slope(output, step.name))
            one = self.factor(step.gradient)
            return str(step.number), slope, " =", one, self.number(1.0), ""
        slope = self.maths(self.writer.slope(output, step.target))
        times = {"latex": r" \cdot ", "ascii": " * "}.get(self.format, " · ")
        product = self.factor(step.incoming) + times + self.local(step)
        notes = [f"a tie: {step.tie} arguments share the slope"] if step.tie else []
        notes += [f"{_ordinal(step.path)} path: gradients add"] if step.adds else []
        if step.hooked is not None:
            notes.append(
                "hook" if step.hooked == step.after else f"hook: {fixed(step.hooked, self.precision)}"
            )
        plus = r"\mathrel{+}=" if self.format == "latex" else "+="
        return str(step.number), slope, plus, product, self.number(step.after), "; ".join(notes)

    def local(self, step: Contribution) -> str:
        formula, number = step.factor_in(self.format), self.factor(step.local)
        given = writer_of("text").number(step.local).text
        if step.local_formula_in("text") == given:
            return f"({formula})" if step.local < 0.0 else formula
        return f"({formula} = {number})"


def _ordinal(n: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th") if n % 100 not in (11, 12, 13) else "th"
    return _ORDINALS.get(n) or f"{n}{ending}"


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
    """Right-align values behind their equals signs; a note such as (constant) stays at the left."""
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
    inputs = list(steps.inputs.items())
    points = [f"{cells.name(name)} = {cells.given(x)}" for name, x in inputs[:INPUTS_IN_HEADING]]
    points += ["…"] * (len(inputs) > INPUTS_IN_HEADING)
    at = AT + ", ".join(points) if points and steps.output not in steps.inputs else ""
    heading = f"{cells.name(steps.output)} = {steps.formula(cells.format)}{at}"
    if not (changed := steps.changed):
        return heading
    names = ", ".join([cells.name(name) for name in changed[:INPUTS_IN_HEADING]])
    return f"{heading}\nchanged since the forward pass: {names}. The other numbers are the old value's."


def _check_lines(steps: Records, cells: Cells) -> list[str]:
    """Return a line for each input that compares its gradient with central verdicts."""
    count = len(steps.inputs) if steps.backward else 0
    lines = []
    for found in steps.checks if count else ():
        where = "" if count == 1 else f" {_in_line(cells, cells.writer.slope(steps.output, found.input))}"
        lines.append(f"check{where}: {_verdict(found, cells)}")
    if count > len(lines):
        lines.append("check: " + _unchecked(steps, cells, len(lines)))
    return lines


def _unchecked(steps: Records, cells: Cells, checked: int) -> str:
    """Say which inputs the check by differences leaves out."""
    left_out = list(steps.inputs)[checked:]
    if steps.hooks:
        return "hooks may have changed the gradients: no central difference"
    if not checked:
        return f"none of the {counted(len(left_out), 'input')} checked in so large a graph"
    shown = [_in_line(cells, cells.writer.name(name).text) for name in left_out[:NAMED_INPUTS]]
    more = f" and {len(left_out) - NAMED_INPUTS} more" if len(left_out) > NAMED_INPUTS else ""
    all_of_them = checked + len(left_out)
    return f"the first {checked} of {all_of_them} inputs; not checked: {', '.join(shown)}{more}"


def _in_line(cells: Cells, markup: str) -> str:
    return f"${markup}$" if cells.format == "latex" else cells.maths(markup)


def _verdict(found: Check, cells: Cells) -> str:
    name = _in_line(cells, cells.writer.name(found.input).text)
    numbers = (found.difference, found.gradient, found.numeric.left, found.numeric.right)
    difference, gradient, below, above = [
        _in_line(cells, cells.writer.numeral(fixed(x, cells.precision))) for x in numbers
    ]
    right, wrong = ("(agrees)", r"$\neq$") if cells.format == "latex" else ("✓", "✗")
    no = "no central difference"
    rough = no if isnan(found.difference) else f"central difference {difference} ± {found.numeric.error:.0e}"
    blamed = f": wrong local derivative of {found.wrong.operation}" if found.wrong else ""
    return {
        verdicts.AGREES: f"central difference {difference} {right}",
        verdicts.DISAGREES: f"central difference {difference} {wrong} (gradient {gradient}){blamed}",
        verdicts.KINK: f"kink near {name}: slopes {below} and {above}, gradient {gradient}",
        verdicts.JUMP: f"jump near {name}: {no}, gradient {gradient}",
        verdicts.INFINITE: f"infinite slope near {name}: {no}, gradient {gradient}",
        verdicts.NOT_FINITE: f"the function is infinite here (overflow, or a pole): {no}",
        verdicts.NOT_A_NUMBER: f"the value or an input is nan: {no}",
        verdicts.ONE_SIDED: f"{name} lies at the edge of the domain: {no}",
        verdicts.NOWHERE: f"the function has no value near {name}: {no}",
        verdicts.UNCERTAIN: f"too rough to tell: {rough}, gradient {gradient}",
        verdicts.CHANGED: f"a leaf has changed since the forward pass: {no}",
    }[found.verdict]


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
