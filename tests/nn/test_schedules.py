"""Schedules made of functions and of other schedules: equal PyTorch's over 100 steps, also resumed."""

from __future__ import annotations

import pytest

import nn
from autograd_core import DataError, DataValueError

torch = pytest.importorskip("torch", reason="needs the extra torch")


def halves(epoch):
    return 0.5 ** (epoch // 7)


def sequence(library, optimizer):
    """Warm up, then decay with restarts, then hold."""
    warm = library.LinearLR(optimizer, start_factor=0.1, total_iters=10)
    waves = library.CosineAnnealingWarmRestarts(optimizer, 8, 2, 0.01)
    steps = library.StepLR(optimizer, 5, 0.5)
    return library.SequentialLR(optimizer, [warm, waves, steps], milestones=[10, 70])


ONE_CYCLE = [
    {"max_lr": 1.0, "total_steps": 100},
    {"max_lr": 1.0, "total_steps": 101, "anneal_strategy": "linear", "pct_start": 0.45},
    {"max_lr": 2.0, "total_steps": 120, "three_phase": True, "div_factor": 10.0, "final_div_factor": 100.0},
]
MADE = {
    "LambdaLR": lambda library, optimizer: library.LambdaLR(optimizer, halves),
    "SequentialLR": sequence,
    **{
        f"OneCycleLR {i}": lambda library, optimizer, options=options: library.OneCycleLR(
            optimizer, **options, **({} if library is nn else {"cycle_momentum": False})
        )
        for i, options in enumerate(ONE_CYCLE)
    },
}
OTHERS = {
    "CosineAnnealingLR": {"T_max": 30, "eta_min": 0.01}, "ReduceLROnPlateau": {"patience": 4, "factor": 0.5},
}  # fmt: skip


def ours(name):
    optimizer = nn.SGD(nn.Linear(1, 1, rng=0), lr=0.3)
    return MADE[name](nn, optimizer)


@pytest.mark.filterwarnings("ignore:The epoch parameter:UserWarning")
@pytest.mark.parametrize("name", MADE)
def test_the_rates_of_100_steps_are_pytorchs(name):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    theirs = MADE[name](torch.optim.lr_scheduler, optimizer)
    mine = ours(name)
    optimizer.step()
    for epoch in range(100):
        assert mine.lr == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12), epoch
        if epoch == 40:  # Resume in a schedule made anew.
            state, mine = mine.state_dict(), ours(name)
            mine.load_state_dict(state)
        theirs.step()
        mine.step()


@pytest.mark.filterwarnings("ignore:The epoch parameter:UserWarning")
@pytest.mark.parametrize("name", ["LambdaLR", "SequentialLR", "CosineAnnealingLR", "ReduceLROnPlateau"])
def test_each_group_has_its_own_rate_as_in_pytorch(name):
    """Over 60 steps, with a schedule and an optimizer that are made anew and resumed on the way."""
    make = MADE.get(name) or (lambda library, optimizer: getattr(library, name)(optimizer, **OTHERS[name]))

    def begun():
        layers = [nn.Linear(1, 1, rng=0), nn.Linear(2, 1, rng=1)]
        optimizer = nn.SGD([{"params": layers[0], "lr": 0.7}, {"params": layers[1]}], lr=0.3)
        return optimizer, make(nn, optimizer)

    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": 0.7}]
    groups += [{"params": [torch.zeros(1, requires_grad=True)]}]
    theirs = torch.optim.SGD(groups, lr=0.3)
    schedule = make(torch.optim.lr_scheduler, theirs)
    mine, ours = begun()
    theirs.step()
    for epoch in range(60):
        expected = [group["lr"] for group in theirs.param_groups]
        assert [group.lr for group in mine.param_groups] == pytest.approx(expected, rel=1e-12), epoch
        if epoch == 25:
            states = mine.state_dict(), ours.state_dict()
            mine, ours = begun()
            mine.load_state_dict(states[0])
            ours.load_state_dict(states[1])
        metric = [1.0] if name == "ReduceLROnPlateau" else []
        schedule.step(*metric)
        ours.step(*metric)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda sgd: nn.LambdaLR(sgd, 0.5), "LambdaLR: not a function"),
        (lambda sgd: nn.LambdaLR(sgd, lambda epoch: -1.0), "lr_lambda"),
        (lambda sgd: nn.OneCycleLR(sgd, 0.0, 10), "max_lr = 0.0"),
        (lambda sgd: nn.OneCycleLR(sgd, 1.0, 10, anneal_strategy="sine"), "anneal strategy"),
        (lambda sgd: nn.OneCycleLR(sgd, 1.0, 10).rate_at(11), "step 11 of 10"),
        (lambda sgd: nn.SequentialLR(sgd, [], []), "expected a list of schedules"),
        (lambda sgd: nn.SequentialLR(sgd, [nn.ReduceLROnPlateau(sgd)], []), "one that needs a metric"),
        (lambda sgd: nn.SequentialLR(sgd, [nn.StepLR(sgd, 1)] * 3, [5, 2]), "expected 2, increasing"),
    ],
)
def test_what_means_nothing_is_refused(make, said):
    with pytest.raises((DataError, DataValueError), match=said):
        make(nn.SGD(nn.Linear(1, 1, rng=0), lr=1.0))
