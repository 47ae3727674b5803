# %% [markdown]
# # 3 · A neuron and an MLP by hand
#
# After this notebook you can
#
# * build a neuron from `Value`s and say what each error signal is,
# * build a small network from neurons, and check all its gradients,
# * take a gradient descent step yourself, without an optimizer.

# %%
from math import exp

from autograd_core import Graph, Value, dot, gradcheck, relu, sigmoid, steps
from autograd_core.exercises import Exercise
from nn import MLP, squared_loss

# %% [markdown]
# ## One neuron
#
# s = w x + b, y = σ(s), and the loss L = ½ (y − t)² against the target t.

# %%
x, w, b, t = Value(1.5, "x"), Value(0.8, "w"), Value(-0.3, "b"), Value(1.0, "t", requires_grad=False)
s = w * x + b
y = sigmoid(s)
L = (y - t) ** 2 / 2
graph = Graph(L).name(s=s, y=y, L=L)
L.backward()
print(steps(L))

# %% [markdown]
# The lecture's error signals, worked out by hand: δ_y = y − t, δ_s = δ_y σ(s)(1 − σ(s)), δ_w = δ_s x, δ_b = δ_s.

# %%
sigma = 1 / (1 + exp(-s.data))
delta_y = sigma - t.data
delta_s = delta_y * sigma * (1 - sigma)
by_hand = {"y": delta_y, "s": delta_s, "w": delta_s * x.data, "b": delta_s}
for name, delta in by_hand.items():
    print(f"δ_{name} = {delta:+.12f}   engine {graph[name].grad:+.12f}")

# %% [markdown]
# ## A network of three neurons
#
# Two hidden neurons read the same two inputs; the third reads the two hidden ones. Every weight is a `Value`,
# and a neuron is a one-line function.


# %%
def neuron(weights, bias, inputs, activation):
    return activation(dot(weights, inputs) + bias)


inputs = [Value(0.5, "x1"), Value(-1.0, "x2")]
W = [[Value(0.4, "w11"), Value(-0.6, "w12")], [Value(-0.2, "w21"), Value(0.7, "w22")]]
c = [Value(0.1, "c1"), Value(0.9, "c2")]
v = [Value(1.2, "v1"), Value(-0.5, "v2")]
d = Value(0.2, "d")

hidden = [neuron(row, bias, inputs, relu) for row, bias in zip(W, c, strict=True)]
output = neuron(v, d, hidden, sigmoid)
loss = squared_loss(output, 1.0)
loss.backward()
Graph(loss).name(h1=hidden[0], h2=hidden[1], y=output, L=loss)
print(steps(loss))

# %% [markdown]
# Look at the gradients: h₁ is positive and passes its gradient on to w11 and w12. h₂ is positive, too.
# Change c2 to −0.9 and its ReLU is inactive: then w21 and w22 get no gradient.

# %%
[(p.label, round(p.grad, 4)) for p in (*W[0], *W[1], *c, *v, d)]

# %% [markdown]
# ## Are they correct?
#
# `gradcheck` takes the function that builds the loss, and one list of numbers for all its parameters.


# %%
def loss_of(p):
    hidden = [neuron(p[0:2], p[2], [0.5, -1.0], relu), neuron(p[3:5], p[5], [0.5, -1.0], relu)]
    return squared_loss(neuron(p[6:8], p[8], hidden, sigmoid), 1.0)


parameters = [*W[0], c[0], *W[1], c[1], *v, d]
print(gradcheck(loss_of, [p.data for p in parameters]))

# %% [markdown]
# ## The same network from `nn`
#
# `MLP(2, [2, 1])` has the same parts, named `layers`, `neurons`, `w` and `b`. With our numbers in it, the
# gradients are equal to the last bit.

# %%
model = MLP(2, [2, 1], activation="relu", out_activation="sigmoid", rng=0)
for made, row, bias in zip(model.layers[0].neurons, W, c, strict=True):
    made.w, made.b = row, bias
model.layers[1].neurons[0].w, model.layers[1].neurons[0].b = v, d

squared_loss(model([0.5, -1.0]), 1.0).backward()
for (name, p), ours in zip(model.named_parameters(), [*W[0], *W[1], *c, *v, d], strict=True):
    print(f"{name:24} {p.grad:+.16f}  {ours.grad:+.16f}")

# %% [markdown]
# ## Gradient descent
#
# The gradient points uphill, so we go the other way: w ← w − η ∂L/∂w. `backward()` **adds** to `.grad`, so
# each iteration starts by setting the gradients to zero.

# %%
for step in range(6):
    model.zero_grad()
    loss = squared_loss(model([0.5, -1.0]), 1.0)
    loss.backward()
    for p in model.parameters():
        p.data -= 0.5 * p.grad
    print(step, loss.data)

# %% [markdown]
# ## Exercises
#
# **1.** In the one-neuron example, which b makes y exactly ½? (Within 0.001.)

# %%
exercise_1 = Exercise("03.1:0add524e9680", grid=0.001)
exercise_1(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_1(-1.2)

# %% [markdown]
# **2.** Where is σ′(s) largest, and how large is it there? Answer with the pair (s, σ′(s)). (Within 0.001.)

# %%
exercise_2 = Exercise("03.2:6bcd783ba35f,b74012b074a7", grid=0.001)
exercise_2(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_2((0.0, 0.25))

# %% [markdown]
# **3.** Write a function `layer(W, c, inputs, activation)` that returns the list of the outputs of all neurons.


# %%
def same_layer(layer):
    ours = layer(W, c, inputs, relu)
    return [h.data for h in ours] == [h.data for h in hidden]


exercise_3 = Exercise(same_layer)
exercise_3(...)


# %% jupyter={"source_hidden": true} tags=["solution"]
def layer(W, c, inputs, activation):
    return [neuron(row, bias, inputs, activation) for row, bias in zip(W, c, strict=True)]


exercise_3(layer)
