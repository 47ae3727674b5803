"""How optimizers treat a gradient of 0, and weights that no backward pass has reached."""

import copy
import itertools
import pickle
import sys

import numpy as np
import pytest

import nn
from autograd_core import DataError, DataValueError, Value, gradients, relu, where
from nn.optim.adaptive import OPTIMIZERS

KINDS = [
    nn.SGD, nn.Adagrad, nn.Adadelta, nn.RMSprop, nn.Rprop, nn.Adam, nn.AdamW, nn.Adamax, nn.NAdam, nn.RAdam,
]  # fmt: skip
OPTIONS = {
    "lr": [0.1, 0.0], "momentum": [0.0, 0.9], "dampening": [0.0, 0.4], "nesterov": [False, True],
    "weight_decay": [0.0, 0.1], "lr_decay": [0.0, 0.2], "initial_accumulator_value": [0.0, 0.3],
    "alpha": [0.99, 0.6], "centered": [False, True], "betas": [(0.9, 0.999), (0.0, 0.5)],
    "amsgrad": [False, True], "rho": [0.9, 0.3], "momentum_decay": [4e-3, 0.5],
    "maximize": [False, True], "etas": [(0.5, 1.2), (0.1, 3.0)], "step_sizes": [(1e-6, 50.0), (0.05, 0.2)],
}  # fmt: skip


def settings():
    """Yield every optimizer with every combination of its options."""
    for kind in KINDS:
        names = [name for name in kind.SETTINGS if name in OPTIONS]
        for values in itertools.product(*(OPTIONS[name] for name in names)):
            options = dict(zip(names, values, strict=True))
            if not (options.get("nesterov") and (not options["momentum"] or options["dampening"])):
                yield pytest.param(kind, options, id=f"{kind.__name__} {options}")


def decaying(kind, parameters, lr):
    """The optimizer with a weight decay, if it has one."""
    decay = {"weight_decay": 0.5} if "weight_decay" in kind.SETTINGS else {}
    return kind(parameters, lr=lr, **decay)


# The gradient of three weights in each backward pass; None means that the loss does not use the weight.
BROUGHT = [
    (1.0, None, -2.0), (0.0, 0.5, 0.0), (0.0, 0.0, None), (None, None, None), (-1.5, 0.0, 0.0),
    (2.0, None, 1.0),
]  # fmt: skip


def path(weights, optimizer, number):
    points = []
    for slopes in BROUGHT:
        optimizer.zero_grad()
        terms = [w * g for w, g in zip(weights, slopes, strict=True) if g is not None]
        if terms:
            sum(terms[1:], terms[0]).backward()
        optimizer.step()
        points.append([number(w) for w in weights])
    return np.array(points)


@pytest.mark.parametrize(("kind", "options"), list(settings()))
def test_true_zeros_are_stepped_and_unused_weights_left_alone_as_in_pytorch(kind, options, monkeypatch):
    torch = pytest.importorskip("torch")
    # In its default type NAdam remembers the product of its momentums.
    monkeypatch.setattr(sys.modules["torch.optim.nadam"], "_get_scalar_dtype", lambda: torch.float64)
    ours = [Value(x) for x in (1.0, -2.0, 0.5)]
    theirs = [torch.nn.Parameter(torch.tensor(x, dtype=torch.float64)) for x in (1.0, -2.0, 0.5)]
    optimizer = getattr(torch.optim, kind.__name__)(theirs, foreach=False, **options)
    expected = path(theirs, optimizer, torch.Tensor.item)
    assert np.allclose(path(ours, kind(ours, **options), lambda w: w.data), expected, rtol=1e-13, atol=1e-15)


LBFGS_OPTIONS = [
    {"line_search_fn": "strong_wolfe"}, {"line_search_fn": "strong_wolfe", "max_iter": 3, "history_size": 2},
    {"lr": 0.1}, {"max_iter": 4, "max_eval": 3, "line_search_fn": "strong_wolfe"}, {},
]  # fmt: skip


@pytest.mark.parametrize("options", LBFGS_OPTIONS)
def test_100_steps_of_lbfgs_are_pytorchs(options):
    """In Rosenbrock's valley, with a resumed state and a changed rate on the way."""
    torch = pytest.importorskip("torch")
    x, y = Value(0.0), Value(0.0)
    optimizer = nn.LBFGS([x, y], **options)
    theirs = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    reference = torch.optim.LBFGS([theirs], **options)

    def valley(w, by):
        def closure():
            by.zero_grad()
            loss = (1.0 - w[0]) ** 2 + 100.0 * (w[1] - w[0] ** 2) ** 2
            loss.backward()
            return loss

        return closure

    for step in range(100):
        if step == 50:
            state, optimizer = optimizer.state_dict(), nn.LBFGS([x, y], **options)
            optimizer.load_state_dict(state)
            optimizer.lr = reference.param_groups[0]["lr"] = 0.5 * optimizer.lr
        optimizer.step(valley([x, y], optimizer))
        reference.step(valley(theirs, reference))
        assert [x.data, y.data] == pytest.approx(theirs.tolist(), rel=1e-9, abs=1e-9), step


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda w: nn.SGD([{"params": [w]}, {"lr": 0.1}], lr=0.1), "expected e.g."),
        (lambda w: nn.SGD([{"params": [w]}, {"params": [w]}], lr=0.1), "a parameter is in two groups"),
        (lambda w: nn.SGD([{"params": [w], "moment": 0.9}], lr=0.1), "unknown setting 'moment'"),
        (lambda w: nn.SGD([{"params": [w], "lr": -1.0}], lr=0.1), "lr = -1.0"),
        (lambda w: nn.LBFGS([{"params": [w]}]), "expected all in one"),
        (lambda w: nn.LBFGS([w], line_search_fn="armijo"), "unknown line search 'armijo'"),
        (lambda w: nn.LBFGS([w]).step(), "expected one that computes loss"),
    ],
)
def test_groups_and_searches_that_mean_nothing_are_refused(make, said):
    with pytest.raises((DataError, DataValueError), match=said):
        make(Value(1.0))


def test_a_step_of_lbfgs_that_fails_moves_nothing():
    w = Value(3.0)
    optimizer, calls = nn.LBFGS([w]), []

    def fails_at_the_third_call():
        calls.append(w.data)
        if len(calls) == 3:
            raise RuntimeError
        optimizer.zero_grad()
        loss = w**4
        loss.backward()
        return loss

    with pytest.raises(RuntimeError):
        optimizer.step(fails_at_the_third_call)
    assert (w.data, optimizer.steps) == (3.0, 0)
    assert calls[1] != calls[0]


def test_sgd_goes_on_with_a_gradient_of_zero():
    for options, expected in (({"weight_decay": 0.1}, 0.8811), ({"momentum": 0.9}, 0.81)):
        w = Value(1.0)
        optimizer = nn.SGD([w], lr=0.1, **options)
        for g in (1.0, 0.0):
            optimizer.zero_grad()
            (w * g).backward()
            optimizer.step()
        assert w.data == pytest.approx(expected, rel=1e-14)


def test_what_reaches_a_weight():
    def after(*outputs):
        w, x = Value(-1.0), Value(2.0)
        for output in outputs:
            output(w, x)
        return w.reached

    assert not after()
    assert not after(lambda w, x: x.backward())
    assert not after(lambda w, x: gradients(w * x, [w]))
    assert not after(lambda w, x: (w.detach() * x).backward())
    assert not after(lambda w, x: (w * x).backward(), lambda w, x: w.zero_grad())
    assert after(lambda w, x: (w * x).backward())
    assert after(lambda w, x: (w * 0.0).backward())
    assert after(lambda w, x: (w * x).backward(0.0))
    assert after(lambda w, x: (relu(w) * x).backward())
    assert after(lambda w, x: where(True, x, w * 3.0).backward())
    assert after(lambda w, x: (x * where(False, w, 1.0)).backward())
    assert after(lambda w, x: w.backward(), lambda w, x: w.backward(-1.0))
    assert after(lambda w, x: setattr(w, "grad", 0.0))


def test_a_sweep_that_fails_reaches_nothing():
    w, unused = Value(0.0), Value(1.0)
    bad = w**0.5 * 0.0 + unused
    with pytest.raises(ValueError, match="sqrt|pow"):
        bad.backward()
    assert not w.reached
    assert not unused.reached
    (w * 0.0).backward()
    with pytest.raises(ValueError, match="sqrt|pow"):
        bad.backward()
    assert w.reached
    assert not unused.reached


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_is_reached_if_the_weight_is(copied):
    zero, unused = Value(1.0), Value(1.0)
    (zero * 0.0).backward()
    assert copied(zero).reached
    assert not copied(unused).reached


class Forked(nn.Module):
    """A layer that is used, one that is not, and a temperature."""

    def __init__(self):
        self.used, self.unused = nn.Linear(2, 1, rng=0), nn.Linear(2, 2, rng=1)
        self.scale = Value(1.0)

    def __call__(self, x):
        return self.used(x)[0] * self.scale


@pytest.mark.parametrize("form", ["model", "parameters", "arrays"])
@pytest.mark.parametrize("compile", [False, True])
@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if name != "gradient_descent"])
def test_fit_leaves_unused_weights_alone(name, compile, form):
    model = Forked()
    before = model.unused.state_dict()
    given = {
        "model": model,
        "parameters": model.parameters(),
        "arrays": [model.unused.bias, model.unused.weight, model.used.weight, model.used.bias],
    }[form]
    history = model.fit(
        np.eye(2), [1.0, 2.0], optimizer=decaying(OPTIMIZERS[name], given, 0.05), epochs=4,
        batch_size=1, compile=compile, seed=0,
    )  # fmt: skip
    assert history.compiled is compile
    assert all(np.array_equal(before[key], array) for key, array in model.unused.state_dict().items())
    assert not any(v.reached for v in model.unused.parameters())
    assert all(v.reached for v in model.used.parameters())
    assert not np.array_equal(model.used.weight.array, Forked().used.weight.array)


@pytest.mark.parametrize("make", [lambda w: nn.Adam(w, lr=0.1), lambda w: nn.SGD(w, lr=0.1, momentum=0.9)])
def test_steps_and_memory_of_each_weight_are_kept_in_a_state(make):
    def weights():
        return [Value(1.0), Value(-1.0)]

    def go(w, optimizer, steps):
        for i in steps:
            optimizer.zero_grad()
            (w[0] * w[0] + (w[1] * w[1] if i % 3 else 0.0)).backward()
            optimizer.step()

    whole, halves = weights(), weights()
    go(whole, make(whole), range(8))
    first = make(halves)
    go(halves, first, range(4))
    second = make(halves)
    second.load_state_dict(first.state_dict())
    go(halves, second, range(4, 8))
    assert [w.data for w in whole] == [w.data for w in halves]


def test_the_state_of_another_kind_is_refused():
    """Even if it has the same settings and arrays with the same names."""
    states = {kind: kind([Value(1.0)], lr=0.1).state_dict() for kind in KINDS}
    for kind in KINDS:
        for other, state in states.items():
            optimizer = kind([Value(1.0)], lr=0.2)
            if kind is other:
                optimizer.load_state_dict(state)
                continue
            with pytest.raises(ValueError, match=f"the state belongs to '{other.__name__}' over 1 arrays"):
                optimizer.load_state_dict(state)
            assert optimizer.lr == 0.2


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_moves_what_is_reached_and_not_frozen(kind):
    used, unused, frozen = (Value(1.0) for _ in range(3))
    optimizer = decaying(kind, [used, unused, frozen], 0.1)
    (used * 2.0 + frozen * 3.0).backward()
    frozen.requires_grad = False
    optimizer.step()
    assert used.data != 1.0
    assert (unused.data, frozen.data, frozen.grad) == (1.0, 1.0, 3.0)
    optimizer.zero_grad()
    optimizer.step()  # Nothing is reached now.
    assert optimizer.steps == 1


def test_clipping_reaches_nothing():
    w, unused = Value(1.0), Value(1.0)
    (3.0 * w).backward()
    nn.clip_grad_norm_([w, unused], 1.0)
    nn.clip_grad_value_([w, unused], 0.5)
    assert (w.grad, w.reached, unused.reached) == (0.5, True, False)


@pytest.mark.parametrize("compile", [False, True])
def test_fit_zeroes_the_gradient_of_a_weight_outside_the_model(compile):
    """A learnable temperature in the loss, compared with the same by hand."""
    x, y = np.array([[1.0], [2.0], [3.0]]), np.array([1.0, 0.0, 2.0])

    def made():
        temperature, model = Value(1.5), nn.Linear(1, 1, rng=0)
        loss = lambda p, t: (p[0] * temperature - t) ** 2 + 0.1 * temperature  # noqa: E731
        return model, temperature, loss, nn.SGD([*model.parameters(), temperature], lr=0.05)

    model, temperature, loss, optimizer = made()
    other, expected, other_loss, by_hand = made()
    model.fit(x, y, loss=loss, optimizer=optimizer, epochs=5, batch_size=2, shuffle=False, compile=compile)
    for _ in range(5):
        for batch in (slice(0, 2), slice(2, 3)):
            by_hand.zero_grad()
            for row, target in zip(x[batch], y[batch], strict=True):
                other_loss(other(row), target).backward(1.0 / len(x[batch]))
            by_hand.step()
    assert temperature.data == pytest.approx(expected.data, rel=1e-12)
    assert model.weight.array == pytest.approx(other.weight.array, rel=1e-12)


@pytest.mark.parametrize("compile", [False, True])
def test_a_learning_rate_of_zero_leaves_the_weights_where_they_are(compile):
    for name, kind in OPTIMIZERS.items():
        if kind is nn.Rprop:  # Its lr is but the first of its step sizes, which have a least.
            continue
        model = nn.MLP(2, [3, 1], rng=0)
        before = model.state_dict()
        model.fit(np.eye(2), [0.0, 1.0], optimizer=kind(model, lr=0), epochs=3, compile=compile, seed=0)
        assert all(np.array_equal(before[key], x) for key, x in model.state_dict().items()), name


def test_dropout_of_everything_and_smoothing_of_everything():
    x = [Value(1.0), Value(-2.0)]
    y = nn.Dropout(1.0, rng=0)(x)
    y[0].backward()
    assert [v.data for v in y] == [0.0, 0.0]
    assert (x[0].grad, x[0].reached) == (0.0, True)
    assert [v.data for v in nn.Dropout(1, rng=0).eval()([1.0, 2.0])] == [1.0, 2.0]
    uniform = nn.cross_entropy([1.0, 2.0, 4.0], [1 / 3] * 3)
    for k in range(3):
        smoothed = nn.cross_entropy([1.0, 2.0, 4.0], k, label_smoothing=1.0)
        assert smoothed.data == pytest.approx(uniform.data, rel=1e-15)


SIZES = [1e-320, 1e-200, 1e-3, 1.0, 1e120, 1e200, 1.7e308]


@pytest.mark.parametrize("size", SIZES)
def test_every_norm_is_taken_without_overflow_or_underflow(size):
    """Gradients (3, 4) · size/4, compared with gradients of ordinary size."""
    scale, expected = size / 4.0, (0.6, 0.8)

    def weights():
        a, b = Value(1.0), Value(1.0)
        a.grad, b.grad = 3.0 * scale, 4.0 * scale
        return [a, b]

    clipped = weights()
    norm = nn.clip_grad_norm_(clipped, 2.0)
    assert norm == pytest.approx(5.0 * scale, rel=1e-4)
    if size > 10.0:
        assert [w.grad / 2.0 for w in clipped] == pytest.approx(expected, rel=1e-6)
    else:
        assert [w.grad for w in clipped] == [3.0 * scale, 4.0 * scale]
    assert nn.GradientDescent(weights()).norm() == pytest.approx(5.0 * scale, rel=1e-4)

    neuron = nn.Linear(2, 1, rng=0)
    neuron.weight.assign([[3.0 * scale, 4.0 * scale]])
    nn.MaxNorm(2.0)(neuron)
    short = np.array([[3.0 * scale, 4.0 * scale]]) if size < 1.0 + 1.0 else 2.0 * np.array([expected])
    assert neuron.weight.array == pytest.approx(short, rel=1e-12)

    statistics = nn.GradientStatistics()
    statistics.run = type("Run", (), {"model": neuron})
    neuron.weight.gradient = [[3.0 * scale, 4.0 * scale]]
    statistics.on_epoch_end(0, {})
    assert statistics.norms["weight"] == [pytest.approx(scale * 12.5**0.5, rel=1e-4)]


@pytest.mark.parametrize("compile", [False, True])
@pytest.mark.parametrize("size", [1e-150, 1.0, 1e200])
def test_fit_clips_by_norm_at_every_size(compile, size):
    model = nn.Linear(2, 1, bias=False, rng=0)
    model.weight.assign([[0.0, 0.0]])
    loss = lambda p, t: p[0] * size + 0.0 * t  # noqa: E731
    optimizer = nn.SGD(model, lr=1.0)
    options = {"loss": loss, "optimizer": optimizer, "clip_norm": 1.0, "compile": compile, "epochs": 1}
    history = model.fit([[-3.0, 4.0]] * 2, [0.0, 0.0], **options)
    assert history.compiled is compile
    expected = np.array([[0.6, -0.8]]) if size >= 1.0 else np.array([[3.0, -4.0]]) * size
    assert model.weight.array == pytest.approx(expected, rel=1e-6)


def test_max_norm_leaves_frozen_numbers_alone():
    neuron = nn.Neuron(2, rng=0)
    first, second = neuron.parameters()[:2]
    first.data, second.data, first.requires_grad = 30.0, 40.0, False
    nn.MaxNorm(5.0)(neuron)
    assert (first.data, second.data) == (30.0, pytest.approx(4.0))


@pytest.mark.parametrize("make", [lambda: nn.Neuron(3), lambda: nn.Layer(3, 2), lambda: nn.Linear(3, 2)])
def test_max_norm_shortens_each_neuron_by_its_own_length(make):
    model = make()
    weights = model.weights()["weight"]
    weights.assign(np.resize([3.0, 0.0, 4.0, 0.3, 0.0, 0.4], weights.shape))
    nn.MaxNorm(1.0)(model)
    expected = np.resize([0.6, 0.0, 0.8, 0.3, 0.0, 0.4], weights.shape)
    assert weights.array == pytest.approx(expected, rel=1e-15)


def test_a_plateau_is_one_by_its_threshold_in_both_modes():
    """Only an improvement by more than a tenth of the best counts."""
    for mode, metrics in (("max", [1.0, 1.05, 1.09, 1.2, 1.25]), ("min", [1.0, 0.95, 0.91, 0.8, 0.75])):
        optimizer = nn.SGD(nn.Linear(1, 1, rng=0), lr=1.0)
        schedule = nn.ReduceLROnPlateau(optimizer, mode, factor=0.5, patience=1, threshold=0.1)
        rates = []
        for metric in metrics:
            schedule.step(metric)
            rates.append(optimizer.lr)
        assert rates == [1.0, 1.0, 0.5, 0.5, 0.5], mode
        assert schedule.best == metrics[3]


RATES = [
    (
        nn.LinearLR,
        {"start_factor": 0.25, "end_factor": 0.75, "total_iters": 4},
        [1.0, 1.5, 2.0, 2.5, 3.0, 3.0, 3.0],
    ),
    (nn.LinearLR, {"start_factor": 1.0, "end_factor": 0.0, "total_iters": 2}, [4.0, 2.0, 0.0, 0.0]),
    (nn.MultiStepLR, {"milestones": [4, 2], "gamma": 0.5}, [4.0, 4.0, 2.0, 2.0, 1.0, 1.0]),
    (nn.MultiStepLR, {"milestones": [1, 1], "gamma": 0.5}, [4.0, 1.0, 1.0]),
    (nn.CosineAnnealingWarmRestarts, {"T_0": 2, "eta_min": 1.0}, [4.0, 2.5, 4.0, 2.5, 4.0]),
    (nn.CosineAnnealingWarmRestarts, {"T_0": 1, "T_mult": 2}, [4.0, 4.0, 2.0, 4.0, 3.414213562373095, 2.0]),
]


@pytest.mark.parametrize(("kind", "options", "rates"), RATES)
def test_a_schedule_has_the_rates_of_its_formula(kind, options, rates):
    optimizer = nn.SGD([Value(0.0)], lr=4.0)
    schedule = kind(optimizer, **options)
    found = [optimizer.lr]
    for _ in rates[1:]:
        schedule.step()
        found.append(optimizer.lr)
    assert found == pytest.approx(rates, rel=1e-12, abs=1e-12)


def test_schedules_refuse_what_means_nothing():
    optimizer = nn.SGD(nn.Linear(1, 1, rng=0), lr=1.0)
    with pytest.raises(TypeError, match="no metric"):
        nn.ReduceLROnPlateau(optimizer).step()
    for make in (lambda: nn.StepLR(optimizer, 2, gamma=0.0), lambda: nn.ExponentialLR(optimizer, 0.0)):
        with pytest.raises(ValueError, match="gamma = 0"):
            make()
