# %% [markdown]
# # 15 · A character model through time
#
# After this notebook you can
#
# * turn a text into examples for a recurrent network,
# * train a GRU cell through time, as one compiled program,
# * sample new text from it, letter by letter,
# * see how far back in time a gradient reaches.

# %%
import math

import matplotlib.pyplot as plt
import numpy as np

import autograd_core as ac
import nn
from autograd_core import Value, no_grad
from autograd_core.exercises import Exercise

plt.rcParams["figure.figsize"], plt.rcParams["figure.dpi"] = (5, 3), 72

# %% [markdown]
# ## A text as numbers
#
# An old tongue twister is short, and each letter depends on the letters before it. Each letter becomes a list of zeros with a single 1.
# An example is 8 letters long; its target is the same text one letter later, so the model predicts the next letter at every position.

# %%
TEXT = (
    "peter piper picked a peck of pickled peppers. a peck of pickled peppers peter piper picked. "
    "if peter piper picked a peck of pickled peppers, where is the peck of pickled peppers peter piper picked? "
)
LETTERS, LENGTH = sorted(set(TEXT)), 8
code = dict(zip(LETTERS, np.eye(len(LETTERS)), strict=True))
codes = np.array([code[letter] for letter in TEXT])
starts = range(len(TEXT) - LENGTH)
x = np.array([codes[i : i + LENGTH] for i in starts])
y = np.array([codes[i + 1 : i + LENGTH + 1] for i in starts])
print(len(TEXT), "letters, of them", len(LETTERS), "different; examples of shape", x.shape)

# %% [markdown]
# ## The model
#
# `nn.GRUCell` takes one letter and the state after the previous letters, and returns the next state. A linear layer turns each state
# into a score for every letter. The loss is the mean cross-entropy over the 8 positions: −log of the probability of the actual letter.
# Backpropagation through time needs nothing more: the graph of an example contains the cell 8 times, with the same weights.


# %%
class Characters(nn.Module):
    """Scores of the next letter after each letter of a sequence."""

    def __init__(self, hidden, rng):
        self.cell = nn.GRUCell(len(LETTERS), hidden, rng=rng)
        self.out = nn.Linear(hidden, len(LETTERS), rng=rng)

    def __call__(self, sequence):
        state, scores = None, []
        for letter in sequence:
            state = self.cell(letter, state)
            scores.append(self.out(state))
        return scores


def loss(scores, targets):
    """The mean cross-entropy over all places."""
    return -ac.mean([ac.dot(t, ac.log_softmax(z)) for z, t in zip(scores, targets, strict=True)])


model = Characters(16, np.random.default_rng(0))
print(len(model.parameters()), "parameters")

# %% [markdown]
# ## Training as one program
#
# `compile=True` records the loss of one example, with all 8 time steps, and computes a batch of examples at once.

# %%
history = nn.fit(
    model, x, y, loss=loss, optimizer=nn.Adam(model, lr=0.02), epochs=40, batch_size=32, seed=0,
    compile=True, verbose=0,
)  # fmt: skip
losses = history.history["loss"]
print(history.runner)
print("loss:", [round(losses[i], 3) for i in (0, 9, 19, 39)])
plt.plot(losses, label="training")
plt.axhline(math.log(len(LETTERS)), color="gray", linestyle="dashed", label="guessing")
plt.xlabel("epoch")
plt.ylabel("cross-entropy")
plt.legend();

# %% [markdown]
# The loss does not go to 0: after “p” alone, the next letter cannot be known.
#
# ## Sampling
#
# A letter is drawn from the model's probabilities and becomes the next input. Dividing the scores by a *temperature* below 1
# makes likely letters even likelier.


# %%
def sample(model, start, count, temperature, rng):
    """Go on from a beginning by so many letters."""
    text, state = start, None
    with no_grad():
        for letter in start:
            state = model.cell(code[letter].tolist(), state)
        for _ in range(count):
            scores = [z / temperature for z in model.out(state)]
            letter = rng.choice(LETTERS, p=[p.data for p in ac.softmax(scores)])
            state = model.cell(code[letter].tolist(), state)
            text += letter
    return text


for temperature in (0.3, 1.0, 3.0):
    print(f"{temperature}: {sample(model, 'peter', 75, temperature, np.random.default_rng(1))}")

# %% [markdown]
# ## How far back does a gradient reach?
#
# The scores after the last letter depend on all previous letters, through the states. We take one sequence of Values and look at the
# size of the gradient of the last position's loss with respect to each letter's numbers.


# %%
def reach(model, start=0):
    """The norm of the last loss's gradient by each letter."""
    letters = [[Value(v) for v in letter] for letter in x[start].tolist()]
    last = -ac.dot(y[start, -1].tolist(), ac.log_softmax(model(letters)[-1]))
    last.backward()
    return [math.hypot(*[v.grad for v in letter]) for letter in letters]


untrained = Characters(16, np.random.default_rng(0))
places = range(-LENGTH + 1, 1)
plt.semilogy(places, np.mean([reach(untrained, i) for i in range(3)], axis=0), "o-", label="untrained")
plt.semilogy(places, np.mean([reach(model, i) for i in range(3)], axis=0), "s-", label="trained")
plt.xlabel("letter, counted from the last")
plt.ylabel("size of the gradient")
plt.legend();

# %% [markdown]
# Before training, the gradient shrinks with every letter back in time by about the same factor: it vanishes. After training, the
# update gates let it through, and earlier letters count as much as the last.

# %% [markdown]
# ## Exercises
#
# **1.** How many parameters does a `GRUCell` with 3 inputs and 2 states have?

# %%
exercise_1 = Exercise("15.1:116a2b7c2543")
exercise_1(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_1(3 * (2 * 3 + 2 * 2 + 2 + 2))

# %% [markdown]
# **2.** What is the cross-entropy of a model that gives each of the 19 letters the same probability? (Within 0.001.)

# %%
exercise_2 = Exercise("15.2:bc84bfab4fe8", grid=0.001)
exercise_2(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_2(math.log(19))

# %% [markdown]
# **3.** A state is one number, h′ = tanh(0.5 h), without input. By what factor does a small change of h near 0 shrink in 8 steps?
# (Within 0.0001.)

# %%
exercise_3 = Exercise("15.3:473eee24038a", grid=0.0001)
exercise_3(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_3(0.5**8)
