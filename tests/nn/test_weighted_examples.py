"""Weights of examples and classes in `fit` and `evaluate`; random trainings compare them with PyTorch too."""

import numpy as np
import pytest

import nn
from autograd_core import AutogradError

X = np.random.default_rng(0).normal(size=(12, 2))
Y = np.sin(X[:, 0])
BOTH = pytest.mark.parametrize("compile", [False, True])


def trained(x, y, compile, loss="mse", **options):
    model = nn.MLP(2, [4, 1 if loss == "mse" else 3], "tanh", rng=0)
    optimizer = nn.SGD(model, lr=0.1)
    options = {"epochs": 5, "batch_size": None, "shuffle": False} | options
    history = nn.fit(model, x, y, loss=loss, optimizer=optimizer, compile=compile, verbose=0, **options)
    assert history.compiled == compile
    return model, history["loss"]


@BOTH
def test_a_weight_of_2_is_the_example_twice_and_0_is_none(compile):
    counts = np.arange(12) % 3
    weighted, losses = trained(X, Y, compile, sample_weight=counts)
    repeated, others = trained(X.repeat(counts, axis=0), Y.repeat(counts), compile)
    assert losses == pytest.approx(others, rel=1e-12)
    for found, expected in zip(weighted.parameters(), repeated.parameters(), strict=True):
        assert found.data == pytest.approx(expected.data, rel=1e-11)
    score = nn.evaluate(weighted, X, Y, sample_weight=counts)
    assert score == pytest.approx(
        nn.evaluate(weighted, X.repeat(counts, axis=0), Y.repeat(counts)), rel=1e-12
    )


@BOTH
def test_weights_go_with_their_examples_through_shuffling_batches_and_validation(compile):
    weights = np.where(np.arange(12) < 9, 1.0, 1e300)  # Those of the last would show.
    options = {"shuffle": True, "seed": 3, "batch_size": 4, "validation_split": 0.25}
    _, losses = trained(X, Y, compile, sample_weight=weights, **options)
    assert losses == pytest.approx(trained(X, Y, compile, **options)[1], rel=1e-12)
    weights = np.where(np.arange(12) == 5, 1.0, 0.0)
    model, _ = trained(
        X, np.where(weights, Y, 1e6), compile, sample_weight=weights, shuffle=True, seed=3, batch_size=5
    )
    assert abs(model(X[5].tolist()).data) < 10.0


def test_a_sum_is_of_the_losses_times_the_weights():
    model = nn.MLP(2, [1], rng=0)
    each = [nn.evaluate(model, X[i : i + 1], Y[i : i + 1]) for i in range(12)]
    weights = np.linspace(0.0, 3.0, 12)
    found = nn.evaluate(model, X, Y, loss=nn.MSELoss("sum"), sample_weight=weights)
    assert found == pytest.approx(np.dot(each, weights), rel=1e-12)


@BOTH
@pytest.mark.parametrize("kind", [nn.CrossEntropyLoss, nn.NLLLoss])
def test_classes_have_weights_in_batches_and_evaluation_as_in_pytorch(kind, compile):
    torch = pytest.importorskip("torch")
    y = np.arange(12) % 3.0
    y[4] = -100.0
    weight = [0.5, 2.0, 1.0]
    loss = kind(weight=weight)
    model, losses = trained(X, y, compile, loss=loss, epochs=1)
    theirs = getattr(torch.nn, kind.__name__)(weight=torch.tensor(weight, dtype=torch.float64))

    def expected(model):
        return theirs(torch.tensor(model.predict(X)), torch.tensor(y).long()).item()

    assert losses[0] == pytest.approx(expected(nn.MLP(2, [4, 3], "tanh", rng=0)), rel=1e-12)
    assert model.evaluate(X, y) == pytest.approx(expected(model), rel=1e-12)


@BOTH
@pytest.mark.parametrize("weight", [None, [0.5, 2.0, 1.0]])
@pytest.mark.parametrize("ignored", [[], [1], [3, 4, 8], [0, 1, 2]], ids=str)
def test_batches_with_and_without_ignored_targets_are_trained_as_in_pytorch(ignored, weight, compile):
    """Batches of 3, some of which have ignored targets; only of those, PyTorch's mean is nan, ours 0."""
    torch = pytest.importorskip("torch")
    y = np.arange(12) % 3.0
    y[ignored] = -100.0
    model = nn.MLP(2, [4, 3], "tanh", rng=0)
    there = nn.to_torch(model)
    weights = None if weight is None else torch.tensor(weight, dtype=torch.float64)
    loss_of, optimizer = (
        torch.nn.CrossEntropyLoss(weight=weights),
        torch.optim.SGD(there.parameters(), lr=0.1),
    )
    for start in [*range(0, 12, 3)] * 2:
        part = slice(start, start + 3)
        loss = loss_of(there(torch.tensor(X[part])), torch.tensor(y[part]).long())
        if loss.isfinite():
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    options = {"loss": nn.CrossEntropyLoss(weight=weight), "batch_size": 3, "shuffle": False, "verbose": 0}
    model.fit(X, y, optimizer=nn.SGD(model, lr=0.1), epochs=2, compile=compile, **options)
    assert model.predict(X) == pytest.approx(there(torch.tensor(X)).detach().numpy(), rel=1e-11)


@BOTH
@pytest.mark.parametrize("weight", [None, [0.5, 2.0, 1.0]])
@pytest.mark.parametrize(("ignored", "held_out"), [([], []), ([1], []), ([], [0]), ([1, 2], [0, 3])], ids=str)
def test_the_loss_of_validation_is_that_of_evaluate(ignored, held_out, weight, compile):
    y, others = np.arange(12) % 3.0, np.arange(6) % 3.0
    y[ignored], others[held_out] = -100.0, -100.0
    options = {"loss": nn.CrossEntropyLoss(weight=weight), "batch_size": 4, "seed": 0, "verbose": 0}
    model = nn.MLP(2, [4, 3], "tanh", rng=0)
    history = model.fit(X, y, validation_data=(X[:6], others), epochs=2, compile=compile, **options)
    assert history["val_loss"][-1] == pytest.approx(model.evaluate(X[:6], others), rel=1e-12)


@pytest.mark.parametrize("kind", [nn.CrossEntropyLoss, nn.NLLLoss])
@pytest.mark.parametrize(
    "options", [{"weight": "abc"}, {"weight": [1.0, -1.0]}, {"weight": [[1.0], None]}, {"weight": [np.nan]},
                {"ignore_index": "x"}, {"ignore_index": 1.5}, {"ignore_index": None}], ids=str,
)  # fmt: skip
def test_options_of_classes_are_checked_when_the_loss_is_made(kind, options):
    with pytest.raises(AutogradError, match=rf"^{kind.__name__}: .*{next(iter(options))}"):
        kind(**options)


@pytest.mark.parametrize(
    "weights", [np.ones(11), np.zeros(12), -np.ones(12), np.full(12, np.nan), "heavy", [[1.0]] * 12]
)
def test_weights_that_mean_nothing_are_refused_before_training(weights):
    model = nn.MLP(2, [1], rng=0)
    before = [p.data for p in model.parameters()]
    for use in (nn.fit, nn.evaluate):
        with pytest.raises(AutogradError, match=rf"^{use.__name__}: .*sample_weight"):
            use(model, X, Y, sample_weight=weights)
    assert [p.data for p in model.parameters()] == before


@BOTH
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_a_softmax_of_the_last_layer_trains_saves_and_goes_to_pytorch(name, compile, tmp_path):
    torch = pytest.importorskip("torch")
    y = np.arange(12) % 3.0
    model = nn.MLP(2, [4, 3], "tanh", out_activation=name, rng=0)
    loss, y = ("nll", y) if name == "log_softmax" else ("bce", np.eye(3)[y.astype(int)])
    history = nn.fit(model, X, y, loss=loss, epochs=3, seed=0, compile=compile, verbose=0)
    assert history.compiled == compile
    found = model.predict(X)
    shares = found if name == "softmax" else np.exp(found)
    assert shares.sum(axis=1) == pytest.approx(np.ones(12))
    there = nn.to_torch(model)
    assert there(torch.tensor(X)).detach().numpy() == pytest.approx(found, rel=1e-12)
    nn.save(model, tmp_path / "model")
    for other in (nn.load(tmp_path / "model"), nn.from_torch(there)):
        assert other.predict(X) == pytest.approx(found, rel=1e-12)
    assert nn.MLP(2, [3], out_activation=nn.Softmax()).layers[0].activation == "softmax"
