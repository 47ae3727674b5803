# %% [markdown]
# # Lecture P · Penn CIS 4190/5190, lecture 13: Neural Networks (2023)
#
# After this notebook you can
#
# * write a network as a composition of functions, and its gradient as the layered recursion D⁽ʲ⁾,
# * explain why a network without activations is only a linear function,
# * compose (∘) and concatenate (⊕) models with operators,
# * build logic gates from neurons, and XOR from two layers of them.

# %%
import numpy as np

from autograd_core import jacobian, sigmoid
from autograd_core.exercises import Exercise
from nn import MLP, Linear, Neuron, ReLU, Sigmoid, Softmax, squared_loss
from nn.data import gate

# %% [markdown]
# ## P1 · The layered recursion
#
# With z⁽ʲ⁾ = f_j(z⁽ʲ⁻¹⁾) and a loss at the end: D⁽ᵐ⁾ = 1, D⁽ʲ⁾ = D⁽ʲ⁺¹⁾ · D_z f_{j+1}(z⁽ʲ⁾), and the gradient of layer
# j is D⁽ʲ⁾ · D_W f_j(z⁽ʲ⁻¹⁾). Each D is computed once and used by every layer below it.

# %%
model = MLP(3, [4, 2], activation="tanh", rng=0)
x, target = np.array([0.5, -1.0, 2.0]), np.array([1.0, 0.0])
W1, b1, W2, b2 = model.state_dict().values()

z0 = x
z1 = np.tanh(W1 @ z0 + b1)
z2 = W2 @ z1 + b2
loss = 0.5 * np.sum((z2 - target) ** 2)

D2 = z2 - target  # the loss by z⁽²⁾
D1 = D2 @ W2  # D⁽²⁾ · D_z f₂
inside = D1 * (1 - z1**2)
gradients = [np.outer(inside, z0), inside, np.outer(D2, z1), D2]

# %% [markdown]
# The scalar engine computes the same, node by node:

# %%
squared_loss(model(x), target, reduction="sum").backward()
for (name, weights), g in zip(model.weights().items(), gradients, strict=True):
    print(f"{name:16} shape {g.shape!s:8} largest difference {np.abs(weights.gradient - g).max():.1e}")

# %% [markdown]
# D_z f itself is a Jacobian, and `jacobian` confirms it for the first layer:

# %%
first = np.asarray(jacobian(lambda z: np.tanh(W1 @ z + b1))(z0))
float(np.abs(first - (1 - z1**2)[:, None] * W1).max())

# %% [markdown]
# ## P2 · f(x) = βᵀ g(Wx)
#
# With a linear g the network collapses: βᵀ(Wx) = (Wᵀβ)ᵀx = β̃ᵀx. A hidden layer without an activation adds nothing.

# %%
W = Linear(3, 5, bias=False, rng=1)
beta = Linear(5, 1, bias=False, rng=2)
collapsed = beta.weight.array @ W.weight.array
(beta @ W)(x)[0].data, float((collapsed @ x)[0])

# %% [markdown]
# With g = ReLU it doesn't: a linear function has f(x) + f(−x) = 0.

# %%
bent = beta @ ReLU() @ W
(beta @ W)(x)[0].data + (beta @ W)(-x)[0].data, bent(x)[0].data + bent(-x)[0].data

# %% [markdown]
# The binary model is σ(βᵀ g(Wx)), the multi-class model softmax(U g(Wx)).

# %%
U = Linear(5, 3, bias=False, rng=3)
binary = Sigmoid() @ beta @ ReLU() @ W
classes = Softmax() @ U @ ReLU() @ W
binary(x)[0].data, [round(p.data, 3) for p in classes(x)]

# %% [markdown]
# ## P3 · Layers are functions
#
# `@` composes: (f ∘ g)(x) = f(g(x)). `|` concatenates: (f ⊕ g)(x) is f's outputs, then g's.

# %%
composed = beta @ ReLU() @ W
side_by_side = W | Linear(3, 2, rng=4)
print(composed)
print(len(side_by_side(x)), "outputs")

# %% [markdown]
# ## P4 · Gates
#
# AND is σ(−30 + 20x₁ + 20x₂): its weighted sums on the four inputs are −30, −10, −10, 10.


# %%
def neuron(bias, *weights):
    made = Neuron(len(weights), activation="sigmoid")
    made.w, made.b = weights, bias
    return made


AND, OR, NAND, NOT = neuron(-30, 20, 20), neuron(-10, 20, 20), neuron(30, -20, -20), neuron(10, -20)

inputs = gate("and")[0]
print("sums   ", (-30 + inputs @ [20, 20]).tolist())
print("AND    ", [round(AND(row).data, 5) for row in inputs])
print("σ      ", [round(sigmoid(s), 5) for s in (-30, -10, -10, 10)])

# %%
print("x1 x2  AND OR NAND")
for row in inputs:
    a, b = map(int, row)
    print(f" {a}  {b}   {AND(row).data:.0f}   {OR(row).data:.0f}   {NAND(row).data:.0f}")
print("NOT 0, NOT 1:", [round(NOT([v]).data) for v in (0, 1)])

# %% [markdown]
# XOR is "OR, but not both": a second layer on top of two gates. With ⊕ and ∘ it is one line.

# %%
XOR = AND @ (OR | NAND)
[round(XOR(row).data, 4) for row in inputs]

# %% [markdown]
# ## Exercises
#
# **1.** Give the numbers (bias, weight, weight) of a neuron that computes NOR.


# %%
def is_nor(numbers):
    made = neuron(*numbers)
    return [round(made(row).data) for row in inputs] == gate("nor")[1].tolist()


exercise_1 = Exercise(is_nor)
exercise_1(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_1((10, -20, -20))

# %% [markdown]
# **2.** To how many numbers does a 10-50-1 network without activations and biases collapse?

# %%
exercise_2 = Exercise("12.2:326779dda357")
exercise_2(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_2(10)

# %% [markdown]
# **3.** Build the majority function of three inputs (1 if two or more are 1) with one neuron, and give the module.

# %%
exercise_3 = Exercise(
    lambda m: all(
        round(m([a, b, c]).data) == (a + b + c >= 2) for a in (0, 1) for b in (0, 1) for c in (0, 1)
    )
)
exercise_3(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_3(neuron(-30, 20, 20, 20))
