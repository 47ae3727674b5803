"""`BatchNorm1d` beside PyTorch's, eagerly and compiled, and what it leaves to files, copies and errors."""

import copy
import pickle

import numpy as np
import pytest

import nn
from autograd_core import DataValueError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(25, 3)) * [1.0, 5.0, 0.1] + [0.0, 3.0, -2.0]
Y = RNG.normal(size=(25, 2))


def network(momentum=0.1, affine=True):
    norm = nn.BatchNorm1d(4, momentum=momentum, affine=affine)
    return nn.Sequential(nn.Linear(3, 4, rng=0), norm, nn.Tanh(), nn.Linear(4, 2, rng=1))


def train(model, epochs=25, **options):
    standard = {
        "optimizer": nn.SGD(model, 0.1, momentum=0.9),
        "batch_size": 7,
        "shuffle": False,
        "verbose": 0,
    }
    return model.fit(X, Y, epochs=epochs, **standard | options)


def largest_difference(a, b):
    assert list(a) == list(b)
    return max(np.abs(np.asarray(a[name]) - np.asarray(b[name])).max() for name in a)


@pytest.mark.parametrize(
    ("momentum", "affine", "epochs"), [(0.1, True, 25), (None, True, 5), (0.3, False, 5)]
)
def test_steps_of_uneven_batches_are_pytorchs(momentum, affine, epochs):
    torch = pytest.importorskip("torch", reason="needs the extra torch")
    there = nn.to_torch(network(momentum, affine))
    optimizer = torch.optim.SGD(there.parameters(), lr=0.1, momentum=0.9)
    x, y = torch.tensor(X), torch.tensor(Y)
    for _ in range(epochs):
        for i in range(0, 25, 7):
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(there(x[i : i + 7]), y[i : i + 7]).backward()
            optimizer.step()
    there.eval()
    for compiled in (False, True):
        here = network(momentum, affine)
        assert train(here, epochs, compile=compiled).compiled == compiled
        state = here.state_dict()
        assert largest_difference(state, there.state_dict()) < 1e-12
        assert state["1.num_batches_tracked"] == 4 * epochs
        assert np.allclose(here.predict(X), there(x).detach().numpy(), rtol=1e-12, atol=1e-12)
        back = nn.from_torch(there)
        assert repr(back) == repr(here)
        assert np.allclose(back.predict(X), here.predict(X), rtol=1e-12, atol=1e-12)


def test_a_run_may_be_resumed_and_evaluated_on_the_way(tmp_path):
    whole = network()
    train(whole, 4, optimizer=nn.Adam(whole))
    half = network()
    optimizer = nn.Adam(half)
    train(half, 2, optimizer=optimizer, validation_data=(X, Y))
    half.eval().predict(X)
    nn.save(half.train(), tmp_path / "model", optimizer=optimizer, epoch=2)
    model = nn.load(tmp_path / "model")
    optimizer = nn.Adam(model)
    nn.load_into(model, tmp_path / "model", optimizer=optimizer)
    train(model, 4, optimizer=optimizer, initial_epoch=2)
    assert largest_difference(model.state_dict(), whole.state_dict()) == 0.0


@pytest.mark.parametrize("options", [
    {"sample_weight": RNG.random(25)}, {"clip_norm": 0.1}, {"loss": nn.MSELoss(reduction="sum")},
    {"validation_split": 0.3}, {"record": True}, {"optimizer": "L-BFGS", "batch_size": None},
], ids=str)  # fmt: skip
def test_it_trains_alike_eagerly_and_compiled(options):
    states = []
    for compiled in (False, True):
        model = network()
        each = options | ({"optimizer": nn.LBFGS(model, lr=0.5)} if "optimizer" in options else {})
        history = train(model, 3, compile=compiled, **each)
        assert history.compiled == compiled
        states.append(model.state_dict() | dict(history.history.items()))
    scale = max(np.abs(x).max() for x in states[0].values())
    assert largest_difference(*states) < 1e-9 * scale


class Own(nn.Module):
    """A module that hands batches on."""

    def __init__(self):
        self.inner, self.norm = network(), nn.BatchNorm1d(2)

    def forward_batch(self, rows):
        return self.norm.forward_batch(self.inner.forward_batch(rows))

    def __call__(self, x):
        return self.norm(self.inner(x))


@pytest.mark.parametrize("make", [
    lambda: nn.Sequential(nn.Linear(3, 2, rng=2), nn.Residual(nn.Sequential(nn.BatchNorm1d(2), nn.Tanh()))),
    lambda: nn.Sequential(nn.BatchNorm1d(3) | nn.Linear(3, 2, rng=0), nn.Linear(5, 2, rng=1)),
    lambda: (lambda norm: nn.Sequential(norm, nn.Linear(3, 3, rng=0), norm, nn.Linear(3, 2, rng=1)))(
        nn.BatchNorm1d(3)),
    Own,
], ids=["residual", "concatenation", "tied", "own"])  # fmt: skip
def test_it_may_stand_anywhere(make):
    states = []
    for compiled in (False, True):
        model = make()
        train(model, 3, compile=compiled)
        states.append(model.state_dict())
    assert largest_difference(*states) < 1e-11


def test_what_it_keeps_is_not_a_parameter():
    model = network()
    assert len(model.parameters()) == len(nn.Adam(model.parameters()).weights[0]) == 34
    assert [len(weights) for weights in nn.Adam(model).weights] == [12, 4, 4, 4, 8, 2]
    assert "34" in model.summary().splitlines()[-1]
    norm = model.unfreeze()[1]
    norm.running_mean.mask = np.ones(4, bool)
    assert not norm.running_mean.trainable
    assert not norm.running_mean.mask.any()


def test_a_copy_has_its_own():
    model = network()
    train(model, 2)
    kept = model.state_dict()
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert np.array_equal(twin.predict(X), model.predict(X))
        train(twin.unfreeze(), 1)
        assert twin[1].num_batches_tracked.array == 12
        assert largest_difference(model.state_dict(), kept) == 0.0


@pytest.mark.parametrize("compiled", [False, "auto"])
def test_a_step_that_leaves_the_numbers_leaves_what_was_kept_before(compiled):
    model = network()
    with pytest.warns(nn.DivergenceWarning):
        train(model, 3, optimizer=nn.SGD(model, 1e200), compile=compiled)
    assert all(np.isfinite(array).all() for array in model.state_dict().values())


@pytest.mark.parametrize("rows", [[], [[1.0, 2.0, 3.0]]])
def test_a_batch_of_fewer_than_two_is_refused(rows):
    model = network()
    before = model.state_dict()
    with pytest.raises(
        DataValueError, match=f"too few examples to train: got {len(rows)}; expected at least 2"
    ):
        model.forward_batch(rows)
    assert largest_difference(model.state_dict(), before) == 0.0
    assert len(model.eval().forward_batch(rows)) == len(rows)


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("compiled", [False, "auto"])
def test_a_last_example_alone_is_added_to_the_batch_before(compiled, shuffle):
    models = network(), network()
    for model, batch in zip(models, (len(X) - 1, None), strict=True):
        options = {"batch_size": batch, "shuffle": shuffle, "seed": 0, "compile": compiled}
        train(model, 3, optimizer=nn.SGD(model, 0.1), **options)
    assert largest_difference(models[0].state_dict(), models[1].state_dict()) <= 1e-12


@pytest.mark.parametrize("compiled", [False, "auto"])
def test_batches_of_one_are_refused_before_anything_changes(compiled):
    model = network()
    before = model.state_dict()
    with pytest.raises(DataValueError, match="in fit, change the batch_size"):
        train(model, 1, batch_size=1, compile=compiled)
    assert largest_difference(model.state_dict(), before) == 0.0


def test_a_subclass_keeps_its_own_call():
    class Doubled(nn.Sequential):
        def __call__(self, x):
            return [2.0 * y for y in super().__call__(x)]

    double = Doubled(nn.Linear(1, 1, rng=0))
    assert [y.data for [y] in double.forward_batch([[1.0]])] == [double([1.0])[0].data]


@pytest.mark.parametrize(("options", "told"), [
    ((0,), "BatchNorm1d: too small: num_features = 0"),
    ((2, 0.0), "BatchNorm1d: invalid eps: eps = 0.0"),
    ((2, 1e-5, 1.5), "BatchNorm1d: invalid momentum: momentum = 1.5"),
    ((2, 1e-5, 0.1, 1), "BatchNorm1d: neither True nor False: affine = 1"),
])  # fmt: skip
def test_what_is_wrong_is_named(options, told):
    with pytest.raises((TypeError, ValueError), match=told):
        nn.BatchNorm1d(*options)
