# %% [markdown]
# # 6 · Losses, optimizers, regularization: what can go wrong
#
# After this notebook you can
#
# * choose a loss by how it treats large errors, and say why cross-entropy takes logits,
# * recognize a learning rate that is too large or too small,
# * recognize vanishing and exploding gradients and dead ReLUs, and fix them,
# * recognize overfitting, and compare weight decay, elastic net, max norm, dropout and early stopping,
# * decrease the learning rate during training.

# %%
import warnings

import matplotlib.pyplot as plt
import numpy as np

from autograd_core import Graph, Value, relu, sigmoid, tanh
from autograd_core.exercises import Exercise
from nn import (
    L2,
    MLP,
    SGD,
    Adagrad,
    Adam,
    Dropout,
    EarlyStopping,
    ElasticNet,
    ExponentialLR,
    GradientDescent,
    GradientStatistics,
    Layer,
    MaxNorm,
    RMSprop,
    Sequential,
    cross_entropy,
    hinge_loss,
    huber_loss,
    l1_loss,
    mse_loss,
)
from nn.data import moons
from viz import plots

plt.rcParams["figure.figsize"], plt.rcParams["figure.dpi"] = (5, 3), 72

# %% [markdown]
# ## Losses
#
# The squared loss penalizes large errors most; the absolute and Huber losses are less sensitive to outliers. The hinge loss is 0
# once an example is on the right side with a margin.

# %%
errors = np.linspace(-3, 3, 121)
for loss in (mse_loss, l1_loss, huber_loss):
    plt.plot(errors, [loss(e, 0.0).data for e in errors], label=loss.__name__)
plt.plot(errors, [hinge_loss(e, 1).data for e in errors], "--", label="hinge_loss, target +1")
plt.ylim(0, 5)
plt.xlabel("prediction (target 0)")
_ = plt.legend()
# %% [markdown]
# Cross-entropy takes **logits**. Given probabilities, it applies a second softmax, so even a perfect
# prediction has a loss of 0.55. It warns about that.

# %%
print("logits (9, 0, 0):", round(cross_entropy([9.0, 0.0, 0.0], 0).data, 4))
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print("probabilities (1, 0, 0):", round(cross_entropy([1.0, 0.0, 0.0], 0).data, 4))
print(caught[0].message)

# %% [markdown]
# ## Learning rates
#
# A valley, steep one way and flat the other: f(a, b) = a²/2 + 10b². If the step is too small, progress is slow; if it is too
# large, the path jumps from wall to wall.


# %%
def path_of(make, steps=40):
    a, b = Value(-4.0, "a"), Value(1.0, "b")
    optimizer, path = make([a, b]), []
    for _ in range(steps):
        path.append((a.data, b.data))
        optimizer.zero_grad()
        (a**2 / 2 + 10 * b**2).backward()
        optimizer.step()
    return np.array(path)


def draw_paths(makers):
    _, axes = plt.subplots(1, len(makers), figsize=(3 * len(makers), 2.5), sharey=True)
    for axis, (name, make) in zip(axes, makers.items(), strict=True):
        plots.loss_surface(lambda a, b: a**2 / 2 + 10 * b**2, path_of(make), extent=(-5, 5, -1.6, 1.6), axes=axis)
        axis.set(title=name, xlim=(-5, 5), ylim=(-1.6, 1.6))


draw_paths({f"SGD, lr = {lr}": lambda p, lr=lr: SGD(p, lr=lr) for lr in (0.005, 0.05, 0.0995)})

# %% [markdown]
# At lr = 0.1 the error in the steep direction neither shrinks nor grows; beyond that it explodes. `GradientDescent`
# stops when a step, or the gradient, is small enough.

# %%
a, b = Value(-4.0, "a"), Value(1.0, "b")
descent = GradientDescent([a, b], lr=0.05).minimize(lambda: a**2 / 2 + 10 * b**2)
descent.reason, descent.steps, descent.losses[-1]

# %% [markdown]
# ## Optimizers
#
# Momentum keeps moving in the previous direction. Adagrad, RMSprop and Adam give each parameter its own step size, so
# progress in the flat direction is not slower.

# %%
draw_paths({
    "momentum": lambda p: SGD(p, lr=0.02, momentum=0.8),
    "Adagrad": lambda p: Adagrad(p, lr=0.8),
    "RMSprop": lambda p: RMSprop(p, lr=0.15),
    "Adam": lambda p: Adam(p, lr=0.3),
})  # fmt: skip

# %% [markdown]
# ## Vanishing and exploding gradients
#
# On the way down, a gradient is multiplied by each layer's weights and by σ′ ≤ ¼. Activations and their derivatives:

# %%
fig, axes = plt.subplots(1, 3, figsize=(10, 2.5))
for axis, f in zip(axes, (sigmoid, tanh, relu), strict=True):
    plots.activation(f, axes=axis)

# %% [markdown]
# Ten layers with three initializations: with sigmoids the gradient vanishes in the lowest layers; with ReLUs and He
# initialization it keeps its size; with weights three times too large it explodes.


# %%
def gradient_sizes(activation, scale=1.0):
    model = MLP(4, [12] * 10 + [1], activation=activation, rng=0)
    for name, weights in model.weights().items():
        if name.endswith("weight"):
            weights.assign(scale * weights.array)
    mse_loss(model([0.5, -1.0, 2.0, 0.3]), 1.0).backward()
    layers = [layer.weight.gradient for layer in model.layers]
    return [np.sqrt(np.mean(g**2)) for g in layers]


for label, sizes in {
    "sigmoid": gradient_sizes("sigmoid"),
    "relu": gradient_sizes("relu"),
    "relu, weights × 3": gradient_sizes("relu", 3.0),
}.items():
    plt.semilogy(range(1, 12), sizes, ".-", label=label)
plt.xlabel("layer")
plt.ylabel("size of the gradient")
_ = plt.legend()
# %% [markdown]
# During training, the callback `GradientStatistics` records the same for every epoch.

# %%
x, y = moons(40, seed=0)
statistics = GradientStatistics()
model = MLP(2, [6, 6, 6, 1], activation="sigmoid", rng=0)
model.fit(
    x, y, loss="bce_with_logits", optimizer=SGD(model.parameters(), lr=0.5), epochs=20,
    callbacks=[statistics], verbose=0,
)  # fmt: skip
_ = plots.gradient_sizes(statistics)
# %% [markdown]
# `lint` finds individual dead ReLUs and saturated sigmoids, and gradients left over from an earlier pass.

# %%
unlucky = MLP(2, [3, 1], rng=0).label()
unlucky.layers[0].bias.assign([-9.0, 0.0, 0.0])
loss = mse_loss(unlucky([1.0, 1.0]), 1.0)
loss.backward()
for hint in Graph(loss, parameters=unlucky.parameters()).lint():
    print(hint)

# %% [markdown]
# ## Overfitting
#
# Twelve noisy points on a line, and a network that is much too large for them. The training error keeps falling
# while the test error rises again.

# %%
rng = np.random.default_rng(2)
x_train, x_test = rng.uniform(-1, 1, (12, 1)), np.linspace(-1, 1, 20)[:, None]
y_train, y_test = x_train[:, 0] + rng.normal(0, 0.4, 12), x_test[:, 0]


def large(dropout=0.0):
    made = Sequential(
        Layer(1, 16, activation="tanh", rng=0), Dropout(dropout, rng=0), Layer(16, 1, nonlin=False, rng=1)
    )
    for weights in (made[0].weight, made[0].bias):
        weights.assign(np.random.default_rng(0).normal(0, 4, weights.shape))
    return made


def trained(dropout=0.0, **options):
    made = large(dropout)
    history = made.fit(
        x_train, y_train, optimizer=Adam(made.parameters(), lr=0.05), epochs=150,
        validation_data=(x_test, y_test), verbose=0, seed=0, **options,
    )  # fmt: skip
    return made, history


runs = {
    "nothing": trained(),
    "L2": trained(regularizer=L2(0.01)),
    "elastic net": trained(regularizer=ElasticNet(0.005, 0.5)),
    "max norm": trained(constraint=MaxNorm(2.0)),
    "dropout": trained(dropout=0.3),
    "early stopping": trained(callbacks=[EarlyStopping(patience=15, restore_best_weights=True)]),
}
for name, (made, history) in runs.items():
    print(f"{name:15} {len(history.epoch):3} epochs, test error {made.evaluate(x_test, y_test):.4f}")

# %%
fig, axes = plt.subplots(1, 6, figsize=(15, 2.4), sharey=True)
for axis, (name, (made, _)) in zip(axes, runs.items(), strict=True):
    axis.plot(x_train, y_train, "k.")
    axis.plot(x_test, y_test, "--", color="gray")
    axis.plot(x_test, made.predict(x_test))
    axis.set(title=name, ylim=(-2, 2))

# %%
_ = plots.training_curves(runs["nothing"][1])
# %% [markdown]
# ## Decreasing step sizes
#
# A gradient from one example at a time is noisy, and with a constant step size the weight keeps jumping around its best value.
# With a decreasing step size it settles: large steps to get there, small ones to stay.

# %%
rng = np.random.default_rng(0)
noisy = 2.0 + rng.normal(0, 1, 60)


def weights_over(schedule, epochs=4, lr=0.5):
    w = Value(-3.0, "w")
    optimizer, path = SGD([w], lr=lr), []
    shrink = schedule(optimizer)
    for t in np.tile(noisy, epochs):
        optimizer.zero_grad()
        ((w - t) ** 2 / 2).backward()
        optimizer.step()
        shrink()
        path.append(w.data)
    return path


plt.plot(weights_over(lambda optimizer: lambda: None), color="0.7", label="lr = 0.5")
plt.plot(weights_over(lambda optimizer: ExponentialLR(optimizer, gamma=0.97).step), label="lr · 0.97 each step")
plt.axhline(noisy.mean(), color="k", linewidth=0.8)
plt.xlabel("step")
plt.ylabel("w")
_ = plt.legend()

# %% [markdown]
# ## Exercises
#
# **1.** f(b) = 10b². At which learning rate does gradient descent stop converging? Derive it from b ← b − η·20b.
# (Within 0.001.)

# %%
exercise_1 = Exercise("06.1:72da9d3bd808", grid=0.001)
exercise_1(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_1(2 / 20)

# %% [markdown]
# **2.** By what factor, at most, do ten sigmoids multiply a gradient, ignoring the weights?
# (Within 10⁻⁹.)

# %%
exercise_2 = Exercise("06.2:c119aab0d87d", grid=1e-09)
exercise_2(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_2((1 / 4) ** 10)

# %% [markdown]
# **3.** Find an optimizer and a learning rate for which `path_of` ends within 0.01 of the minimum (0, 0) in 40 steps.
# Give the function that creates the optimizer.

# %%
exercise_3 = Exercise(lambda make: np.linalg.norm(path_of(make)[-1]) < 0.01)
exercise_3(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_3(lambda p: SGD(p, lr=0.095, momentum=0.3))
