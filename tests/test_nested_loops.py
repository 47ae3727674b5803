"""Gradients inside a loop that is itself differentiated: the cost of each does not grow with the history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import autograd_core as ac
from autograd_core import Value, gradients
from autograd_core.calculus import reverse_mode
from autograd_core.kernel import backward


@pytest.fixture
def walked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Record the number of nodes of every walk that has targets."""
    sizes: list[int] = []
    since, find_ancestors = reverse_mode.nodes_since, backward.find_ancestors

    def counted_nodes(*args: Any) -> Any:
        nodes = since(*args)
        sizes.append(len(nodes))
        return nodes

    def counted_ancestors(seeds: Any, order: list[Value], *others: Any) -> Any:
        not_taken = find_ancestors(seeds, order, *others)
        sizes.append(len(order))
        return not_taken

    monkeypatch.setattr(reverse_mode, "nodes_since", counted_nodes)
    monkeypatch.setattr(backward, "find_ancestors", counted_ancestors)
    return sizes


def inner(z: Any) -> Any:
    return 0.3 * z * z


def by_gradients(x: Value) -> Any:
    return gradients(inner(x), [x], create_graph=True)[0]


# What a step of the loop does to x: always 0.6 x.
SLOPES: dict[str, Callable[[Any], Any]] = {
    "grad": ac.grad(inner),
    "value_and_grad": lambda x: ac.value_and_grad(inner)(x)[1],
    "jvp": lambda x: ac.jvp(inner, (x,), (1.0,))[1],
    "vjp": lambda x: ac.vjp(inner, x)[1](1.0)[0],
    "jacobian": ac.jacobian(inner),
    "derivative": ac.derivative(inner),
    "second derivative": lambda x: ac.derivative(inner, 2)(x) * x,
    "hessian": lambda x: ac.hessian(inner)(x) * x,
    "hvp": lambda x: ac.hvp(inner, (x,), (x,)),
    "gradients": by_gradients,
}
OUTER: dict[str, Callable[[Callable[[Any], Any]], float]] = {
    "grad": lambda f: ac.grad(f)(1.5),
    "jvp": lambda f: ac.jvp(f, (1.5,), (1.0,))[1],
    "backward": lambda f: backward_of(f),
}


def backward_of(f: Callable[[Any], Any]) -> float:
    x = Value(1.5)
    f(x).backward()
    return x.grad


@pytest.mark.parametrize("name", SLOPES)
@pytest.mark.parametrize("outer", OUTER)
def test_the_work_is_linear_in_the_number_of_steps(name: str, outer: str, walked: list[int]) -> None:
    work = []
    for count in (20, 40, 80):

        def steps(x: Any, count: int = count) -> Any:
            for _ in range(count):
                x = x - 0.1 * SLOPES[name](x)
            return x

        walked.clear()
        assert OUTER[outer](steps) == pytest.approx((1.0 - 0.06) ** count, rel=1e-12)
        work.append(sum(walked))
    assert work[2] - work[1] == pytest.approx(2 * (work[1] - work[0]), rel=0.01)


def test_what_is_older_than_the_targets_is_left_alone_and_counts_where_it_is_asked_for() -> None:
    w = Value(2.0)
    old = [w]
    for _ in range(5):
        old.append(old[-1] * 1.5)
    w.backward(3.0)
    x = Value(0.5)
    y = old[-1] * x * x + old[2]
    assert gradients(y, x) == 2 * old[-1].data * 0.5
    assert gradients(y, [x, w]) == [2 * old[-1].data * 0.5, pytest.approx(1.5**5 * 0.25 + 1.5**2)]
    assert gradients(old[2], x) == 0.0
    assert gradients([y, old[2]], [x, old[2]]) == [2 * old[-1].data * 0.5, pytest.approx(2 + 1.5**3 * 0.25)]
    assert [g.data for g in gradients([y, old[2]], [x, old[2]], create_graph=True)] == gradients(
        [y, old[2]], [x, old[2]]
    )
    assert (w.grad, x.grad, old[1].grad) == (3.0, 0.0, 0.0)


def test_a_gradient_that_is_not_a_number_on_the_way_to_something_older_is_still_an_error() -> None:
    w = Value(0.0)
    old = ac.sqrt(w * 1.0) * 0.0
    x = Value(1.0)
    y = old + x
    assert gradients(y, [x]) == [1.0]
    for targets in ([w], [x, w]):
        with pytest.raises(ac.DomainError, match="undefined gradient"):
            gradients(y, targets)
    with pytest.raises(ac.DomainError, match="undefined gradient"):
        ac.steps(y)
