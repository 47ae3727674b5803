# %% [markdown]
# # 1 · Step through cos(sin(x²) + 3x²)
#
# After this notebook you can
#
# * compute a function and its derivative with `Value`,
# * read every step of the forward and backward pass, and say where the gradients of two paths add up,
# * check a derivative with finite differences,
# * share all of it as one HTML page.

# %%
from autograd_core import Graph, Value, cos, derivative, gradcheck, sin, steps
from autograd_core.exercises import Exercise

# %% [markdown]
# ## Compute it
#
# A `Value` is a number that remembers how it was computed. The intermediates have the names that the
# lecture uses: t = x², u₁ = sin t, u₂ = 3t, u = u₁ + u₂, J = cos u.

# %%
x = Value(2.0, "x")
t = x**2
u1 = sin(t)
u2 = 3 * t
u = u1 + u2
J = cos(u)
J.data

# %% [markdown]
# `Graph(J)` is everything that J was computed from. The names only make it easier to read.

# %%
graph = Graph(J).name(t=t, u1=u1, u2=u2, u=u, J=J)
print(graph)

# %% [markdown]
# ## Differentiate it
#
# `backward()` walks the graph from J to x and stores in each node's `.grad` the derivative of J with respect to that node.

# %%
J.backward()
x.grad

# %%
{node.label: node.grad for node in (J, u, u1, u2, t, x)}

# %% [markdown]
# ## Step through it
#
# `steps(J)` shows the same two passes, one step at a time. On the left each node is computed from its parents;
# on the right each node passes its gradient back to them, times the local derivative in brackets.

# %%
print(steps(J))

# %% [markdown]
# Steps 11 and 12 go to the same node: t is used twice, by u₁ and by u₂, so there are **two paths** from t to J
# and their gradients add. A program that used `=` instead of `+=` would keep only the second path.
#
# Each step is a record that you can compute with.

# %%
second = next(step for step in steps(J) if getattr(step, "adds", False))
second.source, second.target, second.incoming, second.local, second.before, second.after

# %% [markdown]
# The same sum, path by path:

# %%
print(graph.explain("x"))

# %% [markdown]
# ## Check it
#
# A derivative is a limit of differences, so differences can check it. `gradcheck` chooses the step sizes
# and reports how much the two differ.


# %%
def f(x):
    return cos(sin(x**2) + 3 * x**2)


print(gradcheck(f, 2.0))

# %% [markdown]
# `derivative` works on plain functions and plain numbers; the second argument is the order.

# %%
derivative(f)(2.0), derivative(f, 2)(2.0)

# %% [markdown]
# ## Another point
#
# `replay` evaluates the same graph at another point, without running our Python code again.

# %%
print(steps(graph.replay(x=1.0).outputs[0]))

# %% [markdown]
# ## Share it
#
# The page below is one HTML file that needs no network: ←/→ to step, sliders to change x, a quiz mode.
# `stepper(J).save("j.html")` writes it to disk. The command line does the same without any Python:
#
#     autograd-core step "cos(sin(x**2) + 3*x**2)" x=2 --html j.html

# %%
from viz import stepper

stepper(J)

# %% [markdown]
# ## Exercises
#
# **1.** At x = 1, what does the *second* path add to dJ/dt? Find it in the table for x = 1.
# (Within 0.001.)

# %%
exercise_1 = Exercise("01.1:24dbd40b4dc4", grid=0.001)
exercise_1(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_1(0.6441 * 0.5403)

# %% [markdown]
# **2.** A program overwrites gradients instead of adding them, so it keeps only the last contribution
# to dJ/dt, that of u₁. What dJ/dx does it report at x = 2? (Within 0.001.)

# %%
exercise_2 = Exercise("01.2:d63568eb05e8", grid=0.001)
exercise_2(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_2(0.9695 * -0.6536 * 4)

# %% [markdown]
# **3.** Write the derivative of J as a Python function of a number, by the chain rule, with `math`.

# %%
exercise_3 = Exercise(lambda df: all(abs(df(p) - derivative(f)(p)) < 1e-9 for p in (-1.5, 0.3, 2.0)))
exercise_3(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
import math


def df(x):
    return -math.sin(math.sin(x**2) + 3 * x**2) * (math.cos(x**2) + 3) * 2 * x


exercise_3(df)
