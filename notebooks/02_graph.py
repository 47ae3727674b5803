# %% [markdown]
# # 2 · The graph as an object
#
# After this notebook you can
#
# * get the nodes, edges, paths and cost of a graph,
# * prune it to the part that a gradient needs,
# * get a gradient *as a graph*, and differentiate it again as often as you like,
# * compare five algorithms that compute the same gradient.

# %%
from math import factorial

from autograd_core import Graph, Value, cos, derivative, formula, log, recording, sin
from autograd_core.algorithms import build_grad, compare
from autograd_core.exercises import Exercise

x = Value(2.0, "x")
t = x**2
u1, u2 = sin(t), 3 * t
u = u1 + u2
J = cos(u)
graph = Graph(J).name(t=t, u1=u1, u2=u2, u=u, J=J)

# %% [markdown]
# ## Nodes and edges
#
# The nodes are in **topological order**: parents before children. An edge records which argument of the child
# it is (`slot`) and the local derivative along it.

# %%
[graph.names()[node] for node in graph.nodes]

# %%
names = graph.names()
for edge in graph.edges:
    print(f"{names[edge.parent]:>3} → {names[edge.child]:<3} slot {edge.slot}   ∂ = {edge.partial:.4f}")

# %% [markdown]
# `x*x` has two edges from the same parent, because x is used twice.

# %%
[(edge.slot, edge.partial) for edge in Graph(x * x).edges]

# %%
[node.label for node in graph.consumers(t)], [node.label for node in graph.ancestors(u1) if node.label]

# %%
print(graph.stats())

# %% [markdown]
# ## Paths
#
# The gradient is the sum, over all paths from x to J, of the product of the local derivatives along each.

# %%
for path in graph.paths("x"):
    print(" → ".join(node.label for node in path.nodes), path.product)

sum(path.product for path in graph.paths("x"))

# %% [markdown]
# This is not how gradients are computed: in a chain of diamonds the number of paths doubles at each step. Counting
# them is fast, because it takes one sweep over the graph. Listing them is not, which is why backpropagation shares
# the common parts.

# %%
y = Value(1.0, "y")
diamonds = y
for _ in range(1000):
    diamonds = 0.5 * diamonds + 0.5 * diamonds
count = Graph(diamonds).path_count(y)
count == 2**1000

# %% [markdown]
# ## Pruning
#
# For the gradient of J with respect to t only the nodes between t and J matter: the book's G′. It contains
# neither x nor the constants.

# %%
[node.label for node in graph.prune("J", "t").nodes]

# %% [markdown]
# ## The gradient is a graph
#
# `graph.gradient(x)` adds the gradient's own nodes. They are ordinary operations of the table,
# so they can be printed, drawn, and differentiated again.

# %%
first = graph.gradient("x")
print(first)

# %%
formula(first.outputs[0])

# %%
second = first.gradient("x")
third = second.gradient("x")
first.outputs[0].data, second.outputs[0].data, third.outputs[0].data

# %% [markdown]
# The book's `build_grad` does this by recursion over consumers, with a table of the gradients computed so far:

# %%
result = build_grad(J)
print(result)

# %% [markdown]
# ## Five ways to compute one gradient
#
# Push and pull are two ways to write backpropagation; forward mode carries tangents along; finite differences
# evaluate the function nearby. With one input they cost about the same.

# %%
print(compare(J))

# %% [markdown]
# With eight inputs, forward mode and differences run once for each of them. Backpropagation runs once.

# %%
xs = [Value(0.1 + 0.1 * i, f"x{i}") for i in range(8)]
total = xs[0]
for xi in xs[1:]:
    total = sin(total + xi)
print(compare(total, xs))

# %% [markdown]
# ## Replay, and branches that would go the other way
#
# A graph records one run. If the program looked at a number to decide what to compute, a different number may
# mean a different graph. With `recording`, such a replay raises an error instead of giving a wrong result.


# %%
def bent(x):
    return x**2 if x > 0 else -x


with recording() as record:
    v = Value(3.0, "v")
    w = bent(v)
watched = Graph(w, record=record)
watched.replay(v=4.0).outputs[0].data

# %%
from autograd_core import GraphError

try:
    watched.replay(v=-4.0)
except GraphError as refusal:
    print(refusal)

# %% [markdown]
# ## Export and import
#
# JSON preserves every bit; Mermaid and NetworkX are for other tools.

# %%
again = Graph.from_json(graph.to_json())
again.outputs[0].data == J.data, len(again)

# %%
print(graph.to_mermaid())

# %% [markdown]
# ## Exercises
#
# **1.** y = x·x·x is built from two multiplications. How many paths lead from x to y?

# %%
exercise_1 = Exercise("02.1:37340a09191a")
exercise_1(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_1(3)

# %% [markdown]
# **2.** Extend J to a graph with 1024 paths from x to its output,
# using at most 10 more nodes. (Give the new output; J has two paths.)

# %%
exercise_2 = Exercise(
    lambda answer: Graph(answer).path_count(x) == 1024 and len(Graph(answer)) <= len(graph) + 10
)
exercise_2(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
doubled = J
for _ in range(9):
    doubled = doubled + doubled
exercise_2(doubled)

# %% [markdown]
# **3.** What is the tenth derivative of log(x) at x = 1? Work it out before you use `derivative`.

# %%
exercise_3 = Exercise("02.3:559142163db9")
exercise_3(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_3(-factorial(9))
derivative(log, 10)(1.0)
