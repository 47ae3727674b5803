"""The steps as data: dicts, lists, strings and numbers, and JSON."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

from .differences import Check
from .step_records import Forward, Records, Seed, Step


def plain(steps: Records) -> dict[str, Any]:
    """Everything as dicts, lists, strings and numbers."""
    return {
        "output": steps.output,
        "formula": steps.formula("ascii"),
        "method": steps.method,
        "inputs": {name: _number(x) for name, x in steps.inputs.items()},
        "steps": [_record(step) for step in steps],
        "gradients": {name: _number(x) for name, x in steps.gradients.items()},
        "checks": [_check(found) for found in steps.checks],
    }


def json_text(steps: Records, indent: int | None) -> str:
    return json.dumps(plain(steps), indent=indent, ensure_ascii=False, allow_nan=False)


def _record(step: Step) -> dict[str, Any]:
    if isinstance(step, Forward):
        return {
            "step": "forward", "number": step.number, "name": step.name, "operation": step.operation,
            "formula": step.formula_in("ascii"), "arguments": list(step.arguments),
            "value": _number(step.value),
        }  # fmt: skip
    if isinstance(step, Seed):
        return {"step": "seed", "number": step.number, "name": step.name, "gradient": _number(step.gradient)}
    return {
        "step": "contribution", "number": step.number, "from": step.source, "to": step.target,
        "slot": step.slot, "incoming": _number(step.incoming),
        "local_formula": step.local_formula_in("ascii"),
        "local": _number(step.local), "product": _number(step.product), "before": _number(step.before),
        "after": _number(step.after), "path": step.path, "adds": step.adds,
    }  # fmt: skip


def _check(found: Check) -> dict[str, Any]:
    return {
        "input": found.input, "gradient": _number(found.gradient), "difference": _number(found.difference),
        "verdict": found.verdict,
    }  # fmt: skip


def _number(x: float) -> float | str:
    """JSON has neither nan nor infinities: they are strings."""
    return x if isfinite(x) else str(x)
