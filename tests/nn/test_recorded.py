"""Modules, losses, regularizers and optimizers compared with PyTorch's float64 numbers from `record.py`."""

import json
from pathlib import Path

import numpy as np
import pytest

import nn
from autograd_core import Value, cosh, sin

HERE = Path(__file__).parent / "recorded"


def recorded(name):
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def cases(name):
    return [pytest.param(case, id=key) for key, case in recorded(name)["cases"].items()]


def close(ours, theirs):
    """Whether arrays agree to 1e-12 of the largest number, and in the zeros."""
    theirs = np.array(theirs)
    scale = max(1.0, float(np.max(np.abs(theirs))) if theirs.size else 1.0)
    return np.allclose(np.array(ours), theirs, rtol=1e-12, atol=1e-12 * scale)


def leaves(x):
    return [leaves(part) for part in x] if isinstance(x, list) else Value(x)


def numbers(x, of="data"):
    return [numbers(part, of) for part in x] if isinstance(x, list) else getattr(x, of)


def flat(x):
    return [y for part in x for y in flat(part)] if isinstance(x, list) else [x]


@pytest.mark.parametrize("name", recorded("activations")["cases"])
def test_an_activation_has_pytorchs_values_and_slopes(name):
    case = recorded("activations")["cases"][name]
    x = leaves(case["x"])
    y = getattr(nn, name.split()[0])(**case["options"])(x)
    for out in y:
        out.backward()
    # PyTorch's numbers lose digits where a function or its slope is nearly 0.
    assert np.allclose(numbers(y), case["y"], rtol=1e-12, atol=1e-15)
    assert np.allclose(numbers(x, "grad"), case["slope"], rtol=1e-12, atol=1e-13)


MODULES = {
    "Linear": lambda: nn.Linear(4, 3),
    "Linear without bias": lambda: nn.Linear(4, 3, bias=False),
    "LayerNorm": lambda: nn.LayerNorm(5),
    "Conv2d": lambda: nn.Conv2d(2, 3, 3),
    "Conv2d with stride and padding": lambda: nn.Conv2d(2, 3, 3, stride=2, padding=1),
    "Conv2d without bias": lambda: nn.Conv2d(1, 2, 2, bias=False),
    "MaxPool2d": lambda: nn.MaxPool2d(2),
    "MaxPool2d with stride": lambda: nn.MaxPool2d(3, stride=1),
    "Softmax": nn.Softmax,
    "LogSoftmax": nn.LogSoftmax,
    "MLP": lambda: nn.MLP(3, [4, 4, 2], activation="tanh"),
    "MLP relu": lambda: nn.MLP(3, [8, 2], out_activation="sigmoid"),
    "Residual": lambda: nn.Residual(nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 3), nn.ReLU())),
}


def test_every_recorded_module_is_held():
    assert set(MODULES) == set(recorded("modules")["cases"])


@pytest.mark.parametrize("name", MODULES)
def test_a_module_has_pytorchs_outputs_and_gradients(name):
    case, module = recorded("modules")["cases"][name], MODULES[name]()
    weights = module.weights()
    assert len(weights) == len(case["weights"])
    for mine, theirs in zip(weights.values(), case["weights"].values(), strict=True):
        mine.assign(theirs)
    x = leaves(case["x"])
    y = module(x)
    assert close(numbers(y), case["y"])
    sum((i * out for i, out in enumerate(flat(y), start=1)), Value(0.0)).backward()
    assert close(numbers(x, "grad"), case["x_gradient"])
    for mine, theirs in zip(weights.values(), case["gradients"].values(), strict=True):
        assert close(mine.gradient, theirs)


@pytest.mark.parametrize("name", recorded("losses")["cases"])
def test_a_loss_has_pytorchs_value_and_gradient(name):
    case = recorded("losses")["cases"][name]
    prediction = leaves(case["prediction"])
    function = getattr(nn, name.split()[0].rstrip(","))
    value = function(prediction, case["target"], case["reduction"], **case["options"])
    value.backward()
    assert value.data == pytest.approx(case["value"], rel=1e-12, abs=1e-15)
    assert close(numbers(prediction, "grad"), case["gradient"])


def test_every_loss_has_a_class_of_the_same_value():
    for name, kind in nn.losses.criteria.LOSSES.items():
        case = next(case for key, case in recorded("losses")["cases"].items() if key.startswith(name))
        loss = kind(reduction="sum")
        assert (
            loss(case["prediction"], case["target"]).data
            == kind.function(case["prediction"], case["target"], "sum").data
        )
        assert repr(loss).startswith(kind.__name__)


@pytest.mark.parametrize("name", recorded("regularizers")["cases"])
def test_a_regularizer_has_pytorchs_value_and_gradient(name):
    case = recorded("regularizers")["cases"][name]
    w = leaves(case["w"])
    options = {"beta": 0.3} if name == "elastic_net" else {}
    value = getattr(nn, name)(w, **options)
    value.backward()
    assert value.data == pytest.approx(case["value"], rel=1e-15)
    assert close(numbers(w, "grad"), case["gradient"])
    kind = {"l1": nn.L1, "l2": nn.L2, "elastic_net": nn.ElasticNet}[name]
    assert kind(0.5, **options)(w).data == pytest.approx(0.5 * case["value"], rel=1e-15)


def test_max_norm_shortens_long_rows_and_no_others():
    case = recorded("regularizers")["max_norm"]
    layer = nn.Layer(2, 4)
    layer.weight.assign(case["w"])
    layer.bias.assign([9.0, 9.0, 9.0, 9.0])
    nn.MaxNorm(case["limit"])(layer)
    assert close(layer.weight.array, case["after"])
    assert layer.bias.array.tolist() == [9.0] * 4


def hills(w):
    a, b, c, d = w
    return (
        (a - 1.5) ** 2 + 3.0 * (b + 0.5) ** 2 + 0.5 * (c * d) + 0.2 * (d * d) + sin(a * b) + cosh(c - d) * 0.1
    )


@pytest.mark.parametrize("name", recorded("optimizers")["cases"])
def test_an_optimizer_follows_pytorchs_path_for_a_hundred_steps(name):
    facts = recorded("optimizers")
    case = facts["cases"][name]
    w = leaves(facts["start"])
    optimizer = getattr(nn, case["kind"])(w, **case["options"])
    assert len(case["path"]) == 100
    for theirs in case["path"]:
        optimizer.zero_grad()
        hills(w).backward()
        optimizer.step()
        assert np.allclose(numbers(w), theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", recorded("schedules")["cases"])
def test_a_schedule_has_pytorchs_rates(name):
    facts = recorded("schedules")
    case = facts["cases"][name]
    optimizer = nn.SGD([Value(0.0)], lr=facts["lr"])
    schedule = getattr(nn, name.split()[0])(optimizer, **case["options"])
    rates = []
    for metric in facts["metric"]:
        schedule.step(metric)
        rates.append(optimizer.lr)
    assert np.allclose(rates, case["rates"], rtol=1e-12)


@pytest.mark.parametrize("limit", ["1.0", "5.0", "100.0"])
def test_clipping_by_norm_is_pytorchs(limit):
    facts = recorded("clipping")
    w = leaves([[0.0] * 3, [0.0] * 2])
    for value, g in zip(flat(w), flat(facts["gradients"]), strict=True):
        value.grad = g
    norm = nn.clip_grad_norm_(flat(w), float(limit))
    assert norm == pytest.approx(facts["cases"][limit]["norm"], rel=1e-15)
    assert close(numbers(flat(w), "grad"), flat(facts["cases"][limit]["after"]))


def test_clipping_by_value_cuts_both_ways():
    w = leaves([0.0, 0.0, 0.0])
    for value, g in zip(w, [3.0, -4.0, 0.5], strict=True):
        value.grad = g
    nn.clip_grad_value_(w, 1.0)
    assert numbers(w, "grad") == [1.0, -1.0, 0.5]
