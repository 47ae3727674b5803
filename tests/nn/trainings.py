"""Run random trainings eagerly, compiled, and in PyTorch: weights, state, rates and losses must agree.

Run many with `python -m tests.nn.trainings 1000 [first seed]`; `test_trainings.py` runs some. They draw
models with unused layers and frozen weights, losses, weights of examples and classes, every optimizer with
all its options, groups of parameters, weights that only the optimizer has, schedules, regularizers, clipping,
constraints, uneven batches, runs that are saved and resumed, learning rates changed between two fits,
checkpoints, metrics and validation.
"""

import itertools
import random
import sys
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import nn
from autograd_core import Value
from nn.train.run import Order

try:
    import torch
except ImportError:
    torch = None

CLOSE = 1e-9
ACTIVATIONS = {
    "tanh": "tanh", "sigmoid": "sigmoid", "relu": "relu", "softplus": "softplus", "gelu": "gelu",
    "leaky_relu": "leaky_relu", "silu": "silu", "elu": "elu",
}  # fmt: skip
LOSSES = ["mse", "squared", "l1", "huber", "bce_with_logits", "hinge", "cross_entropy", "nll", "multi_margin"]
SCHEDULES = {
    "StepLR": {"step_size": 2, "gamma": 0.5}, "ExponentialLR": {"gamma": 0.7},
    "CosineAnnealingLR": {"T_max": 6, "eta_min": 0.001}, "ReduceLROnPlateau": {"factor": 0.5, "patience": 0},
    "MultiStepLR": {"milestones": [1, 3], "gamma": 0.3}, "LinearLR": {"total_iters": 3},
    "CosineAnnealingWarmRestarts": {"T_0": 2, "T_mult": 2, "eta_min": 0.001},
}  # fmt: skip
OF_CLASSES = ("cross_entropy", "nll", "multi_margin")


@dataclass
class Plan:
    """A model and its training, drawn from a seed."""

    seed: int

    def __post_init__(self):
        rng = random.Random(self.seed)
        self.loss = rng.choice(LOSSES)
        self.reduction = rng.choice(["mean", "mean", "sum"])
        self.options = {
            "huber": {"delta": 0.5}, "hinge": {"margin": rng.choice([1.0, 0.3])},
            "cross_entropy": {"label_smoothing": rng.choice([0.0, 0.1, 1.0])},
        }.get(self.loss, {})  # fmt: skip
        outputs = rng.choice([2, 3]) if self.loss in OF_CLASSES else 1
        self.sizes = [rng.randint(1, 3), *[rng.randint(2, 5) for _ in range(rng.randint(0, 2))], outputs]
        self.activation = rng.choice(list(ACTIVATIONS))
        self.norm = rng.random() < 0.2 and len(self.sizes) > 2
        self.unused = rng.random() < 0.3
        # A program cannot look up a class by its index in a user-defined loss.
        self.temperature = rng.random() < 0.3 and self.loss not in OF_CLASSES
        self.frozen = rng.choice(["", "", "", "bias", "number", "layer" if len(self.sizes) > 2 else ""])
        self.optimizer, self.settings = self._optimizer(rng)
        self.given = rng.choice(["model", "parameters", "some"]) if not self.temperature else "parameters"
        if self.given == "model" and self.optimizer != "LBFGS" and rng.random() < 0.5:
            self.given = "groups"
        self.schedule = rng.choice([None, None, *SCHEDULES])
        self.regularizer = rng.choice([None, None, "L1", "L2", "ElasticNet"])
        self.clip = rng.choice([None, None, 0.1, 1.0])
        self.limit = rng.choice([None, None, None, 0.8])
        self.count = rng.randint(3, 11)
        self.batch = rng.choice([None, rng.randint(1, self.count)])
        self.shuffle = rng.random() < 0.7
        self.epochs = rng.randint(1, 5)
        self.stop = rng.randint(1, self.epochs)
        self.resumed = rng.choice(["in memory", "saved"])
        self.slower = rng.random() < 0.3 and self.schedule is None
        self.validation = rng.random() < 0.3
        self.checkpoint = rng.random() < 0.2
        self.scale = rng.choice([1.0, 1.0, 1.0, 0.0, 1e-3])
        numbers = np.random.default_rng(self.seed)
        self.x = numbers.normal(size=(self.count, self.sizes[0]))
        if rng.random() < 0.2:
            self.x[:, 0] = 0.0
        self.y = numbers.normal(size=self.count)
        self.weights = numbers.integers(0, 3, self.count) + 0.5 if rng.random() < 0.3 else None
        if self.weights is not None and rng.random() < 0.5:
            self.weights[1:2] = 0.0
        if self.loss == "bce_with_logits":
            self.y = (self.y > 0.0) * 1.0
        if self.loss == "hinge":
            self.y = np.where(self.y > 0.0, 1.0, -1.0)
        if self.loss in OF_CLASSES:
            self.y = numbers.integers(0, outputs, self.count).astype(float)
        self.by_classes = self.loss in ("cross_entropy", "nll") and rng.random() < 0.6
        if self.by_classes:
            self.options["weight"] = numbers.uniform(0.2, 3.0, outputs).tolist()
            if self.batch is None:
                self.y[1] = -100.0

    def _optimizer(self, rng):
        decay = {"weight_decay": rng.choice([0.0, 0.0, 0.1])}
        rate = rng.choice([0.05, 0.05, 0.01, 0.0])
        momentum = rng.choice([0.0, 0.5, 0.9])
        nesterov = momentum > 0.0 and rng.random() < 0.4
        kind = rng.choice([
            "SGD", "SGD", "Adagrad", "RMSprop", "Adam", "AdamW", "GradientDescent",
            "Adadelta", "Rprop", "Adamax", "NAdam", "RAdam", "LBFGS",
        ])  # fmt: skip
        return kind, {"lr": rate, "maximize": rng.random() < 0.15} | {
            "SGD": {"momentum": momentum, "nesterov": nesterov, **decay,
                    "dampening": 0.0 if nesterov else rng.choice([0.0, 0.3, 1.0])},
            "Adagrad": {"lr_decay": rng.choice([0.0, 0.1]), **decay, "eps": 1e-3,
                        "initial_accumulator_value": rng.choice([0.0, 0.5])},
            "RMSprop": {"alpha": rng.choice([0.99, 0.5]), "momentum": momentum, **decay,
                        "centered": rng.random() < 0.3, "eps": 1e-3},
            "Adam": {"betas": rng.choice([(0.9, 0.999), (0.5, 0.9), (0.0, 0.0)]), **decay,
                     "amsgrad": rng.random() < 0.3, "eps": 1e-3},
            "AdamW": {"weight_decay": rng.choice([0.01, 0.3]), "amsgrad": rng.random() < 0.3, "eps": 1e-3},
            "GradientDescent": {},
            "LBFGS": {"maximize": False, "max_iter": rng.choice([1, 4]), "history_size": 3,
                      "line_search_fn": rng.choice([None, "strong_wolfe"])},
            "Adadelta": {"rho": rng.choice([0.9, 0.5]), **decay, "eps": 1e-3},
            "Rprop": {"etas": rng.choice([(0.5, 1.2), (0.3, 2.0)])},
            "Adamax": {**decay, "eps": 1e-3},
            "NAdam": {**decay, "momentum_decay": rng.choice([4e-3, 0.3]), "eps": 1e-3},
            "RAdam": {"betas": rng.choice([(0.9, 0.999), (0.5, 0.6)]), **decay, "eps": 1e-3},
        }[kind]  # fmt: skip

    def grouped(self, parameters):
        """Return the parameters in two groups, the first with a rate of its own."""
        return [{"params": parameters[:1], "lr": 0.02}, {"params": parameters[1:]}]

    def scheduled(self, module, optimizer):
        """Return the schedule from our package or PyTorch's."""
        if self.schedule is None:
            return None
        return getattr(module, self.schedule)(optimizer, **SCHEDULES[self.schedule])


class Net(nn.Module):
    """Layers, an unused one, and a factor that may be 0, so that some gradients are 0."""

    def __init__(self, plan):
        self.layers = [
            nn.Linear(a, b, rng=plan.seed + i) for i, (a, b) in enumerate(itertools.pairwise(plan.sizes))
        ]
        self.norm = nn.LayerNorm(plan.sizes[-2]) if plan.norm else None
        self.unused = nn.Linear(2, 2, rng=plan.seed) if plan.unused else None
        self.factor = plan.scale
        self.activation = nn.modules.activations.FUNCTIONS[ACTIVATIONS[plan.activation]]

    def __call__(self, x):
        for layer in self.layers[:-1]:
            x = [self.activation(v) for v in layer(x)]
        if self.norm is not None:
            x = self.norm(x)
        return [self.factor * v for v in self.layers[-1](x)]


class Tempered:
    """A loss of predictions times a weight outside the model."""

    def __init__(self, loss, temperature):
        self.loss, self.temperature, self.reduction = loss, temperature, loss.reduction

    def __call__(self, prediction, target):
        return self.loss([self.temperature * v for v in prediction], target)


class Ours:
    """Training with this package."""

    def __init__(self, plan, compile):
        self.plan, self.compile = plan, compile
        self.compiled = []
        self.losses = []
        self.begin()

    def begin(self):
        plan = self.plan
        self.model = Net(plan)
        # No weight starts at 0, where the sign in L1 would depend on rounding errors.
        numbers = np.random.default_rng([plan.seed, 1])
        for weights in self.model.weights().values():
            weights.assign(numbers.normal(scale=0.7, size=weights.shape))
        if plan.frozen == "layer":
            self.model.layers[0].freeze()
        elif plan.frozen == "bias":
            self.model.layers[-1].bias.trainable = False
        elif plan.frozen == "number":
            self.model.layers[-1].weight.values[0].requires_grad = False
        self.temperature = Value(1.25)
        given = {
            "model": self.model, "parameters": self.model.parameters(),
            "some": list(self.model.weights().values())[1:],
            "groups": plan.grouped(list(self.model.weights().values())),
        }[plan.given]  # fmt: skip
        if plan.temperature:
            given = [*given, self.temperature]
        self.optimizer = getattr(nn, plan.optimizer)(given, **plan.settings)
        self.schedule = plan.scheduled(nn, self.optimizer)
        loss = nn.losses.criteria.LOSSES[plan.loss](plan.reduction, **plan.options)
        self.loss = Tempered(loss, self.temperature) if plan.temperature else loss

    def fit(self, first, last, folder):
        plan = self.plan
        regularizer = None if plan.regularizer is None else getattr(nn, plan.regularizer)(0.05)
        callbacks = [nn.Checkpoint(folder / "each")] if plan.checkpoint else []
        history = self.model.fit(
            plan.x, plan.y, loss=self.loss, optimizer=self.optimizer, schedule=self.schedule,
            sample_weight=plan.weights,
            regularizer=regularizer, clip_norm=plan.clip, batch_size=plan.batch, shuffle=plan.shuffle,
            constraint=None if plan.limit is None else nn.MaxNorm(plan.limit), callbacks=callbacks,
            metrics=["mae"] if plan.validation and plan.loss not in OF_CLASSES else [],
            validation_data=(plan.x[::-1], plan.y[::-1]) if plan.validation else None,
            seed=plan.seed, initial_epoch=first, epochs=last, compile=self.compile, verbose=0,
        )  # fmt: skip
        if history.runner:
            self.compiled.append(history.runner)
        self.losses += [history.history[name] for name in sorted(history.history)]

    def run(self):
        with tempfile.TemporaryDirectory() as folder:
            self.train(Path(folder))
        return self

    def train(self, folder):
        plan = self.plan
        self.fit(0, plan.stop, folder)
        if plan.resumed == "saved":
            path = folder / "half"
            nn.save(self.model, path, optimizer=self.optimizer, schedule=self.schedule, epoch=plan.stop)
            temperature = self.temperature.data
            self.begin()
            nn.load_into(self.model, path, optimizer=self.optimizer, schedule=self.schedule)
            self.temperature.data = temperature
        if plan.slower:
            for group in self.optimizer.param_groups:
                group.lr *= 0.5
        self.fit(plan.stop, plan.epochs, folder)

    def found(self):
        """Return everything on which two trainings must agree."""
        state = self.optimizer.state_dict()
        arrays = [array.ravel() for array in self.model.state_dict().values()]
        memory = [np.ravel(x) for part in state["state"] for _, x in sorted(part.items())]
        epochs = [np.ravel(x) for x in self.losses]
        rates = [group.lr for group in self.optimizer.param_groups]
        others = [self.temperature.data, *rates, state["steps"]]
        return np.concatenate([*arrays, others, *memory, *epochs])

    def path(self):
        """Return what is compared with PyTorch."""
        arrays = [array.ravel() for array in self.model.state_dict().values()]
        rates = [group.lr for group in self.optimizer.param_groups]
        return np.concatenate([*arrays, [self.temperature.data, *rates]])


def by_torch(plan):
    """The training by PyTorch; its NAdam remembers the product of its momentums in the default type."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        return Theirs(plan).run()
    finally:
        torch.set_default_dtype(before)


def torch_can(plan):
    """Whether PyTorch supports such a training: it freezes only whole arrays."""
    return torch is not None and plan.frozen != "number" and plan.given != "some"


class Theirs:
    """The same training with PyTorch."""

    def __init__(self, plan):
        self.plan, ours = plan, Ours(plan, False)
        self.parameters = {
            name: torch.nn.Parameter(torch.tensor(weights.array), requires_grad=weights.trainable)
            for name, weights in ours.model.weights().items()
        }
        self.temperature = torch.nn.Parameter(torch.tensor(1.25, dtype=torch.float64))
        moved = [*self.parameters.values(), *([self.temperature] if plan.temperature else [])]
        kind = "SGD" if plan.optimizer == "GradientDescent" else plan.optimizer
        self.moved = moved
        given = plan.grouped(moved) if plan.given == "groups" else moved
        options = plan.settings if kind == "LBFGS" else plan.settings | {"foreach": False}
        if kind == "LBFGS":
            options = {name: x for name, x in options.items() if name != "maximize"}
        self.optimizer = getattr(torch.optim, kind)(given, **options)
        self.schedule = plan.scheduled(torch.optim.lr_scheduler, self.optimizer)

    def forward(self, x):
        p, plan = self.parameters, self.plan
        function = getattr(torch.nn.functional, ACTIVATIONS[plan.activation])
        last = len(plan.sizes) - 2
        for i in range(last):
            x = function(x @ p[f"layers.{i}.weight"].T + p[f"layers.{i}.bias"])
        if plan.norm:
            x = torch.nn.functional.layer_norm(x, x.shape[-1:], p["norm.weight"], p["norm.bias"])
        x = plan.scale * (x @ p[f"layers.{last}.weight"].T + p[f"layers.{last}.bias"])
        return self.temperature * x if plan.temperature else x

    def loss(self, x, y, chosen=None):
        plan = self.plan
        terms, counts = self.terms(x, y), len(x)
        if plan.by_classes:
            weights = torch.tensor(plan.options["weight"])
            counts = torch.where(y >= 0, weights[y.clamp(0).long()], 0.0).sum()
        if plan.weights is not None and chosen is not None:
            weights = plan.weights[chosen] / (plan.weights.mean() if plan.reduction == "mean" else 1.0)
            terms = torch.tensor(weights) * terms
        return terms.sum() / (counts if plan.reduction == "mean" else 1.0)

    def terms(self, x, y):
        plan, functional = self.plan, torch.nn.functional
        z = self.forward(x)
        each = {"reduction": "none"}
        if plan.loss in OF_CLASSES:
            name = plan.loss if plan.loss == "cross_entropy" else f"{plan.loss}_loss"
            options = dict(plan.options)
            if plan.by_classes:
                options["weight"] = torch.tensor(options["weight"])
            return getattr(functional, name)(z, y.long(), **options, **each)
        z = z[:, 0]
        if plan.loss == "squared":
            return 0.5 * (z - y) ** 2
        if plan.loss == "hinge":
            return torch.relu(plan.options["margin"] - y * z)
        name = {"bce_with_logits": "binary_cross_entropy_with_logits"}.get(plan.loss, f"{plan.loss}_loss")
        return getattr(functional, name)(z, y, **plan.options, **each)

    def penalty(self):
        free = [p for p in self.parameters.values() if p.requires_grad]
        l1, l2 = sum(p.abs().sum() for p in free), sum(p.square().sum() for p in free)
        return 0.05 * {"L1": l1, "L2": l2, "ElasticNet": l1 + l2}[self.plan.regularizer]

    def step(self, x, y, chosen):
        def closure():
            self.optimizer.zero_grad()
            loss = self.loss(x, y, chosen)
            if self.plan.regularizer is not None:
                loss = loss + self.penalty()
            loss.backward()
            if self.plan.clip is not None:
                torch.nn.utils.clip_grad_norm_(self.moved, self.plan.clip, foreach=False)
            return loss

        loss = self.optimizer.step(closure)
        if self.plan.limit is not None:
            self.shorten()
        return loss.item() * len(x) / len(self.plan.x)

    def shorten(self):
        with torch.no_grad():
            for name, p in self.parameters.items():
                if name.endswith("weight") and p.requires_grad:
                    rows = p.reshape(p.shape[0] if p.ndim > 1 else 1, -1)
                    norms = rows.norm(dim=1, keepdim=True)
                    shorter = torch.where(norms > self.plan.limit, rows * (self.plan.limit / norms), rows)
                    p.copy_(shorter.reshape(p.shape))

    def run(self):
        plan = self.plan
        x, y = torch.tensor(plan.x), torch.tensor(plan.y)
        order = Order(plan.batch or plan.count, plan.shuffle, plan.seed)
        for epoch in range(plan.epochs):
            if epoch == plan.stop and plan.slower:
                self.slow()
            total = sum(
                self.step(x[chosen], y[chosen], chosen) for chosen in order.batches(epoch, plan.count)
            )
            if plan.schedule == "ReduceLROnPlateau":
                self.schedule.step(self.scored(x, y, total))
            elif self.schedule is not None:
                self.schedule.step()
        if plan.stop == plan.epochs and plan.slower:
            self.slow()
        return self

    def scored(self, x, y, total):
        if not self.plan.validation:
            return total
        with torch.no_grad():
            return self.loss(x, y).item()

    def slow(self):
        for group in self.optimizer.param_groups:
            group["lr"] *= 0.5

    def path(self):
        arrays = [p.detach().numpy().ravel() for p in self.parameters.values()]
        rates = [group["lr"] for group in self.optimizer.param_groups]
        return np.concatenate([*arrays, [self.temperature.item(), *rates]])


def differ(found, expected):
    """Return the distance of two trainings, or 0.0 if it is only rounding."""
    if found.shape != expected.shape:
        return float("inf")
    apart = np.abs(found - expected) / (1.0 + np.abs(expected))
    return float(apart.max()) if not np.all(apart <= CLOSE) else 0.0


def compare(seed):
    """Compare the trainings of a seed; return the differences as text, and whether PyTorch took part."""
    plan, faults = Plan(seed), []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", nn.DivergenceWarning)
        eager = Ours(plan, False).run()
        compiled = Ours(plan, True).run()
        if apart := differ(compiled.found(), eager.found()):
            faults.append(f"compiled and eager differ by {apart:.1e}")
        faults += [f"not compiled: {why}" for why in compiled.compiled if not why.startswith("compiled")]
        # L-BFGS divides by differences of gradients, which amplify how they were rounded.
        close = 1e-8 if plan.optimizer == "LBFGS" else CLOSE
        apart = differ(eager.path(), by_torch(plan).path()) if torch_can(plan) else 0.0
        if not apart <= close:
            faults.append(f"eager and PyTorch differ by {apart:.1e}")
    return [f"seed {seed}: {fault}; {vars(plan)}" for fault in faults], torch_can(plan)


def main(count, first):
    faults, by_torch = [], 0
    for seed in range(first, first + count):
        try:
            found, took_part = compare(seed)
        except Exception as error:
            found, took_part = [f"seed {seed}: {type(error).__name__}: {error}; {vars(Plan(seed))}"], False
        by_torch += took_part
        faults += found
        for fault in found:
            print(fault, flush=True)
    print(f"{count} trainings, {by_torch} of them by PyTorch too: {len(faults)} differences")
    return 1 if faults else 0


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*(numbers + [100, 0][len(numbers) :])))
