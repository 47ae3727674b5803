# %% [markdown]
# # Lecture M · McMaster 4AL3: Deep Learning II, Backpropagation (2024)
#
# After this notebook you can
#
# * follow the *Deep Learning* book's `build_grad`, which adds the gradient's own nodes to the graph,
# * say what is stored and what is recomputed in a chain of functions,
# * write forward and backward propagation with a regularizer, layer by layer,
# * reproduce the 3-3-3 example, print the digits network, and train a network on digits,
# * see how an error is distributed along the weights.

# %%
import numpy as np

from autograd_core import Graph, Value, dot, formula, maximum, sigmoid, sin, tanh
from autograd_core.algorithms import build_grad
from autograd_core.exercises import Exercise
from nn import L2, MLP, SGD, accuracy
from nn.data import digits
from viz import draw_dot, draw_network

# %% [markdown]
# ## M1 · `build_grad`
#
# Prune the graph to G′ (the nodes between the targets and z), keep a `grad_table`, and compute a variable's entry from
# those of its consumers. Every entry is a **new node of the graph**.

# %%
x = Value(2.0, "x")
t = x**2
u = sin(t) + 3 * t
z = sin(u)
Graph(z).name(t=t, u=u, z=z)
result = build_grad(z, [x])
print(result)

# %%
gradient = result.grad_table[x]
print(formula(gradient))

# %% [markdown]
# Because the gradient is a graph, `build_grad` can be applied to it again, which gives the second derivative.

# %%
build_grad(gradient, [x]).gradients[x]

# %% [markdown]
# ## M2 · Three graphs
#
# z = xy, then ŷ = σ(xᵀw + b), then H = max{0, XW + b} for two examples and two units.

# %%
x, y = Value(2.0, "x"), Value(3.0, "y")
z = x * y
z.label = "z"
draw_dot(z)

# %%
xs, ws, b = [Value(0.5, "x1"), Value(-1.0, "x2")], [Value(0.8, "w1"), Value(0.3, "w2")], Value(0.1, "b")
u1 = dot(xs, ws)
u2 = u1 + b
y_hat = sigmoid(u2)
Graph(y_hat).name(u1=u1, u2=u2, ŷ=y_hat)
draw_dot(y_hat)

# %%
X = np.array([[1.0, -2.0], [0.5, 3.0]])
W = [[Value(0.2, "W11"), Value(-0.4, "W12")], [Value(0.7, "W21"), Value(0.1, "W22")]]
b = [Value(0.0, "b1"), Value(0.1, "b2")]
H = [[maximum(0.0, dot(row, [W[0][j], W[1][j]]) + b[j]) for j in range(2)] for row in X]
print([[round(h.data, 3) for h in row] for row in H])
draw_dot(H[1][0])

# %% [markdown]
# ## M3 · A chain: stored or recomputed
#
# x = f(w), y = f(x), z = f(y), so dz/dw = f′(y) f′(x) f′(w). Backpropagation stores x and y in the forward
# pass. The alternative, f′(f(f(w))) f′(f(w)) f′(w), recomputes them: less memory, more work.

# %%
w = Value(0.5, "w")
x = tanh(w)
y = tanh(x)
z = tanh(y)
z.backward()


def f(v):
    return np.tanh(v)


def slope(v):
    return 1 - np.tanh(v) ** 2


stored = slope(y.data) * slope(x.data) * slope(w.data)
again = slope(f(f(w.data))) * slope(f(w.data)) * slope(w.data)
w.grad, float(stored), float(again)

# %% [markdown]
# ## M4 · Forward and backward, layer by layer
#
# a⁽ᵏ⁾ = b⁽ᵏ⁾ + W⁽ᵏ⁾h⁽ᵏ⁻¹⁾, h⁽ᵏ⁾ = f(a⁽ᵏ⁾), J = L(ŷ, y) + λΩ(θ). Going back, g starts as ∂L/∂ŷ; at each layer
# g ← g ⊙ f′(a⁽ᵏ⁾), the gradients are g + λ∂Ω/∂b and g h⁽ᵏ⁻¹⁾ᵀ + λ∂Ω/∂W, and g ← W⁽ᵏ⁾ᵀg. Here f = tanh, Ω = Σθ².

# %%
model = MLP(3, [4, 4, 2], activation="tanh", out_activation="tanh", rng=4)
example, target, lam = np.array([0.2, -0.5, 1.0]), np.array([0.3, -0.3]), 0.01

# forward
Ws, bs = list(model.state_dict().values())[0::2], list(model.state_dict().values())[1::2]
h = [example]
for Wk, bk in zip(Ws, bs, strict=True):
    h.append(np.tanh(bk + Wk @ h[-1]))

# backward
g = 2 * (h[-1] - target)
by_hand = {}
for k in reversed(range(3)):
    g = g * (1 - h[k + 1] ** 2)
    by_hand[f"layers.{k}.bias"] = g + lam * 2 * bs[k]
    by_hand[f"layers.{k}.weight"] = np.outer(g, h[k]) + lam * 2 * Ws[k]
    g = Ws[k].T @ g

# %%
J = sum((y - t) ** 2 for y, t in zip(model(example), target, strict=True)) + L2(lam)(model)
J.backward()
for name, weights in model.weights().items():
    print(f"{name:16} largest difference {np.abs(weights.gradient - by_hand[name]).max():.1e}")

# %% [markdown]
# ## M5 · The 3-3-3 example
#
# The slide truncates the digits: A = (.76, .60, .65), O = (.72, .70, .77).

# %%
net = MLP(3, [3, 3], activation="sigmoid", out_activation="sigmoid")
net.load_state_dict({
    "layers.0.weight": [[0.9, 0.3, 0.4], [0.2, 0.8, 0.2], [0.1, 0.5, 0.6]],
    "layers.0.bias": [0, 0, 0],
    "layers.1.weight": [[0.3, 0.7, 0.5], [0.6, 0.5, 0.2], [0.8, 0.1, 0.9]],
    "layers.1.bias": [0, 0, 0],
})  # fmt: skip
A = net.layers[0]([0.9, 0.1, 0.8])
O = net.layers[1](A)
print("A", [round(a.data, 4) for a in A])
print("O", [round(o.data, 4) for o in O])

# %% [markdown]
# ## M6 · The digits network
#
# 784-512-512-10 has 669,706 parameters. Printing it gives the lecture's listing.

# %%
big = MLP(784, [512, 512, 10], activation="relu", rng=0)
print(big)

# %%
print(big.summary())

# %% [markdown]
# It can be trained here, too: `fit` compiles the loss of one image into a program for a batch of 64, in which a layer is a matrix
# product. The images are scikit-learn's 8 × 8 digits, enlarged to 28 × 28.

# %%
x_train, y_train, x_test, y_test = digits(seed=0)


def enlarged(images):
    blocks = np.kron(images.reshape(-1, 8, 8), np.ones((1, 3, 3)))
    return np.pad(blocks, ((0, 0), (2, 2), (2, 2))).reshape(len(images), 784)


history = big.fit(
    enlarged(x_train), y_train, loss="cross_entropy", optimizer=SGD(big, lr=0.1, momentum=0.9),
    batch_size=64, epochs=4, seed=0, verbose=0,
)  # fmt: skip
print(history, " test accuracy", accuracy(y_test, big.predict(enlarged(x_test))))

# %% [markdown]
# ## M7 · The error is distributed along the weights
#
# An output's error goes back to each hidden unit in proportion to the weight between them, and the shares that
# arrive at a unit add up. In the network diagram the arrows point back and show the share that each
# weight carries; in the computation graph, follow the grad rows from right to left.

# %%
two = MLP(2, [2, 1], activation="identity", init="zeros")
two.load_state_dict({
    "layers.0.weight": [[3.0, 2.0], [1.0, 7.0]], "layers.0.bias": [0, 0],
    "layers.1.weight": [[4.0, 1.0]], "layers.1.bias": [0],
})  # fmt: skip
hidden = two.layers[0]([Value(1.0, "x1"), Value(1.0, "x2")])
error = two.layers[1](hidden)
error.backward(gradient=5.0)
for h, w in zip(hidden, two.layers[1].neurons[0].w, strict=True):
    print(f"weight {w.data}: the unit's share of the error 5 is {h.grad}")

# %%
draw_network(two, error=error)

# %%
draw_dot(error)

# %% [markdown]
# ## Exercises
#
# **1.** In M5, what is the value of the second hidden unit if the input x₁ is 0 instead of 0.9? (Within 0.001.)

# %%
exercise_1 = Exercise("13.1:f675fce6851d", grid=0.001)
exercise_1(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_1(1 / (1 + np.exp(-(0.8 * 0.1 + 0.2 * 0.8))))

# %% [markdown]
# **2.** How many parameters does the 784-512-512-10 network have without its biases?

# %%
exercise_2 = Exercise("13.2:514e90fc359b")
exercise_2(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_2(784 * 512 + 512 * 512 + 512 * 10)

# %% [markdown]
# **3.** In M3 let there be n functions in the chain. If nothing is stored, how many evaluations of f does the
# second form take? (Not counting f′. For n = 3 it is 3: f(f(w)) and f(w).) Give a function of n.

# %%
exercise_3 = Exercise("13.3:3cb570c9613e,4d4896f81107,464a4bc4dce4,03a7d47912af", at=(1, 2, 3, 10))
exercise_3(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_3(lambda n: n * (n - 1) // 2)
