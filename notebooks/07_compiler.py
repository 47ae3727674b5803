# %% [markdown]
# # 7 · From scalars to matrices: what the compiler finds
#
# After this notebook you can
#
# * compile a function, or an existing graph,
# * read the compiled program, and the report of what the compiler found,
# * say why a neuron's loop over scalars becomes a matrix product, and when it cannot,
# * run a program at one point, at many, and for many examples at once.

# %%
import time

import numpy as np

from autograd_core import Value, compile, cos, relu, sin
from autograd_core.exercises import Exercise

# %% [markdown]
# ## A small function
#
# The function is traced once; later calls run the compiled program.


# %%
@compile
def J(x):
    return cos(sin(x**2) + 3 * x**2)


J(2.0), J.value_and_grad(2.0)

# %% [markdown]
# The program is the lecture's forward and backward columns as code:

# %%
print(J.program.source)

# %% [markdown]
# An array of points is a batch: one program, one call.

# %%
values, slopes = J.value_and_grad(np.linspace(-2, 2, 5))
values, slopes


# %%
def seconds(f, times):
    begun = time.perf_counter()
    for _ in range(times):
        f()
    return (time.perf_counter() - begun) / times


def eager():
    x = Value(2.0)
    y = cos(sin(x**2) + 3 * x**2)
    y.backward()


faster = seconds(eager, 2000) / seconds(lambda: J.value_and_grad(2.0), 2000)
print("compiled is more than three times as fast:", faster > 3)

# %% [markdown]
# ## A layer, written as loops over scalars
#
# Forty inputs, thirty neurons, one output; each weight is a `Value`. Nothing in this code says "matrix".


# %%
def network(xs, W, v):
    hidden = []
    for row in W:
        a = 0.0
        for w, x in zip(row, xs, strict=True):
            a = a + w * x
        hidden.append(relu(a))
    y = 0.0
    for w, h in zip(v, hidden, strict=True):
        y = y + w * h
    return y


rng = np.random.default_rng(0)
xs = [Value(x, f"x{i}") for i, x in enumerate(rng.normal(size=40))]
W = [[Value(w) for w in row] for row in rng.normal(size=(30, 40))]
v = [Value(w) for w in rng.normal(size=30)]
y = network(xs, W, v)
parameters = [w for row in W for w in row] + v

program = compile(y, inputs=parameters)
print(program.explain())

# %% [markdown]
# The 1,200 products and their sums have become **one matrix product**. The weights are the program's inputs here; the
# gradient with respect to all of them comes from the same program.

# %%
point = np.array([p.data for p in parameters])
value, gradient = program.value_and_grad(point)
y.backward()
value, y.data, float(np.abs(gradient - [p.grad for p in parameters]).max())

# %% [markdown]
# ## Many examples
#
# A loss over many examples is a larger graph with the same formula. The examples become the second dimension of the matrix.

# %%
X = rng.normal(size=(25, 40))
targets = rng.normal(size=25)
terms = [(network(list(x), W, v) - t) ** 2 for x, t in zip(X, targets, strict=True)]
loss = sum(terms)
batch = compile(loss, inputs=parameters)
print(batch.explain())

# %%
from autograd_core import gradients

value, gradient = batch.value_and_grad(point)
exact = gradients(loss, parameters)
print("largest difference", float(np.abs(gradient - exact).max()))
print("faster than the eager sweep alone:", seconds(lambda: gradients(loss, parameters), 2)
      > seconds(lambda: batch.value_and_grad(point), 5))  # fmt: skip

# %% [markdown]
# ## What it cannot find
#
# In a chain, every step needs the one before, so nothing can run side by side. It runs node by node, and
# the report says why.

# %%
z = Value(0.5, "z")
chain = z
for i in range(2000):
    chain = sin(chain) + 0.001 * i * chain
print(compile(chain, inputs=[z]).explain())

# %% [markdown]
# A branch on a traced number would freeze one of its two sides, so it raises an error; `where` and
# `maximum` compute both sides and choose.

# %%
from autograd_core import TraceError


@compile
def bent(x):
    return x**2 if x > 0 else -x


try:
    bent(2.0)
except TraceError as refusal:
    print(str(refusal).partition(", /")[0])


# %% [markdown]
# ## Second derivatives
#
# A Hessian times a vector costs about as much as two gradients, whatever the number of inputs.

# %%
direction = np.zeros(len(parameters))
direction[0] = 1.0
column = batch.hessian_vector_product(point, direction)
column.shape, float(column[0])

# %% [markdown]
# ## Exercises
#
# **1.** A layer has 64 inputs and 32 neurons. How many multiplications does its forward pass take for one example?

# %%
exercise_1 = Exercise("07.1:5a170b7dafed")
exercise_1(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_1(2048)

# %% [markdown]
# **2.** Compile f(a, b) = a·sin(b) and give its gradient at (2, 0.5). (Within 0.001.)

# %%
exercise_2 = Exercise("07.2:a5a0404b2c2d,deb36fe3fdde", grid=0.001)
exercise_2(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_2(compile(lambda a, b: a * sin(b)).gradient(2.0, 0.5))

# %% [markdown]
# **3.** Write a function of a list of 60 numbers in which the compiler finds a matrix product, and give the function.


# %%
def has_a_product(f):
    xs = [Value(0.1 * i) for i in range(60)]
    return len(compile(f(xs), inputs=xs).explain().matrix_products) > 0


exercise_3 = Exercise(has_a_product)
exercise_3(...)


# %% jupyter={"source_hidden": true} tags=["solution"]
def layer(xs):
    W = np.random.default_rng(1).normal(size=(40, 60)).tolist()
    return sum([sin(sum([w * x for w, x in zip(row, xs, strict=True)])) for row in W])


exercise_3(layer)
