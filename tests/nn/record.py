"""Write the numbers in `recorded/`: PyTorch's float64 results for the modules, losses and optimizers.

Run it manually, with PyTorch installed: `python -m tests.nn.record`. The tests read the files and do not need
PyTorch.
"""

import json
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

HERE = Path(__file__).parent / "recorded"
torch.set_default_dtype(torch.float64)
POINTS = [-30.0, -5.0, -2.5, -1.0, -0.3, -1e-3, 1e-3, 0.2, 0.9, 1.7, 4.0, 30.0]

ACTIVATIONS = {
    "ReLU": {}, "LeakyReLU": {"negative_slope": 0.2}, "ELU": {"alpha": 1.3}, "SELU": {}, "GELU": {},
    "GELU tanh": {"approximate": "tanh"}, "SiLU": {}, "Mish": {}, "Softplus": {}, "Softsign": {},
    "Sigmoid": {}, "LogSigmoid": {}, "Tanh": {}, "Identity": {},
}  # fmt: skip


def write(name, facts):
    facts = {"made_with": f"torch {torch.__version__}", **facts}
    (HERE / f"{name}.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def activations():
    found = {}
    for name, options in ACTIVATIONS.items():
        x = torch.tensor(POINTS, requires_grad=True)
        y = getattr(nn, name.split()[0])(**options)(x)
        y.sum().backward()
        found[name] = {"options": options, "x": POINTS, "y": y.tolist(), "slope": x.grad.tolist()}
    write("activations", {"cases": found})


class Residual(nn.Module):
    def __init__(self, block):
        super().__init__()
        self.block = block

    def forward(self, x):
        return x + self.block(x)


def modules():
    torch.manual_seed(0)
    cases = {
        "Linear": (nn.Linear(4, 3), (4,)),
        "Linear without bias": (nn.Linear(4, 3, bias=False), (4,)),
        "LayerNorm": (nn.LayerNorm(5), (5,)),
        "Conv2d": (nn.Conv2d(2, 3, 3), (2, 5, 6)),
        "Conv2d with stride and padding": (nn.Conv2d(2, 3, 3, stride=2, padding=1), (2, 5, 6)),
        "Conv2d without bias": (nn.Conv2d(1, 2, 2, bias=False), (1, 3, 3)),
        "MaxPool2d": (nn.MaxPool2d(2), (2, 4, 6)),
        "MaxPool2d with stride": (nn.MaxPool2d(3, stride=1), (1, 5, 5)),
        "Softmax": (nn.Softmax(dim=-1), (4,)),
        "LogSoftmax": (nn.LogSoftmax(dim=-1), (4,)),
        "MLP": (nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 2)), (3,)),
        "MLP relu": (nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2), nn.Sigmoid()), (3,)),
        "Residual": (Residual(nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 3), nn.ReLU())), (3,)),
    }
    found = {}
    for name, (module, shape) in cases.items():
        for parameter in module.parameters():
            nn.init.normal_(parameter)
        x = torch.randn(shape, requires_grad=True)
        batched = x.unsqueeze(0)
        y = module(batched)[0]
        # Every output has a different weight, so that errors cannot cancel.
        (y.flatten() * torch.arange(1.0, y.numel() + 1.0)).sum().backward()
        found[name] = {
            "weights": {key: p.tolist() for key, p in module.named_parameters()},
            "x": x.tolist(),
            "y": y.tolist(),
            "gradients": {key: p.grad.tolist() for key, p in module.named_parameters()},
            "x_gradient": x.grad.tolist(),
        }
    write("modules", {"cases": found})


def losses():
    rng = np.random.default_rng(1)
    z = rng.normal(0.0, 2.0, (6, 4))
    v, t = rng.normal(0.0, 1.5, 8), rng.normal(0.0, 1.5, 8)
    p, label = rng.uniform(0.02, 0.98, 8), rng.integers(0, 2, 8).astype(float)
    soft, sign = rng.uniform(0.0, 1.0, 8), 2.0 * label - 1.0
    classes = rng.integers(0, 4, 6)
    spread = rng.dirichlet([1.0] * 4, 6)
    functions = {
        "mse_loss": (F.mse_loss, v, t, {}),
        "l1_loss": (F.l1_loss, v, t, {}),
        "huber_loss": (F.huber_loss, v, t, {}),
        "huber_loss delta": (F.huber_loss, v, t, {"delta": 0.4}),
        "bce_loss": (F.binary_cross_entropy, p, label, {}),
        "bce_loss soft": (F.binary_cross_entropy, p, soft, {}),
        "bce_with_logits_loss": (F.binary_cross_entropy_with_logits, 5.0 * v, label, {}),
        "bce_with_logits_loss soft": (F.binary_cross_entropy_with_logits, 5.0 * v, soft, {}),
        "bce_with_logits_loss extreme": (F.binary_cross_entropy_with_logits, 400.0 * v, label, {}),
        "cross_entropy": (F.cross_entropy, z, classes, {}),
        "cross_entropy extreme": (F.cross_entropy, 300.0 * z, classes, {}),
        "cross_entropy smoothed": (F.cross_entropy, z, classes, {"label_smoothing": 0.1}),
        "cross_entropy probabilities": (F.cross_entropy, z, spread, {}),
        "nll_loss": (F.nll_loss, z, classes, {}),
        "hinge_loss": (lambda y, t, reduction: reduce(F.relu(1.0 - t * y), reduction), v, sign, {}),
        "multi_margin_loss": (F.multi_margin_loss, z, classes, {}),
        "multi_margin_loss margin": (F.multi_margin_loss, z, classes, {"margin": 2.5}),
        "smooth_l1_loss": (F.smooth_l1_loss, v, t, {"beta": 0.7}),
        "poisson_nll_loss": (F.poisson_nll_loss, v, label, {}),
        "squared_loss": (lambda y, t, reduction: reduce(0.5 * (y - t) ** 2, reduction), v, t, {}),
    }
    found = {}
    for name, (function, prediction, target, options) in functions.items():
        for reduction in ("mean", "sum"):
            x = torch.tensor(prediction, requires_grad=True)
            value = function(x, torch.tensor(target), reduction=reduction, **options)
            value.backward()
            found[f"{name}, {reduction}"] = {
                "prediction": x.tolist(), "target": target.tolist(),
                "reduction": reduction, "options": options,
                "value": value.item(), "gradient": x.grad.tolist(),
            }  # fmt: skip
    write("losses", {"cases": found})


def reduce(terms, reduction):
    return terms.mean() if reduction == "mean" else terms.sum()


def regularizers():
    w = [1.5, -0.25, 0.0, 3.0, -2.0]
    functions = {
        "l1": lambda x: x.abs().sum(),
        "l2": lambda x: x.square().sum(),
        "elastic_net": lambda x: 0.3 * x.square().sum() + x.abs().sum(),
    }
    found = {}
    for name, function in functions.items():
        x = torch.tensor(w, requires_grad=True)
        value = function(x)
        value.backward()
        found[name] = {"w": w, "value": value.item(), "gradient": x.grad.tolist()}
    rows = torch.tensor([[3.0, 4.0], [0.6, 0.8], [-5.0, 12.0], [0.0, 0.0]])
    norms = rows.norm(dim=1, keepdim=True)
    shorter = torch.where(norms > 2.0, rows * (2.0 / norms), rows)
    write(
        "regularizers",
        {"cases": found, "max_norm": {"limit": 2.0, "w": rows.tolist(), "after": shorter.tolist()}},
    )


OPTIMIZERS = {
    "SGD": ("SGD", {"lr": 0.02}),
    "SGD momentum": ("SGD", {"lr": 0.02, "momentum": 0.9}),
    "SGD dampening": ("SGD", {"lr": 0.02, "momentum": 0.8, "dampening": 0.3}),
    "SGD Nesterov": ("SGD", {"lr": 0.02, "momentum": 0.9, "nesterov": True}),
    "SGD weight decay": ("SGD", {"lr": 0.02, "momentum": 0.5, "weight_decay": 0.1}),
    "Adagrad": ("Adagrad", {"lr": 0.1}),
    "Adagrad all": (
        "Adagrad", {"lr": 0.1, "lr_decay": 0.01, "weight_decay": 0.1, "initial_accumulator_value": 0.2}
    ),
    "RMSprop": ("RMSprop", {"lr": 0.01}),
    "RMSprop momentum": ("RMSprop", {"lr": 0.005, "momentum": 0.9, "alpha": 0.9}),
    "RMSprop centered": ("RMSprop", {"lr": 0.005, "centered": True, "momentum": 0.5, "weight_decay": 0.1}),
    "Adam": ("Adam", {"lr": 0.05}),
    "Adam defaults": ("Adam", {}),
    "Adam weight decay": ("Adam", {"lr": 0.05, "weight_decay": 0.1, "betas": [0.8, 0.99]}),
    "Adam AMSGrad": ("Adam", {"lr": 0.05, "amsgrad": True}),
    "AdamW": ("AdamW", {"lr": 0.05}),
    "AdamW AMSGrad": ("AdamW", {"lr": 0.05, "weight_decay": 0.2, "amsgrad": True}),
}  # fmt: skip
START = [1.0, -2.0, 0.5, 3.0]


def hills(w):
    """Compute a function of four numbers with curvature of several sizes and some coupling."""
    a, b, c, d = w
    return (
        (a - 1.5) ** 2
        + 3.0 * (b + 0.5) ** 2
        + 0.5 * (c * d)
        + 0.2 * (d * d)
        + (a * b).sin()
        + (c - d).cosh() * 0.1
    )


def trajectory(make, steps=100):
    w = torch.tensor(START, requires_grad=True)
    optimizer = make([w])
    path = []
    for _ in range(steps):
        optimizer.zero_grad()
        hills(w).backward()
        optimizer.step()
        path.append(w.tolist())
    return path


def optimizers():
    found = {}
    for name, (kind, options) in OPTIMIZERS.items():
        options_there = {k: tuple(v) if isinstance(v, list) else v for k, v in options.items()}
        path = trajectory(lambda ws: getattr(torch.optim, kind)(ws, **options_there))  # noqa: B023
        found[name] = {"kind": kind, "options": options, "path": path}
    write("optimizers", {"start": START, "cases": found})


SCHEDULES = {
    "StepLR": {"step_size": 4, "gamma": 0.5},
    "ExponentialLR": {"gamma": 0.9},
    "CosineAnnealingLR": {"T_max": 20, "eta_min": 0.01},
}
METRIC = [
    5.0,
    4.0,
    3.9999,
    4.1,
    4.2,
    4.3,
    3.0,
    3.1,
    3.2,
    3.3,
    3.4,
    3.5,
    3.6,
    3.7,
    3.8,
    2.9,
    2.95,
    2.95,
    2.95,
    2.95,
]


def schedules():
    found = {}
    for name, options in SCHEDULES.items():
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
        schedule = getattr(torch.optim.lr_scheduler, name)(optimizer, **options)
        optimizer.step()
        rates = []
        for _ in range(20):
            schedule.step()
            rates.append(optimizer.param_groups[0]["lr"])
        found[name] = {"options": options, "rates": rates}
    for name, options in {
        "ReduceLROnPlateau": {"factor": 0.5, "patience": 1},
        "ReduceLROnPlateau cooldown": {"factor": 0.5, "patience": 0, "cooldown": 2, "min_lr": 0.05},
        "ReduceLROnPlateau max": {"mode": "max", "patience": 2, "threshold": 0.1},
    }.items():
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
        schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **options)
        rates = []
        for metric in METRIC:
            schedule.step(metric)
            rates.append(optimizer.param_groups[0]["lr"])
        found[name] = {"options": options, "rates": rates}
    write("schedules", {"lr": 0.3, "metric": METRIC, "cases": found})


def clipping():
    found = {}
    for limit in (1.0, 5.0, 100.0):
        w = [torch.zeros(3, requires_grad=True), torch.zeros(2, requires_grad=True)]
        w[0].grad, w[1].grad = torch.tensor([3.0, -4.0, 0.5]), torch.tensor([1.0, -7.0])
        norm = torch.nn.utils.clip_grad_norm_(w, limit)
        found[str(limit)] = {"norm": norm.item(), "after": [p.grad.tolist() for p in w]}
    write("clipping", {"gradients": [[3.0, -4.0, 0.5], [1.0, -7.0]], "cases": found})


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    for make in (activations, modules, losses, regularizers, optimizers, schedules, clipping):
        make()
