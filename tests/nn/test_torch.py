"""Conversion to PyTorch and back; only if PyTorch is installed (the extra `torch`)."""

import importlib
import inspect
import math
import sys

import numpy as np
import pytest

import autograd_core as ag
import nn
from nn.modules.activations import display_name
from nn.modules.compose import flat

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


NUMBERS, SEQUENCE, IMAGE = (5, 4), (3, 2, 6), (3, 2, 6, 6)

# Every module of PyTorch that has an equivalent: its arguments, its input, and for each option
# the values with and without an equivalent.
TWINS = {
    "ReLU": ((), NUMBERS, {"inplace": ([True], [])}),
    "Sigmoid": ((), NUMBERS, {}),
    "LogSigmoid": ((), NUMBERS, {}),
    "Tanh": ((), NUMBERS, {}),
    "SELU": ((), NUMBERS, {"inplace": ([True], [])}),
    "SiLU": ((), NUMBERS, {"inplace": ([True], [])}),
    "Mish": ((), NUMBERS, {"inplace": ([True], [])}),
    "Softsign": ((), NUMBERS, {}),
    "Softplus": ((), NUMBERS, {
        "beta": ([2.0, 0.1, -0.5, 3], []), "threshold": ([5.0, 0.0, -1.0, 40, 100.0], [])}),
    "Identity": ((), NUMBERS, {}),
    "LeakyReLU": ((), NUMBERS, {"negative_slope": ([0.2, 0.0], [-0.1]), "inplace": ([True], [])}),
    "ELU": ((), NUMBERS, {"alpha": ([0.3, 2.0], [-1.0]), "inplace": ([True], [])}),
    "ReLU6": ((), NUMBERS, {"inplace": ([True], [])}),
    "Threshold": ((0.5, 2.0), NUMBERS, {
        "threshold": ([-1.0, 0], []), "value": ([-3.0, 0], []), "inplace": ([True], [])}),
    "CELU": ((), NUMBERS, {"alpha": ([0.3, 2.0], [-1.0]), "inplace": ([True], [])}),
    "Hardtanh": ((), NUMBERS, {
        "min_val": ([-2.0, 0], []), "max_val": ([2.0, 0], []), "inplace": ([True], []), "min_value": ([], []),
        "max_value": ([], [])}),
    "Hardsigmoid": ((), NUMBERS, {"inplace": ([True], [])}),
    "Hardswish": ((), NUMBERS, {"inplace": ([True], [])}),
    "Hardshrink": ((), NUMBERS, {"lambd": ([2.0, 0], [])}),
    "Softshrink": ((), NUMBERS, {"lambd": ([2.0, 0], [])}),
    "GELU": ((), NUMBERS, {"approximate": (["tanh"], [])}),
    "Softmax": ((-1,), NUMBERS, {"dim": ([1, -1], [0, -2, None])}),
    "LogSoftmax": ((-1,), NUMBERS, {"dim": ([1, -1], [0, -2, None])}),
    "PReLU": ((), NUMBERS, {"num_parameters": ([4], []), "init": ([0.5, -0.5], [])}),
    "Dropout": ((), NUMBERS, {"p": ([0.1, 0.0], []), "inplace": ([True], [])}),
    "Flatten": ((), IMAGE, {"start_dim": ([1], [0, 2]), "end_dim": ([-1], [2])}),
    "Linear": ((4, 3), NUMBERS, {"in_features": ([4], []), "out_features": ([1], []), "bias": ([False], [])}),
    "LayerNorm": ((4,), NUMBERS, {
        "normalized_shape": ([[4]], [[5, 4]]), "eps": ([0.1], [0.0]), "elementwise_affine": ([False], []),
        "bias": ([False], [])}),
    "BatchNorm1d": ((4,), NUMBERS, {
        "num_features": ([4], []), "eps": ([0.1], [0.0]), "momentum": ([0.3, None], []),
        "affine": ([False], []), "track_running_stats": ([], [False]), "bias": ([], [False])}),
    "Conv1d": ((2, 4, 3), SEQUENCE, {
        "in_channels": ([2], []), "out_channels": ([2], []), "kernel_size": ([2, (2,)], []),
        "stride": ([2, (2,)], []), "padding": ([1, (2,), "same", "valid"], []), "dilation": ([2], []),
        "groups": ([2], []), "bias": ([False], []), "padding_mode": ([], ["reflect", "circular"])}),
    "Conv2d": ((2, 4, 3), IMAGE, {
        "in_channels": ([2], []), "out_channels": ([2], []), "kernel_size": ([2, (1, 2)], []),
        "stride": ([2, (1, 2)], []), "padding": ([1, (0, 1), "same", "valid"], []),
        "dilation": ([2, (1, 2)], []), "groups": ([2], []), "bias": ([False], []),
        "padding_mode": ([], ["reflect", "circular"])}),
    "MaxPool1d": ((2,), SEQUENCE, {
        "kernel_size": ([3, (3,)], []), "stride": ([1, (3,), None], []), "padding": ([0, (0,)], [1]),
        "dilation": ([(1,)], [2]), "return_indices": ([], [True]), "ceil_mode": ([], [True])}),
    "MaxPool2d": ((2,), IMAGE, {
        "kernel_size": ([3, (1, 2)], []), "stride": ([1, (1, 2), None], []), "padding": ([0, (0, 0)], [1]),
        "dilation": ([(1, 1)], [2]), "return_indices": ([], [True]), "ceil_mode": ([], [True])}),
    "AvgPool1d": ((2,), SEQUENCE, {
        "kernel_size": ([3, (3,)], []), "stride": ([1, (3,), None], []), "padding": ([0, (0,)], [1]),
        "ceil_mode": ([], [True]), "count_include_pad": ([False], [])}),
    "AvgPool2d": ((2,), IMAGE, {
        "kernel_size": ([3, (1, 2)], []), "stride": ([1, (1, 2), None], []), "padding": ([0, (0, 0)], [1]),
        "ceil_mode": ([], [True]), "count_include_pad": ([False], []), "divisor_override": ([], [3])}),
    "Sequential": ((), NUMBERS, {}),
}  # fmt: skip


IN_SINGLE_PRECISION = ("CELU", "Hardsigmoid", "Hardswish")
"""PyTorch's derivatives of these have 1/alpha or 1/6 in single precision."""


def options_of(kind):
    """Return the constructor's options, except a tensor's device and type."""
    parameters = inspect.signature(kind.__init__).parameters.values()
    named = [p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    return [name for name in named if name not in ("self", "device", "dtype")]


def variants(name, refused):
    """Yield the module's arguments by name, first the defaults, then with one option changed at a time."""
    torch = pytest.importorskip("torch", reason="needs the extra torch")
    required, _, options = TWINS[name]
    arguments = dict(zip(options_of(getattr(torch.nn, name)), required, strict=False))
    made = [] if refused else [arguments]
    return made + [{**arguments, option: x} for option, values in options.items() for x in values[refused]]


def gradients_there(torch, module, x):
    """Return the outputs, and the gradients of their weighted sum by the input and the weights."""
    x = torch.tensor(x, requires_grad=True)
    out = module(x * 1.0)
    weights = torch.cos(torch.arange(out.numel(), dtype=torch.float64)).reshape(out.shape)
    (out * weights).sum().backward()
    return (
        out.detach().numpy(),
        x.grad.numpy(),
        [p.grad.numpy() for p in module.parameters() if p.requires_grad],
    )


def gradients_here(module, x):
    rows = [ag.Value(v) for v in x.ravel().tolist()]
    nested = np.array(rows, dtype=object).reshape(x.shape).tolist()
    out = [v for example in nested for v in flat(module(example))]
    ag.sum([v * math.cos(i) for i, v in enumerate(out)]).backward()
    by_input = np.array([v.grad for v in rows]).reshape(x.shape)
    learning = [w for w in module.weights().values() if w.trainable]
    return np.array([v.data for v in out]), by_input, [w.gradient for w in learning]


@pytest.mark.parametrize("name", TWINS)
def test_a_twin_with_each_of_its_options_is_equal_or_refused_by_name(torch, name):
    assert options_of(getattr(torch.nn, name)) == list(TWINS[name][2]), "an option of PyTorch is missing"
    exact = name not in IN_SINGLE_PRECISION
    for refused in (False, True):
        for arguments in variants(name, refused):
            there = getattr(torch.nn, name)(**arguments).double().eval()
            if refused:
                with pytest.raises(TypeError, match=f"no counterpart of {name}"):
                    nn.from_torch(there)
                continue
            x = 4.0 * np.random.default_rng(0).normal(size=TWINS[name][1])
            for module in (there, nn.to_torch(nn.from_torch(there))):
                out, *gradients = gradients_there(torch, module, x)
                mine, *others = gradients_here(nn.from_torch(module), x)
                assert np.allclose(out.ravel(), mine, rtol=1e-13, atol=1e-14), arguments
                for a, b in zip(gradients, others, strict=True):
                    for g, h in zip(a, b, strict=True):
                        assert np.allclose(g, h, rtol=1e-12 if exact else 1e-6, atol=1e-13), arguments


@pytest.mark.parametrize("activation", nn.modules.activations.FUNCTIONS)
def test_a_layer_with_any_activation_is_equal_there_and_back(torch, activation):
    x = 30.0 * np.random.default_rng(0).normal(size=(6, 3))
    for model in (
        nn.Layer(3, 2, activation=activation, rng=0),
        nn.Neuron(3, activation=activation, rng=0),
        nn.MLP(3, [2, 1], activation=activation, out_activation=activation, rng=0),
    ):
        there = nn.to_torch(model)
        back = nn.from_torch(there)
        assert repr(back) == repr(model)
        out, by_input, by_weights = gradients_there(torch, there, x)
        for module in (model, back):
            module.zero_grad()
            mine, by_mine, of_weights = gradients_here(module, x)
            assert np.allclose(out.ravel(), mine, rtol=1e-13, atol=1e-15)
            relative = 1e-6 if display_name(activation) in IN_SINGLE_PRECISION else 1e-11
            assert np.allclose(by_input, by_mine, rtol=relative, atol=1e-14)
            for a, b in zip(by_weights, of_weights, strict=True):
                assert np.allclose(a, b, rtol=relative, atol=1e-13)


def test_a_softplus_with_a_threshold_trains_alike_compiled(torch):
    x, y = np.random.default_rng(0).normal(size=(20, 2)), np.arange(20.0)
    losses = []
    for compiled in (False, True):
        net = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Softplus(2.0, 1.0), nn.Linear(3, 1, rng=1))
        history = net.fit(x, y, optimizer="sgd", epochs=3, seed=0, batch_size=5, compile=compiled, verbose=0)
        assert history.compiled == compiled
        losses.append(history.history["loss"])
    assert losses[0] == pytest.approx(losses[1], rel=1e-13)


def test_the_gradient_of_a_pool_goes_to_the_first_of_equals(torch):
    rng = np.random.default_rng(0)
    x = rng.integers(-1, 2, size=(8, 1, 5, 5)).astype(float)
    x[0], x[1] = 0.0, -1.0
    for size, stride in ((2, None), (2, 1), (3, 2)):
        pool = nn.MaxPool2d(size, stride)
        out, by_input, _ = gradients_there(torch, nn.to_torch(pool), x)
        mine, by_mine, _ = gradients_here(pool, x)
        assert np.array_equal(out.ravel(), mine)
        assert np.allclose(by_input, by_mine, rtol=1e-15)

    def model():
        parts = nn.Conv2d(1, 2, 2, init="zeros"), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 1, rng=0)
        net = nn.Sequential(*parts)
        net[0].weight.assign(rng_weights)
        return net

    rng_weights, y = rng.integers(-1, 2, size=(2, 1, 2, 2)), rng.normal(size=8)
    trained = []
    for compiled in (False, True):
        net = model()
        history = net.fit(
            x, y, optimizer=nn.SGD(net, 0.1), epochs=1, shuffle=False, compile=compiled, verbose=0
        )
        assert history.compiled == compiled
        trained.append(net.state_dict())
    there = nn.to_torch(model())
    loss = torch.nn.functional.mse_loss(there(torch.tensor(x)).ravel(), torch.tensor(y))
    loss.backward()
    for name, p in there.named_parameters():
        for state in trained:
            assert np.allclose(state[name], (p - 0.1 * p.grad).detach().numpy(), rtol=1e-13, atol=1e-15)


def test_a_module_without_a_twin_is_refused_by_name(torch):
    refused = 0
    for name, kind in vars(torch.nn).items():
        if not (isinstance(kind, type) and issubclass(kind, torch.nn.Module)) or name in TWINS:
            continue
        for arguments in ((), (2,), (2, 2), (2, 2, 1)):
            try:
                there = kind(*arguments)
            except Exception:  # Created in another way.
                continue
            with pytest.raises(TypeError, match="no counterpart"):
                nn.from_torch(there)
            refused += 1
            break
    assert refused > 80
    for there in (torch.nn.Parameter(torch.ones(2)), "Linear", None, torch.nn.Linear):
        with pytest.raises(TypeError, match="no counterpart"):
            nn.from_torch(there)
    with pytest.raises(TypeError, match="no counterpart of WinnerTakeAll"):
        nn.to_torch(nn.WinnerTakeAll())


def changed(torch, how):
    """Return a linear layer in a sequence that computes something other than its options say."""

    class Own(torch.nn.Linear):
        def forward(self, x):
            return 2.0 * super().forward(x)

    class Weighty(torch.nn.Linear):
        def __getattr__(self, name):
            return 2.0 * super().__getattr__(name) if name == "weight" else super().__getattr__(name)

    class Backwards(torch.nn.Sequential):
        def __iter__(self):
            return iter(list(super().__iter__())[::-1])

    linear = torch.nn.Linear(2, 2)
    if how == "forward":
        linear = Own(2, 2)
    elif how == "getattr":
        linear = Weighty(2, 2)
    elif how == "order":
        linear = Backwards(linear, torch.nn.ReLU())
    elif how == "forward of the instance":
        linear.forward = lambda x: x
    elif how == "hook":
        linear.register_forward_hook(lambda module, x, out: 2.0 * out)
    elif how == "hook before":
        linear.register_forward_pre_hook(lambda module, x: (2.0 * x[0],))
    elif how == "hook on the way back":
        linear.register_full_backward_hook(lambda module, gin, gout: None)
    elif how == "hook of a tensor":
        linear.weight.register_hook(lambda g: 2.0 * g)
    elif how == "parametrization":
        torch.nn.utils.parametrizations.weight_norm(linear)
    elif how == "pruning":
        importlib.import_module("torch.nn.utils.prune").l1_unstructured(linear, "weight", 1)
    elif how == "tensor":
        linear.register_parameter("more", torch.nn.Parameter(torch.ones(1)))
    elif how == "complex":
        linear = linear.to(torch.complex64)
    elif how == "meta":
        linear = linear.to("meta")
    return torch.nn.Sequential(linear, torch.nn.Tanh())


@pytest.mark.parametrize("how", [
    "forward", "getattr", "order", "forward of the instance", "hook", "hook before", "hook on the way back",
    "hook of a tensor", "parametrization", "pruning", "tensor", "complex", "meta",
])  # fmt: skip
@pytest.mark.filterwarnings("ignore:Complex modules")
def test_a_module_that_was_changed_is_refused_by_name(torch, how):
    with pytest.raises(TypeError, match="no counterpart of"):
        nn.from_torch(changed(torch, how))


def test_a_subclass_that_computes_the_same_is_taken(torch):
    class Net(torch.nn.Sequential):
        """A network."""

        def __init__(self):
            super().__init__(torch.nn.Linear(2, 3), torch.nn.Tanh())

        def helper(self):
            return 1

    class Mine(nn.Linear):
        def __call__(self, x):
            return super().__call__(x)

    assert len(nn.from_torch(Net()).parameters()) == 9
    with pytest.raises(TypeError, match="no counterpart of Mine"):
        nn.to_torch(nn.Sequential(Mine(2, 2)))


def test_in_place_is_refused_where_another_branch_takes_the_same_input(torch):
    for make in (nn.Residual, lambda block: nn.Concatenate(nn.Identity(), block)):
        there = nn.to_torch(make(nn.Sequential(nn.ReLU(), nn.Linear(2, 2))))
        assert nn.from_torch(there)
        next(m for m in there.modules() if isinstance(m, torch.nn.ReLU)).inplace = True
        with pytest.raises(TypeError, match="no counterpart of ReLU.*inplace=True"):
            nn.from_torch(there)


def test_what_is_tied_stays_tied_and_what_is_frozen_stays_frozen(torch):
    layer = torch.nn.Linear(4, 4)
    tied = torch.nn.Linear(4, 4)
    tied.weight = layer.weight
    there = torch.nn.Sequential(layer, torch.nn.Tanh(), layer, tied)
    tied.bias.requires_grad_(False)
    here = nn.from_torch(there)
    assert len(here.parameters()) == sum(p.numel() for p in there.parameters()) == 24
    assert here[0] is here[2]
    assert here[0].weight is here[3].weight
    again = nn.to_torch(here)
    assert again[0] is again[2]
    assert again[0].weight is again[3].weight
    for model in (there, again):
        assert [p.requires_grad for p in model.parameters()] == [True, True, False]
    assert [w.trainable for w in here.weights().values()] == [True, True, False]
    x = np.random.default_rng(0).normal(size=(3, 4))
    mine, theirs = gradients_here(here, x), gradients_there(torch, again, x)
    assert np.allclose(mine[0], theirs[0].ravel(), rtol=1e-13)
    assert np.allclose(mine[2][0], theirs[2][0], rtol=1e-12)


def test_what_only_single_numbers_have_is_refused_on_the_way_there(torch):
    model = nn.Linear(2, 2)
    model.weight.values[1].requires_grad = False
    with pytest.raises(TypeError, match="Linear.weight: some numbers are frozen"):
        nn.to_torch(nn.Sequential(model))
    layer = nn.Layer(2, 3)
    for neuron in layer.neurons[:2]:
        with pytest.raises(TypeError, match="part of other weights|in two arrays"):
            nn.to_torch(nn.Sequential(layer, layer | neuron))


def test_the_mode_is_kept_and_no_random_number_is_drawn(torch):
    model = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5)).eval()
    torch.manual_seed(0)
    before = torch.get_rng_state()
    there = nn.to_torch(model)
    assert torch.equal(torch.get_rng_state(), before)
    assert not there.training
    assert not there[1].training
    there[1].train()
    back = nn.from_torch(there)
    assert (back.training, back[1].training) == (False, True)


@pytest.mark.parametrize("name", WHOLE)
def test_a_saved_file_has_the_names_and_shapes_of_the_pytorch_model(torch, tmp_path, name):
    load_file = pytest.importorskip("safetensors.torch").load_file
    model = WHOLE[name]()
    nn.save(model, tmp_path / "model")
    there = nn.to_torch(model)
    for p in there.parameters():
        p.data.zero_()
    there.load_state_dict(load_file(tmp_path / "model"))
    assert list(there.state_dict()) == list(model.state_dict())
    assert all(np.array_equal(p.numpy(), model.state_dict()[key]) for key, p in there.state_dict().items())


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
