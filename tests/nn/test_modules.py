"""Modules: results, names and sharing of parameters, composition and printing."""

import copy
import functools
import io
import itertools
import pickle
from collections import ChainMap, OrderedDict, UserList, deque, namedtuple
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

import nn
from autograd_core import Graph, Value, compile, relu, sigmoid, tanh
from nn.modules.activations import FUNCTIONS, OF_LAYERS


def data(x):
    return [v.data for v in x]


def test_micrograds_habits():
    model = nn.MLP(3, [4, 4, 1])
    assert len(model.parameters()) == 41
    assert isinstance(model([2.0, 3.0, -1.0]), Value)
    assert [len(layer.neurons) for layer in model.layers] == [4, 4, 1]
    neuron = model.layers[0].neurons[0]
    assert len(neuron.w) == 3
    assert neuron.b.data == 0.0
    assert repr(neuron) == "ReLUNeuron(3)"
    assert repr(nn.Neuron(2, nonlin=False)) == "LinearNeuron(2)"
    assert len(nn.Layer(2, 3)([1.0, 2.0])) == 3
    total = model([1.0, 1.0, 1.0])
    total.backward()
    assert any(p.grad for p in model.parameters())
    model.zero_grad()
    assert not any(p.grad for p in model.parameters())


def test_a_neurons_weighted_sum_is_one_node():
    neuron = nn.Neuron(3, nonlin=False)
    total, bias = neuron([1.0, 2.0, 3.0]).parents
    assert bias is neuron.b
    assert total.op.name == "dot"
    assert total.parents[:3] == tuple(neuron.w)


def test_an_activation_may_be_a_module_with_its_default_options():
    for kind, name in ((nn.Tanh, "tanh"), (nn.LeakyReLU, "leaky_relu"), (nn.Identity, "identity")):
        model = nn.MLP(2, [3, 1], activation=kind(), out_activation=kind(), rng=0)
        assert repr(model) == repr(nn.MLP(2, [3, 1], activation=name, out_activation=name, rng=0))
    for module in (nn.LeakyReLU(0.2), nn.Threshold(1.0, 0.0), nn.PReLU()):
        with pytest.raises((TypeError, ValueError), match="activation"):
            nn.Layer(2, 3, activation=module)
    with pytest.raises((TypeError, ValueError), match="activation"):
        nn.MLP(2, [3, 1], activation=nn.Softmax())


def test_a_layers_neurons_share_its_parameters():
    layer = nn.Layer(2, 3, rng=0)
    layer.neurons[1].w[0].data = 7.0
    layer.neurons[2].b = 5.0
    assert layer.weight.array[1, 0] == 7.0
    assert layer.bias.array.tolist() == [0.0, 0.0, 5.0]
    layer.load_state_dict({"weight": np.ones((3, 2)), "bias": [1.0, 2.0, 3.0]})
    assert data(layer.neurons[1].w) == [1.0, 1.0]
    assert layer.neurons[2].b.data == 3.0
    assert layer.neurons[0].w[0] is layer.parameters()[0]


def test_setting_a_neurons_weights_sets_their_numbers():
    neuron = nn.Neuron(2)
    w = neuron.w
    neuron.w, neuron.b = [1.0, -2.0], 3.0
    assert all(new is old for new, old in zip(neuron.w, w, strict=True))
    assert data(w) == [1.0, -2.0]
    with pytest.raises(ValueError, match="wrong shape"):
        neuron.w = [1.0]


def test_no_array_of_weights_takes_a_write_that_would_be_lost():
    layer = nn.Layer(2, 2, rng=0)
    fresh, trained, alone = layer.weight, nn.Weights(np.ones((2, 2))), nn.Weights.around([Value(1.0)])
    trained.gradient = np.ones((2, 2))
    before = fresh.array
    for touched in (False, True):
        for weights in (fresh, trained, alone):
            for name in ("array", "gradient", "mask"):
                array = getattr(weights, name)
                with pytest.raises(ValueError, match="read-only"):
                    array[...] = 0
            assert (weights.gradient == (weights is trained)).all()
        assert np.array_equal(fresh.array, before)
        if not touched:
            assert layer.neurons
            assert trained.values
    state = layer.state_dict()
    state["weight"][...] = 0.0
    assert np.array_equal(fresh.array, before)


@dataclass
class Pair:
    first: Value
    second: Value


def objects(things, shape):
    array = np.empty(len(things), dtype=object)
    array[:] = things
    return array.reshape(shape)


# Ways to hold four Values, and the names under which they are found; none if the container is rejected.
CONTAINERS = {
    "list": (lambda v: v, ["p"]),
    "tuple": (tuple, ["p"]),
    "rows": (lambda v: [v[:2], v[2:]], ["p"]),
    "object array": (lambda v: objects(v, (4,)), ["p"]),
    "matrix of objects": (lambda v: objects(v, (2, 2)), ["p"]),
    "numpy's own": (lambda v: np.array([v[:2], v[2:]]), ["p"]),
    "dict": (lambda v: dict(zip("abcd", v, strict=True)), ["p.a", "p.b", "p.c", "p.d"]),
    "OrderedDict": (lambda v: OrderedDict(a=v[:2], b=v[2:]), ["p.a", "p.b"]),
    "ChainMap": (lambda v: ChainMap({"a": v[:2]}, {"b": v[2:]}), ["p.b", "p.a"]),
    "dict of dicts": (lambda v: {"a": {1: v[0], 2: v[1]}, "b": {"c": v[2:]}}, ["p.a.1", "p.a.2", "p.b.c"]),
    "with numbers": (lambda v: [v[0], 1.0, v[1], "x", None, v[2], v[3]], ["p.0", "p.2", "p.5", "p.6"]),
    "array with numbers": (lambda v: objects([*v, 2.0], (5,)), ["p.0", "p.1", "p.2", "p.3"]),
    "with modules": (lambda v: [v[0], nn.Identity(), v[1], Holder(v[2:])], ["p.0", "p.2", "p.3.p"]),
    "array of modules": (lambda v: objects([Holder(v[:2]), Holder(v[2:])], (2,)), ["p.0.p", "p.1.p"]),
    "dict of lists of modules": (
        lambda v: {"a": [Holder(v[:1])], "b": (Holder(v[1:]),)}, ["p.a.0.p", "p.b.0.p"]),
    "deque": (lambda v: deque(v), ["p.0", "p.1", "p.2", "p.3"]),
    "namedtuple": (lambda v: namedtuple("T", "a b")(v[:2], v[2:]), ["p"]),
    "Weights in a list": (lambda v: [nn.Weights.around(v[:2]), nn.Weights.around(v[2:])], ["p.0", "p.1"]),
    "Weights in a dict": (lambda v: {"a": nn.Weights.around(v)}, ["p.a"]),
    "uneven rows": (lambda v: [v[:1], v[1:]], []),
    "a row and a number": (lambda v: [v[:3], v[3]], []),
    "set": (set, []),
    "frozenset": (frozenset, []),
    "set of modules": (lambda v: {Holder(v)}, []),
    "namespace": (lambda v: SimpleNamespace(a=v[0], b=v[1]), []),
    "dataclass": (lambda v: Pair(v[0], v[1]), []),
    "set in a dict": (lambda v: {"a": set(v)}, []),
}  # fmt: skip


class Holder(nn.Module):
    def __init__(self, p):
        self.p = p


@pytest.mark.parametrize("name", CONTAINERS)
def test_each_value_in_a_container_is_found_and_trained_or_the_container_is_refused(tmp_path, name):
    hold, names = CONTAINERS[name]
    values = [Value(1.0 + i) for i in range(4)]

    class Net(nn.Module):
        def __init__(self):
            self.p, self.b = hold(values), Value(0.0)

        def __call__(self, x):
            return values[0] * x[0] + values[1] * values[2] + values[3] + self.b

    net = Net()
    if not names:
        for use in (net.parameters, net.state_dict, lambda: net.fit([[1.0]], [2.0], epochs=1)):
            with pytest.raises(TypeError, match="^Module: "):
                use()
        return
    assert sorted(net.weights()) == sorted([*names, "b"])
    assert {id(v) for v in net.parameters()} == {id(v) for v in [*values, net.b]}
    before = net.state_dict()
    net.fit([[1.0]], [2.0], optimizer=nn.SGD(net, 0.01), epochs=1, verbose=0)
    assert [v.data for v in values] != [1.0, 2.0, 3.0, 4.0]
    assert all(v.data != 1.0 + i for i, v in enumerate(values))
    net.load_state_dict(before)
    assert [v.data for v in values] == [1.0, 2.0, 3.0, 4.0]
    nn.save(net, tmp_path / "net")
    for v in values:
        v.data = 0.0
    nn.load_into(net, tmp_path / "net")
    assert [v.data for v in values] == [1.0, 2.0, 3.0, 4.0]


class Slotted:
    __slots__ = ("inside",)

    def __init__(self, thing):
        self.inside = thing


def closing_over(w):
    return lambda x: w * x


def with_a_default(w):
    def f(x, *, w=w):
        return w * x

    return f


def with_an_attribute(w):
    f = lambda x: x  # noqa: E731
    f.w = w
    return f


# Ways to hold a weight or a module where it is not found, and how the message describes the location.
HIDDEN = {
    "key": (lambda w: {w: 1.0}, "a key of p is a"),
    "key in a list": (lambda w: [{"a": {w: 1.0}}], "a key of .*p.* is a"),
    "set in a tuple": (lambda w: (1.0, {w}), "an element of .*p.* is a"),
    "partial's argument": (lambda w: functools.partial(max, w), "an element of p.args is a"),
    "partial's keyword": (lambda w: functools.partial(max, key=w), r"p.keywords\['key'\] is a"),
    "partial's function": (lambda w: functools.partial(closing_over(w)), r"w \(in the closure of p.func\)"),
    "closure": (closing_over, r"w \(in the closure of p\) is a"),
    "closure in a list": (lambda w: [closing_over(w)], r"w \(in the closure of an element of p\) is a"),
    "closure of a step": (lambda w: nn.Identity() @ closing_over(w), r"w \(in the closure of function\)"),
    "default": (with_a_default, r"p.__kwdefaults__\['w'\] is a"),
    "function's attribute": (with_an_attribute, "p.w is a"),
    "method": (lambda w: Slotted(w).__init__, "p.__self__.inside is a"),
    "wrapped": (lambda w: functools.cache(closing_over(w)), r"w \(in the closure of p\) is a"),
    "compiled": (lambda w: compile(closing_over(w)), r"w \(in the closure of p\) is a"),
    "slots": (Slotted, "p.inside is a"),
    "view": (lambda w: {"a": w}.values(), "an element of p is a"),
    "UserList": (lambda w: UserList([w]), "an element of p.data is a"),
    "chain": (lambda w: itertools.chain([w]), "p is a chain.*Make it a list"),
    "object": (lambda w: SimpleNamespace(a=[w]), "an element of p.a is a"),
    "object in an object": (lambda w: SimpleNamespace(a=Slotted(w)), "p.a.inside is a"),
    "generator": (lambda w: (v for v in [w]), "p is a generator.*Make it a list"),
    "map": (lambda w: map(abs, [w]), "p is a map.*Make it a list"),
    "iterator": (lambda w: iter([w]), "p is a list_iterator.*Make it a list"),
    "iterator in a dict": (lambda w: {"a": reversed([w])}, r"p\['a'\] is a .*Make it a list"),
}  # fmt: skip


@pytest.mark.parametrize("kind", [lambda: Value(1.0), lambda: nn.Weights([1.0]), lambda: nn.Linear(1, 1)])
@pytest.mark.parametrize("name", HIDDEN)
def test_what_hides_a_weight_is_refused_by_name_unless_it_is_found_elsewhere(name, kind):
    hold, place = HIDDEN[name]
    weight = kind()
    net = Holder(hold(weight))
    for use in (net.parameters, net.state_dict, lambda: nn.Sequential(net).fit([[1.0]], [2.0], epochs=1)):
        with pytest.raises(TypeError, match=rf"^Module: \w+: {place}"):
            use()
    if "Make it a list" not in place:
        net.w = weight
        assert len(net.parameters()) == (2 if isinstance(weight, nn.Linear) else 1)
    net.w, net._p = weight, net.p
    del net.p
    assert net.parameters()


def test_weights_of_a_class_of_its_slots_or_its_methods_closures_are_refused():
    w = Value(1.0)

    class Shared(nn.Module):
        p = (w,)

    class Slots(nn.Module):
        __slots__ = ("p",)

        def __init__(self):
            self.p = w

    class Closing(nn.Module):
        def __call__(self, x):
            return w * x

    class Derived(Closing):
        pass

    for kind, place in {
        Shared: r"an element of p \(of the class\)",
        Slots: r"p \(of __slots__\).*Leave its name out of __slots__",
        Closing: r"w \(in the closure of .*__call__ \(of the class\)",
        Derived: r"w \(in the closure of .*__call__ \(of the class\)",
    }.items():
        with pytest.raises(TypeError, match=f"^Module: {kind.__name__}: {place}"):
            kind().parameters()
    for found in (Shared(), Closing()):
        found.p = [w]
        assert found.parameters() == [w]


def test_what_is_not_a_weight_may_stand_anywhere():
    net = Holder(nn.Linear(1, 1))
    y = net.p([1.0])[0]
    frozen = Value(1.0, requires_grad=False)
    other = nn.Linear(1, 1)
    net.keys = {frozen: 1.0, y: 2.0}
    net.closure, net.method = closing_over(frozen), net.p.summary
    net.graph, net.program = Graph(y), compile(Value(1.0) * 2.0)
    net.optimizer, net._teacher = nn.SGD(other), closing_over(other)
    net.numbers, net.file, net.rng = itertools.count(), io.StringIO(), np.random.default_rng(0)
    net.rows, net.ids = itertools.cycle([1.0, 2.0]), iter(range(3))
    net.loop = net.numbers, lambda: loop
    loop = net.loop
    inner = net.p
    inner.owner = SimpleNamespace(model=net)
    assert len(net.parameters()) == len(inner.parameters()) == 2


def test_what_is_computed_or_a_plain_number_is_not_a_weight():
    class Cached(nn.Module):
        def __init__(self):
            self.w, self.table, self.memo = Value(2.0), [[1.0, 2.0]] * 1000, {}

        def __call__(self, x):
            self.memo["last"] = self.w * x
            return self.memo["last"]

    net = Cached()
    net(3.0)
    assert list(net.weights()) == ["w"]


def test_single_numbers_are_frozen_by_a_mask():
    weights = nn.Weights(np.ones((2, 2)))
    weights.mask = [[True, False], [True, True]]
    assert [v.requires_grad for v in weights.values] == [True, False, True, True]
    weights.mask = False
    assert not weights.trainable
    weights.mask = True
    assert weights.mask.all()
    with pytest.raises(ValueError, match="broadcast"):
        weights.mask = [True, False, True]


def test_weights_have_one_owner_at_a_time():
    weights = nn.Weights([[1.0, 2.0], [3.0, 4.0]])
    weights.gradient = np.full((2, 2), 0.5)
    values = weights.values
    assert [v.grad for v in values] == [0.5] * 4
    values[3].data = 9.0
    assert weights.array.tolist() == [[1.0, 2.0], [3.0, 9.0]]
    weights.assign(np.zeros((2, 2)))
    assert data(values) == [0.0] * 4
    assert weights.values is values
    assert weights.rows[1][1] is values[3]
    weights.trainable = False
    assert not any(v.requires_grad for v in values)


def test_a_large_model_has_no_values_until_they_are_asked_for():
    model = nn.MLP(784, [512, 512, 10], rng=0)
    optimizer = nn.SGD(model, lr=0.1)
    state = model.state_dict()
    assert sum(array.size for array in state.values()) == 669_706
    for weights in model.weights().values():
        weights.gradient = np.ones(weights.shape)
    optimizer.step()
    assert np.array_equal(model.layers[0].weight.array, state["layers.0.weight"] - 0.1)
    assert all(weights._values is None for weights in model.weights().values())


def test_parameters_have_names_and_the_list_is_the_callers_own():
    model = nn.MLP(2, [2, 1])
    names = [name for name, _ in model.named_parameters()]
    assert names[:6] == [
        "layers.0.weight[0, 0]", "layers.0.weight[0, 1]", "layers.0.weight[1, 0]", "layers.0.weight[1, 1]",
        "layers.0.bias[0]", "layers.0.bias[1]",
    ]  # fmt: skip
    parameters = model.parameters()
    assert [value for _, value in model.named_parameters()] == parameters
    parameters.clear()
    assert len(model.parameters()) == 9
    assert model.label().parameters()[0].label == "layers.0.weight[0, 0]"


class House(nn.Module):
    def __init__(self):
        self.theta = [Value(0.1 * i) for i in range(4)]
        self.table = [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]]
        self.scale = Value(2.0)
        self.parts = {"first": nn.Linear(1, 1), "second": [nn.Linear(1, 1, bias=False)]}
        self.note = "not a parameter"

    def forward(self, x):
        return self.scale * x


def test_a_module_of_ones_own_finds_its_parameters():
    house = House()
    assert {name: weights.shape for name, weights in house.weights().items()} == {
        "theta": (4,), "table": (2, 2), "scale": (), "parts.first.weight": (1, 1), "parts.first.bias": (1,),
        "parts.second.0.weight": (1, 1),
    }  # fmt: skip
    assert house.table[1][0] in house.parameters()
    assert house(3.0).data == 6.0
    assert "(parts.first): Linear" in repr(house)
    with pytest.raises(RuntimeError, match="cannot be called"):
        nn.Module()(1.0)


def test_state_goes_out_and_in_again_or_nothing_changes():
    model, other = nn.MLP(2, [3, 1], rng=0), nn.MLP(2, [3, 1], rng=1)
    other.load_state_dict(model.state_dict())
    assert all(
        np.array_equal(a, b)
        for a, b in zip(model.state_dict().values(), other.state_dict().values(), strict=True)
    )
    before = other.state_dict()
    for wrong in (
        {"layers.0.weight": np.zeros((3, 2))},
        {**before, "more": np.zeros(1)},
        {**before, "layers.1.bias": np.zeros(2)},
        {**before, "layers.1.bias": ["a"]},
    ):
        with pytest.raises(ValueError, match="load_state_dict"):
            other.load_state_dict(wrong)
        assert all(np.array_equal(before[name], array) for name, array in other.state_dict().items())
    other.load_state_dict({"layers.1.bias": [5.0], "more": 1.0}, strict=False)
    assert other.layers[1].bias.array.tolist() == [5.0]


def test_frozen_parameters_stay():
    model = nn.MLP(2, [2, 1], rng=0)
    model.layers[0].freeze()
    before = model.layers[0].weight.array.tolist()
    optimizer = nn.SGD(model.parameters(), lr=0.1, weight_decay=0.1)
    model([1.0, 2.0]).backward()
    optimizer.step()
    assert model.layers[0].weight.array.tolist() == before
    assert "frozen" in model.summary()
    model.unfreeze()
    assert all(p.requires_grad for p in model.parameters())


def test_composition_and_concatenation():
    f, g = nn.Linear(2, 1, rng=0), nn.Linear(3, 2, rng=1)
    x = [1.0, -1.0, 0.5]
    assert data((f @ g)(x)) == data(f(g(x)))
    assert data((f @ nn.Tanh() @ g)(x)) == data(f(nn.Tanh()(g(x))))
    assert data((f @ relu @ g)(x)) == data(f(nn.ReLU()(g(x))))
    assert isinstance((relu @ g)[1], nn.ReLU)
    assert data((g | g)(x)) == data(g(x)) * 2
    three = g | g | nn.Layer(3, 1, rng=2)
    assert len(three.children()) == 3
    assert len(three(x)) == 5
    assert data((f @ (lambda x: x[:2]))(x)) == data(f(x[:2]))
    with pytest.raises(TypeError, match="expected modules or functions"):
        f @ 3


def test_residual_and_its_refusal():
    block = nn.Residual(nn.Linear(2, 2, rng=0))
    x = [1.0, 2.0]
    assert data(block(x)) == [a + b for a, b in zip(x, data(block.block(x)), strict=True)]
    with pytest.raises(ValueError, match="turns 2 numbers into 3"):
        nn.Residual(nn.Linear(2, 3))(x)


def test_one_layer_in_two_places_has_one_set_of_parameters():
    shared = nn.Linear(2, 2, rng=0)
    model = nn.Sequential(shared, nn.Tanh(), shared)
    assert list(model.state_dict()) == ["0.weight", "0.bias"]
    assert len(model.parameters()) == 6
    first, second = copy.deepcopy(shared), copy.deepcopy(shared)
    model([1.0, 2.0])[0].backward()
    twice = [p.grad for p in model.parameters()]
    nn.Sequential(first, nn.Tanh(), second)([1.0, 2.0])[0].backward()
    sums = [a.grad + b.grad for a, b in zip(first.parameters(), second.parameters(), strict=True)]
    assert twice == pytest.approx(sums, rel=1e-12)


def test_modules_can_be_copied_and_pickled():
    model = nn.MLP(2, [3, 1], activation="tanh", rng=0)
    y = model([1.0, 2.0]).data
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert twin([1.0, 2.0]).data == y
        twin.layers[0].neurons[0].w = [0.0, 0.0]
        assert model([1.0, 2.0]).data == y


def test_training_mode_reaches_every_module():
    model = nn.Sequential(nn.Linear(4, 4, rng=0), nn.Residual(nn.Dropout(0.5, rng=0)))
    assert model.eval() is model
    assert not any(module.training for module in model.modules())
    x = [1.0, 2.0, 3.0, 4.0]
    assert data(model(x)) == data(model(x))
    model.train()
    assert any(data(model(x)) != data(model(x)) for _ in range(20))


def test_dropout_keeps_the_mean():
    dropout = nn.Dropout(0.25, rng=0)
    out = np.array(data(dropout([1.0] * 4000)))
    assert set(out.tolist()) == {0.0, 1.0 / 0.75}
    assert out.mean() == pytest.approx(1.0, abs=0.05)


def test_apply_visits_every_module_once_the_inner_ones_first():
    seen = []
    model = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
    model.apply(lambda module: seen.append(type(module).__name__))
    assert seen == ["ReLU", "Linear", "Sequential"]


def test_activations_take_numbers_lists_and_images():
    assert nn.Sigmoid()(0.0).data == 0.5
    assert data(nn.ReLU()((-1.0, 2.0))) == [0.0, 2.0]
    assert nn.ReLU()([[[-1.0], [2.0]]])[0][1][0].data == 2.0
    assert data(nn.WinnerTakeAll()([1.0, 3.0, 3.0])) == [0.0, 1.0, 0.0]
    for name, function in {"sigmoid": sigmoid, "tanh": tanh, "relu": relu}.items():
        assert nn.Layer(1, 1, activation=function).activation == name


def test_every_kind_of_one_example_is_taken():
    layer = nn.Layer(2, 2, activation="tanh", rng=0)
    expected = data(layer([1.0, 2.0]))
    for x in ((1.0, 2.0), np.array([1.0, 2.0]), [Value(1.0), 2], np.array([1, 2])):
        assert data(layer(x)) == expected
    for wrong in ({1.0: 2.0}, None, "ab", (x for x in [1.0, 2.0]), np.ones((2, 2)), object()):
        with pytest.raises(TypeError, match="not a single example"):
            layer(wrong)
    for wrong in ([1.0, None], [1.0, "2"], [[1.0], [2.0]]):
        with pytest.raises(TypeError, match=r"input \d is not a number"):
            layer(wrong)


def test_initial_weights_have_the_spread_their_name_says():
    def spread(init, activation):
        layer = nn.Layer(400, 300, activation=activation, init=init, rng=0)
        return float(np.sqrt(np.mean(np.square(layer.weight.array))))

    assert spread("auto", "relu") == pytest.approx((2.0 / 400) ** 0.5, rel=0.01)
    assert spread("auto", "tanh") == pytest.approx(5.0 / 3.0 * (2.0 / 700) ** 0.5, rel=0.01)
    assert spread("xavier_normal", "sigmoid") == pytest.approx((2.0 / 700) ** 0.5, rel=0.01)
    assert spread("kaiming_normal", "relu") == pytest.approx((2.0 / 400) ** 0.5, rel=0.01)
    assert spread("small_normal", "relu") == pytest.approx(0.01, rel=0.01)
    assert spread("small_uniform", "relu") == pytest.approx(0.05 / 3**0.5, rel=0.01)
    assert spread("uniform", "relu") == pytest.approx(1 / 3**0.5, rel=0.01)
    assert spread("zeros", "relu") == 0.0
    assert nn.init.calculate_gain("relu") == 2**0.5


def test_the_same_generator_gives_the_same_model():
    a, b = nn.MLP(2, [3, 1], rng=np.random.default_rng(3)), nn.MLP(2, [3, 1], rng=3)
    assert all(
        np.array_equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True)
    )
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    nn.MLP(2, [3, 1])
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


@pytest.mark.slow
def test_two_hundred_layers_and_ten_thousand_neurons():
    deep = nn.MLP(2, [2] * 200, activation="tanh", rng=0)
    deep([1.0, 2.0])[0].backward()
    assert all(np.isfinite(p.grad) for p in deep.parameters())
    wide = nn.MLP(1, [10_000, 1], rng=0)
    wide([1.0]).backward()
    assert wide.layers[1].bias.gradient.tolist() == [1.0]


def test_import_is_light():
    import subprocess
    import sys

    code = "import sys, nn; print({'numpy', 'tqdm', 'safetensors', 'torch'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "set()\n"


@pytest.mark.parametrize("activation", [*FUNCTIONS, *OF_LAYERS])
def test_one_neuron_gives_a_value_with_every_activation(activation):
    assert isinstance(nn.Layer(2, 1, activation=activation, rng=0)([1.0, 2.0]), Value)
    assert isinstance(nn.MLP(2, [3, 1], out_activation=activation, rng=0)([1.0, 2.0]), Value)
    assert len(nn.Layer(2, 2, activation=activation, rng=0)([1.0, 2.0])) == 2
