"""Hooks on gradients, beside PyTorch's."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable

import numpy as np
import pytest

import nn
from autograd_core import (
    DataError,
    Graph,
    GraphError,
    Value,
    cos,
    dot,
    exp,
    gradients,
    no_grad,
    sin,
    steps,
    tanh,
)
from autograd_core import sum as total
from autograd_core.kernel.hooks import hooks


def test_a_hook_sees_the_whole_gradient_once_and_what_it_returns_flows_on() -> None:
    x = Value(3.0)
    t = 2.0 * x
    seen: list[float] = []
    t.register_hook(seen.append)
    t.register_hook(lambda g: 10.0 * g)
    (t * t + t).backward()
    assert seen == [13.0]
    assert (t.grad, x.grad) == (130.0, 260.0)


def test_hooks_are_called_in_the_order_of_registration_until_they_are_removed() -> None:
    x = Value(1.0)
    double = x.register_hook(lambda g: 2.0 * g)
    with x.register_hook(lambda g: g + 1.0):
        x.backward()
        assert x.grad == 3.0
    x.zero_grad()
    x.backward()
    assert x.grad == 2.0
    double.remove()
    double.remove()
    x.zero_grad()
    x.backward()
    assert x.grad == 1.0


def test_during_a_pass_hooks_find_the_gradients_of_before() -> None:
    x = Value(2.0)
    y = x * x
    y.backward()
    seen: list[float] = []
    y.register_hook(lambda g: seen.append(x.grad))
    y.backward()
    assert seen == [4.0]
    assert x.grad == 8.0


def test_a_hook_may_run_a_pass_of_its_own() -> None:
    x, z = Value(2.0), Value(5.0)
    inner = z * z
    x.register_hook(lambda g: inner.backward())
    (x * x).backward()
    assert (x.grad, z.grad) == (4.0, 10.0)


@pytest.mark.parametrize("wrong", [lambda g: 1 / 0, lambda g: "1.0", lambda g: [1.0]])
def test_no_gradient_has_changed_if_a_hook_fails(wrong: Callable[[float], float]) -> None:
    x = Value(2.0)
    t = sin(x)
    y = t * x
    y.backward()
    before = [node.grad for node in (x, t, y)]
    t.register_hook(wrong)
    with pytest.raises((ZeroDivisionError, DataError)):
        y.backward()
    assert [node.grad for node in (x, t, y)] == before


def test_wrong_uses_are_refused() -> None:
    with pytest.raises(DataError, match="not a function"):
        Value(1.0).register_hook(3)  # type: ignore[arg-type]
    with pytest.raises(GraphError, match="no gradient flows"):
        Value(1.0, requires_grad=False).register_hook(print)


def test_derivatives_of_the_function_are_left_alone() -> None:
    x = Value(2.0)
    x.register_hook(lambda g: 0.0)
    y = x**3
    assert gradients(y, x) == 12.0
    assert gradients(y, x, create_graph=True).data == 12.0


@pytest.mark.slow
def test_a_freed_node_leaves_no_hooks_behind() -> None:
    gc.collect()
    before = len(hooks)
    for _ in range(100):
        x = Value(1.0)
        t = x * 2.0
        t.register_hook(lambda g: g)
        (t * t).backward()
    del x, t
    gc.collect()
    assert len(hooks) == before


def random_pass(seed: int, engine: str) -> list[float]:
    """The gradients of a random graph with random hooks, by ours or by PyTorch."""
    rng = random.Random(seed)
    if engine == "torch":
        torch = pytest.importorskip("torch")
        leaf = lambda x: torch.tensor(x, dtype=torch.float64, requires_grad=True)  # noqa: E731
        functions = [torch.sin, torch.cos, torch.tanh, lambda v: torch.exp(-v * v)]
    else:
        leaf, functions = Value, [sin, cos, tanh, lambda v: exp(-v * v)]
    leaves = [leaf(rng.uniform(-2.0, 2.0)) for _ in range(3)]
    nodes = list(leaves)
    for _ in range(12):
        a, b = rng.choice(nodes), rng.choice(nodes)
        nodes.append(rng.choice([a + b, a * b, a - b, rng.choice(functions)(a)]))
    if engine == "torch":
        for node in nodes:
            node.retain_grad()
    handles = []
    for node in rng.sample(nodes, 6):
        factor, shift = rng.uniform(-2.0, 2.0), rng.choice([0.0, 0.5])
        hook = rng.choice([lambda g, a=factor, b=shift: a * g + b, lambda g: None])
        handles.append(node.register_hook(hook))
    for handle in rng.sample(handles, 2):
        handle.remove()
    for _ in range(2):
        sum(nodes[-4:]).backward(**({"retain_graph": True} if engine == "torch" else {}))
    return [0.0 if node.grad is None else float(node.grad) for node in nodes]


@pytest.mark.parametrize("seed", range(50))
def test_as_pytorch_does(seed: int) -> None:
    assert random_pass(seed, "ours") == pytest.approx(random_pass(seed, "torch"), rel=1e-12, abs=1e-12)


def grown(rng: random.Random) -> list[Value]:
    """The nodes of a random graph, some of them constants."""
    nodes = [Value(rng.uniform(-2.0, 2.0), requires_grad=rng.random() < 0.8) for _ in range(3)]
    nodes.append(Value(0.5))
    for _ in range(14):
        a, b = rng.choice(nodes), rng.choice(nodes)
        kind = rng.randrange(6)
        if kind == 0:
            with no_grad():
                nodes.append(a * b)
        else:
            nodes.append([a + b, a * b, sin(a), a.detach() + b, dot([a, b], [b, a])][kind - 1])
    return nodes


@pytest.mark.parametrize("seed", range(60))
def test_with_constants_second_passes_gradient_graphs_and_hooks_that_raise(seed: int) -> None:
    rng = random.Random(seed)
    nodes = grown(rng)
    output = total(nodes)
    live = [node for node in nodes if node.requires_grad]
    plain = gradients(output, live)
    for node in rng.sample(live, min(4, len(live))):
        factor = rng.uniform(-2.0, 2.0)
        node.register_hook(rng.choice([lambda g, f=factor: f * g, lambda g: None]))
    assert gradients(output, live) == plain
    assert [g.data for g in gradients(output, live, create_graph=True)] == plain
    output.backward()
    once = [node.grad for node in nodes]
    shown, names = steps(output).gradients, Graph(output).names()
    assert all(shown[names[node]] == node.grad for node in live if node in names)
    with rng.choice(live).register_hook(lambda g: 1 / 0), pytest.raises(ZeroDivisionError):
        output.backward()
    assert [node.grad for node in nodes] == once
    output.backward()
    assert [node.grad for node in nodes] == [2.0 * g for g in once]
    total(gradients(output, live, create_graph=True)).backward()
    assert all(node.grad == node.grad for node in nodes)


def test_steps_marks_hooks_and_shows_what_they_make_of_a_gradient() -> None:
    x = Value(2.0, "x")
    x.register_hook(lambda g: min(g, 1.0))
    y = x * x
    logged = steps(y)
    text = str(logged)
    assert logged.gradients["x"] == 1.0
    assert "second path: gradients add; hook: 1.0000" in text
    assert "hooks may have changed the gradients" in text
    y.backward()
    assert x.grad == 1.0
    assert [record.get("hooked") for record in logged.to_dict()["steps"]][-1] == 1.0


@pytest.mark.parametrize("method", ["push", "pull"])
def test_steps_have_the_gradients_of_backward(method: str) -> None:
    x = Value(0.7, "x")
    t = sin(x)
    y = t * x + t
    t.register_hook(lambda g: 3.0 * g)
    y.backward()
    assert steps(y, method).gradients["x"] == x.grad


def test_training_calls_hooks_and_says_why_it_is_eager() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(64, 2)), rng.normal(size=(64, 1))
    model = nn.MLP(2, [8, 1], rng=0)
    frozen = model.parameters()[0]
    before = frozen.data
    frozen.register_hook(lambda g: 0.0)
    history = model.fit(x, y, epochs=2, optimizer=nn.SGD(model.parameters(), lr=0.1))
    assert frozen.data == before
    assert not history.compiled
    assert "hook" in history.runner
