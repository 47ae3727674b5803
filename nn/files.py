"""Saved models: the weights as a safetensors file, which other tools open too, with the architecture.

The file holds float64 arrays by name and, in its metadata, JSON: the version of this format, the
architecture, what the optimizer remembers, and a checksum of all of it. Loading runs no code out of the
file, and a file that is damaged in any byte that matters is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from typing import Any, NoReturn

from autograd_core import AutogradError, DataError
from autograd_core.files import write_whole

from .architecture import described, rebuilt
from .checks import size
from .errors import ModelFileError, TrainingWarning
from .lazy import np
from .module import Module
from .optim import Optimizer
from .schedules import Schedule
from .writing import path_of, read_whole

VERSION = 1
KEY = "autograd_core"
STATE = "optimizer."


def save(
    model: Module,
    path: str | os.PathLike[str],
    *,
    optimizer: Optimizer | None = None,
    schedule: Schedule | None = None,
    epoch: int = 0,
) -> None:
    """Writes a model to a file, whole or not at all; a symbolic link is followed.

    With the optimizer, the schedule and the epoch, training can go on later as if it had not stopped:
    see `load_into`. Of a class of your own only `load_into` a model that you make can read the weights, not
    `load`. A model of 669,706 parameters takes 5.4 MB.
    """
    if not isinstance(model, Module):
        raise DataError(f"save: no model: got {type(model).__name__}; expected a Module.")
    from safetensors.numpy import save as serialised

    name = path_of(path, "save")
    weights = model.weights()
    arrays = {key: np.array(each.array, order="C") for key, each in weights.items()}
    facts: dict[str, Any] = {
        "version": VERSION,
        "architecture": described(model),
        "frozen": [key for key, each in weights.items() if not each.trainable],
        "epoch": size(epoch, "save", "epoch", 0),
    }
    if optimizer is not None:
        facts["optimizer"] = optimizer.state_dict()
        for i, state in enumerate(facts["optimizer"].pop("state")):
            arrays |= {f"{STATE}{i}.{key}": np.array(array, order="C") for key, array in state.items()}
    if schedule is not None:
        facts["schedule"] = {"kind": type(schedule).__name__, **schedule.state_dict()}
    facts["sha256"] = checksum(facts, arrays)
    write_whole(name, serialised(arrays, {KEY: json.dumps(facts)}), "save")


def load(path: str | os.PathLike[str]) -> Module:
    """The model in a file, made anew.

    Raises `ModelFileError` for a file that is none, is damaged, or holds classes of the user's own; OSError
    for one that cannot be read. Weights that are not finite are loaded, with a `TrainingWarning`.
    """
    facts, arrays = _contents(path_of(path, "load"), "load")
    if facts is None:
        raise ModelFileError(
            "load: the file has weights but no architecture. Make the model and use load_into."
        )
    if facts["architecture"] is None:
        raise ModelFileError(
            "load: the model was made of classes that nn does not know. "
            "Make one and use load_into(model, path)."
        )
    arrays = _weights_only(arrays)
    model = rebuilt(facts["architecture"], sum(array.size for array in arrays.values()))
    _load_weights(model, arrays, "load")
    for key, weights in model.weights().items():
        if key in facts.get("frozen", ()):
            weights.trainable = False
    return model


def load_into(
    model: Module,
    path: str | os.PathLike[str],
    *,
    optimizer: Optimizer | None = None,
    schedule: Schedule | None = None,
) -> int:
    """Fills a model, and an optimizer and a schedule, from a file; returns the epoch it was saved with.

    Unless all of it fits, nothing is changed. It also takes weights that another tool has saved under the
    same names.
    """
    who = "load_into"
    facts, arrays = _contents(path_of(path, who), who)
    if facts is None:
        facts = {"architecture": None, "epoch": 0}
    here = described(model)
    if None not in (here, facts["architecture"]) and here != facts["architecture"]:
        raise ModelFileError(
            f"{who}: the file holds another architecture: {str(facts['architecture'])[:300]}; "
            f"expected {str(here)[:300]}."
        )
    before = model.state_dict(), optimizer and optimizer.state_dict(), schedule and schedule.state_dict()
    try:
        _load_weights(model, _weights_only(arrays), who)
        if optimizer is not None:
            optimizer.load_state_dict(_optimizer_state(facts, arrays, who))
        if schedule is not None:
            schedule.load_state_dict(_schedule_state(facts, schedule, who))
    except BaseException as error:
        model.load_state_dict(before[0])
        if optimizer is not None and before[1]:
            optimizer.load_state_dict(before[1])
        if schedule is not None and before[2]:
            schedule.load_state_dict(before[2])
        if isinstance(error, (KeyError, TypeError)):
            raise ModelFileError(
                f"{who}: a part of the file is missing or of the wrong kind: {error}."
            ) from None
        raise
    return int(facts["epoch"])


def checksum(facts: dict[str, Any], arrays: dict[str, Any]) -> str:
    """A fingerprint of all that a file says."""
    digest = hashlib.sha256(json.dumps({**facts, "sha256": ""}, sort_keys=True).encode())
    for key in sorted(arrays):
        digest.update(json.dumps([key, list(arrays[key].shape), str(arrays[key].dtype)]).encode())
        digest.update(arrays[key].tobytes())
    return digest.hexdigest()


def _contents(name: str, who: str) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The facts (None in a file from another tool) and the arrays of a file, checked against the checksum."""
    from safetensors import SafetensorError, safe_open

    read_whole(name, who)
    try:
        with safe_open(name, framework="numpy") as file:
            metadata = file.metadata() or {}
            arrays = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except (SafetensorError, KeyError, ValueError, TypeError, OverflowError) as error:
        raise ModelFileError(f"{who}: {name!r} is no safetensors file, or is damaged: {error}.") from None
    if KEY not in metadata:
        return None, arrays
    facts = _facts(metadata[KEY], name, who)
    if facts.get("sha256") != checksum(facts, arrays):
        raise ModelFileError(f"{who}: {name!r} is damaged: its checksum does not agree with its contents.")
    return facts, arrays


def _facts(text: str, name: str, who: str) -> dict[str, Any]:
    def refuse(what: Any) -> NoReturn:
        raise ValueError(f"unexpected {what!r}")

    def table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        return found if len(found) == len(pairs) else refuse("duplicate keys")

    try:
        facts = json.loads(text, parse_constant=refuse, object_pairs_hook=table)
    except (ValueError, RecursionError) as error:
        raise ModelFileError(
            f"{who}: {name!r} is damaged: its metadata is no JSON: {str(error)[:100]}."
        ) from None
    version = facts.get("version") if isinstance(facts, dict) else None
    if version != VERSION or isinstance(version, bool):
        raise ModelFileError(
            f"{who}: {name!r} was written in version {str(version)[:20]!r} of the format; "
            f"this one reads {VERSION}."
        )
    if not {"architecture", "epoch"} <= set(facts) or type(facts["epoch"]) is not int:
        raise ModelFileError(f"{who}: {name!r} is damaged: architecture or epoch is missing.")
    return facts  # type: ignore[no-any-return]


def _weights_only(arrays: dict[str, Any]) -> dict[str, Any]:
    return {key: array for key, array in arrays.items() if not key.startswith(STATE)}


def _load_weights(model: Module, arrays: dict[str, Any], who: str) -> None:
    try:
        model.load_state_dict(arrays)
    except AutogradError as error:
        raise ModelFileError(f"{who}: the file does not fit the model: {error}") from None
    wrong = [key for key, array in arrays.items() if not np.isfinite(array).all()]
    if wrong:
        warnings.warn(f"{who}: weights that are not finite: {wrong}", TrainingWarning, stacklevel=4)


def _optimizer_state(facts: dict[str, Any], arrays: dict[str, Any], who: str) -> dict[str, Any]:
    if "optimizer" not in facts:
        raise ModelFileError(
            f"{who}: the file has no optimizer's state. Save it with save(..., optimizer=...)."
        )
    found: dict[int, dict[str, Any]] = {}
    for key, array in arrays.items():
        if key.startswith(STATE):
            i, _, name = key.removeprefix(STATE).partition(".")
            found.setdefault(int(i), {})[name] = array
    count = facts["optimizer"].get("arrays", 0)
    return {**facts["optimizer"], "state": [found.get(i, {}) for i in range(count)]}


def _schedule_state(facts: dict[str, Any], schedule: Schedule, who: str) -> dict[str, Any]:
    saved = facts.get("schedule") or {}
    if saved.get("kind") != type(schedule).__name__:
        raise ModelFileError(
            f"{who}: the file's schedule is {saved.get('kind')}; expected {type(schedule).__name__}."
        )
    return saved
