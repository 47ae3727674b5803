# %% [markdown]
# # 2 · The graph as an object
#
# After this notebook you can
#
# * ask a graph for its nodes, edges, paths and costs,
# * cut it down to the part that a gradient needs,
# * get a gradient *as a graph*, and so differentiate it again, as often as you like,
# * compare five algorithms that find the same gradient.

# %%
from math import factorial

from exercises import Exercise

from autograd_core import Graph, Value, cos, derivative, formula, log, recording, sin
from autograd_core.algorithms import build_grad, compare

x = Value(2.0, "x")
t = x**2
u1, u2 = sin(t), 3 * t
u = u1 + u2
J = cos(u)
graph = Graph(J).name(t=t, u1=u1, u2=u2, u=u, J=J)

# %% [markdown]
# ## Nodes and edges
#
# The nodes come in **topological order**: parents before children. An edge knows which argument of the child
# it feeds (`slot`) and the local derivative along it.

# %%
[graph.names()[node] for node in graph.nodes]

# %%
names = graph.names()
for edge in graph.edges:
    print(f"{names[edge.parent]:>3} → {names[edge.child]:<3} slot {edge.slot}   ∂ = {edge.partial:.4f}")

# %% [markdown]
# `x*x` has two edges from the same parent, as x is used twice.

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
# Nobody computes gradients so: a chain of diamonds doubles the paths at each step. Counting them is quick,
# for that is itself a sweep over the graph. Listing them is not; this is why backpropagation shares the
# common parts.

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
# For the gradient of J by t only the nodes between t and J matter: the book's G′. Here x and the constants
# are gone.

# %%
[node.label for node in graph.prune("J", "t").nodes]

# %% [markdown]
# ## The gradient is a graph
#
# `graph.gradient(x)` inserts the gradient's own nodes. Nothing in them is new: they are the table's operations,
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
# The book's `build_grad` does that by recursion over consumers, with a table of what is known already:

# %%
result = build_grad(J)
print(result)

# %% [markdown]
# ## Five ways to one gradient
#
# Push and pull are backpropagation written in two ways; forward mode carries tangents along; differences
# evaluate the function nearby. With one input they cost about the same.

# %%
print(compare(J))

# %% [markdown]
# With eight inputs, forward mode and differences start again for each of them. Backpropagation doesn't.

# %%
xs = [Value(0.1 + 0.1 * i, f"x{i}") for i in range(8)]
total = xs[0]
for xi in xs[1:]:
    total = sin(total + xi)
print(compare(total, xs))

# %% [markdown]
# ## Replay, and branches that would turn out otherwise
#
# A graph remembers one run. If the program looked at a number to decide what to compute, another number may
# mean another graph. Recorded, such a replay is refused and never silently wrong.


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
# ## In and out
#
# JSON keeps every bit; Mermaid and NetworkX are for other tools.

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
# **2.** Build on top of J so that the graph gets 1024 paths from x to its output
# with at most 10 nodes more. (Give the new output; J has two paths.)

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
# **3.** What is the tenth derivative of log(x) at x = 1? Work it out before you ask `derivative`.

# %%
exercise_3 = Exercise("02.3:559142163db9")
exercise_3(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_3(-factorial(9))
derivative(log, 10)(1.0)
