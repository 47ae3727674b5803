"""Convolutions and pools of images and sequences beside PyTorch's, at random options."""

import math
import random
import warnings

import numpy as np
import pytest

import autograd_core as ag
import nn
from nn.modules.compose import flat

torch = pytest.importorskip("torch", reason="needs the extra torch")


def random_options(seed):
    """Return the name of a convolution, its arguments, and the shape of an example."""
    rng = random.Random(seed)
    axes, groups = rng.choice([1, 2]), rng.choice([1, 1, 2, 3])

    def sizes(low, high):
        return rng.choice([rng.randint(low, high), tuple(rng.randint(low, high) for _ in range(axes))])

    padding = rng.choice(["same", "valid", sizes(0, 2), sizes(0, 2)])
    options = {
        "in_channels": groups * rng.randint(1, 2), "out_channels": groups * rng.randint(1, 2),
        "kernel_size": sizes(1, 3), "stride": 1 if padding == "same" else sizes(1, 3), "padding": padding,
        "dilation": sizes(1, 2), "groups": groups, "bias": rng.random() < 0.5,
    }  # fmt: skip
    return f"Conv{axes}d", options, (options["in_channels"], *(rng.randint(5, 7) for _ in range(axes)))


def results_there(module, x):
    x = torch.tensor(x, requires_grad=True)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Using padding='same'")
        out = module(x)
    (out * torch.cos(torch.arange(out.numel()).double()).reshape(out.shape)).sum().backward()
    gradients = [x.grad, *(p.grad for p in module.parameters())]
    return [out.detach().numpy(), *(g.numpy() for g in gradients)]


def results_here(module, x):
    values = np.array([ag.Value(v) for v in x.ravel()], dtype=object).reshape(x.shape)
    out = [v for example in values.tolist() for v in flat(module(example))]
    ag.sum([v * math.cos(i) for i, v in enumerate(out)]).backward()
    by_input = [v.grad for v in values.ravel()]
    return [[v.data for v in out], by_input, *(w.gradient for w in module.weights().values())]


def agree(mine, theirs):
    return all(
        np.allclose(np.ravel(a), np.ravel(b), rtol=1e-11, atol=1e-12)
        for a, b in zip(mine, theirs, strict=True)
    )


@pytest.mark.parametrize("seed", range(30))
def test_a_convolution_of_random_options_is_pytorchs(seed, tmp_path):
    name, options, shape = random_options(seed)
    here = getattr(nn, name)(**options, rng=seed)
    assert repr(nn.from_torch(getattr(torch.nn, name)(**options))) == repr(here)
    there = nn.to_torch(here)
    assert there.weight.shape == here.weight.shape
    x = np.random.default_rng(seed).normal(size=(2, *shape))
    assert agree(results_here(here, x), results_there(there, x))
    nn.save(here, tmp_path / "model")
    loaded = nn.load(tmp_path / "model")
    assert repr(loaded) == repr(here)
    assert np.array_equal(loaded.predict(x), here.predict(x))


@pytest.mark.parametrize("seed", range(6))
def test_it_trains_alike_eagerly_compiled_and_in_pytorch(seed):
    name, options, shape = random_options(seed)

    def model():
        first = getattr(nn, name)(**options, rng=seed)
        count = len(flat(first(np.zeros(shape))))
        return nn.Sequential(first, nn.Flatten(), nn.Tanh(), nn.Linear(count, 1, rng=seed))

    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(6, *shape)), rng.normal(size=(6, 1))
    there, states = nn.to_torch(model()), []
    optimizer = torch.optim.SGD(there.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Using padding='same'")
            torch.nn.functional.mse_loss(there(torch.tensor(x)), torch.tensor(y)).backward()
        optimizer.step()
    for compiled in (False, True):
        net = model()
        sgd = nn.SGD(net, 0.1)
        history = net.fit(x, y, optimizer=sgd, epochs=3, batch_size=None, compile=compiled, verbose=0)
        assert history.compiled == compiled
        states.append(net.state_dict())
    for key, p in there.state_dict().items():
        for state in states:
            assert np.allclose(state[key], p.numpy(), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("kind", ["MaxPool", "AvgPool"])
@pytest.mark.parametrize(("axes", "sizes"), [
    (1, (2,)), (1, (3, 1)), (1, ((2,), (3,))), (2, (2, (1, 3))), (2, ((1, 3), 2)), (2, ((3, 2),)),
])  # fmt: skip
def test_a_pool_is_pytorchs(kind, axes, sizes):
    here = getattr(nn, f"{kind}{axes}d")(*sizes)
    x = np.random.default_rng(0).normal(size=(2, 2, *(6, 7)[:axes]))
    assert agree(results_here(here, x), results_there(nn.to_torch(here), x))
    assert repr(nn.from_torch(getattr(torch.nn, f"{kind}{axes}d")(*sizes))) == repr(here)


@pytest.mark.parametrize(("make", "told"), [
    (lambda: nn.Conv2d(1, 1, (2, 3, 4)), r"Conv2d: not a whole number: kernel_size = \(2, 3, 4\)"),
    (lambda: nn.Conv2d(1, 1, (2, 0)), r"Conv2d: too small: kernel_size\[1\] = 0"),
    (lambda: nn.Conv1d(1, 1, (2, 2)), r"Conv1d: not a whole number: kernel_size = \(2, 2\)"),
    (lambda: nn.Conv1d(1, 1, 2, padding="sane"), "unknown padding 'sane'; .*Did you mean 'same'"),
    (lambda: nn.Conv1d(1, 1, 2, 2, "same"), "padding = 'same' with stride = 2; expected a stride of 1"),
    (lambda: nn.Conv2d(2, 4, 1, groups=3), "Conv2d: groups = 3; expected a divisor of in_channels = 2"),
    (lambda: nn.Conv2d(2, 4, 1, 1, 0, 1, 1, 1), "Conv2d: neither True nor False: bias = 1"),
    (lambda: nn.Conv1d(1, 1, 3, dilation=2)([[1.0, 2.0]]), "Conv1d: too small: got 2; expected at least 5"),
    (lambda: nn.Conv1d(1, 1, 1)([1.0, 2.0]), "Conv1d: not a sequence: got .* expected channels of numbers"),
    (lambda: nn.Conv1d(2, 1, 1)([[1.0, 2.0]]), "Conv1d: wrong number of channels: expected 2, got 1"),
    (lambda: nn.Conv1d(2, 1, 1)([[1.0, 2.0], [1.0]]), "Conv1d: not a rectangular image"),
    (lambda: nn.AvgPool1d(2)([]), "AvgPool1d: not a sequence"),
])  # fmt: skip
def test_what_is_wrong_is_named(make, told):
    with pytest.raises((TypeError, ValueError), match=told):
        make()
