"""Compiled `predict` and `evaluate` give the outputs of the eager engine, to the last digits."""

import numpy as np
import pytest

import nn
from autograd_core import DomainError, Value, log, no_grad
from nn.train import evaluation

X = np.random.default_rng(0).normal(size=(1000, 6))


class Scaled(nn.Module):
    """A custom module, with a weight that is a `Value` and one that is shared."""

    def __init__(self):
        self.scale, self.inner = Value(1.5), nn.Linear(6, 6, rng=0)

    def forward(self, x):
        return self.inner([self.scale * y for y in self.inner(x)])


class Branching(nn.Module):
    def __init__(self):
        self.layer = nn.Layer(6, 40, rng=0)

    def forward(self, x):
        total = sum(self.layer(x), start=Value(0.0))
        return total if total > 0 else -total


MODELS = {
    "one output": nn.MLP(6, [16, 1], activation="tanh", rng=0),
    "several": nn.MLP(6, [16, 3], rng=0),
    "a list of one": nn.Sequential(nn.Linear(6, 16, rng=0), nn.ReLU(), nn.Linear(16, 1, rng=1)),
    "softmax": nn.Sequential(nn.Linear(6, 5, rng=0), nn.Softmax()),
    "norm": nn.Sequential(nn.Linear(6, 8, rng=0), nn.LayerNorm(8), nn.Linear(8, 2, rng=0)),
    "dropout, in training mode before": nn.Sequential(nn.Linear(6, 8, rng=0), nn.Dropout(0.5, rng=0)),
    "frozen": nn.MLP(6, [16, 2], rng=0).freeze(),
    "weights that are Values": Scaled(),
}


def compiled(monkeypatch):
    """Fail if the program is abandoned."""
    kept = evaluation.eager_outputs

    def one(model, x):
        assert len(x) == 1, "the rest was computed eagerly"
        return kept(model, x)

    monkeypatch.setattr(evaluation, "eager_outputs", one)


@pytest.mark.parametrize("name", MODELS)
def test_a_program_gives_the_outputs_of_the_eager_engine(name, monkeypatch):
    model = MODELS[name]
    with no_grad():
        wanted = evaluation.eager_outputs(model.eval(), X[::20])
    model.train()
    compiled(monkeypatch)
    found = model.predict(X)
    assert found.shape == (len(X), *wanted.shape[1:])
    assert np.allclose(found[::20], wanted, rtol=1e-12, atol=1e-14)
    assert model.training
    with no_grad():
        assert np.array_equal(model.predict(X), found)


def test_later_weights_give_later_outputs(monkeypatch):
    compiled(monkeypatch)
    model = nn.Linear(6, 40, rng=0)
    before = model.predict(X)
    model.bias.assign(model.bias.array + 1.0)
    assert np.allclose(model.predict(X), before + 1.0)


@pytest.mark.parametrize("model", [Branching(), nn.Sequential(nn.Linear(6, 40, rng=0), nn.WinnerTakeAll())])
def test_what_looks_at_numbers_is_asked_row_by_row(model):
    assert np.array_equal(model.predict(X[:200]), evaluation.eager_outputs(model, X[:200]))


@pytest.mark.slow
def test_a_program_that_differs_is_given_up(monkeypatch):
    model = MODELS["several"]
    wanted = evaluation.eager_outputs(model, X)
    monkeypatch.setattr(evaluation, "compiled_outputs", lambda model, x: wanted.reshape(len(x), -1) + 1e-6)
    assert np.array_equal(model.predict(X), wanted)


def test_an_undefined_output_is_the_error_of_the_eager_engine():
    class Logarithm(nn.Module):
        def __init__(self):
            self.layer = nn.Layer(6, 30, nonlin=False, rng=0)

        def forward(self, x):
            return [log(y + 3.0) for y in self.layer(x)]

    model = Logarithm()
    assert model.predict(X[:3] * 1e-3).shape == (3, 30)
    with pytest.raises(DomainError, match="log: undefined: argument 1"):
        model.predict(X * 100.0)


@pytest.mark.slow
def test_scores_are_those_of_single_examples():
    model, y = MODELS["several"], np.arange(len(X)) % 3
    losses = [nn.cross_entropy(model(row), k).data for row, k in zip(X.tolist(), y.tolist(), strict=True)]
    assert model.evaluate(X, y, loss="cross_entropy") == pytest.approx(np.mean(losses), rel=1e-12)


def test_a_large_model_predicts_without_a_node_for_each_weight():
    model = nn.MLP(300, [300, 2], rng=0)
    model.predict(np.ones((2, 300)))
    assert not any(weights.materialized for weights in model.weights().values())
