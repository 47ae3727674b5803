"""Recurrent cells, embeddings, trainable rectifiers and mean pooling equal PyTorch's, gradients included."""

from __future__ import annotations

import numpy as np
import pytest

import autograd_core as ag
import nn
from autograd_core import DataError, DataValueError

torch = pytest.importorskip("torch", reason="needs the extra torch")
CELLS = {
    "RNNCell": {},
    "RNNCell of rectifiers": {"nonlinearity": "relu"},
    "GRUCell": {},
    "LSTMCell": {},
    "LSTMCell without bias": {"bias": False},
}


def twin(module, *arguments, **options):
    """Return PyTorch's module with the same weights."""
    there = getattr(torch.nn, type(module).__name__)(*arguments, **options).double()
    for name, weights in module.weights().items():
        getattr(there, name).data = torch.tensor(weights.array)
    return there


def hold_gradients(module, there):
    for name, weights in module.weights().items():
        assert weights.gradient == pytest.approx(getattr(there, name).grad.numpy(), rel=1e-11, abs=1e-13), (
            name
        )


@pytest.mark.parametrize("name", CELLS)
def test_five_steps_in_time_and_back(name):
    options, rng = CELLS[name], np.random.default_rng(0)
    cell = getattr(nn, name.split()[0])(3, 4, **options, rng=0)
    for bias in (cell.bias_ih, cell.bias_hh):
        if bias is not None:
            bias.assign(rng.normal(size=bias.shape))
    there = twin(cell, 3, 4, **options)
    xs, state, state_there = rng.normal(size=(5, 3)), None, None
    for x in xs:
        state, state_there = cell(x, state), there(torch.tensor(x), state_there)
    outputs = [*state[0], *state[1]] if isinstance(state, tuple) else state
    outputs_there = torch.cat(state_there) if isinstance(state_there, tuple) else state_there
    assert [v.data for v in outputs] == pytest.approx(outputs_there.tolist(), rel=1e-12)
    factors = np.cos(np.arange(len(outputs)))
    ag.dot(factors.tolist(), outputs).backward()
    (outputs_there * torch.tensor(factors)).sum().backward()
    hold_gradients(cell, there)


def test_an_embedding_is_a_table_whose_rows_are_trained():
    letters = nn.Embedding(5, 3, rng=0)
    there = twin(letters, 5, 3)
    rows = letters([4, 0, 4])
    ag.sum([v * v for row in rows for v in row]).backward()
    (there(torch.tensor([4, 0, 4])) ** 2).sum().backward()
    hold_gradients(letters, there)
    assert letters(np.int64(2)) == letters(2.0) == letters.weight.rows[2]
    for wrong, kind in ((5, DataValueError), (-1, DataValueError), (0.5, DataValueError), ("a", DataError)):
        with pytest.raises(kind, match="Embedding"):
            letters(wrong)


@pytest.mark.parametrize("count", [1, 2])
def test_a_rectifier_learns_its_slopes(count):
    module, x = nn.PReLU(count, 0.3), np.random.default_rng(0).normal(size=(2, 3, 3))
    there = twin(module, count)
    nodes = [ag.Value(v) for v in x.ravel().tolist()]
    out = nn.Flatten()(module(np.array(nodes, object).reshape(x.shape).tolist()))
    x_there = torch.tensor(x[None], requires_grad=True)
    out_there = there(x_there).ravel()
    assert [v.data for v in out] == pytest.approx(out_there.tolist(), rel=1e-15)
    ag.sum([v * v for v in out]).backward()
    (out_there**2).sum().backward()
    hold_gradients(module, there)
    assert [v.grad for v in nodes] == pytest.approx(x_there.grad.ravel().tolist(), rel=1e-14)


def test_a_rectifier_trains_alike_compiled():
    x, y = np.random.default_rng(0).normal(size=(20, 3)), np.arange(20.0)
    losses = [
        nn.fit(
            nn.Sequential(nn.Linear(3, 4, rng=0), nn.PReLU(4), nn.Linear(4, 1, rng=1)),
            *(x, y), epochs=2, seed=0, compile=how,
        ).history["loss"]
        for how in (True, False)
    ]  # fmt: skip
    assert losses[0] == pytest.approx(losses[1], rel=1e-12)


def test_the_mean_of_every_window():
    x = np.random.default_rng(0).normal(size=(2, 5, 5))
    out = nn.AvgPool2d(3, 2)(x)
    there = torch.nn.AvgPool2d(3, 2)(torch.tensor(x))
    assert [v.data for c in out for row in c for v in row] == pytest.approx(there.ravel().tolist(), rel=1e-14)


@pytest.mark.parametrize(
    "module",
    [nn.RNNCell(2, 3, nonlinearity="relu", rng=0), nn.GRUCell(2, 3, rng=0), nn.LSTMCell(2, 3, False, rng=0),
     nn.Embedding(4, 2, rng=0), nn.PReLU(2), nn.AvgPool2d(2),
     nn.LayerNorm(3, elementwise_affine=False), nn.LayerNorm(3, bias=False),
     nn.BatchNorm1d(3, momentum=None)],
    ids=lambda module: type(module).__name__,
)  # fmt: skip
def test_a_file_holds_it(module, tmp_path):
    nn.save(module, tmp_path / "model")
    back = nn.load(tmp_path / "model")
    assert repr(back) == repr(module)
    for mine, read in zip(module.state_dict().values(), back.state_dict().values(), strict=True):
        assert np.array_equal(mine, read)


def test_a_wrong_state_is_named():
    with pytest.raises(DataValueError, match=r"expected 3, got 2"):
        nn.GRUCell(1, 3, rng=0)([1.0], [0.0, 0.0])
    with pytest.raises(DataError, match=r"LSTMCell: not a state: .*the pair \(h, c\)"):
        nn.LSTMCell(1, 3, rng=0)([1.0], [0.0, 0.0, 0.0])
