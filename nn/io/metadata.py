"""The metadata of a saved file, validated field by field on reading.

version       of this format
architecture  what `architecture.rebuilt` reads, or None for a model with user-defined classes
frozen        the names of the weights that are entirely frozen
masks         the partly frozen weights by name: one bit per number, in base64, 1 if it is trained
epoch         the number of completed epochs
optimizer     kind, settings, steps, and number of arrays; its state is stored as arrays of the file
schedule      kind, and the contents of its `state_dict`
callbacks     kind and state of each callback that has state; weights are stored as arrays of the file
sha256        the hash of all of the above and the arrays
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode
from collections import Counter
from math import prod
from typing import Any, NoReturn

from autograd_core import DataError, DataValueError
from autograd_core.base import np

from ..checks import brief, size
from ..errors import ModelFileError
from ..modules.module import Module
from ..modules.parameter import Weights
from ..optim.gradient_descent import SGD
from ..optim.optimizer import Optimizer, checked_groups
from ..optim.schedules import Schedule, checked_state
from ..train.run import KEPT
from ..train.run import check as check_callbacks
from .settings import checked_settings, fits_one, known_kinds
from .tensors import Shapes, numbers_in

VERSION = 1
KEY = "autograd_core"
STATE = "optimizer."

Facts = dict[str, Any]

REQUIRED = {"version", "architecture", "frozen", "epoch", "sha256"}
OPTIONAL = {"masks", "optimizer", "schedule", "callbacks"}


def written(facts: Facts, count: int, who: str) -> str:
    """Return the metadata as text, for a file with `count` arrays."""
    try:
        text = json.dumps(facts, default=_plain)
    except (TypeError, ValueError, RecursionError) as error:
        raise DataError(f"{who}: a setting cannot be stored as JSON: {error}.") from None
    if len(text) > _longest(count):
        raise DataValueError(
            f"{who}: the description is too long: {len(text)} characters; expected {_longest(count)}."
        )
    return text


def _plain(x: Any) -> Any:
    if hasattr(x, "item"):  # A NumPy number.
        return x.item()
    raise TypeError(f"got {brief(x)}; expected numbers, text and lists")


def _longest(count: int) -> int:
    """Return the longest text allowed, in characters: longer ones take too long to check."""
    return 2**20 + 1000 * count


def parsed(text: str, count: int, who: str) -> Facts:
    """Parse the metadata of a file with `count` arrays; check its version and keys."""

    def table(pairs: list[tuple[str, Any]]) -> Facts:
        found = dict(pairs)
        return found if len(found) == len(pairs) else refuse("duplicate keys")

    def refuse(what: Any) -> NoReturn:
        raise ValueError(what)

    if len(text) > _longest(count):
        raise ModelFileError(f"{who}: the file is damaged: its metadata has {len(text)} characters.")
    try:
        facts = json.loads(text, object_pairs_hook=table)
    except (ValueError, RecursionError) as error:
        raise ModelFileError(
            f"{who}: the file is damaged: its metadata is not JSON: {str(error)[:100]}."
        ) from None
    version = facts.get("version") if isinstance(facts, dict) else None
    if version != VERSION or type(version) is not int:
        raise ModelFileError(f"{who}: the file has format version {brief(version)}; expected {VERSION}.")
    if missing := REQUIRED - set(facts):
        raise ModelFileError(f"{who}: the file is damaged: missing {brief(sorted(missing))}.")
    if unknown := set(facts) - REQUIRED - OPTIONAL:
        raise ModelFileError(f"{who}: the file has unknown keys {brief(sorted(unknown))}.")
    return facts  # type: ignore[no-any-return]


def divided(shapes: Shapes) -> tuple[Shapes, Shapes, Shapes]:
    """Split the shapes into those of weights, of the optimizer's state, and of callbacks' state."""
    state, kept = (
        {name: shape for name, shape in shapes.items() if name.startswith(prefix)} for prefix in (STATE, KEPT)
    )
    rest = {name: shape for name, shape in shapes.items() if name not in state and name not in kept}
    return rest, state, kept


def check(facts: Facts, shapes: Shapes, who: str) -> None:
    """Check every field except the architecture; raise an `AutogradError` for what `save` never writes."""
    weights, state, kept = divided(shapes)
    size(facts["epoch"], who, "epoch", 0)
    frozen = facts["frozen"]
    if not isinstance(frozen, list) or not all(isinstance(name, str) and name in weights for name in frozen):
        raise DataValueError(f"{who}: frozen = {brief(frozen)}; expected names of weights.")
    masks = facts.get("masks", {})
    if not isinstance(masks, dict):
        raise DataValueError(f"{who}: masks = {brief(masks)}; expected a table.")
    for name, text in masks.items():
        if name not in weights:
            raise DataValueError(f"{who}: a mask for {brief(name)}; expected the name of weights.")
        mask_of(text, weights[name], who)
    if repeated := [name for name, n in Counter([*frozen, *masks]).items() if n > 1]:
        raise DataValueError(f"{who}: frozen twice: {brief(repeated)}.")
    if "optimizer" in facts or state:
        _check_optimizer(facts.get("optimizer"), weights, state, who)
    if "callbacks" in facts or kept:
        check_callbacks(facts.get("callbacks"), kept, weights, who)
    if "schedule" in facts:
        _check_schedule(facts["schedule"], who)
        lr = facts["schedule"].get("lr")
        if "optimizer" in facts and facts["optimizer"]["settings"].get("lr", lr) != lr:
            raise DataValueError(f"{who}: lr = {brief(lr)} of the schedule is not the optimizer's.")


def text_of(mask: Any) -> str:
    """Encode a mask as text."""
    return b64encode(np.packbits(mask).tobytes()).decode("ascii")


def mask_of(text: Any, shape: tuple[int, ...], who: str) -> Any:
    """Decode a mask from text."""
    count = prod(shape)
    try:
        raw = b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != (count + 7) // 8:
        raise DataValueError(f"{who}: mask = {brief(text)}; expected {count} bits.")
    bits = np.unpackbits(np.frombuffer(raw, np.uint8))
    mask = bits[:count]
    if bits[count:].any() or mask.all() or not mask.any():
        raise DataValueError(f"{who}: mask = {brief(text)}; expected some of {count} numbers to be frozen.")
    return mask.reshape(shape).astype(bool)


def place_of(name: str, count: int, who: str) -> tuple[int, str]:
    """Return the index of the weights, and the name, of an array of the optimizer's state in the file."""
    i, _, key = name.removeprefix(STATE).partition(".")
    if not key or not (i.isascii() and i.isdigit()) or str(int(i[:20])) != i or int(i) >= count:
        raise DataValueError(f"{who}: an array {brief(name)}; expected {STATE}i.name with i < {count}.")
    return int(i), key


def _check_optimizer(facts: Any, weights: Shapes, state: Shapes, who: str) -> None:
    if not isinstance(facts, dict) or set(facts) - {"groups"} != {"kind", "settings", "steps", "arrays"}:
        raise DataValueError(f"{who}: optimizer = {brief(facts)}; expected kind, settings, steps and arrays.")
    if not isinstance(facts["kind"], str) or not isinstance(facts["settings"], dict):
        raise DataValueError(f"{who}: optimizer = {brief(facts)}; expected the name of a class and settings.")
    size(facts["steps"], who, "steps", 0)
    count, most = size(facts["arrays"], who, "arrays"), max(numbers_in(weights), 1000)
    if count > most:  # It may have weights outside the model, but rarely more than inside.
        raise DataValueError(f"{who}: an optimizer over {count} arrays; expected at most {most}.")
    remembered = {key for _, key in [place_of(name, count, who) for name in state]}

    def check_as(kind: type[Optimizer]) -> None:
        checked_settings(kind, [Weights(0.0)], facts["settings"], kind.SETTINGS, who)
        checked_groups(kind, facts.get("groups", []), who)
        known = remembered if kind.REMEMBERS is None else {*kind.REMEMBERS, "step"}
        if unknown := remembered - known:
            raise DataValueError(f"{who}: {facts['kind']} does not have the state {brief(sorted(unknown))}.")

    fits_one(known_kinds(facts["kind"], Optimizer, who, "optimizer"), check_as)


def _check_schedule(facts: Any, who: str) -> None:
    if not isinstance(facts, dict) or not isinstance(facts.get("kind"), str):
        raise DataValueError(f"{who}: schedule = {brief(facts)}; expected the name of a class and settings.")
    state = {name: x for name, x in facts.items() if name != "kind"}
    kinds = known_kinds(facts["kind"], Schedule, who, "schedule")
    fits_one(kinds, lambda kind: checked_state(kind, SGD([Weights(0.0)]), state, who))


def freeze(model: Module, facts: Facts, who: str) -> None:
    """Freeze the weights that were frozen when the file was written."""
    for name, weights in model.weights().items():
        if name in facts["frozen"]:
            weights.trainable = False
        elif name in facts.get("masks", {}):
            weights.mask = mask_of(facts["masks"][name], weights.shape, who)
