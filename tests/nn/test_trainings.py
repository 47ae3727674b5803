"""Random trainings agree between eager, compiled and PyTorch; see `trainings.py`."""

import pytest

from nn.optim.adaptive import OPTIMIZERS

from . import trainings


def judge(seeds):
    faults = [fault for seed in seeds for fault in trainings.compare(seed)[0]]
    assert not faults, "\n".join(faults)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 24, 8))
def test_random_trainings_agree(start):
    judge(range(start, start + 8))


@pytest.mark.slow
@pytest.mark.parametrize("start", range(24, 124, 50))
def test_a_hundred_random_trainings_agree(start):
    judge(range(start, start + 50))


def test_what_is_drawn_holds_every_kind():
    plans = [trainings.Plan(seed) for seed in range(200)]
    for name, kinds in {
        "loss": trainings.LOSSES, "activation": trainings.ACTIVATIONS,
        "schedule": [None, *trainings.SCHEDULES],
        "optimizer": [kind.__name__ for kind in OPTIMIZERS.values()],
        "regularizer": [None, "L1", "L2", "ElasticNet"], "given": ["model", "parameters", "some", "groups"],
        "frozen": ["", "layer", "bias", "number"], "resumed": ["in memory", "saved"],
        "unused": [False, True], "temperature": [False, True], "slower": [False, True],
        "validation": [False, True], "checkpoint": [False, True], "reduction": ["mean", "sum"],
    }.items():  # fmt: skip
        assert {getattr(plan, name) for plan in plans} == set(kinds), name
    assert any(plan.by_classes for plan in plans)
    assert any(plan.weights is not None for plan in plans)
    assert any(plan.settings["maximize"] for plan in plans)
    assert any(plan.scale == 0.0 for plan in plans)
    assert any(plan.settings["lr"] == 0.0 for plan in plans)
    assert any(plan.batch and plan.count % plan.batch for plan in plans)


@pytest.mark.parametrize("change", ["momentum", "decay", "clip"])
def test_a_wrong_step_is_noticed(change, monkeypatch):
    """The comparison detects a compiled step that differs slightly."""
    from nn.train import compiled_step, fused_update

    if change == "clip":
        monkeypatch.setattr(compiled_step, "shortening", lambda norm, limit: limit / norm[0] / norm[1])
    else:
        plain = fused_update.OptimizerUpdate.__call__

        def wrong(self, before, evaluate):
            if change == "momentum":  # Skip a step whose gradient is 0, a former bug.
                return True if not self.g.any() else plain(self, before, evaluate)
            self.w *= 1.0 - 1e-7
            return plain(self, before, evaluate)

        monkeypatch.setattr(fused_update.OptimizerUpdate, "__call__", wrong)
    assert any(trainings.compare(seed)[0] for seed in range(100) if wanted(change, trainings.Plan(seed)))


def wanted(change, plan):
    if change == "clip":
        return plan.clip == 0.1 and plan.settings["lr"]
    if change == "momentum":
        return plan.scale == 0.0 and plan.regularizer is None and plan.settings.get("weight_decay")
    return True
