"""`name_scope`, calls of modules as scopes, and the names of weights without labels."""

import copy
import gc
import pickle
import threading
import weakref

import pytest

from autograd_core import (
    DataError,
    DataValueError,
    Graph,
    Value,
    compile,
    dot,
    formula,
    grad,
    name_scope,
    no_grad,
    steps,
)
from nn import MLP, Linear, Module, Sequential, Tanh, squared_loss


def paths(root):
    """Return the name or operation of each node, and the path of its scope."""
    return [
        (node.label or (node.op.name if node.op else node.data), scope.path if scope else "")
        for node, scope in Graph(root).scopes.items()
    ]


def nested():
    x = Value(2.0, "x")
    with name_scope("mlp"):
        w = Value(3.0, "w")
        with name_scope("layer0"):
            y = w * x + 1
        z = y.sin()
    return z * 3


NESTED = [
    ("x", ""), ("w", "mlp"), ("mul", "mlp/layer0"), (1.0, "mlp/layer0"), ("add", "mlp/layer0"),
    ("sin", "mlp"), (3.0, ""), ("mul", ""),
]  # fmt: skip


def test_nodes_belong_to_the_scope_in_which_they_are_made():
    assert paths(nested()) == NESTED


@pytest.mark.parametrize("again", [copy.deepcopy, lambda root: pickle.loads(pickle.dumps(root))])
def test_copies_and_pickles_keep_scopes(again):
    assert sorted(paths(again(nested())), key=str) == sorted(NESTED, key=str)


def test_an_entry_is_a_scope_of_its_own_and_a_decorator_enters_at_each_call():
    @name_scope("square")
    def square(x):
        return x * x

    y = square(square(Value(2.0)))
    inner, outer = [scope for node, scope in Graph(y).scopes.items() if node.op]
    assert inner.path == outer.path == "square"
    assert inner is not outer


def test_a_new_label_leaves_a_node_in_its_scope():
    with name_scope("here"):
        y = Value(2.0, "x") * 3
    y.label = "y"
    assert (y.label, Graph(y).scopes[y].path) == ("y", "here")
    assert repr(y) == "Value(data=6.0, grad=0.0, label='y')"


def test_each_thread_has_its_own_scopes():
    inside, made, results = threading.Barrier(2), threading.Barrier(2), {}

    def work(name):
        x = Value(1.0, "x")
        if name:
            with name_scope(name):
                inside.wait()
                results[name] = x * 2
                made.wait()
        else:
            inside.wait()
            results[name] = x * 2
            made.wait()

    threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [Graph(results[name]).scopes[results[name]] is None for name in ("a", "")] == [False, True]


def test_generators_closed_in_any_order_leave_no_scope_on():
    def made_in(name):
        with name_scope(name):
            while True:
                yield Value(1.0) * 2

    a, b = made_in("a"), made_in("b")
    next(a), next(b)
    a.close()
    inner = Value(1.0) * 2
    b.close()
    outer = Value(1.0) * 2
    assert [s and s.path for s in (Graph(inner).scopes[inner], Graph(outer).scopes[outer])] == ["a/b", None]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        (3, DataError),
        (None, DataError),
        ("", DataValueError),
        ("a/b", DataValueError),
        ("a" * 201, DataValueError),
    ],
)
def test_what_is_no_name_is_refused(name, error):
    with pytest.raises(error, match="^name_scope: .*expected"):
        name_scope(name)


def test_numbers_are_the_same_inside_and_constants_too():
    def f(x):
        with name_scope("f"):
            with no_grad():
                c = x * 2
            return (x**3).sin() * dot([x, x], [1.0, c])

    def plain(x):
        return (x**3).sin() * dot([x, x], [1.0, (x * 2).detach()])

    assert grad(f)(0.7) == grad(plain)(0.7)
    assert compile(lambda x: nested_in(x, "a"))(0.3) == compile(lambda x: x * x + 1)(0.3)


def nested_in(x, name):
    with name_scope(name):
        return x * x + 1


@pytest.mark.slow
def test_a_graph_is_freed_with_its_scopes():
    gc.collect()
    gc.disable()
    try:
        before = sum(type(thing) is Value for thing in gc.get_objects())
        root = nested()
        del root
        assert sum(type(thing) is Value for thing in gc.get_objects()) == before
    finally:
        gc.enable()


def test_a_model_has_layers_and_neurons_and_its_weights_names():
    model = MLP(2, [2, 1], rng=0)
    loss = squared_loss(model([Value(1.0, "a"), -1.0]), 0.5)
    found = dict(paths(loss))
    assert found["a"] == found["x2"] == ""
    assert found["layers.0.weight[1, 0]"] == "MLP/layers.0/neuron 1"
    assert found["layers.0.bias[0]"] == "MLP/layers.0/neuron 0"
    assert found["layers.1.weight[0, 1]"] == "MLP/layers.1/neuron 0"
    assert found["relu"] == "MLP/layers.0/neuron 1"
    assert [scope.path for scope in Graph(loss).scopes.values() if scope].count("MLP/layers.1/neuron 0") == 5
    names = [node.label for node in Graph(loss).leaves if node.requires_grad and node.label != "a"]
    assert names == [name for name, _ in model.named_parameters()]


def test_names_grow_with_the_model_around_and_never_shrink():
    layer = Linear(1, 1, rng=0)
    assert [v.label for v in layer.parameters()] == ["weight[0, 0]", "bias[0]"]
    model = Sequential(layer, Tanh())
    model([1.0])
    assert [v.label for v in layer.parameters()] == ["0.weight[0, 0]", "0.bias[0]"]
    layer([1.0])
    assert layer.parameters()[0].label == "0.weight[0, 0]"
    assert [v.label for v in copy.deepcopy(model).parameters()] == ["0.weight[0, 0]", "0.bias[0]"]


@pytest.mark.parametrize("again", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
@pytest.mark.parametrize("build", [lambda: MLP(2, [2, 1], rng=0), lambda: Recurrent()])
def test_a_copy_in_a_larger_model_is_named_after_it_and_the_original_is_not(build, again):
    model = build()
    model([0.1, 0.2] if isinstance(model, MLP) else 0.1)
    before = [v.label for v in model.parameters()]
    larger = Sequential(again(model))
    larger([0.1, 0.2] if isinstance(model, MLP) else 0.1)
    assert [v.label for v in larger.parameters()] == [name for name, _ in larger.named_parameters()]
    assert [v.label for v in model.parameters()] == before == [name for name, _ in model.named_parameters()]


class Recurrent(Module):
    def __init__(self):
        self.w, self._state = Value(0.5), Value(1.0)

    def __call__(self, x):
        self._state = (self.w * self._state + x).tanh()
        return self._state


@pytest.mark.slow
def test_a_module_that_keeps_its_output_is_freed_with_its_last_name():
    gc.collect()
    gc.disable()
    try:
        before = sum(type(thing) is Value for thing in gc.get_objects())
        model = Recurrent()
        for _ in range(10):
            model(0.1)
        gone = weakref.ref(model)
        del model
        assert gone() is None
        assert sum(type(thing) is Value for thing in gc.get_objects()) == before
    finally:
        gc.enable()


@pytest.mark.parametrize("wrap", [lambda model: model, lambda model: Sequential(model)])
def test_the_graph_of_a_model_that_is_gone_keeps_its_names(wrap):
    model = wrap(MLP(2, [2, 1], rng=0))
    y = model([1.0, Value(-1.0, "a")])
    y = y[0] if isinstance(y, list) else y
    before = paths(y)
    del model
    assert paths(y) == before
    assert any("layers.1" in path for _, path in before)


def test_a_shallow_copy_is_named_as_itself():
    model = Sequential(Linear(1, 1, rng=0), Tanh())
    model([1.0])
    other = copy.copy(model)
    other.extra = Linear(1, 1, rng=0)
    assert [v.label for v in other.parameters()] == [name for name, _ in other.named_parameters()]


def test_a_module_of_ones_own_needs_nothing():
    class Line(Module):
        def __init__(self):
            self.w, self.b, self.named = Value(2.0), Value(1.0), Value(0.0, "mine")

        def forward(self, x):
            with name_scope("inner"):
                y = self.w * x
            return y + self.b + self.named

    line = Line()
    y = line(3.0).exp()
    assert paths(y) == [
        ("w", "Line/inner"), ("b", "Line"), ("mine", ""), (3.0, "Line/inner"), ("mul", "Line/inner"),
        ("add", "Line"), ("add", "Line"), ("exp", ""),
    ]  # fmt: skip


def test_a_graph_of_many_calls_has_a_scope_for_each_and_one_path():
    model = MLP(1, [2, 1], rng=0)
    graph = Graph([model([0.1 * i]) for i in range(3)])
    assert sum(scope.name == "MLP" for scope in {s.chain[0] for s in graph.scopes.values() if s}) == 3
    assert graph.scopes[model.parameters()[0]] is None, "it belongs to no single call"


@pytest.mark.parametrize(
    ("label", "text", "latex"),
    [
        ("layers.0.weight[2, 1]", "3w⁽¹⁾₃₂²", "3 {w^{(1)}_{32}}^2"),
        ("1.bias[0]", "3b⁽²⁾₁²", "3 {b^{(2)}_{1}}^2"),
        ("layers.9.weight[11, 0]", "3w⁽¹⁰⁾₁₂,₁²", "3 {w^{(10)}_{12,1}}^2"),
        ("layers.1.z[0]", "3z⁽²⁾₁²", "3 {z^{(2)}_{1}}^2"),
        ("weight[0]", "3w₁²", "3 {w_{1}}^2"),
        ("a[0]", "3·a[0]²", None),
        ("body.layers.0.weight[0, 0]", "3·body.layers.0.weight[0, 0]²", None),
        ("layers.0.weights[0]", "3·layers.0.weights[0]²", None),
    ],
)  # fmt: skip
def test_formulas_write_weights_as_lectures_do_counted_from_1(label, text, latex):
    square = 3 * Value(2.0, label) ** 2
    assert formula(square) == text
    if latex is not None:
        assert formula(square, "latex") == latex
        assert "<msubsup><mi>" in formula(square, "mathml") or "[0]" in label


def test_the_steps_of_a_model_are_written_with_its_weights():
    table = str(steps(MLP(1, [1, 1], rng=0)([1.0])))
    assert "w⁽¹⁾₁₁" in table
    assert "b⁽²⁾₁" in table


def test_parameters_without_a_name_belong_to_the_scope_that_alone_uses_them():
    w, shared, x = Value(2.0), Value(3.0), Value(1.0, "x")
    with name_scope("first"):
        h = w * x + shared
    with name_scope("second"):
        y = h * shared
    scopes = Graph(y).scopes
    assert scopes[w].path == "first"
    assert scopes[shared] is None
    assert scopes[x] is None
