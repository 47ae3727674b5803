"""Invalid arguments: each raises one clear error that names the argument, and nothing is changed."""

import math

import numpy as np
import pytest

import nn
from autograd_core import DataError, Value, compile, grad, heaviside, where

X, Y = np.linspace(-1.0, 1.0, 8).reshape(-1, 2), np.array([0.0, 1.0, 0.0, 1.0])


def model():
    return nn.MLP(2, [3, 1], rng=0)


def refused(kind, words, function, *arguments, **options):
    with pytest.raises(kind, match=words):
        function(*arguments, **options)


@pytest.mark.parametrize(
    ("sizes", "kind", "name"),
    [
        ((0, [3]), ValueError, "nin"),
        ((2, []), ValueError, "nouts"),
        ((2, [3, 0]), ValueError, r"nouts\[1\]"),
        ((-1, [3]), ValueError, "nin"),
        ((2.5, [3]), TypeError, "nin"),
        (("2", [3]), TypeError, "nin"),
        ((True, [3]), TypeError, "nin"),
        ((2, 3), TypeError, "nouts"),
        ((2, "31"), TypeError, "nouts"),
        ((2, [3.5]), TypeError, r"nouts\[0\]"),
    ],
)
def test_sizes_are_whole_and_positive(sizes, kind, name):
    refused(kind, f"MLP: .*{name}", nn.MLP, *sizes)


@pytest.mark.parametrize(
    ("construct", "arguments", "wrong", "meant"),
    [
        (nn.MLP, (2, [3]), "activaton", "activation"),
        (nn.Linear, (2, 3), "bais", "bias"),
        (nn.Conv2d, (1, 2, 3), "pading", "padding"),
        (nn.GRUCell, (2, 3), "rgn", "rng"),
        (nn.LeakyReLU, (), "negative_slop", "negative_slope"),
        (nn.SGD, ([Value(1.0)],), "momentun", "momentum"),
        (nn.RAdam, ([Value(1.0)],), "weight_decai", "weight_decay"),
        (nn.StepLR, (nn.SGD([Value(1.0)]), 3), "gama", "gamma"),
        (nn.MSELoss, (), "reducton", "reduction"),
        (nn.CrossEntropyLoss, (), "wieght", "weight"),
        (nn.EarlyStopping, (), "pateince", "patience"),
        (nn.L2, (), "strenght", "strength"),
        (nn.MaxNorm, (), "limt", "limit"),
        (model().fit, (X, Y), "epoch", "epochs"),
    ],
)
def test_an_unknown_option_names_the_nearest(construct, arguments, wrong, meant):
    refused(TypeError, f"{wrong!r}; expected .*Did you mean {meant!r}", construct, *arguments, **{wrong: 1})


CLASSES = {
    name: kind
    for name, kind in vars(nn).items()
    if name in nn.__all__ and isinstance(kind, type) and not issubclass(kind, BaseException)
}


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_refuses_an_option_that_it_does_not_have(name):
    refused(DataError, f"^{name}: unexpected option 'dimm'", CLASSES[name], dimm=1)


@pytest.mark.parametrize("kind", [nn.Softmax, nn.Flatten, nn.Callback])
def test_a_class_without_options_takes_nothing(kind):
    refused(DataError, f"^{kind.__name__}: got 3; expected no arguments", kind, 3)

    class Sized:
        def __init__(self, size):
            self.size = size

    assert type("Both", (kind, Sized), {})(size=3).size == 3


def test_an_unknown_name_gets_the_list_and_the_nearest():
    refused(ValueError, "unknown activation 'rleu'.*Did you mean 'relu'", nn.MLP, 2, [3], activation="rleu")
    refused(ValueError, "unknown loss 'hnge'.*Did you mean 'hinge'", model().fit, X, Y, loss="hnge")
    refused(ValueError, "unknown optimizer 'adm'.*Did you mean 'adam'", model().fit, X, Y, optimizer="adm")
    refused(ValueError, "unknown metric 'acuracy'.*'accuracy'", model().fit, X, Y, metrics=["acuracy"])
    refused(ValueError, "unknown initializer 'xavier'", nn.MLP, 2, [3], init="xavier")
    refused(ValueError, "unknown reduction 'avg'", nn.mse_loss, 1.0, 1.0, "avg")
    refused(TypeError, "unknown activation 3", nn.MLP, 2, [3], activation=3)


def test_too_few_and_too_many_inputs():
    refused(ValueError, "expected 2, got 1", model(), [1.0])
    refused(ValueError, "expected 2, got 3", model(), [1, 2, 3])
    refused(ValueError, "expected 2, got 3", nn.Neuron(2), [1, 2, 3])
    refused(ValueError, "expected 2 *, *got 3|expected 2, got 3", nn.Linear(2, 1), [1, 2, 3])
    refused(ValueError, "expected 2, got 3", nn.LayerNorm(2), [1, 2, 3])
    refused(ValueError, "expected 2, got 1", nn.Conv2d(2, 1, 1), [[[1.0]]])
    refused(ValueError, "at least 2 × 2", nn.Conv2d(1, 1, 2), [[[1.0]]])
    refused(ValueError, "rectangular", nn.Conv2d(1, 1, 1), [[[1.0], [1.0, 2.0]]])
    refused(ValueError, "not an image", nn.Conv2d(1, 1, 1), [])
    refused(ValueError, "no inputs", nn.Softmax(), [])


def test_tables_that_do_not_fit_each_other():
    refused(ValueError, "4 examples in x and 3 targets", model().fit, X, Y[:3])
    refused(ValueError, "x is empty", model().fit, [], [])
    refused(ValueError, "x is empty", model().fit, np.empty((0, 2)), [])
    refused(ValueError, r"y\[0\].*shapes differ", model().fit, X, np.ones((4, 2)))
    refused(ValueError, "expected 2, got 3", model().fit, np.ones((4, 3)), Y)
    refused(TypeError, "ragged: row 2 has 1 entries, row 0 has 2", model().fit, [[1, 2], [3, 4], [5]], Y[:3])
    refused(TypeError, "single number", model().fit, np.array(3.0), Y)
    for wrong in (None, "data", {"a": [1]}, (x for x in X), 3):
        refused(TypeError, "x is not a table of numbers", model().fit, wrong, Y)
    assert len(model().fit(X[:1], Y[:1], epochs=1).epoch) == 1


@pytest.mark.parametrize(
    ("cell", "kind", "words"),
    [
        (math.nan, ValueError, "nan"),
        (math.inf, ValueError, "inf"),
        (None, TypeError, "None"),
        ("", TypeError, "''"),
    ],
)
def test_a_bad_cell_is_named_by_row_and_column(cell, kind, words):
    net = model()
    before = net.state_dict()
    x = X.tolist()
    x[2][1] = cell
    refused(kind, f"x has {words} at row 2, column 1", net.fit, x, Y)
    y = Y.tolist()
    y[3] = cell
    refused(kind, f"y has {words} at row 3", net.fit, X, y)
    assert all(np.array_equal(before[name], array) for name, array in net.state_dict().items())


def test_labels_that_the_loss_does_not_know():
    refused(
        ValueError,
        r"y\[0\]: hinge_loss: unknown label 0.0; expected -1 or 1",
        model().fit,
        X,
        Y,
        loss="hinge",
    )
    refused(ValueError, "invalid label: target 2.0", model().fit, X, 2 * Y, loss="bce_with_logits")
    many = nn.MLP(2, [3], rng=0)
    refused(
        ValueError,
        r"y\[1\]: .*class out of range: target 3.0; expected 0 to 2",
        many.fit,
        X,
        3 * Y,
        loss="cross_entropy",
    )
    refused(ValueError, "class out of range: target 2.5", many.fit, X, 2.5 * Y, loss="cross_entropy")
    refused(ValueError, "class out of range: target -1", nn.cross_entropy, [1.0, 2.0], -1)
    refused(TypeError, "not a class", nn.cross_entropy, [1.0, 2.0], "cat")
    refused(TypeError, "not a class", nn.cross_entropy, [1.0, 2.0], True)
    assert nn.cross_entropy([1.0, 2.0], np.int64(1)).data == nn.cross_entropy([1.0, 2.0], 1.0).data
    refused(TypeError, "'cat' at row 0", many.fit, X, ["cat"] * 4, loss="cross_entropy")
    refused(TypeError, "not scores", nn.cross_entropy, Value(1.0), 0)
    refused(ValueError, "2 predictions", nn.cross_entropy, [[1.0, 2.0], [1.0, 2.0]], [0])
    refused(ValueError, "at least 2", nn.multi_margin_loss, [1.0], 0)
    refused(ValueError, "not a probability: prediction 1.5", nn.bce_loss, 1.5, 1.0)
    assert len(many.fit(X, 0 * Y, loss="cross_entropy", epochs=1).epoch) == 1  # A single class is valid.


def test_losses_at_the_edges_are_finite():
    for z, t in ((800.0, 0.0), (-800.0, 1.0), (800.0, 1.0), (-800.0, 0.0)):
        logit = Value(z)
        loss = nn.bce_with_logits_loss(logit, t)
        loss.backward()
        assert loss.data == pytest.approx(800.0 if (z > 0) != (t == 1) else 0.0)
        assert math.isfinite(logit.grad)
    scores = [Value(1000.0), Value(-1000.0)]
    loss = nn.cross_entropy(scores, 1)
    loss.backward()
    assert loss.data == 2000.0
    assert [s.grad for s in scores] == [1.0, -1.0]
    for p, t in ((0.0, 1.0), (1.0, 0.0), (0.0, 0.0), (1.0, 1.0)):
        y = Value(p)
        loss = nn.bce_loss(y, t)
        loss.backward()
        assert loss.data == pytest.approx(100.0 if p != t else 0.0)
        assert math.isfinite(y.grad)


@pytest.mark.parametrize("t", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("y", [0.0, 5e-324, 1e-200, 1e-44, 1e-43, 1e-30, 1e-10, 0.2, 0.9, 1.0 - 2**-53, 1.0])
def test_the_slope_of_bce_pulls_towards_the_target_wherever_it_is(y, t):
    smallest = nn.losses.functions.SMALLEST
    assert smallest == math.exp(-99.0)
    slope = (1.0 - t) / max(1.0 - y, smallest) - t / max(y, smallest)
    assert grad(lambda y: nn.bce_loss(y, t))(y) == pytest.approx(slope, rel=1e-14)
    compiled = compile(grad(lambda y: nn.bce_loss(y, t)))
    compiled(0.5)
    assert compiled(y) == pytest.approx(slope, rel=1e-14)
    loss = nn.bce_loss(y, t).data
    if smallest < y < 1.0:
        assert loss == pytest.approx(-t * math.log(y) - (1.0 - t) * math.log1p(-y), rel=1e-14)
    assert loss <= 100.0


HIDDEN = {
    "first": [-math.inf, 0.0, 1.0],
    "two": [-math.inf, 2.0, -math.inf, 0.5],
    "last": [3.0, -1.0, -math.inf],
    "all but one": [-math.inf, 4.0, -math.inf],
}


@pytest.mark.parametrize("name", HIDDEN)
def test_a_class_that_is_masked_counts_for_nothing_in_either_form(name):
    for k in (k for k, z in enumerate(HIDDEN[name]) if math.isfinite(z)):
        hot = [float(j == k) for j in range(len(HIDDEN[name]))]
        found = []
        for target in (k, hot, np.array(hot), [Value(t) for t in hot]):
            scores = [Value(z) for z in HIDDEN[name]]
            loss = nn.cross_entropy(scores, target)
            loss.backward()
            found.append([loss.data, *(z.grad for z in scores)])
        assert found[1:] == [pytest.approx(found[0], rel=1e-15, abs=1e-16)] * 3
        assert math.isfinite(sum(found[0]))
    hidden = HIDDEN[name].index(-math.inf)
    assert nn.cross_entropy(HIDDEN[name], [float(j == hidden) for j in range(len(hot))]).data == math.inf


def test_an_infinite_logit_with_the_right_label_costs_nothing():
    for z, t, expected in ((-math.inf, 0.0, 0.0), (math.inf, 1.0, 0.0), (math.inf, 0.0, math.inf)):
        assert nn.bce_with_logits_loss(Value(z), t).data == expected


@pytest.mark.parametrize("one_hot", [False, True])
def test_masked_logits_train_alike_in_every_form(one_hot):
    class Masked(nn.Module):
        def __init__(self):
            self.line = nn.Linear(2, 3, rng=0)

        def __call__(self, x):
            z = self.line(x)
            hidden = where(heaviside(x[0], 0.0), -math.inf, z[0])
            return [Value(-math.inf, requires_grad=False), hidden, *z[1:]]

    rng = np.random.default_rng(0)
    x = rng.normal(size=(20, 2))
    y = np.where(x[:, 0] > 0.0, rng.integers(2, 4, size=20), rng.integers(1, 4, size=20))
    losses = []
    for compiled in (False, True):
        model = Masked()
        history = model.fit(
            x, np.eye(4)[y] if one_hot else y, loss="cross_entropy", optimizer=nn.SGD(model, 0.1), epochs=3,
            batch_size=6, seed=0, compile=compiled,
        )  # fmt: skip
        assert history.compiled == compiled
        losses.append(history.history["loss"])
    assert losses[0] == pytest.approx(losses[1], rel=1e-13)
    assert all(math.isfinite(loss) for loss in losses[0])


@pytest.mark.parametrize("lr", [-1e-300, -1.0, math.nan, math.inf, "0.1", None, True])
def test_a_learning_rate_is_a_finite_number_of_at_least_0(lr):
    for kind in (nn.SGD, nn.Adagrad, nn.RMSprop, nn.Adam, nn.AdamW, nn.GradientDescent):
        refused((TypeError, ValueError), f"{kind.__name__}: .*lr = ", kind, [Value(1.0)], lr=lr)


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("SGD", {"momentum": 1.5}, "momentum = 1.5; expected .* < 1"),
        ("SGD", {"weight_decay": -1.0}, "invalid weight decay"),
        ("SGD", {"nesterov": True}, "nesterov needs momentum"),
        ("SGD", {"momentum": 0.9, "dampening": 0.1, "nesterov": True}, "nesterov needs"),
        ("Adam", {"betas": (0.9, 1.0)}, "beta2 = 1.0"),
        ("Adam", {"betas": (-0.1, 0.9)}, "beta1 = -0.1"),
        ("Adam", {"betas": 0.9}, "betas = 0.9"),
        ("Adam", {"eps": 0.0}, "eps = 0.0; expected .* > 0"),
        ("RMSprop", {"alpha": 1.0}, "alpha = 1.0"),
        ("Adagrad", {"lr_decay": -1.0}, "lr decay"),
    ],
)
def test_an_optimizers_settings_have_ranges(kind, options, words):
    refused(ValueError, f"{kind}: .*{words}", getattr(nn, kind), [Value(1.0)], **options)


def test_an_optimizer_without_parameters_or_with_something_else():
    used_up = (p for p in model().parameters())
    list(used_up)
    for empty in ([], used_up, nn.ReLU()):
        refused(ValueError, "SGD: .*no parameters", nn.SGD, empty)
    for wrong in (Value(1.0), "w", 3.0, None, {"w": Value(1.0)}):
        refused(TypeError, "SGD: not parameters", nn.SGD, wrong)
    refused(TypeError, "parameter 1 is 2.0", nn.SGD, [Value(1.0), 2.0])
    refused(TypeError, "parameter 0 .* leaf", nn.SGD, [Value(1.0) + 1.0])
    w = Value(1.0)
    with pytest.warns(nn.TrainingWarning, match="given twice"):
        optimizer = nn.SGD([w, w], lr=0.5)
    w.grad = 1.0
    optimizer.step()
    assert w.data == 0.5


def test_adam_at_the_edges():
    for gradient, moved in ((1.0, 0.1), (-1e-3, -0.1), (0.0, 0.0), (1e-300, 0.0), (1e300, 0.0), (1e100, 0.1)):
        w = Value(2.0)
        optimizer = nn.Adam([w], lr=0.1)
        w.grad = gradient
        optimizer.step()
        assert 2.0 - w.data == pytest.approx(moved, rel=1e-4, abs=1e-12)


def test_a_step_without_gradients_changes_nothing():
    net = model()
    before = net.state_dict()
    for kind in (nn.SGD, nn.Adagrad, nn.RMSprop, nn.Adam, nn.AdamW):
        optimizer = kind(net.parameters())
        optimizer.step()
        net([1.0, 2.0]).backward()
        optimizer.zero_grad()
        optimizer.step()
    assert all(np.array_equal(before[name], array) for name, array in net.state_dict().items())


def test_gradients_add_up_and_fit_never_forgets_to_clear_them():
    net = model()
    net([1.0, 2.0]).backward()
    once = [p.grad for p in net.parameters()]
    net([1.0, 2.0]).backward()
    assert [p.grad for p in net.parameters()] == [2.0 * g for g in once]
    clean = model()
    net.fit(X, Y, seed=0, epochs=1)
    clean.fit(X, Y, seed=0, epochs=1)
    assert all(np.array_equal(clean.state_dict()[name], array) for name, array in net.state_dict().items())


def test_epochs_and_batch_sizes():
    net = model()
    before = net.state_dict()
    assert net.fit(X, Y, epochs=0).epoch == []
    assert all(np.array_equal(before[name], array) for name, array in net.state_dict().items())
    refused(ValueError, "epochs = -1", net.fit, X, Y, epochs=-1)
    refused(TypeError, "epochs = 1.5", net.fit, X, Y, epochs=1.5)
    refused(ValueError, "batch_size = 0", net.fit, X, Y, batch_size=0)
    refused(ValueError, "batch_size = 5 for 4 examples", net.fit, X, Y, batch_size=5)
    refused(ValueError, "validation_split", net.fit, X, Y, validation_split=1.0)
    refused(ValueError, "leaves none", net.fit, X, Y, validation_split=0.01)
    refused(TypeError, "expected a pair", net.fit, X, Y, validation_data=X)
    refused(ValueError, "seed = -1", net.fit, X, Y, seed=-1)
    refused(TypeError, "not a callback", net.fit, X, Y, callbacks=[print])
    refused(TypeError, "not a loss", net.fit, X, Y, loss=3)
    refused(TypeError, "not an optimizer", net.fit, X, Y, optimizer=3)


def test_a_loss_that_does_not_depend_on_the_parameters():
    refused(ValueError, "does not depend on the parameters", model().freeze().fit, X, Y)
    refused(
        ValueError, "does not depend", model().fit, X, Y, loss=lambda p, t: Value(1.0, requires_grad=False)
    )
    refused(TypeError, "expected one Value", model().fit, X, Y, loss=lambda p, t: 1.0)
    refused(ValueError, "none of the model's parameters", model().fit, X, Y, optimizer=nn.SGD(model()))
    refused(ValueError, "the model has no parameters", nn.ReLU().fit, X, X)


def test_training_that_cannot_improve_ends_all_the_same():
    dead = model()
    dead.layers[0].bias.assign([-100.0] * 3)
    losses = dead.fit(X, Y, epochs=3, optimizer="adam").history["loss"]
    assert len(losses) == 3
    assert all(map(math.isfinite, losses))
    equal = nn.Sequential(nn.LayerNorm(2), nn.Linear(2, 1, rng=0))
    equal.fit(np.ones((4, 2)), np.ones(4), epochs=3)
    assert all(np.isfinite(array).all() for array in equal.state_dict().values())
    x, y = nn.data.gate("xor")
    single = nn.MLP(2, [1], rng=0)
    single.fit(x, 2 * y - 1, loss="hinge", epochs=20, metrics="accuracy")


def test_shapes_of_predictions_and_targets_are_not_stretched():
    refused(ValueError, "shapes differ", nn.mse_loss, [Value(1.0), Value(2.0)], [1.0])
    refused(ValueError, "shapes differ", nn.mse_loss, [[Value(1.0)], [Value(2.0)]], [1.0, 2.0])
    refused(ValueError, "no predictions", nn.mse_loss, [], [])
    refused(TypeError, "not a number: target '1'", nn.mse_loss, Value(1.0), "1")
    assert nn.mse_loss(Value(3.0), [1.0]).data == 4.0
    assert [t.data for t in nn.mse_loss([1.0, 2.0], [0.0, 0.0], "none")] == [1.0, 4.0]


def test_rates_of_dropout_norms_and_clips():
    refused(ValueError, "Dropout: .*p = 1.5; expected .* <= 1", nn.Dropout, 1.5)
    refused(ValueError, "eps = 0", nn.LayerNorm, 3, 0.0)
    refused(ValueError, "max_norm = 0", nn.clip_grad_norm_, [Value(1.0)], 0)
    refused(ValueError, "limit = -1", nn.MaxNorm, -1)
    refused(ValueError, "strength = -1", nn.L2, -1)
    refused(TypeError, "not an optimizer", nn.StepLR, "sgd", 3)
    refused(TypeError, "not a generator: rng = 'seed'", nn.MLP, 2, [1], rng="seed")


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda m: m.predict([0, 1]), ValueError, r"expected 2, got 1\. .* one row .*\[\[\.\.\.\]\]"),
        (lambda m: m(X.tolist()), TypeError, "example: got 4 rows; expected 2 numbers. Give one row"),
        (lambda m: m(X.tolist()[:2]), TypeError, r"input 0 is not a number: got \[.*Give one row"),
        (lambda m: m(X), TypeError, r"not a single example: got array of shape \(4, 2\).*Give one row"),
        (lambda m: m([1.0, 2.0, 3.0]), ValueError, r"expected 2, got 3\.$"),
    ],
)
def test_a_table_for_a_row_and_a_row_for_a_table(call, kind, words):
    refused(kind, words, call, model())


def test_an_option_that_fit_does_not_have():
    model = nn.MLP(1, [1], rng=0)
    with pytest.raises(TypeError, match=r"unknown option 'lr'; .*optimizer=nn.SGD\(model, lr=...\)"):
        model.fit([[1.0]], [1.0], lr=0.1)
    with pytest.raises(TypeError, match="unknown option 'epoch'; expected one of .*Did you mean 'epochs'"):
        model.fit([[1.0]], [1.0], epoch=3)


def test_weights_in_lists_without_end():
    class Endless(nn.Module):
        def __init__(self):
            self.rows = [Value(1.0)]
            self.rows.append(self.rows)

    with pytest.raises(TypeError, match="nested too deeply"):
        Endless().parameters()


def test_weights_are_set_by_numbers_only_in_the_ways_that_reach_the_model():
    model = nn.MLP(2, [2, 1], rng=0)
    neuron = model.layers[0].neurons[0]
    with pytest.raises(TypeError):
        neuron.w[0] = Value(9.0)
    with pytest.raises(TypeError, match=r"Neuron.bias: not Weights: got 3.0; .*bias.assign\("):
        neuron.bias = 3.0
    with pytest.raises(TypeError, match="Layer.weight: not Weights"):
        model.layers[0].weight = [[1.0, 2.0], [3.0, 4.0]]
    model.layers[0].weight = model.layers[0].weight


def test_accuracy_tells_of_logits():
    logits = [-3.0, 0.2, 4.0]
    with pytest.warns(nn.TrainingWarning, match=r"not probabilities.*threshold=0.0"):
        assert nn.accuracy([0, 1, 1], logits) == pytest.approx(2 / 3)
    assert nn.accuracy([0, 1, 1], logits, threshold=0.0) == 1.0
    assert nn.accuracy([0, 1], [0.1, 0.9]) == 1.0


def test_a_confusion_matrix_takes_what_predict_gives():
    scores = [[2.0, 1.0, 0.0], [0.0, 3.0, 1.0], [5.0, 0.0, 1.0]]
    assert nn.confusion_matrix([0, 1, 2], scores).tolist() == [[1, 0, 0], [0, 1, 0], [1, 0, 0]]
    assert nn.confusion_matrix([1, 1], [0, 1]).tolist() == [[0, 0], [1, 1]]
    with pytest.raises(ValueError, match="class out of range: got 5; expected 0 to 2"):
        nn.confusion_matrix([1, 1], [0, 5], 3)
    with pytest.raises(ValueError, match="not a class: got 0.3"):
        nn.confusion_matrix([1, 1], [0.3, 1.0])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda: nn.Sequential([nn.Linear(2, 3), nn.ReLU()]),
            r"Sequential: not a module: got \[.*Sequential\(a, b\)",
        ),
        (
            lambda: nn.Sequential(nn.Linear(2, 3), nn.ReLU),
            r"Sequential: not a module: got .*Create one: ReLU\(...\)",
        ),
        (
            lambda: nn.Concatenate(nn.ReLU(), 3),
            "Concatenate: not a module: got 3; expected modules or functions",
        ),
        (lambda: nn.Residual(None), "Residual: not a module: got None"),
    ],
)
def test_what_is_composed_is_a_module(make, said):
    with pytest.raises(DataError, match=said):
        make()
