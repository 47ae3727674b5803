"""`fit`: order, seeds, callbacks, divergence, interruption, metrics, progress."""

import io
import math
import sys
import warnings

import numpy as np
import pytest

import nn
from autograd_core import DataValueError, Value


def line(n=20):
    x = np.linspace(-1.0, 1.0, n).reshape(-1, 1)
    return x, 3.0 * x[:, 0] - 0.5


def linear():
    return nn.MLP(1, [1], rng=0)


def same(a, b):
    return all(
        np.array_equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True)
    )


def test_fit_finds_a_line():
    x, y = line()
    model = linear()
    history = model.fit(x, y, optimizer=nn.SGD(model.parameters(), lr=0.1), epochs=200, batch_size=5, seed=0)
    assert model.layers[0].weight.array.item() == pytest.approx(3.0, abs=1e-3)
    assert model.layers[0].bias.array.item() == pytest.approx(-0.5, abs=1e-3)
    assert history.epoch == list(range(200))
    assert history.history["loss"][-1] < 1e-6 < history.history["loss"][0]
    assert repr(history).startswith("History of 200 epochs: loss")
    assert model.evaluate(x, y) == pytest.approx(history.history["loss"][-1], abs=1e-6)


def test_a_step_is_that_of_the_mean_loss():
    x, y = line(6)
    by_hand, model = linear(), linear()
    optimizer = nn.SGD(by_hand.parameters(), lr=0.1)
    nn.mse_loss([by_hand(row) for row in x], y).backward()
    optimizer.step()
    model.fit(x, y, optimizer=nn.SGD(model, lr=0.1), shuffle=False, epochs=1)
    for mine, theirs in zip(model.state_dict().values(), by_hand.state_dict().values(), strict=True):
        assert np.allclose(mine, theirs, rtol=1e-14)


def test_a_loss_that_sums_is_summed():
    x, y = line(6)
    mean, total = linear(), linear()
    options = {"shuffle": False, "epochs": 1}
    mean.fit(x, y, loss=nn.MSELoss(), optimizer=nn.SGD(mean, lr=0.06), **options)
    total.fit(x, y, loss=nn.MSELoss(reduction="sum"), optimizer=nn.SGD(total, lr=0.01), **options)
    assert np.allclose(mean.layers[0].weight.array, total.layers[0].weight.array, rtol=1e-14)


def test_the_same_seed_gives_the_same_bits_and_another_does_not():
    x, y = line()
    runs = []
    for seed in (1, 1, 2):
        model = nn.Sequential(nn.Linear(1, 4, rng=0), nn.Dropout(0.3), nn.Tanh(), nn.Linear(4, 1, rng=1))
        history = model.fit(x, y, optimizer=nn.Adam(model, lr=0.01), epochs=3, batch_size=7, seed=seed)
        runs.append((model, history.history["loss"]))
    assert same(runs[0][0], runs[1][0])
    assert runs[0][1] == runs[1][1] != runs[2][1]


def test_values_and_arrays_are_trained_to_the_same_bits():
    x, y = line()
    a, b = linear(), linear()
    a.fit(x, y, optimizer=nn.Adam(a.parameters(), lr=0.01), epochs=3, batch_size=7, seed=0)
    b.fit(x, y, optimizer=nn.Adam(b, lr=0.01), epochs=3, batch_size=7, seed=0)
    assert same(a, b)


def test_every_example_comes_once_an_epoch_and_the_last_batch_may_be_short():
    seen = []

    class Spy(nn.Module):
        def __init__(self):
            self.w = Value(1.0)

        def __call__(self, x):
            seen.append(x[0])
            return self.w * x[0]

    x = np.arange(10.0).reshape(-1, 1)
    batches = []

    class Count(nn.Callback):
        def on_batch_end(self, batch, logs):
            batches.append(batch)

    Spy().fit(x, x[:, 0], batch_size=4, epochs=2, seed=0, callbacks=Count(), optimizer="adam")
    seen = seen[1:]  # The first call checks the targets.
    assert sorted(seen[:10]) == sorted(seen[10:]) == x[:, 0].tolist()
    assert seen[:10] != seen[10:]
    assert batches == [0, 1, 2] * 2


def test_lists_frames_and_columns_go_in():
    class Frame:
        def __init__(self, rows):
            self.rows = rows

        def __len__(self):
            return len(self.rows)

        def __array__(self, dtype=None, copy=None):
            return np.array(self.rows, dtype=dtype)

    x, y = line(6)
    models = [linear() for _ in range(3)]
    models[0].fit(x.tolist(), y.tolist(), seed=0, epochs=1)
    models[1].fit(Frame(x.tolist()), Frame(y.tolist()), seed=0, epochs=1)
    models[2].fit(x, y.reshape(-1, 1), seed=0, epochs=1)
    assert same(models[0], models[1])
    assert same(models[0], models[2])


def test_validation_metrics_and_early_stopping():
    x, y = nn.data.moons(60, seed=0)
    model = nn.MLP(2, [4, 1], rng=0)
    early = nn.EarlyStopping(patience=2, restore_best_weights=True)
    history = model.fit(
        x, y, loss="bce_with_logits", optimizer=nn.Adam(model, lr=0.3), epochs=60, batch_size=10, seed=0,
        validation_split=0.25, metrics="accuracy", callbacks=[early],
    )  # fmt: skip
    assert set(history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert "val_loss has not improved" in history.stopped
    assert len(history.epoch) == early.best_epoch + 3 < 60
    held_x, held_y = x[-15:], y[-15:]
    scores = model.evaluate(held_x, held_y, loss="bce_with_logits", metrics="accuracy", return_dict=True)
    assert scores["loss"] == min(history.history["val_loss"])
    assert model.evaluate(held_x, held_y, loss="bce_with_logits", metrics="accuracy") == list(scores.values())


@pytest.mark.parametrize(("min_delta", "epochs"), [(0.0, 6), (0.5, 3)])
def test_early_stopping_waits_for_gains_larger_than_min_delta(min_delta, epochs):
    class Losses(nn.Callback):
        def on_epoch_end(self, epoch, logs):
            logs["watched"] = [5.0, 4.75, 4.5, 4.25, 4.0, 3.75][epoch]

    early = nn.EarlyStopping("watched", patience=2, min_delta=min_delta)
    history = linear().fit(*line(), callbacks=[Losses(), early], epochs=6)
    assert len(history.epoch) == epochs


@pytest.mark.parametrize(
    ("monitor", "mode", "best_epoch"),
    [
        ("score", "auto", 2), ("score", "min", 2), ("score", "max", 1), ("val_accuracy", "auto", 1),
        ("r2", "auto", 1), ("r2", "min", 2),
    ],
)  # fmt: skip
def test_what_is_better_is_less_or_more_by_the_mode_or_the_name(monitor, mode, best_epoch):
    class Scores(nn.Callback):
        def on_epoch_end(self, epoch, logs):
            logs[monitor] = [0.5, 0.75, 0.25, 0.5][epoch]

    early = nn.EarlyStopping(monitor, patience=9, mode=mode)
    linear().fit(*line(), callbacks=[Scores(), early], epochs=4)
    assert (early.best_epoch, early.best) == (best_epoch, 0.75 if best_epoch == 1 else 0.25)


def test_early_stopping_needs_what_it_watches():
    x, y = line()
    with pytest.raises(ValueError, match="expected one of \\['loss'\\]. Give fit validation_data"):
        linear().fit(x, y, callbacks=[nn.EarlyStopping()], epochs=1)


def test_a_regularizer_a_constraint_and_clipping_take_part():
    x, y = line()
    free, small, short, slow = (linear() for _ in range(4))
    options = {"epochs": 30, "seed": 0}
    free.fit(x, y, optimizer=nn.SGD(free, lr=0.1), **options)
    small.fit(x, y, optimizer=nn.SGD(small, lr=0.1), regularizer=nn.L2(0.5), **options)
    short.fit(x, y, optimizer=nn.SGD(short, lr=0.1), constraint=nn.MaxNorm(0.5), **options)
    slow.fit(x, y, optimizer=nn.SGD(slow, lr=0.1), clip_norm=1e-3, **options)
    w = [abs(model.layers[0].weight.array.item()) for model in (free, small, short)]
    assert w[1] < w[0]
    assert w[2] == pytest.approx(0.5)
    start = linear().layers[0].weight.array.item()
    assert abs(slow.layers[0].weight.array.item() - start) <= 30 * 0.1 * 1e-3


def test_a_schedule_shrinks_the_rate_after_each_epoch():
    x, y = line()
    model = linear()
    optimizer = nn.SGD(model, lr=0.1)
    model.fit(x, y, optimizer=optimizer, schedule=nn.ExponentialLR(optimizer, 0.5), epochs=3)
    assert optimizer.lr == 0.0125


def test_gradient_statistics_show_a_vanishing_gradient():
    x, y = line()
    model = nn.MLP(1, [4] * 8 + [1], activation="sigmoid", init="small_normal", rng=0)
    statistics = nn.GradientStatistics()
    model.fit(x, y, epochs=2, callbacks=[statistics])
    assert len(statistics.norms["layers.0.weight"]) == 2
    assert statistics.norms["layers.0.weight"][-1] < 1e-9 < statistics.norms["layers.8.weight"][-1]


def test_gradient_statistics_show_an_exploding_gradient():
    x, y = line()
    model = nn.MLP(1, [6] * 8 + [1], activation="identity", init="xavier_normal", rng=0)
    for layer in model.layers:
        layer.weight.assign(3.0 * layer.weight.array)
    statistics = nn.GradientStatistics()
    model.fit(x, y, optimizer=nn.SGD(model, lr=1e-12), callbacks=[statistics], epochs=1)
    assert statistics.norms["layers.0.weight"][-1] > 1e4


def test_divergence_stops_says_where_and_keeps_finite_weights():
    x, y = line()
    model = nn.MLP(1, [3, 1], rng=0)
    with pytest.warns(nn.DivergenceWarning, match=r"epoch \d+, batch 0 .*layers.*smaller learning rate"):
        history = model.fit(x, y, optimizer=nn.SGD(model, lr=1e6), epochs=100)
    assert history.stopped.startswith("training diverged at epoch")
    assert len(history.epoch) < 100
    assert all(np.isfinite(array).all() for array in model.state_dict().values())
    assert math.isfinite(model.evaluate(x, y))


def test_a_domain_error_in_the_middle_is_a_divergence_and_at_once_an_error():
    x, y = line()

    def loss(prediction, target):
        return (prediction - target + 1.0).log() ** 2

    class Shrinking(nn.Module):
        def __init__(self, start):
            self.w = Value(start)

        def __call__(self, x):
            return self.w

    model = Shrinking(1.0)
    with pytest.warns(nn.DivergenceWarning, match="log"):
        model.fit(x, 0.0 * y, loss=loss, optimizer=nn.SGD(model, lr=3.0), epochs=50)
    assert math.isfinite(model.w.data)
    with pytest.raises(ValueError, match="log: undefined"):
        Shrinking(-3.0).fit(x, 0.0 * y, loss=loss, epochs=1)


def test_an_error_in_a_callback_carries_on_out_and_leaves_whole_steps():
    x, y = line()
    model, other = linear(), linear()

    class Faulty(nn.Callback):
        def on_batch_end(self, batch, logs):
            if batch == 2:
                raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        model.fit(x, y, optimizer="sgd", batch_size=4, callbacks=[Faulty()], shuffle=False, epochs=1)
    optimizer = nn.SGD(other)
    for start in (0, 4, 8):
        nn.train.step.EagerStep(other, nn.MSELoss(), optimizer)(x[start : start + 4], y[start : start + 4])
    assert same(model, other)


@pytest.mark.parametrize("moment", ["batch", "assign"])
def test_ctrl_c_ends_training_with_the_history_so_far(moment, monkeypatch):
    x, y = line()
    model = nn.MLP(1, [3, 1], rng=0)
    epochs = []

    class Impatient(nn.Callback):
        def on_epoch_end(self, epoch, logs):
            epochs.append(model.state_dict())

        def on_batch_begin(self, batch):
            if len(epochs) == 2 and moment == "batch":
                raise KeyboardInterrupt
            if len(epochs) == 2:
                plain, calls = nn.Weights.assign, []

                def assign(self, numbers):
                    calls.append(self)
                    plain(self, numbers)
                    if len(calls) == 2:
                        raise KeyboardInterrupt

                monkeypatch.setattr(nn.Weights, "assign", assign)

    optimizer = nn.Adam(model, lr=0.1)
    history = model.fit(x, y, optimizer=optimizer, epochs=10, callbacks=[Impatient()])
    assert len(history.epoch) == 2
    assert history.stopped == "interrupted after 2 epochs"
    assert optimizer.steps == 2
    assert all(np.array_equal(epochs[-1][name], array) for name, array in model.state_dict().items())


def test_a_callback_can_stop_training():
    class Enough(nn.Callback):
        def on_epoch_end(self, epoch, logs):
            if epoch == 3:
                self.run.stop("enough")

    x, y = line()
    history = linear().fit(x, y, epochs=10, callbacks=Enough())
    assert (len(history.epoch), history.stopped) == (4, "enough")


def test_the_first_reason_to_stop_is_kept():
    class Twice(nn.Callback):
        def on_epoch_end(self, epoch, logs):
            self.run.stop("enough")
            self.run.stop("more than enough")

    x, y = line()
    assert linear().fit(x, y, epochs=10, callbacks=Twice()).stopped == "enough"


def test_the_loss_of_an_epoch_is_the_mean_over_its_examples():
    x, y = line(5)
    model = linear()
    history = model.fit(x, y, optimizer=nn.SGD(model, lr=0.0), epochs=1, batch_size=2)
    assert history.history["loss"][0] == pytest.approx(model.evaluate(x, y), rel=1e-12)


def test_a_step_to_infinite_weights_is_taken_back_and_no_other():
    class Leap(nn.Callback):
        def on_epoch_begin(self, epoch):
            self.run.optimizer.lr = 0.1 if epoch < 2 else 1e308

    x, y = line()
    models = [linear(), linear()]
    models[0].fit(x, 100.0 * y, optimizer=nn.SGD(models[0], lr=0.1), epochs=2, seed=0)
    with pytest.warns(nn.DivergenceWarning, match="made a weight infinite"):
        models[1].fit(x, 100.0 * y, optimizer=nn.SGD(models[1], lr=0.1), epochs=3, callbacks=Leap(), seed=0)
    assert same(*models)


def test_a_schedule_is_told_the_validation_loss():
    class Told:
        def __init__(self):
            self.losses = []

        def step(self, metric):
            self.losses.append(metric)

    x, y = line()
    for validation, name in ((0.25, "val_loss"), (0.0, "loss")):
        told = Told()
        history = linear().fit(x, y, epochs=3, schedule=told, validation_split=validation).history
        assert told.losses == history[name]


def test_predictions_are_made_in_evaluation_mode():
    model = nn.Sequential(nn.Dropout(0.5))
    assert model.predict([[1.0, 2.0]]).tolist() == [[1.0, 2.0]]
    assert model.evaluate([[1.0]], [3.0]) == 4.0
    assert all(module.training for module in model.modules())


def test_fit_leaves_the_mode_as_it_was():
    x, y = line()
    model = nn.Sequential(nn.Linear(1, 2), nn.Dropout(0.5), nn.Linear(2, 1)).eval()
    model.fit(x, y, epochs=1)
    assert not any(module.training for module in model.modules())
    model.train()
    model.predict(x)
    assert all(module.training for module in model.modules())


def test_progress_is_silent_in_a_log_a_line_or_a_bar(monkeypatch):
    x, y = line()
    for verbose, expected in (("auto", ""), (0, ""), (2, "(eager: so little work"), (1, "2/2")):
        stream = io.StringIO()
        monkeypatch.setattr(sys, "stderr", stream)
        linear().fit(x, y, epochs=2, verbose=verbose)
        assert expected in stream.getvalue()
        assert bool(stream.getvalue()) == bool(expected)


def test_gradient_descent_stops_as_the_lectures_say():
    def descend(**options):
        w = [Value(4.0), Value(-1.0)]
        optimizer = nn.GradientDescent(w, lr=0.1, **options)
        return optimizer.minimize(lambda: (w[0] - 1.0) ** 2 + 2.0 * w[1] ** 2, limit=500), w

    descent, w = descend(step_tolerance=0.0, gradient_tolerance=1e-3)
    assert descent.reason == "gradient"
    assert math.hypot(2.0 * (w[0].data - 1.0), 4.0 * w[1].data) <= 1e-3
    descent, w = descend(step_tolerance=1e-3, gradient_tolerance=0.0)
    assert descent.reason == "step"
    assert descent.losses == sorted(descent.losses, reverse=True)
    descent, _ = descend(step_tolerance=0.0, gradient_tolerance=0.0)
    assert (descent.reason, descent.steps) == ("limit", 500)
    w = Value(1.0)
    with pytest.raises(ValueError, match="smaller lr"):
        nn.GradientDescent([w], lr=10.0).minimize(lambda: w * w * w * w)


def test_momentum_of_the_lectures_is_the_same_path():
    """Δw(n) = -η g + α Δw(n-1)."""
    w, v, move = Value(2.0), 2.0, 0.0
    optimizer = nn.SGD([w], lr=0.01, momentum=0.7)
    for _ in range(20):
        optimizer.zero_grad()
        (w * w * w * w).backward()
        optimizer.step()
        move = -0.01 * 4.0 * v**3 + 0.7 * move
        v += move
        assert w.data == pytest.approx(v, rel=1e-13)


def test_cross_entropy_of_probabilities_gives_a_hint():
    with pytest.warns(nn.TrainingWarning, match="expects logits"):
        nn.cross_entropy(nn.Softmax()([1.0, 2.0, 0.0]), 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nn.cross_entropy([0.2, 0.9], 1)


@pytest.mark.parametrize(
    ("y", "loss", "warned"),
    [
        ([0, 0, 0, 0, 1, 1], "bce_with_logits", True),
        ([0, 0, 1, 2, 2, 2], "cross_entropy", True),
        ([0, 1, 0, 1, 0, 1], "bce_with_logits", False),
        ([0.1, 0.2, 0.3, 0.4, 0.5, 0.5], "mse", False),
    ],
)
def test_held_out_examples_of_one_class_cause_a_warning(y, loss, warned):
    classes = 3 if loss == "cross_entropy" else 1
    model = nn.MLP(1, [classes], rng=0)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        model.fit([[x] for x in range(6)], y, loss=loss, epochs=1, validation_split=0.34, seed=0)
    found = [str(each.message) for each in told if each.filename == __file__]
    assert len(told) == len(found) == warned
    assert not warned or "keeps the last 2 examples, which all have the target" in found[0]


@pytest.mark.parametrize("wide", [3, 2000])
def test_an_extra_sigmoid_causes_one_warning(wide):
    x, y = [[0.0, 1.0], [1.0, 0.0]], [0.0, 1.0]
    layers = nn.MLP(2, [wide, 1], rng=0)
    with pytest.warns(nn.TrainingWarning, match="ends in a sigmoid.*loss='bce'") as told:
        nn.Sequential(layers, nn.Sigmoid()).fit(x, y, loss="bce_with_logits", epochs=2, seed=0)
    assert [each.filename for each in told] == [__file__]
    layers.fit(x, y, loss="bce_with_logits", epochs=2, seed=0)


def test_divergence_in_the_first_epoch_says_the_last_loss():
    model = nn.MLP(1, [1], rng=0)
    with pytest.warns(nn.DivergenceWarning, match="the loss of the step before was 0.25"):
        history = model.fit(
            [[0.0], [1.0]], [0.5, 1.0],
            optimizer=nn.SGD(model, lr=1e300), epochs=3, batch_size=1, shuffle=False,
        )  # fmt: skip
    assert len(history) == 0
    with pytest.raises(DataValueError, match="History: got 'loss' of no epoch: training diverged at epoch 0"):
        history["loss"]
    with pytest.raises(DataValueError, match=r"got -1 of no epoch: no epoch has ended yet"):
        nn.MLP(1, [1], rng=0).fit([[0.0]], [0.5], epochs=0)[-1]
