"""Compare random programs, compiled in every way, with the eager engine point by point.

    python -m tests.compile.differential 20000        # 20,000 programs, from seed 0
    python -m tests.compile.differential 100 4200     # 100 from seed 4200
    python -m tests.compile.differential seed 4217    # show that program, and what is wrong with it

Each program is compared in calls at points; in calls of mixed batches of changing sizes and inputs;
with the array runner, the tape machine and columns, even if the engine would not choose them; in `run` with
examples; with `exact=True`, bit for bit; and as a training program on batches, for only some of the weights.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

import numpy as np

from autograd_core import Value
from autograd_core.compile.arrays.groups import analysed
from autograd_core.compile.front.simplify import simplified
from autograd_core.compile.program import Program, compile_graph
from autograd_core.compile.runners.array_program import ArrayProgram
from autograd_core.compile.runners.choice import Arrays
from autograd_core.compile.runners.generated_python import StraightBatch
from autograd_core.compile.runners.native_tape import NativeBatch, NativeTape, runs
from autograd_core.compile.training import BatchGradient
from autograd_core.errors import AutogradError
from tests.compile.oracle import Disagreement, Eager, Point, eager, hold_same
from tests.compile.random_programs import Recipe, recipe_of


def attempt(what: str, errors: set[type | None], call: Callable[[], Any]) -> Any:
    """Return the result of a call, or None if it raises the same as the eager engine."""
    expected = {error for error in errors if error is not None}
    try:
        result = call()
    except AutogradError as error:
        if type(error) not in expected:
            raise Disagreement(f"{what}: {type(error).__name__}: {error}; expected {expected}") from error
        return None
    if expected:
        raise Disagreement(f"{what}: gives {result}; expected {[e.__name__ for e in expected]}")
    return result


def first_error(those: Sequence[Eager], name: str) -> set[type | None]:
    """Return the error of the first point that fails."""
    return {getattr(e, name) for e in those if getattr(e, name)}


def hold_points(recipe: Recipe, program: Program, points: list[tuple[Point, Eager]], exact: bool) -> None:
    """Compare calls at points, in three forms."""
    what = "exact point" if exact else "point"
    for point, right in points:
        if not (right.fit or exact):
            continue
        y = attempt(f"{what} value {point}", {right.value_error}, partial(program, *point))
        if y is not None:
            hold_same(f"{what} value {point}", np.atleast_1d(y), right.values, right.scale, exact)
        if not program.single:
            continue
        for form, call in {
            "numbers": partial(program.value_and_grad, *point),
            "array": partial(program.value_and_grad, np.array(point)),
        }.items():
            if form == "array" and len(point) == 1:
                continue  # A batch of one example.
            result = attempt(f"{what} gradient of {form} {point}", {right.slope_error}, call)
            if result is not None:
                hold_same(f"{what} value of {form} {point}", result[0], right.values[0], right.scale, exact)
                slopes = np.atleast_1d(result[1])
                hold_same(f"{what} gradient of {form} {point}", slopes, right.slopes, right.scale, exact)


@dataclass(frozen=True)
class Batch:
    """Points with some inputs in common, and the results of the eager engine."""

    mask: Any
    shared: list[float]
    columns: Any
    right: list[Eager]

    @property
    def fit(self) -> bool:
        return all(e.fit for e in self.right)

    @property
    def size(self) -> int:
        return len(self.columns)

    @property
    def scale(self) -> float:
        return self.size * max(e.scale for e in self.right)

    def arguments(self) -> list[Any]:
        shared, columns = iter(self.shared), iter(self.columns.T)
        return [next(columns) if b else next(shared) for b in self.mask]


def batch_of(recipe: Recipe, random: Random, mask: Any, size: int) -> Batch:
    shared = [recipe.number(random) for _ in range(int((~mask).sum()))]
    columns = np.array([[recipe.number(random) for _ in range(int(mask.sum()))] for _ in range(size)])
    points = []
    for row in columns.tolist():
        a, b = iter(shared), iter(row)
        points.append([next(b) if m else next(a) for m in mask])
    return Batch(mask, shared, columns, [eager(recipe, point) for point in points])


def mask_of(random: Random, count: int) -> Any:
    kind = random.choice(["all", "last", "some", "some", "one"])
    if kind == "all":
        return np.ones(count, bool)
    if kind == "last":
        return np.arange(count) >= random.randrange(count)
    if kind == "one":
        return np.arange(count) == random.randrange(count)
    mask = np.array([random.random() < 0.5 for _ in range(count)])
    return mask if mask.any() else ~mask


def hold_batch(program: Program, batch: Batch, exact: bool) -> None:
    """Compare a call with some inputs batched: values and gradient, summed for shared inputs."""
    if not (batch.fit or exact) or len(batch.mask) == batch.size == 1:
        return  # For a program of one input, an array of one number is a point.
    what = f"{'exact ' if exact else ''}batch of {batch.size}, mask {batch.mask.astype(int).tolist()}"
    call = batch.arguments()
    y = attempt(f"{what} value", first_error(batch.right, "value_error"), lambda: program(*call))
    if y is not None:
        rows = np.array(y).T if not program.single else np.asarray(y)[:, None]
        hold_same(f"{what} value", rows, [e.values for e in batch.right], batch.scale, exact)
    if not program.single:
        return
    result = attempt(
        f"{what} gradient", first_error(batch.right, "slope_error"), lambda: program.value_and_grad(*call)
    )
    if result is None:
        return
    hold_same(f"{what} value", result[0], [e.values[0] for e in batch.right], batch.scale, exact)
    slopes = result[1] if isinstance(result[1], tuple) else (result[1],)
    if len(slopes) != len(batch.mask):
        raise Disagreement(f"{what}: {len(slopes)} slopes")
    table = np.array([e.slopes for e in batch.right])
    for i, (slope, is_batched) in enumerate(zip(slopes, batch.mask, strict=True)):
        wanted = table[:, i] if is_batched else one_after_another(table[:, i])
        hold_same(f"{what} slope {i}", slope, wanted, batch.scale, exact)


def one_after_another(rows: Any) -> Any:
    """Add up one after another, as `backward` does."""
    total = rows[0]
    with np.errstate(invalid="ignore"):
        for row in rows[1:]:
            total = total + row
    return total


def forced(program: Program, mask: Any) -> Iterator[tuple[str, Arrays]]:
    """Return the runners of batches, whether or not the engine would choose them."""
    alike, _ = simplified(program.tape, exact=False, alike=True)
    analysis = analysed(alike, mask, limit=10**6, gather=True)
    if analysis is not None:
        yield "array program", ArrayProgram(analysis)
    if runs(program.tape, exact=False):
        plain, _ = simplified(program.tape, exact=False, alike=False)
        yield "native tape", NativeBatch(NativeTape(plain, exact=False), mask)
    yield "columns", StraightBatch(program.tape, mask)


def hold_forced(program: Program, batch: Batch, again: Batch) -> None:
    """Compare the runners themselves: they may fall back to the careful path, but not give other numbers."""
    for name, runner in forced(program, batch.mask):
        for one in (batch, again, batch):
            if not one.fit or first_error(one.right, "slope_error"):
                continue
            what = f"{name} on a batch of {one.size}, mask {one.mask.astype(int).tolist()}"
            with suppress(ArithmeticError, ValueError):  # Numbers that all examples share are floats.
                value, shared, batched = runner.value_and_grad(np.array(one.shared), one.columns)
                found = [value, shared, batched]
                if not all(np.isfinite(x).all() for x in found):
                    continue
                table = np.array([e.slopes for e in one.right])
                values = np.broadcast_to(value, one.size)
                hold_same(f"{what} value", values, [e.values[0] for e in one.right], one.scale)
                hold_same(f"{what} shared", shared, table[:, ~one.mask].sum(axis=0), one.scale)
                hold_same(f"{what} batched", batched, table[:, one.mask], one.scale)


def weights_first(random: Random, recipe: Recipe, size: int, count: int, start: Point) -> Batch:
    """Return a batch in which the first `count` inputs are shared, at `start`."""
    batch = batch_of(recipe, random, np.arange(recipe.count) >= count, size)
    points = [[*start, *row] for row in batch.columns.tolist()]
    return Batch(batch.mask, start, batch.columns, [eager(recipe, point, False, count) for point in points])


def hold_run(recipe: Recipe, program: Program, random: Random, exact: bool) -> None:
    """Compare two steps of descent inside the program, on batches of several sizes."""
    count, rate = random.randint(1, recipe.count), 2.0**-6
    for size in random.sample([1, 2, 3, 4], 2):
        start = [recipe.number(random) for _ in range(count)]
        if recipe.wild and not np.isfinite(start).all():
            continue
        batch = weights_first(random, recipe, size, count, start)
        if not np.isfinite(batch.columns).all():
            continue
        whole, values, w = batch.columns, [], np.array(start)
        for steps in (1, 2):
            right = [eager(recipe, [*w.tolist(), *row], steps == 1, count) for row in whole.tolist()]
            batch = Batch(batch.mask, start, whole, right)
            if not (batch.fit or exact):
                break
            what = f"{'exact ' if exact else ''}run({steps}, {start}, examples={whole.tolist()})"
            examples = whole if count < recipe.count else None
            right = right if examples is not None else right[:1]
            call = partial(program.run, steps, start, rate, examples=examples)
            found = attempt(what, first_error(right, "slope_error"), call)
            if found is None:
                break
            slopes = np.array([e.slopes[:count] for e in right])
            values.append(float(one_after_another([e.values[0] for e in right])))
            w = w - rate * one_after_another(slopes)
            hold_same(f"{what} values", found[1], values, batch.scale, exact)
            hold_same(f"{what} point", found[0], w, batch.scale, exact)
            if not np.isfinite(w).all():
                break


def hold_training(recipe: Recipe, program: Program, random: Random) -> None:
    """Compare uneven batches of a training program, with the gradient by some of the weights."""
    count = random.randint(1, recipe.count)
    if count == recipe.count or recipe.wild:
        return
    wanted = np.array([random.random() < 0.7 for _ in range(count)])
    engine = BatchGradient(program.tape, count, wanted)
    for size in (3, 2, 3, 1):
        start = [recipe.number(random) for _ in range(count)]
        batch = batch_of(recipe, random, np.arange(recipe.count) >= count, size)
        points = [[*start, *row] for row in batch.columns.tolist()]
        right = [eager(recipe, point, True, count) for point in points]
        if not all(e.fit for e in right) or first_error(right, "slope_error"):
            continue
        engine.weights[:] = start
        engine.inputs(size)[:] = batch.columns.T
        what = f"training on {size}, {count} weights, wanted {wanted.astype(int).tolist()}"
        with suppress(FloatingPointError):
            value = engine.value_and_gradient(size, 0.5)
            slopes = 0.5 * np.sum([e.slopes[:count] for e in right], axis=0)
            scale = size * max(e.scale for e in right)
            hold_same(f"{what} value", value, 0.5 * sum(e.values[0] for e in right), scale)
            hold_same(f"{what} gradient", engine.gradient[wanted], slopes[wanted], scale)


def check(seed: int) -> None:
    """Raise `Disagreement` if a seed's program computes something else when compiled."""
    recipe, random = recipe_of(seed), Random(seed + 1)
    points = [[recipe.number(random) for _ in range(recipe.count)] for _ in range(3)]
    right = [(point, eager(recipe, point)) for point in points]
    nodes = built_somewhere(recipe, random)
    if nodes is None:
        return
    inputs, outputs = nodes[: recipe.count], [nodes[i] for i in recipe.outputs]
    program = compile_graph(outputs, inputs, single=len(outputs) == 1)
    exact = compile_graph(outputs, inputs, exact=True, single=len(outputs) == 1)
    hold_points(recipe, program, right, exact=False)
    hold_points(recipe, exact, right, exact=True)
    masks = [mask_of(random, recipe.count) for _ in range(2)]
    sizes = random.sample([1, 2, 3, 4, 5], 2)
    calls = [batch_of(recipe, random, mask, size) for mask in masks for size in sizes]
    for batch in [*calls, *calls[:2]]:
        hold_batch(program, batch, exact=False)
    for batch in calls[:2]:
        hold_batch(exact, batch, exact=True)
    hold_points(recipe, program, right[:1], exact=False)
    if program.single:
        hold_forced(program, calls[0], calls[1])
        hold_run(recipe, program, random, exact=False)
        if random.random() < 0.3:
            hold_run(recipe, exact, random, exact=True)
        hold_training(recipe, program, random)


def built_somewhere(recipe: Recipe, random: Random) -> list[Value] | None:
    """Return the graph at a point where it can be built."""
    for _ in range(20):
        with suppress(AutogradError):
            return recipe.build([recipe.number(random) for _ in range(recipe.count)])
    return None


def failures(seeds: Sequence[int], most: int = 10) -> list[tuple[int, str]]:
    """Yield the seeds whose programs disagree, and how."""
    found = []
    for seed in seeds:
        try:
            check(seed)
        except Exception as error:  # A crash is a disagreement, too.
            what = str(error) if isinstance(error, Disagreement) else traceback.format_exc(limit=-4)[-500:]
            found.append((seed, what))
            if len(found) >= most:
                break
    return found


def main(*words: str) -> int:
    """Run the command line."""
    if words[:1] == ("seed",):
        print(recipe_of(int(words[1])))
        check(int(words[1]))
        return 0
    count, first = int(words[0]), int(words[1]) if len(words) > 1 else 0
    begin, wrong = time.perf_counter(), 0
    for seed in range(first, first + count):
        for _, what in failures([seed]):
            wrong += 1
            print(f"seed {seed}: {what[:600]}", flush=True)
        done = seed - first + 1
        if done == count or done % 500 == 0:
            print(f"{done} programs, {wrong} disagree, {time.perf_counter() - begin:.0f} s", flush=True)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
