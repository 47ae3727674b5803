"""Saved models: exact, written atomically, and rejected in every damaged or malicious form."""

import copy
import json
import math
import multiprocessing
import os
import pickle
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from safetensors.numpy import load_file
from safetensors.numpy import save as serialized

import nn
from autograd_core import Value
from autograd_core.base import atomic_write
from nn.io.architecture import KINDS
from tests.work import Work


def same(a, b):
    a, b = a.state_dict(), b.state_dict()
    return list(a) == list(b) and all(a[name].tobytes() == b[name].tobytes() for name in a)


@pytest.fixture
def model():
    return nn.MLP(2, [3, 1], activation="tanh", rng=0)


def everything():
    shared = nn.Linear(4, 4, rng=5)
    return nn.Sequential(
        nn.Conv2d(1, 2, 2, padding=1, rng=0), nn.MaxPool2d(2), nn.LeakyReLU(0.2), nn.Softplus(2.0, 5.0),
        nn.Softplus(), nn.Softplus(0.5), nn.Flatten(),
        nn.Linear(8, 4, bias=False, rng=1), nn.LayerNorm(4), nn.GELU("tanh"),
        nn.Residual(nn.Sequential(shared, nn.Dropout(0.1))), shared,
        nn.Layer(4, 2, activation="sigmoid", rng=2) | nn.Neuron(4, rng=3) | nn.MLP(4, [2, 1], rng=4),
        nn.Softmax(),
    )  # fmt: skip


def test_every_kind_of_module_comes_back_bit_for_bit(tmp_path):
    before = everything()
    before[7].freeze()
    nn.save(before, tmp_path / "all.safetensors")
    after = nn.load(tmp_path / "all.safetensors")
    assert same(before, after)
    assert repr(before) == repr(after)
    assert after[11] is after[10].block[0]
    assert [w.trainable for w in after.weights().values()] == [w.trainable for w in before.weights().values()]
    image = np.arange(9.0).reshape(1, 3, 3) / 9.0
    assert np.array_equal(before.predict([image]), after.predict([image]))


EACH = [
    nn.Neuron(2, rng=0), nn.Layer(2, 3, rng=0), nn.MLP(2, [3, 1], rng=0), nn.Linear(2, 3, bias=False, rng=0),
    nn.Dropout(0.25), nn.Conv1d(4, 2, 3, 2, 1, 2, 2, rng=0), nn.Conv1d(1, 1, (2,), padding="same", rng=0),
    nn.Conv2d(2, 4, (2, 3), (1, 2), (0, 1), (2, 1), 2, bias=False, rng=0),
    nn.Conv2d(1, 1, 2, padding="same", rng=0), nn.MaxPool1d(2, 1), nn.MaxPool2d((2, 1), (1, 2)),
    nn.AvgPool1d(3), nn.AvgPool2d((1, 2)), nn.LayerNorm(3, elementwise_affine=False),
    nn.BatchNorm1d(3, momentum=None), nn.BatchNorm1d(3, affine=False),
    nn.Sequential(nn.Tanh()), nn.Concatenate(nn.Linear(1, 1, rng=0), nn.ReLU()), nn.Residual(nn.ReLU()),
    nn.Flatten(), nn.Softmax(), nn.LogSoftmax(), nn.WinnerTakeAll(), nn.PReLU(3),
    nn.RNNCell(1, 2, nonlinearity="relu", rng=0),
    nn.GRUCell(1, 2, bias=False, rng=0), nn.LSTMCell(1, 2, rng=0), nn.Embedding(3, 2, rng=0),
    nn.GELU("tanh"),
]  # fmt: skip


@pytest.mark.parametrize("module", [*EACH, nn.Sequential(*EACH)], ids=lambda module: type(module).__name__)
def test_each_kind_of_module_is_loaded_and_loaded_into_its_twin(tmp_path, module):
    nn.save(module, tmp_path / "m")
    loaded, twin = nn.load(tmp_path / "m"), copy.deepcopy(module)
    for weights in twin.weights().values():
        weights.assign(np.zeros(weights.shape))
    nn.load_into(twin, tmp_path / "m")
    assert repr(loaded) == repr(twin) == repr(module)
    assert same(loaded, module)
    assert same(twin, module)


def test_each_kind_of_module_is_in_the_table():
    activations = nn.modules.activations.Activation.__subclasses__()
    assert {type(module) for module in EACH} >= set(KINDS.values()) - set(activations)


@pytest.mark.parametrize("seed", range(5))
def test_single_numbers_that_are_frozen_stay_frozen(tmp_path, seed):
    before, rng = everything(), random.Random(seed)
    for value in before.parameters():
        value.requires_grad = rng.random() < 0.5
    first, *_ = before.weights().values()
    first.trainable = False
    nn.save(before, tmp_path / "frozen")
    after = nn.load(tmp_path / "frozen")
    assert [v.requires_grad for v in after.parameters()] == [v.requires_grad for v in before.parameters()]
    nn.save(after, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "frozen").read_bytes()
    other = everything()
    nn.load_into(other, tmp_path / "frozen")
    assert all(v.requires_grad for v in other.parameters())
    assert same(other, before)


def test_odd_numbers_come_back_bit_for_bit(tmp_path, model):
    odd = [-0.0, 5e-324, 0.1 + 0.2, 1.7976931348623157e308, -2.2250738585072014e-308, 1 / 3]
    model.layers[0].weight.assign(np.array(odd).reshape(3, 2))
    nn.save(model, tmp_path / "odd")
    again = nn.load(tmp_path / "odd")
    assert again.layers[0].weight.array.tobytes() == np.array(odd).tobytes()
    assert (tmp_path / "odd").read_bytes() == (
        nn.save(again, tmp_path / "twice") or (tmp_path / "twice").read_bytes()
    )


def test_other_tools_open_the_weights_and_theirs_can_be_taken(tmp_path, model):
    nn.save(model, tmp_path / "m.safetensors")
    arrays = load_file(tmp_path / "m.safetensors")
    assert {name: a.shape for name, a in arrays.items()} == {
        "layers.0.weight": (3, 2), "layers.0.bias": (3,), "layers.1.weight": (1, 3), "layers.1.bias": (1,),
    }  # fmt: skip
    assert all(a.dtype == np.float64 for a in arrays.values())
    (tmp_path / "theirs").write_bytes(
        serialized({name: a + 1.0 for name, a in arrays.items()}, {"format": "pt"})
    )
    assert nn.load_into(model, tmp_path / "theirs") == 0
    assert np.array_equal(model.layers[0].weight.array, arrays["layers.0.weight"] + 1.0)
    with pytest.raises(nn.ModelFileError, match="no architecture.*load_into"):
        nn.load(tmp_path / "theirs")


LAYOUTS = {
    "rows": lambda x: np.array(x, order="C"),
    "columns": np.asfortranarray,
    "transposed": lambda x: np.array(x.T, order="C").T,
    "axes swapped": lambda x: np.moveaxis(np.array(np.moveaxis(x, 0, -1), order="C"), -1, 0),
    "backwards": lambda x: x[::-1].copy()[::-1],
    "every second": lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
    "broadcast": lambda x: np.broadcast_to(x[:1], x.shape),
    "big-endian": lambda x: x.astype(">f8"),
    "big-endian columns": lambda x: np.asfortranarray(x.astype(">f8")),
    "float32": lambda x: np.asfortranarray(x.astype(np.float32)),
    "lists": lambda x: x.tolist(),
}
SETTERS = {
    "assign": lambda w, x: w["weight"].assign(x),
    "load_state_dict": lambda w, x: w.load_state_dict({"weight": x}, strict=False),
    "Weights": lambda w, x: setattr(w, "weight", nn.Weights(x)),
    "assign to Values": lambda w, x: (w["weight"].values, w["weight"].assign(x)),
}


class Images(nn.Conv2d):
    def __getitem__(self, name):
        return self.weights()[name]


class Columns(nn.SGD):
    """Keeps its arrays in column order."""

    def rule(self, w, g, state):
        w = super().rule(w, g, state)
        state["velocity"] = np.asfortranarray(state["velocity"])
        return np.asfortranarray(w)


@pytest.mark.parametrize("setter", SETTERS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_weights_are_saved_row_by_row_however_they_lie_in_memory(tmp_path, layout, setter):
    model = Images(3, 4, 2, bias=False, rng=0)
    numbers = LAYOUTS[layout](np.random.default_rng(0).normal(size=(4, 3, 2, 2)))
    SETTERS[setter](model, numbers)
    optimizer = Columns(model, momentum=0.5)
    model.weight.gradient = np.asfortranarray(np.random.default_rng(1).normal(size=(4, 3, 2, 2)))
    optimizer.step()
    nn.save(model, tmp_path / "m", optimizer=optimizer)
    arrays = load_file(tmp_path / "m")
    twin = Images(3, 4, 2, bias=False, rng=1)
    again = Columns(twin, momentum=0.5)
    nn.load_into(twin, tmp_path / "m", optimizer=again)
    assert np.array_equal(arrays["weight"], model.weight.array)
    assert np.allclose(model.weight.array + 0.001 * model.weight.gradient, numbers, rtol=0.0, atol=1e-15)
    assert same(twin, model)
    velocity = optimizer.state[0]["velocity"]
    assert np.array_equal(arrays["optimizer.0.velocity"], velocity)
    assert np.array_equal(again.state[0]["velocity"], velocity)


def test_a_load_that_fails_half_way_leaves_all_as_it_was(tmp_path):
    class Failing(nn.SGD):
        def load_state_dict(self, state):
            raise ValueError("no")

    saved = nn.Linear(2, 1, rng=0)
    nn.save(saved, tmp_path / "m", optimizer=Failing(saved, lr=0.5))
    model = nn.Linear(2, 1, rng=1)
    before = model.state_dict()["weight"].tolist()
    with pytest.raises(ValueError, match="no"):
        nn.load_into(model, tmp_path / "m", optimizer=Failing(model, lr=0.5))
    assert model.state_dict()["weight"].tolist() == before


class Mine(nn.Module):
    def __init__(self):
        self.w = Value(3.0)

    def __call__(self, x):
        return self.w * x


def test_a_class_of_ones_own_is_filled_but_never_made(tmp_path):
    nn.save(Mine(), tmp_path / "mine")
    with pytest.raises(nn.ModelFileError, match="classes that are not in nn"):
        nn.load(tmp_path / "mine")
    mine = Mine()
    mine.w.data = 0.0
    nn.load_into(mine, tmp_path / "mine")
    assert mine.w.data == 3.0


@pytest.mark.parametrize("kind", ["SGD", "Adagrad", "RMSprop", "Adam", "AdamW"])
def test_training_goes_on_bit_for_bit(tmp_path, kind):
    x, y = nn.data.moons(24, seed=0)
    options = {
        "SGD": {"momentum": 0.9},
        "RMSprop": {"momentum": 0.5, "centered": True},
        "Adam": {"amsgrad": True},
    }

    def begin():
        net = nn.Sequential(nn.Linear(2, 4, rng=0), nn.Dropout(0.2), nn.Tanh(), nn.Linear(4, 1, rng=1))
        optimizer = getattr(nn, kind)(net, lr=0.05, **options.get(kind, {}))
        return net, optimizer, nn.ReduceLROnPlateau(optimizer, patience=0, factor=0.5)

    def train(net, optimizer, schedule, first, last):
        net.fit(
            x, y, loss="bce_with_logits", optimizer=optimizer, schedule=schedule, batch_size=5, seed=4,
            initial_epoch=first, epochs=last,
        )  # fmt: skip

    whole, first, second = begin(), begin(), begin()
    train(*whole, 0, 6)
    train(*first, 0, 3)
    nn.save(first[0], tmp_path / "half", optimizer=first[1], schedule=first[2], epoch=3)
    epoch = nn.load_into(second[0], tmp_path / "half", optimizer=second[1], schedule=second[2])
    train(*second, epoch, 6)
    assert same(whole[0], second[0])
    assert whole[1].lr == second[1].lr


def test_a_checkpoint_of_the_best_epoch(tmp_path):
    x, y = nn.data.moons(24, seed=0)
    net = nn.MLP(2, [3, 1], rng=0)
    best = nn.Checkpoint(tmp_path / "best", monitor="loss", save_best_only=True)
    each = nn.Checkpoint(tmp_path / "epoch-{epoch}")
    history = net.fit(x, y, loss="bce_with_logits", optimizer="adam", epochs=3, callbacks=[best, each])
    assert sorted(os.listdir(tmp_path)) == ["best", "epoch-0", "epoch-1", "epoch-2"]
    assert best.best == min(history.history["loss"])
    other = nn.MLP(2, [3, 1], rng=1)
    assert nn.load_into(other, tmp_path / "epoch-1", optimizer=nn.Adam(other)) == 2


def test_a_file_cut_off_at_any_byte_is_refused(tmp_path, model):
    nn.save(model, tmp_path / "whole", optimizer=nn.Adam(model))
    data = (tmp_path / "whole").read_bytes()
    before = model.state_dict()
    cut = tmp_path / "cut"
    for length in range(len(data)):
        cut.write_bytes(data[:length])
        for load in (nn.load, lambda path: nn.load_into(model, path)):
            with pytest.raises(nn.ModelFileError):
                load(cut)
    assert all(np.array_equal(before[name], array) for name, array in model.state_dict().items())


@pytest.mark.slow
def test_two_thousand_changed_bytes_are_refused_or_harmless(tmp_path, model):
    nn.save(model, tmp_path / "whole", optimizer=nn.Adam(model))
    data = (tmp_path / "whole").read_bytes()
    rng, changed, refused = random.Random(0), tmp_path / "changed", 0
    for _ in range(2000):
        place = rng.randrange(len(data))
        byte = rng.choice([b for b in range(256) if b != data[place]])
        changed.write_bytes(data[:place] + bytes([byte]) + data[place + 1 :])
        try:
            assert same(nn.load(changed), model)
        except nn.ModelFileError:
            refused += 1
    assert refused > 1900


class Bomb:
    def __reduce__(self):
        return os.system, ("echo boom > boom",)


def test_a_pickle_is_refused_and_never_run(tmp_path, monkeypatch, model):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bomb.safetensors").write_bytes(pickle.dumps(Bomb()))
    for load in (nn.load, lambda path: nn.load_into(model, path)):
        with pytest.raises(nn.ModelFileError):
            load("bomb.safetensors")
    assert os.listdir(tmp_path) == ["bomb.safetensors"]


def forged(path, text=None, arrays=None, **changes):
    """Write a file with a correct checksum and any contents."""
    arrays = {"weight": np.ones((1, 2)), "bias": np.zeros(1)} if arrays is None else arrays
    facts = {
        "version": 1,
        "architecture": {"kind": "Linear", "settings": {"in_features": 2, "out_features": 1, "bias": True}},
        "frozen": [],
        "epoch": 0,
    } | changes
    facts = {name: value for name, value in facts.items() if value != "left out"}
    facts["sha256"] = nn.io.model_files.checksum(facts, arrays)
    path.write_bytes(serialized(arrays, {"autograd_core": json.dumps(facts) if text is None else text}))
    return path


def test_a_forged_file_that_is_right_is_loaded(tmp_path):
    assert nn.load(forged(tmp_path / "right"))([1.0, 2.0])[0].data == 3.0


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"version": ' + "1" * 1_000_000 + "}",
        '{"version": 1, "version": 1, "architecture": null, "epoch": 0}',
        '{"version": 1, "architecture": NaN, "epoch": 0}',
        '{"version": 1, "architecture": -Infinity, "epoch": 0}',
        "null", "[]", "", "1e999", '"text"', '{"version": 1}',
    ],
    ids=lambda text: text[:30],
)  # fmt: skip
def test_metadata_that_is_a_bomb_or_nonsense_is_refused(tmp_path, text):
    with pytest.raises(nn.ModelFileError):
        nn.load(forged(tmp_path / "bomb", text=text))


def settings(**changes):
    return {"kind": "Linear", "settings": {"in_features": 2, "out_features": 1, "bias": True} | changes}


def test_another_architecture_is_described_as_calls(tmp_path):
    path = tmp_path / "model.safetensors"
    nn.save(nn.Sequential(nn.Linear(2, 3), nn.Tanh()), path)
    with pytest.raises(nn.ModelFileError) as told:
        nn.load_into(nn.MLP(2, [4, 1]), path)
    there = "Sequential(Linear(in_features=2, out_features=3, bias=True), Tanh())"
    here = "MLP(nin=2, nouts=[4, 1], activation='relu', out_activation='identity')"
    assert str(told.value).endswith(f"different architecture: {there}; expected {here}.")


@pytest.mark.parametrize(
    "architecture",
    [
        settings(in_features=10**9, out_features=10**9),
        settings(in_features=3),
        settings(in_features="2"),
        settings(in_features=None),
        settings(in_features=2.0),
        settings(in_features=True),
        settings(bias=False),
        settings(unknown=1),
        settings(rng=3.5),
        {"kind": "MLP", "settings": {"nin": 2, "nouts": [10**9, 10**9]}},
        {"kind": "MLP", "settings": {"nin": 2, "nouts": [1], "activation": "rleu"}},
        {"kind": "os.system", "settings": {}},
        {"kind": "Module", "settings": {}},
        {"kind": ["Linear"], "settings": {}},
        {"kind": "Linear"},
        {"kind": "Linear", "settings": []},
        {"kind": "Sequential", "parts": "Linear"},
        {"kind": "Sequential", "parts": [3]},
        {"kind": "Sequential", "parts": [{"same_as": "/1"}]},
        {"kind": "Sequential", "parts": []},
        {"kind": "Linear", "settings": {}, "more": 1},
        [],
        "Linear",
        3,
    ],
    ids=str,
)
def test_an_architecture_that_does_not_fit_is_refused_before_memory_is_taken(tmp_path, architecture):
    with pytest.raises(nn.ModelFileError):
        nn.load(forged(tmp_path / "wrong", architecture=architecture))


@pytest.mark.parametrize("version", [0, 2, 999, "abc", None, True, 1.5, "left out"])
def test_another_version_is_refused_by_name(tmp_path, version):
    with pytest.raises(nn.ModelFileError, match="format version .*; expected 1"):
        nn.load(forged(tmp_path / "version", version=version))


def test_arrays_that_do_not_fit_are_refused(tmp_path):
    for arrays in (
        {"weight": np.ones((2, 1)), "bias": np.zeros(1)},
        {"weight": np.ones((1, 2))},
        {"weight": np.ones((1, 2)), "bias": np.zeros(1), "extra": np.zeros(1)},
        {"weight": np.ones((1, 2)), "bias": np.zeros(2)},
    ):
        with pytest.raises(nn.ModelFileError):
            nn.load(forged(tmp_path / "arrays", arrays=arrays))
    for epoch in (None, "1", 1.5, "left out"):
        with pytest.raises(nn.ModelFileError):
            nn.load(forged(tmp_path / "epoch", epoch=epoch))


def test_weights_that_are_not_finite_are_loaded_with_a_warning(tmp_path):
    file = forged(
        tmp_path / "nan", arrays={"weight": np.array([[math.nan, 1.0]]), "bias": np.array([math.inf])}
    )
    with pytest.warns(nn.TrainingWarning, match="not finite: .*'weight'"):
        assert math.isinf(nn.load(file).bias.array[0])


def test_a_model_of_another_shape_or_kind_stays_as_it_was(tmp_path, model):
    nn.save(model, tmp_path / "model", optimizer=nn.SGD(model, momentum=0.5))
    for other in (
        nn.MLP(2, [4, 1]), nn.MLP(2, [3, 1], activation="relu"), nn.Linear(2, 1), Mine(), nn.MLP(2, [3, 1, 1])
    ):  # fmt: skip
        before = other.state_dict()
        with pytest.raises(nn.ModelFileError):
            nn.load_into(other, tmp_path / "model")
        assert all(np.array_equal(before[name], array) for name, array in other.state_dict().items())
    twin = nn.MLP(2, [3, 1], activation="tanh", rng=9)
    before = twin.state_dict()
    with pytest.raises(ValueError, match="expected Adam"):
        nn.load_into(twin, tmp_path / "model", optimizer=nn.Adam(twin))
    with pytest.raises(ValueError, match="over 1"):
        nn.load_into(twin, tmp_path / "model", optimizer=nn.SGD(twin.parameters()))
    with pytest.raises(ValueError, match="schedule"):
        nn.load_into(twin, tmp_path / "model", schedule=nn.StepLR(nn.SGD(twin), 3))
    trained = nn.SGD(model, lr=1.0)
    nn.save(model, tmp_path / "trained", optimizer=trained, schedule=nn.StepLR(trained, 2))
    optimizer = nn.SGD(nn.MLP(2, [4, 1]), lr=0.25)
    schedule = nn.StepLR(optimizer, 7)
    state = schedule.state_dict()
    with pytest.raises(nn.ModelFileError):
        nn.load_into(nn.MLP(2, [4, 1]), tmp_path / "trained", optimizer=optimizer, schedule=schedule)
    assert (schedule.state_dict(), optimizer.lr) == (state, 0.25)
    assert all(np.array_equal(before[name], array) for name, array in twin.state_dict().items())


SAVING = """
import itertools, sys, nn
for seed in itertools.count(1):
    model = nn.MLP(100, [200, 200, 1], rng=seed % 3)
    nn.save(model, sys.argv[1])
    if seed == 1:
        print("begun", flush=True)
"""


@pytest.mark.slow
def test_a_save_that_is_killed_leaves_a_whole_file(tmp_path):
    target, rng = tmp_path / "model", random.Random(0)
    wholes = [nn.MLP(100, [200, 200, 1], rng=seed) for seed in range(3)]
    for _ in range(12):
        process = subprocess.Popen([sys.executable, "-c", SAVING, str(target)], stdout=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(rng.uniform(0.0, 0.3))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        found = nn.load(target)
        assert any(same(found, whole) for whole in wholes)
        assert all(name == "model" or name.startswith(".autograd-core-") for name in os.listdir(tmp_path))


def test_a_full_disk_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, model):
    nn.save(model, tmp_path / "model")
    old = (tmp_path / "model").read_bytes()

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="cannot write .*model.*No space left") as error:
        nn.save(nn.MLP(2, [3, 1], rng=1), tmp_path / "model")
    assert error.value.errno == 28
    assert (tmp_path / "model").read_bytes() == old
    assert os.listdir(tmp_path) == ["model"]


@pytest.mark.slow
@pytest.mark.skipif(
    sys.platform != "linux" or os.getuid() != 0, reason="mounts a small file system: needs root"
)
def test_a_disk_that_is_really_full(tmp_path, model):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(tmp_path)], check=False)
    if not os.path.ismount(tmp_path):
        pytest.skip("mounting is not allowed here")
    try:
        nn.save(model, tmp_path / "model")
        old = (tmp_path / "model").read_bytes()
        with pytest.raises(OSError, match="No space left"):
            nn.save(nn.MLP(100, [200, 1]), tmp_path / "model")
        assert (tmp_path / "model").read_bytes() == old
        assert os.listdir(tmp_path) == ["model"]
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_places_that_cannot_be_written(tmp_path, monkeypatch, model):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    for path, kind in {
        "folder": IsADirectoryError,
        "absent/model": FileNotFoundError,
        "~nobody/model": FileNotFoundError,
        "x" * 300: OSError,
        "/dev/full": OSError,
        "/dev/null": OSError,
        "folder/../absent/m": FileNotFoundError,
    }.items():
        with pytest.raises(kind, match="cannot write"):
            nn.save(model, path)
    with pytest.raises(ValueError, match="not a path"):
        nn.save(model, "a\0b")
    with pytest.raises(ValueError, match="not a path"):
        nn.save(model, "")
    for wrong in (b"model", 3, None, open(os.devnull, "wb")):  # noqa: SIM115
        with pytest.raises(TypeError, match="not a path"):
            nn.save(model, wrong)
        with pytest.raises(TypeError, match="not a path"):
            nn.load(wrong)
        if hasattr(wrong, "close"):
            wrong.close()
    with pytest.raises(TypeError, match="not a model"):
        nn.save({"w": 1}, "model")
    with pytest.raises(ValueError, match="epoch = -1"):
        nn.save(model, "model", epoch=-1)
    assert os.listdir(tmp_path) == ["folder"]
    nn.save(model, "trailing ")
    assert sorted(os.listdir(tmp_path)) == ["folder", "trailing "]


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_and_file(tmp_path, model):
    nn.save(model, tmp_path / "model")
    (tmp_path / "model").chmod(0o444)
    with pytest.raises(PermissionError, match="read-only"):
        nn.save(model, tmp_path / "model")
    tmp_path.chmod(0o555)
    with pytest.raises(PermissionError, match="cannot write"):
        nn.save(model, tmp_path / "other")
    tmp_path.chmod(0o755)


def test_permissions_are_those_of_the_old_file_or_of_the_umask(tmp_path, model):
    nn.save(model, tmp_path / "model")
    umask = os.umask(0)
    os.umask(umask)
    assert (tmp_path / "model").stat().st_mode & 0o777 == 0o666 & ~umask
    (tmp_path / "model").chmod(0o600)
    nn.save(model, tmp_path / "model")
    assert (tmp_path / "model").stat().st_mode & 0o777 == 0o600


def test_a_link_is_followed(tmp_path, model):
    nn.save(model, tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    other = nn.MLP(2, [3, 1], activation="tanh", rng=1)
    nn.save(other, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert same(nn.load(tmp_path / "real"), other)


def save_often(path, seed):
    for _ in range(50):
        nn.save(nn.MLP(2, [3, 1], rng=seed), path)


@pytest.mark.slow
def test_two_processes_that_save_at_once_leave_one_whole_file(tmp_path):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=save_often, args=(tmp_path / "model", seed)) for seed in range(2)]
    for process in processes:
        process.start()
    while any(process.is_alive() for process in processes):
        if (tmp_path / "model").exists():
            found = nn.load(tmp_path / "model")
            assert any(same(found, nn.MLP(2, [3, 1], rng=seed)) for seed in range(2))
    assert [process.exitcode for process in processes] == [0, 0]
    assert os.listdir(tmp_path) == ["model"]


def test_things_that_are_no_files_are_refused_at_once(tmp_path):
    (tmp_path / "empty").touch()
    with pytest.raises(nn.ModelFileError):
        nn.load(tmp_path / "empty")
    with open(tmp_path / "sparse", "wb") as file:
        file.truncate(10 * 2**30)
    with pytest.raises(nn.ModelFileError):
        nn.load(tmp_path / "sparse")
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(OSError, match="not a regular file"):
            nn.load(path)
    with pytest.raises(FileNotFoundError, match="cannot read .*absent"):
        nn.load(tmp_path / "absent")
    for text in ('{"weights": [1.5]}'.encode("utf-16"), b"1,5;2,5\r\n", b"\x08\0\0\0\0\0\0\0{}      "):
        (tmp_path / "text").write_bytes(text)
        with pytest.raises(nn.ModelFileError):
            nn.load(tmp_path / "text")


@pytest.mark.slow
def test_a_million_parameters_are_not_touched_one_by_one(tmp_path):
    model = nn.MLP(1000, [1000, 1], rng=0)
    with Work() as work:
        nn.save(model, tmp_path / "large")
        again = nn.load(tmp_path / "large")
    assert work.calls <= 20_000
    assert same(model, again)
    assert (tmp_path / "large").stat().st_size == pytest.approx(8 * 1_002_001, rel=0.001)


def test_what_a_killed_process_left_is_removed_at_the_next_save(tmp_path, model):
    """But files that another process or machine may still be writing are kept."""
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    nn.save(model, tmp_path / "first")
    host = atomic_write._HOST
    left = f"{atomic_write.PREFIX}{host}-{dead.pid}-{'0' * 16}.tmp"
    others = {
        f"{atomic_write.PREFIX}{host}-{os.getppid()}-{'0' * 16}.tmp",
        f"{atomic_write.PREFIX}{host}-{os.getpid()}-{'0' * 16}.tmp",
        f"{atomic_write.PREFIX}elsewhere-{dead.pid}-{'0' * 16}.tmp",
        f"{atomic_write.PREFIX}notes.tmp",
    }
    for name in (left, *others):
        (tmp_path / name).write_bytes(b"half")
    nn.save(model, tmp_path / "second")
    assert {path.name for path in tmp_path.iterdir()} == {"first", "second", *others}


@pytest.mark.parametrize("path", ["model/", "folder/model/", "folder/"])
def test_a_path_that_ends_like_a_folder_is_not_a_file(tmp_path, monkeypatch, model, path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError, match="that is the name of a folder"):
        nn.save(model, path)
    assert [p.name for p in tmp_path.rglob("*")] == ["folder"]
