# %% [markdown]
# # 9 · What a graph of scalars can tell
#
# After this notebook you can
#
# * expand a function in a Taylor series, and integrate a differential equation with it,
# * find the step of a computation that loses its digits,
# * change a gradient on its way, and ask what would have happened if a node had another value,
# * compute a sparse Hessian in a few sweeps,
# * propagate uncertainties,
# * read an optimizer's step with its numbers,
# * record a training run and find out what went wrong in it.

# %%
from math import pi

import matplotlib.pyplot as plt
import numpy as np
from scipy.integrate import solve_ivp

import autograd_core as ac
import nn
from autograd_core import Graph, Value, cos, derivative, hessian, propagate, rounding, sin, steps, taylor
from autograd_core.exercises import Exercise
from viz import draw_dot, plots

plt.rcParams["figure.figsize"], plt.rcParams["figure.dpi"] = (5, 3), 72

# %% [markdown]
# ## Taylor series
#
# `taylor(f, x, n)` gives the coefficients f(x), f′(x), f″(x)/2!, … in one pass. Every operation of the table can be expanded,
# because y′ = Σ ∂f/∂xᵢ · xᵢ′ needs only its local derivatives.

# %%
print(taylor(sin, 0.0, 5))
print(derivative(lambda x: sin(x**2), 30)(1.0))
axes = plots.taylor(lambda x: sin(x**2), at=1.0, orders=[1, 2, 3, 8])

# %% [markdown]
# The coefficients of the solution of a differential equation y′ = f(y) follow from each other: the k-th of f(y) gives the
# (k + 1)-th of y. So a step of any order takes one line.


# %%
def series_step(f, y, h, order=20):
    """One step of the Taylor method for y' = f(y), where f gives a list of components."""
    series = [[component] for component in y]
    for k in range(order):
        rights = [taylor(component(f, series, i), 0.0, k)[k] for i in range(len(y))]
        for each, right in zip(series, rights, strict=True):
            each.append(right / (k + 1))
    return [sum(c * h**j for j, c in enumerate(each)) for each in series]


def component(f, series, i):
    """Component i of f along the curve that the series describes, as a function of time."""
    return lambda t: f([sum(c * t**j for j, c in enumerate(each)) for each in series])[i]


def pendulum(y):
    return [y[1], -sin(y[0])]


def hunt(y):
    return [1.5 * y[0] - y[0] * y[1], y[0] * y[1] - 3.0 * y[1]]


for f, start, h, count in (pendulum, [1.0, 0.0], 0.5, 10), (hunt, [10.0, 5.0], 0.02, 20):
    y = start
    for _ in range(count):
        y = series_step(f, y, h)
    scipys = solve_ivp(
        lambda t, y, f=f: [float(x) for x in f(y.tolist())],
        (0.0, h * count), start, "DOP853", rtol=1e-13, atol=1e-13,
    ).y[:, -1]
    print(f.__name__, [round(x, 9) for x in y], "agrees with SciPy:", np.allclose(y, scipys, rtol=1e-10))

# %% [markdown]
# ## Which step loses the digits?
#
# For each step, its own rounding times the gradient there is its effect on the result.

# %%
x = Value(1e-7, "x")
cancelling = (1 - cos(x)) / x**2
print(rounding(cancelling))

# %%
draw_dot(cancelling, show=("data", "rounding"))

# %% [markdown]
# ## Hooks, and what if
#
# A hook receives the gradient of a node on its way back; a number that it returns replaces it.

# %%
x = Value(2.0, "x")
t = x**2
J = cos(sin(t) + 3 * t)
with x.register_hook(lambda g: max(-1.0, min(g, 1.0))):
    print(steps(J))

# %%
graph = Graph(J)
changes = graph.diff(graph.what_if(v2=0.0))
print(changes)

# %%
draw_dot(changes)

# %% [markdown]
# A `with` block changes the graph itself, and restores it at the end.

# %%
with ac.what_if(J, v2=0.0):
    J.backward()
    print(J.data, x.grad)
print(J.data, x.grad)

# %% [markdown]
# ## Sparsity
#
# The graph knows which entries of a Hessian can differ from 0. Columns without common rows share a sweep: three are enough here,
# whatever the number of variables.


# %%
def rosenbrock(x):
    return ac.sum([100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2 for i in range(len(x) - 1)])


H = hessian(rosenbrock, sparse=True)([0.5] * 30)
print(H.shape, H.nnz)
axes = plots.sparsity(H)

# %% [markdown]
# ## Uncertainty

# %%
U, R = Value(12.0, "U"), Value(4.0, "R")
print(propagate(U / R, {U: 0.12, R: 0.08}))

# %% [markdown]
# ## The whole training step
#
# With an optimizer, `steps` continues after the gradients: one row for each weight, and the optimizer's running means.

# %%
w = Value(2.0, "w")
momentum = nn.SGD([w], lr=0.1, momentum=0.9)
loss = (3.0 * w - 1.0) ** 2
loss.backward()
momentum.step()
print(steps((3.0 * w - 1.0) ** 2, optimizer=momentum))

# %% [markdown]
# ## A film of a training run
#
# `film.save("moons.html")` writes a page with a slider over the steps: click a weight to see its update, and open the backward pass
# behind it. Likely mistakes are reported while recording.

# %%
data, labels = nn.data.moons(100, seed=0)
model = nn.MLP(2, [8, 1], rng=0)
optimizer = nn.SGD(model, lr=0.05)
with nn.film(model, optimizer) as film:
    for inputs, target in zip(data, labels, strict=True):
        optimizer.zero_grad()
        nn.mse_loss(model(inputs), target).backward()
        optimizer.step()
print(film)
print("largest gradient in step", int(np.argmax([np.abs(frame.gradient).max() for frame in film])))

# %% [markdown]
# ## Exercises
#
# **1.** What is the coefficient of x³ in the series of sin x around 0? (Within 0.0001.)

# %%
exercise_1 = Exercise("09.1:ae797075abb3", grid=0.0001)
exercise_1(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_1(taylor(sin, 0.0, 3)[3])

# %% [markdown]
# **2.** The Hessian of a sum of terms in xᵢ², xᵢxᵢ₊₁ and xᵢ₊₁² has three diagonals. How many sweeps does it take for a thousand
# variables, if columns without common rows share one?

# %%
exercise_2 = Exercise("09.2:c6840d14b63b")
exercise_2(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_2(3)

# %% [markdown]
# **3.** The area of an ellipse is πab. What is its standard uncertainty for a = 2 ± 0.01 and b = 1 ± 0.0126? (Within 0.001.)

# %%
exercise_3 = Exercise("09.3:fc7eb0497c62", grid=0.001)
exercise_3(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
a, b = Value(2.0, "a"), Value(1.0, "b")
exercise_3(propagate(pi * a * b, {a: 0.01, b: 0.0126}).sigma)
