"""Train random programs with `nn.fit`, compiled and eagerly, on uneven batches.

python -m tests.compile.trainings 1000        # 1,000 programs, from seed 0
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from random import Random
from typing import Any

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
    """Check a seed; raise `Disagreement` if the compiled training ends elsewhere."""
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
    found = []
    for compiled in (False, True):
        model = Trained(recipe, start)
        options = {"loss": "mse", "epochs": 2, "batch_size": size, "clip_norm": clip}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", nn.DivergenceWarning)
                history = model.fit(
                    x, y, optimizer=OPTIMIZERS[name](model), shuffle=False, compile=compiled, **options
                )
        except TraceError as error:
            if "differs" in str(error):
                raise Disagreement(f"{name}: {error}") from error
            return "not compiled"
        except AutogradError as error:
            found.append((type(error), [w.data for w in model.w]))
            continue
        found.append((history.history["loss"], [w.data for w in model.w]))
    (loss, weights), (other_loss, other_weights) = found
    if isinstance(loss, type) or isinstance(other_loss, type):
        if loss != other_loss:
            raise Disagreement(f"{name}: {loss} and {other_loss}")
        return "error"
    hold_same(f"{name}, batches of {size}, clip {clip}: loss", other_loss, loss, 100.0)
    hold_same(f"{name}, batches of {size}, clip {clip}: weights", other_weights, weights, 100.0)
    return "agree"


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
