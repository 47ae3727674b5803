"""Match predictions with targets for the losses: number by number, or scores with a class."""

from __future__ import annotations

from math import fsum
from typing import Any

from autograd_core import DataError, DataValueError, TraceError, Value
from autograd_core.base import real

from ..checks import DEEPEST, brief, constant, number_of
from ..modules.tracing import current

Target = Any  # float | Value: a number, or a node that represents it while a training step is compiled


def pairs(prediction: Any, target: Any, who: str) -> list[tuple[Value, Target]]:
    """Pair every predicted number with its target; both must have the same shape."""
    ys, ts = flat(prediction, f"{who}: prediction"), flat(target, f"{who}: target")
    if len(ys) != len(ts) or (len(ys) > 1 and shape(prediction) != shape(target)):
        raise DataValueError(
            f"{who}: shapes differ: prediction {shape(prediction)}, target {shape(target)}; "
            "expected the same."
        )
    if not ys:
        raise DataValueError(f"{who}: no predictions; expected at least one.")
    return [(node(y, i, who), number(t, who)) for i, (y, t) in enumerate(zip(ys, ts, strict=True))]


def scored(prediction: Any, target: Any, who: str, at_least: int = 1) -> list[tuple[list[Value], Any]]:
    """Pair the scores of each example with its target: a class, or a list of the classes' probabilities."""
    rows, targets = plain(prediction), plain(target)
    if not isinstance(rows, (list, tuple)) or not rows:
        raise DataError(f"{who}: not scores: got {brief(prediction)}; expected a list, one for each class.")
    if not isinstance(rows[0], (list, tuple)):
        single = isinstance(targets, (list, tuple)) and len(targets) == 1 < len(rows)
        rows, targets = [rows], targets if single else [targets]
    if not isinstance(targets, (list, tuple)) or len(targets) != len(rows):
        raise DataValueError(
            f"{who}: {len(rows)} predictions and target {brief(target)}; expected as many classes."
        )
    examples = []
    for row, t in zip(rows, targets, strict=True):
        if len(row) < at_least:
            raise DataValueError(f"{who}: {len(row)} scores; expected at least {at_least}.")
        examples.append(([node(z, i, who) for i, z in enumerate(row)], t))
    return examples


def class_index(k: Any, count: int, who: str) -> int:
    """Return a class as an index from 0."""
    if isinstance(k, Value) and current() is not None:
        raise TraceError(
            f"{who}: a class that the program would have to look up; expected a loss of nn's as fit's own."
        )
    index = number_of(k)
    index = index.item() if hasattr(index, "item") else index
    if isinstance(index, bool) or not isinstance(index, (int, float)):
        raise DataError(f"{who}: not a class: target {brief(k)}; expected an integer from 0 to {count - 1}.")
    if not 0 <= index < count or index != int(index):
        raise DataValueError(f"{who}: no such class: target {index!r}; expected 0 to {count - 1}.")
    return int(index)


def probabilities(ts: Any, count: int, who: str) -> list[Target]:
    """Return a distribution over the classes, such as a one-hot list."""
    if len(ts) != count:
        raise DataValueError(f"{who}: {count} scores and {len(ts)} probabilities; expected as many.")
    return [fraction(number(t, who), who) for t in ts]


def fraction(t: Target, who: str) -> Target:
    """Return a target, which must be from 0 to 1."""
    number_itself: float = t.data if isinstance(t, Value) else t
    if not 0.0 <= number_itself <= 1.0:
        raise DataValueError(
            f"{who}: no such label: target {t!r}; expected 0 or 1, or a probability between."
        )
    return t


def look_like_probabilities(z: list[Value]) -> bool:
    """Whether scores are probably the output of a softmax: none negative, and a sum of 1."""
    data = [v.data for v in z]
    return len(data) > 1 and min(data) >= 0.0 and abs(fsum(data) - 1.0) < 1e-9


def node(y: Any, i: int, who: str) -> Value:
    """Return a predicted number as a node; a plain one becomes a constant."""
    return y if isinstance(y, Value) else constant(y, i, who)


def number(t: Any, who: str) -> Target:
    """Return a target as a float; a `Value` unchanged."""
    if isinstance(t, (float, Value)):
        return t
    if isinstance(t, (str, bytes, complex)) or not hasattr(type(t), "__float__"):
        raise DataError(f"{who}: not a number: target {brief(t)}; expected a number.")
    return real(t, f"{who}: target")


def plain(x: Any) -> Any:
    """Convert arrays to nested lists."""
    return x.tolist() if hasattr(x, "tolist") else x


def flat(x: Any, who: str, depth: int = 0) -> list[Any]:
    """Return all numbers of nested lists, in order."""
    x = plain(x)
    if not isinstance(x, (list, tuple)):
        return [x]
    if depth > DEEPEST:  # For example, a list that contains itself.
        raise DataError(f"{who}: nested too deeply; expected lists of at most {DEEPEST} levels.")
    return [y for part in x for y in flat(part, who, depth + 1)]


def shape(x: Any) -> tuple[int, ...]:
    """Return the shape of nested lists, by their first elements."""
    x = plain(x)
    if not isinstance(x, (list, tuple)):
        return ()
    return (len(x), *(shape(x[0]) if x else ()))
