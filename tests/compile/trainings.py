"""Train random programs with `nn.fit`, compiled and eagerly, on uneven batches.

python -m tests.compile.trainings 1000        # 1,000 programs, from seed 0
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import numpy as np

import nn
from autograd_core import TraceError, Value
from autograd_core.errors import AutogradError
from tests.compile.oracle import Disagreement, eager, hold_same
from tests.compile.random_programs import Recipe, recipe_of

MODERATE = 30.0
"""The largest number for which a few steps do not amplify rounding errors."""
OPTIMIZERS: dict[str, Callable[[nn.Module], Any]] = {
    "SGD": lambda model: nn.SGD(model, lr=2.0**-7),
    "momentum": lambda model: nn.SGD(model, lr=2.0**-7, momentum=0.5, weight_decay=0.01),
    "Adam": lambda model: nn.Adam(model, lr=2.0**-7),
}


class Trained(nn.Module):
    """A program whose first inputs are weights and whose others are an example."""

    def __init__(self, recipe: Recipe, start: list[float]) -> None:
        self.w = [Value(x) for x in start]
        self._recipe = recipe

    def forward(self, x: Any) -> Any:
        return self._recipe.on([*self.w, *x])[self._recipe.outputs[0]]


def check(seed: int) -> str:
    """Check a seed; raise `Disagreement` if the compiled training ends elsewhere.

    A training is unstable if the eager one ends just as far away when a weight starts an ulp or two higher:
    there rounding in another order decides, for example on which side of a jump of `remainder` it goes on.
    """
    recipe, random = recipe_of(seed), Random(seed + 2)
    count = random.randint(1, recipe.count)
    if recipe.wild or count == recipe.count:
        return "not fit"
    start = [recipe.number(random) for _ in range(count)]
    x = [[recipe.number(random) for _ in range(recipe.count - count)] for _ in range(5)]
    right = [eager(recipe, [*start, *row], False, count) for row in x]
    if any(e.slope_error or not e.fit or e.scale > MODERATE for e in right):
        return "not fit"
    y = [random.randint(-8, 8) / 4.0 for _ in x]
    name, size = random.choice(list(OPTIMIZERS)), random.choice([1, 2, 3, 5])
    clip = random.choice([None, 1.0])
    options = {"loss": "mse", "epochs": 2, "batch_size": size, "clip_norm": clip}
    training = partial(train, recipe, x, y, name, options)
    found = []
    for compiled in (False, True):
        try:
            found.append(training(start, compiled))
        except TraceError as error:
            if "differs" in str(error):
                raise Disagreement(f"{name}: {error}") from error
            return "not compiled"
    right, other = found
    if isinstance(right, type) or isinstance(other, type):
        if right != other:
            raise Disagreement(f"{name}: {right} and {other}")
        return "error"
    try:
        hold_same(f"{name}, batches of {size}, clip {clip}: loss and weights", other, right, 100.0)
    except Disagreement:
        if np.abs(other - right).max() <= moved_by_rounding(training, start, right):
            return "unstable"
        raise
    return "agree"


def train(
    recipe: Recipe, x: Any, y: Any, name: str, options: dict[str, Any], start: list[float], compiled: bool
) -> Any:
    """Return the losses and the final weights, or the kind of error."""
    model = Trained(recipe, start)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", nn.DivergenceWarning)
            history = model.fit(
                x, y, optimizer=OPTIMIZERS[name](model), shuffle=False, compile=compiled, **options
            )
    except TraceError:
        raise
    except AutogradError as error:
        return type(error)
    return np.array([*history.history["loss"], *[w.data for w in model.w]])


def moved_by_rounding(training: Callable[..., Any], start: list[float], right: Any) -> float:
    """Return how far the eager training moves if one of the first weights changes in its last digits."""
    most = 0.0
    for i in range(min(len(start), 6)):
        other = training([x + (k == i) * 4e-16 * (abs(x) or 1.0) for k, x in enumerate(start)], False)
        if not isinstance(other, type) and other.shape == right.shape:
            most = max(most, float(np.abs(other - right).max()))
    return most


def main(*words: str) -> int:
    """Run the command line: compare a number of trainings."""
    count, seed = int(words[0]), int(words[1]) if len(words) > 1 else 0
    begin, wrong, done = time.perf_counter(), 0, {"agree": 0}
    while done["agree"] + wrong < count:
        try:
            what = check(seed)
            done[what] = done.get(what, 0) + 1
        except Exception as error:
            wrong += 1
            print(f"seed {seed}: {type(error).__name__}: {str(error)[:500]}", flush=True)
        seed += 1
    print(f"{done}, {wrong} disagree, {time.perf_counter() - begin:.0f} s")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
