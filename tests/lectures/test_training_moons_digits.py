"""Moons to 98 % and digits to 95 % on unseen examples, from five seeds each."""

import pytest

import nn

SEEDS = range(5)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_moons(seed):
    x, y = nn.data.moons(200, seed=seed)
    test_x, test_y = nn.data.moons(400, seed=seed + 100)
    model = nn.MLP(2, [16, 16, 1], rng=seed)
    model.fit(
        x, y, loss="bce_with_logits", optimizer=nn.Adam(model, lr=0.02), batch_size=10, epochs=20, seed=seed
    )
    assert nn.accuracy(test_y, model.predict(test_x), threshold=0.0) >= 0.98


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_digits(seed):
    pytest.importorskip("sklearn", reason="needs the extra data")
    x, y, test_x, test_y = nn.data.digits(seed=seed)
    model = nn.MLP(64, [32, 10], rng=seed)
    model.fit(
        x, y, loss="cross_entropy", optimizer=nn.Adam(model, lr=0.01), batch_size=32, epochs=6, seed=seed
    )
    assert nn.accuracy(test_y, model.predict(test_x)) >= 0.95
