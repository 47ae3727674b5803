# %% [markdown]
# # Lecture H · Hull, Deep Learning: Introduction and Applications, lecture 2 (2023)
#
# After this notebook you can
#
# * write the backward function B[g, z] of a layer as a linear map, and check it against the engine,
# * run Algorithm 3, backpropagation for an r-layer network with logistic loss,
# * build the housing network with 12 parameters, and train the fully connected one,
# * build residual blocks and layer norm, and reuse learned features on other data.

# %%
import numpy as np

from autograd_core import Value, grad, relu, sigmoid, vjp
from autograd_core.exercises import Exercise
from nn import (
    MLP,
    Adam,
    LayerNorm,
    Linear,
    Module,
    ReLU,
    Residual,
    Sequential,
    bce_with_logits_loss,
    cross_entropy,
    squared_loss,
)
from nn.data import housing, moons

rng = np.random.default_rng(0)

# %% [markdown]
# ## H1 · The backward function B[g, z]
#
# For u = g(z), B[g, z] is the linear map that takes ∂J/∂u to ∂J/∂z. `vjp` returns u and this map.
#
# For the matrix product MM: B\[MM, z\](v) = Wᵀv, B\[MM, W\](v) = v zᵀ, B\[MM, b\](v) = v.

# %%
W, z, b, v = rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=3), rng.normal(size=3)
u, B = vjp(lambda W, z, b: W @ z + b, W, z, b)
to_W, to_z, to_b = B(v)

print("z", np.abs(to_z - W.T @ v).max())
print("W", np.abs(to_W - np.outer(v, z)).max())
print("b", np.abs(to_b - v).max())

# %% [markdown]
# For an activation, B\[σ, z\](v) = σ′(z) ⊙ v:

# %%
u, B = vjp(lambda z: [sigmoid(zi) for zi in z], list(z[:3]))
sigma = 1 / (1 + np.exp(-z[:3]))
print("σ", np.abs(B(list(v))[0] - sigma * (1 - sigma) * v).max())

# %% [markdown]
# A loss is the end of the chain, so v is a number: squared loss (z − y)·v, logistic loss (1/(1+e⁻ᵗ) − y)·v,
# cross-entropy (φ − e_y)·v with φ = softmax(z).

# %%
t, y = 0.7, 1.0
print("squared      ", grad(lambda z: squared_loss(z, y))(t), t - y)
print("logistic     ", grad(lambda t: bce_with_logits_loss(t, y))(t), 1 / (1 + np.exp(-t)) - y)

scores = [3.2, 5.1, -1.7]
phi = np.exp(scores) / np.exp(scores).sum()
print("cross-entropy", np.round(grad(lambda z: cross_entropy(z, 0))(scores), 6), (phi - [1, 0, 0]).round(6))

# %% [markdown]
# ## H2 · Algorithm 3
#
# Forward: store a⁽ᵏ⁾ and z⁽ᵏ⁾. Backward: start at ∂J/∂z⁽ʳ⁾ and apply the maps of H1 layer by layer.

# %%
model = MLP(3, [5, 4, 1], activation="relu", rng=1)
x, y = rng.normal(size=3), 1.0
Ws, bs = list(model.state_dict().values())[0::2], list(model.state_dict().values())[1::2]

a, zs = [x], []
for k in range(3):
    zs.append(Ws[k] @ a[k] + bs[k])
    a.append(np.maximum(zs[k], 0))

gradient = {}
dz = 1 / (1 + np.exp(-zs[2])) - y  # the logistic loss of the logit z⁽ʳ⁾
for k in (2, 1, 0):
    gradient[f"layers.{k}.weight"] = np.outer(dz, a[k])
    gradient[f"layers.{k}.bias"] = dz
    da = Ws[k].T @ dz
    dz = da * (zs[k - 1] > 0)

# %%
bce_with_logits_loss(model(x), y).backward()
for name, weights in model.weights().items():
    print(f"{name:16} largest difference {np.abs(weights.gradient - gradient[name]).max():.1e}")

# %% [markdown]
# ## H3 · Housing
#
# One neuron first: price = max(w · size + b, 0). Then a network that connects only related quantities:
# family size depends on size and bedrooms, walkability on the postcode, school quality
# on postcode and wealth. It has twelve parameters.


# %%
class Wired(Module):
    def __init__(self, rng):
        self.theta = [Value(v, f"θ{i + 1}") for i, v in enumerate(rng.uniform(0.1, 0.9, 12))]

    def __call__(self, x):
        th = self.theta
        family = relu(th[0] * x[0] + th[1] * x[1] + th[2])
        walkable = relu(th[3] * x[2] + th[4])
        school = relu(th[5] * x[2] + th[6] * x[3] + th[7])
        return th[8] * family + th[9] * walkable + th[10] * school + th[11]


x_train, y_train = housing(60, seed=0)
x_test, y_test = housing(60, seed=1)
models = {
    "one neuron": MLP(4, [1], out_activation="relu", rng=0),
    "wired by hand": Wired(np.random.default_rng(0)),
    "fully connected": MLP(4, [3, 1], rng=1),
    "and wider": MLP(4, [8, 1], rng=1),
}
for name, made in models.items():
    made.fit(x_train, y_train, optimizer=Adam(made.parameters(), lr=0.03), epochs=200, seed=0, verbose=0)
    print(f"{name:16} {len(made.parameters()):3} parameters, test error {made.evaluate(x_test, y_test):.4f}")

# %% [markdown]
# The network wired by hand does not know what its hidden units mean, only which inputs each one sees. The fully connected one
# has to learn that as well. Three units are not quite enough for that here; eight are.
#
# ## H4 · r layers, with and without activation
#
# a⁽ᵏ⁾ = ReLU(W⁽ᵏ⁾a⁽ᵏ⁻¹⁾ + b⁽ᵏ⁾) is `MLP(n, [...], activation="relu")`. Without an activation, two layers are
# one: W̃ = W⁽²⁾W⁽¹⁾.

# %%
flat = MLP(4, [6, 2], activation="identity", rng=0)
W1, _, W2, _ = flat.state_dict().values()
print([o.data for o in flat(z)], (W2 @ W1 @ z).tolist())

# %% [markdown]
# ## H5 · Residual blocks and layer norm
#
# Res(z) = z + σ(MM(σ(MM(z)))), ResNet-S(x) = MM(Res(Res(… MM(x)))). The shortcut carries the gradient past the
# block: with ten blocks the first layer still learns, while in a plain chain of twenty layers its gradient almost
# vanishes.


# %%
def block(n, rng):
    return Sequential(Linear(n, n, rng=rng), ReLU(), Linear(n, n, rng=rng), ReLU())


def tower(make, blocks, rng):
    return Sequential(
        Linear(3, 8, rng=rng), *[make(block(8, rng)) for _ in range(blocks)], Linear(8, 1, rng=rng)
    )


for name, make in {"plain": lambda f: f, "residual": Residual}.items():
    deep = tower(make, 10, np.random.default_rng(0))
    squared_loss(deep([0.5, -1.0, 2.0]), [1.0]).backward()
    first = next(iter(deep.weights().values()))
    print(f"{name:9} gradient of the first layer: {np.abs(first.gradient).max():.2e}")

# %% [markdown]
# LN(z) = β + γ · (z − μ̂)/σ̂ normalizes every example to mean 0 and standard deviation 1:

# %%
normalized = np.array([h.data for h in LayerNorm(4)(z)])
print(normalized.round(4), normalized.mean().round(12), normalized.std().round(4))

# %% [markdown]
# ## H6 · Reusing features
#
# The layers below the last compute features. Train a network on moons, **freeze** all but its last layer,
# and train a new last layer for another task on other data: other moons, with the labels swapped.

# %%
x, y = moons(80, seed=3)
features = MLP(2, [8, 8], activation="tanh", out_activation="tanh", rng=0)
first_head, second_head = Linear(8, 1, rng=1), Linear(8, 1, rng=2)
base = Sequential(features, first_head)
base.fit(x, y, loss="bce_with_logits", optimizer=Adam(base.parameters(), lr=0.02), epochs=80, verbose=0)

before = features.state_dict()
features.freeze()
reused = Sequential(features, second_head)
history = reused.fit(
    moons(80, seed=4)[0], 1 - moons(80, seed=4)[1], loss="bce_with_logits", epochs=80, metrics=["accuracy"],
    optimizer=Adam(second_head.parameters(), lr=0.05), verbose=0,
)  # fmt: skip
print(history)
all(np.array_equal(before[name], w) for name, w in features.state_dict().items())

# %% [markdown]
# ## Exercises
#
# **1.** For u = z₁z₂ write B\[g, z\](v) as a Python function of z (a pair) and v that returns a pair.


# %%
def is_product_rule(B):
    return np.allclose(B((2.0, -3.0), 5.0), vjp(lambda z: z[0] * z[1], [2.0, -3.0])[1](5.0)[0])


exercise_1 = Exercise(is_product_rule)
exercise_1(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_1(lambda z, v: (z[1] * v, z[0] * v))

# %% [markdown]
# **2.** A fully connected network of the same size as the one wired by hand is 4-3-1. How many parameters does it have?

# %%
exercise_2 = Exercise("14.2:c52f50055c04")
exercise_2(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_2(4 * 3 + 3 + 3 + 1)

# %% [markdown]
# **3.** With γ = 2 and β = 1, what are the mean and the standard deviation of layer norm's output? Give the pair.
# (Within 0.001.)

# %%
exercise_3 = Exercise("14.3:70118d38c47b,f6ffe5d05deb", grid=0.001)
exercise_3(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_3((1, 2))
