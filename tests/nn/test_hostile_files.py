"""Malicious files: a fuzzer that changes every field of the header and the metadata, and handmade bombs.

The checksum is correct, so a file is judged by its contents. It raises a `ModelFileError` within
a second, in little memory, and nothing is changed; or it is a file that `save` could have written.
"""

import copy
import json
import math
import random
import resource
import time
from collections import Counter

import numpy as np
import pytest
from safetensors.numpy import save as serialized

import nn
from autograd_core import AutogradError
from nn.io.model_files import checksum

# A bomb would take minutes and gigabytes.
SECOND, KILOBYTES = 5.0, 100_000


def small():
    return nn.Sequential(nn.Linear(2, 2, rng=0), nn.LeakyReLU(0.2), nn.Linear(2, 1, bias=False, rng=1))


def shared():
    layer = nn.Linear(2, 2, rng=0)
    return nn.Sequential(layer, nn.Residual(nn.Sequential(layer, nn.ELU(0.5))), nn.MLP(2, [3, 1], rng=1))


def images():
    return nn.Sequential(
        nn.Conv2d(1, 2, 2, padding=1, rng=0), nn.MaxPool2d(2, 1), nn.Flatten(), nn.LayerNorm(8),
        nn.GELU("tanh"), nn.Dropout(0.1),
        nn.Layer(8, 2, activation="tanh", rng=1) | nn.Neuron(8, rng=2), nn.Softmax(),
    )  # fmt: skip


OPTIMIZERS = {
    "SGD": lambda model: nn.SGD(model, 0.1, momentum=0.9, nesterov=True),
    "Adagrad": lambda model: nn.Adagrad(model, 0.1, lr_decay=0.1),
    "RMSprop": lambda model: nn.RMSprop(model, 0.1, centered=True, momentum=0.5),
    "Adam": lambda model: nn.Adam(model, 0.1, amsgrad=True),
    "AdamW": lambda model: nn.AdamW(model, 0.1),
    "GradientDescent": lambda model: nn.GradientDescent(model, 0.1),
}
SCHEDULES = {
    "StepLR": lambda optimizer: nn.StepLR(optimizer, 3),
    "ExponentialLR": lambda optimizer: nn.ExponentialLR(optimizer, 0.9),
    "CosineAnnealingLR": lambda optimizer: nn.CosineAnnealingLR(optimizer, 10, 0.01),
    "ReduceLROnPlateau": lambda optimizer: nn.ReduceLROnPlateau(optimizer, patience=1),
}
MODELS = {"small": small, "shared": shared, "images": images}


def begun(model, optimizer, schedule):
    """Return a model, its optimizer and its schedule."""
    model = MODELS[model]()
    optimizer = OPTIMIZERS[optimizer](model)
    return model, optimizer, SCHEDULES[schedule](optimizer)


def trained(*names):
    model, optimizer, schedule = things = begun(*names)
    for seed in range(2):
        for weights in model.weights().values():
            weights.gradient = np.random.default_rng(seed).normal(size=weights.shape)
        optimizer.step()
        schedule.step(1.0)
    first, second, *_ = model.weights().values()
    first.mask = np.arange(len(first)).reshape(first.shape) % 3 > 0
    second.trainable = False
    return things


def parts_of(path):
    """Return the settings in a file, and its raw header and data."""
    raw = path.read_bytes()
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + length])
    return json.loads(header.pop("__metadata__")["autograd_core"]), header, raw[8 + length :]


def arrays_of(header, data):
    """Return the arrays that the header describes, if it is valid."""
    arrays = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        arrays[name] = np.frombuffer(data[start:end], np.float64).reshape(entry["shape"])
    return arrays


def write(path, facts, header, data):
    if isinstance(facts, dict):
        try:
            facts["sha256"] = checksum(facts, arrays_of(header, data))
        except Exception:  # It cannot have a checksum.
            facts["sha256"] = "0" * 64
    text = json.dumps({"__metadata__": {"autograd_core": json.dumps(facts)}, **header}).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


def nested(levels):
    thing = []
    for _ in range(levels):
        thing = [thing]
    return thing


NAMES = [
    "weight", "optimizer.", "optimizer.x.y", "optimizer.0.velocity", "optimizer.00.mean", "optimizer.-1.sum",
    "optimizer.9.mean", "optimizer.0.", "optimizer.0.unknown", "optimizer.٣.mean", "", "\ud800", "a" * 20_000,
    "kind", "same_as", "__class__", "rng", "init", "nonlin", "self",
]  # fmt: skip
VALUES = [
    None, True, False, 0, 1, -1, 2, 5, -5, 10**9, 2**63, 10**30, 10**400, 0.0, -0.0, -0.5, 0.5, 1.0, 1.5,
    1e308, -5.0, math.inf, -math.inf, math.nan, [], {}, [1, 2], [0.9], [None], {"a": 1}, [[]], nested(50),
    "x", "relu", "identity", "linear", "Linear", "os.system", *NAMES,
]  # fmt: skip


def places(thing, path=()):
    """Return the paths of everything in a tree."""
    yield path
    pairs = thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else ()
    for key, part in pairs:
        yield from places(part, (*path, key))


def at(tree, path):
    for key in path:
        tree = tree[key]
    return tree


def mutated(tree, rng):
    """Change a tree at a random position, and return it with a description of the change."""
    tree = copy.deepcopy(tree)
    *above, last = rng.choice([path for path in places(tree) if path])
    holder = at(tree, above)
    old = holder[last]
    kinds = ["replace"] * 4 + ["wrap", "delete", "add", "repeat", "rename", "graft", "nudge"]
    kind = rng.choice(kinds)
    if kind == "replace":
        holder[last] = copy.deepcopy(rng.choice(VALUES))
    elif kind == "wrap":
        holder[last] = rng.choice([[old], {"kind": old}, {last: old} if isinstance(last, str) else [[old]]])
    elif kind == "delete":
        del holder[last]
    elif kind == "add":
        into = old if isinstance(old, (dict, list)) else holder
        new = copy.deepcopy(rng.choice(VALUES))
        into.append(new) if isinstance(into, list) else into.update({rng.choice(NAMES): new})
    elif kind == "repeat" and isinstance(old, list):
        holder[last] = old * rng.choice([2, 1000, 20_000])
    elif kind == "rename" and isinstance(holder, dict):
        holder[rng.choice(NAMES)] = holder.pop(last)
    elif kind == "nudge" and isinstance(old, (int, float)):
        holder[last] = rng.choice([old + 1, -old, old * 1e6, float(old), str(old), old == 1])
    else:
        holder[last] = copy.deepcopy(at(tree, rng.choice([path for path in places(tree) if path])))
    return tree


def state_of(model, optimizer, schedule):
    """Return everything that loading may change, as text."""
    weights = {name: (w.array.tobytes(), w.mask.tobytes()) for name, w in model.weights().items()}
    schedule = {name: x for name, x in vars(schedule).items() if name != "optimizer"}
    optimizer = {name: x for name, x in vars(optimizer).items() if name != "weights"}
    return repr((model, weights, optimizer, schedule))


UNCHANGED = {}
"""By its names, what a file was to be loaded into that was refused, and its state: it serves again."""


def judge(path, facts, names):
    """Load a file in both ways, and return whether it was loaded; if so, check the result."""
    things, before = UNCHANGED.pop(names, None) or (begun(*names), None)
    before, begin = before or state_of(*things), time.process_time()
    loaded, told = [], []
    for load in (nn.load, lambda p: nn.load_into(things[0], p, optimizer=things[1], schedule=things[2])):
        try:
            loaded.append(load(path))
        except nn.ModelFileError as error:
            told.append(len(str(error)))
    assert time.process_time() - begin < SECOND
    assert max(told, default=0) < 2000
    if not loaded:
        assert state_of(*things) == before
        UNCHANGED[names] = things, before
        return False
    if not isinstance(loaded[0], nn.Module):
        assert state_of(*things) == before or facts["architecture"] is None
        return False
    nn.save(loaded[0], path)
    again = parts_of(path)[0]
    for name in ("architecture", "masks"):
        assert again.get(name) == facts.get(name) or (name == "masks" and not facts[name])
    assert sorted(again["frozen"]) == sorted(facts["frozen"])
    if len(loaded) == 2:
        assert loaded[1] == facts["epoch"]
        settings = things[1].state_dict()
        held = {"maximize": False} | facts["optimizer"]["settings"]  # Older files have none.
        assert json.loads(json.dumps(settings["settings"])) == held
        assert settings["steps"] == facts["optimizer"]["steps"]
        assert things[2].state_dict() == {k: x for k, x in facts["schedule"].items() if k != "kind"}
    epoch, callbacks = loaded[0]._left_off
    assert epoch == facts["epoch"]
    assert [{k: x for k, x in state.items() if k != "weights"} for state in callbacks] == facts["callbacks"]
    return True


def whole_files(tmp_path):
    """The names of what was saved in each file, and its facts, header and data."""
    wholes = []
    for i, optimizer in enumerate(OPTIMIZERS):
        names = (list(MODELS)[i % 3], optimizer, list(SCHEDULES)[i % 4])
        model, used, schedule = trained(*names)
        early = nn.EarlyStopping("loss", restore_best_weights=True)
        early.best, early.waited, early.best_epoch = 0.25, 1, 0
        early._weights = model.state_dict()
        callbacks = [early, nn.Checkpoint("best", "loss", save_best_only=True)]
        nn.save(model, tmp_path / "whole", optimizer=used, schedule=schedule, callbacks=callbacks, epoch=2)
        wholes.append((names, *parts_of(tmp_path / "whole")))
        assert judge(write(tmp_path / "same", *wholes[-1][1:]), wholes[-1][1], names)
    return wholes


def fuzz(tmp_path, seeds):
    wholes, refused = whole_files(tmp_path), 0
    for seed in seeds:
        rng = random.Random(seed)
        names, facts, header, data = rng.choice(wholes)
        try:
            if rng.random() < 0.8:
                facts = mutated(facts, rng)
            else:
                header = mutated(header, rng)
            path = write(tmp_path / "changed", copy.deepcopy(facts), header, data)
            refused += not judge(path, facts, names)
        except Exception as error:
            error.add_note(f"seed {seed}")
            raise
    return refused / len(seeds)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::nn.TrainingWarning")
def test_every_changed_field_is_refused_or_true(tmp_path):
    assert fuzz(tmp_path, range(150)) > 0.6


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::nn.TrainingWarning")
def test_thousands_of_changed_fields_are_refused_or_true(tmp_path):
    assert fuzz(tmp_path, range(1000, 3000)) > 0.6


def number(low, high=math.inf, *, closed=True, whole=False):
    """Whether something is a number in that range, as a file has it."""

    def is_such(x):
        kinds = int if whole else (int, float)
        return (
            isinstance(x, kinds)
            and not isinstance(x, bool)
            and (low <= x if closed else low < x)
            and x < high
        )

    return is_such


def flag(x):
    return isinstance(x, bool)


def one_or_two(is_such):
    """Whether something is such a number, or a list of one for each axis of an image."""
    return lambda x: is_such(x) or (isinstance(x, list) and len(x) == 2 and all(map(is_such, x)))


def padding(x):
    return (isinstance(x, str) and x in ("same", "valid")) or one_or_two(COUNT)(x)


NONLINEAR = {"relu", "identity"}.__contains__
COUNT, SIZE, UNIT, POSITIVE = number(0, whole=True), number(1, whole=True), number(0, 1), number(0)
FIELDS = {
    "epoch": COUNT, "steps": COUNT, "lr": POSITIVE, "first": POSITIVE, "momentum": UNIT, "dampening": UNIT,
    "weight_decay": POSITIVE, "nesterov": flag, "lr_decay": POSITIVE, "initial_accumulator_value": POSITIVE,
    "eps": number(0, closed=False), "alpha": POSITIVE, "centered": flag, "amsgrad": flag, "maximize": flag,
    "step_size": SIZE,
    "gamma": number(0, closed=False), "T_max": SIZE, "eta_min": POSITIVE,
    "factor": number(0, 1, closed=False), "patience": COUNT,
    "threshold": POSITIVE, "cooldown": COUNT, "min_lr": POSITIVE, "waited": COUNT, "resting": COUNT,
    "best_epoch": number(-1, whole=True), "save_best_only": flag,
    "monitor": lambda x: isinstance(x, str), "mode": lambda x: x in ("min", "max"),
    "best": lambda x: x is None or x in (math.inf, -math.inf) or number(-math.inf, closed=False)(x),
    "frozen": lambda x: x == [], "masks": lambda x: x == {},
    "negative_slope": number(-math.inf, closed=False), "p": number(0, 1.1), "bias": flag, "padding": padding,
    "stride": one_or_two(SIZE), "arrays": SIZE, "step_tolerance": POSITIVE, "gradient_tolerance": POSITIVE,
    0: UNIT, 1: UNIT, "activation": NONLINEAR, "out_activation": NONLINEAR,
}  # fmt: skip
"""What may stand in a field, by its name; in a field of another name only what `save` has written there."""


SHARES = 4
"""The values for a field are dealt out over so many of the files that have it."""


def checked(tmp_path):
    """Put values into each field of the metadata, and return the fields that were loaded."""
    loaded, times = [], Counter()
    for names, facts, header, data in whole_files(tmp_path):
        seen = set()
        for path in (path for path in places(facts) if path and path != ("sha256",)):
            field = (
                path[0],
                at(facts, path[:-1]).get("kind") if isinstance(path[-1], str) else None,
                path[-1],
            )
            if field in seen or times[field] == SHARES:
                continue
            seen.add(field)
            first = (sum(map(ord, str(field))) + times[field]) % SHARES
            times[field] += 1
            for value in VALUES[first::SHARES]:
                wrong = copy.deepcopy(facts)
                at(wrong, path[:-1])[path[-1]] = copy.deepcopy(value)
                told = f"{names}: {path} = {value!r}"[:300]
                try:
                    taken = judge(write(tmp_path / "changed", wrong, header, data), wrong, names)
                except Exception as error:
                    error.add_note(told)
                    raise
                if taken:
                    same = value == at(facts, path) and flag(value) == flag(at(facts, path))
                    assert same or FIELDS.get(path[-1], lambda x: False)(value), told
                    loaded.append(field)
    return loaded


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::nn.TrainingWarning")
def test_each_field_of_each_kind_takes_only_what_its_constructor_takes(tmp_path):
    assert len({field[-1] for field in checked(tmp_path)}) > 30


LINEAR = {"kind": "Linear", "settings": {"in_features": 2, "out_features": 1, "bias": True}}
RELU = {"kind": "ReLU", "settings": {}}
SGD = {
    "kind": "SGD",
    "settings": {"lr": 0.1, "momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0, "nesterov": False},
    "steps": 3,
    "arrays": 2,
}
STEP = {"kind": "StepLR", "first": 0.1, "epoch": 2, "lr": 0.1, "step_size": 3, "gamma": 0.1}
EARLY = {"kind": "EarlyStopping", "monitor": "loss", "mode": "min", "best": 0.5, "waited": 1, "best_epoch": 2}

BEST = {"kind": "Checkpoint", "monitor": "val_loss", "mode": "min", "best": 0.5, "save_best_only": True}
UNKNOWN = ["", "x", "sgd", "Optimizer", "Callback", "Schedule", "Watching", "Adam ", "os.system", "object"]


def sequence(*parts):
    return {"kind": "Sequential", "parts": list(parts)}


def doubled(levels):
    """Build a tree in which each level contains the one inside twice."""
    thing, path = LINEAR, "/0" * (levels + 1)
    for _ in range(levels):
        path = path[:-2]
        thing = sequence(thing, {"same_as": f"{path}/0"})
    return sequence(thing)


def deep(levels, thing=LINEAR):
    for _ in range(levels):
        thing = sequence(thing)
    return thing


def changed(base, **changes):
    settings = {name: changes.pop(name) for name in list(changes) if name in base.get("settings", {})}
    return {**base, **changes} | ({"settings": base["settings"] | settings} if settings else {})


BOMBS = {
    "doubling": {"architecture": doubled(30)},
    "doubling wide": {"architecture": sequence(*[sequence(*[{"same_as": "/0"}] * 300)] * 300)},
    "deep": {"architecture": deep(500)},
    "deeper than JSON": {"architecture": deep(20_000)},
    "itself": {"architecture": sequence({"same_as": ""})},
    "a million layers": {"architecture": {"kind": "MLP", "settings": {
        "nin": 2, "nouts": [1] * 10**6, "activation": "relu", "out_activation": "identity"}}},
    "many layers": {"architecture": {"kind": "MLP", "settings": {
        "nin": 2, "nouts": [1] * 200_000, "activation": "relu", "out_activation": "identity"}}},
    "many activations": {"architecture": sequence(*[RELU] * 20_000)},
    "many dropouts": {"architecture": sequence(*[{"kind": "Dropout", "settings": {"p": 0.5}}] * 20_000)},
    "wide": {"architecture": changed(LINEAR, in_features=10**9, out_features=10**9)},
    "wider than an integer": {"architecture": changed(LINEAR, in_features=10**30)},
    "arrays": {"optimizer": changed(SGD, arrays=10**9)},
    "frozen": {"frozen": 5},
    "frozen names": {"frozen": ["weight"] * 20_000},
    "frozen twice": {"frozen": ["weight", "weight"]},
    "frozen and masked": {"frozen": ["weight"], "masks": {"weight": "gA=="}},
    "mask too long": {"masks": {"weight": "A" * 500_000}},
    "mask not base64": {"masks": {"weight": "????"}},
    "mask of all": {"masks": {"weight": "wA=="}},
    "mask of no array": {"masks": {"other": "gA=="}},
    "mask of padding": {"masks": {"weight": "/w=="}},
    **{f"optimizer {x!r}"[:40]: {"optimizer": x} for x in (None, [], 5, "SGD", {}, {"kind": "SGD"})},
    **{f"schedule {x!r}"[:40]: {"schedule": x} for x in (None, [], 5, "StepLR", {}, {"kind": "StepLR"})},
    **{f"lr {x!r}"[:40]: {"optimizer": changed(SGD, lr=x)}
       for x in ("x", -5, math.nan, math.inf, None, True, [0.1])},
    **{f"momentum {x!r}": {"optimizer": changed(SGD, momentum=x)} for x in ([1, 2], 1.0, "0.5", {})},
    **{f"nesterov {x!r}": {"optimizer": changed(SGD, nesterov=x)} for x in ("no", [1], 1, None, True)},
    **{f"steps {x!r}"[:40]: {"optimizer": changed(SGD, steps=x)} for x in (-1, 1.5, "3", None, True, 10**30)},
    "a setting too many": {"optimizer": {**SGD, "settings": {**SGD["settings"], "foreach": True}}},
    "a setting too few": {"optimizer": {**SGD, "settings": {"lr": 0.1}}},
    **{f"schedule's {name} {x!r}"[:40]: {"schedule": changed(STEP, **{name: x})}
       for name in ("first", "epoch", "lr", "step_size", "gamma")
       for x in (None, "1", -1, [], True, math.nan, 10**400)},
    "schedule's name too many": {"schedule": {**STEP, "last_epoch": 1}},
    "another learning rate": {"schedule": changed(STEP, lr=0.2)},
    **{f"callbacks {x!r}"[:40]: {"callbacks": x} for x in (None, {}, 5, [5], [{}], [{"kind": 5}])},
    **{f"save_best_only {x!r}": {"callbacks": [{**BEST, "save_best_only": x}]}
       for x in (-5, -0.0, 1, "x", None)},
    **{f"callback of kind {x!r}": {"callbacks": [changed(EARLY, kind=x)]} for x in UNKNOWN},
    "callback without a state": {"callbacks": [{"kind": "GradientStatistics", "norms": {}}]},
    **{f"optimizer of kind {x!r}": {"optimizer": changed(SGD, kind=x)} for x in UNKNOWN},
    **{f"schedule of kind {x!r}": {"schedule": changed(STEP, kind=x)} for x in UNKNOWN},
    **{f"callback's {name} {x!r}"[:40]: {"callbacks": [changed(EARLY, **{name: x})]}
       for name, values in {"monitor": [None, 5], "mode": ["auto", None], "best": ["0", math.nan, True, []],
                            "waited": [-1, None, 1.5], "best_epoch": [-2, "1"], "weights": [{}],
                            "x": [1]}.items()
       for x in values},
    **{f"epoch {x!r}"[:40]: {"epoch": x} for x in (None, -1, 1.5, "1", True, 10**30, [])},
    "unknown fact": {"pickle": "gASVAAAA"},
}  # fmt: skip
TENSORS = [
    "optimizer.", "optimizer.x.y", "optimizer.0", "optimizer.0.", "optimizer.00.velocity",
    "optimizer.2.velocity", "optimizer.-1.velocity", "optimizer.0.unknown", "optimizer.1e3.velocity",
    "optimizer.٠.velocity", f"optimizer.{'9' * 5000}.velocity", "extra", "",
    "callbacks.", "callbacks.0.weight", "callbacks.-1.weight", "callbacks.x.weight",
]  # fmt: skip


def refused(path):
    """Check that both ways of loading reject the file, quickly, with little memory and without changes."""
    model = nn.Linear(2, 1, rng=0)
    optimizer = nn.SGD(model, 0.3)
    things = model, optimizer, nn.StepLR(optimizer, 7)
    before = state_of(*things)
    for load in (nn.load, lambda p: nn.load_into(things[0], p, optimizer=things[1], schedule=things[2])):
        begin, memory = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with pytest.raises(nn.ModelFileError) as caught:
            load(path)
        assert time.process_time() - begin < SECOND
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < KILOBYTES
        assert len(str(caught.value)) < 2000
    assert state_of(*things) == before


def forged(path, arrays=None, **changes):
    """Write a file of a layer with its optimizer and schedule, with changes and a correct checksum."""
    arrays = {"weight": np.ones((1, 2)), "bias": np.zeros(1)} | (arrays or {})
    facts = {"version": 1, "architecture": LINEAR, "frozen": [], "epoch": 0}
    facts |= {"optimizer": SGD, "schedule": STEP} | changes
    try:
        facts["sha256"] = checksum(facts, arrays)
        text = json.dumps(facts)
    except RecursionError:
        text = json.dumps({**facts, "architecture": "@"})
        text = text.replace('"@"', '{"kind":"Sequential","parts":[' * 20_000)
    path.write_bytes(serialized(arrays, {"autograd_core": text}))
    return path


def test_the_forged_file_is_right_but_for_the_changes(tmp_path):
    model = nn.Linear(2, 1, rng=0)
    optimizer = nn.SGD(model, 0.3)
    schedule = nn.StepLR(optimizer, 7)
    assert nn.load(forged(tmp_path / "right"))([1.0, 2.0])[0].data == 3.0
    mask = {"masks": {"weight": "gA=="}}
    assert nn.load(forged(tmp_path / "right", **mask)).weight.mask.tolist() == [[True, False]]
    velocity = {"optimizer.0.velocity": np.ones((1, 2))}
    nn.load_into(model, forged(tmp_path / "right", velocity), optimizer=optimizer, schedule=schedule)
    assert (optimizer.lr, optimizer.steps, schedule.step_size) == (0.1, 3, 3)
    assert optimizer.state[0]["velocity"].tolist() == [[1.0, 1.0]]


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_at_once(tmp_path, name):
    refused(forged(tmp_path / "bomb", **BOMBS[name]))


@pytest.mark.parametrize("name", TENSORS, ids=lambda name: name[:30])
def test_an_array_of_another_name_is_refused(tmp_path, name):
    refused(forged(tmp_path / "array", {name: np.ones((1, 2))}))


def test_an_array_of_another_type_or_shape_is_refused(tmp_path):
    for array in (np.ones((2, 1)), np.ones(2), np.ones((1, 2), np.float32), np.ones((1, 2), bool)):
        refused(forged(tmp_path / "array", {"weight": array}))
        forged(tmp_path / "array", {"optimizer.0.velocity": array})
        model = nn.Linear(2, 1, rng=0)
        with pytest.raises(nn.ModelFileError):
            nn.load_into(model, tmp_path / "array", optimizer=nn.SGD(model))
    (tmp_path / "other").write_bytes(serialized({"weight": np.ones((1, 2), bool), "bias": np.zeros(1)}))
    with pytest.raises(nn.ModelFileError, match="type BOOL"):
        nn.load_into(nn.Linear(2, 1), tmp_path / "other")


@pytest.mark.parametrize("foreign", [True, False])
def test_a_large_file_is_not_read_before_its_names_are_compared(tmp_path, foreign):
    count = 2**27
    header = {"other": {"dtype": "F64", "shape": [count], "data_offsets": [0, 8 * count]}}
    if not foreign:
        facts = {"version": 1, "architecture": LINEAR, "frozen": [], "epoch": 0, "sha256": ""}
        header["__metadata__"] = {"autograd_core": json.dumps(facts)}
    text = json.dumps(header).encode()
    with open(tmp_path / "sparse", "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(8 + len(text) + 8 * count)
    refused(tmp_path / "sparse")


def test_a_shape_of_a_thousand_axes_is_refused_shortly(tmp_path):
    facts = {"version": 1, "architecture": LINEAR, "frozen": [], "epoch": 0, "optimizer": SGD}
    axes = {"dtype": "F64", "shape": [1] * 1000, "data_offsets": [0, 8]}
    for name in ("bias", "optimizer.0.velocity", "callbacks.0.weight"):
        refused(write(tmp_path / "axes", dict(facts), {name: axes}, b"\0" * 8))


@pytest.mark.parametrize("length", [0, 7, 2**24 + 8, 2**40, 2**64 - 1])
def test_a_header_of_any_length_is_refused_at_once(tmp_path, length):
    with open(tmp_path / "header", "wb") as file:
        file.write(length.to_bytes(8, "little") + b"{")
        file.truncate(2**27)
    refused(tmp_path / "header")


def test_a_header_that_is_right_but_for_its_length_is_refused(tmp_path):
    whole = forged(tmp_path / "right").read_bytes()
    count = int.from_bytes(whole[:8], "little")
    header = whole[8 : 8 + count].ljust(2**24 + 8)
    (tmp_path / "long").write_bytes(len(header).to_bytes(8, "little") + header + whole[8 + count :])
    refused(tmp_path / "long")


def test_a_key_that_stands_twice_is_refused(tmp_path):
    whole = forged(tmp_path / "right").read_bytes()
    count = int.from_bytes(whole[:8], "little")
    header = json.loads(whole[8 : 8 + count])
    header["__metadata__"]["autograd_core"] = '{"epoch": 7, ' + header["__metadata__"]["autograd_core"][1:]
    text = json.dumps(header).encode()
    (tmp_path / "twice").write_bytes(len(text).to_bytes(8, "little") + text + whole[8 + count :])
    refused(tmp_path / "twice")


@pytest.mark.parametrize(
    "changes", [{"version": True}, {"version": 1.0}, {"more": 1}, {"masks": {"weight": "oA=="}}], ids=str
)
def test_a_field_that_is_nearly_right_is_refused(tmp_path, changes):
    refused(forged(tmp_path / "nearly", **changes))


def test_what_load_would_find_too_long_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr(nn.io.metadata, "_longest", lambda count: 100)
    with pytest.raises(ValueError, match="description is too long"):
        nn.save(small(), tmp_path / "many")
    assert not (tmp_path / "many").exists()


def test_no_weight_is_taken_for_what_an_optimizer_remembers(tmp_path):
    model = nn.Sequential(nn.Linear(2, 1))
    model.named_children = lambda: iter([("optimizer", model.steps[0])])
    with pytest.raises(AutogradError, match="Rename the attribute"):
        nn.save(model, tmp_path / "model")


def test_a_class_of_ones_own_is_known_while_it_is_defined(tmp_path):
    class Slow(nn.SGD):
        def __init__(self, parameters, lr=0.1, friction=0.5):
            super().__init__(parameters, lr)
            self.friction = float(friction)

        SETTINGS = ("lr", "friction")

    class Picky(nn.Optimizer):
        def __init__(self, parameters, groups):
            super().__init__(parameters, 0.1)

    class Halving(nn.StepLR):
        def __init__(self, optimizer, step_size=1):
            super().__init__(optimizer, step_size, 0.5)

    class Noting(nn.Callback):
        def state_dict(self):
            return {"notes": [1, 2]}

    class Stopping(nn.EarlyStopping):
        pass

    model = nn.Linear(2, 1, rng=0)
    for optimizer in (Slow(model), Picky(model, 3)):
        schedule = Halving(optimizer)
        callbacks = [Noting(), Stopping()]
        nn.save(model, tmp_path / "mine", optimizer=optimizer, schedule=schedule, callbacks=callbacks)
        assert nn.load(tmp_path / "mine")([1.0, 2.0])[0].data == model([1.0, 2.0])[0].data
        nn.load_into(model, tmp_path / "mine", optimizer=optimizer, schedule=schedule)
        facts, header, data = parts_of(tmp_path / "mine")
        for field, kind in {"optimizer": "Slo", "schedule": "Halvin"}.items():
            wrong = facts | {field: facts[field] | {"kind": kind}}
            refused(write(tmp_path / "undefined", wrong, header, data))
        for i, changes in enumerate([{"kind": "Notin"}, {"waited": -1}]):
            states = [state | (changes if i == j else {}) for j, state in enumerate(facts["callbacks"])]
            refused(write(tmp_path / "undefined", facts | {"callbacks": states}, header, data))
    for friction in ("x", None, 0.25, [1]):
        nn.save(model, tmp_path / "mine", optimizer=Slow(model))
        facts, header, data = parts_of(tmp_path / "mine")
        facts["optimizer"]["settings"]["friction"] = friction
        write(tmp_path / "mine", facts, header, data)
        if friction == 0.25:
            nn.load(tmp_path / "mine")
        else:
            with pytest.raises(nn.ModelFileError, match="Slow rejects its settings"):
                nn.load(tmp_path / "mine")
