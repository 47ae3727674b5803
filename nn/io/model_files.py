"""Save and load models: a safetensors file with the weights and the architecture.

The file holds float64 arrays by name and JSON metadata (see `metadata`). Loading runs no code from the file.
A file is rejected if any byte that matters is damaged, or if it contains anything that `save` does not
write; its names and shapes are checked before its numbers are read.
"""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from collections.abc import Iterable
from typing import Any

from autograd_core import AutogradError, DataError, DataValueError
from autograd_core.base import contained, extra, np, write_whole

from ..checks import brief, size
from ..errors import ModelFileError, TrainingWarning
from ..modules.module import Module, refuse_no_model
from ..optim.optimizer import Optimizer
from ..optim.schedules import Schedule
from ..train.callbacks import Callback
from ..train.run import KEPT, leave, states_of
from . import metadata
from .architecture import as_call, described, rebuilt, refuse_other_shapes, shapes_of
from .metadata import KEY, STATE, VERSION, Facts
from .settings import alike
from .tensors import NUMBERS, Tensors, opened, path_of

Array = Any

OTHERS = (
    ".pt", ".pth", ".ckpt", ".h5", ".hdf5", ".keras", ".pkl", ".pickle", ".joblib", ".npy", ".npz", ".onnx",
    ".json", ".pb", ".mat", ".csv", ".zip", ".txt",
)  # fmt: skip
"""File extensions of other tools."""


@contained
def save(
    model: Module,
    path: str | os.PathLike[str],
    *,
    optimizer: Optimizer | None = None,
    schedule: Schedule | None = None,
    callbacks: Iterable[Callback] = (),
    epoch: int = 0,
) -> None:
    """Write a model to a file, atomically; symbolic links are followed.

    With the optimizer, the schedule, the callbacks and the epoch, training can later resume as if it had not
    stopped: see `load_into`. If the model is of your own class, create it and use `load_into` instead of
    `load`. Your own optimizer, schedule or callback class must be defined before loading; otherwise the file
    is rejected. A model with 669,706 parameters takes 5.4 MB.
    """
    if not isinstance(model, Module):
        raise DataError(f"save: not a model: got {type(model).__name__}; expected a Module.")
    serialized = extra("", "safetensors.numpy", "save").save

    name = path_of(path, "save")
    if name.lower().endswith(OTHERS):
        warnings.warn(
            f"save: {os.path.basename(name)!r} will be a safetensors file whatever its name says, for "
            "nn.load and other tools that read this format. Call it model.safetensors.",
            TrainingWarning,
            stacklevel=2,
        )
    weights = model.weights()
    if reserved := [key for key in weights if key.startswith((STATE, KEPT))]:
        raise DataValueError(
            f"save: weights named {brief(reserved)} would clash with the state of an optimizer or callback. "
            "Rename the attribute."
        )
    arrays = {key: np.array(each.array, order="C") for key, each in weights.items()}
    masks = {key: each.mask for key, each in weights.items()}
    facts: Facts = {
        "version": VERSION,
        "architecture": described(model),
        "frozen": [key for key, mask in masks.items() if mask.size and not mask.any()],
        "epoch": size(epoch, "save", "epoch", 0),
    }
    partly = {key: metadata.text_of(mask) for key, mask in masks.items() if mask.any() and not mask.all()}
    if partly:
        facts["masks"] = partly
    if optimizer is not None:
        if not isinstance(optimizer, Optimizer):
            raise DataError(f"save: not an optimizer: got {brief(optimizer)}; expected e.g. SGD(model).")
        facts["optimizer"] = optimizer.state_dict()
        for i, state in enumerate(facts["optimizer"].pop("state")):
            arrays |= {f"{STATE}{i}.{key}": np.array(x, np.float64, order="C") for key, x in state.items()}
    if schedule is not None:
        if not isinstance(schedule, Schedule):
            raise DataError(f"save: not a schedule: got {brief(schedule)}; expected e.g. StepLR(...).")
        if optimizer is not None and schedule.optimizer is not optimizer:
            raise DataValueError("save: the schedule belongs to another optimizer; expected one of this.")
        facts["schedule"] = {"kind": type(schedule).__name__, **schedule.state_dict()}
    states, kept = states_of(callbacks)
    if states:
        facts["callbacks"] = states
        arrays |= kept
    facts = json.loads(metadata.written(facts, len(arrays), "save"))
    facts["sha256"] = checksum(facts, arrays)
    text = metadata.written(facts, len(arrays), "save")
    write_whole(name, serialized(arrays, {KEY: text}), "save")


@contained
def load(path: str | os.PathLike[str]) -> Module:
    """Create the model stored in a file.

    Raises `ModelFileError` if the file is not a model, is damaged, or has user-defined classes, and OSError
    if it cannot be read. Weights that are not finite are loaded with a `TrainingWarning`.
    """
    file = opened(path_of(path, "load"), "load")
    facts, model = _checked(file)
    if facts is None:
        raise ModelFileError(
            "load: the file has weights but no architecture. Create the model and use load_into."
        )
    if model is None:
        raise ModelFileError(
            "load: the model has classes that are not in nn. Create the model and use load_into(model, path)."
        )
    arrays = _read(file, facts)
    model.load_state_dict({key: arrays[key] for key in metadata.divided(file.shapes)[0]})
    metadata.freeze(model, facts, "load")
    leave(model, facts, arrays)
    _warn(model, "load")
    return model


@contained
def load_into(
    model: Module,
    path: str | os.PathLike[str],
    *,
    optimizer: Optimizer | None = None,
    schedule: Schedule | None = None,
) -> int:
    """Load a file into a model, an optimizer and a schedule; return the epoch it was saved with.

    Nothing is changed unless everything fits. Weights saved by another tool under the same names are accepted
    too. The model keeps its own frozen weights. A `fit` with the returned epoch as its `initial_epoch`
    restores the state of the callbacks.
    """
    who = "load_into"
    refuse_no_model(model, who)
    file = opened(path_of(path, who), who)
    facts, _ = _checked(file)
    here = described(model)
    there = here if facts is None else facts["architecture"]
    if None not in (here, there) and not alike(here, there):
        raise ModelFileError(
            f"{who}: the file has a different architecture: {as_call(there)}; expected {as_call(here)}."
        )
    weights, state, _ = metadata.divided(file.shapes) if facts is not None else (file.shapes, {}, {})
    refuse_other_shapes(shapes_of(model), weights, who)
    if optimizer is not None:
        _refuse_other_state(facts, state, optimizer, who)
    if schedule is not None:
        _refuse_other_schedule(facts, schedule, who)
    arrays = _read(file, facts)
    things = [thing for thing in (model, optimizer, schedule) if thing is not None]
    before = model.state_dict(), [dict(vars(thing)) for thing in things]
    try:
        model.load_state_dict({key: arrays[key] for key in weights})
        if optimizer is not None and facts is not None:
            optimizer.load_state_dict(_optimizer_state(facts, {key: arrays[key] for key in state}, who))
        if schedule is not None and facts is not None:
            schedule.load_state_dict({name: x for name, x in facts["schedule"].items() if name != "kind"})
        if facts is not None:
            leave(model, facts, arrays)
    except BaseException as error:
        model.load_state_dict(before[0])
        for thing, attributes in zip(things, before[1], strict=True):
            vars(thing).clear()
            vars(thing).update(attributes)
        if isinstance(error, AutogradError) and not isinstance(error, ModelFileError):
            raise ModelFileError(f"{who}: {error}") from None
        raise
    _warn(model, who)
    return int(facts["epoch"]) if facts is not None else 0


def callbacks_in(path: str) -> list[dict[str, Any]]:
    """Return the callbacks' states in a file; an empty list if there is no file or it is not a model."""
    try:
        facts, _ = _checked(opened(path_of(path, "Checkpoint"), "Checkpoint"))
    except (AutogradError, OSError):
        return []
    return [] if facts is None else facts.get("callbacks", [])


def checksum(facts: Facts, arrays: dict[str, Array]) -> str:
    """Return a fingerprint of everything stored in a file."""
    digest = hashlib.sha256(json.dumps({**facts, "sha256": ""}, sort_keys=True).encode())
    for key in sorted(arrays):
        digest.update(json.dumps([key, list(arrays[key].shape), str(arrays[key].dtype)]).encode())
        digest.update(arrays[key].tobytes())
    return digest.hexdigest()


def _checked(file: Tensors) -> tuple[Facts | None, Module | None]:
    """Return the facts (None in another tool's file) and the model of a file, without reading numbers."""
    if KEY not in file.metadata:
        file.refuse_types(NUMBERS)
        return None, None
    facts = metadata.parsed(file.metadata[KEY], len(file.shapes), file.who)
    file.refuse_types(["F64"])
    try:
        metadata.check(facts, file.shapes, file.who)
        if facts["architecture"] is None:
            return facts, None
        return facts, rebuilt(facts["architecture"], metadata.divided(file.shapes)[0], file.who)
    except ModelFileError:
        raise
    except AutogradError as error:
        raise ModelFileError(f"{file.who}: {file.path!r} is damaged: {str(error)[:1000]}") from None


def _read(file: Tensors, facts: Facts | None) -> dict[str, Array]:
    """Read the numbers and verify the checksum."""
    arrays = file.read()
    if facts is not None and facts["sha256"] != checksum(facts, arrays):
        raise file.damaged("its checksum does not match its contents")
    return arrays


def _warn(model: Module, who: str) -> None:
    wrong = [key for key, weights in model.weights().items() if not np.isfinite(weights.array).all()]
    if wrong:
        warnings.warn(f"{who}: these weights are not finite: {wrong}", TrainingWarning, stacklevel=3)


def _refuse_other_state(
    facts: Facts | None, state: dict[str, tuple[int, ...]], optimizer: Optimizer, who: str
) -> None:
    """Raise unless the state fits the optimizer and its weights, judging by names and shapes alone."""
    if facts is None or "optimizer" not in facts:
        raise ModelFileError(
            f"{who}: the file has no optimizer state. Save it with save(..., optimizer=...)."
        )
    kind, count = facts["optimizer"]["kind"], facts["optimizer"]["arrays"]
    if (kind, count) != (type(optimizer).__name__, len(optimizer.weights)):
        raise ModelFileError(
            f"{who}: the state belongs to {brief(kind)} over {count} arrays; "
            f"expected {type(optimizer).__name__} over {len(optimizer.weights)}."
        )
    try:
        for name, shape in state.items():
            i, key = metadata.place_of(name, count, who)
            optimizer._refuse_array(i, key, shape, who)
    except AutogradError as error:
        raise ModelFileError(str(error)) from None


def _optimizer_state(facts: Facts, arrays: dict[str, Array], who: str) -> dict[str, Any]:
    found: list[dict[str, Array]] = [{} for _ in range(facts["optimizer"]["arrays"])]
    for name, array in arrays.items():
        i, key = metadata.place_of(name, len(found), who)
        found[i][key] = array
    return {**facts["optimizer"], "state": found}


def _refuse_other_schedule(facts: Facts | None, schedule: Schedule, who: str) -> None:
    kind = (facts or {}).get("schedule", {}).get("kind")
    if kind != type(schedule).__name__:
        raise ModelFileError(
            f"{who}: the file's schedule is {brief(kind)}; expected {type(schedule).__name__}."
        )
