"""What optimizers and schedules remember: plans, refused states and failed steps leave it as it is."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import nn
from autograd_core import (
    AutogradError,
    DataError,
    DataValueError,
    DomainError,
    Value,
    log,
    sqrt,
    steps,
)
from nn.optim.adaptive import OPTIMIZERS

KINDS = list(OPTIMIZERS.values())


def bits(thing: Any) -> Any:
    """Return nested states in a form that can be compared, nan included."""
    if isinstance(thing, dict):
        return {name: bits(x) for name, x in thing.items()}
    if isinstance(thing, (list, tuple)):
        return [bits(x) for x in thing]
    return (str(thing.dtype), thing.shape, thing.tobytes()) if isinstance(thing, np.ndarray) else repr(thing)


def everything(optimizer: Any) -> Any:
    """Return all that a step or a state could change."""
    arrays = [weights.array for weights in optimizer.weights]
    rates = [each.lr for each in (optimizer, *optimizer.groups)]
    return bits([arrays, rates, optimizer.steps, optimizer.state, optimizer.state_dict()])


def stepped(kind: Any, count: int = 2) -> Any:
    w = [Value(1.0), Value(-2.0)]
    optimizer = kind(w, **({"max_iter": 3} if kind.joint else {}))

    def closure() -> Value:
        optimizer.zero_grad()
        loss = (w[0] - 3.0) ** 2 + w[1] ** 4
        loss.backward()
        return loss

    for _ in range(count):
        loss = closure()
        optimizer.step(closure) if optimizer.joint else optimizer.step()
    optimizer.closure = closure
    assert loss.data > 0.0
    return optimizer


class Writing(nn.Optimizer):
    """Momentum, written into what it is given; text and lists are kept as well."""

    fails = False

    def __init__(self, parameters: Any, lr: float = 0.1) -> None:
        super().__init__(parameters, lr)

    def rule(self, w: Any, g: Any, state: Any) -> Any:
        v = state.setdefault("v", np.zeros(np.shape(w)))
        v += g
        state.setdefault("seen", []).append("g")
        state["text"] = "momentum"
        w -= self.lr * v
        if self.fails:
            raise ZeroDivisionError
        return w


def test_planning_leaves_the_state_of_a_rule_that_writes_into_it() -> None:
    w = Value(1.0, "w")
    optimizer = Writing([w])
    for _ in range(2):
        (w * 3.0).backward()
        optimizer.step()
        optimizer.zero_grad()
    before = bits(optimizer.state)
    tables = [str(steps(w * 3.0, optimizer=optimizer)) for _ in range(2)]
    assert tables[0] == tables[1]
    assert (bits(optimizer.state), w.data) == (before, pytest.approx(1.0 - 0.3 - 0.6))
    assert steps(w * 3.0, optimizer=optimizer).updates[0].means[0].value == 9.0


def test_a_later_rule_that_raises_leaves_the_state_of_an_earlier_one() -> None:
    w = [Value(1.0), Value(1.0)]
    optimizer = Writing([{"params": [x]} for x in w])
    (w[0] * w[1]).backward()
    optimizer.step()
    before = everything(optimizer)
    optimizer.param_groups[1].fails = True
    with pytest.raises(ZeroDivisionError):
        optimizer.step()
    assert everything(optimizer) == before


@pytest.mark.parametrize("kind", KINDS)
def test_an_interrupt_at_any_assignment_of_a_step_takes_none(kind: Any, monkeypatch: Any) -> None:
    optimizer = stepped(kind)
    (weights,) = optimizer.weights
    before, assign, at = everything(optimizer), type(weights).assign, 0
    optimizer.closure()

    class Interrupt(BaseException):
        pass

    def interrupted(self: Any, array: Any) -> None:
        nonlocal left
        assign(self, array)
        left -= 1
        if left == 0:
            raise Interrupt

    monkeypatch.setattr(type(weights), "assign", interrupted)
    while True:
        at += 1
        left = at
        try:
            optimizer.step(optimizer.closure) if optimizer.joint else optimizer.step()
        except Interrupt:
            assert everything(optimizer) == before, at
        else:
            break
    assert at > 1
    assert everything(optimizer) != before


WRONG = [
    None, 3, -1, 1.5, True, "x", b"x", [], [3], [[1.0], 2.0], {}, {"velocity": "x"}, {3: 1.0}, {"s0": 1.0},
    1j, float("nan"), float("inf"), 10**400, object(), (1.0, 2.0),
    np.array(["x"]), np.zeros(3), np.array([1j, 2.0]), np.array([None, 1.0]),
]  # fmt: skip


def mutated(state: Any) -> Any:
    """Yield a nested state with each part replaced by each wrong thing, left out, or with one more."""
    yield from WRONG
    if isinstance(state, dict):
        yield {**state, "more": 1.0}
        yield {**state, 3: 1.0, "more": 1.0}
        for name, part in state.items():
            yield {key: x for key, x in state.items() if key != name}
            for other in mutated(part):
                yield {**state, name: other}
    elif isinstance(state, list):
        yield [*state, 3]
        for i, part in enumerate(state):
            for other in mutated(part):
                yield [*state[:i], other, *state[i + 1 :]]


def refused_or_taken(target: Any, state: Any, all_of: Any) -> bool:
    """Load a state; nothing may change if it is refused, and only an error of this project may tell."""
    before = all_of(target)
    try:
        target.load_state_dict(state)
    except AutogradError:
        assert all_of(target) == before, state
        return True
    return False


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_state_of_an_optimizer_is_refused_and_changes_nothing(kind: Any) -> None:
    right = stepped(kind).state_dict()
    target, refused = stepped(kind, 1), 0
    for state in mutated(right):
        if refused_or_taken(target, state, everything):
            refused += 1
        else:
            target = stepped(kind, 1)
    assert refused > 100
    assert not refused_or_taken(target, right, everything)


def test_a_wrong_state_of_groups_is_refused_and_changes_nothing() -> None:
    def grouped(lr: float) -> Any:
        return nn.Adam([{"params": [Value(1.0)], "lr": lr}, {"params": [Value(2.0)]}], lr=0.3)

    right = grouped(0.2).state_dict()
    found = [refused_or_taken(grouped(0.5), state, everything) for state in mutated(right)]
    assert sum(found) > 100
    assert not refused_or_taken(grouped(0.5), right, everything)


SCHEDULES: dict[str, Any] = {
    "StepLR": lambda o: nn.StepLR(o, 2),
    "ExponentialLR": lambda o: nn.ExponentialLR(o, 0.9),
    "CosineAnnealingLR": lambda o: nn.CosineAnnealingLR(o, 7),
    "MultiStepLR": lambda o: nn.MultiStepLR(o, [2, 4]),
    "CosineAnnealingWarmRestarts": lambda o: nn.CosineAnnealingWarmRestarts(o, 3),
    "LinearLR": nn.LinearLR,
    "LambdaLR": lambda o: nn.LambdaLR(o, lambda epoch: 0.5**epoch),
    "OneCycleLR": lambda o: nn.OneCycleLR(o, 1.0, 9),
    "ReduceLROnPlateau": nn.ReduceLROnPlateau,
    "SequentialLR": lambda o: nn.SequentialLR(o, [nn.LinearLR(o), nn.StepLR(o, 2)], [3]),
}


def all_of_schedule(schedule: Any) -> Any:
    optimizer = schedule.optimizer
    firsts = [(each.lr, each.initial_lr) for each in (optimizer, *optimizer.groups)]
    parts = [each.state_dict() for each in getattr(schedule, "schedules", [])]
    return bits([schedule.state_dict(), firsts, parts])


def scheduled(name: str, count: int) -> Any:
    optimizer = nn.SGD([{"params": [Value(1.0)], "lr": 0.7}, {"params": [Value(2.0)]}], lr=0.3)
    schedule = SCHEDULES[name](optimizer)
    for _ in range(count):
        schedule.step(1.0)
    return schedule


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_wrong_state_of_a_schedule_is_refused_and_changes_nothing(name: str) -> None:
    right = scheduled(name, 4).state_dict()
    found = [refused_or_taken(scheduled(name, 1), state, all_of_schedule) for state in mutated(right)]
    assert sum(found) > 50
    assert refused_or_taken(scheduled(name, 1), {**right, "epoch": -1}, all_of_schedule)
    resumed = scheduled(name, 1)
    resumed.load_state_dict(copy.deepcopy(right))
    for each, reference in zip(resumed.optimizer.groups, scheduled(name, 4).optimizer.groups, strict=True):
        each.lr = reference.lr
    whole = scheduled(name, 4)
    for _ in range(3):
        resumed.step(1.0), whole.step(1.0)
        rates = [[group.lr for group in each.optimizer.groups] for each in (resumed, whole)]
        assert rates[0] == rates[1]


@pytest.mark.parametrize(
    "name", [name for name in SCHEDULES if name not in ("ReduceLROnPlateau", "SequentialLR")]
)
@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_second_schedule_begins_as_pytorchs(name: str, grouped: bool) -> None:
    torch = pytest.importorskip("torch", reason="needs the extra torch")
    kinds: dict[str, Any] = {
        "StepLR": (2,), "ExponentialLR": (0.9,), "CosineAnnealingLR": (7,), "MultiStepLR": ([2, 4],),
        "CosineAnnealingWarmRestarts": (3,), "LinearLR": (), "LambdaLR": (lambda epoch: 0.5**epoch,),
        "OneCycleLR": (1.0, 9),
    }  # fmt: skip
    rates = []
    for library, make, leaf in (
        (nn, nn.SGD, lambda: Value(1.0)),
        (torch.optim.lr_scheduler, torch.optim.SGD, lambda: torch.zeros(1, requires_grad=True)),
    ):
        groups = [{"params": [leaf()], "lr": 0.7}, {"params": [leaf()]}]
        optimizer = make(groups if grouped else [leaf()], lr=0.3)
        cycle = {"cycle_momentum": False} if name == "OneCycleLR" and library is not nn else {}
        first, found = library.StepLR(optimizer, 1), []
        first.step()
        second = getattr(library, name)(optimizer, *kinds[name], **cycle)
        for _ in range(6):
            found.append([g["lr"] if isinstance(g, dict) else g.lr for g in optimizer.param_groups])
            second.step()
        rates.append(found)
    assert np.allclose(rates[0], rates[1], rtol=1e-12)


def test_a_descent_with_groups_stops_by_the_length_of_its_step() -> None:
    w = [Value(1.0), Value(1.0)]
    optimizer = nn.GradientDescent([{"params": w[:1], "lr": 0.5}, {"params": w[1:]}], lr=0.0)
    found = optimizer.minimize(lambda: (w[0] - 3.0) ** 2 + w[1])
    assert (found.reason, w[0].data, w[1].data) == ("step", 3.0, 1.0)
    assert found.steps > 1
    with pytest.raises(DataError, match="its own tolerance"):
        nn.GradientDescent([{"params": w, "step_tolerance": 0.1}])


def test_the_rate_of_groups_is_set_in_each_and_a_group_does_not_step_alone() -> None:
    w = [Value(1.0), Value(1.0)]
    optimizer = nn.SGD([{"params": w[:1], "lr": 0.5}, {"params": w[1:]}], lr=0.1)
    with pytest.raises(DataError, match=r"SGD.lr: .*`for group in optimizer.param_groups: group.lr = 0.1"):
        optimizer.lr = 0.2
    with pytest.raises(DataError, match="a step of all groups"):
        optimizer.param_groups[0].step()
    for group in optimizer.param_groups:
        group.lr = 0.2
    assert "groups with lr=[0.2, 0.2]" in repr(optimizer)
    (w[0] + w[1]).backward()
    optimizer.step()
    assert [x.data for x in w] == [0.8, 0.8]


def test_an_optimizer_that_sets_its_settings_late_is_told_so_where_groups_need_them() -> None:
    class Late(nn.Optimizer):
        SETTINGS = ("lr", "beta")

        def __init__(self, parameters: Any, lr: float = 0.1, beta: float = 0.5) -> None:
            super().__init__(parameters, lr)
            self.beta = beta

    Late([Value(1.0)])
    with pytest.raises(DataError, match=r"no beta yet.*before super\(\).__init__\(\)"):
        Late([{"params": [Value(1.0)]}])


def test_text_in_a_state_cannot_be_loaded_and_an_error_says_so() -> None:
    optimizer = Writing([Value(1.0)])
    state = optimizer.state_dict() | {"state": [{"text": "momentum"}]}
    with pytest.raises(DataValueError, match="'text' = 'momentum'; expected numbers"):
        optimizer.load_state_dict(state)


LEADING_OUT = {
    "a root": lambda out, target: sqrt(out) + 0.1 * out**2,
    "a logarithm": lambda out, target: log(out) + 0.1 * out**2,
}


@pytest.mark.parametrize("search", [None, "strong_wolfe"])
@pytest.mark.parametrize("name", LEADING_OUT)
def test_compiled_lbfgs_takes_no_step_that_meets_an_undefined_number_as_the_eager_one(
    name: str, search: Any
) -> None:
    def fitted(compile: bool) -> Any:
        model: Any = nn.Layer(1, 1, activation=None)
        model.weight.assign(np.array([[0.0]]))
        model.bias.assign(np.array([0.3]))
        optimizer = nn.LBFGS(model, lr=20.0, line_search_fn=search)
        try:
            model.fit(
                [[0.5], [-3.0]], [0.0, 0.0], loss=LEADING_OUT[name], optimizer=optimizer,
                epochs=1, batch_size=None, shuffle=False, compile=compile,
            )  # fmt: skip
        except DomainError as error:
            return type(error), str(error), bits([w.array for w in optimizer.weights]), optimizer.steps
        raise AssertionError("every trial was defined")

    assert fitted(True) == fitted(False)
    assert fitted(True)[2:] == (bits([np.array([[0.0]]), np.array([0.3])]), 0)
