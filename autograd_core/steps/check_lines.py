"""Say below a table how its gradients compare with central differences."""

from __future__ import annotations

from math import isnan

from ..base.text import fixed
from ..check import verdicts
from ..check.verdicts import Check
from .cells import Cells
from .records import Records

NAMED_INPUTS = 6


def check_lines(steps: Records, cells: Cells) -> list[str]:
    """Return a line for each input that compares its gradient with central differences."""
    count, say = len(steps.inputs) if steps.backward else 0, cells.spoken.say
    lines = []
    for found in steps.checks if count else ():
        verdict = _verdict(found, cells)
        slope = cells.in_line(cells.writer.slope(steps.output, found.input))
        one = count == 1
        lines.append(
            say("check: {verdict}", verdict=verdict) if one
            else say("check {slope}: {verdict}", slope=slope, verdict=verdict)
        )  # fmt: skip
    if count > len(lines):
        lines.append(say("check: {verdict}", verdict=_unchecked(steps, cells, len(lines))))
    return lines


def _unchecked(steps: Records, cells: Cells, checked: int) -> str:
    """Say which inputs the check by differences leaves out."""
    left_out, spoken = list(steps.inputs)[checked:], cells.spoken
    if steps.hooks:
        return spoken.say("hooks may have changed the gradients: no central difference")
    if not checked:
        return spoken.count(
            "none of the {n} input checked in so large a graph",
            "none of the {n} inputs checked in so large a graph",
            len(left_out),
        )
    names = ", ".join([cells.in_line(cells.writer.name(name).text) for name in left_out[:NAMED_INPUTS]])
    if len(left_out) > NAMED_INPUTS:
        names = spoken.say("{names} and {n} more", names=names, n=len(left_out) - NAMED_INPUTS)
    counts = {"some": checked, "all": checked + len(left_out)}
    return spoken.say("the first {some} of {all} inputs; not checked: {names}", names=names, **counts)


def _verdict(found: Check, cells: Cells) -> str:
    """Say what the differences of a check mean."""
    say = cells.spoken.say
    numbers = (found.difference, found.gradient, found.numeric.left, found.numeric.right)
    difference, gradient, below, above = [
        cells.in_line(cells.writer.numeral(fixed(x, cells.precision))) for x in numbers
    ]
    right, wrong = (say("(agrees)"), r"$\neq$") if cells.format == "latex" else ("✓", "✗")
    fields = {
        "name": cells.in_line(cells.writer.name(found.input).text),
        "difference": difference, "gradient": gradient, "below": below, "above": above,
        "no": say("no central difference"),
    }  # fmt: skip
    if found.verdict == verdicts.DISAGREES:
        differs = say("central difference {difference} {mark} (gradient {gradient})", mark=wrong, **fields)
        if not found.wrong:
            return differs
        blamed = say("wrong local derivative of {operation}", operation=found.wrong.operation)
        return f"{differs}: {blamed}"
    if found.verdict == verdicts.UNCERTAIN:
        rough = fields["no"]
        if not isnan(found.difference):
            error = f"{found.numeric.error:.0e}"
            rough = say("central difference {difference} ± {error}", difference=difference, error=error)
        return say("too rough to tell: {rough}, gradient {gradient}", rough=rough, gradient=gradient)
    return {
        verdicts.AGREES: say("central difference {difference} {mark}", mark=right, **fields),
        verdicts.KINK: say("kink near {name}: slopes {below} and {above}, gradient {gradient}", **fields),
        verdicts.JUMP: say("jump near {name}: {no}, gradient {gradient}", **fields),
        verdicts.INFINITE: say("infinite slope near {name}: {no}, gradient {gradient}", **fields),
        verdicts.NOT_FINITE: say("the function is infinite here (overflow, or a pole): {no}", **fields),
        verdicts.NOT_A_NUMBER: say("the value or an input is nan: {no}", **fields),
        verdicts.ONE_SIDED: say("{name} lies at the edge of the domain: {no}", **fields),
        verdicts.NOWHERE: say("the function has no value near {name}: {no}", **fields),
        verdicts.CHANGED: say("a leaf has changed since the forward pass: {no}", **fields),
    }[found.verdict]
