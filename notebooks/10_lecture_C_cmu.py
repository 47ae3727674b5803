# %% [markdown]
# # Lecture C · CMU 10-301/601, lecture 13: Backpropagation (2023)
#
# After this notebook you can
#
# * write a function's forward and backward pass in two columns, and check them with the engine,
# * write backpropagation as a loop over a topological order, pulling or pushing,
# * say when finite differences, forward mode and reverse mode are efficient,
# * differentiate logistic regression and networks with one and two hidden layers by hand,
# * draw a model in two ways, and check the rules of matrix calculus with scalars.

# %%
import math

import numpy as np

from autograd_core import Graph, Value, cos, dot, exp, jacobian, log, sigmoid, sin, steps
from autograd_core import sum as total
from autograd_core.algorithms import compare
from autograd_core.exercises import Exercise

# %% [markdown]
# ## C1 · Two columns
#
# The forward column computes J = cos(sin(x²) + 3x²) through its intermediates. The backward column starts with
# dJ/dJ = 1 and adds a line per edge; **two** lines contribute to dJ/dt.

# %%
x = Value(2.0, "x")
t = x**2
u1 = sin(t)
u2 = 3 * t
u = u1 + u2
J = cos(u)
graph = Graph(J).name(t=t, u1=u1, u2=u2, u=u, J=J)
print(steps(J))

# %% [markdown]
# The same by hand, as in the lecture:


# %%
def by_hand(x):
    t = x**2
    u1 = math.sin(t)
    u2 = 3 * t
    u = u1 + u2
    J = math.cos(u)

    dJ_du = dJ_du1 = dJ_du2 = dJ_dt = dJ_dx = 0.0
    dJ_du += -math.sin(u)
    dJ_du1 += dJ_du * 1
    dJ_du2 += dJ_du * 1
    dJ_dt += dJ_du1 * math.cos(t)
    dJ_dt += dJ_du2 * 3
    dJ_dx += dJ_dt * 2 * x
    return J, dJ_dx


second = graph.gradient("x").gradient("x").outputs[0].data
print(by_hand(2.0), second)
print(by_hand(1.0))

# %% [markdown]
# ## C2 · The quiz
#
# y = exp(xz) + xz / log(x) + sin(log(x)) / (xz) at x = 2, z = 3. The answers on the slide are 1208 and 810.

# %%
x, z = Value(2.0, "x"), Value(3.0, "z")
product, logarithm = x * z, log(x)
y = exp(product) + product / logarithm + sin(logarithm) / product
y.label = "y"
y.backward()
print(y.data, x.grad, z.grad)

# %% [markdown]
# ## C3 · Version A: pull
#
# Visit the nodes in reverse topological order. Each **pulls** from its consumers:
# dy/dv = Σ dy/du · du/dv over all u that use v. This is the complete algorithm:


# %%
def pull(y):
    graph = Graph(y)
    gradient = {y: 1.0}
    for v in reversed(graph.nodes):
        if v is not y:
            outgoing = [edge for edge in graph.edges if edge.parent is v]
            gradient[v] = sum(gradient[edge.child] * edge.partial for edge in outgoing)
    return gradient


pull(y)[x], pull(y)[z]

# %% [markdown]
# ## C4 · Version B: push
#
# All adjoints start at 0. Each node **pushes** to its parents: dy/dv += dy/du · du/dv. Nodes need not know their
# consumers, which is why programs do it this way.


# %%
def push(y):
    graph = Graph(y)
    gradient = dict.fromkeys(graph.nodes, 0.0)
    gradient[y] = 1.0
    for u in reversed(graph.nodes):
        for v, local in zip(u.parents, u.partials, strict=True):
            gradient[v] += gradient[u] * local
    return gradient


push(y)[x], push(y)[z]

# %%
push(y)[x] == x.grad, push(y)[z] == z.grad

# %% [markdown]
# ## C5 · Finite differences as a check, and what each method costs
#
# A central difference costs two evaluations **per input**, and loses half the digits. One sweep of reverse mode gives
# all derivatives of one output; one of forward mode gives all outputs' derivatives with respect to one input.

# %%
print(compare(y, [x, z]))

# %%
weights = [Value(0.1 * i, f"w{i}") for i in range(1, 51)]
fifty = weights[0]
for w in weights[1:]:
    fifty = sin(fifty + w)
table = compare(fifty, weights)
for result in table.results:
    print(f"{result.algorithm:12} {result.work:6} operations for 50 derivatives")

# %% [markdown]
# ## C6 · Two drawings of one model
#
# *Computation graph*: rectangles with the function inside and the variable's name outside. Every parameter,
# intercept and constant is a node, and so is the loss, if it is drawn.

# %%
from nn import MLP, bce_loss
from viz import draw_dot, draw_network

model = MLP(2, [2, 1], activation="sigmoid", out_activation="sigmoid", rng=0)
loss = bce_loss(model([1.0, 0.5]), 1.0)
loss.backward()
draw_dot(loss)

# %% [markdown]
# *Neural network diagram*: a circle for each unit; weights on the edges; no intercepts, no loss.

# %%
draw_network(model)

# %% [markdown]
# ## C7 · Matrix calculus with scalars
#
# In denominator layout, the gradient has the shape of the parameter, and the chain rule reads
# ∂y/∂x = (∂u/∂x)(∂y/∂u). `jacobian` has outputs in rows, so its transpose has this layout.

# %%
rng = np.random.default_rng(0)
B, b, point = rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=3)


def denominator(f, x):
    return np.asarray(jacobian(f)(x)).T


rules = {
    "xᵀB → B": (denominator(lambda x: x @ B, point), B),
    "xᵀb → b": (denominator(lambda x: x @ b, point), b),
    "xᵀx → 2x": (denominator(lambda x: x @ x, point), 2 * point),
    "xᵀBx → (B + Bᵀ)x": (denominator(lambda x: x @ B @ x, point), (B + B.T) @ point),
}
for rule, (found, expected) in rules.items():
    print(f"{rule:18} {np.abs(found - expected).max():.1e}")

# %% [markdown]
# The vector chain rule with u = Bᵀx and y = (sin u₁, sin u₂, sin u₃):

# %%
du_dx = denominator(lambda x: B.T @ x, point)
dy_du = denominator(lambda u: np.sin(u), B.T @ point)
whole = denominator(lambda x: np.sin(B.T @ x), point)
float(np.abs(whole - du_dx @ dy_du).max())

# %% [markdown]
# ## C8 · Binary logistic regression
#
# a = Σ θⱼxⱼ with x₀ = 1, y = σ(a), and J = y* log y + (1 − y*) log(1 − y). The lecture's J is the
# log-*likelihood*: it **increases** when training goes well. The loss is −J.

# %%
theta = [Value(v, f"θ{j}") for j, v in enumerate([0.5, -1.0, 2.0])]
inputs = [Value(v, f"x{j}", requires_grad=j > 0) for j, v in enumerate([1.0, 0.3, 0.8])]
target = 1.0

a = dot(theta, inputs)
y = sigmoid(a)
J = target * log(y) + (1 - target) * log(1 - y)
J.backward()

dJ_dy = target / y.data + (1 - target) / (y.data - 1)
dJ_da = dJ_dy * math.exp(-a.data) / (math.exp(-a.data) + 1) ** 2
for th, xj in zip(theta, inputs, strict=True):
    print(f"dJ/d{th.label} = {dJ_da * xj.data:+.12f}  engine {th.grad:+.12f}"
          f"     dJ/d{xj.label} = {dJ_da * th.data:+.12f}  engine {xj.grad:+.12f}")  # fmt: skip

# %% [markdown]
# dJ/dx₀ is 0 in the engine: x₀ = 1 is a constant, and constants have no gradient.
#
# ## C9 · One and two hidden layers
#
# aⱼ = Σ αⱼᵢxᵢ, zⱼ = σ(aⱼ), b = Σ βⱼzⱼ, y = σ(b). The backward column by hand, with σ′ = s(1 − s):

# %%
rng = np.random.default_rng(13)
alpha = [[Value(v, f"α{j}{i}") for i, v in enumerate(row)] for j, row in enumerate(rng.normal(size=(2, 3)))]
beta = [Value(v, f"β{j}") for j, v in enumerate(rng.normal(size=3))]
xs = [1.0, 0.2, -0.7]

z = [1.0] + [sigmoid(dot(row, xs)) for row in alpha]
y = sigmoid(dot(beta, z))
J = -log(y)
J.backward()

zs = [1.0] + [v.data for v in z[1:]]
dJ_db = -(1 - y.data)
dJ_dbeta = [dJ_db * v for v in zs]
dJ_da = [dJ_db * beta[j + 1].data * zs[j + 1] * (1 - zs[j + 1]) for j in range(2)]
dJ_dalpha = [[d * v for v in xs] for d in dJ_da]

print("β", max(abs(p.grad - g) for p, g in zip(beta, dJ_dbeta, strict=True)))
print("α", max(abs(alpha[j][i].grad - dJ_dalpha[j][i]) for j in range(2) for i in range(3)))

# %% [markdown]
# The network with two hidden layers and parameters α⁽¹⁾, b⁽¹⁾, α⁽²⁾, b⁽²⁾, β, β₀ is `MLP(3, [4, 2, 1])`:

# %%
deep = MLP(3, [4, 2, 1], activation="sigmoid", out_activation="sigmoid", rng=0)
bce_loss(deep([0.2, -0.7, 1.0]), 1.0).backward()

h0 = np.array([0.2, -0.7, 1.0])
W1, b1, W2, b2, W3, b3 = deep.state_dict().values()
squash = lambda a: 1 / (1 + np.exp(-a))  # noqa: E731
h1 = squash(W1 @ h0 + b1)
h2 = squash(W2 @ h1 + b2)
d3 = squash(W3 @ h2 + b3) - 1
d2 = (W3.T @ d3) * h2 * (1 - h2)
d1 = (W2.T @ d2) * h1 * (1 - h1)
expected = [np.outer(d1, h0), d1, np.outer(d2, h1), d2, np.outer(d3, h2), d3]
for (name, weights), g in zip(deep.weights().items(), expected, strict=True):
    print(f"{name:16} {np.abs(weights.gradient - g).max():.1e}")

# %% [markdown]
# ## C10 · SGD over epochs, training and test cross-entropy, and an L2 regularizer
#
# One example at a time (`batch_size=1`), with the mean cross-entropy on both sets after each epoch.

# %%
from nn import L2, SGD
from nn.data import moons

x_train, y_train = moons(60, seed=1)
x_test, y_test = moons(60, seed=2)


def trained(regularizer=None):
    model = MLP(2, [8, 1], activation="tanh", rng=0)
    history = model.fit(
        x_train, y_train, loss="bce_with_logits", optimizer=SGD(model.parameters(), lr=0.1), batch_size=1,
        epochs=20, validation_data=(x_test, y_test), regularizer=regularizer, seed=0, verbose=0,
    )  # fmt: skip
    return model, history.history


for name, regularizer in {"without": None, "with L2": L2(0.01)}.items():
    model, history = trained(regularizer)
    size = total([w**2 for w in model.parameters()]).data
    print(f"{name:8} test {history['val_loss'][0]:.4f} → {history['val_loss'][-1]:.4f}, Σw² = {size:.1f}")

# %%
# The training loss here includes the penalty λΣw²; the test loss does not.
for epoch in (0, 1, 5, 10, 19):
    print(f"epoch {epoch:2}  training {history['loss'][epoch]:.4f}  test {history['val_loss'][epoch]:.4f}")

# %% [markdown]
# ## Exercises
#
# **1.** The quiz again, by hand and only for dy/dz: y = exp(xz) + xz/log x + sin(log x)/(xz). Give a Python
# function of x and z.

# %%
exercise_1 = Exercise(lambda dz: abs(dz(2.0, 3.0) - 809.70747922) < 1e-6)
exercise_1(...)


# %% jupyter={"source_hidden": true} tags=["solution"]
def dz(x, z):
    return x * math.exp(x * z) + x / math.log(x) - math.sin(math.log(x)) / (x * z**2)


exercise_1(dz)

# %% [markdown]
# **2.** A model has 1000 parameters and one loss. How many evaluations of the loss does a central-difference
# gradient take?

# %%
exercise_2 = Exercise("10.2:dd4199e9fc9a")
exercise_2(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_2(2 * 1000)

# %% [markdown]
# **3.** In C8 let y* = 0. What is dJ/da in terms of y alone? Give a Python function of y.

# %%
exercise_3 = Exercise("10.3:ae8aae11ee27,aba2b4c4dc1a,280ab9bc01db", grid=0.001, at=(0.1, 0.5, 0.9))
exercise_3(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_3(lambda y: -y)
