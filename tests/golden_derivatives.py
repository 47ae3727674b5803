"""The printed local derivatives of every row, stored in `golden/derivatives.txt`.

    python -m tests.golden_derivatives         print them
    python -m tests.golden_derivatives write   write them; review them before committing

The author of a new row sees here what readers will see: at an ordinary point, and at points where the usual
form is wrong or says too little, such as a tie.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from autograd_core import TABLE, Value, derivative_formula, formula
from autograd_core.operations.operation import Operation
from tests.special_references import OF_ORDER

GOLDEN = Path(__file__).parent / "golden" / "derivatives.txt"
NAMES = {1: "x", 2: "ab", 3: "abc", 4: "abcd"}
ORDINARY = (0.3, 0.7, 0.45, 0.2)
POINTS: dict[str, tuple[tuple[float, ...], ...]] = {
    "acosh": ((1.7,),),
    "clip": ((0.5, 0.3, 0.7), (0.1, 0.3, 0.7), (0.9, 0.3, 0.7), (0.5, 0.7, 0.3)),
    "hardtanh": ((0.5, 0.3, 0.7), (0.1, 0.3, 0.7), (0.9, 0.3, 0.7)),
    "celu": ((0.3, 1.0), (-0.3, 2.0)),
    "relu": ((0.3,), (-0.3,), (0.0,)),
    "leaky_relu": ((0.3, 0.01), (-0.3, 0.01)),
    "elu": ((0.3, 1.0), (-0.3, 1.0)),
    "selu": ((0.3,), (-0.3,)),
    "tanh": ((0.3,), (30.0,)),
    "sigmoid": ((0.3,), (40.0,)),
    "maximum": ((0.3, 0.7), (0.3, 0.3)),
    "minimum": ((0.3, 0.7), (0.3, 0.3)),
    "max": ((0.3, 0.7, 0.45), (0.7, 0.7, 0.45), (0.7, 0.7, 0.7)),
    **dict.fromkeys(OF_ORDER, ((1.0, 0.7),)),
    "i0e": ((0.3,), (-0.3,), (0.0,)),
    "min": ((0.3, 0.7, 0.45), (0.3, 0.3, 0.45), (0.3, 0.3, 0.3)),
}
"""Points other than the ordinary one."""


def table() -> str:
    """Return all derivatives, one line for each derivative and format."""
    return "\n".join([line for row in list(TABLE.values()) for line in lines(row)]) + "\n"


def lines(row: Operation) -> Iterator[str]:
    n = row.arity or (4 if row.sequences == 2 else 3)
    for point in POINTS.get(row.name, (ORDINARY[:n],)):
        leaves = [Value(x, name) for x, name in zip(point, NAMES[n], strict=True)]
        node = row(*([leaves[:2], leaves[2:]] if row.sequences == 2 else leaves))
        parts = node if isinstance(node, list) else [node]
        for i, part in enumerate(parts, start=1):
            part.label = f"p_{i}" if len(parts) > 1 else "y"
        names = {each: each.label for each in [*leaves, *parts]}
        at = ", ".join([f"{leaf.label} = {leaf.data:g}" for leaf in leaves])
        yield f"{row.name}: {parts[0].label} = {formula(parts[0])}   at {at}"
        for slot, parent in enumerate(parts[0].parents):
            for format in ("text", "latex"):
                written = derivative_formula(parts[0], slot, format, names=names)
                yield f"    d{parts[0].label}/d{parent.label} = {written}"


if __name__ == "__main__":
    if sys.argv[1:] == ["write"]:
        GOLDEN.write_text(table(), encoding="utf-8")
    else:
        print(table(), end="")
