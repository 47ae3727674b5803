"""Training by scalars: the moons demo beside micrograd, and the digits, eagerly."""

import random
import time

import nn
from benchmarks.measure import ratio, seconds
from nn.step import EagerStep


def moons_with_nn(x, y):
    model = nn.MLP(2, [16, 16, 1], init="uniform", rng=0)
    return EagerStep(model, nn.HingeLoss(), nn.SGD(model.parameters(), lr=0.05), nn.L2(1e-4)), (x, y)


def moons_with_micrograd(x, y):
    """The step of micrograd's own demo notebook: hinge loss, L2, gradient descent."""
    from micrograd.engine import Value
    from micrograd.nn import MLP

    random.seed(0)
    model = MLP(2, [16, 16, 1])

    def step():
        scores = [model(list(map(Value, row))) for row in x]
        losses = [(1 + -yi * score).relu() for yi, score in zip(y, scores, strict=True)]
        loss = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in model.parameters())
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= 0.05 * p.grad

    return step


def moons(rounds):
    x, y = nn.data.moons(100, seed=0)
    y = 2.0 * y - 1.0
    ours, batch = moons_with_nn(x, y)
    try:
        theirs = moons_with_micrograd(x.tolist(), y.tolist())
    except ImportError:
        ours(*batch)
        return {"nn_s": seconds(lambda: ours(*batch), 5), "left_out": "micrograd is not installed"}
    found = ratio(theirs, lambda: ours(*batch), rounds=rounds)
    return {
        "nn_s": found.fast_seconds,
        "micrograd_s": found.slow_seconds,
        "times_faster": found.best,
        "quartiles": f"{found.low:.2f} to {found.high:.2f}",
        "target": 8.0,
    }


def digits(limit_s=900.0):
    """Epochs over 1,437 digits until 95 % of the other 360 are right."""
    x, y, test_x, test_y = nn.data.digits(seed=0)
    model = nn.MLP(64, [32, 10], rng=0)
    optimizer = nn.Adam(model.parameters(), lr=0.01)
    start, epoch, right = time.process_time(), 0, 0.0
    while right < 0.95 and time.process_time() - start < limit_s:
        model.fit(
            x, y, loss="cross_entropy", optimizer=optimizer, batch_size=32, seed=0,
            initial_epoch=epoch, epochs=epoch + 1, verbose=0,
        )  # fmt: skip
        epoch += 1
        right = nn.accuracy(model.predict(test_x), test_y)
    return {
        "seconds": time.process_time() - start,
        "epochs": epoch,
        "test_accuracy": right,
        "limit_s": limit_s,
    }


def run(quick=False):
    """All figures; `quick` leaves the digits out."""
    results = {"moons": moons(3 if quick else 9)}
    if not quick:
        try:
            results["digits"] = digits()
        except ImportError as missing:
            results["digits"] = {"left_out": str(missing)}
    return results


if __name__ == "__main__":
    found = run()
    for name, figures in found.items():
        print(name)
        for what, figure in figures.items():
            print(f"  {what:<14} {figure if isinstance(figure, str) else format(figure, '.4g')}")
