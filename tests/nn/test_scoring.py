"""Metrics and validation during compiled training agree with the eager engine."""

import numpy as np
import pytest

import nn
from autograd_core import Value
from nn.train import evaluation

from .test_compiled import BINARY, LOSSES, REAL, agree, both, mlp, numbers

KINDS = [*LOSSES, "bce"]


def model_of(name, out):
    ends = {"nll": nn.LogSoftmax, "bce": nn.Sigmoid}
    return nn.Sequential(mlp(out=out), ends[name]()) if name in ends else mlp(out=out)


def distance(y_true, y_pred):
    return float(np.abs(y_pred).sum() + np.abs(y_true).sum())


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_every_loss_is_validated_alike_and_not_example_by_example(name, monkeypatch):
    loss, out, y = LOSSES.get(name, ("bce", 1, BINARY))
    calls, plain = [], evaluation.eager_outputs
    monkeypatch.setattr(evaluation, "eager_outputs", lambda model, x: calls.append(len(x)) or plain(model, x))

    def make():
        calls.clear()  # The eager run, the first, calls it for each example.
        return model_of(name, out)

    runs = both(
        make, numbers(), y, loss=loss, epochs=6, metrics=["mse", distance][out > 1 :],
        validation_data=(numbers(9, seed=7), y[::-1][:9]),
    )  # fmt: skip
    agree(runs)
    assert calls == [1] * len(calls)
    assert len(calls) <= 2
    assert "val_loss" in runs[1][1].history
    assert "val_distance" in runs[1][1].history


@pytest.mark.parametrize("compile", [False, True])
def test_what_a_callback_changes_is_seen_by_the_next_score(compile):
    class Shifted(nn.Module):
        def __init__(self):
            self.line, self.shift = nn.Linear(1, 1, rng=0), 0.0

        def __call__(self, x):
            return self.line(x)[0] + self.shift

    class Shift(nn.Callback):
        def on_batch_end(self, batch, logs):
            self.run.model.shift += 1.0
            self.run.model.line.bias.assign([0.25])

    model, x = Shifted(), np.array([[0.0], [0.0]])
    history = model.fit(
        x, [0.0, 0.0], optimizer=nn.SGD(model, lr=0.0), epochs=3, callbacks=[Shift()], metrics=["mae"],
        validation_data=(x, [0.0, 0.0]), compile=compile,
    )  # fmt: skip
    assert history.history["mae"] == pytest.approx([1.25, 2.25, 3.25])
    assert history.history["val_loss"] == pytest.approx([1.25**2, 2.25**2, 3.25**2])


def test_a_metric_of_the_users_own_sees_the_weights():
    model, seen = mlp(), []

    def weight(y_true, y_pred):
        seen.append(np.abs(nn.predict(model, numbers()) - y_pred).max())
        return 0.0

    model.fit(numbers(), REAL, metrics=[weight], epochs=3, compile=True, seed=0, batch_size=5)
    assert max(seen) < 1e-12


@pytest.mark.parametrize("compile", [False, True])
@pytest.mark.parametrize(
    ("loss", "y", "wrong"), [("hinge", 2.0 * BINARY - 1.0, 0.0), ("cross_entropy", BINARY, 2.0)]
)
def test_a_wrong_target_of_the_validation_is_refused(compile, loss, y, wrong):
    model = mlp(out=1 if loss == "hinge" else 2)
    data = (numbers(3), np.array([1.0, 1.0, wrong]))
    with pytest.raises(ValueError, match=f"{loss}.*{wrong:g}"):
        model.fit(numbers(), y, loss=loss, validation_data=data, compile=compile, epochs=1)


def test_a_model_that_looks_at_its_mode_is_scored_in_evaluation_mode():
    class Twofold(nn.Module):
        def __init__(self):
            self.w = Value(1.0)

        def __call__(self, x):
            return self.w * x[0] * (1.0 if self.training else 2.0)

    options = {"metrics": ["mae"], "optimizer": "sgd"}
    found = [
        Twofold().fit([[1.0], [2.0]], [0.0, 0.0], compile=compile, **options).history["mae"]
        for compile in (False, True)
    ]
    assert found[0] == pytest.approx(found[1], rel=1e-12)
    assert found[0][0] > 2.9
