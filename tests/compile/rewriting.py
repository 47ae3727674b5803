"""Check that a row of the rewriting table keeps values and derivatives at given points."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import Any

from autograd_core import errstate, gradients
from autograd_core.calculus.rewriting import BITS, DIGITS, FINITE, ULPS, VALUE, Rule
from autograd_core.compile.front.tape_and_builder import Builder
from autograd_core.compile.runners.interpreter import replay
from autograd_core.operations import table

inf, nan = math.inf, math.nan
AWKWARD = (0.0, -0.0, 1.0, -1.5, 0.1, 3.7, 5e-324, -1e-310, 1e-160, 1e160, -1e160, 1e308, inf, -inf, nan)
CONSTANTS = (2.0, -2.0, 0.5, 1.0, 0.0, -0.0, 3.0, 0.1, -1.0, 5.0, -3.0, inf)
NAMES = {row.name: row for row in table.TABLE.values()}


def fired(rule: Rule, c: float, d: float) -> tuple[Builder, Any, list[tuple[Any, Any]]] | None:
    """Apply a rule to its pattern on symbols, in both orders if it commutes. Returns None if it does
    not fit those constants."""
    builder = Builder()
    builder._rules = {}
    inputs = [builder.term(builder.input(name)) for name in "xyz"]
    top = eval(rule.pattern, NAMES | dict(zip("xyz", inputs, strict=True)) | {"c": c, "d": d})
    pairs = []
    for args in [top.parents, top.parents[::-1]] if rule.row in (table.add, table.mul) else [top.parents]:
        result = rule.replace(*args)
        if result is not None:
            pairs.append((builder.apply(rule.row, args), result))
    return (builder, inputs, pairs) if pairs else None


def said(rule: Rule, inputs: Sequence[Any], c: float, d: float) -> Any:
    """Return the result that the row's text states."""
    return eval(rule.result, NAMES | dict(zip("xyz", inputs, strict=True)) | {"c": c, "d": d})


def faults(
    rule: Rule, points: Iterable[Sequence[float]], constants: Sequence[float] = CONSTANTS
) -> list[str]:
    """Return where a rule changes what it promises to keep; a rule that fits nowhere is wrong, too."""
    wrong, fits = [], False
    variables = [name in rule.pattern for name in "xyz"]
    relevant = [[x if used else 1.0 for x, used in zip(p, variables, strict=True)] for p in points]
    different = list({repr(p): p for p in relevant}.values())  # -0.0 equals 0.0 but is another point.
    used = [constants if name in rule.pattern.replace("dot", "") else (2.0,) for name in "cd"]
    for c, d in itertools.product(*used):
        found = fired(rule, c, d)
        if found is None:
            continue
        fits = True
        builder, inputs, pairs = found
        pairs.append((pairs[0][0], said(rule, inputs, c, d)))
        for before, after in pairs:
            places = [builder.place(before), builder.place(after)]
            tape = builder.tape([x.place for x in inputs], places)
            wrong += [
                f"{point}, c={c}, d={d}: {w}" for point in different if (w := _difference(rule, tape, point))
            ]
    return wrong if fits else ["it fits nowhere"]


def _difference(rule: Rule, tape: Any, point: Sequence[float]) -> str:
    with errstate(all="ignore"):
        inputs, (before, after) = replay(tape, point)
        if not _kept(rule, before.data, after.data):
            return f"{before.data!r} became {after.data!r}"
        if before.data != before.data:
            return ""
        old, new = (gradients(y, inputs) for y in (before, after))
    kept = all(_kept(rule, a, b) for a, b in zip(old, new, strict=True))
    return "" if kept else f"the gradient {old} became {new}"


def _kept(rule: Rule, a: float, b: float) -> bool:
    if a != a or b != b:
        # An intermediate overflow gives nan, and the engine then recomputes the point.
        return b != b and (a != a or rule.keeps == FINITE)
    if rule.keeps in (BITS, FINITE):
        return a == b and math.copysign(1.0, a) == math.copysign(1.0, b)
    if rule.keeps == VALUE or a == b:
        return a == b
    # Among subnormal numbers, which are multiples of 5e-324, a factor scales the error.
    near = math.isfinite(a) and math.isfinite(b) and abs(a - b) <= ULPS * math.ulp(a) + 16 * 5e-324
    return rule.keeps == DIGITS and near
