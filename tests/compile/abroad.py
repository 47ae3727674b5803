"""Compare random programs in other languages with the eager engine, wherever it has values and slopes.

python -m tests.compile.abroad c 500          # or javascript, torch, jax; 500 programs, from seed 0
"""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from autograd_core.compile.program import Program, compile_graph
from tests.compile.oracle import Disagreement, Eager, Point, eager, hold_same
from tests.compile.random_programs import Recipe, recipe_of
from tests.graphs import KINKED

FEW = 600
"""The most steps; a compiler takes long for more."""


@dataclass(frozen=True)
class Case:
    """A program and a point at which it has a value and slopes."""

    seed: int
    recipe: Recipe
    program: Program
    point: Point
    right: Eager


Numbers = Sequence[Sequence[float]]
"""For each case the value, followed by the slopes if they can be compared."""


def cases(first: int) -> Iterator[Case]:
    """Yield programs that have a value and a gradient, starting at a seed."""
    seed = first - 1
    while True:
        seed += 1
        recipe, random = recipe_of(seed), Random(seed + 3)
        if recipe.wild or len(recipe.outputs) > 1 or len(recipe.steps) > FEW:
            continue
        for _ in range(3):
            point = [recipe.number(random) for _ in range(recipe.count)]
            right = eager(recipe, point)
            if not right.slope_error and right.fit and np.isfinite([*right.values, *right.slopes]).all():
                nodes = recipe.build(point)
                program = compile_graph([nodes[recipe.outputs[0]]], nodes[: recipe.count])
                yield Case(seed, recipe, program, point, right)
                break


def in_c(those: Sequence[Case]) -> Numbers:
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"p{i}.c" for i in range(len(those))]
        for i, (path, case) in enumerate(zip(files, those, strict=True)):
            path.write_text(case.program.to_c(f"p{i}"), encoding="ascii")
        flags = ["-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", f"{folder}/all.so"]
        subprocess.run(["cc", *flags, *map(str, files), "-lm"], check=True)
        library = ctypes.CDLL(f"{folder}/all.so")
        return [_called(getattr(library, f"p{i}"), case.point) for i, case in enumerate(those)]


def _called(function: Callable[..., float], point: Point) -> list[float]:
    function.restype = ctypes.c_double
    x, gradient = (ctypes.c_double * len(point))(*point), (ctypes.c_double * len(point))()
    return [function(x, gradient), *gradient]


def in_javascript(those: Sequence[Case]) -> Numbers:
    calls = []
    for case in those:
        names = case.program.names
        inputs = json.dumps(dict(zip(names, case.point, strict=True)))
        order = json.dumps(names)
        calls.append(
            f"out.push((() => {{ {case.program.to_js()}\nconst r = program({inputs});\n"
            f"return [r.value, ...{order}.map(n => r.gradient[n])]; }})());"
        )
    source = "const out = [];\n" + "\n".join(calls) + "\nconsole.log(JSON.stringify(out));\n"
    done = subprocess.run(["node", "-"], input=source, capture_output=True, text=True, check=True)
    found: Numbers = json.loads(done.stdout)
    return found


def in_torch(those: Sequence[Case]) -> Numbers:
    import torch

    found = []
    for case in those:
        xs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in case.point]
        y = torch.as_tensor(case.program.to_torch()(*xs), dtype=torch.float64)
        slopes = []
        if _smooth(case) and y.requires_grad:
            slopes = torch.autograd.grad(y, xs, allow_unused=True, materialize_grads=True)
        found.append([y.item(), *[g.item() for g in slopes]])
    return found


def in_jax(those: Sequence[Case]) -> Numbers:
    import jax

    found = []
    with jax.enable_x64(True):
        for case in those:
            function = case.program.to_jax()
            slopes = jax.grad(function, tuple(range(len(case.point))))(*case.point) if _smooth(case) else []
            found.append([float(function(*case.point)), *map(float, slopes)])
    return found


def _smooth(case: Case) -> bool:
    """Whether there is no kink, where other libraries have their own conventions."""
    return KINKED.isdisjoint(name for name, _ in case.recipe.steps)


LANGUAGES = {"c": in_c, "javascript": in_javascript, "torch": in_torch, "jax": in_jax}


def failures(language: str, those: Sequence[Case]) -> list[str]:
    """Yield the cases that disagree."""
    found = []
    for case, numbers in zip(those, LANGUAGES[language](those), strict=True):
        wanted: list[Any] = [*case.right.values, *case.right.slopes][: len(numbers)]
        try:
            hold_same(f"seed {case.seed} in {language} at {case.point}", numbers, wanted, case.right.scale)
        except Disagreement as error:
            found.append(str(error))
    return found


def main(language: str, count: str, first: str = "0") -> int:
    """Run the command line."""
    begin, wrong, left = time.perf_counter(), 0, int(count)
    source = cases(int(first))
    while left:
        those = list(islice(source, min(left, 25)))
        left -= len(those)
        for what in failures(language, those):
            wrong += 1
            print(what[:600], flush=True)
    print(f"{count} programs in {language}, {wrong} disagree, {time.perf_counter() - begin:.0f} s")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
