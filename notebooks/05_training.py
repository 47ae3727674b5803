# %% [markdown]
# # 5 · Training small networks
#
# After this notebook you can
#
# * train a model with `fit`, read its history and draw its curves,
# * train XOR, the 8-3-8 autoencoder, two moons and handwritten digits,
# * draw a decision boundary, and look at the remaining errors,
# * save a model and load it again.

# %%
import matplotlib.pyplot as plt
import numpy as np

from autograd_core.exercises import Exercise
from nn import MLP, SGD, Adam, accuracy, confusion_matrix, load, save
from nn.data import digits, gate, moons, one_hot
from viz import plots

plt.rcParams["figure.figsize"], plt.rcParams["figure.dpi"] = (5, 3), 72

# %% [markdown]
# ## XOR
#
# `fit` takes examples in rows, a loss, an optimizer and a number of epochs. It returns the history.

# %%
x, y = gate("xor")
model = MLP(2, [4, 1], activation="tanh", rng=1)
history = model.fit(
    x, y, loss="bce_with_logits", optimizer=Adam(model.parameters(), lr=0.05), epochs=300,
    metrics=["accuracy"], verbose=0,
)  # fmt: skip
history

# %%
_ = plots.training_curves(history)

# %% [markdown]
# The decision boundary, with the network's output over the plane. On one side of the line it is above 0, and the prediction is 1.

# %%
_ = plots.decision_boundary(model, x, y)

# %% [markdown]
# ### Rows or columns
#
# An example is a **row** here, as in NumPy, PyTorch and scikit-learn: x has shape (examples, features), and a layer computes all
# examples at once as X Wᵀ + b. Papers and lectures mostly write an example as a **column**, and the same layer as W X + b.
# Both compute W x + b for each example x; one is the transpose of the other.

# %%
layer = model.layers[0]
W, b = layer.weight.array, layer.bias.array
as_rows = x @ W.T + b
as_columns = W @ x.T + b[:, None]
print("rows:", as_rows.shape, " columns:", as_columns.shape, " same numbers:", np.allclose(as_rows, as_columns.T))

# %% [markdown]
# ## 8-3-8
#
# Eight one-hot rows pass through three hidden units and must be reproduced.

# %%
x8, y8 = one_hot(8)
auto = MLP(8, [3, 8], activation="sigmoid", rng=1)
auto.fit(x8, y8, loss="bce_with_logits", optimizer=Adam(auto.parameters(), lr=0.1), epochs=500, verbose=0)
codes = np.array([[h.data for h in auto.layers[0](row)] for row in x8])
print("reproduced:", accuracy(y8, auto.predict(x8)))

# %%
plt.figure(figsize=(5, 2))
plt.imshow(codes.T, cmap="gray_r", vmin=0, vmax=1)
plt.xlabel("input")
plt.ylabel("hidden unit")
plt.title("the code that it has found")
# %% [markdown]
# ## Moons
#
# Mini-batches of 20, drawn without replacement in each epoch, and a second set of points to test on.

# %%
x_train, y_train = moons(100, seed=0)
x_test, y_test = moons(100, seed=1)
model = MLP(2, [16, 1], activation="relu", rng=0)
history = model.fit(
    x_train, y_train, loss="bce_with_logits", optimizer=Adam(model.parameters(), lr=0.05), batch_size=20,
    epochs=40, validation_data=(x_test, y_test), metrics=["accuracy"], seed=0, verbose=0,
)  # fmt: skip
history

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3))
plots.training_curves(history, left)
_ = plots.decision_boundary(model, x_test, y_test, right)

# %% [markdown]
# ## Digits
#
# 1,797 images of 8 × 8 pixels come with scikit-learn. One hidden layer of 16 learns from 700 of them in six epochs. Below
# are some test images that it still misreads.

# %%
x_train, y_train, x_test, y_test = digits(seed=0)
reader = MLP(64, [16, 10], rng=0)
history = reader.fit(
    x_train[:700], y_train[:700], loss="cross_entropy", optimizer=Adam(reader.parameters(), lr=0.02), batch_size=32,
    epochs=6, seed=0, verbose=0,
)  # fmt: skip
predictions = reader.predict(x_test).argmax(axis=1)
history, accuracy(y_test, reader.predict(x_test))

# %%
wrong = np.flatnonzero(predictions != y_test)[:6]
fig, axes = plt.subplots(1, 6, figsize=(9, 1.8))
for axis, i in zip(axes, wrong, strict=False):
    axis.imshow(x_test[i].reshape(8, 8), cmap="gray_r")
    axis.set_title(f"{y_test[i]:.0f} read as {predictions[i]}", fontsize=8)
for axis in axes:
    axis.axis("off")

# %%
confusion_matrix(y_test, predictions, 10)

# %% [markdown]
# ## Save and load
#
# `save` writes the weights and the architecture to a safetensors file. Loading does not run code from the file.

# %%
import tempfile
from pathlib import Path

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "reader.safetensors")
    save(reader, path)
    again = load(path)
    print(path.stat().st_size, "bytes")

np.array_equal(again.predict(x_test[:5]), reader.predict(x_test[:5]))

# %% [markdown]
# ## Exercises
#
# **1.** How many tanh hidden units does a 2-n-1 network need, at least, to separate XOR?

# %%
exercise_1 = Exercise("05.1:773340c02fee")
exercise_1(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_1(2)

# %% [markdown]
# **2.** Train a model that gets all of OR right, starting from `MLP(2, [1], rng=0)`, and give the model.

# %%
exercise_2 = Exercise(lambda m: accuracy(gate("or")[1], m.predict(gate("or")[0]), threshold=0.0) == 1.0)
exercise_2(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
either = MLP(2, [1], rng=0)
either.fit(
    *gate("or"), loss="bce_with_logits", optimizer=SGD(either.parameters(), lr=1.0), epochs=200, verbose=0
)
exercise_2(either)

# %% [markdown]
# **3.** What is the cross-entropy of ten equal logits, for any digit? (Before training, the loss is
# close to this. Within 0.001.)

# %%
exercise_3 = Exercise("05.3:1c871cb5db6f", grid=0.001)
exercise_3(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_3(2.302585)
