"""To PyTorch and back; with PyTorch installed only (the extra `torch`)."""

import sys

import numpy as np
import pytest

import nn

WHOLE = {
    "mlp": lambda: nn.MLP(3, [4, 2], activation="tanh", out_activation="sigmoid", rng=0),
    "layer": lambda: nn.Layer(3, 2, activation="leaky_relu", rng=0),
    "neuron": lambda: nn.Neuron(3, activation="gelu", rng=0),
    "linear": lambda: nn.Linear(3, 2, bias=False, rng=0),
    "sequence": lambda: nn.Sequential(
        nn.Linear(3, 4, rng=0), nn.LayerNorm(4), nn.ELU(0.7), nn.GELU("tanh"), nn.Mish(),
        nn.Residual(nn.Sequential(nn.Linear(4, 4, rng=1), nn.SiLU())), nn.Linear(4, 2), nn.LogSoftmax(),
    ),
    "concatenation": lambda: nn.Linear(3, 2, rng=0) | nn.Sequential(nn.Linear(3, 1, rng=1), nn.Softsign()),
    "images": lambda: nn.Sequential(
        nn.Conv2d(1, 2, 2, padding=1, rng=0), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(),
        nn.Linear(8, 3, rng=1), nn.Softmax(),
    ),
}  # fmt: skip


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="needs the extra torch")


@pytest.mark.parametrize("name", WHOLE)
def test_there_and_back_with_the_same_weights_and_outputs(torch, name):
    model = WHOLE[name]()
    there = nn.to_torch(model).eval()
    x = np.linspace(-1.0, 1.0, 6 if name != "images" else 18).reshape(
        (2, 3) if name != "images" else (2, 1, 3, 3)
    )
    out = model.predict(x)
    assert there(torch.tensor(x)).dtype == torch.float64
    assert np.allclose(
        there(torch.tensor(x)).detach().numpy().reshape(out.shape), out, rtol=1e-13, atol=1e-15
    )
    back = nn.from_torch(there)
    mine, returned = model.state_dict().values(), back.state_dict().values()
    assert all(a.ravel().tobytes() == b.ravel().tobytes() for a, b in zip(mine, returned, strict=True))
    assert np.array_equal(back.predict(x).reshape(out.shape), out)


def test_float32_weights_come_exactly(torch):
    there = torch.nn.Linear(3, 2, dtype=torch.float32)
    back = nn.from_torch(there)
    assert np.array_equal(back.weight.array, there.weight.detach().double().numpy())


def test_what_has_no_counterpart_is_named(torch):
    with pytest.raises(TypeError, match="no counterpart of WinnerTakeAll"):
        nn.to_torch(nn.WinnerTakeAll())
    for module in (torch.nn.LSTM(2, 2), torch.nn.Conv2d(2, 2, (1, 2)), torch.nn.Conv2d(2, 2, 3, groups=2)):
        with pytest.raises(TypeError, match="no counterpart"):
            nn.from_torch(module)


def test_without_pytorch_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match=r"pip install 'autograd-core\[torch\]'"):
        nn.to_torch(nn.ReLU())


def test_a_saved_file_loads_into_the_pytorch_model(torch, tmp_path):
    load_file = pytest.importorskip("safetensors.torch").load_file
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.Tanh(), nn.Linear(4, 1, rng=1))
    nn.save(model, tmp_path / "model.safetensors")
    there = nn.to_torch(nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)))
    there.load_state_dict(load_file(tmp_path / "model.safetensors"))
    x = torch.ones(1, 3, dtype=torch.float64)
    assert there(x).item() == pytest.approx(model.predict([[1.0, 1.0, 1.0]]).item(), rel=1e-14)
