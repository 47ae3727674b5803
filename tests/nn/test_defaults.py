"""What `fit(x, y)` does without options, and what its documentation says."""

import copy
import pickle

import numpy as np
import pytest

import nn

XOR = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]


@pytest.mark.parametrize("seed", range(3))
def test_fit_alone_learns_xor(seed):
    model = nn.MLP(2, [8, 1], rng=seed)
    model.fit(*XOR, seed=seed)
    assert ((model.predict(XOR[0]) > 0.5) == np.array(XOR[1])).all()


@pytest.mark.parametrize("loss", ["mse", "bce_with_logits"])
def test_fit_alone_learns_moons(loss):
    x, y = nn.data.moons(100, seed=0)
    model = nn.MLP(2, [8, 1], rng=0)
    model.fit(x, y, loss=loss, seed=0)
    assert np.mean((model.predict(x).ravel() > (0.5 if loss == "mse" else 0.0)) == y) > 0.97


def test_a_loss_that_explodes_is_told_once():
    x = np.linspace(-1.0, 1.0, 10).reshape(-1, 1)
    model = nn.Linear(1, 1, rng=0)
    with pytest.warns(nn.DivergenceWarning, match="loss explodes: .* first .*learning rate than 3") as told:
        history = model.fit(x, 3.0 * x[:, 0], optimizer=nn.SGD(model, lr=3.0), epochs=20, batch_size=None)
    assert len(told) == 1
    assert len(history.epoch) == 20


def test_evaluate_remembers_the_loss_that_was_trained():
    x, y = nn.data.moons(20, seed=0)
    model = nn.MLP(2, [3, 1], rng=0)
    assert model.evaluate(x, y) == model.evaluate(x, y, loss="mse")
    model.fit(x, y, loss="bce_with_logits", epochs=1)
    assert model.evaluate(x, y) == model.evaluate(x, y, loss="bce_with_logits")
    assert model.evaluate(x, y, loss="mse") != model.evaluate(x, y)
    model.fit(x, y, loss=lambda p, t: (p - t) ** 4, epochs=1)
    assert model.evaluate(x, y) == model.evaluate(x, y, loss=lambda p, t: (p - t) ** 4)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert np.array_equal(other.predict(x), model.predict(x))


@pytest.mark.parametrize("name", ["model.pt", "model.PTH", "model.h5", "model.pkl", "model.npz"])
def test_save_says_what_it_writes(name, tmp_path):
    model = nn.Linear(1, 1, rng=0)
    with pytest.warns(nn.TrainingWarning, match=f"{name!r} will be a safetensors file.*model.safetensors"):
        nn.save(model, tmp_path / name)
    assert nn.load(tmp_path / name).weight.array == model.weight.array
    for quiet in ("model.safetensors", "model", "epoch-1.best"):
        nn.save(model, tmp_path / quiet)


def test_one_epoch_is_not_epochs():
    model = nn.Linear(1, 1, rng=0)

    class Interrupt(nn.Callback):
        def on_epoch_begin(self, epoch):
            if epoch == 1:
                raise KeyboardInterrupt

    history = model.fit([[1.0]], [1.0], callbacks=[Interrupt()])
    assert history.stopped == "interrupted after 1 epoch"
    assert repr(history).startswith("History of 1 epoch:")
    assert repr(model.fit([[1.0]], [1.0], epochs=2)).startswith("History of 2 epochs:")


@pytest.mark.parametrize("loss", ["mse", "huber", "bce_with_logits"])
def test_a_loss_of_numbers_that_gets_classes_names_the_one_that_takes_them(loss):
    with pytest.raises(ValueError, match="loss='cross_entropy'"):
        nn.MLP(2, [3], rng=0).fit([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 2], loss=loss)
    with pytest.raises(ValueError, match="shapes differ") as raised:
        nn.MLP(2, [3], rng=0).fit([[0.0, 1.0], [1.0, 0.0]], [[0.0, 1.0], [1.0, 0.0]], loss=loss)
    assert "cross_entropy" not in str(raised.value)
