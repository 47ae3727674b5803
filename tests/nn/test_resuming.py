"""A run that is stopped at any epoch, saved and resumed continues as if it had not been stopped."""

import math
import random
import warnings

import numpy as np
import pytest

import nn
from autograd_core import DataError, DataValueError, Value

EPOCHS = 7
X, Y = np.linspace(-1.0, 1.0, 6).reshape(-1, 1), np.linspace(2.0, -1.0, 6)


class Told(nn.Callback):
    """A metric with a given value for every epoch."""

    def __init__(self, scores):
        self.scores = scores

    def on_epoch_end(self, epoch, logs):
        logs["score"] = self.scores[epoch]


def made(model=None):
    model = model or nn.Linear(1, 1, rng=0)
    optimizer = nn.Adam(model, lr=0.05)
    return model, optimizer, nn.ReduceLROnPlateau(optimizer, factor=0.5, patience=0)


def callbacks(scores, folder, mode):
    """Return callbacks in an order that writes `last` before the others know the best epoch."""
    return [
        Told(scores),
        nn.Checkpoint(folder / "last"),
        nn.EarlyStopping("score", patience=3, mode=mode, restore_best_weights=True),
        nn.Checkpoint(folder / "best", monitor="score", save_best_only=True, mode=mode),
    ]


def train(things, using, first, last):
    model, optimizer, schedule = things
    return model.fit(
        X, Y, optimizer=optimizer, schedule=schedule, initial_epoch=first, epochs=last, batch_size=4, seed=1,
        callbacks=using,
    )  # fmt: skip


def left(folder, things):
    model, optimizer, schedule = things
    arrays = {name: array.tolist() for name, array in model.state_dict().items()}
    return arrays, optimizer.state_dict(), schedule.state_dict(), (folder / "best").read_bytes()


@pytest.mark.parametrize("form", ["new objects", "the same callbacks", "load"])
@pytest.mark.parametrize("seed", range(12))
def test_a_resumed_run_is_the_uninterrupted_one(seed, form, tmp_path):
    rng = random.Random(seed)
    mode = rng.choice(["min", "max"])
    scores = [rng.choice([0.1, 0.2, 0.3, -0.2, math.nan, rng.random()]) for _ in range(EPOCHS)]
    stop = rng.randrange(1, EPOCHS)
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    for folder in (whole, halves):
        folder.mkdir()
        (folder / "best").write_bytes(b"")
    expected, begun = made(), made()
    history = train(expected, callbacks(scores, whole, mode), 0, EPOCHS)

    used = callbacks(scores, halves, mode)
    first = train(begun, used, 0, stop)
    if first.stopped:
        assert first.epoch == history.epoch
        return
    again = made()
    if form == "load":
        again = made(nn.load(halves / "last"))
    epoch = nn.load_into(again[0], halves / "last", optimizer=again[1], schedule=again[2])
    assert epoch == stop
    if form != "the same callbacks":
        used = callbacks(scores, halves, mode)
    second = train(again, used, epoch, EPOCHS)
    assert first.epoch + second.epoch == history.epoch
    assert second.stopped == history.stopped
    for one, other in zip(left(whole, expected), left(halves, again), strict=True):
        assert repr(one) == repr(other)


def test_a_new_run_of_a_loaded_model_begins_anew(tmp_path):
    things = made()
    early = nn.EarlyStopping("loss", patience=2)
    train(things, [early, nn.Checkpoint(tmp_path / "last")], 0, 3)
    again = made()
    nn.load_into(again[0], tmp_path / "last")
    other = nn.EarlyStopping("loss", patience=2)
    train(again, [other], 0, 1)
    assert other.best_epoch == 0
    train(again, [other := nn.EarlyStopping("loss", patience=2)], 3, 4)  # The saved state is used once.
    assert other.best_epoch == 3


@pytest.mark.parametrize(("first", "found"), [(6, [2, 3]), (7, [7, 7])])
def test_each_callback_goes_on_from_what_it_knew_at_that_epoch_and_no_other(first, found, tmp_path):
    model = made()[0]
    known = [nn.EarlyStopping("loss", patience=9), nn.EarlyStopping("loss", patience=9)]
    for early, epoch in zip(known, (2, 3), strict=True):
        early.best, early.best_epoch = -1.0, epoch
    nn.save(model, tmp_path / "model", callbacks=known, epoch=6)
    again = made()
    nn.load_into(again[0], tmp_path / "model")
    others = [nn.EarlyStopping("loss", patience=9), nn.EarlyStopping("loss", patience=9)]
    train(again, others, first, first + 1)
    assert [early.best_epoch for early in others] == found


@pytest.mark.parametrize("way", ["one process", "a file without callbacks"])
@pytest.mark.parametrize("mode", ["min", "max"])
def test_a_resumed_run_leaves_the_better_file_whatever_it_was_saved_in(way, mode, tmp_path):
    scores = [3.0, 1.0, 2.0, 2.5, 0.5] if mode == "min" else [1.0, 3.0, 2.0, 1.5, 4.0]
    things = made()

    def best():
        return nn.Checkpoint(tmp_path / "best", monitor="score", save_best_only=True, mode=mode)

    train(things, [Told(scores), best()], 0, 3)
    better = (tmp_path / "best").read_bytes()
    if way == "a file without callbacks":
        model, optimizer, schedule = things
        nn.save(model, tmp_path / "last", optimizer=optimizer, schedule=schedule, epoch=3)
        things = made()
        nn.load_into(things[0], tmp_path / "last", optimizer=things[1], schedule=things[2])
    train(things, [Told(scores), best()], 3, 4)
    assert (tmp_path / "best").read_bytes() == better
    train(things, [Told(scores), best()], 4, 5)
    assert (tmp_path / "best").read_bytes() != better
    train(things, [Told([9.0] * 2), best()], 0, 1)  # A run from epoch 0 starts fresh.
    assert nn.load_into(things[0], tmp_path / "best") == 1


def test_save_takes_the_callbacks_of_a_loop_of_ones_own(tmp_path):
    model, optimizer, schedule = made()
    early = nn.EarlyStopping("loss", patience=4)
    early.best, early.waited, early.best_epoch = 0.5, 3, 2
    nn.save(model, tmp_path / "model", optimizer=optimizer, schedule=schedule, callbacks=[early], epoch=6)
    again = made()
    assert nn.load_into(again[0], tmp_path / "model") == 6
    other = nn.EarlyStopping("loss", patience=4)
    history = train(again, [other], 6, 20)
    assert history.stopped == "early: loss has not improved since epoch 2"
    assert history.epoch == [6]


# A constant metric never improves, whatever its sign; in PyTorch a negative one does.
METRICS = [
    [math.nan, 1.0, 0.5, 0.25, 0.125, 0.06, 0.03],
    [1.0, math.nan, math.nan, 0.5, math.nan, math.nan, math.nan],
    [math.inf, math.inf, 1.0, 1.0, 1.0, 2.0, -1.0],
    [-math.inf, 1.0, math.nan, -5.0, -6.0, -7.0, -8.0],
    [-1.0, -2.0, -3.0, -2.0, -2.0, -2.0, -2.5],
    [math.nan] * 7,
]


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("metrics", METRICS)
def test_a_plateau_has_pytorchs_rates_whatever_the_metric(metrics, mode):
    torch = pytest.importorskip("torch")
    ours = nn.SGD([Value(1.0)], lr=1.0)
    schedule = nn.ReduceLROnPlateau(ours, mode=mode, patience=1)
    theirs = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=1.0)
    expected = torch.optim.lr_scheduler.ReduceLROnPlateau(theirs, mode=mode, patience=1)
    for metric in metrics:
        schedule.step(metric)
        expected.step(metric)
        assert ours.lr == theirs.param_groups[0]["lr"]


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("metric", [1.0, -1.0, 0.0, -1e-9, 1e300, -1e300])
def test_a_metric_that_stands_still_is_a_plateau(metric, mode):
    optimizer = nn.SGD([Value(1.0)], lr=1.0)
    schedule = nn.ReduceLROnPlateau(optimizer, mode=mode, patience=1)
    for _ in range(8):
        schedule.step(metric)
    assert optimizer.lr == pytest.approx(1e-3)


@pytest.mark.parametrize("with_optimizer", [False, True])
@pytest.mark.parametrize("make", [
    lambda o: nn.StepLR(o, 1, 0.5), lambda o: nn.ExponentialLR(o, 0.5), lambda o: nn.CosineAnnealingLR(o, 5),
    lambda o: nn.ReduceLROnPlateau(o, patience=0),
])  # fmt: skip
def test_a_restored_schedule_sets_the_rate(make, with_optimizer, tmp_path):
    model = nn.Linear(1, 1, rng=0)
    optimizer, other = nn.SGD(model, lr=1.0), nn.SGD(model, lr=1.0)
    schedule, restored = make(optimizer), make(other)
    for _ in range(2):
        schedule.step(1.0)
    assert optimizer.lr < 1.0
    nn.save(model, tmp_path / "model", optimizer=optimizer, schedule=schedule, epoch=2)
    nn.load_into(model, tmp_path / "model", optimizer=other if with_optimizer else None, schedule=restored)
    for _ in range(3):
        assert other.lr == optimizer.lr
        schedule.step(1.0)
        restored.step(1.0)


def test_what_a_callback_adds_to_the_logs_is_in_the_history():
    model, optimizer, schedule = made()
    history = train((model, optimizer, schedule), [Told([5.0, 6.0, 7.0])], 0, 3)
    assert history.history["score"] == [5.0, 6.0, 7.0]


def test_a_history_without_an_epoch():
    model, seen = nn.Linear(1, 1, rng=0), []
    watch = nn.Callback()
    watch.on_train_begin = lambda: seen.append(watch.run.history[:])
    data = {"x": [[1.0], [2.0]], "y": [[1.0], [2.0]], "loss": "mse"}
    resumed = model.fit(**data, epochs=2, initial_epoch=2, callbacks=[watch])
    assert seen == [[]] == [resumed[:]]
    for place in ("loss", -1, 0):
        with pytest.raises(DataValueError, match="of no epoch: no epoch has ended yet"):
            resumed[place]


def test_a_history_is_indexed_by_name_and_by_epoch():
    history = nn.fit(nn.Linear(1, 1, rng=0), [[1.0], [2.0]], [[1.0], [2.0]], loss="mse", epochs=3, verbose=0)
    assert history["loss"] == history.history["loss"]
    assert len(history) == 3
    assert history[-1] == {"loss": history["loss"][2]} == list(history)[2]
    assert history[:2] == [{"loss": x} for x in history["loss"][:2]]
    assert "loss" in history
    assert "mae" not in history
    with pytest.raises(DataValueError, match="unknown name 'los'.*Did you mean 'loss'"):
        history["los"]
    with pytest.raises(IndexError, match="no such epoch: got 3"):
        history[3]
    with pytest.raises(DataError, match="no such entry: got float 1.5"):
        history[1.5]


@pytest.mark.parametrize(
    ("losses", "warned"), [([1e-6, 2.75e-3], False), ([0.5, 600.0], True), ([2.0, 3.0], False)]
)
def test_a_small_loss_does_not_explode(losses, warned):
    model = nn.Linear(1, 1, rng=0)
    model.weight.assign([[1.0]])
    model.bias.assign([0.0])
    scale = [x**0.5 for x in losses]

    class Drifts(nn.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            model.bias.assign([scale[epoch]])

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        optimizer = nn.SGD(model, lr=0.0)
        nn.fit(
            model,
            [[1.0]],
            [[1.0]],
            loss="mse",
            optimizer=optimizer,
            epochs=2,
            callbacks=[Drifts()],
            verbose=0,
        )
    assert any("explodes" in str(w.message) for w in said) is warned
