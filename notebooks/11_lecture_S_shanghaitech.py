# %% [markdown]
# # Lecture S · ShanghaiTech CS182: Neural Networks (2023)
#
# After this notebook you can
#
# * run backpropagation as message passing on any topological order,
# * derive a neuron's error signals, and a layer's softmax and log loss,
# * write the lecture's two-layer network in NumPy, and get the same numbers from the engine, at the lecture's size,
# * train a network on what one neuron cannot do (XOR), and let one find a code (8-3-8),
# * build any curve from pairs of sigmoids, and see under- and overfitting as units are added.

# %%
import math
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

from autograd_core import Graph, Value, dot, exp, sigmoid, softmax
from autograd_core import sum as total
from autograd_core.exercises import Exercise
from nn import (
    MLP,
    SGD,
    Adam,
    Layer,
    Linear,
    MSELoss,
    Neuron,
    ReLU,
    Sequential,
    WinnerTakeAll,
    accuracy,
    cross_entropy,
)  # fmt: skip
from nn.data import gate, one_hot

plt.rcParams["figure.figsize"], plt.rcParams["figure.dpi"] = (5, 3), 72

# %% [markdown]
# ## S1 · Message passing
#
# Order the nodes v₁ … v_N, parents before children. In reverse order, each node **sums** the messages of its children into
# its error signal, then **sends** a message to each parent: its signal times the local derivative.

# %%
x = Value(2.0, "x")
v2 = x * x
v3 = exp(-v2)
L = v2 * v3
graph = Graph(L).name(v2=v2, v3=v3, L=L)

inbox = {node: [] for node in graph}
inbox[L] = [1.0]
for node in reversed(graph.nodes):
    signal = sum(inbox[node])
    print(
        f"{graph.names()[node]:>3}: δ = {' + '.join(f'{m:.4f}' for m in inbox[node]) or '0'} = {signal:.4f}"
    )
    for edge in graph.edges_into(node):
        inbox[edge.parent].append(signal * edge.partial)

# %%
L.backward()
x.grad == sum(inbox[x])

# %% [markdown]
# ## S2 · The neuron's error signals
#
# s = wx + b, y = σ(s), L = ½(y − t)²: δ_y = y − t, δ_s = δ_y σ′(s), δ_w = δ_s x, δ_b = δ_s.

# %%
x, t = 0.7, 0.2
w, b = Value(1.3, "w"), Value(-0.4, "b")
s = w * x + b
y = sigmoid(s)
L = 0.5 * (y - t) ** 2
L.backward()

delta_y = y.data - t
delta_s = delta_y * y.data * (1 - y.data)
print("δ_y", delta_y, y.grad)
print("δ_s", delta_s, s.grad)
print("δ_w", delta_s * x, w.grad)
print("δ_b", delta_s, b.grad)

# %% [markdown]
# ## S3 · Neuron, layer, and two kinds of output
#
# A neuron computes h = g(wᵀx + b), a layer h = σ(Wᵀx). The winner-take-all output is the one-hot vector of the largest;
# softmax is its smooth form, which can be differentiated.

# %%
neuron = Neuron(3, activation="tanh", rng=0)
layer = Layer(3, 4, activation="sigmoid", rng=0)
neuron([1.0, 2.0, 3.0]), layer([1.0, 2.0, 3.0])

# %%
scores = [0.5, 2.0, -1.0]
[v.data for v in WinnerTakeAll()(scores)], [round(v, 4) for v in softmax(scores)]

# %% [markdown]
# ## S4 · Log loss of scores (3.2, 5.1, −1.7), class 0
#
# exp gives 24.5, 164.0, 0.18; divided by their sum, these are 0.13, 0.87, 0.00; and −ln 0.13 = 2.04. (The slide prints 0.89,
# which is −log₁₀ 0.13.)

# %%
scores = [3.2, 5.1, -1.7]
print([round(exp(v), 2) for v in scores])
print([round(p, 2) for p in softmax(scores)])
loss = cross_entropy(scores, 0)
print(round(loss.data, 4), round(-math.log10(softmax(scores)[0]), 2))

# %% [markdown]
# ## S5 · A forward pass 3-4-4-1, and the two-layer ReLU network
#
# Three layers, one line each, as in the lecture:

# %%
rng = np.random.default_rng(0)
f = lambda a: 1 / (1 + np.exp(-a))  # noqa: E731
W1, W2, W3 = rng.normal(size=(4, 3)), rng.normal(size=(4, 4)), rng.normal(size=(1, 4))
b1, b2, b3 = rng.normal(size=4), rng.normal(size=4), rng.normal(size=1)
x = rng.normal(size=3)

h1 = f(W1 @ x + b1)
h2 = f(W2 @ h1 + b2)
out = W3 @ h2 + b3

model = MLP(3, [4, 4, 1], activation="sigmoid")
model.load_state_dict(dict(zip(model.state_dict(), [W1, b1, W2, b2, W3, b3], strict=True)))
float(out[0]), model(x).data

# %% [markdown]
# The lecture's program has N = 64, D_in = 1000, H = 100, D_out = 10. Here it is in NumPy, at this size, for 500
# iterations:


# %%
def lecture(N, D_in, H, D_out, iterations, rate, seed=0):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(N, D_in)), rng.normal(size=(N, D_out))
    w1, w2 = rng.normal(size=(D_in, H)), rng.normal(size=(H, D_out))
    losses = []
    for _ in range(iterations):
        h = x @ w1
        h_relu = np.maximum(h, 0)
        y_pred = h_relu @ w2
        losses.append(float(np.square(y_pred - y).sum()))

        grad_y_pred = 2.0 * (y_pred - y)
        grad_w2 = h_relu.T @ grad_y_pred
        grad_h = grad_y_pred @ w2.T
        grad_h[h < 0] = 0
        grad_w1 = x.T @ grad_h
        w1 -= rate * grad_w1
        w2 -= rate * grad_w2
    return losses


losses = lecture(64, 1000, 100, 10, 500, 1e-6)
losses[0], losses[-1]

# %%
plt.semilogy(losses)
plt.xlabel("iteration")
_ = plt.ylabel("Σ(ŷ − y)²")

# %% [markdown]
# The same program on scalars, without a handwritten gradient, at a size where a graph node per
# multiplication is still fast. The losses agree to the last digits. Notebook 7 compiles such loops to matrix products.


# %%
def with_the_engine(N, D_in, H, D_out, iterations, rate, seed=0):
    rng = np.random.default_rng(seed)
    xs, ys = rng.normal(size=(N, D_in)).tolist(), rng.normal(size=(N, D_out)).tolist()
    w1, w2 = rng.normal(size=(D_in, H)), rng.normal(size=(H, D_out))
    W1 = [[Value(w) for w in column] for column in w1.T]
    W2 = [[Value(w) for w in column] for column in w2.T]
    losses = []
    for _ in range(iterations):
        terms = []
        for x, y in zip(xs, ys, strict=True):
            h = [dot(column, x).relu() for column in W1]
            terms += [(dot(column, h) - t) ** 2 for column, t in zip(W2, y, strict=True)]
        loss = total(terms)
        loss.backward()
        losses.append(loss.data)
        for w in (w for column in (*W1, *W2) for w in column):
            w.data -= rate * w.grad
            w.zero_grad()
    return losses


small = (8, 20, 10, 3, 50, 1e-3)
by_numpy, by_engine = lecture(*small), with_the_engine(*small)
by_numpy[-1], max(abs(p / q - 1) for p, q in zip(by_numpy, by_engine, strict=True))

# %% [markdown]
# Now at the lecture's size: `nn.fit` traces the loss of one example and compiles it for all 64, with the lecture's matrix
# products. All 500 losses agree with those of the NumPy program.

# %%
rng = np.random.default_rng(0)
x, y = rng.normal(size=(64, 1000)), rng.normal(size=(64, 10))
two_layers = Sequential(Linear(1000, 100, bias=False), ReLU(), Linear(100, 10, bias=False))
two_layers.load_state_dict({"0.weight": rng.normal(size=(1000, 100)).T, "2.weight": rng.normal(size=(100, 10)).T})
history = two_layers.fit(
    x, y, loss=MSELoss(reduction="sum"), optimizer=SGD(two_layers, lr=1e-6), epochs=500, batch_size=None, shuffle=False,
    verbose=0,
)
print(history.runner)
difference = max(abs(p / q - 1) for p, q in zip(history.history["loss"], losses, strict=True))
assert difference < 1e-8
difference

# %% [markdown]
# ## S6 · XOR, and the 8-3-8 autoencoder
#
# A single neuron divides the plane by a line, and no line separates XOR, so it ends at 0.5 everywhere; a hidden layer of
# four units solves it.

# %%
x, y = gate("xor")
for hidden in ([], [4]):
    model = MLP(2, [*hidden, 1], activation="tanh", rng=1)
    model.fit(
        x, y, loss="bce_with_logits", optimizer=Adam(model.parameters(), lr=0.05), epochs=400, verbose=0
    )
    probability = 1 / (1 + np.exp(-model.predict(x)))
    print(f"{'hidden layer' if hidden else 'one neuron':13}", probability.round(2))

# %% [markdown]
# 8-3-8: eight one-hot inputs through three hidden units and back. The network has to find a code, and with
# three sigmoids it is close to binary.

# %%
x, y = one_hot(8)
auto = Sequential(Layer(8, 3, activation="sigmoid", rng=2), Layer(3, 8, nonlin=False, rng=3))
history = auto.fit(
    x, y, loss="bce_with_logits", optimizer=Adam(auto.parameters(), lr=0.1), epochs=600, verbose=0
)
print(history)
code = np.array([[h.data for h in auto[0](row)] for row in x])
print(code.round(2))
print("all eight reproduced:", accuracy(y, auto.predict(x)) == 1.0)

# %% [markdown]
# ## S7 · What one hidden layer can express
#
# A sigmoid of a weighted sum is a soft half-plane. A steep one is a step, two with opposite signs make a
# bump, and bumps side by side follow any curve: this is the universal approximation theorem, by construction.

# %%
line = np.linspace(0, 1, 300)


def step(x, at):
    return 1 / (1 + np.exp(np.clip(-200 * (x - at), -700, 700)))


def bump(x, left, right):
    return step(x, left) - step(x, right)


def curve(x):
    return np.sin(2 * np.pi * x) + 0.5 * x


edges = np.linspace(0, 1, 21)
bumps = sum(curve((a + b) / 2) * bump(line, a, b) for a, b in pairwise(edges))
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3))
left.plot(line, step(line, 0.3), label="a step")
left.plot(line, bump(line, 0.5, 0.7), label="a bump")
left.legend()
right.plot(line, curve(line), label="the curve")
right.plot(line, bumps, label="20 bumps")
_ = right.legend()
# %% [markdown]
# A trained network finds its own steps. With one hidden unit it underfits; with enough it follows the
# curve; with too many for the noisy points it starts to follow the noise.

# %%
rng = np.random.default_rng(5)
x_train = rng.uniform(0, 1, (14, 1))
y_train = curve(x_train[:, 0]) + rng.normal(0, 0.2, 14)

fig, axes = plt.subplots(1, 3, figsize=(11, 3), sharey=True)
for axis, hidden in zip(axes, (1, 3, 30), strict=True):
    model = MLP(1, [hidden, 1], activation="tanh", rng=1)
    for weights in (model.layers[0].weight, model.layers[0].bias):
        weights.assign(np.random.default_rng(1).normal(0, 8, weights.shape))
    model.fit(x_train, y_train, optimizer=Adam(model.parameters(), lr=0.05), epochs=250, verbose=0)
    error = np.mean((model.predict(line[:, None]) - curve(line)) ** 2)
    axis.plot(line, curve(line), "--")
    axis.plot(line, model.predict(line[:, None]))
    axis.plot(x_train, y_train, "k.")
    axis.set_ylim(-2, 2.5)
    axis.set_title(f"{hidden} hidden: error {error:.3f}")

# %% [markdown]
# ## Exercises
#
# **1.** What is the log loss of the scores (3.2, 5.1, −1.7) if class 1 is correct? (Natural logarithm, within
# 0.001.)

# %%
exercise_1 = Exercise("11.1:61b98210c103", grid=0.001)
exercise_1(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_1(-math.log(164.0219 / (24.5325 + 164.0219 + 0.1827)))

# %% [markdown]
# **2.** How many parameters does the 8-3-8 network have, including biases?

# %%
exercise_2 = Exercise("11.2:0c80dcd29c10")
exercise_2(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_2(8 * 3 + 3 + 3 * 8 + 8)

# %% [markdown]
# **3.** Build XOR by hand from `step`: a function of x₁ and x₂ (each 0 or 1) that uses `step` three
# times.

# %%
exercise_3 = Exercise(
    lambda f: [round(float(f(*map(float, row)))) for row in gate("xor")[0]] == gate("xor")[1].tolist()
)
exercise_3(...)


# %% jupyter={"source_hidden": true} tags=["solution"]
def by_hand(x1, x2):
    either = step(x1 + x2, 0.5)
    both = step(x1 + x2, 1.5)
    return step(either - both, 0.5)


exercise_3(by_hand)
