"""What the compiler found, for `Program.explain()`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .. import ops
from .groups import Group
from .tape import Tape

if TYPE_CHECKING:
    from .engine import Engine


@dataclass(frozen=True, repr=False)
class Report:
    """The findings: counts, the matrix products with their shapes (rows, terms, columns), and the reasons.

    `simplified` says how often each rule of the rewriting table was applied to the graph.
    """

    nodes: int
    operations: int
    runner: str
    reason: str
    groups: int
    depth: int
    matrix_products: tuple[tuple[int, int, int], ...]
    simplified: dict[str, int]
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.lines)

    __repr__ = __str__  # The answer at an interactive prompt.


def report(engine: Engine) -> Report:
    """Looks at what the engine has found."""
    tape, analysis = engine.tape, engine.analysis
    groups = analysis.groups if analysis is not None else []
    products = tuple(_shape(group) for group in groups if _is_product(group))
    reason = _reason(engine)
    simplified = {str(rule): n for rule, n in engine.found[1].items()}
    if engine.runner == "array program":
        simplified["additions gathered in sums"] = _additions(tape)
    levels = _depth(engine)
    lines = [
        f"{len(tape)} nodes, {tape.operations} operations, {len(tape.inputs)} inputs",
        f"runs as {engine.runner}: {reason}",
    ]
    if simplified:
        lines.append(f"simplified: {', '.join(f'{n} of {name}' for name, n in simplified.items())}")
    if analysis is not None:
        lines.append(
            f"{len(groups)} groups in {analysis.depth} levels, {len(products)} of them matrix products"
        )
        lines += [f"  {r}×{k} · {k}×{c}" for r, k, c in products]
        lines += _rest(groups)
    return Report(
        len(tape), tape.operations, engine.runner, reason, len(groups), levels,
        products, simplified, tuple(lines),
    )  # fmt: skip


def _depth(engine: Engine) -> int:
    if engine.analysis is not None:
        return engine.analysis.depth
    return 0 if engine.small or engine.schedule is None else len(engine.schedule.levels)


def _additions(tape: Tape) -> int:
    return int(np.count_nonzero(np.isin(tape.code, [tape.code_of(ops.add), tape.code_of(ops.sum)])))


def _is_product(group: Group) -> bool:
    return group.left is not None and group.left.shape[-1] > 1 and group.members.size > 1


def _shape(group: Group) -> tuple[int, int, int]:
    assert_left = group.left.shape[-1] if group.left is not None else 0
    return group.shape[-2], assert_left, group.shape[-1]


def _rest(groups: list[Group]) -> list[str]:
    counts: dict[str, int] = {}
    for group in groups:
        if not _is_product(group):
            name = group.row.name if group.row is not None else "sum"
            counts[name] = counts.get(name, 0) + group.members.size
    listed = sorted(counts.items(), key=lambda item: -item[1])[:8]
    return [f"  element by element: {', '.join(f'{n} {name}' for name, n in listed)}"] if listed else []


def _reason(engine: Engine) -> str:
    if engine.small:
        return "a small graph, each node one statement"
    if engine.exact:
        return "exact=True keeps the order of every sum"
    if engine.runner == "array program":
        return "nodes of one formula are computed together"
    if engine.schedule is not None:
        return "few formulas are repeated; the nodes of a level that share an operation are computed together"
    if engine.loops is not None:
        found = [f"{len(loop.steps)} steps of {len(loop.source.slots)}" for loop in engine.loops.loops]
        return f"long chains of repeated steps: {', '.join(found)} operations"
    return "long chains, in which nearly every node waits for the one before, and no steps that repeat"
