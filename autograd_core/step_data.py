"""The steps as data: dicts, lists, strings and numbers, and JSON."""

from __future__ import annotations

import json
from typing import Any

from .differences import Check
from .step_records import Forward, Records, Seed, Step
from .text import for_json


def plain(steps: Records) -> dict[str, Any]:
    """Everything as dicts, lists, strings and numbers."""
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
    return json.dumps(plain(steps), indent=indent, ensure_ascii=False, allow_nan=False)


def _record(step: Step) -> dict[str, Any]:
    if isinstance(step, Forward):
        return {
            "step": "forward", "number": step.number, "name": step.name, "operation": step.operation,
            "formula": step.formula_in("ascii"), "arguments": list(step.arguments),
            "value": for_json(step.value),
        }  # fmt: skip
    if isinstance(step, Seed):
        return {"step": "seed", "number": step.number, "name": step.name, "gradient": for_json(step.gradient)}
    return {
        "step": "contribution", "number": step.number, "from": step.source, "to": step.target,
        "slot": step.slot, "incoming": for_json(step.incoming),
        "local_formula": step.local_formula_in("ascii"),
        "local": for_json(step.local), "product": for_json(step.product), "before": for_json(step.before),
        "after": for_json(step.after), "path": step.path, "adds": step.adds,
    }  # fmt: skip


def _check(found: Check) -> dict[str, Any]:
    return {
        "input": found.input, "gradient": for_json(found.gradient), "difference": for_json(found.difference),
        "verdict": found.verdict,
    }  # fmt: skip
