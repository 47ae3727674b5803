"""`fit(compile=...)`: the compiled step compared with the eager one, and when and why it is not used."""

import copy
import importlib
import math
import threading
import warnings

import numpy as np
import pytest

import autograd_core as ac
import nn
from autograd_core import TraceError, Value, exp, sigmoid, square, tanh
from autograd_core.compile.arrays.groups import analysed
from autograd_core.compile.runners.array_program import ArrayProgram
from nn.train import compiled_step


def mlp(activation="tanh", out=1, nin=2):
    return nn.MLP(nin, [5, 4, out], activation=activation, rng=0)


def numbers(n=23, width=2, seed=0):
    return np.random.default_rng(seed).normal(size=(n, width))


def both(make, x, y, *, optimizer=nn.Adam, epochs=3, batch_size=5, **options):
    """Return the histories and the models of an eager and of a compiled run."""
    found = []
    for compile in (False, True):
        model = make()
        history = model.fit(
            x, y, optimizer=optimizer(model), epochs=epochs, batch_size=batch_size, seed=3, compile=compile,
            **options,
        )  # fmt: skip
        assert history.compiled is compile, history.runner
        found.append((model, history))
    return found


def agree(runs, tolerance=1e-9):
    (a, one), (b, other) = runs
    for name in one.history:
        assert np.allclose(one.history[name], other.history[name], rtol=tolerance, atol=tolerance), name
    for name, array in a.state_dict().items():
        assert np.allclose(array, b.state_dict()[name], rtol=tolerance, atol=tolerance), name
        assert np.isfinite(array).all()
    assert one.epoch == other.epoch


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("loss", [nn.L1Loss, nn.HingeLoss])
def test_losses_at_their_kinks_have_the_same_gradient(loss, reduction):
    """Where all sums are exact the weights are equal bit for bit, though some examples lie at the kink."""
    x = np.random.default_rng(1).integers(-2, 3, size=(64, 3)) / 2.0
    y = x @ [1.0, -2.0, 0.5]
    if loss is nn.HingeLoss:
        y = np.where(y > 0.0, 1.0, -1.0)

    def make():
        model = nn.Linear(3, 1)
        model.weight.assign([[1.0, -2.0, 0.0]])
        return model

    z = x @ [1.0, -2.0, 0.0]
    assert np.count_nonzero((1.0 - y * z if loss is nn.HingeLoss else y - z) == 0.0) > 5
    sgd = {"optimizer": lambda model: nn.SGD(model, lr=0.125), "batch_size": 16}
    agree(runs := both(make, x, y, loss=loss(reduction), epochs=4, **sgd), tolerance=0.0)
    assert not np.array_equal(runs[0][0].weight.array, make().weight.array)


REAL = numbers(seed=1)[:, 0]
BINARY = (REAL > 0.0) * 1.0
CLASSES = np.arange(23) % 3
SHARES = np.abs(numbers(width=3, seed=2))
SHARES /= SHARES.sum(axis=1, keepdims=True)
LOSSES = {
    "mse": ("mse", 1, REAL),
    "mse of several": ("mse", 2, numbers(seed=4)),
    "mse of a column": ("mse", 1, REAL[:, None]),
    "mse, summed": (nn.MSELoss(reduction="sum"), 2, numbers(seed=4)),
    "squared": ("squared", 1, REAL),
    "l1": ("l1", 1, REAL),
    "huber": (nn.HuberLoss(delta=0.3), 1, REAL),
    "smooth_l1": (nn.SmoothL1Loss(beta=0.3), 1, REAL),
    "poisson_nll": ("poisson_nll", 1, np.abs(REAL)),
    "poisson_nll, full": (nn.PoissonNLLLoss(full=True), 1, 3.0 * np.abs(REAL)),
    "bce_with_logits": ("bce_with_logits", 1, BINARY),
    "bce_with_logits, weighted": (nn.BCEWithLogitsLoss(pos_weight=3.0, weight=[0.5]), 1, BINARY),
    "hinge": (nn.HingeLoss(margin=0.7), 1, 2.0 * BINARY - 1.0),
    "cross_entropy": ("cross_entropy", 3, CLASSES),
    "cross_entropy, a column": ("cross_entropy", 3, CLASSES[:, None]),
    "cross_entropy, smoothed": (nn.CrossEntropyLoss(label_smoothing=0.1), 3, CLASSES),
    "cross_entropy, summed": (nn.CrossEntropyLoss(reduction="sum"), 3, CLASSES),
    "cross_entropy of shares": ("cross_entropy", 3, SHARES),
    "nll": ("nll", 3, CLASSES),
    "multi_margin": (nn.MultiMarginLoss(margin=0.8), 3, CLASSES),
    "a function": (lambda p, t: square(p - t) * exp(-square(t)), 1, REAL),
}


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_trains_alike(name):
    loss, out, y = LOSSES[name]

    def make():
        return nn.Sequential(mlp(out=out), nn.LogSoftmax()) if name == "nll" else mlp(out=out)

    agree(both(make, numbers(), y, loss=loss))


def test_the_logistic_loss_of_a_probability_trains_alike():
    agree(both(lambda: nn.Sequential(mlp(), nn.Sigmoid()), numbers(), BINARY, loss="bce"))


def test_every_loss_is_in_the_table():
    held = {name.partition(",")[0].partition(" ")[0] for name in LOSSES} | {"bce"}
    assert set(nn.losses.criteria.LOSSES) <= held


@pytest.mark.parametrize("activation", nn.modules.activations.FUNCTIONS)
def test_every_activation_trains_alike(activation):
    agree(both(lambda: mlp(activation), numbers(), REAL))


class Remembering(nn.Optimizer):
    """A custom rule that keeps the arrays it receives, and writes into one of them."""

    def rule(self, w, g, state):
        old, slope = state.get("old", w), state.get("slope", g)
        state["old"], state["slope"] = w, g.copy()
        g *= self.lr
        return w - g + 0.3 * (w - old) - 0.1 * self.lr * slope


OPTIMIZERS = {
    "momentum alone": lambda m: nn.SGD(m, lr=0.05, momentum=0.9),
    "nesterov alone": lambda m: nn.SGD(m, lr=0.05, momentum=0.9, nesterov=True),
    "a rule that keeps its arrays": lambda m: Remembering(m, lr=0.05),
    "sgd": lambda m: nn.SGD(m, lr=0.05),
    "momentum": lambda m: nn.SGD(m, lr=0.05, momentum=0.9, weight_decay=0.01, nesterov=True),
    "gradient descent": lambda m: nn.GradientDescent(m, lr=0.05),
    "adagrad": lambda m: nn.Adagrad(m, lr=0.1, lr_decay=0.1),
    "rmsprop": lambda m: nn.RMSprop(m, centered=True, momentum=0.5),
    "adam": lambda m: nn.Adam(m, lr=0.02, amsgrad=True),
    "adamw": lambda m: nn.AdamW(m, lr=0.02),
    "of parameters": lambda m: nn.Adam(m.parameters(), lr=0.02),
    "of some": lambda m: nn.SGD([m.layers[0].weight, m.layers[2].weight], lr=0.05),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_trains_alike(name):
    agree(both(mlp, numbers(), REAL, optimizer=OPTIMIZERS[name]))


MODELS = {
    "one neuron": lambda: nn.Neuron(2, activation="sigmoid", rng=0),
    "one layer": lambda: nn.Layer(2, 1, activation="tanh", rng=0),
    "linear": lambda: nn.Sequential(nn.Linear(2, 4, rng=0), nn.ReLU(), nn.Linear(4, 1, bias=False, rng=1)),
    "layer norm": lambda: nn.Sequential(nn.Linear(2, 4, rng=0), nn.LayerNorm(4), nn.Linear(4, 1, rng=1)),
    "softmax": lambda: nn.Sequential(nn.Linear(2, 3, rng=0), nn.Softmax(), nn.Linear(3, 1, rng=1)),
    "residual": lambda: nn.Sequential(nn.Residual(nn.Linear(2, 2, rng=0)), nn.Linear(2, 1, rng=1)),
    "side by side": lambda: nn.Sequential(nn.Linear(2, 2, rng=0) | nn.Tanh(), nn.Linear(4, 1, rng=1)),
    "dropout of nothing": lambda: nn.Sequential(nn.Linear(2, 2, rng=0), nn.Dropout(0.0), mlp()),
    "elu and others": lambda: nn.Sequential(
        nn.Linear(2, 3, rng=0), nn.ELU(0.5), nn.Linear(3, 3, rng=1), nn.LeakyReLU(0.2), nn.GELU("tanh"),
        nn.Linear(3, 1, rng=2),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_every_module_trains_alike(name):
    agree(both(MODELS[name], numbers(), REAL))


def test_images_train_alike():
    def make():
        found = nn.Conv2d(1, 2, 2, padding=1, rng=0)
        return nn.Sequential(found, nn.Tanh(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 3, rng=1))

    agree(both(make, numbers(12, 9).reshape(12, 1, 3, 3), CLASSES[:12], loss="cross_entropy"))

    def without_padding():
        found = nn.Conv2d(2, 3, 3, rng=0)
        seen = nn.MaxPool2d(2, stride=1)
        return nn.Sequential(found, nn.ReLU(), seen, nn.Flatten(), nn.Linear(27, 3, rng=1))

    agree(both(without_padding, numbers(8, 72).reshape(8, 2, 6, 6), CLASSES[:8], loss="cross_entropy"))


class Own(nn.Module):
    """Weights as single `Value`s, as lists, and as an array that is used twice."""

    def __init__(self):
        self.scale, self.shifts = Value(0.7), [Value(0.1), Value(-0.2)]
        self.tied = nn.Linear(2, 2, rng=0)
        self.again = self.tied

    def __call__(self, x):
        hidden = [tanh(a + b) for a, b in zip(self.tied(x), self.shifts, strict=True)]
        return self.scale * sum(self.again(hidden))


@pytest.mark.parametrize("optimizer", [nn.Adam, lambda m: nn.Adam(m.parameters(), lr=0.01)])
def test_a_module_of_ones_own_with_tied_weights_trains_alike(optimizer):
    agree(both(Own, numbers(), REAL, optimizer=optimizer))


MOVING = [
    nn.AdamW,
    lambda m: nn.AdamW(m.parameters(), lr=0.01),
    *[OPTIMIZERS[name] for name in ("momentum alone", "nesterov alone", "a rule that keeps its arrays")],
]


@pytest.mark.parametrize("form", ["a layer", "a single weight"])
@pytest.mark.parametrize("optimizer", MOVING)
def test_frozen_weights_stay(form, optimizer):
    def make():
        model = mlp()
        if form == "a layer":
            model.layers[0].freeze()
        else:
            model.layers[1].weight.values[3].requires_grad = False
        return model

    runs = both(make, numbers(), REAL, optimizer=optimizer, clip_norm=0.1, regularizer=nn.L2(0.1))
    agree(runs)
    kept = runs[1][0].layers[0].weight.array == make().layers[0].weight.array
    assert kept.all() == (form == "a layer")


@pytest.mark.parametrize("regularizer", [nn.L1(0.01), nn.L2(0.01), nn.ElasticNet(0.01, 0.5), None])
@pytest.mark.parametrize("clip_norm", [None, 0.05])
def test_regularizers_and_clipping_train_alike(regularizer, clip_norm):
    agree(both(mlp, numbers(), REAL, regularizer=regularizer, clip_norm=clip_norm))


class Watcher(nn.Callback):
    """Reads weights and gradients after every batch, and changes a weight once."""

    def __init__(self):
        self.seen = []

    def on_batch_end(self, batch, logs):
        arrays = [a for w in self.run.model.weights().values() for a in (w.array, w.gradient)]
        self.seen.append([logs["loss"], *(a.sum() for a in arrays)])
        if len(self.seen) == 4:
            self.run.model.layers[0].weight.assign(0.5 * self.run.model.layers[0].weight.array)


def test_callbacks_see_weights_and_gradients_and_may_change_them():
    runs, seen = [], []
    for compile in (False, True):
        model, watcher = mlp(), Watcher()
        history = model.fit(
            numbers(), REAL, optimizer=nn.Adam(model), batch_size=4, epochs=2, seed=0, callbacks=[watcher],
            compile=compile,
        )  # fmt: skip
        runs.append((model, history))
        seen.append(watcher.seen)
    agree(runs)
    assert np.allclose(*seen, rtol=1e-9, atol=1e-12)


def test_schedules_metrics_validation_constraints_and_early_stopping_take_part():
    runs = []
    for compile in (False, True):
        model = mlp(out=3)
        optimizer = nn.Adam(model, lr=0.05)
        history = model.fit(
            numbers(), CLASSES, loss="cross_entropy", optimizer=optimizer, epochs=6, batch_size=4, seed=0,
            validation_split=0.3, metrics="accuracy", schedule=nn.ExponentialLR(optimizer, 0.7),
            constraint=nn.MaxNorm(0.6), callbacks=[nn.EarlyStopping(patience=4, restore_best_weights=True)],
            compile=compile,
        )  # fmt: skip
        assert optimizer.lr == pytest.approx(0.05 * 0.7 ** len(history.epoch))
        runs.append((model, history))
    agree(runs)


def test_a_run_goes_on_to_the_same_bits():
    whole, parts, twin = (mlp() for _ in range(3))
    options = {"batch_size": 5, "seed": 7, "compile": True}
    whole.fit(numbers(), REAL, optimizer=nn.Adam(whole), epochs=4, **options)
    twin.fit(numbers(), REAL, optimizer=nn.Adam(twin), epochs=4, **options)
    optimizer = nn.Adam(parts)
    parts.fit(numbers(), REAL, optimizer=optimizer, epochs=2, **options)
    parts.fit(numbers(), REAL, optimizer=optimizer, epochs=4, initial_epoch=2, **options)
    for name, array in whole.state_dict().items():
        assert np.array_equal(array, parts.state_dict()[name])
        assert np.array_equal(array, twin.state_dict()[name])
    assert optimizer.steps == 20
    assert optimizer.state[0]["mean"].shape == (5, 2)


def test_values_and_arrays_train_to_the_same_bits():
    a, b = mlp(), mlp()
    for model, optimizer in ((a, nn.Adam(a.parameters())), (b, nn.Adam(b))):
        options = {"batch_size": 5, "seed": 0, "compile": True, "epochs": 1}
        assert model.fit(numbers(), REAL, optimizer=optimizer, **options).compiled
    assert not b.layers[0].weight.materialized or len(b.parameters())
    assert all(np.array_equal(x, b.state_dict()[name]) for name, x in a.state_dict().items())


def kinked(prediction, target):
    """A loss that a trace cannot detect: it branches on the target after processing it."""
    return square(prediction - (1.0 if target - 1.0 == 0.0 else 0.0))


@pytest.mark.slow
def test_other_targets_than_those_of_the_first_batch_are_checked():
    y = np.append(np.zeros(22), 1.0)
    x, y = np.tile(numbers(), (100, 1)), np.tile(y, 100)
    history = Own().fit(x, y, loss=kinked, batch_size=1, shuffle=False, epochs=1)
    assert "differs from the eager engine" in history.runner
    assert not history.compiled


@pytest.mark.parametrize("row", ["softmax", "log_softmax"])
def test_all_results_of_a_softmax_are_one_group(row):
    function = getattr(ac, row)
    x = [Value(0.3 * i * i - i, f"x{i}") for i in range(8)]
    parts = [p for half in (x[:4], x[4:]) for p in function(half)]
    loss = sum(((i - 3.5) * p**3 for i, p in enumerate(parts)), Value(0.0))
    tape = ac.compile(loss, inputs=x).tape
    groups = [g for g in analysed(tape).groups if g.row is not None and g.row.name == row]
    assert [(g.whole, g.shape) for g in groups] == [(True, (4, 2))]
    point = np.array([v.data for v in x])
    value, slopes, _ = ArrayProgram(analysed(tape, gather=True)).value_and_grad(point)
    assert value == pytest.approx(loss.data, rel=1e-13)
    assert slopes == pytest.approx(ac.gradients(loss, x), rel=1e-12)


class Branching(nn.Module):
    def __init__(self):
        self.w = Value(0.5)

    def __call__(self, x):
        return self.w * x[0] if x[0] > 0.0 else -self.w * x[0]


class Peeking(Branching):
    def __call__(self, x):
        return self.w * x[0] * abs(self.w.data)


class Drawing(Branching):
    rng = np.random.default_rng(0)

    def __call__(self, x):
        return self.w * x[0] + float(self.rng.normal())


class Chain(Branching):
    def __call__(self, x):
        y = self.w * x[0]
        for _ in range(2100):
            y = tanh(y)
        return y


def equality(prediction, target):
    return square(prediction - (1.0 if target == 1.0 else 0.0))


def detached(prediction, target):
    error = prediction - target
    return square(error) if abs(error.detach()) < 1e6 else 4.0 * abs(error)


def chosen(prediction, target):
    return nn.cross_entropy([prediction, -prediction], target)


EAGER = {
    "dropout": (lambda: nn.Sequential(nn.Linear(2, 1), nn.Dropout(0.2)), "mse", "Dropout draws"),
    "winner": (lambda: nn.Concatenate(nn.Linear(2, 1), nn.WinnerTakeAll()), "l1", "WinnerTakeAll inspects"),
    "a branch": (Branching, "mse", r"the comparison .* > 0.0 in __call__"),
    "a branch on a detached node": (Own, detached, "the comparison .* < 1000000.0 in detached"),
    "a look at a weight": (Peeking, "mse", "the loss of one example cannot be traced: a constant in it"),
    "no parameter": (Own, lambda p, t: Value(1.0), "the loss depends on no parameter"),
    "chance": (Drawing, "mse", "a constant in it differs"),
    "a chain": (Chain, "mse", "one long chain"),
    "a class looked up": (Own, chosen, "look up a class"),
    "an equality": (Own, equality, "a number of the example is compared with 1.0"),
    "no single loss": (Own, nn.MSELoss(reduction="none"), "one Value for each example"),
}


@pytest.mark.parametrize("name", EAGER)
def test_what_cannot_be_compiled_stays_eager_and_says_why(name):
    make, loss, reason = EAGER[name]
    y = np.stack([BINARY] * 3, axis=1) if name == "winner" else BINARY
    with pytest.raises(TraceError, match=rf"the step cannot be compiled: .*{reason}.*(?<!\.)\. Use"):
        make().fit(numbers(), y, loss=loss, compile=True, epochs=1)
    if name not in ("no single loss", "no parameter"):
        model, twin = make(), make()
        step = compiled_step.compiled_step(
            nn.train.step.EagerStep(model, nn.losses.criteria.as_loss(loss, ""), nn.SGD(model)),
            numbers(),
            y,
            "auto",
        )
        assert not step.compiled
        assert len(twin.parameters()) == len(model.parameters())


MISTAKES = [ImportError, NameError, AttributeError, TypeError, KeyError, AssertionError, ZeroDivisionError]
PARTS = [
    "autograd_core.compile.training.analysed",
    "autograd_core.compile.front.trace.capture_blocks",
    "nn.train.step_tracing.leaves",
    "nn.train.evaluation.leaves",
    "nn.train.evaluation.leaves",
]


class WithinFloats(Branching):
    """Uses operations that only floats have."""

    error = None

    def __call__(self, x):
        if type(x[0]) is not float and type(x[0]) is not Value:
            raise self.error("only floats")
        return self.w * x[0]


@pytest.mark.parametrize("error", MISTAKES)
@pytest.mark.parametrize("part", PARTS)
def test_a_mistake_in_the_compiler_is_not_hidden(error, part, monkeypatch):
    def run():
        model = mlp()
        model.fit(numbers(), REAL, epochs=2, metrics=["mae"])
        model.predict(np.tile(numbers(), (200, 1)))

    run()
    module, _, name = part.rpartition(".")
    home = {"__name__": module, "error": error}
    exec("def broken(*args, **named): raise error('no such thing')", home)
    monkeypatch.setattr(importlib.import_module(module), name, home["broken"])
    with pytest.raises(error, match="no such thing"):
        run()


@pytest.mark.parametrize("error", MISTAKES)
def test_a_module_for_floats_alone_stays_eager(error):
    model = WithinFloats()
    model.error = error
    history = model.fit(np.tile(numbers(), (50, 1)), np.tile(REAL, 50), epochs=1)
    assert (history.compiled, "only floats" in history.runner) == (False, True)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1.0, 1.0), (0.0, 3.0), (1.0, 3.0)])
@pytest.mark.parametrize("end", ["low", "high"])
def test_a_loss_that_checks_a_range_is_compiled_at_its_ends(low, high, end):
    def checking(prediction, target):
        if not low <= prediction[0].data <= high:
            raise ValueError("out of range")
        return square(prediction[0] - target)

    x = np.full((4, 1), low if end == "low" else high)
    for compile in (False, True):
        model = nn.Linear(1, 1, bias=False, rng=0)
        model.load_state_dict({"weight": [[1.0]]})
        history = model.fit(
            x, x[:, 0], loss=checking, optimizer=nn.SGD(model, 0.1), epochs=2, compile=compile
        )
        assert (history.compiled, history.history["loss"]) == (compile, [0.0, 0.0])


def test_little_work_stays_eager_and_much_does_not():
    x, y = numbers(20), REAL[:20]
    history = mlp().fit(x, y, epochs=1)
    assert (history.compiled, history.runner[:26]) == (False, "eager: so little work (880")
    assert mlp().fit(np.tile(x, (20, 1)), np.tile(y, 20), epochs=1).compiled
    assert "compile=False" in mlp().fit(x, y, compile=False, epochs=1).runner
    with pytest.raises(ValueError, match="compile = 'always'; expected 'auto', True or False"):
        mlp().fit(x, y, compile="always", epochs=1)


@pytest.mark.slow
@pytest.mark.parametrize("wrong", [1.0 + 1e-6, math.nan])
def test_a_program_that_differs_from_the_eager_engine_is_given_up(wrong, monkeypatch):
    x, y = np.tile(numbers(20), (20, 1)), np.tile(REAL[:20], 20)
    right, model = mlp(), mlp()
    right.fit(x, y, optimizer=nn.SGD(right), seed=0, compile=False, epochs=1)
    plain = compiled_step.CompiledStep._value_and_gradient

    def slightly_wrong(self, x, y, weights=None):
        value = plain(self, x, y, weights)
        self.g[-1] *= wrong
        return value

    monkeypatch.setattr(compiled_step.CompiledStep, "_value_and_gradient", slightly_wrong)
    with pytest.raises(TraceError, match="differs from the eager engine on the first batch: the gradient"):
        mlp().fit(x, y, compile=True, epochs=1)
    history = model.fit(x, y, optimizer=nn.SGD(model), seed=0, epochs=1)
    assert (history.compiled, "differs from the eager engine" in history.runner) == (False, True)
    assert all(np.array_equal(a, right.state_dict()[name]) for name, a in model.state_dict().items())


def test_a_setting_that_a_callback_changes_is_recorded_anew():
    class Cooling(nn.Callback):
        def on_epoch_begin(self, epoch):
            self.run.model.steps[1].negative_slope = 0.5 / (epoch + 1)
            self.run.model.steps[0].freeze(epoch == 1)

    def make():
        return nn.Sequential(nn.Linear(2, 4, rng=0), nn.LeakyReLU(0.5), nn.Linear(4, 1, rng=1))

    agree(both(make, numbers(), REAL, callbacks=[Cooling()]))


class Scaled(nn.Module):
    """A network times a number that is read from an attribute."""

    def __init__(self, k, read):
        self.inside, self.k, self._k, self.read = mlp(), k, k, read

    def __call__(self, x):
        return self.inside(x) * self.read(self)


def setting(**attributes):
    return lambda model, factor: vars(model).update({name: f(factor) for name, f in attributes.items()})


def writing(model, factor):
    model.k[0] = factor


CHANGES = {
    "a list": ([1.0], setting(k=lambda k: [k]), lambda m: m.k[0]),
    "inside a list": ([1.0], writing, lambda m: m.k[0]),
    "a dict": ({0: 1.0}, setting(k=lambda k: {0: k}), lambda m: m.k[0]),
    "inside a dict": ({0: 1.0}, writing, lambda m: m.k[0]),
    "inside an array": (np.ones(2), writing, lambda m: float(m.k[0])),
    "a NumPy scalar": (np.float32(1.0), setting(k=np.float32), lambda m: float(m.k)),
    "a tuple of arrays": ((np.ones(1),), setting(k=lambda k: (np.full(1, k),)), lambda m: float(m.k[0][0])),
    "a private attribute": (1.0, setting(_k=float), lambda m: m._k),
    "a private node": (1.0, setting(_k=Value), lambda m: m._k.data if isinstance(m._k, Value) else m._k),
    "what cannot be pickled": (threading.Lock(), setting(j=float), lambda m: getattr(m, "j", 1.0)),
}


@pytest.mark.slow
@pytest.mark.parametrize("hook", ["on_train_begin", "on_epoch_begin", "on_batch_begin"])
@pytest.mark.parametrize("name", CHANGES)
def test_whatever_a_callback_changes_is_recorded_anew(name, hook):
    start, change, read = CHANGES[name]

    def run(compile):
        callback, model = nn.Callback(), Scaled(copy.copy(start) if "pickled" not in name else start, read)
        setattr(callback, hook, lambda *number: change(model, 2.0 + sum(number)))
        history = model.fit(
            numbers(), REAL, optimizer=nn.Adam(model), epochs=3, batch_size=8, seed=1, callbacks=[callback],
            compile=compile,
        )  # fmt: skip
        assert history.compiled is compile
        return model, history

    agree([run(False), run(True)])


@pytest.mark.slow
def test_weights_that_a_callback_replaces_are_seen():
    class Replacing(nn.Callback):
        def on_epoch_begin(self, epoch):
            if epoch == 1:
                self.run.model.layers[0].bias = nn.Weights(np.full(5, 0.3))

    x, y = np.tile(numbers(20), (20, 1)), np.tile(REAL[:20], 20)
    runs = []
    for compile in (False, "auto"):
        model = mlp()
        optimizer = nn.SGD([model.layers[1].weight], lr=0.05)
        history = model.fit(
            x, y, optimizer=optimizer, epochs=3, seed=0, callbacks=[Replacing()], compile=compile
        )
        runs.append((model, history))
    agree(runs)


def test_a_module_that_changes_as_it_is_called_stays_eager():
    class Counting(Own):
        calls = 0

        def __call__(self, x):
            self.calls += 1
            return super().__call__(x) * (1.0 if self.calls < 100 else 0.5)

    with pytest.raises(TraceError, match="it changes its own attributes when called"):
        Counting().fit(numbers(), REAL, compile=True, epochs=1)


@pytest.mark.parametrize("what", ["weights", "memory", "metric"])
def test_a_schedule_or_a_metric_may_change_weights_and_the_optimizers_memory(what):
    def run(compile):
        model = mlp()
        optimizer = nn.Adam(model, lr=0.05)

        class Own:
            def step(self, loss):
                if what == "weights":
                    model.layers[0].bias.assign(0.5 * model.layers[0].bias.array + 0.1)
                elif what == "memory":
                    optimizer.state, optimizer.steps = [{} for _ in optimizer.weights], 0

        def metric(y_true, y_pred):
            model.layers[0].bias.assign(np.full(5, 0.2))
            return 0.0

        history = model.fit(
            numbers(), REAL, optimizer=optimizer, epochs=4, batch_size=8, seed=1, compile=compile,
            schedule=Own(), metrics=[metric] if what == "metric" else (),
        )  # fmt: skip
        return model, history

    agree([run(False), run(True)])


def test_recording_leaves_the_filters_of_warnings_alone(monkeypatch):
    def touched(*args, **options):
        raise AssertionError("the filters are those of all threads")

    monkeypatch.setattr(warnings, "catch_warnings", touched)
    assert mlp().fit(numbers(), REAL, compile=True, epochs=1).compiled


class Shrinking(nn.Module):
    def __init__(self, start):
        self.w = Value(start)

    def __call__(self, x):
        return self.w + 0.0 * x[0]


def logarithm(prediction, target):
    return (prediction - target + 1.0).log() ** 2


@pytest.mark.parametrize("compile", [False, True])
def test_a_fault_is_what_it_is_for_the_eager_engine(compile):
    x, y = numbers(), 0.0 * REAL
    model = Shrinking(1.0)
    with pytest.warns(nn.DivergenceWarning, match="log: undefined"):
        history = model.fit(x, y, loss=logarithm, optimizer=nn.SGD(model, lr=3.0), epochs=50, compile=compile)
    assert history.stopped.startswith("training diverged at epoch 1, batch 0 (step 1)")
    assert model.w.data == 1.0
    with pytest.raises(ValueError, match="log: undefined"):
        Shrinking(-3.0).fit(x, y, loss=logarithm, compile=compile, epochs=1)


@pytest.mark.parametrize("compile", [False, True])
def test_divergence_keeps_the_last_finite_weights(compile):
    model = nn.MLP(2, [3, 1], rng=0)
    with pytest.warns(nn.DivergenceWarning, match="smaller learning rate"):
        history = model.fit(numbers(), REAL, optimizer=nn.SGD(model, lr=1e6), epochs=100, compile=compile)
    assert len(history.epoch) == 4
    assert all(np.isfinite(array).all() for array in model.state_dict().values())


def test_a_prediction_that_is_no_probability_is_an_error_in_a_program_too():
    model = nn.Layer(1, 1, activation="identity", rng=0)
    model.weight.assign([[1.0]])
    x = np.linspace(0.1, 0.9, 9)[:, None]
    with pytest.raises(ValueError, match="bce_loss: not a probability"):
        model.fit(
            np.append(x, [[1.5]], axis=0), np.ones(10), loss="bce", batch_size=1, shuffle=False, compile=True,
            optimizer=nn.SGD(model, lr=1e-9), epochs=1,
        )  # fmt: skip


def test_ctrl_c_leaves_whole_steps():
    class Impatient(nn.Callback):
        def on_batch_begin(self, batch):
            if self.run.steps == 7:
                raise KeyboardInterrupt

    model, twin = mlp(), mlp()
    optimizer = nn.Adam(model)
    history = model.fit(numbers(), REAL, optimizer=optimizer, batch_size=5, epochs=9, shuffle=False,
                        callbacks=[Impatient()], compile=True)  # fmt: skip
    assert (history.stopped, optimizer.steps) == ("interrupted after 1 epoch", 7)
    step = nn.train.step.EagerStep(twin, nn.MSELoss(), nn.Adam(twin))
    for i in (0, 5, 10, 15, 20, 0, 5):
        step(numbers()[i : i + 5], REAL[i : i + 5])
    assert all(np.allclose(a, twin.state_dict()[name], rtol=1e-12) for name, a in model.state_dict().items())


def test_an_optimizer_of_ones_own_is_asked_for_its_rule():
    class Signs(nn.Optimizer):
        def rule(self, w, g, state):
            state["moves"] = state.get("moves", 0.0) + 1.0
            return w - self.lr * np.sign(g)

    agree(both(mlp, numbers(), REAL, optimizer=lambda m: Signs(m, 0.01)))


@pytest.mark.slow
def test_a_large_layer_is_recorded_without_a_node_for_each_weight():
    x, y = numbers(8, 300), CLASSES[:8]
    options = {"loss": "cross_entropy", "regularizer": nn.L2(1e-3), "epochs": 1}
    model, twin = (nn.MLP(300, [200, 3], rng=0) for _ in range(2))
    history = model.fit(x, y, optimizer=nn.SGD(model), **options)
    assert history.compiled
    assert not any(weights.materialized for weights in model.weights().values())
    twin.fit(x, y, optimizer=nn.SGD(twin), compile=False, **options)
    agree([(twin, history), (model, history)], 1e-12)


def test_a_sigmoid_of_a_row_is_a_node_a_row():
    from autograd_core.compile import Block

    block = Block([[1.0, -1.0], [0.5, 2.0]])
    x = [Value(0.3), Value(-0.4)]
    loss = sum([sigmoid(s + b) for s, b in zip(block.dots(x), block.items[:2], strict=True)]) + block.square()
    loss.backward()
    w = [Value(v) for v in (1.0, -1.0, 0.5, 2.0)]
    same = sigmoid(w[0] * x[0] + w[1] * x[1] + w[0]) + sigmoid(w[2] * x[0] + w[3] * x[1] + w[1])
    before = [v.grad for v in x]
    (same + sum([square(v) for v in w])).backward()
    assert np.allclose(block.gradient.ravel(), [v.grad for v in w], rtol=1e-15)
    assert np.allclose([v.grad for v in x], [2.0 * g for g in before], rtol=1e-15)
    with pytest.raises(ValueError, match=r"Block\.dots: 1 numbers for rows of 2"):
        block.dots(x[:1])


def test_what_looks_and_changes_nothing_has_nothing_recorded_anew(monkeypatch):
    built = []
    kept = compiled_step.CompiledStep._build
    monkeypatch.setattr(compiled_step.CompiledStep, "_build", lambda step: (built.append(step), kept(step)))
    model = nn.MLP(2, [16, 1], activation="tanh", rng=0)
    x = numbers(width=2)
    model(x[0].tolist())
    options = {"metrics": ["mse"], "callbacks": [nn.GradientStatistics()], "verbose": 0}
    model.fit(x, x[:, 0], optimizer="adam", epochs=6, compile=True, **options)
    assert len(built) == 1
